"""Text answers, which say that there is no model, and repeat the question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.embedded.film import describe_film
from nbext.embedded.usage import text_tokens

if TYPE_CHECKING:
    from nbext.embedded.conversation import Attachment, Conversation
    from nbext.embedded.state import ServerState

_CHINESE = re.compile(r"[一-鿿]")
_ECHO = 2000  # characters of the question to repeat


def in_chinese(text: str) -> bool:
    """Return whether to answer in Chinese."""
    return _CHINESE.search(text[:_ECHO]) is not None


def shorten(text: str, most: int = _ECHO) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= most else text[:most] + "…"


async def reply(state: ServerState, conversation: Conversation, model: str) -> str:
    """Return the text of an answer, in Chinese if the question is, otherwise in English.

    Example:
        ``This is the embedded endpoint, not gpt-4.1: no model answers here. You asked: hello``
    """
    language = "zh" if in_chinese(conversation.text) else "en"
    descriptions = [await see(state, one, language) for one in conversation.attachments]
    question = shorten(conversation.text.strip())
    if in_chinese(conversation.text):
        lines = [f"这里是内置端点，不是 {model}：没有模型在回答。你问的是：{question}"]
        if conversation.turns > 1:
            lines.append(f"这是第 {conversation.turns} 个问题。")
        lines += [f"附件 {number}：{text}" for number, text in enumerate(descriptions, 1)]
        lines += [f"工具的回答：{shorten(result)}" for result in conversation.results]
    else:
        lines = [f"This is the embedded endpoint, not {model}: no model answers here."]
        lines[0] += f" You asked: {question}"
        if conversation.turns > 1:
            lines.append(f"This is question {conversation.turns} of the conversation.")
        lines += [f"Attachment {number}: {text}" for number, text in enumerate(descriptions, 1)]
        lines += [f"The tool says: {shorten(result)}" for result in conversation.results]
    return "\n".join(lines)


async def see(state: ServerState, attachment: Attachment, language: str = "en") -> str:
    """Describe an attached picture or film; never raises."""
    from nbext.embedded.artist import describe

    file = state.own_file(attachment.url)
    data = file.data if file is not None else attachment.data
    if data is None:
        kind = "a film" if attachment.is_film else "a picture"
        return f"{kind} at {shorten(attachment.url, 200)}, which this endpoint does not fetch"
    origin = file.origin if file is not None else await state.origin_of(data)
    if attachment.is_film:
        facts = describe_film(data)
        scene = origin.scene if origin is not None else None
        shows = f", showing {await state.run(describe, scene, language)}" if scene else ""
        return f"a film ({facts or 'unreadable'}, {len(data)} bytes){shows}"
    if origin is not None and origin.scene is not None:
        return str(await state.run(describe, origin.scene, language))
    try:
        return str(await state.run(describe, data, language))
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for hostile files
        return f"{len(data)} bytes that are no picture this endpoint can read"


def thoughts(conversation: Conversation) -> list[str]:
    """Return the pieces of the reasoning before an answer."""
    if in_chinese(conversation.text):
        return ["没有模型，", "所以没有真正的思考；", "把问题重复一遍即可。"]
    return [
        "No model is here, ",
        "so this is no real thought; ",
        "saying the question back is all.",
    ]


def truncate(text: str, most: Any, stops: Any = None) -> tuple[str, str]:
    """Cut a text off at a stop sequence and after a number of tokens.

    Args:
        text: The whole text.
        most: The most tokens; no limit if it is not a number.
        stops: One stop sequence or a list of them; the text ends before the first match.

    Returns:
        The text, and the finish reason: ``stop`` or ``length``.

    Example:
        >>> truncate("one two three", None, ["three", " two"])
        ('one', 'stop')
    """
    for stop in stops if isinstance(stops, list) else [stops]:
        if isinstance(stop, str) and stop:
            text = text.partition(stop)[0]
    if not isinstance(most, int) or isinstance(most, bool) or most < 0 or text_tokens(text) <= most:
        return text, "stop"
    low, high = 0, len(text)
    while low < high:  # tokens grow with the text, so a binary search finds the place
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_tokens(text[:middle]) <= most else (low, middle - 1)
    return text[:low], "length"


def pieces(text: str, size: int = 24) -> list[str]:
    """Split a text into pieces for a stream."""
    return [text[start : start + size] for start in range(0, len(text), size)]
