"""Chat over the embedded endpoint: the shapes of its answers, as bytes on the wire."""

from __future__ import annotations

import base64
import io
import json
import re

import httpx
import pytest
from PIL import Image


def ask(endpoint, model, content, **more):
    messages = content if isinstance(content, list) and "role" in content[0] else None
    body = {"model": model, "messages": messages or [{"role": "user", "content": content}], **more}
    return httpx.post(
        f"{endpoint.base_url}/chat/completions",
        json=body,
        headers={"Authorization": f"Bearer {endpoint.key}"},
        timeout=60,
    )


def said(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def chunks(answer):
    assert answer.headers["content-type"] == "text/event-stream"
    events = [e for e in answer.text.split("\n\n") if e.startswith("data: ")]
    assert events[-1] == "data: [DONE]"
    return [json.loads(e[6:]) for e in events[:-1]]


def links(text):
    return re.findall(r"\((http://127[^)]+)\)", text)


def picture_of(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_drawing_has_head_progress_and_two_links_to_the_same_bytes(endpoint):
    text = said(ask(endpoint, "gpt-4o-image", "画只猫【2:3】"))
    head = json.loads(re.match(r"```\n(.*?)\n```", text, re.DOTALL)[1])
    assert (head["prompt"], head["ratio"]) == ("画只猫", "2:3")
    assert "> 进度 15%" in text
    assert "> 生成完成 ✅" in text
    gen_id = re.search(r"> gen_id: `(gen_\w+)`", text)[1]
    assert f"![{gen_id}](" in text
    shown, download = links(text)
    assert "/files/download/" in download
    first = httpx.get(shown)
    assert first.headers["content-type"] == "image/png"
    assert picture_of(first.content).size == (1024, 1536)
    again = httpx.get(download)
    assert again.content == first.content
    assert again.headers["content-disposition"].startswith("attachment")


def test_the_stream_says_the_same_in_the_order_of_new_api(endpoint):
    got = chunks(ask(endpoint, "sora_image", "draw a boat", stream=True))
    assert got[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert got[-2]["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert got[-1]["choices"] == []
    usage = got[-1]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in got[:-1])
    assert httpx.get(links(text)[0]).content.startswith(b"\x89PNG")


def test_a_stream_has_comments_between_its_events(endpoint):
    assert "\n\n: PING\n\n" in ask(endpoint, "gpt-4o-image", "draw", stream=True).text


def test_the_same_request_draws_another_take_and_a_seed_the_same(endpoint):
    def pixels(**more):
        text = said(ask(endpoint, "flux-pro", "a red fox in the snow", **more))
        return httpx.get(links(text)[0]).content

    assert pixels() != pixels()
    assert pixels(seed=7) == pixels(seed=7)


def test_n_asks_for_as_many_answers(endpoint):
    choices = ask(endpoint, "gpt-4o-image", "two owls", n=2).json()["choices"]
    assert [c["index"] for c in choices] == [0, 1]
    a, b = (httpx.get(links(c["message"]["content"])[0]).content for c in choices)
    assert a != b


def test_gemini_answers_with_a_data_uri_in_one_piece(endpoint):
    got = chunks(ask(endpoint, "gemini-2.5-flash-image", "画只猫", stream=True))
    pieces = [c["choices"][0]["delta"].get("content", "") for c in got[:-1]]
    (uri,) = [p for p in pieces if "data:image/png;base64," in p]
    data = base64.b64decode(re.search(r"base64,([^)]+)\)", uri)[1], validate=True)
    assert picture_of(data).size == (1024, 1024)


def test_a_vendor_in_the_name_answers_with_message_images(endpoint):
    message = ask(endpoint, "google/gemini-3.1-flash-image", "a cat").json()["choices"][0][
        "message"
    ]
    (part,) = message["images"]
    assert part["image_url"]["url"].startswith("data:image/png;base64,")
    got = chunks(ask(endpoint, "google/gemini-3.1-flash-image", "a cat", stream=True))
    assert any(c["choices"][0]["delta"].get("images") for c in got[:-1])


def test_modalities_ask_any_model_for_a_picture(endpoint):
    answer = ask(endpoint, "some-model", "a cat", modalities=["image", "text"]).json()
    assert answer["choices"][0]["message"]["images"]


@pytest.mark.parametrize("model", ["flux-kontext-pro", "gpt-image-2", "recraftv3"])
def test_other_picture_models_answer_with_a_plain_link(endpoint, model):
    text = said(ask(endpoint, model, "a cat"))
    assert re.fullmatch(r"!\[image\]\(http://127\S+\.png\)", text)


def test_a_gpt_talks_or_draws_as_it_is_asked(endpoint):
    assert "你是谁" in said(ask(endpoint, "gpt-4-gizmo-g-IcWrQy2I9", "你是谁"))
    assert links(said(ask(endpoint, "gpt-4-gizmo-g-IcWrQy2I9", "画只猫")))
    assert ask(endpoint, "gpt-4-gizmo-*", "你是谁").status_code == 503


def test_a_text_model_says_that_it_is_none_and_what_was_asked(endpoint):
    text = said(ask(endpoint, "gpt-4.1", "how tall is a giraffe?"))
    assert "embedded endpoint, not gpt-4.1" in text
    assert "how tall is a giraffe?" in text


def test_a_picture_in_the_question_is_described_by_what_was_drawn(endpoint):
    drawn = httpx.get(links(said(ask(endpoint, "flux", "a cat in a boat")))[0]).content
    uri = "data:image/png;base64," + base64.b64encode(drawn).decode()
    parts = [
        {"type": "text", "text": "What is in this picture?"},
        {"type": "image_url", "image_url": {"url": uri}},
    ]
    assert "cat" in said(ask(endpoint, "gpt-4.1", parts))
    parts[1] = {"type": "image_url", "image_url": "https://pictures.example/x.png"}
    assert "does not fetch" in said(ask(endpoint, "gpt-4.1", parts))
    parts[1] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert "Attachment 1" in said(ask(endpoint, "gpt-4.1", parts))


def test_a_film_in_the_question_is_described(endpoint):
    text = said(ask(endpoint, "veo3", "a cat in a boat", seconds=1))
    film = next(link for link in links(text) if link.endswith(".mp4"))
    for kind in ("image_url", "video_url"):
        part = {"type": kind, kind: {"url": film}}
        answer = said(ask(endpoint, "gemini-2.5-pro", [{"type": "text", "text": "?"}, part]))
        assert "640x360, 1.0 s" in answer
        assert "cat" in answer


def test_a_film_over_chat_is_a_poster_and_a_film(endpoint):
    text = said(ask(endpoint, "sora-2", "a cat", seconds="1"))
    poster = re.search(r"!\[[^\]]*\]\((\S+\.webp)\)", text)[1]
    film = re.search(r"\[在线播放▶️\]\((\S+\.mp4)\)", text)[1]
    assert httpx.get(poster).content[8:12] == b"WEBP"
    answer = httpx.get(film)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.content[4:8] == b"ftyp"


def test_an_asynchronous_picture_is_polled(endpoint):
    text = said(ask(endpoint, "gpt-4o-image-async", "a cat"))
    assert "![" not in text
    source = next(link for link in links(text) if "/source/" in link)
    for _ in range(200):
        state = httpx.get(source).json()
        if state["status"] == "completed":
            break
    assert httpx.get(state["urls"][0]).content.startswith(b"\x89PNG")
    page = httpx.get(source.replace("/source/", "/web/"))
    assert state["urls"][0] in page.text
    assert httpx.get(source + "0").status_code == 404


def test_the_conversation_says_which_picture_is_modified(endpoint):
    first = said(ask(endpoint, "gpt-4o-image", "a cat in the snow【3:2】"))
    turns = [
        {"role": "user", "content": "a cat in the snow【3:2】"},
        {"role": "assistant", "content": first},
        {"role": "user", "content": "put a hat on it"},
    ]
    second = said(ask(endpoint, "gpt-4o-image", turns))
    gen_id = re.search(r"> gen_id: `(gen_\w+)`", first)[1]
    assert json.loads(re.match(r"```\n(.*?)\n```", second, re.DOTALL)[1])["gen_id"] == gen_id
    picture = httpx.get(links(second)[0]).content
    assert picture_of(picture).size == (1536, 1024)
    uri = "data:image/png;base64," + base64.b64encode(picture).decode()
    seen = said(ask(endpoint, "o3", [{"type": "image_url", "image_url": {"url": uri}}]))
    assert "cat" in seen
    assert "hat" in seen


def test_thinking_models_think_aloud(endpoint):
    message = ask(endpoint, "claude-sonnet-4-5-thinking", "hello").json()["choices"][0]["message"]
    assert message["reasoning_content"]
    got = chunks(ask(endpoint, "o3", "hello", reasoning_effort="low", stream=True))
    assert any("reasoning_content" in c["choices"][0]["delta"] for c in got[:-1])
    assert got[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}},
            "required": ["city", "unit"],
        },
    },
}


def test_a_tool_that_fits_is_called_and_its_result_used(endpoint):
    question = {"role": "user", "content": "How is the weather in Paris?"}
    choice = ask(endpoint, "gpt-4.1", [question], tools=[WEATHER]).json()["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"])["unit"] == "C"
    turns = [
        question,
        choice["message"],
        {"role": "tool", "tool_call_id": call["id"], "content": "sunny, 23 °C"},
    ]
    assert "sunny, 23 °C" in said(ask(endpoint, "gpt-4.1", turns, tools=[WEATHER]))


def test_tool_calls_stream_in_pieces(endpoint):
    got = chunks(ask(endpoint, "gpt-4.1", "the weather?", tools=[WEATHER], stream=True))
    parts = [c["choices"][0]["delta"]["tool_calls"][0] for c in got[1:-2]]
    assert parts[0]["function"]["name"] == "get_weather"
    json.loads("".join(p["function"]["arguments"] for p in parts))
    assert got[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_tool_choice_requires_forbids_and_names(endpoint):
    def calls(**more):
        answer = ask(endpoint, "gpt-4.1", "hello", tools=[WEATHER], **more)
        return answer.json()["choices"][0]["message"].get("tool_calls")

    assert not calls()
    assert calls(tool_choice="required")
    assert calls(tool_choice={"type": "function", "function": {"name": "get_weather"}})
    named = {"type": "function", "function": {"name": "other"}}
    assert ask(endpoint, "o3", "x", tools=[WEATHER], tool_choice=named).status_code == 400


def test_structured_output_is_json_in_a_string(endpoint):
    schema = {
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
        "required": ["steps"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    assert json.loads(said(ask(endpoint, "gpt-4.1", "?", response_format=form)))["steps"]
    form = {"type": "json_object"}
    assert isinstance(json.loads(said(ask(endpoint, "o3", "JSON", response_format=form))), dict)


def test_usage_is_the_same_for_the_same_words(endpoint):
    a, b = (ask(endpoint, "gpt-4.1", "画只猫").json()["usage"] for _ in range(2))
    assert a == b
    assert a["prompt_tokens"] == 3


def test_most_tokens_cut_the_answer_and_say_so(endpoint):
    choice = ask(endpoint, "gpt-4.1", "hello", max_tokens=5).json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"] == "This is the embedded "
    got = chunks(ask(endpoint, "gpt-4.1", "hello", max_completion_tokens=5, stream=True))
    assert got[-2]["choices"][0]["finish_reason"] == "length"


def test_a_picture_elsewhere_is_not_fetched_and_not_ignored(endpoint):
    part = {"type": "image_url", "image_url": {"url": "https://pictures.example/cat.png"}}
    answer = ask(endpoint, "gpt-4o-image", [{"type": "text", "text": "a hat"}, part])
    assert answer.status_code == 400
    assert "send its bytes" in answer.json()["error"]["message"]


def test_two_pictures_are_brought_together(endpoint):
    both = [
        {"type": "image_url", "image_url": {"url": links(said(ask(endpoint, "flux", what)))[0]}}
        for what in ("a cat", "a ship")
    ]
    text = {"type": "text", "text": "put them together"}
    (drawn,) = links(said(ask(endpoint, "flux", [text, *both])))
    part = {"type": "image_url", "image_url": {"url": drawn}}
    seen = said(ask(endpoint, "o3", [{"type": "text", "text": "what?"}, part]))
    assert "cat" in seen
    assert "ship" in seen
