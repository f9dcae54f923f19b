"""Whether a model has kept to the mask: measured on the pictures themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.errors import NbextError
from nbext.imaging.mask_change import change_overlay, protected_change

if TYPE_CHECKING:
    from PIL.Image import Image

    from nbext.data.record import Draft
    from nbext.store.store import Store


def has_mask(record: Draft) -> bool:
    """Whether there are a mask, a picture that it is for, and a result.

    Args:
        record: The drawing's.
    """
    return bool(record.mask is not None and record.references and record.pictures)


def mask_change(record: Draft, store: Store) -> float | None:
    """Measure how much changed of what the mask protects, in the result where that is most.

    Args:
        record: The drawing's.
        store: Where its pictures are.

    Returns:
        0 to 1; None without a mask, or where nothing can be compared.
    """
    shares = []
    for at in range(len(record.pictures) if has_mask(record) else 0):
        try:
            shares.append(protected_change(*_pictures(record, store, at)))
        except (NbextError, OSError):
            # It is a number beside the picture, which is good without.
            continue
    share = max(shares, default=-1.0)
    return round(share, 4) if share >= 0 else None


def mask_overlay(record: Draft, store: Store, at: int) -> Image | None:
    """Show what changed of what the mask protects.

    Args:
        record: The drawing's.
        store: Where its pictures are.
        at: Which of its pictures, from 0 on.

    Returns:
        The result with what changed in red; None where nothing can be compared.

    Raises:
        HistoryError: A picture is missing.
        PictureError: A picture cannot be decoded.
    """
    return change_overlay(*_pictures(record, store, at)) if has_mask(record) else None


def _pictures(record: Draft, store: Store, at: int) -> tuple[bytes, bytes, bytes, tuple[str, str]]:
    """Give the first reference, the mask and a result, with the types of the first and last."""
    assert record.mask is not None
    before, after = record.references[0], record.pictures[at]
    data = (store.read(info.sha256) for info in (before, record.mask, after))
    return (*data, (before.media_type, after.media_type))  # type: ignore[return-value]
