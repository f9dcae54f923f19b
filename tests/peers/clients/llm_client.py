"""llm, with the endpoint in its list of further models."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pydantic
import yaml
from probe import BASE_URL, HELLO, KEY, run

folder = tempfile.mkdtemp()
os.environ["LLM_USER_PATH"] = folder
entry = {"model_id": "embedded-talk", "model_name": "gpt-4.1", "api_base": BASE_URL}
entry |= {
    "api_key_name": "embedded",
    "supports_tools": True,
    "supports_schema": True,
    "can_stream": True,
}
Path(folder, "extra-openai-models.yaml").write_text(yaml.safe_dump([entry]))

import llm  # noqa: E402 - it reads its folder when it is imported


class Person(pydantic.BaseModel):
    name: str
    age: int


def model():
    return llm.get_model("embedded-talk")


def talk():
    assert HELLO in model().prompt(HELLO, stream=False, key=KEY).text()


def stream():
    assert HELLO in "".join(model().prompt(HELLO, stream=True, key=KEY))


def tools():
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    assert "sunny" in model().chain("the weather in Paris?", tools=[get_weather], key=KEY).text()


def structured():
    answer = model().prompt(HELLO, schema=Person, stream=False, key=KEY)
    assert Person.model_validate_json(answer.text())


run(talk=talk, stream=stream, tools=tools, structured=structured)
