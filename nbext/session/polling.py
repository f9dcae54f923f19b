"""What comes later: jobs that are asked after, and pages that will name a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from nbext import errors
from nbext.errors import NbextError, RequestError
from nbext.session import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbext.data.endpoint import Endpoint
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.transport.client import Client
    from nbext.wire import events

# Seconds between two looks, at first and at most.
FIRST_LOOK = 0.5
LAST_LOOK = 10.0


def poll_intervals() -> Iterator[float]:
    """Give the seconds to wait before each look."""
    wait = FIRST_LOOK
    while True:
        yield wait
        wait = min(wait * 1.5, LAST_LOOK)


class JobPoller:
    """Asks after what an answer has only promised.

    Args:
        asked: The request.
        endpoint: Who has taken it.
        record: What is kept of it.
        answer: What has come of it.
        client: The connection.
        take: Told what a page says.
    """

    def __init__(
        self,
        asked: Request,
        endpoint: Endpoint,
        record: Record,
        *,
        answer: ResponseAccumulator,
        client: Client,
        take: Callable[[events.Event], None],
    ) -> None:
        self.asked = asked
        self.endpoint = endpoint
        self.record = record
        self.answer = answer
        self.client = client
        self.take = take
        self._address = 0

    async def state(self, job_id: str) -> Any:
        """Ask how far a job is, at the first address that knows it."""
        from nbext.wire import jobs

        is_film = self.record.wire == "videos"
        queries = jobs.queries(job_id, film=is_film)
        while True:
            try:
                return await self.client.json(self.endpoint, queries[self._address])
            except RequestError as error:
                if error.status_code == 404 and self._address + 1 < len(queries):
                    self._address += 1
                    continue
                if isinstance(error, errors.NotAnEndpointError):
                    # It has taken the job, so it is not the base URL that is wrong.
                    error.message = (
                        f"{self.endpoint.host} took the job {job_id}, and does not say how far it "
                        f"is (HTTP {error.status_code})."
                    )
                    error.remedy = "See whether the relay's log has it."
                if is_film:
                    again = f"%video @{self.record.number} asks after it again."
                    error.remedy = f"{error.remedy} {again}".strip()
                # The question is free; the job may not be.
                error.maybe_billed = not self.endpoint.embedded
                raise

    def failed(self, job: events.Job) -> RequestError:
        """Say why a job failed, as what its words tell of: a refusal, a spent balance."""
        from nbext.wire.error_classes import classify_error
        from nbext.wire.json_values import encoded

        if self.answer.failed is not None:
            error = verdict.error_from_event(self.answer.failed, self.answer)
        else:
            said = encoded({"error": {"message": job.message}})
            error = classify_error(200, {}, said, model=self.asked.model, host=self.endpoint.host)
        if type(error) is errors.ServerError:
            why = job.message or "the endpoint does not say why"
            error = errors.ServerError(f"The job failed: {why}")
        error.request_id = error.request_id or self.answer.request_id
        error.maybe_billed = not self.endpoint.embedded
        return error

    async def named(self, pages: list[events.Link]) -> list[events.Link]:
        """Look at the pages that will name the picture, without the key, until one does."""
        total = self.client.limits.total
        try:
            async with asyncio.timeout(total):
                return await self._look_at(pages)
        except TimeoutError:
            pass
        raise errors.TimedOutError(
            f"The page that is to name the picture has not done so within {total:g} s.",
            remedy=f"See whether it does by now: {pages[0].url}",
            body=self.answer.text[:4096],
            request_id=self.answer.request_id,
            maybe_billed=not self.endpoint.embedded,
        )

    async def _look_at(self, pages: list[events.Link]) -> list[events.Link]:
        from nbext.wire import jobs

        waits = poll_intervals()
        while pages:
            for page in pages:
                try:
                    body = await self.client.page(page.url, endpoint=self.endpoint)
                except NbextError as error:
                    raise verdict.download_error(
                        error, page.url, self.answer, self.endpoint
                    ) from None
                value = _json(body)
                job, links = jobs.job(value, kind="picture")
                self.take(job)
                found = [link for link in links if link.kind in ("picture", "film", "poster")]
                if found:
                    return found
                if job.status in ("failed", "done"):
                    raise errors.ServerError(
                        f"The picture failed: {job.message or 'its page names none'}",
                        body=str(value)[:4096],
                        request_id=self.answer.request_id,
                        maybe_billed=not self.endpoint.embedded,
                    )
            await asyncio.sleep(next(waits))
        return []


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return {"status": "failed", "message": "its page is no JSON"}
