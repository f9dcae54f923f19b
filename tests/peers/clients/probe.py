"""What the scripts of the peers share: the endpoint, and a report of what worked."""

from __future__ import annotations

import json
import os
import struct
import zlib

BASE_URL = os.environ["PEER_BASE_URL"]
ROOT = BASE_URL.removesuffix("/v1")
KEY = os.environ["PEER_KEY"]
HELLO = "hello there"


def run(**probes):
    """Call each function and print a JSON object: ``yes``, or what went wrong."""
    report = {}
    for name, probe in probes.items():
        try:
            probe()
            report[name] = "yes"
        except Exception as error:
            report[name] = f"{type(error).__name__}: {error}"[:300]
    print(json.dumps(report))


def png(width=64, height=48):
    """A small picture, without a library."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\xfa\xc8\x0a" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def is_picture(data):
    """Fail unless the bytes are a picture."""
    assert data[:4] in (b"\x89PNG", b"RIFF") or data[:2] == b"\xff\xd8", data[:40]
