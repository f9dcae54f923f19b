"""The tests of the store once more, where calls are missing that Windows does not have."""

from __future__ import annotations

import os

import pytest

from nbext.store import disk
from tests.unit.store import test_crashes, test_merge, test_store

MISSING = ("pread", "pwrite", "preadv", "pwritev", "sync", "fdatasync", "posix_fallocate", "fchmod")
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
)


@pytest.fixture(autouse=True)
def _windows(monkeypatch):
    for name in MISSING:
        monkeypatch.delattr(os, name, raising=False)
    monkeypatch.setattr(disk, "_ALWAYS", 0)
    monkeypatch.setattr(disk, "_syncfs", lambda: None)
    real = os.open

    def open_file(path, flags, *mode, **how):
        # A folder cannot be opened there.
        if flags == os.O_RDONLY and os.path.isdir(path):
            raise PermissionError(path)
        return real(path, flags, *mode, **how)

    monkeypatch.setattr(os, "open", open_file)


for module in (test_store, test_merge, test_crashes):
    for name, test in vars(module).items():
        if name.startswith("test_") and not any(word in name for word in LEFT_OUT):
            globals()[name] = test
other = test_merge.other


def test_a_picture_that_somebody_reads_is_not_replaced_and_still_there(store, monkeypatch):
    from tests.records import picture

    info = store.put(picture())

    def refuse(*_):
        raise PermissionError("used by another process")

    monkeypatch.setattr(os, "replace", refuse)
    store.put(picture())
    assert store.warnings == []
    assert store.read(info.sha256) == picture()
    assert list(store.pictures.glob(".*")) == []
