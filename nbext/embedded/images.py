"""The images endpoints, generations and edits: JSON or multipart, plain or streamed."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.embedded import faults
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Given, from_url
from nbext.embedded.errors import ReplyError
from nbext.embedded.ordering import Plan, make_plan, read_count, read_seed
from nbext.embedded.sse import Stream
from nbext.embedded.studio import Order
from nbext.embedded.tasks import Task, new_task_id, start
from nbext.embedded.usage import io_usage, picture_tokens, text_tokens

if TYPE_CHECKING:
    from tornado.httputil import HTTPFile

    from nbext.embedded.studio import Made

FORMATS = ("png", "jpeg", "webp")
_QUALITIES = frozenset({"low", "medium", "high", "xhigh", "max"})
_LONGEST_PROMPT = 32_000
_MOST_INPUTS = 16
_STEP_SECONDS = 0.25


class Generations(Handler):
    """Pictures from a prompt."""

    event = "image_generation"

    async def answer_post(self, *_args: str) -> None:
        """Draw, and answer as the model's family does."""
        body, files = self.form_body()
        model = str(body.get("model") or "gpt-image-2")
        stream = body.get("stream") in (True, "true", "True", "1") and model != "embedded-plain"
        prompt = _check(body, model)
        given = _given(body, files)
        if self.event == "image_edit" and not given:
            raise ReplyError(400, "Missing required parameter: 'image'.", param="image")
        mask = _mask(body, files)
        _check_mask(mask, given)
        order = Order(
            prompt=prompt,
            seed=read_seed(body),
            mask=mask,
            format=_format(body),
        )
        wanted = await make_plan(
            self.studio,
            order,
            given=given,
            ratio=body.get("aspect_ratio", ""),
            size=body.get("size"),
        )
        count = read_count(body)
        if model == "embedded-refuses":
            raise moderated()
        writer = Stream(self, model) if stream else None
        await faults.meet(self, model, stream=stream)
        if model.endswith("-async"):
            self._answer_later(wanted, model)
        elif writer is not None:
            await self._send_stream(writer, wanted, body, count, given)
        else:
            await self._send(wanted, body, model, count, given)

    async def _send(
        self, wanted: Plan, body: dict[str, Any], model: str, count: int, given: list[Given]
    ) -> None:
        await self.wait(_STEP_SECONDS * 4)
        made = await self.studio.draw(wanted.order, count)
        self.check_there()
        as_url = body.get("response_format", "b64_json" if _is_gpt(model) else "url") == "url"
        data = [
            {"url": self.studio.link(one.name), "revised_prompt": one.caption}
            if as_url
            else {"b64_json": b64(one.data)}
            for one in made
        ]
        answer = {"created": int(time.time()), "data": data, **_facts(wanted, body)}
        self.send_json(answer | {"usage": _usage(wanted, made, given)})

    async def _send_stream(
        self, stream: Stream, wanted: Plan, body: dict[str, Any], count: int, given: list[Given]
    ) -> None:
        partials = _partials(body)
        await stream.comment("PING")
        for made in await self.studio.draw(wanted.order, count):
            common = {**_facts(wanted, body), "created_at": int(time.time())}
            for index in range(partials):
                await self.wait(_STEP_SECONDS)
                preview = await self.studio.run(
                    draft, made.data, (index + 1) / (partials + 1), wanted.order.format
                )
                name = f"{self.event}.partial_image"
                part = {"type": name, "b64_json": b64(preview), "partial_image_index": index}
                await stream.data(part | common, event=name)
            await self.wait(_STEP_SECONDS)
            name = f"{self.event}.completed"
            whole = {"type": name, "b64_json": b64(made.data)}
            usage = {"usage": _usage(wanted, [made], given)}
            await stream.data(whole | common | usage, event=name)

    def _answer_later(self, wanted: Plan, model: str) -> None:
        task = start(self.studio, Task(new_task_id(), wanted.order, facts={"model": model}))
        self.send_json({"id": task.id, "task_id": task.id, "status": "queued"})


class Edits(Generations):
    """Pictures from other pictures, with a mask or without."""

    event = "image_edit"


class ImageTask(Handler):
    """``GET /v1/images/tasks/ID`` and ``/v1/tasks/ID``: a picture that is asked for later."""

    async def answer_get(self, *args: str) -> None:
        """Send its state."""
        task = self.studio.tasks.get(args[0])
        if task is None:
            raise ReplyError(404, "task not found", code="task_not_found")
        state = task.source(self.studio)
        results = {"results": state.pop("urls")} if "urls" in state else {}
        self.send_json({"object": "image.generation.task", **state, **results})


def b64(data: bytes) -> str:
    """Bytes as base64."""
    return pybase64.b64encode(data).decode()


def moderated() -> ReplyError:
    """The refusal of the images endpoint, with what is known of its reason."""
    return ReplyError(
        400,
        "Your request was rejected by the safety system.",
        type="image_generation_user_error",
        code="moderation_blocked",
        extra={"moderation_details": {"moderation_stage": "input", "categories": ["violence"]}},
    )


def draft(picture: bytes, sharpness: float, form: str = "png") -> bytes:
    """A preview of a picture: blurred, the less the closer ``sharpness`` is to 1."""
    from PIL import Image, ImageFilter

    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    blurred = image.filter(ImageFilter.BoxBlur(max(1.0, image.width / 24 * (1 - sharpness))))
    out = io.BytesIO()
    blurred.save(out, form)
    return out.getvalue()


def _is_gpt(model: str) -> bool:
    return model.startswith(("gpt-image", "chatgpt-image", "embedded"))


def _check(body: dict[str, Any], model: str) -> str:
    """The prompt of a request whose fields are what the official endpoint takes.

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


def _given(body: dict[str, Any], files: dict[str, list[HTTPFile]]) -> list[Given]:
    """The pictures to work from: parts of the form, or the several fields that relays know."""
    given = [
        Given("", file.body, file.content_type)
        for name in ("image", "image[]")
        for file in files.get(name, [])
    ]
    for name in ("image", "images", "image_url"):
        value = body.get(name)
        for one in value if isinstance(value, list) else [value]:
            url = one.get("image_url", one.get("url")) if isinstance(one, dict) else one
            if isinstance(url, str) and url:
                given.append(from_url(url))
    if len(given) > _MOST_INPUTS:
        raise ReplyError(400, f"more than {_MOST_INPUTS} pictures", param="image")
    return given


def _mask(body: dict[str, Any], files: dict[str, list[HTTPFile]]) -> bytes | None:
    if files.get("mask"):
        return files["mask"][0].body
    value = body.get("mask")
    url = value.get("image_url") if isinstance(value, dict) else value
    return from_url(url).data if isinstance(url, str) and url else None


def _check_mask(mask: bytes | None, given: list[Given]) -> None:
    """Refuse a mask that has no transparency, or another size than the first picture."""
    from PIL import Image

    if mask is None or not given or given[0].data is None:
        return
    try:
        with Image.open(io.BytesIO(mask)) as image, Image.open(io.BytesIO(given[0].data)) as first:
            same, has_alpha = image.size == first.size, image.has_transparency_data
    except Exception:  # noqa: BLE001 - readers of hostile files raise anything
        raise ReplyError(400, "Invalid image file or mask", param="mask") from None
    if not same:
        raise ReplyError(400, "mask and image must have the same size", param="mask")
    if not has_alpha:
        raise ReplyError(400, "mask has no alpha channel", param="mask")


def read_quality(fields: dict[str, Any]) -> str:
    """The quality that is asked for, ``high`` where it is none that is known."""
    quality = fields.get("quality")
    return quality if isinstance(quality, str) and quality in _QUALITIES else "high"


def _facts(wanted: Plan, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "background": "opaque",
        "output_format": wanted.order.format,
        "quality": read_quality(body),
        "size": f"{wanted.order.width}x{wanted.order.height}",
    }


def _usage(wanted: Plan, made: list[Made], given: list[Given]) -> dict[str, Any]:
    drawn = sum(picture_tokens(one.width, one.height) for one in made)
    return io_usage(text_tokens(wanted.order.prompt), 323 * len(given), 0, drawn)
