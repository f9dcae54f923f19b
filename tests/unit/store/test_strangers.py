"""A history's folder from a stranger: nothing outside of it is read, written or waited for."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import zipfile
from base64 import b64encode
from types import SimpleNamespace

import msgspec
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from nbext.data.record import Record
from nbext.drawings.history import History
from nbext.errors import HistoryError, ReplayError
from nbext.store.journal import Journal
from nbext.store.lines import MAX_TEXT
from nbext.store.repair import restore
from nbext.store.replay import Replay
from nbext.store.store import Store
from nbext.store.zip_store import ZipStore
from nbext.util.atomic import LEFT_OVER_SECONDS, atomic_write, clear_leftovers
from tests.records import draw, picture


def drawn_in_memory(store, *, why):
    """A drawing is shown, and said to be in memory only."""
    record = draw(store, picture())
    assert store.read(record.pictures[0].sha256) == picture()
    assert [r.id for r in store.records()] == [record.id]
    assert why in "".join(store.warnings)
    assert "could not be saved" in "".join(store.warnings)


@pytest.mark.parametrize("ending", ["\n", "", "\nhalf a line"])
def test_records_behind_a_link_are_neither_read_nor_written(store, tmp_path, ending):
    own = tmp_path / "bashrc"
    own.write_text('{"type":"drawing","id":"x","number":1}\nexport A=1' + ending)
    before = own.read_bytes()
    store.folder.mkdir()
    (store.folder / "history.jsonl").symlink_to(own)
    with pytest.raises(HistoryError, match="it is a link"):
        Store(store.folder, read_only=True).records()
    drawn_in_memory(store, why="it is a link")
    assert own.read_bytes() == before


def test_records_that_never_end_or_never_come(store):
    store.folder.mkdir()
    for make in (
        lambda path: path.symlink_to("/dev/zero"),
        os.mkfifo,
        lambda path: path.mkdir(),
    ):
        path = store.folder / "history.jsonl"
        make(path)
        with pytest.raises(HistoryError, match="cannot be read"):
            Store(store.folder, read_only=True).records()
        drawn_in_memory(Store(store.folder), why="cannot be read")
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_pictures_behind_a_link_are_left_alone(store, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".old.part").write_bytes(b"mine")
    os.utime(elsewhere / ".old.part", (0, 0))
    store.folder.mkdir()
    store.pictures.symlink_to(elsewhere)
    drawn_in_memory(store, why="is a link")
    assert [path.name for path in elsewhere.iterdir()] == [".old.part"]


def test_a_shard_behind_a_link_is_left_alone(store, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    store.pictures.mkdir(parents=True)
    (store.pictures / hashlib.sha256(picture()).hexdigest()[:2]).symlink_to(elsewhere)
    record = draw(store, picture())
    assert store.read(record.pictures[0].sha256) == picture()
    assert "is a link" in "".join(store.warnings)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.write_text("mine")])
def test_a_shard_that_is_no_folder_is_named(store, make):
    store.pictures.mkdir(parents=True)
    name = hashlib.sha256(picture()).hexdigest()[:2]
    make(store.pictures / name)
    record = draw(store, picture())
    assert store.read(record.pictures[0].sha256) == picture()
    assert f"({name} is not a folder)" in "".join(store.warnings)
    (store.pictures / name).unlink()
    draw(store)
    assert Store(store.folder).read(record.pictures[0].sha256) == picture()


def test_a_lock_behind_a_link_is_left_alone(store, tmp_path):
    own = tmp_path / "bashrc"
    own.write_text("export A=1")
    store.folder.mkdir()
    (store.folder / "history.lock").symlink_to(own)
    draw(store)
    assert own.read_text() == "export A=1"
    assert [r.number for r in Store(store.folder).records()] == [1]


@pytest.mark.parametrize("number", [999_999_997, 999_999_999, 10_000_000, 9_999_999, 10**12, -1])
def test_a_number_beyond_all_counting_does_not_spoil_those_that_follow(store, number):
    store.folder.mkdir()
    line = msgspec.json.encode({"type": "drawing", "id": "x", "number": number})
    (store.folder / "history.jsonl").write_bytes(line + b"\n")
    numbers = [draw(store).number for _ in range(4)]
    assert len(set(numbers)) == 4
    fresh = Store(store.folder)
    assert {r.number for r in fresh.records()} >= set(numbers)
    assert fresh.duplicate_numbers() == []


def test_a_text_without_end_is_cut_and_said(store):
    record = store.append(Record(type="drawing", id="a", number=1, text="x" * (MAX_TEXT + 9)))
    assert len(record.text) == MAX_TEXT
    assert record.lost == ("The text is longer than 4.2 MB; the rest was left out.",)
    assert Store(store.folder).records()[0] == record


def archive(path, data, compression=zipfile.ZIP_DEFLATED, **members):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("history.jsonl", data)
        for name, value in members.items():
            file.writestr(name, value)
    return path


@pytest.mark.parametrize(
    "data", [b"{}" * 30_000_000, b"\n" * 60_000_000, b"x\n" * 3_000_000, b"\0" * 70_000_000],
    ids=["one line", "newlines", "two bytes", "zeros"],
)  # fmt: skip
def test_an_archive_that_swells_is_given_up_at_once(tmp_path, data):
    import tracemalloc

    path = archive(tmp_path / "a.zip", data)
    assert path.stat().st_size < 120_000
    tracemalloc.start()
    opened = ZipStore(path)
    with pytest.raises(HistoryError, match="cannot be read"):
        opened.records()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80_000_000


def test_an_archive_that_lists_too_many_files(tmp_path):
    path = archive(tmp_path / "a.zip", b"")
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = (70 << 20).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="too many files"):
        ZipStore(path)


def test_an_archive_is_read_when_it_is_asked_for(tmp_path):
    path = archive(tmp_path / "a.zip", b'{"type":"drawing","id":"x","number":1}\n')
    opened = History(ZipStore(path))
    assert opened.store._loaded is False
    assert opened[1].id == "x"


def test_what_crashes_have_left_goes_after_a_day(tmp_path):
    name = "0" * 32
    old = [f".cats.html.{name}.part", f".cats.ipynb.{name}.part", f".a.zip.{name}.part"]
    others = [f"cats.{name}.part", ".cats.part", ".gallery-12345678.html", ".cats.html.0.part"]
    for file in (*old, *others, f".young.{name}.part"):
        (tmp_path / file).write_bytes(b"x")
    (tmp_path / ".gallery-abcd_123").mkdir()
    (tmp_path / ".gallery-abcd_123" / "page").write_bytes(b"x")
    (tmp_path / f".link.{name}.part").symlink_to(tmp_path / others[0])
    for path in tmp_path.iterdir():
        if "young" not in path.name:
            os.utime(path, (0, 0), follow_symlinks=False)
    clear_leftovers(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*others, f".young.{name}.part", f".link.{name}.part"}
    assert LEFT_OVER_SECONDS >= 3600


def test_the_longest_names_can_be_written(tmp_path):
    for name in ("x" * 255, "猫" * 85):
        with atomic_write(tmp_path / name) as part:
            part.write_bytes(b"x")
        assert (tmp_path / name).read_bytes() == b"x"


def test_zeros_in_place_of_the_end_cost_nothing(store):
    draw(store, prompt="one")
    journal = store.folder / "history.jsonl"
    whole = journal.read_bytes()
    for zeros in (1, 7, 4096):
        journal.write_bytes(whole[:-1] + b"\0" * zeros)
        fresh = Store(store.folder)
        assert [r.type for r in fresh.records()] == ["drawing"]
        assert draw(fresh).number == 2
        assert [(r.number, r.type) for r in Store(store.folder).records()] == [
            (1, "drawing"),
            (2, "drawing"),
        ]
        assert list(store.folder.glob("history.torn-*")) == []


# What the disk does not take is said


def full_disk():
    """A disk that takes no record."""

    def refuse(*_args, **_how):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch = pytest.MonkeyPatch()
    patch.setattr(Journal, "append", refuse)
    return contextlib.closing(SimpleNamespace(close=patch.undo))


def test_annotations_on_a_full_disk_are_said_and_kept(store, capsys):
    draw(store)
    history = History(store)
    with full_disk():
        history[1].star()
        history[1].note = "good"
        history.undo()
    told = capsys.readouterr().err
    assert "A note could not be saved" in told
    assert "No space left" in told
    assert (history[1].starred, history[1].note) == (True, "")
    assert not History(Store(store.folder, read_only=True))[1].starred
    draw(store)
    fresh = History(Store(store.folder))
    assert (fresh[1].starred, fresh[1].note) == (True, "")


def test_a_disk_that_is_full_again_is_said_again(store, capsys):
    draw(store)
    history = History(store)
    for text in ("one", "two"):
        with full_disk():
            history[1].note = text
            assert "A note could not be saved" in capsys.readouterr().err
            history[1].note = f"{text}!"
            assert capsys.readouterr().err == ""
        draw(store)
        assert "is now saved" in "".join(store.new_warnings())
    assert History(Store(store.folder))[1].note == "two!"


def test_a_merge_on_a_full_disk_is_said_and_kept(store, tmp_path, capsys):
    theirs = Store(tmp_path / "theirs.draws")
    draw(theirs, picture(), prompt="theirs")
    History(theirs)[1].star()
    with full_disk():
        merged = History(store).merge(History(theirs))
    assert merged.unsaved == 1
    assert "NOT saved" in repr(merged)
    assert "could not be saved" in capsys.readouterr().err
    assert Store(store.folder, read_only=True).records() == []
    draw(store, prompt="ours")
    fresh = History(Store(store.folder))
    assert [d.prompt for d in fresh] == ["theirs", "ours"]
    assert fresh[1].starred


# What the disk has changed is not shown as right


def spoiled(path, how):
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        others = {
            "empty": b"",
            "cut": data[: len(data) // 2],
            "zeroed": bytes(len(data)),
            "swapped": picture("green"),
        }
        path.write_bytes(others[how])


@pytest.mark.parametrize("how", ["missing", "empty", "cut", "zeroed", "swapped"])
@pytest.mark.parametrize("mode", ["restart", "only", "always"])
def test_a_changed_picture_is_not_replayed(store, how, mode):
    record = draw(store, picture(), fingerprint="f", cell="x", session="earlier")
    spoiled(store.path(record.pictures[0].sha256), how)
    replay = Replay(Store(store.folder).is_whole)
    ask = {"mode": mode, "cell": "x", "session": "now", "embedded": True}
    if mode == "only":
        with pytest.raises(ReplayError, match="missing or changed"):
            replay.find(store.with_fingerprints("f"), "f", 0, **ask)
        return
    match = replay.find(store.with_fingerprints("f"), "f", 0, **ask)
    assert match.record is None
    assert match.reason == "The pictures recorded as @1 are missing or changed."


@pytest.mark.parametrize("how", ["missing", "empty", "cut", "zeroed", "swapped"])
def test_a_changed_picture_is_put_back_from_the_notebook(store, how):
    data = picture()
    record = draw(store, data, fingerprint="f", cell="x", session="earlier")
    notebook = new_notebook(
        cells=[
            new_code_cell(
                "x", outputs=[new_output("display_data", {"image/png": b64encode(data).decode()})]
            )
        ]
    )
    nbformat.write(notebook, store.folder.with_suffix(".ipynb"))
    spoiled(store.path(record.pictures[0].sha256), how)
    fresh = Store(store.folder)
    replay = Replay(fresh.is_whole, lambda lost: restore(fresh, lost))
    ask = {"mode": "only", "cell": "x", "session": "now", "embedded": True}
    assert replay.find(fresh.with_fingerprints("f"), "f", 0, **ask).record.id == record.id
    assert fresh.read(record.pictures[0].sha256) == data
    assert "was restored" in "".join(fresh.warnings)


def test_a_file_of_two_names_is_copied_before_it_is_written(store, tmp_path):
    draw(store)
    own = store.folder / "history.jsonl"
    other = tmp_path / "diary.txt"
    text = own.read_bytes() + b"a last line without its end"
    other.write_bytes(text)
    own.unlink()
    os.link(other, own)
    strange = Store(store.folder)
    assert [record.number for record in strange.records()] == [1]
    draw(strange, prompt="a dog")
    assert other.read_bytes() == text
    assert [record.prompt for record in Store(store.folder).records()][1:] == ["a dog"]
    assert own.stat().st_nlink == 1
    assert not list(store.folder.glob(".*.part"))
