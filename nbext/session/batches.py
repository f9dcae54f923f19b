"""Send drawings as a batch, which a provider makes at half price within a day, and collect them.

1. Each drawing's ``sent`` line, which names the batch, is on disk before the batch is sent.
2. The batch is sent once. If its id was lost, because the kernel was killed or the answer did not
   arrive, it is found in the endpoint's list of batches under our name.
3. Any kernel can ask for the state and collect results; existing results are not fetched again.

The state of a batch is stored as a note on its first drawing (``batch_note.py``).
"""

from __future__ import annotations

import contextlib
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import Failure, Record, draft_of
from nbext.data.request import Request
from nbext.drawings.drawing import Drawing
from nbext.errors import HistoryError, NbextError, NotAnEndpointError, OptionError, RequestError
from nbext.messages.say import phrase
from nbext.session.accumulator import ResponseAccumulator
from nbext.session.batch_answers import answer_of, lines_of
from nbext.session.batch_note import NOTE, Batch, BatchNote, batches_of
from nbext.session.exchange import Exchange
from nbext.store import record_of
from nbext.store.merge import note_of
from nbext.wire.batches import FACTOR, batch_wire, has_batches, once, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.cell import Cell
    from nbext.data.endpoint import Endpoint
    from nbext.data.record import Draft
    from nbext.session.protocol import BatchSession
    from nbext.wire.batches import BatchWire, Job, Result
    from nbext.wire.events import Call

# The most requests in a batch, because the results arrive in one answer.
_MOST = {"images": 100, "gemini": 20}
# How long another kernel may take to upload a batch, before its id can be known.
GRACE_SECONDS = 600.0
# Providers promise a batch within a day.
_LATE_SECONDS = 25 * 3600.0
# The most pages of the endpoint's list in which a batch is looked for.
_MOST_PAGES = 100


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing to make in a batch."""

    request: Request
    take: int


# Sending


async def submit(session: BatchSession, drawings: Sequence[Wanted], cell: Cell) -> list[Record]:
    """Send drawings as batches, one for each endpoint and model.

    Returns:
        Their records, in order.

    Raises:
        OptionError: A model has no batch interface, or does not accept the request.
        RequestError: A batch could not be created; the earlier batches are under way.
    """
    plans: list[tuple[Endpoint, str, Call]] = []
    for wanted in drawings:
        request = wanted.request
        endpoint = await session.endpoint(request.endpoint)
        wire, call = _call(session, request, endpoint)
        session.notices.add(*session.connection.warnings(request, endpoint, wire))
        plans.append((endpoint, wire, once(call, request.model)))
    groups: dict[tuple[str, str, str], list[int]] = {}
    for at, (endpoint, wire, call) in enumerate(plans):
        groups.setdefault((endpoint.base_url, wire, call.path), []).append(at)
    records: dict[int, Record] = {}
    for (_, wire, _), group in groups.items():
        for part in split([str(at) for at in group], _MOST[wire]):
            places = [int(at) for at in part]
            endpoint = plans[places[0]][0]
            calls = [plans[at][2] for at in places]
            wanted_here = [drawings[at] for at in places]
            sent = await _submit(session, endpoint, wire, wanted_here, calls, cell)
            records |= dict(zip(places, sent, strict=True))
    return [records[at] for at in sorted(records)]


def _call(session: BatchSession, request: Request, endpoint: Endpoint) -> tuple[str, Call]:
    """Encode a request in a wire format with batches: its own, or another of its family.

    Raises:
        OptionError: There is none.
    """
    wire, call = session.connection.call(request, endpoint)
    if not (has_batches(wire) or request.via):
        others = session.connection.family(request.model, endpoint).wires
        other = next((name for name in others if has_batches(name)), None)
        if other is not None:
            request = msgspec.structs.replace(request, via=other)
            wire, call = session.connection.call(request, endpoint)
    batch_wire(wire, request.model)
    return wire, call


async def _submit(
    session: BatchSession,
    endpoint: Endpoint,
    wire: str,
    drawings: Sequence[Wanted],
    calls: Sequence[Call],
    cell: Cell,
) -> list[Record]:
    """Record the drawings of a batch as sent, and send it."""
    name = uuid.uuid4().hex[:16]
    drafts = []
    for wanted, call in zip(drawings, calls, strict=True):
        draft = record_of.sent_record(wanted.request, call, endpoint, wire=wire)
        draft.session, draft.take, draft.job = session.id, wanted.take, f"{NOTE}{name}"
        draft.cell, draft.execution_count = cell.id, cell.execution_count
        drafts.append(draft)
    cost = session.connection.cost(drawings[0].request, endpoint)
    half = msgspec.structs.replace(cost, usd=cost.usd * FACTOR) if cost is not None else None
    if not endpoint.embedded:
        session.reserve([draft.id for draft in drafts], half)
    begun = [await session.store.begin_async(draft) for draft in drafts]
    note = BatchNote(
        host=endpoint.host,
        wire=wire,
        model=drawings[0].request.model,
        ids=tuple(draft.id for draft in begun),
        sent=record_of.now(),
    )
    first = session.store.record(begun[0].id)
    assert first is not None
    batch = Batch(name=name, first=first, note=note)
    await _save(session, batch)
    try:
        job = await _begin(session, endpoint, batch, dict(zip(note.ids, calls, strict=True)))
    except RequestError as error:
        if not error.maybe_billed:
            await _end(session, batch, _not_drawn(error.message))
        raise
    await _tell(session, batch, job)
    records = [session.store.record(id_) for id_ in note.ids]
    return [record for record in records if record is not None]


async def _begin(
    session: BatchSession, endpoint: Endpoint, batch: Batch, calls: dict[str, Call]
) -> Job:
    """Create a batch: the upload may be repeated, the batch itself is created once."""
    how = batch_wire(batch.note.wire, batch.note.model)
    upload = how.upload(calls, batch.name)
    file = ""
    if upload is not None:
        answer = await session.connection.client.json(endpoint, upload)
        file = str(answer.get("id", "")) if isinstance(answer, dict) else ""
        if not file:
            raise NotAnEndpointError(phrase("batch.no_files", host=endpoint.host))
    call = how.create(calls, batch.name, file)
    job = how.job(await answer_of(session, endpoint, call, key=batch.name))
    if not job.id:
        # It was accepted: the endpoint's list may have it under our name.
        raise NotAnEndpointError(phrase("batch.no_id", host=endpoint.host), maybe_billed=True)
    return job


# Looking, and bringing in


async def collect(session: BatchSession, *, names: Sequence[str] = ()) -> list[Batch]:
    """Ask for the state of batches and record new results. This costs nothing.

    Args:
        session: The session.
        names: The batches to collect; by default all.

    Returns:
        The batches that were under way, with their new state.
    """
    batches = [batch for batch in batches_of(session.store.records()) if not batch.note.over]
    batches = [batch for batch in batches if not names or batch.name in names]
    for batch in batches:
        try:
            await _look(session, batch)
        except NbextError as error:
            batch.problem = str(error)
    return batches


async def _look(session: BatchSession, batch: Batch) -> None:
    if await _has_died(session, batch):
        await _end(session, batch, _not_drawn(phrase("batch.embedded_ended")))
        return
    endpoint = await _endpoint_of(session, batch)
    how = batch_wire(batch.note.wire, batch.note.model)
    if not batch.note.job:
        job = await _listed(session, endpoint, how, batch)
        if job is None:
            if _age(batch.note.sent) < GRACE_SECONDS:
                batch.note.words = phrase("batch.other_kernel")
                return
            # The endpoint's list contains a batch as soon as it exists.
            await _end(session, batch, _not_drawn(phrase("batch.never_sent")))
            return
        await _tell(session, batch, job)
    try:
        answer = await answer_of(session, endpoint, how.look(batch.note.job))
    except RequestError as error:
        if error.status_code != 404:
            raise
        failure = _lost(endpoint, phrase("batch.unknown"), batch.note.job)
        await _end(session, batch, failure)
        return
    job = how.job(answer)
    if job.state != "running":
        for result in how.results_of(answer):
            await _take(session, endpoint, batch, result)
        await _end_with_files(session, endpoint, how, batch, job)
        return
    await _tell(session, batch, job)
    if _age(batch.note.sent) > _LATE_SECONDS:
        batch.problem = phrase("batch.late", number=batch.number)


async def _has_died(session: BatchSession, batch: Batch) -> bool:
    """Return whether a batch was at the embedded endpoint of another kernel, which ends with it."""
    if not batch.first.embedded:
        return False
    endpoint = await session.endpoint(batch.first.endpoint)
    return endpoint.embedded and endpoint.host != batch.note.host


async def _listed(
    session: BatchSession, endpoint: Endpoint, how: BatchWire, batch: Batch
) -> Job | None:
    """Find a batch in the endpoint's list by our name, page by page."""
    page = ""
    for _ in range(_MOST_PAGES):
        answer = await session.connection.client.json(endpoint, how.listing(page))
        job = next((job for job in how.jobs(answer) if job.name == batch.name), None)
        before, page = page, how.next_page(answer)
        if job is not None or not page or page == before:
            return job
    raise NotAnEndpointError(phrase("batch.long_list", host=endpoint.host))


async def _end_with_files(
    session: BatchSession, endpoint: Endpoint, how: BatchWire, batch: Batch, job: Job
) -> None:
    """Record the answers in the files of an ended batch, and mark it as over."""
    reason = ""
    for file in job.files:
        try:
            await _take_file(session, endpoint, how, batch, file)
        except RequestError as error:
            if error.status_code not in (404, 410):
                raise
            reason = phrase("batch.file_gone", file=file)
    is_lost = bool(reason) or job.state == "done"
    if job.state == "done":
        reason = reason or phrase("batch.unanswered")
    reason = reason or job.error or phrase("batch.ended_without", words=job.words)
    failure = _lost(endpoint, reason, job.id) if is_lost else _not_drawn(reason)
    await _end(session, batch, failure, job=job)


def _age(sent: str) -> float:
    """Return the number of seconds since a time."""
    return (datetime.now(UTC) - datetime.fromisoformat(sent)).total_seconds()


async def _endpoint_of(session: BatchSession, batch: Batch) -> Endpoint:
    """Return the endpoint of a batch, with its current key.

    Raises:
        HistoryError: Another endpoint is in use.
    """
    name = batch.first.endpoint
    endpoint = await session.endpoint("" if name == "relay" else name)
    if endpoint.host != batch.note.host:
        raise HistoryError(
            phrase("batch.other_endpoint", host=batch.note.host, host2=endpoint.host),
            remedy=phrase("batch.set_endpoint", host=batch.note.host),
        )
    return endpoint


async def _take_file(
    session: BatchSession, endpoint: Endpoint, how: BatchWire, batch: Batch, file: str
) -> None:
    """Record the results in a file, line by line."""
    async with contextlib.aclosing(lines_of(session, endpoint, how.content(file))) as lines:
        async for line in lines:
            result = how.result(line)
            if result is not None:
                await _take(session, endpoint, batch, result)


async def _take(session: BatchSession, endpoint: Endpoint, batch: Batch, result: Result) -> None:
    """Record the result of a drawing of a batch, unless it is recorded already."""
    record = session.store.record(result.key) if result.key in batch.note.ids else None
    if record is None or record.type != "sent":
        return
    draft = draft_of(record)
    if result.refusal:
        draft.error = _not_drawn(result.refusal)
        session.release(draft.id)
        await _close(session, draft)
        return
    answer = ResponseAccumulator()
    exchange = Exchange(
        Request(prompt=record.prompt, model=record.model, kind=record.kind),
        endpoint,
        record=draft,
        answer=answer,
        store=session.store,
        client=session.connection.client,
        tell=lambda _: None,
    )
    try:
        await exchange.read_stored(result.body, result.status)
    except NbextError as error:
        draft.error = record_of.failure_of(error)
    finally:
        answer.into(draft)
        session.notices.add(*draft.warnings)
        await _finish(session, draft)


async def _finish(session: BatchSession, draft: Draft) -> None:
    """Finish a drawing's record, and account for its cost."""
    session.account(draft, factor=FACTOR)
    await _close(session, draft)


async def _close(session: BatchSession, draft: Draft) -> None:
    """Write the record of a drawing that has ended."""
    draft.type, draft.job, draft.finished = "drawing", "", record_of.now()
    await session.store.append_async(draft)


def _lost(endpoint: Endpoint, reason: str, job: str) -> Failure:
    """Return the failure of a drawing that the endpoint may have made."""
    if endpoint.embedded:
        return _not_drawn(reason)
    remedy = phrase("batch.look_up", job=job, host=endpoint.host)
    return Failure(type="RequestError", message=reason, remedy=remedy, maybe_billed=True)


def _not_drawn(reason: str) -> Failure:
    return Failure(type="RequestError", message=reason)


async def _end(
    session: BatchSession, batch: Batch, failure: Failure, *, job: Job | None = None
) -> None:
    """Mark a batch as over, and record the reason for its missing drawings."""
    for id_ in batch.note.ids:
        record = session.store.record(id_)
        if record is None or record.type != "sent":
            continue
        draft = draft_of(record)
        draft.error = failure
        session.release(id_)
        await _close(session, draft)
    batch.note.over = True
    if job is not None:
        batch.note.job, batch.note.words, batch.note.ended = job.id, job.words, job.ended
    else:
        batch.note.words = phrase("batch.over")
    await _save(session, batch)


async def _tell(session: BatchSession, batch: Batch, job: Job) -> None:
    """Record the state of a batch."""
    before = msgspec.structs.replace(batch.note)
    batch.note.job, batch.note.words, batch.note.ended = job.id, job.words, job.ended
    # Only the id is worth a line on disk; progress is asked for anew.
    if before.job != job.id:
        await _save(session, batch)


async def _save(session: BatchSession, batch: Batch) -> None:
    note = note_of(batch.first.id, {f"{NOTE}{batch.name}": msgspec.to_builtins(batch.note)})
    await session.store.append_async(note)


async def pick_up(session: BatchSession, record: Record) -> Drawing:
    """Return a drawing of a batch, if it has arrived.

    Raises:
        HistoryError: It is still pending.
        RequestError: It failed.
    """
    batches = await collect(session, names=[record.job.removeprefix(NOTE)])
    now = session.store.record(record.id) or record
    if now.type == "sent":
        about = str(batches[0]) if batches else phrase("batch.not_in_history")
        about += f". {batches[0].problem.rstrip('.')}" if batches and batches[0].problem else ""
        raise HistoryError(
            phrase("batch.not_yet", number=record.number, about=about),
            remedy=phrase("batch.collect"),
        )
    if now.error is not None:
        raise RequestError(now.error.message, remedy=now.error.remedy)
    return Drawing(now, session.history)


async def cancel(session: BatchSession, batch: Batch) -> None:
    """Cancel a batch, and record the results so far.

    Raises:
        OptionError: The endpoint's id of the batch is not known.
        RequestError: It cannot be cancelled.
    """
    if not batch.note.job:
        raise OptionError(phrase("batch.id_unknown"), remedy=phrase("batch.ask"))
    endpoint = await _endpoint_of(session, batch)
    how = batch_wire(batch.note.wire, batch.note.model)
    await session.connection.client.json(endpoint, how.cancel(batch.note.job))
