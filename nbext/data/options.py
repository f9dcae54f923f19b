"""What one request is asked with, whichever way it comes in: cell, Python, panel or sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from nbext.data.record import Kind

__all__ = ["Kind", "Options"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one request, before its references are read.

    Attributes:
        prompt: The final prompt: variables and style are filled in.
        template: As it stands in the cell, where variables were filled in.
        variables: What was filled in, by the variable's name.
        unfilled: Names in braces that nothing was filled in for.
        kind: What comes back: a picture, words, or a film.
        model: Empty for the settings' model of this kind.
        images: Reference pictures: drawings, PIL images, arrays, figures, bytes, paths, URLs,
            ``"@3"`` or names of variables.
        mask: A picture, None for none.
        aspect: Like ``2:3``.
        size: Like ``1024x1536``.
        quality: The model's word.
        format: The file format of the picture.
        seed: None where none is wanted.
        system: A system message.
        continues: The drawing whose conversation goes on, or a reference to it.
        params: Other fields of the body.
        via: The wire format, empty for the model's own.
        endpoint: The endpoint's name, empty for the one in use.
        takes: How many drawings of the request.
        fresh: Whether recorded drawings are left aside.
        after: The number of a drawing of which another take is wanted; 0 for none.
        schema: The shape of an answer in words: a JSON schema, a dataclass, a struct, a model.
        tools: Python functions that the model may call.
        yes: Whether these run without a question to the user.
        rounds: How often the model may call functions.
        search: Whether the model may search the web.
        seconds: The length of a film, None for the model's own.
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
    tools: tuple[Callable[..., Any], ...] = ()
    yes: bool = False
    rounds: int = 8
    search: bool = False
    seconds: int | None = None
