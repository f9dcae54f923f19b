"""The state of a request, from sending it to its end.

One object goes through all stages: ``Exchange`` sends and judges, ``JobPoller`` polls jobs,
``PictureFetcher`` collects pictures.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import LinkInfo
from nbext.errors import NbextError, RequestError, ServerError, TimedOutError
from nbext.messages.say import phrase
from nbext.transport.limiter import Turn
from nbext.wire import events, jobs
from nbext.wire.formats import wire_format
from nbext.wire.json_values import decode
from nbext.wire.urls import absolute

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Draft
    from nbext.data.request import Request
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.session.tools import ToolSet
    from nbext.store.store import Store
    from nbext.store.writer import Expected
    from nbext.transport.client import Client
    from nbext.transport.download import Downloader

# Seconds until a picture inside an unfinished answer is written to the record on disk.
HELD_OPEN = 1.0
# The most links of one answer that are written to disk as they arrive.
MOST_LINKS = 16
# Events with nothing to do but to add them to the answer.
_ONLY_ADDED = frozenset(
    [
        *(events.ResponseStart, events.Text, events.Reasoning, events.TextWasReasoning),
        *(events.Meta, events.Usage, events.Progress, events.Done),
    ]
)
# Limits of one drawing: the number of entries, and the characters of each.
MOST_WARNINGS, MOST_OF_A_WARNING = 20, 1000


class PendingRequest:
    """The state of a request.

    Args:
        request: The request.
        endpoint: The endpoint it is sent to.
        record: Its record; ``record.wire`` is the wire format.
        answer: Combines the events.
        store: Stores the pictures.
        client: The HTTP client.
        tell: Called with each event, for observers.
        tools: The functions that the model may call.
        turn: Its place at the endpoint, if it was taken before.

    Attributes:
        echo: A reference picture that came back: answers quote them, and it is the result only
            if there is no other.
        break_off: The error that cut the answer off after part of it had arrived.
        first_failure: The first part of the answer that was unusable.
        previews: The previews by sha256, which are not results.
        turn: Its place at the endpoint, until its result is on disk.
    """

    def __init__(
        self,
        request: Request,
        endpoint: Endpoint,
        *,
        record: Draft,
        answer: ResponseAccumulator,
        store: Store,
        client: Client,
        tell: Callable[[events.Event], None],
        tools: ToolSet | None = None,
        turn: Turn | None = None,
    ) -> None:
        self.request = request
        self.endpoint = endpoint
        self.record = record
        self.answer = answer
        self.store = store
        self.client = client
        self.tell = tell
        self.tools = tools
        self.echo: PictureInfo | None = None
        self.break_off: RequestError | None = None
        self.first_failure: NbextError | None = None
        self.previews: dict[str, PictureInfo] = {}
        # The links in a stream so far.
        self._drafts: list[str] = []
        self._saving: asyncio.TimerHandle | asyncio.Task[object] | None = None
        self._work: Expected | None = None
        self._has_left = False
        self.turn = turn or Turn(holds=True)
        self.turn.admitted = self._sent

    def _sent(self) -> Awaitable[object] | None:
        """Expect a result, now that it is sent, and note on disk that it is if it had to wait."""
        self._rest()
        self._work = self.store.at_work()
        self._work.__enter__()
        self._has_left = True
        if not self.record.waiting:
            return None
        self.record.waiting = False
        return self.store.append_async(self.record)

    async def _refused(self) -> None:
        """Note on disk that a request waits again: the endpoint has not begun it."""
        if self.record.type == "sent" and not (self.endpoint.embedded or self.record.waiting):
            self.record.waiting = True
            await self.store.append_async(self.record)

    def _rest(self) -> None:
        """Let the store expect no more lines."""
        work, self._work = self._work, None
        if work is not None:
            work.__exit__()

    @property
    def makes_film(self) -> bool:
        """Whether the endpoint is one of films, whose jobs are asked for at other paths."""
        return self.record.wire == "videos"

    @property
    def is_sent(self) -> bool:
        """Whether the endpoint may have begun: it does not wait for its place, or had an answer."""
        has_left = self._has_left and not self.turn.is_waiting
        return has_left or self.answer.status is not None

    def end(self) -> None:
        """Let other requests go ahead: whatever came of this one is on disk."""
        self.turn.end()
        self._rest()

    @functools.cached_property
    def downloader(self) -> Downloader:
        """Downloads what the answer links to."""
        from nbext.transport.download import Downloader  # few answers have links

        return Downloader(self.client.ssl_context, self.client.limits)

    async def send(self, call: events.Call, key: str) -> None:
        """Send a call and handle the answer's events.

        Args:
            call: The call in the record's wire format.
            key: The Idempotency-Key.

        Raises:
            RequestError: It failed without a usable result.
        """
        try:
            async with contextlib.aclosing(self.read(call, key=key, turn=self.turn)) as answer:
                async for event in answer:
                    await self.take(event)
                    if isinstance(event, events.Progress) and event.state == "retry":
                        await self._refused()
            self.forget_drafts()
        except RequestError as error:
            # If a stream is cut off after the picture arrived, the picture counts.
            if not (self.answer.pictures or self.answer.links):
                self.answer.request_id = self.answer.request_id or error.request_id
                job = _job_named(error) if call.generating else None
                if job is None:
                    raise
                await self.take(job)
                return
            self.forget_drafts()
            self.break_off = error
        finally:
            if self._saving is not None:
                self._saving.cancel()

    def read(
        self,
        call: events.Call,
        *,
        key: str = "",
        body: Callable[[bytes], None] | None = None,
        turn: Turn | None = None,
    ) -> AsyncGenerator[events.Event]:
        """Send a call and return the events of its answer.

        Args:
            call: The call in the record's wire format.
            key: The Idempotency-Key.
            body: Also receives the bytes as they arrive.
            turn: The place of a paid call at the endpoint.

        Raises:
            RequestError: It failed.
        """
        format_ = wire_format(self.record.wire)

        def decoder(content_type: str) -> events.Decoder:
            inner = format_.decoder(self.request, self.store.sink, content_type=content_type)
            return inner if body is None else _Tee(inner, body)

        return self.client.stream(self.endpoint, call, decoder, idempotency_key=key, turn=turn)

    def warn(self, text: str) -> None:
        """Add a warning for the user."""
        if len(self.record.warnings) < MOST_WARNINGS:
            self.record.warnings += (text[:MOST_OF_A_WARNING],)

    async def take(self, event: events.Event) -> None:
        """Handle an event of the answer; jobs and links are written to disk at once."""
        if type(event) in _ONLY_ADDED:
            if self.answer.add(event):
                self.tell(event)
            return
        if isinstance(event, events.DraftLinks):
            await self._note_drafts(event)
            return
        if isinstance(event, events.Link):
            event = self._whole(event)
        # A sketch's caption says it.
        if isinstance(event, events.Notice) and not self.endpoint.embedded:
            self.warn(f"@{self.record.number}: {event.message}")
        if isinstance(event, events.Inline) and event.partial:
            self.previews[event.picture.sha256] = event.picture
        elif isinstance(event, events.Inline) and not (self.endpoint.embedded or self._saving):
            loop = asyncio.get_running_loop()
            self._saving = loop.call_later(HELD_OPEN, self._save_held_open)
        if not self.answer.add(event):
            return
        self.tell(event)
        if isinstance(event, events.Job) and event.id and event.id != self.record.job:
            self.record.job = event.id
            await self.save()
        if isinstance(event, events.Link) and event.kind in ("picture", "film", "poll"):
            await self.note_link(event)

    def _whole(self, link: events.Link) -> events.Link:
        """Complete a link: without a host it belongs to the endpoint."""
        base = self.endpoint.base_url
        fallback = absolute(link.fallback, base) if link.fallback else ""
        return msgspec.structs.replace(link, url=absolute(link.url, base), fallback=fallback)

    async def _note_drafts(self, event: events.DraftLinks) -> None:
        """Write a stream's links so far to disk, replacing its earlier ones."""
        for url in self._drafts:
            self.forget_link(url)
        links = [self._whole(link) for link in event.links if link.kind != "maybe"]
        self._drafts = [link.url for link in links]
        for link in links[:-1]:
            await self.note_link(link, save=False)
        for link in links[-1:]:
            await self.note_link(link)

    def forget_drafts(self) -> None:
        """Remove a stream's earlier links that its end does not confirm as results."""
        results = {link.url for link in self.answer.links}
        for url in self._drafts:
            if url not in results:
                self.forget_link(url)
        self._drafts = []

    async def note_link(self, link: events.Link, *, save: bool = True) -> None:
        """Write a link to disk: its picture is paid for, and can be fetched again for free."""
        known = {item.url for item in self.record.links}
        if link.url not in known and len(known) < MOST_LINKS:
            info = LinkInfo(
                url=link.url, kind=link.kind, expires=link.expires, fallback=link.fallback
            )
            self.record.links += (info,)
            if save:
                await self.save()

    def forget_link(self, url: str) -> None:
        """Remove a link from the record, because it was fetched or leads nowhere."""
        self.record.links = tuple(item for item in self.record.links if item.url != url)

    async def save(self) -> None:
        """Write the record's current state to disk: the job, the links."""
        if not self.endpoint.embedded or self.record.job:
            await self.store.append_async(self.record)

    def _save_held_open(self) -> None:
        """Write a picture to disk that arrived inside an answer that does not end."""
        draft = msgspec.structs.replace(self.record)
        draft.pictures += tuple(self.new_pictures())
        self._saving = asyncio.create_task(self.store.append_async(draft))

    def new_pictures(self) -> list[PictureInfo]:
        """Return the pictures in the answer that are not in the record yet."""
        known = {info.sha256 for info in (*self.record.pictures, *self.record.films)}
        known |= {item.info.sha256 for item in self.request.references}
        return [info for info in self.answer.pictures if info.sha256 not in known]

    def lose(self, what: str, error: NbextError) -> None:
        """Record an unusable part of the answer; an error only if nothing else arrived."""
        self.first_failure = self.first_failure or error
        self.record.lost += (phrase(f"session.{what}_left_out", error=error),)


def _job_named(error: RequestError) -> events.Job | None:
    """Return the job that continues behind a proxy's time-out, if the error names it."""
    if not isinstance(error, ServerError | TimedOutError):
        return None
    value = decode(error.body.encode("utf-8", "replace"))
    if not jobs.names_job(value):
        return None
    job, _ = jobs.job(value)
    return job if job.status in ("queued", "running") else None


class _Tee:
    """A decoder that also passes the bytes to another receiver."""

    def __init__(self, inner: events.Decoder, body: Callable[[bytes], None]) -> None:
        self._inner = inner
        self._body = body
        self.over = inner.over

    def feed(self, data: bytes) -> list[events.Event]:
        self._body(data)
        result = self._inner.feed(data)
        self.over = self._inner.over
        return result

    def close(self) -> list[events.Event]:
        return self._inner.close()
