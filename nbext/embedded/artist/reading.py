"""From words to what is asked: figures, their counts, colours and ties, and the place."""

from __future__ import annotations

from dataclasses import dataclass, field

from .lexicon import lexicon
from .parse import Token, tokens

# How many of one thing, and of all things, are drawn.
MOST_ALIKE = 36
MOST_FIGURES = 48

# Words that come before what they tie to also in Chinese: 坐在椅子上, 骑着马.
_BEFORE = frozenset(["坐在", "站在", "骑着", "骑", "乘着", "坐着", "开着", "牵着"])
_TIES = frozenset(["on", "under", "beside", "behind", "front"])
# Verbs that are seen without a thing beside them.
_ACTS = frozenset(["bigger", "smaller", "flip", "brighter", "darker", "blur"])
_SIDES = frozenset(["left", "right", "up", "down"])
# There is one of each, however often a poem speaks of it.
ONLY_ONE = frozenset(["sun", "moon", "earth", "rainbow"])


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
    aloft: bool = False
    again: bool = False
    absent: bool = False
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
    styles: list[str] = field(default_factory=list)
    colours: list[str] = field(default_factory=list)
    frame: str | None = None
    clauses: list[Clause] = field(default_factory=list)
    drew: list[str] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


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
        self.before_of = False
        self.number = ""
        self.drawn = 0

    def forget(self) -> None:
        self.count: int | None = None
        self.colour: str | None = None
        self.size: str | None = None
        self.said: list[str] = []
        self.doubt = False
        self.aloft = False
        self.told = False
        self.absent = False
        self.tie: str | None = None
        self.side: str | None = None
        self.definite = False
        self.elided: list[tuple[int, str]] = []
        self.subject: Mention | None = None
        self.last: Mention | None = None
        self.next_ties: list[tuple[str, Mention]] = []
        self.with_more: Mention | None = None
        self.joined: list[Mention] = []
        self.join = False

    def end_clause(self) -> None:
        if self.doubt:
            self.drop()
        if self.colour and self.last is not None and self.last.colour is None:
            self.last.colour = self.colour
        self.say()
        self.forget()
        if self.clause.words:
            self.out.clauses.append(self.clause)
        self.clause = Clause()

    def drew(self, word: str) -> None:
        if word not in self.out.drew:
            self.out.drew.append(word)

    def say(self) -> None:
        """Count the numbers and colours that waited for their noun among what was drawn."""
        for word in self.said:
            self.drew(word)
        self.said = []

    def read(self, words: list[Token]) -> Reading:
        words = resolve(words)
        for at, token in enumerate(words):
            if token.kind == "break":
                if token.name != "、":
                    self.end_clause()
                continue
            self.clause.words.append(token)
            following = words[at + 1] if at + 1 < len(words) else None
            self.before_of = at > 0 and words[at - 1].name == "of"
            self.step(token, following, words[at + 2 : at + 5])
            self.before = token.kind
        self.end_clause()
        self.out.mentions = self.mentions
        return self.out

    def step(self, token: Token, following: Token | None, ahead: list[Token]) -> None:
        kind, name = token.kind, token.name
        if self.doubt and kind != "figure":
            self.drop()
        self.doubt = False
        if kind == "figure":
            self.figure(token, following, ahead)
        elif kind == "number":
            self.numbered(token)
        elif kind == "colour":
            self.colour = name
            self.out.colours.append(name)
            self.said.append(token.word)
        elif kind == "size":
            self.size = name
            self.said.append(token.word)
        elif kind == "frame":
            self.out.frame = name
            self.drew(token.word)
        elif kind == "garment":
            self.garment(token)
        elif kind in {"place", "time", "weather", "style"}:
            getattr(self.out, kind + "s").append(name)
            self.say()
            self.drew(token.word)
            self.tie = self.colour = self.size = self.count = None
        elif kind == "relation":
            self.relation(token, following)
        elif kind == "verb":
            if name == "fly":
                self.fly(token, [following, *ahead])
                return
            self.clause.verbs.append(name)
            self.absent = name == "remove"
            if name in _ACTS:
                self.out.acted.append(token.word)
            self.tie = None
        elif kind == "unknown":
            self.stranger(token)
        elif name in {"the", "这只", "那只", "这个", "那个"}:
            self.definite = True
        elif name in {"is", "are", "was", "是"}:
            self.told = True

    def numbered(self, token: Token) -> None:
        """Keep a number for the thing that it counts."""
        value = int(token.name)
        if self.colour and self.count:
            self.elided.append((self.count, self.colour))
            self.colour = None
        if self.count is not None and self.number in self.said:
            # "Fig. 1: a cat" counts one cat by its own word.
            self.said.remove(self.number)
        if value:
            self.count = value
        self.number = token.word
        if token.word.lower() not in {"a", "an", "一"}:
            self.said.append(token.word)

    def stranger(self, token: Token) -> None:
        """Note a word that is not known."""
        self.predicate()
        if token.name not in lexicon().stray and len(self.out.unknown) >= 40:
            return
        if token.word not in self.out.unknown:
            self.out.unknown.append(token.word)
        # What was said of it is not drawn either: "a green roof" is no green. But a word may be
        # of the thing that follows at once: "a red sports car".
        self.doubt = not token.han
        if token.han:
            self.drop()

    def drop(self) -> None:
        """Forget what was said of a word that is not known."""
        self.said = []
        self.count = self.colour = self.size = None

    def predicate(self) -> None:
        """Give what was named the colour it is said to have: "the cat is black and …"."""
        if self.told and self.colour and self.last is not None and self.last.colour is None:
            self.last.colour, self.colour = self.colour, None
            self.say()
        self.told = False

    def figure(self, token: Token, following: Token | None, ahead: list[Token]) -> None:
        kind = lexicon().figures[token.name]
        if self.drawn >= MOST_FIGURES:
            return
        if (self.count or 0) > MOST_ALIKE and self.number in self.said:
            # Fewer are drawn, so the number is not among the words that were.
            self.said.remove(self.number)
        self.say()
        if self.twice(token):
            return
        tie, subject = self.tie, self.last
        mentions = self.made(token)
        mention = mentions[-1]
        self.drew(token.word)
        if self.worn(token, tie, mentions, [following, *ahead]):
            return
        if subject is not None and self.filled(token, tie, subject):
            if token.han and not mention.counted and kind.size < 0.6:
                # 一篮子苹果: a basketful.
                mention.count = 3
            for one in mentions:
                one.ties.append(("in", subject))
            self.mentions.extend(mentions)
            return
        if tie == "in" and kind.role == "deck":
            tie = "on"
        if tie in _TIES | {"in"} and (tie != "in" or kind.role == "hollow") and subject is not None:
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

    def made(self, token: Token) -> list[Mention]:
        """Make the mentions of a figure from what waited for it."""
        counted = self.count is not None
        mentions = [Mention(token.name, count, True, colour=c) for count, c in self.elided]
        count = self.count or (3 if token.plural else 1)
        alike = self.definite or token.han or token.part or token.name in ONLY_ONE
        mentions.append(
            Mention(
                token.name,
                min(count, MOST_ALIKE, MOST_FIGURES - self.drawn),
                counted,
                self.definite,
                self.colour,
                self.size,
                self.side,
                aloft=self.aloft,
                again=alike and not counted and not token.plural,
                absent=self.absent,
                clause=len(self.out.clauses),
            )
        )
        if self.absent:
            self.out.absent.append(token.word)
        self.drawn += sum(m.count for m in mentions)
        self.count = self.colour = self.size = self.side = self.tie = None
        self.definite = self.aloft = self.absent = False
        self.elided = []
        return mentions

    def worn(
        self, token: Token, tie: str | None, mentions: list[Mention], ahead: list[Token | None]
    ) -> bool:
        """Give what is worn or held to its wearer; tell whether it was."""
        kind = lexicon().figures[token.name]
        wearer = self.last
        worn = tie in {"wear", "with", "hold"} or (tie == "in" and kind.wear in {"head", "neck"})
        if tie == "under" and kind.wear == "hand" and wearer is not None:
            # Who is under an umbrella holds it.
            worn = True
        if tie is None and self.join and kind.wear and (self.with_more or self.waiting_wears):
            # "a scarf and a hat": the second is worn like the first.
            worn, wearer = True, self.with_more
        self.with_more = None
        if not (worn and (kind.wear or tie == "hold")):
            self.with_more = wearer if tie == "with" else None
            return False
        names = [t.name for t in ahead if t is not None]
        for_next = token.han and ("de" in names if wearer is None else names[:1] == ["de"])
        if for_next and any(t is not None and t.kind == "figure" for t in ahead[1:]):
            self.waiting_wears.extend(mentions)
        elif wearer is not None:
            wearer.wears.extend(mentions)
            self.with_more = wearer
        else:
            return False
        return True

    def filled(self, token: Token, tie: str | None, subject: Mention) -> bool:
        """Tell whether a thing is in the one named before it: "a vase of roses", 一篮子苹果."""
        if lexicon().figures[subject.name].role not in {"hollow", "deck"}:
            return False
        return self.before_of or tie == "with" or (token.han and self.before == "figure")

    def twice(self, token: Token) -> bool:
        """Tell whether a word repeats the one before it: "coffee cup" is one thing."""
        if self.last is None or self.last.name != token.name or self.before != "figure":
            return False
        if self.elided:
            return False
        if token.plural and not self.last.counted:
            self.last.count = 3
        self.drew(token.word)
        return True

    def fly(self, token: Token, ahead: list[Token | None]) -> None:
        """Lift what flies off the ground: what was named, else what is named next."""
        who = self.last
        noun = next((t for t in ahead if t and t.kind not in {"number", "colour", "size"}), None)
        if who is not None and noun is not None and noun.kind == "figure" and not token.han:
            # Who is flying a kite stands on the ground.
            self.drew(token.word)
            return
        if token.han and self.subject is not None and self.last is not None:
            # 龙在城堡上空飞翔: the dragon does.
            who = self.subject
        if who is None:
            self.aloft = True
        else:
            who.aloft = True
            who.ties = [pair for pair in who.ties if pair[0] not in {"on", "in"}]
        self.drew(token.word)

    def garment(self, token: Token) -> None:
        """Give a person's clothes the colour that was said of them."""
        if self.colour is None:
            return
        self.said.append(token.word)
        who = self.last
        if who is not None and lexicon().figures[who.name].role == "person":
            who.colour, self.colour = self.colour, None
            self.say()
        self.tie = self.count = None

    def relation(self, token: Token, following: Token | None) -> None:
        name = token.name
        if name == "and":
            self.predicate()
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
        inside = (
            name == "in" and anchor is not None and lexicon().figures[anchor.name].role == "hollow"
        )
        if anchor is None or not (name in _TIES or inside) or self.before != "figure":
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
