"""``POST /v1/completions``: the old way to continue a text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, talk
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Asked
from nbext.embedded.errors import ReplyError
from nbext.embedded.ordering import read_count
from nbext.embedded.sse import Stream
from nbext.embedded.usage import chat_usage, text_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PROMPTS = 20


class Completions(Handler):
    """Completions, plain and streamed."""

    async def answer_post(self, *_args: str) -> None:
        """Continue one text or several."""
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
            text = await talk.reply(self.studio, Asked(text=prompt, turns=1), model)
            echo = prompt if body.get("echo") else ""
            answers += [_cut(echo, f"\n\n{text}", body)] * read_count(body)
        head = {
            "id": f"cmpl-{self.request_id}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": model,
        }
        spent = sum(text_tokens(text) for text, _ in answers)
        usage = chat_usage(sum(map(text_tokens, prompts)), spent)
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


def _cut(echo: str, text: str, body: dict[str, Any]) -> tuple[str, str]:
    """The text up to a stop word or the most tokens, and why it ends there."""
    stops = body.get("stop")
    for stop in stops if isinstance(stops, list) else [stops]:
        if isinstance(stop, str) and stop:
            text = text.partition(stop)[0]
    text, finish = talk.cut(text, body.get("max_tokens"))
    return echo + text, finish


def _prompts(prompt: Any) -> list[str]:
    """The prompts: a text, several, or tokens, which nobody can read here.

    Raises:
        ReplyError: 400, if it is none of them.
    """
    listed = [prompt] if isinstance(prompt, str) else prompt
    if not isinstance(listed, list) or not listed or len(listed) > _MOST_PROMPTS:
        if not (isinstance(listed, list) and listed and _all_tokens(listed)):
            raise ReplyError(400, "field prompt is required", param="prompt")
        listed = [listed]
    elif _all_tokens(listed):
        listed = [listed]
    return list(_texts(listed))


def _texts(listed: list[Any]) -> Iterator[str]:
    for one in listed:
        if isinstance(one, str):
            yield one
        elif isinstance(one, list) and _all_tokens(one):
            yield f"({len(one)} tokens)"
        else:
            raise ReplyError(400, "prompt must be text or tokens", param="prompt")


def _all_tokens(listed: list[Any]) -> bool:
    return all(isinstance(one, int) for one in listed)
