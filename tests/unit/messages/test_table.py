"""Every text that a user reads stands in the table of messages, and every message is used."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import nbext
from nbext import errors
from nbext.messages.say import table

ROOT = Path(nbext.__file__).parent
TABLES = sorted(p.stem for p in (ROOT / "messages").glob("[!_]*.py") if p.stem != "say")
LOOKUPS = {"phrase", "say"}
# What is made of words that no user reads.
SILENT = {"pattern", "compile", "search", "_words", "AttributeError"}
ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.NbextError)
}
# Three words in a row: a sentence, or a part of one.
PROSE = re.compile(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}[,:;]? [a-z]{2,}")
# What a cell or a terminal takes: it is the same in each language.
CODE = re.compile(
    r"^(%{1,2}\w|pip install |nbext |import |sign=|prompt: |judge\(|[\w.]+\([^)]*\)$|<|https?:)"
)

# Files whose texts are for somebody else than the user of this notebook, each with its reason.
EXCEPTIONS = {
    "api/judge.py": "the prompt of the model that judges",
    "api/statistics.py": "names of columns of a data frame",
    "cli/report.py": "prompts",
    "data/record.py": "what is wrong with a line of the file, for who writes such files",
    "data/schema.py": "the schema of a record, for programs",
    "data/endpoint.py": "an error of Python's protocol for copies",
    "export/archive/citation.py": "files of an archive, whose language is that of science",
    "export/archive/ro_crate.py": "metadata of an archive, for programs",
    "export/code/cell.py": "comments in code",
    "export/metadata/avif.py": "reasons for a file that is left as it is",
    "export/c2pa/sign.py": "what is signed into a picture",
    "util/arguments.py": "words of argparse",
    "session/tools.py": "what a model is told of a call",
    "session/polling.py": "what never happens",
    "transport/answer.py": "the library's exceptions, whose words no user reads",
    "transport/connect.py": "the library's exceptions, whose words no user reads",
    "transport/direct.py": "the library's exceptions, whose words no user reads",
    "transport/http.py": "an error of Python's import",
    "wire/error_rules.py": "words of endpoints, and names of rules for the tests",
    "transport/retry.py": "words of endpoints, and names of stages",
}


def modules():
    """Give each module that may speak to a user, with its name and its syntax tree."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(("embedded/", "messages/")):
            yield name, ast.parse(path.read_text("utf-8"))


def literal(node):
    """Give a string or an f-string as text, with {} for what is filled in; None for others."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    return None


def name_of(function):
    return getattr(function, "id", getattr(function, "attr", ""))


def is_of_the_library(function):
    """Whether this is an error of the HTTP library, of the same name as one of ours."""
    return getattr(getattr(function, "value", None), "id", "") in ("http", "exceptions")


def texts(tree):
    """Give all texts but docstrings, and those that a regular expression is made of."""
    skip = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skip.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            skip.update(id(value) for value in node.values)
        if isinstance(node, ast.Call) and name_of(node.func) in SILENT:
            skip.update(id(part) for part in ast.walk(node))
    for node in ast.walk(tree):
        text = literal(node)
        if text is not None and id(node) not in skip:
            yield node.lineno, text


def test_no_sentence_stands_outside_the_table():
    outside = [
        f"nbext/{name}:{line}: {text[:80]}"
        for name, tree in modules()
        if name not in EXCEPTIONS
        for line, text in texts(tree)
        if PROSE.search(text) and not CODE.match(text.strip())
    ]
    assert outside == []


def test_no_error_help_or_print_has_words_of_its_own():
    outside = []
    for name, tree in modules():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            spoken = [k.value for k in call.keywords if k.arg in ("remedy", "help", "description")]
            speaks = name_of(call.func) in ERRORS | {"print", "notify", "warn", "_say_once"}
            if speaks and not is_of_the_library(call.func):
                spoken += call.args
            for node in spoken:
                text = literal(node) or ""
                words = re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", text.replace("{}", ""))
                if words and not CODE.match(text.strip()):
                    outside.append(f"nbext/{name}:{node.lineno}: {text[:80]}")
    assert outside == []


def test_each_exception_is_a_file_that_needs_it():
    needed = {
        name for name, tree in modules() if any(PROSE.search(text) for _, text in texts(tree))
    }
    assert set(EXCEPTIONS) <= needed


def fields(text):
    return {
        name
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None and name.isidentifier()
    }


def lookups():
    """Give each look-up of a message: where it stands, its key, and the values that it names."""
    for name, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or name_of(node.func) not in LOOKUPS:
                continue
            at = 1 if name_of(node.func) == "say" else 0
            if len(node.args) <= at:
                continue
            values = {k.arg for k in node.keywords if k.arg is not None}
            star = any(k.arg is None for k in node.keywords)
            keys = [node.args[at]]
            if isinstance(keys[0], ast.IfExp):
                keys = [keys[0].body, keys[0].orelse]
            for key in keys:
                text = literal(key)
                if text is not None and "." in text:
                    yield f"nbext/{name}:{node.lineno}", text, values, star


def test_each_look_up_finds_a_message_and_gives_what_it_takes():
    wrong = []
    for where, key, values, star in lookups():
        part, _, name = key.partition(".")
        if "{}" in key:
            pattern = re.compile(re.escape(name).replace(r"\{\}", r"\w+"))
            if part in TABLES and not any(map(pattern.fullmatch, table(part))):
                wrong.append(f"{where}: {key} is no message")
        elif part not in TABLES or name not in table(part):
            wrong.append(f"{where}: {key} is no message")
        elif values and not star and values != fields(table(part)[name][0]):
            wrong.append(f"{where}: {key} takes {fields(table(part)[name][0])}, not {values}")
        elif not values and not star and fields(table(part)[name][0]):
            wrong.append(f"{where}: {key} takes {fields(table(part)[name][0])}")
    assert wrong == []


def test_no_text_of_a_page_stands_in_its_template():
    outside = []
    for path in sorted(ROOT.rglob("*.html.jinja")):
        page = re.sub(r"{[{%].*?[%}]}", "", path.read_text("utf-8"), flags=re.DOTALL)
        for text in re.findall(r">([^<>]*[A-Za-z]{2}[^<>]*)<", page):
            outside.append(f"{path.name}: {text.strip()[:80]}")
        for text in re.findall(
            r'(?:aria-label|placeholder|title|alt)="([^"]*[A-Za-z]{2}[^"]*)"', page
        ):
            outside.append(f"{path.name}: {text[:80]}")
    assert outside == []


@pytest.mark.parametrize("folder", ["panel", "export/gallery", "export/sweep"])
def test_no_text_of_a_page_stands_in_its_script(folder):
    keys = {"Escape", "Enter", "Home", "End", "Tab", "Delete", "Backspace", "Space", "Shift"}
    outside = []
    for path in sorted((ROOT / folder).glob("*.js")):
        script = re.sub(
            r"/\*.*?\*/|^\s*//.*$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        for text in re.findall(r"[\"'`]([A-Z][a-z]+(?: [A-Za-z]+)*[.?!]?)[\"'`]", script):
            if text not in keys:
                outside.append(f"{path.name}: {text}")
    assert outside == []
