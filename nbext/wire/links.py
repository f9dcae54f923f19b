"""Pictures, films, failures and progress in an answer's text.

Relays write what they mean into the text of a chat: links, progress, ids, refusals. Each function
here is linear in the text and raises for none.
"""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from nbext.wire.events import Link

if TYPE_CHECKING:
    from collections.abc import Collection

    from nbext.data.request import Request

# What ends a URL in prose: white space, quotes, brackets of either script, Chinese punctuation.
_URL = re.compile(
    r"https?://[^\s\"'<>`\\|^{}\[\]\u3000-\u303f\uff01-\uff0f\uff1a-\uff20，。；：！？、“”‘’…]{1,8000}"
)
# Chinese goes on behind a file's ending without a space.
_ENDING = re.compile(
    r"(?<=\.(?:png|jpg|gif|svg|mp4|mov))(?=[^\x00-\x7f])|(?<=\.(?:jpeg|webp|avif|webm))(?=[^\x00-\x7f])",
    re.IGNORECASE,
)
# No answer has more; reading them all would only serve who means harm.
_MOST_URLS = 1000
_MOST_UNSURE = 4
_THINKING = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_PICTURE_ENDING = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg", ".bmp")
_FILM_ENDING = (".mp4", ".webm", ".mov", ".m4v")
_OTHER_ENDING = (
    ".html",
    ".htm",
    ".js",
    ".css",
    ".json",
    ".pdf",
    ".zip",
    ".txt",
    ".md",
    ".wav",
    ".mp3",
)
_RAW_DATA = re.compile(r"原始数据|raw data|source", re.IGNORECASE)
# What stands in the text of an answer that has made something, and in no talk.
_MADE = re.compile(r"\bgen_id\b|`task_[0-9a-z]{6}|生成完成|在线播放|▶")
_DOWNLOAD = re.compile(r"下载|download|⏬", re.IGNORECASE)
_PLAY = re.compile(r"播放|▶|watch|play|video|视频|high-quality", re.IGNORECASE)
_PICTURE_KEYS = (
    "image_url",
    "imageUrl",
    "image",
    "url",
    "src",
    "b64_json",
    "image_base64",
    "base64",
    "data",
    "images",
    "result",
)
# What the JSON head of an answer says of the request; a URL in it is of a picture that was given.
REQUEST_KEYS = frozenset({"prompt", "referenced_image_ids", "ratio", "gen_id", "orientation"})
_SVG = "data:image/svg+xml"
_SVG_END = re.compile(r"(?:</|%3C/|%3C%2F)svg\s{0,9}(?:>|%3E)", re.IGNORECASE)
_SVG_LIMIT = 1_000_000
_GEN_ID = re.compile(r"gen_id[\"`]?\s*[:：]\s*[`\"]?(gen_[A-Za-z0-9]{4,64})")


def result_text(text: str) -> str:
    """Leave out what is no result: thoughts, and the JSON head that repeats the request."""
    if "<think>" in text:
        text = _THINKING.sub("", text)
    head = json_head(text)
    return text[head[1] :] if head and REQUEST_KEYS & head[0].keys() else text


def json_head(text: str) -> tuple[dict[str, Any], int] | None:
    """Read the JSON object that an answer begins with, bare or in a fence.

    Returns:
        The object and where it ends, None where there is none.
    """
    start = re.match(r"\s*(?:```(?:json)?\s*)?(?=\{)", text)
    if not start:
        return None
    # Heads are short; a text that opens many braces is not searched to its end.
    window = text[start.end() : start.end() + 20_000]
    try:
        value, end = json.JSONDecoder().raw_decode(window)
    except (ValueError, RecursionError):
        return None
    return (value, start.end() + end) if isinstance(value, dict) else None


def gen_id_in_text(text: str) -> str:
    """Give the relay's last id of a picture, empty where there is none."""
    found = _GEN_ID.findall(text)
    return str(found[-1]) if found else ""


def svg_in_text(text: str) -> list[str]:
    """Find the data URIs of SVG that are written without base64.

    Example:
        >>> svg_in_text("![](data:image/svg+xml,%3Csvg%3E%3C/svg%3E) and on")
        ['data:image/svg+xml,%3Csvg%3E%3C/svg%3E']
    """
    found = []
    at = text.find(_SVG)
    while at >= 0:
        following = text.find(_SVG, at + 1)
        limit = following if following >= 0 else len(text)
        end = _SVG_END.search(text, at, min(limit, at + _SVG_LIMIT))
        if end is not None and ";base64," not in text[at : at + 80]:
            found.append(text[at : end.end()])
        at = following
    return found


def given_urls(request: Request) -> frozenset[str]:
    """Name the URLs that a user's words point to, which an answer may repeat."""
    said = [request.prompt, *(turn.text for turn in request.conversation if turn.role == "user")]
    said += [reference.source for reference in request.references]
    return frozenset(url for text in said if "http" in text for url, _, _ in _urls(text))


def tells_of_a_result(text: str) -> bool:
    """Whether a text is a relay's report of a picture or film that it made, rather than a talk."""
    return bool(_MADE.search(text))


def links_in_text(text: str, given: Collection[str] = (), *, cut: bool = False) -> list[Link]:
    """Find the pictures, films and polling pages that a text points to, each once, in order.

    Args:
        text: The whole answer.
        given: URLs that were sent with the request: an echo of one is no result.
        cut: Whether the text ended before its end; a URL there is half a URL then.

    Example:
        >>> [link.url for link in links_in_text("![](https://h/cdn/a.png) [下载](https://h/cdn/download/a.png)")]
        ['https://h/cdn/a.png']
    """
    text = result_text(text)
    pictures: dict[str, Link] = {}
    downloads: dict[str, Link] = {}
    films: dict[str, Link] = {}
    polls: dict[str, Link] = {}
    for url, label, marked in _urls(text, cut=cut):
        if url in given or _is_dead(url):
            continue
        path = _path(url)
        link = Link(url=url, alt=label[:300], expires=expiry(url))
        if "/source/" in path and ("asyncdata." in url or _RAW_DATA.search(label)):
            polls.setdefault(url, _of_kind(link, "poll"))
        elif path.endswith(_FILM_ENDING) or (not marked and _PLAY.search(label) and _is_file(path)):
            films.setdefault(_same(url), _of_kind(link, "film"))
        elif marked or path.endswith(_PICTURE_ENDING):
            place = downloads if _DOWNLOAD.search(label) and not marked else pictures
            if not path.endswith(_OTHER_ENDING):
                place.setdefault(_same(url), link)
        elif _DOWNLOAD.search(label):
            downloads.setdefault(_same(url), link)
    if films:
        posters = [_of_kind(link, "poster") for link in pictures.values()]
        return [*films.values(), *posters]
    found = pictures or {key: link for key, link in downloads.items() if not pictures}
    return list(found.values()) or list(polls.values())


def unsure_links(text: str, given: Collection[str] = ()) -> list[Link]:
    """Find what may be a picture in a text that names none: addresses without an ending.

    Example:
        >>> [link.url for link in unsure_links("Here it is: https://h/v1/files/abc")]
        ['https://h/v1/files/abc']
    """
    found: dict[str, Link] = {}
    for url, label, _ in _urls(result_text(text)):
        path = _path(url).strip("/")
        if path and not path.endswith(_OTHER_ENDING) and url not in given and not _is_dead(url):
            found.setdefault(_same(url), Link(url=url, kind="maybe", alt=label[:300]))
    return list(found.values())[:_MOST_UNSURE]


def _urls(text: str, *, cut: bool = False) -> list[tuple[str, str, bool]]:
    """Find URLs with their label, and whether they are marked as a picture."""
    found = []
    last = 0
    for match in _URL.finditer(text):
        before = text[max(0, match.start() - 400) : match.start()]
        url, label, marked = match[0], "", False
        if before.endswith("]("):
            opened = _opening(before[:-2])
            label = before[opened + 1 : -2]
            marked = opened > 0 and before[opened - 1] == "!"
            url = _up_to_parenthesis(url)
        elif re.search(
            r"""<(?:img|image|source)\b[^<>]{0,300}\bsrc\s*=\s*["']?$""", before, re.IGNORECASE
        ):
            marked = True
        elif before.endswith("["):
            # The URL is itself the label of a link or picture that follows.
            continue
        else:
            url = _up_to_parenthesis(url)
        if cut and match.start() + len(url) == len(text):
            continue
        url = html.unescape(_ENDING.split(url, maxsplit=1)[0]).rstrip(".,;:!?*_'\"]~")
        if match.start() >= last and urlsplit_safely(url):
            found.append((url, label.strip(), marked))
            last = match.start()
            if len(found) >= _MOST_URLS:
                break
    return found


def _opening(text: str) -> int:
    """Find the bracket that opens a label; labels may hold brackets in pairs."""
    if "[" not in text:
        return -1
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] == "]":
            depth += 1
        elif text[at] == "[":
            if depth == 0:
                return at
            depth -= 1
    return -1


def _up_to_parenthesis(url: str) -> str:
    """End a URL at the parenthesis that was opened before it."""
    depth = 0
    for match in re.finditer(r"[()]", url):
        depth += 1 if match[0] == "(" else -1
        if depth < 0:
            return url[: match.start()]
    return url


def urlsplit_safely(url: str) -> Any:
    """Split a URL, None where it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _path(url: str) -> str:
    parts = urlsplit_safely(url)
    return unquote(parts.path).lower() if parts else ""


def _is_file(path: str) -> bool:
    return not path.endswith(_PICTURE_ENDING + _OTHER_ENDING) and "/" in path.strip("/")


def _same(url: str) -> str:
    """Name what several URLs are the same picture by: its download link has another folder."""
    return url.replace("/cdn/download/", "/cdn/")


def _of_kind(link: Link, kind: str) -> Link:
    return Link(url=link.url, kind=kind, alt=link.alt, expires=link.expires)


def _is_dead(url: str) -> bool:
    """Whether a URL never leads to a picture."""
    parts = urlsplit_safely(url)
    if parts is None:
        return True
    if (
        parts.hostname.endswith("googleusercontent.com")
        and "/image_generation_content" in parts.path
    ):
        return True
    return "asyncdata." in parts.hostname and parts.path.startswith("/web/")


def expiry(url: str) -> str:
    """Say when a signed URL stops to work, in UTC, where it says so.

    Azure's ``se``, Amazon's ``X-Amz-Date`` with ``X-Amz-Expires``, and ``Expires`` in seconds.

    Example:
        >>> expiry("https://h/a.png?se=2025-04-09T02%3A55%3A56Z&sig=x")
        '2025-04-09T02:55:56Z'
    """
    parts = urlsplit_safely(url)
    if parts is None or not parts.query:
        return ""
    try:
        fields = {
            key.lower(): values[0]
            for key, values in parse_qs(parts.query, max_num_fields=64).items()
        }
        if "se" in fields:
            when = datetime.fromisoformat(fields["se"])
        elif "x-amz-date" in fields and "x-amz-expires" in fields:
            began = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            when = began + timedelta(seconds=int(fields["x-amz-expires"]))
        elif "expires" in fields:
            when = datetime.fromtimestamp(int(fields["expires"]), UTC)
        else:
            return ""
        return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""


def pictures_in_value(value: Any, *, depth: int = 0) -> list[str]:
    """Find pictures in a structured place: URLs, data URIs, base64, kept pictures.

    Returns:
        Texts, in order; what they are is told by how they begin.
    """
    if isinstance(value, str):
        return [value] if value.strip() else []
    if depth > 6:
        return []
    if isinstance(value, list):
        return [found for item in value for found in pictures_in_value(item, depth=depth + 1)]
    if (
        not isinstance(value, dict)
        or value.get("type") in ("text", "thinking")
        or value.get("thought")
    ):
        return []
    for key in ("inline_data", "inlineData", "source", "output_image", *_PICTURE_KEYS):
        if value.get(key):
            found = pictures_in_value(value[key], depth=depth + 1)
            if found:
                return found
    return []
