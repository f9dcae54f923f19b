"""From a call to the request that leaves: address, headers, body, and at the very last the key."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from nbext._version import __version__
from nbext.errors import AuthenticationError, NotAnEndpointError
from nbext.wire.error_body import read_error_body
from nbext.wire.error_classes import STREAMING, refuses_a_stream

if TYPE_CHECKING:
    import ssl

    from nbext.data.endpoint import Endpoint, Secret
    from nbext.errors import RequestError
    from nbext.transport import http
    from nbext.wire.events import Call

_GOOD_KEY = re.compile(r"[\x21-\x7e]+\Z")


class Bearer:
    """Puts the key on a request when it is sent; the key's only way out."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: http.Request) -> http.Request:
        """Do as the library asks of an auth object."""
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key.reveal()}"
        return request


def model_of(call: Call) -> str:
    """The model that a call names, in its body or (Google) in its path."""
    model = (call.body or call.form or {}).get("model")
    if isinstance(model, str):
        return model
    match = re.match(r"models/([^/:]{1,200}):", call.path)
    return unquote(match[1]) if match else ""


def unusable(endpoint: Endpoint) -> RequestError | None:
    """What is wrong with an endpoint before anything is sent to it."""
    if endpoint.key and not _GOOD_KEY.match(endpoint.key.reveal()):
        # The library would say the whole key in its own complaint about such a header.
        return AuthenticationError(
            f"The key of the endpoint {endpoint.name} has a character that no key has: a space, "
            "a line's end, or a letter with an accent.",
            remedy="Copy it again and set it: %nbext key.",
        )
    try:
        scheme, host, _ = endpoint.origin
    except ValueError:
        scheme = host = ""
    if scheme not in ("http", "https") or not host:
        return NotAnEndpointError(
            f"The base URL of the endpoint {endpoint.name} is none that a request can be sent to.",
            remedy="A base URL begins with https:// (or http://) and usually ends in /v1.",
        )
    return None


def bare_context() -> ssl.SSLContext:
    """A context that trusts nobody, for clients that only ever speak http: it costs nothing."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name: no proxy stands in between then."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address(endpoint: Endpoint, call: Call) -> str:
    """The URL that a call goes to, without its query."""
    return endpoint.url(call.path, call.version)


def build_request(
    client: http.AsyncClient, endpoint: Endpoint, call: Call, idempotency_key: str
) -> http.Request:
    """Write a call as a request, all but the key.

    Args:
        client: Of the library.
        endpoint: Where to.
        call: What a wire format wrote.
        idempotency_key: One for each action of the user, empty for none.
    """
    headers = {
        "accept": "text/event-stream, application/json" if call.stream else "application/json",
        # An answer with pictures does not shrink; a list of models does.
        "accept-encoding": "identity" if call.generating else "gzip",
        "user-agent": f"nbext/{__version__}",
    }
    if idempotency_key and call.method == "POST":
        headers["idempotency-key"] = idempotency_key
    body: dict[str, Any] = {}
    if call.form is not None or call.files:
        # Fields are files without a name, so that it is multipart even without a file.
        fields = [(name, (None, value.encode())) for name, value in (call.form or {}).items()]
        files = [(f.field, (f.filename, f.data, f.media_type)) for f in call.files]
        body["files"] = [*fields, *files]
    elif call.body is not None:
        headers["content-type"] = "application/json"
        body["content"] = msgspec.json.encode(call.body, enc_hook=str)
    return client.build_request(
        call.method,
        address(endpoint, call),
        params=call.query or None,
        headers=headers,
        **body,
    )


# What a complaint about streaming says, in the languages that relays speak.
_STREAM_WORDS = re.compile(
    r"stream|\bsse\b|chunk|incremental|流|逐字|逐步|ストリ|поток|стрим|스트리",
    re.IGNORECASE,
)
# Nothing has been started where these are answered.
_NOT_STARTED = frozenset({400, 404, 405, 406, 415, 422, 501})


def other_way_round(call: Call, error: RequestError) -> Call | None:
    """The call as a stream, or not as one, where it was surely refused for just that."""
    body = call.body if call.body is not None else call.form
    if body is None:
        return None
    if error.status_code == 403 and "non_streaming_disabled" in error.body and not call.stream:
        streamed = {**(call.body or {}), "stream": True}
        return msgspec.structs.replace(call, body=streamed, stream=True) if call.body else None
    if call.stream and "stream" in body and _is_about_streaming(error):
        whole = {name: value for name, value in body.items() if name not in STREAMING}
        if call.body is not None:
            return msgspec.structs.replace(call, body=whole, stream=False)
        return msgspec.structs.replace(call, form=whole, stream=False)
    return None


def _is_about_streaming(error: RequestError) -> bool:
    """Whether a refusal complains of the stream, in whatever words."""
    if error.status_code not in _NOT_STARTED or isinstance(error, AuthenticationError):
        return False
    # The body may repeat the request, "stream" included: only what is said of it counts.
    payload = read_error_body(error.body.encode())
    words = f"{payload.param} {payload.code} {payload.message}"
    return refuses_a_stream(payload) or bool(_STREAM_WORDS.search(words))
