"""The state of a batch of requests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from nbext.embedded.inner import InnerAnswer

Status = Literal[
    "validating", "failed", "in_progress", "finalizing", "completed", "cancelling", "cancelled"
]
ENDED: frozenset[Status] = frozenset({"failed", "completed", "cancelled"})


@dataclass
class BatchItem:
    """One request of a batch.

    Attributes:
        key: The client's name for it.
        path: The path it is sent to.
        body: The body, as JSON.
        metadata: Returned unchanged with the result.
    """

    key: str
    path: str
    body: bytes
    metadata: Any = None


@dataclass
class BatchResult:
    """The result of one request; ``error`` is set if there is no answer."""

    item: BatchItem
    answer: InnerAnswer
    error: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the request succeeded."""
        return not self.error and 200 <= self.answer.status < 300 and self.answer.is_json


@dataclass
class Batch:
    """A batch and its progress.

    Attributes:
        id: The id that the client uses.
        items: Its requests.
        facts: Request fields that the answers repeat.
        finalize: Writes the results once all are complete.
        times: The start of each status, in seconds since 1970.
    """

    id: str
    items: list[BatchItem]
    facts: dict[str, Any]
    finalize: Callable[[Batch], None]
    status: Status = "validating"
    results: dict[int, BatchResult] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    times: dict[Status, float] = field(default_factory=dict)
    work: asyncio.Future[None] | None = None
    result_bytes: int = 0

    def enter(self, status: Status) -> None:
        """Change the status."""
        self.status = status
        self.times[status] = time.time()

    @property
    def completed(self) -> int:
        """The number of requests that succeeded."""
        return sum(result.is_success for result in self.results.values())

    @property
    def failed(self) -> int:
        """The number of requests that failed."""
        return len(self.results) - self.completed

    def in_order(self) -> list[BatchResult]:
        """Return the results in the order of the requests."""
        return [self.results[number] for number in sorted(self.results)]

    def cancel(self) -> None:
        """Stop after the running requests; earlier results are kept."""
        if self.status not in ENDED:
            self.enter("cancelling")
