"""The client for the endpoint: adds the key when sending, follows no redirects, pays only once.

Each paid POST has its own connection, so it never uses one that the server has just closed, and
hundreds can run at once. All connections share one SSL context. Free requests share a client. The
proxies in the environment are used, except for loopback addresses.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from nbext.data.limits import Limits
from nbext.errors import NotAnEndpointError, RequestError
from nbext.messages.say import phrase
from nbext.transport import http, request_builder, retry
from nbext.transport.answer_headers import location, marks, money
from nbext.transport.direct import DirectResponse, DirectTransport
from nbext.transport.error_map import map_exception, setup_errors, transport_errors
from nbext.transport.limiter import Limiter, Turn
from nbext.transport.redact import RedactingStream, keep_out_of_logs
from nbext.transport.response import Reply
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.transport.steps import Steps
from nbext.util.pattern import pattern
from nbext.wire.error_body import is_page, one_line
from nbext.wire.error_classes import classify_error
from nbext.wire.events import Done, ErrorEvent, Inline, Progress, ResponseStart
from nbext.wire.repairs import repaired

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    from nbext.data.endpoint import Endpoint
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import Call, Decoder, Event, SinkFactory

__all__ = ["Client", "Limits", "Redirect"]


class Redirect(NamedTuple):
    """An answer that redirects to another URL, which is requested without the key.

    Attributes:
        url: The untrusted URL.
    """

    url: str


class Client:
    """Sends calls to endpoints. Belongs to one event loop.

    Args:
        limits: Limits of time, size and concurrent requests.
        pooled: Whether free requests share open connections.

    Example:
        A drawing's events::

            async with contextlib.aclosing(
                client.stream(endpoint, call, decoder, idempotency_key=drawing_id)
            ) as events:
                async for event in events: ...
    """

    def __init__(self, limits: Limits | None = None, *, pooled: bool = True) -> None:
        self.limits = limits or Limits()
        self._clients: dict[tuple[str, bool, bool], http.AsyncClient] = {}
        self._users: Counter[http.AsyncClient] = Counter()
        self._pooled = pooled
        self._ssl: dict[str, ssl.SSLContext] = {}
        self._limiters: dict[tuple[str, str, int], Limiter] = {}
        self._steps = Steps()

    async def stream(
        self,
        endpoint: Endpoint,
        call: Call,
        decoder: Callable[[str], Decoder],
        *,
        idempotency_key: str,
        turn: Turn | None = None,
    ) -> AsyncGenerator[Event]:
        """Send a call and yield the events of the answer as they arrive.

        The first event is ``ResponseStart``, possibly after a ``Progress`` with the state
        ``retry``. A paid call waits for its turn at the endpoint. It is sent again only if it
        certainly never started: without a connection, or after a 429 or 503 that says when to
        retry. Closing the iterator or cancelling its task closes the connection at once; use
        ``contextlib.aclosing``.

        Args:
            endpoint: The endpoint.
            call: The call, as encoded by a wire format.
            decoder: Returns the decoder for a content type.
            idempotency_key: The key of the user's action, which is the same for all tries.
            turn: The request's place at the endpoint, if the caller ends it when the result is
                stored; by default it ends with the answer.

        Raises:
            RequestError: The request failed. Events that arrived before have been yielded.
        """
        unusable = request_builder.unusable(endpoint)
        if unusable is not None:
            raise unusable
        clock = asyncio.get_running_loop()
        attempt, switched, deadline, turn = 1, False, 0.0, turn or Turn()
        while True:
            limiter, crowded = self._limiter(endpoint), False
            if call.generating:
                await limiter.admit(turn)
            try:
                # Waiting for a turn is not the endpoint's time.
                deadline = deadline or clock.time() + self.limits.total
                reply = await self._send(endpoint, call, deadline, key=idempotency_key)
                if isinstance(reply, Reply):
                    try:
                        failure = await self._refusal(endpoint, call, reply)
                        if failure is not None and call.generating:
                            drawn = await self._drawn(endpoint, reply, decoder, failure.error)
                            for event in drawn:
                                yield event
                            if drawn:
                                return
                        if failure is None:
                            events = self._events(endpoint, reply, decoder)
                            async with contextlib.aclosing(events):
                                async for event in events:
                                    yield event
                            if call.generating:
                                limiter.answered(turn)
                            return
                    finally:
                        await reply.aclose()
                else:
                    failure = reply
                if call.generating and retry.is_busy(failure.error):
                    crowded = limiter.crowded
                    limiter.refused(turn, retry.bearable(failure.after, deadline - clock.time()))
            finally:
                turn.leave()
            repair = None if switched else repaired(call, failure.error)
            if repair is not None:
                call, switched = repair.call, True
                yield Progress(
                    words=phrase("net.repaired", host=endpoint.label, words=repair.words),
                    state="retry",
                )
                continue
            wait = self._wait(failure, attempt, deadline, generating=call.generating)
            if wait is None:
                raise failure.error
            turn.wait()
            # A refusal that is owed to our own other requests says nothing of this one.
            attempt += not crowded
            count = (
                "" if crowded else phrase("net.attempt", attempt=attempt, tries=self.limits.tries)
            )
            yield Progress(
                words=phrase(
                    "net.next_try", why=failure.error.message.rstrip("."), wait=wait, count=count
                ),
                state="retry",
            )
            await retry.sleep(wait)

    async def json(self, endpoint: Endpoint, call: Call) -> Any:
        """Send a free call, with retries, and return the JSON of the answer.

        Raises:
            RequestError: The last try failed.
        """

        async def read(reply: Reply) -> Any:
            reply.cap = self.limits.json_bytes
            body, failure = await reply.read_all(reply.cap + 1)
            if failure is not None:
                return failure
            try:
                return msgspec.json.decode(endpoint.key.erase(body))
            except (msgspec.DecodeError, RecursionError, ValueError):
                pass
            error = classify_error(reply.status, reply.headers, body[:65536], host=endpoint.label)
            if not isinstance(error, NotAnEndpointError):
                error = NotAnEndpointError(
                    phrase("net.not_json", host=endpoint.label),
                    remedy=phrase("net.check_v1"),
                    status_code=reply.status,
                    body=error.body,
                )
            return AttemptFailure(_cleaned(endpoint, error), RequestStage.FINAL)

        return await self._send_free(endpoint, call, read)

    async def fetch(
        self, endpoint: Endpoint, call: Call, sink: SinkFactory, *, patient: bool = True
    ) -> PictureInfo | Redirect:
        """Download a picture or film from the endpoint, with the key, into a sink.

        Args:
            endpoint: The endpoint.
            call: A GET request.
            sink: Returns a new sink for each try.
            patient: Whether to retry for some seconds if the result is not ready.

        Returns:
            The picture, or the URL that the endpoint redirects to, for a ``Downloader``.

        Raises:
            RequestError: The last try failed.
        """
        from nbext.transport.save import named_address, save

        async def read(reply: Reply) -> PictureInfo | AttemptFailure | Redirect:
            url = request_builder.address(endpoint, call)
            if 300 <= reply.status < 400:
                location = endpoint.key.redact(reply.headers["location"])
                return Redirect(str(http.URL(url).join(location)))
            named = await named_address(reply)
            if isinstance(named, AttemptFailure):
                return named
            if named:
                return Redirect(endpoint.key.redact(named))
            return await save(reply, sink, self.limits, url=url)

        fetched: PictureInfo | Redirect = await self._send_free(
            endpoint, call, read, redirects=True, patient=patient
        )
        return fetched

    async def aclose(self) -> None:
        """Close the open connections; one in use is closed by its request."""
        self._pooled = False
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            if client not in self._users:
                await client.aclose()

    async def _release(self, client: http.AsyncClient) -> None:
        """End a request's use of a client, and close it if no other request can use it."""
        self._users[client] -= 1
        if not self._users[client]:
            del self._users[client]
            if client not in self._clients.values():
                await client.aclose()

    def ssl_context(self) -> ssl.SSLContext:
        """The shared SSL context. Its creation takes about 20 ms, at the first use."""
        library = http.name()
        if library not in self._ssl:
            self._ssl[library] = http.create_ssl_context()
        return self._ssl[library]

    def _plain_context(self) -> ssl.SSLContext:
        """The context for connections without TLS, which the library requires too."""
        if "" not in self._ssl:
            self._ssl[""] = request_builder.bare_context()
        return self._ssl[""]

    async def admit(self, endpoint: Endpoint, turn: Turn) -> None:
        """Wait until a paid request may be sent to an endpoint by a worker."""
        await self._limiter(endpoint).admit(turn)

    def admit_now(self, endpoint: Endpoint, turn: Turn) -> bool:
        """Take the place of a paid request at an endpoint, unless it would have to wait."""
        return self._limiter(endpoint).admit_now(turn)

    def _limiter(self, endpoint: Endpoint) -> Limiter:
        """Return the limiter of an endpoint, with the current limits."""
        origin = endpoint.origin
        limiter = self._limiters.get(origin)
        if limiter is None:
            limiter = self._limiters[origin] = Limiter(asyncio.get_running_loop())
        limiter.max_concurrent = self.limits.max_concurrent
        limiter.max_per_minute = self.limits.max_per_minute
        return limiter

    async def _send(
        self, endpoint: Endpoint, call: Call, deadline: float, *, key: str = ""
    ) -> Reply | AttemptFailure:
        """Send a request once and wait for the status of the answer."""
        paid = call.generating
        auth = request_builder.Bearer(endpoint.key)
        closers: list[Callable[[], Awaitable[None]]] = []
        answer: Coroutine[Any, Any, http.Response | DirectResponse]
        try:
            carrier = self._carrier(endpoint, paid=paid)
            if isinstance(carrier, DirectTransport):
                outgoing = request_builder.outgoing(endpoint, call, self.limits, key)
                headers = [*outgoing.headers, *auth.fields()]
                answer = carrier.send(outgoing._replace(headers=headers), deadline)
            else:
                request = request_builder.build_request(endpoint, call, self.limits, key)
                answer = _by_library(carrier, request, auth, deadline)
                self._users[carrier] += 1
                closers = [partial(self._release, carrier)]
        except setup_errors() as error:
            failure = map_exception(error, endpoint.label, self.limits, generating=paid)
            return AttemptFailure(_cleaned(endpoint, failure.error), failure.stage)
        reply: Reply | None = None
        try:
            response = await answer
            reply = Reply(
                response,
                closers,
                limits=self.limits,
                deadline=deadline,
                host=endpoint.label,
                generating=paid,
            )
            return reply
        except transport_errors() as error:
            failure = map_exception(error, endpoint.label, self.limits, generating=paid)
        finally:
            if reply is None:
                for close in closers:
                    await close()
        return AttemptFailure(_cleaned(endpoint, failure.error), failure.stage, failure.after)

    async def _refusal(
        self, endpoint: Endpoint, call: Call, reply: Reply, *, redirects: bool = False
    ) -> AttemptFailure | None:
        """Return the failure for an answer with an error status, or None for other answers."""
        if 200 <= reply.status < 300:
            return None
        if redirects and reply.headers.get("location") and 300 <= reply.status < 400:
            return None
        body, _ = await reply.read_all(self.limits.error_bytes)
        if call.generating and _PICTURE.search(body):
            reply.give_back(body)
        error = classify_error(
            reply.status,
            reply.headers,
            body,
            model=request_builder.model_of(call),
            host=endpoint.label,
            path=call.path,
            sent=[*(call.body or call.form or {}), *(upload.field for upload in call.files)],
        )
        if not call.generating:
            error.maybe_billed = False
        _cleaned(endpoint, error)
        return retry.after_status(error, reply.headers, generating=call.generating)

    async def _drawn(
        self,
        endpoint: Endpoint,
        reply: Reply,
        make: Callable[[str], Decoder],
        error: RequestError,
    ) -> list[Event]:
        """Return the events of a refusal that contains a picture, which is paid for; else none."""
        data = await reply.read()
        if not isinstance(data, bytes) or not _PICTURE.search(data):
            return []
        decoder = make(reply.content_type)
        events: list[Event] = []
        while isinstance(data, bytes) and data:
            events += decoder.feed(data)
            data = await reply.read()
        events += decoder.close()
        if not any(isinstance(event, Inline) and not event.partial for event in events):
            return []
        failure = ErrorEvent(
            kind=type(error).__name__, message=error.message, remedy=error.remedy, body=error.body
        )
        start = ResponseStart(status=reply.status, request_id=reply.request_id)
        others = [event for event in events if not isinstance(event, ErrorEvent)]
        redact = RedactingStream(endpoint.key)
        return [shown for event in (start, *others, failure) for shown in redact(event)]

    async def _events(
        self, endpoint: Endpoint, reply: Reply, make: Callable[[str], Decoder]
    ) -> AsyncGenerator[Event]:
        """Feed the decoder, and yield its events even if the answer is cut off."""
        start = ResponseStart(
            status=reply.status,
            request_id=reply.request_id,
            content_type=reply.content_type,
            location=location(reply),
            **money(reply.headers),
        )
        page = await self._page(endpoint, reply)
        if page is not None:
            raise page
        decoder = make(reply.content_type)
        redact = RedactingStream(endpoint.key)
        is_open = True
        try:
            for event in (*redact(start), *marks(reply.headers)):
                yield event
            failed = done = False
            data = await reply.read()
            while isinstance(data, bytes) and data:
                await self._steps.turn()
                for event in decoder.feed(data):
                    failed = failed or isinstance(event, ErrorEvent)
                    done = done or isinstance(event, Done)
                    for shown in redact(event):
                        yield shown
                # Not held while more is waited for: a thousand answers may come together.
                data = b""
                # Some proxies keep the line open behind the end.
                if not decoder.over:
                    data = await reply.read()
            is_open = False
            last = decoder.close()
        finally:
            if is_open:
                # Cancelled, or nobody listens any more: it lets go of what it has begun.
                decoder.close()
        # At its end; or broken off after its end, or after it has said why.
        ended = isinstance(data, bytes) or failed or done or _complete(last)
        for event in last:
            if ended or not isinstance(event, ErrorEvent | Done):
                for shown in redact(event):
                    yield shown
        for event in redact.rest():
            yield event
        if isinstance(data, bytes) or ended:
            return
        error = data.error
        error.status_code, error.request_id = reply.status, reply.request_id
        raise _cleaned(endpoint, error)

    async def _page(self, endpoint: Endpoint, reply: Reply) -> RequestError | None:
        """Return the error for an HTML page with a success status, or None for other answers."""
        if "html" not in reply.content_type.lower():
            return None
        head, _ = await reply.read_all(self.limits.error_bytes)
        if is_page(head, reply.content_type):
            error = classify_error(reply.status, reply.headers, head, host=endpoint.label)
            return _cleaned(endpoint, error)
        reply.give_back(head)
        return None

    async def _send_free(
        self,
        endpoint: Endpoint,
        call: Call,
        read: Callable[[Reply], Awaitable[Any]],
        *,
        redirects: bool = False,
        patient: bool = False,
    ) -> Any:
        """Send a free call until ``read`` accepts the answer.

        Args:
            endpoint: The endpoint.
            call: The call.
            read: Returns the content of the answer, or a failure.
            redirects: Whether to pass redirects to ``read``.
            patient: Whether to retry for some seconds if the result is not ready.
        """
        unusable = request_builder.unusable(endpoint)
        if unusable is not None:
            raise unusable
        if call.generating:
            call = msgspec.structs.replace(call, generating=False)
        deadline = asyncio.get_running_loop().time() + self.limits.total
        attempt = 1
        while True:
            reply = await self._send(endpoint, call, deadline)
            if isinstance(reply, Reply):
                try:
                    failure = await self._refusal(endpoint, call, reply, redirects=redirects)
                    result = await read(reply) if failure is None else failure
                    # Some say 400 of a film that is not done yet.
                    if patient and failure is not None and reply.status in {400, *retry.MISSING}:
                        result = failure._replace(stage=RequestStage.NOT_YET)
                finally:
                    await reply.aclose()
            else:
                result = reply
            if not isinstance(result, AttemptFailure):
                return result
            wait = self._wait(result, attempt, deadline, generating=False)
            if wait is None:
                raise _cleaned(endpoint, result.error)
            attempt += 1
            await retry.sleep(wait)

    def _wait(
        self, failure: AttemptFailure, attempt: int, deadline: float, *, generating: bool
    ) -> float | None:
        left = deadline - asyncio.get_running_loop().time()
        tries = self.limits.tries
        if failure.stage is RequestStage.NOT_YET:
            tries = self.limits.download_tries
        return retry.wait_before_next(
            failure, attempt, tries=tries, left=left, generating=generating
        )

    def _carrier(self, endpoint: Endpoint, *, paid: bool) -> DirectTransport | http.AsyncClient:
        """Return the client or transport for a request.

        A paid request has its own connection: through our own transport, or through a separate
        client if there is a proxy.
        """
        keep_out_of_logs(endpoint.key)
        direct = endpoint.embedded or request_builder.is_loopback(endpoint.origin[1])
        if paid and (direct or not _has_proxies()):
            return DirectTransport(self.ssl_context)
        plain = direct and endpoint.origin[0] == "http"
        which = (http.name(), direct, plain)
        client = self._clients.get(which)
        if client is not None and not paid:
            return client
        client = http.AsyncClient(
            verify=self._plain_context() if plain else self.ssl_context(),
            trust_env=not direct,
            follow_redirects=False,
        )
        if not paid and self._pooled:
            self._clients[which] = client
        return client


def _has_proxies() -> bool:
    """Return whether the environment, or the system's settings, name a proxy."""
    in_variables = any(name.lower().endswith("_proxy") for name in os.environ)
    if not in_variables and not sys.platform.startswith(("win32", "darwin")):
        return False
    # It imports all that can be opened with a URL.
    from urllib.request import getproxies

    return bool(getproxies())


async def _by_library(
    client: http.AsyncClient, request: http.Request, auth: request_builder.Bearer, deadline: float
) -> http.Response:
    """Send a request with the library's client, until the deadline."""
    async with asyncio.timeout_at(deadline):
        return await client.send(request, stream=True, auth=auth)


# What the pictures in a body begin with: as they are, or in base64.
_PICTURE = pattern(
    rb"\A(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF)|iVBORw0KGgo|/9j/|R0lGOD|UklGR|PHN2Zy|;base64,"
)


def _cleaned(endpoint: Endpoint, error: RequestError) -> RequestError:
    """Remove the key from an error, and control characters from the request id."""
    redact = endpoint.key.redact
    error.message, error.remedy = redact(error.message), redact(error.remedy)
    error.body, error.request_id = redact(error.body), redact(one_line(error.request_id, 128))
    error.args = (error.message,)
    return error


def _complete(events: list[Event]) -> bool:
    kinds = {type(event) for event in events}
    return Done in kinds and ErrorEvent not in kinds
