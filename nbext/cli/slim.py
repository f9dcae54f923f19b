"""Replace a notebook's pictures by previews (``slim``), and put the originals back (``inline``).

Base64 of originals makes notebooks that code hosts refuse and editors open slowly. A picture is
replaced only if its original is in the history, byte for byte.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from nbext.data.picture import sniff
from nbext.display.mimebundle import INLINE_LIMIT, sheet_bundle
from nbext.display.video import Film, by_path, inside, shown_film
from nbext.errors import HistoryError, PictureError
from nbext.imaging.decode import open_image, preview
from nbext.messages.say import phrase
from nbext.notebook.file import PICTURE_TYPES, CodeCell, NotebookFile, decoded
from nbext.store.disk import hash_file
from nbext.util.text import human_size, printable

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.drawings.history import History

SLIM_LIMIT = 100_000
# The metadata field that marks a slimmed output.
_OF_SLIM = ("picture", "inline_limit")
_LIMIT = re.compile(r"\binline_limit\s*=\s*(\d[\d_]{0,15})")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with an output, or why nothing was.

    Attributes:
        cell: The cell's position.
        number: The drawing's number, from the output.
        before: The size of its picture in bytes, before.
        after: The size afterwards; the same if it was kept.
        kept: Why it was left unchanged, empty if it was changed.
    """

    cell: int
    number: str
    before: int
    after: int
    reason: str = ""

    def __str__(self) -> str:
        where = f"[{self.cell}] {self.number}"
        if self.reason:
            return phrase(
                "cli.unchanged", where=where, size=human_size(self.before), reason=self.reason
            )
        return f"{where}  {human_size(self.before)} → {human_size(self.after)}"


def slim(notebook: Path, history: History, *, limit: int = SLIM_LIMIT) -> list[Change]:
    """Replace pictures by previews if their originals are in the history.

    Args:
        notebook: The file; it is replaced atomically.
        history: The history with the originals.
        limit: Smaller pictures, in bytes, stay as they are.

    Returns:
        The changes.

    Raises:
        OptionError: There is no such notebook, or it cannot be written.
    """
    return _each(notebook, _Slimmer(history, limit))


def inline(notebook: Path, history: History, *, limit: int = INLINE_LIMIT) -> list[Change]:
    """Put pictures back as running the cells would show them.

    Args:
        notebook: The file; it is replaced atomically.
        history: The history with the originals.
        limit: Larger originals, in bytes, are shown as a larger preview.

    Returns:
        The changes.

    Raises:
        OptionError: There is no such notebook, or it cannot be written.
    """
    return _each(notebook, _Inliner(history, limit))


def _each(notebook: Path, changer: _Slimmer | _Inliner) -> list[Change]:
    file = NotebookFile(notebook)
    changer.limits += _limits_in(file)
    changes = []
    for cell, output in file.outputs():
        shown = _Shown.of(cell, output)
        film = shown_film(output) if shown is None else None
        done = None
        if shown is not None:
            done = changer.change(shown)
        elif film is not None:
            done = changer.film(cell, output, film, notebook.absolute().parent)
        if done is not None:
            changes.append(done)
    if any(not done.reason for done in changes):
        file.save()
    return changes


class _Shown(msgspec.Struct, kw_only=True):
    """An output of ours that shows a picture.

    Attributes:
        cell: Its cell.
        output: The output in the file.
        about: Our metadata in it.
        media_type: The media type of the picture.
        data: The bytes of the picture.
    """

    cell: CodeCell
    output: dict[str, Any]
    about: dict[str, Any]
    media_type: str
    data: bytes

    @classmethod
    def of(cls, cell: CodeCell, output: dict[str, Any]) -> _Shown | None:
        """Read an output; None if it is not ours or shows no picture."""
        metadata = output.get("metadata")
        about = metadata.get("nbext") if isinstance(metadata, dict) else None
        if not isinstance(about, dict):
            return None
        for media_type in PICTURE_TYPES:
            data = decoded(output["data"].get(media_type))
            if data:
                return cls(cell=cell, output=output, about=about, media_type=media_type, data=data)
        return None

    @property
    def sha256s(self) -> list[str]:
        """The hashes of the pictures that it shows, also on a contact sheet."""
        drawings = self.about.get("drawings")
        listed = drawings if isinstance(drawings, list) else [self.about]
        return [
            sha256
            for one in listed
            if isinstance(one, dict) and isinstance(one.get("pictures"), list)
            for sha256 in one["pictures"]
            if isinstance(sha256, str)
        ]

    @property
    def ids(self) -> list[str]:
        """The drawings on its contact sheet, empty if it shows a single picture."""
        drawings = self.about.get("drawings")
        listed = drawings if isinstance(drawings, list) else []
        return [str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one]

    def changed(self, data: bytes, media_type: str, about: dict[str, Any]) -> Change:
        """Replace the picture."""
        old = self.output["data"][self.media_type]
        encoded = _in_style(old, pybase64.b64encode(data).decode("ascii"))
        metadata = self.output["metadata"]
        self.output["data"] = _renamed(self.output["data"], self.media_type, media_type)
        self.output["data"][media_type] = encoded
        self.output["metadata"] = _renamed(metadata, self.media_type, media_type)
        in_order = list(self.about) == sorted(self.about)
        self.output["metadata"]["nbext"] = dict(sorted(about.items())) if in_order else about
        return self._change(len(data))

    def reason(self, why: str) -> Change:
        """Keep the picture, and say why."""
        return self._change(len(self.data), reason=why)

    def _change(self, after: int, *, reason: str = "") -> Change:
        drawings = self.about.get("drawings")
        listed = drawings if isinstance(drawings, list) else [self.about]
        numbers = [printable(str(d.get("number", "?"))) for d in listed if isinstance(d, dict)]
        return Change(
            cell=self.cell.position,
            number=" ".join(f"@{number}" for number in numbers[:4]),
            before=len(self.data),
            after=after,
            reason=reason,
        )


class _Originals:
    """The pictures of a history, each checked against its hash before use."""

    def __init__(self, history: History, limit: int) -> None:
        self.history = history
        self.limit = limit
        # Pictures up to this size may have been shown whole.
        self.limits = [history.inline_limit, INLINE_LIMIT]
        self._whole: dict[str, bool] = {}

    def lacks(self, film: Film) -> str:
        """Return the reason if a film is missing from the history."""
        return phrase(
            "cli.film_absent", sha256=film.sha256[:12], name=self.history.store.folder.name
        )

    def film_change(
        self, cell: CodeCell, output: dict[str, Any], before: int, after: int, *, reason: str = ""
    ) -> Change:
        """Describe what was done with a film."""
        metadata = output.get("metadata")
        about = metadata.get("nbext") if isinstance(metadata, dict) else None
        number = about.get("number", "?") if isinstance(about, dict) else "?"
        name = phrase("cli.a_film", number=printable(str(number)))
        return Change(cell=cell.position, number=name, before=before, after=after, reason=reason)

    def whole(self, sha256: str) -> bool:
        """Return whether a picture is stored, byte for byte."""
        if sha256 not in self._whole:
            path = self.history.store.path(sha256)
            try:
                self._whole[sha256] = path is not None and hash_file(path) == sha256
            except OSError:
                self._whole[sha256] = False
        return self._whole[sha256]

    def again(self, shown: _Shown, limit: int) -> tuple[bytes, str, bool]:
        """Render what running the cell would show, and whether that is the original."""
        if shown.ids:
            drawings = self.history.by_ids(shown.ids)
            if len(drawings) != len(shown.ids) or not all(map(self.whole, shown.sha256s)):
                raise HistoryError(
                    phrase("cli.pictures_absent", name=self.history.store.folder.name)
                )
            bundle = sheet_bundle(drawings, inline_limit=limit)[0]
            media_type = next(kind for kind in PICTURE_TYPES if kind in bundle)
            return decoded(bundle[media_type]), media_type, True
        named = shown.sha256s
        sha256 = str(shown.about.get("picture", named[0] if len(named) == 1 else ""))
        if sha256 not in named or not self.whole(sha256):
            raise HistoryError(
                phrase("cli.its_original_absent", name=self.history.store.folder.name)
            )
        data = self.history.store.read(sha256)
        media_type = sniff(data[:512])
        if media_type in PICTURE_TYPES and len(data) <= limit:
            return data, media_type, True
        smaller, kind = preview(open_image(data, media_type), limit)
        return smaller, kind, False


class _Slimmer(_Originals):
    def film(
        self, cell: CodeCell, output: dict[str, Any], film: Film, folder: Path
    ) -> Change | None:
        """Replace a film's bytes by its path in the history."""
        if film.size <= self.limit:
            return None
        path = self.history.store.path(film.sha256) if self.whole(film.sha256) else None
        if path is None:
            return self.film_change(cell, output, film.size, film.size, reason=self.lacks(film))
        by_path(output, path, folder)
        return self.film_change(cell, output, film.size, 0)

    def change(self, shown: _Shown) -> Change | None:
        if len(shown.data) <= self.limit:
            return None
        named = shown.sha256s
        missing = [sha256 for sha256 in named if not self.whole(sha256)]
        if missing or not named:
            which = f"{printable(missing[0])[:12]}…" if missing else phrase("cli.its_original")
            return shown.reason(
                phrase("cli.original_absent", which=which, name=self.history.store.folder.name)
            )
        try:
            data, media_type = preview(open_image(shown.data, shown.media_type), self.limit)
        except PictureError as error:
            return shown.reason(str(error))
        if len(data) >= len(shown.data):
            return shown.reason(phrase("cli.not_smaller"))
        limit = self._limit_of(shown)
        if limit is None:
            return shown.reason(phrase("cli.not_restorable"))
        about = shown.about | {"preview": True}
        if limit != INLINE_LIMIT:
            about["inline_limit"] = limit
        sha256 = hashlib.sha256(shown.data).hexdigest()
        if len(named) > 1 and sha256 in named:
            about["picture"] = sha256
        return shown.changed(data, media_type, about)

    def _limit_of(self, shown: _Shown) -> int | None:
        """Return the inline limit with which running the cell would show this output, or None."""
        if hashlib.sha256(shown.data).hexdigest() in shown.sha256s:
            return max(INLINE_LIMIT, len(shown.data))
        for limit in dict.fromkeys((*self.limits, len(shown.data))):
            with suppress(HistoryError, PictureError):
                if self.again(shown, limit)[0] == shown.data:
                    return limit
        return None


class _Inliner(_Originals):
    def film(self, cell: CodeCell, output: dict[str, Any], film: Film, _: Path) -> Change | None:
        """Put a film's bytes back if running the cell would."""
        if film.size:
            return None
        if not self.whole(film.sha256):
            return self.film_change(cell, output, 0, 0, reason=self.lacks(film))
        data = self.history.store.read(film.sha256)
        if len(data) > self.limit:
            return None
        inside(output, data, sniff(data[:512]))
        return self.film_change(cell, output, 0, len(data))

    def change(self, shown: _Shown) -> Change | None:
        if shown.about.get("preview") is not True:
            return None
        try:
            noted = shown.about.get("inline_limit")
            is_noted = isinstance(noted, int) and self.limit == INLINE_LIMIT
            limit = int(noted) if is_noted and noted is not None else self.limit
            data, media_type, whole = self.again(shown, limit)
        except (HistoryError, PictureError) as error:
            return shown.reason(str(error))
        if data == shown.data:
            return None
        about = {name: value for name, value in shown.about.items() if name not in _OF_SLIM}
        if whole:
            del about["preview"]
        return shown.changed(data, media_type, about)


def _in_style(old: Any, encoded: str) -> Any:
    r"""Format base64 as an output holds it: in one piece or in lines, as a string or a list.

    Example:
        >>> _in_style(["iVBO\n", "Rw==\n"], "aGVsbG8="), _in_style("iVBORw==\n", "aGVsbG8=")
        (['aGVs\n', 'bG8=\n'], 'aGVsbG8=\n')
    """
    text = "".join(map(str, old)) if isinstance(old, list) else str(old)
    first, separator, rest = text.partition("\n")
    width = len(first) if separator and rest else len(encoded)
    lines = [encoded[at : at + width] for at in range(0, len(encoded), max(1, width))]
    new = "\n".join(lines) + ("\n" if text.endswith("\n") else "")
    return new.splitlines(keepends=True) if isinstance(old, list) else new


def _limits_in(file: NotebookFile) -> list[int]:
    """Return the inline limits that the notebook's cells set, the last first."""
    text = "\n".join(cell.source for cell in file.cells)
    return [int(match.replace("_", "")) for match in _LIMIT.findall(text)][::-1]


def _renamed(mapping: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Rename a key, keeping its position."""
    return {new if key == old else key: value for key, value in mapping.items()}
