"""Results of magics: shown under the cell already, so not shown again as the cell's value."""

from __future__ import annotations

from nbext.drawings.drawing import Drawing, Drawings


class _Shown:
    """Is shown already: says nothing as the result of the cell that drew it, then shows itself."""

    shown_in: int | None = None

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        cell, self.shown_in = self.shown_in, None
        if cell is not None and cell == getattr(get_ipython(), "execution_count", None):
            return
        data = self._repr_mimebundle_()  # type: ignore[attr-defined]
        if isinstance(data, tuple):
            display(data[0], metadata=data[1], raw=True)
        else:
            display(data, raw=True)


class ShownDrawing(_Shown, Drawing):
    """A drawing that the magic has shown; ``r = %draw …`` gives it."""


class ShownDrawings(_Shown, Drawings):
    """Takes that the magic has shown."""


def shown(drawings: Drawings) -> Drawing | Drawings:
    """Make a magic's result, so that it is not shown twice."""
    from IPython import get_ipython

    made: ShownDrawing | ShownDrawings
    if len(drawings) == 1:
        only = drawings[0]
        made = ShownDrawing(only.record, only.history, replayed=only.replayed)
    else:
        made = ShownDrawings(drawings)
    made.shown_in = getattr(get_ipython(), "execution_count", None)
    return made
