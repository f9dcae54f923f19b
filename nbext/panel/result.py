"""Show drawings in progress and results, with their actions."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from nbext.data.picture import is_played
from nbext.display.caption import caption
from nbext.display.remedy import for_form
from nbext.errors import HistoryError
from nbext.export.code.languages import LANGUAGES
from nbext.export.gallery.details import Figure
from nbext.export.gallery.details import details as describe
from nbext.messages.say import say
from nbext.panel.base import BaseWidget, asset
from nbext.panel.thumbnails import SHOWN, THUMB
from nbext.session.current import shell_of_process
from nbext.util.text import printable

if TYPE_CHECKING:
    from nbext.data.record import Failure, Record
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.drawings.picture import Picture
    from nbext.panel.thumbnails import Thumbnails
    from nbext.store.store import Store

MAX_TAKES = 24
# In bytes; a larger film is not sent to the page.
MAX_MEDIA = 64 << 20
MAX_FAMILY = 60
MAX_DEPTH = 12
_LONG = 400


class Result(BaseWidget):
    """Shows jobs and a drawing, as the panel tells it to."""

    _esm = asset("result.js")
    _css = asset("result.css")
    uses = (
        *("cancel", "try_again", "dismiss", "empty", "large", "close", "take", "edit", "again"),
        *(
            "reference",
            "reuse",
            "compare",
            "mask",
            "star",
            "unstar",
            "copy",
            "save",
            "cell",
            "keep",
        ),
        *(
            "keep_hint",
            "code",
            "copy_code",
            "details",
            "comes_from",
            "led_to",
            "family",
            "annotations",
        ),
        *("tags", "note", "prompt", "menu", "previous", "next", "zoom_in", "zoom_out", "fit"),
        *("whole", "grid", "grid_hint"),
    )


def takes_of(drawing: Drawing) -> list[Picture]:
    """Return the pictures to show side by side: all takes of the same request.

    Only those of the same kernel session: the same request a month later is another matter.
    """
    record = drawing.record
    group = [drawing]
    if record.fingerprint and record.session:
        ids = [
            other.id
            for other in drawing.history.store.records()
            if other.fingerprint == record.fingerprint
            and other.session == record.session
            and other.pictures
        ]
        near = ids.index(record.id) if record.id in ids else 0
        first = max(0, min(near - MAX_TAKES // 2, len(ids) - MAX_TAKES))
        group = list(drawing.history.by_ids(ids[first : first + MAX_TAKES])) or group
        if drawing not in group:
            group.append(drawing)
    return [picture for one in group for picture in one.pictures][:MAX_TAKES]


def view_of(
    drawing: Drawing,
    thumbnails: Thumbnails,
    *,
    index: int = 0,
    masks: bool = False,
    language: str = "en",
) -> tuple[dict[str, Any], list[bytes]]:
    """Return everything that the page shows of a drawing.

    Args:
        drawing: The drawing.
        thumbnails: Makes its pictures small.
        index: Of its pictures, the one that is shown large.
        masks: Whether the model accepts a mask for it.
        language: Of the caption: ``en`` or ``zh``.

    Returns:
        The description; the large picture, a thumbnail of each of several takes, then films and
        sounds.
    """
    record, store = drawing.record, drawing.history.store
    own = drawing.pictures
    takes = takes_of(drawing) if own else []
    shown = own[index] if 0 <= index < len(own) else None
    buffers = []
    if shown is not None:
        buffers.append(thumbnails.make(store, shown.sha256, shown.media_type, SHOWN))
        if len(takes) > 1:
            buffers += [thumbnails.make(store, t.sha256, t.media_type, THUMB) for t in takes]
    media = media_of(record, store)
    buffers += [data for _, data in media if data]
    chosen = [
        i
        for i, t in enumerate(takes)
        if shown and (t.drawing_id, t.index) == (drawing.id, shown.index)
    ]
    error = record.error
    view = {
        "id": drawing.id,
        "index": index,
        "width": shown.width if shown else 0,
        "height": shown.height if shown else 0,
        "prompt": drawing.prompt,
        "caption": caption(record, language=language),
        "starred": drawing.starred,
        "live": drawing.history.session is not None,
        "cells": has_cells(),
        "masks": masks,
        "chosen": chosen[0] if chosen else 0,
        "file": f"{store.folder.stem}-{drawing.number}.webp",
        "pictures": [{"name": t.name, "id": t.drawing_id, "index": t.index} for t in takes],
        "media": [one for one, _ in media],
        "saves": bool(own or drawing.films or drawing.sounds),
        "error": failure(error, language) if error else "",
        "text": "" if own else drawing.text[:4000],
        "parents": relatives(drawing.parents),
        "children": relatives(drawing.children),
        "family": family(drawing),
        "tags": [printable(tag) for tag in drawing.tags],
        "note": drawing.note,
        "details": details(drawing, language),
        "languages": list(LANGUAGES),
    }
    return view, buffers


def media_of(record: Record, store: Store) -> list[tuple[dict[str, str], bytes]]:
    """Return the films, sounds and other files of an answer: what the page says of each, its bytes.

    Args:
        record: The drawing's.
        store: The folder with its files. Of a large or missing one, only the path is told.
    """
    files = []
    for info in record.films:
        data = b""
        if is_played(info) and info.size <= MAX_MEDIA:
            with contextlib.suppress(HistoryError):
                data = store.read(info.sha256)
        kind = info.media_type if data else ""
        files.append(({"type": kind, "path": store.place_of(info)}, data))
    return files


def failure(error: Failure, language: str) -> str:
    """Describe why a drawing failed, its possible cost and the remedy in the form."""
    billed = say(language, "panel.maybe_billed") if error.maybe_billed else ""
    return " ".join(filter(None, [error.message, billed, for_form(error.remedy, language)]))


def has_cells() -> bool:
    """Return whether the page is in a notebook with cells.

    A page that Voilà has made of one has none, which Voilà says in the environment of its kernels;
    marimo's cells are Python's, in an order of their own.
    """
    marimo = "marimo" in sys.modules and shell_of_process() is None
    return "VOILA_SERVER_URL" not in os.environ and not marimo


def relatives(drawings: Drawings) -> list[dict[str, str]]:
    """Return the labels of related drawings, for buttons."""
    return [
        {"id": d.id, "name": f"@{d.number}", "prompt": printable(d.prompt[:200])}
        for d in drawings[:12]
    ]


def family(drawing: Drawing) -> list[dict[str, Any]]:
    """Return the tree of edits around a drawing, from the top; empty for a single one."""
    if not drawing.parents and not drawing.children:
        return []
    rows = []
    for node, depth in (row for root in drawing.tree().roots for row in root.walk()):
        for one in node.takes:
            view = {"depth": min(depth, MAX_DEPTH), "here": one.id == drawing.id}
            rows.append(relatives(drawing.history.by_ids([one.id]))[0] | view)
    here = next((i for i, row in enumerate(rows) if row["here"]), 0)
    first = max(0, min(here - MAX_FAMILY // 2, len(rows) - MAX_FAMILY))
    return rows[first : first + MAX_FAMILY]


def details(drawing: Drawing, language: str = "en") -> list[tuple[str, str]]:
    """Return the facts about a drawing as names and values, as in the gallery."""
    from nbext.drawings.signing import signatures

    record, store = drawing.record, drawing.store
    files = [Figure(info) for info in (*record.pictures, *record.films)]
    lines = describe(record, files, language).splitlines()
    rows = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    more = [
        ("prompt_changes", str(drawing.revision or "")),
        ("system", record.system),
        ("sent_as", record.prompt_sent),
        *(("credentials", line) for line in signatures(record, store)),
    ]
    rows += [(say(language, f"gallery.{name}"), value) for name, value in more if value]
    return [(name, value if len(value) <= _LONG else f"{value[:_LONG]}…") for name, value in rows]
