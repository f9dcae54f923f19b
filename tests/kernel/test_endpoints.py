"""Each entry of a relay's page, from a cell."""

from __future__ import annotations

import pytest

SETUP = """
%load_ext nbext
import dataclasses
import nbext

@dataclasses.dataclass
class Cat:
    name: str
    lives: int

def weather(city: str) -> str:
    "The weather in a city."
    return f"sunny in {city}"
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    from tests.kernel.conftest import Kernel

    kernel = Kernel(tmp_path_factory.mktemp("endpoints"))
    assert kernel.run(SETUP).status == "ok"
    assert kernel.run("%%draw\n画只猫").status == "ok"
    yield kernel
    kernel.stop()


def ok(kernel, code):
    ran = kernel.run(code)
    assert ran.status == "ok", ran.error
    return ran


def test_chat_answers_under_the_cell(shared):
    ran = ok(shared, "%%chat gpt-4o-mini\n你好")
    assert any("text/html" in o["data"] for o in ran.outputs)
    assert shared.value("nbext.history[-1].kind") == "chat"
    assert shared.value("len(nbext.history[-1].text) > 3") == "True"


def test_pictures_and_films_are_looked_at(shared):
    ok(shared, "%%chat gpt-4o -i @1 --as seen\n这张图片里有什么?")
    assert "猫" in shared.value("seen.text")


def test_structured_output_comes_back_as_an_instance(shared):
    ok(
        shared,
        "import dataclasses\n@dataclasses.dataclass\nclass Cat:\n    name: str\n    lives: int",
    )
    ok(shared, "%%chat gpt-4o --schema Cat --as cat\nA cat, please")
    assert shared.value("type(cat).__name__, type(cat.lives).__name__") == "Cat int"


def test_a_function_is_called_and_shown(shared):
    ok(
        shared,
        'def weather(city: str) -> str:\n    "The weather in a city."\n    return f"sunny in {city}"',
    )
    ran = ok(shared, "%%chat gpt-4o --tools weather --yes\nWhat is the weather in Paris?")
    calls = shared.value("nbext.history[-1].record.calls[0]['result']")
    assert calls.startswith("sunny in")
    assert "weather(" in ran.outputs[-1]["data"]["text/html"] or "weather(" in str(ran.outputs)


def test_nobody_to_ask_means_no_function_runs(shared):
    ran = shared.run("%%chat gpt-4o --tools weather\nWhat is the weather in Rome?")
    assert ran.status == "error"
    assert "--yes" in "".join(ran.error["traceback"])


def test_reasoning_is_kept_apart(shared):
    ok(shared, "%%chat claude-sonnet-4-5-thinking\nWhy is the sky blue?")
    assert shared.value("bool(nbext.history[-1].reasoning)") == "True"


def test_a_gpt_by_its_address(shared):
    ok(shared, "%%chat https://chatgpt.com/g/g-IcWrQy2I9-who\n你是谁")
    assert shared.value("nbext.history[-1].model") == "gpt-4-gizmo-g-IcWrQy2I9"


def test_completions(shared):
    ok(shared, "%%complete gpt-3.5-turbo-instruct\nSay this is a test")
    assert shared.value("nbext.history[-1].wire") == "completions"


def test_responses_with_search_names_its_sources(shared):
    ran = ok(shared, "%%respond gpt-4.1 --search\nWhat is new about cats?")
    assert shared.value("bool(nbext.history[-1].record.citations)") == "True"
    assert any('rel="noopener noreferrer"' in o["data"].get("text/html", "") for o in ran.outputs)


def test_a_film_plays(shared):
    ran = ok(shared, "%%video sora-2 --size 320x180 --seconds 1\na cat walks")
    assert any("<video" in o["data"].get("text/html", "") for o in ran.outputs)
    assert shared.value("nbext.history[-1].films[0].media_type") == "video/mp4"
    assert "done" in ok(shared, "%video").text


@pytest.mark.parametrize(
    ("line", "wire"),
    [
        ("%%draw nano-banana --via gemini --aspect 16:9", "gemini"),
        ("%%draw gpt-image-2", "images"),
        ("%%draw gpt-image-2 -i @1", "images"),
        ("%%draw gpt-4.1 --via responses", "responses"),
        ("%%draw recraftv3 -p style=digital_illustration", "chat"),
        ("%%draw gpt-4o-image-async", "chat"),
        ("%%draw google/gemini-3-pro-image", "chat"),
    ],
)
def test_pictures_in_every_wire_format(shared, line, wire):
    ran = ok(shared, f"{line}\na cat in a boat")
    assert len(ran.pictures) == 1
    assert shared.value("nbext.history[-1].wire") == wire


def test_previews_stand_where_the_picture_will(shared):
    ran = ok(shared, "%%draw gpt-image-2 --via images -p partial_images=2\na whale in the sea")
    shown = [c for c in ran.of("display_data", "update_display_data") if "image/png" in c["data"]]
    # First an empty frame, which is a picture too.
    assert [c["data"]["text/plain"] for c in shown[:2]] == ["", "preview"]
    assert len(ran.pictures) == 1
    assert shared.value("nbext.history.verify().extra") == "[]"


def test_what_a_model_does_not_have_is_a_warning(shared):
    ran = ok(shared, "%%draw gpt-image-2 --via images --size 1000x1000\na whale")
    assert ran.pictures
    assert "nbext: " in ran.text


def test_gemini_goes_on_with_its_signatures(shared):
    ok(shared, "%%draw nano-banana --via gemini\na cat")
    ok(shared, "%%draw --via gemini -c\nadd a hat")
    assert shared.value("nbext.history[-1].parents[0].prompt") == "a cat"


def test_a_film_over_chat(shared):
    ok(shared, "%%chat veo3-fast\na cat walks")
    assert shared.value("len(nbext.history[-1].films)") == "1"


def test_a_model_nobody_has_heard_of(shared):
    assert ok(shared, "%%draw nobody-knows-this-image-1\na cat").pictures


def test_raw_html_in_an_answer_does_nothing(shared):
    ran = ok(shared, "%%chat gpt-4o-mini\n<img src=x onerror=alert(1)> [x](javascript:alert(1))")
    html = "".join(o["data"].get("text/html", "") for o in ran.outputs)
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_the_same_from_python(shared):
    ok(shared, "reply = nbext.chat('你好')\nassert reply.text and reply.kind == 'chat'")
    ok(shared, "assert type(nbext.chat('A cat', schema=Cat)).__name__ == 'Cat'")
    ok(shared, "assert nbext.chat('The weather in Oslo?', tools=[weather], yes=True).record.calls")
    ok(shared, "assert nbext.complete('This is').text")
    ok(shared, "assert nbext.respond('Cats?', search=True).record.citations")
    ok(
        shared,
        "film = nbext.video('a cat', seconds=1, size='320x180', wait=False)\nassert film.wait().films",
    )


def test_events_from_python(shared):
    code = "texts = []\nasync for e in nbext.achat('你好'):\n    texts.append(getattr(e, 'text', ''))\nassert ''.join(texts) == nbext.history[-1].text"
    ok(shared, code)
    ok(shared, "assert (await nbext.achat('你好', fresh=True)).text")


def test_every_public_name_is_there(shared):
    ok(shared, "for name in nbext.__all__: getattr(nbext, name)")


def test_a_request_as_code_and_then_sent(shared):
    ok(shared, "asked = nbext.request('画只猫', aspect='2:3')\ncode = asked.code('go')")
    assert shared.value("'画只猫【2:3】' in code, 'net/http' in code") == "True True"
    ok(shared, "d = asked.draw()\nassert d.pictures and 'curl' in d.code('shell')")


def test_an_unknown_model_is_spoken_to_as_the_endpoint_says(kernels, tmp_path, endpoint):
    relay = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    kernel = kernels(tmp_path, **relay)
    kernel.run("%load_ext nbext\nimport nbext.wire.model_list as m\nparse = m.parse")
    listed = (
        "m.parse = lambda v: [*parse(v), m.Model(id='seedream-9', types=('image-generation',))]"
    )
    assert kernel.run(listed).status == "ok"
    ran = kernel.run("%%draw seedream-9 -n 2\na cat")
    assert ran.status == "ok", ran.error
    assert kernel.value("[d.wire for d in __import__('nbext').history]") == "['images', 'images']"
