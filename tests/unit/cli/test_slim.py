"""A notebook's pictures made small, and put back."""

from __future__ import annotations

import base64
import io
import json
import os
import stat

import nbformat
import pytest
from PIL import Image

from nbext.cli.main import main
from nbext.cli.slim import inline, slim
from nbext.display.mimebundle import bundle, sheet_bundle
from nbext.drawings.drawing import Drawings
from nbext.drawings.history import History
from nbext.notebook.file import NotebookFile
from nbext.store.store import Store
from tests.records import draw, noise, picture


@pytest.fixture
def history(tmp_path):
    return History(Store(tmp_path / "cats.draws"))


@pytest.fixture
def notebook(tmp_path):
    return tmp_path / "cats.ipynb"


def write(path, *bundles, text="果 \\ud83d"):
    cells = [nbformat.v4.new_markdown_cell(f"# 猫 {text} 1e5")]
    for data, metadata in bundles:
        output = nbformat.v4.new_output("display_data", data, metadata=metadata)
        other = nbformat.v4.new_output("stream", text="hello\n")
        cells.append(nbformat.v4.new_code_cell("%%draw\n画只猫", outputs=[other, output]))
    made = nbformat.v4.new_notebook(cells=cells, metadata={"z": 1, "a": [1.5, None, True]})
    nbformat.write(made, path)
    return path.read_bytes()


def pictures(path):
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            for kind in ("image/png", "image/jpeg"):
                if kind in output.get("data", {}):
                    assert output.metadata[kind]["alt"] == "画只猫"
                    data = base64.b64decode(output["data"][kind])
                    Image.open(io.BytesIO(data)).load()
                    found.append(data)
    return found


def test_there_and_back_is_the_same_file(history, notebook):
    for size in ((400, 300), (500, 300)):
        draw(history.store, noise(size))
    draw(history.store, picture())
    before = write(notebook, *(bundle(d) for d in history))
    changes = slim(notebook, history)
    assert [(c.cell, c.number, c.reason) for c in changes] == [(2, "@1", ""), (3, "@2", "")]
    assert notebook.stat().st_size < len(before) / 3
    small = pictures(notebook)
    assert all(len(data) <= 100_000 for data in small)
    assert small[2] == picture()
    nbformat.validate(nbformat.read(notebook, as_version=4))
    assert slim(notebook, history) == []
    assert len(inline(notebook, history)) == 2
    assert notebook.read_bytes() == before
    assert inline(notebook, history) == []


@pytest.mark.parametrize("style", ["text", "list", "76 a line"])
@pytest.mark.parametrize("limit", [150_000, 300_000, 20_000_000])
def test_previews_come_back_as_they_were(history, notebook, style, limit):
    draw(history.store, noise((900, 700)))
    write(notebook, bundle(history[1], inline_limit=limit))
    made = json.loads(notebook.read_text())
    source = made["cells"][1]["source"]
    made["cells"][1]["source"] = f"%config Nbext.inline_limit = {limit:_}\n{''.join(source)}"
    data = made["cells"][1]["outputs"][1]["data"]
    kind = "image/jpeg" if "image/jpeg" in data else "image/png"
    text = "".join(data[kind])
    if style == "list":
        data[kind] = [f"{text}\n"]
    if style == "76 a line":
        data[kind] = [f"{text[at : at + 76]}\n" for at in range(0, len(text), 76)]
    notebook.write_text(json.dumps(made, indent=1) + "\n")
    before = notebook.read_bytes()
    slim(notebook, history)
    assert notebook.stat().st_size < len(before) or not slim(notebook, history)
    inline(notebook, history)
    assert notebook.read_bytes() == before


def test_nothing_is_taken_out_that_is_not_in_the_history(history, notebook):
    draw(history.store, noise((400, 300)))
    before = write(notebook, bundle(history[1]))
    path = history[1].pictures[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    [change] = slim(notebook, history)
    assert "is not in cats.draws" in change.reason
    path.unlink()
    assert slim(notebook, history)[0].reason
    assert notebook.read_bytes() == before


def test_only_pictures_of_ours_are_touched(history, notebook):
    draw(history.store, noise((400, 300)))
    data = base64.b64encode(noise((400, 300))).decode()
    metadata = {"image/png": {"alt": "画只猫"}}
    before = write(
        notebook,
        ({"image/png": data}, metadata),
        ({"image/png": data}, metadata | {"nbext": {"number": 1}}),
        ({"image/png": data}, metadata | {"nbext": "no"}),
    )
    assert [change.reason for change in slim(notebook, history)] == [
        "its original is not in cats.draws"
    ]
    assert notebook.read_bytes() == before


def test_a_sheet_is_made_again(history, notebook):
    for n in range(4):
        draw(history.store, noise((300 + n, 300)))
    before = write(notebook, sheet_bundle(Drawings(history)))
    [change] = slim(notebook, history)
    assert change.number == "@1 @2 @3 @4"
    assert len(pictures(notebook)[0]) <= 100_000
    assert len(inline(notebook, history)) == 1
    assert notebook.read_bytes() == before


def test_one_picture_of_several(history, notebook):
    draw(history.store, [noise((400, 300)), noise((410, 300))])
    shown = history[1].pictures[1]._repr_mimebundle_()
    before = write(notebook, shown)
    assert not slim(notebook, history)[0].reason
    inline(notebook, history)
    assert notebook.read_bytes() == before


def test_an_original_beyond_the_limit_becomes_a_larger_preview(history, notebook):
    draw(history.store, noise((900, 900)))
    before = write(notebook, bundle(history[1]))
    assert not slim(notebook, history)[0].reason
    assert not inline(notebook, history)[0].reason
    assert notebook.read_bytes() == before
    inline(notebook, history, limit=10_000_000)
    assert pictures(notebook) == [history[1].pictures[0].data]


@pytest.mark.parametrize(
    "form",
    [
        {"indent": 1, "ensure_ascii": False},
        {"indent": 2, "ensure_ascii": False},
        {"indent": "\t", "ensure_ascii": True},
        {"ensure_ascii": True},
        {"separators": (",", ":"), "ensure_ascii": False},
        {"indent": 4, "ensure_ascii": False},
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_file_is_written_as_it_was(history, notebook, form, end):
    draw(history.store, noise((400, 300)))
    write(notebook, bundle(history[1]))
    text = json.dumps(json.loads(notebook.read_text()), **form)
    text = (text.replace("\n", "\r\n") if end == "\r\n" else text) + end
    notebook.write_bytes(text.encode())
    assert NotebookFile(notebook).to_bytes() == text.encode()
    slim(notebook, history)
    assert notebook.read_bytes() != text.encode()
    inline(notebook, history)
    assert notebook.read_bytes() == text.encode()


def test_half_a_character_and_a_mark_at_the_beginning_stay(notebook):
    for text in (b'\xef\xbb\xbf{"cells":[],"a":"\xc3\xa9"}', b'{"cells": [], "a": "\\ud83d"}'):
        notebook.write_bytes(text)
        assert NotebookFile(notebook).to_bytes() == text


def test_permissions_and_links_stay(history, notebook, tmp_path):
    draw(history.store, noise((400, 300)))
    write(notebook, bundle(history[1]))
    notebook.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(notebook)
    slim(link, history)
    assert link.is_symlink()
    assert stat.S_IMODE(notebook.stat().st_mode) == 0o640
    assert not list(tmp_path.glob(".*"))


def test_a_disk_that_is_full_leaves_the_notebook(history, notebook, tmp_path, monkeypatch):
    draw(history.store, noise((400, 300)))
    before = write(notebook, bundle(history[1]))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["slim", str(notebook)]) == 2
    assert notebook.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_the_commands(history, notebook, capsys):
    draw(history.store, noise((400, 300)))
    before = write(notebook, bundle(history[1]))
    assert main(["slim", str(notebook)]) == 0
    assert capsys.readouterr().out.startswith("[2] @1  36")
    assert main(["inline", str(notebook)]) == 0
    assert notebook.read_bytes() == before
    moved = notebook.with_name("moved.ipynb")
    notebook.rename(moved)
    assert main(["slim", str(moved)]) == 2
    assert main(["slim", str(moved), "--history", str(history.store.folder)]) == 0
    history[1].pictures[0].path.unlink()
    assert main(["inline", str(moved), "--history", str(history.store.folder)]) == 1


HOSTILE = [
    {"data": {"image/png": "!!!"}, "metadata": {"nbext": {"pictures": ["a"]}}},
    {"data": {"image/png": 7}, "metadata": {"nbext": {"pictures": 3}}},
    {"data": {"image/png": ["iVBO", 3]}, "metadata": {"nbext": {"drawings": [1, {"id": 3}]}}},
    {"data": {"image/png": "A" * 300_000}, "metadata": {"nbext": {"drawings": 7, "number": []}}},
    {"data": {"image/png": "A" * 9}, "metadata": {"nbext": {"preview": True, "picture": "../x"}}},
    {"data": 3, "metadata": []},
    {"data": {}, "metadata": {"nbext": {"preview": True}}},
]


def test_hostile_outputs(history, notebook):
    draw(history.store, noise((40, 30)))
    sha256 = history[1].pictures[0].sha256
    garbage = base64.b64encode(bytes(200_000)).decode()
    fake = {"data": {"image/png": garbage}, "metadata": {"nbext": {"pictures": [sha256]}}}
    cells = [{"cell_type": "code", "source": "", "outputs": [*HOSTILE, fake, 3, None]}]
    notebook.write_text(json.dumps({"cells": cells}))
    before = notebook.read_bytes()
    assert all(change.reason for change in slim(notebook, history))
    assert all(change.reason for change in inline(notebook, history))
    assert notebook.read_bytes() == before
