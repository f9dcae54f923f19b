"""``POST /v1/responses``: text, tools, web search and pictures as items, plain or streamed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, structured, talk, tools
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Conversation, add_turn, read_content
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import asks_to_draw, family
from nbext.embedded.ids import new_id
from nbext.embedded.image_params import FORMATS, check_mask, layer_in, read_quality
from nbext.embedded.images import b64, draft
from nbext.embedded.params import dig, make_plan, read_seed
from nbext.embedded.response_events import Events
from nbext.embedded.sketch import DrawSpec
from nbext.embedded.state import remember
from nbext.embedded.uploads import with_contents
from nbext.embedded.usage import io_usage, picture_tokens, text_tokens, warnings_about

if TYPE_CHECKING:
    from nbext.embedded.state import Picture

Item = dict[str, Any]

_MOST_STORED = 64  # stored responses that can be continued
_STEP_SECONDS = 0.25
_CITATION = ("https://example.com/", "Example Domain")


class Responses(Handler):
    """Responses, plain and streamed."""

    async def answer_post(self, *_args: str) -> None:
        """Answer a request with its items."""
        body = self.json_body()
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise ReplyError(400, "field model is required", param="model")
        items = with_contents(self.state.uploads, _items(body.get("input")))
        body = {**body, "tools": with_contents(self.state.uploads, body.get("tools"))}
        conversation = self._conversation(body, items)
        form = structured.form_of(dig(body, "text", "format"), conversation)
        calls = await self.state.run(
            tools.choose, conversation, {**body, "tools": _functions(body)}
        )
        tools_list = body.get("tools")
        kinds = {
            str(dig(tool, "type")): tool
            for tool in (tools_list if isinstance(tools_list, list) else [])
        }
        stream = bool(body.get("stream")) and model != "embedded-plain"
        events = Events(self, _response(body, model), model, stream=stream)
        await faults.meet(self, model, stream=stream)
        await events.begin()
        pictures = await self._write_items(events, body, conversation, form, calls, kinds)
        prompt = sum(map(text_tokens, conversation.texts))
        image_out = sum(picture_tokens(one.width, one.height) for one in pictures)
        usage = io_usage(prompt, 323 * len(conversation.attachments), events.text_tokens, image_out)
        response = await events.end(usage, warnings_about(pictures))
        if body.get("store") is not False:
            items_for_later = items + _for_later(response["output"], pictures, self)
            remember(
                self.state.responses, response["id"], (response, items_for_later), _MOST_STORED
            )

    async def _write_items(
        self,
        events: Events,
        body: dict[str, Any],
        conversation: Conversation,
        form: structured.Form | None,
        calls: list[tools.Call],
        kinds: dict[str, Any],
    ) -> list[Picture]:
        """Write the items of the answer; return the pictures among them.

        ``kinds`` maps the types of the request's tools to the tools.
        """
        model = str(body["model"])
        if dig(body, "reasoning", "effort") or dig(body, "reasoning", "summary"):
            await events.reasoning("".join(talk.thoughts(conversation)))
        searches = any(kind.startswith("web_search") for kind in kinds)
        if searches and body.get("tool_choice") != "none":
            await events.search(talk.shorten(conversation.text, 200), _CITATION[0])
        pictures = await self._maybe_draw(events, conversation, body, kinds.get("image_generation"))
        for call in calls:
            await events.call(call)
        if pictures and not calls and form is None:
            # As over chat, the text describes the sketch.
            await events.message(pictures[0].caption)
        if not calls and not pictures:
            if model == "embedded-refuses":
                await events.refusal("Sorry, I can’t help with that request.")
            elif form is not None:
                text = await self.state.run(structured.answer, form, conversation.text)
                await events.message(text)
            else:
                await events.message(*await self._words(conversation, model, searches=searches))
        return pictures

    async def _words(
        self, conversation: Conversation, model: str, *, searches: bool
    ) -> tuple[str, list[dict[str, Any]]]:
        """Return the text of the message, and its citations."""
        text = await talk.reply(self.state, conversation, model)
        if not searches:
            return text, []
        text += "\nNo search was made: this endpoint reaches nothing. A citation looks like this: "
        url, title = _CITATION
        start = len(text)
        text += f"([{title}]({url}))"
        citation = {
            "type": "url_citation",
            "url": url,
            "title": title,
            "start_index": start,
            "end_index": len(text),
        }
        return text, [citation]

    async def _maybe_draw(
        self, events: Events, conversation: Conversation, body: dict[str, Any], tool: Any
    ) -> list[Picture]:
        """Draw if the request has the image tool, and the text or ``tool_choice`` asks for it."""
        must_draw = dig(body.get("tool_choice"), "type") == "image_generation"
        if tool is None and family(str(body["model"])) not in {"link", "inline", "sora"}:
            return []
        if tool is not None and not (
            must_draw or asks_to_draw(conversation.text) or conversation.attachments
        ):
            return []
        if body.get("tool_choice") == "none":
            return []
        tool = tool if isinstance(tool, dict) else {}
        form = tool.get("output_format") or "png"
        if form not in FORMATS:
            message = f"output_format must be one of {', '.join(FORMATS)}"
            raise ReplyError(400, message, param="tools")
        mask = layer_in(tool.get("input_image_mask"), "input_image_mask")
        if mask is not None:
            check_mask(mask, conversation.attachments, "input_image_mask")
        transparent = tool.get("background") == "transparent" and form in {"png", "webp"}
        spec = DrawSpec(
            prompt=conversation.text,
            seed=read_seed(body),
            format=form,
            mask=mask,
            background="transparent" if transparent else "opaque",
        )
        plan = await make_plan(
            self.state,
            spec,
            attachments=conversation.attachments,
            earlier=conversation.source(),
            size=tool.get("size"),
        )
        spec = plan.spec
        facts = {
            "size": f"{spec.width}x{spec.height}",
            "quality": read_quality(tool),
            "background": spec.background,
            "output_format": spec.format,
        }
        async with events.picture(facts, spec.prompt, edits=bool(plan.modifies)) as drawing:
            if body["model"] == "embedded-refuses":
                await drawing.blocked()
                return []
            picture = (await self.state.draw(spec))[0]
            count = tool.get("partial_images") or 0
            count = count if isinstance(count, int) and spec.format not in {"gif", "svg"} else 0
            for index in range(min(3, count)):
                await self.wait(_STEP_SECONDS)
                rough = await self.state.run(draft, picture.data, (index + 1) / 4, spec.format)
                await drawing.partial(index, b64(rough))
            await self.wait(_STEP_SECONDS)
            await drawing.done(b64(picture.data))
        return [picture]

    def _conversation(self, body: dict[str, Any], items: list[Item]) -> Conversation:
        """Return the conversation, including earlier responses."""
        conversation = Conversation()
        if isinstance(body.get("instructions"), str):
            add_turn(conversation, "system", body["instructions"], [])
        previous = body.get("previous_response_id")
        if previous is not None:
            entry = self.state.responses.get(str(previous))
            if entry is None:
                raise ReplyError(
                    400,
                    f"Previous response with id '{str(previous)[:80]}' not found.",
                    param="previous_response_id",
                    code="previous_response_not_found",
                )
            items[:0] = entry[1]
        for item in items:
            kind = item.get("type", "message")
            if kind == "message":
                text, attachments = read_content(item.get("content"))
                add_turn(conversation, str(item.get("role") or "user"), text, attachments)
            elif kind == "function_call_output":
                add_turn(conversation, "tool", read_content(item.get("output"))[0], [])
            elif kind == "image_generation_call" and isinstance(item.get("result"), str):
                result = item["result"]
                is_link = result.startswith(("http:", "data:"))
                conversation.earlier.append(
                    result if is_link else f"data:image/png;base64,{result}"
                )
        return conversation


class Response(Handler):
    """``/v1/responses/ID``: a stored response."""

    async def answer_get(self, *args: str) -> None:
        """Send it again."""
        self.send_json(self._find(args[0]))

    async def answer_delete(self, *args: str) -> None:
        """Forget it."""
        response = self._find(args[0])
        del self.state.responses[response["id"]]
        self.send_json({"id": response["id"], "object": "response", "deleted": True})

    def _find(self, name: str) -> dict[str, Any]:
        if name not in self.state.responses:
            raise ReplyError(404, f"Response with id '{name[:80]}' not found.")
        response: dict[str, Any] = self.state.responses[name][0]
        return response


def _items(value: Any) -> list[Item]:
    """Return the input as items.

    Raises:
        ReplyError: 400, if it is neither text nor a list of items.
    """
    if isinstance(value, str):
        return [{"type": "message", "role": "user", "content": value}]
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return list(value)
    raise ReplyError(400, "field input is required", param="input")


def _functions(body: dict[str, Any]) -> list[Any]:
    """Return the function tools; anything but a list is returned unchanged, to be refused."""
    tools_list = body.get("tools")
    if not isinstance(tools_list, list):
        return [] if tools_list is None else tools_list
    return [tool for tool in tools_list if dig(tool, "type") == "function"]


def _for_later(output: list[Item], pictures: list[Picture], handler: Handler) -> list[Item]:
    """Return the items of an answer for a later request, with pictures as links."""
    items_for_later: list[Item] = []
    remaining = iter(pictures)
    for item in output:
        if item["type"] == "image_generation_call" and item.get("result"):
            picture = next(remaining)
            items_for_later.append({**item, "result": handler.state.link(picture.name)})
        elif item["type"] == "message":
            items_for_later.append(item)
    return items_for_later


def _response(body: dict[str, Any], model: str) -> dict[str, Any]:
    """Return a new response."""
    form = dig(body, "text", "format") or {"type": "text"}
    return {
        "id": new_id("resp_", 48),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "metadata": body.get("metadata") or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": body.get("previous_response_id"),
        "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
        "store": body.get("store") is not False,
        "temperature": 1.0,
        "text": {"format": form},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
    }
