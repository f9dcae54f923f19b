"""The context in which a cell's names and paths are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbext.config.settings import Nbext
    from nbext.drawings.history import History


class Place(NamedTuple):
    """The context in which a cell's names and paths are resolved.

    Attributes:
        names: The notebook's variables.
        settings: The settings.
        history: The notebook's history.
        folder: The folder that relative paths start from.
    """

    names: Mapping[str, Any]
    settings: Nbext
    history: History
    folder: Path
