"""Show text answers as Markdown, with HTML escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.export.gallery.markdown import is_web, render
from nbext.util.text import html_text, readable

if TYPE_CHECKING:
    from collections.abc import Sequence


def reply_data(
    text: str, reasoning: str, calls: Sequence[dict[str, Any]], sources: Sequence[dict[str, Any]]
) -> dict[str, str]:
    """Create the output of a reply.

    Args:
        text: Markdown as the model wrote it.
        reasoning: The model's reasoning, shown folded.
        calls: Tools that it asked for, with ``name``, ``arguments`` and ``result``.
        sources: Links that it rests on, with ``url`` and ``title``.
    """
    html = []
    if reasoning:
        html.append(f"<details><summary>Reasoning</summary>{render(reasoning)}</details>")
    for call in calls:
        call_text = html_text(f"{call.get('name', '')}({call.get('arguments', '')})")
        result = html_text(call.get("result", "…"))
        html.append(
            f"<details><summary><code>{call_text}</code></summary><pre>{result}</pre></details>"
        )
    html.append(render(text))
    if sources:
        links = "".join(
            f'<li><a href="{html_text(s["url"])}" rel="noopener noreferrer" target="_blank">'
            f"{html_text(s.get('title') or s['url'])}</a></li>"
            for s in sources
            if is_web(str(s.get("url", "")))
        )
        html.append(f"<ol>{links}</ol>" if links else "")
    return {"text/html": "".join(html), "text/plain": readable(text)}
