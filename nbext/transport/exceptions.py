"""What happens to a request over a connection of its own, by the HTTP library's names.

The library has the same exceptions, but takes longer to import than a small picture to draw.
"""

from __future__ import annotations


class HTTPError(Exception):
    """A request failed."""


class UnsupportedProtocol(HTTPError):  # noqa: N818 -- the library's name, as all of these
    """The URL is neither http nor https."""


class ConnectError(HTTPError):
    """The host is unknown, does not answer, or has no valid certificate."""


class ConnectTimeout(HTTPError):  # noqa: N818
    """No connection was made in time."""


class WriteTimeout(HTTPError):  # noqa: N818
    """The other end took nothing more in time."""


class ReadTimeout(HTTPError):  # noqa: N818
    """Nothing came in time."""


class ReadError(HTTPError):
    """The connection broke."""


class LocalProtocolError(HTTPError):
    """The request is invalid."""


class RemoteProtocolError(HTTPError):
    """The answer is not HTTP."""
