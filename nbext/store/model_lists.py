"""The models that endpoints listed in a notebook, for when they cannot be asked."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from nbext.data.model import Model
from nbext.store.disk import read_regular
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NAME = "models.json"
_DECODER = msgspec.json.Decoder(dict[str, list[Model]])
# A longer list than any is no list.
MAX_BYTES = 16 << 20


def stored_models(folder: Path, endpoint: str) -> list[Model]:
    """Give the models that an endpoint listed, empty where that is not recorded.

    Args:
        folder: The history's.
        endpoint: As the notebook names it, empty for the one in use.
    """
    return _read(folder).get(endpoint, [])


def store_models(folder: Path, endpoint: str, models: Sequence[Model]) -> None:
    """Record the models that an endpoint lists, where that has changed and the disk allows it."""
    known = _read(folder)
    if known.get(endpoint) == list(models):
        return
    with suppress(OSError), atomic_write(folder / _NAME) as part:
        lists = {**known, endpoint: list(models)}
        part.write_bytes(msgspec.json.format(msgspec.json.encode(lists), indent=1) + b"\n")


def _read(folder: Path) -> dict[str, list[Model]]:
    try:
        return _DECODER.decode(read_regular(folder / _NAME, MAX_BYTES))
    except (OSError, msgspec.MsgspecError, RecursionError):
        return {}
