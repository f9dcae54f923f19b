"""Modules that take long to import, for the files of tests that use them: every worker imports every file."""

from __future__ import annotations

import importlib
from typing import Any


class Lazily:
    """A module that is imported when something in it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest looks for some at everything in a file
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)
