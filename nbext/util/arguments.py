"""An argument parser with messages in the user's language, for the magics and the command line."""

from __future__ import annotations

import argparse
import re
from typing import Any

from nbext.messages.say import phrase

# argparse's messages, each with our message. The groups are the message's values.
_REASONS = [
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (r"argument (?P<option>.+?): expected one argument", "needs_value"),
        (r"argument (?P<option>.+?): expected at least one argument", "needs_value"),
        (r"argument (?P<option>.+?): ignored explicit argument (?P<value>.*)", "takes_no_value"),
        (r"argument (?P<option>.+?): invalid int value: (?P<value>.*)", "not_whole"),
        (r"argument (?P<option>.+?): invalid \w+ value: (?P<value>.*)", "bad_value"),
        (
            (
                r"argument (?P<option>.+?): invalid choice: (?P<value>.*) "
                r"\(choose from (?P<names>.*)\)"
            ),
            "bad_choice",
        ),
        (r"argument (?P<option>.+?): (?P<reason>.*)", "of_option"),
        (r"the following arguments are required: (?P<names>.*)", "required"),
        (r"unrecognized arguments: (?P<names>.*)", "unrecognized"),
    )
]


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        if prefix is None:
            prefix = phrase("argument.usage")
        super().add_usage(usage, actions, groups, prefix)


class Arguments(argparse.ArgumentParser):
    """An argument parser whose help and errors are in the user's language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, **options)
        self._positionals.title = phrase("argument.positionals")
        self._optionals.title = phrase("argument.options")
        for action in self._actions:
            if action.dest == "help":
                action.help = phrase("argument.help")


def reason(message: str) -> str:
    """Translate argparse's error message.

    Args:
        message: argparse's message.

    Example:
        >>> reason("argument --save: expected one argument")
        '--save needs a value'
    """
    for pattern, name in _REASONS:
        match = pattern.fullmatch(message)
        if match:
            return phrase(f"argument.{name}", **match.groupdict())
    return message
