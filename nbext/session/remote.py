"""Requests sent by workers: processes of a pool, machines of a cluster.

A worker sends and receives; only this kernel writes the history. A task contains no key: the worker
takes endpoint and key from its own environment, and refuses a task for another endpoint.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nbext import errors
from nbext.config.endpoints import resolve_endpoint
from nbext.config.loading import get_settings
from nbext.data.endpoint import Endpoint, Secret
from nbext.data.limits import Limits
from nbext.data.record import Draft, Failure
from nbext.data.request import Request
from nbext.errors import NbextError, RequestError, SettingsError
from nbext.messages.say import phrase
from nbext.session.accumulator import ResponseAccumulator
from nbext.session.exchange import Exchange
from nbext.store import record_of
from nbext.store.store import Store
from nbext.wire.events import Call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Executor

    from nbext.config.settings import Nbext

# The number of concurrent tasks, if neither the executor nor the settings define it.
AT_ONCE = 32
# The fields of a worker's record to take; this kernel knows the others better.
_ANSWER = (
    *("text", "reasoning", "progress", "usage", "cost", "answered_model", "gen_id", "answer_id"),
    *("revised_prompt", "actual", "notices", "answer", "raw", "request_id", "finish_reason"),
    *("citations", "calls", "job", "links", "pictures", "films", "lost"),
)


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A request for a worker.

    Attributes:
        request: The request.
        call: The request in its wire format.
        id: The drawing's id; also the Idempotency-Key.
        wire: The wire format's name.
        endpoint: The endpoint's name in the settings, empty for the current one.
        base_url: Its URL; a worker with another endpoint refuses the task.
        embedded: Whether the embedded endpoint draws; each worker has its own.
        limits: The limits of time and size.
    """

    request: Request
    call: Call
    id: str
    wire: str
    endpoint: str
    base_url: str
    embedded: bool
    limits: Limits


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a task.

    Attributes:
        record: The record of the answer.
        pictures: The bytes of pictures and films.
        failure: The error, None if there is a result.
    """

    record: Draft
    pictures: tuple[bytes, ...] = ()
    failure: Failure | None = None


# In the worker


def perform(task: Task) -> Answer:
    """Send a task and receive its answer. Runs in the worker."""
    return asyncio.run(_perform(task))


async def _perform(task: Task) -> Answer:
    from nbext.transport.client import Client

    failure: Failure | None = None
    record = Draft(type="sent", id=task.id, wire=task.wire, model=task.request.model)
    # Windows still holds a file that was just closed.
    with tempfile.TemporaryDirectory(prefix="nbext-", ignore_cleanup_errors=True) as folder:
        limits = task.limits
        store = Store(
            Path(folder) / "task.draws",
            max_bytes=limits.picture_bytes,
            max_pixels=limits.picture_pixels,
        )
        answer = ResponseAccumulator()
        client = Client(limits)
        try:
            exchange = Exchange(
                task.request,
                _endpoint_of(task),
                record=record,
                answer=answer,
                store=store,
                client=client,
                tell=lambda _: None,
            )
            try:
                await exchange.run(task.call)
            finally:
                exchange.end()
        except NbextError as error:
            failure = record_of.failure_of(error)
        finally:
            await client.aclose()
        answer.into(record)
        infos = (*record.pictures, *record.films)
        pictures = tuple(store.read(info.sha256) for info in infos)
    return Answer(record=record, pictures=pictures, failure=failure)


def _endpoint_of(task: Task) -> Endpoint:
    """Return the task's endpoint, with its key, from this worker's environment.

    Raises:
        SettingsError: The worker has another endpoint, or none.
    """
    if task.embedded:
        from nbext.session.connection import embedded

        return embedded(0, get_settings().embedded_pace)
    try:
        endpoint = resolve_endpoint(task.endpoint, settings=get_settings(), folder=Path.cwd())
    except SettingsError as error:
        raise _refusal(task, str(error)) from None
    if endpoint.embedded or endpoint.base_url.rstrip("/") != task.base_url.rstrip("/"):
        raise _refusal(task, phrase("sweep.other_endpoint"))
    return endpoint


def _refusal(task: Task, reason: str) -> SettingsError:
    host = Endpoint(name="", base_url=task.base_url, key=Secret("")).host
    return SettingsError(
        phrase("sweep.worker_key", host=host, reason=reason),
        remedy=phrase("sweep.worker_environment"),
    )


# In the kernel

_slots: weakref.WeakKeyDictionary[Executor, asyncio.Semaphore] = weakref.WeakKeyDictionary()


@contextlib.asynccontextmanager
async def slot(executor: Executor, settings: Nbext) -> AsyncIterator[None]:
    """Wait for a free worker, before the request is recorded as sent."""
    if executor not in _slots:
        workers = getattr(executor, "_max_workers", None)
        count = workers if isinstance(workers, int) else settings.max_concurrent or AT_ONCE
        _slots[executor] = asyncio.Semaphore(max(1, count))
    async with _slots[executor]:
        yield


async def send_elsewhere(exchange: Exchange, call: Call, executor: Executor) -> None:
    """Send a call through a worker, and store the result in the exchange's record and store.

    Raises:
        RequestError: It failed, or the worker ended before its answer arrived.
    """
    answer = await _performed(exchange, call, executor)
    store, record = exchange.store, exchange.record
    for data in answer.pictures:
        await store.stored_picture(store.put(data).sha256)
    for name in _ANSWER:
        setattr(record, name, getattr(answer.record, name))
    for warning in answer.record.warnings:
        exchange.warn(warning.replace("@0", f"@{record.number}"))
    if answer.failure is not None:
        raise _error_of(answer.failure, record.request_id)


async def _performed(exchange: Exchange, call: Call, executor: Executor) -> Answer:
    endpoint = exchange.endpoint
    task = Task(
        request=exchange.request,
        call=call,
        id=exchange.record.id,
        wire=exchange.record.wire,
        endpoint=exchange.request.endpoint,
        base_url="" if endpoint.embedded else endpoint.base_url,
        embedded=endpoint.embedded,
        limits=exchange.client.limits,
    )
    await exchange.client.admit(endpoint, exchange.turn)
    try:
        future = executor.submit(perform, task)
    except Exception as error:
        raise RequestError(
            phrase("sweep.executor_closed", named=_named(error)),
            remedy=phrase("sweep.other_executor"),
        ) from error
    try:
        return await asyncio.wrap_future(future)
    except NbextError:
        raise
    except asyncio.CancelledError as problem:
        task_here = asyncio.current_task()
        if task_here is not None and task_here.cancelling():
            future.cancel()
            raise
        # A terminating executor has dropped the task.
        cause: BaseException = problem
    except Exception as problem:  # noqa: BLE001 -- the executor's own kind of error
        cause = problem
    raise RequestError(
        phrase("sweep.worker_ended", named=_named(cause)),
        remedy=phrase("sweep.run_again"),
        maybe_billed=not endpoint.embedded,
    ) from cause


def _named(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _error_of(failure: Failure, request_id: str) -> NbextError:
    """Recreate the error that a worker reported."""
    kind = getattr(errors, failure.type, RequestError)
    if isinstance(kind, type) and issubclass(kind, RequestError):
        return kind(
            failure.message,
            remedy=failure.remedy,
            status_code=failure.status_code,
            request_id=request_id,
            body=failure.body,
            maybe_billed=failure.maybe_billed,
        )
    if isinstance(kind, type) and issubclass(kind, NbextError):
        return kind(failure.message, remedy=failure.remedy)
    return NbextError(failure.message, remedy=failure.remedy)
