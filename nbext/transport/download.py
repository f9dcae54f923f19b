"""Fetches a picture that an answer points to: the URL is a model's, and not to be trusted.

Only http and https, never with the key, a cookie or a header of ours. A name is looked up once, all
of its addresses are checked, and the connection goes to an address that was checked: so neither a
redirect, an odd spelling of 127.0.0.1 nor a name that changes its mind leads to this machine or its
network. The endpoint's own address is the exception. Downloads go past the environment's proxies,
because it is the proxy that would look the name up; ``Limits.proxy_downloads`` is for networks that
let nothing out otherwise.

https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from nbext.errors import DownloadError, RequestError
from nbext.transport import addresses, http, retry
from nbext.transport.error_map import map_exception, transport_errors
from nbext.transport.response import Reply
from nbext.transport.retry import AttemptFailure, RequestStage
from nbext.transport.save import refused, save
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nbext.data.endpoint import Endpoint
    from nbext.data.limits import Limits
    from nbext.transport.client import Client
    from nbext.transport.save import Progressed
    from nbext.wire.events import SinkFactory

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
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Download:
    """One download with its tries and redirects.

    Args:
        client: Whose SSL context is used.
        endpoint: Whose answer pointed there, None for nobody's.
        limits: Of time, size and redirects.
        take: Reads an answer that is to be no picture, such as a page that tells of one.
    """

    def __init__(
        self,
        client: Client,
        endpoint: Endpoint | None,
        limits: Limits,
        *,
        take: Callable[[Reply], Awaitable[Any]] | None = None,
    ) -> None:
        self._take = take
        self._client = client
        self._endpoint = endpoint
        self._limits = limits
        self._deadline = 0.0

    async def fetch(self, url: str, sink: SinkFactory, progress: Progressed) -> Any:
        """Fetch into a sink of its own for each try.

        Raises:
            DownloadError: Why not.
        """
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._limits.total
        attempt = 1
        while True:
            taken = await self._follow(url, sink, progress)
            if not isinstance(taken, AttemptFailure):
                return taken
            wait = retry.wait_before_next(
                taken,
                attempt,
                tries=self._limits.download_tries,
                left=self._deadline - loop.time(),
                generating=False,
            )
            if wait is None:
                if taken.phase is RequestStage.NOT_SENT and self._passes_a_proxy(url):
                    taken.error.remedy = f"Fetch it through the proxy in HTTPS_PROXY: {_THROUGH}"
                raise self._error(taken.error, url)
            attempt += 1
            await retry.sleep(wait)

    async def _follow(self, url: str, sink: SinkFactory, progress: Progressed) -> Any:
        """One try, with the redirects on its way."""
        here = _parse(url)
        for _ in range(self._limits.redirects + 1):
            if isinstance(here, AttemptFailure):
                return here
            reply = await self._open(here)
            if isinstance(reply, AttemptFailure):
                return reply
            try:
                target = reply.headers.get("location", "")
                if reply.status not in _REDIRECTS or not target:
                    if self._take is not None:
                        return await self._take(reply)
                    return await save(reply, sink, self._limits, url=url, progress=progress)
            finally:
                await reply.aclose()
            here = _parse(target, here)
        return refused(f"The picture's address redirects more than {self._limits.redirects} times.")

    async def _open(self, url: http.URL) -> Reply | AttemptFailure:
        """Connect to an address that is checked, and wait for the answer's status."""
        found = await self._checked(url)
        if isinstance(found, AttemptFailure):
            return found
        trouble: AttemptFailure | None = None
        for place, address in enumerate(found):
            last = place == len(found) - 1
            reply = await self._send(url, address, last=last)
            if isinstance(reply, Reply):
                return reply
            trouble = reply
            if trouble.phase is not RequestStage.NOT_SENT:
                break
        return trouble or refused(f"{url.host} has no address.")

    async def _checked(self, url: http.URL) -> list[str] | AttemptFailure:
        """The addresses to connect to; ``[""]`` leaves it to a proxy."""
        host = url.raw_host.decode("ascii", "replace")
        try:
            async with asyncio.timeout_at(self._deadline), asyncio.timeout(self._limits.connect):
                found = await resolve(host, _port(url))
        except (OSError, UnicodeError):
            found = []
        own = await self._is_own(url, found)
        bad = [] if own else [one for one in found if not addresses.is_public(one)]
        through_proxy = self._limits.proxy_downloads and not own
        if through_proxy and (not found or all(map(addresses.is_fake, bad))):
            return [""]
        if bad:
            fake = all(map(addresses.is_fake, bad))
            return refused(
                f"The answer points to {host}, which is not on the public internet ({bad[0]}).",
                "A local proxy answers so for every name (its fake-IP mode): let it give real "
                f"addresses, or fetch through it: {_THROUGH}"
                if fake
                else "It is not fetched: an answer may not reach into this network.",
            )
        if not found:
            error = DownloadError(f"{host} is not found: the network knows no such name.")
            return AttemptFailure(error, RequestStage.NOT_SENT)
        return found[:_ADDRESSES]

    async def _is_own(self, url: http.URL, found: list[str]) -> bool:
        """Whether a URL leads to the endpoint itself, also by another name (localhost, a LAN's)."""
        own = _own_origin(self._endpoint) if self._endpoint is not None else None
        if own is None or _origin(url) == own:
            return own is not None
        scheme, host, port = own
        if (url.scheme, _port(url)) != (scheme, port) or all(map(addresses.is_public, found)):
            return False
        try:
            async with asyncio.timeout_at(self._deadline), asyncio.timeout(self._limits.connect):
                return set(found) <= set(await resolve(host, port))
        except (OSError, UnicodeError):
            return False

    async def _send(self, url: http.URL, address: str, *, last: bool) -> Reply | AttemptFailure:
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
        request = http.Request(
            "GET",
            url.copy_with(host=address) if address else url,
            headers={
                "host": url.netloc.decode("ascii", "replace"),
                "user-agent": _USER_AGENT,
                "accept": "image/avif,image/webp,image/png,image/*,video/*;q=0.9,*/*;q=0.5",
                "accept-encoding": "identity",
            },
            # The certificate is checked against the name, not against the address.
            extensions={"timeout": wait.as_dict(), "sni_hostname": host.rstrip(".")},
        )
        carrier: http.AsyncHTTPTransport | http.AsyncClient | None = None
        response = None
        try:
            async with asyncio.timeout_at(self._deadline):
                if address:
                    # A bare transport: no proxies, no cookies, no redirects, and no log line with
                    # the signed URL in it.
                    carrier = http.AsyncHTTPTransport(
                        verify=self._client.ssl_context(), trust_env=False
                    )
                    response = await carrier.handle_async_request(request)
                else:
                    carrier = http.AsyncClient(verify=self._client.ssl_context(), timeout=wait)
                    request.extensions.pop("sni_hostname")
                    response = await carrier.send(request, stream=True, follow_redirects=False)
            reply = Reply(
                response,
                [carrier.aclose],
                limits=limits,
                deadline=self._deadline,
                host=host,
                generating=False,
            )
            carrier = None
            return reply
        except transport_errors() as error:
            return map_exception(error, host, limits)
        finally:
            if carrier is not None:
                await carrier.aclose()

    def _passes_a_proxy(self, url: str) -> bool:
        """Whether there is a proxy that would have fetched it."""
        if self._limits.proxy_downloads:
            return False
        proxies = getproxies()
        scheme = url.partition(":")[0].lower()
        return bool(proxies.get(scheme) or proxies.get("all"))

    def _error(self, error: RequestError, url: str) -> DownloadError:
        """The error that is raised, with the URL, and without the key should it stand there."""
        redact = self._endpoint.key.redact if self._endpoint else str
        remedy = error.remedy
        if not remedy and url.startswith(("https://", "http://")):
            # One that is signed is of no use without its query, but one that a user gave may hold
            # what is nobody's business; the error has all of it.
            whole = len(url) <= _SHOWN and (self._endpoint is not None or "?" not in url)
            shown = url if whole else url.partition("?")[0][:_SHOWN] + "…"
            remedy = f"See whether a browser gets it: {one_line(shown, _SHOWN + 1)}"
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
        parsed = base.join(url) if base is not None else http.URL(url.strip())
        parsed.raw_host.decode("ascii")
        fine = 0 <= (parsed.port or 1) < 65536
    except (http.InvalidURL, ValueError):
        return refused("The picture's address is no URL.")
    if not parsed.scheme:
        return refused("The picture's address is no URL.")
    if parsed.scheme not in ("http", "https"):
        return refused(f"The picture's address is {parsed.scheme[:20]}:, not https:.")
    if parsed.userinfo:
        return refused("The picture's address has a user name in it.")
    if not parsed.host or not fine or "%" in parsed.host:
        return refused("The picture's address is no URL.")
    return parsed.copy_with(fragment=None)


def _port(url: http.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _origin(url: http.URL) -> tuple[str, str, int]:
    return url.scheme, url.raw_host.decode("ascii", "replace").rstrip("."), _port(url)


def _own_origin(endpoint: Endpoint) -> tuple[str, str, int] | None:
    try:
        return _origin(http.URL(endpoint.base_url))
    except http.InvalidURL:
        return None
