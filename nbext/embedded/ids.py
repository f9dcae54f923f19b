"""Generate names of files, and ids of requests, pictures and jobs."""

from __future__ import annotations

import itertools
import secrets
import time

_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
}


def new_name(media_type: str) -> str:
    """Return a file name that cannot be guessed."""
    return f"{secrets.token_hex(12)}.{_EXTENSIONS.get(media_type, 'bin')}"


_ids = itertools.count(1)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's alphabet, as in real relays' ids


def new_id(prefix: str, length: int = 24) -> str:
    """Return a new id such as ``gen_01jqwte8yjf7haxqc521b7z2wf``."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def request_id() -> str:
    """Return an id in new-api's format: the time, then random characters."""
    return time.strftime("%Y%m%d%H%M%S", time.gmtime()) + f"{next(_ids):06d}" + secrets.token_hex(5)
