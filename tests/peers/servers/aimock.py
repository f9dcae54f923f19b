"""aimock, a mock of other projects, asked by our client."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from serving import ask, port, report, serving

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
FIXTURES = {
    "fixtures": [
        {"match": {"userMessage": "hello"}, "response": {"content": "Good day."}},
        {
            "match": {"userMessage": "a cat", "endpoint": "image"},
            "response": {"image": {"b64Json": PIXEL}},
        },
        {
            "match": {"userMessage": "a refused cat", "endpoint": "image"},
            "response": {"error": {"message": "no cats", "type": "x"}, "status": 400},
        },
    ]
}


def main(home):
    at = port()
    environ = {"NBEXT_BASE_URL": f"http://127.0.0.1:{at}/v1", "NBEXT_API_KEY": "mock-key-of-aimock"}

    def image():
        reply = ask("a cat", model="gpt-image-2", environ=environ)
        assert reply.get("pictures") == ["image/png"], reply

    def talk():
        assert ask("hello", verb="chat", model="gpt-4o", environ=environ)["text"] == "Good day."

    def respond():
        reply = ask("hello", verb="respond", model="gpt-4o", environ=environ)
        assert reply.get("text") == "Good day.", reply

    def error():
        reply = ask("a refused cat", model="gpt-image-2", environ=environ)
        assert "no cats" in reply.get("words", ""), reply

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fixtures.json").write_text(json.dumps(FIXTURES))
        program = home / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
        words = ("--port", at, "--fixtures", "fixtures.json")
        with serving("node", program, *words, url=f"http://127.0.0.1:{at}/health", cwd=folder):
            report(image=image, talk=talk, respond=respond, error=error)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
