"""How much of a picture changed that its mask protects."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from nbext.imaging.mask_change import change_overlay, protected_change

PNG = ("image/png", "image/png")
RED, BLUE = (200, 30, 40), (30, 60, 200)


def encoded(image, form="PNG", **how):
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def plain(colour, size=(128, 128)):
    return Image.new("RGB", size, colour)


def half_mask(size=(128, 128)):
    """A mask whose right half may change."""
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (size[0] // 2, 0, *size))
    return encoded(mask)


def half_changed(size=(128, 128), *, of=2):
    """The right half, or a half of the left one too."""
    image = plain(RED, size)
    image.paste(BLUE, (size[0] // of, 0, *size))
    return image


@pytest.mark.parametrize(
    ("after", "share"),
    [
        (half_changed(), 0),
        (plain(BLUE), 1),
        (half_changed(of=4), 0.5),
        # Another size of the same shape, and the noise of an encoder.
        (half_changed((256, 256)), 0),
        (half_changed((64, 64), of=4), 0.5),
    ],
)
def test_the_share_of_what_was_to_stay(after, share):
    before, mask = encoded(plain(RED)), half_mask()
    assert protected_change(before, mask, encoded(after), PNG) == pytest.approx(share, abs=0.06)


def test_an_encoder_changes_nothing():
    before = Image.effect_noise((128, 128), 40).convert("RGB")
    after = encoded(before, "JPEG", quality=85)
    types = ("image/png", "image/jpeg")
    assert protected_change(encoded(before), half_mask(), after, types) < 0.02


@pytest.mark.parametrize(
    ("mask", "after"),
    [
        (half_mask(), plain(RED, (128, 64))),
        (encoded(Image.new("L", (128, 128))), plain(RED)),
        (encoded(Image.new("RGBA", (128, 128), (0, 0, 0, 0))), plain(RED)),
    ],
    ids=["another shape", "no transparency", "all may change"],
)
def test_what_cannot_be_compared_has_no_share(mask, after):
    assert protected_change(encoded(plain(RED)), mask, encoded(after), PNG) == -1


def test_the_overlay_shows_what_changed():
    overlay = change_overlay(encoded(plain(RED)), half_mask(), encoded(plain((0, 0, 255))), PNG)
    changed, free = overlay.getpixel((10, 64)), overlay.getpixel((120, 64))
    assert changed[0] > 120 > changed[2]
    assert min(free) > 120
