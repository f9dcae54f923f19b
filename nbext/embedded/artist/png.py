"""Embed the scene in a PNG as an iTXt chunk (PNG specification, third edition, 11.3.3.4)."""

from __future__ import annotations

import json
import zlib
from typing import Any

KEYWORD = b"nbext-scene"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 200_000


def with_scene(png: bytes, scene: dict[str, Any]) -> bytes:
    """Return a PNG with a scene added before its last chunk."""
    text = json.dumps(scene, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # Keyword, compressed, no language, no translated keyword, then the text.
    data = KEYWORD + b"\0\x01\0\0\0" + zlib.compress(text.encode("utf-8", "replace"), 6)
    body = b"iTXt" + data
    chunk = len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return png[:-12] + chunk + png[-12:]


def scene_in(data: bytes) -> dict[str, Any] | None:
    """Return the scene in a PNG, or None if there is none or it cannot be read."""
    if not data.startswith(_SIGNATURE):
        return None
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if kind == b"iTXt" and data.startswith(KEYWORD + b"\0", at + 8) and length < _MOST:
            return _scene(data[at + 8 + len(KEYWORD) + 1 : at + 8 + length])
        at += 12 + length
    return None


def _scene(rest: bytes) -> dict[str, Any] | None:
    compressed, text = rest[:1] == b"\x01", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    try:
        if compressed:
            text = zlib.decompressobj().decompress(text, _MOST)
        scene = json.loads(text)
    except (zlib.error, ValueError, RecursionError):
        return None
    return scene if isinstance(scene, dict) else None
