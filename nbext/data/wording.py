"""Compare a prompt with the one revised by the endpoint, word by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from nbext.util.pattern import pattern
from nbext.util.public import Public

if TYPE_CHECKING:
    from nbext.data.record import Record

Change = Literal["same", "removed", "added"]

# Words of letters and digits; each Chinese, Japanese or Korean character is a word; trailing
# spaces belong to a word.
_SIGNS = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORDS = pattern(rf"(?:[{_SIGNS}]|[^\W_{_SIGNS}]+|[^\s])\s*|\s+")
# The most words of both texts together; the time to compare them is their product.
_MOST = 2000


class Piece(msgspec.Struct, frozen=True):
    """A part of a text comparison.

    Attributes:
        change: ``same``, ``removed`` or ``added``.
        text: Its words, with trailing spaces.
    """

    change: Change
    text: str


class Revision(Public, list[Piece]):
    """The changes from one text to another, piece by piece."""

    def __str__(self) -> str:
        marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
        return "".join(marks[piece.change].format(piece.text) for piece in self)

    __repr__ = __str__

    def to_html(self) -> str:
        """Return HTML with ``del`` and ``ins`` elements, and everything else escaped."""
        marks = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}
        import html

        return "".join(marks[p.change].format(html.escape(p.text)) for p in self)

    _repr_html_ = to_html


def revision(before: str, after: str) -> Revision:
    """Compare two texts word by word.

    Args:
        before: The first text.
        after: The second text.

    Returns:
        The pieces in order, removed before added. Texts that are too long to compare are removed
        and added as a whole.

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
    """Compare a drawing's prompt with the one revised by the endpoint.

    Args:
        record: The drawing's record.

    Returns:
        The pieces; empty if the endpoint reports no revision.
    """
    if not record.revised_prompt:
        return Revision()
    return revision(record.prompt_sent or record.prompt, record.revised_prompt)
