"""Poll the pages that will link to a picture."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from nbext import errors
from nbext.errors import NbextError
from nbext.messages.say import phrase
from nbext.session.accumulator import download_error
from nbext.session.intervals import EMPTY_LOOKS, poll_intervals, poll_later
from nbext.wire import events, jobs

if TYPE_CHECKING:
    from nbext.session.pending import PendingRequest


async def links_of(exchange: PendingRequest, pages: list[events.Link]) -> list[events.Link]:
    """Poll the pages that will link to a request's picture, until one does.

    Raises:
        RequestError: The picture failed, or no page links to it in time.
    """
    total = exchange.client.limits.total
    try:
        async with asyncio.timeout(total):
            return await _poll(exchange, pages)
    except TimeoutError:
        pass
    raise errors.TimedOutError(
        phrase("session.page_timeout", total=total),
        remedy=phrase("session.see_page", url=pages[0].url, again=poll_later(exchange.record)),
        body=exchange.answer.text[:4096],
        request_id=exchange.answer.request_id,
        maybe_billed=True,
    )


async def _poll(
    exchange: PendingRequest, pages: list[events.Link], *, is_state: bool = True
) -> list[events.Link]:
    """Poll pages until one links to the picture; ``is_state``: it may tell only the state."""
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
                return await _poll(exchange, [result], is_state=False)
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
