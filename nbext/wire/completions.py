"""The legacy completions format: one prompt, a text that goes on from it.

Source: OpenAI API reference, ``POST /v1/completions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.wire.compose import merged, refuse, without_placeholders
from nbext.wire.events import Call

if TYPE_CHECKING:
    from nbext.data.request import Request

_USE_CHAT = "Use chat, or say it in the prompt."


class CompletionsWire:
    """Writes completions requests and reads their answers."""

    name = "completions"

    def encode(self, request: Request) -> Call:
        """Write a request.

        An earlier conversation is the text that the prompt follows.

        Raises:
            OptionError: It has pictures, a system message, or a field of pictures.
        """
        refuse(
            request,
            self.name,
            {
                "references": _USE_CHAT,
                "mask": _USE_CHAT,
                "system": _USE_CHAT,
                "aspect": "",
                "size": "",
                "quality": "",
                "format": "",
            },
        )
        before = "".join(without_placeholders(turn.text) for turn in request.conversation)
        body: dict[str, Any] = {
            "model": request.model,
            "prompt": before + request.prompt,
            "stream": True,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.extra.get("stream", True):
            body["stream_options"] = {"include_usage": True}
        body = merged(body, request.extra)
        return Call(
            path="completions",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=request.prompt,
        )
