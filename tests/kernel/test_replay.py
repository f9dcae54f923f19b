"""Restart & Run All is free, and shows the same pictures."""

from __future__ import annotations

SENT = "sum(r.method == 'POST' for r in nbext.session.connection.SERVER.log) if nbext.session.connection.SERVER else 0"


def start(kernels, folder, **environ):
    kernel = kernels(folder, **environ)
    assert kernel.run("%load_ext nbext\nimport nbext.session.session").status == "ok"
    return kernel


def test_restart_and_run_all_sends_nothing_and_shows_the_same(kernels, tmp_path):
    cells = [("a", "%%draw\n画只猫"), ("b", "%%edit\n加一顶帽子"), ("c", "%%draw -n 2\na dog")]
    first = start(kernels, tmp_path)
    before = [first.run(code, cell=cell).pictures for cell, code in cells]
    first.stop()
    second = start(kernels, tmp_path)
    ran = [second.run(code, cell=cell) for cell, code in cells]
    assert [r.pictures for r in ran] == before
    assert second.value(SENT) == "0"
    assert ran[0].replayed
    assert second.value("len(nbext.history)") == "4"


def test_the_same_cell_run_again_draws_a_new_take(kernels, tmp_path):
    first = start(kernels, tmp_path)
    one = first.run("%%draw\n画只猫", cell="a").pictures
    two = first.run("%%draw\n画只猫", cell="a").pictures
    assert one != two
    first.stop()
    second = start(kernels, tmp_path)
    assert second.run("%%draw\n画只猫", cell="a").pictures == two
    assert second.value(SENT) == "0"
    assert second.run("%%draw\n画只猫", cell="a").pictures not in (one, two)
    assert second.value(SENT) == "1"


def test_without_cell_ids_the_kth_run_gets_the_kth_drawing(kernels, tmp_path):
    first = start(kernels, tmp_path)
    pictures = [first.run("%%draw\n画只猫").pictures for _ in range(3)]
    first.stop()
    second = start(kernels, tmp_path)
    assert [second.run("%%draw\n画只猫").pictures for _ in range(3)] == pictures
    assert second.value(SENT) == "0"


def test_a_changed_prompt_is_drawn(kernels, tmp_path):
    first = start(kernels, tmp_path)
    first.run("%%draw\n画只猫", cell="a")
    first.stop()
    second = start(kernels, tmp_path)
    second.run("%%draw\n画只狗", cell="a")
    assert second.value(SENT) == "1"


def test_only_never_sends(kernels, tmp_path):
    first = start(kernels, tmp_path)
    one = first.run("%%draw\n画只猫").pictures
    first.stop()
    second = start(kernels, tmp_path, NBEXT_REPLAY="only")
    assert second.run("%%draw\n画只猫").pictures == one
    assert second.run("%%draw\n画只猫").pictures == one
    missing = second.run("%%draw\n画只狗")
    assert missing.error["ename"] == "ReplayError"
    assert second.value(SENT) == "0"


def test_always_and_never_and_fresh(kernels, tmp_path):
    first = start(kernels, tmp_path)
    one = first.run("%%draw\n画只猫").pictures
    first.run("%config Nbext.replay = 'always'")
    assert first.run("%%draw\n画只猫").pictures == one
    assert first.run("%%draw --fresh\n画只猫").pictures != one
    first.run("%config Nbext.replay = 'never'")
    assert first.run("%%draw\n画只猫").pictures != one
    assert first.value(SENT) == "3"


def test_what_failed_is_tried_again(kernels, tmp_path):
    first = start(kernels, tmp_path)
    assert first.run("%%draw embedded-refuses\n画只猫", cell="a").status == "error"
    first.stop()
    second = start(kernels, tmp_path)
    assert second.run("%%draw embedded-refuses\n画只猫", cell="a").status == "error"
    assert second.value(SENT) == "1"


def test_sketches_never_stand_in_for_a_model(kernels, tmp_path, endpoint):
    first = start(kernels, tmp_path)
    first.run("%%draw\n画只猫,没有别人画过", cell="a")
    first.stop()
    relay = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    second = start(kernels, tmp_path, **relay)
    assert second.run("%%draw\n画只猫,没有别人画过", cell="a").status == "ok"
    sent = [r for r in endpoint.log if r.method == "POST" and "没有别人画过" in str(r.json)]
    assert len(sent) == 1
    second.stop()
    reader = start(kernels, tmp_path)
    ran = reader.run("%%draw\n画只猫,没有别人画过", cell="a")
    assert ran.replayed
    assert reader.value("nbext.history[-1].number") == "2"


def test_a_loop_in_a_cell_is_free_the_next_time(kernels, tmp_path):
    loop = "import nbext\nfor _ in range(3):\n    display(nbext.draw('画只猫'))"
    first = start(kernels, tmp_path)
    before = first.run(loop, cell="a").pictures
    assert len(set(before)) == 3
    first.stop()
    second = start(kernels, tmp_path)
    assert second.run(loop, cell="a").pictures == before
    assert second.value(SENT) == "0"
    assert not set(second.run(loop, cell="a").pictures) & set(before)
    assert second.value(SENT) == "3"


def test_again_is_another_one_and_free_the_next_time(kernels, tmp_path):
    cells = [
        ("a", "%%draw\n画只猫"),
        ("b", "%%edit\n加一顶帽子"),
        ("c", "import nbext\nnbext.history[1].again()"),
        ("d", "nbext.history[1].again(below=True)"),
        ("e", "print([d.parents for d in nbext.history.search('帽子')])"),
        ("f", "nbext.history[2].again(line=True, model='gpt-image-1')[-1]"),
    ]
    first = start(kernels, tmp_path)
    ran = [first.run(code, cell=cell) for cell, code in cells]
    assert first.value("[(d.number, d.model) for d in nbext.history]") == str(
        [(n, "gpt-4o-image") for n in range(1, 6)] + [(6, "gpt-image-1"), (7, "gpt-image-1")]
    )
    assert first.value("[[p.number for p in d.parents] for d in nbext.history]") == (
        "[[], [1], [], [], [4], [], [6]]"
    )
    assert len({picture for r in ran for picture in r.pictures}) == 7
    before = [r.pictures for r in ran]
    first.stop()
    second = start(kernels, tmp_path)
    assert [second.run(code, cell=cell).pictures for cell, code in cells] == before
    assert second.value(SENT) == "0"
    assert second.run("nbext.history[1].again()", cell="new").status == "ok"
    assert second.value(SENT) == "1"


def test_where_nothing_may_be_sent_fresh_sends_nothing(kernels, tmp_path):
    first = start(kernels, tmp_path)
    one = first.run("%%draw --fresh\n画只猫", cell="a").pictures
    first.stop()
    second = start(kernels, tmp_path, NBEXT_REPLAY="only")
    assert second.run("%%draw --fresh\n画只猫", cell="a").pictures == one
    assert second.run("%%draw --fresh\n画只狗", cell="b").error["ename"] == "ReplayError"
    assert second.value(SENT) == "0"
    # Nor was an endpoint started for it.
    assert second.value("nbext.session.connection.SERVER") == "None"


def test_marks_by_magic(kernels, tmp_path):
    kernel = start(kernels, tmp_path)
    kernel.run("%%draw -n 2\na cat")
    assert "@1 · ★" in kernel.run("%nbext star @1").text
    assert "@2 · final · good hat" in kernel.run("%nbext tag final 'good hat'").text
    assert "“don't crop”" in kernel.run("%nbext note @1 don't crop").text
    assert kernel.value("nbext.history[1].note") == "don't crop"
    assert "@1 · ★" in kernel.run("%nbext undo").text
    assert kernel.value("repr(nbext.history[1].note)") == "''"
    assert "no star, tag or note" in kernel.run("%nbext star @1 --off").text
    assert "@2 · final" in kernel.run("%nbext tag @2 --off 'good hat'").text
    assert kernel.run("%nbext tag").status == "error"
    assert kernel.run("%nbext star @9").error["ename"] == "HistoryError"
