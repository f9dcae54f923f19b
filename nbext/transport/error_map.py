"""Convert the transports' exceptions to nbext's errors, with the stage of the request.

The HTTP library and ``exceptions`` have the same names for them. The library's hold the request,
and so the key: none of them leaves this package, not even as the cause or the context of another.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from nbext.errors import ConnectError, NotAnEndpointError, TimedOutError, TruncatedError
from nbext.messages.say import phrase
from nbext.transport import exceptions, http
from nbext.transport.decompress import DecompressionError
from nbext.transport.retry import AttemptFailure, RequestStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.data.limits import Limits
    from nbext.errors import RequestError


def transport_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that can occur while a request is in progress.

    Nothing else: an error in this package's own code stays what it is, with its traceback.
    """
    own = (exceptions.HTTPError, TimeoutError, OSError, DecompressionError)
    if not http.is_loaded():
        return own
    return (*own, http.HTTPError, http.InvalidURL, http.StreamError)


def setup_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions for invalid proxies, URLs and headers."""
    own = (exceptions.HTTPError, OSError, ImportError, ValueError)
    return (*own, http.HTTPError, http.InvalidURL) if http.is_loaded() else own


def map_exception(
    error: Exception, host: str, limits: Limits, *, generating: bool = False, answered: bool = False
) -> AttemptFailure:
    """Convert an exception to the failure of a try.

    Args:
        error: As caught.
        host: For the words.
        limits: For the words.
        generating: Whether the request costs money.
        answered: Whether the answer had started.
    """
    host = host or phrase("net.the_endpoint")
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ConnectTimeout" in names:
        message = phrase("net.connect_timeout", host=host, connect=limits.connect)
        return AttemptFailure(
            ConnectError(message, remedy=phrase("net.check_network")),
            RequestStage.NOT_SENT,
        )
    if "ConnectError" in names:
        return _no_connection(error, host)
    if "ProxyError" in names:
        message = phrase("net.proxy_refused", host=host)
        remedy = phrase("net.check_proxy")
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
    if isinstance(error, ImportError):
        message = phrase("net.socks")
        return AttemptFailure(
            ConnectError(message, remedy="pip install socksio"), RequestStage.FINAL
        )
    if names & {"UnsupportedProtocol", "InvalidURL"}:
        message = phrase("net.unsendable_url")
        remedy = phrase("net.url_form")
        return AttemptFailure(NotAnEndpointError(message, remedy=remedy), RequestStage.FINAL)
    if "WriteTimeout" in names:
        # The end of the request never left: nobody can have begun to work on it.
        message = phrase("net.write_timeout", host=host, write=limits.write)
        return AttemptFailure(
            ConnectError(message, remedy=phrase("net.try_again")), RequestStage.NOT_SENT
        )
    if isinstance(error, FileNotFoundError):
        message = phrase("net.no_certificates")
        remedy = phrase("net.check_ssl")
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
    if names & {"LocalProtocolError", "ValueError"}:
        message = phrase("net.unwritable", host=host)
        remedy = phrase("net.odd_characters")
        return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
    remedy = phrase("net.check_log")
    cls: type[RequestError] = TruncatedError
    if "ReadTimeout" in names:
        cls, message = TimedOutError, phrase("net.silence", host=host, silence=limits.silence)
    elif isinstance(error, TimeoutError):
        cls, message = TimedOutError, phrase("net.total_timeout", host=host, total=limits.total)
    elif isinstance(error, DecompressionError):
        message = phrase("net.undecompressible", host=host)
    else:
        what = phrase("net.mid_answer") if answered else phrase("net.before_answer")
        message = phrase("net.broken", host=host, what=what)
    remedy = remedy if generating else phrase("net.later")
    return AttemptFailure(cls(message, remedy=remedy, maybe_billed=generating), RequestStage.MAYBE)


def _no_connection(error: Exception, host: str) -> AttemptFailure:
    for cause in _chain(error):
        if isinstance(cause, socket.gaierror):
            message = phrase("net.unknown_host", host=host)
            remedy = phrase("net.check_network")
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = cause.verify_message or phrase("net.untrusted")
            message = phrase("net.bad_certificate", host=host, reason=reason)
            remedy = phrase("net.check_certificate")
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.FINAL)
        if isinstance(cause, ssl.SSLError):
            message = phrase(
                "net.insecure", host=host, value=cause.reason or phrase("net.handshake")
            )
            remedy = phrase("net.check_scheme")
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
        if isinstance(cause, ConnectionRefusedError):
            message = phrase("net.refused", host=host)
            remedy = phrase("net.check_server")
            return AttemptFailure(ConnectError(message, remedy=remedy), RequestStage.NOT_SENT)
    message = phrase("net.no_connection", host=host)
    return AttemptFailure(
        ConnectError(message, remedy=phrase("net.check_network")), RequestStage.NOT_SENT
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
