"""Convert a model's Markdown to HTML without active content.

Saved HTML outputs have been a way to run code in notebooks, so raw HTML is escaped, links lead to
http(s) only, and pictures become links: nothing is fetched because a model said so.
"""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbext.util.text import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Beyond this a text is shown as it is: nobody reads it, and no parser should have to.
MAX_TEXT = 200_000


def is_web(url: str) -> bool:
    """Return whether a URL is http(s) with a host, and may be a link."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def render(text: str) -> str:
    r"""Render CommonMark with tables and strikethrough.

    Example:
        >>> render("**9** <script>alert(1)</script>")
        '<p><strong>9</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n'
    """
    text = readable(text)
    if len(text) > MAX_TEXT:
        return f"<pre>{escape(text)}</pre>"
    return str(_parser().render(text))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = is_web  # type: ignore[method-assign]
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("image", _picture)
    return parser


def _link(self: Any, tokens: Sequence[Token], index: int, options: Any, _: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer")
    tokens[index].attrSet("target", "_blank")
    return str(self.renderToken(tokens, index, options, {}))


def _picture(_: Any, tokens: Sequence[Token], index: int, __: Any, ___: Any) -> str:
    token = tokens[index]
    url, words = str(token.attrGet("src") or ""), escape(token.content or "picture")
    if not is_web(url):
        return words
    return f'<a href="{escape(url)}" rel="noopener noreferrer" target="_blank">{words}</a>'
