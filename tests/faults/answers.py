"""Good answers of each wire format, and the models and verbs that bring them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from tests.sinks import picture

PICTURE = picture(size=(24, 16))
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08free" + bytes(64)
_B64 = base64.b64encode(PICTURE).decode()
JSON, SSE = "application/json", "text/event-stream"


@dataclass(frozen=True)
class Good:
    """A good answer.

    Attributes:
        wire: The wire format.
        kind: What is asked for.
        body: With ``ORIGIN`` where the server's own origin is meant.
        content_type: Of the body.
    """

    wire: str
    kind: str
    body: bytes
    content_type: str = JSON


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _events(*values: object, done: bool = True) -> bytes:
    lines = [b"data: " + _json(value) + b"\n\n" for value in values]
    return b"".join(lines) + (b"data: [DONE]\n\n" if done else b"")


def _chunk(text: str, finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


_URI = f"data:image/png;base64,{_B64}"
_CHAT = {"choices": [{"message": {"role": "assistant", "content": f"![cat]({_URI})"}}]}
_CHAT_LINK = {"choices": [{"message": {"role": "assistant", "content": "![cat](ORIGIN/cat.png)"}}]}
_ITEM = {"type": "image_generation_call", "id": "i1", "status": "completed", "result": _B64}
_RESPONSE = {"id": "r1", "object": "response", "status": "completed", "output": [_ITEM]}
_GEMINI = {
    "candidates": [
        {
            "content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": _B64}}]},
            "finishReason": "STOP",
        }
    ]
}
_WORDS = {"choices": [{"text": "and a cat", "finish_reason": "stop"}]}

GOOD = (
    Good("chat", "draw", _json(_CHAT)),
    Good("chat", "draw", _events(_chunk("![cat]("), _chunk(_URI), _chunk(")", "stop")), SSE),
    Good("chat", "draw", _json(_CHAT_LINK)),
    Good("chat", "draw", _events(_chunk("![cat](ORIGIN/"), _chunk("cat.png)", "stop")), SSE),
    Good("chat", "chat", _events(_chunk("A "), _chunk("cat.", "stop")), SSE),
    Good("images", "draw", _json({"created": 1, "data": [{"b64_json": _B64}]})),
    Good("images", "draw", _json({"created": 1, "data": [{"url": "ORIGIN/cat.png"}]})),
    Good("responses", "draw", _json(_RESPONSE)),
    Good(
        "responses",
        "draw",
        _events(
            {"type": "response.output_item.done", "item": _ITEM},
            {"type": "response.completed", "response": _RESPONSE},
            done=False,
        ),
        SSE,
    ),
    Good("gemini", "draw", _json(_GEMINI)),
    Good("gemini", "draw", _events(_GEMINI, done=False), SSE),
    Good("completions", "complete", _json(_WORDS)),
    Good("videos", "video", _json({"id": "v1", "status": "completed", "url": "ORIGIN/film.mp4"})),
)
