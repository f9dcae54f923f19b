"""The server of the embedded endpoint: listens on loopback and draws without a model."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
import threading
from typing import TYPE_CHECKING

from nbext.embedded.access import Access
from nbext.embedded.state import RequestLog, ServerState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tornado.httpserver import HTTPServer
    from tornado.web import Application

__all__ = ["Endpoint", "RequestLog", "serve"]

# Seconds between two looks whether a thread that starts is still there.
SECONDS_TO_START = 1.0
_DISCARD_LIMIT = 4 * 2**30  # a larger body is not even read to be discarded


class Endpoint:
    """The embedded endpoint, in its own thread.

    Args:
        host: The host to listen on. Others can connect unless it is loopback.
        port: 0 takes a free one.
        key: The key that clients send; None creates a random one.
        pace: Scales the artificial delays; 0 turns them off.
        first_take: The number of the first take of a request.
        names: Other host names to accept, besides loopback names and the host itself.

    Attributes:
        key: The key.
        base_url: ``http://127.0.0.1:PORT/v1``, once it has started.

    Example:
        >>> endpoint = Endpoint()
        >>> endpoint.start()
        >>> endpoint.base_url.startswith("http://127.0.0.1:")
        True
        >>> endpoint.stop()
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str | None = None,
        pace: float = 1.0,
        first_take: int = 0,
        names: Iterable[str] = (),
    ) -> None:
        self.host = host
        self.port = port
        self.key = key or "sk-" + secrets.token_hex(24)
        self.base_url = ""
        access = Access(self.key, host, frozenset(names))
        self._state = ServerState(access=access, pace=pace, first_take=first_take)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._errors: list[BaseException] = []

    @property
    def log(self) -> list[RequestLog]:
        """The latest requests, the oldest first."""
        return self._state.log

    @property
    def pace(self) -> float:
        """The factor of the artificial delays; 0 is no delay."""
        return self._state.pace

    @pace.setter
    def pace(self, pace: float) -> None:
        self._state.pace = pace

    def start(self) -> None:
        """Start listening in a daemon thread; return once clients can connect.

        Raises:
            OSError: If the port is taken.
        """
        with self._starting:
            if self._thread is not None:
                return
            ready = threading.Event()
            thread = threading.Thread(
                target=self._work, args=(ready,), name="nbext-embedded", daemon=True
            )
            thread.start()
            while not ready.wait(SECONDS_TO_START) and thread.is_alive():
                pass
            if not ready.is_set():
                # It could not even begin, and nobody is left who would say so.
                raise MemoryError
            if self._errors:
                thread.join()
                raise self._errors.pop()
            self._thread = thread

    def stop(self) -> None:
        """Stop listening, drop running requests, and wait for the thread to end."""
        with self._starting:
            if self._thread is None or self._loop is None or self._stopping is None:
                return
            with contextlib.suppress(RuntimeError):  # its loop may have ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = None

    def _work(self, ready: threading.Event) -> None:
        try:
            asyncio.run(self._listen(ready))
        except BaseException as error:  # noqa: BLE001 - raised again where start() was called
            self._errors.append(error)
        finally:
            ready.set()

    async def _listen(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        # reuse_port stays off: two endpoints must never share a port unnoticed.
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listening = socket.create_server((self.host, self.port), family=family, backlog=128)
        listening.setblocking(False)
        self.port = listening.getsockname()[1]
        name = f"[{self.host}]" if ":" in self.host else self.host
        name = "127.0.0.1" if self._state.access.everywhere else name
        self._state.root = f"http://{name}:{self.port}"
        self.base_url = f"{self._state.root}/v1"
        server = _server(_application(self._state))
        server.add_socket(listening)
        ready.set()
        try:
            await self._stopping.wait()
        finally:
            server.stop()
            await server.close_all_connections()
            # At their next step, the handlers notice that their clients are gone.
            await asyncio.sleep(0)
            self._state.close()


def _server(application: Application) -> HTTPServer:
    from tornado.httpserver import HTTPServer

    return HTTPServer(application, max_body_size=_DISCARD_LIMIT, idle_connection_timeout=300)


def _application(state: ServerState) -> Application:
    from tornado.web import Application

    from nbext.embedded import (
        base,
        chat,
        completions,
        file_api,
        files,
        gemini,
        gemini_batches,
        images,
        models,
        openai_batches,
        responses,
        videos,
    )

    arguments = {"state": state}
    routes = [
        (r"/v1/chat/completions", chat.Chat),
        (r"/v1/completions", completions.Completions),
        (r"/v1/responses", responses.Responses),
        (r"/v1/responses/(\w+)", responses.Response),
        (r"/v1/images", images.RouterImages),
        (r"/v1/images/generations", images.Generations),
        (r"/v1/images/edits", images.Edits),
        (r"/v1/(?:images/)?tasks/(\w+)", images.ImageTask),
        (r"/v1/videos", videos.Videos),
        (r"/v1/videos/(\w+)", videos.Video),
        (r"/v1/videos/(\w+)/content", videos.Content),
        (r"/v1/videos/(\w+)/remix", videos.Remix),
        (r"/v1/files", file_api.Files),
        (r"/v1beta/files", file_api.Files),
        (r"/upload/v1(?:beta)?/files", file_api.GeminiUpload),
        (r"/v1/files/([\w-]+)/content", file_api.FileContent),
        (r"/v1(?:beta)?/files/([\w-]+):download", file_api.FileContent),
        (r"/v1(?:beta)?/files/([\w-]+)", file_api.File),
        (r"/v1/batches", openai_batches.Batches),
        (r"/v1/batches/(batch_\w+)", openai_batches.BatchById),
        (r"/v1/batches/(batch_\w+)/cancel", openai_batches.BatchCancel),
        (r"/v1beta/batches", gemini_batches.GeminiBatches),
        (r"/v1(?:beta)?/batches/(\w+)(?::(\w+))?", gemini_batches.GeminiBatch),
        (r"/v1(?:beta)?/models/?", models.Models),
        (r"/v1(?:beta)?/models/(.+):(\w+)", gemini.Generate),
        (r"/v1(?:beta)?/models/(.+)", models.Model),
        (r"/api/pricing", models.Pricing),
        (r"/files/(?:download/)?([\w.-]+)", files.StoredFile),
        (r"/source/(\w+)", files.Source),
        (r"/web/(\w+)", files.Web),
    ]
    return Application(
        [(pattern, handler, arguments) for pattern, handler in routes],
        default_handler_class=base.Unknown,
        default_handler_args=arguments,
        log_function=lambda _handler: None,
    )


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    key: str | None = None,
    names: Iterable[str] = (),
) -> None:
    """Serve the endpoint to other clients until Ctrl-C, as ``nbext serve`` does.

    Prints the base URL and the key, to be copied into another program.

    Args:
        host: The host to listen on.
        port: The port; 0 takes a free one.
        key: The key that clients have to send; None creates a random one.
        names: Other host names to accept.

    Raises:
        OSError: If the port is taken.
    """
    import sys

    endpoint = Endpoint(host=host, port=port, key=key, names=names)
    endpoint.start()
    lines = [
        f"Base URL: {endpoint.base_url}",
        f"API key:  {endpoint.key}",
        "It sketches without a model. Ctrl-C stops it.",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stop = threading.Event()
    with contextlib.suppress(ValueError):  # not in the main thread: Ctrl-C arrives elsewhere
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        stop.wait()
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    finally:
        endpoint.stop()
