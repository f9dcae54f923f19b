"""The transport's limits of time and size."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits in seconds, bytes, pixels and numbers.

    Attributes:
        connect: Seconds to establish a connection, including TLS.
        write: Seconds without the endpoint accepting more of the request.
        silence: Seconds without a byte of the answer, before it begins or within it.
        total: Seconds for one action with all its attempts: a server that sends a byte a second is
            never silent.
        tries: The most attempts for a request that may be repeated safely.
        download_tries: The most attempts to download a linked picture.
        redirects: The most redirects of a download, each one checked.
        answer_bytes: The most bytes of an answer, after decompression.
        json_bytes: The most bytes of an answer that is kept in memory, such as a list of models.
        error_bytes: The most bytes of an error's body; the rest is not read.
        picture_bytes: The most bytes of a picture or film.
        picture_pixels: The most pixels of a picture, read from its header before decoding.
        proxy_downloads: Whether downloads use the environment's proxies, like requests. The proxy
            then resolves names and connects, so addresses can only be checked as far as this
            machine knows them.
        max_concurrent: The most concurrent paid requests to one endpoint, 0 for no limit.
        max_per_minute: The most paid requests to one endpoint in any 60 seconds, 0 for no limit.
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
