"""Restrict downloads to addresses of the public internet.

An own table, because what ``ipaddress`` calls private or global differs between Python's releases.
Source: the IANA special-purpose address registries for IPv4 and IPv6, and the addresses at which
clouds tell a machine its credentials.
"""

from __future__ import annotations

import ipaddress

_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's translation; also Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform, at a public address
        "169.254.0.0/16",  # link-local; also most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; also Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks; also what a local proxy's "fake IP" answers
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")  # nothing outside is routed
_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside, of any kind
        "3fff::/20",  # documentation
    )
)
FAKE = ipaddress.IPv4Network("198.18.0.0/15")


def is_public(address: str) -> bool:
    """Return whether an address from a resolver belongs to the public internet.

    Example:
        >>> is_public("1.1.1.1"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
        (True, False, False)
    """
    ip = parse(address)
    if ip is None:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _V4)
    return ip in _V6_GLOBAL and not any(ip in network for network in _V6)


def is_fake(address: str) -> bool:
    """Return whether an address is in the range that local proxies return for every name."""
    ip = parse(address)
    return isinstance(ip, ipaddress.IPv4Address) and ip in FAKE


def parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Parse an address, with IPv4 inside IPv6 unwrapped; None for a name."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip
