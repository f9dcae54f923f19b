"""Restart & Run All is free, and shows the same pictures."""

from __future__ import annotations

SENT = (
    "sum(r.method == 'POST' for r in nbext.connection.SERVER.log) if nbext.connection.SERVER else 0"
)


def start(kernels, folder, **environ):
    kernel = kernels(folder, **environ)
    assert kernel.run("%load_ext nbext\nimport nbext.session").status == "ok"
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
    assert "replayed from" in ran[0].text
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
    assert "replayed" in ran.text
    assert reader.value("nbext.history[-1].number") == "2"
