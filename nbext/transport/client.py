"""The client that the endpoint sees: the key at send time, no redirects, one paid request at most.

A paid POST gets a connection of its own: so it never meets one that the server has just let go, and
hundreds at once cost no more than their number. All of them share one SSL context. Requests that
cost nothing share a kept client. Proxies of the environment are used, but not for loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.limits import Limits
from nbext.errors import NotAnEndpointError, RequestError
from nbext.transport import http, request_builder, retry
from nbext.transport.error_map import map_exception, transport_errors
from nbext.transport.redact import RedactingStream, keep_out_of_logs
from nbext.transport.response import Reply
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.wire.error_body import is_page
from nbext.wire.error_classes import classify_error
from nbext.wire.events import Done, ErrorEvent, Progress, ResponseStart
from nbext.wire.repairs import repaired

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Sequence

    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import Call, Decoder, Event, SinkFactory

__all__ = ["Client", "Limits"]


class Client:
    """Sends calls to endpoints and fetches what their answers point to. Kept on one event loop.

    Args:
        limits: Of time and size.

    Attributes:
        served: The models that an endpoint (by its ``origin``) is known to serve, put here by who
            lists them; only for "did you mean".

    Example:
        A drawing's events::

            async with contextlib.aclosing(
                client.stream(endpoint, call, decoder, idempotency_key=drawing_id)
            ) as events:
                async for event in events: ...
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.served: dict[tuple[str, str, int], Sequence[str]] = {}
        self._kept: dict[tuple[str, bool, bool], http.AsyncClient] = {}
        self._ssl: dict[str, ssl.SSLContext] = {}

    async def stream(
        self,
        endpoint: Endpoint,
        call: Call,
        decoder: Callable[[str], Decoder],
        *,
        idempotency_key: str,
    ) -> AsyncGenerator[Event]:
        """Send a call and give the answer's events as they come.

        ``Answered`` is the first; a ``Progress`` with state ``retry`` may stand before it. The call
        is sent again only where it surely never started: no connection, or "too many" and "not now"
        with a time to come back. Closing the iterator, or cancelling its task, closes the
        connection at once; use ``contextlib.aclosing``.

        Args:
            endpoint: Where to.
            call: What a wire format wrote.
            decoder: Makes the decoder from the answer's content type.
            idempotency_key: One for each action of the user, the same for all its tries.

        Raises:
            RequestError: What went wrong. What had arrived until then has been given.
        """
        deadline = asyncio.get_running_loop().time() + self.limits.total
        attempt, switched = 1, False
        while True:
            reply = await self._send(endpoint, call, deadline, key=idempotency_key)
            if isinstance(reply, Reply):
                try:
                    trouble = await self._refusal(endpoint, call, reply)
                    if trouble is None:
                        events = self._events(endpoint, reply, decoder)
                        async with contextlib.aclosing(events):
                            async for event in events:
                                yield event
                        return
                finally:
                    await reply.aclose()
            else:
                trouble = reply
            repair = None if switched else repaired(call, trouble.error)
            if repair is not None:
                call, switched = repair.call, True
                yield Progress(words=f"{endpoint.host} {repair.words}: asked so", state="retry")
                continue
            wait = self._wait(trouble, attempt, deadline, generating=call.generating)
            if wait is None:
                raise trouble.error
            attempt += 1
            why = trouble.error.message.rstrip(".")
            words = f"{why}: next try in {wait:.0f} s ({attempt} of {self.limits.tries})"
            yield Progress(words=words, state="retry")
            await retry.sleep(wait)

    async def json(self, endpoint: Endpoint, call: Call) -> Any:
        """Send a call that costs nothing, as often as it takes, and give the answer's JSON.

        Raises:
            RequestError: What went wrong with the last try.
        """

        async def take(reply: Reply) -> Any:
            reply.cap = self.limits.json_bytes
            body, trouble = await reply.read_all(reply.cap + 1)
            if trouble is not None:
                return trouble
            try:
                return msgspec.json.decode(endpoint.key.erase(body))
            except (msgspec.DecodeError, RecursionError, ValueError):
                pass
            error = classify_error(reply.status, reply.headers, body[:65536], host=endpoint.host)
            if not isinstance(error, NotAnEndpointError):
                error = NotAnEndpointError(
                    f"{endpoint.host} answered with something that is not JSON.",
                    remedy="Check the base URL: it usually ends in /v1.",
                    status_code=reply.status,
                    body=error.body,
                )
            return AttemptFailure(self._redacted(endpoint, error), RequestStage.FINAL)

        return await self._freely(endpoint, call, take)

    async def fetch(
        self,
        endpoint: Endpoint,
        call: Call,
        sink: SinkFactory,
        *,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> PictureInfo:
        """Fetch a picture or film from the endpoint itself, with the key, into a sink.

        An answer that points elsewhere is followed by ``download``: without the key.

        Args:
            endpoint: Where from.
            call: A GET.
            sink: Called for each try.
            progress: Called with the bytes so far and their number in all, where it is known.

        Raises:
            RequestError: What went wrong with the last try.
        """
        from nbext.transport.save import save

        async def take(reply: Reply) -> Any:
            if 300 <= reply.status < 400:
                location = endpoint.key.redact(reply.headers["location"])
                return http.URL(request_builder.address(endpoint, call)).join(location)
            url = request_builder.address(endpoint, call)
            return await save(reply, sink, self.limits, url=url, progress=progress)

        taken = await self._freely(endpoint, call, take, redirects=True)
        if isinstance(taken, http.URL):
            return await self.download(str(taken), sink, endpoint=endpoint, progress=progress)
        info: PictureInfo = taken
        return info

    async def download(
        self,
        url: str,
        sink: SinkFactory,
        *,
        endpoint: Endpoint | None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> PictureInfo:
        """Fetch a picture or film that an answer points to, without the key, into a sink.

        Args:
            url: Not to be trusted.
            sink: Called for each try.
            endpoint: Whose answer it was: its own address may be private.
            progress: Called with the bytes so far and their number in all, where it is known.

        Raises:
            DownloadError: Why not; its ``url`` says where it was.
        """
        from nbext.transport.download import Download

        info: PictureInfo = await Download(self, endpoint, self.limits).fetch(url, sink, progress)
        return info

    async def page(self, url: str, *, endpoint: Endpoint | None) -> bytes:
        """Fetch a page that an answer points to and that tells of its picture: without the key.

        Args:
            url: Not to be trusted.
            endpoint: Whose answer it was: its own address may be private.

        Raises:
            DownloadError: Why not.
        """
        from nbext.transport.download import Download
        from nbext.transport.save import unwilling

        async def take(reply: Reply) -> Any:
            if reply.status not in (200, 203):
                return await unwilling(reply)
            body, trouble = await reply.read_all(self.limits.json_bytes)
            if trouble is not None:
                return trouble
            return endpoint.key.erase(body) if endpoint is not None else body

        def no_sink() -> Any:
            raise AssertionError("a page has no picture")

        body: bytes = await Download(self, endpoint, self.limits, take=take).fetch(
            url, no_sink, None
        )
        return body

    async def aclose(self) -> None:
        """Close the kept connections."""
        kept, self._kept = list(self._kept.values()), {}
        for client in kept:
            await client.aclose()

    def ssl_context(self) -> ssl.SSLContext:
        """The one SSL context, made at its first use: it takes some 20 ms."""
        library = http.name()
        if library not in self._ssl:
            self._ssl[library] = http.create_ssl_context()
        return self._ssl[library]

    async def _send(
        self, endpoint: Endpoint, call: Call, deadline: float, *, key: str = ""
    ) -> Reply | AttemptFailure:
        """Send once, and wait for the answer's status."""
        unusable = request_builder.unusable(endpoint)
        if unusable is not None:
            return AttemptFailure(unusable, RequestStage.FINAL)
        paid = call.generating
        client: http.AsyncClient | None = None
        reply: Reply | None = None
        try:
            client = self._client(endpoint, fresh=paid)
            key_holder = request_builder.Bearer(endpoint.key)
            request = request_builder.build_request(client, endpoint, call, key)
            async with asyncio.timeout_at(deadline):
                response = await client.send(request, stream=True, auth=key_holder)
            reply = Reply(
                response,
                [client.aclose] if paid else [],
                limits=self.limits,
                deadline=deadline,
                host=endpoint.host,
                generating=paid,
            )
        except transport_errors() as broken:
            trouble = map_exception(broken, endpoint.host, self.limits, generating=paid)
        finally:
            if reply is None and paid and client is not None:
                await client.aclose()
        if reply is not None:
            return reply
        self._redacted(endpoint, trouble.error)
        return trouble

    async def _refusal(
        self, endpoint: Endpoint, call: Call, reply: Reply, *, redirects: bool = False
    ) -> AttemptFailure | None:
        """Read an answer with an error status; None for one that is to be decoded."""
        if 200 <= reply.status < 300:
            return None
        if redirects and reply.headers.get("location") and 300 <= reply.status < 400:
            return None
        body, _ = await reply.read_all(self.limits.error_bytes)
        error = classify_error(
            reply.status,
            reply.headers,
            body,
            model=request_builder.model_of(call),
            models=self.served.get(endpoint.origin, ()),
            path=call.path,
            sent=[*(call.body or call.form or {}), *(upload.field for upload in call.files)],
            host=endpoint.host,
        )
        if not call.generating:
            error.maybe_billed = False
        self._redacted(endpoint, error)
        return retry.after_status(error, reply.headers, generating=call.generating)

    async def _events(
        self, endpoint: Endpoint, reply: Reply, make: Callable[[str], Decoder]
    ) -> AsyncGenerator[Event]:
        """Feed the decoder; give what it had even where the answer breaks off."""
        answered = ResponseStart(
            status=reply.status, request_id=reply.request_id, content_type=reply.content_type
        )
        page = await self._page(endpoint, reply)
        if page is not None:
            raise page
        decoder = make(reply.content_type)
        hushed = RedactingStream(endpoint.key)
        open_ = True
        try:
            for event in hushed(answered):
                yield event
            failed = done = False
            data = await reply.read()
            while isinstance(data, bytes) and data:
                for event in decoder.feed(data):
                    failed = failed or isinstance(event, ErrorEvent)
                    done = done or isinstance(event, Done)
                    for said in hushed(event):
                        yield said
                # Some proxies keep the line open behind the end.
                data = b"" if decoder.over else await reply.read()
            open_ = False
            last = decoder.close()
        finally:
            if open_:
                # Cancelled, or nobody listens any more: it lets go of what it has begun.
                decoder.close()
        # At its end; or broken off after its end, or after it has said why.
        ended = isinstance(data, bytes) or failed or done or _complete(last)
        for event in last:
            if ended or not isinstance(event, ErrorEvent | Done):
                for said in hushed(event):
                    yield said
        for event in hushed.rest():
            yield event
        if ended or isinstance(data, bytes):
            return
        error = data.error
        error.status_code, error.request_id = reply.status, reply.request_id
        raise self._redacted(endpoint, error)

    async def _page(self, endpoint: Endpoint, reply: Reply) -> RequestError | None:
        """What an HTML page means that comes with a good status; None where it is no page."""
        if "html" not in reply.content_type.lower():
            return None
        head, _ = await reply.read_all(self.limits.error_bytes)
        if is_page(head, reply.content_type):
            error = classify_error(reply.status, reply.headers, head, host=endpoint.host)
            return self._redacted(endpoint, error)
        reply.give_back(head)
        return None

    async def _freely(
        self,
        endpoint: Endpoint,
        call: Call,
        take: Callable[[Reply], Any],
        *,
        redirects: bool = False,
    ) -> Any:
        """Send a call that costs nothing until ``take`` makes something of the answer."""
        if call.generating:
            call = msgspec.structs.replace(call, generating=False)
        deadline = asyncio.get_running_loop().time() + self.limits.total
        attempt = 1
        while True:
            reply = await self._send(endpoint, call, deadline)
            if isinstance(reply, Reply):
                try:
                    trouble = await self._refusal(endpoint, call, reply, redirects=redirects)
                    taken = await take(reply) if trouble is None else trouble
                finally:
                    await reply.aclose()
            else:
                taken = reply
            if not isinstance(taken, AttemptFailure):
                return taken
            wait = self._wait(taken, attempt, deadline, generating=False)
            if wait is None:
                raise self._redacted(endpoint, taken.error)
            attempt += 1
            await retry.sleep(wait)

    def _wait(
        self, trouble: AttemptFailure, attempt: int, deadline: float, *, generating: bool
    ) -> float | None:
        left = deadline - asyncio.get_running_loop().time()
        return retry.wait_before_next(
            trouble, attempt, tries=self.limits.tries, left=left, generating=generating
        )

    def _client(self, endpoint: Endpoint, *, fresh: bool) -> http.AsyncClient:
        keep_out_of_logs(endpoint.key)
        direct = endpoint.embedded or request_builder.is_loopback(endpoint.origin[1])
        plain = direct and endpoint.origin[0] == "http"
        which = (http.name(), direct, plain)
        kept = self._kept.get(which)
        if kept is not None and not fresh:
            return kept
        limits = self.limits
        client = http.AsyncClient(
            verify=request_builder.bare_context() if plain else self.ssl_context(),
            trust_env=not direct,
            follow_redirects=False,
            timeout=http.Timeout(
                connect=limits.connect, write=limits.write, read=limits.silence, pool=None
            ),
        )
        if not fresh:
            self._kept[which] = client
        return client

    @staticmethod
    def _redacted(endpoint: Endpoint, error: RequestError) -> RequestError:
        redact = endpoint.key.redact
        error.message, error.remedy = redact(error.message), redact(error.remedy)
        error.body, error.request_id = redact(error.body), redact(error.request_id)
        error.args = (error.message,)
        return error


def _complete(events: list[Event]) -> bool:
    kinds = {type(event) for event in events}
    return Done in kinds and ErrorEvent not in kinds
