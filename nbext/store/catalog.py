"""The user's list of histories on this machine, with the requests that each holds.

It finds the drawings of a notebook that was moved without its history, or that a program runs from
another folder. There is one small file per history in the user's state folder: its first line is
the history's folder, each other line begins a request's fingerprint. Prompts, pictures and keys are
not in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from nbext.data.record import Record

# If there are more histories, the oldest are forgotten.
MAX_HISTORIES = 500
# How many digits of a fingerprint are listed: enough to tell requests apart.
_DIGITS = 16
# How long the list is remembered, in seconds: a sweep looks a thousand requests up.
_FRESH_SECONDS = 5.0


def state_folder() -> Path:
    """Return the folder for what nbext remembers about this user's work.

    Raises:
        RuntimeError: The user has no home folder.
    """
    if base := os.environ.get("XDG_STATE_HOME"):
        return Path(base) / "nbext"
    platform: str = sys.platform
    if platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "nbext"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "nbext"
    return Path.home() / ".local" / "state" / "nbext"


class Catalog:
    """The histories of this user. A disk that fails is no error: nothing is found, then.

    Args:
        is_on: Returns whether the user wants it.

    Example:
        >>> Catalog(lambda: False).holding(["0" * 64])
        []
    """

    def __init__(self, is_on: Callable[[], bool]) -> None:
        self._is_on = is_on
        self._is_broken = False
        self._listed: dict[Path, set[str]] = {}
        self._all: dict[Path, _Listing] = {}
        self._read_at = float("-inf")

    def add(
        self, folder: Path, new: Iterable[Record], all_: Callable[[], Iterable[Record]]
    ) -> None:
        """List drawings of a history.

        Args:
            folder: The history's folder.
            new: The new drawings.
            all_: Returns all drawings of the history, for one that is not listed yet.
        """
        if self._is_broken or not self._is_on():
            return
        try:
            path = _file_of(folder)
            if path not in self._listed:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                is_new = not path.is_file()
                self._listed[path] = set() if is_new else set(_read(path)[1])
                new = all_() if is_new else new
            names = {name for record in new for name in _names(record)} - self._listed[path]
            if names:
                _append(path, folder, sorted(names))
                self._listed[path] |= names
        except (OSError, RuntimeError, ValueError):
            # Not for each drawing again.
            self._is_broken = True

    def holding(self, fingerprints: Collection[str]) -> list[Path]:
        """Return the folders of the histories that hold a request, the latest first.

        Args:
            fingerprints: The request's fingerprints.
        """
        if not self._is_on():
            return []
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._all = _read_all(self._all)
            self._read_at = time.monotonic()
        names = {name[:_DIGITS] for name in fingerprints if name}
        holders = (one.folder for one in self._all.values() if not one.names.isdisjoint(names))
        return [folder for folder in dict.fromkeys(holders) if (folder / "history.jsonl").is_file()]


class _Listing(NamedTuple):
    """A history's file in the list: its time and size, the history's folder, the requests."""

    stamp: tuple[int, int]
    folder: Path
    names: frozenset[str]


def _names(record: Record) -> Iterable[str]:
    if record.type == "drawing" and record.error is None and not record.embedded:
        yield from (name[:_DIGITS] for name in (record.fingerprint, record.exact) if name)


def _file_of(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:32]
    return state_folder() / "histories" / f"{name}.txt"


def _append(path: Path, folder: Path, names: list[str]) -> None:
    """Append names in one write, so that two kernels can do so at once."""
    is_new = not path.exists()
    head = [json.dumps(os.fspath(folder.absolute()))] if is_new else []
    text = "".join(f"{line}\n" for line in [*head, *names])
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(text.encode())
    if is_new:
        _forget_oldest(path.parent)


def _forget_oldest(place: Path) -> None:
    for path in _files(place)[MAX_HISTORIES:]:
        path.unlink()


def _files(place: Path) -> list[Path]:
    """Return the files of the histories, the latest first."""
    return sorted(place.glob("*.txt"), key=lambda path: path.stat().st_mtime, reverse=True)


def _read(path: Path) -> tuple[Path | None, list[str]]:
    """Read a history's folder and names from its file; None if the file is damaged."""
    head, *names = path.read_text("utf-8").split("\n")
    with contextlib.suppress(ValueError):
        folder = json.loads(head)
        if isinstance(folder, str):
            return Path(folder), names
    return None, names


def _read_all(before: Mapping[Path, _Listing]) -> dict[Path, _Listing]:
    """Read the list, again only what has changed since."""
    listings: dict[Path, _Listing] = {}
    with contextlib.suppress(OSError, RuntimeError):
        for path in _files(state_folder() / "histories")[:MAX_HISTORIES]:
            with contextlib.suppress(OSError, ValueError):
                about = path.stat()
                stamp = (about.st_mtime_ns, about.st_size)
                if (listing := before.get(path)) is None or listing.stamp != stamp:
                    folder, names = _read(path)
                    if folder is None:
                        continue
                    listing = _Listing(stamp, folder, frozenset(names) - {""})
                listings[path] = listing
    return listings
