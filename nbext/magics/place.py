"""The context in which a cell's names and paths are resolved."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from nbext.errors import OptionError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbext.config.settings import Nbext
    from nbext.drawings.history import History

# IPython's own variables.
_OF_IPYTHON = ("In", "Out", "get_ipython", "exit", "quit")


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

    def refuse_taken(self, name: str) -> None:
        """Refuse to replace a module of the notebook, or a variable of IPython's, by a result.

        Args:
            name: The name after ``--as``; empty without one.

        Raises:
            OptionError: The name is taken.
        """
        is_module = isinstance(self.names.get(name), ModuleType)
        if is_module or name in _OF_IPYTHON or name.startswith("__"):
            raise OptionError(
                phrase("cell.name_in_use", name=name), remedy=phrase("cell.other_name")
            )
