"""From words to what is asked: figures, their counts, colours and ties, and the place."""

from __future__ import annotations

from dataclasses import replace

from .compounds import carries_text
from .figures import drawing
from .lettering import can_write
from .lexicon import HAN, lexicon
from .parse import tokens
from .reading import ONLY_ONE, Clause, Mention, Reading, Trait
from .words import Token

# How many of one thing, and of all things, are drawn.
MOST_ALIKE = 36
MOST_FIGURES = 48

# Words that come before what they tie to also in Chinese: 坐在椅子上, 骑着马.
_BEFORE = frozenset(["坐", "坐在", "站在", "骑着", "骑", "乘着", "坐着", "开着", "牵着"])
_TIES = frozenset(["on", "under", "beside", "behind", "front"])
# Verbs that are seen without a thing beside them.
_ACTS = frozenset(["bigger", "smaller", "flip", "brighter", "darker", "blur"])
_SIDES = frozenset(["left", "right", "up", "down"])
_NEGATIONS = frozenset(["remove", "without"])
_SKIN_COLOURS = {"black": "dark", "brown": "brown", "white": "fair"}
_ARTICLES = frozenset(["a", "an", "one", "一"])
_ELDERS = {"man": "grandpa", "person": "grandpa", "woman": "grandma"}
# Written on red paper.
_LUCKY = frozenset("福春喜吉")
# Things are in them.
_HOLDERS = frozenset({"hollow", "frame"})
# Who may be anybody else as well.
_ANYBODY = frozenset({"person", "child", "teacher", "worker", "man", "woman", "boy", "girl"})
_LONGEST_TITLE = 24
# Years count nothing.
_LARGEST_COUNT = 999
# What may stand between a mood and its noun, as in "a happy little red dog" or 开心的小狗.
_LEADING = frozenset({"colour", "size", "number", "age", "mood", "skin"})


def resolve(words: list[Token]) -> list[Token]:
    """Settle the words that mean two things by what follows them.

    "orange" before a thing is a colour ("an orange cat"), else the fruit; "light" before a colour
    and "bow" alone stay what they are.
    """
    settled: list[Token] = []
    for at, token in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        before = settled[-1].kind if settled else ""
        meaning = token
        if token.kind == "figure" and following is not None:
            colour = next((term for term in token.also if term.kind == "colour"), None)
            beside_noun = following.kind in {"figure", "size"} and not token.plural
            if colour and (beside_noun or before == "verb"):
                meaning = Token(token.word, "colour", colour.name, han=token.han)
            elif token.name == "lamp" and following.kind == "colour":
                meaning = Token(token.word, "ignored", token.word)
        settled.append(meaning)
    return settled


def _one_person(words: list[Token]) -> list[Token]:
    """Bring two words for one person together: 黑人女孩 is one girl, "robot teacher" one robot."""
    kept: list[Token] = []
    for token in words:
        before = kept[-1] if kept else None
        if token.kind == "figure" and before is not None and before.kind == "figure":
            if before.part and before.name == "person" and is_person(token.name):
                kept.pop()
            elif _same_person(before, token):
                if before.name in _ANYBODY:
                    # "a boy king" is a king, "a robot teacher" a robot.
                    kept[-1] = replace(token, word=f"{before.word} {token.word}")
                else:
                    kept[-1] = replace(
                        before, word=f"{before.word} {token.word}", plural=token.plural
                    )
                continue
        kept.append(token)
    return kept


def _same_person(before: Token, token: Token) -> bool:
    """Tell whether two English nouns side by side name one person: "robot teacher", "boy king"."""
    if before.han or before.part or token.part or before.plural or before.name == token.name:
        return False
    figures = lexicon().figures
    if figures[token.name].role != "person":
        return False
    return token.name in _ANYBODY or (
        before.name in _ANYBODY and figures[before.name].role == "person"
    )


def has_face(name: str) -> bool:
    """Tell whether a figure has eyes, so that a mood or a speech is its own."""
    return "eyes" in drawing(name).anchors


def is_person(name: str) -> bool:
    """Tell whether a figure is a person with a skin that is seen."""
    return lexicon().figures[name].role == "person" and name not in {"robot", "alien"}


class _Reader:
    """Walks over the words once, keeping what waits for its noun."""

    def __init__(self) -> None:
        self.out = Reading()
        self.mentions: list[Mention] = []
        self.clause = Clause()
        self.waiting_wears: list[Mention] = []
        # A text that waits for what carries it, and its colour.
        self.text: Token | None = None
        self.text_colour: str | None = None
        self.before: Token | None = None
        self.number = ""
        # A word that is not known, right before a sign that it may be on.
        self.title = ""
        self.total = 0
        self.forget()

    def forget(self) -> None:
        """Begin a clause: nothing waits for a noun."""
        self.count: int | None = None
        self.colour: str | None = None
        self.size: str | None = None
        self.traits: dict[Trait, str] = {}
        self.pending: list[str] = []
        self.doubt = False
        self.aloft = False
        self.predicative = False
        self.negation = ""
        self.negated = False
        self.tie: str | None = None
        self.side: str | None = None
        self.definite = False
        self.elided: list[tuple[int, str]] = []
        self.subject: Mention | None = None
        self.last: Mention | None = None
        # What was named last, also when it is worn or held.
        self.latest: Mention | None = None
        self.next_ties: list[tuple[str, Mention]] = []
        self.with_more: Mention | None = None
        self.joined: list[Mention] = []
        self.join = False

    def end_clause(self) -> None:
        if self.doubt:
            self.drop()
        self.share_out()
        if self.colour and self.last is not None and self.last.colour is None:
            self.last.colour = self.colour
        if self.traits:
            self.predicate()
            self.lost_traits()
        if self.text is not None:
            self.text_colour = self.colour or self.text_colour
        self.flush()
        speaker = self.last
        self.forget()
        if self.text is not None and self.text.kind == "clock":
            self.out.miss(self.text.word)
            self.text = None
        elif self.text is not None and speaker is not None:
            self.latest = speaker if carries_text(speaker.name) else None
        if self.clause.words:
            self.out.clauses.append(self.clause)
        self.clause = Clause()

    def share_out(self) -> None:
        """Colour some of what was named: "5 balloons: two red and three blue"."""
        if self.colour and self.count:
            self.elided.append((self.count, self.colour))
        last = self.last
        pairs = self.elided
        if len(pairs) < 2 or last is None or last not in self.mentions:
            return
        self.colour = None
        last.count, last.colour = pairs[0]
        at = self.mentions.index(last) + 1
        self.mentions[at:at] = [
            replace(last, count=count, colour=colour, wears=list(last.wears), ties=list(last.ties))
            for count, colour in pairs[1:]
        ]

    def flush(self) -> None:
        """Count the numbers and colours that waited for their noun among the matches."""
        for word in self.pending:
            self.out.match(word)
        self.pending = []

    def read(self, words: list[Token]) -> Reading:
        words = _one_person(resolve(words))
        for at, token in enumerate(words):
            if token.kind == "break":
                if token.name not in "、:：":
                    self.end_clause()
                continue
            self.clause.words.append(token)
            self.step(token, words[at + 1 : at + 5])
            self.title = self.title if token.kind == "unknown" else ""
            self.before = token
        self.end_clause()
        self.out.mentions = self.mentions
        self.place_text()
        self.leave_pages()
        return self.out

    def step(self, token: Token, ahead: list[Token]) -> None:
        """Take one word."""
        kind, name = token.kind, token.name
        if self.doubt and kind != "figure":
            self.drop()
        self.doubt = False
        if kind == "figure":
            self.figure(token, ahead)
        elif kind == "number":
            self.numbered(token, ahead)
        elif kind == "colour":
            if not self.negated:
                self.colour = name
                self.out.colours.append(name)
                self.pending.append(token.word)
        elif kind == "size":
            self.size = name
            self.pending.append(token.word)
        elif kind in {"skin", "age", "mood"}:
            self.trait(token, ahead)
        elif kind in {"text", "speech", "clock"}:
            self.literal(token, ahead)
        elif kind == "frame":
            self.out.frame = name
            self.out.match(token.word)
        elif kind == "garment":
            self.garment(token)
        elif kind in {"place", "time", "weather", "style"}:
            self.surrounding(token)
        elif kind == "relation":
            self.relation(token, ahead)
        elif kind == "verb":
            self.verb(token, ahead)
        elif kind == "label":
            if not ahead or ahead[0].kind != "text":
                self.out.miss(token.word)
        elif kind == "part":
            self.belonging(token)
        elif kind == "unknown":
            self.stranger(token)
        elif name in {"the", "这只", "那只", "这个", "那个"}:
            self.definite = True
        elif name in {"is", "are", "was", "是"}:
            self.predicative = True

    def verb(self, token: Token, ahead: list[Token]) -> None:
        """Note what is to be done; a negation waits for what it denies."""
        if token.name == "fly":
            self.fly(token, ahead)
            return
        name = token.name
        if name == "without":
            self.clause.verbs.append("remove")
        self.clause.verbs.append(name)
        instead = name == "instead" and token.word.lower() not in {"instead", "代替", "替代"}
        self.negated = name in _NEGATIONS or instead
        self.negation = token.word if self.negated else ""
        if name in _ACTS:
            self.out.acted.append(token.word)
        self.tie = None

    def surrounding(self, token: Token) -> None:
        """Note a place, an hour, a weather or a style, unless it is denied."""
        if self.negated:
            self.out.absent.append(token.word)
            self.out.gone.append(token.name)
        else:
            getattr(self.out, token.kind + "s").append(token.name)
        self.flush()
        self.out.match(token.word)
        self.tie = self.colour = self.size = self.count = None
        self.denied()

    def denied(self) -> None:
        """End a negation with the word it denies; "or" and 和 go on with it."""
        self.negated = False

    def numbered(self, token: Token, ahead: list[Token]) -> None:
        """Keep a number for the thing that it counts."""
        value = int(token.name)
        measured = bool(ahead) and ahead[0].name == "de" and ahead[0].han
        if value > _LARGEST_COUNT or measured:
            # A year, or the five in 半径为5的圆.
            return
        if self.colour and self.count:
            self.elided.append((self.count, self.colour))
            self.colour = None
        if self.count is not None and self.number in self.pending:
            # "Fig. 1: a cat" counts one cat by its own word.
            self.pending.remove(self.number)
        if value:
            self.count = value
        else:
            self.negated, self.negation = True, token.word
        self.number = token.word
        if value and token.word.lower() not in _ARTICLES:
            self.pending.append(token.word)

    def stranger(self, token: Token) -> None:
        """Note a word that is not known."""
        self.predicate()
        self.title = f"{self.negation} {token.word}" if self.negated else token.word
        if self.negated:
            # "without a zeppelin": there is none.
            self.denied()
            self.drop()
            return
        self.out.miss(token.word)
        # What is said of it is not drawn either: "a green roof" is no green. But a word may be of
        # the thing that follows at once: "a red sports car".
        self.doubt = not token.han
        if token.han:
            self.drop()

    def belonging(self, token: Token) -> None:
        """Take a part of a figure: it comes with it, and cannot be left away or changed."""
        unlike = self.colour or self.size or (self.count or 1) > 2
        if self.negated:
            self.out.miss(
                f"{self.negation} {token.word}" if not token.han else self.negation + token.word
            )
        elif unlike:
            self.out.miss(" ".join([*self.pending, token.word]) if not token.han else token.word)
        self.denied()
        self.drop()
        self.tie = None

    def drop(self) -> None:
        """Forget what waits for a noun."""
        self.pending = []
        self.count = self.colour = self.size = None
        self.lost_traits()

    def lost_traits(self) -> None:
        """Say that a mood, an age or a skin found nobody."""
        self.traits = {}

    def predicate(self) -> None:
        """Give what was named the colour and the mood that it is said to have: "the cat is black"."""
        if self.last is None:
            return
        if self.predicative and self.colour and self.last.colour is None:
            self.last.colour, self.colour = self.colour, None
            self.flush()
        self.predicative = False

    def trait(self, token: Token, ahead: list[Token]) -> None:
        """Keep a mood, an age or a skin for its noun, or give it to what was named before."""
        key: Trait = "mood" if token.kind == "mood" else "skin" if token.kind == "skin" else "age"
        if self.negated:
            self.out.miss(
                f"{self.negation} {token.word}" if not token.han else self.negation + token.word
            )
            self.denied()
            return
        rest = [t for t in ahead if t.kind not in _LEADING]
        if token.han and rest and rest[0].name == "de":
            rest = [t for t in rest[1:] if t.name != "measure"]
            leads = bool(rest) and rest[0].kind in {"figure", "unknown"}
        else:
            leads = (
                bool(rest)
                and rest[0].kind == "figure"
                and (key != "mood" or not token.han or self.last is None)
            )
        named = [m for m in self.mentions if self.suits(key, m)]
        if leads:
            self.traits[key] = token.name
            self.pending.append(token.word)
        elif self.count and self.last is None and named:
            self.one_of(named[-1], key, token)
        elif self.last is not None and self.suits(key, self.last):
            self.give(self.last, key, token.name, token.word)
        else:
            self.clause.traits[key] = token.name
            self.out.adrift.append(token.word)

    def one_of(self, many: Mention, key: Trait, token: Token) -> None:
        """Give a trait to some of what was named before: "two girls, one happy and one sad"."""
        count, self.count = self.count or 1, None
        self.out.match(token.word)
        if count >= many.count:
            self.give(many, key, token.name, token.word)
            return
        many.count -= count
        traits = many.traits | {key: token.name}
        other = replace(many, count=count, traits=traits, wears=list(many.wears))
        self.mentions.insert(self.mentions.index(many), other)

    @staticmethod
    def suits(key: Trait, mention: Mention) -> bool:
        """Tell whether a figure can show a mood, an age or a skin."""
        return has_face(mention.name) if key == "mood" else is_person(mention.name)

    def give(self, mention: Mention, key: Trait, value: str, word: str) -> None:
        """Give a trait to a figure that suits it."""
        mention.traits[key] = value
        if key == "age" and value == "old" and mention.name in _ELDERS:
            mention.name = _ELDERS[mention.name]
        self.out.match(word)

    def literal(self, token: Token, ahead: list[Token]) -> None:
        """Take a text, what somebody says, or a time."""
        if self.negated:
            self.denied()
            return
        if token.kind == "clock":
            clock = self.latest if self.latest is not None and self.latest.name == "clock" else None
            if clock is not None:
                clock.traits["detail"] = token.name
                self.out.match(token.word)
            else:
                self.text = token
            return
        if not can_write(token.name):
            self.out.miss(token.word)
            return
        carrier = self.latest
        if carrier is not None and carries_text(carrier.name) and "text" not in carrier.traits:
            carrier.traits["text"] = token.name
            self.out.match(token.word)
        elif token.kind == "speech" and self.last is not None and has_face(self.last.name):
            self.last.speech = token.name
            self.out.match(token.word)
        else:
            self.lost_text()
            self.text, self.text_colour = token, self.colour

    def lost_text(self) -> None:
        """Give up a text that waits when another comes."""
        if self.text is not None:
            self.place_text()

    def place_text(self) -> None:
        """Write a text that found nothing to be on: on what can carry it, else on paper of its own."""
        token, self.text = self.text, None
        if token is None:
            return
        self.out.match(token.word)
        everything = [m for one in self.mentions for m in (one, *one.wears)]
        for mention in everything:
            if carries_text(mention.name) and "text" not in mention.traits and not mention.absent:
                mention.traits["text"] = token.name
                return
        if token.name in _LUCKY:
            name = "fu"
        elif "classroom" in self.out.places:
            name = "blackboard"
        elif self.mentions:
            name = "banner" if len(token.name) > 2 else "card"
        else:
            name = "card" if len(token.name) <= 8 else "poster"
        self.mentions.append(
            Mention(
                name, word=token.word, colour=self.text_colour, clause=len(self.out.clauses) - 1
            )
        )
        self.mentions[-1].traits["text"] = token.name

    def leave_pages(self) -> None:
        """Leave out a poster without a text where it is a poster of something: it is the picture."""
        roles = {m.name: lexicon().figures[m.name].role for m in self.mentions}
        others = any(roles[m.name] != "page" for m in self.mentions) or bool(self.out.places)
        pages = [m for m in self.mentions if roles[m.name] == "page" and "text" not in m.traits]
        title = " ".join(word for word in self.out.unknown if not HAN.search(word))
        if pages and not others and can_write(title) and len(title) <= _LONGEST_TITLE:
            # "a save water poster": what is not known can at least be written.
            pages[0].traits["text"] = title.upper()
            for word in [w for w in self.out.unknown if not HAN.search(w)]:
                self.out.unknown.remove(word)
                self.out.match(word)
        for mention in list(self.mentions):
            if roles[mention.name] == "page" and "text" not in mention.traits and others:
                self.mentions.remove(mention)
                for one in self.mentions:
                    one.ties = [pair for pair in one.ties if pair[1] is not mention]

    def figure(self, token: Token, ahead: list[Token]) -> None:
        """Take a thing, and decide by what stands around it where it belongs."""
        kind = lexicon().figures[token.name]
        if self.total >= MOST_FIGURES:
            return
        if (self.count or 0) > MOST_ALIKE and self.number in self.pending:
            # Fewer are drawn, so the number is not among the words that were.
            self.pending.remove(self.number)
        if self.twice(token):
            return
        self.person_colour(token)
        self.fit_traits(token)
        self.flush()
        tie, subject = self.tie, self.last
        mentions = self.mention(token)
        mention = mentions[-1]
        self.latest = mention
        self.out.match(token.word)
        self.take_text(mention)
        if mention.absent:
            self.mentions.extend(mentions)
            return
        if self.accessory(token, tie, mentions, ahead):
            return
        if subject is not None and self.filled(token, tie, subject):
            if token.han and not mention.counted and kind.size < 0.6:
                # 一篮子苹果: a basketful.
                mention.count = 3
            for one in mentions:
                one.ties.append(("in", subject))
            self.mentions.extend(mentions)
            return
        self.tied(token, tie, subject, mentions)

    def tied(
        self, token: Token, tie: str | None, subject: Mention | None, mentions: list[Mention]
    ) -> None:
        """Tie a thing to what was named before it, and make it what comes next may be tied to."""
        kind = lexicon().figures[token.name]
        mention = mentions[-1]
        if tie == "in" and kind.role in {"deck", "mount"}:
            # In a boat, in a wheelchair.
            tie = "on"
        if tie in _TIES | {"in"} and (tie != "in" or kind.role in _HOLDERS) and subject is not None:
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

    def person_colour(self, token: Token) -> None:
        """Read "a black man" as a skin, and "a black suit" as clothes."""
        if self.colour in _SKIN_COLOURS and is_person(token.name) and not token.han:
            before = self.before
            if before is not None and before.kind == "colour":
                self.traits["skin"] = _SKIN_COLOURS[self.colour]
                self.colour = None

    def fit_traits(self, token: Token) -> None:
        """Leave out a mood, an age or a skin that the figure cannot show, and say so."""
        probe = Mention(token.name)
        for key in list(self.traits):
            if self.suits(key, probe):
                continue
            value = self.traits.pop(key)
            words = [w for w in self.pending if self.means(w, value)]
            for word in words:
                self.pending.remove(word)
                self.out.miss(word)

    @staticmethod
    def means(word: str, value: str) -> bool:
        """Tell whether a word is one for a trait's value."""
        words = lexicon()
        terms = words.han.get(word) or words.latin.get(word.lower()) or ()
        return any(t.name == value and t.kind in {"skin", "age", "mood"} for t in terms)

    def take_text(self, mention: Mention) -> None:
        """Give a text that was read before its carrier to it: 写着“春”字的红纸, "STOP" sign."""
        paper = lexicon().figures[mention.name].role in {"paper", "page"}
        if self.title and self.text is None and paper and can_write(self.title):
            # "an exit sign", "a no smoking sign".
            mention.traits["text"] = self.title.upper()
            self.out.match(self.title)
            for word in [w for w in self.out.unknown if w in self.title]:
                self.out.unknown.remove(word)
            return
        if self.text is None:
            return
        if self.text.kind == "clock":
            fits, key = mention.name == "clock", "detail"
        else:
            fits, key = carries_text(mention.name), "text"
        if fits:
            mention.traits["detail" if key == "detail" else "text"] = self.text.name
            self.out.match(self.text.word)
            self.text = None

    def mention(self, token: Token) -> list[Mention]:
        """Make the mentions of a figure from what waited for it."""
        counted = self.count is not None
        mentions = [Mention(token.name, count, True, colour=c) for count, c in self.elided]
        several = token.plural or (token.han and token.word.endswith("们"))
        count = self.count or (3 if several else 1)
        alike = self.definite or token.han or token.part or token.name in ONLY_ONE
        clause = len(self.out.clauses)
        made = Mention(
            token.name,
            min(count, MOST_ALIKE, MOST_FIGURES - self.total),
            counted,
            self.definite,
            self.colour,
            self.size,
            self.side,
            aloft=self.aloft,
            again=alike and not counted and not token.plural,
            absent=self.negated,
            clause=clause,
            word=token.word,
        )
        for key, value in self.traits.items():
            made.traits[key] = value
            if key == "age" and value == "old" and made.name in _ELDERS:
                made.name = _ELDERS[made.name]
        if token.detail:
            made.traits["detail"] = token.detail
        mentions.append(made)
        if self.negated:
            self.out.absent.append(token.word)
            self.born_with(made)
        self.total += sum(m.count for m in mentions)
        self.count = self.colour = self.size = self.side = self.tie = None
        self.traits = {}
        self.definite = self.aloft = False
        self.elided = []
        self.denied()
        return mentions

    def born_with(self, absent: Mention) -> None:
        """Say what cannot be left away: a snowman comes with its scarf."""
        wearer = self.last
        if wearer is not None and absent.name in lexicon().figures[wearer.name].own:
            self.out.miss(f"{self.negation} {absent.word}")
            self.out.absent.append(absent.word)

    def accessory(
        self, token: Token, tie: str | None, mentions: list[Mention], ahead: list[Token]
    ) -> bool:
        """Give what is worn or held to its wearer; tell whether it was."""
        kind = lexicon().figures[token.name]
        wearer = self.last
        fits = tie in {"wear", "with", "hold"} or (
            tie == "in" and kind.wear in {"head", "neck", "body"}
        )
        if tie == "under" and kind.wear == "hand" and wearer is not None and kind.role != "paper":
            # Who is under an umbrella holds it.
            fits = token.name != "flag"
        if tie is None and self.join and kind.wear and (self.with_more or self.waiting_wears):
            # "a scarf and a hat": the second is worn like the first.
            fits, wearer = True, self.with_more
        self.with_more = None
        if not (fits and (kind.wear or (tie == "hold" and kind.size < 0.7))):
            self.with_more = wearer if tie == "with" else None
            return False
        names = [t.name for t in ahead]
        for_next = token.han and ("de" in names if wearer is None else names[:1] == ["de"])
        if for_next and any(t.kind == "figure" for t in ahead[1:]):
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
        of = self.before is not None and self.before.name == "of"
        of = of or any(t.name == "of" for t in self.clause.words[-3:-1])
        beside = self.before is not None and self.before.kind == "figure"
        hollow = lexicon().figures[subject.name].role == "hollow"
        return (of and hollow) or tie == "with" or (token.han and beside and hollow)

    def twice(self, token: Token) -> bool:
        """Tell whether a word repeats the one before it: "coffee cup" is one thing."""
        beside = self.before is not None and self.before.kind == "figure"
        if self.last is None or self.last.name != token.name or not beside or self.elided:
            return False
        if token.plural and not self.last.counted:
            self.last.count = 3
        self.out.match(token.word)
        return True

    def fly(self, token: Token, ahead: list[Token]) -> None:
        """Lift what flies off the ground: what was named, else what is named next."""
        who = self.last
        noun = next((t for t in ahead if t.kind not in {"number", "colour", "size"}), None)
        if who is not None and noun is not None and noun.kind == "figure" and not token.han:
            # Who is flying a kite stands on the ground.
            self.out.match(token.word)
            return
        if token.han and self.subject is not None and self.last is not None:
            # 龙在城堡上空飞翔: the dragon does.
            who = self.subject
        if who is None:
            self.aloft = True
        else:
            who.aloft = True
            who.ties = [pair for pair in who.ties if pair[0] not in {"on", "in"}]
        self.out.match(token.word)

    def garment(self, token: Token) -> None:
        """Give a person's clothes the colour that they are said to have."""
        if self.negated:
            self.denied()
            return
        if self.colour is None:
            return
        self.pending.append(token.word)
        who = self.last
        if who is not None and lexicon().figures[who.name].role == "person":
            who.colour, self.colour = self.colour, None
            self.flush()
        self.tie = self.count = None

    def relation(self, token: Token, ahead: list[Token]) -> None:
        """Keep how the next thing is tied to the last; Chinese says it behind the thing."""
        name = token.name
        if name == "and":
            self.predicate()
            self.join = True
            self.go_on_denying(token, ahead)
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
        # 桌子上的猫, 猫在桌子上.
        anchor = self.last
        inside = (
            name == "in" and anchor is not None and lexicon().figures[anchor.name].role in _HOLDERS
        )
        beside = self.before is not None and self.before.kind == "figure"
        if anchor is None or not (name in _TIES or inside) or not beside:
            return
        following = ahead[0] if ahead else None
        for_next = following is not None and (
            following.name in {"de", "有"} or following.word.startswith("有")
        )
        if for_next or self.subject is None:
            self.next_ties.append((name, anchor))
        elif all(other is not anchor for _, other in self.subject.ties):
            self.subject.ties.append((name, anchor))

    def go_on_denying(self, token: Token, ahead: list[Token]) -> None:
        """Deny also what follows "or" and 和 and, without an article, "and"."""
        if not self.negation or not ahead:
            return
        bare = ahead[0].word.lower() not in _ARTICLES | {"the"}
        if (
            token.word.lower() in {"or", "nor", "或", "或者"}
            or token.han
            or (bare and ahead[0].kind in {"figure", "part", "unknown", "weather"})
        ):
            self.negated = True


def understand(prompt: str) -> Reading:
    """Read a prompt, in any mixture of Chinese and English.

    Example:
        >>> understand("three red balloons").mentions[0].count
        3
    """
    return _Reader().read(tokens(prompt))
