"""Follow the drawings in progress: each is a job with takes on the background loop."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from nbext.display.remedy import for_form
from nbext.errors import NbextError, RequestError
from nbext.messages.say import say
from nbext.wire import events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbext.data.options import Options
    from nbext.display.item import Item
    from nbext.drawings.drawing import Drawing
    from nbext.session.ask import PendingReply

SECONDS_BETWEEN = 0.1
# What endpoints and the session say in one word, and the panel in the user's language.
_STATES = ("sending", "queued", "running", "thinking", "done")


class Job:
    """The takes of one press of Draw, as the panel shows them.

    Args:
        id_: Its name on the page.
        options: The request; ``model`` is filled in.
        tell: Sends its state.
        drawn: Is called when a take has ended.
        ended: Is called with the takes when it has ended, and with why where it failed.
        preview: Shows a preview by its job, sha256 and media type.
        warn: Shows warnings.
        language: Of its words.
    """

    def __init__(
        self,
        id_: str,
        options: Options,
        *,
        tell: Callable[..., None],
        drawn: Callable[[Item], None],
        ended: Callable[[Job, Sequence[Drawing], BaseException | None], None],
        preview: Callable[[str, str, str], None],
        warn: Callable[[str], None],
        language: str = "en",
    ) -> None:
        self.id = id_
        self.options = options
        from nbext.display.progress import Take  # which a panel does not wait for that is opened

        self.takes = [Take() for _ in range(options.takes)]
        self.state = "running"
        self.error = ""
        self.remedy = ""
        self.language = language
        self.reply: PendingReply | None = None
        self.began = time.monotonic()
        self.ended = 0.0
        self._tell = tell
        self._drawn = drawn
        self._ended = ended
        self._preview = preview
        self._warn = warn
        self._notified = 0.0
        self._away = False
        self._lock = threading.Lock()

    def event(self, take: int, event: events.Event) -> None:
        """Show changes, at most ten times a second."""
        self.takes[take].follow(event)
        if isinstance(event, events.Inline) and event.partial:
            self._preview(self.id, event.picture.sha256, event.picture.media_type)
        now = time.monotonic()
        if now - self._notified >= SECONDS_BETWEEN:
            self._notified = now
            self.tell()

    def done(self, take: int, drawing: Item) -> None:
        """Note that a take has ended."""
        self.takes[take].drawing = drawing
        self.tell()
        self._drawn(drawing)

    def notify(self, warnings: Sequence[str]) -> None:
        """Show warnings."""
        self._warn(" ".join(warnings))

    def reserve(self) -> None:
        """Show that the job has started."""
        self.tell()

    def finish(self, drawings: Sequence[Drawing]) -> None:
        """Show that the job has succeeded."""
        self._ended(self, drawings, None)

    def fail(self, error: BaseException, *, raised: bool = False) -> None:
        """Show the error; its remedy stays readable."""
        del raised
        if not isinstance(error, CancelledError):
            self.state = "failed"
            self.ended = time.monotonic()
            self.error = error.message if isinstance(error, NbextError) else f"{error}"
            self.error = self.error or type(error).__name__
            remedy = error.remedy if isinstance(error, NbextError) else ""
            self.remedy = for_form(remedy, self.language)
            if isinstance(error, RequestError) and error.maybe_billed:
                self.error = f"{self.error} {say(self.language, 'panel.maybe_billed')}"
            self.tell()
        drawings = [d for d in getattr(error, "drawings", None) or [] if d.pictures]
        self._ended(self, drawings, error)

    def put_away(self) -> None:
        """Remove the job from the page."""
        with self._lock:
            self._away = True
            self._tell("gone", id=self.id)

    @property
    def percent(self) -> float | None:
        """The mean progress of the takes, None if unknown."""
        percents = [100.0 if t.drawing is not None else t.percent for t in self.takes]
        known = [percent for percent in percents if percent is not None]
        return sum(known) / len(percents) if known else None

    @property
    def words(self) -> str:
        """The current activity."""
        if self.state == "failed":
            return self.error
        running = [t for t in self.takes if t.drawing is None]
        status = next((t.words for t in running if t.words), "sending" if running else "done")
        status = "sending" if status == "sent" else status
        # A bare number is what the bar shows already.
        status = "running" if re.fullmatch(r"[\d.]+ ?%", status) else status
        words = say(self.language, f"panel.{status}") if status in _STATES else status
        done = len(self.takes) - len(running)
        return f"{done}/{len(self.takes)} · {words}" if len(self.takes) > 1 else words

    def tell(self) -> None:
        """Send the state, unless the job was removed while a cancelled request ends."""
        with self._lock:
            if self._away:
                return
            self._tell(
                "job",
                id=self.id,
                model=self.options.model,
                prompt=self.options.prompt,
                state=self.state,
                words=self.words,
                remedy=self.remedy,
                percent=self.percent,
                elapsed=(self.ended or time.monotonic()) - self.began,
            )
