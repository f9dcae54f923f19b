"""See a request through to its end: its result is on disk before it is reported."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from nbext import errors
from nbext.drawings.drawing import Drawing
from nbext.errors import NbextError, NoPictureError, PictureError, RequestError
from nbext.store import record_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from nbext.data.record import Record
    from nbext.session.exchange import Exchange
    from nbext.session.observer import Observer
    from nbext.session.protocol import DrawSession


async def see_through(
    session: DrawSession,
    exchange: Exchange,
    work: Coroutine[Any, Any, None],
    take: int,
    observer: Observer,
) -> Drawing:
    """Run an exchange; its result is on disk before it is reported."""
    record, endpoint = exchange.record, exchange.endpoint
    began = time.monotonic()
    problem: BaseException | None = None
    try:
        session.apply_limits()
        await work
    except asyncio.CancelledError as cancelled:
        problem = cancelled
        record.error = record_of.interruption(endpoint, was_sent=exchange.is_sent)
        raise
    except NbextError as error:
        problem = error
        record.error = record_of.failure_of(error)
        if isinstance(error, errors.ModelError):
            await session.connection.suggest(error, record.model, endpoint)
        elif isinstance(error, errors.RequestError):
            elapsed = time.monotonic() - began
            await session.connection.suggest_async(error, record.model, endpoint, elapsed=elapsed)
            record.error = record_of.failure_of(error)
        raise
    except Exception as error:
        problem = exchange.failure(error)
        record.error = record_of.failure_of(problem)
        raise problem from error
    finally:
        record.type, record.waiting = "drawing", False
        record.finished = record_of.now()
        record.elapsed = round(time.monotonic() - began, 3)
        failure = _complete(session, exchange)
        try:
            stored, lost = await _store(session, exchange)
        finally:
            exchange.end()
        problem = problem or lost or failure
        if problem is not None:
            failed = Drawing(stored, session.history)
            if isinstance(problem, RequestError):
                problem.drawing = failed
            observer.done(take, failed)
    if problem is not None:
        raise problem
    return Drawing(stored, session.history)


def _complete(session: DrawSession, exchange: Exchange) -> RequestError | None:
    """Complete the record of a request that has ended. Whatever fails, it is stored.

    Returns:
        The error, if a result is not in the record because of it.
    """
    record, endpoint = exchange.record, exchange.endpoint
    problem: Exception | None = None
    try:
        exchange.answer.into(record)
    except Exception as error:  # noqa: BLE001 -- such as a lack of memory
        problem = error
    with contextlib.suppress(MemoryError):
        if exchange.is_sent:
            session.account(record)
        session.budget.note_key(endpoint.host, *exchange.answer.key_budget)
    if problem is None or record.error is not None:
        return None
    from nbext.session.accumulator import unprocessed

    failure = unprocessed(problem, endpoint)
    if record.pictures or record.films:
        exchange.warn(failure.message)
        return None
    record.error = record_of.failure_of(failure)
    failure.__cause__ = problem
    return failure


async def _store(session: DrawSession, exchange: Exchange) -> tuple[Record, NoPictureError | None]:
    """Write a drawing to disk, without the pictures that the disk has lost meanwhile.

    Returns:
        The record as written, and the error if none of its pictures is left.
    """
    record = exchange.record
    try:
        return await session.store.append_async(record), None
    except PictureError as error:
        exchange.lose("picture", error)
        record.pictures = tuple(p for p in record.pictures if session.store.has(p.sha256))
        record.films = tuple(film for film in record.films if session.store.has(film.sha256))
        problem: NoPictureError | None = None
        if record.error is None and not (record.pictures or record.films):
            text, billed = record.text, not exchange.endpoint.embedded
            problem = NoPictureError(
                error.message, text=text, remedy=error.remedy, maybe_billed=billed
            )
            record.error = record_of.failure_of(problem)
        return await session.store.append_async(record), problem
    except (MemoryError, RecursionError, OSError):
        # What was in the way may be gone by now.
        return await session.store.append_async(record), None
