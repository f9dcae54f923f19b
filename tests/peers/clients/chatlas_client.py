"""chatlas."""

from __future__ import annotations

import chatlas
import pydantic
from probe import BASE_URL, HELLO, KEY, run


class Person(pydantic.BaseModel):
    name: str
    age: int


def chat():
    return chatlas.ChatOpenAI(base_url=BASE_URL, api_key=KEY, model="gpt-4.1")


def talk():
    assert HELLO in str(chat().chat(HELLO, echo="none"))


def stream():
    assert HELLO in "".join(map(str, chat().stream(HELLO, echo="none")))


def tools():
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    session = chat()
    session.register_tool(get_weather)
    assert "sunny" in str(session.chat("the weather in Paris?", echo="none"))


def structured():
    assert isinstance(chat().chat_structured(HELLO, data_model=Person), Person)


run(talk=talk, stream=stream, tools=tools, structured=structured)
