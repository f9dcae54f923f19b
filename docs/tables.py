"""The tables themselves: options from the parser, settings from the traits."""

from __future__ import annotations

import re
from typing import Any


def options_markdown(magic: str) -> str:
    """List a magic's options as a Markdown table.

    Args:
        magic: Its name, for what it has of its own; ``all`` for what every magic that asks has.
    """
    from nbext.magics.asking import PARSERS

    # argparse has no public list.
    actions = {name: parser(name)._actions for name, parser in PARSERS.items()}  # noqa: SLF001
    spellings = [{_spelled(action) for action in each} for each in actions.values()]
    common = set.intersection(*spellings)
    rows = [
        f"| {_spelled(action)} | {_cell(action.help)} |"
        for action in actions["draw" if magic == "all" else magic]
        if (_spelled(action) in common) == (magic == "all")
    ]
    return "\n".join(["| option | meaning |", "|---|---|", *rows])


def _spelled(action: Any) -> str:
    """Give an option's names and its value, as one writes them."""
    names = ", ".join(f"`{text}`" for text in action.option_strings) or f"`{action.metavar}`"
    if action.nargs == 0 or not action.option_strings:
        return names
    value = "|".join(action.choices or ()) or action.metavar or action.dest.upper()
    return f"{names} `{_cell(f'[{value}]' if action.nargs == '?' else value)}`"


def _cell(text: str) -> str:
    """Keep a text in its cell: a bar would begin the next one."""
    return text.replace("|", "\\|")


def settings_markdown() -> str:
    """List the settings as a Markdown table."""
    from nbext.config.settings import describe_traits

    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, default, kind, text, _ in describe_traits():
        shown = f"`{default!r}`" if default not in ("", None) else ""
        # What is to be typed stays as it is; in text its quotes would become curly.
        meaning = re.sub(r"\{.*\}", r"`\g<0>`", f"{text} ({kind})")
        rows.append(f"| `{name}` | {shown} | {_cell(meaning)} |")
    return "\n".join(rows)
