"""Tab completion on the magics' lines, and of ``{variables}`` in a prompt."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, context_matcher

from nbext.magics.parse import Parser, drawing_parser, talking_parser, video_parser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PARSERS = {
    "draw": drawing_parser,
    "edit": drawing_parser,
    "chat": talking_parser,
    "respond": talking_parser,
    "complete": talking_parser,
    "video": video_parser,
}
_MAGIC = re.compile(r"\s*(%{1,2})(\w+)(\s|$)")


def candidates(
    line: str, *, session: Any, names: Mapping[str, Any], body: str | None = None
) -> tuple[list[tuple[str, str]], str] | None:
    """Say what may stand at the end of a magic's line.

    Args:
        line: The line up to the cursor; the magic's own, or one of the cell's body.
        session: Knows models, references and settings.
        names: The notebook's variables.
        body: The magic's line, where ``line`` is one of its cell's body.

    Returns:
        Pairs of text and kind, and the fragment that they replace; None where this is no line of
        ours.
    """
    if body is not None:
        return _variables(line, names) if _MAGIC.match(body) else None
    match = _MAGIC.match(line)
    if not match or match[2] not in PARSERS or not match[3]:
        return None
    parser = PARSERS[match[2]](match[2], line=match[1] == "%")
    before, fragment = _split(line)
    option = before[-1] if before else ""
    if option in parser.options() and parser.takes_value(option):
        return [(text, "value") for text in _values(parser, option, session, names)], fragment
    if fragment.startswith("-"):
        return [(text, "option") for text in parser.options() if text.startswith("--")], fragment
    if match[1] == "%%" and all(word.startswith("-") for word in before[1:2]):
        return [(text, "model") for text in session.known_models()], fragment
    return _variables(line, names)


def _split(line: str) -> tuple[list[str], str]:
    """Give the words before the cursor and the one that is being typed."""
    words = line.split()
    return (words, "") if line.endswith((" ", "\t")) else (words[:-1], words[-1] if words else "")


def _values(parser: Parser, option: str, session: Any, names: Mapping[str, Any]) -> Iterable[str]:
    action = parser.action(option)
    if action.choices:
        return [str(choice) for choice in action.choices]
    chosen = session.settings
    match action.dest:
        case "model":
            return session.known_models()
        case "images" | "mask":
            return [*_references(session), *_pictures(names)]
        case "continues":
            return _references(session)
        case "style":
            return list(chosen.styles)
        case "endpoint":
            return ["embedded", *chosen.endpoints]
        case "via":
            return ["chat", "responses", "images", "gemini", "videos", "completions"]
        case "schema":
            return [name for name, value in names.items() if isinstance(value, type)]
        case "tools":
            return [name for name, value in names.items() if inspect.isfunction(value)]
        case "code":
            from nbext.export.code import LANGUAGES

            return [name.lower() for name in LANGUAGES]
        case "aspect":
            return ["1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9"]
        case _:
            return []


def _references(session: Any) -> list[str]:
    return ["@-1", *(f"@{drawing.number}" for drawing in reversed(list(session.history)))][:50]


def _pictures(names: Mapping[str, Any]) -> list[str]:
    """Name the variables that may be pictures, without importing what would tell for sure."""
    kinds = ("Image", "ndarray", "Figure", "bytes", "Path", "Drawing", "Picture", "Drawings")
    return [
        name
        for name, value in names.items()
        if not name.startswith("_") and type(value).__name__.endswith(kinds)
    ]


def _variables(line: str, names: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str] | None:
    match = re.search(r"\{(\w*)$", line)
    if not match:
        return None
    plain = [
        name
        for name, value in names.items()
        if not name.startswith("_") and isinstance(value, str | int | float)
    ]
    return [(name, "variable") for name in plain], match[1]


@context_matcher(identifier="nbext", priority=200)
def nbext_matcher(context: Any) -> dict[str, Any]:
    """Complete in a cell of ours (IPython's matcher interface, version 2)."""
    nothing: dict[str, Any] = {"completions": [], "suppress": False}
    lines = context.full_text.split("\n")
    at = context.cursor_line
    if not _MAGIC.match(lines[0]) and (at >= len(lines) or not _MAGIC.match(lines[at])):
        return nothing
    from nbext.current import current_session, shell_of_process

    shell = shell_of_process()
    in_body = at > 0 and lines[0].lstrip().startswith("%%")
    found = candidates(
        context.line_with_cursor[: context.cursor_position],
        session=current_session(shell),
        names=shell.user_ns,
        body=lines[0] if in_body else None,
    )
    if found is None:
        return nothing
    texts, fragment = found
    return {
        "completions": [
            SimpleCompletion(text, type=kind) for text, kind in texts if text.startswith(fragment)
        ],
        "suppress": True,
        "matched_fragment": fragment,
    }


def register(shell: Any) -> None:
    """Add the matcher to a shell, once."""
    unregister(shell)
    shell.Completer.custom_matchers.append(nbext_matcher)


def unregister(shell: Any) -> None:
    """Take it away."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [m for m in matchers if getattr(m, "matcher_identifier", "") != "nbext"]
