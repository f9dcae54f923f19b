"""``--like cat.png``: take a request from a picture's metadata, or from a recorded drawing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.request import Reference, lineage_of, split_parameters
from nbext.errors import HistoryError, PictureError
from nbext.export.metadata.provenance import provenance_of
from nbext.export.metadata.read import read
from nbext.messages.say import phrase
from nbext.session.validation import FORMATS, ratio
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbext.drawings.history import History
    from nbext.export.metadata.provenance import Provenance
    from nbext.magics.parse import Line
    from nbext.store.store import Store

# Parameters that define the request, or multiply it, are never taken from a file.
_NEVER = {"model", "messages", "prompt", "input", "contents", "n", "stream"}
_NEVER |= {"image", "images", "mask", "tools", "tool_choice"}


def like(line: Line, prompt: str, *, history: History, folder: Path) -> tuple[Line, str, list[str]]:
    """Fill in what the line and the cell leave open from a picture's metadata.

    A picture by nbext provides prompt, model, parameters and, if this history has them, reference
    pictures. A picture by another tool provides only its prompt, size and seed: endpoints do not
    know its model and sampler.

    Args:
        line: The parsed line.
        prompt: The cell's prompt; if empty, the picture's is used.
        history: Where reference pictures and drawings such as ``@3`` are looked up.
        folder: The folder that relative paths start from.

    Returns:
        The completed line, the prompt, and notes for the user.

    Raises:
        OptionError: There is no such file.
        HistoryError: There is no such drawing.
        PictureError: The picture has no usable metadata.
    """
    if line.like.startswith("@"):
        drawing, picture = history.resolve(line.like)
        note = provenance_of(drawing.record, picture.info)
    else:
        note = read(folder / Path(line.like).expanduser())
    name = printable(Path(line.like).name)
    if not (note.prompt or note.parameters):
        raise PictureError(phrase("cell.no_note", name=name), remedy=phrase("cell.only_signer"))
    ours = note.tool == "nbext"
    parameters = _parameters(note.parameters if ours else _portable(note.parameters))
    if line.size or line.aspect:
        parameters.pop("size", None)
        parameters.pop("aspect", None)
    named, other = split_parameters(parameters)
    missing = {k: v for k, v in named.items() if getattr(line, k) in ("", None)}
    line = msgspec.structs.replace(line, **missing, params=other | line.params)
    if ours and not line.model:
        line = msgspec.structs.replace(line, model=note.model)
    notes = [_note(note, name, line, prompt)]
    if ours and not line.images and note.parents:
        images, lost = _references(note.parents, history.store)
        line = msgspec.structs.replace(line, images=tuple(images))
        if lost:
            notes.append(phrase("cell.references_missing", lost=lost))
    return line, prompt or note.prompt, notes


def _note(note: Provenance, name: str, line: Line, prompt: str) -> str:
    """Return a note that lists what the request takes over from the picture."""
    fields = {field: getattr(line, field) for field in ("model", "aspect", "size", "seed")}
    fields |= line.params
    pairs = [f"{k}={v}" for k, v in fields.items() if v not in ("", None)]
    whose = (
        ""
        if note.tool == "nbext"
        else phrase("cell.whose", tool=note.tool, model=note.model or "–")
    )
    own = "" if prompt else phrase("cell.own_prompt")
    negative = phrase("cell.no_negative") if note.negative else ""
    return printable(
        phrase(
            "cell.like",
            name=name,
            whose=whose,
            value=", ".join(pairs) or phrase("cell.defaults"),
            own=own,
            negative=negative,
        )
    )


def _portable(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep the parameters that mean the same in other tools: size and seed."""
    named = {str(key).lower(): value for key, value in parameters.items()}
    size = named.get("size") or f"{named.get('width', '')}x{named.get('height', '')}"
    return {"size": size, "seed": named.get("seed")}


def _parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep the parameters that are valid; a file may contain anything."""
    valid = {k: v for k, v in parameters.items() if k not in _NEVER and v not in ("", None)}
    for name, check in _CHECKS.items():
        if name in valid:
            try:
                valid[name] = check(str(valid[name]))
            except ValueError:
                del valid[name]
    return valid


def _size(text: str) -> str:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and len(text) < 12):
        raise ValueError
    return text


def _format(text: str) -> str:
    if text not in FORMATS:
        raise ValueError
    return text


def _seed(text: str) -> int:
    if len(text) > 20:
        raise ValueError
    return int(text)


_CHECKS: dict[str, Callable[[str], Any]] = {
    "aspect": ratio,
    "size": _size,
    "format": _format,
    "seed": _seed,
    "quality": str,
}


def _references(parents: Sequence[str], store: Store) -> tuple[list[Reference], int]:
    """Return the reference pictures that the history has, and the number of missing ones."""
    sources = {info.sha256: r for r in store.records() for info in r.pictures}
    references, missing = [], 0
    for sha256 in parents:
        try:
            data = store.read(sha256)
        except HistoryError:
            missing += 1
            continue
        record = sources.get(sha256)
        if record is None:
            references.append(Reference.of(data, source=sha256[:12]))
            continue
        index = [info.sha256 for info in record.pictures].index(sha256)
        lineage = lineage_of(record.fingerprint, record.take, index)
        source = f"@{record.number}"
        references.append(Reference.of(data, source=source, drawing=record.id, lineage=lineage))
    return references, missing
