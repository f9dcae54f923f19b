"""What a cell showed last is what it shows again, as long as nothing above was asked differently."""

from __future__ import annotations

import pytest

START = "%load_ext nbext\nimport nbext.session.session"
SENT = "sum(r.method == 'POST' for r in nbext.session.connection.SERVER.log) if nbext.session.connection.SERVER else 0"

CELLS = {
    "draw": "%%draw --as cat\n画只猫",
    "dog": "%%draw\na dog",
    "edit": "%%edit\n加一顶帽子",
    "edit x": "%%edit -i cat\nwith a scarf",
    "edit dog": "%%edit\nwith a bone",
    "takes": "%%draw -n 2 --as ts\na bird",
    "edit take": "%%edit -i ts[1]\nin flight",
    "talk": "%%chat\nHello",
    "go on": "%%chat -c\nAnd then?",
    "gather": 'import asyncio, nbext\n_ = await asyncio.gather(*(nbext.adraw(f\'{w} {"x" * 40 * (w == "slow")}\') '
    "for w in ('slow', 'fast', 'last')))",
    "set": "for word in {'one', 'two', 'three'}:\n    nbext.draw(word)",
}

# What runs before the restart, what runs after it, and how many requests that may send.
TABLE = {
    "nothing odd": (["draw", "edit"], ["draw", "edit"], 0),
    "drawn again": (["draw", "edit", "draw"], ["draw", "edit"], 0),
    "edited again": (["draw", "edit", "edit"], ["draw", "edit"], 0),
    "edited again, then edited on": (["draw", "edit", "edit", "edit dog"], ["draw", "edit", "edit dog"], 0),
    "another drawing below, then edited again": (["draw", "edit", "dog", "edit"], ["draw", "edit", "dog"], 0),
    "out of order": (["draw", "dog", "draw", "edit"], ["draw", "dog", "edit"], 0),
    "a name drawn anew": (["draw", "edit x", "draw"], ["draw", "edit x"], 0),
    "a name drawn anew, edited anew": (["draw", "edit x", "draw", "edit x"], ["draw", "edit x"], 0),
    "takes drawn anew": (["takes", "edit take", "takes"], ["takes", "edit take"], 0),
    "a conversation begun anew": (["talk", "go on", "talk"], ["talk", "go on"], 0),
    "some at once": (["gather", "edit"], ["gather", "edit"], 0),
    "a set": (["set", "edit"], ["set", "edit"], 0),
    # What is another question pays.
    "a drawing put in between": (["draw", "edit"], ["draw", "dog", "edit"], 2),
    "run again after the restart": (["draw", "edit"], ["draw", "edit", "edit"], 1),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "paid"), TABLE.values(), ids=TABLE)
def test_restart_and_run_all(kernels, tmp_path, before, after, paid):
    # The order of a set is another one in each kernel.
    seeds = [{"PYTHONHASHSEED": seed} if "set" in before else {} for seed in ("1", "12345")]
    first = kernels(tmp_path, **seeds[0])
    assert first.run(START).status == "ok"
    shown = {}
    for name in before:
        ran = first.run(CELLS[name], cell=name)
        assert ran.status == "ok", ran.text
        shown[name] = ran.pictures
    first.stop()
    second = kernels(tmp_path, **seeds[1])
    assert second.run(START).status == "ok"
    for name in after:
        ran = second.run(CELLS[name], cell=name)
        assert ran.status == "ok", ran.text
        if paid == 0:
            assert ran.pictures == shown[name], name
    assert second.value(SENT) == str(paid)


def test_a_prompt_that_is_changed_above_is_paid_for_with_what_follows(kernels, tmp_path):
    first = kernels(tmp_path)
    first.run(START)
    for name in ("draw", "edit"):
        first.run(CELLS[name], cell=name)
    first.stop()
    second = kernels(tmp_path)
    second.run(START)
    second.run("%%draw --as cat\n画只狮子", cell="draw")
    second.run(CELLS["edit"], cell="edit")
    assert second.value(SENT) == "2"
    second.stop()
    # And back again: what was shown for that is shown.
    third = kernels(tmp_path)
    third.run(START)
    for name in ("draw", "edit"):
        third.run(CELLS[name], cell=name)
    assert third.value(SENT) == "0"
