"""What those that ask need of a session, so that a session can hand its requests to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from pathlib import Path

    from nbext.config.settings import Nbext
    from nbext.data.cell import Cell
    from nbext.data.endpoint import Endpoint
    from nbext.data.options import Options
    from nbext.data.record import Draft
    from nbext.data.request import Request
    from nbext.drawings.drawing import Drawings
    from nbext.drawings.history import History
    from nbext.families.prices import Cost
    from nbext.session.connection import Connection
    from nbext.session.notices import Notices
    from nbext.session.observer import Observer, View
    from nbext.session.runner import Runner
    from nbext.session.tools import ToolSet
    from nbext.session.turns import Turn
    from nbext.store.replay import Replay
    from nbext.store.store import Store


class BatchSession(Protocol):
    """A session, as batches see it."""

    id: str
    store: Store
    history: History
    connection: Connection
    notices: Notices

    async def endpoint(self, name: str = "") -> Endpoint:
        """Find the endpoint to use."""

    def reserve(self, ids: Sequence[str], cost: Cost | None) -> None:
        """Reserve drawings in the budget until they have come."""

    def release(self, id_: str) -> None:
        """Take back what was reserved for a drawing."""

    def account(self, record: Draft, *, factor: float = 1.0) -> None:
        """Count what a drawing has cost."""


class Asker(Protocol):
    """A session, as ``ask`` and ``again`` see it: ``nbext.session.session.Session`` is one."""

    runner: Runner
    id: str
    settings: Nbext
    replay: Replay
    names: Mapping[str, Any]
    cell: Callable[[], Cell]

    @property
    def beside(self) -> Path:
        """The folder that relative paths start from."""

    def ask(self, options: Options, *, turn: Turn | None = None) -> Any:
        """Prepare to replay or send a request: a reply to wait for."""

    def view(self, options: Options) -> View:
        """Make what shows progress and result."""

    def model_of(self, options: Options) -> str:
        """Name the model that options will be sent to."""

    async def plan(self, options: Options) -> Request:
        """Make the request that options ask for."""

    async def make(
        self,
        request: Request,
        *,
        takes: int = 1,
        fresh: bool = False,
        cell: Cell | None = None,
        observer: Observer | None = None,
        tools: ToolSet | None = None,
        after: int = 0,
        yes: bool = False,
        turn: Turn | None = None,
    ) -> Drawings:
        """Replay or send a request."""

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine from ordinary code, interruptible."""

    def begin(self, reply: Any) -> int:
        """List a request among those under way, under a number."""

    def end(self, number: int) -> None:
        """Take a request that has ended off the list."""

    def new_warnings(self) -> list[str]:
        """Take the warnings that nobody has seen yet."""
