"""Names are nouns of the field: a past participle says that something happened, not what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import nbext

ROOT = Path(nbext.__file__).parent
PARTICIPLES = {"said", "found", "asked", "given", "kept", "told", "made"}
# Each with its reason.
EXCEPTIONS: dict[str, str] = {}


def _bindings(tree):
    """Give each name that a module binds, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno


def test_no_participle_is_a_name():
    wrong = [
        f"{path.relative_to(ROOT.parent)}:{line}: {name}"
        for path in sorted(ROOT.rglob("*.py"))
        for name, line in _bindings(ast.parse(path.read_text("utf-8")))
        if name.strip("_").lower() in PARTICIPLES and name not in EXCEPTIONS
    ]
    assert wrong == []
