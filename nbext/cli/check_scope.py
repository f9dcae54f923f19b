"""What is known of a notebook's names at one point of its run, and what expressions mean there."""

from __future__ import annotations

import ast
import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbext.cli.check_cells import CODE, HARMLESS, MOST_TURNS, PROCESSES, VERBS

# Modules whose functions run commands, with those that a star import brings.
_STARRED = {
    "os": ("system", "popen"),
    "subprocess": ("run", "Popen", "call", "check_call", "check_output", "getoutput"),
}


class NotLiteral(Exception):  # noqa: N818 -- ends the look at an expression
    """The value of an expression cannot be read from the text."""


@dataclass
class Scope:
    """What is known of a notebook's names at one point of its run.

    Attributes:
        folder: The notebook's folder, searched for modules.
        ours: Names that stand for something of ours, with its dotted name: ``nb`` for ``nbext``.
        literals: Names with literal values.
        drawings: Names that hold drawings.
        others: New names of others' modules and functions that run code or commands.
        modules: Names of imported modules.
        elsewhere: Whether modules may be found in other folders, too.
    """

    folder: Path
    ours: dict[str, str] = field(default_factory=dict)
    literals: dict[str, Any] = field(default_factory=dict)
    drawings: dict[str, Any] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    elsewhere: bool = False

    def asks(self, module: str) -> bool:
        """Return whether a module that Python may find beside the notebook mentions nbext."""
        folders = [self.folder]
        if self.elsewhere:
            with contextlib.suppress(OSError):
                folders += [self.folder.parent, *filter(Path.is_dir, self.folder.iterdir())]
        return any(_module_asks(module, folder) for folder in folders)

    def forget(self, node: ast.AST) -> None:
        """Forget the names that a piece of code sets."""
        for child in ast.walk(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store | ast.Del):
                self.drop(child.id)

    def drop(self, name: str) -> None:
        """Forget a name."""
        for known in (self.ours, self.literals, self.drawings, self.others):
            known.pop(name, None)
        self.modules.discard(name)

    def rename(self, name: str, dotted: str) -> None:
        """Note a new name for a module or a function that may run code or commands."""
        dotted = self.resolve(dotted)
        module, _, function = dotted.rpartition(".")
        if name == "*":
            names = _STARRED.get(module, ())
            self.others |= {starred: f"{module}.{starred}" for starred in names}
        elif dotted in _STARRED or function in CODE or PROCESSES.match(dotted):
            self.others[name] = dotted

    def resolve(self, text: str) -> str:
        """Return a dotted name with the name at its beginning that it had at first."""
        first, dot, rest = text.partition(".")
        return f"{self.others.get(first, first)}{dot}{rest}"


def _module_asks(name: str, folder: Path, seen: frozenset[str] = frozenset()) -> bool:
    """Return whether a module beside the notebook, or one that it imports, mentions nbext."""
    if not name or name in seen:
        return False
    for path in (folder / f"{name}.py", folder / name / "__init__.py"):
        if not path.is_file():
            continue
        files = [path] if path.name != "__init__.py" else sorted(path.parent.rglob("*.py"))
        for file in files:
            try:
                text = file.read_text(encoding="utf-8")
                tree = ast.parse(text)
            except (OSError, ValueError, SyntaxError):
                return True
            if "nbext" in text or "get_ipython" in text:
                return True
            names = {
                alias.name.partition(".")[0]
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for alias in node.names
            } | {
                (node.module or "").partition(".")[0]
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
            }
            if any(_module_asks(other, folder, seen | {name}) for other in names):
                return True
    return False


def is_harmless(name: str) -> bool:
    """Return whether a dotted name of ours sends nothing, such as a history's or a setting's."""
    return name.partition(".")[0] in HARMLESS - {"Panel", "request"} or name.endswith("()")


def is_result(node: ast.expr, scope: Scope) -> bool:
    """Return whether an expression is a panel or a prepared request."""
    if isinstance(node, ast.Call):
        return dotted_name(node.func, scope) in ("nbext.Panel", "nbext.request")
    return dotted_name(node, scope).endswith("()")


def dotted_name(node: ast.AST, scope: Scope) -> str:
    """Return the dotted name of something of ours (``nbext.draw`` for ``nb.draw``), or ""."""
    if isinstance(node, ast.Name):
        return scope.ours.get(node.id, "nbext" if node.id == "nbext" else "")
    if isinstance(node, ast.Attribute):
        before = dotted_name(node.value, scope)
        if before.endswith("()"):
            return ""
        return f"{before}.{node.attr}" if before else ""
    return ""


def verb(call: ast.Call, scope: Scope) -> str:
    """Return the name of our function that a call calls, or ""."""
    dotted = dotted_name(call.func, scope)
    name = dotted.rpartition(".")[2]
    return name if dotted == f"nbext.{name}" and name in VERBS else ""


def value_of(node: ast.expr, scope: Scope) -> Any:
    """Evaluate an expression, if its value can be read from the text.

    Raises:
        NotLiteral: It cannot.
    """
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in scope.literals:
            return scope.literals[name]
        case ast.Name(id=name) if name in scope.drawings:
            return name
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [value_of(item, scope) for item in items]
        case ast.Dict(keys=keys, values=values) if all(keys):
            return {
                value_of(key, scope): value_of(value, scope)
                for key, value in zip(keys, values, strict=True)
                if key is not None
            }
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            number = value_of(operand, scope)
            if isinstance(number, int | float):
                return -number
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            parts = value_of(left, scope), value_of(right, scope)
            if all(isinstance(part, str) for part in parts):
                return parts[0] + parts[1]
        case ast.JoinedStr(values=values):
            return "".join(_formatted(part, scope) for part in values)
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]):
            numbers = [value_of(argument, scope) for argument in arguments]
            if 1 <= len(numbers) <= 3 and all(isinstance(n, int) for n in numbers):
                turns = range(*numbers)
                if len(turns) <= MOST_TURNS:
                    return list(turns)
    raise NotLiteral


def _formatted(part: ast.expr, scope: Scope) -> str:
    if isinstance(part, ast.FormattedValue):
        if part.conversion != -1 or part.format_spec is not None:
            raise NotLiteral
        if isinstance(part.value, ast.Name) and part.value.id in scope.drawings:
            raise NotLiteral
        return str(value_of(part.value, scope))
    return str(value_of(part, scope))
