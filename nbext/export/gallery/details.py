"""What is known of a drawing, as lines of text: many of them make a page, and text is light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.data.differences import differences
from nbext.util.text import human_size, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbext.data.record import Record

CREDENTIALS = "Content Credentials of its provider: its file is untouched, nothing was added"
NO_NOTE = "holds no note of how it was made; this page does"


def details(record: Record, shown: Iterable[Mapping[str, Any]] = ()) -> str:
    r"""Say how a drawing was made, as ``Name: value``, one a line.

    Args:
        record: The drawing's.
        shown: Its pictures and films as the page shows them.

    Example:
        >>> from nbext.data.record import Record
        >>> details(Record(type="drawing", id="a", host="relay.example", cost=0.04))
        'Endpoint: relay.example\nCost: 0.04 USD'
    """
    lines = (f"{_line(name)}: {_line(value)}" for name, value in _pairs(record, shown))
    return "\n".join(lines)


def _line(value: Any) -> str:
    return " ".join(str(value).split())


def _pairs(record: Record, shown: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    if record.answered_model and record.answered_model != record.model:
        yield "Answered as", record.answered_model
    for item in differences(record):
        if item.name == "model":
            continue
        yield f"{item.name.capitalize()} as it came", f"{item.actual}, not {item.requested}"
    if record.revised_prompt:
        yield "Revised prompt", record.revised_prompt
    yield "Endpoint", _maker(record)
    spent = f", {record.elapsed:.1f} s" if record.elapsed else ""
    if when := moment(record.finished or record.started):
        yield "Date", when + spent
    yield from record.parameters.items()
    if record.cost is not None:
        yield "Cost", f"{record.cost:.4g} USD"
    numbers = {k: v for k, v in record.usage.items() if isinstance(v, int | float) and v}
    yield from ((name.replace("_", " "), value) for name, value in numbers.items())
    if record.error is not None:
        yield "Error", record.error.type
    if record.error is not None and record.error.status_code:
        yield "Status", record.error.status_code
    if record.request_id:
        yield "Request id", record.request_id
    pictures = list(shown)
    for number, picture in enumerate(pictures, start=1):
        what = "Film" if _is_film(picture) else "Picture"
        yield f"{what} {number}" if len(pictures) > 1 else what, _picture(picture)


def _is_film(shown: Mapping[str, Any]) -> bool:
    return str(shown["info"].media_type).startswith("video/")


def _picture(shown: Mapping[str, Any]) -> str:
    info = shown["info"]
    size = f"{info.width}×{info.height}, " if info.width else ""
    text = f"{size}{info.media_type}, {human_size(info.size)}, SHA-256 {info.sha256}"
    if shown["carries"] == "credentials":
        return f"{text}; {CREDENTIALS}"
    if shown["carries"] == "nothing" and not _is_film(shown):
        return f"{text}; {NO_NOTE}"
    return text


def _maker(record: Record) -> str:
    """Name the host, or say that what is shown is no model's."""
    if not record.embedded:
        return record.host
    return "embedded endpoint" + (", a sketch" if record.pictures or record.films else "")
