"""A request taken from what a picture says of how it was made."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image, PngImagePlugin

import nbext
from nbext.cli.check import check
from nbext.config.settings import Nbext
from nbext.errors import HistoryError, OptionError, PictureError
from nbext.export.metadata.provenance import Provenance
from nbext.magics import asking
from nbext.session.session import Session
from tests.records import picture


@pytest.fixture
def session(tmp_path, endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    made = Session(tmp_path / "cats.draws", chosen=Nbext())
    yield made
    made.run(made.close())


class Shell:
    """As much of a shell as a magic needs."""

    execution_count = 1
    kernel = None

    def __init__(self, **names):
        self.user_ns = names


@pytest.fixture
def magics(session, monkeypatch):
    monkeypatch.setattr(asking, "current_session", lambda _: session)
    shell = Shell(animal="dog")

    class Magics:
        def draw(self, line, cell=None):
            return asking.run(shell, "draw", line, cell)

    return Magics()


def foreign(path, **texts):
    info = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)


def asked(drawing):
    record = drawing.record
    return record.model, record.prompt, record.parameters


def test_the_same_request_again(session, magics, tmp_path, capsys):
    first = session.draw(
        "画只{{animal}}", model="gpt-4o-image", aspect="2:3", params={"user": "me"}
    )
    second = session.draw("加一顶帽子", images=[first], model="gpt-image-1", size="1024x1024")
    second.save(tmp_path / "hat.png")
    first.save(tmp_path / "cat.webp")
    again = magics.draw("--fresh --like cat.webp", "")
    assert asked(again) == ("gpt-4o-image", "画只{animal}", {"aspect": "2:3", "user": "me"})
    assert "nbext: like cat.webp: model=gpt-4o-image, aspect=2:3, user=me, its prompt" in (
        capsys.readouterr().err
    )
    edited = magics.draw("--fresh --like hat.png", "")
    assert asked(edited) == ("gpt-image-1", "加一顶帽子", {"size": "1024x1024"})
    assert edited.record.references[0].sha256 == first.pictures[0].sha256
    assert edited.parents == [first]
    assert edited.record.fingerprint == second.record.fingerprint


def test_the_line_and_the_cell_come_first(session, magics, tmp_path):
    session.draw("a cat", model="gpt-4o-image", aspect="2:3", params={"a": 1, "b": 1}).save(
        tmp_path / "cat.png"
    )
    drawn = magics.draw("dall-e-3 --like cat.png --size 1024x1024 -p a=2", "a {animal}\n")
    assert asked(drawn) == ("dall-e-3", "a dog", {"size": "1024x1024", "a": 2, "b": 1})
    drawn = magics.draw("--like cat.png --seed 3")
    assert asked(drawn)[2] == {"aspect": "2:3", "seed": 3, "a": 1, "b": 1}


def test_a_picture_by_another_tool(magics, tmp_path, capsys):
    foreign(
        tmp_path / "a.png",
        parameters="a castle\nNegative prompt: people\nSteps: 20, Sampler: Euler a, CFG scale: 7, "
        "Seed: 42, Size: 512x768, Model: sd_xl_base",
    )
    drawn = magics.draw("gpt-4o-image --like a.png", "")
    assert asked(drawn) == ("gpt-4o-image", "a castle", {"size": "512x768", "seed": 42})
    said = capsys.readouterr().err
    assert "like a.png (A1111, its model sd_xl_base)" in said
    assert "its negative prompt left out" in said


def test_a_file_says_no_more_than_a_line_may(magics, tmp_path):
    made = {
        "prompt": "a {animal}",
        "model": "gpt-4o-image",
        "tool": "nbext",
        "parents": ["../../etc/passwd", "a" * 64],
        "parameters": {"n": 40, "messages": [], "stream": True, "aspect": "x", "seed": [1]}
        | {"size": "9" * 400, "format": "exe", "quality": "high", "user": "x"},
    }
    foreign(tmp_path / "a.png", nbext=json.dumps(made))
    drawn = magics.draw("--like a.png", "")
    assert asked(drawn) == ("gpt-4o-image", "a {animal}", {"quality": "high", "user": "x"})
    assert drawn.record.references == ()


def test_references_that_are_not_here_are_said(session, magics, tmp_path, capsys):
    photo = picture("red")
    session.draw("a hat", images=[photo]).save(tmp_path / "hat.png")
    for path in session.store.pictures.rglob("*.png"):
        if path.read_bytes() == photo:
            path.unlink()
    magics.draw("--like hat.png", "")
    assert "1 of its reference pictures are not in this history" in capsys.readouterr().err


def test_what_says_nothing(magics, tmp_path):
    (tmp_path / "plain.png").write_bytes(picture())
    with pytest.raises(PictureError, match=r"plain\.png contains no information on how"):
        magics.draw("--like plain.png", "a cat")
    with pytest.raises(OptionError, match="cannot be read"):
        magics.draw("--like none.png", "a cat")


def test_check_knows_it(session, tmp_path, magics):
    session.draw("a cat", aspect="2:3").save(tmp_path / "cat.png")
    cells = [{"cell_type": "code", "id": "x", "source": "%%draw --like cat.png\n"}]
    (tmp_path / "cats.ipynb").write_text(json.dumps({"cells": cells}))
    assert [finding.reason for finding in check(tmp_path / "cats.ipynb")] == ["replayed @1"]


def test_read(session, tmp_path):
    drawing = session.draw("画只猫", model="gpt-4o-image")
    path = drawing.save(tmp_path / "cat.png")
    made = nbext.read(path)
    assert isinstance(made, Provenance)
    assert (made.prompt, made.model, made.tool) == ("画只猫", "gpt-4o-image", "nbext")
    assert made.sha256 == drawing.pictures[0].sha256
    assert nbext.read(str(path)) == nbext.read(path.read_bytes()) == made
    with pytest.raises(PictureError, match="not a picture"):
        nbext.read(b"no picture")
    buffer = io.BytesIO()
    Image.open(path).save(buffer, "PNG")
    with pytest.raises(PictureError, match="no information on how"):
        nbext.read(buffer.getvalue())


def test_a_cell_that_is_only_the_line_is_one(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    from nbext.magics import load, unload
    from nbext.magics.cells import keep_body

    shell = InteractiveShell.instance()
    try:
        load(shell)
        load(shell)
        assert shell.input_transformers_cleanup.count(keep_body) == 1
        assert shell.run_cell("%%draw --help").success
        assert "usage: %%draw" in capsys.readouterr().out
        unload(shell)
        assert keep_body not in shell.input_transformers_cleanup
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", ["@1", "@1.1", "@-1"])
def test_a_drawing_of_the_history_by_its_number(session, magics, capsys, name):
    drawn = session.draw("a {{hat}}", model="gpt-4o-image", aspect="2:3", params={"user": "me"})
    again = magics.draw(f"--fresh --like {name}", "")
    assert asked(again) == asked(drawn)
    other = magics.draw(f"--like {name} --aspect 1:1", "a dog")
    assert asked(other) == ("gpt-4o-image", "a dog", {"aspect": "1:1", "user": "me"})
    with pytest.raises(HistoryError, match="@9"):
        magics.draw("--like @9", "")
