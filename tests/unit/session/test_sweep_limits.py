"""A sweep has limits of its own, and a slip in an axis costs nothing."""

from __future__ import annotations

import pytest

import nbext
from nbext.errors import BudgetError, OptionError
from nbext.magics.parse import parse_line
from nbext.magics.parsers import sweep_parser
from nbext.magics.place import Place
from nbext.magics.sweep import plan_of
from nbext.session import current
from nbext.session.sweep_plan import plan_sweep
from tests.records import picture
from tests.relay import Relay
from tests.sessions import at_work

# No table knows its price.
MODEL = "house-model"


@pytest.fixture
def relay():
    made = Relay()
    made.pictures(picture())
    yield made
    made.stop()


@pytest.fixture
def session(tmp_path, relay, monkeypatch):
    with at_work(relay, tmp_path, monkeypatch) as session:
        monkeypatch.setattr(current, "_session", session)
        monkeypatch.setattr(current, "_looking", False)
        yield session


def sweep(**fields):
    return nbext.sweep("a {x}", x=["cat", "dog", "hen", "fox"], model=MODEL, yes=True, **fields)


def test_more_requests_than_its_limit_are_not_sent(session, relay):
    with pytest.raises(BudgetError, match=r"would send 4 requests; max_requests is 3.*Nothing"):
        sweep(max_requests=3)
    assert relay.posts == 0
    assert len(sweep(max_requests=4)) == 4
    # What is recorded does not count.
    assert len(sweep(max_requests=1)) == 4
    assert relay.posts == 4


def test_a_known_price_is_checked_before_anything_is_sent(session, relay):
    session.settings.prices = {MODEL: 0.5}
    with pytest.raises(BudgetError, match=r"would cost 2 USD; max_cost is 1\.9. Nothing was sent"):
        sweep(max_cost=1.9)
    assert relay.posts == 0
    assert len(sweep(max_cost=2)) == 4


@pytest.mark.parametrize("whose", ["sweep", "settings"])
def test_an_unknown_price_is_learned_from_one_drawing(session, relay, whose):
    relay.headers = {"x-litellm-response-cost": "0.5"}
    limit = {"max_cost": 1.9}
    if whose == "settings":
        session.settings.max_cost, limit = limit.pop("max_cost"), {}
    with pytest.raises(BudgetError, match=r"2 USD"):
        sweep(**limit)
    assert relay.posts == 1
    assert nbext.history[1].cost == 0.5
    session.settings.max_cost = 0.0
    # From then on it is known before anything is sent.
    with pytest.raises(BudgetError, match=r"would cost 1\.5 USD; max_cost is 1\.2"):
        sweep(max_cost=1.2)
    assert relay.posts == 1
    assert len(sweep(max_cost=1.5)) == 4
    assert relay.posts == 4


def test_what_a_drawing_cost_is_the_price_of_the_next(session, relay):
    relay.headers = {"x-litellm-response-cost": "0.5"}
    session.settings.max_cost = 1.6
    nbext.draw("a cat", model=MODEL)
    with pytest.raises(BudgetError, match=r"3 requests at about 0\.5 USD each"):
        nbext.draw("a dog", model=MODEL, n=3)
    assert len(nbext.draw("a dog", model=MODEL, n=2)) == 2
    assert relay.posts == 3


def test_a_price_that_nobody_says_stops_a_limit_in_dollars(session, relay):
    with pytest.raises(BudgetError, match=rf"price of {MODEL} is unknown") as error:
        sweep(max_cost=100)
    assert "Nbext.prices" in error.value.remedy
    assert relay.posts == 1
    assert len(sweep()) == 4


def test_a_refused_sweep_says_whether_anything_was_sent(session, relay):
    with pytest.raises(BudgetError, match=r"is unknown.*Nothing more was sent"):
        sweep(max_cost=100)
    assert relay.posts == 1
    # A batch sends nothing before its price is checked.
    with pytest.raises(BudgetError, match=r"is unknown.*Nothing was sent\."):
        nbext.sweep("a {x}", x=["owl"], model="gpt-image-9", batch=True, yes=True, max_cost=100)
    assert relay.posts == 1


@pytest.mark.parametrize(
    "limit",
    [{"max_requests": n} for n in (0, -1, 1.5, True, "3")]
    + [{"max_cost": n} for n in (0, -1, float("nan"), float("inf"), True, "3")],
)
def test_a_limit_is_a_number_above_zero(session, relay, limit):
    with pytest.raises(OptionError, match="is not a limit"):
        sweep(**limit)
    assert relay.posts == 0


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("qualty", "quality"),
        ("modell", "model"),
        ("aspct", "aspect"),
        ("prompts", "prompt"),
        ("max_request", "max_requests"),
        ("animals", "animal"),
    ],
)
def test_a_misspelled_axis_is_no_field_of_the_body(session, relay, name, meant):
    with pytest.raises(OptionError) as error:
        nbext.sweep("a {animal}", animal=["cat"], model=MODEL, **{name: ["x", "y"]})
    assert f"Did you mean {meant}?" in str(error.value)
    assert relay.posts == 0


def test_a_field_that_nobody_knows_is_sent_and_said(session):
    plan = plan_sweep("a cat", axes={"animal": ["cat", "dog"], "background": ["opaque"]})
    assert plan.warnings == (
        "{animal} is not in the prompt, so animal is sent as a field of the request.",
    )
    assert plan.places[0].options.params == {"animal": "cat", "background": "opaque"}
    plan = plan_sweep("a cat", axes={"param.qualty": ["x"]})
    assert (plan.places[0].options.params, plan.warnings) == ({"qualty": "x"}, ())


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("-x x=cat,dog --max-requests 3 --max-cost 1.5", "a {x}"),
        ("", "prompt: a {x}\nx: [cat, dog]\nmax_requests: 3\nmax_cost: 1.5"),
    ],
)
def test_limits_in_a_cell(session, line, body):
    place = Place(session.names, session.settings, session.history, session.beside)
    limits = plan_of(parse_line(sweep_parser(), line), body, place).limits
    assert (limits.max_requests, limits.max_cost) == (3, 1.5)


@pytest.mark.parametrize("body", ["animal: [cat, dog]", "- a cat\n- a dog", "a cat"])
def test_a_cell_that_varies_nothing_is_no_sweep(session, body):
    place = Place(session.names, session.settings, session.history, session.beside)
    with pytest.raises(OptionError, match="nothing to vary"):
        plan_of(parse_line(sweep_parser(), ""), body, place)
    assert len(plan_of(parse_line(sweep_parser(), "-n 2"), "a cat", place).places) == 1


def test_what_is_told_of_all_places_is_told_once(session, capsys):
    nbext.sweep(
        "a {x}", x=["cat", "dog"], model="gpt-4o-image", size=["1024x1024"], aspect="2:3", yes=True
    )
    written = capsys.readouterr().err
    assert written.count("does not have the aspect 2:3") == 1, written
