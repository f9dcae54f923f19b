"""The fast way through the pieces of a streamed chat: those that are a piece of text and no more.

Most of a stream's thousands of pieces are such. They are read into structs that refuse every field
which may mean something else; what is refused goes the way that reads anything, which is
``ChatReader.value``.
A property test holds that both ways say the same.
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
    """Reads pieces that are text and no more, and that come from where the first one came from."""

    def __init__(self) -> None:
        self._source: tuple[str, str] | None = None

    def expect(self, answer_id: str, model: str) -> None:
        """Note what the pieces of this answer say of it: a piece that says else is not plain."""
        self._source = (answer_id, model)

    def text(self, data: bytes) -> str | None:
        """Give a piece's text, None where it is no plain one.

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
