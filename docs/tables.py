"""The tables themselves: options from the parser, settings from the traits."""

from __future__ import annotations

from typing import Any


def options_markdown(magic: str) -> str:
    """List a magic's options as a Markdown table."""
    from nbext.magics.complete import PARSERS

    rows = ["| option | meaning |", "|---|---|"]
    for action in PARSERS[magic](magic)._actions:  # noqa: SLF001 -- argparse has no public list
        names = ", ".join(f"`{text}`" for text in action.option_strings) or f"`{action.metavar}`"
        value = "" if action.nargs == 0 or not action.option_strings else _value(action)
        rows.append(f"| {names}{value} | {action.help} |")
    return "\n".join(rows)


def _value(action: Any) -> str:
    if action.choices:
        return " `" + "\\|".join(action.choices) + "`"
    return f" `{action.metavar or action.dest.upper()}`"


def settings_markdown() -> str:
    """List the settings as a Markdown table."""
    from nbext.traits import describe_traits

    rows = ["| setting | default | meaning | environment |", "|---|---|---|---|"]
    for name, default, kind, text, variable in describe_traits():
        shown = f"`{default!r}`" if default not in ("", None) else ""
        rows.append(f"| `{name}` | {shown} | {text} ({kind}) | `{variable}` |")
    return "\n".join(rows)
