"""The other wire formats of the embedded endpoint, where the official clients do not look."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from PIL import Image

from tests.until import until


@pytest.fixture(scope="module")
def client(endpoint):
    bearer = {"Authorization": f"Bearer {endpoint.key}"}
    with httpx.Client(base_url=endpoint.base_url, headers=bearer, timeout=60) as made:
        yield made


@pytest.fixture(scope="module")
def root(endpoint):
    return endpoint.base_url.removesuffix("/v1")


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def draw(client, model="gpt-image-2", path="/images/generations", **body):
    return client.post(path, json={"model": model, "prompt": "a cat", "size": "64x48", **body})


def picture(answer):
    assert answer.status_code == 200, answer.text
    return base64.b64decode(answer.json()["data"][0]["b64_json"], validate=True)


def until_done(client, url):
    def ended():
        state = client.get(url).json()
        return state if state["status"] in {"completed", "failed"} else None

    return until(ended)


def test_images_tell_their_size_quality_and_usage(client):
    answer = draw(client, quality="low", output_format="webp").json()
    assert (answer["size"], answer["quality"], answer["output_format"]) == ("64x48", "low", "webp")
    assert answer["usage"]["output_tokens"] > 0


def test_strict_models_refuse_fields_of_the_old_ones(client):
    answer = draw(client, style="vivid")
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2.6-flare", "chatgpt-image-latest"])
def test_every_model_takes_a_response_format(client, model):
    assert picture(draw(client, model, response_format="b64_json"))
    link = draw(client, model, response_format="url").json()["data"][0]["url"]
    assert Image.open(io.BytesIO(httpx.get(link).content)).size == (64, 48)
    answer = draw(client, model, response_format="png")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "response_format")


def test_one_address_draws_with_every_family_and_takes_references(client):
    body = {"model": "bytedance-seed/seedream-4.5", "aspect_ratio": "2:3", "resolution": "1K"}
    first = picture(draw(client, path="/images", **body, size=None))
    width, height = Image.open(io.BytesIO(first)).size
    assert (width / height, height > 1000) == (pytest.approx(2 / 3, rel=0.02), True)
    uri = "data:image/png;base64," + base64.b64encode(first).decode()
    reference = {"type": "image_url", "image_url": {"url": uri}}
    answer = draw(client, path="/images", input_references=[reference])
    assert answer.json()["usage"]["input_tokens_details"]["image_tokens"] == 323


def test_an_animation_has_the_frames_that_are_asked_for(client):
    body = {"output_format": "gif", "frame_count": 4, "frame_duration_ms": 150}
    image = Image.open(io.BytesIO(picture(draw(client, **body))))
    assert (image.format, image.size, image.n_frames) == ("GIF", (64, 48), 4)
    assert image.info["duration"] == 150


def test_a_drawing_comes_as_shapes_and_can_be_edited(client):
    answer = draw(client, output_format="svg")
    assert answer.json()["output_format"] == "svg"
    assert picture(answer).startswith(b"<svg ")
    uri = "data:image/png;base64," + base64.b64encode(png(Image.new("RGB", (64, 48)))).decode()
    edit = draw(client, path="/images/edits", image=uri, output_format="svg")
    assert b"<image " in picture(edit)


@pytest.mark.parametrize("form", ["png", "webp"])
def test_a_transparent_background_is_transparent(client, form):
    answer = draw(client, background="transparent", output_format=form)
    assert answer.json()["background"] == "transparent"
    image = Image.open(io.BytesIO(picture(answer))).convert("RGBA")
    low, high = image.getchannel("A").getextrema()
    assert (low, high > 200) == (0, True)


@pytest.mark.parametrize(
    ("param", "fields"),
    [
        ("stream", {"output_format": "gif", "stream": True}),
        ("stream", {"output_format": "svg", "stream": True}),
        ("partial_images", {"output_format": "gif", "partial_images": 2}),
        ("n", {"output_format": "svg", "n": 2}),
        ("background", {"output_format": "jpeg", "background": "transparent"}),
        ("frame_count", {"output_format": "gif", "frame_count": 1}),
        ("frame_count", {"output_format": "gif", "frame_count": 17}),
    ],
)
def test_what_the_official_endpoint_does_not_combine_is_refused(client, param, fields):
    answer = draw(client, **fields)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_other_models_answer_with_links_unless_told_otherwise(client):
    link = draw(client, "gpt-4o-image-vip").json()["data"][0]["url"]
    assert Image.open(io.BytesIO(httpx.get(link).content)).size == (64, 48)
    assert picture(draw(client, "flux-pro", response_format="b64_json"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", "10x10"), ("size", "big"), ("n", 11), ("n", 0), ("output_format", "bmp")],
)
def test_what_cannot_be_is_refused_and_names_its_field(client, field, value):
    answer = draw(client, **{field: value})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == field


def test_a_refusal_says_what_was_moderated(client):
    error = draw(client, "embedded-refuses").json()["error"]
    assert error["code"] == "moderation_blocked"
    assert error["moderation_details"]["moderation_stage"] == "input"


def test_references_in_json_as_relays_take_them(client):
    uri = "data:image/png;base64," + base64.b64encode(picture(draw(client))).decode()
    takes = [
        draw(client, **fields)
        for fields in ({"image": uri}, {"image": [uri]}, {"images": [{"image_url": uri}]})
    ]
    edits = draw(client, path="/images/edits", images=[{"image_url": uri}])
    assert [answer.json()["usage"]["input_tokens_details"]["image_tokens"] for answer in takes] == [
        323,
        323,
        323,
    ]
    assert picture(edits)
    assert draw(client, path="/images/edits").status_code == 400
    assert draw(client, image="https://pictures.example/cat.png").status_code == 400


def test_asynchronous_pictures_are_asked_for_later(client):
    begun = draw(client, "gpt-image-2-async").json()
    assert begun["status"] == "queued"
    state = until_done(client, f"/images/tasks/{begun['task_id']}")
    assert Image.open(io.BytesIO(httpx.get(state["results"][0]).content)).size == (64, 48)
    assert client.get("/tasks/unknown").status_code == 404


def test_video_states_content_and_ranges(client):
    body = {"model": "sora-2", "prompt": "a cat", "size": "64x48", "seconds": "1"}
    begun = client.post("/videos", json=body).json()
    assert (begun["object"], begun["status"], begun["task_id"]) == ("video", "queued", begun["id"])
    early = client.get(f"/videos/{begun['id']}/content")
    if early.status_code != 200:
        assert "Task is not completed yet" in early.json()["error"]["message"]
    done = until_done(client, f"/videos/{begun['id']}")
    whole = client.get(f"/videos/{begun['id']}/content")
    assert whole.headers["content-type"] == "video/mp4"
    assert httpx.get(done["video_url"]).content == whole.content
    part = client.get(f"/videos/{begun['id']}/content", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole.content)}"
    tail = client.get(f"/videos/{begun['id']}/content", headers={"Range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    beyond = client.get(f"/videos/{begun['id']}/content", headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    for strange in ("bytes=x", "bytes=5-1", "lines=1-2", "bytes=0-1,3-4"):
        answer = client.get(f"/videos/{begun['id']}/content", headers={"Range": strange})
        assert answer.status_code in {200, 416}


def test_videos_are_listed_in_pages(client):
    body = {"prompt": "x", "size": "64x48", "seconds": 0.2}
    ids = [client.post("/videos", json=body).json()["id"] for _ in range(3)]
    first = client.get("/videos", params={"limit": 2}).json()
    assert [one["id"] for one in first["data"]] == ids[:0:-1]
    assert first["has_more"] is True
    second = client.get("/videos", params={"limit": 1, "after": first["last_id"]}).json()
    assert [one["id"] for one in second["data"]] == ids[:1]


def test_a_film_can_fail_and_errors_of_tasks_are_flat(client):
    begun = client.post("/videos", json={"model": "embedded-refuses", "prompt": "x"}).json()
    state = until_done(client, f"/videos/{begun['id']}")
    assert (state["status"], state["error"]["code"]) == ("failed", "input_moderation")
    answer = client.post("/videos", json={"model": "embedded-no-quota", "prompt": "x"})
    assert answer.status_code == 403
    assert answer.json().keys() == {"code", "message", "data"}


def gemini(root, endpoint, verb, model="gemini-2.5-flash-image", version="v1beta", **body):
    body = {"contents": [{"role": "user", "parts": [{"text": "a cat"}]}], **body}
    url = f"{root}/{version}/models/{model}:{verb}"
    return httpx.post(url, params={"key": endpoint.key}, json=body, timeout=60)


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_gemini_streams_an_array_or_events(root, endpoint, version):
    answer = gemini(root, endpoint, "streamGenerateContent", version=version)
    parts = [p for c in answer.json() for p in c["candidates"][0]["content"]["parts"]]
    assert [p["inlineData"]["mimeType"] for p in parts if "inlineData" in p] == ["image/png"]
    url = f"{root}/{version}/models/gemini-2.5-pro:streamGenerateContent"
    answer = httpx.post(
        url,
        params={"alt": "sse"},
        headers={"x-goog-api-key": endpoint.key},
        json={"contents": [{"parts": [{"text": "hi"}]}]},
    )
    assert answer.headers["content-type"] == "text/event-stream"
    events = [json.loads(e.removeprefix("data: ")) for e in answer.text.strip().split("\n\n")]
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"
    assert events[-1]["usageMetadata"]["totalTokenCount"] > 0


def test_gemini_reads_snake_case_and_slashes_in_names(root, endpoint):
    config = {"image_config": {"aspect_ratio": "3:2"}, "response_modalities": ["IMAGE"]}
    answer = gemini(
        root,
        endpoint,
        "generateContent",
        "gemini-3-pro-image-preview/nano-banana-2",
        generation_config=config,
    ).json()
    part = answer["candidates"][0]["content"]["parts"][-1]
    assert Image.open(io.BytesIO(base64.b64decode(part["inlineData"]["data"]))).size == (1536, 1024)


def test_gemini_errors_are_googles(root, endpoint):
    answer = gemini(root, endpoint, "generateContent", contents=[])
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert gemini(root, endpoint, "predict").status_code == 404
    url = f"{root}/v1beta/models/gemini-2.5-pro:generateContent"
    assert httpx.post(url, json={}).json()["error"]["status"] == "UNAUTHENTICATED"


def test_responses_refuse_in_their_own_words(client):
    body = {"model": "embedded-refuses", "input": "draw a cat"}
    (item,) = client.post("/responses", json=body).json()["output"]
    assert item["content"][0]["type"] == "refusal"
    body["tools"] = [{"type": "image_generation"}]
    item = client.post("/responses", json=body).json()["output"][0]
    assert item["error"]["code"] == "moderation_blocked"
    body = {"model": "o3", "input": "x", "previous_response_id": "resp_unknown"}
    assert client.post("/responses", json=body).status_code == 400


@pytest.mark.parametrize("path", ["/responses", "/images/generations", "/completions"])
def test_streams_of_every_wire_can_be_cut(client, path):
    body = {"model": "embedded-cut", "input": "x", "prompt": "x", "stream": True}
    body |= {"partial_images": 3, "n": 3, "size": "64x48"}
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(path, json=body)


def test_serve_prints_where_it_is_and_stops_on_ctrl_c():
    code = "from nbext.embedded.server import serve; serve('127.0.0.1', 0, 'sk-classroom')"
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        lines = [running.stdout.readline() for _ in range(3)]
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", lines[0])[0]
        assert "sk-classroom" in lines[1]
        answer = httpx.get(f"{url}/models", headers={"Authorization": "Bearer sk-classroom"})
        assert answer.status_code == 200
        os.kill(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=60)
        assert (running.returncode, errors) == (0, "")
    finally:
        running.kill()
        running.communicate()


def say(client, text, model="gpt-4.1", **body):
    messages = [{"role": "user", "content": text}]
    answer = client.post(
        "/chat/completions", json={"model": model, "messages": messages, **body}
    ).json()["choices"][0]
    return answer["message"]["content"], answer["finish_reason"]


@pytest.mark.parametrize("stop", ["three", ["three"], [" three", "four"], ["four", "three"]])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_ends_before_a_stop_sequence(client, stop, stream):
    body = {"model": "gpt-4.1", "stop": stop, "stream": stream}
    body["messages"] = [{"role": "user", "content": "one two three four"}]
    text = client.post("/chat/completions", json=body).text
    assert "one" in text
    assert "three" not in text
    assert '"finish_reason":"stop"' in text


def test_gemini_ends_before_a_stop_sequence_and_at_the_most_tokens(root, endpoint):
    def answer(**config):
        contents = [{"parts": [{"text": "one two three four"}]}]
        body = {"contents": contents, "generationConfig": config}
        return gemini(root, endpoint, "generateContent", "gemini-2.5-pro", **body).json()

    (stopped,) = answer(stopSequences=["three"])["candidates"]
    assert "three" not in stopped["content"]["parts"][0]["text"]
    assert stopped["finishReason"] == "STOP"
    assert answer(maxOutputTokens=5)["candidates"][0]["finishReason"] == "MAX_TOKENS"


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
EXAMPLE = '{"properties": {"foo": {"type": "array"}}, "required": ["foo"]}'
IN_PROMPT = [
    # As libraries for structured output write it into the messages.
    "Provide the parsed objects in json that match the following json_schema:\n\n{}\n",
    (
        "Always respond with a JSON object that's compatible with this schema:\n\n{}\n\n"
        "Don't include any text or Markdown fencing before or after."
    ),
    (
        "The output should be formatted as a JSON instance that conforms to the JSON schema below. "
        f'For the schema {EXAMPLE} the object {{"foo": ["bar"]}} is well-formatted.\n'
        "Here is the output schema:\n```\n{}\n```"
    ),
    "请按下面的 JSON Schema 回答：{}",
]


def is_person(text):
    value = json.loads(text)
    return value.keys() == {"name", "age"} and isinstance(value["age"], int)


@pytest.mark.parametrize("template", IN_PROMPT, ids=range(len(IN_PROMPT)))
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("role", ["system", "user"])
@pytest.mark.parametrize("form", [None, {"type": "json_object"}], ids=["plain", "json_object"])
def test_a_schema_in_the_prompt_is_followed(client, template, indent, role, form):
    text = template.replace("{}", json.dumps(SCHEMA, indent=indent))
    messages = [{"role": role, "content": text}, {"role": "user", "content": "Jason is 25"}]
    if role == "user":
        messages = [{"role": "user", "content": f"Jason is 25. {text}"}]
    body = {"model": "gpt-4.1", "messages": messages, "response_format": form}
    answer = client.post("/chat/completions", json=body).json()
    assert is_person(answer["choices"][0]["message"]["content"])


def test_a_code_block_is_sent_where_the_prompt_wants_one(client):
    text = f"Jason is 25. As json of this schema: {json.dumps(SCHEMA)}"
    content, _ = say(client, f"{text}. Return the JSON in a ```json codeblock.")
    assert content.startswith("```json\n")
    assert is_person(content.removeprefix("```json\n").removesuffix("\n```"))


def test_words_of_json_without_a_schema_are_answered_in_words(client):
    for text in ("What is a JSON schema?", 'Is {"a": 1} valid JSON for a schema?'):
        content, _ = say(client, text)
        assert "You asked" in content


def test_responses_and_gemini_follow_a_schema_in_the_prompt(client, root, endpoint):
    text = IN_PROMPT[0].replace("{}", json.dumps(SCHEMA)) + "Jason is 25"
    answer = client.post("/responses", json={"model": "gpt-4.1", "input": text}).json()
    assert is_person(answer["output"][0]["content"][0]["text"])
    contents = [{"parts": [{"text": text}]}]
    config = {"responseMimeType": "application/json"}
    body = {"contents": contents, "generationConfig": config}
    answer = gemini(root, endpoint, "generateContent", "gemini-2.5-pro", **body).json()
    assert is_person(answer["candidates"][0]["content"]["parts"][0]["text"])
