"""The Responses format: input items to output items, pictures through a tool.

Source: OpenAI API reference, ``POST /v1/responses`` and its stream events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.wire import sizes
from nbext.wire.compose import data_uri, merged, refuse, without_placeholders
from nbext.wire.events import Call

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.data.request import Reference, Request

# What the image tool draws whatever its model is.
SIZES = ("1024x1024", "1024x1536", "1536x1024")
PARTIAL_IMAGES = 2

_TOOL_FIELDS = frozenset(
    {
        "action",
        "complexity",
        "frame_count",
        "frame_duration_ms",
        "input_fidelity",
        "input_image_mask",
        "moderation",
        "output_compression",
        "output_format",
        "partial_images",
        "quality",
        "size",
        "svg",
    }
)


class ResponsesWire:
    """Writes Responses requests and reads their answers."""

    name = "responses"

    def encode(self, request: Request) -> Call:
        """Write a request; ``draw`` brings the ``image_generation`` tool.

        An earlier conversation is named by the id of its last answer where the endpoint keeps it
        (``store`` is not false), else it is sent whole. ``previous_response_id=null`` in ``extra``
        has it sent whole in any case.

        Raises:
            OptionError: A seed, or without ``draw`` a field of pictures.
        """
        refuse(request, self.name, {"seed": "Use gemini or images, where the model takes a seed."})
        drawing = request.kind == "draw"
        if not drawing:
            by_draw = "Only a drawing has it: use draw."
            refuse(
                request,
                self.name,
                dict.fromkeys(("mask", "aspect", "size", "quality", "format"), by_draw),
            )
        extra = dict(request.extra)
        body: dict[str, Any] = {"model": request.model, "input": [], "stream": True}
        before = _answer_id(request)
        if before:
            body["previous_response_id"] = before
            body["input"] = [_user(request.prompt, request.references)]
        else:
            body["input"] = _conversation(request)
        if request.system:
            body["instructions"] = request.system
        tools = extra.pop("tools", None) or []
        if drawing:
            own = _image_tool(request, extra)
            tools = _with_image_tool(own, tools)
            if len(tools) == 1:
                # Without a choice of its own a model may answer in words, which is billed too.
                body["tool_choice"] = {"type": "image_generation"}
        if tools:
            body["tools"] = tools
        body = merged(body, extra)
        return Call(
            path="responses",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=request.prompt,
        )


def advice(request: Request) -> list[str]:
    """Say what an endpoint would accept, and bill, without doing what was asked."""
    said = []
    if request.aspect and not request.size:
        size = sizes.nearest(request.aspect, SIZES)
        width, height = sizes.pixels(size) or (1, 1)
        if abs(sizes.ratio(request.aspect) - width / height) > 0.01:
            said.append(
                f"aspect {request.aspect} becomes {size}, the nearest of {', '.join(SIZES)} "
                "(OpenAI, image_generation tool)"
            )
    last_part = request.model.rsplit("/", 1)[-1].lower()
    if request.kind == "draw" and last_part.startswith(("gpt-image", "chatgpt-image")):
        said.append(
            f"{request.model} is a model of the image_generation tool; responses itself wants a "
            "text model, which draws through the tool (OpenAI, image generation guide)"
        )
    return said


def _answer_id(request: Request) -> str:
    """Give the id that the last answer can be continued by, empty where there is none."""
    if not request.conversation or request.extra.get("store") is False:
        return ""
    if "previous_response_id" in request.extra:
        return str(request.extra["previous_response_id"] or "")
    raw = request.conversation[-1].raw
    found = raw.get("response_id") if isinstance(raw, dict) else None
    return found if isinstance(found, str) else ""


def _conversation(request: Request) -> list[dict[str, Any]]:
    """Write all turns as messages.

    An assistant's message takes no pictures, so an answer's pictures go with what follows it.
    """
    items: list[dict[str, Any]] = []
    carried: list[Reference] = []
    for turn in request.conversation:
        if turn.role == "assistant":
            carried.extend(turn.pictures)
            text = without_placeholders(turn.text)
            if text:
                part = {"type": "output_text", "text": text}
                items.append({"role": "assistant", "content": [part]})
        else:
            items.append(_user(turn.text, [*carried, *turn.pictures]))
            carried = []
    items.append(_user(request.prompt, [*carried, *request.references]))
    return items


def _user(text: str, pictures: Sequence[Reference]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "input_text", "text": text}]
    content += [{"type": "input_image", "image_url": data_uri(picture)} for picture in pictures]
    return {"role": "user", "content": content}


def _image_tool(request: Request, extra: dict[str, Any]) -> dict[str, Any]:
    """Write the image tool, and move the fields that are its own out of the body's."""
    tool: dict[str, Any] = {"type": "image_generation"}
    size = request.size or (sizes.nearest(request.aspect, SIZES) if request.aspect else "")
    named = {"size": size, "quality": request.quality, "output_format": request.format}
    tool |= {key: value for key, value in named.items() if value}
    if request.mask is not None:
        tool["input_image_mask"] = {"image_url": data_uri(request.mask)}
    if extra.get("stream", True):
        tool["partial_images"] = PARTIAL_IMAGES
    own = {key: extra.pop(key) for key in _TOOL_FIELDS & extra.keys()}
    # In the body, background says whether to answer later; in the tool, what is behind the cat.
    if isinstance(extra.get("background"), str):
        own["background"] = extra.pop("background")
    return merged(tool, own)


def _with_image_tool(own: Mapping[str, Any], given: Any) -> list[Any]:
    """Put the image tool before the tools that are given; a given image tool completes it."""
    given = given if isinstance(given, list) else [given]
    others = []
    for tool in given:
        if isinstance(tool, dict) and tool.get("type") == "image_generation":
            own = merged(own, tool)
        else:
            others.append(tool)
    return [dict(own), *others]
