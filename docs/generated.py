"""Tables that cannot drift: options from the parser, settings from the traits.

``{include-options} draw`` and ``{include-settings}`` in a page stand for the tables.
"""

from __future__ import annotations

from typing import Any

from docutils.parsers.rst import Directive
from docutils.statemachine import StringList
from tables import options_markdown, settings_markdown


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
