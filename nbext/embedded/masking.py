"""Edits within a mask: additions go inside it, and no pixel outside changes.

A mask is transparent where the picture may change. The artist ignores masks: it draws the edit on
the whole picture, or on the part inside the mask, and the result is pasted into the original.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageOps

from nbext.embedded.sketch import Scene, Sketch, plain_sketch

if TYPE_CHECKING:
    from nbext.embedded.sketch import DrawSpec

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels
Figure = dict[str, Any]

_PIXELS = 64_000_000  # larger pictures are not opened
_GRID = 96  # cells a side, for the search of the largest free rectangle
_NOTICED = 6  # of 255: a smaller difference is no drawing
_NEARLY_ALL = 0.9  # the share of its bounding box above which a region counts as a rectangle
_SMALLEST = 16  # the smallest side that the artist draws, in pixels
_FILL = 0.88  # the largest share of the rectangle's sides that an addition fills
_MOSTLY = 0.8
_STRETCH = 1.2  # how much taller a figure is with what it wears
# Further takes place the addition elsewhere, in another size.
_GOLDEN = 0.618
_TAKE_SIZES = (1.0, 0.86, 0.93, 0.79)


def draw_within(spec: DrawSpec, mask: bytes, take: int) -> Sketch:
    """Draw one take of an edit that may change only the transparent part of a mask.

    Args:
        spec: The spec, with the picture to change as the first of its ``pictures``.
        mask: A picture; where its alpha is zero, the other may change.
        take: The number of the take.

    Raises:
        ValueError: If the picture or the mask cannot be read.
    """
    canvas = Canvas.open(spec, mask)
    before = _scene_of(spec)
    caption = ""
    if before is not None:
        result = _change_scene(spec, canvas, before, take)
        if result is not None:
            return result
    if canvas.box is not None:
        caption, image = _draw_on_part(spec, canvas, take)
        if canvas.differs(image):
            return canvas.sketch(image, spec, caption, None)
    return canvas.sketch(canvas.base, spec, caption or "The picture is unchanged.", before)


@dataclass(frozen=True)
class Canvas:
    """The picture to change and the region in which it may change.

    Attributes:
        base: The picture, ``RGB`` or ``RGBA``.
        region: ``L``, of the same size: 255 where the picture may change, otherwise 0.
    """

    base: Image.Image
    region: Image.Image

    @classmethod
    def open(cls, spec: DrawSpec, mask: bytes) -> Canvas:
        """Read the picture and the mask, both at the size of the result.

        Raises:
            ValueError: If one of them cannot be read.
        """
        size = spec.width, spec.height
        picture = _read(spec.pictures[0])
        base = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        alpha = _read(mask).convert("RGBA").getchannel("A")
        region = alpha.point(lambda value: 255 if value == 0 else 0)
        if base.size != size:
            base = base.resize(size, Image.Resampling.LANCZOS)
        if region.size != size:
            region = region.resize(size, Image.Resampling.NEAREST)
        return cls(base, region)

    @property
    def box(self) -> Box | None:
        """The bounding box of the region; None if it is empty."""
        return self.region.getbbox()

    def rectangle(self) -> Box:
        """Return the bounding box of a nearly rectangular region, else its largest rectangle."""
        box = self.region.getbbox() or (0, 0, *self.region.size)
        area = (box[2] - box[0]) * (box[3] - box[1])
        if self.region.histogram()[255] >= _NEARLY_ALL * area:
            return box
        part = self.region.crop(box)
        across, down = min(_GRID, part.width), min(_GRID, part.height)
        cells = part.resize((across, down), Image.Resampling.BOX).tobytes()
        rows = [[cells[y * across + x] == 255 for x in range(across)] for y in range(down)]
        left, top, right, bottom = largest_rectangle(rows)
        if right <= left:
            return box
        return (
            box[0] + left * part.width // across,
            box[1] + top * part.height // down,
            box[0] + right * part.width // across,
            box[1] + bottom * part.height // down,
        )

    def merge(self, image: Image.Image) -> Image.Image:
        """Return the picture with another one pasted into the region."""
        return Image.composite(image.convert(self.base.mode), self.base, self.region)

    def share_inside(self, image: Image.Image) -> float:
        """Return the share of the changes that are inside the region, 0 to 1."""
        difference = ImageChops.difference(image.convert("RGB"), self.base.convert("RGB"))
        changes = difference.convert("L").point(lambda value: 255 if value else 0)
        inside = ImageChops.multiply(changes, self.region).histogram()[255]
        return inside / max(1, changes.histogram()[255])

    def differs(self, image: Image.Image) -> bool:
        """Return whether a picture differs from the original."""
        return not _same(image, self.base)

    def sketch(
        self, image: Image.Image, spec: DrawSpec, caption: str, scene: Scene | None
    ) -> Sketch:
        """Return a picture as the result; without the scene if that does not describe it."""
        from nbext.embedded.artist.png import with_scene

        form = spec.format if spec.format in {"jpeg", "webp"} else "png"
        out = io.BytesIO()
        if form == "jpeg":
            image.convert("RGB").save(out, "JPEG", quality=90)
        elif form == "webp":
            image.save(out, "WEBP", quality=88, method=1)
        else:
            image.save(out, "PNG", compress_level=1)
        data = out.getvalue()
        if form == "png" and scene is not None:
            data = with_scene(data, scene)
        return Sketch(data, f"image/{form}", image.width, image.height, caption, scene)


def _change_scene(spec: DrawSpec, canvas: Canvas, before: Scene, take: int) -> Sketch | None:
    """Change the scene of the picture; None if that changes nothing inside the mask."""
    plain = replace(spec, format="png", mask=None, scene=before)
    change = plain_sketch(plain, take)
    scene = change.scene
    if scene is None or not change.is_scene:
        return None
    within = move_additions(before, scene, canvas, take)
    if within is not None:
        repaint = plain_sketch(replace(plain, prompt="", scene=within), 0)
        change = replace(repaint, caption=change.caption)
    whole = _read(change.data)
    image = canvas.merge(whole)
    if not canvas.differs(image):
        return None
    if _things_worn(scene) > _things_worn(before) and canvas.share_inside(whole) < _MOSTLY:
        return None  # a hat for a head outside the mask is drawn as a separate thing
    # If the mask cuts something off, no scene describes the picture.
    return canvas.sketch(image, spec, change.caption, change.scene if _same(image, whole) else None)


def _things_worn(scene: Scene) -> int:
    return sum(len(figure["wears"]) for figure in scene["figures"])


def _draw_on_part(spec: DrawSpec, canvas: Canvas, take: int) -> tuple[str, Image.Image]:
    """Draw the edit on the part of the picture that may change.

    Returns:
        The caption, and the picture.
    """
    # The artist tints further takes of an edit, which would show the part's edges; another seed
    # moves the figures instead.
    seed = (spec.seed or 0) + take * 7919
    caption, image, has_figures = _draw_on_box(spec, canvas, canvas.rectangle(), seed, 0)
    if not has_figures:
        box = canvas.box or (0, 0, *canvas.base.size)
        caption, image, _ = _draw_on_box(spec, canvas, box, spec.seed or 0, take)
    return caption, image


def _draw_on_box(
    spec: DrawSpec, canvas: Canvas, box: Box, seed: int, take: int
) -> tuple[str, Image.Image, bool]:
    part = canvas.base.crop(box)
    out = io.BytesIO()
    flat = _flat(part)
    flat.save(out, "PNG", compress_level=1)
    edit = replace(
        spec,
        pictures=(out.getvalue(),),
        mask=None,
        scene=None,
        seed=seed,
        format="png",
        width=max(_SMALLEST, part.width),
        height=max(_SMALLEST, part.height),
    )
    result = plain_sketch(edit, take)
    drawing = _read(result.data).convert("RGB").resize(part.size)
    whole = canvas.base.copy()
    if part.mode == "RGBA":
        # What nothing is drawn on stays as transparent as it was.
        changes = ImageChops.difference(drawing, flat).convert("L")
        drawn = changes.point(lambda value: 255 if value > _NOTICED else 0)
        drawing = Image.composite(drawing.convert("RGBA"), part, drawn)
    whole.paste(drawing, box)
    has_figures = bool((result.scene or {}).get("figures"))
    return result.caption, canvas.merge(whole), has_figures


def move_additions(before: Scene, after: Scene, canvas: Canvas, take: int) -> Scene | None:
    """Return the scene with the additions moved inside the mask; None if nothing was added.

    An addition changes neither the place nor the light, as both would show a seam along the edge
    of the mask. "A bird in the sky" means a bird, not another sky.
    """
    new_figures = additions(before["figures"], after["figures"])
    if not new_figures:
        return None
    scene = {**after, "light": before["light"]}
    if before["place"] != after["place"]:
        scene |= {"place": before["place"], "figures": [*before["figures"], *new_figures]}
    box = canvas.rectangle()
    share = (box[2] - box[0]) / len(new_figures)
    places = {}
    for number, figure in enumerate(new_figures):
        left = box[0] + round(share * number)
        part = left, box[1], max(left + 1, round(left + share)), box[3]
        places[id(figure)] = _put_into(figure, part, canvas.base.size, take)
    others = [figure for figure in scene["figures"] if id(figure) not in places]
    return {**scene, "figures": [*others, *places.values()]}


def additions(before: list[Figure], after: list[Figure]) -> list[Figure]:
    """Return the new figures of a changed scene.

    A figure that was changed or replaced is not new.
    """
    surplus = Counter(figure["name"] for figure in after)
    surplus.subtract(figure["name"] for figure in before)
    count = min(len(after) - len(before), sum(n for n in surplus.values() if n > 0))
    rest = list(before)
    new_figures: list[Figure] = []
    for figure in after:
        if figure in rest:
            rest.remove(figure)
        elif surplus[figure["name"]] > 0 and len(new_figures) < count:
            surplus[figure["name"]] -= 1
            new_figures.append(figure)
    return new_figures


def _put_into(figure: Figure, box: Box, size: tuple[int, int], take: int) -> Figure:
    """Move a figure into a box, shrinking it if needed."""
    from nbext.embedded.artist.items import shape

    width, height = size
    unit = min(size)  # the size of a figure is a share of the picture's shorter side
    ratio = shape(figure)
    stretch = _STRETCH if figure["wears"] else 1.0
    across, down = box[2] - box[0], box[3] - box[1]
    half = figure["size"] * ratio * unit / 2
    x, y = figure["x"] * width, figure["y"] * height
    fits = box[0] <= x - half and x + half <= box[2]
    if fits and box[1] <= y - figure["size"] * stretch * unit and y <= box[3]:
        return figure
    largest = _FILL * min(down / (stretch * unit), across / (ratio * unit))
    tall = min(figure["size"], largest) * _TAKE_SIZES[take % len(_TAKE_SIZES)]
    room = across - tall * ratio * unit
    offset = (0.5 + take * _GOLDEN) % 1
    x = box[0] + tall * ratio * unit / 2 + room * offset
    y = box[3] - (down - tall * stretch * unit) / 2
    if figure["zone"] in {"ground", "water"}:
        y = box[3] - (down - tall * stretch * unit) * 0.25
    place: Figure = {"x": round(x / width, 4), "y": round(y / height, 4), "size": round(tall, 4)}
    # In front of all others, which might hide it.
    place |= {"tilt": 0.0, "depth": 2.0}
    if figure["zone"] == "sky":
        place["zone"] = "float"
    if figure["zone"] == "water":
        place["seated"] = True
    return {**figure, **place}


def largest_rectangle(rows: list[list[bool]]) -> Box:
    """Return the largest rectangle of true cells.

    Example:
        >>> largest_rectangle([[True, True, False], [True, True, True]])
        (0, 0, 2, 2)
    """
    best, largest = (0, 0, 0, 0), 0
    heights = [0] * (len(rows[0]) + 1)
    for bottom, row in enumerate(rows, 1):
        for x, free in enumerate(row):
            heights[x] = heights[x] + 1 if free else 0
        starts: list[tuple[int, int]] = []  # start and height of open rectangles, rising
        for x, height in enumerate(heights):
            left = x
            while starts and starts[-1][1] >= height:
                left, tall = starts.pop()
                if (x - left) * tall > largest:
                    largest = (x - left) * tall
                    best = (left, bottom - tall, x, bottom)
            starts.append((left, height))
    return best


def _scene_of(spec: DrawSpec) -> Scene | None:
    """Return the scene of the picture to change; None for a picture from elsewhere."""
    from nbext.embedded.artist.png import scene_in
    from nbext.embedded.artist.scene import tidy

    scene = spec.scene if spec.scene is not None else scene_in(spec.pictures[0])
    if scene is None or scene.get("base") == "picture":
        return None
    try:
        return tidy(scene)
    except ValueError:
        return None


def _flat(part: Image.Image) -> Image.Image:
    """Return a picture on white where it is transparent."""
    if part.mode != "RGBA":
        return part.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", part.size, "white"), part).convert("RGB")


def _read(data: bytes) -> Image.Image:
    """Decode a picture.

    Raises:
        ValueError: If it cannot be read.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _PIXELS:
                raise ValueError("it has too many pixels")
            return ImageOps.exif_transpose(image)
    except Exception as error:
        raise ValueError("a picture or its mask cannot be read") from error


def _same(one: Image.Image, other: Image.Image) -> bool:
    """Return whether two pictures of the same size have the same pixels."""
    return (
        ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).getbbox(alpha_only=False)
        is None
    )
