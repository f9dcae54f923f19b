"""The official clients of OpenAI and Google against the embedded endpoint: their types must hold."""

from __future__ import annotations

import base64
import io
import json

import pydantic
import pytest
from PIL import Image

from tests.lazily import Lazily

openai, genai = Lazily("openai"), Lazily("google.genai")

# The client's own notice that the vendor has retired its videos API; the path lives on at relays.
VIDEOS = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


def valid(kind, value):
    """The client builds its objects without a look: this is the look."""
    pydantic.TypeAdapter(kind).validate_python(value.model_dump(mode="json"))
    return value


def size_of(data):
    return Image.open(io.BytesIO(data)).size


def cat_png(size=(64, 48)):
    out = io.BytesIO()
    Image.new("RGBA", size, (250, 200, 10, 255)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def client(endpoint):
    with openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.key, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module", params=["v1", "v1beta"])
def google(endpoint, request):
    options = genai.types.HttpOptions(
        base_url=endpoint.base_url.removesuffix("/v1"), api_version=request.param
    )
    with genai.Client(api_key=endpoint.key, http_options=options) as made:
        yield made


HELLO = [{"role": "user", "content": "hello there"}]


def test_models(client):
    listed = list(client.models.list())
    assert "gpt-4o-image" in [valid(openai.types.Model, one).id for one in listed]
    assert client.models.retrieve("gpt-4o-image").id == "gpt-4o-image"


def test_what_clients_ask_for_by_default_is_listed_and_answers(client):
    listed = {one.id for one in client.models.list()}
    # Of llm and the agents of OpenAI, LangChain, chatlas, instructor, and Google's own examples.
    for name in ("gpt-5.6-luna", "gpt-3.5-turbo", "gpt-4.1", "gpt-4o-mini", "gemini-3.8-flash"):
        assert name in listed
        answer = client.chat.completions.create(model=name, messages=HELLO)
        assert "hello there" in answer.choices[0].message.content


# A name of each family, as the vendors spell them today; few of them are in the list.
NAMES = [
    "gpt-4o-image",
    "gpt-image-2.6-sunburst",
    "dall-e-3",
    "gemini-2.5-flash-image",
    "gemini-3.1-flash-image",
    "gemini-nano-banana-2.1",
    "imagen-4.0-generate-001",
    "doubao-seedream-5.0-lite",
    "grok-imagine-2.0",
    "flux-kontext-max",
    "recraftv3",
    "ideogram-v3",
    "qwen-image-max",
    "midjourney-v8",
    "kling-v3",
    "veo-3.1-generate-preview",
    "sora-2-pro",
    "hailuo-02",
    "wan2.7-t2v",
    "gpt-4.1-mini",
    "o3-pro",
    "claude-opus-4-7",
    "gemini-3-pro",
    "deepseek-v4",
    "grok-5",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_each_family_is_described(client, endpoint, name):
    assert valid(openai.types.Model, client.models.retrieve(name)).id == name
    options = genai.types.HttpOptions(base_url=endpoint.base_url.removesuffix("/v1"))
    with genai.Client(api_key=endpoint.key, http_options=options) as google:
        described = google.models.get(model=name)
    assert described.name == f"models/{name}"
    assert "generateContent" in described.supported_actions


def test_a_wrong_key(endpoint):
    with (
        openai.OpenAI(base_url=endpoint.base_url, api_key="sk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="无效的令牌"),
    ):
        stranger.models.list()


def test_chat(client):
    answer = valid(
        openai.types.chat.ChatCompletion,
        client.chat.completions.create(model="gpt-4.1", messages=HELLO),
    )
    assert "hello there" in answer.choices[0].message.content
    valid(openai.types.CompletionUsage, answer.usage)


def test_chat_streamed(client):
    with client.chat.completions.create(model="gpt-4.1", messages=HELLO, stream=True) as stream:
        got = [valid(openai.types.chat.ChatCompletionChunk, chunk) for chunk in stream]
    text = "".join(c.choices[0].delta.content or "" for c in got if c.choices)
    assert "hello there" in text
    assert got[-1].usage.total_tokens > 0


def test_chat_stream_helper(client):
    with client.chat.completions.stream(model="gpt-4.1", messages=HELLO) as stream:
        for _ in stream:
            pass
        answer = stream.get_final_completion()
    assert "hello there" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"


class Step(pydantic.BaseModel):
    explanation: str
    output: str


class Reasoning(pydantic.BaseModel):
    steps: list[Step]
    final_answer: str
    certain: bool


def test_structured_output_parses(client):
    answer = client.chat.completions.parse(
        model="gpt-4.1",
        messages=[{"role": "user", "content": "9.11和9.8谁大"}],
        response_format=Reasoning,
    )
    parsed = answer.choices[0].message.parsed
    assert isinstance(parsed, Reasoning)
    assert parsed.steps
    answer = client.responses.parse(model="gpt-4.1", input="9.11?", text_format=Reasoning)
    assert isinstance(answer.output_parsed, Reasoning)


@pytest.mark.parametrize("form", [None, {"type": "json_object"}])
@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_in_the_prompt_parses(client, form, stream):
    schema = json.dumps(Reasoning.model_json_schema())
    system = f"Provide the parsed objects in json that match the following json_schema:\n\n{schema}"
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": system},
            {"role": "user", "content": "9.11 or 9.8?"},
        ],
        stream=stream,
        **({"response_format": form} if form else {}),
    )
    if stream:
        text = "".join(c.choices[0].delta.content or "" for c in answer if c.choices)
    else:
        text = answer.choices[0].message.content
    assert Reasoning.model_validate_json(text).steps


def test_tools_in_a_stream(client):
    tool = openai.pydantic_function_tool(Step, name="explain_step", description="Explain a step")
    question = [{"role": "user", "content": "please explain this"}]
    with client.chat.completions.stream(model="o3", messages=question, tools=[tool]) as stream:
        for _ in stream:
            pass
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert call.function.name == "explain_step"
    assert isinstance(call.function.parsed_arguments, Step)


def test_completions(client):
    answer = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Say this")
    assert "Say this" in valid(openai.types.Completion, answer).choices[0].text
    short = client.completions.create(model="m", prompt="Say this", max_tokens=7)
    assert short.choices[0].finish_reason == "length"
    stream = client.completions.create(model="m", prompt=["a", "b"], stream=True)
    got = [chunk for chunk in stream if chunk.choices]
    # On the way finish_reason is null, as the vendor sends it, though its type says otherwise.
    ends = [
        valid(openai.types.Completion, chunk) for chunk in got if chunk.choices[0].finish_reason
    ]
    assert [c.choices[0].index for c in ends] == [0, 1]
    assert "b" in "".join(c.choices[0].text for c in got if c.choices[0].index == 1)


def test_an_answer_ends_before_a_stop_sequence(client):
    answer = client.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "user", "content": "one two three"}], stop=["three"]
    )
    assert answer.choices[0].message.content.endswith("one two ")
    assert answer.choices[0].finish_reason == "stop"


def test_responses(client):
    answer = valid(
        openai.types.responses.Response,
        client.responses.create(model="gpt-4.1", input="hello there"),
    )
    assert "hello there" in answer.output_text
    again = client.responses.retrieve(answer.id)
    assert again.output_text == answer.output_text
    more = client.responses.create(model="o3", input="and now?", previous_response_id=answer.id)
    assert "question 2" in more.output_text
    client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_ends_at_its_most_tokens(client, stream):
    text = "one two three four five six seven eight nine ten " * 5
    answer = client.responses.create(
        model="gpt-4.1", input=text, max_output_tokens=16, stream=stream
    )
    if stream:
        *_, last = [valid(openai.types.responses.ResponseStreamEvent, event) for event in answer]
        assert last.type == "response.incomplete"
        answer = last.response
    answer = valid(openai.types.responses.Response, answer)
    assert answer.status == "incomplete"
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage.output_tokens <= 16


def test_responses_streamed_with_every_kind_of_item(client):
    stream = client.responses.create(
        model="gpt-4.1",
        input="draw a cat and tell me about the weather",
        reasoning={"effort": "low", "summary": "auto"},
        tools=[
            {"type": "web_search"},
            {"type": "image_generation", "size": "1024x1024", "partial_images": 2},
        ],
        stream=True,
    )
    events = [valid(openai.types.responses.ResponseStreamEvent, event) for event in stream]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    kinds = [e.type for e in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds.count("response.image_generation_call.partial_image") == 2
    assert kinds[-1] == "response.completed"
    items = {
        item.type: item
        for item in valid(openai.types.responses.Response, events[-1].response).output
    }
    assert {"reasoning", "web_search_call", "image_generation_call"} <= set(items)
    picture = base64.b64decode(items["image_generation_call"].result, validate=True)
    assert size_of(picture) == (1024, 1024)


def test_responses_stream_helper_and_citations(client):
    tools = [{"type": "web_search_preview"}]
    with client.responses.stream(model="o3", input="what is new?", tools=tools) as stream:
        for _ in stream:
            pass
        answer = valid(openai.types.responses.Response, stream.get_final_response())
    content = answer.output[-1].content[0]
    (cited,) = content.annotations
    assert content.text[cited.start_index : cited.end_index].endswith(f"({cited.url}))")


def test_responses_call_functions_and_use_their_results(client):
    tool = {
        "type": "function",
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        "strict": False,
    }
    question = {"role": "user", "content": "the weather in Paris?"}
    first = valid(
        openai.types.responses.Response,
        client.responses.create(model="o3", input=[question], tools=[tool]),
    )
    (call,) = first.output
    assert json.loads(call.arguments)["city"]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    turns = [question, call.model_dump(), result]
    last = client.responses.create(model="o3", input=turns, tools=[tool])
    assert "rain" in last.output_text


def test_responses_go_on_with_their_picture(client):
    tools = [{"type": "image_generation"}]
    first = client.responses.create(model="o3", input="draw a cat", tools=tools)
    second = client.responses.create(
        model="o3", input="draw a hat on it", tools=tools, previous_response_id=first.id
    )
    assert second.output[0].action == "edit"
    assert "sketch" in second.output_text
    assert "hat" in second.output_text
    inline = [{"role": "user", "content": "draw it in blue"}, first.output[0].model_dump()]
    third = client.responses.create(model="o3", input=inline[::-1], tools=tools)
    assert third.output[0].action == "edit"


def test_images(client):
    answer = client.images.generate(model="gpt-image-2", prompt="a cat", size="1024x1536", n=2)
    assert len(valid(openai.types.ImagesResponse, answer).data) == 2
    a, b = (base64.b64decode(one.b64_json) for one in answer.data)
    assert a != b
    assert size_of(a) == (1024, 1536)


@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-2.6-flare"])
@pytest.mark.parametrize("form", ["b64_json", "url"])
def test_images_come_as_asked_though_the_vendor_refuses_the_field(client, model, form):
    # The AI SDK and others always send it.
    answer = client.images.generate(model=model, prompt="a cat", response_format=form)
    (one,) = valid(openai.types.ImagesResponse, answer).data
    assert bool(one.b64_json) == (form == "b64_json")
    assert bool(one.url) == (form == "url")


def test_images_take_the_newest_fields(client):
    def generate(**fields):
        answer = client.images.generate(model="gpt-image-2.6-sunburst", prompt="a cat", **fields)
        (one,) = valid(openai.types.ImagesResponse, answer).data
        return answer, base64.b64decode(one.b64_json)

    answer, picture = generate(
        size="1536x864", quality="max", complexity="high", background="transparent"
    )
    assert (answer.background, answer.quality, answer.size) == ("transparent", "max", "1536x864")
    assert Image.open(io.BytesIO(picture)).mode == "RGBA"
    _, picture = generate(size="256x256", output_format="gif", frame_count=3, frame_duration_ms=90)
    assert Image.open(io.BytesIO(picture)).n_frames == 3
    _, picture = generate(size="256x256", output_format="svg", svg={"model": "gpt-5"})
    assert picture.startswith(b"<svg")
    link = client.images.generate(model="gpt-image-2", prompt="a cat", response_format="url")
    assert link.data[0].url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_images_streamed(client, form):
    stream = client.images.generate(
        model="gpt-image-2", prompt="a cat", stream=True, partial_images=2, output_format=form
    )
    events = list(stream)
    for event in events:
        valid(type(event), event)
    kinds = [e.type.rpartition(".")[2] for e in events]
    assert kinds == ["partial_image", "partial_image", "completed"]
    pictures = [Image.open(io.BytesIO(base64.b64decode(e.b64_json))) for e in events]
    assert {p.format for p in pictures} == {form.upper()}


def test_edits_with_one_picture_two_and_a_mask(client):
    def edit(image, **more):
        answer = client.images.edit(model="gpt-image-2", image=image, prompt="a red hat", **more)
        return base64.b64decode(valid(openai.types.ImagesResponse, answer).data[0].b64_json)

    first = ("cat.png", cat_png(), "image/png")
    assert edit(first).startswith(b"\x89PNG")
    assert edit([first, ("b.png", cat_png(), "image/png")]).startswith(b"\x89PNG")
    mask = Image.new("RGBA", (64, 48), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 32, 48))
    out = io.BytesIO()
    mask.save(out, "PNG")
    assert edit(first, mask=("m.png", out.getvalue(), "image/png")).startswith(b"\x89PNG")
    with pytest.raises(openai.BadRequestError, match="same size"):
        edit(("cat.png", cat_png((10, 10)), "image/png"), mask=("m.png", out.getvalue()))


def test_edits_streamed(client):
    stream = client.images.edit(
        model="gpt-image-2", image=("a.png", cat_png()), prompt="hat", stream=True, partial_images=1
    )
    events = [valid(type(event), event) for event in stream]
    assert [e.type for e in events] == ["image_edit.partial_image", "image_edit.completed"]


@VIDEOS
def test_videos(client):
    made = client.videos.create(model="sora-2", prompt="a cat", seconds="4", size="720x1280")
    valid(openai.types.Video, made)
    done = valid(openai.types.Video, client.videos.poll(made.id, poll_interval_ms=50))
    assert (done.status, done.progress) == ("completed", 100)
    film = client.videos.download_content(made.id).read()
    assert film[4:8] == b"ftyp"
    assert size_of(client.videos.download_content(made.id, variant="thumbnail").read())
    sheet = client.videos.download_content(made.id, variant="spritesheet").read()
    assert Image.open(io.BytesIO(sheet)).format == "JPEG"
    (row,) = [one for one in client.videos.list() if one.id == made.id]
    valid(openai.types.Video, row)
    remixed = valid(openai.types.Video, client.videos.remix(made.id, prompt="at night"))
    assert remixed.remixed_from_video_id == made.id
    assert client.videos.delete(made.id).deleted is True
    with pytest.raises(openai.NotFoundError, match="Task not found"):
        client.videos.retrieve(made.id)
    client.videos.delete(remixed.id)


@VIDEOS
def test_a_film_from_a_picture(client):
    made = client.videos.create(
        prompt="let it move", input_reference=("cat.png", cat_png(), "image/png"), seconds="4"
    )
    assert client.videos.poll(made.id, poll_interval_ms=50).status == "completed"


def test_google_reads_the_errors_of_its_lists(endpoint, google):
    with pytest.raises(genai.errors.ClientError) as caught:
        google.models.get(model="no-such-model")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
    options = genai.types.HttpOptions(base_url=endpoint.base_url.removesuffix("/v1"))
    with (
        genai.Client(api_key="sk-wrong", http_options=options) as stranger,
        pytest.raises(genai.errors.ClientError) as caught,
    ):
        list(stranger.models.list())
    assert (caught.value.code, caught.value.status) == (401, "UNAUTHENTICATED")


def test_google_lists_its_own_shape_of_models(google):
    names = [one.name for one in google.models.list()]
    assert "models/gemini-3-pro-image-preview" in names
    assert google.models.get(model="gemini-2.5-pro").display_name == "gemini-2.5-pro"


def test_google_talks_and_counts(google):
    answer = google.models.generate_content(model="gemini-2.5-pro", contents="hello there")
    assert "hello there" in answer.text
    assert answer.usage_metadata.total_token_count > 0
    assert google.models.count_tokens(model="gemini-2.5-pro", contents="画只猫").total_tokens == 3


def test_google_streams(google):
    stream = google.models.generate_content_stream(model="gemini-2.5-pro", contents="hello there")
    got = list(stream)
    assert "hello there" in "".join(one.text or "" for one in got)
    assert got[-1].candidates[0].finish_reason.name == "STOP"


def test_google_draws_in_the_asked_shape(google):
    answer = google.models.generate_content(
        model="gemini-2.5-flash-image",
        contents="a cat",
        config=genai.types.GenerateContentConfig(
            response_modalities=["IMAGE"],
            image_config=genai.types.ImageConfig(aspect_ratio="16:9", image_size="1K"),
        ),
    )
    (part,) = answer.parts
    width, height = size_of(part.inline_data.data)
    assert width / height == pytest.approx(16 / 9, rel=0.01)


def test_google_streams_a_picture_in_one_piece(google):
    stream = google.models.generate_content_stream(model="gemini-3-pro-image", contents="a cat")
    parts = [p for one in stream for p in one.candidates[0].content.parts]
    drafts = [p for p in parts if p.inline_data and p.thought]
    (final,) = [p for p in parts if p.inline_data and not p.thought]
    assert len(drafts) == 1
    assert final.thought_signature
    assert size_of(final.inline_data.data) == (1024, 1024)


def test_google_goes_on_with_signatures_and_not_without(google):
    chat = google.chats.create(model="gemini-3-pro-image-preview")
    chat.send_message("a cat in the snow")
    second = chat.send_message("put a hat on it")
    (part,) = [p for p in second.parts if p.inline_data and not p.thought]
    seen = google.models.generate_content(model="gemini-2.5-pro", contents=[part, "what is it?"])
    assert "cat" in seen.text
    assert "hat" in seen.text

    history = chat.get_history()
    for content in history:
        for one in content.parts:
            one.thought_signature = None
    with pytest.raises(genai.errors.ClientError, match="thought_signature in content position 2"):
        google.models.generate_content(
            model="gemini-3-pro-image-preview", contents=[*history, "bluer"]
        )


def test_google_answers_in_a_schema_and_calls_functions(google):
    config = {"response_mime_type": "application/json", "response_schema": Reasoning}
    answer = google.models.generate_content(model="gemini-2.5-pro", contents="?", config=config)
    assert isinstance(answer.parsed, Reasoning)

    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"sunny in {city[:5]}"

    answer = google.models.generate_content(
        model="gemini-2.5-pro",
        contents="the weather in Paris?",
        config=genai.types.GenerateContentConfig(tools=[get_weather]),
    )
    assert "sunny in" in answer.text


def test_google_errors_are_typed(google, endpoint):
    with pytest.raises(genai.errors.ServerError) as caught:
        google.models.generate_content(model="embedded-not-served", contents="x")
    assert (caught.value.code, caught.value.status) == (503, "UNAVAILABLE")
    answer = google.models.generate_content(model="embedded-refuses", contents="x")
    assert answer.candidates[0].finish_reason.name == "IMAGE_PROHIBITED_CONTENT"
    blocked = google.models.generate_content(model="embedded-prompt-blocked", contents="x")
    assert blocked.prompt_feedback.block_reason.name == "PROHIBITED_CONTENT"
