"""Tab completion for the magics' lines, and for ``{variables}`` in a prompt."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion

from nbext.data.request import WIRES
from nbext.families.table import table
from nbext.magics.asking import PARSERS, kind_of
from nbext.magics.line import is_ours, magic_of
from nbext.magics.manage import COMMANDS, OPTIONS
from nbext.magics.parsers import Parser, models_parser, sweep_parser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.record import Kind

# Magics that complete, but are not written like the others.
_OTHERS = {"models": models_parser, "sweep": sweep_parser}
_COMMANDS = ("nbext", "draws")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif")
_FILMS = (".mp4", ".webm", ".mov")
_FILES = {
    "images": (*_PICTURES, *_FILMS),
    "mask": _PICTURES,
    "like": _PICTURES,
    "schema": (".json",),
    "save": (),
}
MOST = 50
_ASPECTS = ("1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9")


def candidates(
    line: str, *, session: Any, names: Mapping[str, Any], body: str | None = None
) -> tuple[list[tuple[str, str]], str] | None:
    """Return the completions for the end of a magic's line.

    Args:
        line: The text up to the cursor: the magic's line, or a line of the cell's body.
        session: Provides models, references and settings.
        names: The notebook's variables.
        body: The magic's line, if ``line`` belongs to the body of its cell.

    Returns:
        Pairs of text and kind, and the fragment that they replace; None if the line is not ours.
    """
    if body is not None:
        return _variables(line, names) if is_ours(body) else None
    match = magic_of(line)
    if not match or match[2] not in {*PARSERS, *_OTHERS, *_COMMANDS} or not match[3]:
        return None
    magic, is_line = match[2], match[1] == "%"
    before, fragment = _split(line[match.end(2) :])
    if magic == "nbext":
        return _managing(before, fragment, session)
    if magic == "draws":
        return [(text, "command") for text in _to_cancel(before, session)], fragment
    parser = PARSERS[magic](magic, line=is_line) if magic in PARSERS else _OTHERS[magic]()
    kind = kind_of(magic) if magic in PARSERS else "draw"
    option, equals, value = fragment.partition("=")
    if not (equals and option in parser.options()):
        option, value = before[-1] if before else "", fragment
    if option in parser.options() and parser.takes_value(option):
        value = value.rpartition(",")[2] if option == "--tools" else value
        matches = _values(
            parser, option, value, before=before, session=session, names=names, kind=kind
        )
        # Without candidates, return the word itself: IPython would offer Python names instead.
        return [(text, "value") for text in matches] or [(value, "value")], value
    if fragment.startswith("-"):
        return [(text, "option") for text in parser.options() if text.startswith("--")], fragment
    if magic == "video" and is_line:
        jobs = [f"@{d.number}" for d in reversed(list(session.history)) if d.record.job]
        return [(text, "reference") for text in jobs[:MOST]], fragment
    if magic == "models" or (not is_line and all(word.startswith("-") for word in before[:1])):
        return [(text, "model") for text in session.offered_models(kind)], fragment
    return _variables(line, names)


def _split(line: str) -> tuple[list[str], str]:
    """Split a line into the words before the cursor and the word being typed."""
    words = line.split()
    return (words, "") if line.endswith((" ", "\t")) else (words[:-1], words[-1] if words else "")


def _managing(before: list[str], fragment: str, session: Any) -> tuple[list[tuple[str, str]], str]:
    """Complete ``%nbext``."""
    if not before:
        return [(text, "command") for text in COMMANDS], fragment
    command = before[0]
    if fragment.startswith("-"):
        return [(text, "option") for text in OPTIONS.get(command, [])], fragment
    matches: list[str] = []
    if command == "star" or (command in ("tag", "note") and not before[1:]):
        matches = _references(session)
    if command == "tag":
        matches += list(dict.fromkeys(tag for drawing in session.history for tag in drawing.tags))
    elif command == "key":
        known = [each["base_url"] for each in session.settings.endpoints.values()]
        matches = [url for url in (session.settings.base_url, *known) if url]
    elif command == "help":
        from nbext.magics.explain import names

        matches = names()
    elif command in ("notebook", "export"):
        matches = _files(fragment, (".ipynb",) if command == "notebook" else (".html",))
    return [(text, "value") for text in matches], fragment


def _to_cancel(before: list[str], session: Any) -> list[str]:
    """Return what can follow in ``%draws cancel N``."""
    if not before:
        return ["cancel"]
    return ["all", *map(str, session.under_way)] if before == ["cancel"] else []


def _values(
    parser: Parser,
    option: str,
    typed: str,
    *,
    before: list[str],
    session: Any,
    names: Mapping[str, Any],
    kind: Kind,
) -> list[str]:
    """Return the possible values of an option."""
    action = parser.action(option)
    if action.choices:
        return [str(choice) for choice in action.choices]
    chosen = session.settings
    matches: list[str] = []
    match action.dest:
        case "models":
            matches = session.offered_models(kind)
        case "images" | "mask":
            matches = [*_references(session), *_pictures(names)]
        case "continues":
            matches = _references(session)
        case "style":
            matches = list(chosen.styles)
        case "endpoint":
            matches = ["embedded", *chosen.endpoints]
        case "via":
            matches = list(WIRES)
        case "schema":
            matches = [name for name, value in names.items() if isinstance(value, type)]
        case "tools":
            matches = [name for name, value in names.items() if inspect.isfunction(value)]
        case "code":
            from nbext.export.code.languages import LANGUAGES

            matches = [name.lower() for name in LANGUAGES]
        case "aspect" | "size" | "quality" as field:
            matches = _of_family(field, before, session, kind)
    if action.dest in _FILES:
        matches += _files(typed, _FILES[action.dest])
    return matches


def _of_family(field: str, before: list[str], session: Any, kind: Kind) -> list[str]:
    """Return the values that the model on this line accepts for a field."""
    own = session.settings.model if kind == "draw" else getattr(session.settings, f"{kind}_model")
    flags = [at for at, word in enumerate(before) if word in ("-m", "--model")]
    named = [before[at + 1] for at in flags if at + 1 < len(before)]
    named += [word for word in before[:1] if not word.startswith("-")]
    family = table(session.settings.families).find(named[0] if named else own)
    known = {
        "aspect": family.aspects or _ASPECTS,
        "size": (*family.tiers, *family.sizes),
        "quality": family.qualities or (),
    }
    return list(known[field])


def _references(session: Any) -> list[str]:
    return ["@-1", *(f"@{drawing.number}" for drawing in reversed(list(session.history)))][:MOST]


def _pictures(names: Mapping[str, Any]) -> list[str]:
    """List variables that may be pictures, without importing the libraries that could tell."""
    kinds = ("Image", "ndarray", "Figure", "bytes", "Path", "Drawing", "Picture", "Drawings")
    return [
        name
        for name, value in names.items()
        if not name.startswith("_") and type(value).__name__.endswith(kinds)
    ]


def _files(typed: str, suffixes: tuple[str, ...]) -> list[str]:
    """List folders, and files with these suffixes, that start with the typed text."""
    folder, slash, begun = typed.rpartition("/")
    matches = []
    try:
        for entry in sorted(os.scandir(Path(folder + slash or ".").expanduser()), key=_by_name):
            if not entry.name.startswith(begun) or entry.name.startswith("."):
                continue
            if entry.is_dir():
                matches.append(f"{folder}{slash}{entry.name}/")
            elif not suffixes or entry.name.lower().endswith(suffixes):
                matches.append(f"{folder}{slash}{entry.name}")
    except OSError:
        return []
    # A name with a blank would be split into two words.
    return [re.sub(r"([\s'\"\\])", r"\\\1", name) for name in matches[:MOST]]


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _variables(line: str, names: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str] | None:
    match = re.search(r"\{(\w*)$", line)
    if not match:
        return None
    plain = [
        name
        for name, value in names.items()
        if not name.startswith("_") and not callable(value) and not inspect.ismodule(value)
    ]
    return [(name, "variable") for name in plain], match[1]


def complete(context: Any, shell: Any) -> dict[str, Any]:
    """Complete at the cursor of one of our cells (IPython's matcher interface, version 2)."""
    nothing: dict[str, Any] = {"completions": [], "suppress": False}
    lines = context.full_text.split("\n")
    in_body = context.cursor_line > 0 and is_ours(lines[0])
    from nbext.session.current import current_session

    hidden = getattr(shell, "user_ns_hidden", {})
    match = candidates(
        context.line_with_cursor[: context.cursor_position],
        session=current_session(shell),
        names={name: value for name, value in shell.user_ns.items() if name not in hidden},
        body=lines[0] if in_body else None,
    )
    if match is None:
        return nothing
    texts, fragment = match
    return {
        "completions": [
            SimpleCompletion(text, type=kind) for text, kind in texts if text.startswith(fragment)
        ],
        "suppress": True,
        # The most likely first: models that draw, the latest drawing.
        "ordered": True,
        "matched_fragment": fragment,
    }
