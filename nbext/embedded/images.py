"""The images endpoints, generations and edits: JSON or multipart, plain or streamed."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.embedded import faults
from nbext.embedded.base import Handler
from nbext.embedded.errors import ReplyError
from nbext.embedded.image_params import ImageRequest, read_image_request
from nbext.embedded.params import Plan, make_plan
from nbext.embedded.sse import Stream
from nbext.embedded.tasks import Task, new_task_id, start
from nbext.embedded.uploads import with_contents
from nbext.embedded.usage import io_usage, picture_tokens, text_tokens, warnings_about

if TYPE_CHECKING:
    from nbext.embedded.sketch import DrawSpec
    from nbext.embedded.state import Picture

_STEP_SECONDS = 0.25


class Generations(Handler):
    """Pictures from a prompt."""

    event = "image_generation"
    always_bytes = False  # whatever the family's default

    async def answer_post(self, *_args: str) -> None:
        """Draw, and answer in the format of the model's family."""
        body, files = self.form_body()
        if self.always_bytes:
            body = {**body, "response_format": "b64_json"}
        for name in ("image", "images", "mask", "markup"):
            if name in body:
                body = {**body, name: with_contents(self.state.uploads, body[name])}
        request = read_image_request(body, files, needs_image=self.event == "image_edit")
        plan = await make_plan(
            self.state,
            request.spec,
            attachments=request.attachments,
            ratio=body.get("aspect_ratio", ""),
            size=body.get("size") or body.get("resolution"),
        )
        if request.model == "embedded-refuses":
            raise moderation_error()
        writer = Stream(self, request.model) if request.stream else None
        await faults.meet(self, request.model, stream=request.stream)
        if request.model.endswith("-async"):
            self._answer_later(plan, request.model)
        elif writer is not None:
            await self._send_stream(writer, request, plan.spec)
        else:
            await self._send(request, plan.spec)

    async def _send(self, request: ImageRequest, spec: DrawSpec) -> None:
        await self.wait(_STEP_SECONDS * 4)
        pictures = await self.state.draw(spec, request.count)
        self.check_there()
        data = [
            {"url": self.state.link(one.name), "revised_prompt": one.caption}
            if request.as_url
            else {"b64_json": b64(one.data)}
            for one in pictures
        ]
        answer = {"created": int(time.time()), "data": data, **_facts(request, spec)}
        self.send_json(
            answer | {"usage": _usage(request, spec, pictures), **warnings_about(pictures)}
        )

    async def _send_stream(self, stream: Stream, request: ImageRequest, spec: DrawSpec) -> None:
        await stream.comment("PING")
        for picture in await self.state.draw(spec, request.count):
            common = {**_facts(request, spec), "created_at": int(time.time())}
            for index in range(request.partials):
                await self.wait(_STEP_SECONDS)
                sharpness = (index + 1) / (request.partials + 1)
                preview = await self.state.run(draft, picture.data, sharpness, spec.format)
                name = f"{self.event}.partial_image"
                part = {"type": name, "b64_json": b64(preview), "partial_image_index": index}
                await stream.data(part | common, event=name)
            await self.wait(_STEP_SECONDS)
            name = f"{self.event}.completed"
            whole = {"type": name, "b64_json": b64(picture.data)}
            usage = {"usage": _usage(request, spec, [picture]), **warnings_about([picture])}
            await stream.data(whole | common | usage, event=name)

    def _answer_later(self, plan: Plan, model: str) -> None:
        task = start(self.state, Task(new_task_id(), plan.spec, facts={"model": model}))
        self.send_json({"id": task.id, "task_id": task.id, "status": "queued"})


class RouterImages(Generations):
    """``POST /v1/images`` of OpenRouter: one address for all families, with references."""

    always_bytes = True


class Edits(Generations):
    """Pictures from other pictures, with a mask or without."""

    event = "image_edit"


class ImageTask(Handler):
    """``GET /v1/images/tasks/ID`` and ``/v1/tasks/ID``: a picture under way."""

    async def answer_get(self, *args: str) -> None:
        """Send the status."""
        task = self.state.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found", code="task_not_found")
        page = task.source(self.state)
        results = {"results": page.pop("urls")} if "urls" in page else {}
        self.send_json({"object": "image.generation.task", **page, **results})


def b64(data: bytes) -> str:
    """Return bytes as base64."""
    return pybase64.b64encode(data).decode()


def moderation_error() -> ReplyError:
    """Return the error for a refused prompt, with the details of the images endpoint."""
    return ReplyError(
        400,
        "Your request was rejected by the safety system.",
        type="image_generation_user_error",
        code="moderation_blocked",
        extra={"moderation_details": {"moderation_stage": "input", "categories": ["violence"]}},
    )


def draft(picture: bytes, sharpness: float, form: str = "png") -> bytes:
    """Return a blurred preview of a picture; with ``sharpness`` 1 it is hardly blurred."""
    from PIL import Image, ImageFilter

    with Image.open(io.BytesIO(picture)) as source:
        image = source.convert("RGB")
    preview = image.filter(ImageFilter.BoxBlur(max(1.0, image.width / 24 * (1 - sharpness))))
    out = io.BytesIO()
    preview.save(out, form)
    return out.getvalue()


def _facts(request: ImageRequest, spec: DrawSpec) -> dict[str, Any]:
    """Return the fields of an answer that describe how it was drawn."""
    return {
        "background": spec.background,
        "output_format": spec.format,
        "quality": request.quality,
        "size": f"{spec.width}x{spec.height}",
    }


def _usage(request: ImageRequest, spec: DrawSpec, pictures: list[Picture]) -> dict[str, Any]:
    output = sum(picture_tokens(one.width, one.height) for one in pictures)
    return io_usage(text_tokens(spec.prompt), 323 * len(request.attachments), 0, output)
