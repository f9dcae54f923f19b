"""Batches: many requests in one job, whose results are collected later.

OpenAI's and Gemini's interfaces share the job; each writes its own states and results.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nbext.embedded.batch import ENDED, Batch, BatchResult
from nbext.embedded.errors import ReplyError
from nbext.embedded.inner import InnerAnswer, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.web import Application

    from nbext.embedded.base import Handler
    from nbext.embedded.state import ServerState

MOST_REQUESTS = 1000  # in one batch
_MOST_BATCHES = 64  # stored at once; the oldest finished one makes room
_MOST_RESULT_BYTES = 128 * 2**20  # of one batch
_AT_ONCE = 2  # requests of one batch
_STEP_SECONDS = 0.5  # before the start and before the end, at pace 1
_LONGEST_SECONDS = 120.0  # for one request


def start(handler: Handler, batch: Batch) -> Batch:
    """Store and start a batch.

    Raises:
        ReplyError: 429, if too many batches are under way.
    """
    batches = handler.state.batches
    removable = [one.id for one in batches.values() if one.status in ENDED]
    surplus = len(batches) + 1 - _MOST_BATCHES
    if surplus > len(removable):
        message = f"{_MOST_BATCHES} batches are under way: wait for one to end"
        raise ReplyError(429, message, code="batch_limit", headers={"Retry-After": "5"})
    for name in removable[: max(0, surplus)]:
        del batches[name]
    batches[batch.id] = batch
    batch.enter("validating")
    headers = {"Host": handler.request.host}
    headers["Authorization"] = f"Bearer {handler.state.access.key}"
    work = _work(handler.state, handler.application, batch, headers)
    batch.work = asyncio.ensure_future(work)
    return batch


async def _work(
    state: ServerState, application: Application, batch: Batch, headers: dict[str, str]
) -> None:
    """Run a batch through its statuses to its end."""
    try:
        await _answer_batch(state, application, batch, headers)
    except Exception as error:  # noqa: BLE001 - reported to the client as a failed batch
        message = f"internal error of the embedded endpoint: {type(error).__name__}"
        batch.errors.append({"code": "server_error", "message": message})
        batch.enter("failed")


async def _answer_batch(
    state: ServerState, application: Application, batch: Batch, headers: dict[str, str]
) -> None:
    await asyncio.sleep(_STEP_SECONDS * state.pace)
    if batch.errors:
        batch.enter("failed")
        return
    if batch.status == "validating":
        batch.enter("in_progress")
    numbers = iter(range(len(batch.items)))
    workers = (_answer_items(application, batch, numbers, headers) for _ in range(_AT_ONCE))
    await asyncio.gather(*workers)
    is_whole = batch.status == "in_progress"
    if is_whole:
        batch.enter("finalizing")
        await asyncio.sleep(_STEP_SECONDS * state.pace)
    batch.finalize(batch)
    batch.enter("completed" if is_whole else "cancelled")
    for item in batch.items:
        item.body = b""  # they may be large


async def _answer_items(
    application: Application, batch: Batch, numbers: Iterator[int], headers: dict[str, str]
) -> None:
    """Answer requests one after the other until all are done or the batch is cancelled."""
    for number in numbers:
        if batch.status != "in_progress":
            return
        item = batch.items[number]
        if batch.result_bytes > _MOST_RESULT_BYTES:
            error = f"the results of the batch are over {_MOST_RESULT_BYTES} bytes: split it"
            batch.results[number] = BatchResult(item, InnerAnswer(), error)
            continue
        answer = await ask(application, item.path, item.body, headers, _LONGEST_SECONDS)
        batch.result_bytes += len(answer.body)
        error = "" if answer.status else "the request broke off without an answer"
        batch.results[number] = BatchResult(item, answer, error)
