"""What ``nbext check`` says of a notebook is what running it does, cell by cell."""

from __future__ import annotations

import json
import random

import pytest

from nbext.cli.check import check
from tests.records import picture

LOAD = "%load_ext nbext"
POOL = [
    "%%draw\n画只猫",
    "%%draw\n画只猫",
    "%%draw --as cat\na cat",
    "%%draw -i cat\na cat with a hat",
    "%%edit\n加一顶帽子",
    "%%edit -i @1\nin winter",
    "%%draw -i @-1 -i photo.png\nboth",
    "%%draw -i photo.png\na hat",
    "%%draw -i gone.png\na hat",
    "%%draw -n 2\na dog",
    "%%draw -n 3\na dog",
    "%%draw gpt-image-1 --size 1024x1024 -p background=opaque\na tree",
    "%%draw gemini-2.5-flash-image --aspect 2:3\na tree",
    '%draw --seed 3 a {{json}} of {"a": 1}',
    "fish = %draw a fish",
    "%%draw -i fish\na fish with legs",
    "%%draw --fresh\na bird",
    "%%draw --dry-run\nnothing",
    "%%draw --help",
    "%%draw --takse 3\na typo",
    "%%draw --endpoint nowhere\na moon",
    "%%draw -i @99\nnothing there",
    "%%chat\n你好",
    "%%chat -c\nand then?",
    "%%chat --system 'be brief' --schema shape.json\nname a cat",
    "%%respond --search\nwhat is new",
    "%%complete -p max_tokens=20\nonce",
    "%%video --seconds 4\na cat walks",
    '%config Nbext.model = "gpt-image-1"',
    '%config Nbext.model = "gpt-4o-image"',
    '%config Nbext.replay = "always"',
    '%config Nbext.replay = "only"',
    '%config Nbext.replay = "restart"',
    '%config Nbext.styles = {"ink": "{prompt}, ink on paper"}',
    "%%draw --style ink\na crane",
    "%%time\n%draw a timed owl",
    "print('画只猫')",
]


def write(path, cells):
    made = [
        {"cell_type": "code", "id": id_, "source": source, "outputs": [], "metadata": {}}
        for id_, source in cells
    ]
    path.write_text(json.dumps({"cells": made, "nbformat": 4, "nbformat_minor": 5}))


def vary(chance, cells, numbers):
    """Change a notebook as its author would: cells come, go, move and are written anew."""
    changed = list(cells)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        what = chance.choice(["put in", "take out", "move", "write", "copy"])
        if what == "put in":
            changed.insert(at, (f"n{next(numbers)}", chance.choice(POOL)))
        elif what == "take out" and len(changed) > 3:
            del changed[at]
        elif what == "move":
            changed.insert(chance.randrange(len(changed)), changed.pop(at))
        elif what == "write":
            changed[at] = (changed[at][0], chance.choice(POOL))
        else:
            changed.insert(at, (f"n{next(numbers)}", changed[at][1]))
    return changed


def verdicts(findings):
    """What is said of each cell that asks: is it paid, and does it fail?"""
    said = {}
    for finding in findings:
        said.setdefault(finding.id, []).append(finding.verdict)
    return said


@pytest.mark.parametrize("seed", range(5))
def test_it_foretells_what_is_paid(seed, kernels, tmp_path, endpoint, monkeypatch):
    chance, numbers = random.Random(seed), iter(range(1000))
    relay = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    for name, value in relay.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "photo.png").write_bytes(picture("red"))
    (tmp_path / "shape.json").write_text(
        '{"type": "object", "properties": {"name": {"type": "string"}}}'
    )
    notebook = tmp_path / "cats.ipynb"
    cells = [(f"n{next(numbers)}", chance.choice(POOL)) for _ in range(14)]
    told = 0
    for _ in range(3):
        write(notebook, [("load", LOAD), *cells])
        foretold = verdicts(check(notebook))
        kernel = kernels(tmp_path, NBEXT_NOTEBOOK=str(notebook), **relay)
        assert kernel.run(LOAD, cell="load").status == "ok"
        story = []
        for id_, source in cells:
            # The log holds the latest requests only: how many there are says nothing.
            before = list(endpoint.log)
            ran = kernel.run(source, cell=id_)
            new = [r for r in list(endpoint.log) if not any(r is old for old in before)]
            paid = any(r.method == "POST" for r in new)
            happened = "sent" if paid else "fails" if ran.status == "error" else "free of charge"
            said = foretold.get(id_, ["nothing"])
            if "unknown" in said:
                continue
            told += 1
            expected = (
                "sent" if "sent" in said else "fails" if "fails" in said else "free of charge"
            )
            story.append(f"{id_} {source!r}: {said} → {happened} {ran.error.get('evalue', '')}")
            assert happened == expected, "\n".join(story)
        kernel.stop()
        cells = vary(chance, cells, numbers)
    assert told > 25
