"""Remedies of cells, in the words of a form and of a call."""

from __future__ import annotations

import pytest

from nbext.display.remedy import for_call, for_form


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


@pytest.mark.parametrize(
    ("remedy", "shown"),
    [
        ("Use --size 1K, 2K or 4K.", 'Use size="1K", "2K" or "4K".'),
        ("请使用 --size 1K、2K 或 4K。", '请使用 size="1K"、"2K" 或 "4K"。'),
        (
            "Use --size 1024x1536 or another size in pixels.",
            'Use size="1024x1536" or another size in pixels.',
        ),
        ("Use --quality low, high or auto.", 'Use quality="low", "high" or "auto".'),
        ("Use --seconds 4 or 8.", "Use seconds=4 or 8."),
        ("Add --via images, if the relay can.", 'Add via="images", if the relay can.'),
        ("Add one with --image REF, or try again.", "Add one with images=…, or try again."),
        ("Draw again (--image @1).", 'Draw again (images="@1").'),
        ("Add -p max_tokens=500.", 'Add params={"max_tokens": 500}.'),
        ("Add -p echo=true.", 'Add params={"echo": True}.'),
        ("Add --yes, or -n 4 --fresh.", "Add yes=True, or n=4 fresh=True."),
        ("--dry-run shows the request.", "nbext.request(…).code() shows the request."),
        ("nbext verify NOTEBOOK --repair", "nbext verify NOTEBOOK --repair"),
        ("A well-known -- thing.", "A well-known -- thing."),
    ],
)
def test_a_call_has_arguments(remedy, shown):
    assert for_call(remedy) == shown
