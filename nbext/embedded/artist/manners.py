"""The manners a picture is drawn in, made of its pixels: ink, watercolour, pixels, black and white.

Everything costly happens at a reduced size, and all grain comes from the dice, so that the same
request gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter, ImageOps

if TYPE_CHECKING:
    from .dice import Dice

_RICE = (250, 246, 235)


def apply(
    picture: Image.Image, manner: str | None, dice: Dice, size: tuple[int, int] | None = None
) -> Image.Image:
    """Return a picture (RGB) in a manner, in another `size` where one is given.

    `flat` and `line`, which need no pixels, change nothing.
    """
    size = size or picture.size
    if manner == "watercolour":
        return _watercolour(picture, dice, size)
    if manner == "ink":
        return ink(picture, pencil(_reduced(picture, 640)), dice, size)
    if manner == "pixel":
        return _pixel(picture, size)
    if manner == "mono":
        return ImageOps.grayscale(picture).convert("RGB")
    return picture


def pencil(picture: Image.Image) -> Image.Image:
    """Return the edges of a picture as a pencil drawing (for pictures from elsewhere)."""
    grey = ImageOps.grayscale(picture)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(max(2, min(grey.size) / 160)))
    # A colour dodge of the picture with its blurred negative leaves the lines.
    dodge = ImageChops.add(grey, soft, 2.0, 0)
    lines = dodge.point(
        [max(0, min(255, int(255 - (127 - v) * 9))) if v < 127 else 255 for v in range(256)]
    )
    return ImageOps.colorize(lines, (52, 48, 60), (252, 250, 243))


def _grain(size: tuple[int, int], dice: Dice, cell: int, low: int) -> Image.Image:
    small = (max(2, size[0] // cell), max(2, size[1] // cell))
    noise = Image.frombytes("L", small, dice.noise(small[0] * small[1]))
    noise = noise.point([low + (255 - low) * v // 255 for v in range(256)])
    return noise.resize(size, Image.Resampling.BICUBIC)


def _wobble(picture: Image.Image, dice: Dice, strength: float) -> Image.Image:
    """Shift the corners of a coarse mesh a little, so that no edge stays straight."""
    wide, high = picture.size
    columns, rows = 14, max(4, round(14 * high / wide))
    xs = [round(wide * c / columns) for c in range(columns + 1)]
    ys = [round(high * r / rows) for r in range(rows + 1)]

    def corner(c: int, r: int) -> tuple[float, float]:
        edge = c in {0, columns} or r in {0, rows}
        return (xs[c], ys[r]) if edge else (xs[c] + shift[r][c][0], ys[r] + shift[r][c][1])

    shift = [
        [
            (dice.between(-strength, strength), dice.between(-strength, strength))
            for _ in range(columns + 1)
        ]
        for _ in range(rows + 1)
    ]
    mesh = []
    for r in range(rows):
        for c in range(columns):
            quad = (*corner(c, r), *corner(c, r + 1), *corner(c + 1, r + 1), *corner(c + 1, r))
            mesh.append(((xs[c], ys[r], xs[c + 1], ys[r + 1]), quad))
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _reduced(picture: Image.Image, most: int) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail((most, most), Image.Resampling.BILINEAR, reducing_gap=1.5)
    return copy


def _watercolour(picture: Image.Image, dice: Dice, size: tuple[int, int]) -> Image.Image:
    small = _wobble(_reduced(picture, 560), dice, 3.2)
    wash = small.filter(ImageFilter.GaussianBlur(1.6))
    # Pigment gathers where a wash dries: the border of each colour is a little darker.
    border = ImageChops.subtract(wash.filter(ImageFilter.GaussianBlur(3)), wash, 1.0, 128)
    border = border.point([min(255, 255 - max(0, v - 128) * 2) for v in range(256)] * 3)
    wash = Image.blend(wash, Image.new("RGB", wash.size, (255, 253, 246)), 0.16)
    wash = ImageChops.multiply(wash, border)
    pools = _grain(wash.size, dice, 60, 176)
    fine = _grain(wash.size, dice, 5, 242)
    wash = ImageChops.screen(
        wash, ImageOps.invert(pools).convert("RGB").point([v // 2 for v in range(256)] * 3)
    )
    wash = ImageChops.multiply(wash, fine.convert("RGB"))
    # The paper stays white around a painted field with an uneven rim.
    rim = Image.new("L", wash.size, 0)
    inset = round(min(wash.size) * 0.035)
    rim.paste(255, (inset, inset, wash.width - inset, wash.height - inset))
    rim = _wobble(rim, dice, 9).filter(ImageFilter.GaussianBlur(1.8))
    paper = ImageChops.multiply(Image.new("RGB", wash.size, (254, 251, 243)), fine.convert("RGB"))
    return Image.composite(wash, paper, rim).resize(size, Image.Resampling.BICUBIC)


def ink(picture: Image.Image, lines: Image.Image, dice: Dice, size: tuple[int, int]) -> Image.Image:
    """Return an ink painting: pale washes under brush lines, on rice paper, with a seal.

    Args:
        picture: What is painted, in colour.
        lines: The same as a line drawing, dark on light.
        dice: Chance.
        size: The size of the result.
    """
    small = _reduced(picture, 420)
    grey = ImageOps.autocontrast(ImageOps.grayscale(small), cutoff=1)
    # Few tones, all pale: water takes most of the ink. A wash runs over its line a little.
    pale = [min(255, int(255 * (0.5 + 0.52 * (v / 255) ** 0.8))) for v in range(256)]
    wash = grey.point(pale).filter(ImageFilter.GaussianBlur(2.4))
    wash = ImageChops.screen(wash, ImageOps.invert(_grain(wash.size, dice, 30, 150)))
    wash = wash.resize(lines.size, Image.Resampling.BICUBIC)
    brush = ImageOps.grayscale(lines).filter(ImageFilter.GaussianBlur(0.8))
    # Where the brush is dry, the line pales.
    dry = _grain(brush.size, dice, 24, 120).point([255 - v for v in range(256)])
    brush = ImageChops.screen(brush, dry)
    shade = _wobble(ImageChops.multiply(wash, brush), dice, 2.4)
    shade = ImageOps.colorize(shade, (26, 27, 34), _RICE, mid=(128, 130, 132))
    shade = ImageChops.multiply(shade, _grain(shade.size, dice, 6, 244).convert("RGB"))
    # A seal without letters, as a painter leaves one.
    unit = min(shade.size)
    seal, x, y = round(unit * 0.052), round(shade.width * 0.9), round(shade.height * 0.9)
    shade.paste((188, 52, 44), (x, y, x + seal, y + seal))
    gap = max(1, seal // 7)
    for k in range(3):
        left = x + gap + k * 2 * gap
        shade.paste(_RICE, (left, y + gap, left + gap, y + seal - gap * (1 + k % 2)))
    return shade.resize(size, Image.Resampling.BICUBIC)


def _pixel(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    wide, high = picture.size
    share = min(1.0, 112 / min(wide, high))
    few_pixels = (max(1, round(wide * share)), max(1, round(high * share)))
    small = picture.resize(few_pixels, Image.Resampling.BOX)
    few = small.quantize(40, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(size, Image.Resampling.NEAREST)
