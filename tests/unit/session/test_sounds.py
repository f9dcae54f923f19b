"""A spoken answer is heard, and a file that is no picture is named, wherever the answer is shown."""

from __future__ import annotations

import base64
import io
import re
import wave

import pytest

from nbext.display.caption import caption
from nbext.display.mimebundle import bundle
from nbext.errors import NoPictureError
from nbext.panel.result import view_of
from nbext.panel.thumbnails import Thumbnails
from tests.sessions import at_work
from tests.unit.session.test_came import chat, gemini

SAMPLES = bytes(range(256)) * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + bytes(60)


def sound(samples=SAMPLES, rate=24000):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return buffer.getvalue()


def b64(data):
    return base64.b64encode(data).decode()


def said(**audio):
    return {"choices": [{"delta": {"audio": audio}}]}


STREAM = [
    said(id="audio_1", transcript="Good "),
    said(data=b64(SAMPLES[:3001])),
    said(data=b64(SAMPLES[3001:])),
    said(transcript="morning."),
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
]
PART = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=16000", "data": b64(SAMPLES)}}
SPOKEN = {
    "whole": (chat(None, audio={"data": b64(sound()), "transcript": "Good morning."}), {}),
    "samples in a stream": (STREAM, {}),
    "a data URI": (chat(f"Good morning. [x](data:audio/wav;base64,{b64(sound())})"), {}),
    "a part": (
        chat(
            [
                {"type": "text", "text": "Good morning."},
                {"type": "a", "audio": {"data": b64(sound())}},
            ]
        ),
        {},
    ),
    "gemini": (
        {"candidates": [{"content": {"parts": [{"text": "Good morning."}, PART]}}]},
        {"via": "gemini", "model": "gemini-3-pro-tts"},
    ),
}


@pytest.fixture
def session(relay, tmp_path, monkeypatch):
    with at_work(relay, tmp_path, monkeypatch, replay="never") as session:
        yield session


def page_of(history, tmp_path):
    return history.to_html(tmp_path / "page.html", overwrite=True).read_text()


@pytest.mark.parametrize("name", SPOKEN)
def test_a_spoken_answer_is_kept_named_and_played(session, relay, tmp_path, name):
    relay.answer, how = SPOKEN[name]
    drawing = session.draw("Say good morning", kind="chat", **{"model": "gpt-4o-audio", **how})
    assert drawing.text.startswith("Good morning.")
    assert [one.media_type for one in drawing.sounds] == ["audio/wav"]
    assert drawing.sounds[0].data == sound(rate=16000 if name == "gemini" else 24000)
    assert (drawing.films, drawing.pictures, drawing.lost) == ([], [], [])
    assert "left out" not in caption(drawing.record)
    # In the cell: what it says, and a player.
    data, _ = bundle(drawing)
    assert "Good morning." in data["text/html"]
    player = re.search(r'<audio controls src="data:audio/wav;base64,([^"]+)"', data["text/html"])
    assert base64.b64decode(player[1]) == drawing.sounds[0].data
    # Saved under its own suffix.
    assert drawing.save(tmp_path / "morning").name == "morning.wav"
    assert drawing.sounds[0].save(tmp_path / "own").read_bytes() == drawing.sounds[0].data
    # In the gallery, and in the panel.
    assert "<audio controls" in page_of(session.history, tmp_path)
    thumbnails = Thumbnails(1)
    view, buffers = view_of(drawing, thumbnails)
    thumbnails.close()
    assert [one["type"] for one in view["media"]] == ["audio/wav"]
    assert view["saves"]
    assert buffers == [drawing.sounds[0].data]
    assert session.history.verify().ok


def test_a_long_sound_is_played_from_the_history(session, relay):
    relay.answer = SPOKEN["whole"][0]
    drawing = session.draw("Say good morning", kind="chat", model="gpt-4o-audio")
    data, _ = bundle(drawing, inline_limit=1000)
    place = re.search(r'<audio controls src="([^"]+)"', data["text/html"])[1]
    assert (drawing.notebook_folder / place).read_bytes() == sound()


def test_a_sound_in_place_of_a_picture_is_an_error_and_is_played(session, relay):
    relay.answer = SPOKEN["whole"][0]
    with pytest.raises(NoPictureError) as caught:
        session.draw("a cat", model="gpt-4o-image")
    drawing = caught.value.drawing
    assert len(drawing.sounds) == 1
    assert "<audio" in bundle(drawing)[0]["text/html"]


def test_a_pdf_in_place_of_a_picture_is_named_with_its_place_and_link(session, relay, tmp_path):
    relay.answer = gemini(b64(PDF))
    with pytest.raises(NoPictureError, match="sent a PDF file instead of a picture") as caught:
        session.draw("a poster", model="gemini-3-pro-image", via="gemini")
    drawing = caught.value.drawing
    place = str(caught.value).rpartition("It is kept: ")[2]
    assert (drawing.notebook_folder / place).read_bytes() == PDF
    data, _ = bundle(drawing)
    assert f'<a href="{place}"' in data["text/html"]
    assert f'download="drawing-{drawing.number}.pdf"' in page_of(session.history, tmp_path)
    thumbnails = Thumbnails(1)
    view, buffers = view_of(drawing, thumbnails)
    thumbnails.close()
    assert (view["media"], view["saves"], buffers) == ([{"type": "", "path": place}], False, [])
