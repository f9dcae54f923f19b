"""Access control for the endpoint: host name, origin of the web page, and key.

A web page that a user happens to visit can send requests to loopback, and with a DNS name that
changes its address (DNS rebinding) it can even read the answers. It cannot forge the ``Host`` and
``Origin`` headers, so both are compared with the names that this endpoint is known by.
"""

from __future__ import annotations

import re
import secrets
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYWHERE = frozenset({"0.0.0.0", "", "::"})  # noqa: S104 - known, not bound

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[\w.-]{1,253})(?::\d{1,5})?", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://(.+)", re.IGNORECASE)
_BEARER = re.compile(r"bearer ([!-~]+)", re.IGNORECASE)


def host_name(authority: str) -> str:
    """Return the host of ``host:port`` in lower case without brackets, or "" if it is malformed.

    Example:
        >>> host_name("LOCALHOST:8000"), host_name("[::1]:8000"), host_name("me@127.0.0.1")
        ('localhost', '::1', '')
    """
    match = _AUTHORITY.fullmatch(authority)
    return match[1].lower().strip("[]").removesuffix(".") if match else ""


def is_loopback(name: str) -> bool:
    """Return whether a host name always means this machine.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("app.localhost"), is_loopback("localhost.evil")
        (True, True, False)
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@dataclass
class Access:
    """The host names and the key of an endpoint.

    Args:
        key: The key that clients have to send.
        host: The host that the endpoint listens on.
        names: Other host names of the endpoint, such as a name in the local network.
    """

    key: str
    host: str = "127.0.0.1"
    names: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        names = {host_name(name) for name in (self.host, *self.names)} - {""}
        if self.everywhere:
            own = socket.gethostname().lower()
            names |= {own, f"{own.partition('.')[0]}.local"}
        self.names = frozenset(names - EVERYWHERE)

    @property
    def everywhere(self) -> bool:
        """Whether the endpoint listens on every interface of the machine."""
        return self.host in EVERYWHERE

    def allows_host(self, authority: str) -> bool:
        """Return whether a ``Host`` header names this endpoint.

        An endpoint on every interface is also reached by any address: a rebinding attack needs a
        name.

        Example:
            >>> Access("sk-1").allows_host("localhost:80"), Access("sk-1").allows_host("evil.com")
            (True, False)
        """
        name = host_name(authority)
        return is_loopback(name) or name in self.names or (self.everywhere and _is_address(name))

    def allows_origin(self, origin: str, authority: str) -> bool:
        """Return whether a page of this origin may send requests.

        Allowed are pages of this machine and of the endpoint itself.

        Args:
            origin: The ``Origin`` header; browsers alone send it.
            authority: The ``Host`` header of the same request.

        Example:
            >>> Access("sk-1").allows_origin("http://localhost:8888", "127.0.0.1:80")
            True
            >>> Access("sk-1").allows_origin("null", "127.0.0.1:80")
            False
        """
        match = _ORIGIN.fullmatch(origin)
        name = host_name(match[1]) if match else ""
        if not name:
            return False
        return is_loopback(name) or name in self.names or name == host_name(authority)

    def allows_key(self, value: str) -> bool:
        """Return whether a key is exactly the right one."""
        return secrets.compare_digest(value.encode(), self.key.encode())


def key_in(headers: Mapping[str, str], query: str) -> str:
    """Return the key of a request, empty without one.

    Google's clients send ``x-goog-api-key`` or ``?key=``, Anthropic's ``x-api-key``, all others
    ``Authorization: Bearer``. Exactly one space must follow ``Bearer``.
    """
    bearer = _BEARER.fullmatch(headers.get("Authorization", ""))
    return (
        headers.get("x-goog-api-key")
        or parse_qs(query).get("key", [""])[0]
        or headers.get("x-api-key")
        or (bearer[1] if bearer else "")
    )
