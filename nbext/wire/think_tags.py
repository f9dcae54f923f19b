"""Thoughts that stand in a text, as ``<think>…</think>``, before the answer.

Source: how DeepSeek-R1, Qwen and the relays that serve them write reasoning into ``content``.
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = "<think>", "</think>"
_SPACE = re.compile(r"\s*")
# White space before an answer is kept back so long, because a thought may follow.
_MOST_HELD = 256


class ThoughtSplitter:
    """Tells thoughts in ``<think>…</think>`` from the answer, in pieces cut anywhere.

    Thoughts come before the answer; who speaks of the tag in it means no thought.
    """

    def __init__(self) -> None:
        self._inside = False
        self._answering = False
        self._held = ""

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """Give pieces, and whether each is a thought."""
        if self._answering:
            return [(False, text)] if text else []
        text, self._held = self._held + text, ""
        pieces: list[tuple[bool, str]] = []
        at = 0
        while at < len(text):
            if self._inside:
                end = text.find(_CLOSE, at)
                if end < 0:
                    end = len(text) - _overlap(text, _CLOSE)
                    self._held = text[end:]
                    pieces.append((True, text[at:end]))
                    break
                pieces.append((True, text[at:end]))
                at, self._inside = end + len(_CLOSE), False
                continue
            space = _SPACE.match(text, at)
            start = space.end() if space else at
            if text.startswith(_OPEN, start):
                at, self._inside = start + len(_OPEN), True
            elif len(text) - at < _MOST_HELD and _OPEN.startswith(text[start:]):
                self._held = text[at:]
                break
            else:
                self._answering = True
                pieces.append((False, text[at:]))
                break
        return [piece for piece in pieces if piece[1]]

    def close(self) -> list[tuple[bool, str]]:
        """Give what was held back."""
        held, self._held = self._held, ""
        return [(self._inside, held)] if held else []


def _overlap(text: str, tag: str) -> int:
    """Say how many characters at the end of a text may begin a tag."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)
