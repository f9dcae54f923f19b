"""Write a drawing's caption: one line, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.data.differences import differences, with_times
from nbext.data.record import started_of
from nbext.messages.say import current_language, outcome, phrase, say
from nbext.util.text import human_size, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.differences import Difference
    from nbext.data.record import Record

# Characters of what an endpoint remarks about its answer.
NOTICE_LIMIT = 160


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
    parts = [f"@{record.number}", record.model]
    if record.elapsed:
        parts.append(phrase("view.seconds", elapsed=record.elapsed))
    # A film's still is no picture of its own.
    shown = record.films or record.pictures
    if shown and shown[0].width:
        parts.append(f"{shown[0].width}×{shown[0].height}")
    if len(shown) > 1:
        parts.append(say(language, "caption.pictures", value=len(shown)))
    if shown:
        parts.append(human_size(sum(info.size for info in shown)))
    if record.lost and record.error is None:
        parts.append(say(language, "caption.lost", value=len(record.lost)))
    parts += [_difference(item, language) for item in differences(record)]
    if record.cost is not None:
        parts.append(phrase("view.cost", cost=record.cost))
    if record.error is not None:
        parts.append(outcome(record.error.type, language))
    elif record.type == "sent":
        parts.append(say(language, "caption.sent"))
    if record.embedded:
        parts.append(say(language, "caption.sketch" if shown else "caption.embedded"))
        # What the artist did not know; the remarks of other endpoints are warnings.
        parts += [" ".join(notice.split())[:NOTICE_LIMIT] for notice in record.notices]
    else:
        parts.append(record.host)
    if earlier:
        numbers = ", ".join(f"@{number}" for number in earlier)
        parts.append(say(language, "caption.earlier", value=numbers))
    started = started_of(record)
    if replayed and started is not None:
        when = started.astimezone().strftime("%Y-%m-%d %H:%M")
        parts.append(say(language, "caption.replayed", value=when))
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
        came = "a film"
    if record.error is not None:
        came = outcome(record.error.type, "en")
    elif record.type == "sent":
        came = phrase("store.no_answer_recorded")
    return f"<Drawing @{record.number}: {short!r}, {printable(record.model)}, {came}>"


def picture_name(record: Record, index: int) -> str:
    """Name a picture like a reference: ``@3``, or ``@3.2`` for the second of several.

    Args:
        record: The drawing's.
        index: From 0 on.
    """
    return f"@{record.number}.{index + 1}" if index else f"@{record.number}"
