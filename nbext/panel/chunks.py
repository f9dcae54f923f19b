"""Transfer files in pieces, each acknowledged.

A Jupyter server drops the connection at a websocket message of more than 10 MB, and ipywidgets' own
upload then says nothing; pieces of a megabyte pass everywhere.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE = 1 << 20
LIMIT = 100 << 20
# Files under way at once; a page that never finishes its uploads must not fill the memory.
MAX_OPEN = 16


class Incoming:
    """Assembles files from the pieces that a page sends.

    Example:
        >>> got = []
        >>> incoming = Incoming(lambda name, data: got.append((name, data)))
        >>> incoming.piece({"id": "a", "name": "x", "at": 0, "total": 4}, b"ab")
        >>> incoming.piece({"id": "a", "name": "x", "at": 2, "total": 4}, b"cd")
        >>> got
        [('x', b'abcd')]
    """

    def __init__(self, whole: Callable[[str, bytes], None], limit: int = LIMIT) -> None:
        self._whole = whole
        self._limit = limit
        self._files: dict[str, bytearray] = {}
        self._lock = threading.Lock()

    def piece(self, about: dict[str, Any], data: bytes) -> None:
        """Add the next piece of a file.

        Raises:
            OptionError: It is out of order or too large; the file is forgotten.
        """
        id_, name = str(about.get("id")), str(about.get("name"))[:200]
        at, total = about.get("at"), about.get("total")
        with self._lock:
            if at == 0:
                self._files[id_] = bytearray()
                while len(self._files) > MAX_OPEN:
                    self._files.pop(next(iter(self._files)))
            file = self._files.get(id_)
            fits = (
                file is not None
                and isinstance(total, int)
                and at == len(file)
                and len(file) + len(data) <= total <= self._limit
            )
            if file is None or not fits:
                self._files.pop(id_, None)
                raise OptionError(
                    phrase("panel.incomplete", name=name), remedy=phrase("panel.give_again")
                )
            file += data
            done = len(file) == total
            if done:
                self._files.pop(id_)
        if done:
            self._whole(name, bytes(file))


class Outgoing:
    """Sends a file in pieces, each after the page has acknowledged the previous one.

    Args:
        tell: Sends a message with buffers.
    """

    def __init__(self, tell: Callable[..., None]) -> None:
        self._tell = tell
        self._files: dict[int, tuple[str, bytes, str]] = {}
        self._last = 0
        self._lock = threading.Lock()

    def offer(self, name: str, data: bytes, media_type: str) -> None:
        """Start sending a file."""
        with self._lock:
            self._last += 1
            id_ = self._last
            self._files[id_] = name, data, media_type
            while len(self._files) > MAX_OPEN:
                self._files.pop(next(iter(self._files)))
        self.next({"id": id_, "piece": 0})

    def next(self, wanted: dict[str, Any], _: Any = None) -> None:
        """Send the piece that the page requests."""
        id_, piece = wanted.get("id"), wanted.get("piece")
        with self._lock:
            file = self._files.get(id_) if isinstance(id_, int) else None
        if file is None or not isinstance(piece, int) or piece < 0:
            return
        name, data, media_type = file
        pieces = max(1, math.ceil(len(data) / PIECE))
        if piece >= pieces:
            with self._lock:
                self._files.pop(id_, None)  # type: ignore[arg-type]
            return
        self._tell(
            "file",
            [data[piece * PIECE : (piece + 1) * PIECE]],
            id=id_,
            name=name,
            type=media_type,
            piece=piece,
            pieces=pieces,
        )
