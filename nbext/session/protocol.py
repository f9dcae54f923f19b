"""The interface of a session for the modules that it calls."""

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
    from nbext.session.budget import Budget
    from nbext.session.connection import Connection
    from nbext.session.notices import Notices
    from nbext.session.observer import Observer, View
    from nbext.session.runner import Runner
    from nbext.session.tools import ToolSet
    from nbext.session.turns import Turn
    from nbext.store.replay import Replay
    from nbext.store.store import Store


class BatchSession(Protocol):
    """A session, as used by batches."""

    id: str
    store: Store
    history: History
    connection: Connection
    notices: Notices

    async def endpoint(self, name: str = "") -> Endpoint:
        """Return the endpoint to use."""

    def reserve(self, ids: Sequence[str], cost: Cost | None) -> None:
        """Reserve budget for drawings until they arrive."""

    def release(self, id_: str) -> None:
        """Release the budget reserved for a drawing."""

    def account(self, record: Draft, *, factor: float = 1.0) -> None:
        """Account for the cost of a drawing."""


class DrawSession(BatchSession, Protocol):
    """A session, as used by the takes of a request."""

    settings: Nbext
    replay: Replay
    budget: Budget
    unnamed: str

    async def confirm(
        self, count: int, total: Cost | None, host: str, *, seconds: float | None = None
    ) -> None:
        """Ask the user before more requests are sent than ``Nbext.confirm_above``."""

    def apply_limits(self) -> None:
        """Let the history take what the settings allow now."""

    def list_history(self) -> None:
        """List the history among the user's, once."""


class Asker(Protocol):
    """A session, as used by ``ask`` and ``again``; ``nbext.session.session.Session`` is one."""

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
        """Prepare to replay or send a request; return a reply to wait for."""

    def view(self, options: Options) -> View:
        """Create the view for progress and result."""

    def model_of(self, options: Options) -> str:
        """Return the name of the model that options will be sent to."""

    def plan(self, options: Options, cell: Cell | None = None) -> Coroutine[Any, Any, Request]:
        """Create the request for the given options, in a cell; by default the running one."""

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
        """Run a coroutine from synchronous code, interruptibly."""

    def begin(self, reply: Any) -> int:
        """Add a request to the list of those in progress; return its number."""

    def end(self, number: int) -> None:
        """Remove a finished request from the list."""

    def new_warnings(self) -> list[str]:
        """Return the warnings not shown yet."""
