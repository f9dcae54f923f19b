"""Count the tokens of an answer, by a rule simple enough to check by hand.

There is no tokenizer. A CJK character counts one, a run of other letters or digits one for each
four or part of four, any other non-space character one. A picture counts 4160 for 1024x1024, in
proportion to its area, like the high quality of the GPT image models.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.embedded.artist.caption import remark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.embedded.state import Picture

_TOKEN = re.compile(r"[぀-ヿ㐀-鿿가-힯豈-﫿]|[^\W_]{1,4}|[^\s]")
_LONGEST = 200_000  # characters to count one by one; the rest counts four to a token


def text_tokens(text: str) -> int:
    """Return the tokens of a text.

    Example:
        >>> text_tokens("画只猫")
        3
        >>> text_tokens("a portrait")
        3
    """
    head = text[:_LONGEST]
    return len(_TOKEN.findall(head)) + (len(text) - len(head)) // 4


def picture_tokens(width: int, height: int) -> int:
    """Return the tokens of a drawn picture of ``width`` x ``height`` pixels."""
    return max(1, round(width * height * 4160 / (1024 * 1024)))


def warnings_about(pictures: Iterable[Picture]) -> dict[str, list[str]]:
    """Return the field of an answer that names what the artist did not know; empty if nothing."""
    remarks = [one for picture in pictures if (one := remark(picture.caption))]
    return {"warnings": list(dict.fromkeys(remarks))} if remarks else {}


def chat_usage(prompt: int, completion: int, *, reasoning: int = 0) -> dict[str, Any]:
    """Return usage in the format of chat completions and completions."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def io_usage(text_in: int, image_in: int, text_out: int, image_out: int) -> dict[str, Any]:
    """Return usage in the format of the images endpoints and Responses."""
    return {
        "input_tokens": text_in + image_in,
        "output_tokens": text_out + image_out,
        "total_tokens": text_in + image_in + text_out + image_out,
        "input_tokens_details": {
            "text_tokens": text_in,
            "image_tokens": image_in,
            "cached_tokens": 0,
            "cache_write_tokens": 0,
        },
        "output_tokens_details": {
            "text_tokens": text_out,
            "image_tokens": image_out,
            "reasoning_tokens": 0,
        },
    }
