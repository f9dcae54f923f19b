"""``nbext doctor --report`` and ``--live``: data for a bug report, without keys."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nbext.cli.doctor import examine
from nbext.config.loading import get_settings
from nbext.errors import BudgetError, NbextError, RequestError
from nbext.messages.say import phrase
from nbext.wire.error_body import mask, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.drawings.drawing import Drawing

# The largest number of characters of a text in a report.
_MOST = 300


class Step(NamedTuple):
    """One live request.

    Attributes:
        name: What it tests.
        run: Sends it.
    """

    name: str
    run: Callable[[], Drawing]


def report() -> str:
    """Return the installation and the settings as text: no key, no user name, no full path.

    Example:
        >>> report().splitlines()[0].startswith("✓ python")
        True
    """
    lines = [str(finding) for finding in examine()]
    lines.insert(1, f"✓ system     {platform.platform()}")
    return _without_secrets("\n".join(lines))


def steps() -> list[Step]:
    """List one small, cheap request for each kind of endpoint."""
    import nbext

    few = {"max_tokens": 16}
    return [
        Step("chat", lambda: nbext.chat("Reply with the word ok.", params=few)),
        Step("respond", lambda: nbext.respond("Reply with the word ok.")),
        Step("complete", lambda: nbext.complete("One, two,", params=few)),
        Step("draw", lambda: nbext.draw("a red circle on white")),
    ]


def live(*, ask: Callable[[str], str] = input, yes: bool = False, tour: bool = True) -> str:
    """Send one request of each kind and run the quickstart, after asking.

    Args:
        ask: Asks the user.
        yes: Send without asking.
        tour: Also run the quickstart.

    Returns:
        The report with the results, without keys.

    Raises:
        BudgetError: The user declined.
        NbextError: There is no endpoint to test.
    """
    from nbext.config.endpoints import resolve_endpoint

    endpoint = resolve_endpoint(settings=get_settings(), folder=Path.cwd())
    if endpoint.embedded:
        raise NbextError(phrase("cli.live_embedded"), remedy=phrase("config.without_key"))
    planned = steps()
    with tempfile.TemporaryDirectory() as folder:
        count, cost = _tour_size(Path(folder)) if tour else (0, 0.0)
        count += len(planned)
        price = phrase("cli.live_price", sum=cost) if cost else phrase("cli.price_unknown")
        question = phrase("cli.live_question", count=count, host=endpoint.host, price=price)
        if not yes and ask(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise BudgetError(phrase("session.declined", count=count))
        lines = [report(), "", f"{endpoint.host}:"]
        lines += [_outcome(step) for step in planned]
        if tour:
            lines.append(_tour(Path(folder)))
    return _without_secrets("\n".join(lines))


def _outcome(step: Step) -> str:
    """Send a request, and return its result in one line."""
    try:
        drawing = step.run()
    except RequestError as error:
        status = f"HTTP {error.status_code}, " if error.status_code else ""
        return f"✗ {step.name:<10} {status}{one_line(str(error), _MOST)}"
    except NbextError as error:
        return f"✗ {step.name:<10} {one_line(str(error), _MOST)}"
    text = one_line(drawing.text, 60)
    return f"✓ {step.name:<10} {drawing.caption()} · {drawing.record.wire}" + (
        f" · {text}" if text and not drawing.pictures else ""
    )


def _tour_size(folder: Path) -> tuple[int, float]:
    """Return how many requests the quickstart sends, and the known part of their price."""
    from nbext.cli.check import check
    from nbext.cli.demo import quickstart
    from nbext.notebook.file import NotebookFile

    notebook = folder / "quickstart.ipynb"
    notebook.write_text(quickstart(), encoding="utf-8")
    # Its outputs belong to another history; estimate it as if nothing had been drawn.
    file = NotebookFile(notebook)
    file.clear_outputs()
    file.save()
    sent = [finding for finding in check(notebook, with_key=True) if finding.verdict == "sent"]
    return len(sent), sum(finding.cost or 0.0 for finding in sent)


def _tour(folder: Path) -> str:
    from nbext.cli.demo import run

    try:
        run(folder)
    except NbextError as error:
        return f"✗ quickstart {one_line(str(error), _MOST)}"
    return "✓ quickstart"


def _without_secrets(text: str) -> str:
    """Remove keys, and the user's name in paths."""
    return mask(text).replace(str(Path.home()), "~")
