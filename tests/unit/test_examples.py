"""What the docs give a user to call has an example in its docstring."""

from __future__ import annotations

import inspect

import pytest

import nbext
from nbext.api.ballot import Ballot
from nbext.api.sweep_result import Sweep
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.history import History
from nbext.drawings.picture import Picture

# Called by the package itself, or the same as a list's.
_INTERNAL = {
    History: "take_place show by_ids resolve picture_of mark marks annotate renumber beside",
    Drawings: "copy",
    Ballot: "show",
}


@pytest.mark.parametrize("kind", [Drawing, Drawings, Picture, History, Sweep, Ballot])
def test_each_method_has_an_example(kind):
    methods = {
        name: member
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }
    without = {
        name for name, member in methods.items() if ">>>" not in (inspect.getdoc(member) or "")
    }
    assert without - set(_INTERNAL.get(kind, "").split()) == set()


def test_each_function_has_an_example():
    functions = {name: getattr(nbext, name) for name in nbext.__all__}
    assert [
        name
        for name, one in functions.items()
        if inspect.isfunction(one) and ">>>" not in (inspect.getdoc(one) or "")
    ] == []
