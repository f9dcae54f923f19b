"""One request under way: sent, followed, fetched; what comes of it goes into its record."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext import errors
from nbext.data.request import Turn
from nbext.errors import NbextError, NoPictureError, PictureError, RequestError
from nbext.wire import events
from nbext.wire.choose import wire
from nbext.wire.complaint import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.answer import Answer
    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.history.store import Store
    from nbext.tools import Toolbox
    from nbext.transport.client import Client

# Base64 that is no picture which is accepted says nothing to a reader.
_DATA = re.compile(r"(;base64,|\b)[A-Za-z0-9+/_-]{80,}={0,2}")

# Seconds between two looks at a job, at first and at most.
FIRST_LOOK = 0.5
LAST_LOOK = 10.0
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
        answer: Answer,
        store: Store,
        client: Client,
        tell: Callable[[events.Event], None],
        tools: Toolbox | None = None,
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
        self._address = 0

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
        spoken = wire(self.record.wire)

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
        if isinstance(event, events.Inline) and event.partial:
            self._previews.add(event.picture.sha256)
        self.answer.add(event)
        self.tell(event)

    def _forget_previews(self) -> None:
        """Take previews off the disk: they are no results."""
        kept = {info.sha256 for info in (*self.record.pictures, *self.record.films)}
        for sha256 in self._previews - kept:
            self.store.discard(sha256)

    async def _use_tools(self, tools: Toolbox) -> None:
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
            encoded = wire(self.record.wire).encode(self.asked)
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
        wait = FIRST_LOOK
        while job.status in ("queued", "running"):
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, LAST_LOOK)
            job = await self._look(job.id)
        if job.status == "failed":
            raise self._job_failed(job)

    async def _look(self, job_id: str) -> events.Job:
        from nbext.wire import jobs, responses, videos

        if self.record.wire == "responses":
            # Its answer is the same as it would have been at once.
            self.answer.job = None
            await self._send(responses.query(job_id), self.record.id)
            return self.answer.job or events.Job(id=job_id, status="done")
        is_film = self.record.wire == "videos"
        job, links = jobs.job(await self._state(job_id), kind="film" if is_film else "picture")
        # A relay may answer with the id that the service behind it has; it knows its own alone.
        job = msgspec.structs.replace(job, id=job_id)
        for event in (job, *links):
            self._take(event)
        if job.status == "done" and is_film and not links:
            call = videos.content(job_id)
            await self._keep(await self.client.fetch(self.endpoint, call, self.store.sink))
        return job

    async def _state(self, job_id: str) -> Any:
        """Ask how far a job is, at the first address that knows it."""
        from nbext.wire import images, videos

        is_film = self.record.wire == "videos"
        queries = [videos.query(job_id)] if is_film else images.queries(job_id)
        while True:
            try:
                return await self.client.json(self.endpoint, queries[self._address])
            except RequestError as error:
                if error.status_code == 404 and self._address + 1 < len(queries):
                    self._address += 1
                    continue
                if isinstance(error, errors.NotAnEndpointError):
                    # It has taken the job, so it is not the base URL that is wrong.
                    error.message = (
                        f"{self.endpoint.host} took the job {job_id}, and does not say how far it "
                        f"is (HTTP {error.status_code})."
                    )
                    error.remedy = "See whether the relay's log has it."
                if is_film:
                    again = f"%video @{self.record.number} asks after it again."
                    error.remedy = f"{error.remedy} {again}".strip()
                # The question is free; the job may not be.
                error.maybe_billed = not self.endpoint.embedded
                raise

    def _job_failed(self, job: events.Job) -> RequestError:
        """Say why a job failed, as what its words tell of: a refusal, a spent balance."""
        from nbext.wire.failures import failure
        from nbext.wire.values import encoded

        if self.answer.failed is not None:
            error = self._error_of(self.answer.failed)
        else:
            said = encoded({"error": {"message": job.message}})
            error = failure(200, {}, said, model=self.asked.model, host=self.endpoint.host)
        if type(error) is errors.ServerError:
            why = job.message or "the endpoint does not say why"
            error = errors.ServerError(f"The job failed: {why}")
        error.request_id = error.request_id or self.answer.request_id
        error.maybe_billed = not self.endpoint.embedded
        return error

    # Pictures

    async def _fetch_links(self) -> None:
        """Fetch what the answer points to."""
        by_kind: dict[str, list[events.Link]] = {"maybe": [], "poll": [], "": []}
        for link in self.answer.links:
            by_kind[link.kind if link.kind in by_kind else ""].append(link)
        links = by_kind[""]
        if not links and not self.record.pictures:
            links = await self._poll(by_kind["poll"])
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
                self._lose(f"A {_thing(link)}", self._download_error(error, link.url))
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
                    return error

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fetch(link)) for link in links]
        return [task.result() for task in tasks]

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

    async def _poll(self, pages: list[events.Link]) -> list[events.Link]:
        """Look at the pages that will name the picture, without the key, until one does."""
        total = self.client.limits.total
        try:
            async with asyncio.timeout(total):
                return await self._look_at(pages)
        except TimeoutError:
            pass
        raise errors.TimedOutError(
            f"The page that is to name the picture has not done so within {total:g} s.",
            remedy=f"See whether it does by now: {pages[0].url}",
            body=self.answer.text[:4096],
            request_id=self.answer.request_id,
            maybe_billed=not self.endpoint.embedded,
        )

    async def _look_at(self, pages: list[events.Link]) -> list[events.Link]:
        from nbext.wire import jobs

        wait = FIRST_LOOK
        while pages:
            for page in pages:
                try:
                    body = await self.client.page(page.url, endpoint=self.endpoint)
                except NbextError as error:
                    raise self._download_error(error, page.url) from None
                value = _json(body)
                job, links = jobs.job(value, kind="picture")
                self._take(job)
                found = [link for link in links if link.kind in ("picture", "film", "poster")]
                if found:
                    return found
                if job.status in ("failed", "done"):
                    raise errors.ServerError(
                        f"The picture failed: {job.message or 'its page names none'}",
                        body=str(value)[:4096],
                        request_id=self.answer.request_id,
                        maybe_billed=not self.endpoint.embedded,
                    )
            await asyncio.sleep(wait)
            wait = min(wait * 1.5, LAST_LOOK)
        return []

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

    async def _prove(self, info: PictureInfo) -> None:
        """Decode a picture once, away from the loop, to know that it is one."""
        from nbext.transport.pictures import check_picture

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
            raise self._error_of(failed)
        if self.asked.kind == "draw" and self._returned is not None:
            self.record.pictures.append(self._returned)
            self.store.warnings.append(
                f"@{self.record.number}: {self.asked.model} gave the picture back unchanged."
            )
            return
        if self.asked.kind in ("draw", "video"):
            wanted = "picture" if self.asked.kind == "draw" else "film"
            said = one_line(_DATA.sub(r"\1…", self.answer.text[:20_000]), 300)
            raise NoPictureError(
                f"{self.asked.model} answered without a {wanted}"
                + (f": {said}" if said else ", and without a word."),
                text=self.answer.text,
                remedy=f"Ask for a {wanted} in plain words, or try another model.",
                status_code=self.answer.status,
                request_id=self.answer.request_id,
                body=self.answer.text[:4096],
                maybe_billed=not self.endpoint.embedded,
            )

    def _error_of(self, failed: events.Failed) -> RequestError:
        """Make the error that an answer tells of, with what is known of the answer itself."""
        from nbext.wire.failures import from_failed

        error = from_failed(failed)
        error.status_code = self.answer.status
        error.request_id = error.request_id or self.answer.request_id
        return error

    def _download_error(self, error: NbextError, url: str) -> errors.DownloadError:
        return errors.DownloadError(
            error.message,
            remedy=error.remedy,
            url=url,
            text=self.answer.text,
            request_id=self.answer.request_id,
            body=self.answer.text[:4096],
            maybe_billed=not self.endpoint.embedded,
        )


def _asking(calls: list[events.ToolCall]) -> Turn:
    return Turn(
        role="assistant",
        text="",
        calls=tuple({"id": c.id, "name": c.name, "arguments": c.arguments} for c in calls),
    )


def _thing(link: events.Link) -> str:
    return link.kind if link.kind in ("film", "poster") else "picture"


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return {"status": "failed", "message": "its page is no JSON"}
