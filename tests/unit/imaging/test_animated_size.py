"""An animation needs memory for several of its frames at once."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from nbext.imaging.decode import OversizedError, open_image


@pytest.mark.parametrize(
    ("frames", "side", "is_shown"), [(1, 90, True), (2, 90, False), (2, 40, True)]
)
def test_the_frames_of_an_animation_count(frames, side, is_shown):
    pictures = [Image.new("RGB", (side, side), colour) for colour in ("red", "blue")][:frames]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "WEBP", save_all=True, append_images=pictures[1:])
    if is_shown:
        assert open_image(buffer.getvalue(), "image/webp", max_pixels=10_000).size == (side, side)
        return
    with pytest.raises(OversizedError) as refused:
        open_image(buffer.getvalue(), "image/webp", max_pixels=10_000)
    assert str(4 * side * side) in refused.value.remedy.replace(",", "").replace("_", "")
