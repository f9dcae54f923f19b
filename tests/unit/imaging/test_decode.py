"""A picture that is too large is refused from its header, with a remedy that helps."""

from __future__ import annotations

import io
import subprocess

import pytest
from PIL import Image

from nbext.errors import PictureError
from nbext.imaging import decode, svg
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


def scanned(count, size=(64, 64), progressive=True):
    """A JPEG with so many scans more than it needs: the last one again and again."""
    file = io.BytesIO()
    Image.new("L", size).save(file, "JPEG", progressive=progressive)
    data = file.getvalue()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


@pytest.mark.parametrize(("count", "size"), [(300, (64, 64)), (80, (4096, 4096))])
def test_a_jpeg_of_too_many_scans_is_not_decoded(count, size):
    with pytest.raises(decode.OversizedError, match="scans"):
        decode.open_image(scanned(count, size), "image/jpeg")


def test_a_jpeg_of_a_camera_has_as_many_scans_as_it_likes():
    assert decode.open_image(scanned(20), "image/jpeg").size == (64, 64)
    assert decode.open_image(scanned(0, progressive=False), "image/jpeg").size == (64, 64)


def test_an_svg_that_took_too_long_is_not_drawn_again_for_each_look(monkeypatch):
    calls = []

    def slow(*_, **how):
        calls.append(how)
        raise subprocess.TimeoutExpired("svg", 10)

    monkeypatch.setattr(subprocess, "run", slow)
    monkeypatch.setattr(svg, "_slow", {})
    for _ in range(3):
        with pytest.raises(PictureError, match="within 10 seconds"):
            decode.open_image(b"<svg/>", "image/svg+xml")
    assert len(calls) == 1
    # A busy machine is not busy for ever.
    monkeypatch.setattr(svg, "SECONDS_SLOW", 0)
    with pytest.raises(PictureError, match="within 10 seconds"):
        decode.open_image(b"<svg/>", "image/svg+xml")
    assert len(calls) == 2
