"""Interpret words: figures, counts, colours and ties, and the place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .attributes import EACH_OF, MOST_ALIKE, Attributes
from .audit import CONTENT
from .compounds import carries_text
from .lettering import can_write
from .lexicon import lexicon
from .nouns import has_part, one_person, recipients, resolve, stages
from .parse import tokens
from .reading import ONLY_ONE, Clause, Mention, Reading, Spot
from .ties import ARTICLES, STATED, Ties
from .traits import ELDERS, Traits
from .writing import Writing

if TYPE_CHECKING:
    from .words import Token

# The most figures in all.
MOST_FIGURES = 48
# Verbs that are visible without a thing beside them.
_ACTS = frozenset(["bigger", "smaller", "flip", "brighter", "darker", "blur"])
_NEGATIONS = frozenset(["remove", "without"])
_LONGEST_SPELT = 24
# These say what those named before do: ", sitting on a sofa". What is ", on a sofa" may be another.
_RESUMING = ("sitting", "standing", "riding", "leaning", "坐", "站", "骑", "乘")
_BACKGROUNDS = frozenset(["background", "backdrop", "背景"])
# Numbers in this range are years, not counts.
_LARGEST_COUNT = 999
_IT = frozenset({"it", "he", "she", "it's", "它", "他", "她"})
_THEY = frozenset({"they", "他们", "它们", "她们"})
# What a number of them divides a thing into.
_SHARES = frozenset({"parts", "sections", "pieces"})


class _Reader(Attributes, Traits, Writing, Ties):
    """Processes the words once, in order."""

    def read(self, words: list[Token]) -> Reading:
        words = recipients(one_person(resolve(stages(words))))
        for at, token in enumerate(words):
            if token.kind == "break":
                if token.name == "、":
                    self.join = True
                elif token.name not in ":：":
                    self.end_clause()
                continue
            self.clause.words.append(token)
            if token.kind in CONTENT and token.word.lower() not in ARTICLES:
                self.out.content.append(token)
            self.step(token, words[at + 1 : at + 5])
            self.title = self.title if token.kind == "unknown" else ""
            self.before = token
        self.end_clause()
        self.out.mentions = self.mentions
        self.set_apart()
        self.place_text()
        self.leave_pages()
        return self.out

    def step(self, token: Token, ahead: list[Token]) -> None:
        """Process one word."""
        kind, name = token.kind, token.name
        if any(t.name == "sum" for t in self.clause.words):
            # 一共五个水果 counts those that are there.
            self.out.dropped.append(token.word)
            return
        if self.doubt and kind != "figure":
            self.drop()
        self.doubt = False
        if name == "de" and token.han and not self.negated:
            # 没有云的蓝天和山: the mountain is there.
            self.negation = ""
        if kind == "figure":
            self.figure(token, ahead)
        elif kind in {"number", "colour", "size", "skin", "age", "mood"}:
            self.attribute(token, ahead)
        elif kind in {"text", "speech", "clock"}:
            self.literal(token)
        elif kind == "frame":
            self.out.frame = name
            self.out.match(token.word)
        elif kind == "garment":
            self.garment(token, ahead)
        elif kind == "posture":
            self.posture(token)
        elif kind == "grammar" and (name == "all" or token.word.lower() in _THEY):
            self.everybody(token)
        elif kind in {"place", "time", "weather", "style"}:
            self.surrounding(token, ahead)
        elif kind == "relation":
            self.relation(token, ahead)
        elif kind == "verb":
            self.verb(token, ahead)
        elif kind == "act":
            self.act(token)
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
            self.goes_on = self.goes_on or token.han
        elif kind == "grammar" and token.word.lower() in _IT:
            self.goes_on = True

    def attribute(self, token: Token, ahead: list[Token]) -> None:
        """Process a word that describes a thing."""
        kind = token.kind
        if kind == "number":
            self.numbered(token, ahead)
        elif kind == "colour":
            if self.negated:
                self.out.gone.append(token.name)
            elif not self.background(token, ahead):
                self.tinge(token)
        elif kind != "size":
            self.trait(token, ahead)
        elif not self.compared(token):
            self.size = token.name
            self.pending.append(token.word)

    def end_clause(self) -> None:
        if self.doubt:
            self.drop()
        self.share_out()
        self.settle()
        if self.text is not None:
            self.text_colour = self.colour or self.text_colour
            self.flush()
        self.strand()
        speaker = self.last
        self.earlier = [one for one in self.group if not one.absent] or self.earlier
        self.forget()
        if self.text is not None and self.text.kind == "clock":
            self.out.miss(self.text.word)
            self.text = None
        elif self.text is not None and speaker is not None:
            self.latest = speaker if carries_text(speaker.name) else None
        if self.clause.words:
            self.out.clauses.append(self.clause)
        self.clause = Clause()

    def act(self, token: Token) -> None:
        """Note that an action is not shown; but fish do swim."""
        if token.part:
            # A runner is a person, who does not run.
            self.out.miss(token.name)
            return
        swims = token.word.lower().startswith(("swim", "游"))
        if swims and self.last is not None and lexicon().figures[self.last.name].zone == "water":
            self.out.match(token.word)
        elif not self.negated:
            self.out.miss(token.word)

    def verb(self, token: Token, ahead: list[Token]) -> None:
        """Note a verb; a negation waits for what it denies."""
        if token.name == "fly":
            self.fly(token, ahead)
            return
        name = token.name
        if name == "without":
            self.clause.verbs.append("remove")
        self.clause.verbs.append(name)
        instead = name == "instead" and token.word.lower() not in {"instead", "代替", "替代"}
        if not (self.negated and name == "add"):
            # "don't draw a sun" denies the sun.
            self.negated = name in _NEGATIONS or instead
            self.negation = token.word if self.negated else ""
        if name in _ACTS:
            self.out.acted.append(token.word)
        if name in {"bigger", "smaller"} and ahead and ahead[0].word.lower() == "than":
            self.compare(token)
        self.tie = None

    def compare(self, token: Token) -> None:
        """Draw the last thing bigger or smaller than the next: "a mouse bigger than a cat"."""
        if self.last is None or self.negated:
            return
        self.out.acted.remove(token.word)
        self.rival = Spot(token.name, token.word, subject=self.last)
        self.out.spots.append(self.rival)

    def compared(self, token: Token) -> bool:
        """Read a size at the end of a comparison: 老鼠比猫大."""
        words = self.clause.words
        than = next((i for i, t in enumerate(words) if t.word == "比"), None)
        subject = self.mentions[-2] if len(self.mentions) > 1 else None
        if than is None or self.last is None or subject is None or words[-2].kind != "figure":
            return False
        kind = "bigger" if token.name == "big" else "smaller"
        self.out.spots.append(Spot(kind, f"比…{token.word}", self.last, subject=subject))
        self.out.match(token.word)
        return True

    def background(self, token: Token, ahead: list[Token]) -> bool:
        """Colour the background: "on a pink background", 蓝色的背景."""
        noun = next((t for t in ahead[:2] if t.name != "de"), None)
        if self.negated or noun is None or noun.word.lower() not in _BACKGROUNDS:
            return False
        self.out.ground = token.name
        self.out.places.append("plain")
        self.flush()
        self.out.match(token.word)
        self.tie = self.count = None
        return True

    def of_map(self, token: Token, ahead: list[Token]) -> bool:
        """Return whether a map is of this place: there is one map only, of the world."""
        after = self.last is not None and self.last.name == "map" and self.before is not None
        after = after and self.before is not None and self.before.name == "of"
        return token.kind == "place" and (after or any(t.name == "map" for t in ahead[:1]))

    def surrounding(self, token: Token, ahead: list[Token]) -> None:
        """Note a place, an hour, a weather or a style, unless it is denied."""
        if self.of_map(token, ahead):
            self.out.miss(token.word)
            return
        if self.negated:
            self.out.absent.append(token.word)
            self.out.gone.append(token.name)
        else:
            getattr(self.out, token.kind + "s").append(token.name)
        self.flush()
        self.out.match(token.word)
        if self.tie:
            self.met(token, None)
        if self.tie == "above" and token.kind == "place" and self.last is not None:
            # "a whale above the city" is in the air.
            self.last.aloft = True
        self.tie = self.colour = self.size = self.count = None
        self.denied()

    def numbered(self, token: Token, ahead: list[Token]) -> None:
        """Store a number for the thing that it counts."""
        value = int(token.name)
        measured = bool(ahead) and ahead[0].name == "de" and ahead[0].han
        if value > _LARGEST_COUNT or measured:
            # A year, or the five in 半径为5的圆.
            return
        if ahead and ahead[0].word.lower() in _SHARES:
            # A pie chart has the parts that it has.
            self.out.miss(f"{token.word} {ahead[0].word}")
            return
        if token.word.lower() == "both" and (self.group or self.earlier) and not _plural(ahead):
            self.everybody(token)
            self.out.match(token.word)
            return
        if self.colour and self.count:
            self.elided.append((self.count, self.colour))
            self.colour = None
        if self.count is not None and self.number in self.pending:
            # "Fig. 1: a cat": its count is 1 anyway.
            self.pending.remove(self.number)
        if value:
            self.count = value
        else:
            self.negated, self.negation = True, token.word
        self.number = token.word
        if value and token.word.lower() not in ARTICLES:
            self.pending.append(token.word)

    def stranger(self, token: Token) -> None:
        """Note an unknown word."""
        self.predicate()
        self.title = f"{self.negation} {token.word}" if self.negated else token.word
        if self.negated:
            # "without a zeppelin" is satisfied.
            self.denied()
            self.drop()
            return
        self.out.miss(token.word)
        # Its attributes are not drawn either: "a green roof" gives no green. But an attribute may
        # belong to the following thing: "a red sports car".
        self.doubt = not token.han
        if token.han:
            self.drop()

    def belonging(self, token: Token) -> None:
        """Process a part of a figure, which comes with it and cannot be removed or changed."""
        unlike = self.colour or self.size or (self.count or 1) > 2
        owner = self.last or self.latest
        if self.negated:
            self.out.miss(
                f"{self.negation} {token.word}" if not token.han else self.negation + token.word
            )
        elif unlike:
            self.out.miss(" ".join([*self.pending, token.word]) if not token.han else token.word)
        elif self.tie in STATED:
            # Nothing sits on a branch, or is at a door.
            lead = self.spot.word if self.spot is not None else ""
            self.out.miss(f"{lead} {token.word}".strip() if not token.han else token.word)
        elif owner is not None and has_part(owner.name, token.name):
            self.out.match(token.word)
        else:
            self.out.miss(token.word)
        self.denied()
        self.drop()
        self.tie = self.spot = None

    def figure(self, token: Token, ahead: list[Token]) -> None:
        """Process a thing, and decide by its neighbours where it belongs."""
        kind = lexicon().figures[token.name]
        if self.total >= MOST_FIGURES:
            return
        if (self.count or 0) > MOST_ALIKE and self.number in self.pending:
            # Fewer are drawn than requested, so the number is not a match.
            self.pending.remove(self.number)
        if self.twice(token) or self.lends(token, ahead):
            return
        self.person_colour(token)
        self.fit_traits(token)
        self.flush()
        tie, subject = self.tie, self.last
        if subject is None and tie in STATED and self.resumes():
            # "a cat and a dog, both sitting on a sofa"
            self.group = list(self.everyone or self.earlier)
            subject = self.last = self.group[-1]
        if self.outer and tie is None and self.count is None:
            self.count, self.outer = self.outer, None
        mentions = self.mention(token)
        mention = mentions[-1]
        self.latest = mention
        if self.rival is not None and self.rival.subject is not mention:
            self.rival.anchor, self.rival = mention, None
        self.out.match(token.word)
        self.take_text(mention)
        if mention.absent:
            self.mentions.extend(mentions)
            return
        if self.accessory(token, tie, mentions, ahead):
            return
        if subject is not None and self.filled(token, tie, subject):
            if token.han and not mention.exact and kind.size < 0.6:
                # 一篮子苹果: a basketful.
                mention.count = 3
            for one in mentions:
                one.ties.append(("in", subject))
            self.mentions.extend(mentions)
            return
        self.tie_to(token, tie, subject, mentions, ahead)

    def resumes(self) -> bool:
        """Return whether a clause goes on about the things of the one before it."""
        posture = self.verb_word.lower().startswith(_RESUMING)
        return bool(self.everyone or (posture and self.earlier))

    def lends(self, token: Token, ahead: list[Token]) -> bool:
        """Return whether a person is named only for what another wears: a witch's hat."""
        if self.last is None or self.tie not in {"wear", "with"} or len(ahead) < 2:
            return False
        of, thing = ahead[:2]
        worn = thing.kind == "figure" and lexicon().figures[thing.name].wear
        if of.word != "'s" or not worn:
            return False
        self.out.miss(token.word)
        return True

    def mention(self, token: Token) -> list[Mention]:
        """Create the mentions of a figure from the words that waited for it."""
        exact = self.count is not None
        mentions = [Mention(token.name, count, True, colour=c) for count, c in self.elided]
        several = token.plural or (token.han and token.word.endswith("们"))
        if several and self.count == 1:
            # "a plate of dumplings": it counts the plates.
            self.count, exact = None, False
        each = self.before is not None and self.before.word.lower() in EACH_OF
        each = each and token.name not in {m.name for m in self.mentions}
        apart = token.han and bool(self.palette) and not exact
        count = self.count or (len(self.palette) + 1 if apart else 3 if several or each else 1)
        shares = self.several_colours(count, several or apart or exact)
        mentions += [Mention(token.name, share, True, colour=c) for share, c in shares]
        count -= sum(share for share, _ in shares)
        if exact and count > MOST_FIGURES - self.total:
            self.out.retract(self.number)
        alike = self.definite or token.han or token.part or token.name in ONLY_ONE
        clause = len(self.out.clauses)
        thing = Mention(
            token.name,
            min(count, MOST_ALIKE, MOST_FIGURES - self.total),
            exact,
            self.definite,
            self.colour,
            self.size,
            self.side,
            aloft=self.aloft,
            again=alike and not exact and not token.plural,
            part=token.part,
            absent=self.negated,
            clause=clause,
            word=self.denial(token) if self.negated else token.word,
        )
        for key, value in self.traits.items():
            thing.traits[key] = value
            if key == "age" and value == "old" and thing.name in ELDERS:
                thing.name = ELDERS[thing.name]
        if token.detail:
            thing.traits["detail"] = token.detail
        mentions.append(thing)
        if self.negated:
            self.out.absent.append(token.word)
            self.denials.append(thing)
        self.born_with(thing)
        self.total += sum(m.count for m in mentions)
        self.count = self.colour = self.size = self.side = self.tie = None
        self.traits = {}
        self.definite = self.aloft = False
        self.elided = []
        self.denied()
        return mentions

    def denial(self, token: Token) -> str:
        """Return a word with its negation as in the prompt: "without cars", 没有车."""
        return f"{self.negation}{'' if token.han else ' '}{token.word}"

    def born_with(self, thing: Mention) -> None:
        """Report what cannot be removed: a snowman comes with its scarf.

        It is denied before its wearer, 没有围巾的雪人, or behind: "a snowman without a scarf".
        """
        wearer, denials = (self.last, [thing]) if thing.absent else (thing, self.denials)
        if wearer is not None:
            own = lexicon().figures[wearer.name].own
            for absent in denials:
                if absent.name in own:
                    self.out.miss(absent.word)

    def twice(self, token: Token) -> bool:
        """Return whether a word repeats the one before it: "coffee cup", "cup of tea" are one."""
        beside = self.before is not None and (
            self.before.kind == "figure" or self.before.name == "of"
        )
        # "the solar system with eight planets" is one.
        beside = beside or self.tie == "with"
        if self.last is None or self.last.name != token.name or not beside or self.elided:
            return False
        if token.plural and (not self.last.exact or self.last.count == 1):
            # "a penguin family" is several.
            self.last.count = 3
        self.out.match(token.word)
        return True

    def garment(self, token: Token, ahead: list[Token]) -> None:
        """Colour the clothes that a person is drawn in, or draw others: "a man in a dress"."""
        if self.negated:
            self.denied()
            return
        before = self.wearer_before("wear") if self.tie in {"wear", "in"} else None
        who = self.meant() or ([before] if before is not None else [])
        near = self.dresser()
        who = [near] if near is not None and who == [self.last] else who
        owners = lexicon().garments[token.name]
        coming = next((t for t in ahead if t.kind == "figure"), None) if token.han else None
        if who and all(_wears(one.name, owners) for one in who):
            self.pending.append(token.word)
            for one in who if self.colour else ():
                one.colour = self.colour
            self.colour = None
            self.flush()
        elif not who and coming is not None and _wears(coming.name, owners):
            # 穿红裙子的女孩
            self.pending.append(token.word)
        elif token.name in lexicon().figures and self.draws():
            self.figure(replace(token, kind="figure"), ahead)
            return
        elif self.colour is not None:
            self.pending.append(token.word)
        self.tie = self.count = None

    def draws(self) -> bool:
        """Return whether a clause draws new things: "the dress" and "her dress" are there."""
        pronoun = any(t.name == "pronoun" for t in self.clause.words)
        return not (self.definite or pronoun or set(self.clause.verbs) - {"add", "more"})


def _wears(name: str, owners: frozenset[str]) -> bool:
    """Return whether a figure is drawn in a garment, whose wearers are `owners`."""
    person = lexicon().figures[name].role == "person"
    return name in owners or (person and "person" in owners)


def _plural(ahead: list[Token]) -> bool:
    """Return whether a noun in the plural follows: "both black cats"."""
    noun = next((t for t in ahead if t.kind not in {"colour", "size", "age", "mood"}), None)
    return noun is not None and noun.plural


def spell(reading: Reading, prompt: str) -> None:
    """Write out a short prompt without known words, if it is quoted or like "STOP"."""
    text = prompt.strip()
    bare = text.strip("\"'“”‘’「」『』")
    if reading.matches or reading.mentions or not can_write(bare) or len(bare) > _LONGEST_SPELT:
        return
    if bare == text and (reading.unknown or reading.adrift or reading.acted):
        return
    card = Mention("card", word=text, traits={"text": bare})
    reading.mentions, reading.matches, reading.unknown = [card], [text], []


def understand(prompt: str) -> Reading:
    """Interpret a prompt, in any mixture of Chinese and English.

    Example:
        >>> understand("three red balloons").mentions[0].count
        3
    """
    return _Reader().read(tokens(prompt))
