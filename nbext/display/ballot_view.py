"""Show buttons for voting under a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from nbext.display.sweep_grid import LETTERS
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TIE = "-"


class BallotView(widgets.VBox):  # type: ignore[misc]  # It has no types of its own.
    """A row of buttons for each question.

    Args:
        choices: How many pictures each question has.
        votes: The votes so far, ``?`` for none.
        chosen: Called with a question's number and a letter; returns the text to show.
        model_id: The widget's id, None for a random one.
    """

    def __init__(
        self,
        choices: Sequence[int],
        votes: str,
        chosen: Callable[[int, str], str],
        *,
        model_id: str | None = None,
    ) -> None:
        self._chosen = chosen
        self._state = widgets.Label()
        tie = phrase("sweep.tie")
        rows = []
        for number, (count, vote) in enumerate(zip(choices, votes, strict=True), start=1):
            buttons = widgets.ToggleButtons(
                options=[*zip(LETTERS[:count], LETTERS[:count], strict=True), (tie, _TIE)],
                value=None if vote == "?" else vote,
                description=f"{number}.",
                tooltips=[phrase("sweep.better", letter=letter) for letter in LETTERS[:count]]
                + [tie],
                style={"button_width": "auto", "description_width": "2.5rem"},
            )
            buttons.observe(lambda change, n=number: self._vote(n, change), names="value")
            rows.append(buttons)
        super().__init__([*rows, self._state], model_id=model_id)

    def _vote(self, number: int, change: Any) -> None:
        if change["new"] is not None:
            self._state.value = self._chosen(number, change["new"])
