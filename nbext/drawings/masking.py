"""Measures on pictures and films whether they are what was requested.

What measures is imported when there is something to measure: most drawings have no mask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.errors import NbextError

if TYPE_CHECKING:
    from PIL.Image import Image

    from nbext.data.record import Draft
    from nbext.store.store import Store


def has_mask(record: Draft) -> bool:
    """Return whether there are a mask, a picture for it, and a result.

    Args:
        record: The record of the drawing.
    """
    return bool(record.mask is not None and record.references and record.pictures)


def wants_transparency(record: Draft) -> bool:
    """Return whether a transparent background was requested, and pictures came.

    Args:
        record: The record of the drawing.
    """
    return bool(record.pictures) and record.parameters.get("background") == "transparent"


def background(record: Draft, store: Store) -> str:
    """Look at the pictures for what their background is, whatever the endpoint says of it.

    Args:
        record: The record of the drawing.
        store: The folder with its pictures.

    Returns:
        ``opaque`` if nothing of a picture is transparent, ``transparent`` if something of each
        one is; empty if it cannot be told.
    """
    from nbext.imaging.background import is_opaque

    results = []
    for info in record.pictures:
        try:
            results.append(is_opaque(store.read(info.sha256), info.media_type))
        except (NbextError, OSError):
            results.append(None)
    if True in results:
        return "opaque"
    return "transparent" if results and None not in results else ""


def film_facts(record: Draft, store: Store) -> dict[str, str]:
    """Measure a film's size, length, frame rate and sound, whatever the endpoint says of it.

    Args:
        record: The record of the drawing.
        store: The folder with its films.

    Returns:
        ``size``, ``seconds``, ``fps`` and ``audio`` of the first film, without unknown ones.
    """
    path = store.path(record.films[0].sha256) if record.films else None
    if path is None:
        return {}
    from nbext.imaging.film import measure

    try:
        with path.open("rb") as file:
            film = measure(file)
    except OSError:
        return {}
    if not film.width:
        return {}
    facts = {
        "size": f"{film.width}x{film.height}",
        "seconds": _short(film.seconds),
        "fps": _short(film.fps),
        "audio": "yes" if film.has_sound else "no",
    }
    return {name: value for name, value in facts.items() if value}


def _short(value: float) -> str:
    """Write a number with two decimals at most; an unknown one is empty."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else ""


def mask_change(record: Draft, store: Store) -> float | None:
    """Measure how much of the protected area changed, in the result with the largest change.

    Args:
        record: The record of the drawing.
        store: The folder with its pictures.

    Returns:
        The share, from 0 to 1; None without a mask, or if the pictures cannot be compared.
    """
    if not has_mask(record):
        return None
    from nbext.imaging.mask_change import protected_change

    shares = []
    for at in range(len(record.pictures)):
        try:
            shares.append(protected_change(*_pictures(record, store, at)))
        except (NbextError, OSError):
            # An optional measurement must not make the drawing fail.
            continue
    share = max(shares, default=-1.0)
    return round(share, 4) if share >= 0 else None


def mask_overlay(record: Draft, store: Store, at: int) -> Image | None:
    """Mark the protected pixels that changed.

    Args:
        record: The record of the drawing.
        store: The folder with its pictures.
        at: The index of the picture, from 0.

    Returns:
        The result with the changes in red; None if the pictures cannot be compared.

    Raises:
        HistoryError: A picture is missing.
        PictureError: A picture cannot be decoded.
    """
    from nbext.imaging.mask_change import change_overlay

    return change_overlay(*_pictures(record, store, at)) if has_mask(record) else None


def _pictures(record: Draft, store: Store, at: int) -> tuple[bytes, bytes, bytes, tuple[str, str]]:
    """Return the first reference, the mask and a result, with the types of the first and last."""
    assert record.mask is not None
    before, after = record.references[0], record.pictures[at]
    data = (store.read(info.sha256) for info in (before, record.mask, after))
    return (*data, (before.media_type, after.media_type))  # type: ignore[return-value]
