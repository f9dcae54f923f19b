"""Stop, wherever a cell or a click waits for a drawing that does not come."""

from __future__ import annotations

import pytest

from tests.kernel.conftest import Kernel
from tests.until import PATIENCE, until

# A button whose click draws, as a notebook's own little interface does.
BEGIN = """
%load_ext nbext
import ipywidgets, nbext
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
RECORD = "(lambda r: (r.type, getattr(r.error, 'type', '')))(nbext.history.store.records()[-1])"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory, endpoint):
    """One kernel for all of these: an interrupt leaves it as it was."""
    relay = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    made = Kernel(tmp_path_factory.mktemp("interrupts"), **relay)
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


def silent(endpoint):
    """The requests that nobody answers."""
    return [request for request in endpoint.log if "silent" in str(request.json)]


@pytest.mark.parametrize("way", ["call", "await", "iterate", "click", "magic"])
@pytest.mark.parametrize("runner", ["thread", "nested"])
def test_stop_ends_it_and_the_next_cell_draws(kernel, endpoint, runner, way):
    kernel.run(f"%config Nbext.runner = '{runner}'")
    sent = click(kernel) if way == "click" else kernel.send(WAITING[way])
    until(lambda: silent(endpoint), "nothing was sent")
    kernel.interrupt()
    error = until_idle(kernel, sent)
    if way != "click":
        # What is awaited is cancelled by the kernel, which makes no KeyboardInterrupt of it.
        awaited = way in ("await", "iterate")
        assert error["ename"] == ("CancelledError" if awaited else "KeyboardInterrupt")
        assert awaited or len(error["traceback"]) == 1
    recorded = "('drawing', 'Interrupted')"
    until(lambda: kernel.value(RECORD) == recorded, "the interrupt is not recorded")
    until(lambda: silent(endpoint)[-1].disconnected, "the endpoint still sees a client")
    drawn = kernel.run(f"%%draw --fresh\na dog, {runner}, {way}")
    assert drawn.status == "ok", drawn.error
    assert len(drawn.pictures) == 1
