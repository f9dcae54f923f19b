"""Find pictures, links, text and errors in an answer that no wire format understands.

All values of the JSON are searched. Pictures are recognised by their bytes, links by their suffix
and their field's name. Nothing here raises, and everything takes time linear in the answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pybase64

from nbext.util.pattern import pattern
from nbext.wire.encoding import PLACEHOLDER
from nbext.wire.events import Link
from nbext.wire.json_values import NOTHING, as_dict, decode
from nbext.wire.links import (
    FILM_ENDINGS,
    PICTURE_ENDINGS,
    expiry,
    links_in_text,
    path_of,
)
from nbext.wire.picture_values import (
    address_of_file,
    is_picture_text,
    joined_pieces,
    largest,
    picture_bytes,
)
from nbext.wire.urls import cleaned, is_address

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nbext.data.kinds import LinkKind

_MAX_DEPTH = 24
_MAX_LEAVES = 50_000
_MAX_LINKS = 64
_MAX_MAYBE = 4
_PREVIEW = pattern(
    r"thumb|preview|poster|cover|avatar|icon|logo|draft|partial|small", re.IGNORECASE
)
_REQUEST = pattern(
    r"input|reference|init_|mask|source_im|prompt|request|poll|status_url|response_url|cancel"
    r"|webhook|callback|docs|help|topup|support|homepage|website",
    re.IGNORECASE,
)
_FILM = pattern(r"video|film|mp4", re.IGNORECASE)
_PICTURE = pattern(r"im(?:age|g)|picture|photo|sample|artifact|src|original", re.IGNORECASE)
_ADDRESS = pattern(r"ur[li]|link|href|path|file|location", re.IGNORECASE)
_PAGE = (".html", ".htm", ".js", ".css", ".json", ".pdf", ".zip", ".txt", ".md", ".wav", ".mp3")
# Fields with an answer's text, in any API.
_TEXT = frozenset(
    [
        "content",
        "text",
        "response",
        "output_text",
        "answer",
        "completion",
        "generated_text",
        "transcript",
        "reply",
        "output",
        "parts",
        "thinking",
    ]
)
# Fields with codes rather than text.
_NO_WORDS = frozenset(
    [
        "id",
        "object",
        "model",
        "role",
        "type",
        "finish_reason",
        "created",
        "version",
        "code",
        "modelVersion",
        "responseId",
        "finishReason",
        "created_at",
        "system_fingerprint",
    ]
)
# Objects with the model's reasoning.
_THOUGHTS = ("thought", "thinking", "reasoning")
_DRAFT = "draft"
_ENDINGS = pattern(
    r"(?:\A|[._])(?:completed|complete|stop|done|end|success|succeeded)\Z", re.IGNORECASE
)
_HEX = pattern(r"[0-9A-Fa-f]{64,}\Z")
_WORD = pattern(
    r"[^\W\d_]{2}.*[\s，。！？]|[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff]{2}", re.DOTALL
)


class Findings(msgspec.Struct, kw_only=True):
    """The contents of an answer.

    Attributes:
        pictures: Stored pictures by hash, data URIs and base64, in order.
        previews: The same, from fields for previews.
        links: Results; of a ``maybe`` only the bytes tell whether it is a picture.
        text: The answer's text.
        words: Other text, one line.
        ended: Whether the answer says that it is complete.
    """

    pictures: list[str] = []
    previews: list[str] = []
    links: list[Link] = []
    text: str = ""
    words: str = ""
    ended: bool = False


class _Leaf(msgspec.Struct):
    """The texts at one position of the answer's values, with the names of the fields around it."""

    keys: tuple[str, ...]
    pieces: list[str]

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def name(self) -> str:
        return self.keys[-1] if self.keys else ""


def search(values: list[Any], sent: Collection[str] = (), *, cut: bool = False) -> Findings:
    """Search an answer's values.

    Args:
        values: The whole answer, or the pieces of its stream: strings at the same position are
            joined.
        sent: URLs that were sent with the request.
        cut: Whether the answer ended before its end.

    Example:
        >>> search([{"weird": {"picture": "https://h/a"}}]).links[0].url
        'https://h/a'
    """
    findings = Findings()
    leaves = _leaves(values)
    maybe: list[Link] = []
    words: list[str] = []
    for leaf in leaves:
        text = leaf.text
        around = " ".join(leaf.keys)
        if _REQUEST.search(around) and leaf.name not in _TEXT:
            continue
        stored = PLACEHOLDER.findall(text[: 1 << 20])
        if stored:
            place = findings.previews if _PREVIEW.search(around) else findings.pictures
            place += [f"nbext-sha256:{sha256}" for sha256 in stored]
            if len(text) < 100:
                continue
        single = text.strip()
        if single.startswith(("<svg ", "<?xml")) and single.endswith("</svg>"):
            findings.pictures.append(single)
            continue
        if not any(char.isspace() for char in single[:8000]) and is_picture_text(single):
            if is_address(single):
                _sort(cleaned(single), leaf, findings, maybe, sent)
                continue
            # Hexadecimal counts only in a field for pictures: elsewhere it is a hash or a key.
            is_base64 = len(single) > 200 and not _HEX.match(single)
            if not stored and (is_base64 or "nbext-open:" in single):
                findings.pictures.append(single)
                continue
        findings.links += links_in_text(text, sent, cut=cut)[:_MAX_LINKS]
        if leaf.name in _TEXT:
            findings.text += text
        elif leaf.name not in _NO_WORDS and _WORD.search(text[:2000]):
            words.append(" ".join(text[:2000].split()))
    findings.links = _once(_without_names(findings.links))[:_MAX_LINKS] or _once(maybe)[:_MAX_MAYBE]
    findings.words = " · ".join(dict.fromkeys(words))[:600]
    findings.ended = any(_is_end(value) for value in values[-3:])
    return findings


def _sort(
    url: str, leaf: _Leaf, findings: Findings, maybe: list[Link], sent: Collection[str]
) -> None:
    """Classify an address by its suffix and its field's name."""
    path, around = path_of(url), " ".join(leaf.keys[-3:])
    if url in sent or path.endswith(_PAGE):
        return
    kind: LinkKind = "maybe"
    if path.endswith(FILM_ENDINGS) or (_FILM.search(around) and not _PREVIEW.search(leaf.name)):
        kind = "film"
    if path.endswith(PICTURE_ENDINGS) or (kind == "maybe" and _PICTURE.search(around)):
        kind = "picture"
    whole = url.startswith(("http://", "https://"))
    if not whole and kind == "maybe" and not _ADDRESS.search(leaf.name):
        return
    link = Link(url=url, kind=kind, expires=expiry(url))
    if kind == "maybe" or _PREVIEW.search(leaf.name) or _DRAFT in leaf.keys:
        maybe.append(link)
    else:
        findings.links.append(link)


def _without_names(links: list[Link]) -> list[Link]:
    """Leave out plain file names whose whole address is also given."""
    whole = {path_of(link.url).rpartition("/")[2] for link in links if "/" in link.url}
    return [link for link in links if "/" in link.url or path_of(link.url) not in whole]


def _once(links: list[Link]) -> list[Link]:
    return list({link.url: link for link in reversed(links)}.values())[::-1]


def _is_end(value: Any) -> bool:
    answer = as_dict(value)
    kind = answer.get("type") or answer.get("status") or answer.get("finish_reason") or ""
    return answer.get("done") is True or (isinstance(kind, str) and bool(_ENDINGS.search(kind)))


def _leaves(values: list[Any]) -> list[_Leaf]:
    """Collect the texts of all values by their position, in order."""
    leaves: dict[tuple[str | int, ...], _Leaf] = {}
    budget = [_MAX_LEAVES]
    for value in values:
        for place, text in _walk(value, (), budget):
            leaf = leaves.get(place)
            if leaf is None:
                keys = tuple(key for key in place if isinstance(key, str))
                leaf = leaves[place] = _Leaf(keys, [])
            leaf.pieces.append(text)
    return list(leaves.values())


def _walk(
    value: Any, place: tuple[str | int, ...], budget: list[int]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts of a value with their positions, including those in nested JSON."""
    budget[0] -= 1
    if len(place) > _MAX_DEPTH or budget[0] < 0:
        return
    if isinstance(value, dict | list) and (joined := joined_pieces(value)):
        yield place, joined
    elif isinstance(value, dict):
        if value.get("type") in _THOUGHTS or value.get("thought") is True:
            place = (*place, _DRAFT)
        value = largest(value)
        address = address_of_file(value)
        preview = "" if address else address_of_file(value, "temp")
        if address or preview:
            yield (*place, *((_DRAFT,) if preview else ()), "url"), address or preview
            value = {key: item for key, item in value.items() if key != "filename"}
        for key, item in value.items():
            yield from _walk(item, (*place, str(key)), budget)
    elif isinstance(value, list) and (data := picture_bytes(value)):
        yield place, pybase64.b64encode(data).decode()
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*place, index), budget)
    elif isinstance(value, str) and value:
        if value.lstrip()[:1] in ("{", "[") and value.rstrip()[-1:] in ("}", "]"):
            inner = decode(value.encode("utf-8", "replace"))
            if inner is not NOTHING and isinstance(inner, (dict, list)):
                yield from _walk(inner, (*place, "json"), budget)
                return
        yield place, value
