"""The state shared by all handlers: access, the artist's threads, and earlier pictures.

It is used only on the server's event loop; only drawing runs in threads.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbext.embedded import drawing
from nbext.embedded.errors import ReplyError
from nbext.embedded.ids import new_id, new_name

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from nbext.embedded.access import Access
    from nbext.embedded.batch import Batch
    from nbext.embedded.sketch import DrawSpec, Scene
    from nbext.embedded.uploads import Upload, Uploads

_ORIGINS = 1024
_TAKES = 4096
_FILE_BYTES = 256 * 2**20
_LOG_ENTRIES = 500
_LOG_BODY_BYTES = 64 * 2**20


# Each client may know an endpoint on every interface by another name.
request_address: ContextVar[str] = ContextVar("request_address", default="")


@dataclass
class RequestLog:
    """A request in the log, without the key, for tests and teaching."""

    method: str
    path: str
    headers: dict[str, str]
    when: float
    body_size: int = 0
    json: Any = None
    status: int = 0
    disconnected: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawn picture and its contents."""

    data: bytes
    media_type: str
    width: int
    height: int
    caption: str
    gen_id: str
    name: str

    @property
    def extension(self) -> str:
        """The file suffix: ``png``, ``jpg`` or ``webp``."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class Origin:
    """The scene of an earlier picture, its size in pixels, and the name of its file."""

    scene: Scene | None
    width: int
    height: int
    name: str = ""


@dataclass(frozen=True)
class File:
    """A file that answers link to."""

    data: bytes
    media_type: str
    origin: Origin | None = None


@dataclass
class ServerState:
    """The shared state of one endpoint.

    Args:
        access: The access control.
        pace: Scales the artificial delays; 0 turns them off.
        first_take: The number of the first take, so that a restarted endpoint does not repeat
            earlier drawings.
        root: The endpoint's own address, for links: ``http://127.0.0.1:8000``.
        buffer_bytes: The size of all bodies in memory.
    """

    access: Access
    pace: float
    first_take: int = 0
    root: str = ""
    buffer_bytes: int = 0
    log: list[RequestLog] = field(default_factory=list)
    tasks: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    responses: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    batches: OrderedDict[str, Batch] = field(default_factory=OrderedDict)
    uploads: Uploads = field(default_factory=OrderedDict)
    pending: OrderedDict[str, Upload] = field(default_factory=OrderedDict)
    counters: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _origins: OrderedDict[str, Origin] = field(default_factory=OrderedDict)
    _files: OrderedDict[str, File] = field(default_factory=OrderedDict)
    _file_bytes: int = 0
    _pool: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run a slow function in a thread, without blocking the event loop."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(2, thread_name_prefix="nbext-artist")
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def draw(self, spec: DrawSpec, n: int = 1, gen_id: str = "") -> list[Picture]:
        """Draw ``n`` takes and store their files.

        Raises:
            ReplyError: 400, if a reference or the mask cannot be read as a picture.
        """
        first = 0 if spec.seed is not None else self._next_takes(spec.mark, n)
        pictures = []
        for take in range(first, first + n):
            try:
                sketch = await self.run(drawing.sketch, spec, take)
            except ValueError as error:
                raise ReplyError(400, str(error), code="invalid_image", param="image") from None
            mark = await self.run(drawing.pixel_hash, sketch.data)
            picture = Picture(
                data=sketch.data,
                media_type=sketch.media_type,
                width=sketch.width,
                height=sketch.height,
                caption=sketch.caption,
                gen_id=gen_id or new_id("gen_01"),
                name=new_name(sketch.media_type),
            )
            origin = Origin(sketch.scene, sketch.width, sketch.height, picture.name)
            remember(self._origins, picture.gen_id, origin, _ORIGINS)
            remember(self._origins, mark, origin, _ORIGINS)
            self.store_file(picture.name, picture.data, picture.media_type, origin)
            pictures.append(picture)
        return pictures

    def _next_takes(self, mark: str, n: int) -> int:
        first = self.counters.get("take " + mark, self.first_take)
        remember(self.counters, "take " + mark, first + n, _TAKES)
        return first

    def first_time(self, what: str) -> bool:
        """Return whether this is the first call with this value of ``what``."""
        new = what not in self.counters
        remember(self.counters, what, 1, _TAKES)
        return new

    def origin(self, gen_id: str) -> Origin | None:
        """Return the origin of an earlier picture, by the id in its answer."""
        return self._origins.get(gen_id)

    async def origin_of(self, data: bytes) -> Origin | None:
        """Return the origin of a picture, recognised by its pixels, as metadata may differ."""
        mark = await self.run(drawing.pixel_hash, data)
        return self._origins.get(mark) if mark else None

    def store_file(
        self, name: str, data: bytes, media_type: str, origin: Origin | None = None
    ) -> None:
        """Store a file for links; the oldest files make room."""
        self._files[name] = File(data, media_type, origin)
        self._file_bytes += len(data)
        while self._file_bytes > _FILE_BYTES and len(self._files) > 1:
            _, oldest = self._files.popitem(last=False)
            self._file_bytes -= len(oldest.data)

    def file(self, name: str) -> File | None:
        """Return a stored file by its name."""
        return self._files.get(name)

    @property
    def address(self) -> str:
        """The endpoint's URL, with the host that the current request used."""
        return request_address.get() or self.root

    def link(self, name: str, *, download: bool = False) -> str:
        """Return the URL of a stored file."""
        return f"{self.address}/files/{'download/' if download else ''}{name}"

    def own_file(self, url: str) -> File | None:
        """Return the file behind one of our links; nothing is fetched from elsewhere."""
        if not url.startswith("http"):
            return None
        # The name is sufficient: it cannot be guessed, and the host may have several names.
        _, _, rest = url[:500].partition("/files/")
        return self.file(rest.removeprefix("download/").partition("?")[0])

    def note(self, entry: RequestLog) -> None:
        """Add a request to the log, removing the oldest entries."""
        self.log.append(entry)
        del self.log[:-_LOG_ENTRIES]

    def trim_log(self) -> None:
        """Drop the bodies of old requests if they take too much memory."""
        total = 0
        for entry in reversed(self.log):
            total += entry.body_size
            if total > _LOG_BODY_BYTES:
                entry.json = None

    def close(self) -> None:
        """Stop the threads; running drawings are lost."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def remember(store: OrderedDict[Any, Any], key: Hashable, value: Any, most: int) -> None:
    """Put a value into a bounded dictionary; the least recently written entry is removed."""
    store[key] = value
    store.move_to_end(key)
    while len(store) > most:
        store.popitem(last=False)
