"""Poll for results that an answer only promises: jobs, and pages that will link to the picture."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote

import msgspec

from nbext import errors
from nbext.errors import NbextError, RequestError
from nbext.messages.say import phrase
from nbext.session.accumulator import ResponseAccumulator, download_error, error_from_event
from nbext.transport import retry
from nbext.wire import events
from nbext.wire.formats import encode
from nbext.wire.urls import absolute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from nbext.data.kinds import LinkKind
    from nbext.session.fetching import PictureFetcher
    from nbext.session.pending import PendingRequest

# Seconds between two polls, at first and at most.
FIRST_LOOK = 0.5
LAST_LOOK = 10.0
# The most polls in a row without a result: a replica may not know the job yet.
EMPTY_LOOKS = 6
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
_EMPTY_WHILE_RUNNING = ("/history/",)
# Errors in place of a state that end a job: asking again does not help.
_ENDS = ("ModerationError", "QuotaError")
# The most bytes of a state; a longer answer contains the picture itself.
MOST_STATE = 1 << 20
# Errors of a poll that do not concern the job.
_PASSING = (
    errors.ConnectError,
    errors.NotAnEndpointError,
    errors.RateLimitError,
    errors.ServerError,
    errors.TimedOutError,
    errors.TruncatedError,
)


def poll_intervals() -> Iterator[float]:
    """Yield the seconds to wait before each poll."""
    wait = FIRST_LOOK
    while True:
        yield wait
        wait = min(wait * 1.5, LAST_LOOK)


class JobPoller:
    """Polls for a promised result. Polling costs nothing.

    Args:
        exchange: The request.
    """

    def __init__(self, exchange: PendingRequest) -> None:
        self._exchange = exchange
        self._is_film = exchange.record.wire == "videos"
        self._known: events.Call | None = None
        self._named = ""
        self._alias = ""
        self._poll_url = ""
        self._result_url = ""
        self._promised_url = ""
        self._redirected: events.Call | None = None

    async def follow(self, job: events.Job) -> None:
        """Poll an asynchronous job until it ends, and collect its result.

        Raises:
            RequestError: It failed, is unknown, or takes too long.
        """
        exchange = self._exchange
        if job.id and not exchange.record.job:
            exchange.record.job = job.id
        self._alias = job.alias
        await exchange.save()
        # Its result can be fetched later, for free.
        exchange.turn.end()
        self._promised_url = job.result_url
        if job.status == "failed":
            raise self._failure(job)
        total = exchange.client.limits.total
        if job.status == "done" and not (exchange.answer.pictures or exchange.answer.links):
            job = await self._accepted(job)
        is_done = job.status == "done"
        try:
            async with asyncio.timeout(total):
                while not is_done:
                    job = await self._next_state(job)
                    is_done = job.status == "done"
                    if job.status == "failed":
                        raise self._failure(job)
        except TimeoutError:
            word = job.message or job.status
            raise errors.TimedOutError(
                phrase("session.job_timeout", id=job.id, total=total, word=word),
                remedy=self._again(),
                request_id=exchange.answer.request_id,
            ) from None
        if not self._is_film:
            await self._look_again(job)
        await self._fetch_content(job)

    async def _look_again(self, job: events.Job) -> None:
        """Poll a finished job some more times: its result may come a moment after its state."""
        answer = self._exchange.answer
        for wait in retry.SOON[:2]:
            if answer.pictures or answer.links or job.file or self._known is None:
                return
            await asyncio.sleep(wait)
            with contextlib.suppress(RequestError):
                await self._take(await self._look(job.id), job)

    async def _accepted(self, job: events.Job) -> events.Job:
        """Poll once for a job that is done without a result.

        The "success" in the first answer may be only that of having accepted the job.
        """
        try:
            state = await self._take(await self._look(job.id), job)
        except RequestError:
            return job
        if state is not None and state.status == "failed":
            raise self._failure(state)
        return state or job

    async def _next_state(self, job: events.Job) -> events.Job:
        """Wait and poll until a poll returns a state."""
        empty = 0
        problem: events.ErrorEvent | None = None
        async for look in self._looks(job.id):
            if isinstance(look, RequestError):
                if _is_redirect(look) and await self._fetch_redirected():
                    return msgspec.structs.replace(job, status="done")
                empty += 1
                if empty >= EMPTY_LOOKS or not self._may_pass(look):
                    raise self._unknown(job, look)
                continue
            state = await self._take(look, job)
            if state is not None:
                return state
            problem = look.failed or problem
            if look.failed is not None and look.failed.kind in _ENDS:
                return msgspec.structs.replace(job, status="failed", message=look.failed.message)
            empty += 1
            if empty >= EMPTY_LOOKS:
                raise (
                    error_from_event(problem, self._exchange.answer)
                    if problem is not None
                    else self._unknown(job, None)
                )
        raise AssertionError("looks do not end")

    async def _take(self, look: _Look, job: events.Job) -> events.Job | None:
        """Take over the state that a poll returned, and the result of a job that is done."""
        exchange = self._exchange
        state = look.state(job.id)
        if state is None:
            return None
        await exchange.take(state)
        if state.status == "failed" and look.failed is not None:
            exchange.answer.failed = exchange.answer.failed or look.failed
        if state.status == "done":
            result = look
            if not look.has_result and (url := state.result_url or self._promised_url):
                self._result_url = url
                result = await self._look(job.id)
            for event in result.events:
                await exchange.take(event)
        return state

    async def _looks(self, job_id: str) -> AsyncIterator[_Look | RequestError]:
        """Poll repeatedly, at growing intervals; yield an error for an unreadable answer."""
        for wait in poll_intervals():
            await asyncio.sleep(wait)
            try:
                yield await self._look(job_id)
            except RequestError as error:
                yield error

    async def _look(self, job_id: str) -> _Look:
        """Ask for the state of a job, at the first path that knows it.

        Raises:
            RequestError: None does.
        """
        unknown: RequestError | None = None
        alias = quote(self._alias, safe="")
        for call in self._queries(job_id):
            if alias and alias in call.path:
                await self._rename(self._alias)
            look = _Look(
                "film" if self._is_film else "picture",
                prompt=self._exchange.request.prompt,
                empty_is_running=call.path.startswith(_EMPTY_WHILE_RUNNING),
            )
            try:
                answer = self._exchange.read(call, body=look.keep)
                async with contextlib.aclosing(answer):
                    async for event in answer:
                        look.take(event)
            except RequestError as error:
                if _is_redirect(error):
                    self._redirected = call
                if error.status_code not in (400, 404, 405):
                    raise
                unknown = unknown or error
            else:
                self._known = call
                return look
        raise unknown or errors.NotAnEndpointError(phrase("session.no_such_job"))

    async def _rename(self, name: str) -> None:
        """Record that the endpoint knows the job by its second id, for a later session."""
        exchange = self._exchange
        if exchange.record.job == name:
            return
        exchange.record.job = name
        if exchange.answer.job is not None:
            exchange.answer.job = msgspec.structs.replace(exchange.answer.job, id=name)
        await exchange.save()

    def _queries(self, job_id: str) -> list[events.Call]:
        """Return the calls that may return a job's state; only the one that worked, if any."""
        from nbext.wire import responses

        if self._exchange.record.wire == "responses":
            # The result has the form of an immediate answer.
            return [responses.query(job_id)]
        if self._known is not None:
            return [*self._named_calls(), self._known]
        known = _FILM_PATHS if self._is_film else _PICTURE_PATHS
        ids = [quote(name, safe="") for name in (job_id, self._alias) if name]
        calls = [_query(path.format(id=id_)) for id_ in ids for path in known]
        return [*self._named_calls(), *calls, *self._posts(job_id)]

    def _posts(self, job_id: str) -> list[events.Call]:
        """Return the calls for a job that only a POST reports, if its answer looks like that."""
        exchange = self._exchange
        job, model = exchange.answer.job, exchange.request.model
        self._named = (job.named if job is not None else "") or self._named
        calls = []
        for post in _POSTS:
            if (
                post.film is not self._is_film
                or post.named != (self._named or post.named)
                or not model.startswith(post.model)
            ):
                continue
            sent = encode(exchange.request, exchange.record.wire).path if "{" in post.path else ""
            values = {"id": job_id, "model": model}
            body = {key: value.format(**values) for key, value in post.body.items()}
            call = _query(post.path.format(sent=sent))
            calls.append(msgspec.structs.replace(call, method="POST", body=body))
        return calls

    def _named_calls(self) -> list[events.Call]:
        """Return the call that the answer names, if it goes to the endpoint."""
        exchange = self._exchange
        job = exchange.answer.job
        self._poll_url = (job.poll_url if job is not None else "") or self._poll_url
        named = self._result_url or self._poll_url
        url = absolute(named, exchange.endpoint.base_url)
        base, host = exchange.endpoint.url(""), exchange.endpoint.url("/")
        if not named or not url.startswith(host):
            return []
        # Azure's operations are beside the version, at the same host.
        below = url.removeprefix(base) if url.startswith(base) else url.removeprefix(host[:-1])
        return [_query(below)]

    async def _fetch_content(self, job: events.Job) -> None:
        """Fetch the content of a finished job that has no address."""
        from nbext.session.fetching import PictureFetcher
        from nbext.wire import videos

        exchange = self._exchange
        if exchange.answer.pictures or exchange.answer.links:
            return
        fetcher = PictureFetcher(exchange)
        if job.file and await self._fetch_file(fetcher, job.file):
            return
        path = self._known.path if self._known is not None else ""
        if self._is_film:
            call = videos.content(job.id)
        elif path and exchange.record.wire == "images":
            call = _query(f"{path}/content")
        else:
            return
        try:
            await fetcher.keep(await fetcher.fetch_call(call, patient=self._is_film))
        except RequestError as error:
            if not self._is_film and error.status_code in (400, 404, 405):
                return  # no content; the rest of the answer is judged later
            error.message = phrase("session.film_unavailable", id=job.id, message=error.message)
            error.remedy = self._again()
            raise

    async def _fetch_redirected(self) -> bool:
        """Fetch the result that a poll was redirected to; return whether it is there."""
        from nbext.session.fetching import PictureFetcher

        call, self._redirected = self._redirected, None
        fetcher = PictureFetcher(self._exchange)
        with contextlib.suppress(NbextError):
            if call is not None:
                await fetcher.keep(await fetcher.fetch_call(call, patient=False))
                return True
        return False

    async def _fetch_file(self, fetcher: PictureFetcher, file: str) -> bool:
        """Fetch the file that a finished job names by its id; return whether it is there."""
        id_ = quote(file, safe="")
        for path in (f"files/{id_}/content", f"files/retrieve?file_id={id_}"):
            with contextlib.suppress(NbextError):
                await fetcher.keep(await fetcher.fetch_call(_query(path), patient=False))
                return True
        return False

    @staticmethod
    def _may_pass(error: RequestError) -> bool:
        """Return whether a failed poll says nothing about the job."""
        return isinstance(error, _PASSING) or error.status_code in (404, 405)

    def _unknown(self, job: events.Job, error: RequestError | None) -> RequestError:
        """Create the error for a job that the endpoint accepted but does not know."""
        exchange = self._exchange
        if error is not None and not isinstance(error, errors.NotAnEndpointError):
            error.remedy = f"{error.remedy} {self._again()}".strip()
            return error
        status = f" (HTTP {error.status_code})" if error and error.status_code else ""
        # It accepted the job, so the base URL is right.
        return errors.NotAnEndpointError(
            phrase(
                "session.job_without_status", host=exchange.endpoint.label, id=job.id, status=status
            ),
            remedy=phrase("session.check_log", again=self._again()),
            status_code=error.status_code if error else None,
            body=error.body if error else "",
            request_id=exchange.answer.request_id,
        )

    def _again(self) -> str:
        """Say how to ask for the job later, for free."""
        number = self._exchange.record.number
        if self._is_film:
            return phrase("session.look_video", number=number)
        return phrase("session.look_fetch", number=number)

    def _failure(self, job: events.Job) -> RequestError:
        """Create the error for a failed job from its message: a refusal, an empty balance."""
        from nbext.wire.error_classes import classify_error
        from nbext.wire.json_values import encoded

        exchange = self._exchange
        if exchange.answer.failed is not None:
            error = error_from_event(exchange.answer.failed, exchange.answer)
        else:
            body = encoded({"error": {"message": job.message}})
            host, model = exchange.endpoint.label, exchange.request.model
            error = classify_error(200, {}, body, model=model, host=host)
        if type(error) is errors.ServerError:
            why = job.message or phrase("session.no_reason")
            error = errors.ServerError(phrase("session.job_failed", why=why))
        error.request_id = error.request_id or exchange.answer.request_id
        return error

    async def named(self, pages: list[events.Link]) -> list[events.Link]:
        """Poll the pages that will link to the picture, until one does.

        Raises:
            RequestError: The picture failed, or no page links to it in time.
        """
        exchange = self._exchange
        total = exchange.client.limits.total
        try:
            async with asyncio.timeout(total):
                return await self._look_at(pages)
        except TimeoutError:
            pass
        raise errors.TimedOutError(
            phrase("session.page_timeout", total=total),
            remedy=phrase("session.see_page", url=pages[0].url, again=self._again()),
            body=exchange.answer.text[:4096],
            request_id=exchange.answer.request_id,
            maybe_billed=True,
        )

    async def _look_at(
        self, pages: list[events.Link], *, is_state: bool = True
    ) -> list[events.Link]:
        from nbext.wire import jobs

        exchange = self._exchange
        empty = 0
        for wait in poll_intervals():
            for page in pages:
                try:
                    body = await exchange.downloader.page(page.url, endpoint=exchange.endpoint)
                    value = msgspec.json.decode(body)
                except NbextError as error:
                    raise download_error(error, page.url, exchange.answer) from None
                except (msgspec.MsgspecError, UnicodeError, RecursionError):
                    empty += 1
                    if empty < EMPTY_LOOKS:
                        continue
                    value = {"status": "failed", "message": phrase("session.page_not_json")}
                job, links = jobs.job(value, kind="picture")
                exchange.tell(job)
                links = [link for link in links if link.kind in ("picture", "film", "poster")]
                if links:
                    return links
                address = _result_of(job, page)
                if job.status == "done" and is_state and address != page.url:
                    # The state is at one address, the result at another.
                    result = events.Link(url=address, kind="poll")
                    return await self._look_at([result], is_state=False)
                if job.status in ("failed", "done"):
                    raise errors.ServerError(
                        phrase(
                            "session.picture_failed",
                            value=job.message or phrase("session.page_without_picture"),
                        ),
                        body=str(value)[:4096],
                        request_id=exchange.answer.request_id,
                        maybe_billed=True,
                    )
            await asyncio.sleep(wait)
        return []


def _result_of(job: events.Job, page: events.Link) -> str:
    """Return the address of a finished job's result, of which a page tells only the state."""
    return job.result_url or page.url.removesuffix("/status")


def _is_redirect(error: RequestError) -> bool:
    return error.status_code is not None and 300 <= error.status_code < 400


def _query(path: str) -> events.Call:
    """Write a free call for a path that may have a query."""
    path, _, query = path.partition("?")
    fields = dict(parse_qsl(query))
    return events.Call(path=path, query=fields, method="GET", generating=False)


class _Look(ResponseAccumulator):
    """The result of one poll for a job.

    The answer is parsed twice: by the wire format's decoder, for pictures inside it and for answers
    in the immediate form, and as a job's state.

    Args:
        kind: The kind of result if its URL does not tell: ``film`` or ``picture``.
        prompt: The prompt that was sent; another one in the answer is a rewritten one.
        empty_is_running: Whether an empty object is the state of a job that has not ended.

    Attributes:
        events: The decoder's events, except states and errors.
    """

    def __init__(self, kind: LinkKind, *, prompt: str = "", empty_is_running: bool = False) -> None:
        super().__init__()
        self._prompt = prompt
        self._empty_is_running = empty_is_running
        self.events: list[events.Event] = []
        self._kind = kind
        self._body = bytearray()

    def keep(self, data: bytes) -> None:
        """Store bytes of the body, up to the length of a state."""
        if len(self._body) <= MOST_STATE:
            self._body += data

    def take(self, event: events.Event) -> None:
        """Store an event of the decoder."""
        self.add(event)
        if not isinstance(event, events.Job | events.ErrorEvent | events.ResponseStart):
            self.events.append(event)

    @property
    def has_result(self) -> bool:
        """Whether a picture, or a link to one, has arrived."""
        return any(isinstance(event, events.Link | events.Inline) for event in self.events)

    def state(self, job_id: str) -> events.Job | None:
        """The job's state, None if the answer has none."""
        from nbext.wire import jobs

        known = {link.url for link in self.links}
        value = self._value()
        job = self.job
        if value == {} and self._empty_is_running:
            return events.Job(id=job_id, status="running")
        if isinstance(value, dict) and isinstance(value.get(job_id), dict):
            # ComfyUI's history has each job under its own id.
            value = value[job_id]
        match = jobs.own(value, job_id)
        if match is not value:
            # The others' results are not this job's.
            value, self.events, known = match, [], set()
        if isinstance(value, dict | list):
            if jobs.is_missing(value):
                return None
            stated, links = jobs.job(value, kind=self._kind)
            self.events += [link for link in links if link.url not in known]
            says_more = jobs.is_job(value) or jobs.has_state(value) or _says_why(value)
            job = stated if says_more else job
            if facts := jobs.drawn_with(value, self._prompt):
                self.events.append(events.Meta(**facts))
        if job is None and self.has_result:
            job = events.Job(id=job_id, status="done")
        # A relay may return the id of the service behind it, but accepts only its own.
        return msgspec.structs.replace(job, id=job_id) if job is not None else None

    def _value(self) -> Any:
        if len(self._body) > MOST_STATE:
            return None
        try:
            return msgspec.json.decode(self._body)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None


def _says_why(value: Any, depth: int = 4) -> bool:
    """Return whether an answer has a state or an error, as that of a failed job does."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict) or not depth:
        return False
    if value.get("error") or any(isinstance(value.get(name), str) for name in _STATES):
        return True
    return any(_says_why(value.get(name), depth - 1) for name in ("data", "output", "detail"))


_STATES = ("status", "state", "task_status")
