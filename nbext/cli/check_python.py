"""Find the requests in a notebook's Python code, without running it.

Statements are followed in order, as *Restart & Run All* runs them: calls of our functions with
literal arguments, loops over literals, variables with literal values. Other code that may send a
request is ``Unfollowed``: a function of ours passed on, a module beside the notebook, a command.
"""

from __future__ import annotations

import ast
import contextlib
import re
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.cli.check_cells import (
    ASKING,
    CODE,
    HARMLESS,
    METHODS,
    MOST_TURNS,
    OF_RESULTS,
    PROCESSES,
    PYTHON_CELLS,
    QUIET_MAGICS,
    RUNNING_MAGICS,
    SAFE_COMMANDS,
    SHELL_MAGICS,
    SHOWING,
    TEXT_CELLS,
    VERBS,
    Call,
    Magic,
    Step,
    Unfollowed,
    configured,
    literal_setting,
    magic_of,
    parsed,
)
from nbext.cli.check_scope import (
    NotLiteral,
    Scope,
    dotted_name,
    is_harmless,
    is_result,
    value_of,
    verb,
)
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# Text that is code of ours, or the name of a function of ours.
_OUR_CODE = pattern(rf"\b(import|from) nbext\b|\bnbext[.:]({'|'.join(VERBS)})\b")
# Code that lets Python find modules in other folders.
_ELSEWHERE = pattern(r"\bsys\b.*\bpath\b|\baddsitedir\b|\bchdir\b|^\s*%?cd\b", re.MULTILINE)
_NAME = pattern(r"[^\W\d]\w*")
# The magics that an alias can hide.
_RUNNING = ASKING | SHELL_MAGICS | PYTHON_CELLS | RUNNING_MAGICS


def steps(source: str, scope: Scope) -> Iterator[Step] | None:
    """Yield the steps of a cell that concern us, in order.

    Args:
        source: The cell's text.
        scope: What is known before the cell; updated with what the cell sets.

    Returns:
        The steps, None if the cell cannot be read.
    """
    scope.elsewhere |= bool(_ELSEWHERE.search(source))
    tree = parsed(source)
    return None if tree is None else _block(tree.body, scope)


def _block(statements: list[ast.stmt], scope: Scope) -> Iterator[Step]:
    for statement in statements:
        yield from _statement(statement, scope)


def _statement(statement: ast.stmt, scope: Scope) -> Iterator[Step]:
    match statement:
        case ast.Import():
            yield from _import(statement, scope)
        case ast.ImportFrom():
            yield from _import_from(statement, scope)
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield from _assign(name, value, scope)
        case ast.Assign(targets=[ast.Attribute() as target], value=value) if (
            dotted_name(target.value, scope) == "nbext.settings"
        ):
            yield literal_setting(target.attr, ast.unparse(value))
        case ast.Expr(value=value):
            yield from _value(value, scope)
        case ast.For():
            yield from _loop(statement, scope)
        case ast.With(items=items, body=body):
            for item in items:
                yield from _expression(item.context_expr, scope)
                if item.optional_vars is not None:
                    scope.forget(item.optional_vars)
            yield from _block(body, scope)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Delete() | ast.Assert():
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr):
                    yield from _expression(child, scope)
            scope.forget(statement)
        case _:
            yield from _unfollowed(statement, scope)
            scope.forget(statement)


def _import(statement: ast.Import, scope: Scope) -> Iterator[Step]:
    for alias in statement.names:
        top = alias.name.partition(".")[0]
        scope.drop(alias.asname or top)
        if alias.asname:
            scope.rename(alias.asname, alias.name)
        scope.modules.add(alias.asname or top)
        if top == "nbext":
            scope.ours[alias.asname or top] = alias.name if alias.asname else "nbext"
        elif scope.asks(top):
            yield Unfollowed(f"import {alias.name}", phrase("cli.reason_module"))


def _import_from(statement: ast.ImportFrom, scope: Scope) -> Iterator[Step]:
    module = statement.module or ""
    top = module.partition(".")[0]
    if top != "nbext":
        for alias in statement.names:
            scope.drop(alias.asname or alias.name)
            if alias.name == "*":
                scope.literals.clear()
            if alias.name == "*" or alias.asname:
                scope.rename(alias.asname or "*", f"{module}.{alias.name}")
        if statement.level or scope.asks(top):
            yield Unfollowed(f"from {module} import …", phrase("cli.reason_module"))
        return
    for alias in statement.names:
        if alias.name == "*":
            import nbext

            scope.ours |= {name: f"nbext.{name}" for name in nbext.__all__}
            continue
        scope.drop(alias.asname or alias.name)
        dotted = f"nbext.{alias.name}" if alias.name in VERBS else f"{module}.{alias.name}"
        scope.ours[alias.asname or alias.name] = dotted


def _assign(name: str, value: ast.expr, scope: Scope) -> Iterator[Step]:
    dotted = dotted_name(value, scope)
    # Evaluated before the name is set: x = f(x).
    values = list(_value(value, scope, bound=name)) if not dotted else []
    literals: list[Any] = []
    with contextlib.suppress(NotLiteral):
        literals.append(value_of(value, scope))
    scope.drop(name)
    if isinstance(value, ast.Name | ast.Attribute):
        scope.rename(name, ast.unparse(value))
    if dotted:
        scope.ours[name] = dotted
    elif isinstance(value, ast.Call) and (callee := dotted_name(value.func, scope)) in (
        "nbext.Panel",
        "nbext.request",
    ):
        scope.ours[name] = f"{callee}()"
    elif literals:
        scope.literals[name] = literals[0]
    if any(isinstance(step, Call | Magic) and step.bound == name for step in values):
        scope.drawings[name] = True
    yield from values


def _value(value: ast.expr, scope: Scope, *, bound: str = "") -> Iterator[Step]:
    """Follow an expression that is a statement, or is assigned to a name."""
    magic = magic_of(value)
    if magic is not None:
        yield from _magic(magic, scope, bound)
        return
    call = value.value if isinstance(value, ast.Await) else value
    if isinstance(call, ast.Call) and verb(call, scope):
        yield _call(call, scope, bound)
        return
    yield from _expression(value, scope)


def _magic(magic: Magic, scope: Scope, bound: str = "") -> Iterator[Step]:
    text = f"%{magic.name} {magic.line}".strip()
    if magic.name == "config":
        yield from configured(magic.line)
    elif magic.name == "load_ext" and magic.line.strip() == "nbext":
        scope.ours.setdefault("nbext", "nbext")
    elif magic.name in ASKING:
        yield msgspec.structs.replace(magic, bound=bound)
    elif magic.name in SHELL_MAGICS:
        if _shell_asks(magic.body if magic.body is not None else magic.line):
            yield Unfollowed(text, phrase("cli.reason_commands"))
    elif magic.name in PYTHON_CELLS and magic.body is not None:
        yield from steps(magic.body, scope) or iter(())
    elif magic.name == "time" and magic.body is None:
        yield from steps(magic.line, scope) or iter(())
    elif magic.name in TEXT_CELLS and magic.body is not None:
        return
    elif magic.name in RUNNING_MAGICS or magic.body is not None:
        code = f"{magic.line}\n{magic.body or ''}"
        timed = magic.body or magic.line
        inner = list(steps(timed if magic.name == "timeit" else code, scope) or ())
        asks = magic.name in RUNNING_MAGICS and magic.name != "timeit"
        asks = asks and not _file_is_harmless(magic, scope.folder)
        if asks or inner or "nbext" in code:
            yield Unfollowed(text, phrase("cli.reason_code"))
    elif magic.name not in QUIET_MAGICS and _line_asks(magic, scope):
        yield Unfollowed(text, phrase("cli.reason_code"))


def _line_asks(magic: Magic, scope: Scope) -> bool:
    """Return whether a line magic may run code of ours: ``%prun nbext.draw("a cat")``."""
    words = [word for word in magic.line.split() if not word.startswith("-")]
    if magic.name == "alias_magic":
        return words[1:2] != [] and words[1].lstrip("%") in _RUNNING
    if magic.name == "alias":
        return _shell_asks(" ".join(words[1:]))
    names = set(_NAME.findall(magic.line))
    return "nbext" in names or not names.isdisjoint([*scope.ours, *scope.drawings])


def _file_is_harmless(magic: Magic, folder: Path) -> bool:
    """Return whether ``%run script.py`` runs a file that does not mention nbext."""
    words = [word for word in magic.line.split() if not word.startswith("-")]
    if magic.name != "run" or not words:
        return False
    path = folder / words[0]
    path = path if path.suffix else path.with_suffix(".py")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    scope = Scope(folder)
    return "nbext" not in text and "get_ipython" not in text and not list(steps(text, scope) or ())


def _shell_asks(command: str) -> bool:
    """Return whether a shell command may do more than look or install."""
    for line in command.splitlines():
        words = line.split()
        if (
            words
            and not words[0].startswith("#")
            and (words[0] not in SAFE_COMMANDS or any(sign in line for sign in ";|&`$("))
        ):
            return True
    return False


def _loop(loop: ast.For, scope: Scope) -> Iterator[Step]:
    """Follow a loop over literals; of any other loop, report what may send requests."""
    try:
        values = list(value_of(loop.iter, scope))
        if not isinstance(loop.target, ast.Name) or loop.orelse or len(values) > MOST_TURNS:
            raise NotLiteral
        if any(isinstance(node, ast.Break | ast.Continue) for node in ast.walk(loop)):
            raise NotLiteral
    except (NotLiteral, TypeError):
        yield from _unfollowed(loop, scope)
        scope.forget(loop)
        return
    for value in values:
        scope.drop(loop.target.id)
        scope.literals[loop.target.id] = value
        yield from _block(loop.body, scope)


def _unfollowed(node: ast.AST, scope: Scope) -> Iterator[Step]:
    """Yield what may send a request in code that is not followed."""
    inner = Scope(
        scope.folder,
        dict(scope.ours),
        dict(scope.literals),
        dict(scope.drawings),
        elsewhere=scope.elsewhere,
    )
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from _import(child, inner)
        elif isinstance(child, ast.ImportFrom):
            yield from _import_from(child, inner)
    for child in _mentions(node, inner):
        magic = magic_of(child)
        if magic is not None and magic.name in ASKING:
            yield msgspec.structs.replace(magic, once=False)
        elif magic is not None:
            yield from (
                msgspec.structs.replace(step, once=False) if isinstance(step, Magic) else step
                for step in _magic(magic, inner)
            )
        elif isinstance(child, ast.expr) and (text := _asks(child, inner)):
            yield Unfollowed(text, phrase("cli.reason_loop"))


def _mentions(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """Walk over code; yield ``nbext.history`` as a whole, without the ``nbext`` in it."""
    yield node
    if not dotted_name(node, scope):
        for child in ast.iter_child_nodes(node):
            yield from _mentions(child, scope)


def _expression(node: ast.expr, scope: Scope) -> Iterator[Step]:
    """Follow an expression in Python's order of evaluation."""
    magic = magic_of(node)
    if magic is not None:
        yield from _magic(magic, scope)
        return
    if isinstance(
        node,
        ast.Lambda
        | ast.ListComp
        | ast.SetComp
        | ast.DictComp
        | ast.GeneratorExp
        | ast.IfExp
        | ast.BoolOp,
    ):
        yield from _unfollowed(node, scope)
        return
    if isinstance(node, ast.Call):
        if verb(node, scope):
            yield _call(node, scope, "")
            return
        dotted = dotted_name(node.func, scope)
        if dotted.partition(".")[2] in HARMLESS:
            for argument in (*node.args, *(word.value for word in node.keywords)):
                yield from _expression(argument, scope)
            return
    if text := _asks(node, scope):
        yield Unfollowed(
            text,
            phrase("cli.reason_passed")
            if isinstance(node, ast.Name)
            else phrase("cli.reason_python"),
        )
        if not isinstance(node, ast.Call):
            return
    if dotted_name(node, scope):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _expression(child, scope)
        elif isinstance(child, ast.keyword):
            yield from _expression(child.value, scope)


def _asks(node: ast.expr, scope: Scope) -> str:
    """Return how a node may itself send a request, ignoring its children; empty if it does not."""
    dotted = dotted_name(node, scope)
    if dotted:
        name = dotted.partition(".")[2]
        asks = not name or (name not in HARMLESS and not is_harmless(name))
        return ast.unparse(node) if asks else ""
    if isinstance(node, ast.Attribute):
        if node.attr in METHODS:
            return f".{node.attr}"
        if node.attr in OF_RESULTS and is_result(node.value, scope):
            return ast.unparse(node)
    if isinstance(node, ast.Call):
        return _call_asks(node, scope)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        # ``sys.modules["nbext"]``
        package = str(node.slice.value).partition(".")[0]
        return ast.unparse(node) if package == "nbext" else ""
    return ""


def _call_asks(call: ast.Call, scope: Scope) -> str:
    """Return the name of a function that runs code or commands which may send a request, or ""."""
    text = scope.resolve(ast.unparse(call.func))
    name = text.rpartition(".")[2]
    if name in CODE or text == "compile":
        return text
    values = [a.value for a in call.args if isinstance(a, ast.Constant)]
    if name not in SHOWING and any(_OUR_CODE.search(str(value)) for value in values):
        return text
    if PROCESSES.match(text):
        command = " ".join(value for value in values if isinstance(value, str))
        is_known = values and len(values) == len(call.args) and "run_cell" not in text
        return "" if is_known and not _shell_asks(command) else text
    if text == "getattr" and len(call.args) > 1:
        owner, attribute = call.args[:2]
        if isinstance(attribute, ast.Constant):
            asks = attribute.value in {*METHODS, *VERBS}
        else:
            asks = isinstance(owner, ast.Name) and owner.id in scope.drawings
        return ast.unparse(call) if asks else ""
    is_magic = (text.startswith("get_ipython()") and "magic" in text) or name == "magic"
    return text if is_magic else ""


def _call(call: ast.Call, scope: Scope, bound: str) -> Call | Unfollowed:
    """Read the arguments of a call of ours."""
    text = ast.unparse(call.func)
    try:
        fields = {}
        for word in call.keywords:
            if word.arg is None:
                raise NotLiteral
            fields[word.arg] = value_of(word.value, scope)
        positional = [value_of(argument, scope) for argument in call.args]
        if positional:
            (fields["prompt"],) = positional
        prompt = fields.pop("prompt")
    except (NotLiteral, KeyError, ValueError):
        return Unfollowed(text, phrase("cli.reason_arguments"))
    return Call(text=text, verb=verb(call, scope), prompt=prompt, fields=fields, bound=bound)
