"""``POST /v1/chat/completions``: words, pictures and films, each in the manner of its family."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, structured, talk, tools
from nbext.embedded.base import Handler
from nbext.embedded.chat_draw import draws
from nbext.embedded.conversation import from_messages
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import asks_to_draw, family
from nbext.embedded.ordering import read_count
from nbext.embedded.sse import Stream
from nbext.embedded.usage import chat_usage, picture_tokens, text_tokens

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from nbext.embedded.conversation import Asked

Delta = dict[str, Any]

# Names that answer in words where a picture was asked for, all with status 200.
_WORDS = {
    "embedded-refuses": "生成失败 ❌\n失败原因：input_moderation",
    "embedded-queue-text": (
        "目前有很多人在创建图片，因此可能需要一点时间。图片准备好后我们会通知你。"
    ),
    "embedded-dead-link": "![picture](sandbox:/mnt/data/picture.png)",
    "embedded-no-picture": "Could you upload the photo that I should work from?",
}
_PAUSE = 0.02  # seconds between two pieces of text


def _asks_thoughts(body: dict[str, Any]) -> bool:
    return any(body.get(name) for name in ("reasoning_effort", "reasoning", "thinking"))


class Chat(Handler):
    """Chat completions, plain and streamed."""

    async def answer_post(self, *_args: str) -> None:
        """Answer one conversation."""
        body = self.json_body()
        model, messages = body.get("model"), body.get("messages")
        if not isinstance(model, str) or not model:
            raise ReplyError(400, "field model is required", param="model")
        if not isinstance(messages, list) or not messages:
            raise ReplyError(400, "field messages is required", param="messages")
        if model == "gpt-4-gizmo-*":
            raise ReplyError(
                503, "write the GPT's own id in place of *", type="new_api_error", code="gizmo"
            )
        count = read_count(body)
        stream = bool(body.get("stream")) and model != "embedded-plain"
        asked = from_messages(messages)
        schema = structured.wanted(body.get("response_format"))
        calls = await self.studio.run(tools.choose, asked, body)
        writer = Writer(self, model, asked)
        if stream:
            await writer.open()
        await faults.meet(self, model, stream=stream)
        if stream:
            await writer.start()
        for index in range(count):
            deltas = self._deltas(model, body, asked, schema, calls)
            await writer.choice(index, deltas, "tool_calls" if calls else "stop", stream=stream)
        await writer.end(stream=stream)

    async def _deltas(
        self,
        model: str,
        body: dict[str, Any],
        asked: Asked,
        schema: Any,
        calls: list[tools.Call],
    ) -> AsyncGenerator[Delta]:
        """The answer, a piece at a time."""
        manner = family(model, body)
        if manner == "chatgpt" and asks_to_draw(asked.text):
            manner = "sora"
        if model in _WORDS:
            yield {"content": _WORDS[model]}
        elif calls:
            for delta in tools.deltas(calls):
                await self.wait(_PAUSE)
                yield delta
        elif schema is not None:
            text = await self.studio.run(structured.answer, schema, asked.text)
            async for delta in self._say_text(text, body):
                yield delta
        elif manner in {"text", "chatgpt"}:
            if model.endswith("-thinking") or _asks_thoughts(body):
                for thought in talk.thoughts(asked):
                    await self.wait(_PAUSE)
                    yield {"reasoning_content": thought}
            text = await talk.reply(self.studio, asked, model)
            async for delta in self._say_text(text, body):
                yield delta
        else:
            async for delta in draws(self, manner, asked, body):
                yield delta

    async def _say_text(self, text: str, body: dict[str, Any]) -> AsyncGenerator[Delta]:
        """A text in pieces, as long as ``max_tokens`` lets it be."""
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        text, finish = talk.cut(text, limit)
        for piece in talk.pieces(text):
            await self.wait(_PAUSE)
            yield {"content": piece}
        if finish != "stop":
            yield {"finish": finish}


class Writer:
    """One answer, written as a stream of chunks or as one object.

    Args:
        handler: Whose answer it is.
        model: As the request names it.
        asked: What is counted as the prompt.
    """

    def __init__(self, handler: Handler, model: str, asked: Asked) -> None:
        self._handler = handler
        self._stream: Stream | None = None
        self._head = {
            "id": f"chatcmpl-{handler.request_id}",
            "created": int(time.time()),
            "model": model,
            "system_fingerprint": "fp_embedded",
        }
        self._choices: list[dict[str, Any]] = []
        self._asked = asked
        self._answer_tokens = 0
        self._thought_tokens = 0
        self._model = model

    async def open(self) -> None:
        """Prepare a stream; nothing is sent yet, so that an error can still be one."""
        self._stream = Stream(self._handler, self._model)

    async def start(self) -> None:
        """Send the empty first chunk, and a sign of life."""
        await self._chunk(0, {"role": "assistant", "content": ""})
        if self._stream:
            await self._stream.comment("PING")

    async def _chunk(self, index: int, delta: Delta, finish: str | None = None) -> None:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
        if self._stream:
            await self._stream.data(chunk)

    async def choice(
        self, index: int, deltas: AsyncGenerator[Delta], finish: str, *, stream: bool
    ) -> None:
        """Write one of the ``n`` answers."""
        message: dict[str, Any] = {"role": "assistant", "content": ""}
        async with contextlib.aclosing(deltas):  # work stops at once where the client hangs up
            async for delta in deltas:
                hidden = {"pictures", "finish"}
                shown = {name: value for name, value in delta.items() if name not in hidden}
                finish = delta.get("finish", finish)
                self._count(delta)
                if not stream:
                    tools.gather(message, shown)
                elif shown:
                    await self._chunk(index, shown)
        if stream:
            await self._chunk(index, {}, finish)
            return
        self._handler.check_there()
        if message.get("tool_calls") and not message["content"]:
            message["content"] = None
        choice = {"index": index, "message": message, "logprobs": None, "finish_reason": finish}
        self._choices.append(choice)

    def _count(self, delta: Delta) -> None:
        for made in delta.get("pictures", ()):
            self._answer_tokens += picture_tokens(made.width, made.height)
        words = delta.get("content") or ""
        if "pictures" not in delta:
            self._answer_tokens += text_tokens(words)
        thought = text_tokens(delta.get("reasoning_content") or "")
        self._answer_tokens += thought
        self._thought_tokens += thought
        for call in delta.get("tool_calls", ()):
            self._answer_tokens += text_tokens(str(call["function"]))

    async def end(self, *, stream: bool) -> None:
        """Write the usage and the end."""
        prompt = sum(text_tokens(text) for text in self._asked.everything)
        prompt += 765 * len(self._asked.given)
        usage = chat_usage(prompt, self._answer_tokens, reasoning=self._thought_tokens)
        if not stream:
            answer = {**self._head, "object": "chat.completion", "choices": self._choices}
            self._handler.send_json(answer | {"usage": usage})
        elif self._stream:
            last = {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": usage}
            await self._stream.data(last)
            await self._stream.done()
