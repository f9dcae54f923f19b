"""Turn a magic's line and body into options; run the magics that send a request."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbext.data.options import Options
from nbext.errors import OptionError
from nbext.families.table import table as family_table
from nbext.magics.fill_in import fill_in, variables_in
from nbext.magics.parse import HelpText, Line, parse_line, parse_prompt_line
from nbext.magics.parsers import drawing_parser, talking_parser, video_parser
from nbext.magics.place import Place
from nbext.magics.style import styled
from nbext.magics.under_way import see_through, wait_for_names
from nbext.messages.say import phrase
from nbext.session.current import current_session
from nbext.session.validation import checked_takes
from nbext.session.variables import refuse_unfilled, variables_of
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbext.data.record import Kind
    from nbext.data.request import Request
    from nbext.magics.parsers import Parser
    from nbext.session.session import Session

PARSERS: dict[str, Callable[..., Parser]] = {
    "draw": drawing_parser,
    "edit": drawing_parser,
    "chat": talking_parser,
    "respond": talking_parser,
    "complete": talking_parser,
    "video": video_parser,
}


def kind_of(magic: str) -> Kind:
    """Return the kind of request that a magic sends."""
    return "draw" if magic == "edit" else cast("Kind", magic)


def read_cell(magic: str, line: str, cell: str | None) -> tuple[Line, str]:
    """Parse a cell, or a line if ``cell`` is None, into its options and its prompt.

    Raises:
        OptionError: An option is unknown or lacks its value.
        HelpText: The line has ``--help``.
    """
    if cell is None:
        parser = PARSERS[magic](magic, line=True)
        options, prompt = parse_prompt_line(parser, line)
        if kind_of(magic) in ("draw", "video"):
            _refuse_late_options(parser, options, prompt)
        return options, prompt
    # The same prompt, whichever system's line ends the notebook's file has.
    options = parse_line(PARSERS[magic](magic), line)
    if not cell.strip() and len(options.model.split()) > 1:
        # "%%draw 'a cat'": a model's name has no spaces.
        raise OptionError(phrase("session.prompt_empty"), remedy=phrase("cell.prompt_below"))
    return options, cell.replace("\r\n", "\n").strip("\n")


def _refuse_late_options(parser: Parser, line: Line, prompt: str) -> None:
    """Refuse a prompt that contains options: they would be sent as text.

    Raises:
        OptionError: An option stands behind the prompt.
    """
    # Midjourney takes options in the prompt.
    if family_table().find(line.model).size_style == "ar_flag":
        return
    names = {name for name in parser.options() if name.startswith("--")}
    late = [word for word in prompt.split() if word.partition("=")[0] in names]
    if late:
        raise OptionError(
            phrase("cell.late_option", option=late[0]),
            remedy=phrase("cell.options_first", magic=parser.prog, option=late[0]),
        )


def options_of_line(magic: str, line: Line, prompt: str, place: Place) -> tuple[Options, list[str]]:
    """Build the options of a request from a magic's line and prompt.

    Args:
        magic: Its name.
        line: Its parsed line.
        prompt: The prompt as written in the cell.
        place: Where variables and paths are looked up.

    Returns:
        The options, and notes for the user.

    Raises:
        OptionError: A name cannot be resolved.
    """
    template = prompt.strip()
    variables = variables_in(template, place.names)
    draws = kind_of(magic) in ("draw", "video")
    prompt = fill_in(prompt, place.names, escapes=draws).strip()
    unfilled = [name for name in variables_of(template) if name not in variables]
    notes: list[str] = []
    if line.like:
        from nbext.magics.like import like

        # Only now: variables are not filled into a prompt that comes from a file.
        line, prompt, notes = like(line, prompt, history=place.history, folder=place.folder)
    images: tuple[object, ...] = line.images
    if magic == "edit" and not images and not line.continues:
        images = ("@-1",)
    options = Options(
        prompt=styled(prompt, line.style, place.settings),
        template=template if variables else "",
        variables=variables,
        unfilled=tuple(unfilled) if draws else (),
        kind=kind_of(magic),
        model=line.model,
        images=images,
        mask=line.mask,
        aspect=line.aspect,
        size=line.size,
        quality=line.quality,
        format=line.format,
        seed=line.seed,
        system=line.system,
        continues=line.continues,
        params=line.params,
        via=line.via,
        endpoint=line.endpoint,
        takes=checked_takes(line.takes),
        fresh=line.fresh,
        schema=shape_named(line.schema, place),
        tools=functions_named(line.tools, place.names),
        yes=line.yes,
        rounds=line.rounds,
        search=line.search,
        seconds=line.seconds,
        way="cell",
    )
    return options, notes


def run(shell: Any, magic: str, line_text: str, cell: str | None) -> Any:
    """Run a magic that sends a request: parse the cell, send, show, bind the result.

    Args:
        shell: The IPython shell.
        magic: Its name.
        line_text: The text after the magic's name.
        cell: The body, None for a line magic.
    """
    session = current_session(shell)
    if magic == "video" and cell is None:
        if not {"-h", "--help"} & {*line_text.split()}:
            from nbext.magics.video import jobs

            return jobs(session, line_text.strip())
        cell = ""
    try:
        line, prompt = read_cell(magic, line_text, cell)
    except HelpText as text:
        print(text)
        return None
    place = Place(shell.user_ns, session.settings, session.history, session.beside)
    place.refuse_taken(line.name)
    wait_for_names(session, f"%%{magic} {line_text}\n{prompt}")
    if len(line.models) > 1:
        if kind_of(magic) != "draw":
            raise OptionError(
                phrase("cell.one_model", magic=magic, names=" and ".join(line.models))
            )
        from nbext.magics.sweep import compare

        options, _ = options_of_line(magic, line, prompt, place)
        refuse_unfilled(options, session.names, session.store.records)
        return compare(session, line, options.prompt)
    if line.blind:
        raise OptionError(phrase("sweep.blind_several"), remedy=phrase("sweep.blind_two"))
    options, notes = options_of_line(magic, line, prompt, place)
    if notes:
        print("\n".join(f"nbext: {note}" for note in notes), file=sys.stderr)
    if line.dry_run or line.code:
        preview(session, session.run(session.plan(options)), line)
        return None
    view = session.view(options, with_prompt=False)
    reply = session.ask(options, view=view, name=line.name, save=line.save)
    return see_through(shell, reply, line)


def shape_named(name: str, place: Place) -> object:
    """Return the answer shape of this name: a variable of the notebook, or a JSON file.

    Raises:
        OptionError: Neither exists.
    """
    if not name:
        return None
    names = place.names
    if name in names:
        return names[name]
    try:
        path = place.folder / Path(name).expanduser()
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        types = [n for n, value in names.items() if isinstance(value, type)]
        raise OptionError(
            phrase("cell.no_schema", name=name),
            remedy=did_you_mean(name, types),
        ) from None
    except ValueError as error:
        raise OptionError(phrase("cell.schema_not_json", name=name, error=error)) from None


def functions_named(
    functions: tuple[str, ...], names: Mapping[str, Any]
) -> tuple[Callable[..., Any], ...]:
    """Return functions of the notebook by their names.

    Raises:
        OptionError: A name is not a function of the notebook.
    """
    for name in functions:
        if name not in names or not callable(names[name]):
            known = [n for n, value in names.items() if inspect.isfunction(value) and n != "open"]
            raise OptionError(
                phrase("cell.no_tool", name=name),
                remedy=did_you_mean(name, known),
            )
    return tuple(names[name] for name in functions)


def preview(session: Session, request: Request, line: Line) -> None:
    """Show what would be sent, without sending it."""
    if not line.code:
        print(session.connection.dry_run(request, takes=line.takes))
        return
    from nbext.session.snippet import code

    text, files = code(session.connection, request, line.code)
    if line.save:
        save_code(text, files, session.beside / Path(line.save).expanduser())
        return
    print(text)
    if files:
        print(phrase("cell.save_writes", names=", ".join(files)), file=sys.stderr)


def save_code(text: str, files: dict[str, bytes], path: Path) -> None:
    """Write code, and the pictures that it reads, to a folder.

    Raises:
        OptionError: A different picture already has one of the names.
    """
    beside = {path.with_name(name): data for name, data in files.items()}
    for place, data in beside.items():
        if place == path or (place.exists() and place.read_bytes() != data):
            raise OptionError(
                phrase("cell.place_taken", place=place),
                remedy=phrase("cell.other_folder"),
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    for place, data in beside.items():
        place.write_bytes(data)
    print("Saved " + ", ".join(map(str, [path, *beside])))
