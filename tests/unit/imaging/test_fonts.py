"""Texts in pictures and charts: in a font that has their characters, where the system has one."""

from __future__ import annotations

import warnings

import pytest

from nbext.api.statistics import plot
from nbext.imaging import fonts

# As many boxes as characters, unless a font of the system has them.
TEXTS = ("gato ñandú ü", "рыжий кот", "חתול כתום", "قطة برتقالية", "橘猫在月光下", "mixed 猫 и кот")


def missing(font, text):
    box = bytes(font.getmask("\uffff"))
    return sum(bytes(font.getmask(char)) == box for char in text if not char.isspace())


@pytest.mark.parametrize("text", TEXTS)
def test_no_other_font_has_more_of_the_characters(text):
    chosen = missing(fonts.font_for(text, 20), text)
    others = [fonts._font(name, 20) for name in fonts._FONTS]
    assert chosen == min(missing(font, text) for font in others if font is not None)


def test_plain_english_is_in_the_font_of_every_system():
    assert fonts.font_for("take 1, a cat…", 18) is fonts._font("", 18)


def test_a_chart_has_room_beside_long_names_in_any_language():
    """A name with dollar signs is no formula."""
    names = [*TEXTS[:1], "a very long style " * 8, "W" * 120, "costs $5 or $6_x"]
    rows = [{"style": name, "elapsed": 1.0, "error": None} for name in names]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot(rows, "elapsed", by="style")
        assert figure._repr_png_().startswith(b"\x89PNG")
    axes = figure.axes[0]
    assert axes.get_position().width > 0.3
    assert axes.get_yticklabels()[1].get_text().endswith("…")
