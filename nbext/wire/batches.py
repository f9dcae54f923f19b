"""Batches: many requests in one job at half price, answered within a day.

No I/O: requests become calls; states and result lines become structs. Sources: OpenAI API
reference, ``/v1/batches`` and ``/v1/files``; Gemini API, ``batchGenerateContent`` and ``batches``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import quote

import msgspec

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.wire.events import Call, Upload
from nbext.wire.json_values import as_dict, as_list, as_text, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

State = Literal["running", "done", "failed"]
# The batch's name at the endpoint, by which a kernel finds a batch whose id was lost.
NAME = "nbext"
# The price of a request in a batch, as a share of the normal price.
FACTOR = 0.5
_MOST_PER_PAGE = 100
_BOM = b"\xef\xbb\xbf"
# Errors of requests that a batch ended without.
_UNPROCESSED = ("batch_expired", "batch_cancelled")
_STATES: dict[str, State] = {
    "completed": "done",
    "failed": "failed",
    "expired": "failed",
    "cancelled": "failed",
    "BATCH_STATE_SUCCEEDED": "done",
    "BATCH_STATE_FAILED": "failed",
    "BATCH_STATE_CANCELLED": "failed",
    "BATCH_STATE_EXPIRED": "failed",
}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a batch.

    Attributes:
        id: The endpoint's id.
        name: Our name.
        state: Whether it continues. The results of a failed batch are in its files nevertheless.
        words: The endpoint's status.
        ended: The number of finished requests.
        files: The files with its results.
        error: The reason of its failure.
    """

    id: str
    name: str
    state: State
    words: str
    ended: int = 0
    files: tuple[str, ...] = ()
    error: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request of a batch.

    Attributes:
        key: The request's key, which is the drawing's id.
        status: The HTTP status, if known.
        body: The answer, in the form of an immediate one.
        refusal: Why the provider did not process the request; it costs nothing.
    """

    key: str
    status: int = 200
    body: bytes = b""
    refusal: str = ""


class BatchWire(Protocol):
    """The batch interface of an endpoint."""

    def upload(self, calls: Mapping[str, Call], name: str) -> Call | None:
        """Write the file with the requests; None if they are sent with the batch."""

    def create(self, calls: Mapping[str, Call], name: str, file: str) -> Call:
        """Write the call that creates a batch, which costs money."""

    def listing(self, page: str = "") -> Call:
        """Write the call that lists batches, from the given page on."""

    def next_page(self, answer: Any) -> str:
        """Return the next page of such a list, empty after the last one."""

    def jobs(self, answer: Any) -> list[Job]:
        """Parse the list of batches."""

    def look(self, id_: str) -> Call:
        """Write the call for the state of a batch."""

    def job(self, answer: Any) -> Job:
        """Parse the state of a batch."""

    def cancel(self, id_: str) -> Call:
        """Write the call that cancels a batch; its results remain."""

    def results_of(self, answer: Any) -> Iterator[Result]:
        """Parse the answers that are included in the state."""

    def content(self, file: str) -> Call:
        """Write the call for a file with answers."""

    def result(self, line: bytes) -> Result | None:
        """Parse a line of such a file; None if it is not an answer."""


def has_batches(wire: str) -> bool:
    """Return whether a wire format has batches."""
    return wire in _WIRES


def batch_wire(wire: str, model: str) -> BatchWire:
    """Return the batch interface of a wire format.

    Raises:
        OptionError: It has none.
    """
    if wire not in _WIRES:
        raise OptionError(
            phrase("batch.no_batches", model=model, wire=wire),
            remedy=phrase("batch.batch_formats"),
        )
    return _WIRES[wire]


def once(call: Call, model: str) -> Call:
    """Change a call so that it is answered as a whole, not as a stream.

    Raises:
        OptionError: It sends files, which no batch accepts.
    """
    if call.files:
        raise OptionError(
            phrase("batch.no_references", model=model), remedy=phrase("batch.without_batch")
        )
    body = {n: v for n, v in (call.body or {}).items() if n not in ("stream", "partial_images")}
    path = call.path.replace(":streamGenerateContent", ":generateContent")
    return msgspec.structs.replace(call, path=path, body=body, query={}, stream=False)


class _OpenAI:
    """OpenAI's batches: requests in a file of lines, answers in another."""

    def upload(self, calls: Mapping[str, Call], name: str) -> Call | None:
        lines = [
            {"custom_id": key, "method": "POST", "url": f"/v1/{call.path}", "body": call.body}
            for key, call in calls.items()
        ]
        data = b"".join(encoded(line) + b"\n" for line in lines)
        file = Upload(
            field="file", filename=f"{name}.jsonl", data=data, media_type="application/jsonl"
        )
        return Call(path="files", form={"purpose": "batch"}, files=(file,), generating=False)

    def create(self, calls: Mapping[str, Call], name: str, file: str) -> Call:
        path = next(iter(calls.values())).path
        body = {
            "input_file_id": file,
            "endpoint": f"/v1/{path}",
            "completion_window": "24h",
            "metadata": {NAME: name},
        }
        return Call(path="batches", body=body)

    def listing(self, page: str = "") -> Call:
        return _get("batches", limit=str(_MOST_PER_PAGE), **({"after": page} if page else {}))

    def next_page(self, answer: Any) -> str:
        fields = as_dict(answer)
        last = as_dict((as_list(fields.get("data")) or [None])[-1])
        return as_text(last.get("id")) if fields.get("has_more") is True else ""

    def jobs(self, answer: Any) -> list[Job]:
        return [self.job(item) for item in as_list(as_dict(answer).get("data"))]

    def look(self, id_: str) -> Call:
        return _get(f"batches/{quote(id_, safe='')}")

    def job(self, answer: Any) -> Job:
        fields = as_dict(answer)
        counts = as_dict(fields.get("request_counts"))
        errors = as_list(as_dict(fields.get("errors")).get("data"))
        words = as_text(fields.get("status"))
        files = [as_text(fields.get(f"{name}_file_id")) for name in ("output", "error")]
        return Job(
            id=as_text(fields.get("id")),
            name=as_text(as_dict(fields.get("metadata")).get(NAME)),
            state=_STATES.get(words, "running"),
            words=words.replace("_", " "),
            ended=_count(counts.get("completed")) + _count(counts.get("failed")),
            files=tuple(file for file in files if file),
            error="; ".join(as_text(as_dict(error).get("message")) for error in errors[:3]),
        )

    def cancel(self, id_: str) -> Call:
        path = f"batches/{quote(id_, safe='')}/cancel"
        return Call(path=path, body={}, generating=False)

    def results_of(self, answer: Any) -> Iterator[Result]:
        del answer
        return iter(())

    def content(self, file: str) -> Call:
        return _get(f"files/{quote(file, safe='')}/content")

    def result(self, line: bytes) -> Result | None:
        fields = _decoded(line)
        response = as_dict(fields.get("response"))
        key, error = as_text(fields.get("custom_id")), as_dict(fields.get("error"))
        if not key:
            return None
        body, status = response.get("body"), _count(response.get("status_code"))
        if body is None and error.get("code") in _UNPROCESSED:
            return Result(key=key, refusal=as_text(error.get("message")) or str(error["code"]))
        if body is None:
            return _failed(key, error)
        return Result(key=key, status=status or 200, body=encoded(body))


class _Gemini:
    """Gemini's batches: requests in the body, answers in the operation."""

    def upload(self, calls: Mapping[str, Call], name: str) -> Call | None:
        del calls, name
        return None

    def create(self, calls: Mapping[str, Call], name: str, file: str) -> Call:
        del file
        path = next(iter(calls.values())).path.rpartition(":")[0]
        requests = [{"request": call.body, "metadata": {"key": key}} for key, call in calls.items()]
        config = {"requests": {"requests": requests}}
        body = {"batch": {"displayName": f"{NAME}-{name}", "inputConfig": config}}
        return Call(path=f"{path}:batchGenerateContent", version="v1beta", body=body)

    def listing(self, page: str = "") -> Call:
        more = {"pageToken": page} if page else {}
        return _get("batches", version="v1beta", pageSize=str(_MOST_PER_PAGE), **more)

    def next_page(self, answer: Any) -> str:
        return as_text(as_dict(answer).get("nextPageToken"))

    def jobs(self, answer: Any) -> list[Job]:
        fields = as_dict(answer)
        items = fields.get("operations") or fields.get("batches")
        return [self.job(item) for item in as_list(items)]

    def look(self, id_: str) -> Call:
        return _get(quote(id_, safe="/"), version="v1beta")

    def job(self, answer: Any) -> Job:
        fields = as_dict(answer)
        facts = as_dict(fields.get("metadata")) or fields
        counts = as_dict(facts.get("batchStats"))
        words = as_text(facts.get("state")).replace("JOB_STATE_", "BATCH_STATE_")
        state = _STATES.get(words, "running")
        if state == "running" and fields.get("done") is True:
            state = "failed" if fields.get("error") else "done"
        ended = _count(counts.get("requestCount")) - _count(counts.get("pendingRequestCount"))
        return Job(
            id=as_text(fields.get("name")),
            name=as_text(facts.get("displayName")).removeprefix(f"{NAME}-"),
            state=state,
            words=words.removeprefix("BATCH_STATE_").lower(),
            ended=ended,
            files=tuple(filter(None, [as_text(_output(fields).get("responsesFile"))])),
            error=as_text(as_dict(fields.get("error")).get("message")),
        )

    def cancel(self, id_: str) -> Call:
        path = f"{quote(id_, safe='/')}:cancel"
        return Call(path=path, version="v1beta", body={}, generating=False)

    def results_of(self, answer: Any) -> Iterator[Result]:
        inside = as_dict(_output(as_dict(answer)).get("inlinedResponses"))
        for item in map(as_dict, as_list(inside.get("inlinedResponses"))):
            result = self._result(item)
            if result is not None:
                yield result

    def content(self, file: str) -> Call:
        return _get(f"{quote(file, safe='/')}:download", version="v1beta", alt="media")

    def result(self, line: bytes) -> Result | None:
        return self._result(_decoded(line))

    def _result(self, item: dict[str, Any]) -> Result | None:
        key = as_text(item.get("key")) or as_text(as_dict(item.get("metadata")).get("key"))
        if not key:
            return None
        if "response" in item:
            return Result(key=key, body=encoded(item["response"]))
        return _failed(key, as_dict(item.get("error")))


def _output(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a Gemini operation that contains or names the answers."""
    return as_dict(fields.get("response")) or as_dict(as_dict(fields.get("metadata")).get("output"))


def _failed(key: str, error: dict[str, Any]) -> Result:
    body = {"error": error or {"message": phrase("batch.no_answer")}}
    return Result(key=key, status=500, body=encoded(body))


_WIRES: dict[str, BatchWire] = {"images": _OpenAI(), "gemini": _Gemini()}


def _get(path: str, *, version: str = "v1", **query: str) -> Call:
    return Call(path=path, version=version, method="GET", query=query, generating=False)


def _count(value: Any) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        return as_dict(msgspec.json.decode(line.removeprefix(_BOM)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def split(keys: Sequence[str], most: int) -> list[list[str]]:
    """Split requests into batches of limited size."""
    return [list(keys[at : at + most]) for at in range(0, len(keys), most)]
