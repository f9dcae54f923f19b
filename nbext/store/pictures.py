"""The pictures of a history, each stored once under its hash.

A picture is first written to a temporary file. The history's writer moves it to its place: fsync,
rename, fsync of the folder. Until then it is read from the temporary file. If the disk fails, it
stays in memory.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nbext.data.picture import EXTENSIONS
from nbext.errors import HistoryError, PictureError
from nbext.messages.say import phrase
from nbext.store.disk import MANY, hash_file, open_regular, sync_files, sync_folders, write_all
from nbext.store.writer import new_future
from nbext.util.atomic import atomic_write, move
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future

    from nbext.data.picture import PictureInfo

_EXTENSIONS = (*EXTENSIONS.values(), "bin")
_SHA256 = pattern(r"[0-9a-f]{64}")
# A picture may be moved between finding and opening it.
_TRIES = 3


class PendingPicture:
    """A picture to be moved to its place.

    Args:
        info: Its hash, type and size.
        part: The temporary file, closed; None if there is none yet.
        data: The bytes of a picture without a file.
    """

    def __init__(self, info: PictureInfo, part: Path | None, data: bytes | None = None) -> None:
        self.info = info
        self.part = part
        self.data = data
        self.stored: Future[None] = new_future()

    def drop_part(self) -> None:
        """Remove the temporary file, if there is one."""
        part, self.part = self.part, None
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink()


class PictureFolder:
    """``pictures/`` of a history.

    Args:
        folder: The folder, which may not exist yet.
        history: The history's folder, outside which nothing is read.
        max_bytes: The largest picture behind a link.
    """

    def __init__(self, folder: Path, history: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._history = history
        self.memory: dict[str, bytes] = {}
        self._pending: dict[str, PendingPicture] = {}
        # Those that the disk took and did not keep.
        self._lost: dict[str, PictureError] = {}
        self._hashes: dict[tuple[str, int, int, int], str] = {}
        self.after_fork()

    def after_fork(self) -> None:
        """Release locks held by the parent's threads, and wait for none of them."""
        self._mutex = threading.Lock()
        for pending in self._pending.values():
            pending.stored = new_future()
            pending.stored.set_result(None)

    # Reading

    def path(self, sha256: str) -> Path | None:
        """Return the path of a picture, or None if it is not on disk.

        A stranger's record refers to pictures only by hash, and a link that leads out of the folder
        (as git-annex creates) is followed only to the picture with that hash.
        """
        if not _SHA256.fullmatch(sha256):
            return None
        pending = self._pending.get(sha256)
        # Between the rename and the end of the move, it already has its name.
        if pending is not None and pending.part is not None and pending.part.exists():
            return pending.part
        folder = f"{self.folder}{os.sep}{sha256[:2]}"
        for extension in _EXTENSIONS:
            path = f"{folder}{os.sep}{sha256}.{extension}"
            try:
                mode = os.lstat(path).st_mode
                linked = stat.S_ISLNK(mode)
                if not stat.S_ISREG(os.stat(path).st_mode if linked else mode):  # noqa: PTH116
                    continue
            except OSError:
                continue
            # Without a link in the path it is inside, which is nearly always the case.
            linked = linked or os.path.islink(folder) or os.path.islink(self.folder)  # noqa: PTH114
            if not linked or self._is_inside(Path(path), sha256):
                return Path(path)
        return None

    def _is_inside(self, path: Path, sha256: str) -> bool:
        try:
            real = path.resolve()
            if real.is_relative_to(self._history.resolve()):
                return True
            return real.stat().st_size <= self.max_bytes and self.hash(real) == sha256
        except (OSError, RuntimeError):
            return False

    def hash(self, path: Path) -> str:
        """Hash a file, once while it is unchanged.

        Raises:
            OSError: It cannot be read.
        """
        status = path.stat()
        key = (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
        if key not in self._hashes:
            self._hashes[key] = hash_file(path)
        return self._hashes[key]

    def has(self, sha256: str) -> bool:
        """Return whether there are bytes under this name."""
        return self._in_memory(sha256) is not None or self.path(sha256) is not None

    def is_whole(self, sha256: str) -> bool:
        """Return whether the bytes exist and match the name."""
        if self._in_memory(sha256) is not None:
            return True
        path = self.path(sha256)
        try:
            return path is not None and self.hash(path) == sha256
        except OSError:
            # It was just moved, or cannot be read.
            return path is not None and path != self.path(sha256) and self.is_whole(sha256)

    def is_stored(self, info: PictureInfo) -> bool:
        """Return whether a picture is already stored unchanged."""
        path = f"{self.folder}{os.sep}{info.sha256[:2]}{os.sep}{info.sha256}.{info.extension}"
        try:
            is_file = stat.S_ISREG(os.lstat(path).st_mode)
            return is_file and self.hash(Path(path)) == info.sha256
        except OSError:
            return False

    def read(self, sha256: str) -> bytes:
        """Read a picture's bytes.

        Raises:
            HistoryError: It is missing, or cannot be read.
        """
        problem: OSError | None = None
        for _ in range(_TRIES):
            stored = self._in_memory(sha256)
            if stored is not None:
                return stored
            path = self.path(sha256)
            if path is None:
                break
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                problem = error
            except OSError as error:
                problem = error
                break
        if problem is None:
            raise HistoryError(
                phrase("store.picture_absent", sha256=sha256[:12], name=self._history.name),
                remedy=phrase("store.copied_without"),
            )
        raise HistoryError(phrase("store.picture_unreadable", sha256=sha256[:12], problem=problem))

    def _in_memory(self, sha256: str) -> bytes | None:
        """Return the bytes of a picture that no file has yet, or None."""
        stored = self.memory.get(sha256)
        pending = self._pending.get(sha256) if stored is None else None
        return pending.data if pending is not None else stored

    def names(self) -> list[str]:
        """Return the names of the existing files."""
        if self.folder.is_symlink():
            return []
        return sorted(path.name for path in self.folder.glob("*/*"))

    # Writing

    def prepare(self) -> None:
        """Create the folder.

        Raises:
            OSError: The disk failed, or there is a link in its place.
        """
        _make_folder(self.folder)

    def open_part(self) -> tuple[Path, int]:
        """Create a temporary file, and return its path and a descriptor for writing.

        Raises:
            OSError: The disk failed.
        """
        self.prepare()
        path = self.folder / f".{os.urandom(16).hex()}.part"
        return path, open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)

    def _write_part(self, data: bytes, *, sync: bool) -> Path:
        """Write a picture that is only in memory to a temporary file.

        Args:
            data: The picture.
            sync: Whether to wait until it is on disk.

        Raises:
            OSError: The disk failed.
        """
        path, descriptor = self.open_part()
        try:
            try:
                if write_all(descriptor, data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                if sync:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException:
            # The next try must not take half a file for a whole one.
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        return path

    def link(self, path: Path, sha256: str) -> None:
        """Store a picture of another folder, as a hard link or a copy.

        Raises:
            OSError: The disk failed.
        """
        folder = self.folder / sha256[:2]
        _make_folder(folder)
        target = folder / path.name
        with contextlib.suppress(FileExistsError):
            try:
                os.link(path.resolve(), target)
            except FileExistsError:
                raise
            except (OSError, AttributeError):
                # Another disk, or a disk or system without links.
                import shutil

                with atomic_write(target) as part:
                    shutil.copyfile(path, part)
        sync_folders([folder])

    def remember(self, sha256: str, data: bytes) -> None:
        """Keep a picture in memory."""
        with self._mutex:
            self.memory[sha256] = data

    def expect(self, picture: PendingPicture) -> None:
        """Read a picture from its temporary file until ``store`` has moved it."""
        self._pending[picture.info.sha256] = picture

    def waiting(self, sha256: str) -> Future[None] | None:
        """Return a future that ends when a picture is stored; None if it is not pending."""
        pending = self._pending.get(sha256)
        return pending.stored if pending is not None else None

    def arriving(self, sha256: str) -> Path | bytes | None:
        """Return the bytes of a picture being moved, or its file, which may vanish at any time.

        None without one, and for a file on Windows, which cannot move one that is being read.
        """
        pending = self._pending.get(sha256)
        if pending is None or pending.data is not None:
            return pending.data if pending is not None else None
        return pending.part if os.name != "nt" else None

    def store(self, pictures: Sequence[PendingPicture]) -> list[tuple[PendingPicture, OSError]]:
        """Move pictures to their places, and wait until they are on disk.

        Returns:
            The failed pictures, with the errors; they are in memory, unless the disk lost them.
        """
        refused: list[tuple[PendingPicture, OSError]] = []
        ready = list(pictures)
        if len(ready) > 1:
            try:
                self._sync(ready)
            except OSError:
                # Each picture reports its own error.
                return [item for picture in ready for item in self.store([picture])]
        folders: dict[Path, None] = {}
        for picture in ready:
            try:
                if len(ready) == 1:
                    self._sync(ready)
                folders |= dict.fromkeys(self._move(picture))
            except OSError as error:
                refused.append((picture, error))
        sync_folders(folders)
        for picture in ready:
            self._end(picture, lost=picture in [other for other, _ in refused])
        return refused

    def _sync(self, pictures: Sequence[PendingPicture]) -> None:
        """Write pictures to temporary files, and wait until these are on disk.

        Raises:
            OSError: The disk failed.
        """
        are_many = len(pictures) > MANY
        unsynced = []
        for picture in pictures:
            if picture.part is not None:
                unsynced.append(picture.part)
            elif picture.data is not None:
                picture.part = self._write_part(picture.data, sync=not are_many)
                unsynced += [picture.part] if are_many else []
        sync_files(unsynced, self.folder)

    def _move(self, picture: PendingPicture) -> list[Path]:
        """Rename a picture to its final name.

        Returns:
            The folders that have changed.
        """
        info, part = picture.info, picture.part
        if part is None:
            return []
        folder = self.folder / info.sha256[:2]
        changed = [folder]
        if _make_folder(folder):
            changed.append(self.folder)
        target = folder / f"{info.sha256}.{info.extension}"
        try:
            move(part, target)
        except PermissionError:
            # Windows cannot replace a file that is being read; the same file needs no replacing.
            if not (target.is_file() and hash_file(target) == info.sha256):
                raise
            part.unlink()
        return changed

    def _end(self, picture: PendingPicture, *, lost: bool) -> None:
        """Resume the waiters of a picture."""
        sha256 = picture.info.sha256
        problem: PictureError | None = None
        if lost:
            data = picture.data or b""
            if picture.part is not None and not data:
                with contextlib.suppress(OSError):
                    data = picture.part.read_bytes()
            if hashlib.sha256(data).hexdigest() == sha256:
                self.remember(sha256, data)
            else:
                problem = PictureError(
                    phrase("store.disk_failed", folder=self._history),
                    remedy=phrase("store.other_folder"),
                )
            picture.drop_part()
        with self._mutex:
            if self._pending.get(sha256) is picture:
                del self._pending[sha256]
        if problem is None:
            self._lost.pop(sha256, None)
            picture.stored.set_result(None)
        else:
            self._lost[sha256] = problem
            picture.stored.set_exception(problem)

    def refuse_lost(self, infos: Iterable[PictureInfo]) -> None:
        """Refuse pictures that the disk has lost; the writer has put all others in their places.

        Raises:
            PictureError: One of them is lost.
        """
        for info in infos:
            if info.sha256 in self._lost:
                raise self._lost[info.sha256]

    def discard(self, sha256: str) -> None:
        """Delete a picture."""
        with self._mutex:
            self.memory.pop(sha256, None)
        path = self.path(sha256)
        if path is not None:
            with contextlib.suppress(OSError):
                path.unlink()


def _make_folder(folder: Path) -> bool:
    """Create a folder of pictures if it does not exist.

    Returns:
        Whether it is new.

    Raises:
        OSError: The disk failed, or there is a link, a file or a pipe in its place.
    """
    try:
        mode = os.lstat(folder).st_mode
    except OSError:
        mode = 0
    if stat.S_ISDIR(mode):
        return False
    if stat.S_ISLNK(mode):
        raise NotADirectoryError(phrase("store.name_is_link", name=folder.name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(phrase("store.name_no_folder", name=folder.name)) from None
    return True
