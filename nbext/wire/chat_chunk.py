"""The fast path for pieces of a streamed chat that contain only text.

Most of a stream's thousands of pieces are such. They are parsed into structs that reject every
other field; a rejected piece takes the general path, ``ChatReader.value``. A property test checks
that both give the same result.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class _Delta(msgspec.Struct, forbid_unknown_fields=True):
    content: str
    role: str | None = None
    refusal: None = None


class _Choice(msgspec.Struct, forbid_unknown_fields=True):
    delta: _Delta
    index: Literal[0] = 0
    finish_reason: None = None
    logprobs: None = None


class _Chunk(msgspec.Struct, forbid_unknown_fields=True):
    choices: tuple[_Choice]
    id: str = ""
    object: str = ""
    created: int | float | str = 0
    model: str = ""
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: None = None


_decoder = msgspec.json.Decoder(_Chunk)


class PlainPieces:
    """Parses pieces that contain only text, from the same source as the first piece."""

    def __init__(self) -> None:
        self._source: tuple[str, str] | None = None

    def expect(self, answer_id: str, model: str) -> None:
        """Store the id and model of this answer: a piece with others is not plain."""
        self._source = (answer_id, model)

    def text(self, data: bytes) -> str | None:
        """Return a piece's text, None if it contains anything else.

        Example:
            >>> pieces = PlainPieces()
            >>> pieces.expect("c1", "m")
            >>> pieces.text(b'{"id":"c1","model":"m","choices":[{"delta":{"content":"Hi"}}]}')
            'Hi'
        """
        if self._source is None:
            return None
        try:
            chunk = _decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if (chunk.id, chunk.model) != self._source:
            return None
        return chunk.choices[0].delta.content
