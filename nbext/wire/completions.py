"""The legacy completions format: a prompt, and a text that continues it.

Source: OpenAI API reference, ``POST /v1/completions``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.messages.say import phrase
from nbext.wire.base_decoder import Reader
from nbext.wire.encoding import merged, refuse, without_placeholders
from nbext.wire.events import Call
from nbext.wire.json_values import as_dict, as_list

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.wire.events import SinkFactory


class CompletionsWire:
    """Writes completions requests and reads their answers."""

    name = "completions"

    def encode(self, request: Request) -> Call:
        """Encode a request.

        An earlier conversation is sent as text before the prompt.

        Raises:
            OptionError: It has pictures, a system message, or an option of pictures.
        """
        refuse(
            request,
            self.name,
            {
                "references": phrase("wire.use_chat"),
                "mask": phrase("wire.use_chat"),
                "system": phrase("wire.use_chat"),
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

    def decoder(
        self, request: Request, sink: SinkFactory, *, content_type: str = ""
    ) -> CompletionsReader:
        """Create a decoder for one answer."""
        return CompletionsReader(request, sink, content_type=content_type)


class CompletionsReader(Reader):
    """Decodes a completion's text, whole or streamed."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._others: dict[int, list[str]] = {}

    def value(self, value: Any, event: str) -> None:
        """Process the answer, or a piece of it."""
        del event
        answer = as_dict(value)
        self.say_meta(model=answer.get("model"), answer_id=answer.get("id"))
        self.usage(answer.get("usage"), answer)
        for choice in map(as_dict, as_list(answer.get("choices"))):
            # Some endpoints answer in the chat format.
            spoken = as_dict(choice.get("delta") or choice.get("message"))
            text = choice.get("text") or spoken.get("content")
            index = choice.get("index")
            if isinstance(text, str) and text:
                if isinstance(index, int) and index > 0:
                    self._others.setdefault(index, []).append(text)
                else:
                    self.prose(text)
            reason = choice.get("finish_reason")
            if isinstance(reason, str) and reason:
                self.finish(reason)

    def ended(self) -> None:
        """Report further completions of the same prompt, and whether it was cut off."""
        for _, pieces in sorted(self._others.items()):
            self.prose("\n\n" + "".join(pieces))
        if self.finish_reason == "content_filter":
            message = phrase("wire.filtered")
            self.fail("ModerationError", message, maybe_billed=True)


WIRE = CompletionsWire()
