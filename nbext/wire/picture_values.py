"""Pictures in JSON values: in any field, as base64, as bytes, in pieces, or by address.

Everything here takes time linear in the value and never raises.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pybase64

from nbext.data.picture import identify
from nbext.util.pattern import pattern
from nbext.wire.base64_stream import is_wrapped
from nbext.wire.urls import is_address

# The bytes that tell whether a list of numbers is a picture.
_LEAST_BYTES = 16
# Fields with a picture, in order of preference: later ones repeat the same picture.
# Case and underscores are ignored.
_PLACES = (
    "inline_data",
    "source",
    "output_image",
    "original",
    "original_url",
    "image_url",
    "image_urls",
    "image",
    "b64_json",
    "image_base64",
    "image_base64_data",
    "image_data_uri",
    "binary_data_base64",
    "image_file",
    "url",
    "urls",
    "uri",
    "src",
    "base64",
    "b64",
    "blob",
    "file_data",
    "bytesBase64Encoded",
    "data",
    "images",
    "generated_images",
    "result",
    "results",
    "resource",
    "file",
    "file_url",
    "sample",
    "assets",
    "artifacts",
    "svg",
    "bytes",
    "hex",
    "output",
    "outputs",
    "predictions",
    "provider_specific_fields",
    "chunks",
    "pieces",
    "parts",
    "filepath",
)
_PICTURE_KEYS = tuple(key.replace("_", "").lower() for key in _PLACES)
# The pieces of one picture: only base64, following one without an end.
_PIECE = pattern(r"[A-Za-z0-9+/_=\s-]{1,}\Z")
_UNFINISHED = pattern(r"nbext-open:[0-9a-f]{16}:\d{1,9};\Z")
_BEGINNING = pattern(
    r"(?:data:[\w/.+-]{0,80};base64,)?(?:iVBOR|/9j/|R0lGOD|UklGR)[A-Za-z0-9+/_=-]{0,200}\Z"
    r"|data:[\w/.+-]{0,80};base64,[A-Za-z0-9+/_=-]{0,20}\Z"
)
_ORDER_KEYS = ("index", "seq", "sequence", "order", "number", "chunk", "part", "i", "n")
_FILE_ID = pattern(r"[\w.-]{6,100}")
_BASE64 = pattern(r"[A-Za-z0-9+/_=\s-]{64,}\Z")


def is_picture_text(text: str) -> bool:
    """Return whether a text is an address, a data URI, base64, or a placeholder for a picture."""
    text = text.strip()
    if text.startswith(("nbext-", "base64:")) or text[:5].lower() == "data:":
        return True
    if text[:5] in ("<svg ", "<?xml") and text.endswith("</svg>"):
        return True
    return is_address(text) or _BASE64.match(text[:4096]) is not None or is_wrapped(text)


def picture_bytes(value: list[Any]) -> bytes:
    """Return a picture written as a list of its bytes; empty for any other list.

    Example:
        >>> picture_bytes(list(b"GIF89a" + bytes(20)))[:6], picture_bytes([1, 2, 3])
        (b'GIF89a', b'')
    """
    if len(value) < _LEAST_BYTES or not all(_is_byte(item) for item in value[:_LEAST_BYTES]):
        return b""
    if not identify(bytes(value[:_LEAST_BYTES])) or not all(map(_is_byte, value)):
        return b""
    return bytes(value)


def _numbered_bytes(value: dict[str, Any]) -> bytes:
    """Return a picture written as an object with the position of each byte as its key."""
    if len(value) < _LEAST_BYTES or "0" not in value or not all(map(str.isdecimal, value)):
        return b""
    return picture_bytes(list(value.values()))


def _is_byte(item: Any) -> bool:
    return type(item) is int and 0 <= item <= 255


def is_piece(text: str) -> bool:
    """Return whether a text may be the rest of a picture in base64."""
    return _PIECE.match(text) is not None


def piece_in_value(value: Any, *, depth: int = 0) -> str:
    """Return the only text of a value that may be the rest of a picture, or ""."""
    if isinstance(value, str):
        return value if is_piece(value) else ""
    if isinstance(value, list) and len(value) == 1 and depth < 6:
        return piece_in_value(value[0], depth=depth + 1)
    fields = _fields(value) if isinstance(value, dict) and depth < 6 else {}
    pieces = (
        piece_in_value(fields[key], depth=depth + 1) for key in _PICTURE_KEYS if key in fields
    )
    return next(filter(None, pieces), "")


def joined_pieces(value: list[Any] | dict[str, Any]) -> str:
    """Join a picture written as a list of pieces of base64; "" for any other value.

    Args:
        value: Texts, or objects with one text each; or an object with numbers as keys.

    Example:
        >>> joined_pieces([{"seq": 1, "b64": "Qg=="}, {"seq": 0, "b64": "iVBORw0KGgoA"}])
        'iVBORw0KGgoAQg=='
        >>> joined_pieces(["a", "b"])
        ''
    """
    if isinstance(value, dict):
        value = list(value.values()) if all(key.isdecimal() for key in value) else []
    if len(value) < 2:
        return ""
    if isinstance(value[0], dict):
        items = _in_order(value)
        key = _key_of_piece(items[0])
        value = [item.get(key) if isinstance(item, dict) else None for item in items]
    first, *others = value
    if not isinstance(first, str) or not _lacks_end(first):
        return ""
    if not all(isinstance(item, str) and is_piece(item) for item in others):
        return ""
    return first + "".join(re.sub(r"\s+", "", item) for item in others)


def _lacks_end(text: str) -> bool:
    """Return whether a text is the start of a picture in base64, but incomplete."""
    if _UNFINISHED.search(text, max(0, len(text) - 64)):
        return True
    return "nbext-" not in text and _BEGINNING.match(text) is not None


def _in_order(items: list[Any]) -> list[Any]:
    """Sort pieces by their numbers, if each has one."""
    for key in _ORDER_KEYS:
        if all(isinstance(item, dict) and type(item.get(key)) is int for item in items):
            return sorted(items, key=lambda item: int(item[key]))
    return items


def _key_of_piece(item: Any) -> str:
    """Return the field of an object in which a picture begins."""
    fields = item.items() if isinstance(item, dict) else ()
    return next((key for key, text in fields if isinstance(text, str) and _lacks_end(text)), "")


# The names of one picture's sizes, smallest first.
_SIZES = (
    ("thumb", "thumbnail", "tiny", "xs", "icon"),
    ("small", "preview", "sm", "low", "lowres"),
    ("medium", "md", "mid", "regular", "standard", "webformat"),
    ("large", "big", "lg", "hd", "high", "highres"),
    ("xl", "full", "fullsize", "fullres", "max", "original", "raw"),
)
_RANKS = {name: rank for rank, names in enumerate(_SIZES) for name in names}
_SMALLER = pattern(r"thumb(nail)?|preview|small|draft|poster|cover", re.IGNORECASE)
_KINDS = ("type", "kind", "role", "variant", "size", "label", "name")


def largest(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out the smaller copies of a picture whose sizes are an object's fields.

    Example:
        >>> largest({"small": "https://h/s.png", "large": "https://h/l.png", "id": 7})
        {'large': 'https://h/l.png', 'id': 7}
    """
    ranks = {
        key: _RANKS[plain]
        for key, item in value.items()
        if (plain := key[:40].replace("_", "").replace("-", "").lower()) in _RANKS
        and (isinstance(item, dict) or (isinstance(item, str) and is_picture_text(item)))
    }
    if len(ranks) < 2:
        return value
    best = max(ranks, key=lambda key: ranks[key])
    return {key: item for key, item in value.items() if key not in ranks or key == best}


def results_in_order(items: list[Any]) -> list[Any]:
    """Sort an answer's results by their index, and leave out those that are called smaller copies.

    Example:
        >>> results_in_order([{"index": 1, "url": "b"}, {"index": 0, "url": "a"}])
        [{'index': 0, 'url': 'a'}, {'index': 1, 'url': 'b'}]
        >>> results_in_order([{"type": "thumbnail", "url": "s"}, {"url": "a"}])
        [{'url': 'a'}]
    """
    if len(items) < 2 or not all(isinstance(item, dict) for item in items):
        return items
    originals = [item for item in items if not _is_smaller(item)] or items
    indices = [item.get("index") for item in originals]
    if all(type(index) is int for index in indices) and len(set(indices)) == len(indices):
        return sorted(originals, key=lambda item: int(item["index"]))
    return originals


def _is_smaller(item: dict[str, Any]) -> bool:
    names = (item.get(key) for key in _KINDS)
    return any(isinstance(name, str) and _SMALLER.fullmatch(name[:20]) for name in names)


def address_of_file(value: dict[str, Any], kind: str = "output") -> str:
    """Return the address of a file that a ComfyUI server names; "" for any other value.

    Args:
        value: The object that may name it.
        kind: ``output`` for a result, ``temp`` for a preview of one.

    Example:
        >>> address_of_file({"filename": "cat 1.png", "subfolder": "", "type": "output"})
        '/view?filename=cat+1.png&subfolder=&type=output'
    """
    names = ("filename", "subfolder", "type")
    if not all(isinstance(value.get(name), str) for name in names) or value["type"] != kind:
        return ""
    return f"/view?{urlencode({name: value[name] for name in names})}"


def _fields(value: dict[str, Any]) -> dict[str, Any]:
    """Normalise the names of fields; of equal names, the first counts."""
    fields: dict[str, Any] = {}
    for key, item in value.items():
        if item:
            fields.setdefault(key.replace("_", "").lower(), item)
    return fields


def pictures_in_value(value: Any, *, depth: int = 0) -> list[str]:
    """Find pictures in a structured value: URLs, data URIs, base64, stored pictures.

    Returns:
        Texts, in order; their start tells what they are.
    """
    if isinstance(value, str):
        return [value] if is_picture_text(value) else []
    if depth > 6:
        return []
    if isinstance(value, list):
        if data := picture_bytes(value):
            return [pybase64.b64encode(data).decode()]
        if joined := joined_pieces(value):
            return [joined]
        items = results_in_order(value)
        return [text for item in items for text in pictures_in_value(item, depth=depth + 1)]
    if (
        not isinstance(value, dict)
        or value.get("type") in ("text", "thinking")
        or value.get("thought")
    ):
        return []
    if joined := joined_pieces(value):
        return [joined]
    if data := _numbered_bytes(value):
        return [pybase64.b64encode(data).decode()]
    fields = _fields(largest(value))
    for key in _PICTURE_KEYS:
        if key in fields:
            texts = pictures_in_value(fields[key], depth=depth + 1)
            if texts:
                return texts
    address = address_of_file(value) or _address_of_upload(fields)
    return [address] if address else []


def _address_of_upload(fields: dict[str, Any]) -> str:
    """Return the address of a file that the endpoint keeps, and that is named only by its id."""
    name = fields.get("fileid")
    known = isinstance(name, str) and _FILE_ID.fullmatch(name)
    return f"/v1/files/{name}/content" if known else ""
