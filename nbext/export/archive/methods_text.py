"""The paragraph of the methods text, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from nbext.messages.say import Language, say, table

if TYPE_CHECKING:
    from collections.abc import Sequence

# The columns of the tables, by the names of their messages; the number of a drawing has no heading.
COLUMNS = {
    "models": (
        "requested_model",
        "answered_model",
        "endpoint",
        "wire",
        "request_count",
        "dates",
        "ended",
        "token_count",
        "usd",
    ),
    "prompts": ("", "date", "model", "prompt", "parameters", "source", "attempt", "star", "note"),
    "differences": ("", "of", "requested", "actual"),
    "files": ("", "type", "pixels", "bytes", "sha256"),
}


class Facts(msgspec.Struct, kw_only=True):
    """The facts about a history that the paragraph states. All texts are escaped.

    Attributes:
        kinds: The number of requests of each kind, the most common first.
        requests: The number of all requests.
        versions: The versions of nbext.
        pythons: The versions of Python.
        days: The first and the last day; empty if none is recorded.
        places: The models by endpoint; an endpoint that is not recorded is empty.
        sketches: The number of results of the embedded endpoint.
        seeded: The numbers of drawings that a seed was sent with.
        unseeded: The number of pictures and films of models without a seed.
        no_seed: The models whose wire format has no seed.
        sweeps: The numbers of the drawings of each sweep, with its axes.
        repeated: The number of times of each request that was made more than once.
        starred: The numbers of starred drawings, with their notes.
        chosen: The number of repeated requests of which a star marks the selected result.
        paid: The cost in US dollars, or None if none is recorded.
        priced: The number of requests whose cost is recorded.
        real: The number of requests to models.
        failed: The number of failures by the name of the error.
        maybe_billed: The number of failed requests that may have been billed.
        unanswered: The numbers of requests without an answer.
        tokens: The number of tokens, or None if no answer reports any.
        counted: The number of answers that report tokens.
    """

    kinds: dict[str, int]
    requests: int
    versions: str
    pythons: str
    days: tuple[str, str]
    places: dict[str, list[str]]
    sketches: int
    seeded: list[str]
    unseeded: int
    no_seed: list[str]
    sweeps: list[tuple[list[str], str]]
    repeated: list[int]
    starred: dict[str, str]
    chosen: int
    paid: float | None
    priced: int
    real: int
    failed: dict[str, int]
    maybe_billed: int
    unanswered: list[str]
    tokens: int | None = None
    counted: int = 0


class Prose:
    """Writes the methods text in one language.

    Args:
        language: ``en`` or ``zh``.

    Example:
        >>> Prose("en")("cost", paid="0.3")
        'The total cost was 0.3 USD.'
    """

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, name: str, /, **values: object) -> str:
        """Return a message of the methods text."""
        return say(self.language, f"methods.{name}", **values)

    def columns(self, table_name: str) -> list[str]:
        """Return the headings of a table's columns."""
        return [self(name) if name else "" for name in COLUMNS[table_name]]

    def name_of(self, field: str) -> str:
        """Return the name of a field that differs from the request."""
        return self(f"name_{field}") if f"name_{field}" in table("methods") else field

    def paragraph(self, facts: Facts) -> str:
        """Write all facts as sentences."""
        parts = (
            self._setup,
            self._sweeps,
            self._parameters,
            self._seeds,
            self._choice,
            self._costs,
            self._failures,
        )
        sentences = [sentence for part in parts for sentence in part(facts)]
        between = "" if self.language == "zh" else " "
        return between.join([*sentences, self("closing")])

    def _setup(self, facts: Facts) -> list[str]:
        kinds = [(count, self._kind(kind, count)) for kind, count in facts.kinds.items()]
        if len(kinds) == 1:
            what = self("one_kind", name=kinds[0][1])
        else:
            each = [self("kind", number=number, name=name) for number, name in kinds]
            what = self("kinds", names=self("comma").join(each))
        first, last = facts.days
        if not first:
            when = self("no_day")
        elif first == last:
            when = self("on", day=first)
        else:
            when = self("between_days", first=first, last=last)
        versions = self("nbext", version=facts.versions) if facts.versions else self("no_version")
        if facts.pythons:
            versions = self("with_python", nbext=versions, python=facts.pythons)
        return [self._counted("requests", facts.requests, kinds=what, versions=versions, when=when)]

    def _kind(self, kind: str, count: int) -> str:
        known = f"kind_{kind}" in table("methods")
        return self(f"kind_{kind}", count=count) if known else kind

    def _sweeps(self, facts: Facts) -> list[str]:
        return [
            self(
                "sweep",
                numbers=self("comma").join(numbers),
                shape=shape,
                count=sum(name.count("@") for name in numbers),
            )
            for numbers, shape in facts.sweeps
        ]

    def _parameters(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.places:
            places = [
                self(
                    "place",
                    place=place or self("no_place"),
                    models=self._listed(models),
                    count=len(models),
                )
                for place, models in facts.places.items()
            ]
            sentences.append(self("places", places=self("semicolon").join(places)))
        if facts.sketches:
            sentences.append(self._counted("sketches", facts.sketches))
        return sentences

    def _seeds(self, facts: Facts) -> list[str]:
        if not (facts.seeded or facts.unseeded):
            return []
        sentences = []
        if facts.seeded:
            sentences.append(self("seeded", numbers=self("comma").join(facts.seeded)))
        if facts.no_seed:
            sentences.append(self("no_seed", models=self._listed(facts.no_seed)))
        if facts.unseeded:
            sentences.append(self("others_unseeded" if facts.seeded else "all_unseeded"))
        return sentences

    def _choice(self, facts: Facts) -> list[str]:
        sentences = [self("once")]
        if facts.repeated:
            many = len(facts.repeated)
            sentences = [self._counted("repeated", many, times=self._times(facts.repeated))]
            if not facts.chosen:
                sentences.append(self("none_chosen"))
            elif facts.chosen == many:
                sentences.append(self("all_chosen", count=many))
            else:
                sentences.append(self("some_chosen", chosen=facts.chosen))
        if facts.starred:
            names = [
                self("with_note", name=name, note=note) if note else name
                for name, note in facts.starred.items()
            ]
            sentences.append(self("starred", names=self._listed(names)))
        return sentences

    def _times(self, repeated: Sequence[int]) -> str:
        low, high = min(repeated), max(repeated)
        if low != high:
            return self("between_times", low=low, high=high)
        return self("twice") if high == 2 else self("times", number=high)

    def _costs(self, facts: Facts) -> list[str]:
        if not facts.real:
            return [self("not_billed")]
        sentences = []
        if facts.tokens is not None:
            sentences = [self._counted("tokens", facts.counted, tokens=f"{facts.tokens:,}")]
        if facts.paid is None:
            return [*sentences, self("no_cost")]
        paid = f"{facts.paid:.4g}"
        if facts.priced == facts.real:
            return [*sentences, self("cost", paid=paid)]
        return [*sentences, self("some_cost", priced=facts.priced, real=facts.real, paid=paid)]

    def _failures(self, facts: Facts) -> list[str]:
        sentences = []
        if facts.failed:
            names = [self("failure", name=n, number=count) for n, count in facts.failed.items()]
            many, billed = sum(facts.failed.values()), ""
            if facts.maybe_billed:
                some = self("some_billed", number=facts.maybe_billed)
                billed = some if many > 1 else self("billed")
            sentences.append(
                self._counted("failed", many, names=self("comma").join(names), billed=billed)
            )
        if facts.unanswered:
            sentences.append(self("unanswered", numbers=self("comma").join(facts.unanswered)))
        return sentences

    def _counted(self, name: str, count: int, **values: object) -> str:
        """Return a message with a number, capitalised for the start of a sentence."""
        many = self("one") if count == 1 else f"{count:,}"
        return self(name, count=count, many=many, **values)

    def _listed(self, names: Sequence[str]) -> str:
        *others, last = names
        return self("last").join([self("comma").join(others), last]) if others else last
