"""``%%video`` and ``%video``: films, and jobs that outlive the kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand

from nbext.api.shown import shown
from nbext.display.views import view_for
from nbext.errors import OptionError
from nbext.magics.draw import preview, request_options, save_takes, styled, wait
from nbext.magics.parse import HelpAsked, fill_in, parse_line, video_parser
from nbext.magics.tables import table
from nbext.session.current import current_session, running_cell

if TYPE_CHECKING:
    from nbext.display.views import CellView
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.session.session import Session


@magics_class
class VideoMagics(Magics):
    """The magic that makes films."""

    @no_var_expand
    @line_cell_magic
    def video(self, line: str, cell: str | None = None) -> Any:
        """Make a film: ``%%video [MODEL] [-i REF] [options]``.

        ``%video`` lists the jobs of this notebook, ``%video @3`` picks one up again, also after the
        kernel was restarted.
        """
        session = current_session(self.shell)
        if cell is None and "-h" not in line.split() and "--help" not in line.split():
            return self._jobs(session, line.strip())
        try:
            options = parse_line(video_parser(), line)
        except HelpAsked as help_asked:
            print(help_asked)
            return None
        prompt = fill_in((cell or "").strip("\n"), self.shell.user_ns).strip()
        prompt = styled(prompt, options.style, session)
        asked = request_options(options) | {"kind": "video"}
        if options.seconds:
            asked["extra"] = {"seconds": str(options.seconds)} | asked["extra"]
        if options.dry_run or options.code:
            preview(session, session.run(session.request(prompt, **asked)), options)
            return None
        view = self._view(asked["model"] or session.settings.video_model, session)
        running = running_cell(self.shell)

        async def work() -> Drawings:
            request = await session.request(prompt, fresh=options.fresh, **asked)
            return await session.make(request, fresh=options.fresh, cell=running, watch=view)

        films = wait(session, work(), view)
        if options.name:
            self.shell.user_ns[options.name] = films[0]
        if options.save:
            from pathlib import Path

            save_takes(films, Path(options.save))
        return shown(films)

    def _view(self, model: str, session: Session) -> CellView:
        return view_for(self.shell, model, 1, session.settings)

    def _jobs(self, session: Session, line: str) -> Drawing | Drawings | None:
        if not line:
            print(jobs_table(session))
            return None
        named = re.fullmatch(r"@?(-?\d{1,9})", line)
        if named is None:
            raise OptionError(
                f"%video {line}: this is no job.", remedy="%video lists them; %%video makes a film."
            )
        drawing = session.history[int(named[1])]
        view = self._view(drawing.model, session)
        return shown(wait(session, session.resume(drawing, watch=view), view))


_NOT_THE_JOB = ("Interrupted", "ConnectError", "TimedOutError", "TruncatedError")


def jobs_table(session: Session) -> str:
    """List the jobs of a notebook, the last one first."""
    rows = []
    for drawing in reversed(list(session.history)):
        record = drawing.record
        if not record.job:
            continue
        # Whoever stopped the cell has not stopped the job; nor has a network that failed.
        stopped = record.error is not None and record.error.type in _NOT_THE_JOB
        state = "failed" if record.error else "done"
        if record.type == "sent" or stopped:
            state = "under way"
        rows.append(
            [f"@{record.number}", state, record.model, record.started[:16], record.prompt[:60]]
        )
    return table(["", "state", "model", "started", "prompt"], rows) if rows else "No jobs."
