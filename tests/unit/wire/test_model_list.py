"""Lists of models and prices, in the shapes that endpoints have for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.model import Model
from nbext.errors import RequestError
from nbext.wire import model_list
from nbext.wire.model_list import parse


@pytest.mark.parametrize(
    "value",
    [
        {"object": "list", "data": [{"id": "one"}, {"id": "two"}]},
        {"success": True, "data": [{"id": "one", "supported_endpoint_types": None}, "two"]},
        {"models": [{"name": "models/one", "displayName": "One"}, {"name": "models/two"}]},
        {"data": [{"id": "one", "type": "model"}, {"id": "two"}], "has_more": False},
        {"data": {"one": {"owned_by": "x"}, "two": {}}},
        {"data": {"data": [{"id": "one"}, {"model": "two"}]}},
        [{"id": "one"}, {"id": "two"}],
        ["one", " two ", "", None, 7, {"id": ""}, {"id": 3}, []],
        [{"id": "one"}, {"id": "two"}, {"id": "one"}],
    ],
)
def test_any_shape_of_list(value):
    assert [model.id for model in parse(value)] == ["one", "two"]


@pytest.mark.parametrize("value", [None, 7, "x", {}, [], {"data": None}, {"data": "x"}])
def test_what_is_no_list_holds_no_models(value):
    assert parse(value) == []


def test_what_a_relay_says_of_a_model():
    told = {
        "id": "gpt-4o-image",
        "created": 1626777600,
        "owned_by": "custom",
        "supported_endpoint_types": ["openai", "image-generation", 5],
        "shutdown_date": "2026-12-01",
    }
    assert parse({"data": [told]}) == [
        Model(
            id="gpt-4o-image",
            owned_by="custom",
            types=("openai", "image-generation"),
            shutdown_date="2026-12-01",
        )
    ]


def test_what_a_router_says_of_a_model():
    told = {
        "id": "maker/painter",
        "name": "Maker: Painter",
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["image"]},
        "pricing": {"prompt": "0.000002", "completion": "0.00001", "request": "0", "image": "0.03"},
    }
    (model,) = parse({"data": [told]})
    assert (model.name, model.inputs, model.outputs) == (
        "Maker: Painter",
        ("text", "image"),
        ("image",),
    )
    assert (model.price, model.input_price, model.output_price) == (0.03, 2.0, 10.0)


@pytest.mark.parametrize("price", ["-1", None, "much", True, [], "9" * 50, float("nan"), 1e300])
def test_a_price_that_is_none(price):
    (model,) = parse([{"id": "m", "pricing": {"prompt": price}, "model_price": price}])
    assert (model.price, model.input_price) == (None, None)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"success": False, "message": "get user group failed"}, "ServerError"),
        ({"error": {"message": "Invalid token (request id: 1)"}}, "AuthenticationError"),
        (
            {"error": {"message": "The model 'x' does not exist", "code": "model_not_found"}},
            "ModelError",
        ),
        ([{"error": {"code": 403, "message": "no"}}], "AccessError"),
    ],
)
def test_an_error_that_comes_as_a_success(value, kind):
    with pytest.raises(RequestError) as caught:
        parse(value)
    assert type(caught.value).__name__ == kind


@pytest.mark.parametrize(
    ("base", "version"), [("", "v1"), ("/v1", "v1"), ("/v1beta/", "v1"), ("/v4", "v4")]
)
def test_where_the_list_is(base, version):
    here = Endpoint(name="relay", base_url=f"https://h{base}", key=Secret(""))
    call = model_list.listing()
    assert (call.method, call.path, call.generating) == ("GET", "models", False)
    assert here.url(call.path, call.version) == f"https://h/{version}/models"


@pytest.mark.parametrize(
    ("base", "path", "version", "url"),
    [
        ("/api/openai/v1/", "chat/completions", "v1", "/api/openai/v1/chat/completions"),
        ("/api/openai", "chat/completions", "v1", "/api/openai/v1/chat/completions"),
        ("/v1/chat/completions", "chat/completions", "v1", "/v1/chat/completions"),
        ("/a/v1/images/generations/", "responses", "v1", "/a/v1/responses"),
        ("/v1/chat/completions", "models/m:generateContent", "v1beta", "/v1beta/models/m:generateContent"),
        ("/v1beta/openai/", "chat/completions", "v1", "/v1beta/openai/chat/completions"),
        ("/v1beta/openai", "models/m:generateContent", "v1beta", "/v1beta/models/m:generateContent"),
        ("/models", "chat/completions", "v1", "/models/v1/chat/completions"),
    ],
)  # fmt: skip
def test_where_a_call_goes(base, path, version, url):
    here = Endpoint(name="relay", base_url=f"https://h{base}", key=Secret(""))
    assert here.url(path, version) == f"https://h{url}"


def test_a_host_of_version_six_keeps_its_brackets():
    here = Endpoint(name="relay", base_url="http://[::1]:8000/v1", key=Secret(""))
    assert here.host == "[::1]:8000"
    assert Endpoint(name="relay", base_url="http://[::1]/v1", key=Secret("")).host == "[::1]"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "data", "models", "name", "pricing", "prompt", "model_price", "model_name"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(anything)
def test_no_answer_breaks_it(value):
    try:
        found = parse(value)
    except RequestError:
        return
    assert all(model.id for model in found)


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ({"id": "m", "supported_endpoint_types": ["openai", "gemini"]}, ("openai", "gemini")),
        ({"model_name": "m", "model_info": {"mode": "image_generation"}}, ("image_generation",)),
        ({"id": "m", "endpoints": ["/v1/images/generations"]}, ("/v1/images/generations",)),
        ({"id": "m", "model_type": "image"}, ("image",)),
    ],
)
def test_what_a_model_speaks_is_said_in_many_words(value, types):
    (model,) = parse([value])
    assert (model.id, model.types) == ("m", types)


def test_what_a_model_takes():
    (plain,) = parse([{"id": "m", "supported_parameters": ["seed", "prompt", 3]}])
    assert (plain.parameters, plain.values) == (("seed", "prompt"), {})
    facts = {
        "aspect_ratio": ["1:1", "2:3"],
        "resolution": {"type": "enum", "values": ["1K", "2K"]},
        "n": {"type": "range", "min": 1, "max": 4},
        "seed": {"type": "boolean"},
        "odd": None,
    }
    (full,) = parse([{"id": "m", "supported_parameters": facts}])
    assert set(full.parameters) == set(facts)
    assert full.values == {
        "aspect_ratio": ("1:1", "2:3"),
        "resolution": ("1K", "2K"),
        "n": ("4",),
    }
