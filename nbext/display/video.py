"""Show films and sounds in a notebook: as base64, or by their path in the history."""

from __future__ import annotations

import hashlib
import os
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from nbext.data.picture import is_film
from nbext.display.caption import caption
from nbext.errors import HistoryError
from nbext.util.pattern import pattern
from nbext.util.text import html_text, human_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.picture import PictureInfo
    from nbext.display.item import Item

# CSS pixels of the longer side of a picture or film below a cell.
SHOWN = 560
# As the magics write it; anything else is not theirs.
_SOURCE = pattern(r'(<(?:video controls loop playsinline|audio controls) src=")([^"]*)(")')
_INSIDE = pattern(r"data:((?:video|audio)/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})")
_BESIDE = pattern(r"(?:^|/)pictures/[0-9a-f]{2}/([0-9a-f]{64})\.([a-z0-9]{2,4})$")


class Film(msgspec.Struct, frozen=True, kw_only=True):
    """A film, as an output shows it.

    Attributes:
        sha256: Of its bytes.
        media_type: Such as ``video/mp4``; empty if it is shown by its path.
        size: In bytes; 0 if it is shown by its path.
    """

    sha256: str
    media_type: str
    size: int


def film_data(film: PictureInfo, item: Item, limit: int) -> dict[str, str]:
    """Create the output of a film or sound: embedded up to a limit, beyond it by a relative path.

    Path and prompt are escaped; the film itself is bytes that a browser decodes or does not.

    Args:
        film: The film, or the sound.
        item: Its drawing.
        limit: Bytes.
    """
    path = item.store.path(film.sha256)
    text = caption(item.record)
    # Relative to the notebook: another's folders are nobody's business, and are not there.
    relative = Path(os.path.relpath(path, item.notebook_folder)).as_posix() if path else ""
    if film.size <= limit or path is None:
        try:
            data = item.store.read(film.sha256)
        except HistoryError as error:
            return {"text/plain": f"{text}\n{error}"}
        source = f"data:{film.media_type};base64,{pybase64.b64encode(data).decode()}"
    else:
        source = relative
    label = html_text(item.record.prompt[:200])
    plain = f"{text}\n{relative}".strip()
    if film.media_type == "application/pdf":
        # A page shows a path as a link to the file; data as nothing at all.
        link = f'<a href="{html_text(relative)}" target="_blank">{html_text(relative)}</a>'
        return {"text/html": f"<p>PDF · {human_size(film.size)} · {link}</p>", "text/plain": plain}
    if not is_film(film):
        player = f'<audio controls src="{html_text(source)}" aria-label="{label}" '
        return {"text/html": f'{player}style="max-width:100%"></audio>', "text/plain": plain}
    longer = max(film.width, film.height)
    # As large as a picture, from the start: the page does not move when the film is read.
    by = min(1.0, SHOWN / longer) if longer else 1.0
    size = f'width="{round(film.width * by)}" height="{round(film.height * by)}" ' if longer else ""
    return {
        "text/html": f'<video controls loop playsinline src="{html_text(source)}" '
        f'aria-label="{label}" {size}'
        f'style="max-width:100%;max-height:{SHOWN}px;height:auto;border-radius:6px"></video>',
        "text/plain": plain,
    }


def shown_film(output: dict[str, Any]) -> Film | None:
    """Return the film in an output, None if it is not one of nbext's."""
    match = _SOURCE.search(_html(output))
    if match is None:
        return None
    source = unescape(match[2])
    inside = _INSIDE.fullmatch(source)
    if inside is not None:
        try:
            data = bytes(pybase64.b64decode(inside[2], validate=True))
        except ValueError:
            return None
        sha256 = hashlib.sha256(data).hexdigest()
        return Film(sha256=sha256, media_type=inside[1], size=len(data))
    beside = _BESIDE.search(source)
    return Film(sha256=beside[1], media_type="", size=0) if beside is not None else None


def by_path(output: dict[str, Any], path: Path, folder: Path) -> None:
    """Create an output that shows a film by its path.

    Args:
        output: The output, which is changed.
        path: Of the film.
        folder: The notebook's.
    """
    relative = Path(os.path.relpath(path, folder)).as_posix()
    _put(output, lambda: escape(relative))


def inside(output: dict[str, Any], data: bytes, media_type: str) -> None:
    """Create an output with a film's bytes."""
    _put(output, lambda: f"data:{media_type};base64,{pybase64.b64encode(data).decode('ascii')}")


def _html(output: dict[str, Any]) -> str:
    data = output.get("data")
    html = data.get("text/html") if isinstance(data, dict) else None
    if isinstance(html, list) and all(isinstance(line, str) for line in html):
        return "".join(html)
    return html if isinstance(html, str) else ""


def _put(output: dict[str, Any], source: Callable[[], str]) -> None:
    html = _SOURCE.sub(lambda match: f"{match[1]}{source()}{match[3]}", _html(output), count=1)
    in_lines = isinstance(output["data"]["text/html"], list)
    output["data"]["text/html"] = html.splitlines(keepends=True) if in_lines else html
