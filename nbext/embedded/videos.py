"""``/v1/videos``: create, list, query, download, remix and delete films."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Attachment, from_url
from nbext.embedded.errors import ReplyError
from nbext.embedded.files import send_bytes
from nbext.embedded.ids import new_id
from nbext.embedded.params import make_plan, read_seed
from nbext.embedded.sketch import DrawSpec
from nbext.embedded.tasks import Task, film_length, start
from nbext.embedded.usage import warnings_about

if TYPE_CHECKING:
    from tornado.httputil import HTTPFile

_SIZE = "720x1280"
_MOST_PER_PAGE = 100


class Videos(Handler):
    """Create a film, or list films."""

    async def answer_post(self, *_args: str) -> None:
        """Start a film, and answer with its id."""
        body, files = self.form_body()
        model = str(body.get("model") or "sora-2")
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise ReplyError(400, "Missing required parameter: 'prompt'.", param="prompt")
        self.shape = "flat"  # errors have the flat format of task routes
        await faults.meet(self, model, stream=True)
        self.shape = "openai"
        spec = DrawSpec(prompt=prompt, seed=read_seed(body), format="webp")
        task = await make_video(
            self,
            spec,
            model,
            body,
            attachments=_references(body, files),
            size=body.get("size") or _SIZE,
        )
        self.send_json(video_body(self, task))

    async def answer_get(self, *_args: str) -> None:
        """List the films, latest first unless ``order=asc``."""
        films = [task for task in self.state.tasks.values() if task.id.startswith("video_")]
        if self.get_query_argument("order", "desc") != "asc":
            films.reverse()
        after = self.get_query_argument("after", "")
        ids = [task.id for task in films]
        films = films[ids.index(after) + 1 :] if after in ids else films
        limit = self.get_query_argument("limit", "20")
        most = min(_MOST_PER_PAGE, int(limit)) if limit.isdecimal() and len(limit) < 5 else 20
        page = [video_body(self, task) for task in films[:most]]
        ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
        self.send_json({"object": "list", "data": page, "has_more": len(films) > most, **ends})


class Video(Handler):
    """Return or delete a film."""

    async def answer_get(self, *args: str) -> None:
        """Send its status."""
        self.send_json(video_body(self, find(self, args[0])))

    async def answer_delete(self, *args: str) -> None:
        """Stop and remove it."""
        task = find(self, args[0])
        task.cancel()
        del self.state.tasks[task.id]
        self.send_json({"id": task.id, "deleted": True, "object": "video.deleted"})


class Content(Handler):
    """The bytes of a film: ``variant`` video, thumbnail or spritesheet."""

    async def answer_get(self, *args: str) -> None:
        """Send them, or the range that ``Range`` requests."""
        task = find(self, args[0])
        if task.status != "completed" or task.poster is None:
            message = f"Task is not completed yet, current status: {task.status}"
            raise ReplyError(400, message)
        variant = self.get_query_argument("variant", "video")
        film = self.state.file(task.film_name)
        if variant == "thumbnail":
            send_bytes(self, task.poster.data, task.poster.media_type)
        elif variant == "spritesheet":
            sheet = await self.state.run(_sheet, task.poster.data)
            send_bytes(self, sheet, "image/jpeg")
        elif variant != "video":
            raise ReplyError(400, "variant must be video, thumbnail or spritesheet")
        elif film is None:
            raise ReplyError(404, "the film has made room for newer ones")
        else:
            send_bytes(self, film.data, film.media_type)


class Remix(Handler):
    """Create a film from an earlier one."""

    async def answer_post(self, *args: str) -> None:
        """Start the new film."""
        task = find(self, args[0])
        body, _ = self.form_body()
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise ReplyError(400, "Missing required parameter: 'prompt'.", param="prompt")
        spec = DrawSpec(prompt=prompt, seed=read_seed(body), format="webp")
        facts = {**task.facts, "remixed_from_video_id": task.id}
        body = {"seconds": task.facts["seconds"], **body}
        picture = await make_video(
            self,
            spec,
            task.facts["model"],
            body,
            earlier=task.poster.gen_id if task.poster else "",
            size=body.get("size") or task.facts["size"],
        )
        picture.facts = {**facts, **picture.facts}
        self.send_json(video_body(self, picture))


async def make_video(
    handler: Handler,
    spec: DrawSpec,
    model: str,
    body: dict[str, Any],
    *,
    size: Any,
    attachments: list[Attachment] | None = None,
    earlier: str = "",
) -> Task:
    """Start a film.

    Args:
        handler: The handler of the request.
        spec: The spec, with the prompt and the seed.
        model: The name in the request.
        body: The body, with ``seconds`` or ``duration``.
        size: In pixels, ``1280x720``.
        attachments: A picture to begin with.
        earlier: The id of an earlier picture to begin with.
    """
    plan = await make_plan(
        handler.state, spec, attachments=attachments or [], earlier=earlier, size=size
    )
    seconds = body.get("seconds") or body.get("duration")
    length = film_length(seconds)
    film = (plan.spec.width, plan.spec.height, length)
    facts = {
        "model": model,
        "prompt": spec.prompt,
        "seconds": f"{length:g}",
        "size": f"{plan.spec.width}x{plan.spec.height}",
    }
    return start(handler.state, Task(new_id("video_", 32), plan.spec, film=film, facts=facts))


def find(handler: Handler, name: str) -> Task:
    """Return the film with an id.

    Raises:
        ReplyError: 404, if there is none.
    """
    task = handler.state.tasks.get(name)
    if task is None or task.film is None:
        raise ReplyError(404, "Task not found", code="task_not_found")
    video: Task = task
    return video


def video_body(handler: Handler, task: Task) -> dict[str, Any]:
    """Return the status of a film in the format of the videos endpoint."""
    body: dict[str, Any] = {
        "id": task.id,
        "task_id": task.id,
        "object": "video",
        "status": task.status,
        "progress": task.progress,
        "created_at": task.created,
        **task.facts,
    }
    if task.status == "completed":
        body["completed_at"] = task.completed
        body["video_url"] = handler.state.link(task.film_name)
        body |= warnings_about([task.poster] if task.poster is not None else [])
    if task.error:
        body["error"] = {"code": task.error, "message": f"the film failed: {task.error}"}
    return body


def _references(body: dict[str, Any], files: dict[str, list[HTTPFile]]) -> list[Attachment]:
    attachments = [
        Attachment("", file.body, file.content_type) for file in files.get("input_reference", [])
    ]
    value = body.get("input_reference")
    url = value.get("image_url") if isinstance(value, dict) else value
    if isinstance(url, str) and url:
        attachments.append(from_url(url))
    links = body.get("images")
    if isinstance(links, list):
        attachments += [from_url(one) for one in links[:16] if isinstance(one, str)]
    return attachments


def _sheet(picture: bytes) -> bytes:
    """Return four steps of the film's movement side by side."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as source:
        still = source.convert("RGB")
    still.thumbnail((320, 320))
    sheet = Image.new("RGB", (still.width * 4, still.height))
    for number in range(4):
        inset = 0.05 * number
        box = (
            still.width * inset,
            still.height * inset,
            still.width * (1 - inset),
            still.height * (1 - inset),
        )
        sheet.paste(still.resize(still.size, box=box), (still.width * number, 0))
    out = io.BytesIO()
    sheet.save(out, "JPEG")
    return out.getvalue()
