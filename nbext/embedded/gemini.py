"""Gemini's own API, under ``/v1`` and ``/v1beta``: generateContent, streamed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.embedded import faults, gemini_batches, structured, talk, tools
from nbext.embedded.base import Handler
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import family, take_ratio
from nbext.embedded.gemini_read import (
    Part,
    config_of,
    contents_of,
    lower,
    modalities_of,
    parts_of,
    pick,
    read,
    signature_of,
    tools_of,
)
from nbext.embedded.ids import new_id
from nbext.embedded.images import b64, draft
from nbext.embedded.models import METHODS
from nbext.embedded.params import make_plan, read_count, read_seed
from nbext.embedded.sketch import DrawSpec
from nbext.embedded.sse import Stream
from nbext.embedded.usage import text_tokens, warnings_about

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbext.embedded.conversation import Conversation
    from nbext.embedded.params import Plan

# The tokens of a picture by its longer side; the smaller ones as documented for 3.1 flash.
_PICTURE_TOKENS = {512: 747, 1024: 1120, 2048: 1680, 4096: 2520}
_DRAWING = frozenset({"sora", "async", "inline", "parts", "link"})
_STEP_SECONDS = 0.25


class Generate(Handler):
    """``models/NAME:generateContent``, ``:streamGenerateContent`` and ``:countTokens``."""

    shape = "gemini"

    async def answer_post(self, *args: str) -> None:
        """Answer with one or several candidates."""
        model, verb = args[0].removeprefix("models/"), args[1]
        if verb not in METHODS:
            raise ReplyError(404, f"models have no method {verb[:80]}")
        body = self.json_body()
        if verb == "batchGenerateContent":
            self.send_json(gemini_batches.create(self, model, body))
            return
        conversation = read(body)
        if verb == "countTokens":
            self.send_json({"totalTokens": sum(map(text_tokens, conversation.texts))})
            return
        self._check_signatures(body, model)
        config = config_of(body)
        draws = family(model) in _DRAWING or "image" in modalities_of(config)
        draws = draws and "image" in (modalities_of(config) or ["image"])
        plan = await _plan(self, conversation, config) if draws else None
        count = read_count({"n": pick(config, "candidateCount")})
        calls = [] if draws else await self.state.run(tools.choose, conversation, tools_of(body))
        stream = verb.startswith("stream")
        writer = _Writer(self, model, conversation, stream=stream)
        await faults.meet(self, model, stream=stream)
        if model == "embedded-prompt-blocked":
            await writer.blocked()
            return
        for index in range(count):
            if model == "embedded-refuses":
                await writer.refused(index)
                continue
            if plan is not None:
                parts = self._draw(plan, model, config)
            else:
                parts = self._talk(conversation, model, config, calls)
            reason = "STOP"
            async for part in parts:
                if "_finish" in part:
                    reason = part["_finish"]
                else:
                    await writer.part(index, part)
            await writer.finish(index, reason)
        await writer.end()

    async def _draw(self, plan: Plan, model: str, config: dict[str, Any]) -> AsyncIterator[Part]:
        modalities = modalities_of(config)
        await self.wait(_STEP_SECONDS * 2)
        picture = (await self.state.draw(plan.spec))[0]
        thinks = _thinks(model)
        if thinks and pick(pick(config, "thinkingConfig"), "includeThoughts") is not False:
            yield {"text": f"I sketch {talk.shorten(plan.spec.prompt, 200)}.", "thought": True}
            rough = await self.state.run(draft, picture.data, 0.3)
            yield {"inlineData": {"mimeType": "image/png", "data": b64(rough)}, "thought": True}
            await self.wait(_STEP_SECONDS)
        if not modalities or "text" in modalities:
            yield {"text": picture.caption}
        await self.wait(_STEP_SECONDS)
        part: Part = {"inlineData": {"mimeType": picture.media_type, "data": b64(picture.data)}}
        if thinks:
            part["thoughtSignature"] = b64(picture.gen_id.encode())
        size = max(picture.width, picture.height)
        yield part | {"_size": size, "_warnings": warnings_about([picture])}

    async def _talk(
        self,
        conversation: Conversation,
        model: str,
        config: dict[str, Any],
        calls: list[tools.Call],
    ) -> AsyncIterator[Part]:
        schema = pick(config, "responseJsonSchema") or lower(pick(config, "responseSchema"))
        is_json = pick(config, "responseMimeType") == "application/json"
        form = structured.form_of({"type": "json_object"} if is_json else None, conversation)
        form = form if schema is None else structured.Form(schema)
        if pick(pick(config, "thinkingConfig"), "includeThoughts"):
            yield {"text": "".join(talk.thoughts(conversation)), "thought": True}
        if calls:
            for call in calls:
                function = call["function"]
                arguments = msgspec.json.decode(function["arguments"])
                yield {"functionCall": {"name": function["name"], "args": arguments}}
            return
        if form is not None:
            text = await self.state.run(structured.answer, form, conversation.text)
        else:
            text = await talk.reply(self.state, conversation, model)
        stops, most = pick(config, "stopSequences"), pick(config, "maxOutputTokens")
        text, finish = talk.truncate(text, most, stops)
        for piece in talk.pieces(text):
            await self.wait(0.02)
            yield {"text": piece}
        if finish == "length":
            yield {"_finish": "MAX_TOKENS"}

    def _check_signatures(self, body: dict[str, Any], model: str) -> None:
        """Refuse a conversation that repeats the model's pictures without their signatures."""
        if not _thinks(model) or family(model) not in _DRAWING:
            return
        for place, content in enumerate(contents_of(body), 1):
            if content.get("role") != "model":
                continue
            for number, part in enumerate(parts_of(content), 1):
                is_picture = pick(part, "inlineData") is not None
                if is_picture and not part.get("thought") and not signature_of(part):
                    raise ReplyError(
                        400,
                        "Image part is missing a thought_signature in content position "
                        f"{place}, part position {number}.",
                    )


class _Writer:
    """Writes parts as one object, as events, or as the items of a JSON array."""

    def __init__(
        self, handler: Handler, model: str, conversation: Conversation, *, stream: bool
    ) -> None:
        self._handler = handler
        self._model = model
        as_events = handler.get_query_argument("alt", "") == "sse"
        self._stream = Stream(handler, model) if stream and as_events else None
        self._as_array = stream and not as_events
        self._has_items = False
        self._candidates: dict[int, dict[str, Any]] = {}
        self._prompt = sum(map(text_tokens, conversation.texts)) + 258 * len(
            conversation.attachments
        )
        self._text = self._picture = self._thought = 0
        self._warnings: dict[str, list[str]] = {}
        self._id = new_id("", 22)

    async def part(self, index: int, part: Part) -> None:
        """Write one part of a candidate."""
        size = part.pop("_size", 0)
        self._warnings |= part.pop("_warnings", {})
        if size:
            self._picture += next(
                (n for side, n in _PICTURE_TOKENS.items() if size <= side * 1.6), 2520
            )
        elif part.get("thought"):
            self._thought += text_tokens(part.get("text", "")) or 120
        else:
            self._text += text_tokens(part.get("text", ""))
        content = {"role": "model", "parts": [part]}
        if self._stream or self._as_array:
            await self._send({"candidates": [{"content": content, "index": index}]})
            return
        self._handler.check_there()
        parts = self._candidate(index)["content"].setdefault("parts", [])
        # In a plain answer, the text is a single part.
        both_text = parts and parts[-1].keys() == part.keys() == {"text"}
        if both_text:
            parts[-1]["text"] += part["text"]
        else:
            parts.append(part)

    def _candidate(self, index: int) -> dict[str, Any]:
        return self._candidates.setdefault(index, {"content": {"role": "model"}, "index": index})

    async def finish(self, index: int, reason: str = "STOP", message: str = "") -> None:
        """End a candidate with its finish reason."""
        end: dict[str, Any] = {"finishReason": reason}
        if message:
            end["finishMessage"] = message
        if self._stream or self._as_array:
            content: dict[str, Any] = {"role": "model"}
            if reason == "STOP":
                content["parts"] = [{"text": ""}]
            await self._send(
                {
                    "candidates": [{"content": content, "index": index, **end}],
                    "usageMetadata": self._usage(),
                    **self._warnings,
                }
            )
        else:
            self._candidate(index).update(end)

    async def refused(self, index: int) -> None:
        """End a candidate that was refused a picture."""
        message = (
            "The model output could not be generated: this is the embedded endpoint's refusal."
        )
        await self.finish(index, "IMAGE_PROHIBITED_CONTENT", message)

    async def blocked(self) -> None:
        """Refuse the prompt itself."""
        feedback = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
        answer = {**feedback, "usageMetadata": self._usage()}
        if self._stream or self._as_array:
            await self._send(answer)
            await self.end()
        else:
            self._handler.send_json(answer | self._marks())

    async def _send(self, answer: dict[str, Any]) -> None:
        answer |= self._marks()
        if self._stream:
            await self._stream.data(answer)
            return
        if not self._has_items:
            self._handler.set_header("Content-Type", "application/json; charset=UTF-8")
        before = b",\r\n" if self._has_items else b"["
        self._has_items = True
        await self._handler.push(before + msgspec.json.encode(answer))

    async def end(self) -> None:
        """Write the whole answer, or its end."""
        if self._as_array:
            await self._handler.push(b"]" if self._has_items else b"[]")
        elif not self._stream:
            answer = {"candidates": list(self._candidates.values()), "usageMetadata": self._usage()}
            self._handler.send_json(answer | self._warnings | self._marks())

    def _marks(self) -> dict[str, Any]:
        return {"modelVersion": self._model, "responseId": self._id}

    def _usage(self) -> dict[str, Any]:
        out = self._text + self._picture
        usage: dict[str, Any] = {
            "promptTokenCount": self._prompt,
            "candidatesTokenCount": out,
            "totalTokenCount": self._prompt + out + self._thought,
        }
        if self._thought:
            usage["thoughtsTokenCount"] = self._thought
        if self._picture:
            details = [{"modality": "IMAGE", "tokenCount": self._picture}]
            usage["candidatesTokensDetails"] = details
        return usage


def _thinks(model: str) -> bool:
    """Return whether a model sends drafts and signs its pictures, as all but the oldest do."""
    return "gemini-2" not in model and model != "nano-banana" and family(model) == "inline"


async def _plan(handler: Handler, conversation: Conversation, config: dict[str, Any]) -> Plan:
    picture = pick(config, "imageConfig")
    prompt, in_prompt = take_ratio(conversation.text)
    return await make_plan(
        handler.state,
        DrawSpec(prompt=prompt, seed=read_seed(config)),
        attachments=conversation.attachments,
        earlier=conversation.source(),
        ratio=pick(picture, "aspectRatio") or in_prompt,
        size=pick(picture, "imageSize"),
    )
