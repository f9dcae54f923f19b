"""LangChain's client of OpenAI."""

from __future__ import annotations

import pydantic
from langchain_core.output_parsers import PydanticOutputParser
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from probe import BASE_URL, HELLO, KEY, run

chat = ChatOpenAI(model="gpt-4.1", base_url=BASE_URL, api_key=KEY, max_retries=0)


class Person(pydantic.BaseModel):
    name: str
    age: int


def talk():
    assert HELLO in chat.invoke(HELLO).content


def stream():
    assert HELLO in "".join(piece.content for piece in chat.stream(HELLO))


def tools():
    @tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return city

    (call,) = chat.bind_tools([get_weather]).invoke("the weather in Paris?").tool_calls
    assert call["name"] == "get_weather"


def structured():
    for method in ("json_schema", "function_calling"):
        answer = chat.with_structured_output(Person, method=method).invoke("a person")
        assert isinstance(answer, Person)


def schema_in_prompt():
    parser = PydanticOutputParser(pydantic_object=Person)
    text = f"{HELLO}\n{parser.get_format_instructions()}"
    assert isinstance((chat | parser).invoke(text), Person)


def stop():
    assert "there" not in chat.invoke(HELLO, stop=["there"]).content


run(
    talk=talk,
    stream=stream,
    tools=tools,
    structured=structured,
    schema_in_prompt=schema_in_prompt,
    stop=stop,
)
