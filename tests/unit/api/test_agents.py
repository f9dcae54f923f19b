"""What agents are offered: the tools exist, say what they do, and search and cost read a history."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import tomllib
from pathlib import Path

from nbext.api import agents

ROOT = Path(__file__).parents[3]


def test_the_entry_point_names_tools_that_explain_themselves():
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    entry = table["project"]["entry-points"]["jupyter_server_mcp.tools"]["nbext"]
    module, _, name = entry.partition(":")
    assert getattr(importlib.import_module(module), name) == agents.TOOLS
    for spec in agents.TOOLS:
        tool = getattr(importlib.import_module(spec.partition(":")[0]), spec.partition(":")[2])
        assert inspect.iscoroutinefunction(tool)
        text = inspect.getdoc(tool)
        assert [name for name in inspect.signature(tool).parameters if f"{name}:" not in text] == []
        assert "key" not in inspect.signature(tool).parameters


def test_search_and_cost_read_and_send_nothing(tmp_path):
    from nbext.data.record import Record
    from nbext.store.store import Store

    store = Store(tmp_path / "cats.draws")
    for number, prompt in enumerate(("a cat", "a dog"), start=1):
        store.append(
            Record(
                type="drawing", id=f"id{number}", number=number, prompt=prompt, model="m", cost=0.5
            )
        )
    notebook = str(tmp_path / "cats.ipynb")
    text = asyncio.run(agents.nbext_search(notebook, "cat"))
    assert "@1" in text
    assert "a cat" in text
    assert "dog" not in text
    assert asyncio.run(agents.nbext_cost(notebook)) == "drawings: 2, USD: 1"
