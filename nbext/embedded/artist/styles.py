"""Picture styles applied to pixels: ink, watercolour, oil, pixel art and others.

Costly steps work at a reduced size, and all grain comes from the random numbers, so that the same
request returns the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

if TYPE_CHECKING:
    from .rng import Rng

_RICE = (250, 246, 235)


def apply(
    picture: Image.Image, style: str | None, rng: Rng, size: tuple[int, int] | None = None
) -> Image.Image:
    """Return an RGB picture in a style, optionally in another `size`.

    `flat` and `line` need no pixels and change nothing.
    """
    size = size or picture.size
    if style == "watercolour":
        return _watercolour(picture, rng, size)
    if style == "ink":
        return ink(picture, pencil(_reduced(picture, 640)), rng, size)
    if style == "pixel":
        return _pixel(picture, size)
    if style == "mono":
        return ImageOps.grayscale(picture).convert("RGB")
    if style == "oil":
        return _oil(picture, rng, size)
    if style == "neon":
        return _neon(picture, size)
    if style == "vintage":
        return _vintage(picture, rng, size)
    return picture


def pencil(picture: Image.Image) -> Image.Image:
    """Return the edges of a picture from elsewhere as a pencil drawing."""
    grey = ImageOps.grayscale(picture)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(max(2, min(grey.size) / 160)))
    # A colour dodge of the picture with its blurred negative leaves the lines.
    dodge = ImageChops.add(grey, soft, 2.0, 0)
    lines = dodge.point(
        [max(0, min(255, int(255 - (127 - v) * 9))) if v < 127 else 255 for v in range(256)]
    )
    return ImageOps.colorize(lines, (52, 48, 60), (252, 250, 243))


def _grain(size: tuple[int, int], rng: Rng, cell: int, low: int) -> Image.Image:
    small = (max(2, size[0] // cell), max(2, size[1] // cell))
    noise = Image.frombytes("L", small, rng.noise(small[0] * small[1]))
    noise = noise.point([low + (255 - low) * v // 255 for v in range(256)])
    return noise.resize(size, Image.Resampling.BICUBIC)


def _wobble(picture: Image.Image, rng: Rng, strength: float) -> Image.Image:
    """Shift the corners of a coarse mesh slightly, so that no edge stays straight."""
    wide, high = picture.size
    columns, rows = 14, max(4, round(14 * high / wide))
    xs = [round(wide * c / columns) for c in range(columns + 1)]
    ys = [round(high * r / rows) for r in range(rows + 1)]

    def corner(c: int, r: int) -> tuple[float, float]:
        edge = c in {0, columns} or r in {0, rows}
        return (xs[c], ys[r]) if edge else (xs[c] + shift[r][c][0], ys[r] + shift[r][c][1])

    shift = [
        [
            (rng.uniform(-strength, strength), rng.uniform(-strength, strength))
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


def _watercolour(picture: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    small = _wobble(_reduced(picture, 576), rng, 3.0)
    wash = small.filter(ImageFilter.GaussianBlur(1.3))
    # Pigment gathers where a wash dries: darken the border of each colour slightly.
    border = ImageChops.subtract(wash.filter(ImageFilter.GaussianBlur(3)), wash, 1.0, 128)
    border = border.point([min(255, 255 - max(0, v - 128) * 2) for v in range(256)] * 3)
    wash = Image.blend(wash, Image.new("RGB", wash.size, (255, 253, 246)), 0.2)
    wash = ImageChops.multiply(wash, border)
    # Water spreads it: pale pools, broad and soft.
    pools = ImageOps.invert(_grain(wash.size, rng, 90, 120)).filter(ImageFilter.GaussianBlur(9))
    wash = ImageChops.screen(wash, pools.convert("RGB").point([v // 2 for v in range(256)] * 3))
    fine = _grain(wash.size, rng, 3, 247)
    wash = ImageChops.multiply(wash, fine.convert("RGB"))
    # The paper stays white around a painted area with an uneven rim.
    rim = Image.new("L", wash.size, 0)
    inset = round(min(wash.size) * 0.035)
    rim.paste(255, (inset, inset, wash.width - inset, wash.height - inset))
    rim = _wobble(rim, rng, 9).filter(ImageFilter.GaussianBlur(1.8))
    paper = ImageChops.multiply(Image.new("RGB", wash.size, (254, 251, 243)), fine.convert("RGB"))
    return Image.composite(wash, paper, rim).resize(size, Image.Resampling.BICUBIC)


def ink(picture: Image.Image, lines: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    """Return an ink painting of a picture in colour: pale washes under brush lines.

    Args:
        picture: The picture, in colour.
        lines: The same picture as a line drawing, dark on light.
        rng: The random numbers.
        size: The size of the result.
    """
    small = _reduced(picture, 420)
    grey = ImageOps.autocontrast(ImageOps.grayscale(small), cutoff=1)
    # Few, pale tones, as in diluted ink. A wash extends slightly over its line.
    pale = [min(255, int(255 * (0.5 + 0.52 * (v / 255) ** 0.8))) for v in range(256)]
    wash = ImageOps.colorize(grey.point(pale), (26, 27, 34), _RICE, mid=(128, 130, 132))
    return brushed(wash, lines, rng, size)


def brushed(wash: Image.Image, lines: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    """Return washes on rice paper with brush lines over them, and a seal.

    Args:
        wash: The washes, in the tones of ink.
        lines: The brush lines, dark on light.
        rng: The random numbers.
        size: The size of the result.
    """
    wash = wash.filter(ImageFilter.GaussianBlur(1.6))
    pools = ImageOps.invert(_grain(wash.size, rng, 70, 190)).filter(ImageFilter.GaussianBlur(6))
    wash = ImageChops.screen(wash, pools.convert("RGB"))
    wash = wash.resize(lines.size, Image.Resampling.BICUBIC)
    brush = ImageOps.grayscale(lines).filter(ImageFilter.GaussianBlur(0.8))
    # A dry brush makes the line paler.
    dry = _grain(brush.size, rng, 24, 150).point([255 - v for v in range(256)])
    brush = ImageOps.colorize(ImageChops.screen(brush, dry), (26, 27, 34), (255, 255, 255))
    shade = _wobble(ImageChops.multiply(wash, brush), rng, 2.4)
    shade = ImageChops.multiply(shade, _grain(shade.size, rng, 4, 246).convert("RGB"))
    # A painter's seal, without letters.
    unit = min(shade.size)
    seal, x, y = round(unit * 0.052), round(shade.width * 0.9), round(shade.height * 0.9)
    shade.paste((188, 52, 44), (x, y, x + seal, y + seal))
    gap = max(1, seal // 7)
    for k in range(3):
        left = x + gap + k * 2 * gap
        shade.paste(_RICE, (left, y + gap, left + gap, y + seal - gap * (1 + k % 2)))
    return shade.resize(size, Image.Resampling.BICUBIC)


def _oil(picture: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    small = _wobble(_reduced(picture, 420), rng, 2.2).filter(ImageFilter.MedianFilter(5))
    small = ImageEnhance.Color(small).enhance(1.25).resize(size, Image.Resampling.BICUBIC)
    # Bristles: noise stretched along two slants, lit from one side.
    wide, high = 480, max(8, round(480 * size[1] / size[0]))
    side = wide + high
    cells = (side // 30, side // 3)
    noise = Image.frombytes("L", cells, rng.noise(cells[0] * cells[1]))
    noise = noise.resize((side, side), Image.Resampling.BICUBIC)
    left, top = (side - wide) // 2, (side - high) // 2
    box = (left, top, left + wide, top + high)
    relief = ImageChops.blend(noise.rotate(24).crop(box), noise.rotate(-38).crop(box), 0.45)
    relief = ImageChops.subtract(relief, ImageChops.offset(relief, 2, 2), 4.2, 128)
    relief = relief.resize(size, Image.Resampling.BICUBIC).convert("RGB")
    return ImageChops.overlay(small, relief)


def _neon(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    toned = ImageOps.colorize(
        ImageOps.grayscale(picture), (14, 8, 44), (150, 244, 255), mid=(150, 44, 168)
    )
    lit = Image.blend(ImageEnhance.Color(picture).enhance(1.7), toned, 0.42)
    # Bright areas glow.
    small = lit.resize((max(1, size[0] // 4), max(1, size[1] // 4)), Image.Resampling.BOX)
    glow = small.point([max(0, v - 128) * 2 for v in range(256)] * 3)
    glow = glow.filter(ImageFilter.GaussianBlur(max(2, min(size) / 110)))
    return ImageChops.screen(lit, glow.resize(lit.size, Image.Resampling.BICUBIC)).resize(size)


def _vintage(picture: Image.Image, rng: Rng, size: tuple[int, int]) -> Image.Image:
    sepia = ImageOps.colorize(
        ImageOps.grayscale(picture), (48, 30, 20), (250, 236, 206), mid=(158, 122, 84)
    )
    sepia = Image.blend(sepia, picture, 0.14).resize(size)
    shade = Image.radial_gradient("L").resize(size)
    shade = shade.point([255 - max(0, v - 130) // 2 for v in range(256)])
    grain = _grain(size, rng, 3, 242)
    return ImageChops.multiply(sepia, ImageChops.multiply(shade, grain).convert("RGB"))


def pixel_size(size: tuple[int, int]) -> tuple[int, int, int]:
    """Return the size of a picture in large pixels, and the width of each."""
    large = max(1, round(min(size) / 128))
    return -(-size[0] // large), -(-size[1] // large), large


def enlarged(few: Image.Image, size: tuple[int, int], large: int) -> Image.Image:
    """Return a small picture with each pixel `large` wide, cut to `size`."""
    whole = few.resize((few.width * large, few.height * large), Image.Resampling.NEAREST)
    return whole.crop((0, 0, *size))


def _pixel(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    wide, high, large = pixel_size(size)
    few = picture.resize((wide, high), Image.Resampling.BOX)
    few = few.quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return enlarged(few, size, large)
