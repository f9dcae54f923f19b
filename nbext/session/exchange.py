"""One request under way: sent, followed, fetched; what comes of it goes into its record."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext import errors
from nbext.data.request import Turn
from nbext.data.picture import is_shown
from nbext.errors import NbextError, NoPictureError, PictureError, RequestError
from nbext.session import verdict
from nbext.session.polling import JobPoller, poll_intervals
from nbext.wire import events
from nbext.wire.urls import absolute
from nbext.wire.formats import wire_format

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.session.accumulator import ResponseAccumulator
    from nbext.session.tools import ToolSet
    from nbext.store.store import Store
    from nbext.transport.client import Client

# Pictures of one answer that are fetched at the same time.
AT_ONCE = 4
# Seconds for addresses that may lead to a picture.
TRYING = 60.0


class Exchange:
    """A request on its way.

    Args:
        asked: The request.
        endpoint: Whom it goes to.
        record: What is kept of it; ``record.wire`` is the wire format.
        answer: Folds the events.
        store: Where pictures go.
        client: The connection.
        tell: Told each event, for whoever looks on.
        tools: The functions that the model may ask for.
    """

    def __init__(
        self,
        asked: Request,
        endpoint: Endpoint,
        *,
        record: Record,
        answer: ResponseAccumulator,
        store: Store,
        client: Client,
        tell: Callable[[events.Event], None],
        tools: ToolSet | None = None,
    ) -> None:
        self.asked = asked
        self.endpoint = endpoint
        self.record = record
        self.answer = answer
        self.store = store
        self.client = client
        self.tell = tell
        self.tools = tools
        self._cut: RequestError | None = None
        self._lost: NbextError | None = None
        # A picture that was given: answers quote them, and it is the result where nothing else is.
        self._returned: PictureInfo | None = None
        self._previews: set[str] = set()
        self._later = JobPoller(
            asked, endpoint, record, answer=answer, client=client, take=self._take
        )

    async def run(self, call: events.Call) -> None:
        """Send the call and see it through to its pictures.

        Raises:
            RequestError: What went wrong; what had come until then is in the record.
        """
        try:
            await self._send(call, self.record.id)
            if self.tools is not None:
                await self._use_tools(self.tools)
            await self.collect()
        except RequestError as error:
            # What never costs anything has not been billed, whatever status it rehearses.
            error.maybe_billed = error.maybe_billed and not self.endpoint.embedded
            raise
        finally:
            self._forget_previews()

    async def collect(self) -> None:
        """Wait for the job, fetch what the answer points to, and judge what has come."""
        if self.answer.job is not None:
            await self._follow_job(self.answer.job)
        for spoiled in self.answer.spoiled:
            self._lose("A picture", PictureError(spoiled.message, remedy=spoiled.remedy))
        for info in self.answer.pictures:
            try:
                await self._keep(info)
            except PictureError as error:
                self._lose("A picture", error)
        await self._fetch_links()
        self._judge()

    # Sending

    async def _send(self, call: events.Call, key: str) -> None:
        spoken = wire_format(self.record.wire)

        def decoder(content_type: str) -> events.Decoder:
            return spoken.decoder(self.asked, self.store.sink, content_type=content_type)

        try:
            stream = self.client.stream(self.endpoint, call, decoder, idempotency_key=key)
            async with contextlib.aclosing(stream) as told:
                async for event in told:
                    self._take(event)
        except RequestError as error:
            # A stream that is cut after the picture came has still brought the picture.
            if not (self.answer.pictures or self.answer.links):
                self.answer.request_id = self.answer.request_id or error.request_id
                raise
            self._cut = error

    def _take(self, event: events.Event) -> None:
        if isinstance(event, events.Link):
            # A link without a host is one of the endpoint's.
            base = self.endpoint.base_url
            event = msgspec.structs.replace(
                event,
                url=absolute(event.url, base),
                fallback=absolute(event.fallback, base) if event.fallback else "",
            )
        if isinstance(event, events.Notice):
            self.store.warnings.append(f"@{self.record.number}: {event.message}")
        if isinstance(event, events.Inline) and event.partial:
            self._previews.add(event.picture.sha256)
        self.answer.add(event)
        self.tell(event)

    def _forget_previews(self) -> None:
        """Take previews off the disk: they are no results."""
        kept = {info.sha256 for info in (*self.record.pictures, *self.record.films)}
        for sha256 in self._previews - kept:
            self.store.discard(sha256)

    async def _use_tools(self, tools: ToolSet) -> None:
        """Run what the model asks for and tell it, until it asks no more."""
        answered = 0
        for round_ in range(1, tools.rounds + 1):
            calls = self.answer.calls[answered:]
            if not calls:
                return
            answered = len(self.answer.calls)
            turns = [_asking(calls)]
            for call in calls:
                shown = f"{call.name}({call.arguments[:60]})"
                self.tell(events.Progress(words=shown, state="running"))
                result = await tools.answer(call)
                self.answer.results[call.id] = result
                turns.append(Turn(role="tool", text=result, answers=call.id))
            followup = (*self.asked.followup, *turns)
            self.asked = msgspec.structs.replace(self.asked, followup=followup)
            encoded = wire_format(self.record.wire).encode(self.asked)
            await self._send(encoded, f"{self.record.id}-{round_}")
        if self.answer.calls[answered:]:
            raise errors.BadRequestError(
                f"The model still asks for functions after {tools.rounds} rounds.",
                remedy="Allow more with --rounds (or rounds=).",
                maybe_billed=not self.endpoint.embedded,
            )

    # Jobs

    async def _follow_job(self, job: events.Job) -> None:
        """Look at an asynchronous job until it has ended."""
        if not self.record.job:
            # On disk at once: a job outlives the kernel, and is picked up again by its id.
            self.record.job = job.id
            self.store.append(self.record)
        waits = poll_intervals()
        while job.status in ("queued", "running"):
            await asyncio.sleep(next(waits))
            job = await self._look(job.id)
        if job.status == "failed":
            raise self._later.failed(job)

    async def _look(self, job_id: str) -> events.Job:
        from nbext.wire import jobs, responses, videos

        if self.record.wire == "responses":
            # Its answer is the same as it would have been at once.
            self.answer.job = None
            await self._send(responses.query(job_id), self.record.id)
            return self.answer.job or events.Job(id=job_id, status="done")
        is_film = self.record.wire == "videos"
        job, links = jobs.job(
            await self._later.state(job_id), kind="film" if is_film else "picture"
        )
        # A relay may answer with the id that the service behind it has; it knows its own alone.
        job = msgspec.structs.replace(job, id=job_id)
        for event in (job, *links):
            self._take(event)
        if job.status == "done" and is_film and not links:
            call = videos.content(job_id)
            await self._keep(await self.client.fetch(self.endpoint, call, self.store.sink))
        return job

    # Pictures

    async def _fetch_links(self) -> None:
        """Fetch what the answer points to."""
        by_kind: dict[str, list[events.Link]] = {"maybe": [], "poll": [], "": []}
        for link in self.answer.links:
            by_kind[link.kind if link.kind in by_kind else ""].append(link)
        links = by_kind[""]
        if not links and not self.record.pictures:
            links = await self._later.named(by_kind["poll"])
        links = list({link.url: link for link in links}.values())
        for link, fetched in zip(links, await self._fetch_all(links), strict=True):
            try:
                if isinstance(fetched, NbextError):
                    raise fetched
                role = "poster" if link.kind == "poster" else ""
                await self._keep(msgspec.structs.replace(fetched, url=link.url, role=role))
            except PictureError as error:
                self._lose(f"A {_thing(link)}", error)
            except NbextError as error:
                said = verdict.download_error(error, link.url, self.answer, self.endpoint)
                self._lose(f"A {_thing(link)}", said)
        if not (links or self.record.pictures or self._lost):
            await self._try(by_kind["maybe"])

    async def _fetch_all(self, links: list[events.Link]) -> list[PictureInfo | NbextError]:
        """Fetch some at a time; those that cannot be fetched are the errors that say why."""
        some = asyncio.Semaphore(AT_ONCE)

        async def fetch(link: events.Link) -> PictureInfo | NbextError:
            async with some:
                self.tell(events.Progress(words=f"fetching the {_thing(link)}", percent=None))
                try:
                    return await self._fetch(link)
                except NbextError as error:
                    return await self._fetch_fallback(link, error)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fetch(link)) for link in links]
        return [task.result() for task in tasks]

    async def _fetch_fallback(
        self, link: events.Link, error: NbextError
    ) -> PictureInfo | NbextError:
        """Fetch the smaller picture that an answer shows in the place of one that is not there."""
        if not link.fallback:
            return error
        try:
            return await self._fetch(msgspec.structs.replace(link, url=link.fallback, fallback=""))
        except NbextError:
            return error

    async def _fetch(self, link: events.Link) -> PictureInfo:
        from nbext.wire import videos

        job_id = self.answer.job.id if self.answer.job is not None else ""
        if link.kind == "film" and job_id and videos.is_content(link.url, job_id):
            # The endpoint's own interface, which wants the key, under whatever name it has itself.
            call = videos.content(job_id)
            return await self.client.fetch(self.endpoint, call, self.store.sink)
        return await self.client.download(link.url, self.store.sink, endpoint=self.endpoint)

    async def _try(self, links: list[events.Link]) -> None:
        """See whether there are pictures where the answer does not say so; it is no loss if not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(TRYING, self.client.limits.total)):
                for link in links:
                    self.tell(events.Progress(words="looking whether it is a picture"))
                    with contextlib.suppress(NbextError):
                        info = await self.client.download(
                            link.url, self.store.sink, endpoint=self.endpoint
                        )
                        await self._keep(msgspec.structs.replace(info, url=link.url))

    async def _keep(self, info: PictureInfo) -> None:
        """Prove that it is a picture, and put it into the record, once."""
        if info.sha256 in {item.info.sha256 for item in self.asked.references}:
            self._returned = info
            return
        if info.sha256 in {kept.sha256 for kept in (*self.record.pictures, *self.record.films)}:
            return
        if info.media_type.startswith("video/"):
            self.record.films.append(info)
        elif info.media_type.startswith("image/"):
            await self._prove(info)
            self.record.pictures.append(info)
            if not is_shown(info.media_type):
                self.store.warnings.append(
                    f"@{self.record.number}: the picture is {info.extension.upper()}, which "
                    "notebooks do not show. Its bytes are stored as they came; d.save() writes them."
                )
        elif not info.media_type.startswith("audio/"):
            raise PictureError(
                f"The endpoint sent {info.extension.upper()} in the place of a picture.",
                remedy=f"Its bytes are in the history's folder, as {info.sha256[:12]}….",
            )

    async def _prove(self, info: PictureInfo) -> None:
        """Decode a picture once, away from the loop, to know that it is one."""
        from nbext.imaging.validate import check_picture

        path = self.store.path(info.sha256)
        source = path if path is not None else self.store.read(info.sha256)
        await asyncio.to_thread(check_picture, source, info, self.client.limits)

    # The end

    def _lose(self, what: str, error: NbextError) -> None:
        """Note what is no good; it is an error where nothing else came."""
        self._lost = self._lost or error
        self.record.lost.append(f"{what} is left out: {error}")

    def _judge(self) -> None:
        """Say why nothing has come, where nothing has.

        Raises:
            RequestError: As it says.
        """
        failed = self.answer.failed
        if self.record.pictures or self.record.films:
            if failed is not None and failed.kind != "TruncatedError":
                said = f"@{self.record.number}: more may have been meant to come: {failed.message}"
                self.store.warnings.append(said)
            return
        if isinstance(self._lost, RequestError):
            raise self._lost
        if self._cut is not None:
            raise self._cut
        if self._lost is not None and (
            self.asked.kind in ("draw", "video") or not self.answer.text
        ):
            raise NoPictureError(
                self._lost.message,
                text=self.answer.text,
                remedy=self._lost.remedy,
                status_code=self.answer.status,
                request_id=self.answer.request_id,
                maybe_billed=not self.endpoint.embedded,
            )
        if failed is not None:
            raise verdict.error_from_event(failed, self.answer)
        if self.asked.kind == "draw" and self._returned is not None:
            self.record.pictures.append(self._returned)
            self.store.warnings.append(
                f"@{self.record.number}: {self.asked.model} gave the picture back unchanged."
            )
            return
        if self.asked.kind in ("draw", "video"):
            raise verdict.no_picture_error(self.asked, self.answer, self.endpoint)


def _asking(calls: list[events.ToolCall]) -> Turn:
    return Turn(
        role="assistant",
        text="",
        calls=tuple({"id": c.id, "name": c.name, "arguments": c.arguments} for c in calls),
    )


def _thing(link: events.Link) -> str:
    return link.kind if link.kind in ("film", "poster") else "picture"
