"""The drawings of a notebook, in order: finding, checking, opening."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.drawings.drawing import Drawings
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.errors import HistoryError, OptionError
from nbext.store.store import Store
from tests.growth import grows_linearly
from tests.records import draw, picture


def numbers(drawings):
    return [drawing.number for drawing in drawings]


@pytest.fixture
def five(history):
    for colour in ("red", "blue", "green", "cyan", "black"):
        draw(history.store, picture(colour), prompt=f"a {colour} cat")
    return history


def test_a_number_means_what_the_caption_says(five):
    assert (five[1].prompt, five[5].prompt) == ("a red cat", "a black cat")
    assert len(five) == 5
    assert numbers(five) == [1, 2, 3, 4, 5]
    assert five["@2"] == five[2]
    assert five.last == five[-1] == five[5]
    assert five._ipython_key_completions_() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("wrong", [0, 6, -6, 10**20])
def test_a_number_that_is_not_there(five, wrong):
    with pytest.raises(HistoryError, match=rf"no drawing @{wrong}\. The last one is @5"):
        five[wrong]


def test_an_empty_history(history):
    assert not history
    assert list(history) == []
    with pytest.raises(HistoryError, match="empty"):
        history.last  # noqa: B018
    with pytest.raises(HistoryError, match="empty"):
        history[1]
    assert repr(history) == "<History cats.draws: 0 drawings>"
    assert history.verify().ok


def test_what_is_no_number(five):
    with pytest.raises(TypeError):
        five[1.5]


def test_slices_go_by_number(five):
    for wanted, found in {
        (None, None, None): [1, 2, 3, 4, 5],
        (2, 4, None): [2, 3],
        (4, None, None): [4, 5],
        (None, 3, None): [1, 2],
        (0, 100, None): [1, 2, 3, 4, 5],
        (-2, None, None): [4, 5],
        (None, -1, None): [1, 2, 3, 4],
        (2, -1, None): [2, 3, 4],
        (1, None, 2): [1, 3, 5],
    }.items():
        drawings = five[slice(*wanted)]
        assert numbers(drawings) == found, wanted
        assert isinstance(drawings, Drawings)


def test_numbers_may_have_gaps(history):
    lines = [Record(type="drawing", id=f"{n}", number=n).to_line() for n in (2, 7, 7, 9)]
    history.store.folder.mkdir()
    (history.store.folder / "history.jsonl").write_bytes(b"".join(lines))
    assert numbers(history[2:8]) == [2, 7]
    assert history[9].number == 9
    assert history[-2].number == 7
    with pytest.raises(HistoryError):
        history[3]


def test_what_this_kernel_has_shown_counts_as_last(five):
    five.show(five[4])
    five.show(five[2])
    assert [five[n].number for n in (-1, -2, -3, -4, -5)] == [2, 4, 5, 3, 1]
    assert numbers(five[-2:]) == [4, 2]
    five.show(five[4])
    assert five.shown == [five[2].id, five[4].id]
    assert five[-1].number == 4
    assert numbers(five) == [1, 2, 3, 4, 5]


def test_resolve(five):
    several = draw(five.store, [picture("red"), picture("blue")])
    for text, number, index in (
        ("@3", 3, 0),
        (" @6.2 ", 6, 1),
        ("@-1", 6, 0),
        ("@-1.2", 6, 1),
        ("@6.1", 6, 0),
    ):
        drawing, shown = five.resolve(text)
        assert (drawing.number, shown.index) == (number, index)
    assert several.number == 6


@pytest.mark.parametrize(
    "text", ["", "@", "3", "@0", "@-0", "@3.", "@a", "@3.2.1", "@ 3", "@٣x", "@" + "9" * 5000]
)
def test_what_is_no_reference(five, text):
    with pytest.raises(HistoryError):
        five.resolve(text)


def test_resolve_says_why_there_is_no_picture(five):
    draw(five.store, error=Failure(type="QuotaError", message="The balance is used up."))
    with pytest.raises(
        HistoryError, match=r"has 0 pictures, so there is no number 1\. It failed: The balance"
    ):
        five.resolve("@6")
    for text in ("@1.2", "@1.0"):
        with pytest.raises(HistoryError, match="has 1 picture, so there is no number"):
            five.resolve(text)


def test_search(history):
    store = history.store
    draw(store, prompt="画只猫 in a HAT", model="gpt-4o-image", started="2026-11-20T10:00:00.000Z")
    draw(
        store,
        prompt="a dog",
        text="Here is your Cat",
        model="gemini",
        started="2026-11-21T23:59:59.000Z",
    )
    draw(store, prompt="cat", model="gpt-4o", kind="chat", started="2026-11-22T10:00:00.000Z",
         error=Failure(type="E", message="m"))  # fmt: skip
    history[1].star().tag("final")
    history[2].note = "the best"
    for found, wanted in (
        ([1, 2, 3], {}),
        ([2, 3], {"text": "cat"}),
        ([1], {"text": "hat 画只猫"}),
        ([2], {"text": "best"}),
        ([1], {"text": "FINAL"}),
        ([1, 3], {"model": "GPT-4o"}),
        ([3], {"kind": "chat"}),
        ([1], {"starred": True}),
        ([2, 3], {"starred": False}),
        ([1], {"tag": "final"}),
        ([3], {"failed": True}),
        ([1, 2], {"failed": False}),
        ([2, 3], {"since": "2026-11-21T12:00:00+00:00"}),
        ([1, 2], {"until": "2026-11-22T00:00+00:00"}),
        ([], {"text": "cat", "model": "flux"}),
    ):
        assert numbers(history.search(**wanted)) == found, wanted
    assert numbers(history.starred) == [1]
    with pytest.raises(OptionError, match="not a date"):
        history.search(since="last week")


def test_a_day_includes_its_last_second(history, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    draw(history.store, started="2026-11-21T23:59:59.900Z")
    assert len(history.search(since="2026-11-21", until="2026-11-21")) == 1
    day = dt.date(2026, 11, 21)
    assert len(history.search(since=day, until=day)) == 1
    assert len(history.search(until="2026-11-20")) == 0
    monkeypatch.undo()
    time.tzset()


def test_cost_adds_up(history):
    for cost in (0.04, None, 0.1, 0.2):
        draw(history.store, cost=cost)
    assert history.cost == 0.34


def test_repr_shows_the_last(history):
    for _ in range(25):
        draw(history.store, picture(), prompt="a\ncat " * 50)
    draw(history.store, error=Failure(type="QuotaError", message="m"))
    history.store.begin(Record(type="sent", id="u", model="m"))
    lines = repr(history).splitlines()
    assert lines[:2] == ["<History cats.draws: 27 drawings>", "  … 7 more"]
    assert len(lines) == 22
    assert "no credit left" in lines[-2]
    assert "unfinished" in lines[-1]
    data, _ = history._repr_mimebundle_()
    assert data["text/plain"] == repr(history)
    assert {"image/png", "image/jpeg"} & set(data)


def test_verify_finds_what_is_wrong(five):
    store = five.store
    given = store.put(picture("white"))
    mask = store.put(picture("pink"))
    draw(
        store,
        picture("grey"),
        parents=[five[1].id, "lost"],
        references=[ReferenceInfo(sha256=given.sha256)],
        mask=ReferenceInfo(sha256=mask.sha256),
    )
    store.begin(Record(type="sent", id="u", started="2026-11-22T10:00:00.000Z"))
    report = five.verify()
    assert (report.checked, report.changed, report.extra) == (8, [], [])
    assert report.missing == ["@6: its parent lost"]
    assert report.unfinished == ["@7: sent 2026-11-22T10:00:00.000Z, no answer recorded"]
    five[2].pictures[0].path.unlink()
    store.path(mask.sha256).unlink()
    broken = five[3].pictures[0].path
    broken.write_bytes(broken.read_bytes() + b"\0")
    stray = broken.with_name("f" * 64 + ".png")
    stray.write_bytes(b"")
    report = five.verify()
    assert report.missing[:2] == [f"@2: {five[2].pictures[0].sha256}", f"@6: {mask.sha256}"]
    assert report.changed == [f"@3: {broken.name}"]
    assert report.extra == [stray.name]
    assert not report.ok
    assert not report
    assert "8 pictures checked: NOT as recorded" in repr(report)
    assert f"changed: @3: {broken.name}" in repr(report)


def test_verify_of_a_whole_history(five):
    report = five.verify()
    assert report
    assert repr(report).splitlines() == [
        "5 pictures checked: all present and unchanged",
        "  limits: without an earlier manifest, removed notes, lines removed at the end, another order of lines and most changes by somebody who computes the digest again are not noticed",
    ]
    assert five.verify(manifest=five.manifest).limits == []


def test_a_note_for_a_drawing_that_is_not_there(history):
    with pytest.raises(HistoryError, match="not in this history"):
        history.annotate("lost", {"star": True})
    assert not history.store.folder.exists()


def test_open_history(tmp_path):
    folder = tmp_path / "paper.draws"
    draw(Store(folder), picture(), prompt="a cat")
    (tmp_path / "paper.ipynb").write_text("{}")
    for path in (
        tmp_path / "paper.ipynb",
        str(tmp_path / "paper.ipynb"),
        tmp_path / "paper",
        folder,
        f"{folder}/",
        folder / "history.jsonl",
    ):
        opened = open_history(path)
        assert opened[1].prompt == "a cat"
        assert opened[1].image.size == (8, 6)
        assert opened.session is None
        assert opened.store.read_only
    assert sorted(p.name for p in folder.iterdir()) == ["history.jsonl", "history.lock", "pictures"]


def test_open_history_with_points_in_its_name_or_under_another(tmp_path):
    draw(Store(tmp_path / "paper.v2.draws"), prompt="two")
    draw(Store(tmp_path / "elsewhere"), prompt="three")
    assert open_history(tmp_path / "paper.v2.ipynb")[1].prompt == "two"
    assert open_history(tmp_path / "paper.v2")[1].prompt == "two"
    assert open_history(tmp_path / "elsewhere")[1].prompt == "three"


@pytest.mark.parametrize(
    "path", ["papr.ipynb", "nowhere/paper.ipynb", ".", "/", "", "history.jsonl"]
)
def test_open_history_where_there_is_none(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    draw(Store(tmp_path / "paper.draws"))
    with pytest.raises(HistoryError, match="There is no history") as caught:
        open_history(path)
    assert ("Did you mean paper.draws?" in str(caught.value)) == (path == "papr.ipynb")


def test_two_histories_at_once(tmp_path):
    one, two = (History(Store(tmp_path / f"{name}.draws")) for name in ("a", "b"))
    draw(one.store, picture("red"), prompt="one")
    draw(two.store, picture("blue"), prompt="two")
    one.show(one[1])
    assert (one[-1].prompt, two[-1].prompt) == ("one", "two")
    assert two.shown == []
    assert one[1].image.getpixel((0, 0)) != two[1].image.getpixel((0, 0))


def test_to_html(five, tmp_path):
    written = five.to_html(title="Cats & dogs")
    assert written == tmp_path / "cats.html"
    text = written.read_text(encoding="utf-8")
    assert "Cats &amp; dogs" in text
    assert "a black cat" in text
    assert five.to_html() == written, "its own page"
    written.write_text("somebody's own", encoding="utf-8")
    with pytest.raises(OptionError):
        five.to_html()
    assert five.to_html(tmp_path / "other") == tmp_path / "other.html"


def test_each_drawing_of_many_is_found_as_soon_as_of_few(tmp_path):
    histories = {}
    for count in (500, 4_000):
        folder = tmp_path / f"{count}.draws"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(
            b"".join(
                Record(type="drawing", id=f"{n}", number=n, prompt=f"cat {n}").to_line()
                for n in range(1, count + 1)
            )
        )
        histories[count] = History(Store(folder))
        assert len(histories[count]) == count

    def work(count):
        history = histories[count]
        for number in range(1, count // 5):
            assert history[number].number == number
            history.show(history[number])
        assert history[-1].number == count // 5 - 1

    assert grows_linearly(work, 500)
    assert len(histories[4_000].search("cat 99")) == sum("99" in str(n) for n in range(1, 4_001))


def test_annotations_are_undone_and_nothing_is_removed(tmp_path):
    store = Store(tmp_path / "cats.draws")
    history = History(store)
    draw(store, id="a")
    history[1].star().tag("final")
    history[1].note = "one"
    history[1].note = "two"
    lines = (tmp_path / "cats.draws" / "history.jsonl").read_bytes()
    assert history.undo().note == "one"
    assert history.undo().note == ""
    assert history.undo().tags == []
    assert not history.undo().starred
    with pytest.raises(HistoryError, match="to undo"):
        history.undo()
    assert (tmp_path / "cats.draws" / "history.jsonl").read_bytes().startswith(lines)
    assert not History(Store(tmp_path / "cats.draws"))[1].starred


def test_what_an_archive_says_to_those_who_would_write(tmp_path):
    store = Store(tmp_path / "cats.draws")
    draw(store, id="a")
    study = open_history(History(store).to_zip(tmp_path / "study.zip"))
    before = (tmp_path / "study.zip").read_bytes()

    def note():
        study[1].note = "x"

    for attempt in (
        note,
        study[1].star,
        lambda: study[1].tag("x"),
        lambda: study[1].edit("x"),
        study[1].again,
        lambda: study[1].again(below=True),
        lambda: study.merge(History(store)),
        study.undo,
    ):
        with pytest.raises(HistoryError) as caught:
            attempt()
        assert "open" in str(caught.value) or "to undo" in str(caught.value)
    assert (tmp_path / "study.zip").read_bytes() == before


@pytest.mark.parametrize("value", [3, True, b"2026-11-22", "soon"])
def test_what_is_no_date_is_refused(five, value):
    with pytest.raises(OptionError, match="is not a date"):
        five.search(since=value)


def test_what_is_no_text_is_refused(five):
    with pytest.raises(OptionError, match="None is not text"):
        five.search(None)


def test_an_export_into_a_folder_has_the_name_of_the_history(five, tmp_path):
    (tmp_path / "out").mkdir()
    page = five.to_html(tmp_path / "out")
    assert page.parent.name == "out"
    assert page.name == f"{five.store.folder.stem}.html"
