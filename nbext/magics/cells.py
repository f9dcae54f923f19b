"""What IPython makes of a cell's text before it runs, changed for magics that take a prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import HelpEnd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from tokenize import TokenInfo

_ASKING = {"draw", "edit", "chat", "respond", "complete"}


# Cell magics of ours. Python compiles it at its first use, not while the extension is loaded.
_OURS = r"%%(?:draw|edit|chat|respond|complete|video|sweep)(?:\s|$)"


def keep_body(lines: list[str]) -> list[str]:
    r"""Give a cell that is only our magic's line a body, because IPython refuses it without one.

    An input transformer (``input_transformers_cleanup``): ``%%draw --help`` alone in a cell works.

    Example:
        >>> keep_body(["%%draw --help\n"])
        ['%%draw --help\n', '\n']
    """
    alone = len(lines) == 1 and re.match(_OURS, lines[0])
    return [*lines, "\n"] if alone else lines


class Help(HelpEnd):
    """IPython's ``name?``, not for the lines of magics that take a prompt; ``%draw?`` is help."""

    @classmethod
    def find(cls, tokens_by_line: Any) -> Any:
        """Find the first help command that is none of our prompts."""
        return super().find([line for line in tokens_by_line if not _asks(line)])


def _asks(line: Sequence[TokenInfo]) -> bool:
    """Whether a line is ``%chat …``, or ``x = %chat …``, with a prompt."""
    words = [token.string for token in line if token.string.strip()]
    if "%" not in words[:-1]:
        return False
    at = words.index("%")
    first = at == 0 or words[at - 1] == "="
    return first and words[at + 1] in _ASKING and any(word != "?" for word in words[at + 2 :])


def replace_help(manager: Any) -> None:
    """Let an input transformer's lines end in a question mark."""
    manager.token_transformers[:] = [
        Help if each is HelpEnd else each for each in manager.token_transformers
    ]


def restore_help(manager: Any) -> None:
    """Give an input transformer its own help again."""
    manager.token_transformers[:] = [
        HelpEnd if each is Help else each for each in manager.token_transformers
    ]
