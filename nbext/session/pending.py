"""A request under way: what is known of it, from its sending to its end.

One object goes through all stages: ``Exchange`` sends and judges, ``JobPoller`` asks after jobs,
``PictureFetcher`` brings pictures in.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import LinkInfo
from nbext.errors import NbextError, RequestError
from nbext.messages.say import phrase
from nbext.transport.download import Downloader
from nbext.wire import events
from nbext.wire.formats import wire_format
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
        except RequestError as error:
            # A stream that is cut after the picture came has still brought the picture.
            if not (self.answer.pictures or self.answer.links):
                self.answer.request_id = self.answer.request_id or error.request_id
                raise
            self.break_off = error

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
        if isinstance(event, events.Link):
            # A link without a host is one of the endpoint's.
            base = self.endpoint.base_url
            fallback = absolute(event.fallback, base) if event.fallback else ""
            url = absolute(event.url, base)
            event = msgspec.structs.replace(event, url=url, fallback=fallback)
        if isinstance(event, events.Notice):
            self.warn(f"@{self.record.number}: {event.message}")
        if isinstance(event, events.Inline) and event.partial:
            self.previews.add(event.picture.sha256)
        if not self.answer.add(event):
            return
        self.tell(event)
        if isinstance(event, events.Job) and event.id and event.id != self.record.job:
            self.record.job = event.id
            await self.save()
        if isinstance(event, events.Link) and event.kind in ("picture", "film", "poll"):
            await self.note_link(event)

    async def note_link(self, link: events.Link) -> None:
        """Put a link on disk: the picture behind it is paid for, and is fetched again for free."""
        known = {item.url for item in self.record.links}
        if link.url not in known and len(known) < MOST_LINKS:
            info = LinkInfo(
                url=link.url, kind=link.kind, expires=link.expires, fallback=link.fallback
            )
            self.record.links += (info,)
            await self.save()

    def forget_link(self, url: str) -> None:
        """Take a link off the record: what it leads to is there, or is none."""
        self.record.links = tuple(item for item in self.record.links if item.url != url)

    async def save(self) -> None:
        """Put the record on disk as it is now: the job, the links."""
        if not self.endpoint.embedded or self.record.job:
            await self.store.append_async(self.record)

    def lose(self, what: str, error: NbextError) -> None:
        """Note what is no good; it is an error where nothing else came."""
        self.first_failure = self.first_failure or error
        self.record.lost += (phrase(f"session.{what}_left_out", error=error),)


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
