"""Small pictures for the page, made in worker threads and remembered."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from nbext.errors import NbextError
from nbext.imaging.decode import MAX_PIXELS, open_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from nbext.store.store import Store

THUMB = 176
SHOWN = 1280
MAX_BYTES = 16 << 20


def small(data: bytes, media_type: str, side: int, *, max_pixels: int = MAX_PIXELS) -> bytes:
    """Make a WebP of at most ``side`` pixels a side.

    Raises:
        PictureError: The picture cannot be decoded.
    """
    image = open_image(data, media_type, max_pixels=max_pixels)
    return _webp(image, side)


def _webp(image: Image, side: int) -> bytes:
    from nbext.imaging.decode import upright

    image = upright(image)
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if "A" in image.getbands() or image.mode == "P" else "RGB")
    # Scaling takes three times as long with a transparency, which most pictures do not use.
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    image.thumbnail((side, side), reducing_gap=1.5)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=74 if side <= 2 * THUMB else 88, method=2)
    return buffer.getvalue()


def get_ready() -> None:
    """Import what the first small picture needs, while a page is still being put together."""
    # The format named, Pillow does not load all that it knows to find it.
    from PIL import Image, ImageOps, WebPImagePlugin

    Image.preinit()
    ImageOps.exif_transpose(Image.new("RGB", (1, 1))).save(
        io.BytesIO(), WebPImagePlugin.WebPImageFile.format
    )


class Smaller:
    """Makes small pictures of a store's pictures, each once.

    Example:
        >>> smaller = Smaller()
        >>> smaller.close()
    """

    def __init__(self, workers: int = 2) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="nbext-small")
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def make(self, store: Store, sha256: str, media_type: str, side: int) -> bytes:
        """Give a small picture, empty where the picture is missing or broken."""
        key = sha256, side
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            made = small(store.read(sha256), media_type, side, max_pixels=store.max_pixels)
        except NbextError:
            made = b""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made)
            while self._size > MAX_BYTES and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1])
        return made

    def later(self, work: Callable[[], None]) -> Future[None]:
        """Do work in a worker thread."""
        return self._pool.submit(work)

    def close(self) -> None:
        """End the worker threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
