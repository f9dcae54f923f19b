"""``POST /v1/completions``: the older API that continues a text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, talk
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Conversation
from nbext.embedded.errors import ReplyError
from nbext.embedded.params import read_count
from nbext.embedded.sse import Stream
from nbext.embedded.usage import chat_usage, text_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PROMPTS = 20


class Completions(Handler):
    """Completions, plain and streamed."""

    async def answer_post(self, *_args: str) -> None:
        """Continue one or several texts."""
        body = self.json_body()
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise ReplyError(400, "field model is required", param="model")
        prompts = _prompts(body.get("prompt"))
        stream = bool(body.get("stream")) and model != "embedded-plain"
        writer = Stream(self, model) if stream else None
        await faults.meet(self, model, stream=stream)
        answers = []
        for prompt in prompts:
            text = await talk.reply(self.state, Conversation(text=prompt, turns=1), model)
            echo = prompt if body.get("echo") else ""
            answers += [_apply_limits(echo, f"\n\n{text}", body)] * read_count(body)
        head = {
            "id": f"cmpl-{self.request_id}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": model,
        }
        tokens = sum(text_tokens(text) for text, _ in answers)
        usage = chat_usage(sum(map(text_tokens, prompts)), tokens)
        if writer is None:
            choices = [_choice(i, text, finish) for i, (text, finish) in enumerate(answers)]
            self.send_json({**head, "choices": choices, "usage": usage})
            return
        for index, (text, finish) in enumerate(answers):
            for piece in talk.pieces(text):
                await self.wait(0.02)
                await writer.data({**head, "choices": [_choice(index, piece, None)]})
            await writer.data({**head, "choices": [_choice(index, "", finish)]})
        await writer.data({**head, "choices": [], "usage": usage})
        await writer.done()


def _choice(index: int, text: str, finish: str | None) -> dict[str, Any]:
    return {"text": text, "index": index, "logprobs": None, "finish_reason": finish}


def _apply_limits(echo: str, text: str, body: dict[str, Any]) -> tuple[str, str]:
    """Return the text cut off at a stop sequence and at ``max_tokens``, and the finish reason."""
    text, finish = talk.truncate(text, body.get("max_tokens"), body.get("stop"))
    return echo + text, finish


def _prompts(prompt: Any) -> list[str]:
    """Return the prompts: one text, several, or tokens (which cannot be decoded here).

    Raises:
        ReplyError: 400 for anything else.
    """
    prompts = [prompt] if isinstance(prompt, str) else prompt
    if not isinstance(prompts, list) or not prompts or len(prompts) > _MOST_PROMPTS:
        if not (isinstance(prompts, list) and prompts and _all_tokens(prompts)):
            raise ReplyError(400, "field prompt is required", param="prompt")
        prompts = [prompts]
    elif _all_tokens(prompts):
        prompts = [prompts]
    return list(_texts(prompts))


def _texts(prompts: list[Any]) -> Iterator[str]:
    for one in prompts:
        if isinstance(one, str):
            yield one
        elif isinstance(one, list) and _all_tokens(one):
            yield f"({len(one)} tokens)"
        else:
            raise ReplyError(400, "prompt must be text or tokens", param="prompt")


def _all_tokens(prompts: list[Any]) -> bool:
    return all(isinstance(one, int) for one in prompts)
