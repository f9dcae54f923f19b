"""Ratios, sizes, and the nearest that is allowed."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.families import sizes

THREE = ("1024x1024", "1024x1536", "1536x1024")


@pytest.mark.parametrize(
    ("text", "value"), [("1:1", 1), ("2:3", 2 / 3), ("16/9", 16 / 9), ("1.5:1", 1.5)]
)
def test_a_ratio_is_read(text, value):
    assert sizes.ratio(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text", ["", "2", "2:0", "0:3", "wide", "2:3:4", "-1:2", "2:" + "9" * 5000]
)
def test_what_is_no_ratio_is_refused(text):
    with pytest.raises(OptionError, match="not a ratio"):
        sizes.ratio(text)


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        ("1:1", THREE[0]),
        ("2:3", THREE[1]),
        ("3:2", THREE[2]),
        ("9:16", THREE[1]),
        ("21:9", THREE[2]),
        ("6:5", THREE[0]),
    ],
)
def test_the_nearest_size(aspect, size):
    assert sizes.nearest(aspect, THREE) == size


@pytest.mark.parametrize("aspect", ["1:1", "16:9", "9:16", "4:3", "21:9", "1:8", "8:1", "1:3"])
def test_a_fitted_size_keeps_the_rules(aspect):
    width, height = sizes.pixels(sizes.fitted(aspect))
    assert width % 16 == height % 16 == 0
    assert 1 / 3 <= width / height <= 3
    if 1 / 3 <= sizes.ratio(aspect) <= 3:
        assert width / height == pytest.approx(sizes.ratio(aspect), rel=0.02)


def test_pixels_are_read_where_they_are_pixels():
    assert sizes.pixels("1024x1536") == sizes.pixels("1024×1536") == (1024, 1536)
    assert sizes.pixels("2K") is None
    assert sizes.pixels("auto") is None
