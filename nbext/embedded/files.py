"""Serve pictures and films that answers link to, and the status pages of tasks.

They need no key, as on a relay's CDN: the names cannot be guessed.
"""

from __future__ import annotations

import re

from nbext.embedded.base import Handler
from nbext.embedded.errors import ReplyError


def send_bytes(handler: Handler, data: bytes, media_type: str) -> None:
    """Send bytes, or the range that ``Range`` requests (RFC 9110, 14)."""
    handler.set_header("Content-Type", media_type)
    handler.set_header("Accept-Ranges", "bytes")
    handler.set_header("X-Content-Type-Options", "nosniff")
    range_header = handler.request.headers.get("Range", "")
    # As the standard allows, ignore a malformed or multipart Range.
    span = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", range_header)
    if span is None or not (span[1] or span[2]):
        handler.finish(data)
        return
    size = len(data)
    if span[1]:
        start, end = int(span[1]), min(size, int(span[2] or size) + 1)
    else:  # a suffix range
        start, end = max(0, size - int(span[2])), size
    if start >= size or end <= start:
        handler.set_status(416)
        handler.set_header("Content-Range", f"bytes */{size}")
        handler.finish()
        return
    handler.set_status(206)
    handler.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
    handler.finish(data[start:end])


class StoredFile(Handler):
    """``GET /files/NAME`` and ``/files/download/NAME``."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send a file."""
        name = args[0]
        file = self.state.file(name)
        if file is None:
            raise ReplyError(404, f"there is no file {name[:100]}; old ones make room for new ones")
        if self.request.path.startswith("/files/download/"):
            self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        send_bytes(self, file.data, file.media_type)


class Source(Handler):
    """``GET /source/ID``: the status of a task as JSON."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send the status."""
        task = self.state.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found")
        self.send_json(task.source(self.state))


class Web(Handler):
    """``GET /web/ID``: the status of a task as a web page."""

    public = True

    async def answer_get(self, *args: str) -> None:
        """Send a page with the picture, or with the status until there is one."""
        task = self.state.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found")
        page = task.source(self.state)
        images = "".join(f'<img src="{url}" alt="">' for url in page.get("urls", []))
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(f"<!doctype html><title>{page['status']}</title>{images or page['status']}\n")
