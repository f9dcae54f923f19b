"""Pictures and films of any format are stored as they came, by their bytes, wherever they stand."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from nbext.transport import retry
from tests.relay import File
from tests.sessions import at_work

RED = (200, 30, 40)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48">'
    b'<rect width="64" height="48" fill="#c81e28"/></svg>'
)


def drawn(kind, mode="RGB", colour=RED, **options):
    buffer = io.BytesIO()
    Image.new(mode, (64, 48), colour).save(buffer, kind, **options)
    return buffer.getvalue()


def moving(kind):
    buffer = io.BytesIO()
    first, second = (Image.new("RGB", (64, 48), colour) for colour in (RED, (20, 160, 60)))
    first.save(buffer, kind, save_all=True, append_images=[second])
    return buffer.getvalue()


def turned():
    exif = Image.Exif()
    exif[0x112] = 6
    return drawn("JPEG", exif=exif.tobytes())


FORMATS = {
    "16 bits": (drawn("PNG", "I;16", 40_000), "image/png"),
    "1 bit": (drawn("PNG", "1", 1), "image/png"),
    "grey with alpha": (drawn("PNG", "LA", (100, 128)), "image/png"),
    "palette": (drawn("PNG", "P", 3), "image/png"),
    "bytes behind its end": (drawn("PNG") + b"junk", "image/png"),
    "moving PNG": (moving("PNG"), "image/png"),
    "CMYK": (drawn("JPEG", "CMYK", (0, 200, 200, 30)), "image/jpeg"),
    "turned by EXIF": (turned(), "image/jpeg"),
    "a second picture inside": (moving("MPO"), "image/jpeg"),
    "moving WebP": (moving("WEBP"), "image/webp"),
    "moving GIF": (moving("GIF"), "image/gif"),
    "SVG behind a mark": (b"\xef\xbb\xbf" + SVG, "image/svg+xml"),
    "SVG with a prolog": (b"<?xml version='1.0'?>\n<!DOCTYPE svg>\n" + SVG, "image/svg+xml"),
    "TIFF of 16 bits": (drawn("TIFF", "I;16", 40_000), "image/tiff"),
    "TIFF of pages": (moving("TIFF"), "image/tiff"),
    "large TIFF": (b"II+\0\x08\0\0\0" + bytes(100), "image/tiff"),
    "BMP": (drawn("BMP"), "image/bmp"),
    "ICO": (drawn("ICO"), "image/vnd.microsoft.icon"),
    "ICNS": (b"icns\0\0\0\xc8ic07" + bytes(190), "image/icns"),
    "JPEG 2000 without a box": (b"\xff\x4f\xff\x51" + bytes(100), "image/jp2"),
    "JPEG XL without a box": (b"\xff\x0a" + bytes(100), "image/jxl"),
    "Photoshop": (b"8BPS\0\x01" + bytes(90), "image/vnd.adobe.photoshop"),
    "OpenEXR": (b"\x76\x2f\x31\x01\x02\0\0\0" + bytes(100), "image/x-exr"),
    "Radiance": (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n" + bytes(90), "image/vnd.radiance"),
    "QOI": (b"qoif\0\0\0\x40\0\0\0\x30\3\0" + bytes(90), "image/qoi"),
    "DDS": (drawn("DDS"), "image/vnd.ms-dds"),
    "PNM": (drawn("PPM"), "image/x-portable-anymap"),
}


@pytest.fixture
def session(relay, tmp_path, monkeypatch):
    monkeypatch.setattr(retry, "SOON", (0.001,) * 4)
    with at_work(relay, tmp_path, monkeypatch, replay="never") as session:
        yield session


@pytest.mark.parametrize("place", ["behind a link", "in the answer"])
@pytest.mark.parametrize("name", FORMATS)
def test_its_bytes_are_kept_and_its_type_is_known(relay, session, name, place):
    data, media_type = FORMATS[name]
    if place == "behind a link":
        relay.files = {"/x": File(data, 200, {}, "application/octet-stream")}
        relay.answer = {"data": [{"url": f"{relay.base}/x"}]}
    else:
        relay.answer = {"data": [{"b64_json": base64.b64encode(data).decode()}]}
    drawing = session.draw("画只猫", model="gpt-image-2", via="images")
    (picture,) = drawing.pictures
    assert picture.media_type == media_type
    assert picture.data == data
    assert "@" in drawing.caption()
    assert drawing._repr_mimebundle_()
