"""Read and write the comment in an Exif block.

Source: TIFF 6.0 (image file directories) and Exif 2.32 (``UserComment``).
"""

from __future__ import annotations

import struct
from contextlib import suppress

_EXIF_IFD = 0x8769
# Directories in directories: Exif, GPS, interoperability.
_INNER_IFDS = (_EXIF_IFD, 0x8825, 0xA005)
# A camera's own notes, which may follow the block's byte order in a way that only it knows.
_MAKER_NOTE = 0x927C
_USER_COMMENT = 0x9286
# The comment that Windows shows, in UTF-16.
_XP_COMMENT = 0x9C9C
_TEXTS = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    _USER_COMMENT: "UserComment",
    _XP_COMMENT: "XPComment",
}
# What a reader looks at: a comment is text, not a hiding place.
_MAX_TEXT = 4 * 1024 * 1024
_MAX_ENTRIES = 512
_SRGB = 1
# The bytes of a value's parts, by the type of the entry: a fraction has two of four bytes.
_PART = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 1, 7: 1, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4}
_PARTS = {5: 2, 10: 2}
# What the first directory of a JPEG has to have: 72 pixels an inch, as JFIF's default is, and where
# the samples of colour are. The resolutions stand in front of the directory.
_EMPTY_JPEG = b"".join(
    (
        b"MM\x00\x2a" + struct.pack(">IIIIIH", 24, 72, 1, 72, 1, 4),
        struct.pack(">HHII", 0x011A, 5, 1, 8),
        struct.pack(">HHII", 0x011B, 5, 1, 16),
        struct.pack(">HHIHH", 0x0128, 3, 1, 2, 0),
        struct.pack(">HHIHH", 0x0213, 3, 1, 1, 0),
        struct.pack(">I", 0),
    )
)
_EMPTY = b"MM\x00\x2a" + struct.pack(">IHI", 8, 0, 0)


def exif(comment: str, block: bytes = b"", *, size: tuple[int, int] | None = None) -> bytes:
    """Write a ``UserComment`` into a TIFF block, as type UNDEFINED with a UNICODE prefix.

    Readers that go by the type (piexif, and what is built on it) fail on any other.

    Args:
        comment: The text.
        block: What is there already: its fields, such as how the picture is turned, stay where
            they are. A broken one is replaced.
        size: Width and height of a JPEG, in pixels. Directories that are new there get the fields
            that Exif demands of a JPEG.
    """
    with suppress(struct.error, ValueError):
        return _put(comment, block, size)
    return _put(comment, _EMPTY if size is None else _EMPTY_JPEG, size)


def _required(order: str, size: tuple[int, int]) -> dict[int, bytes]:
    """Return the entries that a JPEG's second directory must have."""
    entries = {
        tag: struct.pack(f"{order}HHI4s", tag, 7, 4, value)
        # Exif 2.32; Y, Cb and Cr in this order; Flashpix 1.0.
        for tag, value in ((0x9000, b"0232"), (0x9101, b"\x01\x02\x03\x00"), (0xA000, b"0100"))
    }
    entries[0xA001] = struct.pack(f"{order}HHIHH", 0xA001, 3, 1, _SRGB, 0)
    for tag, pixels in zip((0xA002, 0xA003), size, strict=True):
        entries[tag] = struct.pack(f"{order}HHII", tag, 4, 1, pixels)
    return entries


def _put(comment: str, block: bytes, size: tuple[int, int] | None) -> bytes:
    # Readers built on piexif want the comment big-endian, and exiftool in the block's order.
    with suppress(struct.error, ValueError):
        block = big_endian(block)
    order = _order(block)
    (first,) = struct.unpack_from(f"{order}I", block, 4)
    main, following = _directory(block, order, first)
    pointer = main.get(_EXIF_IFD)
    inner: dict[int, bytes] = {}
    inner_following = 0
    if pointer is None and size is not None:
        inner = _required(order, size)
    if pointer is not None:
        inner, inner_following = _directory(
            block, order, struct.unpack(f"{order}I", pointer[8:])[0]
        )
    value = b"UNICODE\x00" + comment.encode("utf-16-be")
    block += b"\x00" * (len(block) & 1)
    # Directories that replace the two go to the end: nothing that is there moves.
    at_main = len(block)
    at_inner = at_main + 6 + 12 * len(main.keys() | {_EXIF_IFD})
    at_value = at_inner + 6 + 12 * len(inner.keys() | {_USER_COMMENT})
    main[_EXIF_IFD] = struct.pack(f"{order}HHII", _EXIF_IFD, 4, 1, at_inner)
    inner[_USER_COMMENT] = struct.pack(f"{order}HHII", _USER_COMMENT, 7, len(value), at_value)
    written = block[:4] + struct.pack(f"{order}I", at_main) + block[8:]
    for entries, next_ in ((main, following), (inner, inner_following)):
        written += struct.pack(f"{order}H", len(entries))
        written += b"".join(entries[tag] for tag in sorted(entries))
        written += struct.pack(f"{order}I", next_)
    return written + value


class _Turned:
    """A copy of a TIFF block, in which the bytes of numbers are reversed.

    Args:
        block: The block.
    """

    def __init__(self, block: bytes) -> None:
        self.block = bytearray(block)
        self._done = bytearray(len(block))

    def turn(self, at: int, width: int, count: int = 1) -> None:
        """Reverse each of several numbers in a row.

        Raises:
            ValueError: They are not in the block, or were reversed before.
        """
        end = at + width * count
        if end > len(self.block) or any(self._done[at:end]):
            raise ValueError("torn block")
        self._done[at:end] = b"\x01" * (end - at)
        for start in range(at, end, width) if width > 1 else ():
            self.block[start : start + width] = self.block[start : start + width][::-1]


def big_endian(block: bytes) -> bytes:
    """Turn a TIFF block from little-endian to big-endian; nothing in it moves.

    Raises:
        ValueError: It cannot be turned: it has a camera's notes, or fields of unknown types.
        struct.error: It is torn.
    """
    if _order(block) == ">":
        return block
    turned = _Turned(block)
    turned.block[:4] = b"MM\x00\x2a"
    turned.turn(4, 4)
    waiting = [struct.unpack_from("<I", block, 4)[0]]
    known = {0}
    while waiting:
        at = waiting.pop()
        if at in known:
            continue
        known.add(at)
        entries, following = _directory(block, "<", at)
        if _MAKER_NOTE in entries:
            raise ValueError("camera notes")
        (number,) = struct.unpack_from("<H", block, at)
        turned.turn(at, 2)
        turned.turn(at + 2 + 12 * number, 4)
        waiting.append(following)
        for place in range(at + 2, at + 2 + 12 * number, 12):
            waiting += _turn_entry(turned, block, place)
    return bytes(turned.block)


def _turn_entry(turned: _Turned, block: bytes, place: int) -> list[int]:
    """Turn an entry and its value; give the place of the directory that it points to."""
    tag, type_, count, value = struct.unpack_from("<HHII", block, place)
    width, parts = _PART.get(type_, 0), count * _PARTS.get(type_, 1)
    if not width:
        raise ValueError("unknown type")
    turned.turn(place, 2)
    turned.turn(place + 2, 2)
    turned.turn(place + 4, 4)
    inside = width * parts <= 4
    if not inside:
        turned.turn(place + 8, 4)
    turned.turn(place + 8 if inside else value, width, parts)
    return [value] if tag in _INNER_IFDS else []


def _order(block: bytes) -> str:
    order = {b"MM": ">", b"II": "<"}.get(block[:2])
    if order is None:
        raise ValueError("no TIFF block")
    return order


def _directory(block: bytes, order: str, at: int) -> tuple[dict[int, bytes], int]:
    """Read a directory's entries by tag, and the position of the next directory."""
    (number,) = struct.unpack_from(f"{order}H", block, at)
    if number > _MAX_ENTRIES:
        raise ValueError("no directory")
    entries: dict[int, bytes] = {}
    for place in range(at + 2, at + 2 + 12 * number, 12):
        (tag,) = struct.unpack_from(f"{order}H", block, place)
        entries.setdefault(tag, block[place : place + 12])
    return entries, struct.unpack_from(f"{order}I", block, at + 2 + 12 * number)[0]


def exif_texts(block: bytes) -> dict[str, str]:
    """Read the texts of a TIFF block in either byte order, by their Exif names."""
    texts: dict[str, str] = {}
    with suppress(struct.error, ValueError):
        order = _order(block)
        (at,) = struct.unpack_from(f"{order}I", block, 4)
        main, _ = _directory(block, order, at)
        inner: dict[int, bytes] = {}
        if _EXIF_IFD in main:
            with suppress(struct.error, ValueError):
                inner, _ = _directory(
                    block, order, struct.unpack(f"{order}I", main[_EXIF_IFD][8:])[0]
                )
        # Some programs write the comment into the first directory, where it does not belong.
        for tag, entry in (main | inner).items():
            if tag in _TEXTS:
                value = _value(block, order, entry)
                text = (
                    value.decode("utf-16-le", "replace").strip("\x00 ")
                    if tag == _XP_COMMENT
                    else _text(value, order, marked=tag == _USER_COMMENT)
                )
                texts |= {_TEXTS[tag]: text} if text else {}
    return texts


def _value(block: bytes, order: str, entry: bytes) -> bytes:
    """Return an entry's bytes; up to four are stored in the entry itself."""
    count, at = struct.unpack(f"{order}II", entry[4:])
    if count <= 4:
        return entry[8 : 8 + count]
    return block[at : at + min(count, _MAX_TEXT)]


def _text(value: bytes, order: str, *, marked: bool) -> str:
    mark, body = value[:8], value[8:]
    if marked and mark == b"UNICODE\x00":
        # The Exif standard leaves the order open; A1111 writes big-endian, others the block's own.
        zeros_first = sum(byte == 0 for byte in body[0:200:2])
        zeros_second = sum(byte == 0 for byte in body[1:200:2])
        little = zeros_second > zeros_first or (zeros_second == zeros_first and order == "<")
        text = body.decode("utf-16-le" if little else "utf-16-be", "replace")
        return text.lstrip("\ufeff").rstrip("\x00")
    if marked and (mark[:5] == b"ASCII" or mark == b"\0" * 8):
        value = body
    return value.decode("utf-8", "replace").strip("\x00 ")
