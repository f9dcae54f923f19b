"""Resolve nouns by their neighbours."""

from __future__ import annotations

from dataclasses import replace

from .figures import drawing
from .lexicon import lexicon
from .words import Token

# Persons who may also be someone else.
_ANYBODY = frozenset({"person", "child", "teacher", "worker", "man", "woman", "boy", "girl"})

# Words that lead to whom something is for, and those that may be part of naming them.
_FOR = frozenset({"给", "送给", "献给", "为"})
_GENDERS = {"female": {"woman", "girl"}, "male": {"man", "boy"}}
_PARENTS = frozenset({"mother", "mom", "mum", "father", "dad", "妈妈", "爸爸", "母亲", "父亲"})
_OF_RECIPIENTS = frozenset(
    {"figure", "number", "colour", "size", "age", "mood", "ignored", "unknown", "grammar", "part"}
)


def resolve(words: list[Token]) -> list[Token]:
    """Resolve ambiguous words by the words that follow.

    "orange" before a thing is a colour ("an orange cat"), else the fruit; "light" before a colour
    and "bow" alone are left unchanged.
    """
    settled: list[Token] = []
    for at, token in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        before_token = settled[-1] if settled else None
        before = before_token.kind if before_token is not None else ""
        meaning = token
        if _is_parent(token, before_token, following):
            # "a mother penguin", 企鹅妈妈
            meaning = Token(token.word, "ignored", token.word, han=token.han)
        elif token.name == "baby" and not token.han and following is not None:
            animal = following.kind == "figure" and not is_person(following.name)
            if animal and has_face(following.name):
                # "a baby elephant" is a small elephant.
                meaning = Token(token.word, "size", "small")
        elif token.kind == "figure" and _is_predicate(settled, token, following):
            hue = next(term.name for term in token.also if term.kind == "colour")
            meaning = Token(token.word, "colour", hue, han=token.han)
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
    words = _of_gender(words)
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


def _of_gender(words: list[Token]) -> list[Token]:
    """Choose the woman or the man where the prompt says which: 女老师, "a male teacher"."""
    out: list[Token] = []
    for token in words:
        before = out[-1] if out else None
        if before is not None and before.kind == "gender" and token.kind == "figure":
            names = [n for n in lexicon().figures[token.name].mix if n in _GENDERS[before.name]]
            if names or token.name in _GENDERS[before.name]:
                gap = "" if token.han else " "
                word = f"{before.word}{gap}{token.word}"
                out[-1] = replace(token, word=word, name=(names or [token.name])[0])
                continue
        out.append(token)
    # Whose gender the figure does not show.
    return [replace(t, kind="unknown") if t.kind == "gender" else t for t in out]


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


def _is_parent(token: Token, before: Token | None, following: Token | None) -> bool:
    """Return whether a word says that the animal beside it is a parent: 企鹅妈妈."""
    if token.word.lower() not in _PARENTS:
        return False
    beside = [following] if following is not None else []
    if token.han and before is not None:
        beside.append(before)
    return any(t.kind == "figure" and has_face(t.name) and not is_person(t.name) for t in beside)


def _is_predicate(before: list[Token], token: Token, following: Token | None) -> bool:
    """Return whether a colour is said of something: "the cat is orange"."""
    colour = any(term.kind == "colour" for term in token.also) and not token.plural
    verb = next((t for t in reversed(before) if t.name not in {"all", "both", "2"}), None)
    ends = following is None or following.kind == "break" or following.name == "and"
    return colour and ends and verb is not None and verb.name in {"is", "are", "was", "were"}


def stages(words: list[Token]) -> list[Token]:
    """Replace "life cycle of a frog" by its stages; of anything else, the words are unknown."""
    out = list(words)
    for at, token in enumerate(words):
        if token.kind != "cycle":
            continue
        cycles = lexicon().cycles
        clause = [i for i in range(len(words)) if not _parted(words, at, i)]
        of = next(
            (i for i in clause if words[i].kind == "figure" and words[i].name in cycles), None
        )
        if of is None:
            out[at] = replace(token, kind="unknown", name=token.word)
            continue
        whole = [
            replace(token, kind="figure", name=name, part=True) for name in cycles[words[of].name]
        ]
        whole[-1] = replace(words[of], name=whole[-1].name, plural=False, part=True)
        out[of : of + 1] = whole
        out.remove(token)
        # Side by side on paper, unless the prompt names a place.
        return [replace(token, kind="place", name="plain", part=True), *out]
    return out


def _parted(words: list[Token], one: int, other: int) -> bool:
    """Return whether a break is between two words."""
    first, last = sorted((one, other))
    return any(token.kind == "break" for token in words[first:last])


def recipients(words: list[Token]) -> list[Token]:
    """Replace for whom a thing is by one word that is not drawn: "a card for a dentist".

    In Chinese, 给牙医的名片. But "a poster for a football match" shows the football, and "a hat for
    the cat" may be put on it.
    """
    out: list[Token] = []
    at = 0
    while at < len(words):
        token = words[at]
        end = _recipient(words, at)
        if end is None:
            out.append(token)
            at += 1
            continue
        gap = "" if token.han else " "
        named = [t.word for t in words[at:end]]
        phrase = gap.join(w for n, w in enumerate(named) if n == 0 or w != named[n - 1])
        out.append(Token(phrase, "recipient", phrase, han=token.han))
        at = end
    return out


def _recipient(words: list[Token], at: int) -> int | None:
    """Return where a phrase with "for" or 给 ends, if it names whom a thing is for."""
    token, end = words[at], at + 1
    while end < len(words) and words[end].kind in _OF_RECIPIENTS and words[end].name != "de":
        end += 1
    named = [t for t in words[at + 1 : end] if t.kind == "figure"]
    if token.han:
        after = words[end + 1 : end + 5]
        thing = next((t for t in after if t.kind == "figure"), None)
        of = end < len(words) and words[end].name == "de"
        if token.word not in _FOR or not of or not named or thing is None:
            return None
        return end if _for_whom(named, thing) else None
    before = words[at - 1] if at else None
    if token.word.lower() != "for" or before is None or before.kind != "figure" or not named:
        return None
    return end if _for_whom(named, before) else None


def _for_whom(named: list[Token], thing: Token) -> bool:
    """Return whether these are whom a thing is for."""
    figures = lexicon().figures
    if figures[thing.name].wear or has_face(thing.name):
        return False
    being = has_face(named[0].name) or figures[named[0].name].role == "person"
    return being or figures[thing.name].role != "page"


def means(word: str, kind: str, value: str) -> bool:
    """Return whether a word stands for a value of a kind: "scarlet", `colour`, `red`."""
    words = lexicon()
    terms = words.han.get(word) or words.latin.get(word.lower()) or ()
    return any(t.name == value and t.kind == kind for t in terms)


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
