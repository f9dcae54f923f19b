"""One word of a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lexicon import Term


@dataclass(frozen=True)
class Token:
    """One word of a prompt and its meaning.

    Attributes:
        word: The word as written.
        kind: `figure`, `colour`, `unknown`, `break` …: a kind of the lexicon, or of a literal.
        name: Its name within the kind; for an unknown word, the word itself.
        plural: Whether it was an English plural.
        han: Whether it was Chinese.
        also: Other meanings.
        part: Whether it is part of a word for several things, as the lantern in 春节.
        detail: The country of a flag.
        inner: The words inside quotation marks.
    """

    word: str
    kind: str
    name: str
    plural: bool = False
    han: bool = False
    also: tuple[Term, ...] = ()
    part: bool = False
    detail: str = ""
    inner: tuple[Token, ...] = ()
