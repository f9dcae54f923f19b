"""Ties between things: on, in, under, beside, with, wearing, holding; in both word orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .figures import drawing
from .items import MOST_HELD
from .lexicon import lexicon
from .nouns import has_face
from .pending import Pending
from .reading import Spot

if TYPE_CHECKING:
    from .reading import Mention
    from .words import Token

# Words that precede the noun they tie to, also in Chinese: 坐在椅子上, 骑着马.
_LEADING = frozenset(["坐", "坐在", "站在", "骑着", "骑", "乘着", "坐着", "开着", "牵着"])
_POSTURES = frozenset(["坐着", "坐"])
_TIES = frozenset(["on", "under", "beside", "behind", "front", "above"])
STATED = _TIES | {"in", "left", "right", "up", "down", "between"}
_SIDES = frozenset(["left", "right", "up", "down"])
_OPPOSITE = {"left": "right", "right": "left"}
_OBJECTS = frozenset(
    {"figure", "number", "colour", "size", "unknown", "part", "text", "age", "mood", "means"}
)
_ASIDE = frozenset({"beside", "behind", "front"})
# Things that others fit under.
_LEGGED = frozenset({"chair", "bed", "sofa", "umbrella", "microscope", "telescope", "bell"})
# What is done beside a thing: a piano, a chessboard.
_BESIDE = frozenset(["", "playing", "弹着", "弹", "敲着", "敲", "看着", "打着", "打"])
# Containers.
_HOLDERS = frozenset({"hollow", "frame"})
ARTICLES = frozenset(["a", "an", "one", "一"])


class Ties(Pending):
    """Determines how things are tied to each other."""

    def relation(self, token: Token, ahead: list[Token]) -> None:
        """Store how the next thing is tied to the last; in Chinese the tie follows the thing."""
        name = token.name
        if name == "and":
            self.predicate()
            self.join = True
            self.go_on_denying(token, ahead)
            return
        self.verb_word = token.word
        if token.han and name in {"wear", "hold"} and self.last is None and self.count:
            # 两个戴帽子的男孩: two boys.
            self.outer, self.count = self.count, None
        if name == "hold" and not _takes_object(ahead):
            # "a girl reading": there is nothing to read.
            self.out.miss(token.word)
        self.state(token)
        if name == "between":
            self.between(token)
        elif name in _SIDES:
            self.aside(token, ahead)
        elif token.word in _POSTURES and self.next_ties:
            # 树下坐着一个老人: his position was already stated.
            return
        elif token.word in _POSTURES and (ahead[:1] == [] or ahead[0].name == "de"):
            # 坐着的女孩
            self.out.poses.append((token.word, "sit", self.last))
            self.spot = None
        elif not token.han or token.word in _LEADING or name not in _TIES | {"in"}:
            self.tie = name
        elif name == "above" and self.before is not None and self.before.kind == "place":
            # 鲸鱼在城市上空; 城市上空的鲸鱼.
            follows = bool(ahead) and ahead[0].name in {"de", "有"}
            if self.last is None or follows:
                self.aloft = True
            else:
                self.last.aloft = True
        else:
            self.tie_back(name, ahead)

    def between(self, token: Token) -> None:
        """Put the last thing between the next two; in Chinese, the next between the last two."""
        if self.last is None:
            self.out.miss(token.word)
        elif token.han:
            # 两棵树之间有一座房子
            self.group[0].side, self.side, self.tie = "apart", "middle", None
        else:
            self.last.side, self.side, self.tie = "middle", "apart", None

    def aside(self, token: Token, ahead: list[Token]) -> None:
        """Put the last thing, or the next, on a side of the picture or of another thing."""
        self.out.acted.append(token.word)
        if token.name in _OPPOSITE and self.side_of(token, ahead):
            return
        self.tie = None
        if self.last is not None and not self.clause.verbs:
            self.last.side = token.name
        else:
            self.side = token.name

    def tie_back(self, name: str, ahead: list[Token]) -> None:
        """Tie to the thing before a Chinese word of place: 桌子上的猫, 猫在桌子上."""
        anchor = self.last
        beside = self.before is not None and self.before.kind == "figure"
        if anchor is None or not beside:
            return
        if name == "in" and lexicon().figures[anchor.name].role not in _HOLDERS:
            return
        if self.spot is not None:
            self.spot.anchor = anchor
        if name != "on":
            self.stand(anchor)
        following = ahead[0] if ahead else None
        for_next = following is not None and (
            following.name in {"de", "有"} or following.word.startswith("有")
        )
        if for_next or self.subject is None:
            self.next_ties.append((name, anchor))
            return
        # 咖啡和蛋糕在桌子上: both are.
        for one in self.former if self.subject in self.former else [self.subject]:
            if one is not anchor and all(other is not anchor for _, other in one.ties):
                one.ties.append((name, anchor))

    def stand(self, anchor: Mention) -> None:
        """Take back that somebody stands on a thing: 站在黑板前 is in front of it."""
        if self.subject is not None:
            self.subject.ties = [
                (tie, other)
                for tie, other in self.subject.ties
                if tie != "on" or other is not anchor
            ]
        for spot in self.out.spots:
            if spot.anchor is anchor and spot.kind == "on":
                spot.shown = True

    def state(self, token: Token) -> None:
        """Note a stated position, which the picture must show."""
        self.spot = None
        if token.name not in STATED:
            return
        spot = Spot(token.name, token.word)
        if _leads(token):
            self.spot = spot
            return
        # In Chinese the tie follows its thing; what is in a place is around it anyway.
        beside = self.before is not None and self.before.kind == "figure"
        if token.han and beside and self.before is not None and token.name not in _SIDES:
            spot.word = self.before.word + token.word
        if beside or token.name in _SIDES | {"between"}:
            self.spot = spot
            self.out.spots.append(spot)

    def met(self, token: Token, anchor: Mention | None) -> None:
        """Note what a position refers to, or with None that it is shown already."""
        spot, self.spot = self.spot, None
        if spot is None:
            return
        if spot in self.out.spots:
            spot.shown = spot.shown or anchor is None
            return
        spot.word += token.word if token.han else f" {token.word}"
        spot.anchor, spot.shown = anchor, anchor is None
        self.out.spots.append(spot)

    def set_apart(self) -> None:
        """Put the two that something is between on its left and right."""
        for at, one in enumerate(self.mentions):
            if one.side == "apart" and one.count == 1:
                other = next((m for m in self.mentions[at + 1 :] if m.side is None), None)
                one.side = "left"
                if other is not None:
                    other.side = "right"

    def side_of(self, token: Token, ahead: list[Token]) -> bool:
        """Place two things on both sides: "a square to the left of a circle", 猫在狗的左边."""
        name, other = token.name, _OPPOSITE[token.name]
        if not token.han:
            if self.last is None or not ahead or ahead[0].name != "of":
                return False
            self.last.side, self.side, self.tie = name, other, None
            return True
        beside = self.before is not None and (
            self.before.kind == "figure" or self.before.name == "de"
        )
        if self.last is None or not beside or self.clause.verbs:
            return False
        self.tie = None
        if ahead and (
            ahead[0].name in {"de", "有", "是"} or ahead[0].word.startswith(("有", "是"))
        ):
            self.last.side, self.side = other, name
            return True
        subject = next((m for m in reversed(self.mentions) if m is not self.last), None)
        if subject is None or subject.clause != self.last.clause:
            return False
        subject.side, self.last.side = name, other
        return True

    def go_on_denying(self, token: Token, ahead: list[Token]) -> None:
        """Continue a negation after "or" and 和 and, without an article, "and"."""
        if not self.negation or not ahead:
            return
        bare = ahead[0].word.lower() not in ARTICLES | {"the"} and ahead[0].kind != "number"
        if (
            token.word.lower() in {"or", "nor", "或", "或者"}
            or (token.han and bare)
            or (bare and ahead[0].kind in {"figure", "part", "unknown", "weather"})
        ):
            self.negated = True

    def tie_to(
        self,
        token: Token,
        tie: str | None,
        subject: Mention | None,
        mentions: list[Mention],
        ahead: list[Token],
    ) -> None:
        """Tie a thing to the one named before it, and make it the target of the next tie."""
        kind = lexicon().figures[token.name]
        mention = mentions[-1]
        if tie == "under" and subject is not None and self.covers(mention, subject):
            # "a book under a cup": the cup is on the book.
            mention.ties.append(("on", subject))
            if self.spot is not None:
                self.spot.kind = "on"
            self.met(token, subject)
            tie = None
        mention.tied = tie is not None and subject is not None
        if tie == "in" and (
            kind.role in {"deck", "mount"} or "seat" in drawing(token.name).anchors
        ):
            # In a boat, in a wheelchair, in an armchair.
            tie = "on"
        holds = tie in _TIES or (tie == "in" and kind.role in _HOLDERS)
        if holds and tie is not None and subject is not None:
            # "a cat under the table and a dog on the chair": the cat keeps its place.
            for one in [m for m in self.group if m is subject or not m.ties] or [subject]:
                one.ties.append((tie, mention))
            self.subject = subject
        elif tie in _TIES:
            self.next_ties.append((tie, mention))
        if tie in STATED:
            if self.spot is not None:
                self.spot.kind = tie or self.spot.kind
            self.met(token, mention)
        mention.wears.extend(self.waiting_wears)
        self.waiting_wears = []
        if tie not in _TIES or subject is not None:
            self.take_ties(mention, tie, ahead)
        self.mentions.extend(mentions)
        if tie in _TIES and subject is not None and not token.han:
            return
        self.former = self.group
        self.group = [*self.group, *mentions] if self.join else mentions
        self.join = False
        self.subject, self.last = self.last, mention

    def take_ties(self, mention: Mention, tie: str | None, ahead: list[Token]) -> None:
        """Give a thing the positions stated before it: 沙发上的狗和猫 puts the cat there, too.

        But not 桌子上的苹果和椅子上的猫.
        """
        bears = bool(ahead) and ahead[0].han and ahead[0].name in _TIES
        # 骑马的男孩和女孩: one rides. 沙发上的女孩和她的狗: the dog may be elsewhere.
        figures = lexicon().figures
        bears = bears or any(figures[one.name].role == "mount" for _, one in self.shared_ties)
        bears = bears or any(t.name == "pronoun" for t in self.clause.words[-3:-1])
        if self.next_ties:
            self.shared_ties = self.next_ties
        elif not (self.join and tie is None) or bears:
            self.shared_ties = []
        mention.ties.extend(pair for pair in self.shared_ties if pair[1] is not mention)
        self.next_ties = []

    @staticmethod
    def covers(mention: Mention, subject: Mention) -> bool:
        """Return whether a thing lies on what is under it: both are small, and it has no legs."""
        figures = lexicon().figures
        over, below = figures[mention.name], figures[subject.name]
        return over.zone == below.zone == "thing" and not over.role and mention.name not in _LEGGED

    def accessory(
        self, token: Token, tie: str | None, mentions: list[Mention], ahead: list[Token]
    ) -> bool:
        """Give a thing that is worn or held to its wearer; return whether there was one."""
        kind = lexicon().figures[token.name]
        wearer = self.dresser()
        fits = tie in {"wear", "with", "hold"} or (
            tie == "in" and kind.wear in {"head", "neck", "body"}
        )
        if tie == "under" and kind.wear == "hand" and wearer is not None and kind.role != "paper":
            # A figure under an umbrella holds it.
            fits = token.name != "flag"
        if wearer is not None and kind.wear == "hand" and not _holds(wearer.name):
            # A cake with candles and balloons holds none.
            fits = False
        if tie is None and self.join and kind.wear and (self.with_more or self.waiting_wears):
            # "a scarf and a hat": the second is worn too.
            fits, wearer = True, self.with_more
        self.with_more = None
        if not (fits and (kind.wear or (tie == "hold" and kind.size < 0.7))):
            self.with_more = wearer if tie == "with" else None
            if tie in {"hold", "wear"} and wearer is not None and self.verb_word not in _BESIDE:
                # It stands beside instead.
                gap = "" if token.han else " "
                self.out.spots.append(Spot("hold", f"{self.verb_word}{gap}{token.word}"))
            return False
        names = [t.name for t in ahead]
        for_next = token.han and ("de" in names if wearer is None else names[:1] == ["de"])
        if tie in STATED:
            self.met(token, None)
        if for_next and any(t.kind == "figure" for t in ahead[1:]):
            self.waiting_wears.extend(mentions)
            return True
        wearer = wearer or self.wearer_before(tie)
        if wearer is None and not self.everyone:
            return False
        wearers = self.everyone or ([wearer] if wearer is not None else [])
        for one in wearers:
            one.wears.extend(mentions)
        wearer = wearer or self.everyone[-1]
        most = MOST_HELD if kind.wear in {"hand", ""} else 1
        if token.plural and not mentions[-1].exact and sum(one.count for one in wearers) > 1:
            # "three cats with balloons" have one each.
            mentions[-1].count = 1
        count = mentions[-1].count if mentions[-1].exact else 1
        if count > most and count != sum(one.count for one in wearers):
            # A head wears one hat; "two boys with two hats" have one each.
            self.out.retract(self.number)
        self.with_more = wearer
        return True

    def dresser(self) -> Mention | None:
        """Return who is dressed by what follows: in "a boy beside a girl in a dress", the girl."""
        near = self.latest
        if self.last is None or near is None or near is self.last:
            return self.last
        aside = any(one is near and tie in _ASIDE for tie, one in self.last.ties)
        return near if aside and has_face(near.name) else self.last

    def wearer_before(self, tie: str | None) -> Mention | None:
        """Return whom an earlier clause names: "a cat, wearing a red hat", 一只狗，拿着气球."""
        if tie not in {"wear", "hold"}:
            return None
        able = (m for m in reversed(self.mentions) if not m.absent and has_face(m.name))
        return next(able, None)

    def filled(self, token: Token, tie: str | None, subject: Mention) -> bool:
        """Return whether a thing is in the one named before it: "a vase of roses", 一篮子苹果."""
        if lexicon().figures[subject.name].role not in {"hollow", "deck"}:
            return False
        of = self.before is not None and self.before.name == "of"
        of = of or any(t.name == "of" for t in self.clause.words[-3:-1])
        beside = self.before is not None and self.before.kind == "figure"
        hollow = lexicon().figures[subject.name].role == "hollow"
        return (of and hollow) or tie == "with" or (token.han and beside and hollow)

    def fly(self, token: Token, ahead: list[Token]) -> None:
        """Lift a flying figure off the ground: the last one named, else the next."""
        who = self.last
        noun = next((t for t in ahead if t.kind not in {"number", "colour", "size"}), None)
        if who is not None and noun is not None and noun.kind == "figure" and not token.han:
            # A figure flying a kite stands on the ground.
            self.out.match(token.word)
            return
        if token.han and self.subject is not None and self.last is not None:
            # 龙在城堡上空飞翔: the dragon flies.
            who = self.subject
        if who is None:
            self.aloft = True
            self.pending.append(token.word)
            return
        who.aloft = True
        who.ties = [pair for pair in who.ties if pair[0] not in {"on", "in"}]
        self.out.match(token.word)


def _holds(name: str) -> bool:
    """Return whether a figure can hold something: beings can, and what is drawn with a hand."""
    return has_face(name) or "hand" in drawing(name).anchors


def _leads(token: Token) -> bool:
    """Return whether a relation precedes the thing that it refers to."""
    if token.han:
        return token.word in _LEADING
    return token.name not in _SIDES | {"between"}


def _takes_object(ahead: list[Token]) -> bool:
    """Return whether a thing follows a verb, or at least an unknown word."""
    noun = next((t for t in ahead if t.kind not in {"ignored", "grammar"}), None)
    return noun is not None and noun.kind in _OBJECTS
