"""The IPython magics. Loading them registers names; all else is imported when one is used."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from nbext.magics.cells import keep_body, replace_help, restore_help

if TYPE_CHECKING:
    from collections.abc import Callable

# IPython's mark for lines in which it fills in no variables.
_NO_VAR_EXPAND = "_ipython_magic_no_var_expand"
# Where a magic of ours notes what had its name before, by kind.
_BEFORE = "_nbext_before"

# Each has its text for ``%%name?`` among the messages, which are read later.
_ASKING = ("draw", "edit", "chat", "respond", "complete", "video")
_LINES = ("draws", "nbext", "models")


def load(shell: Any) -> None:
    """Register the magics, the settings and the completion with a shell."""
    from nbext.magics import under_way
    from nbext.magics.config import take_over
    from nbext.magics.tab import register

    for name in _ASKING:
        _add(shell, _asking(shell, name), "line_cell", name)
    _add(shell, _sweep(shell), "line_cell", "sweep")
    for name in _LINES:
        _add(shell, _line(shell, name), "line", name)
    register(shell, then=lambda: _describe(shell))
    under_way.register(shell)
    take_over(shell)
    shell.input_transformers_cleanup[:] = [*_others(shell), keep_body]
    replace_help(shell.input_transformer_manager)


def unload(shell: Any) -> None:
    """Take magics and completion back, and end the session and the embedded endpoint."""
    from nbext.magics import under_way
    from nbext.magics.config import give_back
    from nbext.magics.tab import unregister
    from nbext.session.connection import stop_embedded
    from nbext.session.current import forget_session

    for kind, names in shell.magics_manager.magics.items():
        for name, function in list(names.items()):
            before = _before(function)
            if before is not None:
                _put_back(names, name, before.get(kind))
    unregister(shell)
    under_way.unregister(shell)
    give_back(shell)
    shell.input_transformers_cleanup[:] = _others(shell)
    restore_help(shell.input_transformer_manager)
    forget_session()
    stop_embedded()


def _add(shell: Any, magic: Callable[..., Any], kind: str, name: str) -> None:
    """Register a magic; what had its name before is noted on it."""

    def getdoc() -> str:
        from nbext.messages.say import phrase

        return phrase(f"cell.doc_{name}")

    magic.__name__ = name
    # IPython asks for the text of ``%%name?`` so.
    magic.getdoc = getdoc  # type: ignore[attr-defined]
    before: dict[str, Any] = {}
    for each, names in shell.magics_manager.magics.items():
        function = names.get(name)
        # Loaded twice, it is our own that stands there.
        own = _before(function)
        before[each] = function if own is None else own.get(each)
    setattr(magic, _BEFORE, before)
    shell.register_magic_function(magic, kind, name)


def _describe(shell: Any) -> None:
    """Give our magics their texts, for lists such as ``%quickref``."""
    for names in shell.magics_manager.magics.values():
        for function in list(names.values()):
            if _before(function) is not None:
                function.__doc__ = function.getdoc()


def _before(function: Any) -> dict[str, Any] | None:
    """Read what a magic of ours has noted; None for others, which are not touched.

    IPython's own may be imported at the first look at one of their attributes.
    """
    notes: dict[str, Any] | None = None
    if isinstance(function, FunctionType):
        notes = vars(function).get(_BEFORE)
    return notes


def _put_back(names: dict[str, Any], name: str, before: Any) -> None:
    """Let a name be what it was before we took it."""
    if before is None:
        del names[name]
    else:
        names[name] = before


def _asking(shell: Any, name: str) -> Callable[..., Any]:
    """Make a magic that asks a model; it is imported at its first use."""

    def magic(line: str, cell: str | None = None) -> Any:
        from nbext.magics.asking import run

        return run(shell, name, line, cell)

    setattr(magic, _NO_VAR_EXPAND, True)
    return magic


def _sweep(shell: Any) -> Callable[..., Any]:
    """Make ``%%sweep``."""

    def sweep(line: str, cell: str | None = None) -> Any:
        from nbext.magics.sweep import sweep as run

        return run(shell, line, cell)

    setattr(sweep, _NO_VAR_EXPAND, True)
    return sweep


def _line(shell: Any, name: str) -> Callable[[str], None]:
    """Make a line magic that asks no model."""

    def magic(line: str) -> None:
        from nbext.magics import manage, sweep

        getattr(sweep if name == "draws" else manage, name)(shell, line)

    return magic


def _others(shell: Any) -> list[Any]:
    return [each for each in shell.input_transformers_cleanup if each is not keep_body]
