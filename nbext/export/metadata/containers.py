"""Read and write metadata in PNG, JPEG, WebP, GIF and AVIF without touching a pixel.

The bytes of the picture itself stay as they are; only chunks, segments and boxes are put in.
Sources: PNG 3rd edition (iTXt, eXIf), JPEG/Exif 2.32 (APP1), XMP specification part 3 (JPEG, PNG,
GIF), WebP container, GIF89a.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from nbext.data.picture import dimensions, identify, sniff
from nbext.errors import PictureError
from nbext.export.metadata.avif import avif_texts, into_avif, jxl_texts
from nbext.export.metadata.exif import exif, exif_texts
from nbext.export.metadata.xmp import XMP_KEYWORD
from nbext.imaging.frames import png_chunk
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\x00"
_COMMENT_SEGMENT = 0xFE
_EXIF_SEGMENT = b"Exif\x00\x00"
_PHOTOSHOP = b"Photoshop 3.0\x00"
# The number of IPTC's older fields among Photoshop's, and that of a caption among them.
_IIM, _CAPTION = b"8BIM\x04\x04", b"\x1c\x02\x78"
_PNG = b"\x89PNG\r\n\x1a\n"
# How a chunk begins: with its length and its name.
_PNG_CHUNK = struct.Struct(">I4s")
# What one JPEG segment holds, its length field left out.
_MAX_SEGMENT = 65533
# What a reader looks at: metadata is text, not a hiding place.
_MAX_TEXT = 4 * 1024 * 1024
# Of all texts of a file: thousands of packed chunks of a few kilobytes each would fill the memory.
_MAX_TEXTS = 16 * 1024 * 1024
_GIF_XMP = b"\x21\xff\x0bXMP DataXMP"
# Read as lengths of sub-blocks, as GIF's readers do, any byte of XMP leads to the end of these.
_GIF_XMP_END = bytes([1, *range(255, -1, -1), 0])


def splice(data: bytes, *, texts: Mapping[str, str], comment: str, xmp: str) -> bytes:
    """Write metadata into a copy of a picture.

    Args:
        data: PNG, JPEG, WebP, GIF or AVIF.
        texts: Keywords and texts of a PNG's ``iTXt`` chunks.
        comment: The Exif ``UserComment`` of a JPEG, WebP or AVIF, a GIF's comment; empty for none.
        xmp: The XMP packet, which replaces an existing one.

    Raises:
        PictureError: It is another format, or too long for it.
    """
    kind = sniff(data[:512])
    if kind == "image/png":
        return _into_png(data, dict(texts) | {XMP_KEYWORD: xmp})
    if kind == "image/jpeg":
        return _into_jpeg(data, comment, xmp.encode())
    if kind == "image/webp":
        return _into_webp(data, comment, xmp.encode())
    if kind == "image/gif":
        return _into_gif(data, comment, xmp.encode())
    if kind == "image/avif":
        return into_avif(data, comment, xmp.encode())
    raise PictureError(
        phrase("export.no_metadata", value=kind or "unknown"),
        remedy=phrase("export.metadata_kinds"),
    )


def has_c2pa(data: bytes) -> bool:
    """Return whether a picture has Content Credentials, which any change would invalidate.

    They are a ``caBX`` chunk in PNG, APP11 segments with JUMBF boxes in JPEG, a ``C2PA`` chunk in
    WebP, a ``C2PA_GIF`` extension in GIF (C2PA specification, embedding manifests).
    """
    kind = sniff(data[:512])
    if kind == "image/png":
        return any(name == b"caBX" for name, _, _ in _png_chunks(data))
    if kind == "image/jpeg":
        return any(
            marker == 0xEB and b"jumb" in data[begin + 4 : min(begin + 68, end)]
            for marker, begin, end in _segments(data)
        )
    if kind == "image/webp":
        return any(name == b"C2PA" for name, _ in _webp_chunks(data))
    if kind == "image/gif":
        return b"\x21\xff\x0bC2PA_GIF" in data
    return kind == "image/avif" and b"jumb" in data[: 1 << 20]


def texts_of(data: bytes) -> dict[str, str]:
    """Read a picture's texts by keyword: PNG texts, comments (``UserComment``) and XMP.

    Damaged or hostile files never raise; the readable part is returned.
    """
    kind = identify(data[:512])
    texts: dict[str, str] = {}
    try:
        if kind == "image/png":
            left = _MAX_TEXTS
            for name, begin, end in _png_chunks(data):
                if name in (b"tEXt", b"iTXt", b"zTXt"):
                    keyword, text = _png_text(name, data[begin + 8 : end - 4])
                    texts.setdefault(keyword, text)
                    left -= len(text)
                    if left < 0:
                        break
                elif name == b"eXIf":
                    texts = exif_texts(data[begin + 8 : end - 4]) | texts
        elif kind == "image/jpeg":
            for marker, begin, end in _segments(data):
                body = data[begin + 4 : end]
                if marker == 0xE1 and body.startswith(_XMP_SEGMENT):
                    texts[XMP_KEYWORD] = body[len(_XMP_SEGMENT) :].decode("utf-8", "replace")
                elif marker == 0xE1 and body.startswith(_EXIF_SEGMENT):
                    texts |= exif_texts(body[len(_EXIF_SEGMENT) :])
                elif marker == 0xED and body.startswith(_PHOTOSHOP):
                    texts.setdefault("ImageDescription", _caption(body[len(_PHOTOSHOP) :]))
                elif marker == _COMMENT_SEGMENT:
                    texts.setdefault("Comment", body[:_MAX_TEXT].decode("utf-8", "replace"))
        elif kind == "image/webp":
            for name, body in _webp_chunks(data):
                if name == b"XMP ":
                    texts[XMP_KEYWORD] = body[:_MAX_TEXT].decode("utf-8", "replace")
                elif name == b"EXIF":
                    texts |= exif_texts(body.removeprefix(_EXIF_SEGMENT))
        elif kind == "image/gif":
            for name, body, _, _ in _gif_extensions(data):
                keyword = XMP_KEYWORD if name == b"XMP" else "UserComment"
                texts.setdefault(keyword, body[:_MAX_TEXT].decode("utf-8", "replace"))
        elif kind in ("image/avif", "image/heic"):
            texts = avif_texts(data)
        elif kind == "image/jxl":
            texts = jxl_texts(data)
        elif kind == "image/tiff":
            # The file is one such block.
            texts = exif_texts(data)
    except (struct.error, ValueError, IndexError, zlib.error):
        return texts
    return {keyword: text for keyword, text in texts.items() if text}


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the names of a PNG's chunks, with their position."""
    at, last = len(_PNG), len(data) - 12
    while at <= last:
        length, name = _PNG_CHUNK.unpack_from(data, at)
        end = at + 12 + length
        if end > len(data):
            return
        yield name, at, end
        at = end


def _png_text(name: bytes, body: bytes) -> tuple[str, str]:
    keyword, _, rest = body.partition(b"\x00")
    if name == b"tEXt":
        return keyword.decode("latin-1"), _latin(rest[:_MAX_TEXT])
    if name == b"zTXt":
        return keyword.decode("latin-1"), _latin(_inflate(rest[1:]))
    packed, rest = rest[0], rest[2:]
    _, _, rest = rest.partition(b"\x00")
    _, _, text = rest.partition(b"\x00")
    text = _inflate(text) if packed else text[:_MAX_TEXT]
    return keyword.decode("latin-1"), text.decode("utf-8", "replace")


def _latin(text: bytes) -> str:
    """Decode Latin-1, as the standard requires, or UTF-8, as many programs write."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _inflate(data: bytes) -> bytes:
    """Decompress up to the limit of a text: a chunk may be a bomb."""
    return zlib.decompressobj().decompress(data, _MAX_TEXT)


def _into_png(data: bytes, texts: Mapping[str, str]) -> bytes:
    # Uncompressed: some readers skip the flag and read packed bytes as text.
    chunks = [
        png_chunk(b"iTXt", keyword.encode("latin-1") + bytes(5) + text.encode())
        for keyword, text in texts.items()
        if text
    ]
    view, rest = memoryview(data), len(_PNG) + 25
    parts = list[bytes | memoryview]([view[:rest], *chunks])
    if XMP_KEYWORD in texts:
        named = XMP_KEYWORD.encode() + b"\x00"
        for name, begin, end in _png_chunks(data):
            if name == b"iTXt" and data.startswith(named, begin + 8):
                parts.append(view[rest:begin])
                rest = end
    return b"".join([*parts, view[rest:]])


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the markers before a JPEG's picture, with the position of their segments."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        if data[at + 1] == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        yield data[at + 1], at, at + 2 + max(length, 2)
        at += 2 + max(length, 2)


def _caption(resources: bytes) -> str:
    """Read IPTC's caption from Photoshop's fields; empty without one."""
    at = resources.find(_IIM)
    if at < 0:
        return ""
    # A name, padded to an even length, and how long the field is.
    begin = at + 6 + ((resources[at + 6] + 2) & ~1)
    (length,) = struct.unpack_from(">I", resources, begin)
    fields = resources[begin + 4 : begin + 4 + length]
    at = 0
    while at + 5 <= len(fields) and fields[at] == 0x1C:
        (length,) = struct.unpack_from(">H", fields, at + 3)
        if fields.startswith(_CAPTION, at):
            return fields[at + 5 : at + 5 + length].decode("utf-8", "replace")
        at += 5 + length
    return ""


def _into_jpeg(data: bytes, comment: str, xmp: bytes) -> bytes:
    # JFIF wants its APP0 to be the first segment.
    start = 4 + struct.unpack_from(">H", data, 4)[0] if data[2:4] == b"\xff\xe0" else 2
    block, remaining, rest = b"", [], start
    for marker, begin, end in _segments(data):
        is_xmp = data.startswith(_XMP_SEGMENT, begin + 4)
        is_exif = bool(comment) and data.startswith(_EXIF_SEGMENT, begin + 4)
        if marker == 0xE1 and (is_xmp or is_exif):
            block = block or (data[begin + 4 + len(_EXIF_SEGMENT) : end] if is_exif else b"")
            remaining.append(data[rest:begin])
            rest = end
    size = dimensions(data)
    parts = [_EXIF_SEGMENT + exif(comment, block, size=size)] if comment else []
    parts.append(_XMP_SEGMENT + xmp)
    for part in parts:
        if len(part) > _MAX_SEGMENT:
            raise PictureError(phrase("export.jpeg_limit"))
    segments = (b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in parts)
    return data[:start] + b"".join([*segments, *remaining, data[rest:]])


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        yield data[at : at + 4], data[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)


def _into_webp(data: bytes, comment: str, xmp: bytes) -> bytes:
    chunks = [(name, body) for name, body in _webp_chunks(data) if name != b"XMP "]
    width, height = dimensions(data[:64])
    flags = 0x04
    if chunks and chunks[0][0] == b"VP8X":
        flags |= chunks.pop(0)[1][0]
    elif chunks and chunks[0][0] == b"VP8L" and chunks[0][1][4] & 0x10:
        flags |= 0x10
    if comment:
        flags |= 0x08
        block = next((body for name, body in chunks if name == b"EXIF"), b"")
        chunks = [chunk for chunk in chunks if chunk[0] != b"EXIF"]
        chunks.append((b"EXIF", exif(comment, block.removeprefix(_EXIF_SEGMENT))))
    extended = bytes([flags, 0, 0, 0])
    extended += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    whole = [(b"VP8X", extended), *chunks, (b"XMP ", xmp)]
    body = b"".join(
        name + struct.pack("<I", len(part)) + part + b"\x00" * (len(part) & 1)
        for name, part in whole
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _gif_start(data: bytes) -> int:
    """Return where a GIF's blocks begin, after its header and colour table."""
    return 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)


def _gif_extensions(data: bytes) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Yield the comments and XMP before a GIF's first picture, with their position."""
    at = _gif_start(data)
    while data[at] == 0x21:
        start, parts = at + 2, []
        if data.startswith(_GIF_XMP, at):
            begin, end = at + len(_GIF_XMP), data.find(_GIF_XMP_END, at)
            if end < 0:
                return
            start = end + len(_GIF_XMP_END) - 1
            yield b"XMP", data[begin:end], at, start + 1
        while size := data[start]:
            parts.append(data[start + 1 : start + 1 + size])
            start += 1 + size
        if data[at + 1] == 0xFE:
            yield b"", b"".join(parts), at, start + 1
        at = start + 1


def _into_gif(data: bytes, comment: str, xmp: bytes) -> bytes:
    at = _gif_start(data)
    # Old decoders look for this one first: how often a film is shown.
    if data.startswith(b"\x21\xff\x0bNETSCAPE2.0", at):
        at += 19
    text = comment.encode()
    blocks = [text[begin : begin + 255] for begin in range(0, len(text), 255)]
    packet = b"".join(bytes([len(block)]) + block for block in blocks)
    written = b"\x21\xfe" + packet + b"\x00" if comment else b""
    written += _GIF_XMP + xmp + _GIF_XMP_END
    parts, rest = [], at
    for name, _, begin, end in _gif_extensions(data):
        if name == b"XMP" and begin >= rest:
            parts.append(data[rest:begin])
            rest = end
    # Extensions came with the version of 1989.
    return b"GIF89a" + data[6:at] + b"".join([written, *parts, data[rest:]])
