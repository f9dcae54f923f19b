"""The recorded models of endpoints, for when they cannot be queried."""

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
# A longer list is not valid.
MAX_BYTES = 16 << 20


def stored_models(folder: Path, endpoint: str) -> list[Model]:
    """Return the recorded models of an endpoint, empty if there are none.

    Args:
        folder: The history's folder.
        endpoint: The endpoint's name, empty for the current one.
    """
    return _read(folder).get(endpoint, [])


def store_models(folder: Path, endpoint: str, models: Sequence[Model]) -> None:
    """Record an endpoint's models, if they have changed and the disk allows it."""
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
