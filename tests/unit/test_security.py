"""``SECURITY.md`` promises nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.cases import ALONE, CASES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| [A-Z]", line)]


def test_each_test_that_it_names_exists():
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", TEXT)
    assert len(named) > 30
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_each_case_that_it_names_exists():
    named = re.findall(r"`python -m tests\.faults (\w+)`", TEXT)
    assert named
    assert set(named) <= {*CASES, *ALONE}


@pytest.mark.parametrize("row", ROWS)
def test_each_promise_names_a_test(row):
    assert re.search(r"`(test_\w+|python -m tests\.faults \w+)` ?[,|]", row)
