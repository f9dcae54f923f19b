"""``%nbext`` and ``%models``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from nbext.api.draw import list_models
from nbext.data.record import tags_of
from nbext.drawings.export import export
from nbext.errors import OptionError
from nbext.magics.parse import HelpText, parse_line, split
from nbext.magics.parsers import models_parser
from nbext.messages.say import phrase
from nbext.notebook.locate import notebook_path
from nbext.notebook.neighbours import draws_of
from nbext.session.current import current_session
from nbext.util.suggest import did_you_mean
from nbext.util.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.drawings.drawing import Drawing
    from nbext.session.session import Session

# The help line of each is in the messages.
COMMANDS = (
    "export",
    "star",
    "tag",
    "note",
    "undo",
    "claims",
    "key",
    "notebook",
    "help",
)

# What a stranger asks %nbext for, and what does it.
ELSEWHERE = {
    **dict.fromkeys(("status", "info", "show", "settings", "config", "cost", "budget"), "%nbext"),
    **dict.fromkeys(("draws", "jobs", "running", "cancel"), "%draws"),
    **dict.fromkeys(("history", "list", "log", "search"), "nbext.history"),
    **dict.fromkeys(("draw", "edit", "chat", "video"), "%%draw, %%edit, %%chat, %%video"),
    "models": "%models",
    "panel": "nbext.Panel()",
    "login": "%nbext key",
}
OPTIONS = {"export": ["--overwrite"], "star": ["--off"], "tag": ["--off"]}
# The largest number of words each command takes.
_WORDS = {"export": 1, "undo": 0, "claims": 0}


def _usage(command: str) -> str:
    """Return a command's help line."""
    return "%nbext " + phrase(f"cell.{command}")


def _words(command: str, line: str) -> list[str]:
    """Split the text after a command into words.

    Raises:
        OptionError: The command does not accept these words.
    """
    words = split(line)
    if {"-h", "--help"} & {*words}:
        return words
    known = OPTIONS.get(command, [])
    usage = _usage(command)
    for word in words:
        if word.startswith("--") and word not in known:
            raise OptionError(
                phrase("cell.command_option", command=command, partition=word.partition("=")[0]),
                remedy=did_you_mean(word, known, otherwise=usage, n=1),
            )
    plain = [word for word in words if word not in known]
    if command == "key" and len(plain) > 1:
        # Not repeated in the error: it may be the key.
        raise OptionError(
            phrase("cell.key_on_line"),
            remedy=phrase("cell.take_key_out"),
        )
    if len(plain) > _WORDS.get(command, len(plain)):
        raise OptionError(
            phrase("cell.command_extra", command=command, word=plain[_WORDS[command]]), remedy=usage
        )
    return words


def nbext(shell: Any, line: str) -> None:
    """Run ``%nbext``: print the status, or run one of its commands (see ``%nbext help``)."""
    session = current_session(shell)
    command, _, behind = line.strip().partition(" ")
    if not command:
        print(status(session))
        return
    if command == "note":
        # Not split into words: an apostrophe does not open a quote here.
        _note(session, behind.strip())
        return
    if command == "help" and behind.strip():
        # An option is a name here: %nbext help --size.
        from nbext.magics.explain import explain as help_on

        print(help_on(behind.strip()))
        return
    rest = _words(command, behind) if command in COMMANDS else []
    if command in ("help", "-h", "--help"):
        print(phrase("cell.status_line") + "\n".join(map(_usage, COMMANDS)))
    elif {"-h", "--help"} & {*rest}:
        print(_usage(command))
    elif command == "export":
        _export(session, rest)
    elif command == "claims":
        print(session.history.unseen())
    elif command == "key":
        _key(session, rest)
    elif command == "notebook":
        _notebook(session, rest)
    elif command == "star":
        _star(session, rest)
    elif command == "tag":
        _tag(session, rest)
    elif command == "undo":
        print(annotated(session.history.undo()))
    else:
        raise OptionError(
            phrase("cell.no_command", command=command),
            remedy=phrase("error.did_you_mean", names=ELSEWHERE[command])
            if command in ELSEWHERE
            else did_you_mean(command, COMMANDS, otherwise=phrase("cell.see_help"), n=1),
        )


def _export(session: Session, rest: list[str]) -> None:
    file = next((word for word in rest if word != "--overwrite"), None)
    print(export(session.history, file, overwrite="--overwrite" in rest))


def _star(session: Session, rest: list[str]) -> None:
    for name in [word for word in rest if word != "--off"] or ["@-1"]:
        drawing = session.history.find(name)[0]
        print(annotated(drawing.star("--off" not in rest)))


def _tag(session: Session, rest: list[str]) -> None:
    drawing, names = _named(session, [word for word in rest if word != "--off"])
    if not names:
        raise OptionError(phrase("cell.tag_missing"), remedy="%nbext tag @3 final")
    change = drawing.untag if "--off" in rest else drawing.tag
    print(annotated(change(*names)))


def _note(session: Session, text: str) -> None:
    first, _, behind = text.partition(" ")
    named = first.startswith("@")
    drawing = session.history.find(first if named else "@-1")[0]
    drawing.note = behind.strip() if named else text
    print(annotated(drawing))


def _key(session: Session, rest: list[str]) -> None:
    from nbext.config.endpoints import ask_key

    print(ask_key(session.settings, base_url=rest[0] if rest else ""))


def _notebook(session: Session, rest: list[str]) -> None:
    if len(rest) != 1:
        raise OptionError(phrase("cell.one_name"), remedy="%nbext notebook cats.ipynb")
    notebook = cast("Path", notebook_path(None, rest[0])).absolute()
    if not notebook.parent.is_dir():
        raise OptionError(phrase("cell.no_folder", parent=notebook.parent))
    session.settings.notebook = str(notebook)
    session.open_folder(draws_of(notebook), notebook)
    print(phrase("cell.history_in", folder=session.store.folder))


def models(shell: Any, line: str) -> None:
    """List the endpoint's models: ``%models [WORD] [--endpoint NAME]``.

    The list has their abilities and prices, where the endpoint tells them.
    """
    from nbext.magics.tables import models_data, models_table

    try:
        options = parse_line(models_parser(), line)
    except HelpText as text:
        print(text)
        return
    session = current_session(shell)
    listed = list_models(session, options.words, options.endpoint)
    known = (listed, session.settings.prices, session.connection.families)
    if getattr(shell, "kernel", None) is None:
        print(models_table(*known))
        return
    from IPython.display import display

    display(models_data(*known), raw=True)


def _named(session: Session, words: list[str]) -> tuple[Drawing, list[str]]:
    """Return the drawing that the first word names, by default the last, and the other words."""
    named = bool(words) and words[0].startswith("@")
    drawing = session.history.find(words[0] if named else "@-1")[0]
    return drawing, words[1:] if named else words


def annotated(drawing: Drawing) -> str:
    """Summarise a drawing's star, tags and note.

    Example:
        >>> annotated(nbext.history[3])  # doctest: +SKIP
        '@3 · ★ · final · “the hat is whole”'
    """
    marks = drawing.history.marks(drawing.id)
    note = f"“{printable(str(marks['note']))}”" if marks.get("note") else ""
    star = "★" if marks.get("star") is True else ""
    words = [word for word in (star, *map(printable, tags_of(marks)), note) if word]
    return " · ".join([f"@{drawing.number}", *(words or [phrase("cell.unmarked")])])


def status(session: Session) -> str:
    """Return the status: endpoint, whether a key is set, history, spending, settings."""
    from nbext.config.endpoints import explain
    from nbext.magics.tables import aligned

    rows = [
        (
            phrase("cell.history"),
            f"{session.store.folder} · {phrase('history.drawings', count=len(session.history))}",
        )
    ]
    rows += [
        (setting, f"{value}  ({source})" if source else str(value))
        for setting, value, source in explain(session.settings, folder=session.store.folder.parent)
    ]
    spent = phrase("session.requests_left", count=session.billed)
    if session.spent:
        spent += phrase("cell.spent_usd", spent=session.spent)
    rows.append((phrase("cell.sent_by_kernel"), spent))
    if session.budget.left:
        rows.append((phrase("cell.budget_left"), session.budget.left))
    rows += [
        (phrase("cell.key_at", host=host), str(key)) for host, key in session.budget.keys.items()
    ]
    return aligned(rows)
