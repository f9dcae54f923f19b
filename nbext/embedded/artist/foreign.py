"""Pictures that the artist did not draw: decode, filter, combine."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from .styles import apply, pencil

if TYPE_CHECKING:
    from .reading import Reading
    from .rng import Rng

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 1024 * 1024


def open_picture(data: bytes) -> Image.Image:
    """Decode an untrusted picture to RGBA, upright.

    Args:
        data: PNG, JPEG, WebP or GIF bytes (the first frame is used).

    Returns:
        The picture.

    Raises:
        ValueError: It is none of these, too large, or corrupt.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"the picture has {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            wide, high = picture.size
            if wide * high > MOST_PIXELS:
                raise ValueError(
                    f"the picture is {wide}×{high}; at most {MOST_PIXELS:,} pixels are opened"
                )
            picture.draft("RGB", (2048, 2048))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return (upright or picture).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise ValueError(f"at most {MOST_PIXELS:,} pixels are opened, and it has more") from error
    except ValueError as error:
        if "pixels are opened" in str(error):
            raise
        raise ValueError("the picture cannot be decoded: it is broken") from error
    except Exception as error:
        raise ValueError(
            "the picture cannot be decoded: PNG, JPEG, WebP and GIF are understood"
        ) from error


def fitted(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Fit a picture into `width` × `height`, surrounded by its own blurred copy."""
    flat = Image.new("RGB", picture.size, (255, 255, 255))
    flat.paste(picture, (0, 0), picture)
    if abs(flat.width / flat.height - width / height) < 0.02:
        return flat.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)
    tiny = ImageOps.fit(flat, (max(1, width // 16), max(1, height // 16)))
    field = tiny.filter(ImageFilter.GaussianBlur(3)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    whole = ImageOps.contain(flat, (width, height))
    field.paste(whole, ((width - whole.width) // 2, (height - whole.height) // 2))
    return field


def side_by_side(pictures: list[Image.Image], width: int, height: int) -> Image.Image:
    """Place several pictures side by side, in rows, uncropped."""
    columns = len(pictures) if len(pictures) <= 3 else 2 if len(pictures) == 4 else 3
    if width < height and len(pictures) <= 3:
        columns = 1
    rows = -(-len(pictures) // columns)
    gap = max(4, min(width, height) // 48)
    wide = (width - gap * (columns + 1)) // columns
    high = (height - gap * (rows + 1)) // rows
    field = Image.new("RGB", (width, height), (250, 246, 236))
    for number, picture in enumerate(pictures[: columns * rows]):
        flat = Image.new("RGB", picture.size, (255, 255, 255))
        flat.paste(picture, (0, 0), picture)
        flat = ImageOps.contain(flat, (max(1, wide), max(1, high)))
        x = gap + (number % columns) * (wide + gap) + (wide - flat.width) // 2
        y = gap + (number // columns) * (high + gap) + (high - flat.height) // 2
        field.paste(flat, (x, y))
    return field


def filtered(picture: Image.Image, reading: Reading, rng: Rng) -> Image.Image:
    """Apply the hour, weather and style of a reading to a picture."""
    verbs = {verb for clause in reading.clauses for verb in clause.verbs}
    if "brighter" in verbs:
        picture = ImageEnhance.Brightness(picture).enhance(1.25)
    if "darker" in verbs:
        picture = ImageEnhance.Brightness(picture).enhance(0.7)
    if "blur" in verbs:
        picture = picture.filter(ImageFilter.GaussianBlur(max(2, min(picture.size) // 120)))
    if "flip" in verbs:
        picture = ImageOps.mirror(picture)
    for time in reading.times[-1:]:
        dark, light, share = {
            "night": ((8, 12, 44), (120, 140, 205), 0.8),
            "sunset": ((70, 20, 60), (255, 205, 130), 0.55),
            "morning": ((60, 40, 60), (255, 236, 205), 0.4),
            "day": ((0, 0, 0), (255, 255, 255), 0.0),
        }[time]
        toned = ImageOps.colorize(ImageOps.grayscale(picture), dark, light)
        picture = Image.blend(picture, toned, share)
        if time == "night":
            picture = ImageEnhance.Brightness(picture).enhance(0.8)
    if not reading.styles and len(reading.colours) == 1 and not reading.mentions:
        from .lexicon import lexicon

        tint = Image.new("RGB", picture.size, lexicon().colours[reading.colours[0]])
        picture = Image.blend(picture, tint, 0.35)
    for style in reading.styles[-1:]:
        picture = pencil(picture) if style == "line" else apply(picture, style, rng)
    return picture
