"""Join URLs that are broken over lines, as by Markdown writers and mail programs.

Everything here takes time linear in the text and never raises.
"""

from __future__ import annotations

import re

from nbext.util.pattern import pattern

# Longer than any real URL.
_MAX_LENGTH = 8000
# How far a URL may continue over line breaks, and the prefix of quoted lines.
_MAX_LINES = 8
LINE_BREAK = pattern(r"\\?\r?\n[ \t>]{0,16}")
_SCHEME_OF_WEB = pattern(r"https?://", re.IGNORECASE)
_STOP = pattern(r"[\s<>\"'`（）]")
_REST = pattern(r"[^\s<>\"'`（）]{1,8000}")
# Where a bare URL is broken, and the end of its rest.
_BREAKS = tuple("-/%=&?_.+")
_ENDS_AS_FILE = pattern(
    r"[\x21-\x7e]*?\.(?:png|jpe?g|webp|gif|avif|svg|bmp|mp4|webm|mov)(?:\?[\x21-\x7e]*)?\Z",
    re.IGNORECASE,
)
# A line with nothing but what may be the rest of a URL.
_ALONE = pattern(r"([A-Za-z0-9._~%&=/+?-]{2,2000})[ \t]*(?=\r?\n|\Z)")
_CLOSERS = {"(": ")", "（": "）)", "<": ">", '"': '"', "'": "'"}


def unwrapped(text: str) -> str:
    """Join each URL that is broken over lines.

    Within brackets or quotes a URL continues until they close. A bare URL continues if it is broken
    after one of its separators and the next line, or its first word, ends like a file name.
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
    """Return the start of the URL that a line ends with, or -1."""
    start = text.rfind("://", line, newline)
    scheme = start - 5 if text[start - 1 : start] in "sS" else start - 4
    if start < 0 or scheme < line or not _SCHEME_OF_WEB.match(text, scheme):
        return -1
    return -1 if _STOP.search(text, start, newline - (text[newline - 1] == "\r")) else scheme


def _joined(text: str, start: int, newline: int) -> tuple[str, int]:
    """Join a URL at the end of its line with its continuation; return it and its end."""
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
            # Outside brackets, only a file name counts as the rest.
            is_rest = url[-1:] in _BREAKS and _ENDS_AS_FILE.match(word[0])
            return (
                (url + word[0], word.end()) if is_rest and not _ENDS_AS_FILE.match(url) else ("", 0)
            )
        url += word[0].rstrip("\\")
        end = word.end() - (word[0][-1:] == "\\")
        if _is_closed(url, closers) or (text[end : end + 1] or "\n") in closers:
            return url, end
    return "", 0


def with_next_line(text: str, url: str, end: int) -> str:
    r"""Join a bare URL with the next line, if that may be its rest; "" if not.

    Only the download tells whether it is: the result is worth a try where the URL itself fails.

    Args:
        text: The text.
        url: The URL, which ends its line.
        end: Where it ends in the text.

    Example:
        >>> text = "Here: https://h/cdn/ab\ncd.png\n"
        >>> with_next_line(text, "https://h/cdn/ab", 22)
        'https://h/cdn/abcd.png'
        >>> with_next_line("https://h/ab\nEnjoy your cat!", "https://h/ab", 12)
        ''
    """
    gap = LINE_BREAK.match(text, end)
    rest = _ALONE.match(text, gap.end()) if gap is not None else None
    return url + rest[1] if rest is not None and "://" not in rest[1] else ""


def _is_closed(url: str, closers: str) -> bool:
    """Return whether the bracket before a URL closes within the text read."""
    return ")" in closers and len(up_to_parenthesis(url)) < len(url)


def up_to_parenthesis(url: str) -> str:
    """End a URL at the parenthesis that was opened before it."""
    depth = 0
    for match in re.finditer(r"[()]", url):
        depth += 1 if match[0] == "(" else -1
        if depth < 0:
            return url[: match.start()]
    return url
