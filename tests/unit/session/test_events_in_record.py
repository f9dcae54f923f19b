"""What an event says reaches the record: each field of each class of events, or it is listed here."""

from __future__ import annotations

import inspect
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from nbext.data.picture import PictureInfo
from nbext.data.record import Draft
from nbext.session.accumulator import ResponseAccumulator
from nbext.wire import events

CLASSES = [
    item
    for _, item in inspect.getmembers(events, inspect.isclass)
    if issubclass(item, events.Event) and item is not events.Event
]
# What does not reach the record as it is, and why.
ELSEWHERE = {
    ("Link", "url"): "is put into links by the request under way, until the picture is there",
    ("Link", "kind"): "is put into links by the request under way, until the picture is there",
    ("Link", "expires"): "is put into links by the request under way, until the picture is there",
    ("Link", "fallback"): "is put into links by the request under way, until the picture is there",
    ("DraftLinks", "links"): "are put into links by the request under way, until the end has come",
    ("Link", "place"): "is the order of the pictures",
    ("Inline", "place"): "is the order of the pictures",
    ("Sound", "sound"): "is put into films by the exchange",
    ("Link", "alt"): "stands in the text",
    ("ResponseStart", "status"): "stands in the error, where the answer is one",
    ("ResponseStart", "content_type"): "tells the decoder how to read; the events say the rest",
    ("ResponseStart", "key_spend"): "is of the key, not of the drawing: %nbext shows it",
    ("ResponseStart", "key_budget"): "is of the key, not of the drawing: %nbext shows it",
    ("ResponseStart", "location"): "becomes a job, where nothing else has come",
    ("Progress", "state"): "is in the words, and moves the display",
    ("Inline", "picture"): "is put there by the exchange, once it is known to be a picture",
    ("Inline", "partial"): "a preview is no result; it goes when the picture comes",
    ("InvalidPicture", "message"): "is put into lost by the exchange",
    ("InvalidPicture", "remedy"): "is put into lost by the exchange",
    ("RawAnswer", "words"): "are quoted in the error",
    ("Job", "poll_url"): "is asked while the job goes on; it is in the links where it is needed",
    ("Job", "result_url"): "is asked while the job goes on",
    ("Job", "named"): "tells how to ask while the job goes on",
    ("Job", "file"): "is fetched when the job is done",
    ("Job", "alias"): "is asked for where the endpoint does not know the id",
    ("ErrorEvent", "kind"): "becomes the error of the record",
    ("ErrorEvent", "message"): "becomes the error of the record",
    ("ErrorEvent", "remedy"): "becomes the error of the record",
    ("ErrorEvent", "request_id"): "becomes the error of the record",
    ("ErrorEvent", "body"): "becomes the error of the record",
    ("ErrorEvent", "maybe_billed"): "becomes the error of the record",
}
FIELDS = [
    (item, field)
    for item in CLASSES
    for field in item.__struct_fields__
    if (item.__name__, field) not in ELSEWHERE
]


def example(hint: Any, field: str) -> Any:
    """A value of a field's type that is found again wherever it goes."""
    if get_origin(hint) is dict or hint is Any:
        return {f"the-{field}": 4711}
    if get_origin(hint) is Literal:
        return get_args(hint)[-1]
    plain = {float: 12.5, int: 4711, bool: True}
    kinds = [hint, *get_args(hint)]
    if PictureInfo in kinds:
        return PictureInfo(sha256="0" * 64, media_type="image/png", size=1)
    return next((plain[kind] for kind in kinds if kind in plain), f"https://the-{field}.example")


def record_of(event: events.Event) -> str:
    accumulator = ResponseAccumulator()
    accumulator.add(event)
    record = Draft(type="drawing", id="a", number=1)
    accumulator.into(record)
    return msgspec.json.encode(record).decode()


@pytest.mark.parametrize(
    ("item", "field"), FIELDS, ids=lambda value: getattr(value, "__name__", value)
)
def test_the_field_reaches_the_record(item, field):
    hints = get_type_hints(item, vars(events))
    required = {
        part.name: example(hints[part.name], part.name)
        for part in msgspec.structs.fields(item)
        if part.required
    }
    value = example(hints[field], field)
    event = item(**{**required, field: value})
    encoded = msgspec.json.encode(value).decode()
    assert encoded.strip('"{}') in record_of(event)


def test_the_list_speaks_of_fields_that_there_are():
    known = {(item.__name__, field) for item in CLASSES for field in item.__struct_fields__}
    assert set(ELSEWHERE) <= known


def test_text_that_was_a_thought_moves():
    accumulator = ResponseAccumulator()
    for event in (events.Text(text="hm"), events.TextWasReasoning(), events.Text(text="Answer")):
        accumulator.add(event)
    assert (accumulator.reasoning, accumulator.text) == ("hm", "Answer")
