"""What the writer writes the reader reads, whatever an answer has put into a record."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.data.kinds import LinkKind
from nbext.data.picture import PictureInfo
from nbext.data.record import (
    Draft,
    Failure,
    Kind,
    LinkInfo,
    Record,
    RecordType,
    ReferenceInfo,
    digest_of,
)
from nbext.errors import HistoryError
from nbext.store.index import Index
from nbext.store.lines import MAX_NUMBER, encode, line_of, parse, salvage
from nbext.store.store import Store

TEXT = st.text(st.characters(exclude_categories=[]), max_size=12)
NUMBERS = st.floats() | st.integers(-(2**80), 2**80)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(TEXT, JSON, max_size=3)
PICTURE = st.builds(
    PictureInfo, sha256=TEXT, media_type=TEXT, size=st.integers(0, 2**62), width=st.integers(0, 9)
)
REFERENCE = st.builds(ReferenceInfo, sha256=TEXT, source=TEXT, url=TEXT)
FAILURE = st.builds(Failure, type=TEXT, message=TEXT, body=TEXT)
# One strategy a field; a field without one fails the test below.
STRATEGIES = {
    "type": st.sampled_from(get_args(RecordType)),
    "id": st.text(min_size=1, max_size=9),
    "number": st.integers(0, MAX_NUMBER - 1),
    "schema": st.integers(0, 9),
    "kind": st.sampled_from(get_args(Kind)),
    **dict.fromkeys(("embedded", "waiting"), st.booleans()),
    **dict.fromkeys(("execution_count", "take", "repeat"), st.integers(0, 99)),
    **dict.fromkeys(("elapsed",), st.floats()),
    **dict.fromkeys(("cost", "mask_change"), st.none() | st.floats()),
    **dict.fromkeys(("parameters", "usage", "changes", "unknown"), FIELDS),
    **dict.fromkeys(("calls", "citations"), st.lists(FIELDS, max_size=2)),
    **dict.fromkeys(("parents", "lost", "warnings", "notices"), st.lists(TEXT, max_size=2)),
    **dict.fromkeys(("pictures", "films"), st.lists(PICTURE, max_size=2)),
    "references": st.lists(REFERENCE, max_size=2),
    "mask": st.none() | REFERENCE,
    "error": st.none() | FAILURE,
    "raw": JSON,
    "progress": st.lists(st.tuples(st.floats(), st.none() | st.floats(), TEXT), max_size=2),
    **dict.fromkeys(("versions", "actual", "variables"), st.dictionaries(TEXT, TEXT, max_size=2)),
    "links": st.lists(
        st.builds(
            LinkInfo,
            url=TEXT,
            kind=st.sampled_from(get_args(LinkKind)),
            expires=TEXT,
            fallback=TEXT,
        ),
        max_size=2,
    ),
}
TEXTS = {f for f in Draft.__struct_fields__ if Draft.__annotations__[f] == "str"} - {"id"}
DRAFTS = st.fixed_dictionaries(
    {"type": STRATEGIES["type"], "id": STRATEGIES["id"]},
    optional={name: STRATEGIES.get(name, TEXT) for name in Draft.__struct_fields__[2:]},
).map(lambda fields: Draft(**fields))


def test_each_field_has_a_strategy():
    assert set(Draft.__struct_fields__) == set(STRATEGIES) | TEXTS


@given(DRAFTS)
def test_what_is_written_is_read(draft):
    record, line = encode(draft)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    # What a newer version wrote may bring fields of this one with it.
    if not draft.unknown:
        assert (record.type, record.id, record.number) == (draft.type, draft.id, draft.number)
        assert record.kind == draft.kind
        assert len(record.pictures) == len(draft.pictures)
    assert parse(line) == record
    fields = msgspec.json.decode(line)
    assert fields["digest"] == digest_of(fields) == record.digest
    # Read and written once more, as an archive and a merge do, it is the same.
    assert parse(line_of(record)) == record
    assert salvage(b"half a line" + line) == ([record] if line.startswith(b'{"type":"') else [])


@given(st.lists(DRAFTS, max_size=5))
def test_what_a_history_takes_it_gives_back(drafts):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "a.draws")
        for draft in drafts:
            store.append(draft)
        fresh = Store(store.folder)
        assert list(fresh.records()) == list(store.records())
        assert fresh.passed_over == 0
        number = store.begin(Draft(type="sent", id="the next one")).number
        assert Store(store.folder).record("the next one").number == number


@pytest.mark.parametrize("wrong", [{"id": ""}, {"number": MAX_NUMBER}, {"number": -1}])
def test_what_no_reader_takes_is_refused_and_spoils_no_other(store, wrong):
    with pytest.raises(HistoryError, match="not a record"):
        store.append(Draft(**{"type": "drawing", "id": "x"} | wrong))
    store.append(Draft(type="drawing", id="a", number=1))
    assert [r.id for r in Store(store.folder).records()] == ["a"]


@pytest.mark.parametrize(
    "field",
    [
        {"cost": "free"}, {"parents": None}, {"number": 1.0}, {"kind": "paint"}, {"schema": "9"},
        {"pictures": [{"sha256": 5}]}, {"references": 3}, {"error": "no"}, {"take": None},
        {"progress": [[1]]}, {"changes": []}, {"embedded": 1}, {"usage": None}, {"text": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_field_of_another_type_spoils_itself_alone(store, field):
    fields = {"type": "drawing", "id": "a", "number": 1, "prompt": "p", "model": "m"} | field
    record = parse(msgspec.json.encode(fields))
    assert (record.id, record.number, record.prompt, record.model) == ("a", 1, "p", "m")
    # It is kept, and written back.
    written = msgspec.json.decode(record.to_line())
    assert written | {"digest": 0, "schema": 0} == fields | {"digest": 0, "schema": 0}


def test_a_type_of_the_future_is_a_drawing_where_it_has_what_a_drawing_has():
    fields = {"type": "drawing/2", "id": "a", "number": 1, "prompt": "p", "finished": "2030"}
    record = parse(msgspec.json.encode(fields))
    assert (record.type, record.prompt) == ("drawing", "p")
    assert msgspec.json.decode(record.to_line())["type"] == "drawing/2"
    assert parse(b'{"type":"drawing/2","id":"a","number":1,"prompt":"p"}').type == "sent"
    assert parse(b'{"type":"remark","id":"a","about":"x"}') is None
    assert isinstance(record, Record)


# Lines of a few drawings, so that some of them meet: in any order, with other fields, or damaged.
LINES = st.one_of(
    st.builds(
        lambda draft, id_, number: line_of(msgspec.structs.replace(draft, id=id_, number=number)),
        DRAFTS,
        st.sampled_from(["", "a", "b", "c"]),
        st.sampled_from([0, 1, 2, 3, MAX_NUMBER, -1]),
    ).map(bytes.rstrip),
    st.sampled_from([b"", b"<<<<<<< HEAD", b'{"type":"sent","id":"a","ours":1}', b'{"id":"a"}']),
    st.binary(max_size=20),
)


@given(st.lists(LINES, max_size=12))
def test_many_lines_at_once_are_read_like_each_by_itself(lines):
    at_once, one_by_one, odd = Index(), Index(), []

    def read(line):
        record = parse(line)
        if record is not None:
            one_by_one.fold(record)
        return record

    known = [line for line in lines if read(line) is not None]

    def read_odd(line):
        odd.append(line)
        record = parse(line)
        if record is not None:
            at_once.fold(record)

    at_once.fold_lines(lines, read_odd)
    assert at_once.records() == one_by_one.records()
    assert at_once.next_number() == one_by_one.next_number()
    assert at_once.duplicate_numbers() == one_by_one.duplicate_numbers()
    assert all(line in odd for line in lines if line not in known)
