"""What running a notebook would show again, and what it would pay for, without running it.

The notebook's magics are gone through in order, as *Restart & Run All* would run them, and each is
asked of the history by the fingerprint that the session would make. What only running can tell, a
variable's value or what Python code does, is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from nbext.cli.check_cells import Call, Magic, Setting, collect_names, steps
from nbext.cli.dry_run import (
    FAILS,
    FREE,
    NOTHING,
    REPLAYED,
    SENT,
    UNKNOWN,
    New,
    Rehearsal,
    Undecidable,
)
from nbext.config.endpoints import resolve_endpoint
from nbext.data.endpoint import Endpoint, Secret
from nbext.errors import NbextError, ReplayError, SettingsError
from nbext.families.check import refuse
from nbext.families.prices import price
from nbext.families.registry import is_known
from nbext.families.table import table
from nbext.magics.complete import PARSERS
from nbext.magics.parse import HelpAsked, parse_line, parse_prompt_line
from nbext.notebook.file import NotebookFile
from nbext.session.connection import Connection
from nbext.store.claims import is_resumable
from nbext.store.replay import mode_of
from nbext.util.text import printable

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.notebook.file import CodeCell


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a magic would do.

    Attributes:
        cell: The cell's position, from 1 on.
        id: The cell's id.
        magic: ``%%draw``, ``%chat`` …; what a call in Python says; ``%config`` that is refused.
        verdict: ``replayed``, ``sent``, ``free`` (the embedded endpoint draws it), ``unknown``,
            ``nothing`` (it asks nobody) or ``fails``.
        said: The same for people.
        cost: In US dollars, where a price is set; None where it is not known.
    """

    cell: int
    id: str
    magic: str
    verdict: str
    said: str
    cost: float | None = None

    def __str__(self) -> str:
        return f"[{self.cell}] {self.id[:12] or '-':<12} {self.magic:<10} {self.said}"


def check(notebook: Path, *, with_key: bool = False) -> list[Finding]:
    """Go through a notebook.

    Args:
        notebook: The ``.ipynb``; its history and a settings file are looked for beside it.
        with_key: Judge as where a key is set: without one the embedded endpoint draws for free.

    Returns:
        What each of our magics would do, in order.

    Raises:
        OptionError: There is no such notebook.
        SettingsError: The settings file beside it is wrong.
    """
    file = NotebookFile(notebook)
    run = Checker(notebook.absolute(), with_key=with_key)
    for cell in file.cells:
        collect_names(cell.source, run.names)
    return [finding for cell in file.cells for finding in run.cell(cell)]


def summary(findings: list[Finding]) -> str:
    """Say in one line what all of it comes to."""
    counted = Counter(finding.verdict for finding in findings)
    said = [f"{counted[REPLAYED]} replayed", f"{counted[SENT]} sent"]
    costs = [f.cost for f in findings if f.verdict == SENT]
    if costs and all(cost is not None for cost in costs):
        said[-1] += f" (about {sum(cost or 0.0 for cost in costs):.3g} USD)"
    words = {FREE: "drawn by the embedded endpoint", FAILS: "would fail", UNKNOWN: "unknown"}
    said += [f"{counted[verdict]} {word}" for verdict, word in words.items() if counted[verdict]]
    return " · ".join(said)


def is_free(findings: list[Finding]) -> bool:
    """Whether it is certain that nothing would be paid."""
    return all(finding.verdict not in (SENT, UNKNOWN) for finding in findings)


class Checker(Rehearsal):
    """Says of each magic what it would do."""

    def cell(self, cell: CodeCell) -> list[Finding]:
        """Go through a cell."""
        found: list[Finding] = []
        run = steps(cell.source, self.imported)
        if run is None:
            if any(f"%{name}" in cell.source for name in PARSERS) or "nbext" in cell.source:
                self.mark_order_unknown(cell)
                found.append(_finding(cell, "", UNKNOWN, "cannot tell: the cell cannot be read"))
            return found
        for step in run:
            if isinstance(step, Setting):
                try:
                    self.set(step)
                except SettingsError as error:
                    found.append(_finding(cell, "%config", FAILS, f"would fail: {error}"))
            elif isinstance(step, Call):
                self.mark_order_unknown(cell)
                said = f"cannot tell: {step.said}(…) is Python"
                found.append(_finding(cell, step.said, UNKNOWN, said))
            else:
                found.append(self._magic(cell, step))
        return found

    def _magic(self, cell: CodeCell, magic: Magic) -> Finding:
        said = f"{'%' if magic.body is None else '%%'}{magic.name}"
        try:
            if not magic.once:
                raise Undecidable(
                    UNKNOWN, "cannot tell: it stands in a loop, a function or a condition"
                )
            return self._asked(cell, magic, said)
        except Undecidable as told:
            if told.verdict == UNKNOWN:
                self.mark_order_unknown(cell)
            elif told.verdict in (SENT, FREE):
                self.show([self.new(cell, magic.name)], magic.bound)
            return _finding(cell, said, told.verdict, told.said)
        except ReplayError:
            why = "would be refused: it is not recorded, and replay is 'only'"
            return _finding(cell, said, FAILS, why)
        except NbextError as error:
            return _finding(cell, said, FAILS, f"would fail: {error}")

    def _asked(self, cell: CodeCell, magic: Magic, said: str) -> Finding:
        options, prompt = self._options(magic)
        asked, takes = self.request(magic, options, prompt), getattr(options, "takes", 1)
        embedded = self.embedded(options.endpoint)
        self.known("replay")
        mode = mode_of(self.settings.replay, fresh=options.fresh)
        fingerprint = asked.fingerprint()
        made: list[Record | New] = []
        new, reason = 0, ""
        jobs: list[str] = []
        for take in range(takes):
            known = self.drawn.get((fingerprint, take)) if mode in ("always", "only") else None
            if known is not None:
                made.append(known)
                continue
            found = self.replay.find(
                self.records,
                fingerprint,
                take,
                mode=mode,
                cell=cell.id,
                execution=cell.position,
                session="check",
                embedded=embedded,
            )
            if found.unfinished is not None and is_resumable(found.unfinished) and not embedded:
                jobs.append(f"@{found.unfinished.number}")
                made.append(found.unfinished)
                continue
            reason = reason or found.reason
            if found.record is None:
                new += 1
                self.drawn[fingerprint, take] = self.new(cell, magic.name, before=made)
            made.append(found.record or self.drawn[fingerprint, take])
        if new:
            self._could_be_sent(asked, options.endpoint, embedded=embedded)
        self.show(made, options.name, magic.bound)
        if not new:
            names = " ".join(f"@{item.number}" for item in made)
            words = f"the job of {' '.join(jobs)} is picked up" if jobs else f"replayed {names}"
            return _finding(cell, said, REPLAYED, words)
        some = f"{new} of {takes} takes " if new < takes else ""
        why = f" ({reason})" if reason else ""
        if embedded:
            words = f"{some}would be drawn by the embedded endpoint, free{why}"
            return _finding(cell, said, FREE, words)
        one = price(
            asked.model,
            asked,
            prices=self.settings.prices,
            families=table(self.settings.families),
        )
        every = one.times(new) if one is not None else None
        about = f", {every}" if every is not None else ""
        cost = every.usd if every is not None else None
        return _finding(cell, said, SENT, f"{some}would be sent{why}{about}", cost=cost)

    def _could_be_sent(self, asked: Request, endpoint: str, *, embedded: bool) -> None:
        """Raise what the session would raise before it sends anything."""
        if not embedded and not self.with_key:
            resolve_endpoint(endpoint, settings=self.settings, folder=self.folder)
        connection = Connection(self.settings, self.folder)
        if asked.via or is_known(asked.model, connection.families):
            where = Endpoint(name="", base_url="", key=Secret(""), embedded=embedded)
            name, _ = connection.call(asked, where)
            refuse(connection.notices(asked, where, name))

    def _options(self, magic: Magic) -> tuple[argparse.Namespace, str]:
        """Read the line as the magic would."""
        if magic.name == "video" and magic.body is None:
            raise Undecidable(NOTHING, "asks for no new film")
        try:
            if magic.body is None:
                parser = PARSERS[magic.name](magic.name, line=True)
                options, prompt = parse_prompt_line(parser, magic.line)
            else:
                options = parse_line(PARSERS[magic.name](magic.name), magic.line)
                prompt = magic.body.strip("\n")
        except HelpAsked:
            raise Undecidable(NOTHING, "shows its help") from None
        if options.dry_run or options.code:
            raise Undecidable(NOTHING, "shows the request, sends nothing")
        return options, prompt


def _finding(
    cell: CodeCell, magic: str, verdict: str, said: str, *, cost: float | None = None
) -> Finding:
    return Finding(
        cell=cell.position,
        id=printable(cell.id),
        magic=magic,
        verdict=verdict,
        said=printable(said),
        cost=cost,
    )
