"""What running a notebook would pay for, without running it."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from nbext.cli.check import check, is_free, summary
from nbext.cli.main import main
from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.errors import OptionError, RequestError
from nbext.session.session import Session
from nbext.store import record_of
from tests.records import picture


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith(("OPENAI_", "LITELLM_", "NBEXT_")):
            monkeypatch.delenv(name)


@pytest.fixture
def notebook(tmp_path):
    return tmp_path / "cats.ipynb"


def write(path, *sources, **how):
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": source, "outputs": [], "metadata": {}}
        for n, source in enumerate(sources, start=1)
    ]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5} | how))
    return path


class Kernel:
    """Draws as the magics do, on an endpoint that counts as a paid one."""

    def __init__(self, notebook, endpoint, monkeypatch):
        monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
        monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
        self.session = Session(notebook.with_suffix(".draws"), chosen=Nbext())

    def draw(self, prompt, cell, takes=1, **asked):
        async def work():
            request = await self.session.request(prompt, **asked)
            return await self.session.make(request, takes=takes, cell=Cell(id=cell))

        return self.session.run(work())


@pytest.fixture
def kernel(notebook, endpoint, monkeypatch):
    made = Kernel(notebook, endpoint, monkeypatch)
    yield made
    made.session.run(made.session.close())


def said(findings):
    """What is said, without what others than this endpoint ask for such a picture."""
    return [re.sub(r", (about|at most) [\d.]+ USD \(.*?\)", "", f.reason) for f in findings]


def test_what_others_ask_is_said_where_nobody_has_set_a_price(notebook, kernel):
    write(notebook, "%%draw gpt-image-2 --quality high --size 1024x1024 -n 2\na cat")
    [finding] = check(notebook)
    assert finding.reason.startswith("would be sent, about 0.42144 USD (community.openai.com")
    assert finding.cost == 0.42144


def test_what_the_model_does_not_take_would_fail(notebook, kernel):
    write(notebook, "%%draw gpt-image-2 --quality ultra\na cat")
    [finding] = check(notebook)
    assert finding.verdict == "fails"
    assert "Use --quality auto, low, medium or high." in finding.reason


def test_what_is_recorded_would_be_replayed(notebook, kernel):
    kernel.draw("画只猫", "c2")
    kernel.draw("加一顶帽子", "c3", images=["@-1"])
    kernel.draw("a dog", "c4", takes=2, aspect="2:3", params={"style": "ink"})
    write(
        notebook,
        "%load_ext nbext",
        "%%draw\n画只猫",
        "%%edit\n加一顶帽子",
        "%%draw -n 2 --aspect 2:3 -p style=ink --as dogs\na dog\n",
        "%%draw\na bird",
    )
    findings = check(notebook)
    assert said(findings) == ["replayed @1", "replayed @2", "replayed @3 @4", "would be sent"]
    assert [(f.cell, f.id, f.magic) for f in findings][1] == (3, "c3", "%%edit")
    assert summary(findings) == "3 replayed · 1 sent (about 0.01 USD)"
    assert not is_free(findings)
    assert is_free(findings[:3])


def test_an_edit_of_a_new_picture_is_new(notebook, kernel):
    kernel.draw("画只猫", "c1")
    kernel.draw("加一顶帽子", "c2", images=["@-1"])
    write(notebook, "%%draw\n画只狗", "%%edit\n加一顶帽子", "%%edit -i @1\n加一顶帽子")
    assert said(check(notebook)) == [
        "would be sent",
        "would be sent, with the new picture of cell 1",
        "replayed @2",
    ]


def test_a_request_that_failed_would_be_sent_again(notebook, kernel, endpoint):
    with pytest.raises(RequestError):
        kernel.draw("a cat", "c1", model="no-such-model")
    write(notebook, "%%draw no-such-model\na cat")
    assert said(check(notebook)) == ["would be sent"]


@pytest.mark.parametrize(
    ("job", "said"),
    [("", "would be sent (@1 was sent"), ("video_1", "the job of @1 would be resumed")],
)
def test_what_a_crash_cut_off_is_told_of(notebook, kernel, job, said):
    write(notebook, "%%video sora-2\na cat walks")
    store = kernel.session.store
    asked = kernel.session.run(kernel.session.request("a cat walks", kind="video", model="sora-2"))
    endpoint = kernel.session.run(kernel.session.endpoint())
    sent = record_of.sent_record(
        asked, kernel.session.connection.call(asked, endpoint)[1], endpoint, wire="videos"
    )
    sent.job, sent.session = job, "before"
    store.begin(sent)
    finding = check(notebook)[0]
    assert finding.reason.startswith(said)
    assert is_free([finding]) == bool(job)


def test_every_kind_of_request(notebook, kernel):
    kernel.draw("hi", "c1", kind="chat", system="be brief")
    kernel.draw("hi", "c2", kind="respond", params={"tools": [{"type": "web_search"}]})
    kernel.draw("once", "c3", kind="complete")
    kernel.draw("a cat walks", "c4", kind="video", seconds=4)
    kernel.draw("and then?", "c5", kind="chat", continues="@1")
    write(
        notebook,
        "%%chat --system 'be brief'\nhi",
        "%%respond --search\nhi",
        "%%complete\nonce",
        "%%video --seconds 4\na cat walks",
        "%%chat -c @1\nand then?",
        "%video",
        "%%chat --help",
        "%%chat --dry-run\nnew",
    )
    assert said(check(notebook)) == [
        *(f"replayed @{n}" for n in range(1, 6)),
        "makes no new film",
        "shows its help",
        "shows the request without sending it",
    ]


def test_variables_cannot_be_told(notebook, kernel):
    kernel.draw('a {kind} of {"json": 1}', "c2")
    write(
        notebook,
        "animal = input()\nimport numpy as np\ndef tool(): pass",
        '%%draw\na {kind} of {"json": 1}',
        "%%draw\na {animal}",
        "%%draw -i np\na cat",
        "%%chat --tools tool\nhi",
        "%%edit\nmake it night",
    )
    assert said(check(notebook)) == [
        "replayed @1",
        "cannot tell: animal is a variable",
        "cannot tell: np is a variable",
        "cannot tell: tool is a variable",
        "cannot tell: @-1 depends on cell 3",
    ]


def test_with_a_star_import_any_name_may_be_a_variable(notebook):
    write(notebook, "from stuff import *", "%%draw\na {kind}")
    assert said(check(notebook)) == ["cannot tell: kind may be a variable"]


def test_variables_that_hold_drawings_are_known(notebook, kernel):
    kernel.draw("a cat", "c1")
    cat = kernel.session.history[1]
    kernel.draw("a dog", "c2")
    kernel.draw("a hat", "c3", images=[cat])
    write(notebook, "%%draw --as cat\na cat", "dog = %draw a dog", "%%draw -i cat\na hat")
    assert said(check(notebook)) == ["replayed @1", "replayed @2", "replayed @3"]
    write(notebook, "%%draw --as cat\na cat", "cat = cat.image", "%%draw -i cat\na hat")
    assert said(check(notebook)) == ["replayed @1", "cannot tell: cat is a variable"]


def test_one_of_several_takes(notebook, kernel):
    takes = kernel.draw("a cat", "c1", takes=2)
    kernel.draw("a hat", "c2", images=[takes[1]])
    write(
        notebook,
        "%%draw -n 2 --as takes\na cat",
        "%%draw -i takes[1]\na hat",
        "%%draw -i takes\na hat",
        "%%draw -i takes[2]\na hat",
    )
    findings = check(notebook)
    assert said(findings)[:2] == ["replayed @1 @2", "replayed @3"]
    assert [f.verdict for f in findings[2:]] == ["fails", "fails"]


def test_pictures_from_files_count_by_their_bytes(notebook, kernel, tmp_path):
    (tmp_path / "photo.png").write_bytes(picture("red"))
    kernel.draw("a hat", "c1", images=["photo.png"])
    write(notebook, "%%draw -i photo.png\na hat", "%%draw -i none.png\na hat")
    before = sorted(notebook.with_suffix(".draws").rglob("*"))
    first, second = check(notebook)
    assert first.reason == "replayed @1"
    assert second.verdict == "fails"
    assert "'none.png' cannot be read" in second.reason
    (tmp_path / "photo.png").write_bytes(picture("blue"))
    assert said(check(notebook))[0] == "would be sent"
    assert sorted(notebook.with_suffix(".draws").rglob("*")) == before


def test_nothing_is_fetched(notebook, kernel):
    write(notebook, "%%draw -i https://example.org/cat.png\na hat")
    assert said(check(notebook)) == [
        "cannot tell: https://example.org/cat.png has to be downloaded first"
    ]


def test_python_is_followed_where_the_text_says_all(notebook, kernel):
    kernel.draw("a cat", "c2")
    kernel.draw("a dog", "c3", aspect="2:3")
    for word in ("hen", "fox"):
        kernel.draw(f"a {word} in ink", "c4")
    kernel.draw("a cat in ink", "c6")
    cat = kernel.session.history[1]
    kernel.draw("a hat", "c7", images=[cat])
    write(
        notebook,
        "import nbext as nb\nfrom nbext import draw as paint\nstyle = 'ink'",
        "d = nb.draw('a cat')\nprint(d.model)",
        "paint('a dog', aspect='2:3').save('dog.png')",
        "for word in ['hen', 'fox']:\n    nb.draw(f'a {word} in {style}')",
        "panel = nb.Panel()\npanel",
        "%%draw\na cat in {style}",
        "%%draw -i d\na hat",
        "nb.history[1].image, nb.settings.replay, nb.open('x.ipynb')",
        "# nbext.draw('x')\ns = 'nbext.draw(1)'",
        "!pip install nothing",
    )
    assert said(check(notebook)) == [f"replayed @{n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    "source",
    [
        "list(map(nbext.draw, ['a']))",
        "pool.map(nbext.draw, ['a'])",
        "await asyncio.gather(*map(nbext.adraw, ['a']))",
        "f = nbext.draw\nlist(map(f, ['a']))",
        "import nbext as nb\nlist(map(nb.draw, ['a']))",
        "import nbext as nb\n[nb.draw(w) for w in words]",
        "partial(nbext.draw, 'a')()",
        "from nbext import *\nlist(map(draw, ['a']))",
        "from nbext.api.draw import draw\nlist(map(draw, ['a']))",
        "import helpers\nhelpers.go()",
        "from helpers import go\ngo()",
        "import outer\nouter.go()",
        "%run script.py",
        "!python script.py",
        "%%bash\npython script.py",
        "subprocess.run(['python', 'script.py'])",
        "os.system('python script.py')",
        "exec(text)",
        "getattr(nbext, 'draw')('a')",
        "d = nbext.draw('a cat')\ngetattr(d, name)('a')",
        "nbext.history[1].again()",
        "[d.edit('x') for d in nbext.history]",
        "edit = nbext.history[1].edit\nedit('x')",
        "nbext.Panel(model='m').draw()",
        "p = nbext.Panel()\np.prompt = 'a'\np.draw()",
        "r = nbext.request('a')\nr.draw()",
        "nbext.draw(prompt)",
        "nbext.draw('a', **options)",
        "def go():\n    return nbext.draw('a')",
        "if today:\n    nbext.draw('a')",
        "get_ipython().run_cell(text)",
        "get_ipython().run_line_magic('draw', text)",
        "%timeit nbext.draw('a')",
        "while True:\n    %draw a cat",
        "d = {'go': nbext.draw}\nd['go']('a')",
        "draw = (lambda: nbext)().draw\ndraw('a')",
        "import importlib\nimportlib.import_module('nbext').draw('a')",
        "%rerun 1",
        # Of another hand: each hides the verb, or what is asked, in a way of its own.
        "operator.attrgetter('draw')(nbext)('a')",
        "operator.methodcaller('draw', 'a')(nbext)",
        "vars(nbext)['draw']('a')",
        "nbext.__dict__['draw']('a')",
        "sys.modules['nbext'].draw('a')",
        "globals()['nbext'].draw('a')",
        "__import__('nbext').draw('a')",
        "eval('nb' + 'ext.draw')('a')",
        "(verb := nbext.draw)('a')",
        "class Pen:\n    go = staticmethod(nbext.draw)\nPen.go('a')",
        "class Pen:\n    def __getattr__(self, name):\n        return getattr(nbext, name)\nPen().draw('a')",
        "def pen(f=nbext.draw):\n    f('a')\npen()",
        "functools.reduce(lambda d, p: d.edit(p), ['x', 'y'], nbext.history[1])",
        "sorted(['a'], key=nbext.draw)",
        "max(['a', 'b'], key=lambda p: nbext.draw(p).width)",
        "next(nbext.draw(p) for p in ['a'])",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    nbext.draw('a')",
        "with contextlib.suppress(Exception):\n    nbext.draw(f'{today} a')",
        "import threading\nthreading.Thread(target=nbext.draw, args=('a',)).start()",
        "loop.run_in_executor(None, nbext.draw, 'a')",
        "from nbext import draw as paint\npaint(*['a'])",
        "from nbext import draw\ndel nbext\n[draw(x) for x in open('prompts.txt')]",
        "match nbext.draw:\n    case verb:\n        verb('a')",
        "async def go():\n    await nbext.adraw('a')\nawait go()",
        "@atexit.register\ndef last():\n    nbext.draw('a')",
        "df['prompt'].apply(nbext.draw)",
        "nbext.sweep('a {x}', x=words, yes=True)",
        "d = nbext.history[1]\ndo = d.again\ndo()",
        "%load script.py",
        "%macro go 1-2\ngo",
        "get_ipython().ex('nbext.draw(1)')",
        "ip = get_ipython()\nip.magic('draw a cat')",
        "!ipython script.py",
        "%%python\nimport nbext\nnbext.draw('a')",
        "%sx python script.py",
        "runpy.run_path('script.py')",
        "builtins.exec(open('script.py').read())",
        "%alias_magic d draw\n%d a cat",
        "%alias paint python script.py\npaint",
        "%prun nbext.draw('a cat')",
        "x = %prun -q nbext.draw('a cat')",
        "from nbext import draw\n%memit draw('a cat')",
        "%ed script.py",
        "import sys\nsys.path.append('src')\nimport far",
        "from sys import path\npath.insert(0, 'src')\nfrom far import go",
        "%cd src\nimport far",
        "exec(compile(open('script.py').read(), 's', 'exec'))",
        "compile(open('script.py').read(), 's', 'exec')",
        "importlib.util.spec_from_file_location('x', 'script.py')",
        "pkgutil.resolve_name('nbext:draw')('a cat')",
        "code.InteractiveInterpreter().runsource(text)",
        "papermill.execute_notebook('other.ipynb', 'out.ipynb')",
        "pool.starmap_async(run, [('nbext.draw', 1)], 'import nbext')",
        "from importlib import import_module as im\nim('nbext').draw('a')",
        "do = exec\ndo('x')",
        "load = importlib.import_module\nload('nbext').draw('a')",
        "run = subprocess.run\nrun(['python', 'script.py'])",
        "from subprocess import run as r\nr(['python', 'script.py'])",
        "from os import system as sh\nsh('python script.py')",
        "from subprocess import *\nrun(['python', 'script.py'])",
        "import subprocess as sp\nsp.run(['python', 'script.py'])",
        "import os as o\nrun = o.system\nrun('python script.py')",
        "load = __import__\nload('nbext').draw('a')",
    ],
)
def test_what_cannot_be_followed_is_never_called_free(notebook, tmp_path, source, kernel):
    kernel.draw("a cat", "c2")
    (tmp_path / "helpers.py").write_text("import nbext\ndef go(): nbext.draw('a')")
    (tmp_path / "outer.py").write_text("from helpers import go")
    (tmp_path / "script.py").write_text("import nbext\nnbext.draw('a')")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "far.py").write_text("import nbext\ndef go(): nbext.draw('a')")
    write(notebook, "import nbext, asyncio, os, subprocess", source)
    assert not is_free(check(notebook)), source


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.random.default_rng(1)",
        "import plain\nplain.go()",
        "import matplotlib.pyplot as plt\nplt.gcf().canvas.draw()",
        "getattr(np, name)",
        "%run plain.py",
        "%matplotlib inline",
        "!ls",
        "files = !ls",
        "for d in nbext.history:\n    print(d.prompt, d.image.size)",
        "class Net:\n    def draw(self): return self.chat",
        "nbext.history.to_html('x.html', overwrite=True)",
        "%%time\n1 + 1",
        "with open('x') as f:\n    f.read()",
        "import far",
        "import sys\nsys.path.append('src')\nimport near, numpy",
        "re.compile('nbext')",
        "print('nbext.draw sends a request; import nbext first')",
        "logging.getLogger('nbext').info('from nbext')",
        "%alias_magic t timeit_it\n%alias l ls",
        "%pip install nbext\n%reload_ext nbext",
        "nbext.draw?",
        "%%markdown\nWe draw with nbext:\n%draw a cat",
        "%pinfo nbext.draw",
        "%env NBEXT_MODEL=nbext",
        "%sql select 1",
        "import subprocess as sp\nsp.run('ls')",
        "import os as o\no.path.join('a', 'b')",
        "from os.path import join as j\nj('a', 'b')",
    ],
)
def test_other_code_is_free(notebook, tmp_path, source):
    (tmp_path / "plain.py").write_text("def go(): pass")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "near.py").write_text("def go(): pass")
    (tmp_path / "src" / "far.py").write_text("import nbext")
    write(notebook, "import nbext", source)
    assert said(check(notebook)) == []


def test_settings_of_the_notebook_count(notebook, kernel, tmp_path):
    kernel.draw("a cat", "c2", model="dall-e-3")
    write(
        notebook,
        '%config Nbext.model = "dall-e-3"\n%config Nbext.prices = {"dall-e-3": 0.04}',
        "%%draw\na cat",
        "%%draw\na dog",
        "nbext.settings.model = chosen",
        "%%draw\na cat",
    )
    findings = check(notebook)
    assert said(findings) == [
        "replayed @1",
        "would be sent, about 0.04 USD",
        "cannot tell: Nbext.model is set to a variable",
    ]
    assert summary(findings) == "1 replayed · 1 sent (about 0.04 USD) · 1 unknown"
    (tmp_path / "nbext.toml").write_text('model = "dall-e-3"\nreplay = "only"')
    write(notebook, "%config Nbext.x = 1", "%%draw\na cat", "%%draw\na dog")
    findings = check(notebook)
    assert said(findings) == [
        "would fail: Nbext has no setting 'x'.",
        "replayed @1",
        'would be refused: it is not recorded, and replay is "only"',
    ]
    assert is_free(findings)


def test_a_setting_that_is_refused_stops_the_run(notebook):
    write(notebook, "%config Nbext.replay = 'onyl'", "nbext.settings.modle = 'x'")
    findings = check(notebook)
    assert [f.verdict for f in findings] == ["fails", "fails"]
    assert "Did you mean only?" in str(findings[0])


@pytest.mark.parametrize("line", ["%draw --as NAME a cat", "%%sweep --as NAME -x x=1\na {x}"])
@pytest.mark.parametrize("name", ["nbext", "np", "In", "__name__"])
def test_a_name_that_must_stay_would_fail(notebook, line, name):
    imports = "import nbext\nimport numpy as np, os.path\nfrom math import pi"
    write(notebook, imports, line.replace("NAME", name), line.replace("NAME", "pi"))
    first, second = check(notebook)
    assert first.verdict == "fails"
    assert f"would replace {name}" in first.reason
    assert second.verdict != "fails"


def test_fresh_is_always_sent(notebook, kernel):
    kernel.draw("a cat", "c1")
    write(notebook, "%%draw --fresh\na cat")
    assert said(check(notebook)) == ["would be sent"]


def test_a_picture_that_is_missing_is_drawn_again(notebook, kernel):
    kernel.draw("a cat", "c1")
    kernel.session.history[1].pictures[0].path.unlink()
    write(notebook, "%%draw\na cat")
    [finding] = check(notebook)
    assert finding.reason.startswith(
        "would be sent (The pictures recorded as @1 are missing or changed.), about 0.01 USD ("
    )


def test_without_a_key_the_embedded_endpoint_draws(notebook, capsys):
    write(notebook, "%%draw\na cat", "%%edit\na hat")
    findings = check(notebook)
    assert {f.verdict for f in findings} == {"free"}
    assert main(["check", str(notebook)]) == 0
    assert main(["check", str(notebook), "--with-key"]) == 1
    assert "2 drawn by the embedded endpoint" in capsys.readouterr().out


def test_the_command(notebook, kernel, capsys):
    kernel.draw("a cat", "c1")
    write(notebook, "%%draw\na cat")
    assert main(["check", str(notebook)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["[1]", "%%draw", "a", "cat", "replayed", "@1"]
    assert last == "1 replayed · 0 sent"
    write(notebook, "%%draw\na dog")
    assert main(["check", str(notebook)]) == 1
    assert main(["check", str(notebook.with_name("none.ipynb"))]) == 2


def test_it_agrees_with_what_running_does(notebook, kernel):
    """The prediction, then the same cells for real in a second session."""
    cells = [("a cat", {}), ("a hat", {"images": ["@-1"]}), ("a cat", {"aspect": "2:3"})]
    for n, (prompt, asked) in enumerate(cells, start=1):
        kernel.draw(prompt, f"c{n}", **asked)
    write(
        notebook,
        "%%draw\na cat",
        "%%edit\na hat",
        "%%draw --aspect 2:3\na cat",
        "%%draw --aspect 3:2\na cat",
    )
    foretold = [finding.verdict for finding in check(notebook)]
    again = Session(notebook.with_suffix(".draws"), chosen=Nbext())
    happened = []
    for n, (prompt, asked) in enumerate([*cells, ("a cat", {"aspect": "3:2"})], start=1):

        async def work(prompt=prompt, asked=asked, n=n):
            request = await again.request(prompt, **asked)
            return await again.make(request, cell=Cell(id=f"c{n}"))

        happened.append("replayed" if again.run(work())[0].replayed else "sent")
    again.run(again.close())
    assert foretold == happened == ["replayed", "replayed", "replayed", "sent"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"worksheets": []}', '{"cells": 3}', "{" * 100_000, '["' * 50_000, "\xff"],
)
def test_what_is_no_notebook(notebook, text):
    notebook.write_text(text, encoding="latin-1")
    with pytest.raises(OptionError, match="not a notebook"):
        check(notebook)


def test_hostile_cells(notebook):
    data = {
        "cells": [
            1,
            None,
            {"cell_type": "code"},
            {"cell_type": "code", "source": 3, "outputs": 4},
            {"cell_type": "code", "source": ["%%draw\n", 7, "a cat"], "id": ["x"]},
            {"cell_type": "code", "source": "%%draw --none\nx"},
            {"cell_type": "code", "source": "%%draw 'open\nx"},
            {"cell_type": "code", "source": "def f(:\n  %draw x"},
            {"cell_type": "code", "source": "(" * 5000 + "\n%draw"},
            {"cell_type": "code", "source": "%%draw\n", "id": "\x1b[2J"},
        ]
    }
    notebook.write_text(json.dumps(data))
    verdicts = [finding.verdict for finding in check(notebook)]
    assert verdicts == ["free", "fails", "fails", "unknown", "unknown", "fails"]
    assert "\x1b" not in "".join(map(str, check(notebook)))


def test_nothing_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(asyncio, "run", None)
    write(notebook, f"open({str(tmp_path / 'ran')!r}, 'w')", "!touch ran", "%%bash\ntouch ran")
    assert check(notebook) == []
    assert not (tmp_path / "ran").exists()
