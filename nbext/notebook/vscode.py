"""Cells as VS Code names them to a kernel, and as their notebook's file does.

VS Code sends the cell's URI: the notebook's path, and a number that the cell has for as long as the
notebook is open. When it is opened, cells are counted from 0; one that is put in later takes the
next number, wherever it stands. What lasts is the id in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.notebook.file import CodeCell

# As VS Code's CellUri writes it: a letter for the length, the number to the base of 7, "s" and the
# scheme in base64.
_NUMBER = pattern(r"#[W-Za-fz]([0-6]{1,12})s")


def is_uri(cell: str) -> bool:
    """Whether a cell's name is no id but where the cell is.

    Example:
        >>> is_uri("vscode-notebook-cell:/home/ada/cats.ipynb#W2sZmlsZQ%3D%3D"), is_uri("1b2c-3d4e")
        (True, False)
    """
    return ":" in cell or "/" in cell or "\\" in cell


def number_of(uri: str) -> int:
    """Read the number of a cell, -1 where there is none.

    Example:
        >>> number_of("vscode-notebook-cell:/cats.ipynb#X12sZmlsZQ%3D%3D")
        9
    """
    match = _NUMBER.search(uri)
    return int(match[1], 7) if match else -1


class SavedIds:
    """The ids in the file of the cells that this kernel has run.

    Once it is known, a cell's id stays, whatever is put in above it.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def id_of(self, uri: str, source: str, cells: Sequence[CodeCell]) -> str:
        """Give a cell's id, empty where the file has no such cell yet.

        Args:
            uri: As VS Code names it.
            source: Its text, as it is run.
            cells: Those of the file, as it is saved.
        """
        known = self._ids.get(uri)
        if known is not None and any(cell.id == known for cell in cells):
            return known
        taken = set(self._ids.values())
        alike = [c for c in cells if c.source.strip() == source.strip() and c.id not in taken]
        number = number_of(uri)
        at = next((cell for cell in alike if cell.position == number + 1), None)
        match = at or (alike[0] if alike else None)
        if match is None or not match.id:
            return ""
        self._ids[uri] = match.id
        return match.id
