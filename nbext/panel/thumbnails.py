"""Make small pictures for the page in worker threads, and cache them."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from nbext.errors import NbextError
from nbext.imaging.thumbnail import small_webp
from nbext.util.threads import RepeatableCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.store.store import Store

THUMB = 176
SHOWN = 1280
MAX_BYTES = 16 << 20


class Thumbnails:
    """Makes small versions of a store's pictures, each once.

    Args:
        workers: How many threads make them.

    Example:
        >>> thumbnails = Thumbnails()
        >>> thumbnails.close()
    """

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="nbext-small")
        self._cache: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        # Those that a thread makes just now: who else wants one waits for it.
        self._pending: dict[tuple[str, int], Future[bytes]] = {}
        self._size = 0
        self._closed = False
        self._lock = threading.Lock()

    def has(self, sha256: str, side: int) -> bool:
        """Return whether a small picture is ready."""
        with self._lock:
            return (sha256, side) in self._cache

    def make(self, store: Store, sha256: str, media_type: str, side: int) -> bytes:
        """Return a small picture, empty if the picture is missing or broken."""
        key = sha256, side
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            other = self._pending.get(key)
            if other is None:
                own = self._pending[key] = Future[bytes]()
        if other is not None:
            return other.result()
        webp = b""
        try:
            with contextlib.suppress(NbextError):
                data = store.read(sha256)
                webp = small_webp(data, media_type, side, max_pixels=store.max_pixels)
        finally:
            try:
                with self._lock:
                    self._keep(key, webp)
            finally:
                with self._lock:
                    del self._pending[key]
                own.set_result(webp)
        return webp

    def _keep(self, key: tuple[str, int], webp: bytes) -> None:
        """Cache a small picture, and drop those unused for longest."""
        self._cache[key] = webp
        self._size += len(webp)
        while self._size > MAX_BYTES and len(self._cache) > 1:
            self._size -= len(self._cache.popitem(last=False)[1])

    def later(self, work: Callable[[], None]) -> None:
        """Run work in a worker thread; once closed, nobody waits for it.

        For want of memory it is run again: what it does twice is the same as once.
        """
        call = RepeatableCall(work)
        try:
            self._pool.submit(call)
        except RecursionError:
            raise
        except RuntimeError:
            if self._closed:
                call.forget()
            else:
                # The system has no more threads.
                call()

    def wait(self) -> None:
        """Wait for the small pictures that are being made."""
        with self._lock:
            pending = list(self._pending.values())
        for one in pending:
            one.result()

    def close(self) -> None:
        """Stop the worker threads."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
