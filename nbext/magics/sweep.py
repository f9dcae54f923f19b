"""``%%sweep``, the comparison of models, and ``%draws``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nbext.api.sweep import planned_estimate, start
from nbext.errors import OptionError
from nbext.magics.parse import HelpText, parse_line
from nbext.magics.parsers import sweep_parser
from nbext.magics.place import Place
from nbext.magics.style import styled
from nbext.magics.sweep_body import read_body
from nbext.magics.under_way import see_through
from nbext.messages.say import phrase
from nbext.session import batches
from nbext.session.batch_note import batches_of
from nbext.session.current import current_session
from nbext.session.sweep_plan import OPTIONS, plan_sweep
from nbext.session.variables import variables_of

if TYPE_CHECKING:
    from nbext.api.sweep import Comparison
    from nbext.magics.parse import Line
    from nbext.session.session import Session
    from nbext.session.sweep_plan import Plan

# The reasons of failures that %draws prints, and the drawings that it names for each.
_MOST_REASONS, _MOST_NUMBERS = 5, 8
_OPTIONS = ("aspect", "size", "quality", "format", "seed", "system", "via", "endpoint")


def sweep(shell: Any, line_text: str, cell: str | None) -> Any:
    """Run ``%%sweep``: a prompt in the body with axes as options, or everything as YAML.

    Args:
        shell: The IPython shell.
        line_text: The text after the magic's name.
        cell: The body.
    """
    session = current_session(shell)
    try:
        line = parse_line(sweep_parser(), line_text)
    except HelpText as text:
        print(text)
        return None
    place = Place(session.names, session.settings, session.history, session.beside)
    place.refuse_taken(line.name)
    return run(session, line, plan_of(line, cell or "", place))


def plan_of(line: Line, cell: str, where: Place) -> Plan:
    """Plan a ``%%sweep`` cell, without sending anything.

    Args:
        line: Its parsed line.
        cell: Its body.
        where: Where variables and paths are looked up.

    Raises:
        OptionError: The sweep has no axis, or is not valid.
    """
    body = read_body(cell)
    prompts = [styled(text, line.style, where.settings) for text in body.prompts]
    prompt = prompts[0] if len(prompts) == 1 else prompts
    variables = {name for text in prompts for name in variables_of(text)}
    axes: dict[str, object] = dict(body.axes)
    for name, values in line.axes:
        axes[name] = values if name in variables or name in OPTIONS else list(map(_value, values))
    if line.models:
        axes["model"] = line.models
    table, takes = line.table or body.table, line.takes if line.takes > 1 else body.takes
    if not axes and not table and not variables and isinstance(prompt, str) and takes == 1:
        # YAML without a prompt is read as one.
        raise OptionError(phrase("sweep.no_axis"), remedy=phrase("sweep.add_axis"))
    try:
        return plan_sweep(
            prompt,
            table=table,
            takes=takes,
            fixed=_fixed(line) | body.fixed,
            axes=axes,
            names=where.names,
            folder=where.folder,
            max_requests=body.max_requests if line.max_requests is None else line.max_requests,
            max_cost=body.max_cost if line.max_cost is None else line.max_cost,
        )
    except OptionError as error:
        # Written for Python.
        error.remedy = re.sub(r'(\w+)=\["…"(?:, "…")?\]', r"-x \1=…,…", error.remedy)
        raise


def compare(session: Session, line: Line, prompt: str) -> Any:
    """Compare models: send one request for each."""
    plan = comparison(line, prompt)
    return run(session, line, plan, compare="blind" if line.blind else "slider")


def comparison(line: Line, prompt: str) -> Plan:
    """Plan a cell that compares several models, without sending anything."""
    # Variables are filled in already; the remaining braces are literal.
    return plan_sweep(
        "{prompt}",
        takes=line.takes,
        fixed=_fixed(line),
        axes={"model": line.models, "prompt": (prompt,)},
    )


def _fixed(line: Line) -> dict[str, Any]:
    """Return the options that apply to every request."""
    fixed = {n: getattr(line, n) for n in _OPTIONS if getattr(line, n) not in ("", None)}
    fixed |= {"images": list(line.images), "mask": line.mask, "params": line.params}
    return fixed | {"continues": line.continues, "fresh": line.fresh}


def _value(text: str) -> Any:
    """Parse a value of the request body: JSON if it is valid JSON, else plain text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def run(session: Session, line: Line, plan: Plan, *, compare: Comparison = "") -> Any:
    """Draw a plan, or with ``--dry-run`` print what it would cost."""
    if line.dry_run:
        print(session.run(planned_estimate(session, plan, batch=line.batch)))
        print(phrase("sweep.not_sent"))
        return None
    reply = start(
        session,
        plan,
        yes=line.yes,
        name=line.name,
        compare=compare,
        batch=line.batch,
        way="cell",
    )
    return see_through(session.shell, reply, line)


def draws(shell: Any, line: str) -> None:
    """Run ``%draws``: list running requests; ``%draws cancel 2`` and ``cancel all`` cancel them.

    Also asks for the state of batches, and records their results.

    Raises:
        OptionError: There is no such request.
    """
    session = current_session(shell)
    words = line.split()
    if words[:1] == ["cancel"] and len(words) == 2:
        _cancel(session, words[1])
        return
    if words:
        raise OptionError(phrase("cell.draws_takes", line=line))
    came = session.run(batches.collect(session))
    if not session.under_way and not came:
        print(phrase("cell.nothing_running"))
    for number, reply in session.under_way.items():
        print(f"{number}  {reply.title}")
    for batch in came:
        print(f"b{batch.number}  {batch}")
        if batch.problem:
            print(f"    {batch.problem}")
        if batch.note.over:
            records = [session.store.record(id_) for id_ in batch.note.ids]
            reasons: dict[str, list[str]] = {}
            for record in records:
                if record is not None and record.error is not None:
                    why = " ".join(filter(None, [record.error.message, record.error.remedy]))
                    reasons.setdefault(why, []).append(f"@{record.number}")
            failed = sum(map(len, reasons.values()))
            drawn = len(records) - failed
            print(
                "    "
                + phrase("sweep.collected", count=drawn)
                + (phrase("sweep.some_failed", count=failed) if failed else "")
            )
            for why, numbers in list(reasons.items())[:_MOST_REASONS]:
                more = ", …" if len(numbers) > _MOST_NUMBERS else ""
                print(f"    {', '.join(numbers[:_MOST_NUMBERS])}{more}: {why}")
    session.tell_warnings()


def _cancel(session: Session, which: str) -> None:
    """Cancel a running request, all of them, or a batch."""
    if which.startswith("b"):
        running = [b for b in batches_of(session.store.records()) if not b.note.over]
        chosen = [batch for batch in running if which == f"b{batch.number}"]
        for batch in chosen:
            session.run(batches.cancel(session, batch))
        if chosen:
            print(phrase("batch.cancelling"))
            return
    replies = [r for n, r in session.under_way.items() if which in (str(n), "all")]
    if not replies and which != "all":
        raise OptionError(
            phrase("cell.no_such_draw", number=which), remedy=phrase("cell.draws_lists")
        )
    for reply in replies:
        reply.cancel()
    print(phrase("cell.cancelled", count=len(replies)))
