"""The official client of OpenAI."""

from __future__ import annotations

import base64
import io
import json
import time

import openai
import pydantic
from probe import BASE_URL, HELLO, KEY, is_picture, png, run

client = openai.OpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0)
MESSAGES = [{"role": "user", "content": HELLO}]


class Person(pydantic.BaseModel):
    name: str
    age: int


def talk():
    answer = client.chat.completions.create(model="gpt-4.1", messages=MESSAGES)
    assert HELLO in answer.choices[0].message.content


def stream():
    pieces = client.chat.completions.create(model="gpt-4.1", messages=MESSAGES, stream=True)
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert HELLO in text


def tools():
    tool = openai.pydantic_function_tool(Person, name="save_person")
    question = [{"role": "user", "content": "save a person"}]
    answer = client.chat.completions.create(model="o3", messages=question, tools=[tool])
    (call,) = answer.choices[0].message.tool_calls
    assert Person.model_validate_json(call.function.arguments)


def structured():
    answer = client.chat.completions.parse(model="o3", messages=MESSAGES, response_format=Person)
    assert isinstance(answer.choices[0].message.parsed, Person)
    answer = client.responses.parse(model="o3", input=HELLO, text_format=Person)
    assert isinstance(answer.output_parsed, Person)


def image():
    answer = client.images.generate(model="gpt-image-2", prompt="a cat", size="64x64")
    is_picture(base64.b64decode(answer.data[0].b64_json))


def edit():
    answer = client.images.edit(
        model="gpt-image-2", image=("cat.png", png(), "image/png"), prompt="add a hat"
    )
    is_picture(base64.b64decode(answer.data[0].b64_json))


def models():
    assert client.models.retrieve("gpt-image-2").id == "gpt-image-2"
    assert list(client.models.list())


def batch():
    body = {"model": "gpt-image-2", "prompt": "a cat", "size": "64x64"}
    url = "/v1/images/generations"
    line = {"custom_id": "a", "method": "POST", "url": url, "body": body}
    file = client.files.create(file=io.BytesIO(json.dumps(line).encode()), purpose="batch")
    job = client.batches.create(input_file_id=file.id, endpoint=url, completion_window="24h")
    for _ in range(500):
        job = client.batches.retrieve(job.id)
        if job.status == "completed":
            break
        time.sleep(0.02)
    answer = json.loads(client.files.content(job.output_file_id).text)
    is_picture(base64.b64decode(answer["response"]["body"]["data"][0]["b64_json"]))


run(
    talk=talk,
    stream=stream,
    tools=tools,
    structured=structured,
    image=image,
    edit=edit,
    models=models,
    batch=batch,
)
