"""A history in a folder of its own."""

from __future__ import annotations

import pytest

from nbext.drawings.history import History
from nbext.store.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cats.draws")


@pytest.fixture
def history(store):
    return History(store)
