"""The images endpoints, generations and edits: JSON or multipart, plain or streamed."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.embedded import faults
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Attachment, from_url
from nbext.embedded.errors import ReplyError
from nbext.embedded.params import Plan, make_plan, read_count, read_seed
from nbext.embedded.sse import Stream
from nbext.embedded.state import DrawSpec
from nbext.embedded.tasks import Task, new_task_id, start
from nbext.embedded.usage import io_usage, picture_tokens, text_tokens

if TYPE_CHECKING:
    from tornado.httputil import HTTPFile

    from nbext.embedded.state import Picture

FORMATS = ("png", "jpeg", "webp")
_QUALITIES = frozenset({"low", "medium", "high", "xhigh", "max"})
_LONGEST_PROMPT = 32_000
_MOST_INPUTS = 16
_STEP_SECONDS = 0.25


class Generations(Handler):
    """Pictures from a prompt."""

    event = "image_generation"

    async def answer_post(self, *_args: str) -> None:
        """Draw, and answer in the form of the model's family."""
        body, files = self.form_body()
        model = str(body.get("model") or "gpt-image-2")
        stream = body.get("stream") in (True, "true", "True", "1") and model != "embedded-plain"
        prompt = _check(body, model)
        attachments = _attachments(body, files)
        if self.event == "image_edit" and not attachments:
            raise ReplyError(400, "Missing required parameter: 'image'.", param="image")
        mask = _mask(body, files)
        _check_mask(mask, attachments)
        spec = DrawSpec(
            prompt=prompt,
            seed=read_seed(body),
            mask=mask,
            format=_format(body),
        )
        plan = await make_plan(
            self.state,
            spec,
            attachments=attachments,
            ratio=body.get("aspect_ratio", ""),
            size=body.get("size"),
        )
        count = read_count(body)
        if model == "embedded-refuses":
            raise moderation_error()
        writer = Stream(self, model) if stream else None
        await faults.meet(self, model, stream=stream)
        if model.endswith("-async"):
            self._answer_later(plan, model)
        elif writer is not None:
            await self._send_stream(writer, plan, body, count, attachments)
        else:
            await self._send(plan, body, model, count, attachments)

    async def _send(
        self,
        plan: Plan,
        body: dict[str, Any],
        model: str,
        count: int,
        attachments: list[Attachment],
    ) -> None:
        await self.wait(_STEP_SECONDS * 4)
        pictures = await self.state.draw(plan.spec, count)
        self.check_there()
        as_url = body.get("response_format", "b64_json" if _is_gpt(model) else "url") == "url"
        data = [
            {"url": self.state.link(one.name), "revised_prompt": one.caption}
            if as_url
            else {"b64_json": b64(one.data)}
            for one in pictures
        ]
        answer = {"created": int(time.time()), "data": data, **_facts(plan, body)}
        self.send_json(answer | {"usage": _usage(plan, pictures, attachments)})

    async def _send_stream(
        self,
        stream: Stream,
        plan: Plan,
        body: dict[str, Any],
        count: int,
        attachments: list[Attachment],
    ) -> None:
        partials = _partials(body)
        await stream.comment("PING")
        for picture in await self.state.draw(plan.spec, count):
            common = {**_facts(plan, body), "created_at": int(time.time())}
            for index in range(partials):
                await self.wait(_STEP_SECONDS)
                preview = await self.state.run(
                    draft, picture.data, (index + 1) / (partials + 1), plan.spec.format
                )
                name = f"{self.event}.partial_image"
                part = {"type": name, "b64_json": b64(preview), "partial_image_index": index}
                await stream.data(part | common, event=name)
            await self.wait(_STEP_SECONDS)
            name = f"{self.event}.completed"
            whole = {"type": name, "b64_json": b64(picture.data)}
            usage = {"usage": _usage(plan, [picture], attachments)}
            await stream.data(whole | common | usage, event=name)

    def _answer_later(self, plan: Plan, model: str) -> None:
        task = start(self.state, Task(new_task_id(), plan.spec, facts={"model": model}))
        self.send_json({"id": task.id, "task_id": task.id, "status": "queued"})


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
    """Bytes as base64."""
    return pybase64.b64encode(data).decode()


def moderation_error() -> ReplyError:
    """The error of the images endpoint for a prompt that is refused, with its details."""
    return ReplyError(
        400,
        "Your request was rejected by the safety system.",
        type="image_generation_user_error",
        code="moderation_blocked",
        extra={"moderation_details": {"moderation_stage": "input", "categories": ["violence"]}},
    )


def draft(picture: bytes, sharpness: float, form: str = "png") -> bytes:
    """A blurred preview of a picture; with ``sharpness`` 1 it is hardly blurred."""
    from PIL import Image, ImageFilter

    with Image.open(io.BytesIO(picture)) as source:
        image = source.convert("RGB")
    preview = image.filter(ImageFilter.BoxBlur(max(1.0, image.width / 24 * (1 - sharpness))))
    out = io.BytesIO()
    preview.save(out, form)
    return out.getvalue()


def _is_gpt(model: str) -> bool:
    return model.startswith(("gpt-image", "chatgpt-image", "embedded"))


def _check(body: dict[str, Any], model: str) -> str:
    """The prompt of a request, once its fields are checked.

    Raises:
        ReplyError: 400 otherwise, as the official endpoint answers.
    """
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise ReplyError(400, "Missing required parameter: 'prompt'.", param="prompt")
    if len(prompt) > _LONGEST_PROMPT:
        raise ReplyError(400, f"prompt is longer than {_LONGEST_PROMPT}", param="prompt")
    for name in ("response_format", "style"):
        if name in body and model.startswith(("gpt-image", "chatgpt-image")):
            message = f"Unknown parameter: '{name}'."
            raise ReplyError(400, message, param=name, code="unknown_parameter")
    return prompt


def _format(body: dict[str, Any]) -> str:
    form = body.get("output_format") or "png"
    if form not in FORMATS:
        raise ReplyError(
            400,
            f"output_format must be one of {', '.join(FORMATS)} here",
            param="output_format",
            code="invalid_value",
        )
    return str(form)


def _partials(body: dict[str, Any]) -> int:
    value = str(body.get("partial_images") or 0)
    if value not in {"0", "1", "2", "3"}:
        raise ReplyError(400, "partial_images must be between 0 and 3", param="partial_images")
    return int(value)


def _attachments(body: dict[str, Any], files: dict[str, list[HTTPFile]]) -> list[Attachment]:
    """The reference pictures: parts of the form, or any of the JSON fields that relays accept."""
    attachments = [
        Attachment("", file.body, file.content_type)
        for name in ("image", "image[]")
        for file in files.get(name, [])
    ]
    for name in ("image", "images", "image_url"):
        value = body.get(name)
        for one in value if isinstance(value, list) else [value]:
            url = one.get("image_url", one.get("url")) if isinstance(one, dict) else one
            if isinstance(url, str) and url:
                attachments.append(from_url(url))
    if len(attachments) > _MOST_INPUTS:
        raise ReplyError(400, f"more than {_MOST_INPUTS} pictures", param="image")
    return attachments


def _mask(body: dict[str, Any], files: dict[str, list[HTTPFile]]) -> bytes | None:
    if files.get("mask"):
        return files["mask"][0].body
    value = body.get("mask")
    url = value.get("image_url") if isinstance(value, dict) else value
    return from_url(url).data if isinstance(url, str) and url else None


def _check_mask(mask: bytes | None, attachments: list[Attachment]) -> None:
    """Refuse a mask that has no transparency, or another size than the first picture."""
    from PIL import Image

    if mask is None or not attachments or attachments[0].data is None:
        return
    try:
        with (
            Image.open(io.BytesIO(mask)) as image,
            Image.open(io.BytesIO(attachments[0].data)) as first,
        ):
            same, has_alpha = image.size == first.size, image.has_transparency_data
    except Exception:  # noqa: BLE001 - readers of hostile files raise anything
        raise ReplyError(400, "Invalid image file or mask", param="mask") from None
    if not same:
        raise ReplyError(400, "mask and image must have the same size", param="mask")
    if not has_alpha:
        raise ReplyError(400, "mask has no alpha channel", param="mask")


def read_quality(fields: dict[str, Any]) -> str:
    """The quality in the request, or ``high`` if it is missing or unknown."""
    quality = fields.get("quality")
    return quality if isinstance(quality, str) and quality in _QUALITIES else "high"


def _facts(plan: Plan, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "background": "opaque",
        "output_format": plan.spec.format,
        "quality": read_quality(body),
        "size": f"{plan.spec.width}x{plan.spec.height}",
    }


def _usage(plan: Plan, pictures: list[Picture], attachments: list[Attachment]) -> dict[str, Any]:
    output = sum(picture_tokens(one.width, one.height) for one in pictures)
    return io_usage(text_tokens(plan.spec.prompt), 323 * len(attachments), 0, output)
