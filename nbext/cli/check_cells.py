"""What a cell's text would ask for, read without running it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.magics.asking import PARSERS
from nbext.magics.cells import keep_body, let_ask

if TYPE_CHECKING:
    from collections.abc import Iterator

VERBS = {"draw", "adraw", "chat", "achat", "respond", "complete", "video", "sweep", "Panel"}
METHODS = {"edit", "again"}
# Their bodies are Python that runs once.
_PYTHON_CELLS = {"time", "capture", "prun"}
# What puts names into the notebook that its text does not show.
_NAMING_MAGICS = {"run", "store", "pylab", "load", "loadpy", "macro", "recall", "rerun", "sql"}


class Magic(msgspec.Struct, frozen=True, kw_only=True):
    """One of our magics, where it stands.

    Attributes:
        name: ``draw``, ``edit``, ``chat`` …
        line: What stands behind it.
        body: The cell below it, None for a line magic.
        bound: The variable that the line assigns it to.
        once: Whether it runs once; in a loop, a function or a condition nobody can tell.
    """

    name: str
    line: str
    body: str | None = None
    bound: str = ""
    once: bool = True


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that a cell sets.

    Attributes:
        name: Of the setting.
        value: Its value.
        known: Whether the value can be read off the text.
    """

    name: str
    value: Any = None
    known: bool = True


class Call(msgspec.Struct, frozen=True):
    """A call of Python that asks a model.

    Attributes:
        text: As it stands there: ``nbext.draw``.
    """

    text: str


Step = Magic | Setting | Call


class Names(msgspec.Struct):
    """Which variables a notebook's code makes.

    Attributes:
        known: Their names.
        open: Whether there may be others: a star import, ``%run``, a cell that cannot be read.
    """

    known: set[str] = msgspec.field(default_factory=set)
    open: bool = False

    def may_be(self, name: str) -> bool:
        """Whether there may be a variable of this name."""
        return self.open or name in self.known


def steps(source: str, imported: set[str]) -> list[Step] | None:
    """Say what a cell does that concerns us, in order.

    Args:
        source: The cell's text.
        imported: Names of our verbs that cells before have imported; this cell's are added.

    Returns:
        The steps, None where the cell cannot be read.
    """
    tree = parsed(source)
    if tree is None:
        return None
    found: list[Step] = []
    for statement in tree.body:
        found += _of_statement(statement, imported)
    return found


def parsed(source: str) -> ast.Module | None:
    """Read a cell as the Python that IPython makes of it; None where that is none."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        manager = TransformerManager()
        manager.cleanup_transforms.append(keep_body)
        let_ask(manager)
        return ast.parse(str(manager.transform_cell(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError, RuntimeError):
        # A RuntimeError is what IPython raises for more magics in a cell than it reads.
        return None


def collect_names(source: str, names: Names) -> None:
    """Add the variables that a cell makes; those that our magics' results are bound to are known.

    Args:
        source: The cell's text.
        names: What to add them to.
    """
    tree = parsed(source)
    if tree is None:
        names.open = True
        return
    ours = {id(target) for statement in tree.body for target in _drawn_into(statement)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            if id(node) not in ours:
                names.known.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.known.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                names.known.add((alias.asname or alias.name).partition(".")[0])
                names.open |= alias.name == "*"
        elif isinstance(node, ast.Call):
            magic = _magic(node)
            if magic is not None:
                _names_of_magic(magic, names)
            elif isinstance(node.func, ast.Name) and node.func.id in ("exec", "globals", "locals"):
                names.open = True
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.known.add(node.name)


def _names_of_magic(magic: Magic, names: Names) -> None:
    if magic.name in _NAMING_MAGICS:
        names.open = True
    elif magic.body is not None and magic.name in _PYTHON_CELLS:
        if magic.name == "capture" and magic.line.strip():
            names.known.add(magic.line.split()[0])
        collect_names(magic.body, names)


def _of_statement(statement: ast.stmt, imported: set[str]) -> Iterator[Step]:
    if isinstance(statement, ast.ImportFrom) and statement.module == "nbext":
        imported.update(a.asname or a.name for a in statement.names if a.name in VERBS)
        return
    setting = _setting(statement)
    if setting is not None:
        yield setting
        return
    value = getattr(statement, "value", None)
    magic = _magic(value) if isinstance(statement, ast.Expr | ast.Assign) else None
    if magic is None:
        yield from _inside(statement, imported)
    elif magic.name == "config":
        yield from _configured(magic.line)
    elif magic.name in PARSERS:
        yield msgspec.structs.replace(magic, bound="".join(t.id for t in _drawn_into(statement)))
    elif magic.body is not None:
        yield from _wrapped(magic, imported)


def _wrapped(magic: Magic, imported: set[str]) -> Iterator[Step]:
    """Look into the body of another cell magic."""
    if magic.name in _PYTHON_CELLS:
        yield from steps(magic.body or "", imported) or ()
    elif magic.name == "timeit":
        for step in steps(magic.body or "", imported) or ():
            yield msgspec.structs.replace(step, once=False) if isinstance(step, Magic) else step


def _inside(statement: ast.stmt, imported: set[str]) -> Iterator[Step]:
    """Find what a statement asks for somewhere inside."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        magic = _magic(node)
        if magic is not None and magic.name in PARSERS:
            yield msgspec.structs.replace(magic, once=False)
        elif magic is None:
            said = _verb(node.func, imported)
            if said:
                yield Call(said)


def _verb(function: ast.expr, imported: set[str]) -> str:
    if isinstance(function, ast.Name) and function.id in imported:
        return function.id
    if not isinstance(function, ast.Attribute):
        return ""
    if isinstance(function.value, ast.Name) and function.value.id == "nbext":
        return f"nbext.{function.attr}" if function.attr in VERBS else ""
    return f".{function.attr}" if function.attr in METHODS else ""


def _magic(node: Any) -> Magic | None:
    """Read what IPython makes of a magic."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    if node.func.attr not in ("run_line_magic", "run_cell_magic"):
        return None
    words = [a.value for a in node.args if isinstance(a, ast.Constant)]
    if len(words) != len(node.args) or not all(isinstance(word, str) for word in words):
        return None
    name, line, *body = (str(word) for word in words)
    return Magic(name=name, line=line, body=body[0] if body else None)


def _drawn_into(statement: ast.stmt) -> list[ast.Name]:
    """Give the variable of ``x = %draw …``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    magic, target = _magic(statement.value), statement.targets[0]
    ours = magic is not None and magic.name in PARSERS
    return [target] if ours and isinstance(target, ast.Name) else []


def _configured(line: str) -> Iterator[Setting]:
    """Read ``%config Nbext.name = value``."""
    name, equals, value = line.partition("=")
    class_name, dot, trait = name.strip().partition(".")
    if class_name == "Nbext" and dot and equals:
        yield _literal(trait.strip(), value.strip())


def _setting(statement: ast.stmt) -> Setting | None:
    """Read ``nbext.settings.name = value``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "nbext.settings":
        return _literal(target.attr, ast.unparse(statement.value))
    return None


def _literal(name: str, text: str) -> Setting:
    try:
        return Setting(name=name, value=ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return Setting(name=name, known=False)
