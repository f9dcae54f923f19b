"""Questions on a line: ``%chat Who are you?`` asks, where IPython would look up ``you``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import HelpEnd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from tokenize import TokenInfo

_ASKING = {"draw", "edit", "chat", "respond", "complete"}


class Help(HelpEnd):
    """IPython's ``name?``, but for the lines of magics that take a prompt; ``%draw?`` is help."""

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


def let_ask(manager: Any) -> None:
    """Let an input transformer's lines end in a question mark."""
    manager.token_transformers[:] = [
        Help if each is HelpEnd else each for each in manager.token_transformers
    ]


def take_back(manager: Any) -> None:
    """Give an input transformer its own help again."""
    manager.token_transformers[:] = [
        HelpEnd if each is Help else each for each in manager.token_transformers
    ]
