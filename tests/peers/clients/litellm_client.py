"""LiteLLM's library."""

from __future__ import annotations

import base64
import io

import litellm
import pydantic
from probe import BASE_URL, HELLO, KEY, is_picture, png, run

litellm.telemetry = False
OPTIONS = {"api_base": BASE_URL, "api_key": KEY, "num_retries": 0}
MESSAGES = [{"role": "user", "content": HELLO}]


class Person(pydantic.BaseModel):
    name: str
    age: int


def talk():
    answer = litellm.completion(model="openai/gpt-4.1", messages=MESSAGES, **OPTIONS)
    assert HELLO in answer.choices[0].message.content


def stream():
    pieces = litellm.completion(model="openai/gpt-4.1", messages=MESSAGES, stream=True, **OPTIONS)
    assert HELLO in "".join(piece.choices[0].delta.content or "" for piece in pieces)


def tools():
    function = {"name": "save_person", "parameters": Person.model_json_schema()}
    question = [{"role": "user", "content": "save a person"}]
    answer = litellm.completion(
        model="openai/gpt-4.1",
        messages=question,
        tools=[{"type": "function", "function": function}],
        **OPTIONS,
    )
    (call,) = answer.choices[0].message.tool_calls
    assert Person.model_validate_json(call.function.arguments)


def structured():
    answer = litellm.completion(
        model="openai/gpt-4.1", messages=MESSAGES, response_format=Person, **OPTIONS
    )
    assert Person.model_validate_json(answer.choices[0].message.content)


def image():
    answer = litellm.image_generation(
        model="openai/gpt-image-2", prompt="a cat", size="64x64", **OPTIONS
    )
    is_picture(base64.b64decode(answer.data[0].b64_json))


def edit():
    picture = io.BytesIO(png())
    picture.name = "cat.png"
    answer = litellm.image_edit(
        model="openai/gpt-image-2", image=picture, prompt="add a hat", **OPTIONS
    )
    is_picture(base64.b64decode(answer.data[0].b64_json))


run(talk=talk, stream=stream, tools=tools, structured=structured, image=image, edit=edit)
