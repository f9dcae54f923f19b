"""``nbext help NAME``: explain an error, an option, a magic or a setting, offline."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from typing import TYPE_CHECKING

from nbext import errors
from nbext.config.settings import Nbext
from nbext.errors import NbextError, OptionError
from nbext.messages.say import outcome, phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.magics.parsers import Parser

ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, NbextError)
}


def _parsers() -> dict[str, Parser]:
    from nbext.magics.asking import PARSERS
    from nbext.magics.parsers import models_parser, sweep_parser

    parsers = {name: make(name) for name, make in PARSERS.items()}
    return parsers | {"sweep": sweep_parser(), "models": models_parser()}


def _kinds() -> dict[str, list[str]]:
    """Return all names that have help, by kind."""
    magics = _parsers()
    options = {option for parser in magics.values() for option in parser.options()}
    settings = [f"Nbext.{name}" for name in Nbext.class_trait_names(config=True)]
    return {
        "errors": list(ERRORS),
        "magics": [f"%{name}" for name in magics],
        "options": sorted(options),
        "settings": sorted(settings),
    }


def names() -> list[str]:
    """List all names that have help."""
    return [name for kind in _kinds().values() for name in kind]


def names_by_kind(width: int = 0) -> str:
    """Return all names that have help, a paragraph for each kind.

    Args:
        width: Characters of a line; by default the terminal's.
    """
    lines = textwrap.TextWrapper(
        width=width or shutil.get_terminal_size().columns,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n\n".join(
        f"{phrase(f'cli.{kind}')}\n{lines.fill('  '.join(of))}" for kind, of in _kinds().items()
    )


def explain(name: str) -> str:
    """Return the explanation of a name.

    Args:
        name: An error's name, a magic with or without its ``%``, an option, or a setting.

    Raises:
        OptionError: There is no help for it.

    Example:
        >>> explain("QuotaError").splitlines()[0]
        'QuotaError: no credit left'
    """
    plain = name.strip().lstrip("%")
    plain = next((known for known in ERRORS if known.lower() == plain.lower()), plain)
    if plain in ERRORS:
        return _error(plain)
    parsers = _parsers()
    if plain in parsers:
        return parsers[plain].format_help().rstrip()
    for option in (plain,) if plain.startswith("-") else (f"--{plain}", f"-{plain}"):
        if text := _option(parsers, option):
            return text
    setting = plain.removeprefix("Nbext.")
    if setting in Nbext.class_trait_names(config=True):
        default = Nbext.class_traits()[setting].default()
        return phrase(
            "cli.setting_is", name=setting, default=default, help=phrase(f"setting.{setting}")
        )
    raise OptionError(
        phrase("cli.no_help", name=name[:60]),
        remedy=did_you_mean(name, names(), otherwise=phrase("cli.help_takes")),
    )


def _error(name: str) -> str:
    """Return the explanation of an error, with its remedy."""
    title = outcome(name) if name not in ("NbextError", "RequestError") else phrase("cli.any_error")
    return f"{name}: {title}\n{phrase(f'meaning.{name}')}"


def _option(parsers: Mapping[str, Parser], option: str) -> str:
    """Return the explanation of an option, once for the magics that share it."""
    magics: dict[str, list[str]] = {}
    for magic, parser in parsers.items():
        if option in parser.options():
            action = parser.action(option)
            spelled = ", ".join(action.option_strings)
            spelled += f" {action.metavar}" if action.metavar else ""
            text = f"{spelled}: {(action.help or '').replace('%%', '%')}"
            magics.setdefault(text, []).append(f"%%{magic}")
    return "\n".join(f"{', '.join(of)} {text}" for text, of in magics.items())
