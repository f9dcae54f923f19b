"""Read and write metadata in AVIF: items of its ``meta`` box, as libavif expects.

Sources: ISO/IEC 14496-12 (``iinf``, ``iloc``, ``iref``) and the HEIF standard (Exif and XMP items,
bound to the picture by a ``cdsc`` reference).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import msgspec

from nbext.errors import PictureError
from nbext.export.metadata.exif import exif, exif_texts
from nbext.export.metadata.xmp import XMP_KEYWORD
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_TEXT = 4 * 1024 * 1024
# Of all texts of a file: thousands of items may consist of the same bytes.
_MAX_TEXTS = 16 * 1024 * 1024
# Where XMP stands in other files of this family, and where nbext once wrote it.
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_XMP_TYPE = b"application/rdf+xml"
_MAX_ID = 0xFFFF
_MAX_OFFSET = 0xFFFFFFFF
# How an extent counts: from the start of the file, or in the ``idat`` box.
_IN_FILE, _IN_IDAT = 0, 1
# Stands for the box that is put behind the others: its extents count from the start of that.
_NEW = -1


class _Item(msgspec.Struct):
    """A part of the file: its type and the location of its bytes.

    Attributes:
        kind: Its type, such as ``av01``, ``Exif`` or ``mime``.
        content_type: The media type of a ``mime`` item.
        method: How its extents count.
        reference: Which file it is in; 0 is this one.
        extents: The start and the length of each piece; absolute where it is in the file.
    """

    kind: bytes = b""
    content_type: bytes = b""
    method: int = _IN_FILE
    reference: int = 0
    extents: list[tuple[int, int]] = []


def avif_texts(data: bytes) -> dict[str, str]:
    """Read the XMP packet and the Exif texts of an AVIF.

    Raises:
        ValueError: A box is broken; also ``struct.error`` and ``IndexError``.
    """
    texts: dict[str, str] = {}
    left = _MAX_TEXTS
    for name, begin, end in boxes(data):
        if name == b"uuid" and data.startswith(_XMP_BOX, begin):
            packet = data[begin + len(_XMP_BOX) : min(end, begin + _MAX_TEXT)]
            texts[XMP_KEYWORD] = packet.decode("utf-8", "replace")
        elif name == b"meta":
            for item in _items(data, begin, end).values():
                if left < 0 or not (item.content_type == _XMP_TYPE or item.kind == b"Exif"):
                    continue
                content = _content(data, item, begin, end)
                left -= len(content)
                if item.content_type == _XMP_TYPE:
                    texts[XMP_KEYWORD] = content.decode("utf-8", "replace")
                else:
                    texts |= exif_texts(_tiff(content))
    return texts


def jxl_texts(data: bytes) -> dict[str, str]:
    """Read the XMP packet and the Exif texts of a JPEG XL, if they are not packed.

    Raises:
        ValueError: A box is broken; also ``struct.error`` and ``IndexError``.
    """
    texts: dict[str, str] = {}
    for name, begin, end in boxes(data):
        body = data[begin : min(end, begin + _MAX_TEXT)]
        if name == b"xml ":
            texts[XMP_KEYWORD] = body.decode("utf-8", "replace")
        elif name == b"Exif":
            texts |= exif_texts(_tiff(body))
    return texts


def into_avif(data: bytes, comment: str, xmp: bytes) -> bytes:
    """Write a comment and a packet into a copy, replacing existing ones.

    The contents go to the end; the ``meta`` box grows, so that what points behind it is moved.

    Args:
        data: The AVIF.
        comment: The Exif ``UserComment``; empty for none.
        xmp: The XMP packet.

    Raises:
        PictureError: The file is built in a way that leaves no room for more.
    """
    parts, whole, meta = data, 0, (0, 0, 0)
    for name, begin, end in boxes(data):
        if name == b"meta":
            meta = whole, begin, end
        if name == b"uuid" and data.startswith(_XMP_BOX, begin):
            parts = parts[: begin - 4] + b"free" + parts[begin:]
        whole = end
    _, begin, end = meta
    if whole != len(data) or not end:
        # The last box may go on to the end without saying how long it is.
        raise PictureError(phrase("export.avif_boxes"))
    items = _items(parts, begin, end)
    payload = b""
    fresh: set[int] = set()
    for kind, content_type in ((b"Exif", b""), (b"mime", _XMP_TYPE)):
        if kind == b"Exif" and not comment:
            continue
        same = (n for n, i in items.items() if (i.kind, i.content_type) == (kind, content_type))
        number = next(same, None)
        content = xmp
        if kind == b"Exif":
            block = _tiff(_content(parts, items[number], begin, end)) if number else b""
            content = b"\0\0\0\0" + exif(comment, block)
        if number is None:
            number = max(items) + 1
            fresh.add(number)
        place = [(len(payload), len(content))]
        items[number] = _Item(kind, content_type, reference=_NEW, extents=place)
        payload += content
    return _assembled(parts, items, fresh, payload, meta)


def _assembled(
    data: bytes, items: Mapping[int, _Item], fresh: set[int], payload: bytes, meta: tuple[int, ...]
) -> bytes:
    """Write the file with other items; ``payload`` goes to a box at the end."""
    start, begin, end = meta
    if max(items) > _MAX_ID:
        raise PictureError(phrase("export.avif_items"))
    # The size of the new box does not depend on where things are: it is written twice.
    size = len(_meta(data, begin, end, items, fresh, 0, 0))
    moved = size - (end - start)
    behind = len(data) + moved + 8
    if behind + len(payload) > _MAX_OFFSET:
        raise PictureError(phrase("export.avif_large"))
    box = _meta(data, begin, end, items, fresh, moved, behind)
    rest = bytearray(data[end:])
    _move_chunks(rest, moved, end)
    return data[:start] + box + bytes(rest) + _box(b"mdat", payload)


def _meta(
    data: bytes, begin: int, end: int, items: Mapping[int, _Item], fresh: set[int],
    moved: int, behind: int,
) -> bytes:  # fmt: skip
    """Write a ``meta`` box with changed lists of items and everything else unchanged."""
    body = data[begin : begin + 4]
    primary, has_references = 0, False
    for name, first, last in boxes(data, begin + 4, end):
        if name == b"pitm":
            primary = _number(data, first + 4, last - first - 4)
    for name, first, last in boxes(data, begin + 4, end):
        content = data[first:last]
        if name == b"iinf":
            content = _listed(content, items, fresh)
        elif name == b"iloc":
            content = _located(items, end, moved, behind)
        elif name == b"iref":
            has_references = True
            content += b"".join(_reference(n, primary, wide=content[0] > 0) for n in sorted(fresh))
        body += _box(name, content)
    if not has_references and fresh:
        references = b"".join(_reference(n, primary, wide=False) for n in sorted(fresh))
        body += _box(b"iref", b"\0\0\0\0" + references)
    return _box(b"meta", body)


def _listed(content: bytes, items: Mapping[int, _Item], fresh: set[int]) -> bytes:
    size = 2 if content[0] == 0 else 4
    count = _number(content, 4, size) + len(fresh)
    entries = b"".join(
        _box(
            b"infe",
            # Hidden: it is no picture to show.
            struct.pack(">IHH4s", 0x02000001, number, 0, items[number].kind)
            + b"\0"
            + (items[number].content_type + b"\0" if items[number].content_type else b""),
        )
        for number in sorted(fresh)
    )
    return content[:4] + count.to_bytes(size) + content[4 + size :] + entries


def _located(items: Mapping[int, _Item], end: int, moved: int, behind: int) -> bytes:
    """Write the locations of the items, shifted behind the ``meta`` box."""
    located = {number: item for number, item in items.items() if item.extents}
    body = struct.pack(">IBBH", 0x01000000, 0x44, 0x00, len(located))
    for number, item in located.items():
        ours = item.reference == _NEW
        body += struct.pack(
            ">HHHH", number, item.method, 0 if ours else item.reference, len(item.extents)
        )
        for offset, length in item.extents:
            at = offset + behind if ours else offset
            if not ours and item.method == _IN_FILE and offset >= end:
                at += moved
            body += struct.pack(">II", at, length)
    return body


def _reference(number: int, primary: int, *, wide: bool) -> bytes:
    return _box(b"cdsc", struct.pack(">IHI" if wide else ">HHH", number, 1, primary))


def _move_chunks(rest: bytearray, moved: int, behind: int) -> None:
    """Shift the offsets in the tracks of an animation."""
    stack = [(0, len(rest))]
    while stack:
        for name, begin, end in boxes(bytes(rest), *stack.pop()):
            if name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
                stack.append((begin, end))
            elif name in (b"stco", b"co64"):
                form, size = (">I", 4) if name == b"stco" else (">Q", 8)
                for at in range(begin + 8, end - size + 1, size):
                    (offset,) = struct.unpack_from(form, rest, at)
                    struct.pack_into(form, rest, at, offset + (moved if offset >= behind else 0))
            elif name == b"meta":
                _move_items(rest, begin, end, moved, behind)


def _move_items(rest: bytearray, begin: int, end: int, moved: int, behind: int) -> None:
    """Shift the offsets of a track in place; raise an error if they do not fit."""
    track = bytes(rest)
    items = _items(track, begin, end)
    for name, first, last in boxes(track, begin + 4, end):
        if name != b"iloc":
            continue
        if track[first + 4] != 0x44 or track[first + 5] >> 4 or track[first] > 1:
            raise PictureError(phrase("export.avif_fixed"))
        at = first + 8
        while at < last:
            at += 6 if track[first] else 4
            (count,) = struct.unpack_from(">H", track, at)
            at += 2
            for _ in range(count):
                (offset,) = struct.unpack_from(">I", track, at)
                in_file = all(item.method == _IN_FILE for item in items.values())
                struct.pack_into(
                    ">I", rest, at, offset + (moved if in_file and offset >= behind else 0)
                )
                at += 8


def _items(data: bytes, begin: int, end: int) -> dict[int, _Item]:
    """Read the items of a ``meta`` box, by id."""
    items: dict[int, _Item] = {}
    for name, first, last in boxes(data, begin + 4, end):
        if name == b"iinf":
            count = 2 if data[first] == 0 else 4
            for kind, entry, until in boxes(data, first + 4 + count, last):
                if kind == b"infe" and data[entry] >= 2:
                    number, item = _entry(data[entry:until])
                    items.setdefault(number, _Item()).kind = item.kind
                    items[number].content_type = item.content_type
        elif name == b"iloc":
            for number, place in _places(data[first:last]):
                item = items.setdefault(number, _Item())
                item.method, item.reference, item.extents = (
                    place.method,
                    place.reference,
                    place.extents,
                )
    return items


def _entry(content: bytes) -> tuple[int, _Item]:
    size = 2 if content[0] == 2 else 4
    at = 4 + size + 2
    kind = content[at : at + 4]
    texts = content[at + 4 :].split(b"\0")
    return _number(content, 4, size), _Item(
        kind, texts[1] if kind == b"mime" and len(texts) > 1 else b""
    )


def _places(content: bytes) -> Iterator[tuple[int, _Item]]:
    version = content[0]
    if version > 2:
        raise ValueError("an unknown list of places")
    offset_size, length_size = content[4] >> 4, content[4] & 15
    base_size, index_size = content[5] >> 4, content[5] & 15 if version else 0
    wide = 4 if version == 2 else 2
    at = 6 + wide
    for _ in range(_number(content, 6, wide)):
        number, at = _number(content, at, wide), at + wide
        method = 0
        if version:
            method, at = _number(content, at, 2) & 15, at + 2
        reference, at = _number(content, at, 2), at + 2
        base, at = _number(content, at, base_size), at + base_size
        count, at = _number(content, at, 2), at + 2
        extents = []
        for _ in range(count):
            at += index_size
            offset, at = _number(content, at, offset_size), at + offset_size
            length, at = _number(content, at, length_size), at + length_size
            extents.append((base + offset, length))
        if method > _IN_IDAT:
            raise ValueError("an item that is made of others")
        yield number, _Item(method=method, reference=reference, extents=extents)


def _content(data: bytes, item: _Item, begin: int, end: int) -> bytes:
    start = 0
    if item.method == _IN_IDAT:
        start = next(
            (first for name, first, _ in boxes(data, begin + 4, end) if name == b"idat"), 0
        )
    content = bytearray()
    for offset, length in item.extents:
        left = _MAX_TEXT - len(content)
        if left <= 0:
            break
        content += data[start + offset : start + offset + min(length or left, left)]
    return bytes(content)


def _tiff(content: bytes) -> bytes:
    """Return the TIFF block of an Exif item, which begins with its own offset."""
    return content[4 + _number(content, 0, 4) :]


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise ValueError("a box ends too soon")
    return int.from_bytes(data[at : at + size])


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def boxes(data: bytes, at: int = 0, until: int = -1) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes in a part of a file, with the position of their content."""
    until = len(data) if until < 0 else until
    while at + 8 <= until:
        (size,) = struct.unpack_from(">I", data, at)
        begin = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, begin)
            begin += 8
        end = at + size
        if not begin <= end <= until:
            return
        yield data[at + 4 : at + 8], begin, end
        at = end
