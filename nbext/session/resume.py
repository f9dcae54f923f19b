"""Fetch results that were paid for before, by another kernel or another cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.data.record import draft_of
from nbext.data.request import Request
from nbext.session.ending import see_through
from nbext.store.claims import is_resumable
from nbext.wire import events

if TYPE_CHECKING:
    from nbext.data.record import Record
    from nbext.drawings.drawing import Drawing
    from nbext.session.observer import Observer
    from nbext.session.protocol import DrawSession


async def job_of(session: DrawSession, record: Record | None, endpoint: str) -> Record | None:
    """Return a record whose result can still be fetched from the current endpoint."""
    if record is None or not is_resumable(record):
        return None
    from nbext.session.batch_note import is_in_batch, is_known

    if is_in_batch(record) and not is_known(session.store.records(), record):
        return None
    where = await session.endpoint(endpoint)
    return record if where.host == record.host else None


async def pick_up(session: DrawSession, record: Record, take: int, observer: Observer) -> Drawing:
    """Fetch a result that another kernel, or another cell, has paid for."""
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.session.batch_note import is_in_batch
    from nbext.session.exchange import Exchange

    if is_in_batch(record):
        from nbext.session.batches import pick_up as of_batch

        return await of_batch(session, record)
    endpoint = await session.endpoint("" if record.endpoint == "relay" else record.endpoint)
    answer = ResponseAccumulator()
    if record.job:
        answer.add(events.Job(id=record.job, status="queued"))
    draft = draft_of(record)
    draft.error, draft.lost = None, ()
    exchange = Exchange(
        Request(prompt=record.prompt, model=record.model, kind=record.kind),
        endpoint,
        record=draft,
        answer=answer,
        store=session.store,
        client=session.connection.client,
        tell=lambda event: observer.event(take, event),
    )
    return await see_through(session, exchange, exchange.collect(), take, observer)
