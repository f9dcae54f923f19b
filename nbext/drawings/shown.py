"""Results that their cell has already displayed, so that IPython does not show them twice."""

from __future__ import annotations

from nbext.display.show import display_place
from nbext.drawings.drawing import Drawing, Drawings


class ShownOnce:
    """Displays nothing as the result of the cell that has already shown it.

    A terminal has printed ``Out[3]:`` by then, and gets the short form behind it.
    """

    shown_in: int | None = None

    def is_shown(self) -> bool:
        """Return whether the running cell has shown it. Only the first call returns True."""
        from IPython import get_ipython
        from IPython.display import display

        if display_place():
            # Asked for in another place as well.
            return False
        shell = get_ipython()
        cell, self.shown_in = self.shown_in, None
        is_shown = cell is not None and cell == getattr(shell, "execution_count", None)
        if is_shown and getattr(shell, "kernel", None) is None:
            display({"text/plain": repr(self)}, raw=True)
        return is_shown


class ShownDrawing(ShownOnce, Drawing):
    """A drawing that its cell has already displayed, as returned by ``nbext.draw(…)``."""

    def _ipython_display_(self) -> None:
        if not self.is_shown():
            super()._ipython_display_()


class ShownDrawings(ShownOnce, Drawings):
    """Takes that their cell has already displayed."""

    def _ipython_display_(self) -> None:
        if not self.is_shown():
            super()._ipython_display_()


def mark_displayed(drawings: Drawings, execution_count: int) -> Drawing | Drawings:
    """Return a result for takes that the cell has already displayed.

    Args:
        drawings: The takes.
        execution_count: The ``In[ ]`` number of the cell.
    """
    if len(drawings) == 1:
        only = drawings[0]
        drawing = ShownDrawing(
            only.record, only.history, replayed=only.replayed, earlier=only.earlier
        )
        drawing.shown_in = execution_count
        return drawing
    return shown_once(drawings, execution_count)


def shown_once(drawings: Drawings, execution_count: int) -> ShownDrawings:
    """Return several takes that the cell has already displayed."""
    takes = ShownDrawings(drawings)
    takes.shown_in = execution_count
    return takes
