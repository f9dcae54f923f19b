"""Instructor in each of its modes: tools, schemas, and schemas in the prompt."""

from __future__ import annotations

import instructor
import openai
import pydantic
from probe import BASE_URL, KEY, run

client = openai.OpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0)
MESSAGES = [{"role": "user", "content": "Jason is 25 years old"}]


class Person(pydantic.BaseModel):
    name: str
    age: int


def extract(mode):
    asker = instructor.from_openai(client, mode=mode)
    person = asker.chat.completions.create(
        model="gpt-4.1", messages=MESSAGES, response_model=Person, max_retries=0
    )
    assert isinstance(person, Person)


def tools():
    extract(instructor.Mode.TOOLS)


def structured():
    extract(instructor.Mode.JSON_SCHEMA)


def schema_in_prompt():
    extract(instructor.Mode.JSON)
    extract(instructor.Mode.MD_JSON)


run(tools=tools, structured=structured, schema_in_prompt=schema_in_prompt)
