"""From an exception of the HTTP library to an error of ours, and how far the request got.

The library's exceptions hold the request, and so the key: none of them leaves this package, not
even as the cause or the context of another.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from nbext.errors import ConnectError, NotAnEndpointError, TimedOutError, TruncatedError
from nbext.transport import http
from nbext.transport.decompress import DecompressionError
from nbext.transport.retry import AttemptFailure, RequestStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.limits import Limits
    from nbext.errors import RequestError


def transport_errors() -> tuple[type[Exception], ...]:
    """What the library, the sockets and the clock raise while a request is under way.

    Nothing else: an error in this package's own code stays what it is, with its traceback.
    """
    return (
        http.HTTPError,
        http.InvalidURL,
        http.StreamError,
        TimeoutError,
        OSError,
        DecompressionError,
    )


def setup_errors() -> tuple[type[Exception], ...]:
    """What the library raises while a client or a request is made: of proxies, URLs, headers."""
    return (http.HTTPError, http.InvalidURL, OSError, ImportError, ValueError)


def map_exception(
    error: Exception, host: str, limits: Limits, *, generating: bool = False, answered: bool = False
) -> AttemptFailure:
    """Judge what broke a try.

    Args:
        error: As caught.
        host: For the words.
        limits: For the words.
        generating: Whether the request costs money.
        answered: Whether an answer had begun.
    """
    host = host or "the endpoint"
    if isinstance(error, http.ConnectTimeout):
        message = f"{host} did not take the connection within {limits.connect:g} s."
        return AttemptFailure(
            ConnectError(message, remedy="Check the base URL and the network."),
            RequestStage.NOT_SENT,
        )
    if isinstance(error, http.ConnectError):
        return _no_connection(error, host)
    if isinstance(error, http.ProxyError):
        message = f"The proxy on the way to {host} refused."
        remedy = "Check HTTPS_PROXY, or put the host into NO_PROXY."
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
    if isinstance(error, ImportError):
        message = "The proxy in the environment is a SOCKS proxy, which needs the package socksio."
        return AttemptFailure(
            ConnectError(message, remedy="pip install socksio"), RequestStage.FINAL
        )
    if isinstance(error, http.UnsupportedProtocol | http.InvalidURL):
        message = "The base URL is none that a request can be sent to."
        remedy = "It begins with https:// (or http://) and usually ends in /v1."
        return AttemptFailure(NotAnEndpointError(message, remedy=remedy), RequestStage.FINAL)
    if isinstance(error, http.WriteTimeout):
        # The end of the request never left: nobody can have begun to work on it.
        message = f"{host} took no more of the request for {limits.write:g} s."
        return AttemptFailure(ConnectError(message, remedy="Try again."), RequestStage.NOT_SENT)
    if isinstance(error, FileNotFoundError):
        message = "The file of certificate authorities is not there."
        remedy = "Check SSL_CERT_FILE and SSL_CERT_DIR."
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
    if isinstance(error, http.LocalProtocolError | ValueError):
        message = f"The request to {host} could not be written."
        remedy = "Check the base URL and the options for odd characters."
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
    remedy = "See whether the relay's log has it before you send it again."
    cls: type[RequestError] = TruncatedError
    if isinstance(error, http.ReadTimeout):
        cls, message = TimedOutError, f"{host} sent nothing for {limits.silence:g} s."
    elif isinstance(error, TimeoutError):
        cls, message = TimedOutError, f"{host} was not done within {limits.total:g} s."
    elif isinstance(error, DecompressionError):
        message = f"{host} sent an answer that cannot be decompressed."
    else:
        what = "in the middle of its answer" if answered else "before it answered"
        message = f"{host} broke the connection {what}."
    remedy = remedy if generating else "Try again later."
    return AttemptFailure(cls(message, remedy=remedy, maybe_billed=generating), RequestStage.MAYBE)


def _no_connection(error: Exception, host: str) -> AttemptFailure:
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            message = f"{host} is not found: the network knows no such name."
            remedy = "Check the base URL and the network."
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = cause.verify_message or "it is not trusted"
            message = f"The certificate of {host} is refused: {reason}."
            remedy = "Check the base URL; SSL_CERT_FILE names further authorities to trust."
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
        if isinstance(cause, ssl.SSLError):
            message = f"No secure connection to {host}: {cause.reason or 'the handshake failed'}."
            remedy = "Check the base URL: https:// or http://."
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
        if isinstance(cause, ConnectionRefusedError):
            message = f"Nothing answers at {host}: the connection is refused."
            remedy = "Check the base URL, and whether the server runs."
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
    message = f"No connection to {host}."
    return AttemptFailure(
        ConnectError(message, remedy="Check the base URL and the network."), RequestStage.NOT_SENT
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 20:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _chain(one)
        error = error.__cause__ or error.__context__
        seen += 1
