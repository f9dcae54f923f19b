"""OpenAI's Agents SDK, over Responses and over chat."""

from __future__ import annotations

import asyncio

import pydantic
from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from probe import BASE_URL, HELLO, KEY, run

set_tracing_disabled(True)


def models():
    """A model over each interface, with a client of the running event loop."""
    client = AsyncOpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0)
    return [
        OpenAIResponsesModel(model="gpt-4.1", openai_client=client),
        OpenAIChatCompletionsModel(model="gpt-4.1", openai_client=client),
    ]


class Person(pydantic.BaseModel):
    name: str
    age: int


def ask(text, **more):
    async def answers():
        agents = [Agent(name="peer", model=model, **more) for model in models()]
        return [(await Runner.run(agent, text)).final_output for agent in agents]

    return asyncio.run(answers())


def talk():
    assert all(HELLO in answer for answer in ask(HELLO))


def stream():
    async def collect(model):
        result = Runner.run_streamed(Agent(name="peer", model=model), HELLO)
        async for _ in result.stream_events():
            pass
        return result.final_output

    async def collect_all():
        return [await collect(model) for model in models()]

    assert all(HELLO in answer for answer in asyncio.run(collect_all()))


def tools():
    @function_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    assert all("sunny" in answer for answer in ask("the weather in Paris?", tools=[get_weather]))


def structured():
    assert all(isinstance(answer, Person) for answer in ask("a person", output_type=Person))


run(talk=talk, stream=stream, tools=tools, structured=structured)
