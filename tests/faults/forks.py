"""A process that has everything imported, and forks one for each request to work until it is killed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
# Says the process id of each that it forks, then what that one says, then its end.
_FORK = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
{work}
for line in sys.stdin:
    folder, what, turn = json.loads(line)
    pid = os.fork()
    if pid == 0:
        os.setpgrp()
        try:
            print(json.dumps({{"pid": os.getpid()}}), flush=True)
            work(Path(folder), what, turn)
        except BaseException as error:
            print(json.dumps({{"problem": repr(error)}}), flush=True)
        finally:
            os._exit(1)
    os.waitpid(pid, 0)
    print(json.dumps({{"end": pid}}), flush=True)
"""


class Forks:
    """The process, seen from the tests.

    Attributes:
        lines: What it and those that it forks say.
    """

    def __init__(self, requests: IO[str], lines: IO[str]) -> None:
        self._requests, self.lines = requests, lines

    def start(self, folder: Path, what: str, turn: int) -> int:
        """Fork a process that works; give its id."""
        self._requests.write(json.dumps([str(folder), what, turn]) + "\n")
        self._requests.flush()
        return int(json.loads(self.lines.readline())["pid"])


@contextlib.contextmanager
def forking(work: str, folder: str) -> Iterator[Forks]:
    """Start the process; it has gone afterwards.

    Args:
        work: Imports, and a function ``work(folder, what, turn)``.
        folder: Where it runs.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", _FORK.format(work=work), str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Forks(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()
