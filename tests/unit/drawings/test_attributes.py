"""A name that is almost right is answered with the right one."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys

import pytest

import nbext
from nbext.api.sweep_result import Sweep
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.picture import Picture
from nbext.drawings.shown import mark_displayed
from nbext.errors import OptionError, SettingsError
from nbext.messages.say import use_language
from nbext.panel import Gallery
from nbext.panel.panel import Panel
from nbext.util.habits import ATTRIBUTES
from tests.records import draw, picture

KINDS = {"Drawing": Drawing, "Drawings": Drawings, "Picture": Picture, "Sweep": Sweep}
KINDS |= {"History": nbext.History, "Gallery": Gallery, "Panel": Panel}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("generate", "draw"),
        ("create", "draw"),
        ("darw", "draw"),
        ("panel_", "Panel"),
        ("histroy", "history"),
        ("list_models", "models"),
        ("generat", "draw"),
        ("OpenAI", "draw(…)"),
        ("images", "draw(…) or history"),
    ],
)
def test_the_package_suggests_its_own_name(name, answer):
    with pytest.raises(AttributeError) as caught:
        getattr(nbext, name)
    assert str(caught.value) == f"nbext has no attribute {name!r}. Did you mean {answer}?"
    assert caught.value.name == name
    assert type(caught.value) is AttributeError


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("images", "pictures"),
        ("imgae", "image"),
        ("duration", "elapsed"),
        ("parrents", "parents"),
        ("choices", "text"),
    ],
)
def test_a_drawing_suggests_its_own_name(history, name, answer):
    drawing = Drawing(draw(history.store, picture()), history)
    with pytest.raises(AttributeError, match=rf"Did you mean {answer}\?$"):
        getattr(drawing, name)


@pytest.mark.parametrize(("takes", "name"), [(1, "Drawing"), (2, "Drawings")])
def test_what_a_cell_shows_gives_the_same_advice(history, takes, name):
    drawings = Drawings(Drawing(draw(history.store, picture()), history) for _ in range(takes))
    with pytest.raises(AttributeError) as caught:
        _ = mark_displayed(drawings, 1).images
    assert str(caught.value) == f"{name} has no attribute 'images'. Did you mean pictures?"


@pytest.fixture
def panel(history):
    # A session looks for the notebook; a panel of the history alone needs none.
    made = Gallery(history=history)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (lambda panel: panel.selected, "Gallery has no attribute 'selected'. Did you mean chosen?"),
        (lambda panel: setattr(panel, "nubmer", 2), "Did you mean number?"),
        (lambda panel: setattr(panel, "selected", 2), "Did you mean chosen?"),
        (lambda panel: type(panel)(hsitory=None), "no argument 'hsitory'. Did you mean history?"),
        (lambda panel: type(panel)(value=None), "no argument 'value'. Did you mean chosen?"),
        (lambda _: nbext.Panel(promt="a cat"), "no argument 'promt'. Did you mean prompt?"),
        (lambda _: nbext.Panel(n=4), "Choose it in the panel."),
        (lambda _: nbext.Panel(3), 'prompt must be text: prompt="a cat with a hat"'),
        (lambda _: nbext.Panel(model=["a"]), 'model must be text: model="gpt-4o-image"'),
    ],
)
def test_a_widget_suggests_its_own_name(panel, slip, words):
    with pytest.raises((AttributeError, OptionError), match=re.escape(words)):
        slip(panel)


def test_a_widget_takes_attributes_of_other_names(panel):
    class Mine(Gallery):
        def __init__(self, **traits):
            super().__init__(**traits)
            self.selected = "mine"

    panel.pages = 3
    mine = Mine(history=panel.history)
    assert (panel.pages, mine.selected) == (3, "mine")
    mine.close()


def test_what_is_like_nothing_gets_no_suggestion(history):
    with pytest.raises(AttributeError) as caught:
        history.xyzzy()
    assert str(caught.value) == "History has no attribute 'xyzzy'."


def test_the_other_language_has_its_sentence():
    use_language("zh")
    try:
        with pytest.raises(AttributeError, match=r"nbext 没有属性 'generate'。是否想用 draw？"):
            nbext.generate()
    finally:
        use_language("auto")


def test_an_unknown_name_is_absent_and_objects_can_be_copied(history):
    drawing = Drawing(draw(history.store, picture()), history)
    for item in (nbext, history, drawing, Drawings([drawing]), *drawing.pictures):
        assert not hasattr(item, "images")
        assert not hasattr(item, "_repr_html_")
        assert not hasattr(item, "__array_interface__")
    assert copy.copy(drawing) == copy.deepcopy(drawing) == drawing
    assert pickle.loads(pickle.dumps(drawing)).number == drawing.number
    assert pickle.loads(pickle.dumps(Drawings([drawing]))) == [drawing]
    assert not hasattr(Sweep.__new__(Sweep), "images")


def test_the_error_itself_can_be_sent_to_another_process():
    with pytest.raises(AttributeError) as caught:
        nbext.generate()
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_attribute_error_within_a_property_is_not_hidden(history):
    class Broken(Drawing):
        @property
        def colour(self):
            return None.split()

    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'split'"):
        _ = Broken(draw(history.store), history).colour


def test_python_adds_no_suggestion_of_its_own():
    done = subprocess.run(
        [sys.executable, "-c", "import nbext; nbext.darw('a cat')"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.count("Did you mean") == 1, done.stderr


def test_each_suggestion_exists():
    for owner, habits in ATTRIBUTES.items():
        here = set(nbext.__all__) | {"__version__", "nbext"} if owner == "nbext" else None
        known = here or {*dir(KINDS[owner])}
        for name, answer in habits.items():
            first = answer.partition("(")[0].partition("[")[0].partition(".")[0]
            assert first in known, (owner, name)
            assert name not in known, (owner, name)


def test_what_is_like_a_name_elsewhere_gets_no_wild_guess(history):
    drawing = Drawing(draw(history.store, picture()), history)
    with pytest.raises(AttributeError) as caught:
        _ = drawing.read
    assert str(caught.value) == "Drawing has no attribute 'read'."


def test_one_drawing_is_no_list_but_is_an_array(history):
    drawing = Drawing(draw(history.store, picture(size=(9, 7))), history)
    with pytest.raises(TypeError, match=r"drawing\.pictures\[0\]"):
        drawing[0]
    numpy = pytest.importorskip("numpy")
    assert (
        numpy.asarray(drawing).shape[:2] == numpy.asarray(drawing.pictures[0]).shape[:2] == (7, 9)
    )
    assert numpy.asarray(drawing, dtype=float).dtype == float


@pytest.mark.parametrize("name", ["api_key", "key", "token"])
def test_a_key_set_on_the_package_is_refused_with_the_remedy(name):
    with pytest.raises(SettingsError, match="%nbext key"):
        setattr(nbext, name, "sk-0123456789abcdef")
    assert name not in vars(nbext)
