"""``GET /v1/models``: which models an endpoint serves, in whatever shape it says so."""

from __future__ import annotations

from typing import Any

import msgspec

from nbext.wire.events import Call


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A model that an endpoint serves.

    Attributes:
        id: Its name.
        types: What it speaks or makes, in the endpoint's words.
        price: US dollars a call, None where nobody says.
        shutdown_date: When it ends, empty where nobody says.
    """

    id: str
    types: tuple[str, ...] = ()
    price: float | None = None
    shutdown_date: str = ""


def listing() -> Call:
    """Ask for the models."""
    return Call(path="models", method="GET", generating=False)


def parse(value: Any) -> list[Model]:
    """Read a list of models: OpenAI's, new-api's, OpenRouter's, Gemini's, Anthropic's, plain names.

    Whatever cannot be read is left out.

    Example:
        >>> [m.id for m in parse({"data": [{"id": "gpt-4o-image"}, "sora_image", 7]})]
        ['gpt-4o-image', 'sora_image']
    """
    items: Any = value
    if isinstance(value, dict):
        items = value.get("data") or value.get("models") or []
    if isinstance(items, dict):
        items = (
            list(items.values())
            if all(isinstance(v, dict) for v in items.values())
            else list(items)
        )
    models = [_model(item) for item in items] if isinstance(items, list) else []
    return list({model.id: model for model in models if model is not None}.values())


def _model(item: Any) -> Model | None:
    if isinstance(item, str):
        return Model(id=item) if item.strip() else None
    if not isinstance(item, dict):
        return None
    id_ = item.get("id") or item.get("name") or item.get("model")
    if not isinstance(id_, str) or not id_.strip():
        return None
    types = item.get("supported_endpoint_types") or _modalities(item)
    shutdown = item.get("shutdown_date")
    return Model(
        id=id_.removeprefix("models/"),
        types=tuple(str(word) for word in types) if isinstance(types, list) else (),
        price=_price(item),
        shutdown_date=shutdown if isinstance(shutdown, str) else "",
    )


def _modalities(item: dict[str, Any]) -> Any:
    architecture = item.get("architecture")
    if isinstance(architecture, dict):
        return architecture.get("output_modalities")
    return item.get("supportedGenerationMethods")


def _price(item: dict[str, Any]) -> float | None:
    """Read the price of a call; prices of tokens say little about a picture."""
    pricing = item.get("pricing")
    for source in (item, pricing if isinstance(pricing, dict) else {}):
        for key in ("model_price", "price_per_call", "image", "request"):
            try:
                price = float(source[key])
            except (KeyError, TypeError, ValueError):
                continue
            if 0 < price < 1000:
                return price
    return None
