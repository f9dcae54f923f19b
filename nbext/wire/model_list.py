"""``GET /v1/models``: parse the models that an endpoint serves, and their prices, in any form.

Sources: OpenAI API reference, ``/v1/models``; OpenRouter's, Google's and Anthropic's model lists;
new-api's ``supported_endpoint_types``.
"""

from __future__ import annotations

from typing import Any

from nbext.data.model import Model
from nbext.wire.error_classes import classify_error
from nbext.wire.events import Call
from nbext.wire.json_values import as_dict, as_list, as_text, encoded, error_of, error_status

_DEAREST = 100_000.0


def listing() -> Call:
    """Write the call that lists models."""
    return Call(path="models", method="GET", generating=False)


def parse(value: Any) -> list[Model]:
    """Parse a list of models: of OpenAI, new-api, OpenRouter, Gemini, Anthropic, or plain names.

    Unreadable entries and duplicates are left out.

    Raises:
        RequestError: The answer is an error, whatever its HTTP status was.

    Example:
        >>> [m.id for m in parse({"data": [{"id": "gpt-4o-image"}, "sora_image", 7]})]
        ['gpt-4o-image', 'sora_image']
    """
    error = error_of(value)
    if error is not None:
        raise classify_error(error_status(error), {}, encoded({"error": error}))
    items = value
    if isinstance(value, dict):
        items = value.get("data") or value.get("models")
        inner = as_dict(items)
        items = inner.get("data") or inner.get("models") or items
    if isinstance(items, dict):
        # By name: each with its description, or with nothing.
        items = [{"id": name, **as_dict(facts)} for name, facts in items.items()]
    models: dict[str, Model] = {}
    for item in as_list(items):
        model = _model(item)
        if model is not None:
            models.setdefault(model.id, model)
    return list(models.values())


def _model(item: Any) -> Model | None:
    if isinstance(item, str):
        return Model(id=item.strip()) if item.strip() else None
    facts = as_dict(item)
    # LiteLLM's /model/info has it one level deeper.
    facts = as_dict(facts.get("model_info")) | facts
    names = [as_text(facts.get(key)).strip() for key in ("id", "name", "model", "model_name")]
    id_ = next((name for name in names if name), "")
    if not id_:
        return None
    shown = [as_text(facts.get(key)) for key in ("display_name", "displayName", "name")]
    named = next((name for name in shown if name and name not in (id_, f"models/{id_}")), "")
    architecture = as_dict(facts.get("architecture")) or facts
    inputs = _words(architecture.get("input_modalities"))
    outputs = _words(architecture.get("output_modalities"))
    spoken = tuple(word for key in _SPOKEN for word in _words(facts.get(key)))
    parameters, values = _parameters(facts.get("supported_parameters"))
    price, input_price, output_price = _prices(facts)
    return Model(
        id=id_.removeprefix("models/"),
        name=named,
        owned_by=as_text(facts.get("owned_by")),
        types=spoken or outputs or _words(facts.get("supportedGenerationMethods")),
        inputs=inputs,
        outputs=outputs,
        price=price,
        input_price=input_price,
        output_price=output_price,
        shutdown_date=as_text(facts.get("shutdown_date")),
        parameters=parameters,
        values=values,
    )


# Fields with a model's abilities: new-api, LiteLLM (also below its ``model_info``), others.
_SPOKEN = ("supported_endpoint_types", "supported_endpoints", "endpoints", "mode", "model_type")
_VALUES = ("values", "enum", "options", "allowed")


def _words(value: Any) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else as_list(value)
    return tuple(word for word in items if isinstance(word, str) and word)


def _parameters(value: Any) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Parse the fields that a model accepts: a list of names, or values by name."""
    if not isinstance(value, dict):
        return _words(value), {}
    names = tuple(name for name in value if isinstance(name, str) and name)
    values: dict[str, tuple[str, ...]] = {}
    for name in names:
        facts = value[name]
        named = as_dict(facts)
        items = facts if isinstance(facts, list) else None
        for key in _VALUES:
            items = items if items is not None else named.get(key)
        texts = tuple(str(item) for item in as_list(items) if isinstance(item, (str, int, float)))
        if texts:
            values[name] = texts
        elif isinstance(named.get("max"), int):
            values[name] = (str(named["max"]),)
    return names, values


def _prices(facts: dict[str, Any]) -> tuple[float | None, float | None, float | None]:
    """Parse the prices of a call, of input and of output."""
    pricing_of = as_dict(facts.get("pricing"))
    calls = [(facts, "model_price"), (facts, "price_per_call")]
    calls += [(pricing_of, "image"), (pricing_of, "request")]
    # Lists write zero also if tokens are billed.
    call = next((p for source, key in calls if (p := _dollars(source.get(key)))), None)
    # OpenRouter's prices are per token.
    return (
        call,
        _dollars(pricing_of.get("prompt"), 1e6),
        _dollars(pricing_of.get("completion"), 1e6),
    )


def _dollars(value: Any, times: float = 1.0) -> float | None:
    """Parse a price; a negative one means that it is not fixed."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)) > 40:
        return None
    try:
        price = float(value) * times
    except (ValueError, OverflowError):
        return None
    return round(price, 6) if 0 <= price < _DEAREST else None
