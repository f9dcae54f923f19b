"""A lesson as one file that a class unpacks and runs."""

from __future__ import annotations

import json
import os
import zipfile

import pytest

from nbext.cli.check import check
from nbext.cli.handout import write_handout
from nbext.cli.main import main
from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.errors import HistoryError, OptionError, SettingsError
from nbext.session.session import Session
from tests.unit.cli.test_check import write


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "LITELLM_", "NBEXT_")):
            monkeypatch.delenv(name)


@pytest.fixture
def lesson(tmp_path, endpoint, monkeypatch):
    """A lesson drawn with a key, whose style and model stand in the teacher's environment."""
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    monkeypatch.setenv("NBEXT_MODEL", "gpt-image-1")
    monkeypatch.setenv("NBEXT_STYLES", '{"ink": "{prompt}, \\"ink\\" \\u2603"}')
    folder = tmp_path / "teacher"
    folder.mkdir()
    (folder / "cat.png").write_bytes(b"not read")
    notebook = write(folder / "lesson.ipynb", "%load_ext nbext", "%%draw --style ink\na cat")
    data = json.loads(notebook.read_text())
    data["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "drawn"}]
    notebook.write_text(json.dumps(data))
    chosen = Nbext(model="gpt-image-1", styles={"ink": '{prompt}, "ink" ☃'})
    session = Session(notebook.with_suffix(".draws"), chosen=chosen)

    async def draw():
        request = await session.request('a cat, "ink" ☃')
        return await session.make(request, cell=Cell(id="c2"))

    session.run(draw())
    session.run(session.close())
    session.runner.close()
    return notebook


def unpacked(handout, folder):
    with zipfile.ZipFile(handout.path) as archive:
        archive.extractall(folder)
    return folder / "lesson"


def test_a_pupil_sees_what_the_teacher_drew(lesson, endpoint, tmp_path, monkeypatch):
    handout = write_handout(lesson, language="zh")
    assert [finding.verdict for finding in handout.findings] == ["replayed"]
    for name in ("NBEXT_BASE_URL", "NBEXT_API_KEY", "NBEXT_MODEL", "NBEXT_STYLES"):
        monkeypatch.delenv(name)
    folder = unpacked(handout, tmp_path / "pupil")
    assert [f.verdict for f in check(folder / "lesson.ipynb", with_key=True)] == ["replayed"]
    settings = (folder / "nbext.toml").read_text()
    assert 'replay = "only"' in settings
    assert 'language = "zh"' in settings
    assert "不需要密钥" in (folder / "README.txt").read_text()
    cells = json.loads((folder / "lesson.ipynb").read_text())["cells"]
    assert cells[1]["outputs"] == []
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert endpoint.key.encode() not in everything
    assert str(tmp_path).encode() not in everything


def test_the_same_lesson_gives_the_same_bytes(lesson, tmp_path):
    one = write_handout(lesson, tmp_path / "one.zip").path.read_bytes()
    assert write_handout(lesson, tmp_path / "two.zip").path.read_bytes() == one


def test_a_cell_without_a_recorded_picture_is_named(lesson, capsys):
    write(lesson, "%%draw --style ink\na cat", "%%draw\na dog")
    with pytest.raises(OptionError, match="a dog"):
        write_handout(lesson)
    assert not lesson.with_name("lesson-handout.zip").exists()
    assert main(["handout", str(lesson), "--partial"]) == 1
    assert "a dog" in capsys.readouterr().out
    with pytest.raises(OptionError, match="already exists"):
        write_handout(lesson, partial=True)


def test_what_only_this_machine_finds_is_no_picture_of_the_lesson(lesson, tmp_path, monkeypatch):
    """The teacher's other notebooks hold it; the class has not got them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cells = ["%%draw --style ink\na cat", "%%draw\na dog", "%%draw\na hen"]
    write(lesson, *cells)
    other = tmp_path / "far" / "x" / "y" / "z"
    other.mkdir(parents=True)
    notebook = write(other / "other.ipynb", *cells)
    session = Session(other / "other.draws", chosen=Nbext(model="gpt-image-1"), notebook=notebook)
    for prompt in ("a dog", "a hen"):
        session.draw(prompt)
    session.run(session.close())
    session.runner.close()
    notebook.unlink()
    verdicts = [finding.verdict for finding in check(lesson)]
    assert verdicts == ["replayed"] * 3
    with pytest.raises(OptionError, match="a dog"):
        write_handout(lesson)


def test_what_a_killed_handout_left_is_cleared(lesson, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, new, other = (tmp_path / name for name in ("nbext-handout-a1b2c3d4", "nbext-handout-e5f6g7h8", "nbext-handout-mine"))  # fmt: skip
    for folder in (old, new, other):
        folder.mkdir()
    for folder in (old, other):
        os.utime(folder, (0, 0))
    write_handout(lesson)
    assert sorted(path.name for path in tmp_path.glob("nbext-*")) == sorted([new.name, other.name])


def test_own_prompts_may_be_sketched(lesson, tmp_path):
    folder = unpacked(write_handout(lesson, own_prompts="sketched"), tmp_path / "pupil")
    assert "replay" not in (folder / "nbext.toml").read_text()
    assert "sketches" in (folder / "README.txt").read_text()


def test_files_that_cells_read_go_along(lesson, tmp_path):
    handout = write_handout(lesson, files=[lesson.with_name("cat.png")])
    assert (unpacked(handout, tmp_path / "pupil") / "cat.png").read_bytes() == b"not read"
    with pytest.raises(OptionError, match="already has a file"):
        write_handout(lesson, files=[lesson], overwrite=True)
    with pytest.raises(OptionError, match="cannot be read"):
        write_handout(lesson, files=[lesson.with_name("dog.png")], overwrite=True)


def test_nothing_leaves_with_a_key_in_it(lesson):
    write(lesson, "key = 'sk-abcdefghijklmnopqrstuvwxyz012345'")
    with pytest.raises(SettingsError, match="looks like a key"):
        write_handout(lesson)


def test_a_lesson_that_was_never_run(tmp_path):
    notebook = write(tmp_path / "lesson.ipynb", "%%draw\na cat")
    with pytest.raises(HistoryError):
        write_handout(notebook)
    assert list(tmp_path.glob("*.zip")) == []
