"""Map VS Code's names for cells to the ids in the notebook's file.

VS Code sends the cell's URI: the notebook's path, and a number that the cell has for as long as the
notebook is open. Cells are numbered from 0 when it is opened; a cell added later takes the next
number, wherever it stands. Only the id in the file is permanent.
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
    """Return whether a cell's name is a VS Code URI rather than an id.

    Example:
        >>> is_uri("vscode-notebook-cell:/home/ada/cats.ipynb#W2sZmlsZQ%3D%3D"), is_uri("1b2c-3d4e")
        (True, False)
    """
    return ":" in cell or "/" in cell or "\\" in cell


def number_of(uri: str) -> int:
    """Return the number of a cell, -1 without one.

    Example:
        >>> number_of("vscode-notebook-cell:/cats.ipynb#X12sZmlsZQ%3D%3D")
        9
    """
    match = _NUMBER.search(uri)
    return int(match[1], 7) if match else -1


class SavedIds:
    """The ids in the file for the cells that this kernel has run.

    Once known, a cell keeps its id, even if cells are added above it.
    """

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def id_of(self, uri: str, source: str, cells: Sequence[CodeCell]) -> str:
        """Return a cell's id, empty if the file does not have the cell yet.

        Args:
            uri: VS Code's name for the cell.
            source: The text being run.
            cells: The cells in the saved file.
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
