"""``nbext help NAME`` and ``nbext doctor --report``."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbext.cli import main, report
from nbext.errors import BudgetError, NbextError, OptionError
from nbext.magics import explain as module
from nbext.messages.say import table, use_language

CANARY = "sk-canary-0123456789abcdef"


pytestmark = pytest.mark.usefixtures("alone")


def test_every_error_has_its_meaning_and_no_other():
    assert set(table("meaning")) == set(module.ERRORS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_is_help_for_every_name_in_both_languages(language):
    use_language(language)
    for name in module.names():
        text = module.explain(name)
        assert len(text) > len(name) + 5, name


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("help QuotaError", "balance is used up"),
        ("help quotaerror", "balance is used up"),
        ("help %%draw", "--aspect W:H"),
        ("help --aspect", "%%draw, %%edit, %%sweep --aspect W:H"),
        ("help aspect", "%%draw, %%edit, %%sweep --aspect W:H"),
        ("help -n", "--takes N"),
        ("help Nbext.replay", "'restart'"),
        ("help", "%models"),
        ("help", "\nSettings\n  Nbext.base_url  "),
    ],
)
def test_help_is_printed(capsys, line, words):
    assert main.main(line.split()) == 0
    assert words in capsys.readouterr().out


def test_what_has_no_help_gets_a_guess():
    with pytest.raises(OptionError, match="Did you mean QuotaError"):
        module.explain("QuotaEror")
    with pytest.raises(OptionError, match="lists all names"):
        module.explain("zzzzzz")


def test_the_report_has_no_key_and_no_home(monkeypatch, endpoint, capsys):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", CANARY)
    assert main.main(["doctor", "--report"]) == 0
    text = capsys.readouterr().out
    assert "✓ python" in text
    assert "✓ system" in text
    assert CANARY not in text
    assert str(Path.home()) not in text


def test_nothing_is_sent_to_an_endpoint_without_a_yes(monkeypatch, endpoint):
    with pytest.raises(NbextError, match="No relay is set"):
        report.live()
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    questions = []

    def no(question):
        questions.append(question)
        return ""

    with pytest.raises(BudgetError, match="not sent, as you answered no"):
        report.live(ask=no)
    # Those of the quickstart, and one for each endpoint.
    assert len(questions) == 1
    assert questions[0].startswith("This sends 8 paid requests to 127.0.0.1")
    assert "about 0.06 USD. Send them?" in questions[0]
    assert not [entry for entry in endpoint.log if entry.method == "POST"]


def test_each_endpoint_is_tried_and_the_report_can_be_pasted(monkeypatch, endpoint):
    monkeypatch.setenv("NBEXT_BASE_URL", endpoint.base_url)
    monkeypatch.setenv("NBEXT_API_KEY", endpoint.key)
    text = report.live(yes=True, tour=False)
    results = [line.split()[:2] for line in text.splitlines()[-4:]]
    assert results == [["✓", "chat"], ["✓", "respond"], ["✓", "complete"], ["✓", "draw"]]
    assert endpoint.key not in text
