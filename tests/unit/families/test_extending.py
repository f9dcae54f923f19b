"""A family is a table: what the documentation says of it holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from nbext.data.family import FIELDS
from nbext.families.check import notices
from nbext.families.prices import price
from nbext.families.registry import choose
from nbext.families.table import Table
from nbext.wire.formats import encode
from tests.unit.wire.asked import asked

PAGE = (Path(__file__).parents[3] / "docs" / "extending.md").read_text("utf-8")
TABLES = [
    tomllib.loads(body)["families"] for body in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
]


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
