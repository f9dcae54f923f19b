"""What a person sees who runs cells."""

from __future__ import annotations

import base64
import json
import time

import pytest

DRAW = "%%draw\n画只猫"


def stored(kernel):
    return sorted(p.name.partition(".")[0] for p in kernel.folder.glob("*.draws/pictures/*/*"))


def test_a_picture_its_caption_and_nothing_else(kernel):
    ran = kernel.run(DRAW)
    assert ran.status == "ok", ran.error
    caption, picture = ran.outputs
    assert caption["data"]["text/plain"].startswith("@1 · gpt-4o-image · ")
    assert "embedded" in caption["data"]["text/plain"]
    assert set(picture["data"]) == {"image/png", "text/plain"}
    assert picture["metadata"]["image/png"]["alt"] == "画只猫"
    assert picture["metadata"]["nbext"]["model"] == "gpt-4o-image"


def test_the_picture_shown_is_the_picture_stored_byte_for_byte(kernel):
    kernel.run("%config Nbext.inline_limit = 50_000_000")
    ran = kernel.run(DRAW)
    import hashlib

    shown = hashlib.sha256(base64.b64decode(ran.pictures[0])).hexdigest()
    assert [shown] == stored(kernel)


def test_a_picture_over_the_inline_limit_is_shown_smaller(kernel):
    kernel.run("%config Nbext.inline_limit = 20_000")
    ran = kernel.run(DRAW)
    shown = next(o["data"] for o in ran.outputs if "text/html" not in o["data"])
    preview = shown.get("image/png") or shown["image/jpeg"]
    assert len(base64.b64decode(preview)) <= 20_000


def test_run_all_runs_the_cells_queued_behind_a_draw(kernel):
    sent = [kernel.send(DRAW), *(kernel.send(f"print({n})") for n in range(4))]
    drawn, *rest = kernel.wait(*sent)
    assert drawn.pictures
    assert [ran.text.strip() for ran in rest] == ["0", "1", "2", "3"]


def test_progress_moves_and_becomes_the_caption(kernel):
    ran = kernel.run(DRAW)
    updates = [c["data"]["text/plain"] for c in ran.of("display_data", "update_display_data")]
    assert len({text for text in updates if "%" in text}) >= 2
    assert sum("text/html" in o["data"] for o in ran.outputs) == 1


def stopped(kernel):
    """Interrupt a silent request; give the cell as it ended, and the seconds that took."""
    sent = kernel.send("%%draw embedded-silent\na cat")
    while kernel.client.get_iopub_msg(timeout=20)["header"]["msg_type"] != "display_data":
        pass
    time.sleep(0.3)
    began = time.monotonic()
    kernel.interrupt()
    return kernel.wait(sent)[0], time.monotonic() - began


def test_stop_ends_the_cell_and_the_request(kernel):
    kernel.run("import nbext.session")
    ran, took = stopped(kernel)
    # A machine that is busy with something else is no reason to fail.
    tries = [took] + [stopped(kernel)[1] for _ in range(2 if took > 1 else 0)]
    assert min(tries) < 1.0
    assert ran.error["ename"] == "KeyboardInterrupt"
    assert len(ran.error["traceback"]) == 1
    kernel.run("import time; time.sleep(0.5)")
    log = "[(r.path, r.disconnected) for r in nbext.connection.SERVER.log][-1]"
    assert kernel.value(log) == "('/v1/chat/completions', True)"
    assert "Interrupted" in kernel.value("nbext.history[-1].error")


def test_an_error_is_one_line_and_stops_run_all(kernel):
    failing, after = kernel.send("%%draw embedded-refuses\na cat"), kernel.send("print('after')")
    failed, second = kernel.wait(failing, after)
    assert failed.status == "error"
    assert failed.error["ename"] == "ModerationError"
    assert len(failed.error["traceback"]) == 1
    assert second.status in ("aborted", "error")
    assert not second.text
    assert kernel.value("__import__('nbext').history[1].error.type") == "ModerationError"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%%draw --takse 3\ncat", "Did you mean --takes?"),
        ("%%draw --key sk-canary-123456\ncat", "%nbext key"),
        ("%%draw gpt-4o-image -i @9\ncat", "@9"),
        ("%%draw gpt-4o-image -i nothing.png\ncat", "nothing.png"),
        ("%%draw a cat\ncat", "one word too many"),
        ("%nbext exprot", "Did you mean export?"),
    ],
)
def test_a_slip_of_the_hand_gets_one_line_with_the_remedy(kernel, line, said):
    ran = kernel.run(line)
    assert ran.status == "error"
    assert said in "".join(ran.error["traceback"])
    assert len(ran.error["traceback"]) == 1


def test_help_is_shown_and_nothing_is_sent(kernel):
    ran = kernel.run("%%draw --help\nx")
    assert "--takes" in ran.text
    assert "%models [WORD" in kernel.run("%models --help").text
    assert kernel.value("len(__import__('nbext').history)") == "0"


def test_several_takes_come_as_one_sheet(kernel):
    ran = kernel.run("%%draw -n 3\na red balloon")
    assert len(ran.pictures) == 1
    assert "@3" in ran.outputs[0]["data"]["text/plain"]
    assert kernel.value("len({d.pictures[0].sha256 for d in __import__('nbext').history})") == "3"


def test_edit_changes_the_last_drawing(kernel):
    kernel.run(DRAW)
    ran = kernel.run("%%edit\n加一顶帽子")
    assert ran.status == "ok", ran.error
    assert kernel.value("[p.number for p in __import__('nbext').history[2].parents]") == "[1]"


def test_continue_sends_the_whole_conversation(kernel):
    kernel.run(DRAW)
    ran = kernel.run("%%draw -c\n变成夜晚")
    assert ran.status == "ok", ran.error
    kernel.run("import nbext.session")
    ran = kernel.run(
        "r = [r for r in nbext.connection.SERVER.log if 'chat' in r.path][-1]\nprint([m['role'] for m in r.json['messages']])"
    )
    assert ran.text.strip() == "['user', 'assistant', 'user']"


def test_variables_references_and_names(kernel):
    kernel.run("animal = '猫'\nfrom PIL import Image\npicture = Image.new('RGB', (64, 64), 'red')")
    ran = kernel.run("%%draw -i picture --as cat --save out.png\n{animal} on this, {not_there}")
    assert ran.status == "ok", ran.error
    assert kernel.value("cat.prompt") == "猫 on this, {not_there}"
    assert (kernel.folder / "out.png").stat().st_size > 1000


def test_a_magic_gives_its_drawing(kernel):
    ran = kernel.run("r = %draw don't stop (a cat)\nprint(r.number, r.prompt)")
    assert "1 don't stop (a cat)" in ran.text
    again = kernel.run("r")
    assert len(again.pictures) <= 1


def test_dry_run_sends_nothing(kernel):
    ran = kernel.run("%%draw gpt-4o-image --dry-run --aspect 2:3\n画只猫")
    assert '"画只猫【2:3】"' in ran.text
    assert "Nothing was sent" in ran.text
    assert kernel.value("len(__import__('nbext').history)") == "0"


def test_no_wait_fills_the_place_it_kept(kernel):
    first = kernel.send("%%draw --no-wait\n画只猫")
    ran = kernel.wait(first)[0]
    assert ran.status == "ok", ran.error
    assert not ran.pictures
    later = kernel.run(
        "import time, nbext\nwhile not nbext.history: time.sleep(.05)\ntime.sleep(3)"
    )
    assert later.status == "ok"
    place = [c["transient"]["display_id"] for c in ran.of("display_data")]
    assert len(place) == 2


def test_tab_completes_models_options_references_and_variables(kernel):
    kernel.run("animal = 'cat'")
    kernel.run("%models")
    kernel.run(DRAW)

    def completions(code):
        reply = kernel.client.complete(code, len(code), reply=True, timeout=20)
        return reply["content"]["matches"]

    assert "gpt-4o-image" in completions("%%draw gpt-4")
    assert "--takes" in completions("%%draw --ta")
    assert "@1" in completions("%%draw -i @")
    assert "animal" in completions("%%draw\na {an")


def test_terminal_ipython_prints_the_path(tmp_path):
    import os
    import subprocess
    import sys

    from tests.kernel.conftest import ROOT

    env = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_"))}
    env |= {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor"],
        input="%load_ext nbext\n%draw a cat\n",
        cwd=tmp_path,
        env=env,
        text=True,
        capture_output=True,
        timeout=90,
    )
    path = next(line.strip() for line in done.stdout.splitlines() if line.strip().endswith(".png"))
    assert (tmp_path / path).exists(), json.dumps(done.stdout)


def test_plain_python_needs_no_shell(tmp_path):
    import os
    import subprocess
    import sys

    from tests.kernel.conftest import ROOT

    env = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_"))}
    env |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    (tmp_path / "cats.py").write_text(
        "import nbext\nd = nbext.draw('a cat')\nprint(d.image.size)\n"
    )
    done = subprocess.run(
        [sys.executable, "cats.py"],
        cwd=tmp_path,
        env=env,
        text=True,
        capture_output=True,
        timeout=90,
    )
    assert done.stdout.strip() == "(1024, 1024)", done.stderr
    assert (tmp_path / "cats.draws" / "history.jsonl").exists()
