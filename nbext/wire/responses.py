"""The Responses format: from input items to output items, with pictures through a tool.

Source: OpenAI API reference, ``POST /v1/responses`` and its stream events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nbext.data.request import Turn
from nbext.messages.say import phrase
from nbext.wire.base_decoder import Reader
from nbext.wire.encoding import data_uri, merged, refuse, without_placeholders
from nbext.wire.events import Call, Citation, Job, Meta, Progress, ToolCall
from nbext.wire.json_values import as_dict, as_list, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbext.data.kinds import JobStatus, ProgressState
    from nbext.data.request import Reference, Request
    from nbext.wire.events import SinkFactory

_TOOL_FIELDS = frozenset(
    {
        "action",
        "complexity",
        "frame_count",
        "frame_duration_ms",
        "input_fidelity",
        "input_image_mask",
        "moderation",
        "output_compression",
        "output_format",
        "partial_images",
        "quality",
        "size",
        "svg",
    }
)


class ResponsesWire:
    """Writes Responses requests and reads their answers."""

    name = "responses"

    def encode(self, request: Request) -> Call:
        """Encode a request; ``draw`` adds the ``image_generation`` tool.

        An earlier conversation is referred to by the id of its last answer if the endpoint keeps it
        (``store`` is not false), else it is sent as a whole, as it is with
        ``previous_response_id=null`` in ``extra``.

        Raises:
            OptionError: A seed, or without ``draw`` an option of pictures.
        """
        refuse(request, self.name, {"seed": phrase("wire.seed_elsewhere")})
        drawing = request.kind == "draw"
        if not drawing:
            by_draw = phrase("wire.only_draw")
            refuse(
                request,
                self.name,
                dict.fromkeys(("mask", "aspect", "size", "quality", "format"), by_draw),
            )
        extra = dict(request.extra)
        body: dict[str, Any] = {"model": request.model, "input": [], "stream": True}
        turns = [*request.conversation, _prompt_turn(request), *request.followup]
        before, new = _since_last_answer(request, turns)
        if before:
            body["previous_response_id"] = before
        body["input"] = _items(new)
        if request.system:
            body["instructions"] = request.system
        tools = _flat(extra.pop("tools", None) or [])
        if drawing:
            own = _image_tool(request, extra)
            tools = _with_image_tool(own, tools)
            if len(tools) == 1:
                # Without tool_choice a model may answer in text, which is billed too.
                body["tool_choice"] = {"type": "image_generation"}
        if tools:
            body["tools"] = tools
        body = merged(body, extra)
        return Call(
            path="responses",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=request.prompt,
        )

    def decoder(
        self, request: Request, sink: SinkFactory, *, content_type: str = ""
    ) -> ResponsesReader:
        """Create a decoder for one answer."""
        return ResponsesReader(request, sink, content_type=content_type)


def query(response_id: str) -> Call:
    """Write the call for the current state of a background response."""
    path = f"responses/{quote(response_id, safe='')}"
    return Call(path=path, method="GET", generating=False)


def _prompt_turn(request: Request) -> Turn:
    return Turn(role="user", text=request.prompt, pictures=request.references)


def _since_last_answer(request: Request, turns: list[Turn]) -> tuple[str, list[Turn]]:
    """Return the id to continue from, and the turns since that answer.

    Returns:
        Without an id: an empty one, and all turns.
    """
    if "previous_response_id" in request.extra:
        id_ = str(request.extra["previous_response_id"] or "")
        return (id_, [_prompt_turn(request), *request.followup]) if id_ else ("", turns)
    last = max((at for at, turn in enumerate(turns) if turn.role == "assistant"), default=None)
    if last is None or request.extra.get("store") is False:
        return "", turns
    id_ = as_text(as_dict(turns[last].raw).get("response_id"))
    return (id_, turns[last + 1 :]) if id_ else ("", turns)


def _items(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Encode turns as items.

    An assistant's message cannot contain pictures, so they are sent with the next message.
    """
    items: list[dict[str, Any]] = []
    carried: list[Reference] = []
    for turn in turns:
        if turn.role == "assistant":
            carried.extend(turn.pictures)
            text = without_placeholders(turn.text)
            if text:
                part = {"type": "output_text", "text": text}
                items.append({"role": "assistant", "content": [part]})
            for call in turn.calls:
                named = {"name": call["name"], "arguments": call["arguments"]}
                items.append({"type": "function_call", "call_id": call["id"], **named})
        elif turn.role == "tool":
            items.append(
                {"type": "function_call_output", "call_id": turn.answers, "output": turn.text}
            )
        else:
            items.append(_user(turn.text, [*carried, *turn.pictures]))
            carried = []
    return items


def _user(text: str, pictures: Sequence[Reference]) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "input_text", "text": text}]
    content += [{"type": "input_image", "image_url": data_uri(picture)} for picture in pictures]
    return {"role": "user", "content": content}


def _flat(tools: Any) -> list[Any]:
    """Convert functions to this format: their fields beside the type, not below it."""
    return [
        {"type": "function", **tool["function"]}
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict)
        else tool
        for tool in (tools if isinstance(tools, list) else [tools])
    ]


def _image_tool(request: Request, extra: dict[str, Any]) -> dict[str, Any]:
    """Build the image tool, and move its fields out of the body's."""
    tool: dict[str, Any] = {"type": "image_generation"}
    named = {"size": request.size, "quality": request.quality, "output_format": request.format}
    tool |= {key: value for key, value in named.items() if value}
    if request.mask is not None:
        tool["input_image_mask"] = {"image_url": data_uri(request.mask)}
    own = {key: extra.pop(key) for key in _TOOL_FIELDS & extra.keys()}
    # In the body, background means to answer later; in the tool, the picture's background.
    if isinstance(extra.get("background"), str):
        own["background"] = extra.pop("background")
    return merged(tool, own)


def _with_image_tool(own: Mapping[str, Any], tools_option: list[Any]) -> list[Any]:
    """Put the image tool before the given tools; a given image tool completes it."""
    others = []
    for tool in tools_option:
        if isinstance(tool, dict) and tool.get("type") == "image_generation":
            own = merged(own, tool)
        else:
            others.append(tool)
    return [dict(own), *others]


class ResponsesReader(Reader):
    """Decodes the items of a response, whole or from stream events."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._stores = request.extra.get("store") is not False
        self._spoken: set[Any] = set()
        self._thought = False
        self._calls: set[str] = set()
        self._cited: set[tuple[Any, ...]] = set()
        self._refusal: list[str] = []
        # The error of a drawing that failed, which the model may explain in words afterwards.
        self._failed_call: Any = None

    def value(self, value: Any, event: str) -> None:
        """Process the response, or an event of its stream."""
        answer = as_dict(value)
        kind = as_text(answer.get("type")) or event
        kind = kind.removeprefix("response.")
        inner = as_dict(answer.get("response"))
        index = answer.get("output_index")
        index = index if isinstance(index, int) else 0
        if kind == "output_text.delta":
            self._spoken.add(index)
            self.prose(as_text(answer.get("delta")))
        elif kind == "output_text.done":
            if index not in self._spoken:
                self._spoken.add(index)
                self.prose(as_text(answer.get("text")))
        elif kind == "output_text.annotation.added":
            self._cite(answer.get("annotation"))
        elif kind in ("reasoning_summary_text.delta", "reasoning_text.delta"):
            self._thought = True
            self.think(as_text(answer.get("delta")))
        elif kind == "refusal.delta":
            self._refusal.append(as_text(answer.get("delta")))
        elif kind == "refusal.done":
            self._refusal = self._refusal or [as_text(answer.get("refusal"))]
        elif kind == "image_generation_call.partial_image":
            self.picture(answer.get("partial_image_b64"), partial=True)
        elif kind.startswith("image_generation_call."):
            self.say(Progress(words="drawing"))
        elif kind.startswith("web_search_call."):
            self.say(Progress(words=phrase("wire.searching")))
        elif kind == "output_item.done":
            self._item(as_dict(answer.get("item")), index, again=False)
        elif kind in ("queued", "created", "in_progress"):
            self.say_meta(model=inner.get("model"), answer_id=inner.get("id"))
            state: ProgressState = "queued" if kind == "queued" else "running"
            self.say(Progress(words=kind.replace("_", " "), state=state))
        elif kind in _ENDINGS:
            # Some relays pass on the response as it was at its start.
            begun = inner.get("status") in ("queued", "in_progress")
            self._whole({**inner, "status": kind} if begun else inner, kind)
            self.over = True
        elif inner or "output" in answer or answer.get("object") == "response":
            self._whole(inner or answer, "completed")
        elif as_text(answer.get("output_text")):
            self._whole(answer, "completed")

    def _whole(self, response: dict[str, Any], status: str) -> None:
        """Process the whole response; of a stream, the parts that its events lacked."""
        id_ = as_text(response.get("id"))
        status = as_text(response.get("status")) or status
        self.say_meta(model=response.get("model"), answer_id=id_)
        if status in ("queued", "in_progress"):
            state: JobStatus = "queued" if status == "queued" else "running"
            self.say(Job(id=id_, status=state))
            self.finish(status)
            return
        spoke = self.spoke
        for index, item in enumerate(map(as_dict, as_list(response.get("output")))):
            self._item(item, index, again=spoke)
        if not self.spoke:
            self.prose(as_text(response.get("output_text")))
        self.usage(response.get("usage"), response)
        if status == "incomplete":
            why = as_text(as_dict(response.get("incomplete_details")).get("reason"))
            if why == "content_filter":
                cut = phrase("wire.filtered")
                self.fail("ModerationError", cut, maybe_billed=True)
            self.finish(why or status)
        elif status in ("failed", "cancelled"):
            self.refused(response.get("error"), phrase("wire.response_status", status=status))
        else:
            if id_ and self._stores and response.get("store") is not False:
                self.say(Meta(raw={"response_id": id_}))
            self.finish(status)

    def _item(self, item: dict[str, Any], index: int, *, again: bool) -> None:
        kind = item.get("type")
        self.place = index
        if kind == "image_generation_call":
            if not self.pictures_of(item.get("result")):
                self.pictures_of({key: item[key] for key in item if key not in ("id", "type")})
            named = {key: item.get(key) for key in ("size", "quality", "background")}
            self.say_meta(**named, output_format=item.get("output_format"))
            self.say_meta(revised_prompt=item.get("revised_prompt"))
            if item.get("error") or item.get("status") == "failed":
                self._failed_call = item.get("error") or self._failed_call or {}
        elif kind in ("function_call", "custom_tool_call"):
            self._call(item)
        elif kind == "code_interpreter_call":
            # A plot is a picture.
            for output in as_list(item.get("outputs")):
                self.pictures_of(output)
        elif kind == "reasoning" and not self._thought:
            for part in [*as_list(item.get("summary")), *as_list(item.get("content"))]:
                self.think(as_text(as_dict(part).get("text")))
            self._thought = True
        elif kind == "message" or "content" in item:
            for part in map(as_dict, as_list(item.get("content"))):
                for annotation in as_list(part.get("annotations")):
                    self._cite(annotation)
                if part.get("type") == "refusal":
                    self._refusal = self._refusal or [as_text(part.get("refusal"))]
                elif part.get("type") in ("output_image", "image", "image_url"):
                    self.pictures_of(part)
                elif not again and index not in self._spoken:
                    self.prose(as_text(part.get("text")))
            self._spoken.add(index)

    def _call(self, item: dict[str, Any]) -> None:
        id_ = as_text(item.get("call_id")) or as_text(item.get("id"))
        if id_ not in self._calls:
            self._calls.add(id_)
            arguments = as_text(item.get("arguments")) or as_text(item.get("input"))
            self.say(ToolCall(id=id_, name=as_text(item.get("name")), arguments=arguments))

    def _cite(self, annotation: Any) -> None:
        cited = as_dict(annotation)
        url = as_text(cited.get("url"))
        start, end = (n if isinstance(n := cited.get(f"{w}_index"), int) else None for w in _ENDS)
        if url and (url, start, end) not in self._cited:
            self._cited.add((url, start, end))
            title = as_text(cited.get("title"))
            self.say(Citation(url=url, title=title, start=start, end=end))

    def ended(self) -> None:
        """Report a refusal by the model."""
        refusal = "".join(self._refusal)
        if refusal:
            self.prose(refusal)
            message = phrase("wire.refused_words", names=" ".join(refusal.split())[:500])
            self.fail("ModerationError", message, maybe_billed=True)
        if self._failed_call is not None and not self.has_result:
            words = " ".join(self.text.split())[:500]
            self.refused(self._failed_call, words or phrase("wire.failed"))


_ENDINGS = ("completed", "incomplete", "failed", "cancelled")
_ENDS = ("start", "end")

WIRE = ResponsesWire()
