"""Decode answers of ``POST /v1/chat/completions``, whole or streamed, with relays' variations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.base64_stream import TextBase64Extractor
from nbext.wire.base_decoder import Reader
from nbext.wire.chat_chunk import PlainPieces
from nbext.wire.encoding import PLACEHOLDER
from nbext.wire.events import Citation, ErrorEvent, Notice, Reasoning, TextWasReasoning, ToolCall
from nbext.wire.jobs import job
from nbext.wire.json_values import as_dict, as_list, as_text, decode, encoded, is_complaint
from nbext.wire.links import (
    REQUEST_KEYS,
    gen_id_in_text,
    json_head,
    links_in_text,
    svg_in_text,
    svg_markup_in_text,
)
from nbext.wire.picture_values import (
    joined_pieces,
    pictures_in_value,
    piece_in_value,
)
from nbext.wire.progress import ProgressReader
from nbext.wire.refusals import detect_refusal
from nbext.wire.sound import joined_sound
from nbext.wire.think_tags import ThoughtSplitter

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.wire.events import Progress, SinkFactory
    from nbext.wire.think_tags import PieceKind

# A relay that restarts a call with each piece cannot be parsed in linear time.
_LOOKS = 32
# The characters of a call that are kept, as many as a record holds of a text.
_MOST_ARGUMENTS = 4 << 20
# The notation of a ratio in a prompt; some relays repeat the prompt without it.
_RATIO_IN_PROMPT = pattern(r"[【\[]\s{0,3}\d{1,3}\s{0,3}[:：]\s{0,3}\d{1,3}\s{0,3}[】\]]")
# A tag whose source is the id of a file that the endpoint keeps.
_UPLOAD = pattern(
    r"<img\b[^<>]{0,100}?\bsrc=[\"']?(file[-_]\w{4,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
    re.IGNORECASE,
)
_TEXT_FIELDS = ("message", "content", "text", "output_text")
_PICTURE_FIELDS = ("images", "image", "multi_mod_content", "multi_modal_content")


class ChatReader(Reader):
    """Decodes an answer of chat completions, whole or streamed."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._plain = PlainPieces()
        self._progress = ProgressReader()
        self._text_so_far: list[str] = []
        self._reasoned: list[str] = []
        self._thinking = TextBase64Extractor(self._diverter, sink)
        self._thoughts = ThoughtSplitter()
        self._calls: dict[str, list[_Call]] = {}
        self._last_call = ""
        self._cited: set[str] = set()
        self._refusal: list[str] = []
        self._numbered: dict[int, list[Any]] = {}
        self._sound: list[str] = []
        # Choices are interleaved, so all but the first wait; some relays count pieces, not choices.
        self._several = request.extra.get("n") not in (None, 1)
        self._others: dict[int, list[dict[str, Any]]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether the picture has arrived, which is all that a drawing needs."""
        return self.request.kind == "draw" and self.has_result

    def plain_text(self, data: bytes) -> str | None:
        """Return the text of a piece that contains only text; None for any other."""
        return self._plain.text(data)

    def value(self, value: Any, event: str) -> None:
        """Process the whole answer, or one chunk of it."""
        del event
        answer = as_dict(value)
        if as_list(as_dict(answer.get("data")).get("choices")):
            # A relay's own API wraps the answer in {"code": 200, "message": "success"}.
            answer = answer["data"]
        self.say_meta(
            model=answer.get("model"),
            answer_id=answer.get("id"),
            revised_prompt=answer.get("revised_prompt"),
        )
        self._plain.expect(as_text(answer.get("id")), as_text(answer.get("model")))
        self.usage(answer.get("usage"), answer)
        for url in as_list(answer.get("citations")):
            self._cite({"url": url} if isinstance(url, str) else as_dict(url))
        if isinstance(value, str | list):
            self._loose(value)
        choices = answer.get("choices")
        for choice in map(as_dict, [choices] if isinstance(choices, dict) else as_list(choices)):
            index = choice.get("index")
            if self._several and isinstance(index, int) and index > 0:
                self._others.setdefault(index, []).append(choice)
                self._ended_with(choice)
            else:
                self._choice(choice)
        if not answer.get("choices"):
            self._elsewhere(answer)

    def _choice(self, choice: dict[str, Any]) -> None:
        message = as_dict(choice.get("message")) or as_dict(choice.get("delta"))
        reasoning = as_text(message.get("reasoning_content")) or as_text(message.get("reasoning"))
        for detail in () if reasoning else map(as_dict, as_list(message.get("reasoning_details"))):
            reasoning += as_text(detail.get("text")) or as_text(detail.get("summary"))
        self._think(reasoning, reasoned=True)
        self.say_meta(revised_prompt=message.get("revised_prompt"))
        content = message.get("content")
        again = "message" in choice and isinstance(content, str) and self._is_repeated(content)
        had_text = again or self._content_of(content)
        for field in _PICTURE_FIELDS:
            for holder in (message, choice):
                if field in holder:
                    self._field(holder[field], with_text=not had_text)
        self._hear(as_dict(message.get("audio")), with_text=not had_text)
        if not message and as_text(choice.get("text")):
            self.prose(choice["text"])
        for call in as_list(message.get("tool_calls")):
            self._call(as_dict(call))
        if as_dict(message.get("function_call")):
            self._call({"function": message["function_call"]})
        if as_text(message.get("refusal")):
            self._refusal.append(message["refusal"])
        for annotation in as_list(message.get("annotations")):
            self._cite(as_dict(annotation))
        for url in as_list(message.get("citations")):
            self._cite({"url": url} if isinstance(url, str) else as_dict(url))
        parsed = message.get("parsed")
        if parsed and not had_text:
            self.prose(encoded(parsed).decode())
        self._ended_with(choice)

    def _is_repeated(self, content: str) -> bool:
        """Return whether a stream's last piece repeats the whole text."""
        self._flush_text()
        if not self._text_so_far or not content:
            return False
        text = "".join(self._text_so_far)
        return PLACEHOLDER.sub("", text) == PLACEHOLDER.sub("", content)

    def _ended_with(self, choice: dict[str, Any]) -> None:
        """Store the reason why a choice ended, if it has."""
        reason = choice.get("finish_reason")
        if reason == "error":
            self.refused(
                choice.get("error") or as_dict(choice.get("message")), phrase("wire.model_failed")
            )
        elif as_text(reason):
            self.finish(as_text(reason))

    def _content_of(self, content: Any) -> bool:
        """Process a message's content: text, or parts."""
        if isinstance(content, str):
            self.prose(content)
            return bool(content.strip())
        has_text = False
        for part in as_list(content):
            if isinstance(part, str):
                self.prose(part)
                has_text = True
            elif as_dict(part).get("type") == "thinking":
                self._think(as_text(part.get("thinking") or part.get("text")), reasoned=True)
            elif as_text(as_dict(part).get("text")):
                self.prose(part["text"])
                has_text = True
            elif sound := as_dict(as_dict(part).get("audio") or as_dict(part).get("input_audio")):
                self._hear(sound, with_text=True)
            else:
                self.pictures_of(part)
        if isinstance(content, dict):
            self.pictures_of(content)
        return has_text

    def _field(self, value: Any, *, with_text: bool) -> None:
        """Process a field for pictures, in which some endpoints put the text."""
        for item in value if isinstance(value, list) else [value]:
            if not item:
                continue
            self.say_meta(revised_prompt=as_dict(item).get("revised_prompt"))
            text = as_text(as_dict(item).get("text"))
            index = as_dict(item).get("index")
            if text and with_text:
                self.prose(text)
            elif isinstance(index, int):
                # The same number replaces the earlier picture: a preview, then the result.
                self._numbered.setdefault(index, []).append(item)
            elif not text:
                self.pictures_of(item)

    def _hear(self, audio: dict[str, Any], *, with_text: bool) -> None:
        """Process a sound, whole or a piece of it, and what is said in it."""
        if with_text and as_text(audio.get("transcript")):
            self.prose(audio["transcript"])
        data = as_text(audio.get("data"))
        if self._is_stream and data and not PLACEHOLDER.search(data):
            self._sound.append(data)
        elif data:
            self.picture(data)

    def _say_numbered(self) -> None:
        """Yield the numbered pictures, the last of each number as the result."""
        for _, items in sorted(self._numbered.items()):
            texts = [piece_in_value(item) or _first_picture(item) for item in items]
            if joined := joined_pieces(texts):
                self.picture(joined)
                continue
            for item in items[:-1]:
                self.pictures_of(item, partial=True)
            self.pictures_of(items[-1])
        self._numbered.clear()

    def _elsewhere(self, answer: dict[str, Any]) -> None:
        """Look for pictures in the fields of other APIs, in an answer without choices."""
        for field in ("data", "images", "results", "urls", "output"):
            for item in as_list(answer.get(field)):
                self.pictures_of(item)
        for field in () if is_complaint(answer) else _TEXT_FIELDS:
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
            self.prose(value)
        else:
            self.pictures_of(value)

    def split_text(self, text: str) -> None:
        """Separate thoughts in tags from the answer's text."""
        self._say_pieces(self._thoughts.feed(text))

    def _say_pieces(self, pieces: list[tuple[PieceKind, str]]) -> None:
        for kind, piece in pieces:
            if kind == "thought":
                self._think(piece)
            elif kind == "answer":
                self.answer_text(piece)
            else:
                self._forget_text()
                self._text_so_far.clear()
                self.say(TextWasReasoning())

    def _think(self, text: str, *, reasoned: bool = False) -> None:
        """Process a thought; its field may contain the picture nevertheless."""
        text = self._thinking.feed(text)
        if text:
            if reasoned:
                self._reasoned.append(text)
            self.say(Reasoning(text=text))
            self._report(self._progress.feed(text))

    def _report(self, steps: list[Progress]) -> None:
        for progress in steps:
            self.say(progress)

    def spoken(self, text: str) -> None:
        """Report the progress that a piece of text mentions."""
        if self.keeps_text:
            self._text_so_far.append(text)
        self._report(self._progress.feed(text))

    def _call(self, call: dict[str, Any]) -> None:
        """Assemble a tool call by index, else by id, else by name, else as the last one."""
        function = as_dict(call.get("function"))
        name, id_ = as_text(function.get("name")), as_text(call.get("id"))
        index = call.get("index")
        key = (
            phrase("wire.index", index=index)
            if isinstance(index, int)
            else id_ or name or self._last_call
        )
        self._last_call = key
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = msgspec.json.encode(arguments).decode()
        arguments = as_text(arguments)
        known = self._calls.setdefault(key, [_Call()])[-1]
        begins = arguments.lstrip().startswith("{") or (id_ and known.id not in ("", id_))
        if begins and name and known.name and known.is_whole():
            # It begins again: another call with the same number or name, or a repetition.
            if id_ and id_ == known.id:
                return
            known = _Call()
            self._calls[key].append(known)
        known.id = known.id or id_
        known.name = known.name or name
        known.add(arguments)

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
        """Report other choices, calls, ids, and pictures in unusual places of the text."""
        self._settle()
        self._say_numbered()
        if self._sound:
            self.sound(joined_sound(self._sound))
        for _, pieces in sorted(self._others.items()):
            self._thoughts = ThoughtSplitter()
            self.answer_text("\n\n" if self.spoke else "")
            for piece in pieces:
                self._choice(piece)
            self._settle()
            self._say_numbered()
        held = self._thinking.close(cut=self.cut)
        if held:
            self._reasoned.append(held)
            self.say(Reasoning(text=held))
        self._report(self._progress.close())
        text = "".join(self._text_so_far)
        self.say_meta(gen_id=gen_id_in_text(text))
        self._calls_of()
        if self.request.kind == "draw":
            self._rest_of(text)
        elif self.finish_reason == "content_filter" and self.spoke:
            cut = phrase("wire.filtered")
            self.say(Notice(message=cut))

    def _settle(self) -> None:
        """Report the text held back of a choice."""
        self._flush_text()
        self._say_pieces(self._thoughts.close())
        self._speak(self._prose.close(cut=self.cut))

    def _rest_of(self, text: str) -> None:
        """Report pictures in the text as SVG or in JSON, or only in the reasoning."""
        for uri in svg_in_text(text):
            self.picture(uri)
        head = json_head(text)
        # A head with a prompt repeats the request; without anything after it, it is the answer.
        if head and not (REQUEST_KEYS & head[0].keys() and text[head[1] :].strip("` \r\n")):
            self.pictures_of(head[0])
        elif head:
            self._say_prompt(as_text(head[0].get("prompt")))
        if self.has_result or links_in_text(text, self.sent_urls, cut=self.cut):
            return
        for name in _UPLOAD.findall(text):
            self.link(f"/v1/files/{name}/content")
        for drawing in svg_markup_in_text(text):
            self.picture(drawing)
        if self.has_result or detect_refusal(text):
            return
        reasoned = "".join(self._reasoned)
        for sha256 in PLACEHOLDER.findall(reasoned)[-1:]:
            if sha256 in self._diverter.pictures:
                self._show(self._diverter.pictures[sha256], partial=False)
        for link in links_in_text(reasoned, self.sent_urls, cut=self.cut):
            self.link(link.url, link.kind, alt=link.alt)

    def _say_prompt(self, prompt: str) -> None:
        """Report the prompt in the answer's head, if it differs from the one sent."""
        own, other = (
            "".join(_RATIO_IN_PROMPT.sub("", text).split())
            for text in (self.request.prompt, prompt)
        )
        if other and other != own:
            self.say_meta(revised_prompt=prompt)

    def reason(self, text: str) -> ErrorEvent | None:
        """Return the reason for a missing picture; a refusal's own field takes precedence."""
        refusal = "".join(self._refusal)[:500]
        asks_for_picture = self.request.kind == "draw"
        filtered = self.finish_reason == "content_filter" and (asks_for_picture or not self.spoke)
        if not refusal and not filtered:
            return super().reason(text)
        return ErrorEvent(
            kind="ModerationError",
            message=phrase("wire.refused", refusal=refusal) if refusal else phrase("wire.filtered"),
            remedy=phrase("wire.rephrase"),
            body=refusal,
            maybe_billed=True,
        )

    def _calls_of(self) -> None:
        shaped = "response_format" in self.request.extra and "tools" not in self.request.extra
        for number, call in enumerate(call for calls in self._calls.values() for call in calls):
            arguments = _unwrapped("".join(call.arguments))
            value = decode(arguments.encode("utf-8", "replace"))
            if self.request.kind == "draw" and isinstance(value, dict) and self.pictures_of(value):
                continue
            if shaped and not self.spoke:
                # Some relays return a structured answer as a call.
                self.prose(arguments)
            elif call.name:
                id_ = call.id or f"call_{number}"
                self.say(ToolCall(id=id_, name=call.name, arguments=arguments or "{}"))


def _first_picture(item: Any) -> str:
    """Return the first picture in a value, "" without one."""
    return next(iter(pictures_in_value(item)), "")


def _unwrapped(arguments: str) -> str:
    """Unwrap arguments from a string of JSON in JSON.

    Example:
        >>> _unwrapped('"{}"')
        '{}'
    """
    if arguments.lstrip().startswith('"'):
        value = decode(arguments.encode("utf-8", "replace"))
        if isinstance(value, str) and value.lstrip().startswith("{"):
            return value
    return arguments


class _Call:
    """A tool call, assembled from pieces."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments: list[str] = []
        self._size = 0
        self._looks = 0

    def add(self, arguments: str) -> None:
        """Add a piece of its arguments. What is over the limit is dropped."""
        self._size += len(arguments)
        if self._size <= _MOST_ARGUMENTS:
            self.arguments.append(arguments)

    def is_whole(self) -> bool:
        """Return whether its arguments are complete; checked a limited number of times."""
        self._looks += 1
        if self._looks > _LOOKS:
            return False
        return isinstance(decode("".join(self.arguments).encode("utf-8", "replace")), dict)
