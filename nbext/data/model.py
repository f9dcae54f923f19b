"""A model as its endpoint lists it."""

from __future__ import annotations

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model that an endpoint serves. What nobody says is empty, or None.

    Attributes:
        id: Its name, as a request has it.
        name: Its name for people.
        owned_by: Whose it is, in the endpoint's words.
        types: What it speaks or makes, in the endpoint's words.
        inputs: What it takes: ``text``, ``image``, ``video``, …
        outputs: What it makes.
        price: US dollars a call.
        input_price: US dollars a million tokens.
        output_price: US dollars a million tokens.
        shutdown_date: When it ends.
        parameters: The fields of a body that it takes.
        values: By field, the values that it takes.
    """

    id: str
    name: str = ""
    owned_by: str = ""
    types: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    price: float | None = None
    input_price: float | None = None
    output_price: float | None = None
    shutdown_date: str = ""
    parameters: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = {}
