"""A request under way: what is known of it, from its sending to its end.

One object goes through all stages: ``Exchange`` sends and judges, ``JobPoller`` asks after jobs,
``PictureFetcher`` brings pictures in.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import LinkInfo
from nbext.errors import NbextError, RequestError, ServerError, TimedOutError
from nbext.messages.say import phrase
from nbext.transport.download import Downloader
from nbext.wire import events, jobs
from nbext.wire.formats import wire_format
from nbext.wire.json_values import decode
from nbext.wire.urls import absolute

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Draft
    from nbext.data.request import Request
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.session.tools import ToolSet
    from nbext.store.store import Store
    from nbext.transport.client import Client

# Seconds after which a picture inside an answer that goes on is put into the record on disk.
HELD_OPEN = 1.0
# Links of one answer that are put on disk as they come.
MOST_LINKS = 16
# Of one drawing, and characters in each.
MOST_WARNINGS, MOST_OF_A_WARNING = 20, 1000


class PendingRequest:
    """A request under way.

    Args:
        request: The request.
        endpoint: Whom it goes to.
        record: What is kept of it; ``record.wire`` is the wire format.
        answer: Folds the events.
        store: Where pictures go.
        client: The connection.
        tell: Told each event, for whoever looks on.
        tools: The functions that the model may call.

    Attributes:
        downloader: Fetches what the answer points to.
        echo: A picture that was sent and came back: answers quote them, and it is the result
            where nothing else is.
        break_off: What broke the answer off after something had come.
        first_failure: The first thing that came and is no good.
        previews: The sha256 of previews, which are no results.
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
    ) -> None:
        self.request = request
        self.endpoint = endpoint
        self.record = record
        self.answer = answer
        self.store = store
        self.client = client
        self.downloader = Downloader(client.ssl_context, client.limits)
        self.tell = tell
        self.tools = tools
        self.echo: PictureInfo | None = None
        self.break_off: RequestError | None = None
        self.first_failure: NbextError | None = None
        self.previews: set[str] = set()
        # What a stream under way points to.
        self._drafts: list[str] = []
        self._saving: asyncio.Task[None] | None = None

    async def send(self, call: events.Call, key: str) -> None:
        """Send a call and take the answer's events.

        Args:
            call: In the record's wire format.
            key: The Idempotency-Key.

        Raises:
            RequestError: What went wrong, where nothing has come that can be used.
        """
        try:
            async with contextlib.aclosing(self.read(call, key=key)) as answer:
                async for event in answer:
                    await self.take(event)
            self.forget_drafts()
        except RequestError as error:
            # A stream that is cut after the picture came has still brought the picture.
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

    async def read(
        self, call: events.Call, *, key: str = "", body: Callable[[bytes], None] | None = None
    ) -> AsyncGenerator[events.Event]:
        """Send a call and give the events of its answer.

        Args:
            call: In the record's wire format.
            key: The Idempotency-Key.
            body: Takes the bytes as they come, besides.

        Raises:
            RequestError: What went wrong.
        """
        format_ = wire_format(self.record.wire)

        def decoder(content_type: str) -> events.Decoder:
            inner = format_.decoder(self.request, self.store.sink, content_type=content_type)
            return inner if body is None else _Tee(inner, body)

        stream = self.client.stream(self.endpoint, call, decoder, idempotency_key=key)
        async with contextlib.aclosing(stream) as answer:
            async for event in answer:
                yield event

    def warn(self, text: str) -> None:
        """Note what a user should know though nothing failed."""
        if len(self.record.warnings) < MOST_WARNINGS:
            self.record.warnings += (text[:MOST_OF_A_WARNING],)

    async def take(self, event: events.Event) -> None:
        """Take an event of the answer; what a paid picture can be had by is on disk at once."""
        if isinstance(event, events.DraftLinks):
            await self._note_drafts(event)
            return
        if isinstance(event, events.Link):
            event = self._whole(event)
        if isinstance(event, events.Notice):
            self.warn(f"@{self.record.number}: {event.message}")
        if isinstance(event, events.Inline) and event.partial:
            self.previews.add(event.picture.sha256)
        elif isinstance(event, events.Inline) and not (self.endpoint.embedded or self._saving):
            self._saving = asyncio.create_task(self._save_held_open())
        if not self.answer.add(event):
            return
        self.tell(event)
        if isinstance(event, events.Job) and event.id and event.id != self.record.job:
            self.record.job = event.id
            await self.save()
        if isinstance(event, events.Link) and event.kind in ("picture", "film", "poll"):
            await self.note_link(event)

    def _whole(self, link: events.Link) -> events.Link:
        """Complete a link: one without a host is one of the endpoint's."""
        base = self.endpoint.base_url
        fallback = absolute(link.fallback, base) if link.fallback else ""
        return msgspec.structs.replace(link, url=absolute(link.url, base), fallback=fallback)

    async def _note_drafts(self, event: events.DraftLinks) -> None:
        """Put on disk what a stream points to so far, in place of what it did before."""
        for url in self._drafts:
            self.forget_link(url)
        links = [self._whole(link) for link in event.links if link.kind != "maybe"]
        self._drafts = [link.url for link in links]
        for link in links[:-1]:
            await self.note_link(link, save=False)
        for link in links[-1:]:
            await self.note_link(link)

    def forget_drafts(self) -> None:
        """Take off the record what a stream pointed to and its end does not say is the result."""
        results = {link.url for link in self.answer.links}
        for url in self._drafts:
            if url not in results:
                self.forget_link(url)
        self._drafts = []

    async def note_link(self, link: events.Link, *, save: bool = True) -> None:
        """Put a link on disk: the picture behind it is paid for, and is fetched again for free."""
        known = {item.url for item in self.record.links}
        if link.url not in known and len(known) < MOST_LINKS:
            info = LinkInfo(
                url=link.url, kind=link.kind, expires=link.expires, fallback=link.fallback
            )
            self.record.links += (info,)
            if save:
                await self.save()

    def forget_link(self, url: str) -> None:
        """Take a link off the record: what it leads to is there, or is none."""
        self.record.links = tuple(item for item in self.record.links if item.url != url)

    async def save(self) -> None:
        """Put the record on disk as it is now: the job, the links."""
        if not self.endpoint.embedded or self.record.job:
            await self.store.append_async(self.record)

    async def _save_held_open(self) -> None:
        """Put a picture on disk that has come inside an answer whose end does not come."""
        await asyncio.sleep(HELD_OPEN)
        draft = msgspec.structs.replace(self.record)
        draft.pictures += tuple(self.new_pictures())
        await self.store.append_async(draft)

    def new_pictures(self) -> list[PictureInfo]:
        """Give the pictures that have come inside the answer and are not in the record yet."""
        known = {info.sha256 for info in (*self.record.pictures, *self.record.films)}
        known |= {item.info.sha256 for item in self.request.references}
        return [info for info in self.answer.pictures if info.sha256 not in known]

    def lose(self, what: str, error: NbextError) -> None:
        """Note what is no good; it is an error where nothing else came."""
        self.first_failure = self.first_failure or error
        self.record.lost += (phrase(f"session.{what}_left_out", error=error),)


def _job_named(error: RequestError) -> events.Job | None:
    """Read the job that goes on behind a proxy which has given up, where its words name one."""
    if not isinstance(error, ServerError | TimedOutError):
        return None
    value = decode(error.body.encode("utf-8", "replace"))
    if not jobs.names_job(value):
        return None
    job, _ = jobs.job(value)
    return job if job.status in ("queued", "running") else None


class _Tee:
    """A decoder whose bytes somebody else gets as well."""

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
