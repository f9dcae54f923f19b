"""Gemini's batches: ``models/NAME:batchGenerateContent`` and the operation that it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded import uploads
from nbext.embedded.base import Handler
from nbext.embedded.batch import ENDED, Batch, BatchItem, BatchResult
from nbext.embedded.batches import MOST_REQUESTS, start
from nbext.embedded.errors import ReplyError
from nbext.embedded.gemini_read import pick
from nbext.embedded.ids import new_id
from nbext.embedded.times import iso_time

if TYPE_CHECKING:
    from nbext.embedded.batch import Status
    from nbext.embedded.state import ServerState

_STATES: dict[Status, str] = {
    "validating": "BATCH_STATE_PENDING",
    "in_progress": "BATCH_STATE_RUNNING",
    "finalizing": "BATCH_STATE_RUNNING",
    "cancelling": "BATCH_STATE_RUNNING",
    "completed": "BATCH_STATE_SUCCEEDED",
    "failed": "BATCH_STATE_FAILED",
    "cancelled": "BATCH_STATE_CANCELLED",
}
_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch"
_OUTPUT_TYPE = f"{_TYPE}Output"


def create(handler: Handler, model: str, body: dict[str, Any]) -> dict[str, Any]:
    """Start a batch with its requests in the body or in an uploaded file.

    Returns:
        The operation.

    Raises:
        ReplyError: 400, if a request is invalid; 404, if there is no such file.
    """
    batch_fields = body.get("batch")
    source = pick(batch_fields, "inputConfig")
    file_name = pick(source, "fileName")
    if isinstance(file_name, str):
        requests = _lines(uploads.find(handler.state.uploads, file_name).data)
    else:
        requests = pick(pick(source, "requests"), "requests")
    if not isinstance(requests, list) or not requests:
        raise ReplyError(400, "batch.inputConfig has neither requests nor a fileName")
    if len(requests) > MOST_REQUESTS:
        raise ReplyError(400, f"the batch has over {MOST_REQUESTS} requests: split it")
    path = f"/v1beta/models/{model}:generateContent"
    items = [_item(request, number, path) for number, request in enumerate(requests, 1)]
    facts = {
        "model": f"models/{model}",
        "displayName": str(pick(batch_fields, "displayName") or ""),
    }
    state, in_file = handler.state, isinstance(file_name, str)
    batch = Batch(new_id(""), items, facts, lambda one: _finalize(state, one, in_file=in_file))
    return operation(start(handler, batch))


def _lines(data: bytes) -> list[Any]:
    try:
        return [msgspec.json.decode(line) for line in data.splitlines() if line.strip()]
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        message = f"the input file is no JSONL: {str(error)[:200]}"
        raise ReplyError(400, message) from None


def _item(request: Any, number: int, path: str) -> BatchItem:
    content = request.get("request") if isinstance(request, dict) else None
    if not isinstance(content, dict):
        raise ReplyError(400, f"request {number} of the batch has no request object")
    metadata = request.get("metadata")
    key = request.get("key") or pick(metadata, "key") or number
    return BatchItem(str(key), path, msgspec.json.encode(content), metadata)


def _finalize(state: ServerState, batch: Batch, *, in_file: bool) -> None:
    """Write the results to a file, if the requests came in one."""
    if not in_file:
        return
    lines = [
        msgspec.json.encode({"key": one.item.key, **_outcome(one)}) + b"\n"
        for one in batch.in_order()
    ]
    upload = uploads.store(state.uploads, b"".join(lines), f"{batch.id}.jsonl", "batch_output")
    batch.files["output"] = f"files/{upload.id}"


def _outcome(result: BatchResult) -> dict[str, Any]:
    """Return the response, or the error, of one request."""
    if result.is_success:
        return {"response": msgspec.Raw(result.answer.body)}
    error = {"code": 13, "message": result.error or "the request failed"}
    if not result.error:
        try:
            body = msgspec.json.decode(result.answer.body)
        except msgspec.DecodeError:
            body = None
        fields = pick(body, "error")
        error["message"] = str(pick(fields, "message") or error["message"])
        error["code"] = _CODES.get(str(pick(fields, "status")), 13)
    return {"error": error}


# google.rpc.Code, the codes of errors in operations
_CODES = {
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}


def operation(batch: Batch) -> dict[str, Any]:
    """Return the operation of a batch, including the results once it has ended."""
    pending = len(batch.items) - len(batch.results)
    metadata: dict[str, Any] = {
        "@type": _TYPE,
        "name": f"batches/{batch.id}",
        **batch.facts,
        "state": _STATES[batch.status],
        "createTime": iso_time(batch.times["validating"]),
        "updateTime": iso_time(max(batch.times.values())),
        "batchStats": {
            "requestCount": str(len(batch.items)),
            "pendingRequestCount": str(pending),
            "successfulRequestCount": str(batch.completed),
            "failedRequestCount": str(batch.failed),
        },
    }
    head = {"name": f"batches/{batch.id}", "metadata": metadata}
    if batch.status not in ENDED:
        return head
    metadata["endTime"] = iso_time(max(batch.times.values()))
    if "output" in batch.files:
        output: dict[str, Any] = {"responsesFile": batch.files["output"]}
    else:
        responses = [_inlined(one) for one in batch.in_order()]
        output = {"inlinedResponses": {"inlinedResponses": responses}}
    metadata["output"] = output
    return {**head, "done": True, "response": {"@type": _OUTPUT_TYPE, **output}}


def _inlined(result: BatchResult) -> dict[str, Any]:
    metadata = result.item.metadata
    return _outcome(result) | ({} if metadata is None else {"metadata": metadata})


def batch_list(handler: Handler) -> dict[str, Any]:
    """Return the operations of all batches, latest first, a page at a time."""
    batches = [one for one in handler.state.batches.values() if not one.id.startswith("batch_")]
    size = handler.get_query_argument("pageSize", "")
    count = min(100, int(size)) if size.isdecimal() and 0 < len(size) < 4 else 100
    token = handler.get_query_argument("pageToken", "")
    first = int(token) if token.isdecimal() and len(token) < 6 else 0
    rows = batches[::-1][first : first + max(1, count)]
    page: dict[str, Any] = {"operations": [operation(one) for one in rows]}
    if first + len(rows) < len(batches):
        page["nextPageToken"] = str(first + len(rows))
    return page


class GeminiBatches(Handler):
    """``GET /v1beta/batches``."""

    shape = "gemini"

    async def answer_get(self, *_args: str) -> None:
        """List the batches."""
        self.send_json(batch_list(self))


class GeminiBatch(Handler):
    """``batches/ID``: the operation; ``DELETE`` and ``:cancel``."""

    shape = "gemini"

    async def answer_get(self, *args: str) -> None:
        """Send the operation."""
        self.send_json(operation(self._find(args[0])))

    async def answer_delete(self, *args: str) -> None:
        """Stop and forget it."""
        batch = self._find(args[0])
        batch.cancel()
        del self.state.batches[batch.id]
        self.send_json({})

    async def answer_post(self, *args: str) -> None:
        """Cancel it."""
        if len(args) < 2 or args[1] != "cancel":
            raise self.no_method()
        self._find(args[0]).cancel()
        self.send_json({})

    def _find(self, name: str) -> Batch:
        batch = self.state.batches.get(name)
        if batch is None or batch.id.startswith("batch_"):
            raise ReplyError(404, f"batches/{name[:80]} is not found")
        result: Batch = batch
        return result
