"""Every code block of the documentation runs."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.kernel.conftest import Kernel

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "zh").glob("*.md")),
    *sorted(ROOT.glob("README*.md")),
]
BLOCK = re.compile(
    r"^```(\{code-cell\} ipython3|python|ipython|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL
)

sys.path.insert(0, str(ROOT / "docs"))


def blocks(path):
    """Give kind, code, and whether it may fail."""
    for kind, body in BLOCK.findall(path.read_text(encoding="utf-8")):
        lines = body.split("\n")
        options = [line for line in lines if line.startswith(":tags:")]
        code = "\n".join(line for line in lines if not line.startswith(":tags:")).strip("\n")
        yield kind, code, any("raises-exception" in line for line in options)


def cells_of(page):
    """Give the blocks that a kernel runs."""
    return [block for block in blocks(page) if block[0] != "sh"]


WITH_CODE = [page for page in PAGES if cells_of(page)]
# What the Chinese pages show is in the English ones too, so that they share a kernel.
CHINESE = [page for page in WITH_CODE if "zh" in page.stem or page.parent.name == "zh"]
READINGS = {page.stem: [page] for page in WITH_CODE if page not in CHINESE}
READINGS["zh"] = sorted(CHINESE)


@pytest.mark.kernel
@pytest.mark.parametrize("name", READINGS)
def test_the_blocks_of_a_page_run_in_order(name, tmp_path):
    kernel = Kernel(tmp_path)
    try:
        assert kernel.run("%load_ext nbext").status == "ok"
        for _, code, fails in (block for page in READINGS[name] for block in cells_of(page)):
            ran = kernel.run(code)
            assert ran.status == ("error" if fails else "ok"), (code, ran.error.get("traceback"))
    finally:
        kernel.stop()


LINES = sorted(
    {
        line
        for page in PAGES
        for kind, code, _ in blocks(page)
        if kind == "sh"
        for line in code.splitlines()
    }
)


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("nbext ")])
def test_a_command_of_the_pages_is_understood(line, capsys):
    from nbext.cli.main import _COMMANDS, _parser

    options = _parser().parse_args(shlex.split(line, comments=True)[1:])
    assert options.command in _COMMANDS
    capsys.readouterr()


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("make ")])
def test_a_target_of_the_pages_is_there(line):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert shlex.split(line, comments=True)[1] in targets


def test_links_between_the_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)\s#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def texts():
    """Give every text of the package, pieces of f-strings among them."""
    for path in (ROOT / "nbext").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.sub(r"\{\w+[^{}]*\}", "…", node.value)


def test_the_messages_that_troubleshooting_quotes_are_those_of_the_package():
    quoted = re.findall(r"^> `(.+)`$", (DOCS / "troubleshooting.md").read_text(), re.MULTILINE)
    written = "\n".join(texts())
    assert len(quoted) > 10
    pieces = [piece for message in quoted for piece in message.split("…") if len(piece) > 2]
    assert [piece for piece in pieces if piece not in written] == []


def cells(table):
    """The rows of a Markdown table, without its head."""
    return [re.split(r"(?<!\\)\|", row)[1:-1] for row in table.splitlines()[2:]]


@pytest.mark.parametrize("magic", ["draw", "edit", "chat", "respond", "complete", "video"])
def test_the_options_tables_have_every_option(magic):
    from tables import options_markdown

    from nbext.magics.asking import PARSERS

    rows = cells(options_markdown("all")) + cells(options_markdown(magic))
    assert all(len(row) == 2 and all(text.strip() for text in row) for row in rows)
    parser = PARSERS[magic](magic)
    assert sorted(re.findall(r"`(-[\w-]+)`", str(rows))) == sorted(parser.options())


def test_the_settings_table_has_every_setting():
    from tables import settings_markdown

    from nbext.config.settings import Nbext

    rows = cells(settings_markdown())
    assert all(len(row) == 3 and row[2].strip() for row in rows)
    assert [row[0].strip(" `") for row in rows] == sorted(Nbext.class_trait_names(config=True))


def test_every_argument_of_the_command_line_says_what_it_is():
    from nbext.cli.main import _parser

    (commands,) = [a for a in _parser()._actions if isinstance(a.choices, dict)]
    assert {c.dest for c in commands._choices_actions if c.help} == set(commands.choices)
    for name, parser in commands.choices.items():
        assert [a.dest for a in parser._actions if not a.help] == [], name


def test_changelog_and_citation_name_the_version():
    from nbext import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
    assert f'version: "{__version__}"' in (ROOT / "CITATION.cff").read_text()


def test_each_host_names_a_test_that_exists_or_says_untested():
    table = re.search(r"\| host \|.*?\n\n", (DOCS / "hosts.md").read_text("utf-8"), re.DOTALL)
    rows = cells(table[0].strip())
    assert len(rows) > 10
    for host, *_, shown in rows:
        named = re.findall(r"\[(\w+)\]\(\.\./(tests/[\w/]+\.py)\)", shown)
        assert named or shown.strip() == "untested", host
        for name, path in named:
            text = (ROOT / path).read_text("utf-8")
            assert name == Path(path).stem or f"def {name}(" in text, (host, name)


def test_each_error_is_explained_offline_and_in_the_docs():
    from nbext.magics.explain import ERRORS

    text = (DOCS / "troubleshooting.md").read_text("utf-8")
    assert [name for name in ERRORS if f"`{name}`" not in text] == []
