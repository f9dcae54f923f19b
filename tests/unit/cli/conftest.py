"""What tests of the command line share."""

from __future__ import annotations

import importlib
import os

import pytest

from nbext.config import keys


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """No environment, no keyring, a folder and settings of its own."""
    for name in list(os.environ):
        if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_", "JPY_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(keys, "_keyring", lambda: None)
    monkeypatch.setattr(keys, "_kernel", {})
    monkeypatch.setattr(keys, "_answers", {})
    monkeypatch.setattr(importlib.import_module("nbext.config.loading"), "_instances", {})
    monkeypatch.chdir(tmp_path)
