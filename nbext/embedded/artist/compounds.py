"""Merge words into compounds if they mean something else beside an unknown word.

A "rice terrace" is not a bowl of rice, and the 三 of 三国 is not a number: a known word within an
unknown name is not drawn, and the whole name is reported as unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .lexicon import lexicon
from .words import Token

if TYPE_CHECKING:
    from collections.abc import Iterator

# Next to an unknown Chinese character, these may be part of a name.
_BLURRED = frozenset(
    {"figure", "place", "time", "weather", "style", "colour", "number", "size", "part"}
)
_VERB_ENDINGS = ("ing", "ed", "ly")
_ARTICLES = frozenset({"a", "an", "one", "the", "this", "that"})
# After these the thing named before them is still there to be seen: a hot air balloon festival.
_EVENTS = frozenset(
    {"club", "competition", "contest", "exhibition", "fair", "festival", "lesson", "market"}
    | {"museum", "race", "shop", "show", "store"}
)
_BETWEEN = frozenset({"relation", "ignored", "number", "colour", "size"})
_BUILDINGS = frozenset("站店馆院厅摊")
# A longer run is probably two names.
_LONGEST = 3


def absorbed(words: list[Token]) -> list[Token]:
    """Return the words of a prompt, with each unknown name as one word."""
    return list(_latin(list(_inlined(_han(words)))))


def _inlined(words: list[Token]) -> Iterator[Token]:
    """Yield the words of a quotation one by one, unless it is a text to write."""
    for at, token in enumerate(words):
        if token.kind != "quote":
            yield token
            continue
        earlier = [t for t in words[max(0, at - 4) : at] if t.kind != "ignored"]
        beside = earlier[-1:] + words[at + 1 : at + 2]
        colon = at >= 2 and words[at - 1].word in {":", "："} and words[at - 2].kind == "figure"
        # "Thank you" on a red card
        noun = next((t for t in words[at + 1 : at + 6] if t.kind not in _BETWEEN), None)
        beside += [noun] if noun is not None else []
        if any(t.kind == "figure" and carries_text(t.name) for t in beside):
            yield replace(token, kind="text")
        elif colon and _has_face(words[at - 2].name):
            # The figure named before a colon says the quotation.
            yield replace(token, kind="speech")
        else:
            yield from token.inner


def carries_text(name: str) -> bool:
    """Return whether a figure has a place for a text."""
    from .figures import drawing

    return drawing(name).text is not None


def _has_face(name: str) -> bool:
    from .figures import drawing

    return "eyes" in drawing(name).anchors


def _is_flag(token: Token) -> bool:
    """Return whether a word is 国旗 alone, which is the flag of the country named before it."""
    return token.kind == "figure" and token.detail == "china" and token.word == "国旗"


def _is_abroad(token: Token) -> bool:
    """Return whether an unknown word may be a country; 祖国 is one's own."""
    return _unknown_han(token) and len(token.word) > 1 and token.word != "祖国"


def _unknown_han(token: Token | None) -> bool:
    return token is not None and token.kind == "unknown" and token.han


def _han(words: list[Token]) -> list[Token]:
    """Merge unknown Chinese characters with the neighbours that belong to their name."""
    out: list[Token] = []
    for at, token in enumerate(words):
        if _is_flag(token) and len(out) > 1 and out[-1].name == "de" and _is_abroad(out[-2]):
            # 巴西的国旗 is 巴西国旗.
            out.pop()
        before = out[-1] if out else None
        following = words[at + 1] if at + 1 < len(words) else None
        if _unknown_han(before) and before is not None and _joins(token, following, after=True):
            joined = before.word + token.word
            out[-1] = Token(joined, "unknown", joined, han=True)
        elif _unknown_han(following) and before_name(token, before):
            out.append(Token(token.word, "unknown", token.word, han=True))
        elif before is not None and _of_place(before, token):
            out[-1] = Token(before.word + token.word, "unknown", before.word + token.word, han=True)
        else:
            out.append(token)
    return out


def _of_place(before: Token, token: Token) -> bool:
    """Return whether a word makes the name of a shop or a station: 咖啡店, 飞机场."""
    return before.kind == "figure" and before.han and not before.part and token.word in _BUILDINGS


def before_name(token: Token, before: Token | None) -> bool:
    """Return whether a word belongs to the name that follows it: the 旗 of 旗袍, the 三 of 三国."""
    if not token.han or token.part or len(token.word) > 1 or token.kind not in _BLURRED:
        return False
    if token.kind == "number":
        return before is None or before.kind != "number"
    if before is not None and before.kind in {"number", "colour", "size"}:
        return False
    if before is not None and before.name == "measure" and before.word not in "个件种部":
        return False
    return token.kind != "figure" or not _has_face(token.name)


def _joins(token: Token, following: Token | None, *, after: bool) -> bool:
    """Return whether a word continues the name before it."""
    if not token.han or token.part:
        return False
    if token.kind == "unknown":
        return len(token.word) == 1 or not after
    if _is_flag(token):
        # The flag of another country.
        return True
    if len(token.word) > 1:
        return False
    if token.kind in {"ignored", "act"}:
        return token.word in lexicon().joined
    if token.kind not in _BLURRED - {"number", "colour", "size"}:
        return False
    if token.kind == "figure" and _has_face(token.name):
        return _unknown_han(following)
    return True


def _latin(words: list[Token]) -> Iterator[Token]:
    out: list[Token] = []
    for at, token in enumerate(words):
        before = out[-1] if out else None
        if (before is not None and _is_head(token, before, out, words[at + 1 : at + 2])) or (
            before is not None
            and token.kind == "figure"
            and token.name == "flag"
            and not token.detail
            and not token.han
            and before.kind == "unknown"
            and not before.word.endswith(_VERB_ENDINGS)
        ):
            word = f"{before.word} {token.word}"
            out[-1] = Token(word, "unknown", word.lower())
        elif _of_flag(token, out):
            out.pop()
            word = f"{out.pop().word} of {token.word}"
            out.append(Token(word, "unknown", word.lower()))
        else:
            out.append(token)
    yield from out


def _of_flag(token: Token, out: list[Token]) -> bool:
    """Return whether a word ends "flag of Brazil" with an unknown country."""
    if token.kind != "unknown" or token.han or len(out) < 2:
        return False
    flag = out[-2]
    return out[-1].name == "of" and flag.name == "flag" and not flag.detail


def _is_head(token: Token, before: Token, out: list[Token], ahead: list[Token]) -> bool:
    """Return whether an unknown English word makes one name with the word before it."""
    if token.kind != "unknown" or token.han or before.han or before.part:
        return False
    if before.kind == "unknown":
        return before.word.count(" ") + 1 < _LONGEST and not token.word.endswith(_VERB_ENDINGS)
    if token.word.lower().endswith(_VERB_ENDINGS) or before.plural:
        return False
    if before.word.lower() == "human":
        # "the human digestive system" shows no person.
        return True
    if before.kind == "colour":
        # "a black hole" is one name; in "a red sports car", red is the car's colour.
        return not (ahead and ahead[0].kind in {"figure", "unknown"})
    if before.kind != "figure" or _has_face(before.name) or carries_text(before.name):
        return False
    if token.word.lower() in _EVENTS:
        return False
    if token.word.lower().endswith("s"):
        # After "a volcano", a word in -s is a verb: it smokes.
        return not any(t.word.lower() in _ARTICLES for t in out[-3:-1])
    return True
