"""Send a sign of life every second, so that the page notices if the kernel is gone.

The beat comes from a thread of its own: a cell that keeps the kernel busy for an hour does not stop
it, only the kernel's end does. What only the page can do goes through here too: inserting a cell,
the clipboard, a download.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from nbext.panel.base import BaseWidget, asset
from nbext.util.threads import RepeatableCall

if TYPE_CHECKING:
    from collections.abc import Callable

BEAT = 1.0
# Without a page that has said anything for so long, the beat stops.
LEASE = 900.0


class Heartbeat(BaseWidget):
    """Sends signs of life while a page listens.

    Attributes:
        panel: The panel's model id, for the line that a saved notebook shows in its place.
    """

    _esm = asset("heartbeat.js")
    _css = asset("heartbeat.css")
    uses = ("gone", "silent", "busy", "unheard", "instead", "no_clipboard")
    panel: Any = Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._until = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        # Is done at each beat.
        self.beating: Callable[[], None] = lambda: None
        self.handlers |= {"ping": lambda content, _: self.heard(content.get("id"))}

    def heard(self, id_: Any = None) -> None:
        """Note that a page is there, and continue.

        Args:
            id_: The id of the page's question, which is answered; a sign of life alone is not.
        """
        with self._lock:
            self._until = time.monotonic() + LEASE
            if self._thread is None and not self._ended.is_set():
                beat = RepeatableCall(self._beat)
                self._thread = threading.Thread(target=beat, name="nbext-pulse", daemon=True)
                self._thread.start()
        self.tell("beat", heard=id_)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            with self._lock:
                if time.monotonic() > self._until or self.comm is None:
                    self._thread = None
                    return
            self.tell("beat")
            self.beating()

    def close(self) -> None:
        """Stop sending."""
        self._ended.set()
        super().close()
