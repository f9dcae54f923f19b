"""A history as one file for others."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import jsonschema
import pytest
from PIL import Image

import nbext
from nbext.data import schema
from nbext.data.record import Failure, Record, ReferenceInfo
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.errors import HistoryError, OptionError
from nbext.export.archive.citation import citation_file
from nbext.export.metadata.other_tools import read_provenance
from nbext.store.store import Store
from tests.records import draw, picture

STARTED = "2026-11-22T14:03:00.000Z"
FINISHED = "2026-11-22T14:03:12.400Z"


@pytest.fixture
def history(tmp_path):
    return study(Store(tmp_path / "cats.draws"))


def study(store):
    times = {"started": STARTED, "finished": FINISHED, "host": "relay.example"}
    photo = store.put(picture("white", form="JPEG"))
    one = draw(store, picture("red"), id="a", prompt="画只猫", cost=0.01, **times)
    draw(
        store,
        [picture("blue"), picture("green", form="WEBP")],
        id="b",
        prompt="加一顶帽子 | <b>",
        parameters={"aspect": "2:3", "seed": 7},
        references=[
            ReferenceInfo(sha256=one.pictures[0].sha256, drawing="a", source="@1"),
            ReferenceInfo(sha256=photo.sha256, media_type="image/jpeg", source="photo.jpg"),
        ],
        parents=["a"],
        **times,
    )
    draw(store, id="c", prompt="no", error=Failure(type="QuotaError", message="no money"), **times)
    draw(store, id="d", kind="chat", prompt="what is it?", text="a cat", **times)
    draw(store, picture("cyan", form="GIF"), id="e", embedded=True, **times)
    store.begin(Record(type="sent", id="f", prompt="lost", model="m", started=STARTED))
    history = History(store)
    history[2].star().tag("final")
    return history


def graph(path):
    with zipfile.ZipFile(path) as file:
        crate = json.loads(file.read("ro-crate-metadata.json"))
    return {entity["@id"]: entity for entity in crate["@graph"]}


def test_what_is_in_it(history, tmp_path):
    path = history.to_zip(author="Ada Lovelace")
    assert path == tmp_path / "cats.zip"
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        names = file.namelist()
        for sha256, info in {p.sha256: p for d in history for p in d.pictures}.items():
            [name] = [n for n in names if sha256 in n]
            assert name == f"pictures/{sha256[:2]}/{sha256}.{info.info.extension}"
            assert hashlib.sha256(file.read(name)).hexdigest() == sha256
        assert [n for n in names if n.startswith("drawings/")] == [
            "drawings/001.png",
            "drawings/002.png",
            "drawings/002-2.webp",
            "drawings/005.gif",
        ]
        made = read_provenance(file.read("drawings/002-2.webp"))
        assert (made.prompt, made.parameters["seed"]) == ("加一顶帽子 | <b>", 7)
        with Image.open(io.BytesIO(file.read("drawings/001.png"))) as copy:
            assert copy.tobytes() == history[1].image.tobytes()
        assert b"Ada Lovelace" in file.read("CITATION.md")
        assert "Marked with a star: @2" in file.read("METHODS.md").decode()
        assert "画只猫" in file.read("gallery.html").decode()
    assert not list(tmp_path.glob(".*"))


def test_every_line_is_as_the_schema_says(history):
    assert schema.generate() == schema.record_schema(), "python -m nbext.data.schema > the file"
    with zipfile.ZipFile(history.to_zip()) as file:
        described = json.loads(file.read("record.schema.json"))
        lines = [json.loads(line) for line in file.read("history.jsonl").splitlines()]
    jsonschema.Draft202012Validator.check_schema(described)
    validator = jsonschema.Draft202012Validator(described)
    assert len(lines) == 6
    for line in lines:
        validator.validate(line)
    assert lines[1]["changes"] == {"star": True, "tags": ["final"]}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(lines[0] | {"number": "one"})


def test_it_is_a_crate_that_others_read(history, tmp_path):
    from rocrate.rocrate import ROCrate

    path = history.to_zip(title="Cats", author="Ada Lovelace", licence="CC-BY-4.0")
    crate = ROCrate(path)
    assert crate.name == "Cats"
    assert crate.root_dataset["author"]["name"] == "Ada Lovelace"
    edit = crate.get("#b")
    assert edit.type == "CreateAction"
    assert edit["instrument"]["name"] == "gpt-4o-image"
    assert {v["name"]: v["value"] for v in edit["object"] if v.type == "PropertyValue"} == {
        "prompt": "加一顶帽子 | <b>",
        "aspect": "2:3",
        "seed": "7",
    }
    given = [entity for entity in edit["object"] if entity.type == "File"]
    assert given[0] in crate.get("#a")["result"]
    assert [entity["encodingFormat"] for entity in edit["result"]] == [
        "image/png",
        "image/png",
        "image/webp",
        "image/webp",
    ]
    assert (edit["startTime"], edit["endTime"]) == (
        "2026-11-22T14:03:00.000+00:00",
        "2026-11-22T14:03:12.400+00:00",
    )
    assert edit["instrument"].id == "https://relay.example/#gpt-4o-image"
    assert crate.root_dataset["license"]["name"] == "CC-BY-4.0"
    # Written out by the library and read once more, it is the same.
    crate.write(tmp_path / "unpacked")
    again = ROCrate(tmp_path / "unpacked")
    assert {e.id for e in again.get_entities()} == {e.id for e in crate.get_entities()}


def test_the_crate_is_whole(history):
    path = history.to_zip()
    entities = graph(path)
    with zipfile.ZipFile(path) as file:
        names = {name for name in file.namelist() if name != "ro-crate-metadata.json"}
        for name in names:
            assert entities[name]["sha256"] == hashlib.sha256(file.read(name)).hexdigest()
            assert entities[name]["contentSize"] == str(file.getinfo(name).file_size)
    assert {part["@id"] for part in entities["./"]["hasPart"]} == names
    assert entities["./"]["datePublished"] == "2026-11-22"
    for entity in entities.values():
        for value in entity.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and not item["@id"].startswith("http://schema.org/"):
                    assert item["@id"] in entities or "w3id.org" in item["@id"], item
    status = {e["name"]: e.get("actionStatus") for e in actions(entities)}
    done, failed = (f"http://schema.org/{k}ActionStatus" for k in ("Completed", "Failed"))
    assert status == {"@1": done, "@2": done, "@3": failed, "@4": done, "@5": done, "@6": None}
    assert entities["#c"]["error"] == "QuotaError: no money"
    [sketched] = [e for e in actions(entities) if e["name"] == "@5"]
    assert entities[sketched["instrument"]["@id"]]["name"] == "nbext embedded endpoint"


def actions(entities):
    return [e for e in entities.values() if e["@type"] == "CreateAction"]


def test_how_to_cite_it(history, tmp_path):
    yaml = pytest.importorskip("yaml")
    path = history.to_zip(
        title='Cats: "in" hats', author="Ada Lovelace; 王小明", licence="CC-BY-4.0"
    )
    with zipfile.ZipFile(path) as file:
        cited = yaml.safe_load(file.read("CITATION.cff"))
        digest = hashlib.sha256(file.read("history.jsonl")).hexdigest()
        assert digest in file.read("CITATION.md").decode()
    assert cited["cff-version"] == "1.2.0"
    assert cited["title"] == 'Cats: "in" hats'
    assert cited["authors"] == [{"name": "Ada Lovelace"}, {"name": "王小明"}]
    assert cited["date-released"] == "2026-11-22"
    assert cited["license"] == "CC-BY-4.0"
    assert cited["identifiers"][0]["value"] == f"sha256:{digest}"


def test_authors_may_be_a_list_and_a_licence_in_any_case(history, tmp_path):
    yaml = pytest.importorskip("yaml")
    authors = ["Ada Lovelace", "王小明"]
    path = history.to_zip(tmp_path / "a.zip", author=authors, licence="cc-by-4.0")
    with zipfile.ZipFile(path) as file:
        cited = yaml.safe_load(file.read("CITATION.cff"))
        crate = json.loads(file.read("ro-crate-metadata.json"))["@graph"]
        assert "Ada Lovelace and 王小明" in file.read("CITATION.md").decode()
    assert [author["name"] for author in cited["authors"]] == authors
    assert cited["license"] == "CC-BY-4.0"
    assert [one["name"] for one in crate if one["@type"] == "Person"] == authors
    with pytest.raises(OptionError, match="author"):
        history.to_zip(tmp_path / "b.zip", author=[3])


def test_a_signed_picture_has_a_file_beside_it_that_says_its_prompt(history, tmp_path, monkeypatch):
    from nbext.export.metadata import provenance

    monkeypatch.setattr(provenance, "has_c2pa", lambda data: True)
    drawing = history[1]
    drawing.save(tmp_path / "cat.png")
    with zipfile.ZipFile(history.to_zip(tmp_path / "a.zip")) as file:
        packets = [name for name in file.namelist() if name.endswith(".xmp")]
        assert len(packets) == len([n for n in file.namelist() if n.startswith("drawings/")]) / 2
    assert nbext.read(tmp_path / "cat.png").prompt == drawing.prompt
    (tmp_path / "dog.xmp").touch()
    with pytest.raises(OptionError, match="already exists"):
        drawing.save(tmp_path / "dog.png")


@pytest.mark.parametrize(
    ("licence", "field"),
    [("https://example.org/terms", "license-url"), ("Ask me\nfirst", None), ("", None)],
)
def test_a_licence_that_the_format_does_not_know(licence, field):
    yaml = pytest.importorskip("yaml")
    said = citation_file([], title="", author="A", licence=licence, sha256="ab")
    assert {k for k in yaml.safe_load(said) if k.startswith("license")} == ({field} - {None})
    assert citation_file([], title="", author=" ; ", licence=licence, sha256="ab") == ""


def test_the_same_history_gives_the_same_bytes_on_another_day_elsewhere(history, tmp_path):
    """Another process, two days later by its clock, in another time zone, with another locale."""
    first = history.to_zip(tmp_path / "one.zip", title="Cats")
    later = (
        "import datetime, time, sys; now = time.time; time.time = lambda: now() + 172800\n"
        "class Later(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None): return cls.fromtimestamp(time.time(), tz)\n"
        "datetime.datetime = Later\n"
        "from nbext.drawings.open import open_history\n"
        "open_history(sys.argv[1]).to_zip(sys.argv[2], title='Cats')\n"
    )
    copied = shutil.copytree(history.store.folder, tmp_path / "elsewhere" / "cats.draws")
    subprocess.run(
        [sys.executable, "-c", later, str(copied), str(tmp_path / "two.zip")],
        env=os.environ | {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[3],
        check=True,
    )
    assert first.read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_it_opens_to_read(history, tmp_path):
    path = history.to_zip(tmp_path / "study.zip")
    opened = open_history(path)
    assert [d.prompt for d in opened] == [d.prompt for d in history]
    assert opened[2].starred
    assert opened[2].tags == ["final"]
    assert opened[1].pictures[0].data == history[1].pictures[0].data
    assert opened[2].parents == [opened[1]]
    report = opened.verify()
    assert report.ok
    assert report.checked == 5
    assert not report.extra
    assert report.unfinished == [f"@6: sent {STARTED}, no answer recorded"]
    with pytest.raises(HistoryError, match="opened for reading only"):
        opened[1].star()
    assert opened.to_html(tmp_path / "again.html").exists()
    assert opened.to_zip(tmp_path / "again.zip", title="cats").read_bytes() == path.read_bytes()
    # But for the manifest: an archive holds the last line of each drawing alone.
    texts = [one.methods().rstrip().rpartition("\n")[0] for one in (open_history(path), history)]
    assert texts[0] == texts[1]


def test_what_was_taken_out_is_gone_with_it(history):
    opened = open_history(history.to_zip())
    path = opened[1].pictures[0].path
    assert path.is_file()
    del opened
    import gc

    gc.collect()
    assert not path.parent.exists()


def test_unpacked_it_is_a_history_again(history, tmp_path):
    with zipfile.ZipFile(history.to_zip()) as file:
        file.extractall(tmp_path / "unpacked")
    opened = open_history(tmp_path / "unpacked")
    assert len(opened) == 6
    assert opened.verify().ok


def test_a_file_that_is_there_stays(history, tmp_path):
    (tmp_path / "cats.zip").write_text("mine")
    with pytest.raises(OptionError, match="already exists"):
        history.to_zip()
    assert (tmp_path / "cats.zip").read_text() == "mine"
    assert history.to_zip(overwrite=True).stat().st_size > 1000


def test_a_picture_that_is_missing_or_changed_is_not_passed_over(history, tmp_path):
    history[1].pictures[0].path.unlink()
    with pytest.raises(HistoryError, match=r"of @1.* is missing"):
        history.to_zip()
    history[2].pictures[0].path.write_bytes(picture("black"))
    assert list(tmp_path.glob("*.zip")) == []
    assert list(tmp_path.glob(".*")) == []
    path = history.to_zip(partial=True)
    assert "differs from what was received" in graph(path)["./"]["description"]
    assert len(open_history(path).verify().missing) == 2


def test_nothing_drawn(tmp_path):
    with pytest.raises(HistoryError, match="no drawings to archive"):
        History(Store(tmp_path / "cats.draws")).to_zip()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "history.jsonl is missing"),
        ({"../history.jsonl": b""}, "history.jsonl is missing"),
        ({"x/history.jsonl": b""}, "history.jsonl is missing"),
    ],
)
def test_an_archive_of_something_else(tmp_path, members, said):
    with pytest.raises(HistoryError, match=said):
        open_history(packed(tmp_path, members))


def packed(folder, members):
    path = folder / "hostile.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_no_zip_at_all(tmp_path):
    path = tmp_path / "no.zip"
    for data in (b"", b"PK\x03\x04" + bytes(40), bytes(1000)):
        path.write_bytes(data)
        with pytest.raises(HistoryError, match="not an archive"):
            open_history(path)


def line(sha256="a" * 64, **fields):
    info = {"sha256": sha256, "media_type": "image/png", "size": 1}
    return json.dumps({"type": "drawing", "id": "x", "number": 1, "pictures": [info]} | fields)


def test_names_lead_nowhere(tmp_path):
    (tmp_path / "secret.png").write_bytes(picture())
    sha256 = "../" * 20 + "a"
    path = packed(
        tmp_path,
        {
            "history.jsonl": line(sha256) + "\n" + line("../secret", id="y", number=2),
            "pictures/../../secret.png": b"x",
            f"pictures/aa/{'a' * 64}.png/../../x": b"x",
            f"pictures/bb/{'a' * 64}.png": b"wrong folder",
            "/etc/passwd": b"x",
        },
    )
    opened = open_history(path)
    assert len(opened) == 2
    assert len(opened.verify().missing) == 2
    assert not opened.store.stored()
    with pytest.raises(HistoryError):
        opened.to_zip(tmp_path / "again.zip")
    assert open_history(opened.to_zip(tmp_path / "again.zip", partial=True))[1].prompt == ""


def test_a_bomb_is_given_up(tmp_path, monkeypatch):
    sizes, read = [], zipfile.ZipExtFile.read

    def counted(self, n=-1):
        data = read(self, n)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    sha256 = "a" * 64
    path = packed(
        tmp_path, {"history.jsonl": line(), f"pictures/aa/{sha256}.png": bytes(100 << 20)}
    )
    opened = open_history(path)
    assert opened.store.path(sha256) is None
    with pytest.raises(HistoryError):
        _ = opened[1].pictures[0].data
    assert not opened.verify().ok
    # Looked at four times, and each time given up at the most that a picture may have.
    assert 0 < sum(sizes) < 4 * (64 << 20)


def test_records_that_never_end_are_not_read(tmp_path, monkeypatch):
    from nbext.store import zip_store

    monkeypatch.setattr(zip_store, "MAX_RECORDS_BYTES", 1 << 20)
    opened = open_history(packed(tmp_path, {"history.jsonl": b" " * (5 << 20)}))
    with pytest.raises(HistoryError, match="larger than 1 MB"):
        len(opened)


def test_bytes_that_were_changed_are_found(history, tmp_path):
    path = history.to_zip(gallery=False)
    whole = path.read_bytes()
    at = whole.index(history[1].pictures[0].data)
    path.write_bytes(whole[: at + 30] + b"\x00\x01\x02" + whole[at + 33 :])
    report = open_history(path).verify()
    assert not report.ok


def test_memory_does_not_grow_with_the_number(tmp_path):
    def peak(count):
        store = Store(tmp_path / f"{count}.draws")
        from tests.records import noise

        base = noise((300, 300))
        for n in range(count):
            data = base[:-12] + b"\x00\x00\x00\x04teXt" + n.to_bytes(4, "big") + bytes(4)
            draw(store, data + base[-12:], id=f"m{n}")
        tracemalloc.start()
        History(store).to_zip(tmp_path / f"{count}.zip", gallery=False)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(4), peak(40)
    # Forty pictures of 270 kB are 10 MB; what grows is what the crate says of each.
    assert many < few + 1_000_000
