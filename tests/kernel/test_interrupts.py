"""Stop, wherever a cell or a click waits for a drawing that does not come."""

from __future__ import annotations

import time

import pytest

from tests.kernel.conftest import PATIENCE, Kernel

# A button whose click draws, as a notebook's own little interface does.
BEGIN = """
%load_ext nbext
import ipywidgets, nbext, nbext.session.connection
button = ipywidgets.Button()
button.on_click(lambda _: nbext.draw("a cat", model="embedded-silent"))
nbext.draw("a warm-up: what is imported and started at the first drawing is there")
"""
WAITING = {
    "magic": "%%draw embedded-silent\na cat",
    "call": "nbext.draw('a cat', model='embedded-silent')",
    "await": "await nbext.adraw('a cat', model='embedded-silent')",
    "iterate": "async for event in nbext.achat('hi', model='embedded-silent'): pass",
}
SEEN = "[r.disconnected for r in nbext.session.connection.SERVER.log if 'silent' in str(r.json)]"
RECORD = "(lambda r: (r.type, r.error.type))(nbext.history.store.records()[-1])"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for all of these: an interrupt leaves it as it was."""
    made = Kernel(tmp_path_factory.mktemp("interrupts"))
    try:
        ran = made.run(BEGIN)
        assert ran.status == "ok", ran.error
        yield made
    finally:
        made.stop()


def click(kernel):
    """Click the button, as a page does."""
    content = {"method": "custom", "content": {"event": "click"}}
    said = {"comm_id": kernel.value("button.model_id"), "data": content}
    message = kernel.client.session.msg("comm_msg", said)
    kernel.client.shell_channel.send(message)
    return message["header"]["msg_id"]


def until_idle(kernel, sent):
    """Wait until what was sent has ended; give the error that was shown, if any."""
    error = {}
    while True:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == sent:
            content = message["content"]
            if message["header"]["msg_type"] == "error":
                error = content
            if content.get("execution_state") == "idle":
                return error


def under_way(kernel):
    """Count the requests that have left, from outside of a kernel that is busy."""
    journal = kernel.folder / "nbext.draws" / "history.jsonl"
    return journal.read_text().count('{"type":"sent"') if journal.exists() else 0


def stopped(kernel, way):
    """Interrupt a silent request; give the error that is shown, and the seconds that took."""
    before, end = under_way(kernel), time.monotonic() + PATIENCE
    sent = click(kernel) if way == "click" else kernel.send(WAITING[way])
    while under_way(kernel) == before:
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.02)
    time.sleep(0.3)
    began = time.monotonic()
    kernel.interrupt()
    error = until_idle(kernel, sent)
    return error, time.monotonic() - began


@pytest.mark.parametrize("way", ["call", "await", "iterate", "click", "magic"])
@pytest.mark.parametrize("runner", ["thread", "nested"])
def test_stop_ends_it_and_the_next_cell_draws(kernel, runner, way):
    kernel.run(f"%config Nbext.runner = '{runner}'")
    error, took = stopped(kernel, way)
    if way != "click":
        # What is awaited is cancelled by the kernel, which makes no KeyboardInterrupt of it.
        awaited = way in ("await", "iterate")
        assert error["ename"] == ("CancelledError" if awaited else "KeyboardInterrupt")
    # A machine that is busy with something else is no reason to fail.
    tries = [took] + [stopped(kernel, way)[1] for _ in range(2 if took > 1 else 0)]
    assert min(tries) < 1
    assert kernel.value(RECORD) == "('drawing', 'Interrupted')"
    end = time.monotonic() + PATIENCE
    while "False" in (seen := kernel.value(SEEN)):
        assert time.monotonic() < end, "the endpoint still sees a client"
        time.sleep(0.05)
    assert "True" in seen
    drawn = kernel.run(f"%%draw --fresh\na dog, {runner}, {way}")
    assert drawn.status == "ok", drawn.error
    assert len(drawn.pictures) == 1
