"""Write a drawing's caption: one line, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nbext.data.differences import differences, with_times
from nbext.data.picture import is_film, is_sound
from nbext.data.record import never_sent, results_of, started_of
from nbext.messages.say import current_language, outcome, phrase, say
from nbext.util.text import human_size, number_ranges, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.differences import Difference
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.display.item import Item

# Characters of what an endpoint remarks about its answer.
NOTICE_LIMIT = 160
# Captions of takes that stand one below the other; more are told together.
MOST_LINES = 6

# What several drawings have each of their own, or an empty text; and the words for the others.
Fact = tuple[Literal["", "number", "seconds", "size", "cost"], str]
Facts = tuple[Fact, ...]


def caption(
    record: Record,
    *,
    replayed: bool = False,
    earlier: Sequence[int] = (),
    language: str = "",
) -> str:
    """Write a drawing's caption: number, model, time, size, differences, cost and host.

    Args:
        record: The drawing's.
        replayed: Whether to say that it was recorded before, and is shown again.
        earlier: The numbers of the drawings that it was made from, where the notebook shows later
            takes of them now.
        language: ``en`` or ``zh``; by default that of this process's messages.
    """
    language = language or current_language()
    return _line([record], _facts(record, replayed, earlier, language), language)


def captions(items: Sequence[Item], *, replayed: bool = False) -> list[str]:
    """Write the captions of takes; many share a line where only times, sizes and costs differ.

    Args:
        items: The takes.
        replayed: Whether to say which were recorded before, and are shown again.
    """
    language = current_language()
    lines: dict[tuple[int, Facts], list[Record]] = {}
    for number, item in enumerate(items):
        facts = _facts(item.record, replayed and item.replayed, item.earlier, language)
        line = 0 if len(items) > MOST_LINES else number
        lines.setdefault((line, facts), []).append(item.record)
    return [_line(records, facts, language) for (_, facts), records in lines.items()]


def _facts(record: Record, replayed: bool, earlier: Sequence[int], language: str) -> Facts:
    """Return the parts of a caption in order; what is told of several at once is only named."""
    facts: list[Fact] = [("number", ""), ("", record.model)]
    if record.elapsed:
        facts.append(("seconds", ""))
    # A film's still is no picture of its own.
    shown = _shown(record)
    if shown and shown[0].width:
        facts.append(("", f"{shown[0].width}×{shown[0].height}"))
    if len(shown) > 1:
        what = "caption.sounds" if is_sound(shown[0]) else "caption.pictures"
        facts.append(("", say(language, what, value=len(shown))))
    if shown:
        facts.append(("size", ""))
    if record.pictures and not results_of(record):
        facts.append(("", say(language, "caption.draft")))
    if record.lost and record.error is None:
        facts.append(("", say(language, "caption.lost", value=len(record.lost))))
    facts += [("", _difference(item, language)) for item in differences(record)]
    if record.cost is not None:
        facts.append(("cost", ""))
    if record.error is not None:
        facts.append(("", outcome(record.error.type, language)))
    elif record.type == "sent":
        facts.append(("", say(language, f"caption.{'unsent' if never_sent(record) else 'sent'}")))
    if record.embedded:
        facts.append(("", say(language, "caption.sketch" if shown else "caption.embedded")))
        # What the artist did not know; the remarks of other endpoints are warnings.
        facts += [("", " ".join(notice.split())[:NOTICE_LIMIT]) for notice in record.notices]
    else:
        facts.append(("", record.host))
    if earlier:
        numbers = ", ".join(f"@{number}" for number in earlier)
        facts.append(("", say(language, "caption.earlier", value=numbers)))
    started = started_of(record)
    if replayed and started is not None:
        when = started.astimezone().strftime("%Y-%m-%d %H:%M")
        facts.append(("", say(language, "caption.replayed", value=when)))
    return tuple(facts)


def _shown(record: Record) -> Sequence[PictureInfo]:
    """Return what a caption measures: films, else pictures, else sounds."""
    films = [info for info in record.films if is_film(info)]
    return films or record.pictures or record.films


def _line(records: Sequence[Record], facts: Facts, language: str) -> str:
    """Write a caption of drawings that have these facts in common."""
    parts = []
    for kind, text in facts:
        if kind == "number":
            parts.append(number_ranges([record.number for record in records]))
            if len(records) > 1:
                parts.append(say(language, "caption.takes", count=len(records)))
        elif kind == "seconds":
            times = [record.elapsed for record in records]
            # In a range, the shortest first; the unit stands once.
            span = dict.fromkeys(f"{time:.1f}" for time in (min(times), max(times)))
            parts.append(say(language, "caption.span", seconds="–".join(span)))
        elif kind == "size":
            shown = [info for r in records for info in _shown(r)]
            parts.append(human_size(sum(info.size for info in shown)))
        elif kind == "cost":
            cost = sum(record.cost or 0.0 for record in records)
            parts.append(say(language, "view.cost", cost=cost))
        else:
            parts.append(text)
    # A record may come from a stranger: a caption is one line without control characters.
    return " · ".join(printable(part) for part in parts if part)


def _difference(item: Difference, language: str) -> str:
    """Describe a value that differs from the request."""
    if item.name == "n":
        return say(language, "caption.count", actual=item.actual, requested=item.requested)
    if item.name == "mask":
        return say(language, "caption.mask", actual=item.actual)
    return say(
        language,
        "caption.instead",
        name=say(language, f"caption.{item.name}"),
        actual=with_times(item.name, item.actual),
        requested=with_times(item.name, item.requested),
    )


def summary(record: Record) -> str:
    """Summarise a drawing and its result in a few words.

    Args:
        record: The drawing's.
    """
    prompt = " ".join(record.prompt.split())
    short = prompt if len(prompt) <= 60 else f"{prompt[:59]}…"
    count = len(record.pictures)
    came = f"{count} picture{'s' * (count != 1)}"
    if record.films:
        came = "a film" if any(map(is_film, record.films)) else "a sound"
    if record.error is not None:
        came = outcome(record.error.type, "en")
    elif record.type == "sent":
        came = phrase(f"store.{'was_waiting' if never_sent(record) else 'no_answer_recorded'}")
    return f"<Drawing @{record.number}: {short!r}, {printable(record.model)}, {came}>"


def picture_name(record: Record, index: int) -> str:
    """Name a picture like a reference: ``@3``, or ``@3.2`` for the second of several.

    Args:
        record: The drawing's.
        index: From 0 on.
    """
    return f"@{record.number}.{index + 1}" if index else f"@{record.number}"
