"""The events of a streamed response; a plain answer is the content of the last event."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbext.embedded import talk
from nbext.embedded.ids import new_id
from nbext.embedded.sse import Stream
from nbext.embedded.usage import text_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbext.embedded.base import Handler
    from nbext.embedded.tools import Call

_PAUSE = 0.02


class Events:
    """A response while it grows.

    Args:
        handler: The handler of the request.
        response: The response, without output.
        model: The name in the request.
        stream: Whether to send each step, instead of only the whole response.
    """

    def __init__(
        self, handler: Handler, response: dict[str, Any], model: str, *, stream: bool
    ) -> None:
        self.handler = handler
        self.text_tokens = 0
        self._response = response
        self._stream = Stream(handler, model) if stream else None
        self._number = 0
        self._is_cut = False

    @property
    def _index(self) -> int:
        return len(self._response["output"])

    async def send(self, name: str, /, **fields: Any) -> None:
        """Send one event: ``name`` without its ``response.``."""
        if self._stream is None:
            return
        event = {"type": f"response.{name}", "sequence_number": self._number, **fields}
        self._number += 1
        await self._stream.data(event, event=event["type"])

    async def begin(self) -> None:
        """Send that the response has been created and is in progress."""
        await self.send("created", response=self._response)
        await self.send("in_progress", response=self._response)

    async def end(self, usage: dict[str, Any], about: dict[str, list[str]]) -> dict[str, Any]:
        """Complete the response, send it, and return it."""
        status = "incomplete" if self._is_cut else "completed"
        self._response |= {"status": status, "usage": usage, **about}
        if self._is_cut:
            self._response["incomplete_details"] = {"reason": "max_output_tokens"}
        if self._stream is None:
            self.handler.check_there()
            self.handler.send_json(self._response)
        else:
            await self.send(status, response=self._response)
        return self._response

    async def _added(self, item: dict[str, Any]) -> None:
        await self.send("output_item.added", output_index=self._index, item=item)

    async def _done(self, item: dict[str, Any]) -> None:
        await self.send("output_item.done", output_index=self._index, item=item)
        self._response["output"].append(item)

    async def message(self, text: str, annotations: list[dict[str, Any]] | None = None) -> None:
        """Add a message, with or without citations, cut off at the response's token limit."""
        text, finish = talk.truncate(text, self._response["max_output_tokens"])
        self._is_cut = self._is_cut or finish == "length"
        annotations = [one for one in annotations or [] if one["end_index"] <= len(text)]
        item = {"id": new_id("msg_"), "type": "message", "role": "assistant"}
        at = {"item_id": item["id"], "output_index": self._index, "content_index": 0}
        empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        part = {**empty, "text": text, "annotations": annotations}
        await self._added({**item, "status": "in_progress", "content": []})
        await self.send("content_part.added", **at, part=empty)
        for piece in talk.pieces(text):
            await self.handler.wait(_PAUSE)
            await self.send("output_text.delta", **at, delta=piece, logprobs=[])
        for number, one in enumerate(annotations):
            name = "output_text.annotation.added"
            await self.send(name, **at, annotation_index=number, annotation=one)
        await self.send("output_text.done", **at, text=text, logprobs=[])
        await self.send("content_part.done", **at, part=part)
        status = "incomplete" if finish == "length" else "completed"
        await self._done({**item, "status": status, "content": [part]})
        self.text_tokens += text_tokens(text)

    async def refusal(self, text: str) -> None:
        """Add a refusal instead of a message."""
        item = {"id": new_id("msg_"), "type": "message", "role": "assistant"}
        at = {"item_id": item["id"], "output_index": self._index, "content_index": 0}
        part = {"type": "refusal", "refusal": text}
        await self._added({**item, "status": "in_progress", "content": []})
        await self.send("content_part.added", **at, part={"type": "refusal", "refusal": ""})
        await self.send("refusal.delta", **at, delta=text)
        await self.send("refusal.done", **at, refusal=text)
        await self.send("content_part.done", **at, part=part)
        await self._done({**item, "status": "completed", "content": [part]})
        self.text_tokens += text_tokens(text)

    async def reasoning(self, text: str) -> None:
        """Add a summary of reasoning."""
        item = {"id": new_id("rs_"), "type": "reasoning"}
        at = {"item_id": item["id"], "output_index": self._index, "summary_index": 0}
        part = {"type": "summary_text", "text": text}
        await self._added({**item, "summary": []})
        await self.send("reasoning_summary_part.added", **at, part={**part, "text": ""})
        await self.send("reasoning_summary_text.delta", **at, delta=text)
        await self.send("reasoning_summary_text.done", **at, text=text)
        await self.send("reasoning_summary_part.done", **at, part=part)
        await self._done({**item, "summary": [part]})

    async def search(self, query: str, source: str) -> None:
        """Add a web search with its steps."""
        action = {
            "type": "search",
            "query": query,
            "queries": [query],
            "sources": [{"type": "url", "url": source}],
        }
        item = {"id": new_id("ws_"), "type": "web_search_call", "action": action}
        at = {"item_id": item["id"], "output_index": self._index}
        await self._added({**item, "status": "in_progress"})
        for step in ("in_progress", "searching", "completed"):
            await self.send(f"web_search_call.{step}", **at)
            await self.handler.wait(_PAUSE)
        await self._done({**item, "status": "completed"})

    async def call(self, call: Call) -> None:
        """Add a function call."""
        function = call["function"]
        item = {
            "id": new_id("fc_"),
            "type": "function_call",
            "call_id": call["id"],
            "name": function["name"],
        }
        at = {"item_id": item["id"], "output_index": self._index}
        await self._added({**item, "status": "in_progress", "arguments": ""})
        for piece in talk.pieces(function["arguments"]):
            await self.handler.wait(_PAUSE)
            await self.send("function_call_arguments.delta", **at, delta=piece)
        await self.send(
            "function_call_arguments.done",
            **at,
            name=function["name"],
            arguments=function["arguments"],
        )
        await self._done({**item, "status": "completed", "arguments": function["arguments"]})
        self.text_tokens += text_tokens(str(function))

    @contextlib.asynccontextmanager
    async def picture(
        self, facts: dict[str, Any], prompt: str, *, edits: bool
    ) -> AsyncIterator[PictureEvents]:
        """Start a picture; its previews and its end go through the returned object.

        Args:
            facts: Its size, quality, background and format.
            prompt: The prompt that was drawn.
            edits: Whether it modifies another picture.
        """
        item = {"id": new_id("ig_"), "type": "image_generation_call"}
        at = {"item_id": item["id"], "output_index": self._index}
        await self._added({**item, "status": "in_progress", "result": None})
        await self.send("image_generation_call.in_progress", **at)
        await self.send("image_generation_call.generating", **at)
        action = {"action": "edit" if edits else "generate", "revised_prompt": prompt}
        events = PictureEvents(self, {**item, **facts, **action}, at, facts)
        yield events
        await self._done(events.item)


@dataclass
class PictureEvents:
    """A picture in progress."""

    events: Events
    item: dict[str, Any]
    at: dict[str, Any]
    facts: dict[str, Any]

    async def partial(self, index: int, picture: str) -> None:
        """Send a preview, in base64."""
        preview = {"partial_image_index": index, "partial_image_b64": picture}
        await self.events.send(
            "image_generation_call.partial_image", **self.at, **preview, **self.facts
        )

    async def done(self, picture: str) -> None:
        """Send that the picture is complete; its bytes are sent with the item."""
        await self.events.send("image_generation_call.completed", **self.at)
        self.item |= {"status": "completed", "result": picture}

    async def blocked(self) -> None:
        """Mark the picture as refused."""
        details = {"categories": ["violence"], "moderation_stage": "input"}
        error = {
            "code": "moderation_blocked",
            "message": "Your request was rejected by the safety system.",
            "type": "image_generation_user_error",
            "param": None,
            "moderation_details": details,
        }
        self.item |= {"status": "failed", "result": None, "error": error}
