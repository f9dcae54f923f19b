"""Histories of a stranger, and all that is shown, written and exported of them."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbext.data.record import SCHEMA, Record
from nbext.drawings.history import History
from nbext.errors import NbextError
from nbext.export.code.languages import LANGUAGES
from nbext.store.store import Store
from tests.faults.case import Tally
from tests.sinks import picture

# A title, a cleared screen, a colour in one byte, a bell, a line that runs backwards.
CONTROLS = "\x1b]0;title\x07\x1b[2J\x9b31m\x85\u202e"
MARKUP = (
    "\"><script>alert(1)</script><img src=x onerror=alert(1)>'`](javascript:alert(1))<!--${7*7}"
)
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# A page shows text that runs backwards as what it is.
_OBEYED_BY_PAGES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RUNS = {
    "html": re.compile(
        r"<script>alert|<img src=x|(?:src|href)=\W?(?:javascript|data:text)", re.IGNORECASE
    ),
    "methods": re.compile(r"(?<!\\)(?:<script>alert|<img src=x|\]\(javascript:)", re.IGNORECASE),
}
# Records of one history, so that what leads from one to another is walked, too.
PER_HISTORY = 8

_TEXTS = (
    *("", "x", CONTROLS, MARKUP, "\ud800", "\x00", "a" * 9000, "../../etc/passwd", "@1", "画" * 99),
    *("http://[::1", "http://xn--/", "[::1", "data:text/html,<script>", "2026-13-45T99:99Z", "nan"),
    *("0x0", "1024x99999999999", "%s%n{0}{}", "{{7*7}}", "image/svg+xml", "text/html", "9" * 400),
)
_ODD: tuple[Any, ...] = (
    *(*_TEXTS, None, True, False, 0, -1, 1, 7, 2**31, 2**62, 1.5, 1e308, -0.0),
    *([], {}, [[]], [{}], {"": None}, {"a": {"b": [1]}}, [1, "x", None], {"type": []}),
)


def value(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON value."""
    roll = rng.random()
    if depth < 3 and roll < 0.12:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if depth < 3 and roll < 0.24:
        names = ("url", "name", "id", "arguments", "result", "title", "a", MARKUP, CONTROLS, "size")
        return {rng.choice(names): value(rng, depth + 1) for _ in range(rng.randrange(4))}
    return rng.choice(_ODD)


def _table(rng: random.Random, *names: str, words: bool = False) -> dict[str, Any]:
    """Some of the fields that others look for, of any value."""
    return {
        name: rng.choice(_TEXTS) if words else value(rng) for name in names if rng.random() < 0.6
    }


def _info(rng: random.Random, stored: list[str]) -> dict[str, Any]:
    return {
        "sha256": rng.choice([*stored, "0" * 64, "..", MARKUP]),
        "media_type": rng.choice(["image/png", "text/html", "image/svg+xml", "video/mp4", *_TEXTS]),
        "size": rng.choice([0, 100, -1, 2**40]),
        "width": rng.choice([0, 1, -5, 24, 2**40]),
        "height": rng.choice([0, 1, -5, 16, 2**40]),
    }


def line(rng: random.Random, number: int, stored: list[str]) -> dict[str, Any]:
    """One line of a history, of values that the reader takes and that nobody would write."""
    ids = [f"id{n}" for n in range(PER_HISTORY)]
    fields: dict[str, Any] = {
        "type": rng.choice(["drawing", "drawing", "drawing", "sent", "note"]),
        "id": rng.choice([ids[number % PER_HISTORY], rng.choice(ids), MARKUP, CONTROLS]),
        "number": rng.choice([number + 1, number + 1, number + 1, value(rng)]),
        "schema": SCHEMA,
        "kind": rng.choice(["draw", "draw", "chat", "respond", "complete", "video", MARKUP]),
        "pictures": [_info(rng, stored) for _ in range(rng.randrange(3))],
        "films": [_info(rng, stored) for _ in range(rng.choice([0, 0, 1]))],
        "references": [
            {"sha256": rng.choice([*stored, "x"]), "drawing": rng.choice([*ids, ""])}
            for _ in range(rng.randrange(2))
        ],
        "parents": [rng.choice(ids) for _ in range(rng.randrange(3))],
        "calls": [
            _table(rng, "name", "arguments", "result", "id") for _ in range(rng.randrange(3))
        ],
        "citations": [_table(rng, "url", "title", "start") for _ in range(rng.randrange(3))],
        "usage": _table(rng, "total_tokens", "input_tokens", "cost", "details"),
        "parameters": _table(rng, "size", "aspect", "n", "format", "quality", "seed", "background"),
        "versions": _table(rng, "nbext", "python", words=True),
        "actual": _table(rng, "size", "quality", "background", "output_format", words=True),
        "changes": {name: value(rng) for name in ("star", "tags", "note") if rng.random() < 0.3},
        "error": rng.choice([None, None, {"type": rng.choice(_TEXTS), "message": MARKUP}]),
    }
    for name in Record.__struct_fields__:
        if name not in fields and name not in ("unknown", "digest") and rng.random() < 0.5:
            hint = Record.__annotations__.get(name, "") or _HINTS.get(name, "")
            fields[name] = rng.choice(_TEXTS) if hint == "str" else value(rng)
    return fields


_HINTS = {
    name: str(hint)
    for base in Record.__mro__
    for name, hint in getattr(base, "__annotations__", {}).items()
}


def _ways(history: History, folder: Path, rng: random.Random) -> Iterator[tuple[str, Callable]]:
    """All that can be asked of a history and of a drawing; what gives a text is looked at."""
    yield "html", lambda: history.to_html(folder / "x.html", overwrite=True).read_text()
    yield "methods", lambda: history.methods(title=MARKUP)
    yield "repr of the history", lambda: repr(history)
    yield "tree", lambda: history.tree().text()
    yield "search", lambda: len(history.search("cat")) and None
    yield "verify", lambda: str(history.verify())
    yield "zip", lambda: history.to_zip(folder / "x.zip", overwrite=True) and None
    yield "manifest", lambda: history.manifest
    yield "cost", lambda: history.cost and None
    for drawing in list(history):
        yield "repr", lambda d=drawing: repr(d)
        yield "caption", lambda d=drawing: d.caption("zh") + d.caption("en")
        yield "bundle", lambda d=drawing: _shown(d._repr_mimebundle_())
        language = rng.choice(list(LANGUAGES))
        yield f"code in {language}", lambda d=drawing, name=language: d.code(name) and None
        yield "differences", lambda d=drawing: str(d.differences) and None
        yield "facts", lambda d=drawing: _facts(d)
        yield "lineage", lambda d=drawing: (d.parents, d.children, d.tree().text())[2]
        yield "save", lambda d=drawing: d.save(folder / "saved") and None
        yield "save as", lambda d=drawing: d.save(folder / "saved.webp", overwrite=True) and None
        for one in drawing.pictures[:1]:
            yield "picture", lambda p=one: repr(p)
            yield "bundle of a picture", lambda p=one: _shown(p._repr_mimebundle_())


def _facts(drawing: Any) -> None:
    for name in (
        *("started", "cost", "elapsed", "tags", "note", "starred", "requested", "actual"),
        *("lost", "usage", "parameters", "text", "reasoning", "error", "host", "endpoint"),
    ):
        getattr(drawing, name)


def _shown(bundle: Any) -> str:
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return "\n".join(v for k, v in data.items() if k.startswith("text/") and isinstance(v, str))


def run(count: int, seed: int) -> Tally:
    """Look at so many records in every way."""
    tally = Tally("hostile records, shown and exported", count=count)
    rng = random.Random(seed)
    looks = 0
    for begin in range(0, count, PER_HISTORY):
        with tempfile.TemporaryDirectory() as base:
            store = Store(Path(base) / "cats.draws")
            stored = [store.put(picture(size=(24, 8 + n))).sha256 for n in range(2)]
            lines = [line(rng, n, stored) for n in range(min(PER_HISTORY, count - begin))]
            text = "\n".join(json.dumps(entry) for entry in lines) + "\n"
            (store.folder / "history.jsonl").write_text(text, "utf-8", "replace")
            history = History(Store(store.folder, read_only=True))
            for what, look in _look(history, Path(base), rng, tally):
                looks += 1
                _try(what, look, tally)
    tally.facts["looks"] = looks
    return tally


def _look(history: History, folder: Path, rng: random.Random, tally: Tally) -> list[Any]:
    try:
        return list(_ways(history, folder, rng))
    except NbextError:
        return []
    except BaseException as error:
        tally.note("bare", "".join(traceback.format_exception(error)[-3:]))
        return []


def _try(what: str, look: Callable[[], Any], tally: Tally) -> None:
    out = io.StringIO()
    text: Any = ""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            text = look()
    except NbextError as error:
        text = str(error)
    except BaseException as error:
        tally.note("bare", f"{what}: {''.join(traceback.format_exception(error)[-3:])}")
        return
    shown = out.getvalue() + (text if isinstance(text, str) else "")
    obeyed = _OBEYED_BY_PAGES if what == "html" else _OBEYED
    if match := obeyed.search(shown):
        tally.note(
            "entered", f"{what} shows {match[0]!r}: {shown[max(0, match.start() - 60) :][:90]!r}"
        )
    if what in _RUNS and (match := _RUNS[what].search(shown)):
        tally.note("entered", f"{what} runs {shown[max(0, match.start() - 60) :][:120]!r}")
