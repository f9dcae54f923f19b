"""How long and how much the transport waits for and takes."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in seconds, bytes, pixels and numbers of times.

    Attributes:
        connect: Seconds until a connection stands, TLS included.
        write: Seconds without the endpoint taking more of the request.
        silence: Seconds without a byte of the answer, its beginning included.
        total: Seconds for one action, its tries included: a server that drips a byte a second
            never falls silent.
        tries: How often a request is sent at most, where sending it again is safe.
        download_tries: The same for a picture that an answer points to.
        redirects: How many redirects a download follows, each one checked.
        answer_bytes: Of one answer, after decompression.
        json_bytes: Of an answer that is kept as a whole: lists of models, states of jobs.
        error_bytes: Of an answer with an error status; what is over is not read.
        picture_bytes: Of one picture or film.
        picture_pixels: Of one picture, read from its header before anything is decoded.
        proxy_downloads: Whether downloads use the environment's proxies as requests do. Then it is
            the proxy that looks names up and connects: only what this machine knows of an address
            is checked.
        max_concurrent: Paid requests at once to one endpoint at most, 0 for as many as it takes.
        max_per_minute: Paid requests to one endpoint in any 60 seconds at most, 0 for no limit.
    """

    connect: float = 10.0
    write: float = 60.0
    silence: float = 300.0
    total: float = 1800.0
    tries: int = 4
    download_tries: int = 5
    redirects: int = 3
    answer_bytes: int = 512 << 20
    json_bytes: int = 64 << 20
    error_bytes: int = 64 << 10
    picture_bytes: int = 64_000_000
    picture_pixels: int = 50_000_000
    proxy_downloads: bool = False
    max_concurrent: int = 0
    max_per_minute: int = 0
