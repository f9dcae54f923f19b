"""What is offered is what a wire format sends."""

from __future__ import annotations

import pytest

from nbext.data.request import WIRES, Request
from nbext.panel.capabilities import FIELDS, offered
from nbext.wire.formats import wire_format


def test_a_mask_only_where_there_is_a_place_for_it():
    assert "mask" in offered("images", "gpt-image-1")
    assert "mask" not in offered("chat", "gpt-4o-image")
    assert "system" in offered("chat", "gpt-4o-image")
    assert "system" not in offered("images", "gpt-image-1")
    assert "quality" not in offered("gemini", "gemini-3-pro-image-preview")


@pytest.mark.parametrize("name", WIRES)
def test_every_offer_changes_what_is_sent(name):
    found = offered(name, "some-image-model")
    assert found <= set(FIELDS)
    if "seed" in found:
        plain = Request(prompt="a", model="some-image-model")
        seeded = Request(prompt="a", model="some-image-model", seed=3)
        assert wire_format(name).encode(plain) != wire_format(name).encode(seeded)
