"""What agents are offered: the tools exist, say what they do, and search and cost read a history."""

from __future__ import annotations

import asyncio
import base64
import importlib
import inspect
import io
import json
import random
import sys
import tomllib
import types
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from nbext.api import agents
from nbext.config import loading
from nbext.errors import BudgetError, HistoryError, NbextError
from nbext.session.budget import Ledger
from tests.records import picture

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


@pytest.fixture
def server(relay, tmp_path, monkeypatch):
    """A server's folder with a notebook, and an endpoint that counts; the client's picture type stands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBEXT_BASE_URL", f"{relay.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", KEY)
    monkeypatch.setenv("NBEXT_MODEL", "gpt-image-2")
    module = types.ModuleType("fastmcp.utilities.types")
    module.Image = lambda **fields: (fields["format"], fields["data"])
    monkeypatch.setitem(sys.modules, "fastmcp", types.ModuleType("fastmcp"))
    monkeypatch.setitem(sys.modules, "fastmcp.utilities", types.ModuleType("fastmcp.utilities"))
    monkeypatch.setitem(sys.modules, "fastmcp.utilities.types", module)
    monkeypatch.setattr(agents, "_sessions", {})
    monkeypatch.setattr(loading, "_instances", {})
    monkeypatch.setattr(agents, "_ledger", Ledger())
    for name in ("cats", "dogs"):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": [], "nbformat": 4}))
    data = base64.b64encode(noise((400, 400))).decode()
    relay.answer = {"created": 1, "data": [{"b64_json": data}, {"b64_json": data_of("red")}]}
    yield relay
    for session in agents._sessions.values():
        session.run(session.close())
        session.runner.close()


KEY = "sk-canary-0123456789abcdef"


def noise(size):
    image = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def data_of(colour):
    return base64.b64encode(picture(colour, (8, 8))).decode()


def call(tool, *args, **fields):
    return asyncio.run(getattr(agents, f"nbext_{tool}")(*args, **fields))


def test_they_draw_edit_and_look_with_small_previews(server):
    text, (kind, data) = call("draw", "a cat\x1b[31m", "cats.ipynb")
    assert "@1" in text
    assert "\x1b" not in text
    assert kind == "jpeg"
    assert len(data) <= agents.PREVIEW_BYTES
    assert len(call("look", "cats.ipynb", "@1.2")[1][1]) < len(data)
    call("edit", "a hat", "cats.ipynb", "@1.2")
    assert "a hat" in call("search", "cats.ipynb", "hat")
    with pytest.raises(HistoryError, match=r"@1 has no picture 3"):
        call("edit", "a hat", "cats.ipynb", "@1.3")
    for name in ("../cats.png", "cats.ipynb", "https://relay.example/cat.png", ""):
        with pytest.raises(HistoryError):
            call("edit", "a hat", "cats.ipynb", name)
    assert server.posts == 2


def test_a_long_prompt_is_cut(server):
    text = call("draw", "cat " * 5000, "cats.ipynb")[0]
    assert len(text) <= agents.MOST_TEXT + 1


@pytest.mark.parametrize(
    "path",
    [
        "../cats.ipynb",
        "sub/../../cats.ipynb",
        "/etc/passwd",
        "~/cats.ipynb",
        "missing.ipynb",
        "cats.txt",
        ".",
        "",
        "cats\0.ipynb",
        "x" * 5000 + ".ipynb",
    ],
)
def test_they_work_on_notebooks_of_the_server_alone(server, tmp_path, path):
    (tmp_path.parent / "cats.ipynb").write_text("{}")
    before = sorted(tmp_path.parent.rglob("*.draws"))
    for tool, first in (("draw", ["a cat"]), ("edit", ["a hat"]), ("look", []), ("cost", [])):
        with pytest.raises(NbextError, match=r"outside of|no notebook"):
            call(tool, *first, path)
    assert server.posts == 0
    assert sorted(tmp_path.parent.rglob("*.draws")) == before


def test_all_notebooks_of_a_server_share_one_budget_at_once_too(server, monkeypatch):
    monkeypatch.setenv("NBEXT_MAX_REQUESTS", "3")

    async def many():
        names = [f"{('cats', 'dogs')[n % 2]}.ipynb" for n in range(10)]
        calls = (agents.nbext_draw(f"cat {n}", name) for n, name in enumerate(names))
        return await asyncio.gather(*calls, return_exceptions=True)

    results = asyncio.run(many())
    assert server.posts == 3
    assert sum(isinstance(result, BudgetError) for result in results) == 7


def test_a_limit_in_money_holds_where_no_price_is_known(server, monkeypatch):
    monkeypatch.setenv("NBEXT_MAX_COST", "1")
    with pytest.raises(BudgetError, match=r"price of this model is unknown.*Nothing was sent"):
        call("draw", "a cat", "cats.ipynb", "mystery-1")
    assert server.posts == 0


def test_no_key_is_sent_or_shown(server, tmp_path):
    spellings = (KEY, base64.b64encode(KEY.encode()).decode(), KEY.encode().hex())
    for spelling in spellings:
        for fields in ({"prompt": f"a cat {spelling}"}, {"prompt": "a cat", "model": spelling}):
            with pytest.raises(NbextError) as caught:
                call("draw", notebook="cats.ipynb", **fields)
            assert spelling not in str(caught.value)
        with pytest.raises(NbextError, match="no notebook") as caught:
            call("look", f"{spelling}.ipynb")
        assert spelling not in str(caught.value)
    assert server.posts == 0
    entities = "".join(f"&#{ord(letter)};" for letter in KEY)
    for spelling in (*spellings, entities, quote(KEY)):
        server.status, server.answer = 400, {"error": {"message": f"no: {spelling}"}}
        with pytest.raises(NbextError) as caught:
            call("draw", f"a cat {len(spelling)}", "cats.ipynb")
        told = f"{caught.value} {call('search', 'cats.ipynb')}"
        assert spelling not in told
    written = (tmp_path / "cats.draws" / "history.jsonl").read_text()
    assert not [spelling for spelling in (*spellings, entities) if spelling in written]


def test_search_and_cost_read_and_send_nothing(tmp_path, monkeypatch):
    from nbext.data.record import Record
    from nbext.store.store import Store

    monkeypatch.chdir(tmp_path)
    (tmp_path / "cats.ipynb").write_text(json.dumps({"cells": [], "nbformat": 4}))
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
