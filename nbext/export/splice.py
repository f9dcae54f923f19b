"""Metadata into PNG, JPEG and WebP without touching a pixel, and back out.

The bytes of the picture itself stay as they are; only chunks and segments are put in. Sources: PNG
3rd edition (iTXt, eXIf), JPEG/Exif 2.32 (APP1), XMP specification part 3, WebP container.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from nbext.data.picture import dimensions, sniff
from nbext.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

XMP_KEYWORD = "XML:com.adobe.xmp"
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\x00"
_EXIF_SEGMENT = b"Exif\x00\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
# What one JPEG segment holds, its length field left out.
_MAX_SEGMENT = 65533
# What a reader looks at: metadata is text, not a hiding place.
_MAX_TEXT = 4 * 1024 * 1024


def splice(data: bytes, *, texts: Mapping[str, str], comment: str, xmp: str) -> bytes:
    """Put metadata into a copy of a picture.

    Args:
        data: PNG, JPEG or WebP.
        texts: Keywords and texts of a PNG's ``iTXt`` chunks.
        comment: The Exif ``UserComment`` of a JPEG or WebP.
        xmp: The XMP packet.

    Raises:
        PictureError: It is another format, or too long for it.
    """
    kind = sniff(data[:512])
    if kind == "image/png":
        return _into_png(data, dict(texts) | {XMP_KEYWORD: xmp})
    if kind == "image/jpeg":
        return _into_jpeg(data, exif(comment), xmp.encode())
    if kind == "image/webp":
        return _into_webp(data, exif(comment), xmp.encode())
    raise PictureError(
        f"A picture of type {kind or 'unknown'} holds no metadata of ours.",
        remedy="PNG, JPEG and WebP do; the history's record holds it in any case.",
    )


def has_c2pa(data: bytes) -> bool:
    """Tell whether a picture carries Content Credentials, which any change would invalidate.

    They are a ``caBX`` chunk in PNG, APP11 segments with JUMBF boxes in JPEG, a ``C2PA`` chunk in
    WebP (C2PA specification, embedding manifests).
    """
    kind = sniff(data[:512])
    if kind == "image/png":
        return any(name == b"caBX" for name, _ in _png_chunks(data))
    if kind == "image/jpeg":
        return any(marker == 0xEB and b"jumb" in body[:64] for marker, body in _segments(data))
    if kind == "image/webp":
        return any(name == b"C2PA" for name, _ in _webp_chunks(data))
    return kind == "image/avif" and b"jumb" in data[: 1 << 20]


def texts_of(data: bytes) -> dict[str, str]:
    """Read a picture's texts: a PNG's by keyword, Exif's as ``UserComment``, XMP by its keyword.

    Hostile input gives what can be read of it, never an exception.
    """
    kind = sniff(data[:512])
    found: dict[str, str] = {}
    try:
        if kind == "image/png":
            for name, body in _png_chunks(data):
                if name in (b"tEXt", b"iTXt", b"zTXt"):
                    keyword, text = _png_text(name, body)
                    found.setdefault(keyword, text)
                elif name == b"eXIf":
                    found.setdefault("UserComment", _comment_of(body))
        elif kind == "image/jpeg":
            for marker, body in _segments(data):
                if marker == 0xE1 and body.startswith(_XMP_SEGMENT):
                    found[XMP_KEYWORD] = body[len(_XMP_SEGMENT) :].decode("utf-8", "replace")
                elif marker == 0xE1 and body.startswith(_EXIF_SEGMENT):
                    found["UserComment"] = _comment_of(body[len(_EXIF_SEGMENT) :])
        elif kind == "image/webp":
            for name, body in _webp_chunks(data):
                if name == b"XMP ":
                    found[XMP_KEYWORD] = body[:_MAX_TEXT].decode("utf-8", "replace")
                elif name == b"EXIF":
                    found["UserComment"] = _comment_of(body.removeprefix(_EXIF_SEGMENT))
    except (struct.error, ValueError, IndexError, zlib.error):
        return found
    return {keyword: text for keyword, text in found.items() if text}


def exif(comment: str) -> bytes:
    """Write a TIFF block that holds one ``UserComment``, as type UNDEFINED with its UNICODE mark.

    Readers that go by the type (piexif, and what is built on it) fail on any other.
    """
    value = b"UNICODE\x00" + comment.encode("utf-16-be")
    # Big-endian TIFF; IFD0 with the pointer to the Exif IFD; the Exif IFD with UserComment.
    head = b"MM\x00\x2a" + struct.pack(">I", 8)
    ifd0 = struct.pack(">HHHIII", 1, 0x8769, 4, 1, 26, 0)
    exif_ifd = struct.pack(">HHHIII", 1, 0x9286, 7, len(value), 44, 0)
    return head + ifd0 + exif_ifd + value


def _comment_of(block: bytes) -> str:
    """Find ``UserComment`` in a TIFF block of either byte order."""
    order = {b"MM": ">", b"II": "<"}.get(block[:2])
    if order is None:
        return ""
    (first,) = struct.unpack_from(f"{order}I", block, 4)
    pointer = _entry(block, order, first, 0x8769)
    if pointer is None:
        return ""
    found = _entry(block, order, pointer[1], 0x9286)
    if found is None:
        return ""
    count, at = found
    value = block[at : at + min(count, _MAX_TEXT)]
    mark, body = value[:8], value[8:]
    if mark == b"UNICODE\x00":
        # The Exif standard leaves the order open; A1111 writes big-endian, others the block's own.
        zeros_first = sum(byte == 0 for byte in body[0:200:2])
        zeros_second = sum(byte == 0 for byte in body[1:200:2])
        little = zeros_second > zeros_first or (zeros_second == zeros_first and order == "<")
        return body.decode("utf-16-le" if little else "utf-16-be", "replace").rstrip("\x00")
    return (
        (body if mark[:5] in (b"ASCII", b"\0" * 5) else value)
        .decode("utf-8", "replace")
        .strip("\x00 ")
    )


def _entry(block: bytes, order: str, at: int, tag: int) -> tuple[int, int] | None:
    """Give an IFD entry's count and where its value is."""
    (number,) = struct.unpack_from(f"{order}H", block, at)
    for index in range(min(number, 512)):
        place = at + 2 + index * 12
        found, _, count = struct.unpack_from(f"{order}HHI", block, place)
        if found == tag:
            (value,) = struct.unpack_from(f"{order}I", block, place + 8)
            return count, place + 8 if count <= 4 and tag != 0x8769 else value
    return None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 12 + length > len(data):
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def _png_text(name: bytes, body: bytes) -> tuple[str, str]:
    keyword, _, rest = body.partition(b"\x00")
    if name == b"tEXt":
        return keyword.decode("latin-1"), rest[:_MAX_TEXT].decode("latin-1")
    if name == b"zTXt":
        return keyword.decode("latin-1"), _inflate(rest[1:]).decode("latin-1")
    packed, rest = rest[0], rest[2:]
    _, _, rest = rest.partition(b"\x00")
    _, _, text = rest.partition(b"\x00")
    text = _inflate(text) if packed else text[:_MAX_TEXT]
    return keyword.decode("latin-1"), text.decode("utf-8", "replace")


def _inflate(data: bytes) -> bytes:
    """Unpack no more than a text may be long: a chunk may be a bomb."""
    return zlib.decompressobj().decompress(data, _MAX_TEXT)


def _into_png(data: bytes, texts: Mapping[str, str]) -> bytes:
    chunks = b"".join(
        _png_chunk(
            b"iTXt",
            # Uncompressed: some readers skip the flag and read packed bytes as text.
            keyword.encode("latin-1") + b"\x00\x00\x00\x00\x00" + text.encode(),
        )
        for keyword, text in texts.items()
        if text
    )
    after_header = len(_PNG) + 25
    return data[:after_header] + chunks + data[after_header:]


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def _into_jpeg(data: bytes, block: bytes, xmp: bytes) -> bytes:
    at = 2
    # JFIF wants its APP0 to be the first segment.
    if data[2:4] == b"\xff\xe0":
        at += 2 + struct.unpack_from(">H", data, 4)[0]
    parts = [_EXIF_SEGMENT + block, _XMP_SEGMENT + xmp]
    for part in parts:
        if len(part) > _MAX_SEGMENT:
            raise PictureError("The prompt is too long for a JPEG's metadata (64 kB).")
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return data[:at] + segments + data[at:]


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)


def _into_webp(data: bytes, block: bytes, xmp: bytes) -> bytes:
    chunks = [(name, body) for name, body in _webp_chunks(data) if name not in (b"EXIF", b"XMP ")]
    width, height = dimensions(data[:64])
    flags = 0x08 | 0x04
    if chunks and chunks[0][0] == b"VP8X":
        flags |= chunks.pop(0)[1][0]
    elif chunks and chunks[0][0] == b"VP8L" and chunks[0][1][4] & 0x10:
        flags |= 0x10
    extended = bytes([flags, 0, 0, 0])
    extended += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    whole = [(b"VP8X", extended), *chunks, (b"EXIF", block), (b"XMP ", xmp)]
    body = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\x00" * (len(part) & 1)
        for name, part in whole
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
