"""``%%sweep``, models side by side, and ``%draws``: what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.api.sweep import planned_estimate, start
from nbext.errors import OptionError
from nbext.magics.parse import HelpText, parse_line, sweep_parser
from nbext.magics.style import styled
from nbext.session.current import current_session
from nbext.session.sweep import Plan, plan_sweep
from nbext.util.text import counted

if TYPE_CHECKING:
    from nbext.magics.parse import Line
    from nbext.session.session import Session

_OPTIONS = ("aspect", "size", "quality", "format", "seed", "system", "via", "endpoint")


def sweep(shell: Any, line_text: str, cell: str | None) -> Any:
    """Do what ``%%sweep`` does: the prompt in the body, axes as options.

    Args:
        shell: The IPython shell.
        line_text: What stands behind it.
        cell: The body.
    """
    session = current_session(shell)
    try:
        line = parse_line(sweep_parser(), line_text)
    except HelpText as text:
        print(text)
        return None
    prompt = styled((cell or "").strip(), line.style, session.settings)
    axes: dict[str, object] = dict(line.axes)
    if line.models:
        axes["model"] = line.models
    return run(session, line, prompt, axes)


def compare(session: Session, line: Line, prompt: str) -> Any:
    """Put models side by side: one request for each."""
    # The prompt has its variables; braces that are left are meant.
    return run(session, line, "{prompt}", {"model": line.models, "prompt": (prompt,)})


def run(session: Session, line: Line, prompt: str, axes: dict[str, object]) -> Any:
    """Plan a sweep and draw it, or say what it would cost."""
    fixed = {
        name: getattr(line, name) for name in _OPTIONS if getattr(line, name) not in ("", None)
    }
    fixed |= {"images": list(line.images), "mask": line.mask, "params": line.params}
    fixed |= {"continues": line.continues, "fresh": line.fresh}
    plan = plan_sweep(prompt, takes=line.takes, fixed=fixed, axes=axes)
    if line.dry_run:
        print(session.run(planned_estimate(session, plan)))
        return None
    reply = start(session, plan, title(plan, prompt), yes=line.yes, name=line.name)
    if line.no_wait:
        reply.start()
        return None
    return reply.wait()


def title(plan: Plan, prompt: str) -> str:
    """Name a sweep by its prompt."""
    return plan.points[0].options.prompt if prompt == "{prompt}" else prompt


def draws(shell: Any, line: str) -> None:
    """List what is under way, as ``%draws`` does; ``%draws cancel 2`` and ``cancel all`` end it.

    Raises:
        OptionError: There is no such request.
    """
    session = current_session(shell)
    words = line.split()
    under_way = session.under_way
    if words[:1] == ["cancel"] and len(words) == 2:
        chosen = [r for n, r in under_way.items() if words[1] in (str(n), "all")]
        if not chosen and words[1] != "all":
            raise OptionError(
                f"Nothing under way is number {words[1]}.", remedy="%draws lists all."
            )
        for reply in chosen:
            reply.cancel()
        print(f"{counted(len(chosen), 'request')} cancelled")
        return
    if words:
        raise OptionError(f"%draws {line}: it takes cancel N, or cancel all.")
    if not under_way:
        print("Nothing is under way.")
    for number, reply in under_way.items():
        print(f"{number}  {reply.title}")
