"""Cells and the panel on ipykernel 6, whose comms run on the main shell: no subshells there.

ipykernel 6 is put into a folder of its own, once, and found before the one that is installed.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
import uuid

import pytest

from tests.kernel.conftest import ROOT
from tests.until import PATIENCE, until

FOLDER = ROOT / ".venv" / "ipykernel6"


@pytest.fixture(scope="module")
def ipykernel_6():
    """Where ipykernel 6 is; what it needs is what ipykernel 7 needs, and nest-asyncio."""
    if int(importlib.metadata.version("ipykernel").partition(".")[0]) == 6:
        return None
    if not (FOLDER / "ipykernel").is_dir():
        part = FOLDER.with_name(f"ipykernel6-{uuid.uuid4().hex}")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", part]
        env = os.environ | {"SSL_CERT_FILE": os.environ["TRUSTED_WITHOUT_TESTS"]}
        env = {name: value for name, value in env.items() if value}
        got = subprocess.run([*pip, "ipykernel>=6.29,<7"], env=env, capture_output=True, text=True)
        if got.returncode:
            what = f"ipykernel 6 cannot be installed: {got.stderr.strip()[-300:]}"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(what)
        try:
            part.rename(FOLDER)
        except OSError:  # another worker was first
            shutil.rmtree(part)
    return FOLDER


@pytest.fixture
def kernels_6(kernels, ipykernel_6):
    """Start kernels of ipykernel 6 with the extension loaded."""

    def start(**environ):
        paths = [str(path) for path in (ipykernel_6, ROOT) if path]
        made = kernels(PYTHONPATH=os.pathsep.join(paths), **environ)
        assert made.run("import ipykernel, nbext\n%load_ext nbext").status == "ok"
        assert made.value("ipykernel.version_info[0]") == "6"
        return made

    return start


@pytest.fixture
def kernel(kernels_6):
    return kernels_6()


def test_a_cell_draws_and_run_all_keeps_the_cells_behind_it(kernel):
    drawn, after = kernel.wait(kernel.send("%%draw\n画只猫"), kernel.send("print('after')"))
    assert drawn.status == after.status == "ok"
    assert len(drawn.pictures) == 1
    assert drawn.outputs[0]["data"]["text/plain"].startswith("@1 · ")
    assert after.text.strip() == "after"


def test_stop_ends_the_cell_and_the_request(kernels_6, endpoint):
    kernel = kernels_6(NBEXT_BASE_URL=endpoint.base_url, NBEXT_API_KEY=endpoint.key)
    sent = kernel.send("%%draw embedded-silent\na cat")
    until(lambda: endpoint.log and endpoint.log[-1].json, "nothing was sent")
    kernel.interrupt()
    ran = kernel.wait(sent)[0]
    assert ran.error["ename"] == "KeyboardInterrupt"
    assert len(ran.error["traceback"]) == 1
    until(lambda: endpoint.log[-1].disconnected, "the endpoint still sees a client")
    assert "Interrupted" in kernel.value("nbext.history[len(nbext.history)].error")


class Page:
    """Stands for the page that shows a panel: comm messages in and out."""

    def __init__(self, kernel, *parts):
        self.kernel = kernel
        self.ids = {part: kernel.value(f"panel.{part}.model_id") for part in parts}
        self.heard = []
        self.names = {id_: part for part, id_ in self.ids.items()}

    def say(self, part, **content):
        session, channel = self.kernel.client.session, self.kernel.client.shell_channel
        data = {"method": "custom", "content": content}
        channel.send(session.msg("comm_msg", {"comm_id": self.ids[part], "data": data}))

    def hear(self, part, do, true=lambda content: True):
        """Give a part's message that says what it should, in whatever order they come."""
        end = time.monotonic() + PATIENCE
        while True:
            for at, (name, content, buffers) in enumerate(self.heard):
                if (name, content.get("do")) == (part, do) and true(content):
                    del self.heard[at]
                    return content, buffers
            left = end - time.monotonic()
            assert left > 0, f"{part} did not say {do}, but {self.heard}"
            message = self.kernel.client.get_iopub_msg(timeout=left)
            if message["header"]["msg_type"] == "comm_msg":
                name = self.names.get(message["content"]["comm_id"])
                content = message["content"]["data"].get("content") or {}
                self.heard.append((name, content, message["buffers"]))


def test_the_panel_draws_and_cancels_by_messages(kernel):
    kernel.run("panel = nbext.Panel()\npanel")
    page = Page(kernel, "pulse", "form", "stage", "gallery")
    page.say("pulse", do="hello", language="en-US")
    page.hear("pulse", "beat")
    page.say("form", do="draw", values={"prompt": "画只猫"})
    job, _ = page.hear("stage", "job")
    assert job["prompt"] == "画只猫"
    page.hear("stage", "gone", lambda said: said["id"] == job["id"])
    shown, buffers = page.hear("stage", "show", lambda said: said["drawing"])
    assert shown["drawing"]["caption"].startswith("@1 · gpt-4o-image")
    assert bytes(buffers[0][:4]) == b"RIFF"
    page.say("gallery", do="find", turn=1)
    assert page.hear("gallery", "matches")[0]["total"] == 1
    page.say("gallery", do="want", turn=1, indices=[0])
    thumbs, buffers = page.hear("gallery", "thumbs")
    assert thumbs["items"][0]["name"] == "@1"
    assert len(buffers[0]) > 500

    kernel.run("panel.model = 'embedded-slow'")
    page.say("form", do="draw", values={"prompt": "slowly, a snail"})
    job, _ = page.hear("stage", "job", lambda said: said["prompt"].startswith("slowly"))
    page.say("stage", do="cancel", id=job["id"])
    page.hear("stage", "gone", lambda said: said["id"] == job["id"])
    page.hear("stage", "say", lambda said: said["text"] == "Cancelled.")


def test_the_panel_beats_while_a_cell_keeps_the_kernel_busy(kernel):
    """The page asks for nothing then, but it must not believe that the kernel is gone."""
    kernel.run("panel = nbext.Panel()\npanel")
    page = Page(kernel, "pulse")
    page.say("pulse", do="hello", language="en-US")
    page.hear("pulse", "beat")
    busy = kernel.send("import time; time.sleep(2.5); print('busy no more')")
    for _ in range(2):
        page.hear("pulse", "beat")
    ran = kernel.wait(busy)[0]
    assert ran.status == "ok"
