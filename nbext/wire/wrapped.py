"""URLs that are broken over lines, as Markdown's writers and mail wrap them, in one line again.

Everything here takes time linear in the text and raises for none.
"""

from __future__ import annotations

import re

from nbext.util.pattern import pattern

# What no answer's URL is longer than.
_MAX_LENGTH = 8000
# How far a URL may go on over line breaks, and what stands before its lines in a quotation.
_MAX_LINES = 8
LINE_BREAK = pattern(r"\\?\r?\n[ \t>]{0,16}")
_SCHEME_OF_WEB = pattern(r"https?://", re.IGNORECASE)
_STOP = pattern(r"[\s<>\"'`（）]")
_REST = pattern(r"[^\s<>\"'`（）]{1,8000}")
# Where a bare URL is broken, and what the rest of it ends in.
_BREAKS = tuple("-/%=&?_.+")
_ENDS_AS_FILE = pattern(
    r"[\x21-\x7e]*?\.(?:png|jpe?g|webp|gif|avif|svg|bmp|mp4|webm|mov)(?:\?[\x21-\x7e]*)?\Z",
    re.IGNORECASE,
)
_CLOSERS = {"(": ")", "（": "）)", "<": ">", '"': '"', "'": "'"}


def unwrapped(text: str) -> str:
    """Write each URL that is broken over lines in one line again.

    Within brackets or quotes a URL goes on until they close. A bare one goes on where it is broken
    behind one of its marks and the next line, or its first word, ends as the name of a file does.
    """
    pieces: list[str] = []
    at = line = 0
    while (newline := text.find("\n", line)) >= 0:
        start = _last_url(text, line, newline)
        url, end = _joined(text, start, newline) if start >= 0 else ("", 0)
        if url:
            pieces += [text[at:start], url]
            at = line = end
        else:
            line = newline + 1
    return "".join([*pieces, text[at:]]) if pieces else text


def _last_url(text: str, line: int, newline: int) -> int:
    """Find where the URL begins that a line ends with, -1 where it ends otherwise."""
    start = text.rfind("://", line, newline)
    scheme = start - 5 if text[start - 1 : start] in "sS" else start - 4
    if start < 0 or scheme < line or not _SCHEME_OF_WEB.match(text, scheme):
        return -1
    return -1 if _STOP.search(text, start, newline - (text[newline - 1] == "\r")) else scheme


def _joined(text: str, start: int, newline: int) -> tuple[str, int]:
    """Join a URL that ends with its line to what it goes on with; give where that ends, too."""
    closers = _CLOSERS.get(text[start - 1 : start], "") if start else ""
    url = text[start:newline].rstrip("\r\\")
    if _is_closed(url, closers):
        return "", 0
    end = start + len(url)
    for _ in range(_MAX_LINES):
        gap = LINE_BREAK.match(text, end)
        word = _REST.match(text, gap.end()) if gap is not None else None
        if word is None or "://" in word[0][:12] or len(url) > _MAX_LENGTH:
            break
        if not closers:
            # Outside of brackets no more than the name of a file is taken for the rest.
            is_rest = url[-1:] in _BREAKS and _ENDS_AS_FILE.match(word[0])
            return (
                (url + word[0], word.end()) if is_rest and not _ENDS_AS_FILE.match(url) else ("", 0)
            )
        url += word[0].rstrip("\\")
        end = word.end() - (word[0][-1:] == "\\")
        if _is_closed(url, closers) or (text[end : end + 1] or "\n") in closers:
            return url, end
    return "", 0


def _is_closed(url: str, closers: str) -> bool:
    """Whether the bracket before a URL closes within what was read of it."""
    return ")" in closers and len(up_to_parenthesis(url)) < len(url)


def up_to_parenthesis(url: str) -> str:
    """End a URL at the parenthesis that was opened before it."""
    depth = 0
    for match in re.finditer(r"[()]", url):
        depth += 1 if match[0] == "(" else -1
        if depth < 0:
            return url[: match.start()]
    return url
