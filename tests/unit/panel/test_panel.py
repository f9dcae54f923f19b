"""The panel's handlers, called as functions."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from ipywidgets import Text, link

import nbext
from nbext.config.settings import Nbext
from nbext.data.options import Options
from nbext.data.request import Reference
from nbext.errors import OptionError
from nbext.panel.actions import options_of
from nbext.panel.panel import Panel
from nbext.session.session import Session
from tests.sinks import picture


def drawn(panel, wait, prompt="画只猫", **asked):
    before = len(panel.session.history)
    panel.start(Options(prompt=prompt, model="gpt-4o-image", **asked))
    wait(lambda: panel.drawing is not None and panel.drawing.number > before)
    return panel.drawing


def press(panel, **values):
    """Press *Draw*, with what stands in the fields of the page."""
    panel.pages["form"].say("draw", values=values)


def test_it_draws_and_says_so(panel, wait):
    stage = panel.pages["stage"]
    panel.prompt = "画只猫"
    panel.form.shapes.value = "2:3"
    panel.draw()
    drawing = wait(lambda: panel.drawing)
    assert drawing.prompt == "画只猫"
    assert drawing.parameters == {"aspect": "2:3"}
    said, buffers = wait(lambda: [s for s in stage.of("show") if s[0]["drawing"]])[0]
    assert said["drawing"]["caption"].startswith("@1 · gpt-4o-image")
    assert len(buffers) == 1
    states = [content["state"] for content, _ in stage.of("job")]
    assert set(states) == {"running"}
    assert wait(lambda: stage.of("gone"))
    order = [content["do"] for content, _ in stage.heard]
    shown = stage.heard.index((said, buffers))
    assert order.index("gone") > shown, "its card stays until the picture is there"
    assert wait(lambda: panel.pages["gallery"].of("changed"))


def test_several_draws_at_once(panel, wait):
    for animal in ("a cat", "a dog", "a fox"):
        panel.start(Options(prompt=animal, model="gpt-4o-image"))
    assert len(panel._jobs) == 3
    wait(lambda: not panel._jobs)
    assert {d.prompt for d in panel.session.history} == {"a cat", "a dog", "a fox"}


def test_a_double_click_is_one_request(panel, wait):
    panel.prompt = "a cat"
    for _ in range(3):
        press(panel)
    panel.pages["form"].say("draw", values={"prompt": "a cat"})
    assert len(panel._jobs) == 1
    drawing = wait(lambda: panel.drawing)
    wait(lambda: not panel._jobs)
    for _ in range(2):
        panel.pages["stage"].say("act", name="again", id=drawing.id)
    assert len(panel._jobs) == 1
    panel.prompt = "a dog"
    press(panel)
    assert len(panel._jobs) == 2
    panel.cancel(list(panel._jobs)[-1])
    press(panel)
    assert len(panel._jobs) == 2
    wait(lambda: len(panel.session.history) >= 3 and not panel._jobs)


def test_cancel_ends_the_request(panel, wait):
    job = panel.start(Options(prompt="a snail", model="embedded-slow"))
    wait(lambda: len(panel.session.history))
    panel.pages["stage"].say("cancel", id=job.id)
    wait(lambda: panel.session.history[1].error)
    assert panel.session.history[1].error.type == "Interrupted"
    heard = [content["do"] for content, _ in panel.pages["stage"].heard]
    assert "job" not in heard[heard.index("gone") :], "the row came back"
    gallery = panel.pages["gallery"]
    gallery.say("find", turn=1, first=0, last=9)
    tiles = wait(lambda: [item for c, _ in gallery.of("thumbs") for item in c["items"]])
    assert [tile["failure"] for tile in tiles] == ["cancelled"]


def test_a_failure_stays_until_it_is_dismissed(panel, wait):
    stage = panel.pages["stage"]
    panel.start(Options(prompt="x", model="embedded-refuses"))
    failed = wait(lambda: [c for c, _ in stage.of("job") if c["state"] == "failed"])[-1]
    assert failed["words"]
    assert failed["remedy"]
    stage.say("retry", id=failed["id"])
    assert len(panel._jobs) == 1
    again = next(iter(panel._jobs))
    wait(lambda: panel._jobs[again].state == "failed")
    stage.say("dismiss", id=again)
    assert panel._jobs == {}


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), ValueError("odd")])
@pytest.mark.parametrize(
    "step",
    [
        *("grid.cell_of", "gallery.refresh"),
        *("_show_end", "_turn_to", "_show_drawing", "actions.renew", "_account"),
    ],
)
def test_a_job_ends_whatever_fails_as_its_end_is_shown(panel, wait, monkeypatch, step, error):
    """A card that stayed would say for ever that it is being drawn."""
    *path, name = step.split(".")
    owner = panel
    for part in path:
        owner = getattr(owner, part)
    real, failures = getattr(owner, name), []

    def fail_once(*arguments):
        if not failures and panel.session.history:
            failures.append(error)
            raise error
        return real(*arguments)

    job = panel.start(Options(prompt="a cat", model="gpt-4o-image"))
    monkeypatch.setattr(owner, name, fail_once)
    wait(lambda: not panel._jobs or job.state == "failed")
    assert len(panel.session.history) == 1
    assert failures
    if job.state != "failed":
        said = wait(lambda: [s for s, _ in panel.pages["stage"].of("say") if s["error"]])
        words = {MemoryError: "not enough memory", ValueError: "odd"}
        assert words.get(type(error), "") in said[-1]["text"]
    panel.start(Options(prompt="a dog", model="gpt-4o-image"))
    wait(lambda: panel.drawing is not None and panel.drawing.prompt == "a dog")
    wait(lambda: not panel._jobs or job.state == "failed")


def test_takes_stand_beside_one_another(panel, wait):
    stage = panel.pages["stage"]
    panel.form.takes = 3
    panel.prompt = "a lighthouse"
    panel.draw()
    wait(lambda: panel.drawing)
    shown = wait(lambda: [s for s in stage.of("show") if s[0]["drawing"]])[-1]
    assert [p["name"] for p in shown[0]["drawing"]["pictures"]] == ["@1", "@2", "@3"]
    assert len(shown[1]) == 4
    third = shown[0]["drawing"]["pictures"][2]
    stage.say("pick", id=third["id"], index=0)
    assert panel.drawing.number == 3


def test_the_traits_are_readable_settable_and_linkable(panel, session, wait):
    field = Text()
    link((panel, "prompt"), (field, "value"))
    field.value = "from a field"
    assert panel.form.prompt == "from a field"
    panel.model = "nano-banana"
    assert panel.form.chooser.value == "nano-banana"
    panel.images = [picture()]
    assert panel.form.zone.images == panel.images
    drawing = session.draw("a tree")
    panel.drawing = drawing
    wait(
        lambda: [
            s
            for s in panel.pages["stage"].of("show")
            if (s[0]["drawing"] or {}).get("id") == drawing.id
        ]
    )
    assert panel.history is session.history
    field.close()


def test_made_with_everything(session):
    first = session.draw("a tree")
    panel = Panel(session=session, model="gpt-image-1", compact=True, prompt="hello", drawing=first)
    assert (panel.prompt, panel.model, panel.drawing) == ("hello", "gpt-image-1", first)
    assert "mask" in panel.form.offered
    assert "system" not in panel.form.fields
    data = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("nbext.Panel of cats.draws: run this cell")
    assert len(data["image/jpeg"]) < 20_000
    panel.close()


@pytest.mark.parametrize("way", ["shown", "a page", "draw"])
def test_in_a_kernel_it_is_filled_once_it_is_used(session, page, wait, monkeypatch, way):
    first = session.draw("a tree")
    shell = SimpleNamespace(
        kernel=object(), magics_manager=SimpleNamespace(magics={"cell": {"draw": None}})
    )
    monkeypatch.setattr("nbext.panel.panel.shell_of_process", lambda: shell)
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: outputs.append(data))
    panel = Panel(session=session, model="gpt-image-1")
    gallery, pulse = page(panel.gallery), page(panel.pulse)
    assert (panel.drawing, panel.form.fields) == (first, [])
    if way == "shown":
        panel._ipython_display_()
        assert outputs[0]["text/plain"].startswith("nbext.Panel of cats.draws: run this cell")
    elif way == "a page":
        pulse.say("hello", language="en")
    else:
        panel.prompt = "a cat"
        panel.draw()
        wait(lambda: not panel._jobs and len(session.history) == 2)
    gallery.say("find", turn=1, first=0, last=9)
    # Those that are ready come first, in messages of their own.
    wait(lambda: first.id in [item["id"] for c, _ in gallery.of("thumbs") for item in c["items"]])
    # Behind them comes what the form offers.
    wait(lambda: "mask" in panel.form.offered)
    wait(lambda: "gpt-4o-image" in panel.form.chooser.options)
    panel.close()


def test_an_unknown_endpoint_is_said_in_the_panel(session):
    panel = Panel(session=session, endpoint="nowhere")
    said = []
    panel.stage.send = lambda content, buffers=None: said.append(content)
    panel.start(Options(prompt="x", model="m"))
    panel._new_model()
    assert any("nowhere" in str(content.get("text")) for content in said)
    panel.close()


def test_a_keyring_is_asked_when_the_page_is_there(tmp_path, monkeypatch, page, wait):
    """A locked one lets its user wait, and each takes as long to load as the panel itself."""
    asked = []
    monkeypatch.setattr("nbext.config.keys._keyring", lambda: asked.append("keyring"))
    monkeypatch.setattr("nbext.config.keys._answers", {})
    session = Session(tmp_path / "cats.draws", chosen=Nbext())
    panel = Panel(session=session)
    assert asked == []
    assert panel.form.fields
    page(panel.gallery).say("find", turn=1)
    wait(lambda: asked)
    panel.close()
    session.run(session.close())
    session.runner.close()


def test_only_what_the_model_has_is_asked(panel):
    panel.prompt = "x"
    panel.form.system = "paint"
    panel.form.seed = "7"
    panel.form.zone.images = [picture()]
    panel.form.zone.mask = Reference.of(picture())
    options = panel.form.options()
    assert (options.system, options.seed, options.mask) == ("paint", 7, None)
    panel.model = "gpt-image-2"
    options = panel.form.options()
    assert (options.system, options.seed, options.mask is None) == ("", None, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [("seed", "seven"), ("extra", "{"), ("extra", "[1]"), ("extra", "[" * 100_000)],
)
def test_a_field_that_makes_no_sense(panel, field, value):
    panel.prompt = "x"
    setattr(panel.form, field, value)
    with pytest.raises(OptionError):
        panel.form.options()


def test_every_widget_hears_on_the_shell_that_the_page_asks_for(session, monkeypatch):
    from ipykernel.comm.comm import BaseComm

    if not hasattr(BaseComm, "_reply_subshell_for"):
        pytest.skip("this ipykernel hands messages where the page says")
    monkeypatch.setattr("comm.create_comm", BaseComm)
    panel = Panel(session=session)
    for widget in (panel, *panel.parts, *panel.form.parts):
        assert widget.comm._reply_subshell_for is None, widget
    panel.close()


def test_an_error_in_a_handler_is_shown(panel, monkeypatch):
    monkeypatch.setattr("nbext.panel.panel.DOUBLE", 0.0)
    panel.pages["form"].say("draw", values={"prompt": ""})
    assert "Enter a prompt first." in panel.form.complaint
    panel.form.options = lambda: 1 / 0
    panel.pages["form"].say("draw", values={"prompt": "x"})
    assert "ZeroDivisionError" in panel.pages["stage"].last("say")[0]["text"]


def test_a_style_is_put_around_the_prompt(session, wait):
    session.settings.styles = {"ink": "{prompt}, ink on rice paper"}
    panel = Panel(session=session, prompt="a cat")
    panel.form.style = "ink"
    panel.draw()
    assert wait(lambda: panel.drawing).prompt == "a cat, ink on rice paper"
    panel.close()


def test_the_page_speaks_chinese(panel):
    panel.pages["pulse"].say("hello", language="zh-CN")
    assert panel.form.button == "绘制"
    assert panel.stage.words["edit"] == "修改此图"
    assert panel.form.words["no_style"] == "无"


def test_the_drawing_that_is_shown_is_captioned_in_chinese(panel, wait):
    drawn(panel, wait)
    panel.pages["pulse"].say("hello", language="zh-CN")
    stage = panel.pages["stage"]

    def captions():
        return [s["drawing"]["caption"] for s, _ in stage.of("show") if s["drawing"]]

    assert wait(lambda: any(text.endswith("内置端点，草图") for text in captions()))


def test_tags_are_parted_by_commas_of_both_kinds(panel, wait):
    drawing = drawn(panel, wait)
    written = {"tags": "终稿，封面, ink 、a cat", "note": ""}
    panel.pages["stage"].say("act", name="annotate", id=drawing.id, index=0, **written)
    assert drawing.tags == ["终稿", "封面", "ink", "a cat"]


def test_actions(panel, wait):
    stage, pulse = panel.pages["stage"], panel.pages["pulse"]
    drawing = drawn(panel, wait)

    def act(name, **more):
        stage.say("act", name=name, id=drawing.id, index=0, **more)

    act("star")
    assert drawing.starred
    act("star")
    assert not drawing.starred
    act("copy")
    assert pulse.last("copy")[0]["text"] == "画只猫"
    act("cell")
    assert pulse.last("cell")[0] == {
        "do": "cell",
        "text": "%%draw gpt-4o-image\n画只猫",
        "run": False,
    }
    act("code", language="Python")
    assert "画只猫" in stage.last("code")[0]["text"]
    act("code", language="curl", copy=True)
    assert pulse.last("copy")[0]["text"].splitlines()[1].startswith("curl")
    act("save")
    content, buffers = pulse.last("file")
    assert content["name"] == "cats-1.png"
    assert buffers[0].startswith(b"\x89PNG")
    act("reference")
    act("reference")
    assert [p.name for p in panel.images] == ["@1", "@1"]
    act("edit")
    assert [p.name for p in panel.images] == ["@1"]
    assert panel.prompt == ""
    act("keep")
    assert pulse.last("cell")[0]["text"] == "import nbext\nnbext.history[1]"
    pulse.say("inserted", done=False, copied=True)
    assert "clipboard" in stage.last("say")[0]["text"]
    act("code", language="Klingon")
    assert stage.last("say")[0]["error"]
    stage.say("act", name="save", id="nobody")
    assert "no longer" in stage.last("say")[0]["text"]


def test_more_like_it_is_the_same_request(panel, wait):
    drawing = drawn(panel, wait, aspect="2:3", images=(picture(),), params={"flag": True})
    asked = options_of(drawing)
    request = panel.session.run(panel.session.plan(asked))
    assert request.fingerprint() == drawing.record.fingerprint
    panel.pages["stage"].say("act", name="again", id=drawing.id)
    wait(lambda: len(panel.session.history) == 2 and not panel._jobs)


def test_kept_drawings_share_one_place(panel, wait):
    class Place:
        def __init__(self):
            self.shown = []

        def update(self, data, metadata=None, raw=False):
            self.shown.append((data, metadata))

    place = Place()
    panel.actions.placed(place)
    first, second = drawn(panel, wait), drawn(panel, wait)
    assert "image/jpeg" in place.shown[-1][0], "a still, for when the panel is gone"
    panel.actions.keep(first)
    assert place.shown[-1][1]["nbext"]["number"] == 1
    panel.actions.keep(second)
    panel.actions.keep(second)
    assert [d["number"] for d in place.shown[-1][1]["nbext"]["drawings"]] == [1, 2]
    assert panel.pages["pulse"].last("page")[0]["outputs"] == 2
    panel.pages["pulse"].say("unkept", id=second.id)
    assert panel.pages["pulse"].last("cell")[0]["run"]


def test_tools_replace_one_another(panel, wait):
    drawing = drawn(panel, wait)
    panel.actions.compare(drawing, 0)
    panel.actions.mask(drawing, 0)
    assert panel.tool == "painter"
    panel.painter.painted(Reference.of(picture()))
    assert panel.tool == ""
    assert panel.form.zone.mask is not None
    assert [p.name for p in panel.images] == ["@1"]


def test_what_a_cell_draws_is_in_the_history_by_the_next_beat(panel, session, wait, monkeypatch):
    monkeypatch.setattr("nbext.panel.heartbeat.BEAT", 0.01)
    gallery = panel.pages["gallery"]
    panel.pages["pulse"].say("hello", language="en")
    wait(lambda: len(panel.pages["pulse"].of("beat")) > 5)
    quiet = len(gallery.of("changed"))
    wait(lambda: len(panel.pages["pulse"].of("beat")) > 9)
    assert len(gallery.of("changed")) == quiet, "nothing is asked for where nothing has changed"
    drawing = session.draw("a cat")
    wait(lambda: len(gallery.of("changed")) > quiet)
    session.budget.settle(None)
    wait(lambda: "1 sent" in panel.form.spent)
    quiet = len(gallery.of("changed"))
    drawing.star()
    wait(lambda: len(gallery.of("changed")) > quiet)


def test_a_star_that_a_cell_takes_back_leaves_the_page(panel, session, wait, monkeypatch):
    monkeypatch.setattr("nbext.panel.heartbeat.BEAT", 0.01)
    stage, drawing = panel.pages["stage"], drawn(panel, wait)
    panel.pages["pulse"].say("hello", language="en")

    def starred():
        views = [content["drawing"] for content, _ in stage.of("show") if content["drawing"]]
        return views[-1]["starred"] if views else None

    stage.say("act", name="star", id=drawing.id, index=0)
    wait(starred)
    session.history.undo()
    wait(lambda: starred() is False)
    # What is written in the page comes back to it only as a line.
    shown = len(stage.of("show"))
    stage.say("act", name="annotate", id=drawing.id, index=0, tags="", note="the best")
    beats = len(panel.pages["pulse"].of("beat"))
    wait(lambda: len(panel.pages["pulse"].of("beat")) > beats + 3)
    assert len(stage.of("show")) == shown
    session.history.undo()
    wait(lambda: stage.last("show")[0]["drawing"]["note"] == "" and len(stage.of("show")) > shown)


def test_a_history_that_cannot_be_written_is_said(panel, session, wait):
    session.store.folder.write_text("a file stands in the folder's place")
    drawn(panel, wait)
    said, _ = wait(lambda: panel.pages["stage"].of("say"))[-1]
    assert "is only in this kernel's memory" in said["text"]
    assert said["error"]


def test_a_model_without_references_takes_none(panel):
    data = picture()
    piece = {"id": "a", "name": "cat.png", "at": 0, "total": len(data)}
    panel.form.offer(frozenset({"seed"}))
    panel.pages["zone"].say("piece", [data], **piece)
    assert panel.images == []
    assert panel.pages["zone"].last("taken")[0]["ok"] is False
    said = panel.pages["stage"].last("say")[0]["text"]
    assert said == "gpt-4o-image takes no reference pictures."
    panel.form.offer(frozenset({"images"}))
    panel.pages["zone"].say("piece", [data], **piece)
    assert len(panel.images) == 1


def test_another_notebooks_history(panel, session, tmp_path, wait):
    session.draw("from elsewhere")
    other = nbext.open(tmp_path / "cats.draws")
    panel.history = other
    panel.pages["gallery"].say("find", turn=1)
    assert panel.pages["gallery"].last("matches")[0]["total"] == 1
    panel.drawing = other[1]
    shown = wait(
        lambda: [s[0]["drawing"] for s in panel.pages["stage"].of("show") if s[0]["drawing"]]
    )
    assert shown[-1]["live"] is False


def test_no_picture_stays_in_a_trait(panel, wait):
    for _ in range(3):
        drawn(panel, wait, images=[picture(size=(600, 400))])
    for part in (panel, panel.stage, panel.gallery, panel.pulse, panel.form.zone):
        state = part.get_state()
        assert not any(isinstance(value, bytes | memoryview) for value in state.values())
        assert len(str(state)) < 40_000


def test_handlers_on_many_threads(panel, wait):
    def press():
        panel.start(Options(prompt="a cat", model="gpt-4o-image"))
        panel.pages["gallery"].say("find", turn=1, text="cat")

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait(lambda: not panel._jobs)
    assert len(panel.session.history) == 6
    assert sorted(d.number for d in panel.session.history) == [1, 2, 3, 4, 5, 6]


def test_the_newest_drawing_is_there_on_opening(session):
    session.run(session.adraw("a cat", model="embedded"))
    last = session.run(session.adraw("a dog", model="embedded"))
    panel = Panel(session=session)
    assert panel.drawing == last
    panel.close()


def test_a_failure_says_that_it_may_have_been_billed(panel):
    from nbext.errors import ModerationError

    job = panel.start(Options(prompt="a cat", model="embedded-slow"))
    remedy = "Add --via images, or so. Try another."
    job.fail(ModerationError("The model refused.", remedy=remedy, maybe_billed=True))
    (failed, _) = panel.pages["stage"].last("job")
    assert failed["words"] == "The model refused. It may have been billed."
    assert failed["remedy"] == "Try another."
    panel.cancel(job.id)


def test_draw_is_off_where_only_recorded_pictures_are_shown(session):
    session.settings.replay = "only"
    panel = Panel(session=session, prompt="a cat")
    assert panel.form.off
    assert "recorded pictures only" in panel.form.spent
    panel._press()
    assert not panel._jobs
    panel.close()


def test_all_that_a_drawing_was_made_of_fills_the_form(panel, wait):
    panel.prompt, panel.model = "a cat", "gpt-4o-image"
    panel.form.shapes.value, panel.form.seed = "2:3", "7"
    panel.draw()
    drawing = wait(lambda: panel.drawing)
    panel.prompt, panel.form.shapes.value, panel.form.seed = "x", "", ""
    panel.pages["stage"].say("act", name="reuse", id=drawing.id, index=0)
    options = panel.form.options()
    assert (options.prompt, options.aspect, options.seed) == ("a cat", "2:3", 7)


def test_the_large_view_goes_through_the_history(session, page, wait):
    numbers = [session.run(session.adraw(p, model="embedded")).number for p in ("a", "b", "c")]
    panel = Panel(session=session)
    stage = page(panel.stage)
    stage.say("step", id=panel.drawing.id, index=0, by=1)
    assert panel.drawing.number == numbers[1]
    stage.say("step", id=panel.drawing.id, index=0, by=-1)
    stage.say("step", id=panel.drawing.id, index=0, by=-1)
    assert panel.drawing.number == numbers[2]
    stage.say("whole", id=panel.drawing.id, index=0)
    content, (data,) = wait(lambda: stage.of("whole"))[-1]
    assert data == panel.drawing.pictures[0].data
    assert content["type"] == panel.drawing.pictures[0].media_type
    panel.close()


def test_export_says_how_far_it_is(session, page, wait):
    session.run(session.adraw("a cat", model="embedded"))
    panel = Panel(session=session)
    gallery = page(panel.gallery)
    gallery.say("export")
    wait(lambda: [m for m, _ in gallery.of("export") if m["state"] == "ready"])
    states = [(m["state"], m.get("done")) for m, _ in gallery.of("export")]
    assert states == [("running", 0), ("running", 1), ("ready", None)]
    panel.close()


def test_several_models_draw_side_by_side(panel, wait):
    stage = panel.pages["stage"]
    panel.model = "gpt-image-2, gemini-2.5-flash-image，embedded-refuses"
    assert panel.form.button == "Draw with 3 models"
    assert "mask" not in panel.form.fields, "only what all of them take"
    panel.prompt = "a cat"
    panel.draw()
    grid, _ = stage.last("grid")
    assert grid["models"] == ["gpt-image-2", "gemini-2.5-flash-image", "embedded-refuses"]
    assert [row["prompt"] for row in grid["rows"]] == ["a cat"]
    cells = grid["rows"][0]["cells"]
    wait(lambda: len(stage.of("filled")) == 2)
    assert {c["job"] for c, (thumb,) in stage.of("filled") if thumb} == {
        cells[m]["job"] for m in grid["models"][:2]
    }
    (failed,) = [c for c, _ in wait(lambda: [m for m in stage.of("over") if m[0]["error"]])]
    assert failed["job"] == cells["embedded-refuses"]["job"]
    assert panel.drawing is None, "the grid stays until one of it is opened"
    assert stage.last("show")[0]["grid"]
    first = stage.of("filled")[0][0]["id"]
    stage.say("open", id=first)
    shown = wait(lambda: [c for c, _ in stage.of("show") if c["drawing"]])[-1]
    assert (shown["drawing"]["id"], shown["grid"], shown["drawing"]["grid"]) == (first, False, True)
    stage.say("see_grid")
    wait(lambda: stage.last("show")[0]["grid"])
    # Another prompt is another row; what failed can be tried again in its place.
    stage.say("retry", id=failed["job"])
    assert len(panel._jobs) == 1
    panel.model, panel.prompt = "gpt-image-2, gpt-4o-image", "a dog"
    panel.draw()
    assert [row["prompt"] for row in stage.last("grid")[0]["rows"]] == ["a dog", "a cat"]
    wait(lambda: len({c["id"] for c, _ in stage.of("filled")}) == 4)
    stage.heard.clear()
    stage.say("hello")
    wait(lambda: len(stage.of("filled")) == 4)


def test_a_name_that_means_nothing_is_said_beside_the_button(panel, session):
    session.names = {"animal": "cat"}
    panel.pages["form"].say("draw", values={"prompt": "a {anmal}"})
    assert "Did you mean animal?" in panel.form.complaint
    panel.pages["form"].say("draw", values={"prompt": "a {animal} and {{name}}", "takes": "x"})
    assert not panel.form.complaint
    (job,) = panel._jobs.values()
    assert job.options.prompt == "a cat and {name}"
