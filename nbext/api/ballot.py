"""Blind votes on pictures without names, in a fixed order. Votes are stored as notes."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.display.sweep_grid import LETTERS, Layout, grid_bundle
from nbext.display.widget_ids import widget_id
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.public import Public
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from nbext.drawings.drawing import Drawing
    from nbext.session.sweep import SweepResult

# Stands for "neither".
TIE = "-"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A choice between pictures.

    Attributes:
        place: The values of the other axes.
        choices: The drawings, in the order of their letters.
        values: The value of the hidden axis for each drawing.
    """

    place: dict[str, str]
    choices: tuple[Any, ...]
    values: tuple[str, ...]


class Ballot(Public):
    """A vote on a sweep. Names are hidden until all votes are in.

    Votes are stored as notes in the history, once each: running the cell again adds nothing.

    Args:
        sweep: The sweep to vote on.
        by: The axis whose values are hidden.
        voter: The name of the voter, if several people vote.

    Example:
        >>> ballot = sweep.blind()  # doctest: +SKIP
        >>> ballot.vote("ABA")  # doctest: +SKIP
        >>> ballot.results  # doctest: +SKIP
        {'gpt-4o-image': 2, 'gpt-image-2': 1}
    """

    def __init__(self, sweep: SweepResult, *, by: str = "model", voter: str = "") -> None:
        values = sweep.plan.axes.get(by)
        if values is None:
            raise OptionError(
                phrase("sweep.not_its_axis", name=by), remedy=did_you_mean(by, sweep.plan.axes)
            )
        if not 2 <= len(values) <= len(LETTERS):
            raise OptionError(phrase("sweep.vote_range", by=by, n=len(values), count=len(LETTERS)))
        self._sweep = sweep
        self._by = by
        self._key = f"vote.{sweep.plan.id}.{voter}" if voter else f"vote.{sweep.plan.id}"
        self.questions = self._make_questions()
        if not self.questions:
            raise OptionError(phrase("sweep.no_pair"))

    def _make_questions(self) -> list[Question]:
        """Group the drawings that differ only in the hidden axis."""
        groups: dict[str, tuple[dict[str, str], list[tuple[str, Drawing]]]] = {}
        for outcome in self._sweep.outcomes:
            place = {name: label for name, label in outcome.labels.items() if name != self._by}
            for drawing in outcome.drawings:
                if drawing.error is None and drawing.record.pictures:
                    where = place | ({"take": str(drawing.take + 1)} if drawing.take else {})
                    _, choices = groups.setdefault(repr(where), (where, []))
                    choices.append((outcome.labels[self._by], drawing))
        questions = []
        for number, (place, choices) in enumerate(groups.values()):
            if len(choices) < 2:
                continue
            # The same order each time, so that a vote that is run again is the same vote.
            random.Random(f"{self._key} {number}").shuffle(choices)  # noqa: S311 -- no secret
            questions.append(
                Question(
                    place=place,
                    choices=tuple(drawing for _, drawing in choices),
                    values=tuple(value for value, _ in choices),
                )
            )
        return questions

    def vote(self, letters: str, *, question: int = 0) -> Ballot:
        """Vote with one letter for each question, or ``-`` if neither is better.

        Args:
            letters: For instance ``"ABBA"``; one letter if ``question`` is given.
            question: The number of one question, from 1; 0 for all questions in order.

        Raises:
            OptionError: There is no such question or picture.

        Example:
            >>> ballot.vote("ABBA")  # doctest: +SKIP
            >>> ballot.vote("-", question=2)  # doctest: +SKIP
        """
        marks = letters.upper().replace(" ", "").replace(",", "")
        places = [question - 1] if question else list(range(len(self.questions)))
        if question and not 1 <= question <= len(self.questions):
            raise OptionError(
                phrase("sweep.no_question", question=question, count=len(self.questions))
            )
        if len(marks) != len(places):
            raise OptionError(
                phrase("sweep.vote_count", letters=letters, n=len(marks), m=len(places)),
                remedy=phrase("sweep.one_letter"),
            )
        for mark, at in zip(marks, places, strict=True):
            allowed = LETTERS[: len(self.questions[at].choices)]
            if mark not in (*allowed, TIE):
                raise OptionError(
                    phrase("sweep.no_such_choice", value=at + 1, mark=mark),
                    remedy=phrase("sweep.choices", names=", ".join(allowed), TIE=TIE),
                )
        for mark, at in zip(marks, places, strict=True):
            self._note(self.questions[at], mark)
        return self

    def _note(self, question: Question, mark: str) -> None:
        """Add a vote to the notes of its pictures, unless it is there already."""
        history = self._sweep.history
        chosen = question.choices[LETTERS.index(mark)] if mark != TIE else None
        for drawing in question.choices:
            if chosen is None:
                value: str | None = "tie"
            else:
                value = "won" if drawing.id == chosen.id else "lost"
            history.annotate(drawing.id, {self._key: value})

    def _winner(self, question: Question) -> str | None:
        """Return the letter of a vote, ``-`` for a tie, or None without a vote."""
        store = self._sweep.history.store
        records = [store.record(drawing.id) for drawing in question.choices]
        votes = [
            record.changes.get(self._key) if record is not None else None for record in records
        ]
        if votes.count("won") == 1:
            return LETTERS[votes.index("won")]
        return TIE if votes and all(vote == "tie" for vote in votes) else None

    @property
    def votes(self) -> str:
        """The votes so far, with ``?`` for each missing vote."""
        return "".join(self._winner(question) or "?" for question in self.questions)

    @property
    def is_open(self) -> bool:
        """Whether votes are missing. Names are hidden until all votes are in."""
        return "?" in self.votes

    @property
    def results(self) -> dict[str, int]:
        """The number of votes for each value of the hidden axis.

        Raises:
            OptionError: Votes are missing.
        """
        missing = self.votes.count("?")
        if missing:
            raise OptionError(
                phrase("sweep.votes_missing", n=missing, count=len(self.questions)),
                remedy='ballot.vote("AB…")',
            )
        won = Counter(
            question.values[LETTERS.index(mark)]
            for question, mark in zip(self.questions, self.votes, strict=True)
            if mark != TIE
        )
        return {value: won[value] for value in self._sweep.plan.axes[self._by]}

    def compare(self) -> Any:
        """Show two pictures under one slider, labelled with their letters.

        Example:
            >>> ballot.compare()  # doctest: +SKIP
        """
        from nbext.display.slider import Slider
        from nbext.messages.say import language_of

        pairs = [
            (drawing, f"{number}{letter}")
            for number, question in enumerate(self.questions, start=1)
            for letter, drawing in zip(LETTERS, question.choices, strict=False)
        ]
        names = [name for _, name in pairs]
        language = language_of(self._sweep.settings.language, "")
        drawings = [drawing for drawing, _ in pairs]
        return Slider(drawings, names=names, language=language, cell=self._sweep.cell)

    def _heads(self) -> list[list[str]]:
        """Return the number of each question, and the values that set it apart from the others."""
        places = [question.place for question in self.questions]
        names = [name for name in places[-1] if len({place.get(name) for place in places}) > 1]
        # The number says it where only takes differ.
        names = [] if names == ["take"] else names
        return [
            [f"{number}.", *(v for name in names if len(v := place.get(name, "")) < 40)]
            for number, place in enumerate(places, start=1)
        ]

    def _grid(self) -> Any:
        """Arrange the pictures with one row per question and a letter below each picture."""
        most = max(len(question.choices) for question in self.questions)
        heads = [" ".join(words) for words in self._heads()]
        at = tuple(
            (row, column)
            for row, question in enumerate(self.questions)
            for column in range(len(question.choices))
        )
        items = [drawing for question in self.questions for drawing in question.choices]
        values = [value for question in self.questions for value in question.values]
        marks = list(self.votes)
        names = {}
        for number, (row, column) in enumerate(at):
            name = LETTERS[column]
            if not self.is_open:
                name = f"{name} · {values[number]}"
                name += " ★" if marks[row] == LETTERS[column] else ""
            names[number] = name
        where = Layout(
            row_axis="question",
            column_axis="",
            rows=tuple(heads),
            columns=("",) * most,
            at=at,
        )
        limit = int(self._sweep.settings.inline_limit)
        return grid_bundle(where, dict(enumerate(items)), inline_limit=limit, names=names)

    def _ipython_display_(self) -> None:
        self.show()

    def show(self, place: Any = None) -> None:
        """Show the pictures, and buttons to vote while votes are missing.

        Args:
            place: The ``DisplayHandle`` of an output to show the pictures in, None for a new one.
        """
        from IPython.display import display

        data, metadata = self._grid()
        handle = place
        if handle is None:
            handle = display(data, metadata=metadata, raw=True, display_id=True)
        else:
            handle.update(data, metadata=metadata, raw=True)
        if not self.is_open:
            print(self._state())  # noqa: T201 -- it stands under the cell
            return
        from nbext.display.ballot_view import BallotView

        def chosen(number: int, letter: str) -> str:
            self.vote(letter, question=number)
            if not self.is_open and handle is not None:
                data, metadata = self._grid()
                handle.update(data, metadata=metadata, raw=True)
            return self._state()

        counts = [len(question.choices) for question in self.questions]
        id_ = widget_id(self._sweep.cell, "ballot", self._key)
        display(BallotView(counts, self.votes, chosen, model_id=id_))

    def _state(self) -> str:
        """Return the results, or how many votes are missing."""
        if missing := self.votes.count("?"):
            return phrase("sweep.votes_missing", n=missing, count=len(self.questions))
        return " · ".join(f"{value} {count}" for value, count in self.results.items())

    def __repr__(self) -> str:
        return f"<Ballot: {self._state()}>"
