"""What a conversation asks: the last words, the pictures with them, and the pictures before.

It reads the messages of chat completions, the items of Responses and the contents of Gemini.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pybase64

if TYPE_CHECKING:
    from collections.abc import Iterator

_GEN_ID = re.compile(r"gen_id: `(gen_[0-9a-z]+)`")
_LINK = re.compile(r"(?:https?://[^\s)\"'<>]+/files/|data:image/)[^\s)\"'<>]+")
_FIRST = re.compile(r"最开始|第一张|最初|\b(the )?(first|original|initial)\b", re.IGNORECASE)
_FILM_URL = re.compile(r"\.(mp4|webm|mov|mkv|avi)(\?|#|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """A picture, film or other file that came with a message: bytes, or where they are."""

    url: str
    data: bytes | None = None
    media_type: str = ""

    @property
    def is_film(self) -> bool:
        """Whether it is a film, by its first bytes, its type or its name."""
        if self.data is not None:
            head = self.data[:16]
            is_ebml = head.startswith(b"\x1a\x45\xdf\xa3")
            return is_ebml or (head[4:8] == b"ftyp" and head[8:12] not in {b"avif", b"avis"})
        return self.media_type.startswith("video/") or bool(_FILM_URL.search(self.url))


@dataclass
class Asked:
    """What is asked.

    Attributes:
        text: The last user message.
        given: What came with it.
        system: The instructions before everything.
        earlier: The pictures of earlier turns, the oldest first: gen ids, links or data URIs.
        turns: How many user messages there are.
        everything: All the words of the conversation, to be counted.
        results: What tools answered since the last user message.
    """

    text: str = ""
    given: list[Given] = field(default_factory=list)
    system: str = ""
    earlier: list[str] = field(default_factory=list)
    turns: int = 0
    everything: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)

    def source(self) -> str:
        """The earlier picture that is meant: the last one, unless the words say the first."""
        if not self.earlier:
            return ""
        return self.earlier[0] if _FIRST.search(self.text[:20_000]) else self.earlier[-1]


def from_messages(messages: list[Any]) -> Asked:
    """Read the messages of chat completions.

    Anything of a shape that is not known is passed over, as relays do.
    """
    asked = Asked()
    for message in messages:
        if not isinstance(message, dict):
            continue
        text, given = read_content(message.get("content"))
        add_turn(asked, str(message.get("role", "user")), text, given)
        if message.get("role") == "assistant":
            _, pictures = read_content(message.get("images"))
            asked.earlier += [one.url for one in pictures]
    return asked


def add_turn(asked: Asked, role: str, text: str, given: list[Given]) -> None:
    """Take in one message: ``role`` is user, assistant, system or tool, or a synonym of them."""
    asked.everything.append(text)
    if role in {"system", "developer"}:
        asked.system += text
    elif role in {"assistant", "model"}:
        # A drawing's gen id and its link name the same picture: the id wins.
        asked.earlier += _GEN_ID.findall(text)[-1:] or _LINK.findall(text)[:1]
        asked.earlier += [one.url for one in given]
    elif role in {"tool", "function"}:
        asked.results.append(text)
    else:
        asked.text, asked.given, asked.results = text, given, []
        asked.turns += 1


def read_content(content: Any) -> tuple[str, list[Given]]:
    """The words of a message's content, and what came with them."""
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    given: list[Given] = []
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            given += _files(part)
    return "\n".join(texts), given


def _files(part: dict[str, Any]) -> Iterator[Given]:
    for name in ("image_url", "video_url", "input_image", "image"):
        value = part.get(name)
        url = value.get("url") if isinstance(value, dict) else value
        if isinstance(url, str) and url:
            yield from_url(url, "video/" if name == "video_url" else "")
    file = part.get("file")
    if isinstance(file, dict) and isinstance(file.get("file_data"), str):
        yield from_url(file["file_data"])
    elif isinstance(part.get("file_data"), str):
        yield from_url(part["file_data"])


def from_url(url: str, media_type: str = "") -> Given:
    """A file from a link, a data URI, or plain base64."""
    if url.startswith(("http://", "https://")):
        return Given(url, None, media_type)
    head, comma, text = url.partition(",")
    if not (url.startswith("data:") and comma):
        head, text = "", url
    data = decode(text)
    if data is None:
        return Given(url[:80], None, media_type)
    kind = head.removeprefix("data:").partition(";")[0]
    return Given(url if head else "", data, kind or media_type)


def decode(text: str) -> bytes | None:
    """Bytes from base64 of either alphabet, with blanks or without; None if it is none."""
    try:
        return pybase64.b64decode(text.replace("-", "+").replace("_", "/"))
    except ValueError:
        return None
