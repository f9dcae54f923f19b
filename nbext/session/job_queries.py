"""Where the state of a job may be asked for: the paths of relays and providers, in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, quote

import msgspec

from nbext.wire import events
from nbext.wire.formats import encode
from nbext.wire.urls import absolute

if TYPE_CHECKING:
    from nbext.session.pending import PendingRequest

# Paths for the state of a job; the first that works is used from then on. A path with a leading
# slash is joined to the host: of midjourney-proxy and of ComfyUI.
_PICTURE_PATHS = (
    "images/tasks/{id}",
    "tasks/{id}",
    "images/generations/{id}",
    "videos/{id}",
    "images/{id}",
    "images/edits/{id}",
    "jobs/{id}",
    "images/jobs/{id}",
    "predictions/{id}",
    "task/{id}",
    "generations/{id}",
    "async-result/{id}",
    "status/{id}",
    "results/{id}",
    "/operations/{id}",
    "/mj/task/{id}/fetch",
    "/history/{id}",
)
_FILM_PATHS = (
    "videos/{id}",
    "video/generations/{id}",
    "tasks/{id}",
    "contents/generations/tasks/{id}",
    "async-result/{id}",
    "generations/{id}",
    "video/query?id={id}",
    "query/video_generation?task_id={id}",
    "/v2/videos/generations/{id}",
    "/openapi/v2/video/result/{id}",
    "status/{id}",
    "results/{id}",
    "/operations/{id}",
)


class _Post(NamedTuple):
    """A provider whose jobs are asked for by POST.

    Attributes:
        path: The path, with ``{sent}`` for that of the request.
        body: The body, with ``{id}`` and ``{model}``.
        named: The field in which its answer names the job.
        model: How its models begin; empty for any.
        film: Whether it makes films.
    """

    path: str
    body: dict[str, str]
    named: str
    model: str = ""
    film: bool = False


# They come last, and nothing in them can be taken for an order: no prompt.
_POSTS = (
    # SiliconFlow.
    _Post("video/status", {"requestId": "{id}"}, "requestId", film=True),
    # Fireworks.
    _Post("{sent}/get_result", {"id": "{id}"}, "request_id"),
    # Volcengine's visual service.
    _Post(
        "/?Action=CVSync2AsyncGetResult&Version=2022-08-31",
        {"req_key": "{model}", "task_id": "{id}"},
        "task_id",
        "jimeng_",
    ),
)
# An empty object from one of these paths is that of a job that has not ended.
EMPTY_WHILE_RUNNING = ("/history/",)


class JobQueries:
    """The calls that may return the state of one request's job.

    Args:
        exchange: The request.

    Attributes:
        known: The call that worked; from then on there is no other.
        alias: The job's second id, if it has one.
        result_url: Where the result is, if the state says so.
    """

    def __init__(self, exchange: PendingRequest) -> None:
        self.known: events.Call | None = None
        self.alias = ""
        self.result_url = ""
        self._exchange = exchange
        self._named = ""
        self._poll_url = ""

    def calls(self, job_id: str) -> list[events.Call]:
        """Return the calls that may return a job's state; only the one that worked, if any."""
        if self._exchange.record.wire == "responses":
            from nbext.wire import responses

            # The result has the form of an immediate answer.
            return [responses.query(job_id)]
        if self.known is not None:
            return [*self._named_calls(), self.known]
        known = _FILM_PATHS if self._exchange.makes_film else _PICTURE_PATHS
        ids = [quote(name, safe="") for name in (job_id, self.alias) if name]
        calls = [free_query(path.format(id=id_)) for id_ in ids for path in known]
        return [*self._named_calls(), *calls, *self._posts(job_id)]

    def _posts(self, job_id: str) -> list[events.Call]:
        """Return the calls for a job that only a POST reports, if its answer looks like that."""
        exchange = self._exchange
        job, model = exchange.answer.job, exchange.request.model
        self._named = (job.named if job is not None else "") or self._named
        calls = []
        for post in _POSTS:
            if (
                post.film is not exchange.makes_film
                or post.named != (self._named or post.named)
                or not model.startswith(post.model)
            ):
                continue
            sent = encode(exchange.request, exchange.record.wire).path if "{" in post.path else ""
            values = {"id": job_id, "model": model}
            body = {key: value.format(**values) for key, value in post.body.items()}
            call = free_query(post.path.format(sent=sent))
            calls.append(msgspec.structs.replace(call, method="POST", body=body))
        return calls

    def _named_calls(self) -> list[events.Call]:
        """Return the call that the answer names, if it goes to the endpoint."""
        exchange = self._exchange
        job = exchange.answer.job
        self._poll_url = (job.poll_url if job is not None else "") or self._poll_url
        named = self.result_url or self._poll_url
        url = absolute(named, exchange.endpoint.base_url)
        base, host = exchange.endpoint.url(""), exchange.endpoint.url("/")
        if not named or not url.startswith(host):
            return []
        # Azure's operations are beside the version, at the same host.
        below = url.removeprefix(base) if url.startswith(base) else url.removeprefix(host[:-1])
        return [free_query(below)]


def free_query(path: str) -> events.Call:
    """Write a free call for a path that may have a query."""
    path, _, query = path.partition("?")
    fields = dict(parse_qsl(query))
    return events.Call(path=path, query=fields, method="GET", generating=False)
