"""Convert a call to a request: URL, headers, body, and finally the key."""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

import msgspec

from nbext._version import __version__
from nbext.errors import AuthenticationError, NotAnEndpointError
from nbext.messages.say import phrase
from nbext.transport import http
from nbext.transport.outgoing import Outgoing, Target
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    import ssl

    from nbext.data.endpoint import Endpoint, Secret
    from nbext.data.limits import Limits
    from nbext.errors import RequestError
    from nbext.wire.events import Call

_MOST_PORT = 65535
_GOOD_KEY = pattern(r"[\x21-\x7e]+\Z")


class Bearer:
    """Adds the key to a request when it is sent. Nothing else sends the key."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: http.Request) -> http.Request:
        """Add the key, as the library requires of an auth object."""
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key.reveal()}"
        return request

    def fields(self) -> list[tuple[bytes, bytes]]:
        """Return the header with the key, for a request over a connection of its own."""
        if not self._key:
            return []
        return [(b"authorization", f"Bearer {self._key.reveal()}".encode("ascii"))]


def model_of(call: Call) -> str:
    """Return the model of a call, from its body or, for Google, its path."""
    model = (call.body or call.form or {}).get("model")
    if isinstance(model, str):
        return model
    match = re.match(r"models/([^/:]{1,200}):", call.path)
    return unquote(match[1]) if match else ""


def unusable(endpoint: Endpoint) -> RequestError | None:
    """Return the error if an endpoint cannot be used, before anything is sent."""
    if endpoint.key and not _GOOD_KEY.match(endpoint.key.reveal()):
        # The library would say the whole key in its own complaint about such a header.
        return AuthenticationError(
            phrase("net.bad_key", name=endpoint.name),
            remedy=phrase("net.copy_key"),
        )
    try:
        scheme, host, _ = endpoint.origin
    except ValueError:
        scheme = host = ""
    if scheme not in ("http", "https") or not host:
        return NotAnEndpointError(
            phrase("net.endpoint_url", name=endpoint.name),
            remedy=phrase("net.url_form"),
        )
    return None


def bare_context() -> ssl.SSLContext:
    """Return an SSL context without certificates, for clients that use only http."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@functools.lru_cache(256)
def is_loopback(host: str) -> bool:
    """Return whether a host name is this machine, which needs no proxy."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address(endpoint: Endpoint, call: Call) -> str:
    """Return the URL of a call, without its query."""
    return endpoint.url(call.path, call.version)


@functools.lru_cache(64)
def _parsed(library: str, url: str) -> http.URL:
    """Parse a URL, once for all draws of a model."""
    del library  # whose URL it is
    return http.URL(url)


# A URL that the library leaves as it is.
_ORDINARY = pattern(
    r"(https?)://([a-z0-9][a-z0-9.-]*)(?::([1-9]\d{0,4}))?((?:/(?!\.)[A-Za-z0-9._~:@!$&'()*+,;=-]*)*)"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@functools.lru_cache(64)
def _target(url: str) -> tuple[Target, bytes]:
    """Return where a URL leads, and the value of ``Host``.

    The library is asked only about unusual URLs: to import it takes 50 ms.
    """
    match = _ORDINARY.fullmatch(url)
    if match is None or "xn--" in match[2] or int(match[3] or 0) > _MOST_PORT:
        parsed = http.URL(url)
        return target_of(parsed), parsed.netloc
    scheme, host, named, path = match.groups()
    port = int(named) if named and int(named) != _DEFAULT_PORTS[scheme] else None
    netloc = f"{host}:{port}" if port else host
    target = Target(scheme, host, port, (path or "/").encode("ascii"))
    return target, netloc.encode("ascii")


def target_of(url: http.URL) -> Target:
    """Return where a URL leads."""
    return Target(url.scheme, url.raw_host.decode("ascii"), url.port, url.raw_path)


def outgoing(endpoint: Endpoint, call: Call, limits: Limits, idempotency_key: str) -> Outgoing:
    """Build the request for a call over a connection of its own, without the key.

    The library needs as long for its own request as for a whole small answer, so that a body in
    JSON goes without it; the bytes are the same.

    Args:
        endpoint: The endpoint.
        call: The call, as encoded by a wire format.
        limits: The time limits.
        idempotency_key: The key of the user's action; empty for none.
    """
    if call.form is not None or call.files or call.query or call.body is None:
        request = build_request(endpoint, call, limits, idempotency_key)
        return outgoing_of(request, limits)
    target, host = _target(address(endpoint, call))
    body = _json(call)
    headers = _headers(call, idempotency_key) | {"content-type": "application/json"}
    fields = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    fields = [(b"Host", host), *fields, (b"Content-Length", b"%d" % len(body))]
    return Outgoing(call.method, target, fields, body, limits)


def outgoing_of(request: http.Request, limits: Limits) -> Outgoing:
    """Return a request of the library's for a connection of its own."""
    body = cast("http.AsyncByteStream", request.stream)
    return Outgoing(request.method, target_of(request.url), request.headers.raw, body, limits)


def _headers(call: Call, idempotency_key: str) -> dict[str, str]:
    """Return the headers of a call, apart from those about its body."""
    headers = {
        "accept": "text/event-stream, application/json" if call.stream else "application/json",
        # An answer with pictures does not shrink; a list of models does.
        "accept-encoding": "identity" if call.generating else "gzip",
        "connection": "keep-alive",
        "user-agent": f"nbext/{__version__}",
    }
    if idempotency_key and call.method == "POST":
        headers["idempotency-key"] = idempotency_key
    return headers


def _json(call: Call) -> bytes:
    return msgspec.json.encode(call.body, enc_hook=str)


def build_request(
    endpoint: Endpoint, call: Call, limits: Limits, idempotency_key: str
) -> http.Request:
    """Build the request for a call, without the key.

    Args:
        endpoint: The endpoint.
        call: The call, as encoded by a wire format.
        limits: The time limits.
        idempotency_key: The key of the user's action; empty for none.
    """
    headers = _headers(call, idempotency_key)
    body: dict[str, Any] = {}
    if call.form is not None or call.files:
        # Fields are files without a name, so that it is multipart even without a file.
        fields = [(name, (None, value.encode())) for name, value in (call.form or {}).items()]
        files = [(f.field, (f.filename, f.data, f.media_type)) for f in call.files]
        body["files"] = [*fields, *files]
    elif call.body is not None:
        headers["content-type"] = "application/json"
        body["content"] = _json(call)
    timeout = {
        "connect": limits.connect,
        "write": limits.write,
        "read": limits.silence,
        "pool": None,
    }
    # Not by a client: its cookies of earlier answers are nobody's business.
    return http.Request(
        call.method,
        _parsed(http.name(), address(endpoint, call)),
        params=call.query or None,
        headers=headers,
        extensions={"timeout": timeout},
        **body,
    )
