"""Separate reasoning in ``<think>…</think>`` from an answer's text.

Source: how DeepSeek-R1, Qwen, Google's OpenAI route and the relays that serve them write reasoning
into ``content``; some fold it away in ``<details>``.
"""

from __future__ import annotations

import re
from typing import Literal

from nbext.util.pattern import pattern

# ``end``: all text so far was reasoning, and the answer begins.
PieceKind = Literal["answer", "thought", "end"]

_TAGS = ("think", "thinking", "thought", "reasoning", "details")
_OPEN = pattern(rf"<({'|'.join(_TAGS)})(?=[\s>])[^<>]{{0,200}}>", re.IGNORECASE)
# The possible start of such a tag, at the end of the text so far.
_OPENING = pattern(r"<[a-z]{0,9}(?:\s[^<>]{0,200})?\Z", re.IGNORECASE)
_SPACE = pattern(r"\s*")
_CLOSE = "</think>"
# White space before an answer is held back up to this length, as reasoning may follow.
_MAX_HELD = 256


class ThoughtSplitter:
    """Separates ``<think>…</think>`` from the answer, in pieces split anywhere.

    Reasoning comes before the answer; within the answer, the tag is ordinary text. DeepSeek's
    template writes ``<think>`` into the prompt, so that only ``</think>`` arrives.
    """

    def __init__(self) -> None:
        self._close = ""
        self._answering = False
        self._held = ""
        self._has_thought = False
        # Whether an end tag came last: the white space after it is dropped.
        self._at_end = False

    def feed(self, text: str) -> list[tuple[PieceKind, str]]:
        """Return the pieces with their kinds."""
        text, self._held = self._held + text, ""
        if self._answering:
            return self._answer(text)
        pieces: list[tuple[PieceKind, str]] = []
        at = 0
        while at < len(text):
            if self._close:
                end = text.find(self._close, at)
                if end < 0:
                    end = len(text) - _overlap(text, self._close)
                    self._held = text[end:]
                    pieces.append(("thought", text[at:end]))
                    break
                pieces.append(("thought", text[at:end]))
                at, self._close = end + len(self._close), ""
                continue
            space = _SPACE.match(text, at)
            start = space.end() if space else at
            tag = _OPEN.match(text, start)
            if tag is not None:
                at, self._close = tag.end(), f"</{tag[1]}>"
                self._has_thought = True
            elif len(text) - at < _MAX_HELD and (start == len(text) or _OPENING.match(text, start)):
                self._held = text[at:]
                break
            else:
                self._answering = True
                pieces += self._answer(text[at:])
                break
        return [piece for piece in pieces if piece[1] or piece[0] == "end"]

    def _answer(self, text: str) -> list[tuple[PieceKind, str]]:
        """Process a piece of the answer, which may still contain an end tag."""
        if self._has_thought:
            text = text.lstrip() if self._at_end else text
            self._at_end = self._at_end and not text
            return [("answer", text)] if text else []
        end = text.find(_CLOSE)
        if end < 0:
            whole = len(text) - _overlap(text, _CLOSE)
            self._held = text[whole:]
            return [("answer", text[:whole])] if whole else []
        self._has_thought = True
        behind = text[end + len(_CLOSE) :].lstrip()
        self._at_end = not behind
        pieces: list[tuple[PieceKind, str]] = [("answer", text[:end]), ("end", "")]
        return [*pieces, ("answer", behind)] if behind else pieces

    def close(self) -> list[tuple[PieceKind, str]]:
        """Return the text held back."""
        held, self._held = self._held, ""
        kind: PieceKind = "thought" if self._close else "answer"
        return [(kind, held)] if held else []


def _overlap(text: str, tag: str) -> int:
    """Return how many characters at the end of a text may start a tag."""
    return next((n for n in range(len(tag) - 1, 0, -1) if text.endswith(tag[:n])), 0)
