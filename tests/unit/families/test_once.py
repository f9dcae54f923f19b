"""With the defaults one generation goes out, without a stream: some proxies repeat a refused one."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nbext.config.settings import Nbext
from nbext.errors import ModelError, OptionError
from nbext.session.session import Session
from tests.unit.wire.asked import png


class Proxy(BaseHTTPRequestHandler):
    """A gateway that has no image streams: asked for one, it tries three times, and fails."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer(200, {"data": [{"id": name} for name in self.server.models]})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, body))
        asked = json.loads(body) if body.startswith(b"{") else {}
        if asked.get("model") == "dall-e-3":
            error = {"message": "The model 'dall-e-3' does not exist", "code": "model_not_found"}
            self._answer(404, {"error": error})
        elif b"stream" in body or b"partial_images" in body:
            self._answer(500, {"error": {"message": "'async_generator' has no attribute 'data'"}})
        else:
            picture = base64.b64encode(png(7)).decode()
            self._answer(200, {"created": 1, "data": [{"b64_json": picture}]})

    def _answer(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def proxy(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.posts, server.models = [], ["gpt-image-2", "gpt-4o-image"]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NBEXT_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NBEXT_API_KEY", "test-key-for-nobody")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def session(tmp_path, proxy):
    made = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
    yield made
    made.run(made.close())
    made.runner.close()


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-1.5", "gpt-image-2.6-flare"])
def test_one_generation_goes_out(session, proxy, model):
    drawing = session.draw("画只猫", model=model)
    assert len(drawing.pictures) == 1
    ((path, body),) = proxy.posts
    assert path.endswith("/images/generations")
    assert json.loads(body) == {"model": model, "prompt": "画只猫"}


def test_what_a_model_does_not_take_is_refused_before_anything_is_sent(session, proxy):
    with pytest.raises(OptionError, match=r'Use quality="auto", "low", "medium" or "high"'):
        session.draw("画只猫", model="gpt-image-2", quality="ultra")
    with pytest.raises(OptionError, match="not take a mask"):
        session.draw("画只猫", model="seedream-4-5", images=[png(1)], mask=png(2))
    assert proxy.posts == []
    assert list(session.history) == []


def test_what_is_ignored_is_told_and_drawn(session, proxy, capsys):
    session.draw("画只猫", model="gpt-4o-image", aspect="16:9", via="images")
    session.draw("画只猫", model="gpt-image-1.5", aspect="16:9")
    assert "becomes 1536x1024" in capsys.readouterr().err
    assert len(proxy.posts) == 2


def test_the_remedy_of_an_ended_model_is_one_that_the_endpoint_serves(session, proxy, capsys):
    with pytest.raises(ModelError) as caught:
        session.draw("画只猫", model="dall-e-3")
    assert caught.value.remedy.startswith("Use gpt-image-2.")
    assert "was shut down on 2026-05-12" in capsys.readouterr().err
    assert len(proxy.posts) == 1
