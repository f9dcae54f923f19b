"""Predict what running a notebook would replay and what it would pay for, without running it.

The notebook's magics are processed in order, as *Restart & Run All* would run them, and each is
looked up in the history by the fingerprint that the session would compute. What only running can
tell, such as a variable's value or the effect of Python code, is reported as unknown, not guessed.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.cli.check_cells import ASKING, VERBS, Call, Magic, Setting, Unfollowed, collect_names
from nbext.cli.check_python import steps
from nbext.cli.dry_run import DryRun, KnownNames, New, Undecidable, Verdict
from nbext.config.endpoints import resolve_endpoint
from nbext.data.endpoint import Endpoint, Secret
from nbext.errors import NbextError, ReplayError, SettingsError
from nbext.families.check import refuse
from nbext.families.prices import price
from nbext.families.registry import is_known
from nbext.families.table import table
from nbext.magics.asking import kind_of, read_cell
from nbext.magics.fill_in import fill_in
from nbext.magics.parse import HelpText, parse_line
from nbext.magics.parsers import sweep_parser
from nbext.magics.place import Place
from nbext.magics.style import styled
from nbext.magics.sweep import comparison, plan_of
from nbext.messages.say import phrase
from nbext.notebook.file import NotebookFile
from nbext.session.connection import Connection
from nbext.session.sweep_plan import plan_sweep
from nbext.session.validation import options_of_fields
from nbext.store.claims import is_resumable
from nbext.store.replay import mode_of
from nbext.util.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbext.data.options import Kind, Options
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.families.prices import Cost
    from nbext.magics.parse import Line
    from nbext.notebook.file import CodeCell
    from nbext.session.sweep_plan import Plan


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a magic, or a call in Python, would do.

    Attributes:
        cell: The cell's position, from 1 on.
        id: The cell's id.
        magic: ``%%draw``, ``%chat`` …; the text of a call in Python; ``%config`` if it is refused.
        verdict: ``replayed``, ``sent``, ``free`` (the embedded endpoint draws it), ``unknown``,
            ``nothing`` (it sends no request) or ``fails``.
        reason: The verdict in words.
        prompt: The start of the prompt.
        cost: In US dollars, None if no price is known.
    """

    cell: int
    id: str
    magic: str
    verdict: Verdict
    reason: str
    prompt: str = ""
    cost: float | None = None

    def __str__(self) -> str:
        prompt = self.prompt if len(self.prompt) <= 32 else f"{self.prompt[:31]}…"
        return f"[{self.cell}] {self.magic:<12} {prompt:<32} {self.reason}"


def check(notebook: Path, *, with_key: bool = False) -> list[Finding]:
    """Check a notebook.

    Args:
        notebook: The ``.ipynb``; its history and a settings file are looked for beside it.
        with_key: Assume that a key is set: without one the embedded endpoint draws for free.

    Returns:
        What each of our magics would do, in order.

    Raises:
        OptionError: There is no such notebook.
        SettingsError: The settings file beside it is invalid.
    """
    file = NotebookFile(notebook)
    run = Checker(notebook.absolute(), with_key=with_key)
    for cell in file.cells:
        collect_names(cell.source, run.names)
    return [finding for cell in file.cells for finding in run.cell(cell)]


def summary(findings: list[Finding]) -> str:
    """Summarise findings in one line."""
    counted = Counter(finding.verdict for finding in findings)
    parts = [
        phrase("cli.check_replayed", counted=counted["replayed"]),
        phrase("cli.check_sent", counted=counted["sent"]),
    ]
    costs = [finding.cost for finding in findings if finding.verdict == "sent"]
    if costs and all(cost is not None for cost in costs):
        parts[-1] += phrase("cli.about_usd", sum=sum(cost or 0.0 for cost in costs))
    words: dict[Verdict, str] = {
        "free": phrase("cli.by_embedded"),
        "fails": phrase("cli.would_fail_count"),
        "unknown": phrase("cli.unknown"),
    }
    parts += [f"{counted[verdict]} {word}" for verdict, word in words.items() if counted[verdict]]
    return " · ".join(parts)


def is_free(findings: list[Finding]) -> bool:
    """Return whether it is certain that nothing would be paid."""
    return all(finding.verdict not in ("sent", "unknown") for finding in findings)


@dataclass(slots=True)
class _Takes:
    """The expected results for the takes of a request.

    Attributes:
        takes: The drawings, recorded or new.
        new: The number of new drawings.
        jobs: The drawings whose job would be resumed.
        reason: Why a recorded take would be drawn again, empty if none would.
    """

    takes: list[Record | New] = field(default_factory=list)
    new: int = 0
    jobs: list[str] = field(default_factory=list)
    reason: str = ""


class Checker(DryRun):
    """Predicts what each request of a notebook would do."""

    def cell(self, cell: CodeCell) -> list[Finding]:
        """Check a cell."""
        findings: list[Finding] = []
        run = steps(cell.source, self.scope)
        if run is None:
            if any(f"%{name}" in cell.source for name in ASKING) or "nbext" in cell.source:
                self.mark_order_unknown(cell)
                reason = phrase("cli.cell_unreadable")
                findings.append(_finding(cell, "", "unknown", reason))
            return findings
        for step in run:
            if isinstance(step, Setting):
                try:
                    self.settings.set(step)
                except SettingsError as error:
                    findings.append(
                        _finding(cell, "%config", "fails", phrase("cli.would_fail", error=error))
                    )
            elif isinstance(step, Unfollowed):
                self.mark_order_unknown(cell)
                reason = phrase("cli.cannot_tell", text=step.text, reason=step.reason)
                findings.append(_finding(cell, step.text, "unknown", reason))
            elif isinstance(step, Call):
                findings.append(self._call(cell, step))
            else:
                findings.append(self._magic(cell, step))
        return findings

    def _magic(self, cell: CodeCell, magic: Magic) -> Finding:
        title = f"{'%' if magic.body is None else '%%'}{magic.name}"
        prompt = magic.line if magic.body is None else magic.body

        def find() -> Finding:
            if not magic.once:
                raise Undecidable("unknown", phrase("cli.in_a_loop"))
            if magic.name == "sweep":
                line = self._sweep_line(magic)
                self._refuse_taken(line.name)
                plan = plan_of(line, magic.body or "", self._place())
                return self._sweep(cell, title, plan, line.name, magic.bound)
            line, text = self._line(magic)
            self._refuse_taken(line.name)
            if len(line.models) > 1:
                text = styled(
                    fill_in(text, KnownNames(self), escapes=True).strip(), line.style, self.settings
                )
                return self._sweep(cell, title, comparison(line, text), line.name, magic.bound)
            options = self.options(magic.name, line, text)
            return self._request(cell, title, options, line.name, magic.bound)

        kind: Kind = "draw" if magic.name == "sweep" else kind_of(magic.name)
        return self._match(cell, title, prompt, kind, magic.bound, find)

    def _call(self, cell: CodeCell, call: Call) -> Finding:
        kind = VERBS[call.verb]
        fields = {name: value for name, value in call.fields.items() if name != "wait"}

        def find() -> Finding:
            if call.verb == "sweep":
                return self._sweep(
                    cell, call.text, self._sweep_plan(call.prompt, fields), call.bound
                )
            options = options_of_fields(call.verb, kind, call.prompt, fields)
            return self._request(cell, call.text, options, call.bound)

        return self._match(cell, call.text, str(call.prompt), kind, call.bound, find)

    def _match(
        self,
        cell: CodeCell,
        title: str,
        prompt: str,
        kind: Kind,
        bound: str,
        find: Callable[[], Finding],
    ) -> Finding:
        """Build the finding for a magic, or for one that cannot be planned."""
        try:
            return find()
        except Undecidable as end:
            if end.verdict == "unknown":
                self.mark_order_unknown(cell)
            elif end.verdict in ("sent", "free"):
                self.show([self.new(cell, kind)], bound)
            return _finding(cell, title, end.verdict, end.reason, prompt)
        except ReplayError as error:
            why = phrase("cli.would_stop", error=error.message)
            if self.settings.replay == "only":
                why = phrase("cli.refused_only")
            return _finding(cell, title, "fails", why, prompt)
        except NbextError as error:
            return _finding(cell, title, "fails", phrase("cli.would_fail", error=error), prompt)

    def _request(self, cell: CodeCell, title: str, options: Options, *names: str) -> Finding:
        """Predict a request, and mark its drawings as shown."""
        request, prompt = self.request(options, cell), options.prompt
        embedded = self.embedded(options.endpoint)
        outcome = self._takes(cell, request, options, embedded=embedded)
        takes, new, jobs = outcome.takes, outcome.new, outcome.jobs
        if new:
            self._could_be_sent(request, options.endpoint, embedded=embedded)
        self.show(takes, *names)
        if not new:
            numbers = " ".join(f"@{take.number}" for take in takes)
            words = (
                phrase("cli.job_picked_up", names=" ".join(jobs))
                if jobs
                else phrase("cli.replayed", numbers=numbers)
            )
            return _finding(cell, title, "replayed", words, prompt)
        some = phrase("cli.some_takes", new=new, takes=options.takes) if new < options.takes else ""
        why = f" ({outcome.reason})" if outcome.reason else ""
        if embedded:
            words = phrase("cli.drawn_free", some=some, why=why)
            return _finding(cell, title, "free", words, prompt)
        one = self._price(request)
        every = one.times(new) if one is not None else None
        about = f", {every}" if every is not None else ""
        cost = every.usd if every is not None else None
        words = phrase("cli.sent", some=some, why=why, about=about)
        return _finding(cell, title, "sent", words, prompt, cost=cost)

    def _place(self) -> Place:
        """Return the context in which the notebook's names and paths are resolved."""
        return Place(KnownNames(self), self.settings, self.history, self.folder)

    def _refuse_taken(self, name: str) -> None:
        """Refuse a name after ``--as`` as the magic would.

        Raises:
            OptionError: It is that of an imported module, or one of IPython's.
        """
        modules = dict.fromkeys(self.scope.modules, sys)
        Place(modules, self.settings, self.history, self.folder).refuse_taken(name)

    def _sweep_line(self, magic: Magic) -> Line:
        """Parse the line of a sweep as the magic would."""
        try:
            line = parse_line(sweep_parser(), magic.line)
        except HelpText:
            raise Undecidable("nothing", phrase("cli.shows_help")) from None
        if line.dry_run:
            raise Undecidable("nothing", phrase("cli.says_cost"))
        return line

    def _sweep_plan(self, prompt: object, fields: dict[str, Any]) -> Plan:
        """Plan a call of ``nbext.sweep``."""
        axes = dict(fields)
        if axes.pop("dry_run", False):
            raise Undecidable("nothing", phrase("cli.says_cost"))
        for name in ("yes", "executor", "batch"):
            axes.pop(name, None)
        return plan_sweep(
            prompt,
            table=axes.pop("table", None),
            takes=axes.pop("n", 1),
            fixed=axes.pop("fixed", None),
            max_requests=axes.pop("max_requests", None),
            max_cost=axes.pop("max_cost", None),
            axes=axes,
            names=KnownNames(self),
            folder=self.folder,
        )

    def _sweep(self, cell: CodeCell, title: str, plan: Plan, *names: str) -> Finding:
        """Predict a sweep as a whole, and mark its drawings as shown."""
        drawings: list[Record | New] = []
        new, free, costs, jobs = 0, True, [], 0
        for place in plan.places:
            request, options = self.request(place.options, cell), place.options
            embedded = self.embedded(options.endpoint)
            setting = self.settings.replay
            anew = options.fresh or setting == "only"
            mode = mode_of(setting, fresh=options.fresh) if anew else "always"
            outcome = self._takes(cell, request, options, embedded=embedded, mode=mode)
            drawings += outcome.takes
            jobs += len(outcome.jobs)
            if not outcome.new:
                continue
            self._could_be_sent(request, options.endpoint, embedded=embedded)
            new, free = new + outcome.new, free and embedded
            one = self._price(request)
            costs.append(one.times(outcome.new).usd if one is not None else None)
        self.show(drawings, *names)
        prompt = plan.title
        if not new:
            first, last = drawings[0].number, drawings[-1].number
            numbers = f"@{first} … @{last}" if last != first else f"@{first}"
            words = phrase("cli.sweep_replayed", count=plan.count, numbers=numbers)
            words += phrase("cli.sweep_jobs", count=jobs) if jobs else ""
            return _finding(cell, title, "replayed", words, prompt)
        if free:
            words = phrase("cli.sweep_free", new=new, count=plan.count)
            return _finding(cell, title, "free", words, prompt)
        known = [cost for cost in costs if cost is not None]
        cost = sum(known) if len(known) == len(costs) else None
        about = phrase("cli.sweep_cost", cost=cost) if cost is not None else ""
        words = phrase("cli.sweep_sent", new=new, count=plan.count, about=about)
        return _finding(cell, title, "sent", words, prompt, cost=cost)

    def _price(self, request: Request) -> Cost | None:
        """Return the price of a request, if the settings or the table of families know it."""
        families = table(self.settings.families)
        return price(request.model, request, prices=self.settings.prices, families=families)

    def _takes(
        self,
        cell: CodeCell,
        request: Request,
        options: Options,
        *,
        embedded: bool,
        mode: str = "",
    ) -> _Takes:
        """Find the recorded takes of a request, and count the new ones."""
        mode = mode or mode_of(self.settings.replay, fresh=options.fresh)
        fingerprint = request.fingerprint()
        outcome = _Takes()
        takes = outcome.takes
        for take in range(options.takes):
            known = self.drawn.get((fingerprint, take)) if mode in ("always", "only") else None
            if known is not None:
                takes.append(known)
                continue
            match = self.replay.match(
                request,
                take,
                store=self.history.store,
                shown=self.shown_requests(),
                mode=mode,
                cell=cell.id,
                execution=cell.position,
                session="check",
                embedded=embedded,
            )
            if match.unfinished is not None and is_resumable(match.unfinished) and not embedded:
                outcome.jobs.append(f"@{match.unfinished.number}")
                takes.append(match.unfinished)
                continue
            outcome.reason = outcome.reason or match.reason
            if match.record is None:
                outcome.new += 1
                self.drawn[fingerprint, take] = self.new(cell, options.kind, before=takes)
            takes.append(match.record or self.drawn[fingerprint, take])
        return outcome

    def _could_be_sent(self, request: Request, endpoint: str, *, embedded: bool) -> None:
        """Raise the errors that the session would raise before sending."""
        if not embedded and not self.with_key:
            resolve_endpoint(endpoint, settings=self.plain_settings, folder=self.folder)
        connection = Connection(self.plain_settings, self.folder)
        if request.via or is_known(request.model, connection.families):
            where = Endpoint(name="", base_url="", key=Secret(""), embedded=embedded)
            name, _ = connection.call(request, where)
            refuse(connection.notices(request, where, name))

    def _line(self, magic: Magic) -> tuple[Line, str]:
        """Parse the line as the magic would."""
        if magic.name == "video" and magic.body is None:
            raise Undecidable("nothing", phrase("cli.no_new_film"))
        try:
            line, prompt = read_cell(magic.name, magic.line, magic.body)
        except HelpText:
            raise Undecidable("nothing", phrase("cli.shows_help")) from None
        if line.dry_run or line.code:
            raise Undecidable("nothing", phrase("cli.shows_request"))
        return line, prompt


def _finding(
    cell: CodeCell,
    magic: str,
    verdict: Verdict,
    reason: str,
    prompt: str = "",
    *,
    cost: float | None = None,
) -> Finding:
    return Finding(
        cell=cell.position,
        id=printable(cell.id),
        magic=magic,
        verdict=verdict,
        reason=printable(reason),
        prompt=printable(" ".join(prompt.split())[:80]),
        cost=cost,
    )
