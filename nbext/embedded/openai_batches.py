"""``/v1/batches``: OpenAI's batches of requests in a JSONL file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded import file_api, gemini_batches, uploads
from nbext.embedded.base import Handler
from nbext.embedded.batch import Batch, BatchItem, BatchResult
from nbext.embedded.batches import MOST_REQUESTS, start
from nbext.embedded.errors import ReplyError
from nbext.embedded.ids import new_id

if TYPE_CHECKING:
    from nbext.embedded.state import ServerState

_ENDPOINTS = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/images/edits",
    "/v1/images/generations",
    "/v1/responses",
)
_BOM = b"\xef\xbb\xbf"  # added by some editors
_DAY = 24 * 60 * 60
_MOST_ERRORS = 20  # lines that are reported
_MOST_PER_PAGE = 100


class _Line(msgspec.Struct):
    custom_id: str
    method: str
    url: str
    body: dict[str, Any]


class Batches(Handler):
    """Create a batch, or list them."""

    async def answer_post(self, *_args: str) -> None:
        """Create a batch; invalid lines are reported by its status ``failed``."""
        body = self.json_body()
        endpoint, window = body.get("endpoint"), body.get("completion_window")
        if endpoint not in _ENDPOINTS:
            message = f"endpoint must be one of {', '.join(_ENDPOINTS)}"
            raise ReplyError(400, message, param="endpoint", code="invalid_value")
        if window != "24h":
            raise ReplyError(400, "completion_window must be 24h", param="completion_window")
        name = body.get("input_file_id")
        upload = uploads.find(self.state.uploads, str(name))
        if upload.purpose != "batch":
            message = f"The purpose of {upload.id} is {upload.purpose}, not batch"
            raise ReplyError(400, message, param="input_file_id")
        items, errors = read_lines(upload.data, str(endpoint))
        facts = {
            "endpoint": endpoint,
            "input_file_id": upload.id,
            "completion_window": window,
            "metadata": body.get("metadata") if isinstance(body.get("metadata"), dict) else None,
            "model": _model_of(items),
        }
        state = self.state
        batch = Batch(new_id("batch_"), items, facts, lambda one: _write_files(state, one))
        batch.errors = errors
        self.send_json(batch_body(start(self, batch)))

    async def answer_get(self, *_args: str) -> None:
        """List the batches, latest first."""
        if file_api.is_gemini(self):
            self.send_json(gemini_batches.batch_list(self))
            return
        rows = [batch_body(one) for one in self.state.batches.values() if _is_ours(one)]
        self.send_json(file_api.page_of(self, rows, _MOST_PER_PAGE))


class BatchById(Handler):
    """``GET /v1/batches/ID``."""

    async def answer_get(self, *args: str) -> None:
        """Send its status."""
        self.send_json(batch_body(_find(self.state, args[0])))


class BatchCancel(Handler):
    """``POST /v1/batches/ID/cancel``."""

    async def answer_post(self, *args: str) -> None:
        """Cancel it, keeping the results so far."""
        batch = _find(self.state, args[0])
        batch.cancel()
        self.send_json(batch_body(batch))


def read_lines(data: bytes, endpoint: str) -> tuple[list[BatchItem], list[dict[str, Any]]]:
    """Return the requests of a JSONL file, and the errors of its lines."""
    items: list[BatchItem] = []
    errors: list[dict[str, Any]] = []
    keys: set[str] = set()
    lines = [
        (number, line)
        for number, line in enumerate(data.removeprefix(_BOM).splitlines(), 1)
        if line.strip()
    ]
    if not lines:
        errors.append(_error("empty_file", "The input file has no requests", None))
    if len(lines) > MOST_REQUESTS:
        message = f"The input file has over {MOST_REQUESTS} requests: split it"
        return [], [_error("too_many_requests", message, None)]
    for number, text in lines:
        try:
            line = msgspec.json.decode(text, type=_Line)
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            errors.append(_error("invalid_json_line", f"Invalid line: {str(error)[:200]}", number))
            continue
        if line.custom_id in keys:
            message = f"custom_id {line.custom_id[:80]!r} occurs twice"
            errors.append(_error("duplicate_custom_id", message, number, "custom_id"))
        elif line.url != endpoint or line.method.upper() != "POST":
            message = f"The request must be a POST to {endpoint}, as the batch is"
            errors.append(_error("mismatched_endpoint", message, number, "url"))
        elif not isinstance(line.body.get("model"), str):
            errors.append(_error("model_required", "body.model is missing", number, "body.model"))
        keys.add(line.custom_id)
        body = msgspec.json.encode({**line.body, "stream": False})
        items.append(BatchItem(line.custom_id, endpoint, body))
    return items, errors[:_MOST_ERRORS]


def _error(code: str, message: str, line: int | None, param: str | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "line": line, "param": param}


def _model_of(items: list[BatchItem]) -> str | None:
    return msgspec.json.decode(items[0].body).get("model") if items else None


def _is_ours(batch: Batch) -> bool:
    return batch.id.startswith("batch_")


def _find(state: ServerState, name: str) -> Batch:
    batch = state.batches.get(name)
    if batch is None or not _is_ours(batch):
        raise ReplyError(404, f"No batch found with id '{name[:80]}'.", param="batch_id")
    result: Batch = batch
    return result


def _write_files(state: ServerState, batch: Batch) -> None:
    """Store the output file, and the error file if a request failed."""
    results = batch.in_order()
    parts = {
        "output": [one for one in results if one.is_success],
        "error": [one for one in results if not one.is_success],
    }
    for name, part in parts.items():
        if part:
            data = b"".join(_result_line(one) + b"\n" for one in part)
            upload = uploads.store(state.uploads, data, f"{batch.id}_{name}.jsonl", "batch_output")
            batch.files[name] = upload.id
    for one in results:
        one.answer = replace(one.answer, body=b"")  # kept in the files from now on


def _result_line(result: BatchResult) -> bytes:
    answer = result.answer
    error = {"code": "server_error", "message": result.error} if result.error else None
    body = msgspec.Raw(answer.body) if answer.is_json else answer.body.decode("utf-8", "replace")
    response = {"status_code": answer.status, "request_id": answer.request_id, "body": body}
    return msgspec.json.encode(
        {
            "id": new_id("batch_req_"),
            "custom_id": result.item.key,
            "response": None if error else response,
            "error": error,
        }
    )


def batch_body(batch: Batch) -> dict[str, Any]:
    """Return the status of a batch in OpenAI's format."""
    times = {status: int(moment) for status, moment in batch.times.items()}
    created = times["validating"]
    return {
        "id": batch.id,
        "object": "batch",
        **batch.facts,
        "status": batch.status,
        "errors": {"object": "list", "data": batch.errors} if batch.errors else None,
        "output_file_id": batch.files.get("output"),
        "error_file_id": batch.files.get("error"),
        "created_at": created,
        "expires_at": created + _DAY,
        "in_progress_at": times.get("in_progress"),
        "finalizing_at": times.get("finalizing"),
        "completed_at": times.get("completed"),
        "failed_at": times.get("failed"),
        "cancelling_at": times.get("cancelling"),
        "cancelled_at": times.get("cancelled"),
        "expired_at": None,
        "request_counts": {
            "total": 0 if batch.errors else len(batch.items),
            "completed": batch.completed,
            "failed": batch.failed,
        },
    }
