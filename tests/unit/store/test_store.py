"""The folder on disk: what is written, in which order, and who may read it."""

from __future__ import annotations

import gc
import hashlib
import os
import stat
import threading
import time
from pathlib import Path

import msgspec
import pytest

from nbext.data.record import Record, digest_of
from nbext.errors import HistoryError, PictureError
from nbext.store import store as store_module
from nbext.store.index import Index
from nbext.store.sink import HEADER_BYTES
from nbext.store.store import ORPHAN_SECONDS, Store
from tests.films import SCENE, SOUND, box, film
from tests.records import draw, noise, picture


def lines(store):
    return (store.folder / "history.jsonl").read_bytes().splitlines()


def files(store):
    return sorted(p.name for p in store.folder.rglob("*") if p.is_file())


def test_nothing_is_made_before_something_is_kept(store):
    assert store.records() == []
    assert store.path("0" * 64) is None
    store.sink().abort()
    assert not store.folder.exists()


def test_a_picture_lies_under_its_hash_with_the_suffix_of_its_bytes(store):
    for form, suffix in {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}.items():
        data = picture(form=form)
        info = store.put(data)
        sha256 = hashlib.sha256(data).hexdigest()
        path = store.folder / "pictures" / sha256[:2] / f"{sha256}.{suffix}"
        assert (info.sha256, info.size, info.width, info.height) == (sha256, len(data), 8, 6)
        assert store.path(sha256) == path
        assert path.read_bytes() == store.read(sha256) == data


def test_a_picture_comes_in_pieces_of_any_size(store):
    data = picture()
    for step in (1, 3, 7, len(data)):
        sink = store.sink()
        for at in range(0, len(data), step):
            sink.write(data[at : at + step])
        assert store.read(sink.close().sha256) == data
    assert len(files(store)) == 1


def test_the_same_picture_is_kept_once_and_mends_a_broken_one(store):
    data = picture()
    path = store.path(store.put(data).sha256)
    path.write_bytes(b"rotten")
    store.put(data)
    assert path.read_bytes() == data
    assert len(files(store)) == 1


def test_what_is_no_picture_leaves_nothing(store):
    for data in (b"", b"<html>no</html>", b'{"error": 1}'):
        with pytest.raises(PictureError):
            store.put(data)
    assert files(store) == []


def test_limits_of_bytes_and_pixels(tmp_path):
    store = Store(tmp_path / "a.draws", max_bytes=1000, max_pixels=100)
    sink = store.sink()
    sink.write(b"\x89PNG" + bytes(900))
    with pytest.raises(PictureError, match="larger than"):
        sink.write(bytes(200))
    with pytest.raises(PictureError):
        sink.write(b"more")
    with pytest.raises(PictureError):
        sink.close()
    assert files(store) == []
    # One with too many pixels is not decoded, but it is paid for.
    info = store.put(picture(size=(20, 6)))
    assert store.read(info.sha256) == picture(size=(20, 6))


def test_a_jpegs_size_is_found_behind_content_credentials(store):
    data = picture(form="JPEG")
    segment = b"\xff\xeb" + (65535).to_bytes(2, "big") + bytes(65533)
    info = store.put(data[:2] + segment * 5 + data[2:])
    assert (info.width, info.height) == (8, 6)


@pytest.mark.parametrize("media", [b"", box(b"mdat", bytes(2 * HEADER_BYTES))])
def test_a_film_is_measured_also_where_its_tables_are_at_its_end(store, media):
    info = store.put(film(SCENE, SOUND, before=media))
    assert (info.media_type, info.width, info.height) == ("video/mp4", 1280, 720)


def test_a_sink_that_is_dropped_leaves_no_file_and_no_descriptor(store):
    def open_files():
        """Those of this store: threads of other tests open and close files meanwhile."""
        links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
        targets = [os.readlink(link) for link in links if os.path.lexists(link)]
        return [target for target in targets if target.startswith(f"{store.folder}{os.sep}")]

    sinks = [store.sink() for _ in range(5)]
    for sink in sinks:
        # A small one has no file yet.
        sink.write(picture() + bytes(HEADER_BYTES))
    assert len(open_files()) == 5
    del sink, sinks
    gc.collect()
    assert open_files() == []
    assert files(store) == []


def test_files_follow_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        store = Store(tmp_path / "a.draws")
        draw(store, picture())
    finally:
        os.umask(old)
    for path in store.folder.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o750 if path.is_dir() else 0o640), path


def test_a_request_is_on_disk_before_it_is_sent(store):
    record = store.begin(Record(type="sent", id="a", prompt="画只猫"))
    assert record.number == 1
    (line,) = lines(store)
    fields = msgspec.json.decode(line)
    assert fields.pop("digest") == digest_of(fields)
    assert fields | {"schema": 0} == {
        "type": "sent", "id": "a", "number": 1, "schema": 0, "prompt": "画只猫",
    }  # fmt: skip
    assert "画只猫".encode() in line


def test_one_record_per_drawing_in_its_last_state(store):
    record = store.begin(Record(type="sent", id="a"))
    record.text = "not written yet"
    assert store.records()[0].type == "sent"
    assert store.records()[0].text == ""
    record.type = "drawing"
    assert store.records()[0].type == "sent"
    store.append(record)
    store.append(Record(type="note", id="a", changes={"star": True, "tags": ["x"]}))
    store.append(Record(type="note", id="a", changes={"tags": ["y"], "note": "n"}))
    for reader in (store, Store(store.folder), Store(store.folder, read_only=True)):
        (kept,) = reader.records()
        assert (kept.type, kept.text, kept.number) == ("drawing", "not written yet", 1)
        assert kept.changes == {"star": True, "tags": ["y"], "note": "n"}
        assert reader.record("a") == kept
        assert reader.record("b") is None
    assert len(lines(store)) == 4


def test_an_unfinished_request_stays(store):
    store.begin(Record(type="sent", id="a"))
    draw(store, picture())
    assert [(r.type, r.number) for r in Store(store.folder).records()] == [
        ("sent", 1),
        ("drawing", 2),
    ]


def test_fields_of_a_newer_version_are_kept(store):
    draw(store)
    with (store.folder / "history.jsonl").open("ab") as file:
        file.write(b'{"type":"drawing","id":"n","number":2,"schema":9,"mood":{"a":[1]}}\n')
    assert store.records()[1].unknown == {"mood": {"a": [1]}}
    assert b'"mood":{"a":[1]}' in store.records()[1].to_line()


def test_two_histories_see_each_others_lines(store):
    other = Store(store.folder)
    numbers = [draw(one, picture()).number for one in (store, other, store, other)]
    assert numbers == [1, 2, 3, 4]
    assert store.records() == other.records()
    other.append(Record(type="note", id=store.records()[0].id, changes={"star": True}))
    assert store.records()[0].changes == {"star": True}


def count_lines_read(monkeypatch, read):
    """Keep a list of the lines that histories read."""
    fold = Index.fold_lines

    def counted(index, lines, odd):
        fold(index, (read.append(line) or line for line in lines), odd)

    monkeypatch.setattr(Index, "fold_lines", counted)


def test_only_the_new_tail_is_read(store, monkeypatch):
    other = Store(store.folder)
    for _ in range(50):
        draw(store)
    other.records()
    parsed = []
    real = Record.from_line
    monkeypatch.setattr(
        Record, "from_line", classmethod(lambda _, line: parsed.append(line) or real(line))
    )
    count_lines_read(monkeypatch, parsed)
    draw(store)
    # Its own lines, each when it was written.
    assert len(parsed) == 2
    parsed.clear()
    for _ in range(3):
        other.records()
        store.records()
    assert len(parsed) == 2


def test_another_file_of_the_same_name_is_read_anew(store):
    for prompt in "abc":
        draw(store, prompt=prompt)
    journal = store.folder / "history.jsonl"
    old = journal.read_bytes()
    assert len(store.records()) == 3
    # The same inode and no smaller, as git may leave it.
    other = old.replace(b"prompt", b"PROMPT")
    journal.write_bytes(other + b'{"type":"drawing","id":"z","number":9}\n')
    assert [r.number for r in store.records()] == [1, 2, 3, 9]
    assert [r.prompt for r in store.records()] == [""] * 4
    journal.write_bytes(b"".join(old.splitlines(keepends=True)[:2]))
    assert [r.prompt for r in store.records()] == ["a"]
    journal.unlink()
    assert store.records() == []
    assert draw(store).number == 1


def test_an_editor_may_trim_the_end_and_windows_may_mark_lines(store):
    draw(store)
    draw(store)
    journal = store.folder / "history.jsonl"
    whole = journal.read_bytes()
    for changed in (whole.rstrip(b"\n"), b"\xef\xbb\xbf" + whole, whole.replace(b"\n", b"\r\n")):
        journal.write_bytes(changed)
        fresh = Store(store.folder)
        assert [r.number for r in fresh.records()] == [1, 2]
        assert draw(fresh).number == 3
        assert [r.number for r in Store(store.folder).records()] == [1, 2, 3]
        assert fresh.warnings == []


def test_a_merge_in_git_loses_nothing(store):
    first = draw(store)
    second = draw(store)
    store.append(Record(type="note", id=second.id, changes={"star": True}))
    own = lines(store)
    merged = [own[4], b"<<<<<<< HEAD", *own[2:4], b"=======", *own[:2], b">>>>>>> theirs", b""]
    (store.folder / "history.jsonl").write_bytes(b"\n".join(merged))
    fresh = Store(store.folder)
    assert [r.id for r in fresh.records()] == [first.id, second.id]
    assert fresh.records()[1].changes == {"star": True}
    assert len(fresh.warnings) == 1


def test_a_torn_line_is_set_aside_before_the_next_is_written(store):
    draw(store)
    journal = store.folder / "history.jsonl"
    torn = b'{"type":"sent","id":"torn","prom'
    for _ in range(2):  # twice in one second
        with journal.open("ab") as file:
            file.write(torn)
        assert len(store.records()) == len(Store(store.folder).records())
        draw(store)
    assert [r.number for r in Store(store.folder).records()] == [1, 2, 3]
    aside = sorted(store.folder.glob("history.torn-*.jsonl"))
    assert [p.read_bytes() for p in aside] == [torn, torn]
    assert all(aside[0].name in w or aside[1].name in w for w in store.warnings)


def test_a_line_behind_half_a_line_is_found(store):
    draw(store)
    kept = draw(store, prompt='{"type":"sent","id":"inside a prompt"}')
    with (store.folder / "history.jsonl").open("ab") as file:
        file.write(
            b'{"type":"drawing","id":"half' + kept.to_line().replace(kept.id.encode(), b"new")
        )
    fresh = Store(store.folder)
    assert [r.id for r in fresh.records()][-1] == "new"
    assert len(fresh.records()) == 3
    assert fresh.warnings[0] == "history.jsonl: a line that is not a record was skipped."


def test_temporary_files_of_a_crash_are_reclaimed_after_a_day(store):
    draw(store, picture())
    young, old = (store.folder / "pictures" / f".{name}.part" for name in "ab")
    for path in (young, old):
        path.write_bytes(b"half")
    past = time.time() - ORPHAN_SECONDS - 60
    os.utime(old, (past, past))
    draw(Store(store.folder), picture())
    assert young.exists()
    assert not old.exists()


def test_reading_never_writes(store):
    draw(store, picture())
    with (store.folder / "history.jsonl").open("ab") as file:
        file.write(b'{"torn')
    before = {
        p: (p.stat().st_mtime_ns, p.read_bytes()) for p in store.folder.rglob("*.*") if p.is_file()
    }
    reader = Store(store.folder, read_only=True)
    (record,) = reader.records()
    assert reader.read(record.pictures[0].sha256) == picture()
    with pytest.raises(HistoryError, match="opened for reading only"):
        reader.begin(Record(type="sent", id="x"))
    with pytest.raises(HistoryError, match="opened for reading only"):
        reader.append(Record(type="note", id=record.id))
    after = {
        p: (p.stat().st_mtime_ns, p.read_bytes()) for p in store.folder.rglob("*.*") if p.is_file()
    }
    assert after == before


def test_a_missing_picture_is_named(store):
    with pytest.raises(HistoryError, match="abababababab"):
        store.read("ab" * 32)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "",
        "ab",
        "AB" * 32,
        "ab" * 32 + "/..",
        "ab" * 32 + "\n",
        "．" * 64,
    ],
)
def test_a_picture_is_named_by_its_hash_only(store, name):
    draw(store, picture())
    assert store.path(name) is None
    with pytest.raises(HistoryError):
        store.read(name)


def test_a_link_leads_out_of_the_folder_only_to_the_picture_it_names(store, tmp_path):
    draw(store, picture("blue"))
    secret = tmp_path / "secret.png"
    secret.write_bytes(picture("green"))
    annex = tmp_path / "annex"
    annex.write_bytes(picture("red"))
    wrong, right = "ab" * 32, hashlib.sha256(picture("red")).hexdigest()
    for sha256, target in ((wrong, secret), (right, annex)):
        folder = store.folder / "pictures" / sha256[:2]
        folder.mkdir(exist_ok=True)
        (folder / f"{sha256}.png").symlink_to(target)
    assert store.path(wrong) is None
    assert store.read(right) == picture("red")
    # Changed behind the link.
    annex.write_bytes(picture("black"))
    assert store.path(right) is None
    # A folder that is a link, and one that leads round in a circle.
    for sha256, target in (("cd" * 32, tmp_path), ("ef" * 32, "ef")):
        (store.folder / "pictures" / sha256[:2]).symlink_to(target)
    (tmp_path / f"{'cd' * 32}.png").write_bytes(b"secret")
    assert store.path("cd" * 32) is None
    assert store.path("ef" * 32) is None


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{}",
    b'{"type":"drawing"}',
    b'{"type":"drawing","id":""}',
    b'{"type":"drawing","id":5}',
    b'{"type":"other","id":"a"}',
    b'{"type":"drawing","id":"a","number":"1"}',
    b'{"type":"drawing","id":"a","number":1e400}',
    b'{"type":"drawing","id":["a"],"pictures":[]}',
    b'{"type":"note","id":"a","changes":5}',
    b'{"type":"drawing","id":"a","raw":' + b"[" * 100_000,
    b'{"type":"drawing","id":"a","raw":' * 5_000,
    b"\xff\xfe\x00{}",
    b"\x00" * 1000,
    b"{" * 100_000,
]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_line_costs_nothing_but_itself(store, line):
    draw(store, prompt="before")
    with (store.folder / "history.jsonl").open("ab") as file:
        file.write(line + b"\n")
    draw(store, prompt="after")
    fresh = Store(store.folder)
    assert [r.prompt for r in fresh.records()] == ["before", "after"]
    assert [r.number for r in fresh.records()] == [1, 2]


def test_strange_numbers_do_not_stop_the_count(store):
    store.folder.mkdir()
    (store.folder / "history.jsonl").write_bytes(
        b"".join(
            b'{"type":"drawing","id":"s%d","number":%d}\n' % (at, number)
            for at, number in enumerate([-5, 0, 10**18, 10**30])
        )
    )
    assert draw(store).number == 1


def test_what_json_cannot_hold_is_recorded_as_well_as_it_can_be(store):
    text = "\ud83d" + "\ude00" + " cut \ud83d"
    record = draw(store, text=text, usage={"tokens": 2**70, "of": [b"bytes", {"\udc00": 1}]})
    (kept,) = Store(store.folder).records()
    assert kept.id == record.id
    assert kept.text == "😀 cut \ufffd"
    assert kept.usage == {"tokens": str(2**70), "of": [str(b"bytes"), {"\ufffd": 1}]}


def test_many_threads_number_without_gaps(store):
    def work():
        for _ in range(10):
            draw(store)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.number for r in store.records()] == list(range(1, 41))
    assert Store(store.folder).records() == store.records()


def test_a_large_picture_does_not_stay_in_memory(store):
    import tracemalloc

    data = noise((1500, 1500))
    tracemalloc.start()
    sink = store.sink()
    for at in range(0, len(data), 65536):
        sink.write(data[at : at + 65536])
    sink.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(data) > 6_000_000
    assert peak < 1_000_000


def test_folder_may_be_a_link_itself(tmp_path):
    (tmp_path / "big disk").mkdir()
    (tmp_path / "cats.draws").symlink_to(tmp_path / "big disk")
    store = Store(Path(tmp_path / "cats.draws"))
    record = draw(store, picture())
    assert store.read(record.pictures[0].sha256) == picture()


def test_the_latest_drawings_are_read_from_the_end_of_the_file(store, monkeypatch):
    monkeypatch.setattr(store_module, "_END_BYTES", 4000)
    for _ in range(30):
        draw(store)
    newest_first = list(store.records())[::-1]
    fresh = Store(store.folder)
    assert fresh.latest(3) == newest_first[:3] == store.latest(3)
    some = Store(store.folder).latest(30)
    assert 3 < len(some) < 30
    assert some == newest_first[: len(some)]
    (store.folder / "history.jsonl").write_bytes(b"torn")
    assert Store(store.folder).latest(3) == []
    assert Store(store.folder.with_name("none.draws")).latest(3) == []


def test_the_models_of_a_prompt_follow_the_lines(store):
    draw(store, prompt="a cat", model="m-1")
    draw(store, prompt="a dog", model="m-1")
    assert store.models_of("draw", "a cat") == store.models_of("draw", "a dog") == ["m-1"]
    for model in ("m-2", "m-1", "m-3"):
        draw(store, prompt="a cat", model=model)
    again = draw(store, prompt="a cat", model="m-4")
    assert store.models_of("draw", "a cat") == ["m-1", "m-2", "m-3", "m-4"]
    # A request may be recorded under the name of another model that has answered it.
    again.model = "m-5"
    store.append(again)
    assert store.models_of("draw", "a cat") == ["m-1", "m-2", "m-3", "m-5"]
    assert store.models_of("chat", "a cat") == store.models_of("draw", "a fox") == []
    assert Store(store.folder).models_of("draw", "a cat") == ["m-1", "m-2", "m-3", "m-5"]
