"""The rows of the tables of gateways, and what many of them share.

Each row is a :class:`~tests.cases.relays.Situation`: a request, all that the gateway answers, and what is right.
The gateways are reached through an endpoint in OpenAI's form, which passes their answers on.
"""

from __future__ import annotations

from typing import Any

from tests.cases.relays import (
    IMAGES,
    RED,
    Situation,
)

GATEWAYS: list[Situation] = []
CHAT = {"model": "gpt-4o-image"}
GEMINI = {"model": "gemini-3-pro-image", "via": "gemini"}
IMAGEN = {"model": "imagen-4.0-generate-001", "via": "images"}
FILM = {"model": "kling-v3", "kind": "video"}


def images(model: str) -> dict[str, Any]:
    return {"model": model, "via": "images"}


def row(name: str, ask: dict[str, Any], answer: Any, files: Any = None, **right: Any) -> None:
    GATEWAYS.append(Situation(name, ask, answer, files or {}, **right))


def refused(
    name: str,
    status: int,
    answer: Any,
    error: str,
    words: str = "",
    *,
    ask: Any = None,
    **more: Any,
) -> None:
    """Add a refusal, which is sent once, fetches nothing and is not billed unless ``more`` says so."""
    right = {"billed": False, "gets": ()} | more
    quoted = (words,) if words else ()
    row(name, ask or IMAGES, answer, status=status, error=error, words=quoted, **right)


def drawn_by(name: str, ask: Any, answer: Any, files: Any = None, **right: Any) -> None:
    """Add an answer with one red picture."""
    row(name, ask, answer, files, pictures=("red",), **right)


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


A = {"/a.png": RED}
URL = "{base}/a.png"
IN = "https://in.example/in.png"
