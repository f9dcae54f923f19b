"""A picture that is too large is refused from its header, with a remedy that helps."""

from __future__ import annotations

import pytest

from nbext.imaging.decode import MAX_SIDE, OversizedError, refuse_size


@pytest.mark.parametrize(
    ("size", "limit", "remedy"),
    [
        ((10_000, 10_000), "50 megapixels", "picture_pixels = 100000000"),
        ((MAX_SIDE + 1, 1), "32,768 pixels per side", "smaller size"),
        # More pixels would not be enough.
        ((MAX_SIDE + 1, 10_000), "32,768 pixels per side", "smaller size"),
        ((2**31 - 1, 2**31 - 1), "32,768 pixels per side", "smaller size"),
    ],
)
def test_the_remedy_names_the_limit_that_was_passed(size, limit, remedy):
    with pytest.raises(OversizedError, match=limit) as refused:
        refuse_size(*size)
    assert remedy in refused.value.remedy


def test_a_picture_within_the_limits_is_not_refused():
    refuse_size(MAX_SIDE, 1000)
