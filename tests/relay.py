"""A relay that answers what a test wants, and counts what is asked of it."""

from __future__ import annotations

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from PIL import Image


class Answering(BaseHTTPRequestHandler):
    """Answers a request, and says nothing of it."""

    def reply(self, data, kind, status=200, headers=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in [*self.server.headers().items(), *(headers or {}).items()]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class _Listener(ThreadingHTTPServer):
    # As many connections at once as a test makes.
    request_queue_size = 256

    def handle_error(self, *_):
        """Who has hung up hears no complaint."""


class Server:
    """Answers on a port of its own until it is stopped.

    Attributes:
        base: Its URL.
        headers: What each answer has beside type and length.
    """

    headers: dict[str, str] = {}

    def __init__(self, handler):
        self.server = _Listener(("127.0.0.1", 0), handler)
        self.server.headers = lambda: self.headers
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class File(NamedTuple):
    """An answer to a GET with a status and headers of its own."""

    data: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    content_type: str = "image/png"


class Relay(Server):
    """Answers each POST with the JSON it was given (a list as a stream), and each GET with the file of that path.

    Where a list of files stands, each GET takes the next one, down to the last. An answer may be a function of the
    request's body, and a file a function that gives it. A piece of a stream that is a function is called when it is
    its turn, which may wait: what comes before is sent by then. A file that is a number is that HTTP status, and
    an answer may be a pair of one and the JSON. An answer in bytes is sent as it is, as ``content_type``. A file named
    ``POST /path`` answers a POST to that path, which is not counted.
    """

    def __init__(self):
        self.answer = {}
        self.headers = {}
        self.status = 200
        self.content_type = "text/event-stream"
        self.files = {}
        self.before_answer = self.before_get = lambda: None
        self.asked = []
        self.keys = {}
        self.posts = 0
        relay = self

        class Handler(Answering):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if f"POST {self.path}" in relay.files:
                    # It asks for the state of a job, and costs nothing.
                    self._file(f"POST {self.path}")
                    return
                relay.posts += 1
                relay.before_answer()
                answer = relay.answer
                if callable(answer):
                    answer = answer(json.loads(body))
                status = relay.status
                if isinstance(answer, tuple):
                    status, answer = answer
                if isinstance(answer, bytes):
                    self.reply(answer, relay.content_type, status)
                elif isinstance(answer, list) and any(callable(piece) for piece in answer):
                    self._stream(answer)
                elif isinstance(answer, list):
                    stream = "".join(f"data: {json.dumps(piece)}\n\n" for piece in answer)
                    self.reply(stream.encode(), "text/event-stream")
                else:
                    self.reply(json.dumps(answer).encode(), "application/json", status)

            def do_GET(self):
                relay.before_get()
                self._file(self.path)

            def _file(self, path):
                relay.asked.append(path)
                relay.keys[path] = self.headers["authorization"]
                data = relay.files.get(path)
                if isinstance(data, list):
                    data = data.pop(0) if len(data) > 1 else data[0]
                if callable(data):
                    data = data()
                if data is None or data == []:
                    self.send_error(404)
                elif isinstance(data, int):
                    self.send_error(data)
                elif isinstance(data, File):
                    self.reply(data.data, data.content_type, data.status, data.headers)
                elif isinstance(data, tuple):
                    status, value = data
                    self.reply(json.dumps(value).encode(), "application/json", status)
                elif isinstance(data, bytes):
                    self.reply(data, "image/png")
                else:
                    self.reply(json.dumps(data).encode(), "application/json")

            def _stream(self, pieces):
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                for piece in pieces:
                    if callable(piece):
                        piece()
                    else:
                        self.wfile.write(f"data: {json.dumps(piece)}\n\n".encode())

        super().__init__(Handler)

    def wait_a_second_after_the_answer(self, session):
        """Let a session be patient with the answer itself, and give up one second after it."""

        def hurry():
            session.settings.total_timeout = session.settings.silence_timeout = 1.0
            assert session.connection.client.limits.total == 1.0

        self.before_answer = hurry

    def pictures(self, *pictures):
        self.answer = {
            "data": [
                {"url": f"{self.base}{p}"}
                if isinstance(p, str)
                else {"b64_json": base64.b64encode(p).decode()}
                for p in pictures
            ]
        }


class CountingRelay(Server):
    """Answers each POST with a picture that nobody had before, and counts them.

    Attributes:
        slow: Requests with this in them have to wait until ``go`` is set.
        waiting: How many do.
    """

    def __init__(self):
        self.paid = self.waiting = 0
        self.prompts = []
        self.slow = b"slow"
        self.go = threading.Event()
        relay, lock = self, threading.Lock()

        class Handler(Answering):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if is_slow := relay.slow in body:
                    with lock:
                        relay.waiting += 1
                    relay.go.wait(60)
                with lock:
                    relay.paid += 1
                    relay.waiting -= is_slow
                    colour = relay.paid.to_bytes(3, "big")
                buffer = io.BytesIO()
                Image.new("RGB", (8, 8), tuple(colour)).save(buffer, "PNG")
                picture = base64.b64encode(buffer.getvalue()).decode()
                data = json.dumps({"data": [{"b64_json": picture}]}).encode()
                self.reply(data, "application/json")

        super().__init__(Handler)
        self.base += "/v1"

    def stop(self):
        self.go.set()
        super().stop()
