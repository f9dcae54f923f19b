"""LLMock, which breaks its answers on purpose and judges the client."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from serving import ask, port, report, serving


def main(home):
    at, program = port(), home / "bin" / "llmock"
    url = f"http://127.0.0.1:{at}"
    environ = {"NBEXT_BASE_URL": f"{url}/v1", "NBEXT_API_KEY": "mock-key-of-llmock"}

    def say(n):
        return ask(f"hello {n}", verb="chat", model="gpt-4o", environ=environ)

    def talk():
        """Each request has an answer, or an error of ours that says what came."""
        replies = [say(n) for n in range(6)]
        assert any(reply.get("text") for reply in replies), replies
        assert all(reply.get("text") or "Error" in reply["error"] for reply in replies), replies

    def verdict():
        """It judges how the client took the errors."""
        words = [str(program), "report", "--url", url]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout[-400:] + done.stderr[-200:]

    with tempfile.TemporaryDirectory() as name:
        words = ("serve", "--port", at, "--error-rate", "429=0.3", "--error-rate", "503=0.2")
        with serving(program, *words, url=f"{url}/health", cwd=Path(name)):
            report(talk=talk, verdict=verdict)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
