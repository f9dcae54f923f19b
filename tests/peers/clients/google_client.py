"""The official client of Google."""

from __future__ import annotations

import io
import time

import pydantic
from google import genai
from google.genai import types
from PIL import Image
from probe import HELLO, KEY, ROOT, is_picture, png, run

client = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=ROOT))
DRAWS = "gemini-2.5-flash-image"


class Person(pydantic.BaseModel):
    name: str
    age: int


def picture_in(answer):
    (part,) = [part for part in answer.parts if part.inline_data]
    is_picture(part.inline_data.data)


def talk():
    answer = client.models.generate_content(model="gemini-2.5-pro", contents=HELLO)
    assert HELLO in answer.text


def stream():
    pieces = client.models.generate_content_stream(model="gemini-2.5-pro", contents=HELLO)
    assert HELLO in "".join(piece.text or "" for piece in pieces)


def tools():
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    config = types.GenerateContentConfig(tools=[get_weather])
    answer = client.models.generate_content(
        model="gemini-2.5-pro", contents="the weather in Paris?", config=config
    )
    assert "sunny" in answer.text


def structured():
    config = {"response_mime_type": "application/json", "response_schema": Person}
    answer = client.models.generate_content(model="gemini-2.5-pro", contents="?", config=config)
    assert isinstance(answer.parsed, Person)


def image():
    picture_in(client.models.generate_content(model=DRAWS, contents="a cat"))


def edit():
    reference = Image.open(io.BytesIO(png()))
    picture_in(client.models.generate_content(model=DRAWS, contents=[reference, "add a hat"]))


def models():
    assert client.models.get(model=DRAWS).name == f"models/{DRAWS}"
    assert list(client.models.list())


def batch():
    content = {"parts": [{"text": "a cat"}], "role": "user"}
    job = client.batches.create(model=DRAWS, src=[{"contents": [content]}])
    for _ in range(500):
        job = client.batches.get(name=job.name)
        if job.state.name == "JOB_STATE_SUCCEEDED":
            break
        time.sleep(0.02)
    picture_in(job.dest.inlined_responses[0].response)


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
