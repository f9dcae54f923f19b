"""The pictures and films that answers link to, and the pages of asynchronous tasks.

They need no key, as on a relay's content network: the names cannot be guessed.
"""

from __future__ import annotations

import re

from nbext.embedded.base import Handler
from nbext.embedded.errors import ReplyError


def send_bytes(handler: Handler, data: bytes, media_type: str) -> None:
    """Send bytes, or the part of them that ``Range`` asks for (RFC 9110, 14)."""
    handler.set_header("Content-Type", media_type)
    handler.set_header("Accept-Ranges", "bytes")
    handler.set_header("X-Content-Type-Options", "nosniff")
    wanted = handler.request.headers.get("Range", "")
    # A malformed Range, or one of several parts, is ignored as the standard allows.
    span = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", wanted)
    if span is None or not (span[1] or span[2]):
        handler.finish(data)
        return
    size = len(data)
    if span[1]:
        start, end = int(span[1]), min(size, int(span[2] or size) + 1)
    else:  # the last so many bytes
        start, end = max(0, size - int(span[2])), size
    if start >= size or end <= start:
        handler.set_status(416)
        handler.set_header("Content-Range", f"bytes */{size}")
        handler.finish()
        return
    handler.set_status(206)
    handler.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
    handler.finish(data[start:end])


class Shelf(Handler):
    """``GET /files/NAME`` and ``/files/download/NAME``."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send a file."""
        name = args[0]
        file = self.studio.file(name)
        if file is None:
            raise ReplyError(404, f"there is no file {name[:100]}; old ones make room for new ones")
        if self.request.path.startswith("/files/download/"):
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        send_bytes(self, file.data, file.media_type)


class Source(Handler):
    """``GET /source/ID``: how an asynchronous picture is getting on."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send its state, as pages of asynchronous data do."""
        task = self.studio.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found")
        self.send_json(task.source(self.studio))


class Web(Handler):
    """``GET /web/ID``: the same for a person, as a page."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send a page with the picture, if it is there."""
        task = self.studio.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found")
        state = task.source(self.studio)
        shown = "".join(f'<img src="{url}" alt="">' for url in state.get("urls", []))
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(f"<!doctype html><title>{state['status']}</title>{shown or state['status']}\n")
