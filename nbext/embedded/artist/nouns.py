"""Resolve nouns by their neighbours."""

from __future__ import annotations

from dataclasses import replace

from .figures import drawing
from .lexicon import lexicon
from .words import Token

# Persons who may also be someone else.
_ANYBODY = frozenset({"person", "child", "teacher", "worker", "man", "woman", "boy", "girl"})


def resolve(words: list[Token]) -> list[Token]:
    """Resolve ambiguous words by the words that follow.

    "orange" before a thing is a colour ("an orange cat"), else the fruit; "light" before a colour
    and "bow" alone are left unchanged.
    """
    settled: list[Token] = []
    for at, token in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        before = settled[-1].kind if settled else ""
        meaning = token
        if token.name == "baby" and not token.han and following is not None:
            animal = following.kind == "figure" and not is_person(following.name)
            if animal and has_face(following.name):
                # "a baby elephant" is a small elephant.
                meaning = Token(token.word, "size", "small")
        elif token.kind == "figure" and following is not None:
            colour = next((term for term in token.also if term.kind == "colour"), None)
            beside_noun = following.kind in {"figure", "size"} and not token.plural
            if colour and (beside_noun or before == "verb"):
                meaning = Token(token.word, "colour", colour.name, han=token.han)
            elif token.name == "lamp" and following.kind == "colour":
                meaning = Token(token.word, "ignored", token.word)
        settled.append(meaning)
    return settled


def one_person(words: list[Token]) -> list[Token]:
    """Merge two words for one person: 黑人女孩 is one girl, "robot teacher" one robot."""
    people: list[Token] = []
    for at, token in enumerate(words):
        if token.kind == "figure" and token.word.lower().endswith(("'s", "’s")):
            owned = next((t for t in words[at + 1 : at + 4] if t.kind == "figure"), None)
            if owned is not None and lexicon().figures[owned.name].wear:
                # "the cat's hat" is on the cat.
                people += [token, Token("'s", "relation", "with")]
                continue
            if owned is not None:
                # "a teacher's desk" is a desk.
                continue
        before = people[-1] if people else None
        if token.kind == "figure" and before is not None and before.kind == "figure":
            if before.part and before.name == "person" and is_person(token.name):
                people.pop()
            elif _same_person(before, token):
                if before.name in _ANYBODY:
                    # "a boy king" is a king, "a robot teacher" a robot.
                    people[-1] = replace(token, word=f"{before.word} {token.word}")
                else:
                    people[-1] = replace(
                        before, word=f"{before.word} {token.word}", plural=token.plural
                    )
                continue
        people.append(token)
    return people


def _same_person(before: Token, token: Token) -> bool:
    """Return whether two adjacent nouns name one person: "robot teacher", "boy king"."""
    if before.han or before.part or token.part or before.plural or before.name == token.name:
        return False
    figures = lexicon().figures
    if figures[token.name].role != "person":
        return False
    return token.name in _ANYBODY or (
        before.name in _ANYBODY and figures[before.name].role == "person"
    )


def has_face(name: str) -> bool:
    """Return whether a figure has eyes, and so can have a mood or speak."""
    return "eyes" in drawing(name).anchors


def is_person(name: str) -> bool:
    """Return whether a figure is a person with visible skin."""
    return lexicon().figures[name].role == "person" and name not in {"robot", "alien"}


def has_part(name: str, part: str) -> bool:
    """Return whether a figure is drawn with a part: a house with a door, a cat with a tail.

    Args:
        name: The figure's name.
        part: The word for the part, in Chinese or English.
    """
    owners = lexicon().parts.get(part, frozenset())
    return (
        name in owners
        or ("face" in owners and has_face(name))
        or ("person" in owners and lexicon().figures[name].role == "person")
    )
