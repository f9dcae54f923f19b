"""Patterns are compiled at their first use, and each can be."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import nbext
from nbext.util.pattern import LazyPattern, pattern

MODULES = [
    module.name
    for module in pkgutil.walk_packages(nbext.__path__, "nbext.")
    if not module.name.startswith(("nbext.__main__", "nbext.embedded", "nbext.cli"))
]


def lazy(value):
    """Give the patterns in a value of a module: alone, in a table, in the rows of a table."""
    if isinstance(value, LazyPattern):
        yield value
    elif isinstance(value, dict):
        yield from lazy(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from lazy(item)
    elif not isinstance(value, type) and type(value).__module__.startswith("nbext."):
        names = getattr(value, "__struct_fields__", None) or getattr(value, "__slots__", ())
        yield from lazy([getattr(value, name, None) for name in names])


def test_every_pattern_compiles():
    patterns = {
        id(each): each
        for name in MODULES
        for value in list(vars(importlib.import_module(name)).values())
        for each in lazy(value)
    }
    assert len(patterns) > 100
    for each in patterns.values():
        assert isinstance(re.compile(each.pattern, each.flags), re.Pattern)


def test_it_is_compiled_once(monkeypatch):
    calls = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *args: calls.append(args) or compile_(*args))
    word = pattern(r"[a-z]+", re.IGNORECASE)
    assert calls == []
    assert [word.match(text)[0] for text in ("Ab", "c")] == ["Ab", "c"]
    assert len(calls) == 1


def test_a_wrong_one_is_told_at_its_first_use():
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("")
