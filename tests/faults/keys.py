"""A canary key in many shapes, echoed in many ways: it goes to its endpoint and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import logging
import pickle
import random
import tempfile
import traceback
from pathlib import Path
from urllib.parse import quote

from nbext.config.settings import Nbext
from nbext.drawings.history import History
from nbext.errors import NbextError
from nbext.export.code.languages import LANGUAGES
from nbext.session.session import Session
from tests.faults.case import Tally
from tests.faults.server import Exchange, FaultServer
from tests.faults.surroundings import environment, hurry
from tests.sinks import picture

SHAPES = (
    "sk-canary-0123456789abcdef",
    "zz/Canary+0123==",
    'canary"quote\\0123',
    "canary-äöü-0123".encode("ascii", "replace").decode(),
    "c4n5y",
    "canary.0123:ABCDEF~$%&",
)


def _written(key: str) -> dict[str, str]:
    """The ways in which an endpoint echoes a key."""
    return {
        "as it is": key,
        "in JSON": json.dumps(key)[1:-1],
        "in a URL": quote(key, safe=""),
        "in base64": base64.b64encode(key.encode()).decode(),
        "in base64, with a word": base64.b64encode(f"Bearer {key}".encode()).decode(),
        "in base64 of URLs": base64.urlsafe_b64encode(f"x:{key}".encode()).decode(),
        "as a bearer": f"Authorization: Bearer {key}",
    }


PLACES = ("error", "text", "stream", "model", "id", "header", "page", "link", "reason", "job")


class Echo:
    """Answers with what it was told to say, in one of many places."""

    def __init__(self) -> None:
        self.plans: dict[int, tuple[str, str]] = {}

    async def __call__(self, x: Exchange) -> None:
        if x.request.method != "POST":
            await x.answer(b'{"data":[]}', content_type="application/json")
            return
        number = int(x.request.body.split(b"echo-")[1].split(b"-")[0])
        place, word = self.plans[number]
        data = base64.b64encode(picture(size=(9, 9))).decode()
        good = {"choices": [{"message": {"content": f"![a](data:image/png;base64,{data})"}}]}
        kind, status, headers = "application/json", 200, {}
        if place == "error":
            body, status = json.dumps({"error": {"message": f"bad {word}", "code": word}}), 401
        elif place == "text":
            body = json.dumps({"choices": [{"message": {"content": f"invalid token {word}!"}}]})
        elif place == "stream":
            half = len(word) // 2
            pieces = [{"choices": [{"delta": {"content": p}}]} for p in (word[:half], word[half:])]
            body = "".join(f"data: {json.dumps(p)}\n\n" for p in pieces) + "data: [DONE]\n\n"
            kind = "text/event-stream"
        elif place == "page":
            body, kind = f"<html><title>{word}</title>{word}</html>", "text/html"
        elif place == "link":
            text = f"![a](http://127.0.0.1:1/{quote(word, safe='')}.png)"
            body = json.dumps({"choices": [{"message": {"content": text}}]})
        elif place == "job":
            body = json.dumps({"id": word, "status": "failed", "error": {"message": word}})
        elif place == "header":
            body, headers = (
                json.dumps(good),
                {"x-request-id": word.encode("ascii", "replace").decode()},
            )
        else:
            body = json.dumps(good | {place: word, "finish_reason": word, "usage": {"note": word}})
        await x.answer(body.encode(), status, content_type=kind, **headers)


def run(count: int, seed: int) -> Tally:
    """Have keys echoed so often, and look for them wherever anything is kept or shown."""
    tally = Tally("canary keys, echoed", count=count)
    rng = random.Random(seed)
    every = [(s, e, p) for s in range(len(SHAPES)) for e in _written(SHAPES[s]) for p in PLACES]
    rng.shuffle(every)
    while len(every) < count:
        every += every
    logs = io.StringIO()
    handler = logging.StreamHandler(logs)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        for shape, key in enumerate(SHAPES):
            mine = [(e, p) for s, e, p in every[:count] if s == shape]
            asyncio.run(_run(key, mine, logs, tally))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return tally


async def _run(key: str, mine: list[tuple[str, str]], logs: io.StringIO, tally: Tally) -> None:
    echo = Echo()
    written = _written(key)
    seen: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as base, hurry():
        async with FaultServer(echo) as server:
            keyring = "keyring.backends.null.Keyring"
            where = environment(
                NBEXT_BASE_URL=server.base, NBEXT_API_KEY=key, PYTHON_KEYRING_BACKEND=keyring
            )
            with where:
                chosen = Nbext(total_timeout=5.0, silence_timeout=5.0, confirm_above=10**9)
                session = Session(Path(base) / "cats.draws", chosen=chosen)
                for number, (how, place) in enumerate(mine):
                    echo.plans[number] = (place, written[how])
                    seen += await _ask(session, number, f"{how}, {place}", tally)
                seen += _kept(session, Path(base))
                await session.runner.bridge(session.close())
                session.runner.close()
    seen.append(("the logs", logs.getvalue()))
    logs.truncate(0)
    logs.seek(0)
    hidden = _hidden(key)
    for place, text in seen:
        for spelling in hidden:
            if spelling in text:
                at = text.index(spelling)
                tally.note("entered", f"{place}: {text[max(0, at - 40) : at + 60]!r}")
                break


def _hidden(key: str) -> list[str]:
    """What may stand nowhere; a word of five letters stands in base64 of anything."""
    plain = [key, json.dumps(key)[1:-1], quote(key, safe="")]
    return [*plain, base64.b64encode(key.encode())[:-4].decode()] if len(key) > 5 else plain


async def _ask(session: Session, number: int, what: str, tally: Tally) -> list[tuple[str, str]]:
    out = io.StringIO()
    text = ""
    try:
        with contextlib.redirect_stderr(out), contextlib.redirect_stdout(out):
            drawing = await session.adraw(f"echo-{number}- cat", model="m", via="chat")
        text = f"{drawing!r}{drawing._repr_mimebundle_()}"
        text += "".join(drawing.code(language) for language in LANGUAGES)
        text += repr(pickle.dumps(drawing))
    except NbextError as error:
        text = f"{error}{error!r}{vars(error)}" + "".join(traceback.format_exception(error))
    except BaseException as error:
        tally.note("bare", f"{what}: {error!r}")
    return [(what, text + out.getvalue())]


def _kept(session: Session, folder: Path) -> list[tuple[str, str]]:
    """All that is on disk, and what is exported."""
    History(session.store).to_html(folder / "x.html")
    session.history.to_zip(folder / "x.zip")
    texts = [("repr of settings", repr(session.settings) + str(vars(session)))]
    texts.append(("methods", session.history.methods()))
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".jsonl", ".html", ".toml", ".md", ".json"):
            texts.append((path.name, path.read_text("utf-8", "replace")))
    return texts
