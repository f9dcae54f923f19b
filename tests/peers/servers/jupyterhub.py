"""JupyterHub as ``docs/gateway`` sets it up: a student's server has the student's key."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import websocket
from serving import ROOT, port, report, serving

from nbext.embedded.server import Endpoint

GATEWAY = ROOT / "docs" / "gateway"
KEY = "sk-ada-0123456789"
TOKEN = "t" * 40
STARTING = 300
DRAW = """
%load_ext nbext
import nbext
d = nbext.draw("a cat")
print(len(d.pictures), d.model, d.record.host)
"""


def config(folder, base, at, home):
    """The page's configuration, and what a test on one machine needs beside it."""
    text = (GATEWAY / "jupyterhub_config.py").read_text()
    text = text.replace("/srv/gateway/keys.json", str(folder / "keys.json"))
    text = text.replace("http://127.0.0.1:4000", base)
    site = next((home / "lib").glob("python*/site-packages"))
    environ = {
        "PYTHONPATH": f"{ROOT}:{site}",
        "JUPYTERHUB_SINGLEUSER_APP": "jupyter_server.serverapp.ServerApp",
    }
    proxy = home / "node_modules" / ".bin" / "configurable-http-proxy"
    command = [sys.executable, "-m", "jupyterhub.singleuser", "--allow-root"]
    role = {"name": "test", "services": ["test"]}
    role["scopes"] = ["admin:users", "admin:servers", "access:servers"]
    return (
        text
        + f"""
c.JupyterHub.bind_url = "http://127.0.0.1:{at}"
c.JupyterHub.hub_port = {port()}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{port()}"
c.ConfigurableHTTPProxy.command = [{str(proxy)!r}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {str(folder / "{username}")!r}
c.Spawner.cmd = {command!r}
c.Spawner.environment = {environ!r}
c.Spawner.http_timeout = c.Spawner.start_timeout = {STARTING}
c.JupyterHub.services = [{{"name": "test", "api_token": {TOKEN!r}}}]
c.JupyterHub.load_roles = [{role!r}]
"""
    )


def run(url, code):
    """Run a cell in a new kernel of a student's server, and give what it prints."""
    header = {"Authorization": f"token {TOKEN}"}
    made = urllib.request.Request(f"http://{url}/api/kernels", b"{}", headers=header)
    with urllib.request.urlopen(made, timeout=120) as reply:
        kernel = json.load(reply)["id"]
    line = websocket.create_connection(
        f"ws://{url}/api/kernels/{kernel}/channels", timeout=180, header=header
    )
    session = uuid.uuid4().hex
    head = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": session}
    head |= {"username": "", "version": "5.3", "date": "2026-11-30T00:00:00Z"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": head, "parent_header": {}, "metadata": {}, "content": content}
    line.send(json.dumps(message | {"channel": "shell", "buffers": []}))
    printed = ""
    while True:
        reply = json.loads(line.recv())
        if reply["parent_header"].get("msg_id") != head["msg_id"]:
            continue
        kind, said = reply["header"]["msg_type"], reply["content"]
        if kind == "stream":
            printed += said["text"]
        if kind == "execute_reply":
            assert said["status"] == "ok", said
        if kind == "status" and said["execution_state"] == "idle":
            line.close()
            return printed


def main(home):
    relay, at = Endpoint(pace=0, key=KEY), port()
    relay.start()
    hub = f"http://127.0.0.1:{at}"

    def call(path, *, body=None):
        headers = {"Authorization": f"token {TOKEN}"}
        asked = urllib.request.Request(f"{hub}/hub/api/{path}", body, headers=headers)
        with urllib.request.urlopen(asked, timeout=120) as reply:
            return json.loads(reply.read() or b"{}")

    def key():
        """A student's kernel draws with the student's key, which no cell has named."""
        call("users/ada", body=b"{}")
        call("users/ada/server", body=b"")
        end = time.monotonic() + STARTING
        while not call("users/ada")["servers"].get("", {}).get("ready"):
            assert time.monotonic() < end, "the student's server does not start"
            time.sleep(0.5)
        printed = run(f"127.0.0.1:{at}/user/ada", DRAW)
        assert printed.splitlines()[-1].split()[:2] == ["1", "gpt-image-2"], printed
        assert any(request.method == "POST" for request in relay.log)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "keys.json").write_text(json.dumps({KEY: "ada"}))
        (folder / "jupyterhub_config.py").write_text(
            config(folder, relay.base_url.removesuffix("/v1"), at, home)
        )
        with serving(
            home / "bin" / "jupyterhub",
            *("-f", "jupyterhub_config.py"),
            url=f"{hub}/hub/health",
            cwd=folder,
        ):
            report(key=key)
    relay.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
