"""Pictures as a notebook shows and keeps them: ``image/png`` or ``image/jpeg``, and plain text.

Nothing else for a picture: other types are dropped by nbconvert, and HTML is a way in for what is
not one. A film needs a player, and a reply is Markdown with all that is HTML in it escaped.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.data.picture import dimensions
from nbext.display.reply import reply_data
from nbext.display.video import film_data
from nbext.errors import HistoryError, PictureError
from nbext.imaging.svg import rasterised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from nbext.drawings.drawing import Drawing
    from nbext.drawings.picture import Picture

INLINE_LIMIT = 1_000_000
SHOWN = 560
SHEET_SHOWN = 800
HEADER_BYTES = 65536
# What a page shows at most on a fine screen; more only makes it slow.
PREVIEW_PIXELS = 2_000_000
MAX_PIXELS = 50_000_000
MAX_ON_SHEET = 36
SHEET_WIDTH = 1024
SHEET_GAP = 12

_PILLOW_FORMAT = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}

Bundle = tuple[dict[str, Any], dict[str, Any]]


def open_image(data: bytes, media_type: str, *, max_pixels: int = MAX_PIXELS) -> Image:
    """Open a picture with Pillow, in the format that its bytes announce and no other.

    Args:
        data: Its bytes.
        media_type: What they are.
        max_pixels: A picture that claims more is not decoded.

    Raises:
        PictureError: It cannot be decoded.
    """
    from PIL import Image

    if media_type == "image/svg+xml":
        data, media_type = rasterised(data), "image/png"
    if media_type not in _PILLOW_FORMAT:
        raise PictureError(f"A {media_type or 'file of no known type'} is no picture to decode.")
    # Counted before Pillow sees it: a few kilobytes can announce a picture that fills the memory.
    _refuse_pixels(*dimensions(data[:65536]), max_pixels)
    try:
        image = Image.open(io.BytesIO(data), formats=[_PILLOW_FORMAT[media_type]])
        _refuse_pixels(*image.size, max_pixels)
        image.load()
    except PictureError:
        raise
    except Exception as error:  # noqa: BLE001 -- decoders raise whatever broken bytes lead them to
        raise PictureError(f"The picture cannot be decoded: {error}.") from None
    return image


def _refuse_pixels(width: int, height: int, most: int) -> None:
    if width * height > most:
        raise PictureError(f"The picture claims {width}×{height} pixels.")


def converted(image: Image, form: str) -> bytes:
    """Write a picture in another of Pillow's formats; JPEG knows no transparency, so on white."""
    image = upright(image)
    if form == "JPEG":
        return _saved(on_white(image), form, quality=92)
    return _saved(image.convert("RGBA" if _has_alpha(image) else "RGB"), form)


def bundle(drawing: Drawing, *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Make the output of a drawing: its picture, or the sheet of its pictures.

    Args:
        drawing: The drawing.
        inline_limit: Bytes; a larger picture is shown as a smaller preview.

    Returns:
        Data and metadata by media type, as ``display(…, raw=True)`` takes them.
    """
    record = drawing.record
    if record.films:
        return film_data(drawing.films[0], inline_limit), {"nbext": details(drawing)}
    if len(drawing.pictures) > 1:
        return sheet_bundle([drawing], inline_limit=inline_limit)
    if not drawing.pictures:
        said = _without_controls(record.text)
        data = {"text/plain": said or repr(drawing)}
        if record.kind not in ("draw", "video") and (said or record.reasoning or record.calls):
            data |= reply_data(said, record.reasoning, record.calls, record.citations)
        return data, {"nbext": details(drawing)}
    return picture_bundle(
        drawing.pictures[0],
        alt=drawing.prompt,
        text=drawing.caption(),
        about=details(drawing),
        inline_limit=inline_limit,
    )


def picture_bundle(
    picture: Picture, *, alt: str, text: str, about: dict[str, Any], inline_limit: int
) -> Bundle:
    """Make the output of one picture; its own bytes, where the notebook can hold them.

    A picture that is missing or cannot be decoded leaves the words, and why.
    """
    try:
        data, media_type = picture.data, picture.media_type
        whole = media_type in ("image/png", "image/jpeg") and len(data) <= inline_limit
        if not whole:
            data, media_type = preview(picture.image, inline_limit)
            about = about | {"preview": True}
    except (HistoryError, PictureError) as error:
        return {"text/plain": f"{text}\n{error}"}, {"nbext": about}
    return _encoded(data, media_type, alt, text, about)


def sheet_bundle(drawings: Sequence[Drawing], *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Make one contact sheet of the pictures of several drawings, the first 36 of them."""
    pictures = [picture for drawing in drawings for picture in drawing.pictures]
    text = "\n".join(drawing.caption() for drawing in drawings)
    about = {"drawings": [details(drawing) for drawing in drawings]}
    if not pictures:
        return {"text/plain": text}, {"nbext": about}
    shown = pictures[:MAX_ON_SHEET]
    if len(shown) < len(pictures):
        text += f"\nThe first {len(shown)} of {len(pictures)} pictures are shown."
    cell = _cell_width(len(shown))
    # One at a time: thirty-six pictures decoded at once would fill the memory.
    sheet = contact_sheet([_thumbnail(picture, cell) for picture in shown])
    data, media_type = preview(sheet, inline_limit)
    prompts = list(dict.fromkeys(drawing.prompt for drawing in drawings))
    return _encoded(data, media_type, " / ".join(prompts), text, about)


def _encoded(data: bytes, media_type: str, alt: str, text: str, about: dict[str, Any]) -> Bundle:
    encoded = pybase64.b64encode(data).decode("ascii")
    shown: dict[str, Any] = {"alt": alt}
    width, height = dimensions(data[:HEADER_BYTES])
    limit = SHEET_SHOWN if "drawings" in about else SHOWN
    if max(width, height) > limit:
        # In CSS pixels: a large picture leaves the page readable, and is sharp on a fine screen.
        shown["width"] = max(1, round(width * limit / max(width, height)))
    return {media_type: encoded, "text/plain": text}, {media_type: shown, "nbext": about}


def details(drawing: Drawing) -> dict[str, Any]:
    """Say in a notebook's metadata how a picture was made."""
    record = drawing.record
    said = {
        "number": record.number,
        "id": record.id,
        "model": record.model,
        "prompt": record.prompt,
        "parameters": record.parameters,
        "host": "embedded" if record.embedded else record.host,
        "finished": record.finished,
        "pictures": [picture.sha256 for picture in record.pictures],
        "parents": record.parents,
    }
    return {name: value for name, value in said.items() if value}


def preview(image: Image, limit: int) -> tuple[bytes, str]:
    """Make a picture small enough: PNG where that fits, JPEG, then fewer pixels.

    Args:
        image: The picture.
        limit: Bytes that the result should not exceed.

    Returns:
        The bytes and their media type.
    """
    image = upright(image)
    image = image.convert("RGBA" if _has_alpha(image) else "RGB")
    most = math.sqrt(PREVIEW_PIXELS / (image.width * image.height))
    if most < 1:
        image = _scaled(image, most)
    png = _saved(image, "PNG", compress_level=3)
    if len(png) <= limit:
        return png, "image/png"
    flat = on_white(image)
    for _ in range(12):
        jpeg = _saved(flat, "JPEG", quality=85)
        if len(jpeg) <= limit:
            break
        flat = _scaled(flat, max(0.5, min(0.9, math.sqrt(max(limit, 0) / len(jpeg)))))
    return jpeg, "image/jpeg"


def upright(image: Image) -> Image:
    """Turn a picture as its EXIF says, because what is made of it says nothing any more."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 -- metadata may be anything; the picture is still one
        return image


def _has_alpha(image: Image) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _scaled(image: Image, by: float) -> Image:
    return image.resize((max(1, round(image.width * by)), max(1, round(image.height * by))))


def _saved(image: Image, form: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def on_white(image: Image) -> Image:
    """Put a picture on white where it is transparent."""
    from PIL import Image as Images

    if not _has_alpha(image):
        return image.convert("RGB")
    image = image.convert("RGBA")
    ground = Images.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _columns(count: int) -> int:
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(count, 3 if count <= 9 else 4)


def _cell_width(count: int) -> int:
    columns = _columns(count)
    return (SHEET_WIDTH - SHEET_GAP * (columns - 1)) // columns


def _thumbnail(picture: Picture, width: int) -> Image:
    """Scale a picture into a cell of a sheet; one that is missing leaves its name there."""
    from PIL import Image, ImageDraw

    try:
        image = upright(picture.image).convert("RGBA")
    except (HistoryError, PictureError):
        image = Image.new("RGBA", (width, width), (128, 128, 128, 64))
        said = f"{picture.name} is missing"
        ImageDraw.Draw(image).text((12, 12), said, fill=(110, 110, 110, 255), font_size=18)
        return image
    # A banner or a column stays in proportion, and leaves room for the others.
    by = min(width / image.width, 3 * width / image.height)
    return _scaled(image, by)


def contact_sheet(images: Sequence[Image]) -> Image:
    """Lay pictures out side by side, in rows of two to four, on nothing.

    Args:
        images: In order, each as wide as its cell or narrower.
    """
    from PIL import Image

    columns, cell = _columns(len(images)), _cell_width(len(images))
    rows = [images[at : at + columns] for at in range(0, len(images), columns)]
    heights = [max(image.height for image in row) for row in rows]
    total = sum(heights) + SHEET_GAP * (len(rows) - 1)
    sheet = Image.new("RGBA", (SHEET_WIDTH, total), (0, 0, 0, 0))
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, image in enumerate(row):
            left = column * (cell + SHEET_GAP) + (cell - image.width) // 2
            sheet.paste(image, (left, top + (height - image.height) // 2))
        top += height + SHEET_GAP
    return sheet


def _without_controls(text: str) -> str:
    """Take out what would move a terminal's cursor; a model's words keep their lines."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
