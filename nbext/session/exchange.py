"""Send a request, follow it to its end, and record the result.

``pending.py`` holds the state of the request, ``polling.py`` polls jobs,
``fetching.py`` collects pictures; this module sends the request and judges the result.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext import errors
from nbext.data.picture import is_film
from nbext.data.record import results_of
from nbext.data.request import Turn
from nbext.drawings.masking import (
    background,
    film_facts,
    has_mask,
    mask_change,
    wants_transparency,
)
from nbext.errors import (
    DownloadError,
    NbextError,
    NoPictureError,
    PictureError,
    RequestError,
    resource_error,
)
from nbext.messages.say import phrase
from nbext.session.accumulator import error_from_event, no_picture_error, unprocessed
from nbext.session.fetching import PictureFetcher
from nbext.session.pending import PendingRequest
from nbext.session.polling import JobPoller
from nbext.wire import events
from nbext.wire.error_classes import classify_error
from nbext.wire.formats import encode, wire_format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.session.tools import ToolSet


class Exchange(PendingRequest):
    """Sends a request and follows it until its pictures are stored."""

    async def run(self, call: events.Call) -> None:
        """Send the call and follow it to its pictures.

        Raises:
            RequestError: It failed; everything that arrived before is in the record.
        """
        with self._settled():
            await self.send(call, self.record.id)
            if self.tools is not None:
                await self._use_tools(self.tools)
            await self._collect()

    async def collect(self) -> None:
        """Resume from the record of an earlier attempt: its job, its links. This costs nothing.

        Raises:
            RequestError: It failed.
        """
        self.record.pictures = results_of(self.record)
        for link in self.record.links:
            self.answer.add(events.Link(url=link.url, kind=link.kind))
        if self.answer.links:
            # The job is done: its result has an address.
            self.answer.job = None
        with self._settled():
            await self._collect()

    async def read_stored(self, body: bytes, status: int) -> None:
        """Decode an answer that arrived in another way than in reply to this request.

        Args:
            body: The answer, in the form of a reply.
            status: The HTTP status, if known.

        Raises:
            RequestError: It failed.
        """
        with self._settled():
            if status >= 400:
                host, model = self.endpoint.label, self.request.model
                raise classify_error(status, {}, body, model=model, host=host)
            format_ = wire_format(self.record.wire)
            decoder = format_.decoder(
                self.request, self.store.sink, content_type="application/json"
            )
            for event in (*decoder.feed(body), *decoder.close()):
                await self.take(event)
            await self._collect()

    @contextlib.contextmanager
    def _settled(self) -> Iterator[None]:
        """Convert every error to one of ours, note what may be billed, and keep what arrived."""
        try:
            yield
        except asyncio.CancelledError:
            self._keep_unchecked()
            raise
        except RequestError as error:
            error.maybe_billed = self._may_be_billed(error)
            self._keep_preview()
            raise
        except NbextError:
            raise
        except Exception as error:
            self._keep_unchecked()
            raise self.failure(error) from error
        finally:
            self._forget_previews()

    def failure(self, error: Exception) -> NbextError:
        """Create the error for whatever has gone wrong here: before it was sent, or after."""
        unsent = None if self.is_sent else resource_error(error, unsent=True)
        if unsent is not None:
            return unsent
        failure = unprocessed(error, self.endpoint)
        failure.status_code = self.answer.status
        failure.request_id, failure.body = self.answer.request_id, self.answer.text[:4096]
        return failure

    def _may_be_billed(self, error: RequestError) -> bool:
        """Return whether the endpoint may have billed a failed request; decided only here."""
        if self.endpoint.embedded:
            return False
        # The endpoint has worked on it.
        has_worked = isinstance(error, NoPictureError | DownloadError) or bool(self.record.job)
        return has_worked or error.maybe_billed

    def _keep_preview(self) -> None:
        """Record the last preview of a failed drawing as a draft: nothing else arrived."""
        record = self.record
        if self.previews and not (record.pictures or record.films or self.endpoint.embedded):
            *_, last = self.previews.values()
            record.pictures = (msgspec.structs.replace(last, role="draft"),)
            self.warn(phrase("session.draft_kept", number=record.number))

    def _keep_unchecked(self) -> None:
        """Record pictures that arrived but could not be checked any more."""
        self.record.pictures += tuple(self.new_pictures())

    async def _collect(self) -> None:
        """Wait for the job, download links, and judge the result."""
        fetcher = PictureFetcher(self)
        self._take_location()
        if self.answer.job is not None:
            await JobPoller(self).follow(self.answer.job)
        for invalid in self.answer.invalid_pictures:
            self.lose("picture", PictureError(invalid.message, remedy=invalid.remedy))
        for info in self.answer.pictures:
            try:
                await fetcher.keep(info)
            except PictureError as error:
                self.lose("picture", error)
        self.record.films += tuple(self.answer.sounds)
        if self.record.links:
            # They are on disk, and can be fetched again for free.
            self.turn.end()
        await fetcher.fetch_links()
        self._judge()
        if has_mask(self.record) and not self.endpoint.embedded:
            self.record.mask_change = await asyncio.to_thread(mask_change, self.record, self.store)
        if self.record.films and not self.endpoint.embedded:
            self.answer.actual |= await asyncio.to_thread(film_facts, self.record, self.store)
        if wants_transparency(self.record) and not self.endpoint.embedded:
            measured = await asyncio.to_thread(background, self.record, self.store)
            if measured:
                self.answer.actual["background"] = measured

    def _take_location(self) -> None:
        """Treat a request accepted without an answer as a job, if a header names it."""
        answer = self.answer
        if answer.location and not (answer.pictures or answer.links or answer.job):
            name = answer.location.partition("?")[0].rstrip("/").rpartition("/")[2]
            answer.failed = None
            answer.add(events.Job(id=name, status="queued", poll_url=answer.location))
        elif answer.location and answer.job is not None and not answer.job.poll_url:
            answer.job = msgspec.structs.replace(answer.job, poll_url=answer.location)

    def _forget_previews(self) -> None:
        """Delete previews from disk: they are not results."""
        results = {info.sha256 for info in (*self.record.pictures, *self.record.films)}
        for sha256 in self.previews.keys() - results:
            self.store.discard(sha256)

    async def _use_tools(self, tools: ToolSet) -> None:
        """Call the functions that the model asks for and send the results, until it stops."""
        answered = 0
        for round_ in range(1, tools.rounds + 1):
            calls = self.answer.calls[answered:]
            if not calls:
                return
            answered = len(self.answer.calls)
            turns = [_calling(calls)]
            # They may send requests of their own.
            self.turn.end()
            for call in calls:
                shown = f"{call.name}({call.arguments[:60]})"
                self.tell(events.Progress(words=shown, state="running"))
                result = await tools.answer(call)
                self.answer.results[call.id] = result
                turns.append(Turn(role="tool", text=result, answers=call.id))
            followup = (*self.request.followup, *turns)
            self.request = msgspec.structs.replace(self.request, followup=followup)
            encoded = encode(self.request, self.record.wire)
            await self.send(encoded, f"{self.record.id}-{round_}")
        if self.answer.calls[answered:]:
            raise errors.BadRequestError(
                phrase("session.too_many_rounds", rounds=tools.rounds),
                remedy=phrase("session.allow_rounds"),
                maybe_billed=True,
            )

    # The end

    def _judge(self) -> None:
        """Raise the reason if there is no result.

        Raises:
            RequestError: The reason.
        """
        failed = self.answer.failed
        if self.record.pictures or any(is_film(info) for info in self.record.films):
            if failed is not None and failed.kind != "TruncatedError":
                number = self.record.number
                self.warn(phrase("session.more_expected", number=number, message=failed.message))
            return
        if isinstance(self.first_failure, RequestError):
            raise self.first_failure
        if self.break_off is not None:
            raise self.break_off
        wants_picture = self.request.kind in ("draw", "video")
        if self.first_failure is not None and (wants_picture or not self.answer.text):
            raise NoPictureError(
                self.first_failure.message,
                text=self.answer.text,
                remedy=self.first_failure.remedy,
                status_code=self.answer.status,
                request_id=self.answer.request_id,
            )
        if failed is not None:
            raise error_from_event(failed, self.answer)
        if self.request.kind == "draw" and self.echo is not None:
            self.record.pictures += (self.echo,)
            self.warn(
                phrase("session.unchanged", number=self.record.number, model=self.request.model)
            )
            return
        if wants_picture:
            raise no_picture_error(self.request, self.answer)


def _calling(calls: list[events.ToolCall]) -> Turn:
    """Return the model's turn in which it calls functions."""
    return Turn(
        role="assistant",
        text="",
        calls=tuple({"id": c.id, "name": c.name, "arguments": c.arguments} for c in calls),
    )
