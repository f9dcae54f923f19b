"""What a request costs, and who says so."""

from __future__ import annotations

import pytest

from nbext.data.model import Model
from nbext.families.prices import Cost, price
from nbext.families.table import Table, table
from tests.unit.wire.asked import asked


@pytest.mark.parametrize(
    ("model", "fields", "usd", "at_most"),
    [
        ("gpt-image-1.5", {"quality": "low", "size": "1024x1024"}, 0.009, False),
        ("gpt-image-1.5", {"quality": "high", "aspect": "2:3"}, 0.2, False),
        ("gpt-image-1.5", {"size": "1024x1024"}, 0.133, True),
        ("gpt-image-1.5", {"quality": "auto"}, 0.2, True),
        ("gpt-image-1-mini", {"quality": "medium", "size": "1024x1024"}, 0.011, False),
        ("gpt-image-1.5", {"quality": "low", "size": "1024x1024", "extra": {"n": 3}}, 0.027, False),
        # 7024, 5488 and 196 tokens at 30 dollars a million.
        ("gpt-image-2", {"quality": "high", "size": "1024x1024"}, 0.21072, False),
        ("gpt-image-2", {"quality": "high", "size": "1536x1024"}, 0.16464, False),
        ("gpt-image-2", {"quality": "low", "size": "1024x1024"}, 0.00588, False),
        ("gpt-image-2", {}, 0.21072, True),
        ("gemini-3-pro-image", {"size": "4k"}, 0.24, False),
        ("gemini-3-pro-image", {"size": "2K"}, 0.156, False),
        ("gemini-3-pro-image", {}, 0.156, False),
        ("gemini-2.5-flash-image", {}, 0.039, False),
        ("gpt-image-2-vip", {}, 0.03, False),
        ("seedream-4-5", {}, 0.026, False),
        ("recraftv3_vector", {}, 0.08, False),
        ("recraftv4_1", {}, 0.035, False),
        ("ideogram-4.5", {"quality": "high"}, 0.1, False),
        ("sora-2", {"kind": "video", "extra": {"seconds": "8"}}, 0.8, False),
        ("sora-2-pro", {"kind": "video", "extra": {"seconds": 4}}, 1.2, False),
        ("sora-2", {"kind": "video"}, 1.2, True),
        ("kling-v3-pro", {"kind": "video", "extra": {"seconds": 5}}, 0.56, False),
    ],
)
def test_a_familys_price(model, fields, usd, at_most):
    for given in (fields, asked(model=model, **fields)):
        cost = price(model, given)
        assert (cost.usd, cost.at_most, cost.is_own) == (pytest.approx(usd), at_most, False)
        assert cost.source


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("nobody-knows-it", {}),
        ("gpt-image-2.5-flare", {"quality": "max"}),
        ("gemini-3.1-flash-image", {"size": "4K"}),
        ("flux-2-klein", {}),
        ("gpt-4o", {}),
    ],
)
def test_what_nobody_says_has_no_price(model, fields):
    assert price(model, fields) is None


def test_the_users_price_counts_first_then_the_endpoints():
    listed = Model(id="gpt-4o-image", price=0.02)
    own = {"gpt-4o-image": 0.03}
    cost = price("gpt-4o-image", {"extra": {"n": 2}}, prices=own, entry=listed)
    assert (cost.usd, cost.is_own) == (0.06, True)
    assert str(cost) == "about 0.06 USD"
    assert price("gpt-4o-image", entry=listed).usd == 0.02
    assert price("gpt-4o-image", entry=Model(id="gpt-4o-image")).usd == 0.01
    assert price("gpt-4o-image", prices={"gpt-4o-image": 0.0}).usd == 0


def test_a_users_family_has_a_price_of_its_own():
    own = Table({"mine": {"names": ["my-"], "prices": [{"usd": 0.5}]}})
    cost = price("my-own", families=own)
    assert (cost.usd, cost.source, cost.is_own) == (0.5, "your families", True)


def test_several_cost_as_many_times():
    assert Cost(usd=0.1, source="x").times(3).usd == 0.3
    assert str(Cost(usd=0.1, source="x", at_most=True).times(3)) == "at most 0.3 USD (x)"


@pytest.mark.parametrize("family", table().all(), ids=lambda family: family.name)
def test_no_price_is_out_of_the_world(family):
    for example in family.examples:
        cost = price(example, {"extra": {"seconds": "5"}} if "video" in family.outputs else {})
        assert cost is None or 0.001 < cost.usd < 5
