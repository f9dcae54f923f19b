"""A process that imports once what every kernel imports, and forks one for each test.

A kernel is as new as one that is started: the extension is not loaded, nothing has been drawn, and the
environment and the folder are the test's. It reads a request a line from its standard input, and
ends with it. What an import costs, and that it costs little, is tested elsewhere.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

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


class Nursery:
    """The process, seen from the tests."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self, connection_file: str, folder: str, environ: dict[str, str]) -> int:
        """Fork a kernel; give its process id."""
        return self._ask({"kernel": connection_file, "folder": folder, "environ": environ})

    def stop(self, pid: int) -> None:
        """Kill a kernel, and wait until it is gone."""
        self._ask({"stop": pid})

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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when its standard input does
    for line in sys.stdin:
        request = json.loads(line)
        if pid := request.get("stop"):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        elif not (pid := os.fork()):
            be_a_kernel(request["kernel"], request["folder"], request["environ"])
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
