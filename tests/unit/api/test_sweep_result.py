"""What a user does with a sweep: the grid, rows, page, votes, a judge, and another kernel."""

from __future__ import annotations

import base64
import json
import re
from types import SimpleNamespace

import IPython.display
import msgspec
import pytest
from PIL import ImageDraw

import nbext
from nbext.api.agreement import Agreement, cohens_kappa, krippendorffs_alpha
from nbext.api.sweep import start
from nbext.data.picture import dimensions
from nbext.data.record import Failure, Record
from nbext.display.ballot_view import BallotView
from nbext.display.sweep_grid import grid_bundle, grid_image, layout, progress_bundle
from nbext.errors import BudgetError, OptionError
from nbext.magics.sweep import sweep as sweep_magic
from nbext.session import session as session_module
from nbext.session.sweep_plan import plan_sweep

MODELS = ("gpt-image-2", "gpt-image-2.6-flare")


def lines(session):
    return (session.store.folder / "history.jsonl").read_bytes().count(b"\n")


def drawn(**axes):
    return nbext.sweep("a {animal}", animal=["cat", "dog", "hen"], model=MODELS, **axes)


# The plan in the history


def test_another_kernel_knows_the_sweep_as_one_thing(session, kernel):
    sweep = drawn(n=2)
    other = kernel()
    (known,) = nbext.sweeps()
    assert known.axes == sweep.axes
    assert [d.id for d in known] == [d.id for d in sweep]
    assert known[{"animal": "dog"}][0].prompt == "a dog"
    assert known.grid().layout == sweep.grid().layout
    before = lines(other)
    again = drawn(n=2)
    assert [d.id for d in again] == [d.id for d in sweep]
    assert lines(other) == before, "a replay adds nothing"
    with pytest.raises(OptionError, match="Run its cell again"):
        known.retry()


def test_what_failed_is_known_with_its_place(session):
    sweep = nbext.sweep("a {animal}", animal=["cat", "bad dog"], model=MODELS[0])
    assert [place for place, _ in sweep.failures] == [{"animal": "bad dog", "model": MODELS[0]}]
    (known,) = nbext.sweeps()
    assert "safety" in known.failures[0][1]
    assert [(row["animal"], bool(row["error"])) for row in known.rows()] == [
        ("cat", False),
        ("bad dog", True),
    ]
    assert "1 failed" in repr(known)


def test_methods_tell_of_the_sweep(session):
    drawn()
    text = session.history.methods()
    assert "3 animal × 2 model" in text
    assert "网格" in session.history.methods(language="zh")


# Looking


def test_rows_and_columns_are_chosen():
    labels = [{"prompt": p, "model": m, "style": "ink"} for p in ("cat", "dog") for m in "ab"]
    grid = layout(labels, 2)
    assert (grid.row_axis, grid.column_axis) == ("prompt", "model")
    assert grid.rest[:2] == ("take 1", "take 2")
    turned = layout(labels, 2, rows="model", columns="take")
    assert turned.columns == ("take 1", "take 2")
    assert turned.rest[4] == "dog"
    models = [{"model": name} for name in "abcdef"]
    assert layout(models[:4], 1).columns == ("a", "b", "c", "d"), "side by side"
    assert layout(models, 1).rows == tuple("abcdef"), "too many for one line"
    assert layout(models[:2], 2).rows == ("a", "b"), "their takes are side by side"
    with pytest.raises(OptionError, match="Did you mean model"):
        layout(labels, 1, rows="modle")
    with pytest.raises(OptionError, match="both"):
        layout(labels, 1, rows="model", columns="model")


def test_a_sweep_under_way_has_the_size_of_its_table(session):
    sweep = nbext.sweep("a {animal}", animal=["cat", "dog"], model=MODELS)
    shapes = tuple((d.pictures[0].width, d.pictures[0].height) for d in sweep)
    grid = msgspec.structs.replace(sweep.grid().layout, shapes=shapes)
    whole, _ = grid_bundle(grid, dict(enumerate(sweep)), inline_limit=10**7)
    for ended in ({}, {0: sweep[0]}):
        data, _ = progress_bundle(grid, ended, inline_limit=10**7)
        heads = [base64.b64decode(one["image/png"])[:64] for one in (data, whole)]
        assert dimensions(heads[0]) == dimensions(heads[1])


def test_the_tile_of_what_was_stopped_does_not_say_that_it_failed(monkeypatch):
    written = []
    monkeypatch.setattr(ImageDraw.ImageDraw, "text", lambda *a, **_: written.append(a[2]))
    items = {
        at: SimpleNamespace(
            record=Record(type="drawing", id="a", error=Failure(type=name, message=""))
        )
        for at, name in enumerate(("Interrupted", "ModerationError"))
    }
    grid_image(layout([{"model": "a"}, {"model": "b"}], 1), items)
    assert {"cancelled", "refused"} <= set(written)


def test_grid_and_sheet_as_pictures(session, tmp_path):
    sweep = nbext.sweep("a {animal}", animal=["猫", "a <b>", "bad"], model=MODELS)
    data, metadata = sweep.grid(rows="model")._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert len(metadata["nbext"]["drawings"]) == 6
    assert sweep.grid().save("grid.png").read_bytes()[:4] == b"\x89PNG"
    assert sweep.save("sheet.png").exists()


def test_the_page_holds_all_of_it_and_nothing_runs(session, tmp_path):
    sweep = nbext.sweep(
        "a {animal}", animal=["</script><img src=x onerror=1>", "bad\u202e"], model=MODELS
    )
    path = sweep.to_html("grid")
    page = path.read_text()
    assert path.name == "grid.html"
    assert page.count("</script>") == 1
    assert "<img src=x" not in page
    assert "\u202e" not in page, "a value cannot turn the writing around it"
    assert r"\u202e" not in page, "nor what the script writes"
    images = re.findall(r'<img src="([^"]*)', page)
    assert len(images) == 2
    assert all(source.startswith("data:image/") for source in images)
    assert page.count("safety system") == 2
    assert "default-src &#39;none&#39;" in page
    sweep.to_html("grid.html", overwrite=False)  # Its own page, unchanged.
    path.write_text("mine")
    with pytest.raises(OptionError, match="already exists"):
        sweep.to_html("grid.html", overwrite=False)


def test_frames_statistics_and_charts(session, monkeypatch):
    sweep = nbext.sweep("a {animal}", animal=["cat", "bad"], model=MODELS, n=2)
    frame = sweep.to_frame()
    assert list(frame["animal"]) == ["cat"] * 4 + ["bad"] * 4
    assert frame[frame.error.isna()].shape[0] == 4
    good, bad = sweep.statistics("animal")
    assert (good.drawings, good.failed, bad.failed) == (4, 0, 4)
    assert good.seconds is not None
    assert bad.seconds is None
    for what in ("elapsed", "size", "failures"):
        assert sweep.plot(what, by="animal").axes[0].get_yticklabels()[0].get_text() == "cat"
    with pytest.raises(OptionError, match="a value for cost"):
        sweep.plot("cost")
    with pytest.raises(OptionError, match="Did you mean failures"):
        sweep.plot("failure")
    with pytest.raises(OptionError, match="not an axis"):
        sweep.statistics("anmal")
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    assert sweep.to_frame().shape == (8, len(frame.columns)), "polars, where there is no pandas"
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(OptionError, match="statistics"):
        sweep.plot()


def test_the_slider_sends_the_two_that_are_chosen(session):
    slider = drawn().compare()
    assert [choice["name"] for choice in slider.choices][:2] == [
        f"@1 {MODELS[0]}",
        f"@2 {MODELS[1]}",
    ]
    sent = []
    slider.send = lambda content, buffers: sent.append((content, [b[:4] for b in buffers]))
    slider._answer(None, {"ids": ["0", "5"]}, [])
    slider._answer(None, {"ids": ["0", "99"]}, [])
    assert sent == [({"ids": ["0", "5"], "reasons": ["", ""]}, [b"\x89PNG"] * 2)]
    slider.close()


# Votes


def test_names_are_hidden_until_all_votes_are_in(session, kernel):
    ballot = drawn().blind()
    data, metadata = ballot._grid()
    told = json.dumps([data["text/plain"], metadata])
    assert not any(model in told for model in MODELS)
    ballot.vote("A", question=2)
    assert ballot.votes == "?A?"
    with pytest.raises(OptionError, match="2 of 3 votes missing"):
        _ = ballot.results
    ballot.vote("BA-")
    assert sum(ballot.results.values()) == 2
    assert any(model in ballot._grid()[0]["text/plain"] for model in MODELS)
    before = lines(session)
    other = kernel()
    again = drawn().blind()
    assert again.vote("BA-").results == ballot.results, "the same letters are the same pictures"
    assert lines(other) == before, "a vote is written once"
    assert drawn().blind(voter="ada").votes == "???"
    again.vote("A", question=1)
    assert again.votes == "AA-", "one changes one's mind"


@pytest.mark.parametrize(
    ("letters", "question", "words"),
    [
        ("AB", 0, "2 votes, but there are 3 questions"),
        ("ABC", 0, "no picture C"),
        ("A", 9, "no question 9"),
    ],
)
def test_votes_that_are_none(session, letters, question, words):
    with pytest.raises(OptionError, match=words):
        drawn().blind().vote(letters, question=question)


def test_buttons_vote_for_a_letter_or_for_none(session):
    ballot = drawn().blind()
    view = BallotView(
        [2, 2, 2], ballot.votes, lambda n, letter: repr(ballot.vote(letter, question=n))
    )
    for buttons, label in zip(view.children, ("A", "none", "B"), strict=False):
        assert buttons._options_labels == ("A", "B", "none")
        buttons.label = label
    assert ballot.votes == "A-B"
    assert repr(ballot) == f"<Ballot: {' · '.join(f'{m} {n}' for m, n in ballot.results.items())}>"
    view.close_all()


@pytest.fixture
def displays(session, monkeypatch):
    """What a cell shows, with each state of it."""
    shown = []

    class Place:
        def __init__(self, thing):
            self.states = [thing]
            shown.append(self)

        def update(self, thing, **_):
            self.states.append(thing)

    monkeypatch.setattr(IPython.display, "display", lambda thing, **_: Place(thing))
    monkeypatch.setattr(session, "shell", SimpleNamespace(kernel=session))
    return shown


def compared(session, prompt, takes=1):
    plan = plan_sweep(prompt, takes=takes, fixed={}, axes={"model": MODELS})
    return start(session, plan, compare="slider")


def test_a_comparison_has_its_room_before_the_pictures(session, displays):
    reply = compared(session, "a cat")
    reply._view.reserve()
    slider = displays[-1]
    coming = slider.states[0]
    assert [choice["name"] for choice in coming.choices] == list(MODELS)
    assert not coming.ready
    reply.wait()
    assert len(displays) == 3, "all three are updated in place"
    assert coming.ready
    assert [choice["name"] for choice in coming.choices] == [f"@1 {MODELS[0]}", f"@2 {MODELS[1]}"]
    compared(session, "bad").wait()
    assert displays[-1].states[-1] == {"text/plain": ""}, "no picture has nothing to compare"


def test_a_comparison_begins_with_two_models(session, displays):
    compared(session, "a cat", takes=2).wait()
    (slider,) = displays[-1].states
    names = {choice["id"]: choice["name"] for choice in slider.choices}
    assert len(names) == 4
    assert [names[id_].partition(" ")[2] for id_ in slider.pair] == list(MODELS)


def test_a_comparison_keeps_its_room_where_one_of_two_fails(session, relay, displays):
    ordinary = relay.answer
    relay.answer = lambda body: ordinary(
        body if body["model"] == MODELS[0] else body | {"prompt": "bad"}
    )
    compared(session, "a cat").wait()
    (slider,) = displays[-1].states
    sent = []
    slider.send = lambda content, buffers: sent.append((content["reasons"], buffers))
    slider._answer(None, {"ids": list(slider.pair)}, [])
    ((reasons, pictures),) = sent
    assert [bool(picture) for picture in pictures] == [True, False]
    assert reasons[0] == ""
    assert "refused by our safety system" in reasons[1]


def test_a_vote_needs_a_choice(session):
    with pytest.raises(OptionError, match="Did you mean model"):
        drawn().blind("modle")
    with pytest.raises(OptionError, match="1 value"):
        nbext.sweep("a cat", model=MODELS[0]).blind()
    with pytest.raises(OptionError, match="no two pictures"):
        nbext.sweep("bad", model=MODELS).blind()


# A judge


def test_a_judge_scores_once_and_keeps_reasons_and_cost(session, relay):
    sweep = drawn()
    judgement = sweep.judge("is it plain?", model="gpt-4o")
    assert relay.judged == 6
    assert sorted(score.score for score in judgement.scores.values()) == [1, 2, 2, 3, 4, 5]
    assert judgement.cost == pytest.approx(0.06)
    first = session.history[1]
    (note,) = (v for k, v in first.record.changes.items() if k.startswith("judge."))
    assert note["reasons"] == "it is plain"
    answer = session.history[judgement.scores[1].by]
    assert (answer.kind, answer.id, answer.cost) == ("chat", note["by"], 0.01)
    assert [item.drawing for item in answer.record.references] == [first.id]
    before = lines(session)
    assert sweep.judge("is it plain?", model="gpt-4o").scores == judgement.scores
    assert (relay.judged, lines(session)) == (6, before), "nothing is asked or written twice"
    assert set(judgement.mean("animal")) == {"cat", "dog", "hen"}
    second = sweep.judge("is it plain?", model="gpt-4.1")
    assert judgement.agreement(second).drawings == 6
    assert {"score gpt-4o", "score gpt-4.1"} <= set(sweep.rows()[0])


def test_a_judge_is_asked_for_and_bad_ones_are_told(session, monkeypatch):
    sweep = drawn()
    with pytest.raises(OptionError, match="rubric is empty"):
        sweep.judge("  ")
    with pytest.raises(OptionError, match="not a scale"):
        sweep.judge("plain?", scale=1)
    session.settings.confirm_above = 3
    monkeypatch.setattr(session_module, "ask_in_cell", lambda _: False)
    with pytest.raises(BudgetError):
        sweep.judge("plain?")
    with pytest.raises(OptionError, match="two judges"):
        sweep.judge("plain?", yes=True).agreement()


def test_what_a_judge_did_not_score_is_asked_for_anew(session, relay):
    """In prose, out of range, refused: told with the number, and paid for; a score in prose counts."""
    sweep = nbext.sweep("a {animal}", animal=["cat", "dog", "hen", "fox"], model=MODELS[0])
    score = '{"reasons": "三只气球。", "score": 4, "sure": true}'
    contents = ["I like it: 4 of 5", score.replace("4", "9"), "", f"Here it is: {score} Bye."]

    def reply(body):
        content = contents.pop(0)
        message = {"role": "assistant", "content": content}
        message |= {} if content else {"refusal": "I judge nobody."}
        choices = [{"message": message, "finish_reason": "stop"}]
        return {"choices": choices, "usage": {"cost": 0.01}}

    relay.answer = reply
    session.settings.max_concurrent = 1
    judgement = sweep.judge("恰好有三只气球", model="gpt-4o")
    reasons = [judgement.failures[d.number] for d in sweep[:3]]
    for reason, words in zip(reasons, ["shape score", "maximum of 5", "nobody"], strict=True):
        assert words in reason
    assert [(one.score, one.reasons) for one in judgement.scores.values()] == [(4, "三只气球。")]
    assert judgement.cost == pytest.approx(0.04)
    contents += [score] * 3
    again = sweep.judge("恰好有三只气球", model="gpt-4o")
    assert (len(again.scores), again.failures, contents) == (4, {}, [])
    assert sweep.judge("恰好有三只气球", model="gpt-4o").scores == again.scores, "nothing is sent"


def test_agreement_is_what_the_books_say():
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C: 0.849.
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
    units = [[score for score in column if score] for column in zip(*table, strict=True)]
    assert krippendorffs_alpha(units) == pytest.approx(0.849, abs=5e-4)
    # Weights (i - j)²: observed 2/4, expected by hand 22/16.
    assert cohens_kappa([(1, 1), (2, 2), (3, 2), (1, 2)]) == pytest.approx(1 - (2 / 4) / (14 / 16))
    assert cohens_kappa([(2, 2), (2, 2)]) is None
    assert str(Agreement(judges=2, drawings=3, exact=1.0, kappa=0.5, alpha=None)).endswith(
        "kappa 0.50"
    )


# Before anything is sent


def test_the_estimate_says_count_price_and_time(session, relay):
    relay.files["/v1/models"] = {
        "data": [{"id": MODELS[0], "pricing": {"request": "0.02"}}, {"id": MODELS[1]}]
    }
    nbext.draw("a cat", model=MODELS[0])
    posts = relay.posts
    size = nbext.sweep("a {x}", x=["cat", "dog"], model=MODELS, n=2, dry_run=True)
    assert relay.posts == posts
    assert (size.drawings, size.new) == (8, 7)
    assert [model.new for model in size.models] == [3, 4]
    assert size.models[0].cost.usd == pytest.approx(0.06), "the endpoint's own price"
    assert size.models[0].seconds == pytest.approx(session.history[1].elapsed)
    assert f"{MODELS[0]}: 3 · about 0.06 USD" in str(size)


def test_a_typo_in_a_model_costs_nothing(session, relay):
    relay.files["/v1/models"] = {"data": [{"id": model} for model in MODELS]}
    nbext.draw("a cat", model=MODELS[0])
    posts = relay.posts
    with pytest.raises(
        OptionError,
        match=r"does not offer the model gpt-image-22\. Nothing was sent\. Did you mean",
    ):
        nbext.sweep("a {x}", x=["cat", "dog"], model=[MODELS[0], "gpt-image-22"])
    assert relay.posts == posts
    # Another number is no typo: it may be newer than the list.
    nbext.draw("a dog", model="gpt-image-3")
    assert relay.posts == posts + 1
    relay.files["/v1/models"] = {"data": [{"id": "gpt-image-4"}]}
    session.connection._models.clear()
    nbext.sweep("a fox", model=MODELS[0])  # It is not on the list: so the list is not whole.


def test_what_a_family_does_not_take_is_told_first(session, relay):
    with pytest.raises(OptionError, match="Nothing was sent"):
        nbext.sweep("a {x}", x=["cat"], model=MODELS[1], quality=["low", "superb"])
    assert relay.posts == 0
    assert len(session.history) == 0


def test_a_cell_in_yaml(session, tmp_path, capsys):
    (tmp_path / "rows.csv").write_text("animal\ncat\ndog\n")
    session.names = {"mood": "happy"}
    shell = SimpleNamespace(kernel=None, user_ns=session.names)
    body = f"prompt: a {{mood}} {{animal}}\ntable: rows.csv\nmodel: [{', '.join(MODELS)}]\n"
    sweep_magic(shell, "--dry-run", body)
    assert "4 drawings · 0 recorded · 4 to send to 127.0.0.1" in capsys.readouterr().out
    sweep = sweep_magic(shell, "--as s", body)
    assert [d.prompt for d in sweep] == ["a happy cat"] * 2 + ["a happy dog"] * 2
    assert session.names["s"] is sweep


def test_it_is_indexed_by_place_and_by_values(session):
    s = nbext.sweep("a {animal}", animal=["cat", "dog"], model=MODELS[0])
    cat, dog = s
    assert (s[0].id, s[-1].id) == (cat.id, dog.id)
    assert [d.id for d in s[:1]] == [cat.id]
    assert [d.id for d in s[{"animal": "dog"}]] == [dog.id]
    with pytest.raises(OptionError, match=r"no value 'cats'\. Did you mean cat"):
        s[{"animal": "cats"}]
    with pytest.raises(OptionError, match="Its values: cat, dog"):
        s[{"animal": "zebra"}]
    with pytest.raises(OptionError, match="is not an axis"):
        s["dog"]
    with pytest.raises(IndexError):
        s[2]


def test_its_page_has_a_title(session, tmp_path):
    s = nbext.sweep("a {animal}", animal=["cat", "dog"], model=MODELS[0])
    assert "<title>Two animals" in s.to_html(tmp_path / "s.html", title="Two animals").read_text()
