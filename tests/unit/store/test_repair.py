"""What a history has lost, found again."""

from __future__ import annotations

import base64
import json

import pytest

from nbext.cli.main import main
from nbext.data.record import Record
from nbext.display.mimebundle import bundle
from nbext.drawings.history import History
from nbext.drawings.open import open_history
from nbext.errors import HistoryError
from nbext.store.repair import repair
from nbext.store.store import Store
from tests.records import draw, picture


@pytest.fixture
def lossy(history):
    """A notebook that shows both pictures; one is lost, the other is changed."""
    draw(history.store, picture("red"))
    draw(history.store, picture("blue"))
    outputs = []
    for drawing in history:
        data, metadata = bundle(drawing)
        outputs += [{"output_type": "display_data", "data": data, "metadata": metadata}] * 2
    cells = [{"cell_type": "code", "id": "a", "source": "", "metadata": {}, "outputs": outputs}]
    notebook = history.store.folder.with_suffix(".ipynb")
    notebook.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5}))
    history[1].pictures[0].path.unlink()
    history[2].pictures[0].path.write_bytes(picture("black"))
    return notebook


def test_from_the_outputs_of_the_notebook(lossy, history, capsys):
    assert main(["verify", str(lossy)]) == 1
    assert main(["verify", str(lossy), "--repair"]) == 0
    assert "2 of 2 pictures were restored" in capsys.readouterr().out
    again = open_history(lossy)
    assert again.verify().ok
    assert again[1].pictures[0].data == picture("red")
    [aside] = history.store.folder.rglob("*.changed")
    assert aside.read_bytes() == picture("black")


def test_from_another_history(history, tmp_path, capsys):
    draw(history.store, picture("red"))
    copy = History(Store(tmp_path / "copy.draws"))
    copy.merge(history)
    archive = copy.to_zip(gallery=False)
    for source in (copy.store.folder, archive):
        history[1].pictures[0].path.unlink()
        folder = str(history.store.folder)
        assert main(["verify", folder, "--repair"]) == 1
        assert main(["verify", folder, "--repair", "--from", str(source)]) == 0
        assert history.verify().ok


def test_other_bytes_are_not_taken(lossy, tmp_path):
    notebook = json.loads(lossy.read_text())
    for output in notebook["cells"][0]["outputs"]:
        output["data"]["image/png"] = base64.b64encode(picture("white")).decode()
    lossy.write_text(json.dumps(notebook))
    wrong = History(Store(tmp_path / "wrong.draws"))
    history = open_history(lossy)
    lost = history.verify().lost
    for sha256 in lost:
        path = wrong.store.pictures / sha256[:2] / f"{sha256}.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(picture("white"))
    assert repair(history.store, lost, others=[wrong.store]) == []
    assert len(history.verify().lost) == 2
    assert not list(history.store.folder.rglob("*.changed"))


def test_an_archive_stays_as_it_is(history, tmp_path):
    draw(history.store, picture("red"))
    archive = history.to_zip(gallery=False)
    with pytest.raises(HistoryError, match="is left unchanged"):
        repair(open_history(archive).store, ["a" * 64], others=[history.store])


def test_unfinished_requests_are_listed(history, capsys):
    history.store.begin(Record(type="sent", id="a", started="2026-11-22T14:03:00.000Z"))
    assert main(["verify", str(history.store.folder)]) == 0
    assert "unfinished: @1: sent 2026-11-22T14:03:00.000Z" in capsys.readouterr().out


def test_a_line_that_is_no_record_is_not_as_recorded(history, capsys):
    for colour in ("red", "blue"):
        draw(history.store, picture(colour))
    path = history.store.folder / "history.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b'{"type":"drawing","id":"to\n', *lines[1:]]))
    assert main(["verify", str(history.store.folder)]) == 1
    said = capsys.readouterr().out
    assert "changed: history.jsonl, line 2: cannot be read as a record" in said
    path.write_bytes(b"".join(lines))
    assert history.verify().ok


def test_a_picture_that_an_archive_does_not_give_is_said(history, tmp_path):
    draw(history.store, picture("red"))
    archive = history.to_zip(tmp_path / "study.zip")
    sha256 = history[1].pictures[0].sha256
    data = archive.read_bytes()
    at = data.index(history[1].pictures[0].data)
    archive.write_bytes(data[: at + 40] + bytes([data[at + 40] ^ 255]) + data[at + 41 :])
    report = open_history(archive).verify()
    assert report.missing == [f"@1: {sha256}, it cannot be read from the archive"]


def test_a_folder_without_records_is_said_to_be_one(history):
    draw(history.store, picture("red"))
    (history.store.folder / "history.jsonl").unlink()
    with pytest.raises(HistoryError, match=r"history\.jsonl is missing"):
        open_history(history.store.folder)
