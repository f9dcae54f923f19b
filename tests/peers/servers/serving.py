"""What the scripts of this folder share: a program that serves, and our client that asks it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[3]
STARTING = 300
# Asks in a folder of its own, so that nothing is replayed, and prints what came as JSON.
ASK = """
import json, sys, nbext
question = json.loads(sys.argv[1])
try:
    reply = getattr(nbext, question.pop("verb"))(question.pop("prompt"), **question)
except nbext.NbextError as error:
    print(json.dumps({"error": type(error).__name__, "words": str(error)}))
else:
    drawings = list(reply) if isinstance(reply, nbext.Drawings) else [reply]
    pictures = [p.media_type for d in drawings for p in d.pictures]
    print(json.dumps({"pictures": pictures, "text": drawings[0].text, "cost": drawings[0].cost}))
"""


def port():
    """A port that nobody uses."""
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        return here.getsockname()[1]


def clean(**more):
    """The environment without settings of ours, of OpenAI's or of LiteLLM's."""
    ours = ("NBEXT_", "OPENAI_", "LITELLM_", "PYTHON", "JUPYTER")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)} | more


@contextlib.contextmanager
def serving(*command, url, cwd, **environ):
    """Run a program until the block ends, from when ``url`` answers."""
    log = Path(cwd) / f"{Path(command[0]).name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=clean(HOME=str(cwd), **environ),
            stdout=out,
            stderr=out,
        )
    try:
        end = time.monotonic() + STARTING
        while not answers(url):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"it does not serve: {log.read_text()[-600:]}")
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status < 400
    except OSError:
        return False


def ask(prompt, *, verb="draw", environ, **fields):
    """Ask with our client, as a notebook without a history does."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", ASK, json.dumps({"verb": verb, "prompt": prompt, **fields})],
            cwd=folder,
            env=clean(HOME=folder, PYTHONPATH=str(ROOT), **environ),
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert done.returncode == 0, done.stderr[-600:]
    return json.loads(done.stdout.splitlines()[-1])


def report(**capabilities):
    """Try each capability, and print what works as the last line."""
    results = {}
    for name, work in capabilities.items():
        try:
            work()
        except Exception as error:
            results[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        else:
            results[name] = "yes"
    print(json.dumps(results))
