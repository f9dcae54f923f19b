"""A vision model as a judge. Scores, reasons and costs are stored with the drawings."""

from __future__ import annotations

import asyncio
import hashlib
from statistics import fmean
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.api.agreement import Agreement, agreement
from nbext.data.options import Options
from nbext.errors import BadRequestError, NbextError, OptionError
from nbext.messages.say import phrase
from nbext.session.structured_output import ResponseSchema
from nbext.store.merge import note_of
from nbext.store.replay import Replay
from nbext.util.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbext.data.cell import Cell
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawing
    from nbext.session.session import Session
    from nbext.session.sweep import SweepResult

# A note of this name stands at a drawing for each judge and rubric.
NOTE = "judge."
_WORST, _MOST = 1, 100


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """The score that a judge gave to a drawing.

    Attributes:
        number: The number of the drawing.
        score: From 1 to the best score of the scale.
        reasons: The judge's reasons.
        by: The number of the judge's answer in the history.
    """

    number: int
    score: int
    reasons: str
    by: int


class Judgement:
    """The scores of one judge.

    Attributes:
        rubric: The criterion.
        model: The model that judged.
        scale: The best score; 1 is the worst.
        scores: The scores by the number of the drawing.
        failures: The reasons why drawings have no score, by their numbers.
        cost: The cost of judging in US dollars, as far as it is known.
    """

    def __init__(
        self,
        sweep: SweepResult,
        *,
        rubric: str,
        model: str,
        scale: int,
        scores: Mapping[int, Score],
        failures: Mapping[int, str],
        cost: float,
    ) -> None:
        self._sweep = sweep
        self.rubric = rubric
        self.model = model
        self.scale = scale
        self.scores = dict(scores)
        self.failures = dict(failures)
        self.cost = cost

    def mean(self, by: str = "model") -> dict[Any, float]:
        """Return the mean score by an axis of the sweep, the best first.

        Raises:
            OptionError: There is no such axis.
        """
        groups: dict[Any, list[int]] = {}
        for row in self._sweep.rows():
            if by not in row:
                raise OptionError(phrase("sweep.not_its_axis", name=by))
            if row["number"] in self.scores:
                groups.setdefault(row[by], []).append(self.scores[row["number"]].score)
        means = {value: fmean(scores) for value, scores in groups.items()}
        return dict(sorted(means.items(), key=lambda item: -item[1]))

    def agreement(self, *others: Judgement) -> Agreement:
        """Compute the agreement with other judges.

        Args:
            *others: Judgements of the same drawings on the same scale.

        Raises:
            OptionError: They have no drawing in common, or different scales.
        """
        judges = [self, *others]
        if len(judges) < 2:
            raise OptionError(phrase("sweep.two_judges"), remedy="first.agreement(second)")
        if len({judge.scale for judge in judges}) > 1:
            raise OptionError(phrase("sweep.other_scales"))
        numbers = dict.fromkeys(number for judge in judges for number in judge.scores)
        units = [
            [judge.scores[number].score for judge in judges if number in judge.scores]
            for number in numbers
        ]
        units = [unit for unit in units if len(unit) > 1]
        if not units:
            raise OptionError(phrase("sweep.none_in_common"))
        return agreement(units, len(judges))

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each score."""
        return [msgspec.structs.asdict(score) for score in self.scores.values()]

    def __repr__(self) -> str:
        mean = fmean(score.score for score in self.scores.values()) if self.scores else None
        about = f", {mean:.2g} of {self.scale} on average" if mean is not None else ""
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return (
            f"<Judgement {self.rubric[:40]!r} by {self.model}: "
            f"{counted(len(self.scores), 'score')}{about}{failed}>"
        )


def judge(
    session: Session, sweep: SweepResult, rubric: str, *, model: str, scale: int, yes: bool
) -> Judgement:
    """Score the drawings of a sweep; see ``Sweep.judge``."""
    if not (isinstance(scale, int) and _WORST < scale <= _MOST):
        raise OptionError(phrase("sweep.bad_scale", scale=scale, _MOST=_MOST))
    if not rubric.strip():
        raise OptionError(
            phrase("sweep.rubric_empty"), remedy='judge("has exactly three balloons")'
        )
    drawings = [drawing for drawing in sweep.drawings if drawing.record.pictures]
    if not drawings:
        raise OptionError(phrase("sweep.nothing_to_judge"))
    cell = session.cell()
    model = model or str(session.settings.chat_model)
    work = _score_all(session, drawings, rubric, model=model, scale=scale, cell=cell, yes=yes)
    scores, failures, cost = session.run(work)
    session.tell_warnings()
    return Judgement(
        sweep,
        rubric=rubric,
        model=model,
        scale=scale,
        scores=scores,
        failures=failures,
        cost=cost,
    )


def _options(drawing: Drawing, rubric: str, model: str, scale: int) -> Options:
    """Build the question that the judge is asked about a drawing."""
    return Options(
        prompt=(
            f"You are a strict judge of pictures. The rubric: {rubric.strip()}\n"
            f"Say first in one or two sentences what you see that speaks for or against it. Then "
            f"give a score from {_WORST} (not at all) to {scale} (entirely)."
        ),
        kind="chat",
        model=model,
        # By its number: its own bytes are judged, not another take of the same request.
        images=(f"@{drawing.number}",),
        schema={
            "type": "object",
            "title": "score",
            "properties": {
                "reasons": {"type": "string"},
                "score": {"type": "integer", "minimum": _WORST, "maximum": scale},
            },
            "required": ["reasons", "score"],
        },
    )


async def _score_all(
    session: Session,
    drawings: list[Drawing],
    rubric: str,
    *,
    model: str,
    scale: int,
    cell: Cell,
    yes: bool,
) -> tuple[dict[int, Score], dict[int, str], float]:
    options = [_options(drawing, rubric, model, scale) for drawing in drawings]
    requests = [await session.plan(each) for each in options]
    await _allow(session, requests, yes=yes)
    shape = ResponseSchema(options[0].schema)
    named = "\n".join([model, str(scale), rubric])
    key = f"{NOTE}{hashlib.sha256(named.encode()).hexdigest()[:12]}"
    about = {"rubric": rubric, "model": model, "scale": scale}
    failures: dict[int, str] = {}
    costs: list[float] = []

    async def score(drawing: Drawing, request: Request) -> Score | None:
        mode = "" if session.settings.replay == "only" else "always"
        try:
            (answer,) = await session.make(request, cell=cell, mode=mode, yes=True)
            costs.append(answer.cost or 0.0)
            try:
                value = shape.read(answer.text)
            except BadRequestError:
                if not answer.replayed or session.settings.replay == "only":
                    raise
                # A recorded answer without a score is asked for anew, as a failed drawing is.
                (answer,) = await session.make(request, cell=cell, fresh=True, yes=True)
                costs.append(answer.cost or 0.0)
                value = shape.read(answer.text)
        except NbextError as error:
            refused = getattr(error, "drawing", None)
            costs.append((refused.cost or 0.0) if refused is not None else 0.0)
            failures[drawing.number] = str(error)
            return None
        result = Score(
            number=drawing.number,
            score=int(value["score"]),
            reasons=str(value["reasons"]),
            by=answer.number,
        )
        note = about | {"score": result.score, "reasons": result.reasons, "by": answer.id}
        record = session.store.record(drawing.id)
        if record is not None and record.changes.get(key) != note:
            await session.store.append_async(note_of(drawing.id, {key: note}))
        return result

    # In order: each judging is numbered as its drawing is.
    results = await asyncio.gather(*map(score, drawings, requests))
    return {r.number: r for r in results if r is not None}, failures, round(sum(costs), 6)


async def _allow(session: Session, requests: list[Request], *, yes: bool) -> None:
    """Check the budget, and ask before many requests are sent."""
    endpoint = await session.endpoint()
    if endpoint.embedded or session.settings.replay == "only":
        return
    replay = Replay(session.store.is_whole)
    new = [
        request
        for request in requests
        if replay.match(
            request,
            0,
            store=session.store,
            shown=(),
            mode="always",
            cell="",
            session=session.id,
            embedded=False,
        ).record
        is None
    ]
    if not new:
        return
    for ticket in session.budget.reserve(len(new), None):
        session.budget.release(ticket)
    if not yes:
        await session.confirm(len(new), None, endpoint.host)


def scores_of(record: Record) -> Iterable[tuple[str, int]]:
    """Return the judges of a drawing with their scores. Other notes are ignored."""
    for name, value in record.changes.items():
        if name.startswith(NOTE) and isinstance(value, dict):
            score, model = value.get("score"), value.get("model")
            if isinstance(score, int) and isinstance(model, str):
                yield model, score
