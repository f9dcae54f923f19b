"""``POST /v1/responses``: words, tools, web search and pictures as items, plain or streamed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbext.embedded import faults, structured, talk, tools
from nbext.embedded.base import Handler
from nbext.embedded.conversation import Asked, add_turn, read_content
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import asks_to_draw, family
from nbext.embedded.images import FORMATS, b64, draft, read_quality
from nbext.embedded.ordering import dig, make_plan, read_seed
from nbext.embedded.response_events import Events
from nbext.embedded.studio import Order, new_id, remember
from nbext.embedded.usage import io_usage, picture_tokens, text_tokens

if TYPE_CHECKING:
    from nbext.embedded.studio import Made

Item = dict[str, Any]

_KEPT = 64  # responses that can be gone on with
_STEP_SECONDS = 0.25
_CITED = ("https://example.com/", "Example Domain")


class Responses(Handler):
    """Responses, plain and streamed."""

    async def answer_post(self, *_args: str) -> None:
        """Answer one request with its items."""
        body = self.json_body()
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise ReplyError(400, "field model is required", param="model")
        items = _items(body.get("input"))
        asked = self._read(body, items)
        schema = structured.wanted(dig(body, "text", "format"))
        calls = await self.studio.run(tools.choose, asked, {**body, "tools": _functions(body)})
        listed = body.get("tools")
        kinds = {
            str(dig(tool, "type")): tool for tool in (listed if isinstance(listed, list) else [])
        }
        stream = bool(body.get("stream")) and model != "embedded-plain"
        events = Events(self, _response(body, model), model, stream=stream)
        await faults.meet(self, model, stream=stream)
        await events.begin()
        if dig(body, "reasoning", "effort") or dig(body, "reasoning", "summary"):
            await events.reasoning("".join(talk.thoughts(asked)))
        searches = any(kind.startswith("web_search") for kind in kinds)
        if searches and body.get("tool_choice") != "none":
            await events.search(talk.shorten(asked.text, 200), _CITED[0])
        drawn = await self._maybe_draw(events, asked, body, kinds.get("image_generation"))
        for call in calls:
            await events.call(call)
        if drawn and not calls and schema is None:
            # As over chat, the words say that it is a sketch, and of what.
            await events.message(drawn[0].caption)
        if not calls and not drawn:
            if model == "embedded-refuses":
                await events.refusal("Sorry, I can’t help with that request.")
            elif schema is not None:
                text = await self.studio.run(structured.answer, schema, asked.text)
                await events.message(text)
            else:
                await events.message(*await self._words(asked, model, searches=searches))
        prompt = sum(map(text_tokens, asked.everything))
        image_out = sum(picture_tokens(one.width, one.height) for one in drawn)
        usage = io_usage(prompt, 323 * len(asked.given), events.text_tokens, image_out)
        response = await events.end(usage)
        if body.get("store") is not False:
            kept = items + _for_later(response["output"], drawn, self)
            remember(self.studio.responses, response["id"], (response, kept), _KEPT)

    async def _words(
        self, asked: Asked, model: str, *, searches: bool
    ) -> tuple[str, list[dict[str, Any]]]:
        """What the message says, and its citations."""
        text = await talk.reply(self.studio, asked, model)
        if not searches:
            return text, []
        text += "\nNo search was made: this endpoint reaches nothing. A citation looks like this: "
        url, title = _CITED
        start = len(text)
        text += f"([{title}]({url}))"
        cited = {
            "type": "url_citation",
            "url": url,
            "title": title,
            "start_index": start,
            "end_index": len(text),
        }
        return text, [cited]

    async def _maybe_draw(
        self, events: Events, asked: Asked, body: dict[str, Any], tool: Any
    ) -> list[Made]:
        """Draw, if there is the tool and the words or ``tool_choice`` ask for it."""
        required = dig(body.get("tool_choice"), "type") == "image_generation"
        if tool is None and family(str(body["model"])) not in {"link", "inline", "sora"}:
            return []
        if tool is not None and not (required or asks_to_draw(asked.text) or asked.given):
            return []
        if body.get("tool_choice") == "none":
            return []
        tool = tool if isinstance(tool, dict) else {}
        form = tool.get("output_format") or "png"
        if form not in FORMATS:
            raise ReplyError(400, "output_format is not one of png, jpeg, webp", param="tools")
        order = Order(prompt=asked.text, seed=read_seed(body), format=form)
        wanted = await make_plan(
            self.studio, order, given=asked.given, earlier=asked.source(), size=tool.get("size")
        )
        order = wanted.order
        facts = {
            "size": f"{order.width}x{order.height}",
            "quality": read_quality(tool),
            "background": "opaque",
            "output_format": order.format,
        }
        async with events.picture(facts, order.prompt, edits=bool(wanted.modifies)) as picture:
            if body["model"] == "embedded-refuses":
                await picture.blocked()
                return []
            made = (await self.studio.draw(order))[0]
            count = tool.get("partial_images") or 0
            for index in range(min(3, count) if isinstance(count, int) else 0):
                await self.wait(_STEP_SECONDS)
                rough = await self.studio.run(draft, made.data, (index + 1) / 4, order.format)
                await picture.partial(index, b64(rough))
            await self.wait(_STEP_SECONDS)
            await picture.done(b64(made.data))
        return [made]

    def _read(self, body: dict[str, Any], items: list[Item]) -> Asked:
        """What is asked, with the responses before it."""
        asked = Asked()
        if isinstance(body.get("instructions"), str):
            add_turn(asked, "system", body["instructions"], [])
        previous = body.get("previous_response_id")
        if previous is not None:
            known = self.studio.responses.get(str(previous))
            if known is None:
                raise ReplyError(
                    400,
                    f"Previous response with id '{str(previous)[:80]}' not found.",
                    param="previous_response_id",
                    code="previous_response_not_found",
                )
            items[:0] = known[1]
        for item in items:
            kind = item.get("type", "message")
            if kind == "message":
                text, given = read_content(item.get("content"))
                add_turn(asked, str(item.get("role") or "user"), text, given)
            elif kind == "function_call_output":
                add_turn(asked, "tool", read_content(item.get("output"))[0], [])
            elif kind == "image_generation_call" and isinstance(item.get("result"), str):
                result = item["result"]
                is_link = result.startswith(("http:", "data:"))
                asked.earlier.append(result if is_link else f"data:image/png;base64,{result}")
        return asked


class Response(Handler):
    """``/v1/responses/ID``: a response that was kept."""

    async def answer_get(self, *args: str) -> None:
        """Send it again."""
        self.send_json(self._known(args[0]))

    async def answer_delete(self, *args: str) -> None:
        """Forget it."""
        response = self._known(args[0])
        del self.studio.responses[response["id"]]
        self.send_json({"id": response["id"], "object": "response", "deleted": True})

    def _known(self, name: str) -> dict[str, Any]:
        if name not in self.studio.responses:
            raise ReplyError(404, f"Response with id '{name[:80]}' not found.")
        response: dict[str, Any] = self.studio.responses[name][0]
        return response


def _items(given: Any) -> list[Item]:
    """The input as items.

    Raises:
        ReplyError: 400, if it is neither text nor a list of items.
    """
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if isinstance(given, list) and given and all(isinstance(one, dict) for one in given):
        return list(given)
    raise ReplyError(400, "field input is required", param="input")


def _functions(body: dict[str, Any]) -> list[Any]:
    """The tools that are functions; what is no list is left to be refused."""
    listed = body.get("tools")
    if not isinstance(listed, list):
        return [] if listed is None else listed
    return [tool for tool in listed if dig(tool, "type") == "function"]


def _for_later(output: list[Item], drawn: list[Made], handler: Handler) -> list[Item]:
    """The items of an answer as a later request will mean them: pictures as links, not bytes."""
    kept: list[Item] = []
    pictures = iter(drawn)
    for item in output:
        if item["type"] == "image_generation_call" and item.get("result"):
            made = next(pictures)
            kept.append({**item, "result": handler.studio.link(made.name)})
        elif item["type"] == "message":
            kept.append(item)
    return kept


def _response(body: dict[str, Any], model: str) -> dict[str, Any]:
    """A response that has just begun."""
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
