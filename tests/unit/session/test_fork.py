"""A process that is forked off a kernel: its own loop, its own connections, its own endpoint."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORKED = """
import gc, os, sys, threading, time
from pathlib import Path
from nbext.session import connection
from nbext.session.session import Session
from nbext.config.settings import Nbext

session = Session(Path(sys.argv[1]) / "cats.draws", chosen=Nbext(replay="never"))
first = session.draw("a cat")
session.run(session.models())
client = session.connection.client
kept = [item for item in client._clients.values()]
assert kept, "the models came by a connection that is kept"
loop = session.runner.loop
server = connection.SERVER
under_way = session.runner.submit(session.adraw("a bird"))
while not any(record.type == "sent" for record in session.store.records()):
    time.sleep(0.01)
# Forked while another thread is at work on the runner, as a panel's may be.
held, go_on = threading.Event(), threading.Event()

def hold():
    with session.runner._lock, session.store._mutex, connection._starting:
        held.set()
        go_on.wait(60)

if sys.argv[2] == "held":
    threading.Thread(target=hold, daemon=True).start()
    held.wait()

child = os.fork()
if child == 0:
    status = 1
    try:
        gc.collect()
        assert session.run(session.models())
        drawn = session.draw("a dog")
        assert drawn.pictures[0].data
        assert session.connection.client is not client
        assert session.runner.loop is not loop
        assert connection.SERVER is not server
        session.run(session.close())
        session.runner.close()
        status = 0
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
go_on.set()
_, status = os.waitpid(child, 0)
assert status == 0, status
# What the parent has goes on.
assert session.runner.loop is loop
assert session.connection.client is client and list(client._clients.values()) == kept
assert session.run(session.models())
assert under_way.result(30).pictures[0].data
assert session.draw("a cat").pictures[0].data
assert not any(drawing.error for drawing in session.history)
print("both", len(session.history))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("how", ["idle", "held"])
def test_a_child_uses_nothing_of_its_parents(tmp_path, how):
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_"))}
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path), how],
        capture_output=True,
        text=True,
        timeout=60,
        env=environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "both 4\n"


DURING_AN_IMPORT = """
import os, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
from nbext.session.runner import Runner
from types import SimpleNamespace

runner = Runner(SimpleNamespace(runner="thread"))
threading.Thread(target=__import__, args=("slow",), daemon=True).start()
while "slow" not in sys.modules:
    time.sleep(0.001)
child = os.fork()
if child == 0:
    signal.alarm(30)
    import slow
    os._exit(slow.WHOLE)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_does_not_wait_for_an_import_of_its_parents_threads(tmp_path):
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(0.3)\nWHOLE = 7\n")
    done = subprocess.run(
        [sys.executable, "-c", DURING_AN_IMPORT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "7\n", done.stderr
