"""The cases of ``python -m tests.faults``, short: nothing lost, nobody let in, nothing paid twice."""

from __future__ import annotations

import pytest

from tests.faults.cases import CASES
from tests.faults.run import main


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost_and_nobody_is_let_in(name):
    case = CASES[name]
    tally = case.run(case.short, 1)
    assert tally.failures == 0, "\n".join([f"{tally}", *tally.notes])


def test_a_case_prints_a_row_that_anyone_can_repeat(capfd):
    assert main(["cuts", "--count", "4"]) == 0
    head, _, row = capfd.readouterr().out.strip().splitlines()
    assert head.count("|") == row.count("|")
    assert row.endswith("`python -m tests.faults cuts --count 4 --seed 1` |")


def test_a_case_that_is_none_says_which_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "there is no case nothing" in capsys.readouterr().err
