"""A real kernel, driven as a front end drives it."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from tests.kernel.nursery import Forked, Nursery
from tests.relay import CountingRelay
from tests.until import PATIENCE

ROOT = Path(__file__).parents[2]
# The endpoint inside the package only seems to work for a second; that is shown elsewhere.
HURRY = {"NBEXT_EMBEDDED_PACE": "0.1"}
NURSERY = Nursery()


@dataclass
class Ran:
    """What a cell showed."""

    status: str = ""
    error: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["header"]["msg_type"] in kinds]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """The outputs as a saved notebook would hold them: updates applied in place."""
        shown: list[dict[str, Any]] = []
        places: dict[str, dict[str, Any]] = {}
        for message in self.messages:
            kind, content = message["header"]["msg_type"], message["content"]
            place = content.get("transient", {}).get("display_id")
            if kind == "update_display_data" and place in places:
                places[place].update(data=content["data"], metadata=content["metadata"])
            elif kind in ("display_data", "execute_result"):
                entry = {"data": content["data"], "metadata": content["metadata"], "type": kind}
                shown.append(entry)
                if place:
                    places[place] = entry
        return shown

    @property
    def pictures(self) -> list[str]:
        return [o["data"]["image/png"] for o in self.outputs if "image/png" in o["data"]]

    @property
    def replayed(self) -> list[int]:
        """The numbers of the drawings that were shown again, which no saved notebook holds."""
        told = [
            c["transient"].get("nbext", {}) for c in self.of("display_data", "update_display_data")
        ]
        return [number for about in told for number in about.get("replayed", [])]

    @property
    def text(self) -> str:
        streams = "".join(c["text"] for c in self.of("stream"))
        return streams + "\n".join(o["data"].get("text/plain", "") for o in self.outputs)


class Provisioner(LocalProvisioner):
    """Starts the kernels of Jupyter's own clients in the nursery."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        del cmd
        assert self.parent is not None
        folder = os.fspath(kwargs["cwd"])
        self.process = NURSERY.start(self.parent.connection_file, folder, kwargs["env"])
        self.pid = self.process.pid
        return self.connection_info


@pytest.fixture
def forked(monkeypatch):
    """Notebooks that nbclient runs in this process have kernels of the nursery."""
    factory = KernelProvisionerFactory.instance()
    point = EntryPoint("local-provisioner", f"{__name__}:Provisioner", factory.GROUP_NAME)
    monkeypatch.setitem(factory.provisioners, point.name, point)


class Client(BlockingKernelClient):
    """A client that waits for a kernel on a busy machine: a missed heartbeat is no death."""

    async def _async_is_alive(self) -> bool:
        return True


class Kernel:
    """A kernel in a folder of its own, without a key and without a home."""

    def __init__(self, folder: Path, **environ: str) -> None:
        home = folder / "home"
        home.mkdir(exist_ok=True)
        env = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_", "JPY_"))
        }
        env |= {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "PYTHONPATH": str(ROOT),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            **HURRY,
            **environ,
        }
        self.folder = folder
        # A port may be taken between its choice and its use; a path in a new folder may not.
        self.sockets = tempfile.TemporaryDirectory(prefix="nbext-")
        self.manager = KernelManager(transport="ipc", ip=f"{self.sockets.name}/k")
        self.process: Forked | None = None
        self.stopped = False
        if any(name.startswith("PYTHON") for name in environ):
            # It is for Python to read them.
            self.manager.start_kernel(cwd=str(folder), env=env)
        else:
            self.manager.connection_file = f"{self.sockets.name}/kernel.json"
            self.manager.write_connection_file()
            self.process = NURSERY.start(self.manager.connection_file, str(folder), env)
        self.client = Client()
        self.client.load_connection_info(self.manager.get_connection_info())
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def send(self, code: str, *, cell: str = "") -> str:
        """Send a cell without waiting for it."""
        if not cell:
            return self.client.execute(code, allow_stdin=False)
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def wait(self, *sent: str, patience: float = PATIENCE) -> list[Ran]:
        """Wait until cells have ended, and give what they showed."""
        ran = {id_: Ran() for id_ in sent}
        idle: set[str] = set()
        end = time.monotonic() + patience
        while len(idle) < len(sent):
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            id_ = message["parent_header"].get("msg_id")
            if id_ not in ran:
                continue
            kind = message["header"]["msg_type"]
            if kind == "status" and message["content"]["execution_state"] == "idle":
                idle.add(id_)
            elif kind == "error":
                ran[id_].error = message["content"]
            else:
                ran[id_].messages.append(message)
        replies: set[str] = set()
        while len(replies) < len(sent):
            reply = self.client.get_shell_msg(timeout=max(0.1, end - time.monotonic()))
            id_ = reply["parent_header"].get("msg_id")
            if id_ in ran:
                replies.add(id_)
                ran[id_].status = reply["content"]["status"]
        return [ran[id_] for id_ in sent]

    def run(self, code: str, *, cell: str = "", patience: float = PATIENCE) -> Ran:
        """Run a cell to its end."""
        return self.wait(self.send(code, cell=cell), patience=patience)[0]

    def reply(self, code: str) -> dict[str, Any]:
        """Run a cell, and give the kernel's reply to it."""
        self.client.execute(code, allow_stdin=False)
        return self.client.get_shell_msg(timeout=PATIENCE)["content"]

    def value(self, expression: str) -> str:
        """Evaluate an expression in the kernel, as its printed form."""
        ran = self.run(f"print({expression})")
        assert ran.status == "ok", ran.error
        return ran.text.strip()

    def interrupt(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
        else:
            self.manager.interrupt_kernel()

    def stop(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        self.client.stop_channels()
        if self.process:
            self.process.kill()
            self.process.wait()
            self.manager.cleanup_resources()
        else:
            self.manager.shutdown_kernel(now=True)
        self.sockets.cleanup()


def shown(notebook) -> list[str]:
    """Pictures, films and texts that cells show; captions say when, and so they differ."""
    found: list[str] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found += [data[kind] for kind in ("image/png", "image/jpeg") if kind in data]
            html = data.get("text/html", "")
            if html and "padding:2px" not in html:
                found.append(html)
    return found


@pytest.fixture
def kernels(tmp_path):
    """Start kernels, in one folder unless told otherwise; all are gone after the test."""
    started: list[Kernel] = []

    def start(folder: Path | None = None, **environ: str) -> Kernel:
        kernel = Kernel(folder or tmp_path, **environ)
        started.append(kernel)
        return kernel

    yield start
    for kernel in started:
        kernel.stop()


@pytest.fixture(scope="module")
def relay():
    """A relay for all tests of a file: it counts, and never gives the same picture twice."""
    running = CountingRelay()
    running.go.set()
    yield running
    running.stop()


@pytest.fixture
def kernel(kernels):
    """A kernel with the extension loaded."""
    made = kernels()
    assert made.run("%load_ext nbext").status == "ok"
    return made


def pytest_sessionfinish():
    NURSERY.close()


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.kernel)
