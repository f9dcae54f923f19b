"""``%%chat``, ``%%respond`` and ``%%complete``."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from nbext.api.chat import talking_fields
from nbext.api.shown import shown
from nbext.display.text_views import text_view_for
from nbext.errors import OptionError
from nbext.magics.draw import preview, request_options, styled, wait
from nbext.magics.parse import (
    HelpAsked,
    did_you_mean,
    fill_in,
    parse_line,
    parse_prompt_line,
    talking_parser,
)
from nbext.session.current import current_session, running_cell
from nbext.session.structured_output import ResponseSchema
from nbext.session.tools import ToolSet
from nbext.util.atomic import atomic_write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from nbext.session.session import Session


@magics_class
class TalkMagics(Magics):
    """The magics that answer in words."""

    @no_var_expand
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None) -> Any:
        """Ask a chat model: ``%%chat [MODEL] [options]``; see ``%%chat --help``."""
        return self._talk("chat", line, cell)

    @no_var_expand
    @line_cell_magic
    def respond(self, line: str, cell: str | None = None) -> Any:
        """Ask through the Responses endpoint: ``%%respond [MODEL] [--search] [options]``."""
        return self._talk("respond", line, cell)

    @no_var_expand
    @line_cell_magic
    def complete(self, line: str, cell: str | None = None) -> Any:
        """Let an instruct model go on with a text: ``%%complete [MODEL] [options]``."""
        return self._talk("complete", line, cell)

    def _talk(self, kind: str, line: str, cell: str | None) -> Any:
        session = current_session(self.shell)
        names = self.shell.user_ns
        try:
            if cell is None:
                options, prompt = parse_prompt_line(talking_parser(kind, line=True), line)
            else:
                options, prompt = parse_line(talking_parser(kind), line), cell.strip("\n")
        except HelpAsked as help_asked:
            print(help_asked)
            return None
        prompt = styled(fill_in(prompt, names).strip(), options.style, session)
        shape = shape_named(getattr(options, "schema", ""), names)
        tools = toolbox(session, options, names)
        asked = request_options(options) | {"kind": kind}
        asked["extra"] = (
            talking_fields(kind, search=getattr(options, "search", False), shape=shape, tools=tools)
            | asked["extra"]
        )
        if options.dry_run or options.code:
            preview(session, session.run(session.request(prompt, **asked)), options)
            return None
        model = asked["model"] or getattr(session.settings, f"{kind}_model")
        view = text_view_for(self.shell, model, session.settings)
        running = running_cell(self.shell)

        async def work() -> Any:
            request = await session.request(prompt, fresh=options.fresh, **asked)
            return await session.make(
                request, fresh=options.fresh, cell=running, watch=view, tools=tools
            )

        replies = wait(session, work(), view)
        result = shape.read(replies[0].text) if shape else replies[0]
        if options.name:
            self.shell.user_ns[options.name] = result
        if options.save:
            save_reply(replies[0], Path(options.save))
        return result if shape else shown(replies)


def shape_named(name: str, names: Mapping[str, Any]) -> ResponseSchema | None:
    """Find the answer's shape: a variable of the notebook, or a file of JSON.

    Raises:
        OptionError: There is neither, or it is no schema.
    """
    if not name:
        return None
    if name in names:
        return ResponseSchema(names[name])
    try:
        return ResponseSchema(json.loads(Path(name).expanduser().read_text(encoding="utf-8")))
    except OSError:
        raise OptionError(
            f"--schema {name}: there is no such variable, and no such file.",
            remedy=did_you_mean(name, [n for n, value in names.items() if isinstance(value, type)]),
        ) from None
    except ValueError as error:
        raise OptionError(f"--schema {name}: the file is no JSON: {error}.") from None


def toolbox(
    session: Session, options: argparse.Namespace, names: Mapping[str, Any]
) -> ToolSet | None:
    """Collect the functions that ``--tools`` names.

    Raises:
        OptionError: One is no function of the notebook.
    """
    wanted = [word.strip() for word in getattr(options, "tools", "").split(",") if word.strip()]
    if not wanted:
        return None
    functions = []
    for name in wanted:
        if not callable(names.get(name)):
            known = [n for n, value in names.items() if inspect.isfunction(value) and n != "open"]
            raise OptionError(
                f"--tools {name}: the notebook has no such function.",
                remedy=did_you_mean(name, known),
            )
        functions.append(names[name])
    return ToolSet(
        functions, run=session.runner.run_in_caller_thread, yes=options.yes, rounds=options.rounds
    )


def save_reply(reply: Any, path: Path) -> None:
    """Write a reply's text to a file; its picture, where the name is a picture's.

    Raises:
        OptionError: The file cannot be written.
    """
    path = path.expanduser()
    if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp") and reply.pictures:
        reply.save(path, overwrite=True)
        return
    try:
        with atomic_write(path) as part:
            part.write_text(reply.text, encoding="utf-8")
    except OSError as error:
        raise OptionError(
            f"{path} cannot be written: {error.strerror or error}.",
            remedy=f"The answer is @{reply.number} of the history.",
        ) from None
