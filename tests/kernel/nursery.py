"""A process that imports once what every kernel imports, and forks one for each test.

A kernel is as new as one that is started: the extension is not loaded, nothing has been drawn, and the
environment and the folder are the test's. It reads a request a line from its standard input, and
ends with it. What an import costs, and that it costs little, is tested elsewhere.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.until import PATIENCE

ROOT = Path(__file__).parents[2]
SHARED = (
    *("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "jedi", "psutil"),
    *("httpx", "httpx2", "httpcore", "httpcore2", "anyio._backends._asyncio", "truststore"),
    *(
        "PIL.Image",
        "PIL.ImageDraw",
        "PIL.PngImagePlugin",
        "PIL.JpegImagePlugin",
        "PIL.WebPImagePlugin",
    ),
    *("filelock", "keyring", "nbext.embedded.chat", "nbext.wire.chat", "nbext.wire.videos"),
)
# The rooms that the first drawing loads.
ROOMS = (
    *("api", "config", "data", "display", "drawings", "embedded", "families", "imaging", "magics"),
    *("messages", "notebook", "session", "store", "transport", "util", "wire"),
)


# Stands for no return code.
RUNS = 256


class Forked:
    """A kernel's process, as ``subprocess.Popen`` would show it."""

    stdin = stdout = stderr = None

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self.nursery, self.pid = nursery, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.nursery.returncode(self.pid)
        return self.returncode

    def wait(self, timeout: float = PATIENCE) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("a kernel", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Nursery:
    """The process, seen from the tests."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self, connection_file: str, folder: str, environ: dict[str, str]) -> Forked:
        """Fork a kernel."""
        request = {"kernel": connection_file, "folder": folder, "environ": environ}
        return Forked(self, self._ask(request))

    def returncode(self, pid: int) -> int | None:
        """How a kernel ended, None where it runs. Asked for once it has ended, it is forgotten."""
        answer = self._ask({"poll": pid})
        return None if answer == RUNS else answer

    def close(self) -> None:
        """End the process, and the kernels with it."""
        if self.process is not None:
            self.process.communicate()
            self.process = None

    def _ask(self, request: dict[str, object]) -> int:
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-P", __file__],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


def be_a_kernel(connection_file: str, folder: str, environ: dict[str, str]) -> None:
    """Run a kernel in this process, to its end."""
    from ipykernel.kernelapp import launch_new_instance

    signal.signal(signal.SIGINT, signal.default_int_handler)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["ipykernel_launcher", "-f", connection_file]
    launch_new_instance()


def main() -> None:
    """Fork kernels and end them, as the requests say."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # read when the kernel's module is imported
    rooms = [str(ROOT / "nbext" / room) for room in ROOMS]
    found = (
        f"nbext.{Path(at.module_finder.path).name}.{at.name}" for at in pkgutil.iter_modules(rooms)
    )
    for module in (*SHARED, *found):
        with contextlib.suppress(ImportError):  # of an extra that is not installed
            importlib.import_module(module)
    importlib.import_module("tests.sketches").draw_coarsely()
    gc.freeze()  # kernels share it as long as none of them looks for garbage in it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when its standard input does
    for line in sys.stdin:
        request = json.loads(line)
        if pid := request.get("poll"):
            ended, status = os.waitpid(pid, os.WNOHANG)
            print(os.waitstatus_to_exitcode(status) if ended else RUNS, flush=True)
            continue
        if not (pid := os.fork()):
            be_a_kernel(request["kernel"], request["folder"], request["environ"])
            return
        print(pid, flush=True)


if __name__ == "__main__":
    main()
