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
from nbext.util.habits import ADVICE, ATTRIBUTES, SETTERS
from nbext.util.public import Public
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


@pytest.fixture
def objects(history):
    """One of each of the objects that users hold."""
    drawing = Drawing(draw(history.store, picture()), history)
    items = [history, drawing, Drawings([drawing]), drawing.pictures[0], drawing.revision]
    items += [history.tree(), history.verify(), history.unseen(), nbext.request("a cat")]
    return items


def test_a_misspelled_attribute_is_not_set(objects):
    held = {type(item) for item in objects}
    held |= {kind.__base__ for kind in held if kind.__base__ in Public.__subclasses__()}
    known = {kind.__name__ for kind in held} | {"Sweep", "Grid", "Ballot"}
    assert {kind.__name__ for kind in Public.__subclasses__()} <= known
    for item in objects:
        name = next(name for name in dir(item) if len(name) > 4 and name[0] != "_")
        for slip in (f"{name}_", name.upper(), "xyzzy"):
            with pytest.raises(AttributeError, match=f"has no attribute '{slip}'") as caught:
                setattr(item, slip, 1)
            assert ("Did you mean" in str(caught.value)) == (slip != "xyzzy"), (item, slip)
            assert not hasattr(item, slip)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nots", "Did you mean note?"),
        ("starred", "Drawing.starred cannot be set. Use star()."),
        ("star", "Drawing.star cannot be set. Use star()."),
        ("tags", 'Use tag("…").'),
        ("comment", 'Use note = "…".'),
        ("save", "Drawing.save cannot be set."),
        ("image", "Drawing.image cannot be set."),
    ],
)
def test_what_cannot_be_set_on_a_drawing_names_what_can(history, name, words):
    drawing = mark_displayed(Drawings([Drawing(draw(history.store), history)]), 1)
    with pytest.raises(AttributeError, match=re.escape(words)):
        setattr(drawing, name, "x")
    drawing.note = "kept"
    assert drawing.note == "kept"


def test_what_has_a_setter_a_private_name_and_a_subclass_of_ones_own_are_free(history):
    class Mine(Drawing):
        def __init__(self, *given):
            super().__init__(*given)
            self.score = 3

    mine = Mine(draw(history.store), history)
    mine._mine = 1
    mine.replayed = True
    assert (mine.score, mine.replayed) == (3, True)
    with pytest.raises(AttributeError, match="cannot be set"):
        mine.save = 1


@pytest.mark.parametrize("slip", ["modle", "modell", "languge", "base_ulr", "repaly"])
def test_a_misspelled_setting_of_the_package_is_not_set(slip):
    with pytest.raises(AttributeError, match=f"nbext has no attribute '{slip}'. Did you mean"):
        setattr(nbext, slip, "x")
    assert slip not in vars(nbext)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("delete", "The history keeps every drawing."),
        ("clear", "delete its folder"),
        ("save", "The history saves itself."),
        ("append", "merge()"),
        ("load", "nbext.open("),
        ("sort", "to_frame()"),
    ],
)
def test_what_other_tools_do_with_a_history_has_an_answer(history, name, words):
    with pytest.raises(AttributeError, match=re.escape(words)):
        getattr(history, name)


def test_each_advice_is_for_a_name_that_is_absent_and_has_its_words(objects):
    by_name = {type(item).__name__: item for item in objects}
    for owner, names in ADVICE.items():
        for name in names:
            with pytest.raises(AttributeError) as caught:
                getattr(by_name[owner], name)
            assert len(str(caught.value)) > len(f"{owner} has no attribute {name!r}. ")
    for owner, names in SETTERS.items():
        assert names
        assert owner in by_name


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda h, d: d.save(None), "path must be text or a path, not NoneType."),
        (lambda h, d: h.verify(manifest=5), "manifest must be text, not int."),
        (lambda h, d: d.tag("good", ["night"]), "names must be text, not list."),
        (lambda h, d: d.mask_overlay("first"), "index must be a whole number, not str."),
        (lambda h, d: h.find(3), "reference must be text, not int."),
        (lambda h, d: h.to_zip(b"x.zip"), "path must be text or a path, not bytes."),
        (lambda h, d: d.pictures[0].save(5), "path must be text or a path, not int."),
        (lambda h, d: Drawings([d]).save(["a"]), "folder must be text or a path, not list."),
        (lambda h, d: h[None], "takes the number of a drawing, not NoneType: history[3]"),
        (lambda h, d: h.tree("cat"), "drawing must be a drawing, not str."),
        (lambda h, d: h.merge(5), "other must be a history, text or a path, not int."),
        (lambda h, d: nbext.models(5), "words must be text, not int."),
    ],
)
def test_an_argument_of_a_wrong_type_is_named(history, call, words):
    drawing = Drawing(draw(history.store, picture()), history)
    with pytest.raises(TypeError, match=re.escape(words)) as caught:
        call(history, drawing)
    assert caught.value.__suppress_context__


SLIPS = """import nbext
from pathlib import Path
d = nbext.open(FOLDER)[1]
d.imges
def rename(drawing):
    drawing.nots = "x"
rename(d)
for one in [d]:
    one.save(None)
d[0]
nbext.open(FOLDER)[[1]]
nbext.open(FOLDER)[:][7]
d.edit()
d.save("cat.png", overwite=True)
nbext.draw()
nbext.histroy
"""


def test_ipython_shows_a_slip_at_the_users_line_and_not_ours(history, capsys):
    from IPython.core.interactiveshell import InteractiveShell

    draw(history.store, picture())
    shell = InteractiveShell.instance()
    shell.run_line_magic("colors", "nocolor")
    shell.user_ns["FOLDER"] = str(history.store.folder)
    head, *slips = re.split(r"\n(?=d\.|d\[|def|for|nbext)", SLIPS.strip())
    shell.run_cell(head)
    capsys.readouterr()
    for slip in slips:
        assert not shell.run_cell(slip).success
        lines = capsys.readouterr().out.splitlines()
        assert re.match(r"(Attribute|Type|Index)Error: .", lines[-1]), lines
        shown = "\n".join(lines)
        assert "Cell In[" in shown
        assert slip.splitlines()[-1].strip() in shown
        assert "nbext/" not in shown, shown
    InteractiveShell.clear_instance()
