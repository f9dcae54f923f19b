"""Each way in asks alike: the same progress, caption, warnings, interrupt, words and record."""

from __future__ import annotations

import _thread
import asyncio
import re
import threading
from types import SimpleNamespace

import IPython.display
import pytest

import nbext
from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.data.options import Options
from nbext.errors import OptionError, RequestError
from nbext.magics import asking
from nbext.session import current
from nbext.session.session import Session
from tests.records import picture
from tests.until import until

PROMPT = "a cat"
# Draws, says how far it is, and takes no pixels: a warning.
MODEL = "gpt-4o-image"
OPTIONS = {"model": MODEL, "size": "1024x1024"}
LINE = f"{MODEL} --size 1024x1024"


class Output:
    """A place under the cell: what stood there, the last of it at the end."""

    def __init__(self, data):
        self.states = [data]

    def update(self, data, **_):
        self.states.append(data)

    @property
    def text(self):
        return self.states[-1].get("text/plain", "")


class Page:
    """What a cell shows."""

    def __init__(self):
        self.outputs = []

    def display(self, data, *_, **how):
        output = Output(data)
        self.outputs.append(output)
        return output if how.get("display_id") else None

    @property
    def shown(self):
        """What stands there at the end, empty places left out: the kind of each output."""
        last = [output.states[-1] for output in self.outputs]
        return [
            "picture" if "image/png" in data or "image/jpeg" in data else "words"
            for data in last
            if data.get("text/plain") or "image/png" in data
        ]

    @property
    def captions(self):
        words = [o for o in self.outputs if "image/png" not in o.states[-1]]
        texts = [output.text for output in words]
        return [text.splitlines()[0] for text in texts if re.match(r"@\d|[\w-]+ · ", text)]

    @property
    def bars(self):
        """How many outputs were a progress bar at some time."""
        return sum(
            any("progressbar" in state.get("text/html", "") for state in output.states)
            for output in self.outputs
        )


@pytest.fixture
def page(monkeypatch):
    page = Page()
    monkeypatch.setattr(IPython.display, "display", page.display)
    return page


@pytest.fixture
def session(tmp_path, endpoint, monkeypatch, page):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    session = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
    session.shell = SimpleNamespace(kernel=object(), user_ns=session.names, execution_count=7)
    session.cell = lambda: Cell(id="c1", execution_count=7)
    monkeypatch.setattr(current, "_session", session)
    monkeypatch.setattr(current, "_looking", False)
    yield session
    session.run(session.close())
    session.runner.close()


def parent(session):
    """A drawing of the same request, made without a word."""
    shell, session.shell = session.shell, None
    drawing = session.ask(Options(prompt=PROMPT, **OPTIONS)).wait()
    session.shell = shell
    return drawing


def by_panel(session, model):
    from nbext.panel.panel import Panel

    panel = Panel(session=session)
    try:
        job = panel.start(Options(prompt=PROMPT, **{**OPTIONS, "model": model}))
        return job.reply.wait()
    finally:
        panel.close()


WAYS = {
    "%%draw": lambda s, m: asking.run(s.shell, "draw", LINE.replace(MODEL, m), PROMPT),
    "%draw": lambda s, m: asking.run(
        s.shell, "draw", f"-m {LINE.replace(MODEL, m)} {PROMPT}", None
    ),
    "nbext.draw": lambda s, m: nbext.draw(PROMPT, **OPTIONS | {"model": m}),
    "nbext.adraw": lambda s, m: asyncio.run(nbext.adraw(PROMPT, **OPTIONS | {"model": m})),
    "request.draw": lambda s, m: nbext.request(PROMPT, **OPTIONS | {"model": m}).draw(),
    "again": lambda s, m: parent(s).again(model=m),
    "again(below)": lambda s, m: parent(s).again(below=True, model=m)[0],
    "session.draw": lambda s, m: s.draw(PROMPT, **OPTIONS | {"model": m}),
    "start": lambda s, m: s.ask(Options(prompt=PROMPT, **OPTIONS | {"model": m})).start().wait(),
    "edit": lambda s, m: parent(s).edit("make it night", size="1024x1024", model=m),
}
IN_CELL = [pytest.param(way, id=name) for name, way in WAYS.items()]


def settled(record):
    """What a record says of the request, whichever way it came."""
    return (
        record.kind,
        record.parameters,
        (record.cell, record.execution_count),
        record.wire,
        record.take,
    )


@pytest.mark.parametrize("way", IN_CELL)
def test_progress_caption_picture_warning_and_record(way, session, page, capsys):
    drawing = way(session, MODEL)
    assert page.bars == 1
    (caption,) = page.captions
    assert caption == drawing.caption()
    assert page.shown == ["words", "picture"], "a caption over its own picture"
    (warning,) = set(capsys.readouterr().err.splitlines())
    assert warning.startswith("nbext: With chat, gpt-4o-image takes a ratio")
    assert settled(drawing.record) == (
        "draw",
        {"size": "1024x1024"},
        ("c1", 7),
        "chat",
        0,
    )


def test_the_panel_has_the_same_in_its_own_place(session, page, monkeypatch):
    from nbext.panel.panel import Panel

    notes = []
    monkeypatch.setattr(Panel, "note", lambda _, text, error=False: notes.append(text))
    drawing = by_panel(session, MODEL)
    assert page.outputs == []
    assert settled(drawing.record)[:2] == ("draw", {"size": "1024x1024"})
    assert "With chat, gpt-4o-image takes a ratio" in " ".join(notes)


@pytest.mark.parametrize("way", IN_CELL)
def test_a_failure_says_the_same_and_that_it_may_be_billed(way, session, page):
    with pytest.raises(RequestError) as error:
        way(session, "embedded-no-picture")
    text = str(error.value)
    assert "It may have been billed." in text
    assert error.value.maybe_billed
    assert error.value.drawing.record.error.maybe_billed
    assert page.shown == ["words"], "nothing stands where the picture would"
    # Where nobody waited, the caption says why; else the error does, once.
    (caption,) = page.captions
    assert "embedded-no-picture · " in caption


def test_the_panel_says_that_it_may_be_billed(session):
    from nbext.panel.panel import Panel

    panel = Panel(session=session)
    job = panel.start(Options(prompt=PROMPT, model="embedded-no-picture"))
    with pytest.raises(RequestError):
        job.reply.wait()
    assert "may have been billed" in job.error
    panel.close()


@pytest.mark.parametrize("way", [pytest.param(w, id=n) for n, w in WAYS.items() if n != "start"])
def test_an_interrupt_is_one_line_and_is_recorded(way, session, page, endpoint):
    # The log holds the latest requests only: how many there are says nothing.
    before = list(endpoint.log)

    def stop():
        until(
            lambda: any(
                "embedded-silent" in str(r.json) and not any(r is old for old in before)
                for r in list(endpoint.log)
            )
        )
        _thread.interrupt_main()

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(KeyboardInterrupt) as error:
        way(session, "embedded-silent")
    # asyncio.run gives up its task at once; the request is cancelled on the session's own loop.
    until(lambda: session.store.records()[-1].error)
    record = session.store.records()[-1]
    assert (record.model, record.error.type) == ("embedded-silent", "Interrupted")
    # Of a loop that asyncio.run has begun, it is asyncio that raises it.
    if way is not WAYS["nbext.adraw"]:
        (line,) = error.value._render_traceback_()
        assert "A paid endpoint may still bill it" in line
    assert page.shown == ["words"]


@pytest.mark.parametrize("kind", ["chat", "respond", "complete"])
def test_verb_and_magic_show_a_reply_alike(kind, session, page):
    getattr(nbext, kind)("Who are you?", params={"max_tokens": 20})
    verb, page.outputs = page.outputs, []
    reply = asking.run(session.shell, kind, "-p max_tokens=20", "Who are you?")
    assert [len(verb), len(page.outputs)] == [2, 2]
    assert [o.text.splitlines()[0].split(" · ")[1] for o in (verb[0], page.outputs[0])] == [
        reply.model
    ] * 2
    assert verb[1].text == page.outputs[1].text == reply.text


def test_in_a_loop_each_caption_stands_over_its_own_picture(session, page):
    async def both():
        return await asyncio.gather(
            *(nbext.adraw(f"a {word}", model=MODEL) for word in ("cat", "dog"))
        )

    for drawing in (*asyncio.run(both()), *(nbext.draw(w, model=MODEL) for w in ("hen", "fox"))):
        at = [o.text.splitlines()[0] for o in page.outputs].index(drawing.caption())
        assert drawing.prompt in page.outputs[at].text
        assert page.outputs[at + 1].states[-1]["image/png"]
        assert page.outputs[at + 1].text.startswith(f"@{drawing.number} ")


def test_a_result_is_not_shown_twice_in_its_cell(session, page, monkeypatch):
    drawing = nbext.draw(PROMPT, model=MODEL)
    monkeypatch.setattr("IPython.get_ipython", lambda: session.shell)
    count = len(page.outputs)
    drawing._ipython_display_()
    assert len(page.outputs) == count
    drawing._ipython_display_()
    assert page.shown[-2:] == ["words", "picture"]


def test_a_terminal_has_something_behind_out(session, page, monkeypatch):
    drawing = nbext.draw(PROMPT, model=MODEL)
    monkeypatch.setattr("IPython.get_ipython", lambda: session.shell)
    monkeypatch.setattr(session.shell, "kernel", None, raising=False)
    drawing._ipython_display_()
    assert page.outputs[-1].text == repr(drawing)


def test_no_wait_returns_at_once_and_binds_what_comes(session, page, endpoint):
    session.names = session.shell.user_ns = {}
    assert asking.run(session.shell, "draw", f"{MODEL} --no-wait --as cat", PROMPT) is None
    (handle, place) = page.outputs
    while "cat" not in session.names:
        pass
    assert session.names["cat"].prompt == PROMPT
    assert handle.text.startswith("@1 · ")
    assert "image/png" in place.states[-1]
    assert asking.run(session.shell, "chat", "--no-wait --as answer", "hi") is None
    while "answer" not in session.names:
        pass
    assert page.outputs[-1].text == session.names["answer"].text


def test_a_wrong_schema_or_tool_is_told_before_anything_is_sent(session):
    class Plain:
        name: str

    for schema in (Plain, {"schema": 3}, {"json_schema": {"name": "x"}}, {"title": 3}, 3, object):
        with pytest.raises(OptionError):
            nbext.chat("hi", schema=schema)
    with pytest.raises(OptionError):
        nbext.chat("hi", tools=[3])
    with pytest.raises(OptionError, match="web_search"):
        nbext.chat("hi", tools={"name": "weather"})
    assert len(session.history) == 0


def test_an_async_tool_is_awaited(session):
    async def weather(city: str) -> str:
        "Say the weather."
        await asyncio.sleep(0)
        return f"rain in {city}"

    from nbext.session.tools import Tool, ToolSet
    from nbext.wire.events import ToolCall

    tools = ToolSet([weather], run=session.runner.run_in_caller_thread, yes=True)
    call = ToolCall(id="1", name="weather", arguments='{"city": "Oslo"}')
    assert session.run(tools.answer(call)) == "rain in Oslo"
    assert Tool(weather).parameters["required"] == ["city"]


def test_relative_paths_start_at_the_notebooks_folder_as_text_and_as_path(session, tmp_path):
    (tmp_path / "cat.png").write_bytes(picture("red"))
    from pathlib import Path

    for value in ("cat.png", Path("cat.png")):
        request = session.run(session.request("x", images=[value]))
        assert request.references[0].data == picture("red")
