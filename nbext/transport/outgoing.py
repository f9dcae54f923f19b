"""A request as it goes over a connection of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nbext.data.limits import Limits
    from nbext.transport.http import AsyncByteStream


class Target(NamedTuple):
    """Where a request goes.

    Attributes:
        scheme: ``http`` or ``https``.
        host: A name or an address, in ASCII.
        port: None for the scheme's own.
        path: With the query.
    """

    scheme: str
    host: str
    port: int | None
    path: bytes


class Outgoing(NamedTuple):
    """A request.

    Attributes:
        method: Of HTTP.
        target: Where it goes.
        headers: In order.
        body: The bytes, or what yields them.
        limits: Of time.
    """

    method: str
    target: Target
    headers: list[tuple[bytes, bytes]]
    body: bytes | AsyncByteStream
    limits: Limits
