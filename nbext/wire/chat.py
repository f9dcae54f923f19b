"""``POST /v1/chat/completions``: the relay's main endpoint, and where most pictures come from.

Source: OpenAI's chat completions reference; what relays add to it was read off their answers.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.wire.chat_decoder import ChatReader
from nbext.wire.encoding import PLACEHOLDER, base64_text, data_uri, merged
from nbext.wire.events import Call

if TYPE_CHECKING:
    from nbext.data.request import Reference, Request, Turn
    from nbext.wire.events import SinkFactory

# Families, by the way their relays take an aspect ratio; a name nobody has heard of gets the
# fields.
_IN_PROMPT = re.compile(r"gpt-?4o|sora[-_]?image|gpt-image-1-vip", re.IGNORECASE)
_GOOGLE = re.compile(r"gemini|nano-?banana|imagen", re.IGNORECASE)
# ``google/gemini…`` as routers name models; relays have names with a slash of another kind.
_VENDOR = re.compile(r"(?!gemini|nano-?banana|imagen)[^/]+/", re.IGNORECASE)


class ChatWire:
    """Chat completions."""

    name = "chat"

    def encode(self, request: Request) -> Call:
        """Write a request as messages.

        Raises:
            OptionError: A mask was given: chat has no place for one.
        """
        if request.mask is not None:
            raise OptionError(
                "The wire format chat has no mask.",
                remedy="Add --via images, where the relay has it.",
            )
        prompt, fields = _shaped(request)
        messages: list[dict[str, Any]] = []
        if request.system:
            messages.append({"role": "system", "content": request.system})
        messages += [_message(turn, request.model) for turn in request.conversation]
        messages.append(
            {"role": "user", "content": _content(prompt, request.references, request.model)}
        )
        messages += [_message(turn, request.model) for turn in request.followup]
        body = {"model": request.model, "stream": True, "messages": messages, **fields}
        body = merged(body, request.extra)
        return Call(
            path="chat/completions",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=prompt,
        )

    def decoder(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> ChatReader:
        """Make a decoder for one answer."""
        return ChatReader(request, sink, content_type=content_type)


def _shaped(request: Request) -> tuple[str, dict[str, Any]]:
    """Say the shape of the picture the way the model's family takes it.

    Returns:
        The prompt as sent, and fields of the body.
    """
    fields: dict[str, Any] = {}
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.quality:
        fields["quality"] = request.quality
    if request.format:
        fields["output_format"] = request.format
    if request.kind != "draw":
        return request.prompt, fields
    aspect = request.aspect or _ratio(request.size)
    if _GOOGLE.search(request.model):
        config = {"aspect_ratio": aspect, "image_size": _google_size(request.size)}
        config = {key: value for key, value in config.items() if value}
        if _VENDOR.match(request.model):
            fields["modalities"] = ["image", "text"]
            if config:
                fields["image_config"] = config
        elif config:
            fields["extra_body"] = {"google": {"image_config": config}}
        return request.prompt, fields
    if _IN_PROMPT.search(request.model):
        return f"{request.prompt}【{aspect}】" if aspect else request.prompt, fields
    if _VENDOR.match(request.model):
        fields["modalities"] = ["image", "text"]
    if request.aspect:
        fields["aspect_ratio"] = request.aspect
    if request.size:
        fields["size"] = request.size
    return request.prompt, fields


def _ratio(size: str) -> str:
    """Reduce ``1024x1536`` to ``2:3``, anything else to nothing."""
    match = re.fullmatch(r"(\d{1,5})[x×*](\d{1,5})", size)
    if not match or not int(match[1]) or not int(match[2]):
        return ""
    width, height = int(match[1]), int(match[2])
    divisor = math.gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def _google_size(size: str) -> str:
    return size.upper() if re.fullmatch(r"(?i)(512|0\.5k|[124]k)", size) else ""


def _content(text: str, pictures: tuple[Reference, ...], model: str) -> Any:
    """Write a user's content: plain text, or parts where pictures go with it."""
    if not pictures:
        return text
    return [{"type": "text", "text": text}, *(_part(picture, model) for picture in pictures)]


def _part(picture: Reference, model: str) -> dict[str, Any]:
    """Write a picture as a part; a film goes where the model's family looks for it."""
    kind = "image_url"
    if picture.info.media_type.startswith("video/") and not _GOOGLE.search(model):
        kind = "video_url"
    return {"type": kind, kind: {"url": data_uri(picture)}}


def _message(turn: Turn, model: str) -> dict[str, Any]:
    if turn.role == "user":
        return {"role": "user", "content": _content(turn.text, turn.pictures, model)}
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.answers, "content": turn.text}
    message: dict[str, Any] = {"role": "assistant", "content": _as_answered(turn)}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": call["arguments"]},
            }
            for call in turn.calls
        ]
    return message


def _as_answered(turn: Turn) -> str:
    """Put the pictures back into an answer's text: it goes back as it came."""
    known = {picture.info.sha256: picture for picture in turn.pictures}
    return PLACEHOLDER.sub(
        lambda match: base64_text(known[match[1]]) if match[1] in known else match[0], turn.text
    )


WIRE = ChatWire()
