"""A thousand seeded corruptions of a history and of its archive: what verify finds of them."""

from __future__ import annotations

import json
import os
import random
import shutil
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from nbext.data.record import ReferenceInfo, digest_of
from nbext.data.request import Request
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.store.store import Store
from tests.records import draw, picture

COUNT = int(os.environ.get("NBEXT_CORRUPTIONS", "300"))
COLOURS = ("red", "green", "blue", "black", "white", "yellow")
# Fields that a forger changes, and what to.
FORGED = {
    "prompt": "another", "model": "another", "system": "x", "host": "x", "embedded": True,
    "started": "2020-01-01T00:00:00.000Z", "finished": "2040-01-01T00:00:00.000Z", "cost": 9.0,
    "text": "x", "parents": [], "cell": "x", "error": {"type": "E", "message": "m"},
    "answered_model": "x", "fingerprint": "0" * 64, "parameters": {"seed": 1}, "elapsed": 9.0,
    "request_id": "x", "usage": {"tokens": 1}, "take": 3, "number": 99,
}  # fmt: skip


@pytest.fixture(scope="module")
def intact(tmp_path_factory):
    folder = tmp_path_factory.mktemp("intact") / "cats.draws"
    store = Store(folder)
    parent = None
    for number, colour in enumerate(COLOURS):
        fields = {
            "prompt": f"a {colour} cat in a café", "started": f"2026-11-2{number}T10:00:00.000Z",
            "finished": f"2026-11-2{number}T10:00:09.000Z", "elapsed": 9.0, "cost": 0.04,
            "text": "here", "fingerprint": f"{number:064}", "session": "s", "cell": f"c{number}",
            "versions": {"nbext": "1"}, "answered_model": "m", "host": "relay.example",
        }  # fmt: skip
        if parent is None:
            fields["fingerprint"] = Request(
                prompt=fields["prompt"], model="gpt-4o-image"
            ).fingerprint()
        else:
            fields["parents"] = (parent.id,)
            own = ReferenceInfo(sha256=parent.pictures[0].sha256, drawing=parent.id)
            fields["references"] = (own,)
        parent = draw(store, picture(colour), **fields)
    history = History(store)
    history[2].star().note = "good"
    history[3].tag("final")
    history.to_zip(folder.with_suffix(".zip"), gallery=True)
    return folder


def lines_in(folder):
    return (folder / "history.jsonl").read_bytes().splitlines()


def write(folder, lines):
    (folder / "history.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


# Each corrupts a copy of the folder, and says what it did.


def spoil_picture(folder, rng):
    path = rng.choice(sorted((folder / "pictures").glob("*/*")))
    other = rng.choice([p for p in sorted((folder / "pictures").glob("*/*")) if p != path])
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    how = rng.choice(["flip", "cut", "append", "swap", "remove", "zero"])
    data[at] ^= 1 << rng.randrange(8)
    changed = {
        "flip": bytes(data), "cut": path.read_bytes()[:at], "append": path.read_bytes() + b"x",
        "swap": other.read_bytes(), "zero": bytes(len(data)),
    }  # fmt: skip
    path.unlink() if how == "remove" else path.write_bytes(changed[how])
    return f"picture: {how}"


def forge_field(folder, rng):
    lines = lines_in(folder)
    at = rng.randrange(len(lines))
    fields = msgspec.json.decode(lines[at])
    if fields["type"] == "note":
        fields["changes"] = {"note": "forged"}
        name = "note"
    else:
        name = rng.choice(sorted(FORGED))
        fields[name] = FORGED[name]
    lines[at] = msgspec.json.encode(fields)
    write(folder, lines)
    return "record: a field forged"


def swap_pictures(folder, rng):
    lines = lines_in(folder)
    drawn = [at for at, line in enumerate(lines) if b'"pictures"' in line]
    one, two = rng.sample(drawn, 2)
    a, b = msgspec.json.decode(lines[one]), msgspec.json.decode(lines[two])
    a["pictures"], b["pictures"] = b["pictures"], a["pictures"]
    lines[one], lines[two] = msgspec.json.encode(a), msgspec.json.encode(b)
    write(folder, lines)
    return "record: pictures swapped"


def flip_bit(folder, rng):
    path = folder / "history.jsonl"
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data) - 1)
    data[at] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    return "file: a bit flipped"


def lose_byte(folder, rng):
    path = folder / "history.jsonl"
    data = path.read_bytes()
    at = rng.randrange(len(data) - 1)
    path.write_bytes(data[:at] + data[at + 1 :])
    return "file: a byte lost"


def lose_lines(folder, rng):
    lines = lines_in(folder)
    at = rng.randrange(len(lines))
    how = rng.choice(["one", "all behind", "all", "half a line"])
    left = {
        "one": lines[:at] + lines[at + 1 :], "all behind": lines[:at], "all": [],
        "half a line": [*lines[:at], lines[at][: len(lines[at]) // 2]],
    }  # fmt: skip
    write(folder, left[how])
    return f"lines: {how} lost"


def reorder_lines(folder, rng):
    lines = lines_in(folder)
    one, two = rng.sample(range(len(lines)), 2)
    lines[one], lines[two] = lines[two], lines[one]
    write(folder, lines)
    return "lines: in another order"


def lose_drawing(folder, rng):
    id_ = msgspec.json.decode(rng.choice([ln for ln in lines_in(folder) if b'"sent"' in ln]))["id"]
    write(folder, [line for line in lines_in(folder) if id_.encode() not in line])
    return "lines: a drawing lost"


def double_line(folder, rng):
    lines = lines_in(folder)
    fields = msgspec.json.decode(rng.choice(lines))
    fields["id"] = "forged"
    write(folder, [*lines[:2], msgspec.json.encode(fields), *lines[2:]])
    return "lines: one forged"


def respell(folder, rng):
    """Write a line so that it reads the same, or nearly so."""
    lines = lines_in(folder)
    drawn = [at for at, line in enumerate(lines) if b'"drawing"' in line]
    at = rng.choice(drawn)
    fields = msgspec.json.decode(lines[at])
    how = rng.choice(
        [
            "another form of Unicode",
            "1 for 1.0",
            "an exponent",
            "numbers exchanged",
            "a wider space",
        ]
    )
    if how == "another form of Unicode":
        fields["prompt"] = unicodedata.normalize("NFD", fields["prompt"])
    elif how == "1 for 1.0":
        fields["elapsed"] = str(fields["elapsed"])
    elif how == "an exponent":
        fields["cost"] *= 1 + 1e-12
    elif how == "a wider space":
        fields["prompt"] = fields["prompt"].replace(" ", "\u00a0")
    else:
        other = rng.choice([n for n in drawn if n != at])
        theirs = msgspec.json.decode(lines[other])
        fields["number"], theirs["number"] = theirs["number"], fields["number"]
        lines[other] = msgspec.json.encode(theirs)
    lines[at] = msgspec.json.encode(fields)
    write(folder, lines)
    return f"record: {how}"


def retype(folder, rng):
    """Write a value as another type that some readers take for the same."""
    lines = lines_in(folder)
    at = rng.randrange(len(lines))
    fields = msgspec.json.decode(lines[at])
    places = list(values_in(fields))
    retyped = [(where, name, other) for where, name in places for other in other_types(where[name])]
    where, name, other = rng.choice(retyped)
    where[name] = other
    lines[at] = msgspec.json.encode(fields)
    write(folder, lines)
    return f"record: {type(other).__name__} in place of another type"


def values_in(fields):
    """Give all values of a line with what they stand in, but for its digest."""
    for name, value in fields.items() if isinstance(fields, dict) else enumerate(fields):
        if isinstance(value, dict | list):
            yield from values_in(value)
        if name != "digest":
            yield fields, name


def other_types(value):
    if isinstance(value, bool):
        return [int(value), str(value).lower(), None]
    if isinstance(value, int | float):
        other = float(value) if isinstance(value, int) else int(value)
        return [other, str(value), [value], *([bool(value)] if value in (0, 1) else [])]
    return [[value], None, {"": value}]


def repeat_key(folder, rng):
    """Give a field twice: readers differ in which of them they take."""
    lines = lines_in(folder)
    at = rng.randrange(len(lines))
    name = rng.choice(sorted(msgspec.json.decode(lines[at])))
    forged = msgspec.json.encode({name: "forged"})[1:-1]
    lines[at] = rng.choice(
        [b"{" + forged + b"," + lines[at][1:], lines[at][:-1] + b"," + forged + b"}"]
    )
    write(folder, lines)
    return "record: a field twice"


def insert_unseen(folder, rng):
    """Put a character in that nobody sees, into a text or between the lines."""
    lines = lines_in(folder)
    unseen = rng.choice(["\u200b", "\u202e", "\ufeff", "\u00ad", "\ufe0f", "\0", "\u2028"])
    at = rng.randrange(len(lines))
    if rng.random() < 0.7:
        fields = msgspec.json.decode(lines[at])
        texts = [(w, n) for w, n in values_in(fields) if isinstance(w[n], str)]
        where, name = rng.choice(texts)
        middle = rng.randrange(len(where[name]) + 1)
        where[name] = where[name][:middle] + unseen + where[name][middle:]
        lines[at] = msgspec.json.encode(fields)
    else:
        at = rng.randrange(1, len(lines))
        lines[at] = unseen.encode() + lines[at]
    write(folder, lines)
    return "record: a character that nobody sees"


def lose_tail(folder, rng):
    lines = lines_in(folder)
    write(folder, lines[: rng.randrange(1, len(lines))])
    return "lines: cut at a line's end"


def lose_digest(folder, rng):
    """A line edited by somebody who knows that lines of older versions have no digest."""
    lines = lines_in(folder)
    at = rng.choice([i for i, line in enumerate(lines) if b'"session"' in line])
    fields = json.loads(lines[at])
    fields["digest"] = ""
    if rng.random() < 0.5:
        del fields["digest"]
        fields["text"] = "another"
    lines[at] = json.dumps(fields).encode()
    write(folder, lines)
    return "record: without its digest"


def sealed(fields):
    """Encode a line with a digest made anew."""
    fields = {name: value for name, value in fields.items() if name != "digest"}
    return msgspec.json.encode(fields | {"digest": digest_of(fields)})


def forge_and_seal(folder, rng):
    """Change a drawing where something else still tells, and make its digests anew."""
    lines = lines_in(folder)
    how = rng.choice(["prompt", "system", "parents", "media_type", "type"])
    drawn = [at for at, line in enumerate(lines) if b'"pictures"' in line]
    id_ = msgspec.json.decode(lines[drawn[0] if how in ("prompt", "system") else drawn[-1]])["id"]
    for at, line in enumerate(lines):
        fields = msgspec.json.decode(line)
        if fields["id"] != id_ or fields["type"] == "note":
            continue
        if how in ("prompt", "system"):
            fields[how] = "forged"
        elif how == "parents":
            fields["parents"] = [msgspec.json.decode(lines[drawn[0]])["id"]]
        elif how == "media_type" and "pictures" in fields:
            fields["pictures"][0]["media_type"] = "image/jpeg"
        elif how == "type":
            fields["type"] = "sent"
        lines[at] = sealed(fields)
    write(folder, lines)
    return f"record: {how} forged and sealed"


CORRUPTIONS = (
    spoil_picture, forge_field, forge_field, swap_pictures, flip_bit, lose_byte, lose_lines,
    reorder_lines, lose_drawing, double_line, respell, respell, lose_tail, retype, retype, repeat_key,
    insert_unseen, lose_digest, forge_and_seal,
)  # fmt: skip


def test_each_corruption_of_a_folder_is_found(intact, tmp_path, capsys):
    manifest = History(Store(intact)).manifest
    intact_lines = lines_in(intact)
    assert History(Store(intact)).verify(manifest=manifest).ok
    found, total = Counter(), Counter()
    for seed in range(COUNT):
        rng = random.Random(seed)
        folder = tmp_path / f"{seed}.draws"
        shutil.copytree(intact, folder)
        what = rng.choice(CORRUPTIONS)(folder, rng)
        unchanged = lines_in(folder) == intact_lines and what.startswith(("file", "record"))
        if not unchanged:
            total[what] += 1
            report = open_history(folder).verify(manifest=manifest)
            found[what] += not report.ok
        shutil.rmtree(folder)
    with capsys.disabled():
        print()
        for what, count in sorted(total.items()):
            print(f"  {what:<28} {found[what]:>4} of {count}")
        print(f"  {'all':<28} {found.total():>4} of {total.total()}")
    assert found == total


def test_what_the_notebook_shows_is_missed_without_a_manifest(intact, tmp_path):
    """Lines cut at the end, an answer removed, a history of another notebook in its place."""
    folder = Path(shutil.copytree(intact, tmp_path / "cats.draws"))
    lines, drawings = lines_in(folder), [*History(Store(folder))]

    def show(*shown, source="%%draw\n{}"):
        cells = []
        for drawing in shown:
            about = {"id": drawing.id, "number": drawing.number, "prompt": drawing.prompt}
            about["finished"] = drawing.record.finished
            output = {"output_type": "display_data", "data": {}, "metadata": {"nbext": about}}
            code = source.format(drawing.prompt)
            cells.append({"cell_type": "code", "id": "a", "source": code, "outputs": [output]})
        text = json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5})
        (tmp_path / "cats.ipynb").write_text(text)

    show(*drawings)
    assert open_history(folder).verify().ok
    last = drawings[-1].id.encode()
    says = "the notebook shows it, but its answer is not recorded"
    for left in (
        [line for line in lines if last not in line],
        [line for line in lines if last not in line or b'"sent"' in line],
    ):
        write(folder, left)
        assert open_history(folder).verify().missing == [f"@6: {says}"]
    # A drawing of another history may be shown, too.
    show(*drawings, source="nbext.open('other.ipynb')[3]")
    write(folder, [line for line in lines if last not in line])
    assert open_history(folder).verify().ok
    write(folder, [b""])
    assert "6 pictures" in str(open_history(folder).verify().missing)


def test_each_corruption_of_an_archive_is_found(intact, tmp_path):
    whole = intact.with_suffix(".zip")
    assert open_history(whole).verify().ok, open_history(whole).verify()
    with zipfile.ZipFile(whole) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    missed = []
    for seed in range(COUNT // 3):
        rng = random.Random(seed)
        name = rng.choice(sorted(members))
        data = bytearray(members[name])
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path = tmp_path / f"{seed}.zip"
        # An archive made anew by somebody, so that its CRCs are right.
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for other, value in members.items():
                archive.writestr(other, bytes(data) if other == name else value)
        try:
            if open_history(path).verify().ok and name != "ro-crate-metadata.json":
                missed.append(name)
        except Exception as error:
            missed.append(f"{name}: {error!r}")
        path.unlink()
    # One whose bytes are changed in place.
    raw = whole.read_bytes()
    for seed in range(COUNT // 10):
        rng = random.Random(seed)
        data = bytearray(raw)
        with zipfile.ZipFile(whole) as archive:
            info = rng.choice(archive.infolist())
        at = (
            info.header_offset + 30 + len(info.filename) + rng.randrange(max(1, info.compress_size))
        )
        data[at] ^= 1 << rng.randrange(8)
        path = tmp_path / "flipped.zip"
        path.write_bytes(data)
        if open_history(path).verify().ok:
            missed.append(f"{info.filename} in place")
    assert missed == []


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return open_history(path).verify()


def test_files_added_to_an_archive_or_taken_out_are_named(intact, tmp_path):
    with zipfile.ZipFile(intact.with_suffix(".zip")) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    report = zipped(tmp_path / "a.zip", members | {"drawings/999.png": picture()})
    assert report.changed == ["drawings/999.png is in the archive, but its crate does not list it"]
    crate = members.pop("ro-crate-metadata.json")
    assert zipped(tmp_path / "b.zip", members).changed == ["ro-crate-metadata.json: is missing"]
    # What systems add by themselves is no alarm, and a zipped folder has no crate.
    litter = {"__MACOSX/._cats": b"x", ".DS_Store": b"x", "drawings/": b""}
    assert zipped(tmp_path / "c.zip", members | {"ro-crate-metadata.json": crate} | litter).ok
    folder = {n: d for n, d in members.items() if n.startswith(("pictures/", "history"))}
    assert zipped(tmp_path / "d.zip", folder | litter).ok


def test_what_is_intact_or_merged_is_no_false_alarm(intact, tmp_path):
    assert open_history(intact).verify().ok
    other = Path(shutil.copytree(intact, tmp_path / "other.draws"))
    draw(Store(other), picture("orange"), prompt="theirs")
    ours = Path(shutil.copytree(intact, tmp_path / "ours.draws"))
    draw(Store(ours), picture("pink"), prompt="ours")
    History(Store(other))[1].star()
    history = History(Store(ours))
    history.merge(other)
    report = history.verify()
    assert report.ok, report
    # As git merges with merge=union.
    common = lines_in(intact)
    union = common + lines_in(ours)[len(common) :] + lines_in(other)[len(common) :]
    merged = Path(shutil.copytree(ours, tmp_path / "union.draws"))
    shutil.copytree(other / "pictures", merged / "pictures", dirs_exist_ok=True)
    write(merged, union)
    assert History(Store(merged)).verify().ok
    with (merged / "history.jsonl").open("rb") as file:
        crlf = file.read().replace(b"\n", b"\r\n")
    (merged / "history.jsonl").write_bytes(crlf)
    assert History(Store(merged)).verify().ok


def test_doubled_numbers_are_said_and_mended(store):
    from nbext.data.record import Record

    for id_, number in (("a", 1), ("b", 2), ("c", 2), ("d", 3), ("e", 3)):
        store.append(Record(type="drawing", id=id_, number=number, prompt=id_))
    history = History(Store(store.folder))
    assert len(history) == 5
    report = history.verify()
    assert report.ok
    assert report.doubled == ["@2", "@3"]
    assert "doubled: @2" in repr(report)
    assert "@2 and @3" in "".join(history.store.warnings)
    assert history.renumber() == [(2, 4), (3, 5)]
    for fresh in (history, History(Store(store.folder))):
        assert [(d.number, d.prompt) for d in fresh] == [
            (1, "a"), (2, "b"), (3, "d"), (4, "c"), (5, "e"),
        ]  # fmt: skip
        assert fresh.verify().doubled == []
    assert history.verify().ok
    assert history.renumber() == []


def reorder_fields(line):
    fields = msgspec.json.decode(line)
    return msgspec.json.encode(dict(reversed(fields.items())))


HARMLESS = {
    "a line twice": lambda lines: b"\n".join([*lines, lines[1]]) + b"\n",
    "the order of fields": lambda lines: b"\n".join(map(reorder_fields, lines)) + b"\n",
    "line ends of Windows": lambda lines: b"\r\n".join(lines) + b"\r\n",
    "a mark at the beginning": lambda lines: b"\xef\xbb\xbf" + b"\n".join(lines) + b"\n",
    "no last line end": b"\n".join,
    "spaces": lambda lines: b"\n".join(line.replace(b'":', b'" : ') for line in lines) + b"\n",
    "escapes": lambda lines: b"".join(json.dumps(msgspec.json.decode(n)).encode() + b"\n" for n in lines),
}  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_says_the_same_is_read_and_is_no_alarm(intact, tmp_path, change):
    """What an editor, git on Windows or a merge may do to the file."""
    folder = tmp_path / "cats.draws"
    shutil.copytree(intact, folder)
    (folder / "history.jsonl").write_bytes(change(lines_in(intact)))
    history, whole = open_history(folder), History(Store(intact))
    assert [d.record for d in history] == [d.record for d in whole]
    assert history.verify(manifest=whole.manifest).ok, history.verify(manifest=whole.manifest)
