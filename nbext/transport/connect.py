"""Connect to a host: look up its name, try its addresses, and begin TLS."""

from __future__ import annotations

import asyncio
import errno
import functools
import itertools
import os
import socket
import weakref
from asyncio.staggered import staggered_race
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from nbext.transport import exceptions
from nbext.util.threads import RepeatableCall, call_apart

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from nbext.transport.outgoing import Target

P = TypeVar("P", bound=asyncio.BaseProtocol)

# Family, type, protocol, canonical name, address.
Entry = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
PORTS = {"http": 80, "https": 443}
# Seconds until the next address of a host is tried beside the one before (RFC 8305, 5).
_NEXT_ADDRESS = 0.25
_DONE = (0, errno.EISCONN)

# The lookups under way, by loop: those who ask for a name at the same time share one.
_lookups: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[tuple[str, int], asyncio.Future[list[Entry]]]
] = weakref.WeakKeyDictionary()


async def look_up(host: str, port: int) -> list[Entry]:
    """Look up a name and return all its addresses, the preferred one first.

    Raises:
        OSError: The name has no address.
        UnicodeError: It is no name.
    """
    loop = asyncio.get_running_loop()
    current = _lookups.setdefault(loop, {})
    lookup = current.get((host, port))
    if lookup is None:
        result: Future[list[Entry]] = Future()
        # Not in the loop's pool: a slow name of a stranger's would keep its few threads from the
        # endpoint and from pictures that have arrived.
        call_apart(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM), result)
        lookup = current[host, port] = asyncio.wrap_future(result)

        end = RepeatableCall(_end_lookup, current, (host, port), lookup, loop=loop)
        lookup.add_done_callback(end)
    return await asyncio.shield(lookup)


def _end_lookup(
    current: dict[tuple[str, int], asyncio.Future[list[Entry]]],
    place: tuple[str, int],
    lookup: asyncio.Future[list[Entry]],
) -> None:
    """Let the next who asks for a name look it up again."""
    if current.get(place) is lookup:
        del current[place]
    # Nobody may be left to hear of a failure.
    if lookup.done() and not lookup.cancelled():
        lookup.exception()


async def connect(
    target: Target,
    protocol: Callable[[], P],
    context: Callable[[], ssl.SSLContext],
    *,
    seconds: float,
    deadline: float,
) -> P:
    """Connect to a host within the time limit.

    Args:
        target: The host, with scheme and port.
        protocol: Creates the protocol of the connection.
        context: Returns the SSL context; called for https only.
        seconds: The time limit.
        deadline: When the whole request must be over, by the loop's clock.

    Raises:
        ConnectTimeout: It takes longer.
        ConnectError: The host is unknown, does not answer, or has no valid certificate.
        TimeoutError: The deadline has passed.
    """
    host, secure = target.host, target.scheme == "https"
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        async with asyncio.timeout_at(min(until, deadline)):
            connection = await _socket_to(host, target.port or PORTS[target.scheme])
            try:
                _, result = await loop.create_connection(
                    protocol,
                    sock=connection,
                    ssl=context() if secure else None,
                    server_hostname=host if secure else None,
                )
            except BaseException:
                connection.close()
                raise
    except TimeoutError as error:
        if deadline < until:
            raise
        raise exceptions.ConnectTimeout("no connection in time") from error
    except (OSError, UnicodeError) as error:
        raise exceptions.ConnectError("no connection") from error
    return result


async def _socket_to(host: str, port: int) -> socket.socket:
    """Return a socket that is connected to the first address that answers.

    Raises:
        OSError: The name has no address, or none answers.
        UnicodeError: It is no name.
    """
    entries = _in_digits(host, port) or _alternating(await look_up(host, port))
    if len(entries) == 1:
        return await _connect(entries[0])
    attempts = [partial(_connect, entry) for entry in entries]
    result: socket.socket | None
    result, _, problems = await staggered_race(attempts, _NEXT_ADDRESS)
    if result is not None:
        return result
    reasons = [problem for problem in problems if problem is not None]
    # Refused only if all of them refuse.
    raise next((r for r in reasons if not isinstance(r, ConnectionRefusedError)), reasons[0])


@functools.lru_cache(64)
def _in_digits(host: str, port: int) -> tuple[Entry, ...]:
    """Return the address that a host's name is in digits; none for any other name."""
    try:
        address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    except (OSError, UnicodeError):
        return ()
    return tuple(address[:1])


def _alternating(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Put addresses of both families in turn, the preferred family first."""
    families = list(dict.fromkeys(entry[0] for entry in entries))
    groups = ([entry for entry in entries if entry[0] == family] for family in families)
    turns = itertools.chain.from_iterable(itertools.zip_longest(*groups))
    return [entry for entry in turns if entry is not None]


async def _connect(entry: Entry) -> socket.socket:
    """Return a socket that is connected to an address.

    Raises:
        OSError: It does not answer.
    """
    family, kind, protocol, _, address = entry
    connection = socket.socket(family, kind, protocol)
    try:
        connection.setblocking(False)
        if not (_is_here(address[0]) and _connects_at_once(connection, address)):
            await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_here(address: str) -> bool:
    return os.name == "posix" and (address.startswith("127.") or address == "::1")


def _connects_at_once(connection: socket.socket, address: tuple[Any, ...]) -> bool:
    """Connect to this machine, which is done when the system is asked the second time."""
    return connection.connect_ex(address) in _DONE or connection.connect_ex(address) in _DONE
