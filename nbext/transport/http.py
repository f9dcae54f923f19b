"""Choose the HTTP library: httpx2 if it is installed, or else httpx.

httpx2 is the maintained continuation of httpx with the same interface. ``NBEXT_HTTP=httpx`` (or
``httpx2``) in the environment forces one. Names are looked up when they are used, so that tests run
everything on both::

    from nbext.transport import http
    http.AsyncClient(...)
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from httpx import (
        URL,
        AsyncBaseTransport,
        AsyncByteStream,
        AsyncClient,
        AsyncHTTPTransport,
        ConnectError,
        ConnectTimeout,
        CookieConflict,
        Headers,
        HTTPError,
        InvalidURL,
        LocalProtocolError,
        ProxyError,
        ReadError,
        ReadTimeout,
        RemoteProtocolError,
        Request,
        Response,
        StreamError,
        Timeout,
        UnsupportedProtocol,
        WriteTimeout,
        create_ssl_context,
    )

__all__ = [
    "URL",
    "AsyncBaseTransport",
    "AsyncByteStream",
    "AsyncClient",
    "AsyncHTTPTransport",
    "ConnectError",
    "ConnectTimeout",
    "CookieConflict",
    "HTTPError",
    "Headers",
    "InvalidURL",
    "LocalProtocolError",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "Response",
    "StreamError",
    "Timeout",
    "UnsupportedProtocol",
    "WriteTimeout",
    "create_ssl_context",
    "is_loaded",
    "name",
    "use",
]

LIBRARIES = ("httpx2", "httpx")

_chosen = ""


def use(library: str) -> None:
    """Choose the library from now on, or ``""`` for the default.

    Args:
        library: ``httpx2``, ``httpx`` or empty.

    Raises:
        ValueError: The name is neither.
    """
    if library and library not in LIBRARIES:
        raise ValueError(f"{library!r} is none of {', '.join(LIBRARIES)}")
    global _chosen
    _chosen = library


def name() -> str:
    """Return the name of the library in use.

    Raises:
        ValueError: ``NBEXT_HTTP`` names something else.
    """
    if not _chosen:
        forced = os.environ.get("NBEXT_HTTP", "").strip().lower()
        use(forced or ("httpx2" if find_spec("httpx2") else "httpx"))
    return _chosen


def is_loaded() -> bool:
    """Return whether the library is imported; until then, it raises nothing."""
    return any(library in sys.modules for library in LIBRARIES)


def __getattr__(attribute: str) -> Any:
    """Look up a name in the library in use."""
    if attribute.startswith("_") or attribute not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {attribute!r}")
    # Not from ``sys.modules``: while another thread imports it, only a part of it is there.
    return getattr(import_module(name()), attribute)
