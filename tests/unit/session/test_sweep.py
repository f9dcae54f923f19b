"""Many at once: the grid, what is recorded, the budget, and a kernel that is killed."""

from __future__ import annotations

import copy
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import nbext
from nbext.api import sweep as sweep_module
from nbext.config.settings import Nbext
from nbext.errors import BudgetError, OptionError, ReplayError
from nbext.magics import asking
from nbext.magics.sweep import draws
from nbext.magics.sweep import sweep as sweep_magic
from nbext.session import current
from nbext.session import session as session_module
from nbext.session.session import Session
from nbext.session.sweep_plan import plan_sweep
from tests.until import until

ROOT = Path(__file__).parents[3]
MODEL = "gpt-4o-image"


@pytest.fixture
def session(tmp_path, endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    made = Session(tmp_path / "cats.draws", chosen=Nbext())
    monkeypatch.setattr(current, "_session", made)
    monkeypatch.setattr(current, "_looking", False)
    made.posts = lambda: sum(r.method == "POST" for r in endpoint.log)
    yield made
    made.run(made.close())
    made.runner.close()


def counted(session, work):
    before = session.posts()
    result = work()
    return result, session.posts() - before


def test_a_grid_of_variables_models_and_parameters(session):
    s, posts = counted(
        session,
        lambda: nbext.sweep(
            "a {animal} in {style}", animal=["cat", "dog"], style=["ink", "oil"], model=MODEL
        ),
    )
    assert posts == 4
    assert [d.prompt for d in s] == [
        f"a {a} in {s}" for a in ("cat", "dog") for s in ("ink", "oil")
    ]
    assert s.axes == {"animal": ("cat", "dog"), "style": ("ink", "oil"), "model": (MODEL,)}
    assert [d.prompt for d in s[{"style": "ink"}]] == ["a cat in ink", "a dog in ink"]
    assert [row["number"] for row in s.rows()] == [1, 2, 3, 4]
    assert "2 animal × 2 style" in repr(s)
    for again in (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        assert [d.id for d in again(s)] == [d.id for d in s]
        assert again(session) is session
        assert again(s.grid()).layout == s.grid().layout
        prepared = again(nbext.request("a cat", model=MODEL))
        assert prepared.request == nbext.request("a cat", model=MODEL).request
        assert [r.id for r in again(session.store).records()] == [d.id for d in s]


def test_the_same_again_draws_only_what_is_missing(session):
    def draw(*animals):
        return nbext.sweep("a {animal}", animal=animals, model=MODEL, n=2)

    assert counted(session, lambda: draw("cat", "dog"))[1] == 4
    again, posts = counted(session, lambda: draw("cat", "dog", "hen"))
    assert posts == 2
    assert len(again) == 6
    assert all(d.replayed for d in list(again)[:4])


def test_failures_have_reasons_and_are_tried_again(session, endpoint):
    s = nbext.sweep("a cat", model=[MODEL, "embedded-refuses"], fixed={"aspect": "2:3"})
    ((place, why),) = s.failures
    assert place == {"model": "embedded-refuses"}
    assert "refused" in why
    assert len(s) == 1
    _, posts = counted(session, s.retry)
    assert posts == 1, "what came well stays"
    assert len(s.failures) == 1


def test_rows_as_a_table(session, tmp_path):
    (tmp_path / "rows.csv").write_text("animal,size\ncat,1024x1024\ndog,1024x1536\n")
    plan = plan_sweep("a {animal}", table=tmp_path / "rows.csv", axes={})
    assert [(p.options.prompt, p.options.size) for p in plan.places] == [
        ("a cat", "1024x1024"),
        ("a dog", "1024x1536"),
    ]

    class Frame:
        def to_dicts(self):
            return [{"animal": "hen"}]

    assert plan_sweep("a {animal}", table=Frame(), axes={}).places[0].options.prompt == "a hen"


@pytest.mark.parametrize(
    ("prompt", "how", "words"),
    [
        ("a {animal}", {"axes": {"animal": []}}, "empty"),
        ("a {anmal}", {"axes": {"animal": ["cat"]}}, "Did you mean animal?"),
        ("a {animal}", {"axes": {}}, "has no values"),
        ("a {x}", {"axes": {"x": [float("nan")]}}, "not a number"),
        ("a {x}", {"axes": {"x": range(101), "y": range(100)}}, "limit is 10,000"),
        ("a {x}", {"axes": {}, "table": [{"x": 1}, {"y": 2}]}, "Row 2"),
        ("a {x}", {"axes": {}, "table": [{"x": None}]}, "missing"),
        ("a {x}", {"axes": {}, "table": []}, "no rows"),
        ("a {x}", {"axes": {}, "table": "none.csv"}, "cannot be read"),
        ("a", {"axes": {"n": [1, 2]}}, "cannot be an axis"),
        ("a {x}", {"axes": {"x": ["cat"], "num_images": [2]}}, "Did you mean n?"),
        ("a", {"axes": {"aspect": ["wide"]}}, "not a ratio"),
    ],
)
def test_bad_input_is_told_and_nothing_is_sent(session, prompt, how, words):
    def work():
        with pytest.raises(OptionError, match=words.replace("?", r"\?")):
            session.run(plans(session, plan_sweep(prompt, **how)))

    assert counted(session, work)[1] == 0
    assert len(session.history) == 0


async def plans(session, plan):
    return [await session.plan(point.options) for point in plan.places]


def test_the_budget_is_checked_before_anything_is_sent(session):
    session.settings.max_requests = 3
    with pytest.raises(BudgetError, match="max_requests is 3"):
        nbext.sweep("a {x}", x=[1, 2, 3, 4], model=MODEL)
    with pytest.raises(BudgetError, match="Nothing was sent"):
        nbext.draw("a cat", model=MODEL, n=4)
    assert len(session.history) == 0
    assert nbext.draw("a cat", model=MODEL, n=3)
    with pytest.raises(BudgetError):
        nbext.draw("a dog", model=MODEL)
    assert nbext.history[1].prompt == "a cat"
    session.settings.max_requests = 0
    session.settings.prices = {MODEL: 0.5}
    session.settings.max_cost = 1.4
    with pytest.raises(BudgetError, match=r"max_cost is 1\.4"):
        nbext.draw("a fox", model=MODEL, n=3)
    assert nbext.draw("a fox", model=MODEL, n=2)
    assert session.budget.left == "0.4 USD"
    assert session.budget.under_way == 0


def test_what_is_recorded_needs_no_budget(session):
    nbext.draw("a cat", model=MODEL)
    session.settings.max_requests, session.settings.replay = 1, "always"
    assert nbext.draw("a cat", model=MODEL).replayed


def test_many_are_asked_for_first(session, monkeypatch):
    questions = []
    monkeypatch.setattr(session_module, "ask_in_cell", questions.append)
    session.settings.prices = {MODEL: 0.01}
    with pytest.raises(BudgetError, match="as you answered no"):
        nbext.draw("a cat", model=MODEL, n=9)
    with pytest.raises(BudgetError, match="as you answered no"):
        nbext.sweep("a {x}", x=range(9), model=MODEL)
    assert all(q.startswith("9 requests to 127.0.0.1") for q in questions), questions
    assert all("about 0.09 USD" in q for q in questions)
    assert len(questions) == 2
    assert len(session.history) == 0
    assert len(nbext.draw("a cat", model=MODEL, n=9, yes=True)) == 9


def test_a_dry_run_says_what_would_be_sent(session):
    session.settings.prices = {MODEL: 0.01}
    nbext.draw("a cat", model=MODEL)
    size, posts = counted(
        session, lambda: nbext.sweep("a {x}", x=["cat", "dog"], model=MODEL, dry_run=True)
    )
    assert posts == 0
    assert (size.drawings, size.new, size.cost) == (2, 1, 0.01)
    assert "1 to send to 127.0.0.1" in str(size)


def test_models_side_by_side_and_the_magic(session, capsys):
    session.names = {}
    shell = SimpleNamespace(kernel=None, user_ns=session.names)
    two = asking.run(shell, "draw", f"-m {MODEL} -m gpt-image-2 --as two", "a {{cat}}")
    assert [d.model for d in two] == [MODEL, "gpt-image-2"]
    assert {d.prompt for d in two} == {"a {cat}"}
    assert session.names["two"] is two
    with pytest.raises(OptionError, match="takes one model"):
        asking.run(shell, "chat", "-m a -m b", "hi")
    grid = sweep_magic(shell, f"{MODEL} -x style=ink,oil --aspect 2:3", "a cat in {style}\n")
    assert [d.prompt for d in grid] == ["a cat in ink", "a cat in oil"]
    assert {d.parameters["aspect"] for d in grid} == {"2:3"}
    sweep_magic(shell, f"{MODEL} -x style=ink,pen --dry-run", "a cat in {style}")
    assert "2 drawings" in capsys.readouterr().out


def test_draws_lists_and_cancels_what_is_under_way(session, capsys):
    shell = SimpleNamespace(kernel=None, user_ns={})
    draws(shell, "")
    assert "No request is running" in capsys.readouterr().out
    reply = nbext.sweep("a {x}", x=["cat", "dog"], model="embedded-silent", wait=False)
    until(lambda: len(session.history) == 2)
    draws(shell, "")
    assert capsys.readouterr().out == "1  a {x}\n"
    draws(shell, "cancel all")
    until(lambda: reply.done() and not session.under_way)
    until(lambda: all(d.error for d in session.history))
    assert {d.error.type for d in session.history} == {"Interrupted"}
    with pytest.raises(OptionError):
        draws(shell, "cancel 7")


def test_page_sheet_and_frame(session, tmp_path):
    pandas = pytest.importorskip("pandas") if "pandas" in sys.modules else None
    s = nbext.sweep("a <b>{animal}</b>", animal=["</script><i>", "dog"], model=MODEL)
    page = s.to_html("grid.html").read_text()
    assert page.count("</script>") == 1, "a value cannot end the script"
    assert "data:image/" in page
    assert s.save("grid.png").read_bytes()[:4] == b"\x89PNG"
    assert s.to_html("grid.html"), "again, as Run All does"
    if pandas is not None:
        assert list(s.to_frame()["number"]) == [1, 2]


KILLED = """
import nbext
nbext.sweep("a {animal}", animal=["cat", "dog", "hen"], model=["gpt-4o-image", "embedded-silent"])
"""


def test_a_killed_sweep_goes_on_in_another_kernel(session, endpoint, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "NBEXT_BASE_URL": endpoint.base_url,
        "NBEXT_API_KEY": endpoint.key,
        "NBEXT_NOTEBOOK": "cats.ipynb",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    process = subprocess.Popen([sys.executable, "-c", KILLED], cwd=folder, env=environ)
    journal = folder / "cats.draws" / "history.jsonl"
    until(lambda: journal.exists() and journal.read_text().count('"type":"drawing"') >= 3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    session.open_folder(folder / "cats.draws")
    s, posts = counted(
        session,
        lambda: nbext.sweep("a {animal}", animal=["cat", "dog", "hen", "fox"], model=MODEL),
    )
    assert posts == 1
    assert len(s) == 4
    assert sweep_module.Sweep is type(s)


def test_where_nothing_may_be_sent_a_sweep_that_is_not_recorded_is_an_error(session, endpoint):
    assert len(nbext.sweep("a {x}", x=["cat", "dog"], model=MODEL)) == 2
    session.settings.replay = "only"
    asked = len(endpoint.log)
    assert len(nbext.sweep("a {x}", x=["cat", "dog"], model=MODEL)) == 2
    assert len(nbext.sweep("a {x}", x=["cat", "dog"], model=MODEL, batch=True)) == 2
    for how in ({}, {"batch": True}, {"fixed": {"fresh": True}}):
        with pytest.raises(ReplayError, match=r"1 of 3 places .* None is recorded"):
            nbext.sweep("a {x}", x=["cat", "dog", "hen"], model=MODEL, **how)
    assert len(endpoint.log) == asked
