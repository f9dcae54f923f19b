"""Those who ask for a picture: nbext, what people use instead, and the least that keeps the promises.

Each has ``one(url, stream)``, which gives a function that draws a prompt and returns the bytes of the
picture, and, where it can do many at once, ``many(url, ceiling)``, which gives the same as a
coroutine. Everything is imported inside, because the import counts in a fresh process.

The peers keep the picture in memory and write nothing; ``floor`` writes all that nbext promises.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re

KEY = "sk-bench-0123456789"
MODEL = "gpt-4o-image"
PICTURE = re.compile(r"!\[[^\]]*\]\(data:image/\w+;base64,([^)\s]+)\)")
SECONDS = 120


def decoded(text):
    """The picture in an answer, as one would write it by hand."""
    return len(base64.b64decode(PICTURE.search(text).group(1)))


def asking(prompt, stream):
    return {
        "model": MODEL,
        "stream": stream,
        "messages": [{"role": "user", "content": prompt}],
    }


def delta(line):
    """The text of one line of an event stream."""
    if not line.startswith("data: {"):
        return ""
    return json.loads(line[6:])["choices"][0]["delta"].get("content", "")


class Openai:
    """The official client."""

    @staticmethod
    def one(url, stream):
        import openai

        client = openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=SECONDS)

        def draw(prompt):
            answer = client.chat.completions.create(**asking(prompt, stream))
            if not stream:
                return decoded(answer.choices[0].message.content)
            return decoded("".join(event.choices[0].delta.content or "" for event in answer))

        return draw

    @staticmethod
    def many(url):
        import openai

        client = openai.AsyncOpenAI(
            base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=SECONDS
        )

        async def draw(prompt):
            answer = await client.chat.completions.create(**asking(prompt, stream=False))
            return decoded(answer.choices[0].message.content)

        return draw


class Httpx:
    """httpx by hand."""

    @staticmethod
    def one(url, stream):
        import httpx

        client = httpx.Client(headers={"Authorization": f"Bearer {KEY}"}, timeout=SECONDS)
        url = f"{url}/v1/chat/completions"

        def draw(prompt):
            if not stream:
                answer = client.post(url, json=asking(prompt, stream)).json()
                return decoded(answer["choices"][0]["message"]["content"])
            with client.stream("POST", url, json=asking(prompt, stream)) as answer:
                return decoded("".join(delta(line) for line in answer.iter_lines()))

        return draw

    @staticmethod
    def many(url):
        import httpx

        client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=SECONDS,
            limits=httpx.Limits(max_connections=None),
        )
        url = f"{url}/v1/chat/completions"

        async def draw(prompt):
            answer = await client.post(url, json=asking(prompt, stream=False))
            return decoded(answer.json()["choices"][0]["message"]["content"])

        return draw


class Aiohttp:
    """aiohttp by hand; it has no ordinary client, so one draw runs its loop."""

    @staticmethod
    def one(url, stream):
        import asyncio

        loop = asyncio.new_event_loop()
        session = loop.run_until_complete(Aiohttp._session())
        url = f"{url}/v1/chat/completions"

        async def draw(prompt):
            async with session.post(url, json=asking(prompt, stream)) as answer:
                if not stream:
                    body = await answer.json()
                    return decoded(body["choices"][0]["message"]["content"])
                # A line may be longer than aiohttp's readline allows.
                parts, rest = [], ""
                async for data in answer.content.iter_any():
                    *lines, rest = (rest + data.decode()).split("\n")
                    parts += map(delta, lines)
                return decoded("".join(parts))

        return lambda prompt: loop.run_until_complete(draw(prompt))

    @staticmethod
    async def _session():
        import aiohttp

        return aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {KEY}"},
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(SECONDS),
        )

    @staticmethod
    def many(url):
        session = None
        url = f"{url}/v1/chat/completions"

        async def draw(prompt):
            nonlocal session
            session = session or await Aiohttp._session()
            async with session.post(url, json=asking(prompt, stream=False)) as answer:
                body = await answer.json()
                return decoded(body["choices"][0]["message"]["content"])

        return draw


class Nbext:
    """This package; a whole draw, with its records and its picture on disk."""

    @staticmethod
    def _set(url):
        import os

        os.environ |= {"NBEXT_BASE_URL": f"{url}/v1", "NBEXT_API_KEY": KEY}

    @staticmethod
    def one(url, stream):
        del stream  # it takes what comes
        Nbext._set(url)
        import nbext

        return lambda prompt: nbext.draw(prompt, model=MODEL).pictures[0].size

    @staticmethod
    def many(url):
        Nbext._set(url)
        import nbext

        async def draw(prompt):
            return (await nbext.adraw(prompt, model=MODEL)).pictures[0].size

        return draw


class Floor:
    """The least that keeps the promises: ``sent`` on disk, picture on disk, decoded once, its record.

    A raw socket, pybase64, sha256, files with fsync; it reads no JSON and trusts what comes.
    """

    @staticmethod
    def one(url, stream):
        import hashlib
        import io
        import os
        import socket

        import pybase64
        from PIL import Image

        del stream  # the base64 stands between the same marks
        host, _, path = url.removeprefix("http://").partition("/")
        name, _, port = host.partition(":")
        line = socket.create_connection((name, int(port)))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        folder = os.environ["NBEXT_HISTORY_FOLDER"]
        os.makedirs(folder, exist_ok=True)
        journal = os.open(f"{folder}/floor.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        pictures = os.open(folder, os.O_RDONLY)

        def note(kind, prompt, sha256=""):
            record = {"type": kind, "prompt": prompt, "sha256": sha256}
            os.write(journal, json.dumps(record).encode() + b"\n")
            os.fdatasync(journal)

        def draw(prompt):
            note("sent", prompt)
            body = json.dumps(asking(prompt, stream=False)).encode()
            head = (
                f"POST /{path}/v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            line.sendall(head.encode() + body)
            whole = Floor._received(line)
            at = whole.index(b";base64,") + 8
            data = pybase64.b64decode(whole[at : whole.index(b")", at)], validate=True)
            sha256 = hashlib.sha256(data).hexdigest()
            part = f"{folder}/part"
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(file, data)
            os.fsync(file)
            os.close(file)
            os.replace(part, f"{folder}/{sha256}.png")
            os.fsync(pictures)
            Image.open(io.BytesIO(data)).load()
            note("drawing", prompt, sha256)
            return len(data)

        return draw

    @staticmethod
    def _received(line):
        """The body of an answer, in one piece."""
        buffer = bytearray()
        while (end := buffer.find(b"\r\n\r\n")) < 0:
            buffer += line.recv(65536)
        head, end = bytes(buffer[:end]), end + 4
        if b"Content-Length" in head:
            total = end + int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0])
            rest = bytearray(total)
            have = len(buffer)
            rest[:have] = buffer
            view = memoryview(rest)
            while have < total:
                have += line.recv_into(view[have:])
            return rest
        while not buffer.endswith(b"0\r\n\r\n"):
            buffer += line.recv(1 << 18)
        pieces = []
        while size := int(buffer[end : (begin := buffer.index(b"\r\n", end) + 2) - 2], 16):
            pieces.append(buffer[begin : begin + size])
            end = begin + size + 2
        return b"".join(pieces)


CONTENDERS = {
    "floor": Floor,
    "openai": Openai,
    "httpx": Httpx,
    "aiohttp": Aiohttp,
    "nbext": Nbext,
}


def limited(draw, ceiling):
    """Let only so many be under way; 0 is no limit."""
    if not ceiling:
        return draw
    import asyncio

    some = asyncio.Semaphore(ceiling)

    async def drawn(prompt):
        async with some:
            return await draw(prompt)

    return drawn


@contextlib.contextmanager
def quiet():
    """Keep what a contender says to its user out of the figures."""
    import io

    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        yield
