"""What a history asks with: the session at work on its notebook is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbext.config.settings import Nbext
    from nbext.data.record import Record
    from nbext.drawings.drawing import Drawing


class Sender(Protocol):
    """Replays or sends requests."""

    settings: Nbext

    @property
    def beside(self) -> Path:
        """The folder that relative paths start from."""

    def fetch(self, drawing: Drawing) -> Any:
        """Fetch what is paid for and not here yet."""

    def tell_warnings(self) -> None:
        """Say what is not as it should be, though nothing failed."""

    def draw(self, prompt: str, **fields: Any) -> Any:
        """Draw, and wait for it; the fields are those of ``nbext.draw``."""

    def again(self, drawing: Drawing, fields: Mapping[str, Any], *, line: bool, below: bool) -> Any:
        """Draw another take of a recorded request."""

    def code(self, record: Record, language: str) -> str:
        """Write a recorded request as code."""
