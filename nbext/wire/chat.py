"""``POST /v1/chat/completions``: the relay's main endpoint, and where most pictures come from.

Source: OpenAI's chat completions reference; what relays add to it was read off their answers.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.errors import OptionError
from nbext.wire.base64 import TextDiverter
from nbext.wire.compose import PLACEHOLDER, base64_text, data_uri, merged
from nbext.wire.events import Call, Citation, Failed, Reasoning, ToolCall
from nbext.wire.extract import (
    REQUEST_KEYS,
    gen_id_in_text,
    json_head,
    links_in_text,
    pictures_in_value,
    svg_in_text,
)
from nbext.wire.jobs import job
from nbext.wire.progress import ProgressReader
from nbext.wire.reading import Reader
from nbext.wire.values import as_dict, as_list, as_text, decode

if TYPE_CHECKING:
    from nbext.data.request import Reference, Request, Turn
    from nbext.wire.events import Progress, SinkFactory

# Families, by the way their relays take an aspect ratio; a name nobody has heard of gets the
# fields.
_IN_PROMPT = re.compile(r"gpt-?4o|sora[-_]?image|gpt-image-1-vip", re.IGNORECASE)
_GOOGLE = re.compile(r"gemini|nano-?banana|imagen", re.IGNORECASE)
# ``google/gemini…`` as routers name models; relays have names with a slash of another kind.
_VENDOR = re.compile(r"(?!gemini|nano-?banana|imagen)[^/]+/", re.IGNORECASE)
_PICTURE_FIELDS = ("images", "image", "multi_mod_content", "multi_modal_content")
_OPEN, _CLOSE = "<think>", "</think>"
_SPACE = re.compile(r"\s*")
# White space before an answer is kept back so long, because a thought may follow.
_MOST_HELD = 256


class ChatWire:
    """Chat completions."""

    name = "chat"

    def encode(self, request: Request) -> Call:
        """Write a request as messages.

        Raises:
            OptionError: A mask was given: chat has no place for one.
        """
        if request.mask is not None:
            raise OptionError(
                "The wire format chat has no mask.",
                remedy="Add --via images, where the relay has it.",
            )
        prompt, fields = _shaped(request)
        messages: list[dict[str, Any]] = []
        if request.system:
            messages.append({"role": "system", "content": request.system})
        messages += [_message(turn, request.model) for turn in request.conversation]
        messages.append(
            {"role": "user", "content": _content(prompt, request.references, request.model)}
        )
        messages += [_message(turn, request.model) for turn in request.followup]
        body = {"model": request.model, "stream": True, "messages": messages, **fields}
        body = merged(body, request.extra)
        return Call(
            path="chat/completions",
            body=body,
            stream=bool(body.get("stream")),
            prompt_sent=prompt,
        )

    def decoder(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> ChatReader:
        """Make a decoder for one answer."""
        return ChatReader(request, sink, content_type=content_type)


def _shaped(request: Request) -> tuple[str, dict[str, Any]]:
    """Say the shape of the picture the way the model's family takes it.

    Returns:
        The prompt as sent, and fields of the body.
    """
    fields: dict[str, Any] = {}
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.quality:
        fields["quality"] = request.quality
    if request.format:
        fields["output_format"] = request.format
    if request.kind != "draw":
        return request.prompt, fields
    aspect = request.aspect or _ratio(request.size)
    if _GOOGLE.search(request.model):
        config = {"aspect_ratio": aspect, "image_size": _google_size(request.size)}
        config = {key: value for key, value in config.items() if value}
        if _VENDOR.match(request.model):
            fields["modalities"] = ["image", "text"]
            if config:
                fields["image_config"] = config
        elif config:
            fields["extra_body"] = {"google": {"image_config": config}}
        return request.prompt, fields
    if _IN_PROMPT.search(request.model):
        return f"{request.prompt}【{aspect}】" if aspect else request.prompt, fields
    if _VENDOR.match(request.model):
        fields["modalities"] = ["image", "text"]
    if request.aspect:
        fields["aspect_ratio"] = request.aspect
    if request.size:
        fields["size"] = request.size
    return request.prompt, fields


def _ratio(size: str) -> str:
    """Reduce ``1024x1536`` to ``2:3``, anything else to nothing."""
    match = re.fullmatch(r"(\d{1,5})[x×*](\d{1,5})", size)
    if not match or not int(match[1]) or not int(match[2]):
        return ""
    width, height = int(match[1]), int(match[2])
    divisor = math.gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def _google_size(size: str) -> str:
    return size.upper() if re.fullmatch(r"(?i)(512|0\.5k|[124]k)", size) else ""


def _content(text: str, pictures: tuple[Reference, ...], model: str) -> Any:
    """Write a user's content: plain text, or parts where pictures go with it."""
    if not pictures:
        return text
    return [{"type": "text", "text": text}, *(_part(picture, model) for picture in pictures)]


def _part(picture: Reference, model: str) -> dict[str, Any]:
    """Write a picture as a part; a film goes where the model's family looks for it."""
    kind = "image_url"
    if picture.info.media_type.startswith("video/") and not _GOOGLE.search(model):
        kind = "video_url"
    return {"type": kind, kind: {"url": data_uri(picture)}}


def _message(turn: Turn, model: str) -> dict[str, Any]:
    if turn.role == "user":
        return {"role": "user", "content": _content(turn.text, turn.pictures, model)}
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.answers, "content": turn.text}
    message: dict[str, Any] = {"role": "assistant", "content": _as_answered(turn)}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": call["arguments"]},
            }
            for call in turn.calls
        ]
    return message


def _as_answered(turn: Turn) -> str:
    """Put the pictures back into an answer's text: it goes back as it came."""
    known = {picture.info.sha256: picture for picture in turn.pictures}
    return PLACEHOLDER.sub(
        lambda match: base64_text(known[match[1]]) if match[1] in known else match[0], turn.text
    )


class ChatReader(Reader):
    """Reads an answer of chat completions, whole or streamed."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._progress = ProgressReader()
        self._said_text: list[str] = []
        self._reasoned: list[str] = []
        self._thinking = TextDiverter(self._diverter, sink)
        self._thoughts = _ThinkSplitter()
        self._calls: dict[str, _Call] = {}
        self._last_call = ""
        self._cited: set[str] = set()
        self._refusal: list[str] = []

    @property
    def is_whole(self) -> bool:
        """Whether the picture has come, which is all that is wanted of a drawing."""
        return self.request.kind == "draw" and self.has_result

    def value(self, value: Any, event: str) -> None:
        """Take the whole answer, or one chunk of it."""
        del event
        answer = as_dict(value)
        self.say_meta(model=answer.get("model"), answer_id=answer.get("id"))
        self.usage(answer.get("usage"))
        if isinstance(value, str | list):
            self._loose(value)
        for choice in as_list(answer.get("choices")):
            self._choice(as_dict(choice))
        if not answer.get("choices"):
            self._elsewhere(answer)

    def _choice(self, choice: dict[str, Any]) -> None:
        message = as_dict(choice.get("message")) or as_dict(choice.get("delta"))
        reasoning = as_text(message.get("reasoning_content")) or as_text(message.get("reasoning"))
        self._think(reasoning, reasoned=True)
        had_text = self._content_of(message.get("content"))
        for field in _PICTURE_FIELDS:
            self._field(message.get(field), with_text=not had_text)
        if not message and as_text(choice.get("text")):
            self._say_text(choice["text"])
        for call in as_list(message.get("tool_calls")):
            self._call(as_dict(call))
        if as_text(message.get("refusal")):
            self._refusal.append(message["refusal"])
        for annotation in as_list(message.get("annotations")):
            self._cite(as_dict(annotation))
        reason = choice.get("finish_reason")
        if reason == "error":
            self.refused(choice.get("error") or as_dict(choice.get("message")), "The model failed.")
        elif as_text(reason):
            self.finish(as_text(reason))

    def _content_of(self, content: Any) -> bool:
        """Say a message's content: a text, or parts."""
        if isinstance(content, str):
            self._say_text(content)
            return bool(content.strip())
        said = False
        for part in as_list(content):
            if isinstance(part, str):
                self._say_text(part)
                said = True
            elif as_text(as_dict(part).get("text")) and as_dict(part).get("type") != "thinking":
                self._say_text(part["text"])
                said = True
            else:
                self._pictures(part)
        if isinstance(content, dict):
            self._pictures(content)
        return said

    def _field(self, value: Any, *, with_text: bool) -> None:
        """Say what stands in a field for pictures; some put the text there, too."""
        for item in value if isinstance(value, list) else [value]:
            if not item:
                continue
            text = as_text(as_dict(item).get("text"))
            if text and with_text:
                self._say_text(text)
            elif not text:
                self._pictures(item)

    def _pictures(self, value: Any) -> None:
        for found in pictures_in_value(value):
            self.picture(found)

    def _elsewhere(self, answer: dict[str, Any]) -> None:
        """Find pictures in the places of other endpoints, in an answer without choices."""
        for field in ("data", "images", "results", "urls", "output"):
            for item in as_list(answer.get(field)):
                self._pictures(item)
        for field in ("message", "content", "text", "output_text"):
            self._content_of(answer.get(field))
        task = answer.get("task_id") or (answer.get("id") if answer.get("status") else "")
        if as_text(task) and as_text(answer.get("status")):
            state, links = job(answer, kind="picture")
            self.say(state)
            for link in links:
                self.link(link.url, link.kind, alt=link.alt)
            self.finish("")

    def _loose(self, value: Any) -> None:
        if isinstance(value, str):
            self._say_text(value)
        else:
            self._pictures(value)

    def _say_text(self, text: str) -> None:
        for thought, piece in self._thoughts.feed(text):
            if thought:
                self._think(piece)
            else:
                self.prose(piece)

    def _think(self, text: str, *, reasoned: bool = False) -> None:
        """Say a thought; what stands in the field for it may be the picture all the same."""
        text = self._thinking.feed(text)
        if text:
            if reasoned:
                self._reasoned.append(text)
            self.say(Reasoning(text=text))
            self._tell(self._progress.feed(text))

    def _tell(self, told: list[Progress]) -> None:
        for progress in told:
            self.say(progress)

    def spoken(self, text: str) -> None:
        """Tell the progress that a piece of text speaks of."""
        self._said_text.append(text)
        self._tell(self._progress.feed(text))

    def _call(self, call: dict[str, Any]) -> None:
        """Put a tool call together: by index, else by id, else by name, else it is the last one."""
        function = as_dict(call.get("function"))
        name, id_ = as_text(function.get("name")), as_text(call.get("id"))
        index = call.get("index")
        key = f"index {index}" if isinstance(index, int) else id_ or name or self._last_call
        known = self._calls.setdefault(key, _Call())
        self._last_call = key
        known.id = known.id or id_
        known.name = known.name or name
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = msgspec.json.encode(arguments).decode()
        known.arguments.append(as_text(arguments))

    def _cite(self, annotation: dict[str, Any]) -> None:
        cited = as_dict(annotation.get("url_citation")) or annotation
        url = as_text(cited.get("url"))
        if url and url not in self._cited:
            self._cited.add(url)
            start, end = cited.get("start_index"), cited.get("end_index")
            self.say(
                Citation(
                    url=url,
                    title=as_text(cited.get("title")),
                    start=start if isinstance(start, int) else None,
                    end=end if isinstance(end, int) else None,
                )
            )

    def ended(self) -> None:
        """Say calls, ids, and the pictures that stand in unusual places of the text."""
        for thought, piece in self._thoughts.close():
            (self._think if thought else self.prose)(piece)
        self._speak(self._prose.close(cut=self.cut))
        held = self._thinking.close(cut=self.cut)
        if held:
            self._reasoned.append(held)
            self.say(Reasoning(text=held))
        self._tell(self._progress.close())
        text = "".join(self._said_text)
        self.say_meta(gen_id=gen_id_in_text(text))
        self._calls_of()
        if self.request.kind == "draw":
            self._rest_of(text)

    def _rest_of(self, text: str) -> None:
        """Say the pictures that stand in the text as SVG or in JSON, or in the reasoning alone."""
        for found in svg_in_text(text):
            self.picture(found)
        head = json_head(text)
        # A head with a prompt repeats the request; where nothing comes behind it, it is the answer.
        if head and not (REQUEST_KEYS & head[0].keys() and text[head[1] :].strip("` \r\n")):
            self._pictures(head[0])
        if self.has_result or links_in_text(text, self.given_urls, cut=self.cut):
            return
        reasoned = "".join(self._reasoned)
        for sha256 in PLACEHOLDER.findall(reasoned)[-1:]:
            if sha256 in self._diverter.pictures:
                self._show(self._diverter.pictures[sha256], partial=False)
        for link in links_in_text(reasoned, self.given_urls, cut=self.cut):
            self.link(link.url, link.kind, alt=link.alt)

    def reason(self, text: str) -> Failed | None:
        """Say why there is no picture: a refusal's own field counts more than the text."""
        refusal = "".join(self._refusal)[:500]
        filtered = self.finish_reason == "content_filter" and not self.spoke
        if not refusal and not filtered:
            return super().reason(text)
        return Failed(
            kind="ModerationError",
            message=f"The model refused: {refusal}"
            if refusal
            else "The endpoint's content filter took the answer away.",
            remedy="Say it in other words, or try another model.",
            body=refusal,
            maybe_billed=True,
        )

    def _calls_of(self) -> None:
        for number, call in enumerate(self._calls.values()):
            arguments = "".join(call.arguments)
            drawn = self.request.kind == "draw" and decode(arguments.encode("utf-8", "replace"))
            if isinstance(drawn, dict):
                self._pictures(drawn)
            elif call.name:
                said = arguments or "{}"
                self.say(ToolCall(id=call.id or f"call_{number}", name=call.name, arguments=said))


class _Call:
    """A tool call, as its pieces come."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []


class _ThinkSplitter:
    """Tells thoughts in ``<think>…</think>`` from the answer, in pieces cut anywhere.

    Thoughts come before the answer; who speaks of the tag in it means no thought.
    """

    def __init__(self) -> None:
        self._inside = False
        self._answering = False
        self._held = ""

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """Give pieces, and whether each is a thought."""
        if self._answering:
            return [(False, text)] if text else []
        text, self._held = self._held + text, ""
        pieces: list[tuple[bool, str]] = []
        at = 0
        while at < len(text):
            if self._inside:
                end = text.find(_CLOSE, at)
                if end < 0:
                    end = len(text) - _overlap(text, _CLOSE)
                    self._held = text[end:]
                    pieces.append((True, text[at:end]))
                    break
                pieces.append((True, text[at:end]))
                at, self._inside = end + len(_CLOSE), False
                continue
            space = _SPACE.match(text, at)
            start = space.end() if space else at
            if text.startswith(_OPEN, start):
                at, self._inside = start + len(_OPEN), True
            elif len(text) - at < _MOST_HELD and _OPEN.startswith(text[start:]):
                self._held = text[at:]
                break
            else:
                self._answering = True
                pieces.append((False, text[at:]))
                break
        return [piece for piece in pieces if piece[1]]

    def close(self) -> list[tuple[bool, str]]:
        """Give what was held back."""
        held, self._held = self._held, ""
        return [(self._inside, held)] if held else []


def _overlap(text: str, tag: str) -> int:
    """Say how many characters at the end of a text may begin a tag."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)


WIRE = ChatWire()
