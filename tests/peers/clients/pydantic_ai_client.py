"""Pydantic AI."""

from __future__ import annotations

import asyncio

import pydantic
from probe import BASE_URL, HELLO, KEY, run
from pydantic_ai import Agent, NativeOutput, PromptedOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

model = OpenAIChatModel("gpt-4.1", provider=OpenAIProvider(base_url=BASE_URL, api_key=KEY))


class Person(pydantic.BaseModel):
    name: str
    age: int


def talk():
    assert HELLO in Agent(model).run_sync(HELLO).output


def stream():
    async def collect():
        async with Agent(model).run_stream(HELLO) as answer:
            return "".join([piece async for piece in answer.stream_text(delta=True)])

    assert HELLO in asyncio.run(collect())


def tools():
    agent = Agent(model)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    assert "sunny" in agent.run_sync("the weather in Paris?").output


def structured():
    for kind in (Person, NativeOutput(Person)):
        assert isinstance(Agent(model, output_type=kind).run_sync("a person").output, Person)


def schema_in_prompt():
    agent = Agent(model, output_type=PromptedOutput(Person))
    assert isinstance(agent.run_sync("a person").output, Person)


run(
    talk=talk,
    stream=stream,
    tools=tools,
    structured=structured,
    schema_in_prompt=schema_in_prompt,
)
