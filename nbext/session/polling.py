"""Poll for the result of a job, of which an answer only tells that it was accepted."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from nbext import errors
from nbext.errors import NbextError, RequestError
from nbext.messages.say import phrase
from nbext.session.accumulator import error_from_event
from nbext.session.fetching import PictureFetcher
from nbext.session.intervals import EMPTY_LOOKS, poll_intervals, poll_later
from nbext.session.job_answer import JobAnswer
from nbext.session.job_queries import EMPTY_WHILE_RUNNING, JobQueries, free_query
from nbext.transport import retry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbext.session.pending import PendingRequest
    from nbext.wire import events

# Errors in place of a state that end a job: asking again does not help.
_ENDS = ("ModerationError", "QuotaError")
# Errors of a poll that do not concern the job.
_PASSING = (
    errors.ConnectError,
    errors.NotAnEndpointError,
    errors.RateLimitError,
    errors.ServerError,
    errors.TimedOutError,
    errors.TruncatedError,
)


class JobPoller:
    """Polls for a promised result. Polling costs nothing.

    Args:
        exchange: The request.
    """

    def __init__(self, exchange: PendingRequest) -> None:
        self._exchange = exchange
        self._queries = JobQueries(exchange)
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
        self._queries.alias = job.alias
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
                remedy=poll_later(self._exchange.record),
                request_id=exchange.answer.request_id,
            ) from None
        if not self._exchange.makes_film:
            await self._look_again(job)
        await self._fetch_content(job)

    async def _look_again(self, job: events.Job) -> None:
        """Poll a finished job some more times: its result may come a moment after its state."""
        answer = self._exchange.answer
        for wait in retry.SOON[:2]:
            if answer.pictures or answer.links or job.file or self._queries.known is None:
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

    async def _take(self, look: JobAnswer, job: events.Job) -> events.Job | None:
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
                self._queries.result_url = url
                result = await self._look(job.id)
            for event in result.events:
                await exchange.take(event)
        return state

    async def _looks(self, job_id: str) -> AsyncIterator[JobAnswer | RequestError]:
        """Poll repeatedly, at growing intervals; yield an error for an unreadable answer."""
        for wait in poll_intervals():
            await asyncio.sleep(wait)
            try:
                yield await self._look(job_id)
            except RequestError as error:
                yield error

    async def _look(self, job_id: str) -> JobAnswer:
        """Ask for the state of a job, at the first path that knows it.

        Raises:
            RequestError: None does.
        """
        unknown: RequestError | None = None
        alias = quote(self._queries.alias, safe="")
        for call in self._queries.calls(job_id):
            if alias and alias in call.path:
                await self._rename(self._queries.alias)
            look = JobAnswer(
                "film" if self._exchange.makes_film else "picture",
                prompt=self._exchange.request.prompt,
                empty_is_running=call.path.startswith(EMPTY_WHILE_RUNNING),
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
                self._queries.known = call
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

    async def _fetch_content(self, job: events.Job) -> None:
        """Fetch the content of a finished job that has no address."""
        from nbext.wire import videos

        exchange = self._exchange
        if exchange.answer.pictures or exchange.answer.links:
            return
        fetcher = PictureFetcher(exchange)
        if job.file and await self._fetch_file(fetcher, job.file):
            return
        path = self._queries.known.path if self._queries.known is not None else ""
        if self._exchange.makes_film:
            call = videos.content(job.id)
        elif path and exchange.record.wire == "images":
            call = free_query(f"{path}/content")
        else:
            return
        try:
            await fetcher.keep(await fetcher.fetch_call(call, patient=self._exchange.makes_film))
        except RequestError as error:
            if not self._exchange.makes_film and error.status_code in (400, 404, 405):
                return  # no content; the rest of the answer is judged later
            error.message = phrase("session.film_unavailable", id=job.id, message=error.message)
            error.remedy = poll_later(self._exchange.record)
            raise

    async def _fetch_redirected(self) -> bool:
        """Fetch the result that a poll was redirected to; return whether it is there."""
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
                await fetcher.keep(await fetcher.fetch_call(free_query(path), patient=False))
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
            error.remedy = f"{error.remedy} {poll_later(self._exchange.record)}".strip()
            return error
        status = f" (HTTP {error.status_code})" if error and error.status_code else ""
        # It accepted the job, so the base URL is right.
        return errors.NotAnEndpointError(
            phrase(
                "session.job_without_status", host=exchange.endpoint.label, id=job.id, status=status
            ),
            remedy=phrase("session.check_log", again=poll_later(self._exchange.record)),
            status_code=error.status_code if error else None,
            body=error.body if error else "",
            request_id=exchange.answer.request_id,
        )

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


def _is_redirect(error: RequestError) -> bool:
    return error.status_code is not None and 300 <= error.status_code < 400
