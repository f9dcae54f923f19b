"""``nbext help NAME``: explain an error, an option, a magic or a setting, offline."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from nbext import errors
from nbext.config.settings import Nbext
from nbext.errors import NbextError, OptionError
from nbext.messages.say import outcome, phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from nbext.magics.parse import Parser

ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, NbextError)
}


def _parsers() -> dict[str, Parser]:
    from nbext.magics.asking import PARSERS
    from nbext.magics.parse import models_parser, sweep_parser

    parsers = {name: make(name) for name, make in PARSERS.items()}
    return parsers | {"sweep": sweep_parser(), "models": models_parser()}


def names() -> list[str]:
    """List all names that have help."""
    magics = _parsers()
    options = {option for parser in magics.values() for option in parser.options()}
    settings = [f"Nbext.{name}" for name in Nbext.class_trait_names(config=True)]
    return [*ERRORS, *(f"%{name}" for name in magics), *sorted(options), *sorted(settings)]


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
    if plain.startswith("-"):
        lines = [_option(magic, parser, plain) for magic, parser in parsers.items()]
        if any(lines):
            return "\n".join(filter(None, lines))
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


def _option(magic: str, parser: Parser, option: str) -> str:
    if option not in parser.options():
        return ""
    action = parser.action(option)
    spelled = ", ".join(action.option_strings) + (f" {action.metavar}" if action.metavar else "")
    return f"%%{magic} {spelled}: {(action.help or '').replace('%%', '%')}"
