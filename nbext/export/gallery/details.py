"""Write the facts about a drawing as lines of text, which keeps large pages small."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nbext.data.differences import differences, revision, with_times
from nbext.data.route import route_lines
from nbext.messages.say import messages, say
from nbext.util.text import human_size, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nbext.data.differences import Difference
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record


# The names under which endpoints count what they were sent and what they answered.
_SENT, _RECEIVED = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
_NUMBERS = (int, float)
_NAMES = (
    *("answered_as", "route", "revised_prompt", "endpoint", "embedded_sketch", "embedded", "date"),
    *("cost", "tokens", "error", "status", "request_id", "film", "sound", "picture"),
)
_MEDIA = {"video": "film", "audio": "sound"}
Carries = Literal["", "provenance", "credentials", "nothing"]


class Figure(NamedTuple):
    """A picture or film, as a page shows it.

    Attributes:
        info: What the record says of it.
        source: The ``src`` of the full picture; empty if it is missing.
        thumbnail: The ``src`` of the small copy, or of the full picture without one.
        carries: What the copies say of themselves: ``provenance``, ``credentials`` (those of its
            provider, which any change would invalidate) or ``nothing``.
        clear: Whether something may show through it.
    """

    info: PictureInfo
    source: str = ""
    thumbnail: str = ""
    carries: Carries = ""
    clear: bool = False


def details(
    record: Record,
    shown: Iterable[Figure] = (),
    language: str = "en",
    changes: Sequence[Difference] | None = None,
) -> str:
    r"""Describe how a drawing was made, one ``Name: value`` a line.

    Args:
        record: The drawing's.
        shown: Its pictures and films as the page shows them.
        language: ``en`` or ``zh``.
        changes: Its ``differences``, if they are known already.

    Example:
        >>> from nbext.data.record import Record
        >>> details(Record(type="drawing", id="a", host="relay.example", cost=0.04))
        'Endpoint: relay.example\nCost: 0.04 USD'
    """
    pairs = _pairs(record, shown, language, differences(record) if changes is None else changes)
    return "\n".join([f"{name}: {_line(value)}" for name, value in pairs])


def _line(value: Any) -> str:
    return " ".join(str(value).split())


@cache
def _names(language: str) -> dict[str, str]:
    """Return the names of facts by key."""
    return messages(language, "gallery", _NAMES)


def _pairs(
    record: Record, shown: Iterable[Figure], language: str, changes: Sequence[Difference]
) -> Iterator[tuple[str, Any]]:
    """Yield the facts: their names, each on one line, and their values."""
    names = _names(language)
    if record.answered_model and record.answered_model != record.model:
        yield names["answered_as"], record.answered_model
    for item in changes:
        if item.name != "model":
            yield _change(item, partial(_text, language))
    if signs := route_lines(record, language):
        yield names["route"], "; ".join(signs)
    if revised := revision(record):
        yield names["revised_prompt"], revised
    yield names["endpoint"], _maker(record, names)
    spent = say(language, "gallery.seconds", elapsed=record.elapsed) if record.elapsed else ""
    if when := moment(record.finished or record.started):
        yield names["date"], when + spent
    for name, value in record.parameters.items():
        yield _line(name), value
    if record.cost is not None:
        yield names["cost"], say(language, "gallery.cost_usd", cost=record.cost)
    yield from _usage(record, language)
    if record.error is not None:
        yield names["error"], record.error.type
    if record.error is not None and record.error.status_code:
        yield names["status"], record.error.status_code
    if record.request_id:
        yield names["request_id"], record.request_id
    pictures = list(shown)
    for number, picture in enumerate(pictures, start=1):
        what = names[_MEDIA.get(_medium(picture), "picture")]
        yield f"{what} {number}" if len(pictures) > 1 else what, _picture(picture, language)


def _change(item: Difference, t: Callable[..., str]) -> tuple[str, str]:
    """Return what came in place of what was requested."""
    name = t(f"name_{item.name}")
    if item.name == "mask":
        return name, t("mask_change", actual=item.actual)
    values = {k: with_times(item.name, getattr(item, k)) for k in ("actual", "requested")}
    return t("as_received", name=name), t("not_requested", **values)


def _text(language: str, key: str, **values: Any) -> str:
    return say(language, f"gallery.{key}", **values)


def _usage(record: Record, language: str) -> Iterator[tuple[str, Any]]:
    """Return the tokens on one line, and what else an endpoint counts."""
    numbers = {k: v for k, v in record.usage.items() if v and isinstance(v, _NUMBERS)}
    sent = next((name for name in _SENT if name in numbers), "")
    received = next((name for name in _RECEIVED if name in numbers), "")
    if sent and received:
        values = {"sent": numbers.pop(sent), "received": numbers.pop(received)}
        numbers.pop("total_tokens", None)
        yield _names(language)["tokens"], say(language, "gallery.tokens_value", **values)
    for name, value in numbers.items():
        yield _line(name.replace("_", " ").capitalize()), value


def _medium(shown: Figure) -> str:
    return shown.info.media_type.partition("/")[0]


def _picture(shown: Figure, language: str) -> str:
    info = shown.info
    size = f"{info.width}×{info.height}, " if info.width else ""
    draft = f"{_text(language, 'draft')}, " if info.is_draft else ""
    text = f"{draft}{size}{info.media_type}, {human_size(info.size)}, SHA-256 {info.sha256}"
    if shown.carries == "credentials":
        return _text(language, "with_credentials", text=text)
    if shown.carries == "nothing" and _medium(shown) not in _MEDIA:
        return _text(language, "without_note", text=text)
    return text


def _maker(record: Record, names: Mapping[str, str]) -> str:
    """Return the host, or a note that no model made the picture."""
    if not record.embedded:
        return record.host
    return names["embedded_sketch" if record.pictures or record.films else "embedded"]
