"""A key is found nowhere."""

from __future__ import annotations

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import nbformat
import pytest
from nbclient import NotebookClient

from nbext.embedded.server import Endpoint

CANARY = "sk-canary0123456789abcdefCANARY"

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
    "%xmode Verbose",
    "%%draw embedded-moderation\n画只猫",
    "%%draw --endpoint echo\n画只猫",
    "def fail():\n    session = nbext.current.current_session()\n    endpoint = session.run(session.endpoint())\n    raise ValueError(repr(endpoint))\nfail()",
    "import nbext.current\ns = nbext.current.current_session()\nprint(repr(s), repr(s.client), vars(s.client), repr(s.settings), s.run(s.endpoint()))",
    "nbext.history.to_html('out.html', overwrite=True)",
    "nbext.history",
]


class Echo(BaseHTTPRequestHandler):
    """Says the key back, as some relays do."""

    def do_POST(self):
        key = self.headers.get("Authorization", "")
        body = json.dumps({"error": {"message": f"Invalid token {key}", "type": "x"}}).encode()
        self.send_response(401)
        self.send_header("x-request-id", key.replace("Bearer ", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        return


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
    remember = "\nfrom nbext.settings import remember_key\nimport os\n" + "\n".join(
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
    client = NotebookClient(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=env)
    relay.stop()
    nbformat.write(notebook, folder / "n.ipynb")
    shown = json.dumps([cell.outputs for cell in notebook.cells])
    assert "ModerationError" in shown
    assert "AuthenticationError" in shown
    assert "ConnectError" in shown
    assert "image/png" in shown
    assert (folder / "out.html").exists()
    assert (folder / "log.txt").stat().st_size > 1000
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            assert CANARY not in path.read_bytes().decode("utf-8", "replace"), path
