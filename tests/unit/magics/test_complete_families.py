"""Tab offers what the model on the line takes, and %models says what it costs."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from nbext.config.settings import Nbext
from nbext.data.model import Model
from nbext.magics.complete import candidates
from nbext.magics.tables import models_table

SESSION = SimpleNamespace(
    settings=Nbext(),
    history=[],
    under_way={3: None},
    offered_models=lambda kind: [f"a {kind} model"],
)


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("%%draw gemini-3-pro-image --size ", ["1K", "2K", "4K"]),
        (
            "%%draw gpt-image-2.5-flare --quality ",
            ["auto", "low", "medium", "high", "xhigh", "max"],
        ),
        ("%%draw -m dall-e-3 --quality ", ["standard", "hd"]),
        ("%%draw --aspect ", ["1:1", "2:3", "3:2"]),
        ("%%draw nobody-knows-it --size ", []),
    ],
)
def test_tab_offers_what_the_family_takes(line, texts):
    offered, _ = candidates(line, session=SESSION, names={})
    assert [text for text, _ in offered if text] == texts


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("%models ", ["a draw model"]),
        ("%%sweep -m ", ["a draw model"]),
        ("%%edit -m ", ["a draw model"]),
        ("%%chat ", ["a chat model"]),
        ("%%sweep -x ", [""]),
        ("%draws ", ["cancel"]),
        ("%draws cancel ", ["all", "3"]),
        ("%draws cancel 3 ", []),
        ("%nbext help Quota", ["QuotaError"]),
    ],
)
def test_tab_offers_nothing_of_python_on_a_magics_line(line, texts):
    offered, fragment = candidates(line, session=SESSION, names={"x": 1})
    assert [text for text, _ in offered if text.startswith(fragment)] == texts


def test_models_say_what_they_cost_here_or_elsewhere():
    models = [Model(id="gpt-4o-image", price=0.02), Model(id="gpt-image-1.5"), Model(id="unheard")]
    head, *rows = models_table(models, {}).splitlines()
    assert head.split() == ["model", "family", "price"]
    assert rows[0].endswith("0.02 USD")
    assert "GPT Image 1.5" in rows[1]
    assert rows[1].endswith("≤ 0.2 USD")
    assert rows[2] == "unheard"
