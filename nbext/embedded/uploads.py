"""Uploaded files: OpenAI's ``/v1/files`` and Gemini's ``files``."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import pybase64

from nbext.embedded.errors import ReplyError
from nbext.embedded.ids import new_id
from nbext.embedded.times import iso_time

_MOST_UPLOADS = 1000
MOST_BYTES = 256 * 2**20  # of all files; the oldest make room
_DEEPEST = 8  # levels of a body that are searched for file ids


@dataclass
class Upload:
    """A stored file.

    Attributes:
        id: ``file-…``; in Gemini's API ``files/ID``.
        data: The bytes.
        filename: The name from the client.
        purpose: OpenAI's purpose field.
        media_type: The type from the client.
        created: In seconds since 1970.
    """

    id: str
    data: bytes
    filename: str
    purpose: str
    media_type: str = "application/jsonl"
    created: float = 0.0

    def as_openai(self) -> dict[str, Any]:
        """Return the file in OpenAI's format."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": int(self.created),
            "expires_at": None,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }

    def as_gemini(self, root: str) -> dict[str, Any]:
        """Return the file in Gemini's format."""
        file = {
            "name": f"files/{self.id}",
            "displayName": self.filename,
            "mimeType": self.media_type,
            "sizeBytes": str(len(self.data)),
            "createTime": iso_time(self.created),
            "updateTime": iso_time(self.created),
            "uri": f"{root}/v1beta/files/{self.id}",
            "state": "ACTIVE",
            "source": "UPLOADED",
        }
        if self.purpose == "batch_output":
            uri = f"{root}/v1beta/files/{self.id}:download?alt=media"
            return file | {"source": "GENERATED", "downloadUri": uri}
        return file


Uploads = OrderedDict[str, Upload]


def store(
    uploads: Uploads,
    data: bytes,
    filename: str,
    purpose: str,
    media_type: str = "application/jsonl",
) -> Upload:
    """Store a file under a new id; the oldest files make room."""
    upload = Upload(new_id("file-"), data, filename[:200], purpose, media_type, time.time())
    uploads[upload.id] = upload
    while len(uploads) > 1 and (
        len(uploads) > _MOST_UPLOADS or sum(len(one.data) for one in uploads.values()) > MOST_BYTES
    ):
        uploads.popitem(last=False)
    return upload


def find(uploads: Uploads, name: str) -> Upload:
    """Return the file with an id, or with Gemini's name for it.

    Raises:
        ReplyError: 404, if there is none.
    """
    upload = uploads.get(name.removeprefix("files/"))
    if upload is None:
        message = f"No such File object: {name[:80]}; old ones make room for new ones"
        raise ReplyError(404, message, param="id")
    return upload


def with_contents(uploads: Uploads, value: Any, depth: int = 0) -> Any:
    """Return a JSON value with the bytes added beside each ``file_id`` of an uploaded file.

    They are added as a data URI, in ``image_url`` or in the ``file_data`` of an ``input_file``.

    Raises:
        ReplyError: 404, if there is no such file.
    """
    if depth > _DEEPEST:
        return value
    if isinstance(value, list):
        return [with_contents(uploads, one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    result = {name: with_contents(uploads, one, depth + 1) for name, one in value.items()}
    name = value.get("file_id")
    field = "file_data" if value.get("type") == "input_file" else "image_url"
    if isinstance(name, str) and name and not value.get(field):
        data = pybase64.b64encode(find(uploads, name).data).decode()
        result[field] = f"data:application/octet-stream;base64,{data}"
    return result
