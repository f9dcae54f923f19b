"""Remedies of cells, in the words of a form."""

from __future__ import annotations

import pytest

from nbext.panel.remedy import for_form


@pytest.mark.parametrize(
    ("remedy", "shown"),
    [
        ("Wait a little, then try again.", "Wait a little, then try again."),
        (
            "Give one: --image REF, or say what to draw.",
            "Give one: “Reference pictures”, or say what to draw.",
        ),
        ("Use --aspect 2:3 and --size 1K, 2K or 4K.", "Use “Shape” 2:3 and “Size” 1K, 2K or 4K."),
        ('Run it once with %config Nbext.replay = "restart".', ""),
        ("Add --via images, if the relay supports it.", ""),
        ("Try another model. Or allow more with --rounds (or rounds=8).", "Try another model."),
        ("Set NBEXT_API_KEY in the environment.", "Set NBEXT_API_KEY in the environment."),
        ("For one request: drawing.again(seed=…)", ""),
        ("A 50 % sharper, well-known picture.", "A 50 % sharper, well-known picture."),
        ("", ""),
    ],
)
def test_a_form_has_no_options_of_cells(remedy, shown):
    assert for_form(remedy) == shown


def test_fields_have_their_names_in_chinese():
    assert for_form("Give one: -i REF.", "zh") == "Give one: “参考图”."
