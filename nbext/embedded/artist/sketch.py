"""The artist's two functions: draw a prompt, describe a picture."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

from PIL import Image

from .addition import MOST_PLACED
from .audit import audit
from .caption import Way, caption, of_pixels, of_scene
from .colour import lightness
from .compose import compose
from .foreign import filtered, fitted, open_picture, side_by_side
from .items import in_depth
from .modify import Change
from .parse import is_han
from .png import scene_in, with_scene
from .reader import spell, understand
from .reading import Reading
from .render import to_png, to_svg
from .rng import Rng
from .scene import tidy
from .selection import nearest
from .styles import apply, brushed, enlarged, pixel_size

LARGEST = 4096
SMALLEST = 16
_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
# Styles that work at a reduced size are rendered at that size.
_REDUCED = {"watercolour": 576, "ink": 576, "oil": 448, "neon": 704, "vintage": 704}


@dataclass(frozen=True)
class Sketch:
    """A drawn picture and its description.

    Attributes:
        png: The picture's bytes, in `media_type`.
        media_type: `image/png`, `image/jpeg` or `image/webp`.
        width: In pixels.
        height: In pixels.
        matches: The words of the prompt that are drawn, as written; empty if an edit did nothing.
        unknown: The content words that the artist does not know, as written.
        scene: The scene as plain values; pass it to `draw` to change it.
        caption: One sentence in the prompt's language.
    """

    png: bytes
    media_type: str
    width: int
    height: int
    matches: tuple[str, ...]
    unknown: tuple[str, ...]
    scene: dict[str, Any]
    caption: str


def draw(
    prompt: str,
    *,
    width: int = 1024,
    height: int = 1024,
    seed: int = 0,
    take: int = 0,
    scene: dict[str, Any] | None = None,
    picture: bytes | None = None,
    pictures: list[bytes] | None = None,
    format: str = "png",
) -> Sketch:
    """Draw a prompt, or change a scene or a picture. The same call returns the same bytes.

    Args:
        prompt: In Chinese, English or both; its first 4000 characters are used.
        width: In pixels, 16 to 4096.
        height: In pixels, 16 to 4096.
        seed: The seed of the picture.
        take: The number of the take.
        scene: A scene drawn before, to change as the prompt says.
        picture: A picture to change. One drawn by the artist contains its scene.
        pictures: More pictures to place beside it; several scenes are merged into one.
        format: `png`, `jpeg` or `webp`.

    Returns:
        The sketch.

    Raises:
        ValueError: The size or the format is not possible, or a picture cannot be opened.

    Example:
        >>> draw("三个红气球", width=64, height=64).matches
        ('三', '红', '气球')
    """
    if format not in _TYPES:
        raise ValueError(f"format is {format!r}; png, jpeg and webp are possible")
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise ValueError(
            f"the size is {width}×{height}; {SMALLEST} to {LARGEST} pixels are possible"
        )
    reading = understand(prompt)
    references = ([picture] if picture is not None else []) + (pictures or [])
    scenes = [scene_in(data) for data in references]
    before: dict[str, Any] | None = None
    image: bytes | Image.Image
    way: Way = "drawn"
    if scene is not None:
        before = tidy(scene)
    elif references and all(s is not None and s.get("base") != "picture" for s in scenes):
        before = _united([_clean(s) for s in scenes])
    if before is not None and before.get("base") == "picture" and references:
        before = None
    if references and before is None:
        way = "picture"
        result, image = _on_picture(reading, references, width, height, seed, take)
    elif before is not None:
        change = Change(before, take, seed, width / height)
        result = change.apply(reading)
        united = len(references) > 1 and scene is None
        way = "scene" if change.changed or united else "same scene"
        image = _paint(result, width, height)
    else:
        spell(reading, prompt)
        result = compose(reading, seed, take, width / height)
        image = _paint(result, width, height)
        reading.matches = [word for word in reading.matches if word not in reading.absent]
    if way == "drawn":
        audit(reading, result)
    else:
        for word in reading.acted + reading.adrift:
            reading.match(word)
    data = _encoded(image, format, result)
    sentence = caption(reading.matches, reading.unknown, han=is_han(prompt), way=way, prompt=prompt)
    return Sketch(
        data,
        _TYPES[format],
        width,
        height,
        tuple(reading.matches) if not way.startswith("same") else (),
        tuple(reading.unknown),
        result,
        sentence,
    )


def describe(picture_or_scene: bytes | dict[str, Any], language: str = "en") -> str:
    """Describe a picture: the artist's own by its scene, any other by size and colours.

    Args:
        picture_or_scene: A scene, or a picture's bytes.
        language: `zh` or `en`.

    Returns:
        One or two sentences.

    Raises:
        ValueError: It is neither a scene of the artist's nor a readable picture.
    """
    han = language.startswith("zh")
    if isinstance(picture_or_scene, dict):
        return of_scene(tidy(picture_or_scene), han=han)
    scenes = scene_in(picture_or_scene)
    if scenes is not None and scenes.get("base") != "picture":
        return of_scene(_clean(scenes), han=han)
    picture = open_picture(picture_or_scene)
    flat = fitted(picture, 48, 48)
    tones = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in _triples(flat.tobytes())]
    counts = Counter(map(nearest, tones)).most_common(3)
    shares = [(name, round(100 * n / len(tones))) for name, n in counts if n * 20 >= len(tones)]
    light = sum(map(lightness, tones)) / len(tones)
    return of_pixels(picture.width, picture.height, shares or [(counts[0][0], 100)], light, han=han)


def _triples(data: bytes) -> list[tuple[int, int, int]]:
    return list(zip(data[0::3], data[1::3], data[2::3], strict=True))


def _clean(scene: dict[str, Any] | None) -> dict[str, Any]:
    try:
        return tidy(scene or {})
    except ValueError:
        raise ValueError("the picture carries a scene that cannot be read") from None


def _united(scenes: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge several scenes into the first, each in its own part of the width."""
    first = scenes[0]
    if len(scenes) == 1:
        return first
    part = 1 / min(len(scenes), 6)
    figures = []
    for number, scene in enumerate(scenes[:6]):
        for item in scene["figures"]:
            item["x"] = (number + item["x"]) * part
            item["size"] *= max(0.35, part**0.5)
            figures.append(item)
    first["figures"] = in_depth(figures[:MOST_PLACED])
    return first


def _paint(scene: dict[str, Any], width: int, height: int) -> bytes | Image.Image:
    """Render a scene as PNG, or as an image if its style works on pixels."""
    style, light = scene["style"], scene["light"]
    wide, high = width, height
    if style == "pixel" and not light:
        wide, high, large = pixel_size((width, height))
        few = _image(to_png(to_svg(scene, wide, high, crisp=True), wide, high))
        return enlarged(few, (width, height), large)
    if style in _REDUCED:
        share = min(1.0, _REDUCED[style] / min(width, height))
        wide, high = max(1, round(width * share)), max(1, round(height * share))
    png = to_png(to_svg(scene, wide, high), wide, high)
    if style in {None, "flat", "line"} and not light:
        return png
    image = _image(png)
    rng = Rng("style", scene["seed"], scene["take"], light)
    if style == "ink":
        # Without figures, the brush draws the land; the sky stays empty.
        bare = scene | {"style": "line", "named": [*scene["named"], "sun", "moon", "cloud"]}
        result = to_svg(bare, wide, high, backdrop=not scene["figures"])
        layer = Image.open(io.BytesIO(to_png(result, wide, high)), formats=("PNG",)).convert("RGBA")
        lines = Image.new("RGB", layer.size, (255, 255, 255))
        lines.paste(layer, (0, 0), layer)
        image = brushed(image, lines, rng, (width, height))
    else:
        image = apply(image, style, rng, (width, height))
    if light:
        tone = rng.choice(((255, 214, 150), (150, 190, 255), (255, 180, 190), (190, 235, 190)))
        image = Image.blend(image, Image.new("RGB", image.size, tone), 0.05 + rng.uniform(0, 0.05))
    return image


def _image(painted: bytes | Image.Image) -> Image.Image:
    if isinstance(painted, Image.Image):
        return painted
    return Image.open(io.BytesIO(painted), formats=("PNG",)).convert("RGB")


def _encoded(painted: bytes | Image.Image, form: str, scene: dict[str, Any]) -> bytes:
    if form == "png" and isinstance(painted, bytes):
        return with_scene(painted, scene)
    out = io.BytesIO()
    image = _image(painted)
    if form == "png":
        image.save(out, "PNG", compress_level=1)
        return with_scene(out.getvalue(), scene)
    if form == "jpeg":
        image.save(out, "JPEG", quality=90)
    else:
        image.save(out, "WEBP", quality=88, method=1)
    return out.getvalue()


def _on_picture(
    reading: Reading,
    references: list[bytes],
    width: int,
    height: int,
    seed: int,
    take: int,
) -> tuple[dict[str, Any], Image.Image]:
    """Filter pictures from elsewhere and draw the requested figures onto them."""
    opened = [open_picture(data) for data in references[:9]]
    base = (
        fitted(opened[0], width, height)
        if len(opened) == 1
        else side_by_side(opened, width, height)
    )
    rng = Rng("foreign", seed, take)
    image = filtered(base, reading, rng)
    scene = compose(Reading(unknown=[], times=[], places=["plain"]), seed, take, width / height) | {
        "base": "picture",
        "weather": sorted(set(reading.weathers)),
    }
    verbs = {verb for clause in reading.clauses for verb in clause.verbs}
    if "remove" not in verbs:
        change = Change(scene, 0, seed + take * 7919, width / height)
        for mention in reading.mentions:
            change.place(mention, mention.count)
        scene = change.scene
    scene["figures"] = in_depth(scene["figures"])
    if scene["figures"] or scene["weather"]:
        over = to_png(to_svg(scene, width, height, backdrop=False), width, height)
        layer = Image.open(io.BytesIO(over), formats=("PNG",)).convert("RGBA")
        image.paste(layer, (0, 0), layer)
    if take:
        tone = rng.choice(((255, 214, 150), (150, 190, 255), (255, 180, 190), (190, 235, 190)))
        image = Image.blend(image, Image.new("RGB", image.size, tone), 0.04 + rng.uniform(0, 0.05))
    return scene, image
