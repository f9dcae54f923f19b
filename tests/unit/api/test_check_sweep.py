"""``nbext check`` takes a sweep as one thing, in whichever way it is written."""

from __future__ import annotations

import json

import pytest

import nbext
from nbext.cli.check import check, is_free

MODEL = "gpt-image-2"
WAYS = {
    "options": f"%%sweep {MODEL} -x animal=cat,dog\na {{animal}}",
    "yaml": f"%%sweep\nprompt: a {{animal}}\nanimal: [cat, dog]\nmodel: {MODEL}",
    "python": f"import nbext\ns = nbext.sweep('a {{animal}}', animal=['cat', 'dog'], model='{MODEL}')",
    "table": f"import nbext\nnbext.sweep('a {{animal}}', table='rows.csv', model='{MODEL}', yes=True)",
    "line": f"%%sweep -m {MODEL} --table rows.csv\na {{animal}}",
}


def notebook(tmp_path, *sources):
    path = tmp_path / "cats.ipynb"
    cells = [
        {"cell_type": "code", "id": f"c{n}", "source": source, "outputs": [], "metadata": {}}
        for n, source in enumerate(sources, start=1)
    ]
    path.write_text(
        json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
    )
    (tmp_path / "rows.csv").write_text("animal\ncat\ndog\n")
    return path


@pytest.mark.parametrize("way", WAYS)
def test_a_sweep_is_one_line(session, tmp_path, way):
    session.settings.prices = {MODEL: 0.5}
    path = notebook(tmp_path, WAYS[way])
    (finding,) = check(path)
    assert finding.verdict == "sent"
    assert finding.reason.startswith("2 of 2 drawings would be sent")
    nbext.sweep("a {animal}", animal=["cat"], model=MODEL)
    assert check(path)[0].reason.startswith("1 of 2 drawings would be sent")
    nbext.sweep("a {animal}", animal=["cat", "dog"], model=MODEL)
    findings = check(path)
    assert findings[0].reason == "2 drawings replayed @1 … @2"
    assert is_free(findings)


def test_models_side_by_side_are_one_line(session, tmp_path):
    path = notebook(tmp_path, f"%%draw -m {MODEL} -m gpt-image-2.6-flare\na cat")
    assert check(path)[0].reason.startswith("2 of 2 drawings would be sent")


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (f"%%sweep {MODEL} -x animal=cat --dry-run\na {{animal}}", "nothing"),
        ("%%sweep --help\n", "nothing"),
        (f"%%sweep {MODEL} -x animal=cat\na {{anmal}}", "fails"),
        (f"%%sweep {MODEL} --table none.csv\na {{anmal}}", "fails"),
        ("mood = input()\n", None),
        ("import nbext\nfor n in input():\n    nbext.sweep('a {x}', x=[n])", "unknown"),
        ("import nbext\nnbext.sweeps()[-1].retry()", "unknown"),
        ("import nbext\nnbext.sweeps()[-1].grid()", None),
    ],
)
def test_what_is_not_drawn_or_not_known(session, tmp_path, source, verdict):
    findings = check(notebook(tmp_path, source))
    assert [finding.verdict for finding in findings] == ([verdict] if verdict else [])


def test_a_variable_of_the_notebook_in_the_prompt(session, tmp_path):
    path = notebook(
        tmp_path, "mood = 'happy'", f"%%sweep {MODEL} -x animal=cat\na {{mood}} {{animal}}"
    )
    assert check(path)[0].verdict == "sent"
    path = notebook(
        tmp_path, "mood = input()", f"%%sweep {MODEL} -x animal=cat\na {{mood}} {{animal}}"
    )
    assert check(path)[0].verdict == "unknown"
