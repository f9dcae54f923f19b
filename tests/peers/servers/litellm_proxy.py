"""LiteLLM's proxy as ``docs/gateway`` sets it up for a class, with an upstream that counts."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from serving import ROOT, ask, port, report, serving

from nbext.embedded.server import Endpoint

GATEWAY = ROOT / "docs" / "gateway"
ADA, BOB, CLEO = "sk-ada-0123456789", "sk-bob-0123456789", "sk-cleo-0123456789"
MODEL = "gpt-image-2"


def gateway_in(folder):
    """Put the files of ``docs/gateway`` and the class's keys into a folder."""
    for name in ("config.yaml", "class_keys.py"):
        shutil.copy(GATEWAY / name, folder)
    (folder / "keys.json").write_text(json.dumps({ADA: "ada", BOB: "bob", CLEO: "cleo"}))


def environment_of(upstream):
    """What starts it; a picture costs more than half of the budget."""
    return {
        "RELAY_BASE_URL": upstream.base_url,
        "RELAY_API_KEY": upstream.key,
        "CLASS_BUDGET": "0.20",
        "LITELLM_MASTER_KEY": "sk-" + "0123456789abcdef" * 4,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def paid(upstream):
    return sum(request.method == "POST" for request in upstream.log)


def main(home):
    upstream, at = Endpoint(pace=0), port()
    upstream.start()
    base = f"http://127.0.0.1:{at}"

    def student(key):
        return {"LITELLM_API_BASE": base, "LITELLM_API_KEY": key}

    def once():
        """A picture with the defaults is ordered once, and arrives."""
        reply = ask("a cat", model=MODEL, environ=student(ADA))
        assert reply["pictures"] == ["image/png"], reply
        assert paid(upstream) == 1, paid(upstream)
        assert reply["cost"] > 0.1, reply

    def budget():
        """Who has spent the budget is refused in plain words; nothing is ordered."""
        ask("a dog", model=MODEL, environ=student(ADA))
        before = paid(upstream)
        reply = ask("a fox", model=MODEL, environ=student(ADA))
        assert reply.get("error") == "QuotaError", reply
        assert "Budget has been exceeded" in reply["words"], reply
        assert paid(upstream) == before

    def others():
        """Another student draws on."""
        before = paid(upstream)
        assert ask("a fox", model=MODEL, environ=student(BOB))["pictures"]
        assert paid(upstream) == before + 1

    def takes():
        """A student may draw several takes: they are drawn in turn, as JupyterHub sets it."""
        hub = (GATEWAY / "jupyterhub_config.py").read_text()
        assert 'environment["NBEXT_MAX_CONCURRENT"] = "1"' in hub
        environ = student(CLEO) | {"NBEXT_MAX_CONCURRENT": "1"}
        reply = ask("an owl", model=MODEL, n=2, environ=environ)
        assert len(reply["pictures"]) == 2, reply

    def key():
        """An unknown key is refused."""
        reply = ask("a fox", model=MODEL, environ=student("sk-eve-0123456789"))
        assert reply.get("error") == "AuthenticationError", reply

    def talk():
        reply = ask("hello", verb="chat", model="gpt-4o", environ=student(BOB))
        assert reply.get("text"), reply

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gateway_in(folder)
        program = home / "bin" / "litellm"
        words = ("--config", "config.yaml", "--port", at, "--host", "127.0.0.1")
        with serving(
            program,
            *words,
            url=f"{base}/health/liveliness",
            cwd=folder,
            **environment_of(upstream),
        ):
            report(once=once, budget=budget, others=others, takes=takes, key=key, talk=talk)
    upstream.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
