"""Gemini's own format: contents made of parts, of which pictures are one kind.

Source: Google, Gemini API reference, ``models.generateContent``; relays serve it below their
``/v1beta`` too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from nbext.data.request import Turn
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.base_decoder import Reader
from nbext.wire.encoding import (
    PLACEHOLDER,
    base64_text,
    media_type,
    merged,
    refuse,
    without_placeholders,
)
from nbext.wire.events import Call, Citation, Meta, ToolCall
from nbext.wire.json_values import as_dict, as_list, as_text, decode
from nbext.wire.sound import RATE, joined_sound, rate_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.data.request import Reference, Request
    from nbext.wire.events import SinkFactory

# Fields of generationConfig, so that -p temperature=0.5 is put there.
_CONFIG_FIELDS = frozenset(
    {
        "candidateCount",
        "frequencyPenalty",
        "imageConfig",
        "maxOutputTokens",
        "mediaResolution",
        "presencePenalty",
        "responseMimeType",
        "responseModalities",
        "responseSchema",
        "seed",
        "stopSequences",
        "temperature",
        "thinkingConfig",
        "topK",
        "topP",
    }
)


_PIXELS = pattern(r"\d{1,5}\s*[x×*]\s*\d{1,5}", re.IGNORECASE)


class GeminiWire:
    """Writes ``generateContent`` requests and reads their answers."""

    name = "gemini"

    def encode(self, request: Request) -> Call:
        """Encode a request, streamed unless ``extra`` has ``stream=false``.

        Raises:
            OptionError: A mask, a quality, a file format, or a size in pixels.
        """
        refuse(
            request,
            self.name,
            {
                "mask": phrase("wire.prompt_where"),
                "quality": phrase("wire.size_tiers"),
                "format": phrase("wire.save_as"),
            },
        )
        extra = dict(request.extra)
        stream = bool(extra.pop("stream", True))
        body: dict[str, Any] = {"contents": _contents(request)}
        if request.system:
            body["systemInstruction"] = {"parts": [{"text": request.system}]}
        config = merged(
            _config(request), {key: extra.pop(key) for key in _CONFIG_FIELDS & extra.keys()}
        )
        if config:
            body["generationConfig"] = config
        if "tools" in extra:
            extra["tools"] = _tools(extra["tools"])
        body = merged(body, extra)
        verb = "streamGenerateContent" if stream else "generateContent"
        return Call(
            path=f"models/{quote(request.model.removeprefix('models/'), safe='')}:{verb}",
            version="v1beta",
            body=body,
            query={"alt": "sse"} if stream else {},
            stream=stream,
            prompt_sent=request.prompt,
        )

    def decoder(
        self, request: Request, sink: SinkFactory, *, content_type: str = ""
    ) -> GeminiReader:
        """Create a decoder for one answer."""
        return GeminiReader(request, sink, content_type=content_type)


def _config(request: Request) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.kind == "draw":
        config["responseModalities"] = ["TEXT", "IMAGE"]
    if _PIXELS.fullmatch(request.size):
        raise OptionError(
            phrase("wire.gemini_size", size=request.size),
            remedy=phrase("wire.gemini_shape"),
        )
    size = request.size.upper() if request.size.lower() in ("1k", "2k", "4k") else request.size
    image = {"aspectRatio": request.aspect, "imageSize": size}
    if any(image.values()):
        config["imageConfig"] = {key: value for key, value in image.items() if value}
    if request.seed is not None:
        config["seed"] = request.seed
    return config


def _tools(tools_option: Any) -> Any:
    """Convert OpenAI's notation for search and functions to Gemini's; leave others unchanged."""
    if not isinstance(tools_option, list):
        return tools_option
    tools: list[Any] = []
    functions: list[Any] = []
    for tool in tools_option:
        kind = as_dict(tool).get("type")
        if kind in ("web_search", "web_search_preview"):
            tools.append({"googleSearch": {}})
        elif kind == "function":
            functions.append(tool.get("function") or {k: tool[k] for k in tool if k != "type"})
        else:
            tools.append(tool)
    return [*tools, *([{"functionDeclarations": functions}] if functions else [])]


def _contents(request: Request) -> list[dict[str, Any]]:
    """Encode all turns.

    A model's picture must be sent with its thought signature; a picture without one, from another
    wire format, is sent with the user's next message.
    """
    contents: list[dict[str, Any]] = []
    carried: list[Reference] = []
    names: dict[str, str] = {}
    prompt_turn = Turn(role="user", text=request.prompt, pictures=request.references)
    for turn in (*request.conversation, prompt_turn, *request.followup):
        if turn.role == "tool":
            message = _function_response(turn, names)
            last = contents[-1]["parts"] if contents else []
            if last and "functionResponse" in last[-1]:
                # Calls made together are answered together.
                last.append(message)
            else:
                contents.append({"role": "user", "parts": [message]})
        elif turn.role == "assistant":
            names |= {call["id"]: call["name"] for call in turn.calls}
            parts = _raw_parts(turn)
            if parts is None:
                carried.extend(turn.pictures)
                parts = _plain_parts(turn)
            if parts:
                contents.append({"role": "model", "parts": parts})
        else:
            contents.append(_user(turn.text, [*carried, *turn.pictures]))
            carried = []
    return contents


def _plain_parts(turn: Turn) -> list[dict[str, Any]]:
    text = without_placeholders(turn.text)
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    for call in turn.calls:
        arguments = decode(call["arguments"].encode())
        named = {"name": call["name"], "args": as_dict(arguments)}
        parts.append({"functionCall": named})
    return parts


def _function_response(turn: Turn, names: dict[str, str]) -> dict[str, Any]:
    name = names.get(turn.answers, turn.answers)
    message: dict[str, Any] = {"name": name, "response": {"result": turn.text}}
    # A call without an id is identified by its name.
    if turn.answers.partition("#")[0] != name:
        message["id"] = turn.answers
    return {"functionResponse": message}


def _user(text: str, pictures: Iterable[Reference]) -> dict[str, Any]:
    return {"role": "user", "parts": [*map(_picture, pictures), {"text": text}]}


def _picture(reference: Reference) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type(reference), "data": base64_text(reference)}}


def _raw_parts(turn: Turn) -> list[dict[str, Any]] | None:
    """Return the model's parts as received, with the pictures' bytes.

    Returns:
        None if the turn has none, or a picture is missing.
    """
    raw = turn.raw.get("parts") if isinstance(turn.raw, dict) else None
    if not isinstance(raw, list) or not all(isinstance(part, dict) for part in raw):
        return None
    stored = {picture.info.sha256: picture for picture in turn.pictures}
    parts: list[dict[str, Any]] = []
    for part in raw:
        key = "inlineData" if "inlineData" in part else "inline_data"
        inline = part.get(key)
        named = PLACEHOLDER.fullmatch(str(inline.get("data"))) if isinstance(inline, dict) else None
        if named is not None:
            if named[1] not in stored:
                return None
            data = base64_text(stored[named[1]])
            parts.append({**part, key: {**inline, "data": data}})
            continue
        text = part.get("text")
        if isinstance(text, str) and PLACEHOLDER.search(text):
            # Some endpoints write a picture into the text; send it as a picture.
            pictures = [stored[sha] for sha in PLACEHOLDER.findall(text) if sha in stored]
            parts.append({**part, "text": without_placeholders(text)})
            parts.extend(map(_picture, pictures))
            continue
        parts.append(part)
    return parts


# Finish reasons, and the errors they stand for.
_FAILURES = {
    "SAFETY": "ModerationError",
    "RECITATION": "ModerationError",
    "BLOCKLIST": "ModerationError",
    "PROHIBITED_CONTENT": "ModerationError",
    "SPII": "ModerationError",
    "IMAGE_SAFETY": "ModerationError",
    "IMAGE_PROHIBITED_CONTENT": "ModerationError",
    "IMAGE_RECITATION": "ModerationError",
    "MODEL_ARMOR": "ModerationError",
    "LANGUAGE": "BadRequestError",
    "OTHER": "ServerError",
    "IMAGE_OTHER": "ServerError",
    "NO_IMAGE": "NoPictureError",
    "MALFORMED_RESPONSE": "ServerError",
    "MALFORMED_FUNCTION_CALL": "ServerError",
    "UNEXPECTED_TOOL_CALL": "ServerError",
    "TOO_MANY_TOOL_CALLS": "ServerError",
    "MISSING_THOUGHT_SIGNATURE": "BadRequestError",
    "CONTINUATION": "ServerError",
    "ESCALATION": "ModerationError",
    "PUP_LIMITED_DISABLED": "AccessError",
}


class GeminiReader(Reader):
    """Decodes parts: whole, as a list, or streamed."""

    def __init__(self, request: Request, sink: SinkFactory, *, content_type: str = "") -> None:
        super().__init__(request, sink, content_type=content_type)
        self._parts: list[dict[str, Any]] = []
        self._words: list[str] = []
        self._sound: list[str] = []
        self._rate = RATE
        self._keeps = True
        self._calls = 0
        self._ending = ""
        self._cited: set[str] = set()

    def value(self, value: Any, event: str) -> None:
        """Process the answer, a list of its pieces, or one of them."""
        if isinstance(value, list):
            for piece in value:
                self.value(piece, event)
            return
        answer = as_dict(value)
        # Relays of the Gemini CLI pass on its envelope.
        answer = as_dict(answer.get("response")) or answer
        if answer.get("error"):
            self.refused(answer["error"], phrase("wire.endpoint_error"))
            return
        self.say_meta(model=answer.get("modelVersion"), answer_id=answer.get("responseId"))
        self.usage(answer.get("usageMetadata"), answer)
        for candidate in map(as_dict, as_list(answer.get("candidates"))):
            content = as_dict(candidate.get("content"))
            parts = content.get("parts")
            for part in map(as_dict, [parts] if isinstance(parts, dict) else as_list(parts)):
                self._part(part, first=candidate.get("index") in (None, 0))
            self._citations(candidate)
            self._reason(candidate)
        feedback = as_dict(answer.get("promptFeedback"))
        blocked = as_text(feedback.get("blockReason"))
        if blocked:
            message = as_text(feedback.get("blockReasonMessage"))
            message = phrase("wire.prompt_blocked", value=message or blocked)
            self.fail("ModerationError", message, maybe_billed=True)
            self.finish(blocked)

    def _part(self, part: dict[str, Any], *, first: bool) -> None:
        thought = part.get("thought") is True
        text = as_text(part.get("text"))
        keeps = first and not thought
        if part.keys() != {"text"} or keeps != self._keeps:
            self.flush()
        self._keeps = keeps
        if part.keys() != {"text"} and keeps:
            self._settle()
        if thought:
            self.think(text)
        else:
            self.prose(text)
        if part.keys() != {"text"}:
            self.flush()
            self._other(part)

    def _other(self, part: dict[str, Any]) -> None:
        """Process a part that is not just text."""
        thought = part.get("thought") is True
        key = "inlineData" if "inlineData" in part else "inline_data"
        inline = as_dict(part.get(key))
        file = as_dict(part.get("fileData") or part.get("file_data"))
        call = as_dict(part.get("functionCall"))
        # A draft of a thinking model is a preview; only its final picture is a result.
        media, data = as_text(inline.get("mimeType") or inline.get("mime_type")), inline.get("data")
        if media.startswith("audio/") and not PLACEHOLDER.search(as_text(data)):
            self._sound.append(as_text(data))
            self._rate = rate_of(media)
            return
        sha256 = self.picture(data, partial=thought)
        if inline and "thoughtSignature" in part:
            # A signed part is complete.
            sha256 = sha256 or self.finish_picture()
        if file and not thought:
            media = as_text(file.get("mimeType") or file.get("mime_type"))
            url = as_text(file.get("fileUri") or file.get("file_uri"))
            self.link(url, "film" if media.startswith("video/") else "picture")
        if call:
            name = as_text(call.get("name"))
            arguments = msgspec.json.encode(call.get("args") or {}).decode()
            id_ = as_text(call.get("id"))
            if not id_:
                self._calls += 1
                id_ = name if self._calls == 1 else f"{name}#{self._calls}"
            self.say(ToolCall(id=id_, name=name, arguments=arguments))
        if not self._keeps or (inline and not sha256):
            return
        if inline:
            part = {**part, key: {**inline, "data": f"nbext-sha256:{sha256}"}}
        if "text" in part:
            part = {**part, "text": "".join(self._words)}
            self._words = []
        self._parts.append(part)

    def spoken(self, text: str) -> None:
        """Store text for the next turn; adjacent pieces become one part."""
        if self._keeps:
            self._words.append(text)

    def _settle(self) -> None:
        if self._words:
            self._parts.append({"text": "".join(self._words)})
            self._words = []

    def _citations(self, candidate: dict[str, Any]) -> None:
        grounding = as_dict(candidate.get("groundingMetadata"))
        chunks = as_list(grounding.get("groundingChunks"))
        webs = [as_dict(as_dict(chunk).get("web")) for chunk in chunks]
        sources = as_dict(candidate.get("citationMetadata")).get("citationSources")
        for cited in [*webs, *map(as_dict, as_list(sources))]:
            url = as_text(cited.get("uri"))
            if url and url not in self._cited:
                self._cited.add(url)
                self.say(Citation(url=url, title=as_text(cited.get("title"))))

    def _reason(self, candidate: dict[str, Any]) -> None:
        reason = as_text(candidate.get("finishReason"))
        if not reason or reason == "FINISH_REASON_UNSPECIFIED":
            return
        self.finish(reason)
        message = as_text(candidate.get("finishMessage"))
        ending = phrase("wire.stopped", reason=reason) + (f": {message}" if message else ".")
        kind = _FAILURES.get(reason)
        if kind is not None:
            self.fail(kind, ending, maybe_billed=True)
        elif reason != "STOP":
            # An unknown reason is ignored if a picture has arrived.
            self._ending = ending

    def ended(self) -> None:
        """Report a sound, and the data to send back when the conversation continues."""
        if self._sound:
            self.sound(joined_sound(self._sound), self._rate)
        if self._ending and self.request.kind == "draw" and not self.has_result:
            self.fail("NoPictureError", self._ending, maybe_billed=True)
        self._settle()
        if self._parts:
            self.say(Meta(raw={"parts": self._parts}))


WIRE = GeminiWire()
