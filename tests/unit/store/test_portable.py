"""The tests of the store once more, with the file calls of other systems imitated."""

from __future__ import annotations

import errno
import gc
import os
from contextlib import nullcontext

import pytest

from nbext.store import disk, lock
from nbext.util import atomic
from tests.records import picture
from tests.unit.store import test_crashes, test_merge, test_store

# What only Linux can be asked for, and what takes long and opens files in other processes.
LEFT_OUT = (
    "umask",
    "descriptor",
    "link",
    "flock",
    "every_byte",
    "four_kernels",
    "killed",
    "whichever",
    "keeps_the_lock",
)
NOT_OF_WINDOWS = (
    "pread", "pwrite", "preadv", "pwritev", "sync", "fdatasync", "posix_fallocate", "fchmod",
    "fchown", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "register_at_fork",
)  # fmt: skip
NOT_EVERYWHERE = ("link", "symlink", "posix_fallocate", "O_NOFOLLOW", "O_DIRECTORY")


def windows(monkeypatch):
    """No folder can be opened, locks are the library's, and a virus scanner looks at each new file."""
    without(monkeypatch, NOT_OF_WINDOWS)
    monkeypatch.setattr(lock, "fcntl", None)
    # The library's lock for Windows is not here, and that for Unix needs what was taken away.
    monkeypatch.setattr(lock, "_hard_lock", lambda path, seconds: nullcontext())
    monkeypatch.setattr(atomic, "SHARING_SECONDS", (0, 0))
    monkeypatch.setattr(atomic, "os", Windows())
    real = os.open

    def open_file(path, flags, *mode, **how):
        if flags == os.O_RDONLY and os.path.isdir(path):
            raise PermissionError(path)
        return real(path, flags, *mode, **how)

    monkeypatch.setattr(os, "open", open_file)


class Windows:
    """The calls of the file system, where a file that was written a moment ago is being read."""

    name = "nt"

    def __init__(self):
        self.scanned = set()

    def __getattr__(self, name):
        return getattr(os, name)

    def replace(self, part, target):
        if part not in self.scanned:
            self.scanned.add(part)
            raise PermissionError(errno.EACCES, "used by another process", str(part))
        os.replace(part, target)


def network_drive(monkeypatch):
    """A file system without links, whose folders cannot be synced, on a system without locks."""
    without(monkeypatch, NOT_EVERYWHERE)
    monkeypatch.setattr(lock, "fcntl", None)
    real = os.fsync

    def fsync(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


def without(monkeypatch, names):
    for name in names:
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(disk, "_ALWAYS", 0)
    monkeypatch.setattr(disk, "_syncfs", lambda: None)


@pytest.fixture(autouse=True, params=[windows, network_drive])
def _system(request, monkeypatch, tmp_path):
    # pytest makes and clears its folders before.
    del tmp_path
    # What an earlier test has left in a circle is removed by functions that look for these names.
    gc.disable()
    request.param(monkeypatch)
    yield
    monkeypatch.undo()
    gc.enable()


for module in (test_store, test_merge, test_crashes):
    for name, test in vars(module).items():
        if name.startswith("test_") and not any(word in name for word in LEFT_OUT):
            globals()[name] = test
other = test_merge.other
del test


def test_a_picture_that_somebody_reads_is_not_replaced_and_still_there(store, monkeypatch):
    info = store.put(picture())

    def refuse(*_):
        raise PermissionError("used by another process")

    monkeypatch.setattr(os, "replace", refuse)
    store.put(picture())
    assert store.warnings == []
    assert store.read(info.sha256) == picture()
    assert list(store.pictures.glob(".*")) == []


def test_a_picture_whose_place_is_refused_for_good_is_kept_in_memory(store, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "used by another process")

    monkeypatch.setattr(os, "replace", refuse)
    info = store.put(picture())
    assert store.read(info.sha256) == picture()
    assert "used by another process" in store.warnings[0]
    monkeypatch.undo()
    from tests.records import draw

    draw(store, picture("blue"))
    assert store.path(info.sha256).is_file()


def test_pictures_of_another_history_are_copied_where_there_are_no_links(store, tmp_path):
    from nbext.store.store import Store

    other = Store(tmp_path / "other.draws")
    info = other.put(picture())
    store.link(other.path(info.sha256), info.sha256)
    assert store.is_whole(info.sha256)
    assert store.warnings == []
