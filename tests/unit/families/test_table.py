"""The table of families itself, and what a user may lay over it."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from nbext import families
from nbext.config.settings import Nbext
from nbext.data.family import FACTS, UNKNOWN, Family
from nbext.errors import OptionError, SettingsError
from nbext.families.table import Table, table

TEXT = (Path(families.__file__).parent / "families.toml").read_text("utf-8")
ALL = table().all()
EXAMPLES = [(example, family.name) for family in ALL for example in family.examples]


def facts_of(family: Family) -> set[str]:
    return {fact for fact in FACTS if getattr(family, fact) != getattr(UNKNOWN, fact)}


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_a_family_has_what_it_needs(family):
    assert family.title
    assert family.names
    assert family.examples
    assert family.wires
    assert family.outputs
    if family.sizes and family.pixels:
        for size in family.sizes:
            width, height = map(int, size.split("x"))
            assert family.pixels[0] <= width * height <= family.pixels[1]
            assert width % family.step == height % family.step == 0
    if family.ended:
        assert family.successors


@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_every_fact_has_a_source_and_a_date(family):
    for fact in sorted(facts_of(family)):
        source = table().source(family, fact)
        assert source is not None, f"{family.name}.{fact} has no source"
        assert source.title
        assert dt.date(2022, 1, 1) <= source.date <= dt.date(2026, 12, 31)


def test_the_sources_are_those_that_are_named():
    named = {name for family in ALL for name in family.sources}
    assert named <= set(tomllib.loads(TEXT)["sources"])
    for family in ALL:
        assert {fact for facts in family.sources.values() for fact in facts} <= set(FACTS)


@pytest.mark.parametrize(("model", "name"), EXAMPLES)
def test_an_example_is_of_one_family_and_no_other(model, name):
    assert table().matches(model) == [name]
    assert table().find(model).name == name


@pytest.mark.parametrize(
    "model",
    ["", "nobody-knows-it", "my-gpt-image", "/", "a/b/c", "x" * 10_000, "\n", "flax-2", "cat-sora"],
)
def test_other_names_are_of_none(model):
    assert table().find(model) is UNKNOWN


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gemini-3-pro-image-preview/nano-banana-2", "gemini-3-pro-image"),
        ("azure/gpt-image-2", "gpt-image-2"),
        ("OPENAI/GPT-IMAGE-2", "gpt-image-2"),
        ("relay:gpt-4o-image", "gpt-4o-image"),
    ],
)
def test_what_stands_before_a_name_does_not_count(model, name):
    assert table().find(model).name == name


def test_the_fast_look_reads_what_toml_reads():
    """The names are read without a TOML parser: both must see the same."""
    whole = tomllib.loads(TEXT)
    del whole["sources"]
    assert list(table().names) == list(whole)
    for name, fields in whole.items():
        assert table().family(name).names == tuple(fields["names"])
        assert table().family(name).title == fields["title"]


def test_one_table_a_settings_file():
    assert table() is table({})
    assert table({"mine": {"names": ["my-"]}}) is table({"mine": {"names": ["my-"]}})


def test_a_user_corrects_a_family_field_by_field():
    own = Table({"gpt-image-2": {"qualities": ["low"], "ended": dt.date(2027, 1, 1)}})
    family = own.find("gpt-image-2")
    assert family.qualities == ("low",)
    assert family.ended == dt.date(2027, 1, 1)
    assert family.step == 16
    assert own.source(family, "qualities") is None
    assert own.source(family, "step").title.startswith("openai-python")
    assert table().find("gpt-image-2").qualities == ("auto", "low", "medium", "high")


def test_a_family_of_the_users_own_counts_first():
    own = Table({"mine": {"names": ["gpt-image-2-mine"], "like": "seedream-4.5", "n": 3}})
    family = own.find("gpt-image-2-mine")
    assert (family.name, family.n, family.edits) == ("mine", 3, "generations")
    assert own.find("gpt-image-2").name == "gpt-image-2"


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"seedreem-4.5": {"n": 3}}, ["no family 'seedreem-4.5'", "Did you mean seedream-4.5,"]),
        ({"mine": {"names": ["("]}}, ["not a valid regular expression"]),
        ({"mine": {"names": ["my-"], "like": "gpt-imag-2"}}, ["Did you mean gpt-image-2,"]),
        ({"mine": {"names": ["my-"], "like": "mine"}}, ["refers to itself"]),
        ({"gpt-image-2": {"qualitys": ["low"]}}, ["qualitys", "Did you mean qualities?"]),
        ({"gpt-image-2": {"ended": ["2026-01-01"]}}, ["ended takes a date", "not a list"]),
        ({"gpt-image-2": {"ended": "2026-13-01"}}, ["ended takes a date such as 2026-11-30"]),
        (
            {"gpt-image-2": {"step": "16"}},
            ["step takes a whole number, not text", "docs/extending.md"],
        ),
        ({"gpt-image-2": {"wires": ["image"]}}, ["cannot be 'image'", "wires takes chat, resp"]),
        ({"gpt-image-2": {"size_style": "ratio"}}, ["takes size, size_ratio, aspect_ratio"]),
        ({"gpt-image-2": {"prices": [{"usd": 1, "per": "hour"}]}}, ["per takes picture, second"]),
        ({"gpt-image-2": {"tiers": ["3Q"]}}, ["tiers cannot be '3Q'", 'tiers = ["1K", "2K"]']),
        ({"gpt-image-2": {"aspects": ["wide"]}}, ["aspects cannot be 'wide'", "16:9"]),
        ({"gpt-image-2": {"sizes": ["1024"]}}, ["sizes cannot be '1024'", "1024x1024"]),
        ({"gpt-image-2": {"pixels": [5, 1]}}, ["pixels cannot be (5, 1)", "pixels = ["]),
        ({"gpt-image-2": {"references": -1}}, ["references cannot be -1"]),
        ({"gpt-image-2": {"n": 0}}, ["n cannot be 0"]),
        ({"gpt-image-2": {"prices": [{"usd": "a lot"}]}}, ["prices[0].usd"]),
    ],
)
def test_a_wrong_table_is_told_of(own, words):
    with pytest.raises(OptionError) as caught:
        Table(own)
    for word in words:
        assert word in str(caught.value)


def test_settings_have_families(tmp_path):
    chosen = Nbext(families={"mine": {"names": ["my-"], "wires": ["images"]}})
    assert table(chosen.families).find("my-own").wires == ("images",)
    with pytest.raises(SettingsError, match="Did you mean names"):
        chosen.families = {"mine": {"name": ["my-"]}}
    with pytest.raises(SettingsError, match="A family must be a table"):
        chosen.families = {"mine": 5}


def test_a_settings_file_may_add_a_family(tmp_path):
    from nbext.config.loading import file_settings

    (tmp_path / "nbext.toml").write_text(
        '[families.mine]\nnames = ["my-"]\nended = 2027-01-01\nprices = [{ usd = 0.5 }]\n'
    )
    chosen = Nbext()
    chosen.read(*file_settings(tmp_path))
    family = table(chosen.families).find("my-own")
    assert (family.ended, family.prices[0].usd) == (dt.date(2027, 1, 1), 0.5)
    (tmp_path / "nbext.toml").write_text('[families.mine]\nnames = ["my-"]\nstepp = 16\n')
    with pytest.raises(SettingsError, match=r"nbext.toml, line 1: .*Did you mean step\?"):
        file_settings(tmp_path)
