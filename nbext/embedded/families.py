"""Model families, which decide the format of an answer.

Any name is accepted, because relays change their lists weekly; the name determines the family.
"""

from __future__ import annotations

import re
from typing import Any, Literal

Family = Literal["sora", "async", "chatgpt", "inline", "parts", "link", "film", "text"]

# The documented models that draw; the other embedded-… models talk or fail.
_EMBEDDED_DRAWS = re.compile(
    r"embedded$|embedded-(slow|cut|truncated|midstream-error|plain|stream-only|busy-once|both)$"
)
_FILM = re.compile(
    r"(^|[-_/])(sora-?2|sora[-_]video|veo|kling|seedance|hailuo|vidu|runway|luma|pika|wan-?2)"
    r"|minimax-h\d|embedded-film"
)
_INLINE = re.compile(r"nano-banana|gemini.*image|imagen")
_LINK = re.compile(
    r"gpt-image|chatgpt-image|dall-e|flux|recraft|seedream|jimeng|ideogram|kolors|hidream|grok-.*imag"
    r"|qwen-image|z-image|stable-diffusion|^sd[x\d]|midjourney|^mj[-_]|image-0?1$"
)


def family(model: str, body: dict[str, Any] | None = None) -> Family:
    """Return the format in which a model answers over chat.

    Args:
        model: The name in the request.
        body: The request; OpenRouter's clients ask for pictures by ``modalities``.

    Returns:
        ``sora``: a JSON head, progress and links; ``async``: links to poll; ``chatgpt``: text, and
        pictures on request; ``inline``: a data URI in Markdown; ``parts``: ``message.images``;
        ``link``: a plain Markdown link; ``film``: a poster and a film; ``text``: text only.

    Example:
        >>> family("gpt-4o-image"), family("gemini-3-pro-image-preview"), family("o3")
        ('sora', 'inline', 'text')
    """
    name = model.lower()
    modalities = (body or {}).get("modalities")
    wants_picture = isinstance(modalities, list) and "image" in modalities
    if name.endswith("-async"):
        return "async"
    if re.search(r"gpt-4o-image|sora[-_]image|image-1-vip", name) or _EMBEDDED_DRAWS.match(name):
        return "sora"
    if _FILM.search(name):
        return "film"
    draws = wants_picture or _INLINE.search(name) or _LINK.search(name)
    if draws and ("/" in name or wants_picture):
        return "parts"
    if _INLINE.search(name):
        return "inline"
    if _LINK.search(name):
        return "link"
    if "gizmo" in name or name.startswith("gpt-4o-all"):
        return "chatgpt"
    return "text"


_DRAWING = re.compile(
    r"[画畫绘繪描]|\b(draw|paint|sketch|render|zeichne|dessine|dibuja)", re.IGNORECASE
)


def asks_to_draw(text: str) -> bool:
    """Return whether a message to a model that both talks and draws asks for a picture.

    Example:
        >>> asks_to_draw("画只猫"), asks_to_draw("who are you?")
        (True, False)
    """
    return _DRAWING.search(text[:20_000]) is not None


def pixels_of_ratio(ratio: str, long_side: int = 1536) -> tuple[int, int]:
    """Return the pixels of an aspect ratio: the GPT image models' sizes, else about one megapixel.

    Raises:
        ValueError: If it is no ratio between 1:8 and 8:1.

    Example:
        >>> pixels_of_ratio("2:3"), pixels_of_ratio("16:9")
        ((1024, 1536), (1360, 768))
    """
    match = re.fullmatch(r"\s*(\d{1,4})\s*[:：xX×/]\s*(\d{1,4})\s*", ratio)
    across, down = (int(match[1]), int(match[2])) if match else (0, 0)
    if not across or not down or not 1 / 8 <= across / down <= 8:
        raise ValueError(f"{ratio!r} is not an aspect ratio")
    table = {1.0: (1024, 1024), 2 / 3: (1024, long_side), 3 / 2: (long_side, 1024)}
    if (value := across / down) in table:
        return table[value]
    down_pixels = (1024 * 1024 / value) ** 0.5
    return max(16, round(down_pixels * value / 16) * 16), max(16, round(down_pixels / 16) * 16)


_BRACKET = re.compile(r"[【\[]\s*(\d{1,3})\s*[:：]\s*(\d{1,3})\s*[】\]]")


def take_ratio(prompt: str) -> tuple[str, str]:
    """Return the prompt without its ``【2:3】``, and the ratio, or "".

    Example:
        >>> take_ratio("画只猫【2:3】")
        ('画只猫', '2:3')
    """
    match = _BRACKET.search(prompt)
    if not match:
        return prompt, ""
    ratio = f"{int(match[1])}:{int(match[2])}"
    return (prompt[: match.start()] + prompt[match.end() :]).strip(), ratio


_SIZE = re.compile(r"\s*(\d{2,5})\s*[x×*]\s*(\d{2,5})\s*", re.IGNORECASE)


def read_size(size: Any, default: tuple[int, int] = (1024, 1024)) -> tuple[int, int]:
    """Return the pixels of a ``size`` field: ``1024x1536``, ``2:3``, ``2K`` or ``auto``.

    Raises:
        ValueError: If it is none of them, or beyond 16 to 4096 pixels a side.

    Example:
        >>> read_size("1024x1536"), read_size("auto"), read_size("2K")
        ((1024, 1536), (1024, 1024), (2048, 2048))
    """
    if size in (None, "", "auto"):
        return default
    text = str(size)
    if match := _SIZE.fullmatch(text):
        width, height = int(match[1]), int(match[2])
        if 16 <= width <= 4096 and 16 <= height <= 4096:
            return width, height
        raise ValueError(f"{text[:40]!r} is beyond 16x16 to 4096x4096")
    if text.upper() in _TIERS:
        side = _TIERS[text.upper()]
        return side * default[0] // 1024, side * default[1] // 1024
    try:
        return pixels_of_ratio(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a size") from None


_TIERS = {"512": 512, "0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
