"""The IPython magics. Loading them only registers names; the code is imported at first use."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from nbext.magics.cells import keep_body, replace_help, restore_help

if TYPE_CHECKING:
    from collections.abc import Callable

# The attribute that tells IPython not to expand variables in a line.
_NO_VAR_EXPAND = "_ipython_magic_no_var_expand"
# The attribute in which our magics store the functions they replaced, by kind.
_BEFORE = "_nbext_before"

# The texts for ``%%name?`` are in the messages, which are loaded later.
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
    """Unregister magics and completion; close the session and the embedded endpoint."""
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
    """Register a magic, and store on it the function that it replaces."""

    def getdoc() -> str:
        from nbext.messages.say import phrase

        return phrase(f"cell.doc_{name}")

    magic.__name__ = name
    # IPython calls this for the text of ``%%name?``.
    magic.getdoc = getdoc  # type: ignore[attr-defined]
    before: dict[str, Any] = {}
    for each, names in shell.magics_manager.magics.items():
        function = names.get(name)
        # After loading twice, the registered function is our own.
        own = _before(function)
        before[each] = function if own is None else own.get(each)
    setattr(magic, _BEFORE, before)
    shell.register_magic_function(magic, kind, name)


def _describe(shell: Any) -> None:
    """Set the docstrings of our magics, for lists such as ``%quickref``."""
    for names in shell.magics_manager.magics.values():
        for function in list(names.values()):
            if _before(function) is not None:
                function.__doc__ = function.getdoc()


def _before(function: Any) -> dict[str, Any] | None:
    """Return what one of our magics replaced, by kind; None for other functions.

    Others are not touched: reading an attribute of IPython's lazy magics imports them.
    """
    notes: dict[str, Any] | None = None
    if isinstance(function, FunctionType):
        notes = vars(function).get(_BEFORE)
    return notes


def _put_back(names: dict[str, Any], name: str, before: Any) -> None:
    """Restore the function that a magic replaced."""
    if before is None:
        del names[name]
    else:
        names[name] = before


def _asking(shell: Any, name: str) -> Callable[..., Any]:
    """Create a magic that sends requests; its code is imported at first use."""

    def magic(line: str, cell: str | None = None) -> Any:
        from nbext.errors import OwnErrors

        with OwnErrors():
            from nbext.magics.asking import run

            return run(shell, name, line, cell)

    setattr(magic, _NO_VAR_EXPAND, True)
    return magic


def _sweep(shell: Any) -> Callable[..., Any]:
    """Create ``%%sweep``."""

    def sweep(line: str, cell: str | None = None) -> Any:
        from nbext.errors import OwnErrors

        with OwnErrors():
            from nbext.magics.sweep import sweep as run

            return run(shell, line, cell)

    setattr(sweep, _NO_VAR_EXPAND, True)
    return sweep


def _line(shell: Any, name: str) -> Callable[[str], None]:
    """Create a line magic that sends no request."""

    def magic(line: str) -> None:
        from nbext.errors import OwnErrors

        with OwnErrors():
            from nbext.magics import manage, sweep

            getattr(sweep if name == "draws" else manage, name)(shell, line)

    return magic


def _others(shell: Any) -> list[Any]:
    return [each for each in shell.input_transformers_cleanup if each is not keep_body]
