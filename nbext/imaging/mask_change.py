"""Measure how much of the protected area changed: models and relays often ignore a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.imaging.decode import has_alpha, on_white, open_image, upright

if TYPE_CHECKING:
    from PIL.Image import Image

# Pictures are compared at this size; a share of pixels needs no more detail.
_EDGE = 768
# A smaller colour difference, out of 255, is an effect of encoding.
_TOLERANCE = 24
# Colours blend near the border of a mask: a strip of this width is not counted.
_BORDER = 0.012
# Aspect ratios may differ by this much; beyond that, pixels cannot be matched.
_RATIO_TOLERANCE = 0.02


def protected_change(before: bytes, mask: bytes, after: bytes, types: tuple[str, str]) -> float:
    """Measure the share of the protected pixels that changed colour.

    Args:
        before: The original picture.
        mask: A PNG; transparent where the picture may change.
        after: The result.
        types: The media types of the picture and of the result.

    Returns:
        0 to 1; -1 if it cannot be measured: the mask protects nothing or has no transparent
        pixels, or the result has a different shape.

    Raises:
        PictureError: One of them cannot be decoded.
    """
    compared = _compare(before, mask, after, types)
    if compared is None:
        return -1.0
    changed, protected = compared
    total = protected.histogram()[255]
    return changed.histogram()[255] / total if total else -1.0


def change_overlay(
    before: bytes, mask: bytes, after: bytes, types: tuple[str, str]
) -> Image | None:
    """Mark protected pixels that changed in red, and fade the area that may change.

    Args:
        before: The original picture.
        mask: A PNG; transparent where the picture may change.
        after: The result.
        types: The media types of the picture and of the result.

    Returns:
        A picture of at most 768 pixels a side; None if the two cannot be compared.

    Raises:
        PictureError: One of them cannot be decoded.
    """
    from PIL import Image, ImageChops

    compared = _compare(before, mask, after, types)
    if compared is None:
        return None
    changed, protected = compared
    picture = on_white(upright(open_image(after, types[1]))).resize(changed.size)
    pale = Image.blend(picture, Image.new("RGB", picture.size, "white"), 0.6)
    picture.paste(pale, mask=ImageChops.invert(protected))
    red = Image.blend(picture, Image.new("RGB", picture.size, (220, 0, 0)), 0.7)
    picture.paste(red, mask=changed)
    return picture


def _compare(
    before: bytes, mask: bytes, after: bytes, types: tuple[str, str]
) -> tuple[Image, Image] | None:
    """Return two masks: the protected pixels that changed, and all protected pixels (255 = yes)."""
    from PIL import Image, ImageChops, ImageFilter

    area = open_image(mask, "image/png")
    first, second = (
        upright(open_image(data, kind)) for data, kind in zip((before, after), types, strict=True)
    )
    ratio = (first.width * second.height) / (first.height * second.width)
    if not has_alpha(area) or abs(ratio - 1) > _RATIO_TOLERANCE:
        return None
    scale = min(1.0, _EDGE / max(second.size), _EDGE / max(first.size))
    size = (max(1, round(first.width * scale)), max(1, round(first.height * scale)))
    first, second = (
        on_white(image).resize(size, Image.Resampling.BOX) for image in (first, second)
    )
    alpha = area.convert("RGBA").getchannel("A").resize(size, Image.Resampling.BOX)
    protected = alpha.point(lambda value: 255 if value == 255 else 0)
    width = 2 * max(1, round(_BORDER * max(size))) + 1
    protected = protected.filter(ImageFilter.MinFilter(width))
    red, green, blue = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    changed = most.point(lambda value: 255 if value > _TOLERANCE else 0)
    return ImageChops.multiply(changed, protected), protected
