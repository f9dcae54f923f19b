"""Fetches a picture that an answer points to: the URL is a model's, and not to be trusted.

Only http and https, without a key, a cookie or a header of ours. A name is looked up once, all of
its addresses are checked, and the connection goes to an address that was checked: so neither a
redirect, an odd spelling of 127.0.0.1 nor a name that changes its mind leads to this machine or its
network. Where an answer names such a host, as relays do that stand behind a proxy, the same path is
asked for at the endpoint's own origin, and the host itself is never connected to. The endpoint's
own origin alone gets the key, where it answers 401 or 403 without; never after a redirect.

Downloads go past the environment's proxies, because it is the proxy that would look the name up;
``Limits.proxy_downloads`` is for networks that let nothing out otherwise.

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, TypeVar
from urllib.request import getproxies, proxy_bypass

from nbext.errors import DownloadError, RequestError
from nbext.messages.say import phrase
from nbext.transport import addresses, http, retry
from nbext.transport.error_map import map_exception, setup_errors, transport_errors
from nbext.transport.redact import keep_out_of_logs
from nbext.transport.request_builder import Bearer, is_loopback
from nbext.transport.response import Reply
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.transport.save import named_address, refused, save, status_failure
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from nbext.data.endpoint import Endpoint
    from nbext.data.limits import Limits
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import SinkFactory

T = TypeVar("T")

# Several picture hosts turn away what does not look like a browser.
_USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ADDRESSES = 4
_SILENCE = 60.0
_SHOWN = 300
_THROUGH = "%config Nbext.proxy_downloads = True"


async def resolve(host: str, port: int) -> list[str]:
    """Look a name up; all of its addresses, the preferred one first.

    Raises:
        OSError: There are none.
    """
    loop = asyncio.get_running_loop()
    entries = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class Downloader:
    """Fetches what answers point to.

    Args:
        ssl_context: Gives the context for https, when it is first needed.
        limits: Of time, size and redirects.

    Example:
        ::

            downloader = Downloader(client.ssl_context, Limits())
            info = await downloader.fetch(url, store.sink, endpoint=endpoint)
    """

    def __init__(self, ssl_context: Callable[[], ssl.SSLContext], limits: Limits) -> None:
        self.ssl_context = ssl_context
        self.limits = limits

    async def fetch(
        self, url: str, sink: SinkFactory, *, endpoint: Endpoint | None, patient: bool = True
    ) -> PictureInfo:
        """Fetch a picture or film into a sink of its own for each try.

        Args:
            url: Not to be trusted; a path alone is one at the endpoint's origin.
            sink: Called for each try.
            endpoint: Whose answer it was, None for nobody's.
            patient: Whether a host that does not have it yet is asked again for some seconds.

        Raises:
            DownloadError: Why not; its ``url`` says where it was.
        """

        async def read(reply: Reply) -> PictureInfo | AttemptFailure:
            return await save(reply, sink, self.limits, url=url)

        return await _Download(self, url, endpoint, patient=patient, names=True).read(read)

    async def page(self, url: str, *, endpoint: Endpoint | None) -> bytes:
        """Fetch a page that an answer points to and that tells of its picture.

        Args:
            url: Not to be trusted.
            endpoint: Whose answer it was, None for nobody's.

        Raises:
            DownloadError: Why not.
        """

        async def read(reply: Reply) -> bytes | AttemptFailure:
            if reply.status not in (200, 202, 203):
                return await status_failure(reply)
            body, failure = await reply.read_all(self.limits.json_bytes)
            if failure is not None:
                return failure
            return endpoint.key.erase(body) if endpoint is not None else body

        return await _Download(self, url, endpoint, patient=True).read(read)


class _Download:
    """One download with its tries and redirects.

    Args:
        downloader: The limits and the SSL context.
        url: Not to be trusted.
        endpoint: Whose answer it was, None for nobody's.
        patient: Whether a host that does not have it yet is asked again for some seconds.
        names: Whether JSON that names another address is as good as a redirect.
    """

    def __init__(
        self,
        downloader: Downloader,
        url: str,
        endpoint: Endpoint | None,
        *,
        patient: bool,
        names: bool = False,
    ) -> None:
        self._downloader = downloader
        self._limits = downloader.limits
        self._url = url
        self._endpoint = endpoint
        self._own = _own_origin(endpoint) if endpoint is not None else None
        self._patient = patient and endpoint is not None
        self._names = names
        self._deadline = 0.0

    async def read(self, read: Callable[[Reply], Awaitable[T | AttemptFailure]]) -> T:
        """Ask until ``read`` makes something of an answer.

        Raises:
            DownloadError: Why not.
        """
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._limits.total
        attempt = 1
        while True:
            result = await self._try(read)
            if not isinstance(result, AttemptFailure):
                return result
            if result.stage is RequestStage.NOT_YET and not self._patient:
                result = result._replace(stage=RequestStage.FINAL)
            wait = retry.wait_before_next(
                result,
                attempt,
                tries=self._limits.download_tries,
                left=self._deadline - loop.time(),
                generating=False,
            )
            if wait is None:
                if result.stage is RequestStage.NOT_SENT and self._passes_a_proxy():
                    result.error.remedy = phrase("net.through_proxy", _THROUGH=_THROUGH)
                raise self._error(result.error)
            attempt += 1
            await retry.sleep(wait)

    async def _try(
        self, read: Callable[[Reply], Awaitable[T | AttemptFailure]]
    ) -> T | AttemptFailure:
        """One try: at the address itself, else at the endpoint's own origin, there with the key."""
        first = self._start()
        if isinstance(first, AttemptFailure):
            return first
        targets = await self._targets(first)
        private = targets if isinstance(targets, AttemptFailure) else None
        if private is not None:
            if self._own is None or not _is_unusable(first, private):
                return private
            first = _at(self._own, first)
            targets = await self._targets(first)
        result = await self._follow(first, read, targets)
        if (
            isinstance(result, AttemptFailure)
            and result.error.status_code in (401, 403)
            and self._endpoint is not None
            and self._endpoint.key
            and _origin(first) == self._own
        ):
            result = await self._follow(first, read, targets, key=True)
        if private is not None and isinstance(result, AttemptFailure):
            error = private.error
            error.message = phrase(
                "net.instead",
                message=error.message,
                shown=_shown(first),
                message2=result.error.message,
            )
            error.status_code = result.error.status_code
            return AttemptFailure(error, result.stage, result.after)
        return result

    def _start(self) -> http.URL | AttemptFailure:
        """The URL that was named; one without a host is of the endpoint that named it."""
        url = self._url.strip()
        if self._endpoint is not None and self._own is not None and url.startswith("/"):
            return _parse(url, http.URL(self._endpoint.base_url))
        return _parse(url)

    async def _follow(
        self,
        url: http.URL,
        read: Callable[[Reply], Awaitable[T | AttemptFailure]],
        targets: list[str] | AttemptFailure,
        *,
        key: bool = False,
    ) -> T | AttemptFailure:
        """Ask, and follow the redirects on the way; the key goes to the first address only."""
        here: http.URL | AttemptFailure = url
        for hop in range(self._limits.redirects + 1):
            if isinstance(here, AttemptFailure):
                return here
            if hop:
                targets = await self._targets(here)
            if isinstance(targets, AttemptFailure):
                return targets
            reply = await self._open(here, targets, key=key and hop == 0)
            if isinstance(reply, AttemptFailure):
                return reply
            try:
                target = await self._next(reply)
                if isinstance(target, AttemptFailure):
                    return target
                if not target:
                    return await read(reply)
            finally:
                await reply.aclose()
            here = _parse(target, here)
        return refused(phrase("net.redirects", redirects=self._limits.redirects))

    async def _next(self, reply: Reply) -> str | AttemptFailure:
        """Where an answer leads to, empty where it is what was asked for."""
        if reply.status in _REDIRECTS and reply.headers.get("location"):
            return str(reply.headers["location"])
        return await named_address(reply) if self._names else ""

    async def _open(
        self, url: http.URL, targets: list[str], *, key: bool
    ) -> Reply | AttemptFailure:
        """Connect to one of the checked addresses, and wait for the answer's status."""
        failure: AttemptFailure | None = None
        for place, address in enumerate(targets):
            last = place == len(targets) - 1
            reply = await self._send(url, address, last=last, key=key)
            if isinstance(reply, Reply):
                return reply
            failure = reply
            if failure.stage is not RequestStage.NOT_SENT:
                break
        return failure or refused(phrase("net.no_address", host=url.host))

    async def _targets(self, url: http.URL) -> list[str] | AttemptFailure:
        """The addresses to connect to, checked; ``[""]`` leaves it to a proxy."""
        host = url.raw_host.decode("ascii", "replace")
        try:
            async with asyncio.timeout_at(self._deadline), asyncio.timeout(self._limits.connect):
                # An address needs no looking up, and not every network's names know one.
                is_address = addresses.parse(host) is not None
                resolved = [host] if is_address else await resolve(host, _port(url))
        except (OSError, UnicodeError):
            resolved = []
        is_own = _origin(url) == self._own
        private = [] if is_own else [item for item in resolved if not addresses.is_public(item)]
        only_fake = all(map(addresses.is_fake, private))
        if not is_own and self._proxy(url) and (not resolved or only_fake):
            return [""]
        if private:
            return refused(
                phrase("net.private_address", host=host, private=private[0]),
                phrase("net.fake_ip", _THROUGH=_THROUGH)
                if only_fake
                else phrase("net.not_reached"),
            )
        if not resolved:
            error = DownloadError(phrase("net.unknown_host", host=host))
            return AttemptFailure(error, RequestStage.NOT_SENT)
        return resolved[:_ADDRESSES]

    def _proxy(self, url: http.URL) -> str:
        """Give the proxy that a URL is to be fetched through, empty for none."""
        if not self._limits.proxy_downloads or is_loopback(url.host) or proxy_bypass(url.host):
            return ""
        proxies = getproxies()
        proxy = proxies.get(url.scheme) or proxies.get("all") or ""
        return proxy if not proxy or "://" in proxy else f"http://{proxy}"

    async def _send(
        self, url: http.URL, address: str, *, last: bool, key: bool
    ) -> Reply | AttemptFailure:
        """Ask one address for the picture, under the name that the URL has for it."""
        limits = self._limits
        host = url.raw_host.decode("ascii", "replace")
        silence = min(limits.silence, _SILENCE)
        wait = http.Timeout(
            # The next address need not wait for one that a firewall swallows.
            connect=limits.connect if last else min(limits.connect, 3.0),
            read=silence,
            write=limits.write,
            pool=None,
        )
        # A bare transport: no cookies, no redirects, no log line with the signed URL in it, and no
        # proxy but this one, so that nothing is looked up a second time.
        try:
            request = self._request(url, address, wait)
            carrier = http.AsyncHTTPTransport(
                verify=self._downloader.ssl_context(),
                trust_env=False,
                proxy=None if address else self._proxy(url),
            )
        except setup_errors() as error:
            return map_exception(error, host, limits)
        if key and self._endpoint is not None:
            keep_out_of_logs(self._endpoint.key)
            request = Bearer(self._endpoint.key)(request)
        reply: Reply | None = None
        try:
            async with asyncio.timeout_at(self._deadline):
                response = await carrier.handle_async_request(request)
            reply = Reply(
                response,
                [carrier.aclose],
                limits=limits,
                deadline=self._deadline,
                host=host,
                generating=False,
            )
            return reply
        except transport_errors() as error:
            return map_exception(error, host, limits)
        finally:
            if reply is None:
                await carrier.aclose()

    def _request(self, url: http.URL, address: str, wait: http.Timeout) -> http.Request:
        """Write the request for one address; an empty one leaves the name to a proxy."""
        extensions: dict[str, object] = {"timeout": wait.as_dict()}
        if address:
            # The certificate is checked against the name, not against the address.
            name = url.raw_host.decode("ascii", "replace").rstrip(".")
            extensions["sni_hostname"] = name
        return http.Request(
            "GET",
            url.copy_with(host=address) if address else url,
            headers={
                "host": url.netloc.decode("ascii", "replace"),
                "user-agent": _USER_AGENT,
                "accept": "image/avif,image/webp,image/png,image/*,video/*;q=0.9,*/*;q=0.5",
                "accept-encoding": "identity",
            },
            extensions=extensions,
        )

    def _passes_a_proxy(self) -> bool:
        """Whether there is a proxy that would have fetched it."""
        if self._limits.proxy_downloads:
            return False
        proxies = getproxies()
        scheme = self._url.partition(":")[0].lower()
        return bool(proxies.get(scheme) or proxies.get("all"))

    def _error(self, error: RequestError) -> DownloadError:
        """The error that is raised, with the URL, and without the key should it stand there."""
        redact = self._endpoint.key.redact if self._endpoint else str
        remedy, url = error.remedy, self._url
        if not remedy and url.startswith(("https://", "http://")):
            # One that is signed is of no use without its query, but one that a user gave may hold
            # what is nobody's business; the error has all of it.
            whole = len(url) <= _SHOWN and (self._endpoint is not None or "?" not in url)
            shown = url if whole else url.partition("?")[0][:_SHOWN] + "…"
            remedy = phrase("net.try_browser", one_line=one_line(shown, _SHOWN + 1))
        return DownloadError(
            redact(error.message),
            remedy=redact(remedy),
            url=redact(url),
            status_code=error.status_code,
            body=redact(error.body),
        )


def _parse(url: str, base: http.URL | None = None) -> http.URL | AttemptFailure:
    """Read a URL once; what is read here is what is checked and what is connected to."""
    try:
        parsed = base.join(url) if base is not None else http.URL(url)
        parsed.raw_host.decode("ascii")
        # The library's decoding of a name in "xn--" raises here, too.
        host, scheme = parsed.host, parsed.scheme
        is_good = 0 <= (parsed.port or 1) < 65536
    except (http.InvalidURL, ValueError):
        return refused(phrase("net.picture_url"))
    if not scheme:
        return refused(phrase("net.picture_url"))
    if scheme not in ("http", "https"):
        return refused(phrase("net.picture_scheme", scheme=scheme[:20]))
    if parsed.userinfo:
        return refused(phrase("net.picture_user"))
    if not host or not is_good or "%" in host:
        return refused(phrase("net.picture_url"))
    return parsed.copy_with(fragment=None)


# What ends names that are known inside of a network only (RFC 6761, RFC 6762, RFC 8375).
_INTERNAL = frozenset(
    {
        *("arpa", "corp", "docker", "home", "internal", "intranet", "lan", "local"),
        *("localdomain", "localhost", "private", "svc"),
    }
)


def _is_unusable(url: http.URL, failure: AttemptFailure) -> bool:
    """Whether a host cannot be the one that was meant: a private one, or a container's name.

    A name with dots that the network does not know may be known in a moment, and what a local proxy
    answers for every name says nothing of this one.
    """
    if failure.stage is RequestStage.NOT_SENT:
        host = url.host.rstrip(".").lower()
        return "." not in host or host.rpartition(".")[2] in _INTERNAL
    return not failure.error.remedy.endswith(_THROUGH)


def _at(origin: tuple[str, str, int], url: http.URL) -> http.URL:
    """The same path and query at another origin."""
    scheme, host, port = origin
    default = 443 if scheme == "https" else 80
    return url.copy_with(scheme=scheme, host=host, port=None if port == default else port)


def _shown(url: http.URL) -> str:
    """A URL without what its query may tell."""
    return one_line(str(url).partition("?")[0], _SHOWN)


def _port(url: http.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: http.URL) -> tuple[str, str, int]:
    return url.scheme, url.raw_host.decode("ascii", "replace").rstrip("."), _port(url)


def _own_origin(endpoint: Endpoint) -> tuple[str, str, int] | None:
    try:
        return _origin(http.URL(endpoint.base_url))
    except (http.InvalidURL, ValueError):
        return None
