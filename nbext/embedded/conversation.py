"""Parse the conversation in a request: last message, attachments, earlier pictures.

Reads the messages of chat completions, the items of Responses and the contents of Gemini.
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
class Attachment:
    """A picture, film or other file in a message: its bytes, or its URL."""

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
class Conversation:
    """The parts of a conversation that an answer depends on.

    Attributes:
        text: The last user message.
        attachments: The files in the last user message.
        system: The system or developer messages.
        earlier: The pictures of earlier turns, oldest first: gen ids, links or data URIs.
        turns: The number of user messages.
        texts: All texts of the conversation, for the usage.
        results: The results of tools since the last user message.
    """

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    system: str = ""
    earlier: list[str] = field(default_factory=list)
    turns: int = 0
    texts: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)

    def source(self) -> str:
        """Return the earlier picture to modify: the last one, or the first if the text says so."""
        if not self.earlier:
            return ""
        return self.earlier[0] if _FIRST.search(self.text[:20_000]) else self.earlier[-1]


def from_messages(messages: list[Any]) -> Conversation:
    """Parse the messages of chat completions.

    Messages of an unknown form are skipped, as relays do.
    """
    conversation = Conversation()
    for message in messages:
        if not isinstance(message, dict):
            continue
        text, attachments = read_content(message.get("content"))
        add_turn(conversation, str(message.get("role", "user")), text, attachments)
        if message.get("role") == "assistant":
            _, pictures = read_content(message.get("images"))
            conversation.earlier += [one.url for one in pictures]
    return conversation


def add_turn(
    conversation: Conversation, role: str, text: str, attachments: list[Attachment]
) -> None:
    """Add a message to a conversation; ``role`` is user, assistant, system, tool or a synonym."""
    conversation.texts.append(text)
    if role in {"system", "developer"}:
        conversation.system += text
    elif role in {"assistant", "model"}:
        # A drawing's gen id and link name the same picture; prefer the id.
        conversation.earlier += _GEN_ID.findall(text)[-1:] or _LINK.findall(text)[:1]
        conversation.earlier += [one.url for one in attachments]
    elif role in {"tool", "function"}:
        conversation.results.append(text)
    else:
        conversation.text, conversation.attachments, conversation.results = text, attachments, []
        conversation.turns += 1


def read_content(content: Any) -> tuple[str, list[Attachment]]:
    """Return the text and the attachments of a message's content."""
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    attachments: list[Attachment] = []
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            attachments += _files(part)
    return "\n".join(texts), attachments


def _files(part: dict[str, Any]) -> Iterator[Attachment]:
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


def from_url(url: str, media_type: str = "") -> Attachment:
    """Return a file from a link, a data URI, or plain base64."""
    if url.startswith(("http://", "https://")):
        return Attachment(url, None, media_type)
    head, comma, text = url.partition(",")
    if not (url.startswith("data:") and comma):
        head, text = "", url
    data = decode(text)
    if data is None:
        return Attachment(url[:80], None, media_type)
    kind = head.removeprefix("data:").partition(";")[0]
    return Attachment(url if head else "", data, kind or media_type)


def decode(text: str) -> bytes | None:
    """Decode base64 in either alphabet, with or without white space; None if it is invalid."""
    try:
        return pybase64.b64decode(text.replace("-", "+").replace("_", "/"))
    except ValueError:
        return None
