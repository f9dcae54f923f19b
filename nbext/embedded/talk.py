"""What the endpoint says where a model would talk: that it is none, and what was asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.embedded.film import describe_film
from nbext.embedded.usage import text_tokens

if TYPE_CHECKING:
    from nbext.embedded.conversation import Asked, Given
    from nbext.embedded.studio import Studio

_CHINESE = re.compile(r"[一-鿿]")
_ECHO = 2000  # characters of the question that are said back


def in_chinese(text: str) -> bool:
    """Whether to answer in Chinese."""
    return _CHINESE.search(text[:_ECHO]) is not None


def shorten(text: str, most: int = _ECHO) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else text[:most] + "…"


async def reply(studio: Studio, asked: Asked, model: str) -> str:
    """The words of an answer, in the language of the question where it is Chinese or English.

    Example:
        ``This is the embedded endpoint, not gpt-4.1: no model answers here. You asked: hello``
    """
    language = "zh" if in_chinese(asked.text) else "en"
    seen = [await see(studio, one, language) for one in asked.given]
    question = shorten(asked.text.strip())
    if in_chinese(asked.text):
        lines = [f"这里是内置端点，不是 {model}：没有模型在回答。你问的是：{question}"]
        if asked.turns > 1:
            lines.append(f"这是第 {asked.turns} 个问题。")
        lines += [f"附件 {number}：{text}" for number, text in enumerate(seen, 1)]
        lines += [f"工具的回答：{shorten(result)}" for result in asked.results]
    else:
        lines = [f"This is the embedded endpoint, not {model}: no model answers here."]
        lines[0] += f" You asked: {question}"
        if asked.turns > 1:
            lines.append(f"This is question {asked.turns} of the conversation.")
        lines += [f"Attachment {number}: {text}" for number, text in enumerate(seen, 1)]
        lines += [f"The tool says: {shorten(result)}" for result in asked.results]
    return "\n".join(lines)


async def see(studio: Studio, given: Given, language: str = "en") -> str:
    """What a picture or film that was given shows; it never fails."""
    from nbext.embedded.artist import describe

    file = studio.own_file(given.url)
    data = file.data if file is not None else given.data
    if data is None:
        kind = "a film" if given.is_film else "a picture"
        return f"{kind} at {shorten(given.url, 200)}, which this endpoint does not fetch"
    origin = file.origin if file is not None else await studio.origin_of(data)
    if given.is_film:
        facts = describe_film(data)
        shows = f", showing {await studio.run(describe, origin.scene, language)}" if origin else ""
        return f"a film ({facts or 'unreadable'}, {len(data)} bytes){shows}"
    if origin is not None:
        return str(await studio.run(describe, origin.scene, language))
    try:
        return str(await studio.run(describe, data, language))
    except Exception:  # noqa: BLE001 - readers of hostile files raise anything
        return f"{len(data)} bytes that are no picture this endpoint can read"


def thoughts(asked: Asked) -> list[str]:
    """What is thought aloud before an answer, in steps."""
    if in_chinese(asked.text):
        return ["没有模型，", "所以没有真正的思考；", "把问题重复一遍即可。"]
    return [
        "No model is here, ",
        "so this is no real thought; ",
        "saying the question back is all.",
    ]


def cut(text: str, most: Any) -> tuple[str, str]:
    """A text of at most so many tokens, and the reason why it ends: ``stop`` or ``length``."""
    if not isinstance(most, int) or isinstance(most, bool) or most < 0 or text_tokens(text) <= most:
        return text, "stop"
    low, high = 0, len(text)
    while low < high:  # tokens grow with the text, so halving finds the place
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_tokens(text[:middle]) <= most else (low, middle - 1)
    return text[:low], "length"


def pieces(text: str, size: int = 24) -> list[str]:
    """A text in pieces, as a stream brings it."""
    return [text[start : start + size] for start in range(0, len(text), size)]
