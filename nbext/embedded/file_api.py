"""The routes for uploaded files: OpenAI's ``/v1/files`` and Gemini's ``files``."""

from __future__ import annotations

from typing import Any

from nbext.embedded.base import BODY_LIMIT, Handler
from nbext.embedded.errors import ReplyError
from nbext.embedded.files import send_bytes
from nbext.embedded.ids import new_id
from nbext.embedded.uploads import MOST_BYTES, Upload, find, store

_PURPOSES = frozenset({"assistants", "batch", "fine-tune", "vision", "user_data", "evals"})
_MOST_PENDING = 16  # unfinished Gemini uploads
_MOST_PER_PAGE = 10_000


class Files(Handler):
    """``POST`` and ``GET /v1/files``."""

    async def answer_post(self, *_args: str) -> None:
        """Store an uploaded file."""
        body, files = self.form_body()
        if not files.get("file"):
            raise ReplyError(400, "Missing required parameter: 'file'.", param="file")
        if body.get("purpose") not in _PURPOSES:
            raise ReplyError(400, f"purpose must be one of {', '.join(sorted(_PURPOSES))}")
        file = files["file"][0]
        upload = store(
            self.state.uploads,
            file.body,
            file.filename or "upload",
            body["purpose"],
            file.content_type,
        )
        self.send_json(upload.as_openai())

    async def answer_get(self, *_args: str) -> None:
        """List the files, the latest first unless ``order=asc``."""
        if is_gemini(self):
            files = [one.as_gemini(self.state.address) for one in self.state.uploads.values()]
            self.send_json({"files": files})
            return
        purpose = self.get_query_argument("purpose", "")
        rows = [
            one.as_openai() for one in self.state.uploads.values() if purpose in ("", one.purpose)
        ]
        self.send_json(page_of(self, rows, _MOST_PER_PAGE))


class File(Handler):
    """``/v1/files/ID``: describe or delete a file."""

    async def answer_get(self, *args: str) -> None:
        """Describe it."""
        self.shape = "gemini" if is_gemini(self) else "openai"
        upload = find(self.state.uploads, args[0])
        if self.shape == "gemini":
            self.send_json(upload.as_gemini(self.state.address))
        else:
            self.send_json(upload.as_openai())

    async def answer_delete(self, *args: str) -> None:
        """Delete it."""
        self.shape = "gemini" if is_gemini(self) else "openai"
        upload = find(self.state.uploads, args[0])
        del self.state.uploads[upload.id]
        is_openai = self.shape == "openai"
        self.send_json({"id": upload.id, "object": "file", "deleted": True} if is_openai else {})


class FileContent(Handler):
    """``GET /v1/files/ID/content`` and Gemini's ``files/ID:download``."""

    async def answer_get(self, *args: str) -> None:
        """Send the bytes."""
        upload = find(self.state.uploads, args[0])
        send_bytes(self, upload.data, upload.media_type or "application/octet-stream")


class GeminiUpload(Handler):
    """``POST /upload/v1beta/files``: Google's resumable upload, in one piece or several."""

    shape = "gemini"

    @property
    def _upload_id(self) -> str:
        return self.get_query_argument("upload_id", "")

    def check_key(self) -> ReplyError | None:
        """Require the key, except for later parts of an upload."""
        return None if self._upload_id in self.state.pending else super().check_key()

    async def answer_post(self, *_args: str) -> None:
        """Start an upload, or store a part of it."""
        commands = self.request.headers.get("X-Goog-Upload-Command", "start")
        if not self._upload_id:
            self._begin()
            return
        pending = self.state.pending.get(self._upload_id)
        if pending is None:
            raise ReplyError(404, "this upload has ended or never began")
        if "upload" in commands:
            if len(pending.data) + len(self.body) > BODY_LIMIT:
                del self.state.pending[self._upload_id]
                raise ReplyError(413, f"The file is longer than {BODY_LIMIT} bytes")
            pending.data += self.body
            self._make_room()
        if "finalize" not in commands:
            self.set_header("X-Goog-Upload-Status", "active")
            return
        del self.state.pending[self._upload_id]
        upload = store(
            self.state.uploads, pending.data, pending.filename, "user_data", pending.media_type
        )
        self.set_header("X-Goog-Upload-Status", "final")
        self.send_json({"file": upload.as_gemini(self.state.address)})

    def _make_room(self) -> None:
        """Drop the oldest unfinished uploads if there are too many."""
        pending = self.state.pending
        while len(pending) > 1 and (
            len(pending) > _MOST_PENDING
            or sum(len(one.data) for one in pending.values()) > MOST_BYTES
        ):
            pending.popitem(last=False)

    def _begin(self) -> None:
        file = (self.json_body() if self.body else {}).get("file")
        file = file if isinstance(file, dict) else {}
        name = file.get("displayName", file.get("display_name"))
        kind = self.request.headers.get("X-Goog-Upload-Header-Content-Type") or "text/plain"
        pending = Upload(new_id("upload_"), b"", str(name or "upload"), "user_data", kind)
        self.state.pending[pending.id] = pending
        self._make_room()
        url = f"{self.state.address}{self.request.path}?upload_id={pending.id}"
        self.set_header("X-Goog-Upload-URL", url)
        self.set_header("X-Goog-Upload-Status", "active")
        self.send_json({})


def is_gemini(handler: Handler) -> bool:
    """Return whether a request to a shared address comes from Google's client."""
    request = handler.request
    return request.path.startswith("/v1beta") or "x-goog-api-key" in request.headers


def page_of(handler: Handler, rows: list[dict[str, Any]], most: int) -> dict[str, Any]:
    """Return a page of an OpenAI list, latest first unless ``order=asc``.

    Args:
        handler: The request, with ``limit``, ``after`` and ``order`` in its query.
        rows: All rows, oldest first, each with its ``id``.
        most: The most rows on a page.
    """
    if handler.get_query_argument("order", "desc") != "asc":
        rows = list(rows)
        rows.reverse()
    after = handler.get_query_argument("after", "")
    ids = [row["id"] for row in rows]
    rows = rows[ids.index(after) + 1 :] if after in ids else rows
    limit = handler.get_query_argument("limit", "")
    count = min(most, int(limit)) if limit.isdecimal() and len(limit) < 6 else min(most, 20)
    page = rows[:count]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
    return {"object": "list", "data": page, "has_more": len(rows) > count, **ends}
