"""``POST /v1/chat/completions``: text, pictures and films in the format of the model's family."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, structured, talk, tools
from nbext.embedded.base import Handler
from nbext.embedded.chat_draw import write_drawing
from nbext.embedded.conversation import from_messages
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import asks_to_draw, family
from nbext.embedded.params import read_count
from nbext.embedded.sse import Stream
from nbext.embedded.usage import chat_usage, picture_tokens, text_tokens, warnings_about

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from nbext.embedded.conversation import Conversation
    from nbext.embedded.state import Picture

Delta = dict[str, Any]

# Models that answer a request for a picture with text and status 200.
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
        """Answer one request."""
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
        conversation = from_messages(messages)
        talks = family(model, body) in {"text", "chatgpt"}
        form = structured.form_of(body.get("response_format"), conversation, talks=talks)
        calls = await self.state.run(tools.choose, conversation, body)
        writer = Writer(self, model, conversation)
        if stream:
            await writer.open()
        await faults.meet(self, model, stream=stream)
        if stream:
            await writer.start()
        for index in range(count):
            deltas = self._deltas(model, body, conversation, form, calls)
            await writer.choice(index, deltas, "tool_calls" if calls else "stop", stream=stream)
        await writer.end(stream=stream)

    async def _deltas(
        self,
        model: str,
        body: dict[str, Any],
        conversation: Conversation,
        form: structured.Form | None,
        calls: list[tools.Call],
    ) -> AsyncGenerator[Delta]:
        """Yield the answer as the deltas of a stream."""
        kind = family(model, body)
        if kind == "chatgpt" and asks_to_draw(conversation.text):
            kind = "sora"
        if model in _WORDS:
            yield {"content": _WORDS[model]}
        elif calls:
            for delta in tools.deltas(calls):
                await self.wait(_PAUSE)
                yield delta
        elif form is not None:
            text = await self.state.run(structured.answer, form, conversation.text)
            async for delta in self._say_text(text, body):
                yield delta
        elif kind in {"text", "chatgpt"}:
            if model.endswith("-thinking") or _asks_thoughts(body):
                for thought in talk.thoughts(conversation):
                    await self.wait(_PAUSE)
                    yield {"reasoning_content": thought}
            text = await talk.reply(self.state, conversation, model)
            async for delta in self._say_text(text, body):
                yield delta
        else:
            async for delta in write_drawing(self, kind, conversation, body):
                yield delta

    async def _say_text(self, text: str, body: dict[str, Any]) -> AsyncGenerator[Delta]:
        """Yield a text in pieces, cut off at a stop sequence and at ``max_tokens``."""
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        text, finish = talk.truncate(text, limit, body.get("stop"))
        for piece in talk.pieces(text):
            await self.wait(_PAUSE)
            yield {"content": piece}
        if finish != "stop":
            yield {"finish": finish}


class Writer:
    """Writes an answer as a stream of chunks or as one object.

    Args:
        handler: The handler of the request.
        model: As the request names it.
        conversation: The prompt, for the usage.
    """

    def __init__(self, handler: Handler, model: str, conversation: Conversation) -> None:
        self._handler = handler
        self._stream: Stream | None = None
        self._head = {
            "id": f"chatcmpl-{handler.request_id}",
            "created": int(time.time()),
            "model": model,
            "system_fingerprint": "fp_embedded",
        }
        self._choices: list[dict[str, Any]] = []
        self._conversation = conversation
        self._answer_tokens = 0
        self._thought_tokens = 0
        self._pictures: list[Picture] = []
        self._model = model

    async def open(self) -> None:
        """Start a stream. Nothing is sent yet, so that an error can still have its own status."""
        self._stream = Stream(self._handler, self._model)

    async def start(self) -> None:
        """Send the empty first chunk and a keep-alive comment."""
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
        """Write one of the ``n`` choices."""
        message: dict[str, Any] = {"role": "assistant", "content": ""}
        async with contextlib.aclosing(deltas):  # work stops as soon as the client hangs up
            async for delta in deltas:
                internal = {"pictures", "finish"}
                public = {name: value for name, value in delta.items() if name not in internal}
                finish = delta.get("finish", finish)
                self._count(delta)
                if not stream:
                    tools.gather(message, public)
                elif public:
                    await self._chunk(index, public)
        if stream:
            await self._chunk(index, {}, finish)
            return
        self._handler.check_there()
        if message.get("tool_calls") and not message["content"]:
            message["content"] = None
        choice = {"index": index, "message": message, "logprobs": None, "finish_reason": finish}
        self._choices.append(choice)

    def _count(self, delta: Delta) -> None:
        for picture in delta.get("pictures", ()):
            self._answer_tokens += picture_tokens(picture.width, picture.height)
            self._pictures.append(picture)
        words = delta.get("content") or ""
        if "pictures" not in delta:
            self._answer_tokens += text_tokens(words)
        thought = text_tokens(delta.get("reasoning_content") or "")
        self._answer_tokens += thought
        self._thought_tokens += thought
        for call in delta.get("tool_calls", ()):
            self._answer_tokens += text_tokens(str(call["function"]))

    async def end(self, *, stream: bool) -> None:
        """Write the usage, and finish."""
        prompt = sum(text_tokens(text) for text in self._conversation.texts)
        prompt += 765 * len(self._conversation.attachments)
        usage = chat_usage(prompt, self._answer_tokens, reasoning=self._thought_tokens)
        about = {"usage": usage, **warnings_about(self._pictures)}
        if not stream:
            answer = {**self._head, "object": "chat.completion", "choices": self._choices}
            self._handler.send_json(answer | about)
        elif self._stream:
            last = {**self._head, "object": "chat.completion.chunk", "choices": [], **about}
            await self._stream.data(last)
            await self._stream.done()
