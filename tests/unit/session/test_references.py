"""Pictures that a request is given, for whoever has the history alone."""

from __future__ import annotations

import io
import os

import pytest
from PIL import Image

from nbext.config.settings import Nbext
from nbext.data.request import public_url
from nbext.errors import DownloadError, OptionError, ReplayError
from nbext.session.session import Session
from tests.records import picture

URL = "https://me:pw@example.org/cats/cat.png?token=secret"


@pytest.fixture
def session(tmp_path, monkeypatch):
    for name in ("OPENAI_API_KEY", "NBEXT_API_KEY", "NBEXT_BASE_URL", "LITELLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    made = Session(tmp_path / "cats.draws", chosen=Nbext())
    made.web = {URL: picture("red")}

    async def fetch(url):
        if url not in made.web:
            raise OptionError("gone")
        return made.web[url]

    monkeypatch.setattr(made, "_fetch", fetch)
    yield made
    made.run(made.close())


def test_an_address_that_is_gone_or_shows_something_else(session, tmp_path):
    first = session.draw("a hat", images=[URL])
    [given] = first.record.references
    assert given.url == public_url(URL)
    assert "secret" not in (tmp_path / "cats.draws" / "history.jsonl").read_text()
    assert "pw" not in given.url
    session.web[URL] = picture("blue")
    again = session.run(session.request("a hat", images=[URL]))
    assert again.references[0].data == picture("red")
    assert again.fingerprint() == first.record.fingerprint
    assert session.run(session.request("a coat", images=[URL])).references[0].data == picture(
        "blue"
    )
    anew = session.run(session.request("a hat", images=[URL], fresh=True))
    assert anew.references[0].data == picture("blue")
    session.web.clear()
    assert session.run(session.request("a hat", images=[URL])).fingerprint() == again.fingerprint()
    with pytest.raises(OptionError, match="gone"):
        session.run(session.request("a coat", images=[URL]))


def test_only_fetches_nothing(session):
    session.draw("a hat", images=[URL])
    session.settings.replay = "only"
    assert session.draw("a hat", images=[URL]).replayed
    with pytest.raises(ReplayError, match="not recorded with this prompt") as caught:
        session.draw("a coat", images=[URL])
    assert "secret" not in str(caught.value)


def test_a_file_that_is_gone(session, tmp_path):
    model = {"model": "gpt-image-1"}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "cat.png").write_bytes(picture("red"))
    (tmp_path / "cat.png").write_bytes(picture("blue"))
    transparent = io.BytesIO()
    Image.new("RGBA", Image.open(io.BytesIO(picture("red"))).size).save(transparent, format="PNG")
    (tmp_path / "a" / "mask.png").write_bytes(transparent.getvalue())
    first = session.draw(
        "two", images=["a/cat.png", tmp_path / "cat.png"], mask="a/mask.png", **model
    )
    (tmp_path / "a" / "cat.png").unlink()
    (tmp_path / "a" / "mask.png").unlink()
    (tmp_path / "cat.png").unlink()
    images = ["a/cat.png", tmp_path / "cat.png"]
    again = session.run(session.request("two", images=images, mask="a/mask.png", **model))
    assert again.fingerprint() == first.record.fingerprint
    with pytest.raises(OptionError, match="cannot be read"):
        session.run(session.request("three", images=["a/cat.png"]))
    with pytest.raises(OptionError, match="cannot be read"):
        session.run(session.request("two", images=["a/cat.png"], fresh=True))
    # What is there counts, not what was there.
    (tmp_path / "cat.png").write_bytes(picture("green"))
    changed = session.run(session.request("two", images=images, mask="a/mask.png", **model))
    assert changed.fingerprint() != first.record.fingerprint


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_picture_of_a_folder_that_leads_to_a_pipe_or_a_device(session, tmp_path):
    """One without an end would fill the memory, one without a beginning would hang."""
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "loop.png").symlink_to("loop.png")
    for name in ("pipe.png", "zero.png", "loop.png"):
        with pytest.raises(OptionError, match="cannot be read"):
            session.run(session.request("a hat", images=[name]))
    # A link to a picture is the picture.
    (tmp_path / "cat.png").write_bytes(picture("red"))
    (tmp_path / "link.png").symlink_to("cat.png")
    request = session.run(session.request("a hat", images=["link.png"]))
    assert request.references[0].data == picture("red")


@pytest.mark.parametrize("name", ["cat\0.png", "cat\ud800.png"])
def test_a_picture_with_a_name_that_no_file_can_have(session, name):
    with pytest.raises(OptionError):
        session.run(session.request("a hat", images=[name]))


def test_an_image_is_the_same_however_it_is_packed(session):
    """Versions of Pillow and zlib write other bytes for the same pixels."""

    class Figure:
        def __init__(self, **how):
            self.how = how

        def savefig(self, buffer, format):
            image = Image.open(io.BytesIO(picture("red")))
            image.save(buffer, format=format, **self.how)

    asked = [
        session.run(session.request("x", images=[image]))
        for image in (Figure(), Figure(compress_level=1), Image.open(io.BytesIO(picture("red"))))
    ]
    assert len({a.references[0].info.sha256 for a in asked}) > 1
    assert len({a.fingerprint() for a in asked}) == 1
    other = session.run(session.request("x", images=[Image.open(io.BytesIO(picture("blue")))]))
    assert other.fingerprint() != asked[0].fingerprint()


def test_one_of_several_takes(session):
    takes = session.draw("a cat", n=2)
    session.names = {"takes": takes, "one": takes[1], "files": [picture("red")]}
    for given, sha256 in (
        ("takes[1]", takes[1].pictures[0].sha256),
        ("takes[-2]", takes[0].pictures[0].sha256),
        ("one", takes[1].pictures[0].sha256),
    ):
        [reference] = session.run(session.request("a hat", images=given)).references
        assert reference.info.sha256 == sha256
    assert session.run(session.request("a hat", images="files[0]")).references[0].data == picture(
        "red"
    )
    for given, said in (
        ("takes", r"2 drawings. Choose one: takes\[0\]"),
        ("takes[2]", "does not exist"),
        ("one[0]", "does not exist"),
    ):
        with pytest.raises(OptionError, match=said):
            session.run(session.request("a hat", images=given))


def test_a_misspelled_picture_gets_did_you_mean(session, tmp_path):
    cat = session.draw("a cat")
    session.names = {"cat_picture": cat, "_cat_pictur": cat, "cat_pictures": print}
    with pytest.raises(OptionError, match=r"Did you mean cat_picture\?$"):
        session.draw("a hat", images="cat_pictre")
    cat.save(tmp_path / "black-cat.png")
    with pytest.raises(OptionError, match=r"Did you mean black-cat\.png\?$"):
        session.draw("a hat", images="black-cta.png")
    with pytest.raises(OptionError, match="Name a variable, a path"):
        session.draw("a hat", images="zebra")


def test_a_private_address_of_ones_own_is_named_as_such(session, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(DownloadError, match=r"The reference is at 10\.0\.0\.1") as error:
        session.draw("a hat", images="https://10.0.0.1/cat.png")
    assert "answer" not in str(error.value)
    assert "Download the picture yourself" in error.value.remedy


MOMENTS = {
    "cat.mp4@1.5s": "ffmpeg -ss 1.5 -i cat.mp4 -frames:v 1 frame.png",
    "my films/cat.mp4@12s": "ffmpeg -ss 12 -i 'my films/cat.mp4' -frames:v 1 frame.png",
    "@2@0.25s": "ffmpeg -ss 0.25 -i cats.draws/pictures/",
    "film@1sec": "ffmpeg -ss 1 -i cats.draws/pictures/",
    "@1@1s": "@1 is not a film.",
}


def test_a_moment_of_a_film_is_refused_with_the_command_that_takes_it(session):
    session.draw("a cat")
    film = session.draw("a cat walks", kind="video", model="sora-2", seconds=1)
    session.names = {"film": film}
    for reference, words in MOMENTS.items():
        with pytest.raises(OptionError) as caught:
            session.run(session.request("a hat", images=[reference]))
        assert words in str(caught.value)
