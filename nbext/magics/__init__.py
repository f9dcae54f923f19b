"""The IPython magics. Loading them registers names; all else is imported when one is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.magics.cells import keep_body, let_ask, take_back

if TYPE_CHECKING:
    from collections.abc import Callable

# IPython's mark for lines in which it fills in no variables.
_NO_VAR_EXPAND = "_ipython_magic_no_var_expand"

_ASKING = {
    "draw": """Draw the prompt in the cell's body: ``%%draw [MODEL] [options]``.

    In one line: ``%draw [options] PROMPT``. See ``%%draw --help`` for the options.
    """,
    "edit": """Change the last drawing as the cell's body says: ``%%edit [MODEL] [options]``.

    With ``--image REF`` these pictures are changed instead. See ``%%edit --help``.
    """,
    "chat": "Ask a chat model: ``%%chat [MODEL] [options]``; see ``%%chat --help``.",
    "respond": "Ask through the Responses endpoint: ``%%respond [MODEL] [--search] [options]``.",
    "complete": "Let an instruct model go on with a text: ``%%complete [MODEL] [options]``.",
    "video": """Make a film: ``%%video [MODEL] [-i REF] [options]``.

    ``%video`` lists the jobs of this notebook, ``%video @3`` picks one up again, also after the
    kernel was restarted.
    """,
}
_LINES = {
    "draws": "List what is under way; ``%draws cancel 2`` and ``%draws cancel all`` end it.",
    "nbext": "Say what is in use: endpoint, history, settings; see ``%nbext help`` for the rest.",
    "models": """List the endpoint's models: ``%models [WORD] [--endpoint NAME]``.

    With what they can do and what they cost, where the endpoint says.
    """,
}


def load(shell: Any) -> None:
    """Register the magics, the settings and the completion with a shell."""
    from nbext.magics.config import take_over
    from nbext.magics.tab import register

    for name, text in _ASKING.items():
        shell.register_magic_function(_asking(shell, name, text), "line_cell", name)
    shell.register_magic_function(_sweep(shell), "line_cell", "sweep")
    for name, text in _LINES.items():
        shell.register_magic_function(_line(shell, name, text), "line", name)
    register(shell)
    take_over(shell)
    shell.input_transformers_cleanup[:] = [*_others(shell), keep_body]
    let_ask(shell.input_transformer_manager)


def unload(shell: Any) -> None:
    """Take the completion back and end the session."""
    from nbext.magics.config import give_back
    from nbext.magics.tab import unregister
    from nbext.session.current import forget_session

    unregister(shell)
    give_back(shell)
    shell.input_transformers_cleanup[:] = _others(shell)
    take_back(shell.input_transformer_manager)
    forget_session()


def _asking(shell: Any, name: str, text: str) -> Callable[..., Any]:
    """Make a magic that asks a model; it is imported at its first use."""

    def magic(line: str, cell: str | None = None) -> Any:
        from nbext.magics.asking import run

        return run(shell, name, line, cell)

    magic.__name__, magic.__doc__ = name, text
    setattr(magic, _NO_VAR_EXPAND, True)
    return magic


def _sweep(shell: Any) -> Callable[..., Any]:
    """Make ``%%sweep``."""

    def sweep(line: str, cell: str | None = None) -> Any:
        """Draw a grid of requests: ``%%sweep -x style=ink,oil [options]``; see ``--help``."""
        from nbext.magics.sweep import sweep as run

        return run(shell, line, cell)

    setattr(sweep, _NO_VAR_EXPAND, True)
    return sweep


def _line(shell: Any, name: str, text: str) -> Callable[[str], None]:
    """Make a line magic that asks no model."""

    def magic(line: str) -> None:
        from nbext.magics import manage, sweep

        getattr(sweep if name == "draws" else manage, name)(shell, line)

    magic.__name__, magic.__doc__ = name, text
    return magic


def _others(shell: Any) -> list[Any]:
    return [each for each in shell.input_transformers_cleanup if each is not keep_body]
