"""``POST /v1/chat/completions``: the relays' main API, from which most pictures come.

Source: OpenAI's chat completions reference; relays' extensions as observed in their answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.chat_decoder import ChatReader
from nbext.wire.encoding import PLACEHOLDER, base64_text, data_uri, merged
from nbext.wire.events import Call

if TYPE_CHECKING:
    from nbext.data.request import Reference, Request, Turn
    from nbext.wire.events import SinkFactory

# Google's models expect a film in the place of a picture.
_GOOGLE = pattern(r"gemini|nano-?banana|imagen", re.IGNORECASE)


class ChatWire:
    """Chat completions."""

    name = "chat"

    def encode(self, request: Request) -> Call:
        """Encode a request as messages.

        Raises:
            OptionError: There is a mask, which chat does not support.
        """
        if request.mask is not None:
            raise OptionError(
                phrase("wire.chat_mask"),
                remedy=phrase("wire.via_images"),
            )
        messages: list[dict[str, Any]] = []
        if request.system:
            messages.append({"role": "system", "content": request.system})
        messages += [_message(turn, request.model) for turn in request.conversation]
        messages.append(
            {"role": "user", "content": _content(request.prompt, request.references, request.model)}
        )
        messages += [_message(turn, request.model) for turn in request.followup]
        body: dict[str, Any] = {"model": request.model, "stream": True, "messages": messages}
        body |= _fields(request)
        body = merged(body, request.extra)
        return Call(
            path="chat/completions",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=request.prompt,
        )

    def decoder(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> ChatReader:
        """Create a decoder for one answer."""
        return ChatReader(request, sink, content_type=content_type)


def _fields(request: Request) -> dict[str, Any]:
    """Encode the options of a picture; chat has no such fields, but relays accept them."""
    named = {
        "seed": request.seed,
        "quality": request.quality,
        "output_format": request.format,
        "aspect_ratio": request.aspect,
        "size": request.size,
    }
    return {key: value for key, value in named.items() if value not in ("", None)}


def _content(text: str, pictures: tuple[Reference, ...], model: str) -> Any:
    """Encode a user's message: plain text, or parts if it has pictures."""
    if not pictures:
        return text
    return [{"type": "text", "text": text}, *(_part(picture, model) for picture in pictures)]


def _part(picture: Reference, model: str) -> dict[str, Any]:
    """Encode a picture as a part; a film as the model's family expects it."""
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
    """Put the pictures back into an answer's text, to send it as it was received."""
    known = {picture.info.sha256: picture for picture in turn.pictures}
    return PLACEHOLDER.sub(
        lambda match: base64_text(known[match[1]]) if match[1] in known else match[0], turn.text
    )


WIRE = ChatWire()
