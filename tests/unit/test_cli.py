"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import nbext
from nbext.cli import main
from nbext.data.record import Record
from nbext.history.store import Store
from tests.sinks import picture

ROOT = Path(__file__).parents[2]
CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture
def cats(tmp_path):
    """A notebook's history with two drawings."""
    store = Store(tmp_path / "cats.draws")
    for number in (1, 2):
        record = store.begin(
            Record(type="sent", id=f"id{number}", prompt=f"cat {number}", model="gpt-4o-image")
        )
        record.pictures = [store.put(picture(size=(20 + number, 20)))]
        record.type = "drawing"
        store.append(record)
    return tmp_path / "cats.ipynb"


def environment(folder, **more):
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_", "JPY_"))
    }
    return kept | {
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        **more,
    }


def nbext_(folder, *arguments, **more):
    """Run it as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "nbext", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_the_version(tmp_path):
    done = nbext_(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"nbext {nbext.__version__}\n")


def test_without_a_command_it_says_what_there_is(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    for command in ("demo", "serve", "export", "verify", "doctor"):
        assert command in said


def test_export_writes_a_gallery(cats, tmp_path, capsys):
    target = tmp_path / "out" / "gallery.html"
    assert main(["export", str(cats), "-o", str(target), "--title", "Two <cats>"]) == 0
    assert capsys.readouterr().out == f"2 drawings → {target}\n"
    page = target.read_text()
    assert "Two &lt;cats&gt;" in page
    assert page.index('id="@2"') < page.index('id="@1"')


def test_export_beside_the_notebook_in_order_and_never_over_a_file(cats, capsys):
    assert main(["export", str(cats), "--order", "oldest"]) == 0
    page = cats.with_suffix(".html")
    assert page.read_text().index('id="@1"') < page.read_text().index('id="@2"')
    page.write_text("mine")
    assert main(["export", str(cats)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("nbext: ")
    assert said.count("\n") == 1
    assert page.read_text() == "mine"
    assert main(["export", str(cats), "--overwrite"]) == 0
    assert page.read_text() != "mine"


def test_verify(cats, tmp_path, capsys):
    assert main(["verify", str(cats)]) == 0
    assert "2 pictures checked: all there, unchanged" in capsys.readouterr().out
    one, other = sorted((tmp_path / "cats.draws" / "pictures").rglob("*.png"))
    one.chmod(0o644)
    one.write_bytes(one.read_bytes()[:-1] + b"x")
    assert main(["verify", str(cats)]) == 1
    said = capsys.readouterr().out
    assert "NOT as recorded" in said
    assert one.stem in said
    other.unlink()
    assert main(["verify", str(cats)]) == 1
    assert other.stem in capsys.readouterr().out


@pytest.mark.parametrize("command", ["export", "verify"])
def test_a_notebook_that_is_not_there_is_one_line(command, cats, capsys):
    assert main([command, str(cats.with_name("cat.ipynb"))]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("nbext: There is no history")
    assert "Did you mean cats.draws?" in said.err
    assert said.err.count("\n") == 1


def test_a_command_that_does_not_exist(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["exprot"])
    assert ended.value.code == 2
    assert "exprot" in capsys.readouterr().err


# doctor


def findings(done):
    """The lines of an examination, by what was looked at."""
    assert "Traceback" not in done.stderr
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert all(mark in "✓!✗" for mark, *_ in lines)
    return {what: (mark, said) for mark, what, said in lines}


def test_doctor_without_a_key(tmp_path):
    done = nbext_(tmp_path, "doctor")
    found = findings(done)
    assert done.returncode == 0
    assert found["python"][0] == "✓"
    assert found["packages"][0] == "✓"
    assert found["history"][0] == "✓"
    assert found["endpoint"][0] == "!"
    assert "NBEXT_BASE_URL" in found["endpoint"][1]


def test_doctor_with_an_endpoint(tmp_path, endpoint):
    relay = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    asked = len(endpoint.log)
    done = nbext_(tmp_path, "doctor", **relay)
    found = findings(done)
    assert done.returncode == 0, done.stdout
    assert found["endpoint"] == ("✓", f"{endpoint.base_url}, from NBEXT_BASE_URL")
    assert found["key"] == ("✓", "set, from NBEXT_API_KEY")
    assert found["reach"][0] == "✓"
    assert "gpt-4o-image among them" in found["models"][1]
    assert endpoint.key not in done.stdout + done.stderr
    assert {r.method for r in endpoint.log[asked:]} == {"GET"}
    done = nbext_(tmp_path, "doctor", NBEXT_MODEL="gpt-4o-imagee", **relay)
    mark, said = findings(done)["models"]
    assert (mark, done.returncode) == ("!", 0)
    assert "Did you mean gpt-4o-image " in said


@pytest.mark.parametrize(
    ("what", "environ", "said"),
    [
        ("reach", {"NBEXT_API_KEY": CANARY}, "key"),
        ("reach", {"NBEXT_BASE_URL": "http://127.0.0.1:9", "NBEXT_API_KEY": CANARY}, "127.0.0.1:9"),
        ("key", {"OPENAI_API_KEY": CANARY}, "%nbext key"),
        ("endpoint", {"NBEXT_BASE_URL": "", "NBEXT_API_KEY": CANARY}, "NBEXT_BASE_URL"),
        ("settings", {"NBEXT_RUNNER": "tread"}, "NBEXT_RUNNER"),
        ("settings", {"NBEXT_MODEL": CANARY}, "NBEXT_MODEL"),
    ],
    ids=["wrong key", "nobody there", "no key", "no URL", "wrong value", "key as a model"],
)
def test_doctor_says_what_is_wrong(tmp_path, endpoint, what, environ, said):
    done = nbext_(tmp_path, "doctor", **{"NBEXT_BASE_URL": endpoint.base_url, **environ})
    found = findings(done)
    assert done.returncode == 1
    assert found[what][0] == "✗"
    assert said in found[what][1]
    assert "canary" not in done.stdout + done.stderr


def test_doctor_finds_a_key_in_a_settings_file(tmp_path):
    (tmp_path / "nbext.toml").write_text(f'api_key = "{CANARY}"')
    done = nbext_(tmp_path, "doctor")
    assert done.returncode == 1
    assert findings(done)["settings"][1].startswith("nbext.toml: api_key holds a key")
    assert "canary" not in done.stdout + done.stderr


# serve


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_serve_prints_url_and_key_answers_and_stops(tmp_path, stop):
    process = subprocess.Popen(
        [sys.executable, "-m", "nbext", "serve", "--key", "my-key"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = re.fullmatch(r"Base URL: (http://127\.0\.0\.1:\d+/v1)\n", process.stdout.readline())
        assert process.stdout.readline() == "API key:  my-key\n"
        request = urllib.request.Request(f"{url[1]}/models")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 401
        refused.value.close()
        request.add_header("Authorization", "Bearer my-key")
        with urllib.request.urlopen(request, timeout=10) as answer:
            names = [model["id"] for model in json.load(answer)["data"]]
        assert "gpt-4o-image" in names
        process.send_signal(stop)
        out, errors = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
    assert process.returncode == 0
    assert "Traceback" not in out + errors


def test_serve_on_a_port_that_is_taken(tmp_path, endpoint):
    port = endpoint.base_url.split(":")[2].split("/")[0]
    done = nbext_(tmp_path, "serve", "--port", port)
    assert done.returncode == 2
    assert done.stderr.startswith(f"nbext: The endpoint cannot listen on 127.0.0.1:{port}")
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1
