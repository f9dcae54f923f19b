"""Download the pictures that answers link to. The URLs come from models and are untrusted.

Only http and https are used, without a key, cookies or headers of ours. A name is looked up once,
all its addresses are checked, and only a checked address is connected to. Therefore no redirect,
unusual spelling of 127.0.0.1 or changing DNS entry leads to this machine or its network. If an
answer names such a host, as relays behind a proxy do, the same path is requested from the
endpoint's own origin instead. Only the endpoint's own origin gets the key, if it answers 401 or 403
without it, and never after a redirect.

Downloads bypass the proxies in the environment, because a proxy would look up the name itself.
``Limits.proxy_downloads`` is for networks without direct connections.

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar
from urllib.request import getproxies, proxy_bypass

from nbext.data.request import without_user
from nbext.errors import DownloadError, RequestError
from nbext.messages.say import phrase
from nbext.transport import addresses, http, retry
from nbext.transport.connect import look_up
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
    """Look up a name and return all its addresses, the preferred one first.

    Raises:
        OSError: The name has no address.
    """
    return list(dict.fromkeys(str(entry[4][0]) for entry in await look_up(host, port)))


class Downloader:
    """Downloads pictures, films and pages from links in answers.

    Args:
        ssl_context: Returns the context for https, when first needed.
        limits: Limits of time, size and redirects.

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
        """Download a picture or film, with a new sink for each try.

        Args:
            url: The untrusted URL, or a path at the endpoint's origin.
            sink: Returns a new sink for each try.
            endpoint: The endpoint that sent the URL, or None.
            patient: Whether to retry for some seconds if the picture is not ready.

        Raises:
            DownloadError: The download failed. ``url`` is the link.
        """

        async def read(reply: Reply) -> PictureInfo | AttemptFailure:
            return await save(reply, sink, self.limits, url=url)

        return await _Download(self, url, endpoint, patient=patient, names=True).read(read)

    async def page(self, url: str, *, endpoint: Endpoint | None) -> bytes:
        """Download a page that contains the link to the picture.

        Args:
            url: The untrusted URL.
            endpoint: The endpoint that sent the URL, or None.

        Raises:
            DownloadError: The download failed.
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
    """One download, with its retries and redirects.

    Args:
        downloader: The limits and the SSL context.
        url: The untrusted URL.
        endpoint: The endpoint that sent the URL, or None.
        patient: Whether to retry for some seconds if the picture is not ready.
        names: Whether JSON that contains another URL counts as a redirect.
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
        """Send requests until ``read`` accepts an answer.

        Raises:
            DownloadError: The download failed.
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
        """Try the URL itself, or else the endpoint's own origin, with the key."""
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
        """Return the first URL. One without a host belongs to the endpoint."""
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
        """Send the request and follow redirects. The key is sent only to the first URL."""
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
        """Return the URL that an answer redirects to, or an empty text."""
        if reply.status in _REDIRECTS and reply.headers.get("location"):
            return str(reply.headers["location"])
        return await named_address(reply) if self._names else ""

    async def _open(
        self, url: http.URL, targets: list[str], *, key: bool
    ) -> Reply | AttemptFailure:
        """Connect to one of the checked addresses and wait for the status of the answer."""
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
        """Return the checked addresses to connect to, or ``[""]`` to let a proxy look them up."""
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
            # Without an endpoint, it is the user's own link and not an answer's.
            cause, remedy = (
                ("net.private_reference", "net.use_file")
                if self._endpoint is None
                else ("net.private_address", "net.not_reached")
            )
            return refused(
                phrase(cause, host=host, private=private[0]),
                phrase("net.fake_ip", _THROUGH=_THROUGH) if only_fake else phrase(remedy),
            )
        if not resolved:
            error = DownloadError(phrase("net.unknown_host", host=host))
            return AttemptFailure(error, RequestStage.NOT_SENT)
        return resolved[:_ADDRESSES]

    def _proxy(self, url: http.URL) -> str:
        """Return the proxy for a URL, or an empty text."""
        if not self._limits.proxy_downloads or is_loopback(url.host) or proxy_bypass(url.host):
            return ""
        proxies = getproxies()
        proxy = proxies.get(url.scheme) or proxies.get("all") or ""
        return proxy if not proxy or "://" in proxy else f"http://{proxy}"

    async def _send(
        self, url: http.URL, address: str, *, last: bool, key: bool
    ) -> Reply | AttemptFailure:
        """Request the picture from one address, under the host name of the URL."""
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
        """Build the request for one address. An empty one lets a proxy look up the name."""
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
        """Return whether a proxy exists that would have been used."""
        if self._limits.proxy_downloads:
            return False
        proxies = getproxies()
        scheme = self._url.partition(":")[0].lower()
        return bool(proxies.get(scheme) or proxies.get("all"))

    def _error(self, error: RequestError) -> DownloadError:
        """Return the error to raise, with the URL but without the key."""
        redact = self._endpoint.key.redact if self._endpoint else str
        remedy, url = error.remedy, self._url
        if not remedy and url.startswith(("https://", "http://")):
            # One that is signed is of no use without its query, but one that a user gave may hold
            # what is nobody's business; the error has all of it.
            shown = without_user(url)
            whole = len(shown) <= _SHOWN and (self._endpoint is not None or "?" not in shown)
            shown = shown if whole else shown.partition("?")[0][:_SHOWN] + "…"
            remedy = phrase("net.try_browser", one_line=one_line(shown, _SHOWN + 1))
        return DownloadError(
            redact(error.message),
            remedy=redact(remedy),
            url=redact(url),
            status_code=error.status_code,
            body=redact(error.body),
        )


def _parse(url: str, base: http.URL | None = None) -> http.URL | AttemptFailure:
    """Parse a URL once, for both the check and the connection."""
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
    """Return whether a host cannot be reached from here: a private one or a container's name.

    A name with dots that is unknown now may soon be known, and an address that a local proxy
    returns for every name says nothing about this one.
    """
    if failure.stage is RequestStage.NOT_SENT:
        host = url.host.rstrip(".").lower()
        return "." not in host or host.rpartition(".")[2] in _INTERNAL
    return not failure.error.remedy.endswith(_THROUGH)


def _at(origin: tuple[str, str, int], url: http.URL) -> http.URL:
    """Return the URL with another origin."""
    scheme, host, port = origin
    default = 443 if scheme == "https" else 80
    return url.copy_with(scheme=scheme, host=host, port=None if port == default else port)


def _shown(url: http.URL) -> str:
    """Return a URL without its query."""
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
