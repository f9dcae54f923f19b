"""Collect an answer's pictures: check the embedded ones, download the linked ones."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import msgspec

from nbext.data.picture import is_played, is_shown
from nbext.errors import DownloadError, HistoryError, NbextError, PictureError
from nbext.imaging.decode import UncheckedError
from nbext.messages.say import phrase
from nbext.session.accumulator import download_error
from nbext.session.pages import links_of
from nbext.transport.client import Redirect
from nbext.wire import events

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.data.limits import Limits
    from nbext.data.picture import PictureInfo
    from nbext.session.pending import PendingRequest

# The number of pictures of one answer to download at the same time.
AT_ONCE = 4
# Seconds to try addresses that may lead to a picture.
TRYING = 60.0
# The kinds of requests whose result is a picture or a film.
_DRAWN = frozenset({"draw", "video"})
# HTTP statuses of a link that will never work again.
_GONE = frozenset({401, 403, 404, 410})


class PictureFetcher:
    """Collects the pictures for a request's record.

    Args:
        exchange: The request.
    """

    def __init__(self, exchange: PendingRequest) -> None:
        self._exchange = exchange

    async def fetch_links(self) -> None:
        """Download what the answer links to, directly or by a page that will link to it."""
        exchange = self._exchange
        record = exchange.record
        by_kind: dict[str, list[events.Link]] = {"maybe": [], "poll": [], "": []}
        for link in exchange.answer.links:
            by_kind[link.kind if link.kind in by_kind else ""].append(link)
        links = by_kind[""]
        if not links and not record.pictures and by_kind["poll"]:
            links = await links_of(exchange, by_kind["poll"])
            for link in links:
                await exchange.note_link(link)
        links = list({link.url: link for link in links}.values())
        links.sort(key=lambda link: link.place or 0)
        for link, result in zip(links, await self._fetch_all(links), strict=True):
            await self._take(link, result)
        if record.pictures or record.films:
            # The pages have been replaced by their links.
            for link in by_kind["poll"]:
                exchange.forget_link(link.url)
        if not (links or record.pictures or exchange.first_failure):
            await self._try(by_kind["maybe"])

    async def _take(self, link: events.Link, result: PictureInfo | NbextError) -> None:
        """Store the picture of a link, or record why there is none."""
        exchange = self._exchange
        try:
            if isinstance(result, NbextError):
                raise result
            role = "poster" if link.kind == "poster" else ""
            await self.keep(msgspec.structs.replace(result, url=link.url, role=role))
            exchange.forget_link(link.url)
        except PictureError as error:
            exchange.forget_link(link.url)
            exchange.lose(_thing(link), error)
        except NbextError as error:
            if isinstance(error, DownloadError) and error.status_code in _GONE:
                exchange.forget_link(link.url)
            exchange.lose(_thing(link), download_error(error, link.url, exchange.answer))

    async def _fetch_all(self, links: list[events.Link]) -> list[PictureInfo | NbextError]:
        """Download several links at a time; return an error in place of a failed one."""
        some = asyncio.Semaphore(AT_ONCE)

        async def fetch(link: events.Link) -> PictureInfo | NbextError:
            async with some:
                words = phrase(f"session.fetching_{_thing(link)}")
                self._exchange.tell(events.Progress(words=words, percent=None))
                try:
                    return await self._fetch(link)
                except NbextError as error:
                    return await self._fetch_fallback(link, error)

        if len(links) < 2:
            return [await fetch(link) for link in links]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fetch(link)) for link in links]
        return [task.result() for task in tasks]

    async def _fetch_fallback(
        self, link: events.Link, error: NbextError
    ) -> PictureInfo | NbextError:
        """Download what an answer offers in place of a missing picture, such as a smaller one."""
        if not link.fallback:
            return error
        try:
            return await self._fetch(msgspec.structs.replace(link, url=link.fallback, fallback=""))
        except NbextError:
            return error

    async def _fetch(self, link: events.Link) -> PictureInfo:
        from nbext.wire import videos

        exchange = self._exchange
        job_id = exchange.answer.job.id if exchange.answer.job is not None else ""
        if link.kind == "film" and job_id and videos.is_content(link.url, job_id):
            # The endpoint's own interface, which requires the key, under whatever name it uses.
            return await self.fetch_call(videos.content(job_id))
        try:
            return await exchange.downloader.fetch(
                link.url, exchange.store.sink, endpoint=exchange.endpoint
            )
        except DownloadError:
            if link.kind != "film" or not exchange.record.job or exchange.record.wire != "videos":
                raise
            # The link is dead; the endpoint may still have the film.
            with contextlib.suppress(NbextError):
                call = videos.content(exchange.record.job)
                return await self.fetch_call(call, patient=False)
            raise

    async def fetch_call(self, call: events.Call, *, patient: bool = True) -> PictureInfo:
        """Fetch from the endpoint's own interface with the key; links in the answer, without.

        Args:
            call: A GET request.
            patient: Whether to retry for some seconds if the result does not exist yet.

        Raises:
            RequestError: It failed.
        """
        exchange = self._exchange
        result = await exchange.client.fetch(
            exchange.endpoint, call, exchange.store.sink, patient=patient
        )
        if isinstance(result, Redirect):
            return await exchange.downloader.fetch(
                result.url, exchange.store.sink, endpoint=exchange.endpoint
            )
        return result

    async def _try(self, links: list[events.Link]) -> None:
        """Try addresses that may lead to a picture; failing is no error."""
        exchange = self._exchange
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(TRYING, exchange.client.limits.total)):
                for link in links:
                    exchange.tell(events.Progress(words=phrase("session.checking_picture")))
                    for url in filter(None, (link.url, link.fallback)):
                        with contextlib.suppress(NbextError):
                            info = await exchange.downloader.fetch(
                                url,
                                exchange.store.sink,
                                endpoint=exchange.endpoint,
                                patient=False,
                            )
                            await self.keep(msgspec.structs.replace(info, url=url))
                            break

    async def keep(self, info: PictureInfo) -> None:
        """Check a picture and add it to the record, once.

        Raises:
            PictureError: It is not a picture.
        """
        exchange, record = self._exchange, self._exchange.record
        if info.sha256 in {item.info.sha256 for item in exchange.request.references}:
            exchange.echo = info
            return
        if info.sha256 in {known.sha256 for known in (*record.pictures, *record.films)}:
            return
        if not info.media_type.startswith("image/"):
            record.films += (info,)
            if is_played(info) or record.kind not in _DRAWN:
                return
            path = exchange.store.place_of(info)
            raise PictureError(
                phrase("session.not_a_picture", upper=info.extension.upper()),
                remedy=phrase("session.file_kept", path=path),
            )
        try:
            await self._prove(info)
        except UncheckedError as error:
            # The check failed, not the picture, which is paid for.
            text = phrase("session.kept_as_received", number=record.number, message=error.message)
            exchange.warn(f"{text} {error.remedy}".strip())
        record.pictures += (info,)
        if not is_shown(info.media_type):
            exchange.warn(
                phrase("session.unshown_format", number=record.number, upper=info.extension.upper())
            )

    async def _prove(self, info: PictureInfo) -> None:
        """Decode a picture once to check it, while it is written to disk."""
        store, limits = self._exchange.store, self._exchange.client.limits
        problem: PictureError | None = None
        arriving = store.arriving(info.sha256)
        if arriving is not None:
            try:
                await self._check(arriving, info, limits)
            except PictureError as error:
                problem = error
            else:
                # Its record is written behind it, so nobody has to wait here.
                return
        await store.stored_picture(info.sha256)
        if problem is not None and not isinstance(problem, UncheckedError):
            raise problem
        try:
            # Meanwhile it was stored, or another drawing has stored the same picture.
            path = store.path(info.sha256)
            source = path if path is not None else store.read(info.sha256)
            await self._check(source, info, limits)
        except (OSError, HistoryError) as error:
            raise UncheckedError(phrase("session.unchecked", error=error)) from error

    @staticmethod
    async def _check(source: Path | bytes, info: PictureInfo, limits: Limits) -> None:
        from nbext.imaging import validate

        if info.size <= _INLINE and info.width * info.height <= _INLINE:
            # Decoding it takes less time than handing it to a thread.
            validate.check_picture(source, info, limits)
        else:
            await asyncio.to_thread(validate.check_picture, source, info, limits)


# Pictures up to this size are decoded on the loop, in well under a millisecond.
_INLINE = 64 << 10


def _thing(link: events.Link) -> str:
    return link.kind if link.kind in ("film", "poster") else "picture"
