"""From words to what is asked: figures, their counts, colours and ties, and the place."""

from __future__ import annotations

from dataclasses import dataclass, field

from .lexicon import lexicon
from .parse import Token, tokens

# How many of one thing, and of all things, are drawn.
MOST_ALIKE = 36
MOST_FIGURES = 48

# Words that come before what they tie to also in Chinese: 坐在椅子上, 骑着马.
_BEFORE = frozenset(["坐在", "站在", "骑着", "骑", "乘着", "坐着", "开着"])
_TIES = frozenset(["on", "under", "beside", "behind", "front"])
# Verbs that are seen without a thing beside them.
_ACTS = frozenset(["bigger", "smaller", "flip", "brighter", "darker", "blur"])
_SIDES = frozenset(["left", "right", "up", "down"])


@dataclass
class Mention:
    """One thing the prompt asks for."""

    name: str
    count: int = 1
    counted: bool = False
    definite: bool = False
    colour: str | None = None
    size: str | None = None
    side: str | None = None
    wears: list[Mention] = field(default_factory=list)
    ties: list[tuple[str, Mention]] = field(default_factory=list)
    clause: int = 0


@dataclass
class Clause:
    """What stands between two commas: the verbs, in order, and what they are said of."""

    verbs: list[str] = field(default_factory=list)
    words: list[Token] = field(default_factory=list)


@dataclass
class Reading:
    """All that a prompt asks."""

    mentions: list[Mention] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    weathers: list[str] = field(default_factory=list)
    manners: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    drew: list[str] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def resolve(words: list[Token]) -> list[Token]:
    """Settle the words that mean two things by what follows them.

    "orange" before a thing is a colour ("an orange cat"), else the fruit; "light" before a colour
    and "bow" alone stay what they are.
    """
    settled: list[Token] = []
    for at, token in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        before = settled[-1].kind if settled else ""
        name = token
        if token.kind == "figure" and following is not None:
            colour = next((term for term in token.also if term.kind == "colour"), None)
            beside_noun = following.kind in {"figure", "size"} and not token.plural
            if colour and (beside_noun or before == "verb"):
                name = Token(token.word, "colour", colour.name, han=token.han)
            elif token.name == "lamp" and following.kind == "colour":
                name = Token(token.word, "ignored", token.word)
        settled.append(name)
    return settled


class _Reader:
    """Walks over the words once, keeping what waits for its noun."""

    def __init__(self) -> None:
        self.out = Reading()
        self.mentions: list[Mention] = []
        self.clause = Clause()
        self.forget()
        self.waiting_wears: list[Mention] = []
        self.before = ""
        self.number = ""
        self.drawn = 0

    def forget(self) -> None:
        self.count: int | None = None
        self.colour: str | None = None
        self.size: str | None = None
        self.tie: str | None = None
        self.side: str | None = None
        self.definite = False
        self.elided: list[tuple[int, str]] = []
        self.subject: Mention | None = None
        self.last: Mention | None = None
        self.next_ties: list[tuple[str, Mention]] = []
        self.joined: list[Mention] = []
        self.join = False

    def end_clause(self) -> None:
        if self.colour and self.last is not None and self.last.colour is None:
            self.last.colour = self.colour
        self.forget()
        if self.clause.words:
            self.out.clauses.append(self.clause)
        self.clause = Clause()

    def drew(self, word: str) -> None:
        if word not in self.out.drew:
            self.out.drew.append(word)

    def read(self, words: list[Token]) -> Reading:
        words = resolve(words)
        for at, token in enumerate(words):
            if token.kind == "break":
                if token.name != "、":
                    self.end_clause()
                continue
            self.clause.words.append(token)
            following = words[at + 1] if at + 1 < len(words) else None
            self.step(token, following, words[at + 2 : at + 5])
            self.before = token.kind
        self.end_clause()
        self.out.mentions = self.mentions
        return self.out

    def step(self, token: Token, following: Token | None, ahead: list[Token]) -> None:
        kind, name = token.kind, token.name
        if kind == "figure":
            self.figure(token, following, ahead)
        elif kind == "number":
            value = int(name)
            if self.colour and self.count:
                self.elided.append((self.count, self.colour))
                self.colour = None
            if value:
                self.count = value
            self.number = token.word
            if token.word.lower() not in {"a", "an", "一"}:
                self.drew(token.word)
        elif kind == "colour":
            self.colour = name
            self.out.colours.append(name)
            self.drew(token.word)
        elif kind == "size":
            self.size = name
            self.drew(token.word)
        elif kind in {"place", "time", "weather", "manner"}:
            getattr(self.out, kind + "s").append(name)
            self.drew(token.word)
            self.tie = self.colour = self.size = self.count = None
        elif kind == "relation":
            self.relation(token, following)
        elif kind == "verb":
            self.clause.verbs.append(name)
            if name in _ACTS:
                self.out.acted.append(token.word)
            self.tie = None
        elif kind == "unknown":
            if name not in lexicon().stray and len(self.out.unknown) >= 40:
                return
            if token.word not in self.out.unknown:
                self.out.unknown.append(token.word)
            self.count = self.colour = self.size = None
        elif name in {"the", "这只", "那只", "这个", "那个", "de"} and name != "de":
            self.definite = True

    def figure(self, token: Token, following: Token | None, ahead: list[Token]) -> None:
        kind = lexicon().figures[token.name]
        counted = self.count is not None
        if self.drawn >= MOST_FIGURES:
            return
        if counted and (self.count or 0) > MOST_ALIKE and self.number in self.out.drew:
            # Fewer are drawn, so the number is not among the words that were.
            self.out.drew.remove(self.number)
        mentions = [Mention(token.name, count, True, colour=c) for count, c in self.elided]
        count = self.count or (3 if token.plural else 1)
        mention = Mention(
            token.name,
            min(count, MOST_ALIKE, MOST_FIGURES - self.drawn),
            counted,
            self.definite,
            self.colour,
            self.size,
            self.side,
            clause=len(self.out.clauses),
        )
        mentions.append(mention)
        self.drawn += sum(m.count for m in mentions)
        self.drew(token.word)
        tie = self.tie
        subject = self.last
        self.count = self.colour = self.size = self.side = self.tie = None
        self.definite = False
        self.elided = []
        worn = tie in {"wear", "with", "hold"} or (tie == "in" and kind.wear in {"head", "neck"})
        if worn and (kind.wear or tie == "hold"):
            for_next = token.han and following is not None and following.name == "de"
            if for_next and any(t.kind == "figure" for t in ahead):
                self.waiting_wears.extend(mentions)
                return
            if subject is not None:
                subject.wears.extend(mentions)
                return
        elif tie in _TIES and subject is not None:
            for one in self.joined or [subject]:
                one.ties.append((tie, mention))
            self.subject = subject
        elif tie in _TIES:
            self.next_ties.append((tie, mention))
        mention.wears.extend(self.waiting_wears)
        self.waiting_wears = []
        if not (tie in _TIES and subject is None):
            mention.ties.extend(pair for pair in self.next_ties if pair[1] is not mention)
            self.next_ties = []
        self.mentions.extend(mentions)
        if tie in _TIES and subject is not None and not token.han:
            return
        self.joined = [*self.joined, *mentions] if self.join else mentions
        self.join = False
        self.subject, self.last = self.last, mention

    def relation(self, token: Token, following: Token | None) -> None:
        name = token.name
        if name == "and":
            self.join = True
            return
        if name in _SIDES:
            self.out.acted.append(token.word)
            self.tie = None
            if self.last is not None and not self.clause.verbs:
                self.last.side = name
            else:
                self.side = name
            return
        if not token.han or token.word in _BEFORE or name not in _TIES | {"in"}:
            self.tie = name
            return
        # Chinese says it behind the thing: 桌子上的猫, 猫在桌子上.
        anchor = self.last
        if anchor is None or name not in _TIES or self.before != "figure":
            return
        for_next = following is not None and (
            following.name in {"de", "有"} or following.word.startswith("有")
        )
        if for_next or self.subject is None:
            self.next_ties.append((name, anchor))
        elif all(tied is not anchor for _, tied in self.subject.ties):
            self.subject.ties.append((name, anchor))


def understand(prompt: str) -> Reading:
    """Read a prompt, in any mixture of Chinese and English.

    Example:
        >>> understand("three red balloons").mentions[0].count
        3
    """
    return _Reader().read(tokens(prompt))
