"""``%%draw``, ``%draw`` and ``%%edit``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from nbext.api.shown import shown
from nbext.display.views import CellView, view_for
from nbext.errors import NbextError, OptionError
from nbext.magics.parse import (
    HelpAsked,
    did_you_mean,
    drawing_parser,
    fill_in,
    parse_line,
    parse_prompt_line,
)
from nbext.session.current import current_session, running_cell
from nbext.session.observer import shorten
from nbext.session.validation import checked_takes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Coroutine
    from concurrent.futures import Future

    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.session.session import Session


@magics_class
class DrawMagics(Magics):
    """The magics that make pictures."""

    @no_var_expand
    @line_cell_magic
    def draw(self, line: str, cell: str | None = None) -> Drawing | Drawings | None:
        """Draw the prompt in the cell's body: ``%%draw [MODEL] [options]``.

        In one line: ``%draw [options] PROMPT``. See ``%%draw --help`` for the options.
        """
        return self._draw("draw", line, cell)

    @no_var_expand
    @line_cell_magic
    def edit(self, line: str, cell: str | None = None) -> Drawing | Drawings | None:
        """Change the last drawing as the cell's body says: ``%%edit [MODEL] [options]``.

        With ``--image REF`` the pictures given are changed instead. See ``%%edit --help``.
        """
        return self._draw("edit", line, cell)

    def _draw(self, name: str, line: str, cell: str | None) -> Drawing | Drawings | None:
        session = current_session(self.shell)
        names = self.shell.user_ns
        try:
            if cell is None:
                options, prompt = parse_prompt_line(drawing_parser(name, line=True), line)
            else:
                options, prompt = parse_line(drawing_parser(name), line), cell.strip("\n")
        except HelpAsked as help_asked:
            print(help_asked)
            return None
        prompt = fill_in(prompt, names).strip()
        if options.like:
            from nbext.magics.like import like

            # After the variables: a prompt from a file names none of this notebook's.
            prompt, notes = like(options, prompt, store=session.store, folder=session.beside)
            print("\n".join(f"nbext: {note}" for note in notes), file=sys.stderr)
        prompt = styled(prompt, options.style, session)
        if name == "edit" and not options.images and not options.continues:
            options.images = ["@-1"]
        asked = request_options(options)
        if options.dry_run or options.code:
            request = session.run(session.request(prompt, **asked))
            preview(session, request, options)
            return None
        return self._run(session, prompt, asked, options)

    def _run(
        self, session: Session, prompt: str, asked: dict[str, Any], options: argparse.Namespace
    ) -> Drawing | Drawings | None:
        model = asked["model"] or session.settings.model
        view = view_for(self.shell, model, checked_takes(options.takes), session.settings)
        view.read = session.store.read
        cell = running_cell(self.shell)

        async def work() -> Drawings:
            request = await session.request(prompt, fresh=options.fresh, **asked)
            return await session.make(
                request, takes=options.takes, fresh=options.fresh, cell=cell, watch=view
            )

        if options.no_wait:
            self._later(session, work(), view, options)
            return None
        return self._keep(wait(session, work(), view), options)

    def _keep(self, drawings: Drawings, options: argparse.Namespace) -> Drawing | Drawings:
        result = drawings[0] if len(drawings) == 1 else drawings
        if options.name:
            self.shell.user_ns[options.name] = result
        if options.save:
            save_takes(drawings, Path(options.save))
        return shown(drawings)

    def _later(
        self, session: Session, work: Any, view: CellView, options: argparse.Namespace
    ) -> None:
        """Draw in the background; the picture takes the place that is kept for it here."""
        view.reserve()

        def ended(future: Future[Drawings]) -> None:
            if future.cancelled() or future.exception() is not None:
                view.fail(None if future.cancelled() else future.exception())
                return
            view.finish(future.result())
            try:
                self._keep(future.result(), options)
            except NbextError as error:
                print(f"nbext: {error}", file=sys.stderr)
            session.tell_warnings()

        session.runner.submit(work).add_done_callback(ended)


def wait(session: Session, work: Coroutine[Any, Any, Drawings], view: CellView) -> Drawings:
    """Wait for drawings, and show them, or how they ended."""
    try:
        drawings = session.run(work)
    except BaseException as error:
        view.fail()
        shorten(error, view.ended())
        raise
    else:
        view.finish(drawings)
        return drawings
    finally:
        session.tell_warnings()


def request_options(options: argparse.Namespace) -> dict[str, Any]:
    """Turn parsed options into those of ``Session.request``."""
    return {
        "model": options.model,
        "images": options.images,
        "mask": getattr(options, "mask", None),
        "aspect": getattr(options, "aspect", ""),
        "size": getattr(options, "size", ""),
        "quality": getattr(options, "quality", ""),
        "format": getattr(options, "format", ""),
        "seed": options.seed,
        "system": options.system,
        "extra": dict(options.extra),
        "continues": options.continues,
        "via": options.via,
        "endpoint": options.endpoint,
    }


def styled(prompt: str, style: str, session: Session) -> str:
    """Put the prompt into a saved template.

    Raises:
        OptionError: There is no style of this name.
    """
    if not style:
        return prompt
    styles = session.settings.styles
    if style not in styles:
        raise OptionError(
            f"There is no style {style!r}.",
            remedy=did_you_mean(style, styles)
            or 'Make one: %config Nbext.styles = {"ink": "{prompt}, ink on rice paper"}',
        )
    template = str(styles[style])
    return (
        template.replace("{prompt}", prompt) if "{prompt}" in template else f"{prompt} {template}"
    )


def save_takes(drawings: Drawings, path: Path) -> None:
    """Write a take to ``cat.png``, several to ``cat-1.png``, ``cat-2.png`` and so on."""
    for index, drawing in enumerate(drawings, start=1):
        numbered = path.with_stem(f"{path.stem}-{index}") if len(drawings) > 1 else path
        drawing.save(numbered, overwrite=True)


def preview(session: Session, request: Request, options: argparse.Namespace) -> None:
    """Show what would be sent, and send nothing."""
    if not options.code:
        print(session.connection.dry_run(request, takes=getattr(options, "takes", 1)))
        return
    from nbext.session.snippet import code

    text, files = code(session.connection, request, options.code)
    if options.save:
        save_code(text, files, Path(options.save))
        return
    print(text)
    if files:
        print(f"nbext: --save PATH writes it with {', '.join(files)} beside it.", file=sys.stderr)


def save_code(text: str, files: dict[str, bytes], path: Path) -> None:
    """Write code, and the pictures that it reads, beside it.

    Raises:
        OptionError: Another picture is there by the same name.
    """
    beside = {path.with_name(name): data for name, data in files.items()}
    for place, data in beside.items():
        if place == path or (place.exists() and place.read_bytes() != data):
            raise OptionError(
                f"{place} is there already, and is not the picture that the code reads.",
                remedy="Give --save a path in another folder.",
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    for place, data in beside.items():
        place.write_bytes(data)
    print("Saved " + ", ".join(map(str, [path, *beside])))
