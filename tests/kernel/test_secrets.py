"""A key is found nowhere."""

from __future__ import annotations

import json
import socketserver
import threading
import zipfile
from http.server import BaseHTTPRequestHandler

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from nbext.embedded.server import Endpoint

CANARY = "sk-canary0123456789abcdefCANARY"

WAYS = ("text", "link", "html", "stream", "broken")
CELLS = [
    "import logging\nlogging.basicConfig(filename='log.txt', level=logging.DEBUG)\n%load_ext nbext\nimport nbext",
    "%nbext",
    "%config Nbext",
    "%models",
    "%%draw\n画只猫",
    "%%edit\nadd a hat",
    "%%draw --dry-run\n画只猫",
    "%%draw --code shell\n画只猫",
    "%%draw embedded-refuses\n画只猫",
    "%%draw embedded-no-quota\n画只猫",
    "%%draw --endpoint echo\n画只猫",
    "%%draw --endpoint nowhere\n画只猫",
    *(f"%%draw {way} --endpoint echo\n画只猫" for way in WAYS),
    *(f"%%chat {way} --endpoint echo\nhello" for way in WAYS),
    "%models --endpoint echo",
    "%xmode Verbose",
    "%%draw embedded-moderation\n画只猫",
    "%%draw --endpoint echo\n画只猫",
    "def fail():\n    session = nbext.session.current.current_session()\n    endpoint = session.run(session.endpoint())\n    raise ValueError(repr(endpoint))\nfail()",
    "import nbext.session.current\ns = nbext.session.current.current_session()\nprint(repr(s), repr(s.connection.client), vars(s.connection.client), repr(s.settings), s.run(s.endpoint()))",
    "nbext.history.to_html('out.html', overwrite=True)",
    "nbext.history.to_zip('out.zip', overwrite=True)",
    "nbext.history[1].save('out.png')",
    "for drawing in nbext.history:\n    print(drawing, repr(drawing), drawing.text, drawing.error, vars(drawing), drawing.code('python'))",
    "nbext.history",
]


class Echo(BaseHTTPRequestHandler):
    """Says the key back in every way that a relay can: the model's name says which."""

    def do_GET(self):
        key = self.headers.get("Authorization", "").replace("Bearer ", "")
        if self.path.startswith("/picture"):
            self.answer(404, {"error": self.path})
        else:
            self.answer(200, {"data": [{"id": f"model-{key}", "owned_by": key}]})

    def do_POST(self):
        key = self.headers.get("Authorization", "").replace("Bearer ", "")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        way = body["model"]
        host = self.headers["Host"]
        if way == "text":
            self.answer(200, self.said(f"Invalid token {key}, 50% done"))
        elif way == "link":
            self.answer(200, self.said(f"![cat](http://{host}/picture.png?key={key})"))
        elif way == "html":
            self.answer(200, f"<html><title>Wrong key {key}</title>{key}</html>", "text/html")
        elif way in ("stream", "broken"):
            half = len(key) // 2
            pieces = [
                f"queued for {key}\n",
                f"your key is {key[:half]}",
                f"{key[half:]}, that is {key}",
            ]
            frames = [
                {"choices": [{"delta": {"content": piece}}], "model": key} for piece in pieces
            ]
            if way == "broken":
                frames.append({"error": {"message": f"quota of {key} is used up", "code": key}})
            lines = [f"data: {json.dumps(frame)}\n\n" for frame in frames]
            self.answer(200, "".join(lines) + "data: [DONE]\n\n", "text/event-stream")
        else:
            self.answer(401, {"error": {"message": f"Invalid token {key}", "type": key}})

    def said(self, text):
        return {"id": text[-20:], "choices": [{"message": {"content": text}}], "usage": {text: 1}}

    def answer(self, status, body, kind="application/json"):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        key = self.headers.get("Authorization", "").replace("Bearer ", "")
        for name in ("x-request-id", "x-oneapi-request-id", "server"):
            self.send_header(name, key)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


class Listener(NotebookClient):
    """Runs a notebook and keeps every message, also those that a saved notebook has no place for."""

    heard: list

    def process_message(self, message, cell, cell_index):
        self.heard.append(repr(message))
        return super().process_message(message, cell, cell_index)


@pytest.fixture
def echo():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_notebook_history_export_log_and_tracebacks(tmp_path, echo, monkeypatch):
    import os

    from tests.kernel.conftest import ROOT

    relay = Endpoint(key=CANARY, pace=0)
    relay.start()
    hosts = [relay.base_url.split("/")[2], echo.split("/")[2], "127.0.0.1:9"]
    # The same key is given for each host, as a user with one key for several would.
    remember = "\nfrom nbext.config.keys import remember_key\nimport os\n" + "\n".join(
        f"remember_key('http://{host}/v1', os.environ['CANARY'])" for host in hosts
    )
    endpoints = {"echo": {"base_url": echo}, "nowhere": {"base_url": "http://127.0.0.1:9/v1"}}
    cells = [*CELLS]
    cells[0] += remember + f"\nnbext.settings.endpoints = {endpoints!r}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    env = {
        k: v for k, v in os.environ.items() if not k.startswith(("NBEXT_", "OPENAI_", "LITELLM_"))
    }
    env |= {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}
    env |= {"NBEXT_BASE_URL": relay.base_url, "NBEXT_API_KEY": CANARY, "CANARY": CANARY}
    env |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    folder = tmp_path / "work"
    folder.mkdir()
    env["NBEXT_NOTEBOOK"] = str(folder / "n.ipynb")
    client = Listener(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.heard = []
    client.execute(env=env)
    relay.stop()
    nbformat.write(notebook, folder / "n.ipynb")
    shown = json.dumps([cell.outputs for cell in notebook.cells])
    assert "ModerationError" in shown
    assert "AuthenticationError" in shown
    assert "ConnectError" in shown
    assert "image/png" in shown
    for name in ("ModerationError", "QuotaError", "NoPictureError", "DownloadError", "your key is"):
        assert name in shown
    assert (folder / "out.html").exists()
    assert (folder / "log.txt").stat().st_size > 1000
    (folder / "messages.txt").write_text("\n".join(client.heard))
    assert len(client.heard) > 100
    with zipfile.ZipFile(folder / "out.zip") as archive:
        archive.extractall(folder / "unpacked")
    with Image.open(folder / "out.png") as picture:
        (folder / "text.txt").write_text(repr(picture.info))
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            said = path.read_bytes().decode("utf-8", "replace")
            at = said.find(CANARY)
            assert at < 0, (path, said[max(0, at - 300) : at + 100])
