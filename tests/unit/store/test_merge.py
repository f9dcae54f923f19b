"""Two histories become one."""

from __future__ import annotations

import json
import time

import pytest

from nbext.data.record import Record, ReferenceInfo
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.errors import HistoryError
from nbext.store.store import Store
from tests.growth import grows_linearly
from tests.records import draw, picture


@pytest.fixture
def other(tmp_path):
    return History(Store(tmp_path / "other.draws"))


def test_theirs_get_the_next_numbers_and_parents_stay_right(history, other):
    draw(history.store, picture("red"), id="a", prompt="ours")
    draw(other.store, picture("blue"), id="b", prompt="theirs")
    draw(other.store, picture("green"), id="c", prompt="an edit of it", parents=["b"])
    merged = history.merge(other)
    assert (merged.added, merged.known, merged.pictures) == ([2, 3], 0, 2)
    assert [(d.number, d.prompt) for d in history] == [
        (1, "ours"),
        (2, "theirs"),
        (3, "an edit of it"),
    ]
    assert history[3].parents == [history[2]]
    assert history[3].pictures[0].data == other[2].pictures[0].data
    assert [d.number for d in other] == [1, 2]
    assert open_history(history.store.folder).verify().ok


def test_merging_twice_adds_nothing(history, other):
    draw(other.store, picture("blue"), id="b")
    assert (
        repr(history.merge(other)) == "1 drawing added, @1; 0 were already here; 1 picture copied"
    )
    lines = (history.store.folder / "history.jsonl").read_bytes()
    merged = history.merge(other.store.folder)
    assert repr(merged) == "0 drawings added; 1 was already here; 0 pictures copied"
    assert (history.store.folder / "history.jsonl").read_bytes() == lines


def test_with_itself(history):
    draw(history.store, picture("red")).id  # noqa: B018
    assert history.merge(history).added == []
    assert len(history) == 1


def test_a_picture_that_both_have_is_kept_once(history, other):
    draw(history.store, picture("red"), id="a")
    draw(other.store, picture("red"), id="b")
    assert history.merge(other).pictures == 0
    assert len(history.store.stored()) == 1


def test_references_and_masks_come_too(history, other):
    photo, mask = other.store.put(picture("white")), other.store.put(picture("black"))
    draw(
        other.store,
        picture("red"),
        references=[ReferenceInfo(sha256=photo.sha256, source="photo.png")],
        mask=ReferenceInfo(sha256=mask.sha256),
    )
    assert history.merge(other).pictures == 3
    assert history.verify().ok


def test_what_is_annotated_on_either_side(history, other):
    for store in (history.store, other.store):
        for id_ in "abc":
            draw(store, id=id_)
    history[1].star().star(False).tag("mine")
    other[1].star().tag("theirs")
    other[2].star().note = "chosen"
    assert history.merge(other).annotated == 2
    assert not history[1].starred
    assert history[1].tags == ["mine", "theirs"]
    assert history[2].starred
    assert history[2].note == "chosen"
    assert history.merge(other).annotated == 0


def test_annotations_of_what_comes_in(history, other):
    draw(other.store, id="b")
    other[1].star().tag("final")
    history.merge(other)
    assert history[1].starred
    assert history[1].tags == ["final"]


def test_an_answer_that_only_they_kept(history, other):
    history.store.begin(Record(type="sent", id="a", prompt="lost"))
    draw(other.store, picture("red"), id="x")
    draw(other.store, picture("blue"), id="a", prompt="lost")
    history.merge(other)
    assert [(d.number, d.record.type) for d in history] == [(1, "drawing"), (2, "drawing")]
    assert history[1].pictures[0].data == other[2].pictures[0].data


def test_a_picture_that_is_missing_there_is_said(history, other):
    record = draw(other.store, [picture("red"), picture("blue")], id="b")
    other[1].pictures[0].path.unlink()
    other[1].pictures[1].path.write_bytes(picture("black"))
    merged = history.merge(other)
    assert merged.added == [1]
    assert len(merged.missing) == 2
    assert record.pictures[0].sha256 in repr(merged)
    assert not history.store.stored()


def test_fields_of_a_newer_version_come_over(history, other):
    other.store.folder.mkdir()
    line = {"type": "drawing", "id": "b", "number": 1, "moods": ["bright"]}
    (other.store.folder / "history.jsonl").write_text(json.dumps(line) + "\n")
    history.merge(other)
    written = (history.store.folder / "history.jsonl").read_text()
    assert json.loads(written)["moods"] == ["bright"]


def test_an_archive_comes_in(history, other, tmp_path):
    draw(other.store, picture("red"), id="b", prompt="from afar")
    archive = other.to_zip(tmp_path / "study.zip", gallery=False)
    assert history.merge(archive).added == [1]
    assert history[1].prompt == "from afar"
    assert history.verify().ok


def test_a_history_that_was_opened_to_read_takes_nothing(history, other):
    draw(other.store, id="b")
    draw(history.store, id="a")
    with pytest.raises(HistoryError, match="opened for reading only"):
        open_history(history.store.folder).merge(other)


def test_many_take_time_that_grows_with_their_number(tmp_path):
    def merge(count):
        folder = tmp_path / f"{time.time_ns()}.draws"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(
            b"".join(
                Record(type="drawing", id=f"i{n}", number=n).to_line() for n in range(1, count + 1)
            )
        )
        into = History(Store(folder.with_suffix(".into.draws")))
        assert len(into.merge(open_history(folder)).added) == count

    assert grows_linearly(merge, 150)
