"""The command line."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

import nbext
from nbext.cli import doctor, main

ROOT = Path(__file__).parents[3]
CANARY = "sk-canary-0123456789abcdef"


pytestmark = pytest.mark.usefixtures("alone")


def run(capsys, *arguments):
    """Run a command in this process, and give its status and what it said."""
    status = main.main(arguments)
    said = capsys.readouterr()
    return status, said.out, said.err


def lines(said):
    """The doctor's findings by what was looked at."""
    return {line.split()[1]: (line[0], line) for line in said.splitlines()}


@pytest.fixture
def notebook(endpoint, tmp_path, monkeypatch):
    """A notebook with one drawing in its history."""
    from nbext.config.settings import Nbext
    from nbext.session.session import Session

    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    session = Session(tmp_path / "cats.draws", chosen=Nbext())
    session.draw("画只猫")
    session.run(session.close())
    session.runner.close()
    return tmp_path / "cats.ipynb"


def test_version_and_help(capsys):
    with pytest.raises(SystemExit) as ended:
        main.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"nbext {nbext.__version__}\n"
    status, out, _ = run(capsys)
    assert status == 0
    assert all(command in out for command in ("demo", "serve", "export", "verify", "doctor"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("frob", "there is no command 'frob'. See nbext --help."),
        ("draw cats", "In a notebook: %%draw."),
        ("key sk-1", "In a notebook: %nbext key."),
        ("doctor --reprt", "Did you mean --report?"),
        ("export cats.ipynb --outptu=x", "Did you mean --output?"),
        ("check cats.ipynb dogs.ipynb", "unexpected dogs.ipynb. See nbext check --help."),
        ("exprot cats.ipynb", "Did you mean export?"),
        ("export cats.ipynb --order newer", "Did you mean newest?"),
        ("export", "notebook is missing"),
        ("doctor now", "unexpected now"),
        ("serve --port 99999", "not a port number"),
        ("serve --port x", "not a port number"),
        ("slim cats.ipynb --limit -5", "not a number of bytes"),
        ("slim cats.ipynb --limit x", "not a number of bytes"),
    ],
)
def test_a_line_that_makes_no_sense(capsys, line, said):
    with pytest.raises(SystemExit) as ended:
        main.main(line.split())
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.startswith("nbext")
    assert told.count("\n") == 1


def test_what_cannot_be_done_is_one_line(capsys, notebook, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "cats.html").write_text("")
    for line, said in (
        ("export cats.ipynb", "Pass --overwrite."),
        ("demo --folder file", "Choose another --folder."),
        ("slim none.ipynb", "none.ipynb cannot be read"),
    ):
        status, _, told = run(capsys, *line.split())
        assert (status, told.count("\n")) == (2, 1), told
        assert said in told


def test_read_goes_on_to_the_next_picture(capsys, notebook, tmp_path):
    picture = next((tmp_path / "cats.draws").rglob("*.png"))
    from nbext.drawings.open import open_history

    open_history(notebook)[1].save(tmp_path / "cat.png")
    status, out, told = run(capsys, "read", "none.png", str(picture), "cat.png")
    assert status == 2
    assert "none.png" in told
    assert "画只猫" in out


def test_python_m_nbext_is_light(tmp_path):
    code = (
        "import sys, nbext.cli.main\nnbext.cli.main._parser()\n"
        "print(sorted({'IPython', 'traitlets', 'httpx', 'PIL', 'tornado'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stderr


def test_export_writes_an_archive_where_the_file_is_named_so(capsys, notebook, tmp_path):
    target = tmp_path / "for-others.ZIP"
    assert run(capsys, "export", str(notebook), "-o", str(target))[0] == 0
    assert zipfile.is_zipfile(target)
    status, _, err = run(capsys, "export", str(notebook), "-o", str(target))
    assert status == 2
    assert "--overwrite" in err


def test_export_writes_a_gallery_once(capsys, notebook, tmp_path):
    page = tmp_path / "out.html"
    status, out, _ = run(capsys, "export", str(notebook), "-o", str(page))
    assert (status, out) == (0, f"1 drawing → {page}\n")
    assert "画只猫" in page.read_text(encoding="utf-8")
    assert run(capsys, "export", str(notebook), "-o", str(page))[0] == 0, "its own page"
    page.write_text("somebody's own", encoding="utf-8")
    status, _, err = run(capsys, "export", str(notebook), "-o", str(page))
    assert status == 2
    assert err.startswith("nbext: ")
    assert err.count("\n") == 1
    status, _, _ = run(capsys, "export", str(notebook), "-o", str(page), "--overwrite")
    assert status == 0


def test_verify_finds_a_changed_picture(capsys, notebook, tmp_path):
    assert run(capsys, "verify", str(notebook))[0] == 0
    [picture] = [p for p in (tmp_path / "cats.draws" / "pictures").rglob("*") if p.is_file()]
    data = bytearray(picture.read_bytes())
    data[-20] ^= 1
    picture.chmod(0o600)
    picture.write_bytes(data)
    status, out, _ = run(capsys, "verify", str(notebook))
    assert status == 1
    assert out.strip()


@pytest.mark.parametrize("command", ["export", "verify"])
def test_no_history_is_one_line(capsys, command):
    status, out, err = run(capsys, command, "nope.ipynb")
    assert (status, out) == (2, "")
    assert err.startswith("nbext: There is no history")
    assert err.count("\n") == 1


def test_a_terminal_without_utf8_does_not_fail(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nbext", "doctor"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii", "HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
    )
    assert done.stderr == b""
    assert done.stdout.startswith(b"? python")
    assert done.returncode == 0


def test_a_full_disk_is_said_in_a_line(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / "demo"))

    monkeypatch.setattr("nbext.cli.demo.run", full)
    status, out, err = run(capsys, "demo")
    assert (status, out) == (2, "")
    assert err == f"nbext: {tmp_path / 'demo'}: No space left on device\n"


# What a stranger's name or the shell gives must not reach the terminal as a command.
EVIL = "\x1b]0;title\x07\x1b[31m\x9b5m\u202eend"


@pytest.mark.parametrize(
    "words",
    [
        *(
            (command, f"{EVIL}.ipynb")
            for command in ("verify", "check", "export", "slim", "inline")
        ),
        *(("handout", EVIL), ("read", f"{EVIL}.png"), ("help", EVIL), ("demo", EVIL), (EVIL,)),
        *(("serve", "--host", EVIL), ("serve", "--port", EVIL), ("doctor", f"--{EVIL}")),
    ],
    ids=lambda words: words[0].replace(EVIL, "evil"),
)
@pytest.mark.parametrize("present", [False, True], ids=["absent", "present"])
def test_a_name_with_controls_does_not_reach_the_terminal(
    notebook, tmp_path, monkeypatch, capsys, words, present
):
    monkeypatch.chdir(tmp_path)
    if present:
        nbformat.write(nbformat.v4.new_notebook(), f"{EVIL}.ipynb")
        (tmp_path / "cats.draws").rename(f"{EVIL}.draws")
    try:
        status = main.main(words)
    except SystemExit as ended:
        status = ended.code
    written = "".join(capsys.readouterr())
    assert written
    assert not set(written) & set("\x1b\x07\x9b\u202e"), written
    assert present or status == 2


# Serve


def served(*options):
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "nbext", "serve", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_serve_answers_until_it_is_interrupted():
    import urllib.request

    with served("--key", "class-key") as process:
        try:
            said = ""
            while "/v1" not in said:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                said += line
            url = next(word for word in said.split() if word.startswith("http")).rstrip(".,")
            request = urllib.request.Request(
                f"{url.rstrip('/')}/models", headers={"Authorization": "Bearer class-key"}
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert "gpt-4o-image" in [m["id"] for m in json.load(answer)["data"]]
            process.send_signal(signal.SIGINT)
            assert process.wait(60) in (0, 130)
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()


def test_a_port_that_is_taken_is_one_line(capsys, endpoint):
    port = endpoint.base_url.rsplit(":", 1)[1].split("/")[0]
    status, _, err = run(capsys, "serve", "--port", port)
    assert status == 2
    assert err.startswith(f"nbext: The endpoint cannot listen on 127.0.0.1:{port}: ")
    assert err.count("127.0.0.1") == 1
    assert "--port" in err


@pytest.mark.parametrize("port", ["99999", "-1", "x", "1" * 9000])
def test_what_is_no_port_is_said(capsys, port):
    with pytest.raises(SystemExit):
        run(capsys, "serve", f"--port={port}")
    assert f"{port[:20]} is not a port number from 0 to 65535" in capsys.readouterr().err


# Doctor


def test_the_doctor_without_a_key(capsys):
    status, out, _ = run(capsys, "doctor")
    found = lines(out)
    assert status == 0
    assert found["endpoint"][0] == "!"
    assert "embedded" in found["endpoint"][1]
    assert f"nbext {nbext.__version__}" in found["python"][1]
    assert "pillow" in found["packages"][1]


def test_the_doctor_with_an_endpoint(capsys, monkeypatch, endpoint):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    status, out, _ = run(capsys, "doctor")
    found = lines(out)
    assert status == 0
    assert {mark for mark, _ in found.values()} == {"✓"}
    assert "including gpt-4o-image" in found["models"][1]
    assert "from NBEXT_API_KEY" in found["key"][1]
    assert endpoint.key not in out
    monkeypatch.setenv("NBEXT_MODEL", "gpt-4o-imag")
    monkeypatch.setattr(sys.modules["nbext.config.loading"], "_instances", {})
    status, out, _ = run(capsys, "doctor")
    assert status == 0
    assert lines(out)["models"][0] == "!"
    assert "Did you mean gpt-4o-image" in lines(out)["models"][1]


@pytest.mark.parametrize(
    ("environ", "what", "said"),
    [
        ({"NBEXT_API_KEY": CANARY}, "endpoint", "NBEXT_BASE_URL"),
        ({"NBEXT_BASE_URL": "https://nb.example", "OPENAI_API_KEY": CANARY}, "key", "%nbext key"),
        ({"NBEXT_BASE_URL": "https://nb.example"}, "key", "set NBEXT_API_KEY together with it"),
        ({"NBEXT_REPLAY": "onyl"}, "settings", "Did you mean only?"),
        ({"NBEXT_BASE_URL": "http://127.0.0.1:9", "NBEXT_API_KEY": CANARY}, "reach", "refused"),
        ({"NBEXT_BASE_URL": "https://h.example?key=canary"}, "endpoint", "NBEXT_BASE_URL"),
    ],
)
def test_the_doctor_says_what_to_do(capsys, monkeypatch, environ, what, said):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    status, out, err = run(capsys, "doctor")
    assert status == 1
    mark, line = lines(out)[what]
    assert mark == "✗"
    assert said in line
    assert "canary" not in out + err


def test_the_doctor_with_a_wrong_key(capsys, monkeypatch, endpoint):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", CANARY)
    status, out, _ = run(capsys, "doctor")
    assert status == 1
    assert lines(out)["reach"][0] == "✗"
    assert CANARY not in out


def test_the_doctor_notices_mistyped_variables(capsys, monkeypatch):
    monkeypatch.setenv("NBEXT_MODLE", "x")
    status, out, _ = run(capsys, "doctor")
    assert status == 0
    assert lines(out)["settings"][0] == "!"
    assert "Did you mean NBEXT_MODEL?" in out


def test_the_doctor_sees_a_folder_that_cannot_be_written(capsys, monkeypatch, tmp_path):
    assert str(tmp_path) in lines(run(capsys, "doctor")[1])["history"][1]

    def full(**_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(doctor, "TemporaryFile", full)
    mark, line = lines(run(capsys, "doctor")[1])["history"]
    assert mark == "!"
    assert "Read-only file system" in line


@pytest.mark.parametrize(
    ("url", "mark"),
    [
        ("https://h.example/v1", "✓"),
        ("http://localhost:1/v1", "✓"),
        ("http://[::1]:1/v1", "✓"),
        ("http://h.example/v1", "!"),
    ],
)
def test_the_doctor_warns_of_clear_text(monkeypatch, url, mark):
    async def unreached(*_):
        return []

    monkeypatch.setattr(doctor, "_reach", unreached)
    monkeypatch.setenv("NBEXT_BASE_URL", url)
    monkeypatch.setenv("NBEXT_API_KEY", CANARY)
    assert [f.mark for f in doctor.examine() if f.what == "endpoint"] == [mark]


# Demo


def test_the_demo_says_what_it_needs(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "nbclient", None)
    status, _, err = run(capsys, "demo", "--folder", str(tmp_path / "demo"))
    assert status == 2
    assert err == "nbext: The demo needs nbclient. pip install 'nbext[demo]'\n"
    assert not (tmp_path / "demo").exists()


def test_the_demo_says_which_cell_failed(capsys, monkeypatch, tmp_path):
    import nbformat

    from nbext.cli import demo

    cell = nbformat.v4.new_code_cell("1 / 0")
    broken = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    monkeypatch.setattr(demo, "quickstart", lambda: broken)
    status, _, err = run(capsys, "demo", "--folder", str(tmp_path / "demo"))
    assert status == 2
    assert err.startswith("nbext: A cell of the quickstart failed: ZeroDivisionError")
    assert (tmp_path / "demo" / "quickstart.ipynb").is_file()
