"""Tables that cannot drift: options from the parser, settings from the traits.

``{include-options} draw`` and ``{include-settings}`` in a page stand for the tables.
"""

from __future__ import annotations

from typing import Any

from docutils.parsers.rst import Directive
from docutils.statemachine import StringList


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
    from nbext.settings import describe_traits

    rows = ["| setting | default | meaning | environment |", "|---|---|---|---|"]
    for name, default, kind, text, variable in describe_traits():
        shown = f"`{default!r}`" if default not in ("", None) else ""
        rows.append(f"| `{name}` | {shown} | {text} ({kind}) | `{variable}` |")
    return "\n".join(rows)


class _Included(Directive):
    has_content = False
    optional_arguments = 1

    def markdown(self) -> str:
        raise NotImplementedError

    def run(self) -> list[Any]:
        from docutils import nodes

        node = nodes.Element()
        lines = StringList(self.markdown().splitlines(), source=self.state.document["source"])
        self.state.nested_parse(lines, self.content_offset, node)
        return list(node.children)


class Options(_Included):
    """The options of a magic."""

    required_arguments = 1

    def markdown(self) -> str:
        return options_markdown(self.arguments[0])


class Settings(_Included):
    """The settings."""

    def markdown(self) -> str:
        return settings_markdown()


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("include-options", Options)
    app.add_directive("include-settings", Settings)
    return {"parallel_read_safe": True}
