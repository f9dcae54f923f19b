"""What a person sees who runs cells."""

from __future__ import annotations

import base64
import json

import pytest

from tests.kernel.conftest import Kernel
from tests.until import PATIENCE

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


def test_a_drawing_takes_the_place_of_a_display_handle(kernel):
    kernel.run("import nbext")
    ran = kernel.run("h = display('soon', display_id=True)\nh.update(nbext.draw('a cat'))")
    place, caption, picture = (one["data"] for one in ran.outputs)
    assert place["image/png"] == picture["image/png"]
    assert "image/png" not in caption
    ran = kernel.run("g = display(nbext.history[1], display_id='g')\ng.update(nbext.history[:])")
    [only] = ran.outputs
    assert "image/png" in only["data"]


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


def test_progress_moves_and_becomes_the_caption(kernels):
    kernel = kernels(NBEXT_EMBEDDED_PACE="1")  # so slow that a busy machine shows more than one
    kernel.run("%load_ext nbext")
    ran = kernel.run(DRAW)
    updates = [c["data"]["text/plain"] for c in ran.of("display_data", "update_display_data")]
    assert len({text for text in updates if "%" in text}) >= 2
    assert sum("text/html" in o["data"] for o in ran.outputs) == 1


def test_an_error_is_one_line_and_stops_run_all(kernel):
    failing, after = kernel.send("%%draw embedded-refuses\na cat"), kernel.send("print('after')")
    failed, second = kernel.wait(failing, after)
    assert failed.status == "error"
    assert failed.error["ename"] == "ModerationError"
    assert len(failed.error["traceback"]) == 1
    assert second.status in ("aborted", "error")
    assert not second.text
    assert kernel.value("__import__('nbext').history[1].error.type") == "ModerationError"


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory):
    """One kernel for all slips: none changes anything."""
    made = Kernel(tmp_path_factory.mktemp("slips"))
    assert made.run("%load_ext nbext").status == "ok"
    yield made
    made.stop()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%%draw --takse 3\ncat", "Did you mean --takes?"),
        ("%%draw --key sk-canary-123456\ncat", "%nbext key"),
        ("%%draw gpt-4o-image -i @9\ncat", "@9"),
        ("%%draw gpt-4o-image -i nothing.png\ncat", "nothing.png"),
        ("%%draw a cat\ncat", "unexpected"),
        ("%nbext exprot", "Did you mean export?"),
        ("%nbext export --overwite", "Did you mean --overwrite?"),
        ("%nbext export a.html b.html", "unexpected"),
        ("%nbext export don't.html", "not closed"),
        ("%nbext key https://relay.example/v1 sk-canary-123456", "remove it from the cell"),
        ("%nbext star --of", "Did you mean --off?"),
        ("%models don't", "not closed"),
        ("%models --endpiont lab", "Did you mean --endpoint?"),
        ("%models --endpoint", "needs a value"),
        ("%video @--3", "not a job"),
        ("%%draw -n 1000000000\ncat", "Use 1 to 64"),
        ("%config Nbext.replay = 'onyl'", "Did you mean only?"),
        ("%config Nbext.repaly = 'only'", "Did you mean replay?"),
        ("%config Nbext.api_key = 'sk-canary-0123456789abcdef'", "%nbext key"),
        ("%config Nbext.model = only", "in quotes"),
        ('%%draw -p shape={"a":1}\ncat', "put all of it in quotes, -p 'shape="),
        ("%nbext notebook nowhere/cats", "no folder"),
        ("%%draw --as class\ncat", "not a variable name"),
        ("%%chat --as 2cats\ncat", "not a variable name"),
        ("%%video --as 2cats\ncat", "not a variable name"),
        ("%%draw --save cat.xyz\ncat", "cannot save as .xyz"),
        ("%%video --save cat.png\ncat", "cannot save as .png"),
    ],
)
def test_a_slip_of_the_hand_gets_one_line_with_the_remedy(mistaken, line, said):
    ran = mistaken.run(line)
    assert ran.status == "error"
    assert said in "".join(ran.error["traceback"])
    assert len(ran.error["traceback"]) == 1
    assert "sk-canary" not in str(ran.error)
    assert mistaken.value("len(__import__('nbext').history)") == "0"


def test_config_of_others_is_left_to_ipython(kernel):
    kernel.run("import nbext\nprompt, mode = 'a cat', 'only'")
    assert kernel.run("%config IPCompleter.greedy = True").status == "ok"
    assert kernel.value("get_ipython().Completer.greedy") == "True"
    assert kernel.run("%config Nbext.replay = mode").status == "ok"
    assert "only" in kernel.run("%config Nbext.replay").text
    # A template's braces are not the notebook's.
    kernel.run("%config Nbext.styles = {'ink': '{prompt} in ink'}")
    assert kernel.value("nbext.settings.styles['ink']") == "{prompt} in ink"
    kernel.run("%reload_ext nbext")
    kernel.run("%unload_ext nbext")
    assert kernel.run("%config Nbext.replay = 'onyl'").status == "ok"


def test_a_reply_is_saved_or_it_is_said_why_not(kernel):
    assert kernel.run("%%chat --save deep/in/hi.txt\nhi").status == "ok"
    assert "hi" in (kernel.folder / "deep" / "in" / "hi.txt").read_text()
    ran = kernel.run("%%chat --save deep/in\nhi")
    assert "cannot be written" in "".join(ran.error["traceback"])
    assert len(ran.error["traceback"]) == 1


def test_a_question_on_a_line_is_asked(kernel):
    for line in ("%chat Who are you?", "x = %chat What's 9.11 和 9.8 谁大??"):
        ran = kernel.run(line)
        assert ran.status == "ok", ran.error
        assert "You asked" in ran.text or "你问的是" in ran.text
    assert "Draw the prompt" in str(kernel.reply("%draw?")["payload"])
    kernel.run("%unload_ext nbext")
    assert "not found" in kernel.run("%chat Who are you?").text


def test_what_went_half_well_is_said_of_every_verb(kernel):
    kernel.run("import nbext\nheld = nbext.history.store.warnings")
    for cell in ("%%chat\nhi", "nbext.chat('hi')", "nbext.draw('hi')", "%draw hi"):
        kernel.run("held.append(f'{len(held)} are not saved.')")
        assert "nbext: " in kernel.run(cell).text
        assert "nbext: " not in kernel.run(cell).text


def test_unloading_gives_all_back_and_loading_again_takes_it(kernel):
    state = (
        "sorted((k, n) for k, names in get_ipython().magics_manager.magics.items() "
        "for n, m in names.items() if '_nbext_before' in getattr(m, '__dict__', {}))"
    )
    threads = "sorted(t.name for t in threading.enumerate() if t.name.startswith('nbext'))"
    kernel.run("%unload_ext nbext\nimport threading\ndef draw(line): print('mine', line)")
    kernel.run("get_ipython().register_magic_function(draw, 'line', 'draw')")
    assert kernel.value(state) == "[]"
    configurables = []
    for turn in range(3):
        assert kernel.run("%load_ext nbext").status == "ok"
        assert len(kernel.run(f"%%draw\n猫 {turn}").pictures) == 1
        assert kernel.value(f"len({state})") == "17"
        kernel.run("%reload_ext nbext\n%unload_ext nbext")
        assert kernel.value(state) == kernel.value(threads) == "[]"
        assert kernel.run("%draw a cat").text.strip() == "mine a cat"
        assert "not found" in kernel.run("%%draw\na cat").text
        configurables.append(kernel.value("len(get_ipython().configurables)"))
    assert len(set(configurables)) == 1
    # IPython's own, that ours had taken the place of.
    assert "edit" in kernel.value("list(get_ipython().magics_manager.magics['line'])")


def test_help_is_shown_and_nothing_is_sent(kernel):
    ran = kernel.run("%%draw --help\nx")
    assert "--takes" in ran.text
    assert "[WORD ...]" in kernel.run("%models --help").text
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
    kernel.run("import nbext.session.session")
    ran = kernel.run(
        "r = [r for r in nbext.session.connection.SERVER.log if 'chat' in r.path][-1]\nprint([m['role'] for m in r.json['messages']])"
    )
    assert ran.text.strip() == "['user', 'assistant', 'user']"


def test_variables_references_and_names(kernel):
    kernel.run("animal = '猫'\nfrom PIL import Image\npicture = Image.new('RGB', (64, 64), 'red')")
    ran = kernel.run("%%draw -i picture --as cat --save out.png\n{animal} on this, {{not_there}}")
    assert ran.status == "ok", ran.error
    assert kernel.value("cat.prompt") == "猫 on this, {not_there}"
    assert (kernel.folder / "out.png").stat().st_size > 1000
    error = str(kernel.run("%%draw\na {anmal}, sleeping").error)
    assert "Nothing was sent. Did you mean animal?" in error
    assert "in the prompt is not a variable" in str(kernel.run("%%draw -m a -m b\na {anmal}").error)
    assert kernel.value("len(nbext.history)") == "1"


def test_what_is_no_text_stays_out_of_the_prompt(kernel):
    kernel.run("def f(): pass\nr = %draw a cat")
    assert (
        "{open} {f} and {sys}"
        in kernel.run("import sys\n%draw --dry-run {open} {f} and {sys}").text
    )
    assert "Pass it with -i r." in str(kernel.run("%draw like {r}").error)


def test_the_notebook_is_named_as_elsewhere(kernel):
    (kernel.folder / "home").mkdir(exist_ok=True)
    assert "home/cats.v2.draws" in kernel.run("%nbext notebook ~/cats.v2").text


def test_a_magic_gives_its_drawing(kernel):
    ran = kernel.run("r = %draw don't stop (a cat)\nprint(r.number, r.prompt)")
    assert "1 don't stop (a cat)" in ran.text
    assert len(kernel.run("r").pictures) == 1
    assert len(kernel.run("r = %draw a dog\nr").pictures) == 1


def test_a_film_and_a_reply_from_python_are_shown(kernel):
    film = kernel.run("import nbext\nnbext.video('a cat', size='320x180', seconds=1)")
    assert "<video" in film.outputs[-1]["data"]["text/html"]
    reply = kernel.run("nbext.chat('hi <b onclick=alert(1)>')")
    assert "<p>" in reply.outputs[-1]["data"]["text/html"]
    assert "<b " not in reply.outputs[-1]["data"]["text/html"]


def test_dry_run_sends_nothing(kernel):
    ran = kernel.run("%%draw gpt-4o-image --dry-run --aspect 2:3\n画只猫")
    assert '"画只猫【2:3】"' in ran.text
    assert "Nothing was sent" in ran.text
    assert kernel.value("len(__import__('nbext').history)") == "0"


def test_no_wait_fills_the_place_it_kept(kernel):
    first = kernel.send("%%draw --no-wait\n画只猫", cell="c1")
    ran = kernel.wait(first)[0]
    assert ran.status == "ok", ran.error
    (frame,) = ran.pictures
    places = {c["transient"]["display_id"] for c in ran.of("display_data")}
    assert len(places) == 2
    filled = None
    while filled is None:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["content"].get("data", {}).get("image/png", frame) != frame:
            filled = message["content"]["transient"]["display_id"]
    assert filled in places


def test_tab_completes_what_may_stand_there(kernel):
    kernel.run("animal, 动物, things = 'cat', '猫', ['cat']\nclass Cat: pass\ndef look(): pass")
    kernel.run(DRAW)
    kernel.run("%nbext tag @1 final")
    (kernel.folder / "a cat.png").write_bytes(b"")
    (kernel.folder / "cat.ipynb").write_text("{}")

    def completions(code):
        reply = kernel.client.complete(code, len(code), reply=True, timeout=PATIENCE)
        return reply["content"]["matches"]

    # The endpoint is asked for its models by the first Tab.
    for line in ("%%draw gpt-4", "%%draw -m gpt-4", "x = %draw -m gpt-4", "%%time\n%draw -m gpt-4"):
        assert "gpt-4o-image" in completions(line), line
    assert "embedded-refuses" in completions("%%edit embedded-")
    assert completions("%%draw --ta") == ["--takes"]
    assert completions("%%draw --format=p") == ["png"]
    assert completions("%%draw -i @") == ["@-1", "@1"]
    assert completions("%%draw -i a") == ["a\\ cat.png"]
    assert completions("%%draw\na {an") == ["animal"]
    assert completions("%%draw\na {动") == ["动物"]
    assert completions("%draw {th") == ["things"]
    assert completions("%%chat --tools look,lo") == ["look"]
    assert "open" not in completions("%%chat --tools ")
    assert completions("%%chat --schema C") == ["Cat"]
    assert completions("%nbext exp") == ["export"]
    assert completions("%nbext export --") == ["--overwrite"]
    assert completions("%nbext star @") == ["@-1", "@1"]
    assert completions("%nbext tag @1 f") == ["final"]
    assert completions("%nbext notebook c") == ["cat.ipynb"]
    assert completions("%models --e") == ["--endpoint"]
    assert completions("%models --endpoint e") == ["embedded"]
    assert "Nbext.replay" in completions("%config Nbext.re")


def test_tab_asks_nobody_where_nothing_may_be_sent(kernel):
    kernel.run("import nbext.session.connection\n%config Nbext.replay = 'only'")
    reply = kernel.client.complete("%%draw ", 7, reply=True, timeout=PATIENCE)
    assert reply["content"]["matches"] == ["gpt-4o-image"]
    assert kernel.value("nbext.session.connection.SERVER") == "None"


def test_terminal_ipython_prints_the_path(tmp_path):
    import os
    import subprocess
    import sys

    from tests.kernel.conftest import ROOT

    env = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_"))}
    env |= {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor"],
        input="%load_ext nbext\n%draw a cat\nnbext.history[1]\n",
        cwd=tmp_path,
        env=env,
        text=True,
        capture_output=True,
        timeout=90,
    )
    lines = [line.strip() for line in done.stdout.splitlines()]
    paths = [line for line in lines if line.endswith(".png")]
    assert len(paths) == 2, json.dumps(done.stdout)
    assert (tmp_path / paths[0]).exists()
    # Each time the caption stands there once.
    assert sum("@1 · gpt-4o-image" in line for line in lines) == 2


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


def test_an_edit_that_changes_nothing_says_so(kernel):
    kernel.run("%draw a dog")
    ran = kernel.run("%%edit\n更好看")
    assert ran.status == "ok", ran.error
    assert len(ran.pictures) == 1
    assert "unchanged" in ran.text
