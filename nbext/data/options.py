"""The options of a request from a cell, from Python, from the panel or from a sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from nbext.data.record import Kind

__all__ = ["Kind", "Options", "Way"]

# How the request was written, and remedies are said: in a cell, as a Python call, in a form.
Way = Literal["cell", "call", "form"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one request, before its references are read.

    Attributes:
        prompt: The final prompt, with variables and style filled in.
        template: The prompt as written in the cell, if variables were filled in.
        variables: The filled-in values by variable.
        unfilled: Names in braces that were not filled in.
        kind: The kind of result: a picture, text, or a film.
        model: The model; empty for the default model.
        images: Reference pictures: drawings, PIL images, arrays, figures, bytes, paths, URLs,
            ``"@3"`` or names of variables.
        mask: A picture, None for no mask.
        aspect: For example ``2:3``.
        size: For example ``1024x1536``.
        quality: One of the model's values.
        format: The picture's file format.
        seed: The seed, None to leave it out.
        system: The system message.
        continues: The drawing whose conversation to continue, or a reference to it.
        params: Other fields of the request body.
        via: The wire format, empty for the model's own.
        endpoint: The endpoint's name, empty for the current one.
        takes: The number of drawings.
        fresh: Whether to ignore recorded drawings.
        after: The number of a drawing to make another take of; 0 for none.
        schema: The shape of a text answer: a JSON schema, a dataclass, a struct, a model.
        tools: Python functions that the model may call, and tools of the endpoint.
        yes: Whether to call them without asking the user.
        rounds: How often the model may call functions.
        search: Whether the model may search the web.
        seconds: The length of a film, None for the model's default.
        way: How the request was written.
    """

    prompt: str
    template: str = ""
    variables: dict[str, str] = {}
    unfilled: tuple[str, ...] = ()
    kind: Kind = "draw"
    model: str = ""
    images: tuple[object, ...] = ()
    mask: object = None
    aspect: str = ""
    size: str = ""
    quality: str = ""
    format: str = ""
    seed: int | None = None
    system: str = ""
    continues: object = None
    params: dict[str, Any] = {}
    via: str = ""
    endpoint: str = ""
    takes: int = 1
    fresh: bool = False
    after: int = 0
    schema: object = None
    tools: tuple[Callable[..., Any] | Mapping[str, Any], ...] = ()
    yes: bool = False
    rounds: int = 8
    search: bool = False
    seconds: int | None = None
    way: Way = "call"
