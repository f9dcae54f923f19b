"""What comes of an answer that is good in part, of a relay that says what a test wants."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nbext.errors import DownloadError, NoPictureError
from nbext.session import Session
from nbext.traits import Nbext
from tests.sinks import picture


class Relay:
    """Answers each POST with the JSON it was given, and each GET with the file of that path."""

    def __init__(self):
        self.answer = {}
        self.files = {}
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self._send(json.dumps(relay.answer).encode(), "application/json")

            def do_GET(self):
                data = relay.files.get(self.path)
                if data is None:
                    self.send_error(404)
                else:
                    self._send(data, "image/png")

            def _send(self, data, kind):
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def pictures(self, *pictures):
        self.answer = {
            "data": [
                {"url": f"{self.base}{p}"}
                if isinstance(p, str)
                else {"b64_json": base64.b64encode(p).decode()}
                for p in pictures
            ]
        }

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def relay(monkeypatch):
    made = Relay()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{made.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "any-word-will-do-here")
    yield made
    made.stop()


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
    yield made
    made.run(made.close())
    made.runner.close()


def draw(session, **options):
    return session.draw("画只猫", model="gpt-image-1", **options)


GOOD, OTHER = picture(size=(24, 16)), picture(size=(32, 16))


def broken():
    """A PNG whose beginning and end are right, and whose pixels are not."""
    data = bytearray(picture(size=(64, 64)))
    at = data.index(b"IDAT") + 8
    data[at : at + 8] = bytes(8)
    return bytes(data)


def test_one_broken_picture_does_not_cost_the_good_ones(session, relay):
    relay.pictures(GOOD, broken(), OTHER)
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD, OTHER]
    assert "2 pictures" in drawing.caption()
    assert "1 left out" in drawing.caption()
    (reason,) = drawing.lost
    assert "left out" in reason
    assert "cannot be decoded" in reason
    assert session.store.new_warnings() == [f"@{drawing.number}: {reason}"]
    assert session.store.records()[-1].lost == [reason]


def test_one_broken_link_does_not_cost_the_good_ones(session, relay):
    relay.files = {"/good.png": GOOD, "/broken.png": broken()}
    relay.pictures("/broken.png", "/gone.png", "/good.png")
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD]
    assert "2 left out" in drawing.caption()
    assert "cannot be decoded" in drawing.lost[0]
    assert "404" in drawing.lost[1]


def test_no_good_picture_is_an_error_with_its_drawing(session, relay):
    relay.pictures(broken())
    with pytest.raises(NoPictureError, match="cannot be decoded") as caught:
        draw(session)
    assert caught.value.maybe_billed
    assert caught.value.drawing.record.error.type == "NoPictureError"


def test_no_good_link_is_an_error_with_its_address(session, relay):
    relay.pictures("/gone.png")
    with pytest.raises(DownloadError, match="404") as caught:
        draw(session)
    assert caught.value.url == f"{relay.base}/gone.png"


def large(size=1024):
    """A picture of more bytes than the smallest limit that can be set."""
    return picture(size=(64, 64)) + bytes(size)


def test_a_picture_over_the_limit_says_so_and_how_to_raise_it(session, relay):
    session.settings.picture_bytes = 1024
    relay.pictures(large())
    with pytest.raises(NoPictureError) as caught:
        draw(session)
    assert "The picture is larger than 1.0 kB, the limit." in str(caught.value)
    assert "%config Nbext.picture_bytes = 4096" in caught.value.remedy
    session.settings.picture_bytes = 4096
    assert draw(session).pictures[0].data == large()


def test_what_is_over_the_limit_leaves_nothing_in_the_text(session, relay):
    session.settings.picture_bytes = 1024
    inside = base64.b64encode(large(200_000)).decode()
    message = {"content": f"Here: ![cat](data:image/png;base64,{inside}) and more."}
    relay.answer = {"choices": [{"message": message, "finish_reason": "stop"}]}
    with pytest.raises(NoPictureError, match="larger than") as caught:
        session.draw("画只猫", model="gpt-4o-image")
    assert len(caught.value.text) < 100
    assert caught.value.text.endswith(" and more.")


def test_a_picture_over_the_limit_does_not_cost_the_others(session, relay):
    session.settings.picture_bytes = 1024
    small = picture(size=(2, 2))
    relay.pictures(small, large())
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [small]
    assert "%config Nbext.picture_bytes" in drawing.lost[0]


def test_a_picture_given_back_unchanged_is_the_result_and_is_told_of(relay, session):
    relay.files = {"/same.png": GOOD, "/other.png": OTHER}
    relay.pictures("/same.png")
    drawn = draw(session, images=GOOD)
    assert drawn.pictures[0].data == GOOD
    assert "unchanged" in "".join(session.store.new_warnings())
    # Beside another one it is a quotation.
    relay.pictures("/same.png", "/other.png")
    assert [p.data for p in draw(session, images=GOOD).pictures] == [OTHER]
    assert not session.store.new_warnings()
