"""Gemini's own format: contents of parts, a picture is a part like any other.

Source: Google, Gemini API reference, ``models.generateContent``; relays speak it below their
``/v1beta`` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nbext.errors import OptionError
from nbext.wire import sizes
from nbext.wire.compose import (
    PLACEHOLDER,
    base64_text,
    media_type,
    merged,
    refuse,
    without_placeholders,
)
from nbext.wire.events import Call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.data.request import Reference, Request, Turn

MAX_REFERENCES = 14
ASPECTS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
LONG_ASPECTS = ("1:4", "4:1", "1:8", "8:1")
SIZES = ("1K", "2K", "4K")

_SOURCE = "Google, Gemini API image generation"

# Fields that belong below generationConfig, so that -p temperature=0.5 finds its place.
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


class GeminiWire:
    """Writes ``generateContent`` requests and reads their answers."""

    name = "gemini"

    def encode(self, request: Request) -> Call:
        """Write a request, streamed unless ``extra`` says ``stream=false``.

        Raises:
            OptionError: A mask, a quality, a file format, a size in pixels, or too many pictures.
        """
        refuse(
            request,
            self.name,
            {
                "mask": "Say in the prompt where the picture changes.",
                "quality": "Use --size 1K, 2K or 4K.",
                "format": "Save the picture as what you like.",
            },
        )
        if len(request.references) > MAX_REFERENCES:
            raise OptionError(
                f"{len(request.references)} reference pictures are too many.",
                remedy=f"The gemini format takes {MAX_REFERENCES}.",
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


def advice(request: Request) -> list[str]:
    """Say what an endpoint would accept, and bill, without doing what was asked."""
    said = []
    model = request.model.lower()
    if request.aspect and request.aspect not in ASPECTS:
        if request.aspect not in LONG_ASPECTS:
            said.append(f"aspects: {', '.join((*ASPECTS, *LONG_ASPECTS))} ({_SOURCE})")
        elif "3.1-flash" not in model and "nano-banana-2" not in model:
            said.append(
                f"aspects {', '.join(LONG_ASPECTS)}: gemini-3.1-flash-image and later ({_SOURCE})"
            )
    size = request.size.upper()
    if size and size not in (*SIZES, "512", "0.5K", "512PX"):
        said.append(f"sizes: {', '.join(SIZES)} ({_SOURCE})")
    elif size in ("2K", "4K") and ("2.5-flash" in model or "lite" in model):
        said.append(f"{request.model} draws 1K only ({_SOURCE})")
    if "2.5-flash" in model and len(request.references) > 3:
        said.append(f"{request.model} works best with up to 3 reference pictures ({_SOURCE})")
    return said


def _config(request: Request) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.kind == "draw":
        config["responseModalities"] = ["TEXT", "IMAGE"]
    if sizes.pixels(request.size):
        raise OptionError(
            f"The wire format gemini has no size {request.size}.",
            remedy="Use --aspect 2:3 and --size 1K, 2K or 4K.",
        )
    if request.aspect:
        sizes.ratio(request.aspect)
    size = request.size.upper() if request.size.lower() in ("1k", "2k", "4k") else request.size
    image = {"aspectRatio": request.aspect, "imageSize": size}
    if any(image.values()):
        config["imageConfig"] = {key: value for key, value in image.items() if value}
    if request.seed is not None:
        config["seed"] = request.seed
    return config


def _tools(given: Any) -> Any:
    """Say OpenAI's word for a search in Gemini's; all else stays."""
    if not isinstance(given, list):
        return given
    return [
        {"googleSearch": {}}
        if isinstance(tool, dict) and tool.get("type") in ("web_search", "web_search_preview")
        else tool
        for tool in given
    ]


def _contents(request: Request) -> list[dict[str, Any]]:
    """Write all turns.

    A model's picture must come back with its thought signature; one that has none, because another
    wire format drew it, goes with what the user says next.
    """
    contents: list[dict[str, Any]] = []
    carried: list[Reference] = []
    for turn in request.conversation:
        if turn.role != "assistant":
            contents.append(_user(turn.text, [*carried, *turn.pictures]))
            carried = []
            continue
        parts = _raw_parts(turn)
        if parts is None:
            carried.extend(turn.pictures)
            text = without_placeholders(turn.text)
            parts = [{"text": text}] if text else []
        if parts:
            contents.append({"role": "model", "parts": parts})
    contents.append(_user(request.prompt, [*carried, *request.references]))
    return contents


def _user(text: str, pictures: Iterable[Reference]) -> dict[str, Any]:
    return {"role": "user", "parts": [*map(_picture, pictures), {"text": text}]}


def _picture(reference: Reference) -> dict[str, Any]:
    return {"inlineData": {"mimeType": media_type(reference), "data": base64_text(reference)}}


def _raw_parts(turn: Turn) -> list[dict[str, Any]] | None:
    """Give the model's parts back as they came, with the pictures' bytes in their places.

    Returns:
        None where the turn has none, or where a picture of theirs is missing.
    """
    raw = turn.raw.get("parts") if isinstance(turn.raw, dict) else None
    if not isinstance(raw, list) or not all(isinstance(part, dict) for part in raw):
        return None
    kept = {picture.info.sha256: picture for picture in turn.pictures}
    parts: list[dict[str, Any]] = []
    for part in raw:
        key = "inlineData" if "inlineData" in part else "inline_data"
        inline = part.get(key)
        named = PLACEHOLDER.fullmatch(str(inline.get("data"))) if isinstance(inline, dict) else None
        if named is not None:
            if named[1] not in kept:
                return None
            data = base64_text(kept[named[1]])
            parts.append({**part, key: {**inline, "data": data}})
            continue
        text = part.get("text")
        if isinstance(text, str) and PLACEHOLDER.search(text):
            # Some endpoints write a picture into the text; back it goes as what it is.
            found = [kept[sha] for sha in PLACEHOLDER.findall(text) if sha in kept]
            parts.append({**part, "text": without_placeholders(text)})
            parts.extend(map(_picture, found))
            continue
        parts.append(part)
    return parts
