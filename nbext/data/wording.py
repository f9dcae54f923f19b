"""Where a prompt was changed: its words, and those of the one that the endpoint drew from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from nbext.data.record import Record

Change = Literal["same", "removed", "added"]

# Words of letters and digits; each Chinese, Japanese or Korean sign is a word of its own;
# the spaces behind a word are part of it.
_SIGNS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORDS = pattern(rf"(?:[{_SIGNS}]|[^\W_{_SIGNS}]+|[^\s])\s*|\s+")
# Words of both prompts together: a comparison takes their product in time.
_MOST = 2000


class Piece(msgspec.Struct, frozen=True):
    """A part of a text that was changed.

    Attributes:
        change: ``same``, ``removed`` or ``added``.
        text: Its words, with the spaces behind them.
    """

    change: Change
    text: str


class Revision(list[Piece]):
    """How one text became another, piece by piece."""

    def __str__(self) -> str:
        marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        return "".join(marks[piece.change].format(piece.text) for piece in self)

    __repr__ = __str__

    def to_html(self) -> str:
        """Write it with ``del`` and ``ins``, everything else escaped."""
        marks = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}
        import html

        return "".join(marks[p.change].format(html.escape(p.text)) for p in self)

    _repr_html_ = to_html


def revision(before: str, after: str) -> Revision:
    """Compare two texts word by word.

    Args:
        before: The one.
        after: The other.

    Returns:
        The pieces in order; what was removed stands before what was added. Of texts that are too
        long to compare, one is removed and the other added.

    Example:
        >>> revision("a red cat", "a fluffy red cat")
        a {+fluffy +}red cat
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST:
        return Revision(_pieces([("removed", before), ("added", after)]))
    pieces: list[tuple[Change, str]] = []
    from difflib import SequenceMatcher

    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(old[a:b])))
        else:
            pieces += [("removed", "".join(old[a:b])), ("added", "".join(new[c:d]))]
    return Revision(_pieces(pieces))


def _pieces(pairs: list[tuple[Change, str]]) -> list[Piece]:
    return [Piece(change, text) for change, text in pairs if text]


def revision_of(record: Record) -> Revision:
    """Compare a drawing's prompt with the one that the endpoint says it drew from.

    Args:
        record: The drawing's.

    Returns:
        The pieces; none where the endpoint says nothing of it.
    """
    if not record.revised_prompt:
        return Revision()
    return revision(record.prompt_sent or record.prompt, record.revised_prompt)
