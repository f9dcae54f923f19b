"""A model in an endpoint's list."""

from __future__ import annotations

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A model that an endpoint serves. Unknown values are empty, or None.

    Attributes:
        id: Its name in requests.
        name: Its name for people.
        owned_by: Its owner, in the endpoint's words.
        types: Its abilities, in the endpoint's words.
        inputs: Its inputs: ``text``, ``image``, ``video``, …
        outputs: Its outputs.
        price: US dollars a call.
        input_price: US dollars a million tokens.
        output_price: US dollars a million tokens.
        shutdown_date: The date of its end.
        parameters: The fields of a request body that it accepts.
        values: The accepted values by field.
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
