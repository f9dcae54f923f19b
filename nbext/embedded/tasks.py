"""Jobs that continue after the answer: films, and pictures to be collected later."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from nbext.embedded.errors import ReplyError
from nbext.embedded.film import make_film
from nbext.embedded.ids import new_id, new_name
from nbext.embedded.state import remember
from nbext.embedded.usage import warnings_about

if TYPE_CHECKING:
    from nbext.embedded.params import Plan
    from nbext.embedded.sketch import DrawSpec
    from nbext.embedded.state import Picture, ServerState

_TASKS = 256
_STEPS = (8, 27, 46, 65, 84)
_SECONDS = 1.0  # of artificial work, at pace 1
_WAITING_BYTES = 256 * 2**20  # of references held by running tasks
_LONGEST = 20.0  # the longest film in seconds


@dataclass
class Task:
    """A picture or a film in progress.

    Attributes:
        id: The id that the client uses.
        spec: What to draw.
        film: Width, height and seconds of the film, None for a picture.
        status: ``queued``, ``in_progress``, ``completed`` or ``failed``.
        progress: 0 to 100.
        poster: The picture, once it is drawn.
        film_name: The name of the film's file, once it exists.
        facts: Request fields that the answers repeat.
    """

    id: str
    spec: DrawSpec
    film: tuple[int, int, float] | None = None
    status: str = "queued"
    progress: int = 0
    poster: Picture | None = None
    film_name: str = ""
    error: str = ""
    created: int = 0
    completed: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    work: asyncio.Future[None] | None = None

    def source(self, state: ServerState) -> dict[str, Any]:
        """Return the status in the format of relays' status pages."""
        page: dict[str, Any] = {"id": self.id, "status": self.status, "progress": self.progress}
        if self.status == "completed" and self.poster is not None:
            page["urls"] = [state.link(self.film_name or self.poster.name)]
            page |= warnings_about([self.poster])
        if self.status == "failed":
            page["failure_reason"] = self.error
        return page

    def cancel(self) -> None:
        """Stop the work."""
        if self.work is not None:
            self.work.cancel()


def start(state: ServerState, task: Task) -> Task:
    """Store and start a task; the oldest task is stopped and removed to make room.

    Raises:
        ReplyError: 429, if the reference pictures of all running tasks are too large together.
    """
    waiting = (sum(map(len, one.spec.pictures)) for one in state.tasks.values())
    if sum(waiting) > _WAITING_BYTES:
        raise ReplyError(
            429, "当前分组上游负载已饱和，请稍后再试", type="upstream_error", code="429"
        )
    task.created = int(time.time())
    task.work = asyncio.ensure_future(_work(state, task))
    while len(state.tasks) >= _TASKS:
        _, oldest = state.tasks.popitem(last=False)
        oldest.cancel()
    remember(state.tasks, task.id, task, _TASKS)
    return task


async def _work(state: ServerState, task: Task) -> None:
    if task.facts.get("model") == "embedded-refuses":
        task.status, task.error = "failed", "input_moderation"
        return
    try:
        for percent in _STEPS:
            await asyncio.sleep(_SECONDS / len(_STEPS) * state.pace)
            task.status, task.progress = "in_progress", percent
        await finish(state, task)
    except ReplyError as error:
        task.status, task.error = "failed", error.code or error.message
    except Exception:  # noqa: BLE001 - reported to the client as a failed task
        task.status, task.error = "failed", "internal_error"
    finally:
        task.spec = replace(task.spec, pictures=(), mask=None)  # they may be large


async def finish(state: ServerState, task: Task) -> None:
    """Draw the picture, make the film, and mark the task as completed."""
    task.poster = (await state.draw(task.spec))[0]
    if task.film is not None:
        film = await state.run(make_film, task.poster.data, *task.film)
        origin = state.origin(task.poster.gen_id)
        task.film_name = new_name("video/mp4")
        state.store_file(task.film_name, film, "video/mp4", origin)
    task.status, task.progress, task.completed = "completed", 100, int(time.time())


def film_length(value: Any, default: float = 4.0) -> float:
    """Return the length of a film in seconds, from a number or its text; at most 20.

    Example:
        >>> film_length("8"), film_length(None), film_length("x")
        (8.0, 4.0, 4.0)
    """
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        seconds = float(value)
        if seconds > 0:
            return min(seconds, _LONGEST)
    return default


def film_size(plan: Plan, body: dict[str, Any]) -> tuple[int, int]:
    """Return the pixels of a film over chat: the requested size, or 640 on the longer side."""
    if body.get("size"):
        return plan.spec.width, plan.spec.height
    width, height = plan.spec.width, plan.spec.height
    if plan.ratio == "1:1" and not body.get("aspect_ratio"):
        return 640, 360
    scale = 640 / max(width, height)
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


def length_in_name(model: str) -> float:
    """Return the seconds in a model's name, as in ``sora_video2-15s``; 4 without any.

    Example:
        >>> length_in_name("sora_video2-landscape-15s")
        15.0
    """
    match = re.search(r"[-_](\d{1,2})s\b", model)
    return film_length(match[1] if match else None)


def new_task_id() -> str:
    """Return an id such as ``task_01jqwthpjaf3kap2dkqnhxfvpr``."""
    return new_id("task_01")
