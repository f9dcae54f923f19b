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
from nbext.data.picture import EXTENSIONS, PictureInfo, sniff
from nbext.errors import PictureError
from nbext.imaging import decode, svg
from nbext.imaging.decode import UncheckedError, open_image
from nbext.imaging.thumbnail import thumbnail
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
    monkeypatch.setattr(decode, "_reader", lambda _: pytest.fail("opened"))
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


# Within limits, wherever a picture is looked at


def chunked(*chunks):
    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*item) for item in chunks)


def header(width, height):
    return b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)


HOSTILE = {
    "one column": chunked(header(1, 40_000_000), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")),
    "one row": chunked(header(40_000_000, 1), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")),
    "a chunk before the header": chunked(
        (b"tEXt", b"a\0b"), header(13_000, 13_000), (b"IDAT", zlib.compress(bytes(99)))
    ),
    "two headers": chunked(
        header(10, 10), header(13_000, 13_000), (b"IDAT", zlib.compress(bytes(99))), (b"IEND", b"")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_way_of_looking_at_a_picture_passes_its_limits(name, tmp_path, monkeypatch):
    from PIL import ImageFile

    data = HOSTILE[name]
    monkeypatch.setattr(
        ImageFile.ImageFile, "load", lambda self: pytest.fail(f"{self.size} was decoded")
    )
    with pytest.raises(PictureError):
        check(data)
    with pytest.raises(PictureError):
        open_image(data, "image/png")
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert thumbnail(path) is None


@pytest.mark.parametrize(
    "trouble", [MemoryError(), ImportError("cannot import name 'Image'"), OSError(13, "no"), OSError(5, "io")]
)  # fmt: skip
def test_a_picture_that_cannot_be_looked_at_is_not_called_broken(trouble, monkeypatch):
    def fail(*_, **__):
        raise trouble

    monkeypatch.setattr(decode, "_reader", lambda _: fail)
    with pytest.raises(UncheckedError):
        check(made("PNG"))


@pytest.mark.parametrize(
    "trouble", [RuntimeError("libavif"), OSError("cut"), KeyError(3), ZeroDivisionError()]
)
def test_whatever_a_decoder_raises_is_an_error_of_ours(trouble, monkeypatch):
    def fail(*_, **__):
        raise trouble

    monkeypatch.setattr(decode, "_reader", lambda _: fail)
    with pytest.raises(PictureError, match="cannot be decoded") as caught:
        check(made("AVIF"), "image/avif")
    assert not isinstance(caught.value, UncheckedError)


def test_other_frames_of_an_open_picture_can_be_looked_at():
    file = io.BytesIO()
    frames = [Image.new("L", (8, 8), value) for value in (0, 99, 200)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    image = open_image(file.getvalue(), "image/gif")
    image.seek(2)
    assert image.convert("L").getpixel((1, 1)) == 200


def test_the_process_that_draws_svg_has_no_keys(monkeypatch):
    monkeypatch.setenv("NBEXT_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    names = set(svg._environment())
    assert not [name for name in names if "KEY" in name or "SECRET" in name or "TOKEN" in name]
    square = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    assert svg.rasterised(square).startswith(b"\x89PNG")


@pytest.mark.parametrize("media_type", EXTENSIONS)
def test_each_format_with_a_file_ending_can_be_named_in_a_record(media_type):
    assert info(b"", media_type).media_type == media_type
