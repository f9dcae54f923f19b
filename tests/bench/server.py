"""The endpoint of the bench: answers that are there already, sent as fast as a socket takes them.

``POST /CASE/v1/chat/completions`` gives the case's answer, ``GET /CASE/v1/models`` a list of one model.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys

from tests.bench.bodies import WARM, Case, answer

MODELS = json.dumps(
    {"object": "list", "data": [{"id": "gpt-4o-image", "object": "model"}]}
).encode()
SEEDS = itertools.count(1)
LIST = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(MODELS),
    MODELS,
)


class Answering(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    def connection_made(self, transport):
        self.transport = transport
        self.received = bytearray()

    def data_received(self, data):
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end]).decode("latin-1")
            line, *lines = head.split("\r\n")
            fields = {name.lower(): value for name, _, value in (ln.partition(":") for ln in lines)}
            whole = end + 4 + int(fields.get("content-length", 0))
            if len(self.received) < whole:
                return
            body = bytes(self.received[end + 4 : whole])
            del self.received[:whole]
            self.give(*line.split(" ")[:2], body)

    def give(self, method, path, body):
        if method == "GET":
            self.transport.write(LIST)
            return
        case = Case.of(path.split("/")[1])
        if f'"{WARM}'.encode() in body:
            case = case.warm
        if case.seed < 0:
            case = case._replace(seed=next(SEEDS))
        if case.wait:
            asyncio.get_running_loop().call_later(case.wait / 1000, self.send, answer(case))
        else:
            self.send(answer(case))

    def send(self, whole):
        if not self.transport.is_closing():
            self.transport.write(whole)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    # The bench closes our standard input when it ends, however it ends.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextlib.contextmanager
def running(root, core=0):
    """Run the endpoint in a process of its own; gives the URL before the case."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.server", str(core)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    from tests.bench.machine import pin

    pin(int(sys.argv[1]))
    asyncio.run(main())
