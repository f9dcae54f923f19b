"""A family is a table: what the documentation says of it holds."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest

from nbext.config.loading import file_settings
from nbext.config.settings import Nbext
from nbext.data.family import FACTS, FIELDS, UNKNOWN
from nbext.data.options import Options
from nbext.families import table as table_module
from nbext.families.check import notices
from nbext.families.prices import price
from nbext.families.registry import choose
from nbext.families.table import Table
from nbext.session.session import Session
from nbext.wire.formats import encode
from tests.unit.wire.asked import asked

PAGE = (Path(__file__).parents[3] / "docs" / "extending.md").read_text("utf-8")
BLOCKS = [dedent(body) for body in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
TABLES = [tomllib.loads(body)["families"] for body in BLOCKS if "[families." in body]
SHIPPED, SOURCES = (body for body in BLOCKS if "[families." not in body)


@pytest.mark.parametrize("own", TABLES, ids=lambda own: next(iter(own)))
def test_a_table_of_the_page_is_one(own):
    families = Table(own)
    for name, fields in own.items():
        assert families.family(name).qualities == tuple(fields["qualities"])


def test_the_first_table_counts_everywhere():
    families = Table(TABLES[0])
    family = families.find("vendor/ink-2")
    assert family.name == "ink"
    assert choose("ink-2", families=families) == "images"
    request = asked(model="ink-2", aspect="16:9", quality="final")
    call = encode(request, "images", family)
    assert call.body == {
        "model": "ink-2",
        "prompt": "画只猫",
        "size": "1536x864",
        "quality": "final",
    }
    assert price("ink-2", request, families=families).usd == 0.08
    assert notices(request, family, "images") == []
    (told,) = notices(asked(model="ink-2", quality="high"), family, "images")
    assert "Use --quality draft or final." in str(told)


def test_a_corrected_family_keeps_the_rest():
    families = Table(TABLES[1])
    assert families.find("gpt-image-2").step == 16
    assert price("gpt-image-2", {"quality": "low"}, families=families).usd == 0.03


def test_a_family_that_is_like_another():
    family = Table(TABLES[2]).find("gpt-image-3-flare")
    assert (family.name, family.step, family.qualities[-1]) == ("gpt-image-3", 16, "ultra")
    assert "gif" in family.formats


def test_the_page_names_every_field():
    table = PAGE[PAGE.index("## The fields") :]
    assert [field for field in (*FIELDS, "like") if f"`{field}`" not in table] == []


def test_a_newcomer_adds_a_family_beside_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", "https://relay.example/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "sk-none")
    own = {name: fields for own in TABLES[:1] for name, fields in own.items()}
    (tmp_path / "nbext.toml").write_text(BLOCKS[0], "utf-8")
    chosen = Nbext(replay="never")
    chosen.read(*file_settings(tmp_path))
    session = Session(tmp_path / "cats.draws", chosen=chosen)
    try:
        options = Options(prompt="a cat", model="ink-2", aspect="16:9", quality="final")
        request = session.run(session.plan(options))
        report = session.connection.dry_run(request)
        assert "/images/generations" in report
        assert '"size": "1536x864"' in report
        assert "0.08 USD" in report
        wrong = session.run(session.plan(Options(prompt="a cat", model="ink-2", quality="high")))
        assert "Use --quality draft or final." in session.connection.dry_run(wrong)
        assert session.connection.families.family("ink").references == own["ink"]["references"]
        stranger = session.run(session.plan(Options(prompt="a cat", model="zorblax-9")))
        assert "zorblax-9 is not a known model" in session.connection.dry_run(stranger)
        assert "Nothing is known" not in report
    finally:
        session.run(session.close())
        session.runner.close()


@pytest.fixture
def shipped(monkeypatch):
    """The table of all families with that of the page, as its steps put it there."""
    text = table_module._text()
    text = text.replace("[midjourney]\n", f"{SHIPPED}\n[midjourney]\n", 1) + SOURCES
    caches = (table_module._sections, table_module._sources, table_module._table)
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(table_module, "_text", lambda: text)
    yield Table()
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_a_newcomer_adds_a_family_for_everyone(shipped):
    family = shipped.family("ink")
    assert family.title
    for example in family.examples:
        assert shipped.matches(example) == ["ink"]
    for fact in FACTS:
        if getattr(family, fact) != getattr(UNKNOWN, fact):
            assert shipped.source(family, fact).date.year == 2026
    assert len(shipped.names) == len(set(shipped.names)) > 40
    # The line of the page for the shapes is true.
    line = re.search(r'"(ink-2)": \("(\w+)", (\{.*\})\),', PAGE)
    model, wire, shape = line[1], line[2], json.loads(line[3])
    call = encode(asked(model=model, aspect="16:9"), wire, family)
    assert {key: call.body[key] for key in shape} == shape
