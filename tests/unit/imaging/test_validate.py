"""A picture is proven by decoding it once, within the limits."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import msgspec
import pytest
from PIL import Image

from nbext.data.limits import Limits
from nbext.data.picture import PictureInfo, sniff
from nbext.errors import PictureError
from nbext.imaging.validate import check_picture


def made(kind: str, size=(12, 8)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(file, kind)
    return file.getvalue()


def info(data: bytes, media_type: str = "") -> PictureInfo:
    return PictureInfo(sha256="0" * 64, media_type=media_type or sniff(data), size=len(data))


def check(data, media_type="", limits=None):
    return check_picture(data, info(data, media_type), limits)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_pictures_decode(kind, tmp_path):
    data = made(kind)
    assert check(data) == (12, 8)
    path = tmp_path / "x"
    path.write_bytes(data)
    assert check_picture(str(path), info(data)) == (12, 8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_cut_pictures_are_refused(kind):
    with pytest.raises(PictureError, match="cannot be decoded"):
        check(made(kind, (64, 64))[:-600])


def test_svg_and_films_are_files():
    assert check(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == (0, 0)
    assert check(b"\x00\x00\x00\x18ftypmp42" + bytes(40)) == (0, 0)


@pytest.mark.parametrize("data", [b"", b"hello", b"BM" + bytes(60), b"8BPS" + bytes(60)])
def test_other_bytes_are_refused(data):
    with pytest.raises(PictureError):
        check(data, "image/png")


def test_another_type_than_said_is_refused():
    with pytest.raises(PictureError, match="image/jpeg"):
        check(made("JPEG"), "image/png")


def bomb(width: int, height: int) -> bytes:
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_pixels_are_counted_before_decoding(monkeypatch):
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(PictureError, match="50 megapixels"):
        check(bomb(13000, 13000))


def test_pixels_behind_a_long_header_are_counted_too():
    file = io.BytesIO()
    picture = Image.new("RGB", (300, 200))
    picture.save(file, "JPEG", icc_profile=bytes(100_000))
    small = msgspec.structs.replace(Limits(), picture_pixels=1000)
    with pytest.raises(PictureError, match="300×200"):
        check(file.getvalue(), limits=small)


def test_bytes_are_counted():
    small = msgspec.structs.replace(Limits(), picture_bytes=100)
    with pytest.raises(PictureError, match=r"0\.1 kB"):
        check(made("PNG", (64, 64)), limits=small)


def test_any_flipped_byte_is_a_picture_or_an_error():
    data = made("PNG", (6, 4))
    for at in range(len(data)):
        broken = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        with contextlib.suppress(PictureError):
            check_picture(broken, info(broken), Limits())
