"""``--like cat.png``: a request taken from what a picture says of how it was made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.data.request import OPTIONS, Reference
from nbext.errors import HistoryError, PictureError
from nbext.export.metadata.read import read
from nbext.session.validation import FORMATS, ratio
from nbext.util.text import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from nbext.export.metadata.provenance import Provenance
    from nbext.store.store import Store

# What makes a request what it is, or more than one, is never taken from a file.
_NEVER = {"model", "messages", "prompt", "input", "contents", "n", "stream"}
_NEVER |= {"image", "images", "mask", "tools", "tool_choice"}


def like(
    options: argparse.Namespace, prompt: str, *, store: Store, folder: Path
) -> tuple[str, list[str]]:
    """Fill in what the line and the cell leave open from a picture's own note.

    A picture by nbext gives prompt, model, parameters and, where this history has them, its
    reference pictures. One by another tool gives its prompt, its size and its seed: its model and
    its sampler are not what an endpoint knows.

    Args:
        options: The parsed line; what is filled in is changed in it.
        prompt: The cell's, empty to take the picture's.
        store: Where reference pictures may be.
        folder: What a relative path starts from.

    Returns:
        The prompt, and notes for the user.

    Raises:
        OptionError: There is no such file.
        PictureError: It says nothing.
    """
    provenance = read(folder / Path(options.like).expanduser())
    name = printable(Path(options.like).name)
    if not (provenance.prompt or provenance.parameters):
        raise PictureError(
            f"{name} does not say how it was made.", remedy="Only who signed it (nbext.read)."
        )
    ours = provenance.tool == "nbext"
    taken = _parameters(provenance.parameters if ours else _portable(provenance.parameters))
    if options.size or options.aspect:
        taken.pop("size", None)
        taken.pop("aspect", None)
    for field in OPTIONS:
        if field in taken and getattr(options, field) in ("", None):
            setattr(options, field, taken[field])
        taken.pop(field, None)
    options.extra = [*taken.items(), *options.extra]
    if ours and not options.model:
        options.model = provenance.model
    notes = [_note(provenance, name, options, prompt)]
    if ours and not options.images and provenance.parents:
        options.images, missing = _references(provenance.parents, store)
        if missing:
            notes.append(f"{missing} of its reference pictures are not in this history")
    return prompt or provenance.prompt, notes


def _note(provenance: Provenance, name: str, options: argparse.Namespace, prompt: str) -> str:
    """Say what was taken, because it is sent."""
    said = {field: getattr(options, field) for field in ("model", "aspect", "size", "seed")}
    said |= dict(options.extra)
    pairs = [f"{k}={v}" for k, v in said.items() if v not in ("", None)]
    whose = (
        ""
        if provenance.tool == "nbext"
        else f" ({provenance.tool}, its model {provenance.model or 'unnamed'})"
    )
    own = "" if prompt else ", its prompt"
    negative = ", its negative prompt left out" if provenance.negative else ""
    return printable(f"like {name}{whose}: {', '.join(pairs) or 'the defaults'}{own}{negative}")


def _portable(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep what means the same elsewhere: size and seed."""
    named = {str(key).lower(): value for key, value in parameters.items()}
    size = named.get("size") or f"{named.get('width', '')}x{named.get('height', '')}"
    return {"size": size, "seed": named.get("seed")}


def _parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep what can be what it says; a file may say anything."""
    kept = {k: v for k, v in parameters.items() if k not in _NEVER and v not in ("", None)}
    for name, check in _CHECKS.items():
        if name in kept:
            try:
                kept[name] = check(str(kept[name]))
            except ValueError:
                del kept[name]
    return kept


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
    """Give the reference pictures that the history has, and how many it lacks."""
    made_by = {info.sha256: r for r in store.records() for info in r.pictures}
    found, missing = [], 0
    for sha256 in parents:
        try:
            data = store.read(sha256)
        except HistoryError:
            missing += 1
            continue
        record = made_by.get(sha256)
        source = f"@{record.number}" if record is not None else sha256[:12]
        found.append(Reference.of(data, source=source, drawing=record.id if record else ""))
    return found, missing
