"""Input transformers: changes to how IPython reads cells, for magics that take a prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import HelpEnd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from tokenize import TokenInfo

_ASKING = {"draw", "edit", "chat", "respond", "complete"}


# The magics that take a prompt. A string: Python compiles it at first use.
_OURS = r"%%(?:draw|edit|chat|respond|complete|video|sweep)(?:\s|$)"


def keep_body(lines: list[str]) -> list[str]:
    r"""Add an empty body to a cell that holds only our magic's line.

    IPython refuses a cell magic without a body. As an input transformer
    (``input_transformers_cleanup``), this makes ``%%draw --help`` work alone in a cell.

    Example:
        >>> keep_body(["%%draw --help\n"])
        ['%%draw --help\n', '\n']
    """
    alone = len(lines) == 1 and re.match(_OURS, lines[0])
    return [*lines, "\n"] if alone else lines


class Help(HelpEnd):
    """IPython's ``name?``, except on lines with a prompt, which may end in "?"."""

    @classmethod
    def find(cls, tokens_by_line: Any) -> Any:
        """Find the first help command, skipping lines that are prompts."""
        return super().find([line for line in tokens_by_line if not _asks(line)])


def _asks(line: Sequence[TokenInfo]) -> bool:
    """Return whether a line is ``%chat …``, or ``x = %chat …``, with a prompt."""
    words = [token.string for token in line if token.string.strip()]
    if "%" not in words[:-1]:
        return False
    at = words.index("%")
    first = at == 0 or words[at - 1] == "="
    return first and words[at + 1] in _ASKING and any(word != "?" for word in words[at + 2 :])


def replace_help(manager: Any) -> None:
    """Let prompts on a line end in a question mark."""
    manager.token_transformers[:] = [
        Help if each is HelpEnd else each for each in manager.token_transformers
    ]


def restore_help(manager: Any) -> None:
    """Restore IPython's own help transformer."""
    manager.token_transformers[:] = [
        HelpEnd if each is Help else each for each in manager.token_transformers
    ]
