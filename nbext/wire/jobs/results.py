"""Find what a job made: links to pictures and films, and what they were drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.util.pattern import pattern
from nbext.wire.events import Link
from nbext.wire.jobs.fields import MAX_DEPTH, MAX_ITEMS, plain_key, url_of
from nbext.wire.json_values import NOTHING, as_dict, as_list, decode
from nbext.wire.last_resort import search
from nbext.wire.links import FILM_ENDINGS, PICTURE_ENDINGS, path_of
from nbext.wire.picture_values import address_of_file, largest, pictures_in_value, results_in_order
from nbext.wire.urls import is_address, splits

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind

# Fields with a result's URL, in order of preference: the others have the same film.
_URL_KEYS = (
    "video_url",
    "video_urls",
    "result_url",
    "image_url",
    "image_urls",
    "url",
    "urls",
    "url_list",
    "results",
    "result_urls",
    "download_url",
    "downloadable_url",
    "download_uri",
    "uri",
    "file_url",
    "output_url",
    "play_url",
    "img_paths",
    "sample",
    "path",
)

# Fields that contain a result's URL, or are it.
_CONTAINERS = (
    "data",
    "metadata",
    "output",
    "outputs",
    "result",
    "video",
    "videos",
    "image",
    "images",
    "content",
    "detail",
    "generations",
    "generatedVideos",
    "generateVideoResponse",
    "generatedSamples",
    "response",
    "task_result",
    "resultJson",
    "draft_info",
    "encodings",
    "source",
    "assets",
    "files",
    "file",
    "creations",
    "artifacts",
    "media",
    "payload",
    "Resp",
)

# Facts about the picture, under the names of OpenAI's images API.
DRAWN_WITH = ("revised_prompt", "size", "quality", "background", "output_format")

_DRAWN_WITH = {name.replace("_", ""): name for name in DRAWN_WITH}

_AROUND_RESULT = {key.replace("_", "").lower() for key in (*_CONTAINERS, "results", "predictions")}

_AROUND_RESULT -= {"metadata"}

# Objects with notes about a result, and the names of a rewritten prompt in them.
_NOTES = {"metadata", "meta", "info", "extra", "providermetadata"}

_REWRITTEN = {"revisedprompt", "rewrittenprompt", "enhancedprompt", "optimizedprompt"}

# Other names of a rewritten prompt. The last one may also repeat the prompt as it was sent.
_REVISED = ("actual_prompt", "enhanced_prompt", "refined_prompt", "prompt")

# Other fields with a result's URL: by what they are called, or any address inside a container.
_RESULT_NAME = pattern(
    r"(?:output|result|final|generated|finished)"
    r"(?:image|img|picture|photo|video|film|file|media|asset)?s?(?:url|uri|link)?s?\Z"
)

_ANY_ADDRESS = pattern(
    r"(?!.*(?:poll|status|cancel|call|hook|upload|preview|thumb|cover|poster|page|share|docs?|source|input"
    r"|reference|init|response|request|stream|hls|audio|avatar|logo|watermark|gif|web|self|get))"
    r"[a-z]{1,30}(?:url|uri|link)s?\Z"
)

_POSTER_KEYS = ("poster_url", "poster", "thumbnail_url", "thumbnail", "cover_url", "cover")


def result_url(levels: list[dict[str, Any]]) -> str:
    """Return a job's address from an object of links, as in Replicate and HAL."""
    for level in levels:
        for holder in (as_dict(level.get(key)) for key in ("urls", "links", "_links")):
            for key in ("get", "self", "status", "poll"):
                item = holder.get(key)
                url = url_of(item.get("href") if isinstance(item, dict) else item)
                if url:
                    return url
    return ""


def has_picture(value: Any) -> bool:
    """Return whether a picture is in the answer itself, stored or in base64."""
    return any(not is_address(text) for text in pictures_in_value(value))


def results_of(node: Any, depth: int) -> list[tuple[str, str]]:
    """Find the results' URLs and their fields' names, outermost first."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(node, str):
        if node.lstrip()[:1] in ("{", "["):
            inner = decode(node.encode("utf-8", "replace"))
            return results_of(inner, depth + 1) if inner is not NOTHING else []
        return [("", url)] if (url := url_of(node)) else []
    if isinstance(node, list):
        items = results_in_order(node[:MAX_ITEMS])
        return [pair for item in items for pair in results_of(item, depth + 1)][:MAX_ITEMS]
    if not isinstance(node, dict):
        return []
    node = largest(node)
    fields = {plain_key(key): item for key, item in reversed(node.items()) if item}
    for key in (*_URL_KEYS, *_CONTAINERS):
        item = fields.get(plain_key(key))
        if item is None or (key == "urls" and isinstance(item, dict)):
            # Replicate's ``urls`` are the addresses of the job itself.
            continue
        pairs = results_of(item, depth + 1)
        if pairs:
            return [(name or key, url) for name, url in pairs]
    for key, item in fields.items():
        if _RESULT_NAME.match(key[:64]) or (depth and _ANY_ADDRESS.match(key[:64])):
            pairs = results_of(item, depth + 1)
            if pairs:
                return pairs
    address = address_of_file(node)
    return [("", address)] if address else []


def links_of(results: list[tuple[str, str]], kind: LinkKind) -> list[Link]:
    """Return the links among a job's results, each once."""
    links: dict[str, Link] = {}
    for name, url in results:
        path = path_of(url)
        link_kind = kind
        if path.endswith(FILM_ENDINGS) or name in ("video_url", "videoUrl", "video_urls"):
            link_kind = "film"
        elif path.endswith(PICTURE_ENDINGS) or name in ("image_url", "image_urls", "img_paths"):
            link_kind = "picture"
        links.setdefault(url, Link(url=url, kind=link_kind))
    return list(links.values())


def links_anywhere(value: Any, kind: LinkKind) -> list[Link]:
    """Find the links of a finished job in unknown fields."""
    if has_picture(value):
        return []
    return [
        Link(url=link.url, kind=kind if link.kind == "maybe" else link.kind)
        for link in search(as_list(value) or [value]).links
        if splits(link.url) is not None
    ]


def poster_of(levels: list[dict[str, Any]]) -> str:
    """Return the address of a film's still picture; empty if there is none."""
    nested = [level.get(key) for level in levels for key in ("video", "output", "metadata")]
    for level in [*levels, *(item for item in nested if isinstance(item, dict))]:
        for key in _POSTER_KEYS:
            value = level.get(key)
            if isinstance(value, dict):
                value = value.get("url")
            if url := url_of(value):
                return url
    return ""


def drawn_with(value: Any, prompt: str = "") -> dict[str, str]:
    """Return the facts that an answer states about its first result.

    Args:
        value: The answer, or one of its items.
        prompt: The prompt that was sent; another one beside a result is a rewritten one.

    Example:
        >>> drawn_with({"data": {"result": {"data": [{"url": "…", "quality": "low"}]}}})
        {'quality': 'low'}
        >>> drawn_with({"results": [{"url": "https://h/1", "actual_prompt": "A cat."}]}, "cat")
        {'revised_prompt': 'A cat.'}
    """
    named: dict[str, str] = {}
    waiting, looks = [value], 0
    while waiting and looks < MAX_ITEMS:
        node, looks = waiting.pop(0), looks + 1
        if isinstance(node, list):
            node = node[0] if node else None
        if isinstance(node, dict):
            for key, item in node.items():
                name = _DRAWN_WITH.get(plain_key(key))
                text = item[0] if isinstance(item, list) and item else item
                if name and isinstance(text, str):
                    named[name] = text
                if isinstance(item, dict) and plain_key(key) in _NOTES:
                    # Other facts there may be those that were requested.
                    named = _noted(item) | named
            if prompt and not named.get("revised_prompt") and (new := _revised(node, prompt)):
                named["revised_prompt"] = new
            waiting += [item for key, item in node.items() if plain_key(key) in _AROUND_RESULT]
    return named


def _noted(notes: dict[str, Any]) -> dict[str, str]:
    """Return the rewritten prompt among an answer's notes."""
    texts = (item for key, item in notes.items() if plain_key(key) in _REWRITTEN)
    return next(({"revised_prompt": text} for text in texts if isinstance(text, str)), {})


def _revised(item: dict[str, Any], prompt: str) -> str:
    """Return a result's own prompt, if it is not the one that was sent."""
    if not (pictures_in_value(item) or results_of(item, 0)):
        return ""
    texts = (item.get(key) for key in _REVISED)
    new = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    return "" if " ".join(new.split()) == " ".join(prompt.split()) else new
