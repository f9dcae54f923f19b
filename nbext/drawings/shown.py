"""Results that stand under their cell already, so that IPython does not show them twice."""

from __future__ import annotations

from nbext.drawings.drawing import Drawing, Drawings


class _Once:
    """Shows nothing as the result of the cell that has shown it, and itself ever after."""

    shown_in: int | None = None

    def is_shown(self) -> bool:
        """Whether the running cell has shown it; asked again, it is shown again."""
        from IPython import get_ipython

        cell, self.shown_in = self.shown_in, None
        return cell is not None and cell == getattr(get_ipython(), "execution_count", None)


class ShownDrawing(_Once, Drawing):
    """A drawing that its cell has shown; ``d = nbext.draw(…)`` gives it."""

    def _ipython_display_(self) -> None:
        if not self.is_shown():
            super()._ipython_display_()


class ShownDrawings(_Once, Drawings):
    """Takes that their cell has shown."""

    def _ipython_display_(self) -> None:
        if not self.is_shown():
            super()._ipython_display_()


def mark_displayed(drawings: Drawings, execution_count: int) -> Drawing | Drawings:
    """Make a result of takes that the cell has shown.

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
    """Make several takes that the cell has shown; see ``once``."""
    takes = ShownDrawings(drawings)
    takes.shown_in = execution_count
    return takes
