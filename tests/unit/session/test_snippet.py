"""A drawing, or a cell with ``--code``, as code that sends the same request."""

from __future__ import annotations

import json

import msgspec
import pytest
from IPython.core.interactiveshell import InteractiveShell

from nbext.config.settings import Nbext
from nbext.errors import OptionError
from nbext.magics.asking import preview
from nbext.magics.parse import parse_line
from nbext.magics.parsers import drawing_parser, talking_parser, video_parser
from nbext.session.session import Session


@pytest.fixture
def session(tmp_path, monkeypatch):
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "LITELLM_API_BASE", "LITELLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    made = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
    yield made
    made.run(made.close())


@pytest.fixture
def relay(endpoint, monkeypatch):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    return endpoint


def body(code):
    return json.loads(code.partition("\n\n")[2])


def test_a_drawing_is_shown_as_it_was_sent(session, relay):
    first = session.draw("画只猫", model="gpt-4o-image")
    code = first.code("http")
    assert f"POST {relay.base_url.rstrip('/')}" in code
    assert relay.key not in code
    assert body(code) == {
        "model": "gpt-4o-image",
        "stream": False,
        "messages": [{"role": "user", "content": "画只猫"}],
    }


def test_pictures_parameters_and_the_conversation_are_in_it(session, relay):
    first = session.draw("画只猫", model="gpt-4o-image")
    second = session.draw(
        "加一顶帽子",
        images=[first],
        continues=first,
        system="Be brief.",
        aspect="2:3",
        seed=7,
        params={"user": "me", "nested": {"a": [1]}},
    )
    sent = body(second.code("http"))
    assert [message["role"] for message in sent["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    text, picture = sent["messages"][-1]["content"]
    assert text["text"] == "加一顶帽子【2:3】"
    assert picture["image_url"]["url"] == "data:image/png;base64,@reference-1.png@"
    assert (sent["seed"], sent["user"], sent["nested"]) == (7, "me", {"a": [1]})


def test_the_wire_format_is_the_recorded_one(session, relay):
    code = session.draw("画只猫", model="gpt-4o-image", via="images").code("curl")
    assert "/v1/images/generations'" in code


def test_the_embedded_endpoint_is_not_in_the_code(session, monkeypatch):
    monkeypatch.delenv("NBEXT_BASE_URL", raising=False)
    monkeypatch.delenv("NBEXT_API_KEY", raising=False)
    drawing = session.draw("画只猫")
    assert drawing.record.embedded
    code = drawing.code()
    assert "127.0.0.1" not in code
    assert "https://relay.example/v1/" in code
    assert "# relay.example stands for your endpoint" in code
    assert repr(code) == code, "a cell shows its lines"


def test_a_record_of_another_endpoint_keeps_its_host(session, relay):
    drawing = session.draw("画只猫")
    elsewhere = {"host": "elsewhere.example", "endpoint": "gone"}
    drawing.record = msgspec.structs.replace(drawing.record, **elsewhere)
    assert "https://elsewhere.example/v1/chat/completions" in drawing.code("curl")


def shown(session, line, capsys):
    options = parse_line(drawing_parser("draw"), line)
    request = session.run(session.request("画只猫", images=options.images))
    preview(session, request, options)
    return capsys.readouterr()


def test_code_of_a_cell_sends_nothing(session, relay, capsys):
    said = shown(session, "--code curl", capsys)
    assert said.out.startswith(f"curl '{relay.base_url.rstrip('/')}")
    assert said.err == ""
    assert len(session.history) == 0
    with pytest.raises(OptionError, match="Did you mean Python"):
        shown(session, "--code pyton", capsys)


def test_code_is_saved_with_the_pictures_it_reads(session, relay, capsys, tmp_path):
    drawing = session.draw("画只猫")
    session.names = {"cat": drawing}
    said = shown(session, "--code python -i cat", capsys)
    assert "# Files next to this code: reference-1.png" in said.out
    assert "--save PATH" in said.err
    target = tmp_path / "code" / "draw.py"
    said = shown(session, f"--code python -i cat --save {target}", capsys)
    assert said.out == f"Saved {target}, {target.with_name('reference-1.png')}\n"
    assert 'picture("reference-1.png")' in target.read_text(encoding="utf-8")
    assert target.with_name("reference-1.png").read_bytes() == drawing.pictures[0].data
    target.with_name("reference-1.png").write_bytes(b"mine")
    with pytest.raises(OptionError, match="already exists"):
        shown(session, f"--code python -i cat --save {target}", capsys)
    assert target.with_name("reference-1.png").read_bytes() == b"mine"


def test_chat_and_films_are_shown_too(session, relay, capsys):
    for parser, kind in [(talking_parser("chat"), "chat"), (video_parser(), "video")]:
        request = session.run(session.request("画只猫", kind=kind))
        preview(session, request, parse_line(parser, "--dry-run"))
        assert "Nothing was sent" in capsys.readouterr().out
        preview(session, request, parse_line(parser, "--code http"))
        assert "画只猫" in capsys.readouterr().out


def test_the_magic_itself(session, relay, capsys, monkeypatch):
    shell = InteractiveShell.instance()
    monkeypatch.setattr("nbext.magics.asking.current_session", lambda _: session)
    from nbext.magics.asking import run

    assert run(shell, "draw", "gpt-4o-image --code js", "画只猫\n") is None
    assert capsys.readouterr().out.startswith("const answer = await fetch(")
    InteractiveShell.clear_instance()
