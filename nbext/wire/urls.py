"""Find URLs in a text, and their notation: Markdown, HTML, JSON, or bare.

Relays write links by hand, so the intention counts more than the syntax: everything within the
brackets is the URL. Everything here takes time linear in the text and never raises.
"""

from __future__ import annotations

import html
import re
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from nbext.util.pattern import pattern
from nbext.wire.wrapped import LINE_BREAK, unwrapped, up_to_parenthesis

Form = Literal["image", "link", "film", "field", "bare"]

# Real answers have fewer; parsing more would only help an attacker.
MAX_URLS = 1000
_MAX_LENGTH = 8000
_OPENER = pattern(
    r"\]\s{0,2}[(（]|<(?=(?:img|image|source|video|a)\b)|\[img\]|https?://", re.IGNORECASE
)
# Characters that end a URL in prose: white space, quotes, brackets, Chinese punctuation.
_BARE = pattern(
    r"https?://(?:\[[0-9a-f:.]{2,45}\])?"
    r"[^\s\x00-\x1f\x7f\"'<>`\\|^{}\[\]\u3000-\u303f\uff01-\uff0f\uff1a-\uff20，。；：！？、“”‘’…]{1,8000}",
    re.IGNORECASE,
)
# Chinese text follows a file's suffix, or a query, without a space.
_CHINESE_BEHIND = pattern(
    r"(?:(?<=\.(?:png|jpg|gif|svg|mp4|mov|bmp))|(?<=\.(?:jpeg|webp|avif|webm))|(?<=[?&=][!-~])|"
    r"(?<=[?&=][!-~]{2})|(?<=[?&=][!-~]{4}))(?=[^\x00-\x7f])",
    re.IGNORECASE,
)
_QUERY = pattern(r"\?[\x21-\x7e]*")
_TAG = pattern(r"<(img|image|source|video|a)\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = pattern(
    r"([\w:-]{1,40})\s{0,9}=\s{0,9}\{?(?:\"([^\"]{0,4000})\"|'([^']{0,4000})'|([^\s\"'>]{1,4000}))"
)
# Pages that load pictures lazily name the real one beside ``src``.
_SOURCES = ("data-original", "data-full", "data-src", "src", "xlink:href", "href", "url")
# Another URL begins in a list without spaces, or right after a file's suffix.
_NEXT = pattern(
    r"(?:[,;]|(?<=\.(?:png|jpg|gif|svg|mp4))|(?<=\.(?:jpeg|webp|avif|webm)))(?=https?://)",
    re.IGNORECASE,
)
# An HTML entity. Browsers also accept ``&copy`` as one, but ``&copy=1`` is a field of a query.
_ENTITY = pattern(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
# A URL escaped as a value of another URL's query.
_ESCAPED = pattern(r"(?<!\S)(?:[\w.-]{1,40}=)?(https?%3A%2F%2F\S{1,8000})", re.IGNORECASE)
_BBCODE = pattern(r"\[img\]\s{0,9}([^\s\[\]]{1,8000})\s{0,9}\[/img\]", re.IGNORECASE)
_KEY = pattern(r"[\"']([\w.-]{1,40})\\?[\"']\s{0,9}:\s{0,9}(?:\[\s{0,9})?\\?[\"']\Z")
# What may follow a URL within its brackets: a title, or some editors' size.
_TITLE = pattern(r"\s+(?:\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|「[^」]*」|=\d{0,5}x\d{0,5})\Z")
_BRACKET = pattern(r"[\[\]()（）\n]")
_HOST = pattern(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?::\d{1,5})?/\S", re.IGNORECASE)
_SCHEME = pattern(r"[a-z][a-z0-9+.-]{1,20}:(?!\d)", re.IGNORECASE)
_FILE = pattern(
    r"[^?#]*?\.(?:png|jpe?g|webp|gif|avif|svg|bmp|mp4|webm|mov)(?:[/?#].*)?", re.IGNORECASE
)


class Mention(NamedTuple):
    """A URL in a text.

    Attributes:
        url: Absolute, or relative to the endpoint's address.
        start: The start of its notation: the brackets, the tag, or the URL.
        end: The end of its notation.
        label: The text shown for it, or the name of its field.
        form: Its notation: a picture, a link, a film, a JSON field, or bare.
    """

    url: str
    start: int
    end: int
    label: str
    form: Form


def urls_in_text(text: str) -> tuple[str, list[Mention]]:
    """Find the URLs of a text, in the order of their ends.

    Returns:
        The text without escapes, and the URLs with their positions in it.

    Example:
        >>> [m.url for m in urls_in_text("![cat](http://h/a b.png)")[1]]
        ['http://h/a%20b.png']
    """
    text = unwrapped(_unescaped(text))
    closing = _closing(text) if "](" in text or "]（" in text or "] (" in text else {}
    mentions: list[Mention] = []
    at = 0
    while len(mentions) < MAX_URLS:
        opener = _OPENER.search(text, at)
        if opener is None:
            break
        mention, at = _read(text, opener, closing)
        if mention is not None:
            mentions.append(mention)
    return text, mentions


def _read(text: str, opener: re.Match[str], closing: dict[int, int]) -> tuple[Mention | None, int]:
    """Parse the notation at an opener; return where to continue."""
    kind = opener[0][:1]
    if kind == "]":
        return _markdown(text, opener, closing)
    if kind == "<":
        return _tag(text, opener)
    if kind == "[":
        code = _BBCODE.match(text, opener.start())
        if code is None:
            return None, opener.end()
        url = cleaned(code[1])
        return Mention(url, code.start(), code.end(), "", "image"), code.end()
    return _bare(text, opener.start())


def _unescaped(text: str) -> str:
    r"""Remove the escapes of nested JSON or HTML before slashes and quotes."""
    if "：//" in text:
        text = text.replace("：//", "://")
    if "\\/" in text:
        text = text.replace("\\/", "/")
    if "\\u0026" in text:
        text = text.replace("\\u0026", "&")
    if "\\u002f" in text or "\\u002F" in text:
        text = text.replace("\\u002f", "/").replace("\\u002F", "/")
    if "%3A%2F%2F" in text or "%3a%2f%2f" in text:
        text = _ESCAPED.sub(lambda match: unquote(match[1]), text)
    if '\\"' in text and "<" in text:
        text = text.replace('\\"', '"')
    if "\\_" in text:
        text = text.replace("\\_", "_")
    if "&lt;" in text or "&quot;" in text or "&#" in text:
        text = _without_entities(text)
    return text


def _without_entities(text: str) -> str:
    """Replace HTML entities by their characters, if they are properly terminated."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _closing(text: str) -> dict[int, int]:
    """Match the brackets of each line, in one pass: opening to closing, and closing to opening."""
    pairs: dict[int, int] = {}
    round_: list[int] = []
    square: list[int] = []
    for match in _BRACKET.finditer(text):
        char, at = match[0], match.start()
        if char == "\n":
            round_.clear()
            square.clear()
        elif char in "(（":
            round_.append(at)
        elif char == "[":
            square.append(at)
        else:
            stack = square if char == "]" else round_
            if stack:
                opening = stack.pop()
                pairs[opening], pairs[at] = at, opening
    return pairs


def _markdown(
    text: str, opener: re.Match[str], closing: dict[int, int]
) -> tuple[Mention | None, int]:
    """Parse ``[label](URL)``; everything in the parentheses is the URL, except a title."""
    opening = opener.end() - 1
    end = closing.get(opening)
    if end is None or end - opening > _MAX_LENGTH:
        return None, opener.end()
    target = text[opening + 1 : end].strip()
    if target.startswith("<") and ">" in target:
        target = target[1 : target.index(">")]
    else:
        target = _TITLE.sub("", target) if target[-1:] in "\"'”’」x0123456789" else target
    if not target or not is_address(target):
        return None, opener.end()
    start = closing.get(opener.start(), opener.start())
    label = text[start + 1 : opener.start()][:2000].strip()
    marked = start > 0 and text[start - 1] in "!！"
    mention = Mention(
        cleaned(target), start - marked, end + 1, label, "image" if marked else "link"
    )
    return mention, end + 1


def _tag(text: str, opener: re.Match[str]) -> tuple[Mention | None, int]:
    """Parse an HTML element that shows, plays or links to something."""
    tag = _TAG.match(text, opener.start())
    if tag is None:
        return None, opener.end()
    name = tag[1].lower()
    fields = {
        match[1].lower(): match[2] or match[3] or match[4] or ""
        for match in _ATTRIBUTE.finditer(tag[2])
    }
    url = _largest(fields.get("srcset", "")) if name in ("img", "source") else ""
    url = url or next((fields[key] for key in _SOURCES if fields.get(key)), "")
    if not url or not is_address(url):
        # Any other content is parsed as text.
        return None, opener.end()
    if name == "img" and _has_source(text, tag.start()):
        return None, tag.end()
    form: Form = "link" if name == "a" else "image"
    if name == "video" or (name == "source" and not fields.get("type", "video").startswith("im")):
        form = "film" if not fields.get("srcset") else "image"
    label, end = fields.get("alt", ""), tag.end()
    if name == "a":
        stop = text.find("</a>", end, end + 2000)
        label = text[end:stop] if stop >= 0 else ""
        # Its content is parsed too; the outer element ends after it.
        return Mention(cleaned(url), tag.start(), max(stop, end), label, form), end
    return Mention(cleaned(url), tag.start(), end, label, form), end


def _has_source(text: str, at: int) -> bool:
    """Return whether an HTML picture is only the fallback of the sources beside it."""
    before = text[max(0, at - 2000) : at].lower()
    opening = before.rfind("<picture")
    return opening > before.rfind("</picture") and "<source" in before[opening:]


def _largest(srcset: str) -> str:
    """Return the largest of the pictures in a ``srcset``."""
    best, largest = "", -1.0
    for item in srcset.split(",")[:32]:
        url, _, size = item.strip().partition(" ")
        number = re.match(r"[\d.]{1,9}", size.strip())
        try:
            width = float(number[0]) if number else 1.0
        except ValueError:
            width = 0.0
        if url and width > largest:
            best, largest = url, width
    return best


def _bare(text: str, start: int) -> tuple[Mention | None, int]:
    """Parse a bare URL."""
    match = _BARE.match(text, start)
    if match is None:
        return None, start + 4
    before = text[max(0, start - 60) : start]
    url = up_to_parenthesis(_without_chinese(_NEXT.split(match[0], maxsplit=1)[0]))
    end = start + len(url)
    key = _KEY.search(before)
    if key is not None:
        return Mention(cleaned(url), start, end, key[1], "field"), end
    if before.endswith("[") and text[end : end + 2] in ("](", "]（"):
        # The URL is the label of a link or picture that follows.
        return None, end
    form: Form = "image" if before.endswith("![") and text[end : end + 1] == "]" else "bare"
    alone = not before.rpartition("\n")[2].strip() and text[end : end + 1] in ("", "\n", "\r")
    # A signed URL on its own line takes the whole line.
    stripped = url.rstrip(".,;:?") if alone and "?" in url else _without_punctuation(url, before)
    if splits(stripped) is None:
        return None, end
    return Mention(cleaned(stripped), start, start + len(stripped), "", form), end


def _without_chinese(url: str) -> str:
    """End a bare URL where Chinese text follows a file's suffix or a query."""
    query = _QUERY.search(url)
    if query is not None:
        return url[: query.end()]
    return _CHINESE_BEHIND.split(url, maxsplit=1)[0]


def _without_punctuation(url: str, before: str) -> str:
    """Remove the punctuation of the sentence, and emphasis that began before the URL."""
    url = url.rstrip(".,;:!?'\"")
    for mark in ("**", "__", "~~", "*", "_"):
        if before.endswith(mark):
            return url.removesuffix(mark)
    stripped = url.rstrip("*_~")
    # A signature may end like this, a file name does not.
    return stripped if "?" not in url and "." in stripped[-6:] else url


def cleaned(url: str) -> str:
    """Return a URL as it is sent: without entities, spaces escaped, the scheme in lower case."""
    url = _without_entities(_without_entities(url.strip()))
    url = LINE_BREAK.sub("", url)
    url = re.sub(r"[\x00-\x20\x7f]", lambda match: f"%{ord(match[0]):02X}", url)
    scheme, colon, rest = url.partition("://")
    return f"{scheme.lower()}://{rest}" if colon and scheme.isalpha() else url


# The base64 of a picture may begin with a slash; no path is so long without another sign.
_LONG_BASE64 = pattern(
    r"/(?:[A-Za-z0-9+/]{4}){32,}(?:[A-Za-z0-9+/]{3}|[A-Za-z0-9+/]{2}=|[A-Za-z0-9+/]==)\Z"
)


def is_address(target: str) -> bool:
    """Return whether a text is an address on the web or at the endpoint.

    Example:
        >>> [is_address(t) for t in ("/cdn/a.png", "//h/a", "h.example:80/a", "sandbox:/a.png")]
        [True, True, True, False]
    """
    target = target.strip()
    if target[:8].lower().startswith(("http://", "https://")):
        return splits(cleaned(target)) is not None
    if len(target) > _MAX_LENGTH or "\n" in target or target[:1] in ("#", "?", ""):
        return False
    if target.startswith(("/", "./", "../")):
        return len(target) > 2 and target[1:2] != " " and not _LONG_BASE64.match(target)
    if _HOST.match(target):
        return True
    strange = "：" in target or "://" in target or _SCHEME.match(target)
    return not strange and _FILE.fullmatch(target) is not None


def absolute(url: str, base: str) -> str:
    """Complete an address without scheme or host with those of the endpoint.

    Args:
        url: The address in the answer.
        base: The endpoint's base URL.

    Returns:
        The address, unchanged if it is complete.

    Example:
        >>> absolute("/cdn/a.png", "http://h:8080/v1"), absolute("//cdn.example/a.png", "https://h")
        ('http://h:8080/cdn/a.png', 'https://cdn.example/a.png')
    """
    if url[:8].lower().startswith(("http://", "https://")):
        return url
    parts = splits(base)
    if parts is None:
        return url
    if _HOST.match(url):
        url = f"//{url}"
    try:
        return urljoin(f"{parts.scheme}://{parts.netloc}/", url)
    except ValueError:
        return url


def splits(url: str) -> Any:
    """Split a complete URL, None if it is invalid."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme.lower() in ("http", "https") and parts.hostname else None
    except ValueError:
        return None
