"""The bench runs, gives each figure to the right one, and nobody is fast by giving less. No time is asserted."""

from __future__ import annotations

import io

import pytest
from PIL import Image

import nbext
from tests.bench import histories, kernels, pages, report, server  # noqa: F401
from tests.bench.__main__ import main
from tests.bench.bodies import Case, answer, body, picture
from tests.bench.contenders import CONTENDERS
from tests.bench.machine import description
from tests.bench.rows import ROWS, Row, Target
from tests.bench.run import ROOT, Bench, Figure, Reading, RunError, quickened
from tests.bench.works import WORKS

ALONE = {"f-string", "Pillow", "ipywidgets", "bare page", "outputs"}


@pytest.fixture(scope="module")
def url():
    with server.running(ROOT) as running:
        yield running


@pytest.fixture
def bench(url, tmp_path):
    return Bench(url, tmp_path)


def figures(**by_name):
    """Figures of one reading, each the same in all of its processes."""
    return {name: Figure.of([[value], [value]]) for name, value in by_name.items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_names_what_is_there(row):
    assert row.work in WORKS
    assert set(row.contenders) <= CONTENDERS.keys() | ALONE
    assert "nbext" in row.contenders
    for target in row.targets:
        assert target.of in {"", *row.contenders}
        assert {target.at, target.of_at or target.at} <= {*(row.sizes or (0,))}
    assert row.title.format(**row.options)


def test_rows_have_names_of_their_own():
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("contender", CONTENDERS)
@pytest.mark.parametrize(("form", "chunk"), [("json", 1000), ("stream", 0)])
def test_each_contender_gets_the_picture(bench, contender, form, chunk):
    options = {"form": form, "chunk": chunk, "size": 30_000, "events": 30, "runs": 2}
    row = Row("small", "small", "transfer", (contender,), options | {"memory": True})
    measured = bench.row(row, rounds=1)[Reading(contender)]
    assert measured["time"].least > 0


@pytest.mark.parametrize("contender", ["openai", "httpx", "aiohttp", "nbext"])
def test_each_contender_draws_many_at_once(bench, contender):
    row = Row("many", "many", "at_once", (contender,), {"count": 7, "ceiling": 3, "wait": 1})
    assert bench.row(row, rounds=1)[Reading(contender)].keys() == {"time", "processor"}


@pytest.mark.parametrize("work", ["takes", "conversation", "at_once"])
def test_what_grows(bench, work):
    row = Row("grows", "grows", work, options={"size": 3000, "seed": -1}, sizes=(2, 3))
    measured = bench.row(row, rounds=1)
    assert measured.keys() == {Reading("nbext", 2), Reading("nbext", 3)}


def test_a_kernel_loads_the_extension(bench):
    row = quickened(next(row for row in ROWS if row.name == "load-ext"))
    measured = bench.row(row._replace(contenders=("nbext",)), rounds=1)
    assert measured[Reading("nbext")].keys() == {"time", "modules", "third-party"}


def test_a_notebook_is_run_again(bench):
    row = Row("again", "again", "replay", options={"size": 3000, "seed": -1}, sizes=(3,))
    assert bench.row(row, rounds=1)[Reading("nbext", 3)]["time"].least > 0


def test_histories_and_exports(bench):
    after = Row("after", "after", "draw_after", options={"runs": 2}, sizes=(1, 30))
    assert len(bench.row(after, rounds=1)) == 2
    opened = Row("open", "open", "open_history", sizes=(30,))
    assert bench.row(opened, rounds=1)[Reading("nbext", 30)].keys() == {"time", "last", "search"}
    row = next(row for row in ROWS if row.name == "export")
    measured = bench.row(row._replace(options={"count": 5, "export_mb": 1, "padded": 1}), rounds=1)
    assert measured.keys() == {Reading(who) for who in ("floor", "f-string", "nbext")}
    noted = next(row for row in ROWS if row.name == "provenance")
    measured = bench.row(noted._replace(options={"size": 30_000, "runs": 1}), rounds=1)
    assert measured.keys() == {Reading("Pillow"), Reading("nbext")}


def test_the_page(tmp_path, capsys):
    output = tmp_path / "page.md"
    given = ["--rows", "tiny", "--quick", "--output", str(output)]
    assert main([*given, "--folder", str(tmp_path)]) == 0
    page = output.read_text(encoding="utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("| tiny picture |")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == len(report.HEAD)
    assert all(f"{who} " in cells[2] for who in ("floor", "openai", "httpx", "aiohttp"))
    assert (cells[3], cells[5] in ("yes", "no")) == ("≤ openai", True)
    assert "of 1 are reached" in page
    assert "cores of" in page
    assert str(tmp_path) not in page
    assert line in capsys.readouterr().out


def test_a_row_that_fails_is_said_and_the_others_go_on(bench, tmp_path, monkeypatch, capsys):
    broken = Row("broken", "broken", "transfer", ("nobody",))
    with pytest.raises(RunError, match="broken, nobody"):
        bench.row(broken, rounds=1)
    rows = (broken, Row("small", "a small one", "transfer", options={"runs": 1}))
    monkeypatch.setattr("tests.bench.__main__.ROWS", rows)
    output = tmp_path / "page.md"
    assert main(["--quick", "--all", "--output", str(output)]) == 1
    page = output.read_text(encoding="utf-8")
    assert "Not measured: broken." in page
    assert "| a small one |" in page
    assert "broken, nobody" in capsys.readouterr().err


def test_a_peer_that_fails_is_shown_as_one_and_the_others_go_on(bench, capsys):
    goal = (Target(1, "nobody"), Target(1_000_000))
    row = Row("half", "half", "transfer", ("nobody", "nbext"), {"runs": 1}, targets=goal)
    (line,) = report.lines(row, bench.row(row, rounds=2))
    assert line.others == "nobody failed"
    assert (line.goals, line.met) == ("≤ 1e+03 s", "yes")
    assert "half, nobody" in capsys.readouterr().err


def test_rows_without_a_target_run_where_they_are_wanted(capsys):
    main(["--list"])
    few = capsys.readouterr().out
    main(["--list", "--all"])
    assert len(few.splitlines()) < len(capsys.readouterr().out.splitlines())
    main(["--list", "--rows", "sketch-flat"])
    assert "sketch-flat" in capsys.readouterr().out


def test_rows_that_are_not_there_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--rows", "tinny"])
    assert "no row tinny" in capsys.readouterr().err


def test_ratios_are_those_of_the_least_figures():
    row = Row(
        "row",
        "a row",
        "transfer",
        ("openai", "nbext"),
        sizes=(1, 2),
        targets=(
            Target(1 / 2, "openai", at=1),
            Target(1.5, "nbext", at=2, of_at=1),
            Target(3, figure="memory", at=2),
            Target(9, "nbext", at=4, of_at=2),
        ),
    )
    measured = {
        Reading("openai", 1): figures(time=100.0),
        Reading("nbext", 1): figures(time=40.0, memory=1.0),
        Reading("nbext", 2): figures(time=80.0, memory=2.5),
    }
    lines = {line.what: line for line in report.lines(row, measured)}
    first, second = lines["a row · 1"], lines["a row · 2"]
    assert (first.goals, first.measured, first.met) == ("≤ 1/2 of openai", "0.40", "yes")
    assert (second.goals, second.measured, second.met) == ("≤ 1.5 × 1", "2.00", "no")
    assert lines["a row · 2 · memory at the peak"].met == "yes"
    assert first.others == "openai 100 ms (100 ms)"


def test_a_figure_is_the_median_of_its_processes_and_the_least_of_all():
    assert Figure.of([[1, 5, 9], [2, 3, 4], [7, 8, 9]]) == (5, 1)


@pytest.mark.parametrize("padded", [0, 1])
def test_pictures_have_their_size_and_decode(padded):
    data = picture(400_000, padded)
    assert abs(len(data) - 400_000) < 3000
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert (image.width < 20) == bool(padded)


def test_each_seed_is_another_picture_of_the_same_size():
    assert picture(9000, seed=1) != picture(9000, seed=2)
    assert len(picture(9000, seed=1)) == len(picture(9000, seed=2))


@pytest.mark.parametrize("chunk", [1, 7, 8192])
def test_chunks_hold_the_body(chunk):
    case = Case(form="stream", events=3, chunk=chunk)
    rest = answer(case).partition(b"\r\n\r\n")[2]
    pieces = []
    while size := int(rest.partition(b"\r\n")[0], 16):
        rest = rest.partition(b"\r\n")[2]
        pieces.append(rest[:size])
        rest = rest[size + 2 :]
    assert b"".join(pieces) == body(case)
    assert Case.of(case.slug) == case


@pytest.mark.parametrize("sent", [False, True])
def test_a_history_is_one_that_nbext_reads(tmp_path, sent):
    history = nbext.open(histories.write(tmp_path / "a.draws", 25, sent=sent))
    assert [drawing.number for drawing in history] == list(range(1, 26))
    assert history[25].model == "model-0"
    assert history.search("n17 cat" if "cat" in history[17].prompt else "n17")[0].number == 17
    assert not history.store.passed_over


def test_the_machine_is_described_without_its_paths(tmp_path):
    text = "\n".join(description(tmp_path))
    assert "Python" in text
    assert "openai" in text
    assert str(tmp_path) not in text
