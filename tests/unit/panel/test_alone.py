"""The gallery without a panel, and the panel without widgets."""

from __future__ import annotations

import pytest

import nbext.panel
from nbext.data.record import Record
from nbext.drawings.history import History
from nbext.imaging.thumbnail import small_webp
from nbext.panel import Gallery
from nbext.panel.fallback import still
from nbext.store.store import Store
from tests.sinks import picture


@pytest.fixture
def history(tmp_path):
    store = Store(tmp_path / "three.draws")
    for number, prompt in enumerate(("a cat", "a dog", "a hat"), start=1):
        info = store.put(picture(size=(90 + number, 60)))
        store.append(
            Record(type="drawing", id=f"id{number}", number=number, prompt=prompt, pictures=[info])
        )
    return History(store)


@pytest.fixture
def gallery(history):
    made = Gallery(history=history)
    yield made
    made.close()


def test_the_number_that_a_page_sets_chooses_the_drawing(gallery, history, page):
    shown = page(gallery)
    seen = []
    gallery.observe(lambda change: seen.append(change["new"]), "chosen")
    gallery.set_state({"number": 2})
    assert gallery.chosen == history[2]
    assert seen == [history[2]]
    assert shown.last("current")[0]["id"] == history[2].id
    gallery.number = 99
    assert gallery.chosen is None


def test_another_history_chooses_nothing(gallery, history, tmp_path):
    gallery.number = 1
    gallery.history = History(Store(tmp_path / "other.draws"))
    assert (gallery.number, gallery.chosen) == (0, None)


def test_its_history_is_the_notebook_s(monkeypatch, session):
    monkeypatch.setattr("nbext.panel.gallery.current_session", lambda: session)
    gallery = Gallery()
    assert gallery.history is session.history
    gallery.close()


def test_it_speaks_the_language_of_the_browser(gallery, page):
    shown = page(gallery)
    shown.say("find", turn=1, language="zh-CN")
    assert gallery.words["history"] == "历史"
    shown.say("find", turn=2, language="en-US")
    assert gallery.words["history"] == "History"
    shown.say("find", turn=3, language=["no", "language"])
    assert gallery.words["history"] == "History"


def test_alone_it_brings_the_style_that_a_panel_has(gallery, panel):
    assert ".nbext-panel {" in gallery._css
    assert ".nbext-tile" in gallery._css
    # In a panel it would be in the saved notebook twice.
    assert ".nbext-panel {" not in panel.gallery._css
    assert panel.gallery.alone is False


def test_the_room_names_its_widgets():
    assert nbext.panel.Panel is nbext.Panel
    with pytest.raises(AttributeError, match="no attribute 'Galery'"):
        _ = nbext.panel.Galery


def test_voila_gets_no_buttons_for_cells(panel, history, monkeypatch, wait):
    stage = panel.pages["stage"]
    for environ, cells in (({}, True), ({"VOILA_SERVER_URL": "/"}, False)):
        monkeypatch.setattr("nbext.panel.result.os.environ", environ)
        stage.heard.clear()
        panel.drawing = None
        panel.drawing = history[1]
        wait(lambda: [c for c, _ in stage.of("show") if c["drawing"]])
        assert stage.last("show")[0]["drawing"]["cells"] is cells


def test_nbconvert_shows_a_line_and_the_still(panel, history):
    import nbformat
    from nbconvert import HTMLExporter

    panel.drawing = history[1]
    bundles = panel._repr_mimebundle_(), still(history[1], "what the panel showed")
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in bundles]
    cell = nbformat.v4.new_code_cell("nbext.Panel()", outputs=outputs)
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "run this cell to use it" in html
    assert "data:image/jpeg;base64," in html
    assert "model not found" not in html.lower()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "CMYK", "RGB"])
def test_small_pictures_keep_what_transparency_they_have(mode):
    import io

    from PIL import Image

    image = Image.new("RGBA", (400, 300), (200, 30, 30, 255)).convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(80)
    form = "JPEG" if mode == "CMYK" else "PNG"
    buffer = io.BytesIO()
    image.save(buffer, form)
    made = Image.open(io.BytesIO(small_webp(buffer.getvalue(), f"image/{form.lower()}", 100)))
    assert made.size == (100, 75)
    if mode in ("RGBA", "LA"):
        assert made.getchannel("A").getextrema() == (80, 80)
    assert small_webp(picture(), "image/png", 100)
