"""Load a kernel's settings from ``%config``, the environment and a settings file, once."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Float, Int

from nbext.config.settings import Nbext, names_a_key
from nbext.errors import SettingsError
from nbext.messages.say import phrase
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

# A settings file is small; a larger one is something else, and slow to read.
FILE_BYTES = 1 << 20
# ``NBEXT_`` variables that are not settings.
_OTHER_VARIABLES = ("NBEXT_API_KEY", "NBEXT_HTTP")

_instances: dict[int, Nbext] = {}


def get_settings(shell: Any = None) -> Nbext:
    """Return the settings of a shell, or of the process without one; created once.

    They are read from the environment and the settings file beside the notebook, and registered so
    that ``%config Nbext`` lists and sets them.

    Raises:
        SettingsError: The file or the environment has an invalid setting.
    """
    key = id(shell)
    if key not in _instances:
        from nbext.notebook.locate import notebook_path

        chosen = _new(shell)
        notebook = notebook_path(shell)
        chosen.read(*file_settings(notebook.parent if notebook else Path.cwd()))
        apply_environment(chosen)
        if shell is not None and hasattr(shell, "configurables"):
            others = [c for c in shell.configurables if not isinstance(c, Nbext)]
            shell.configurables = [*others, chosen]
        _instances[key] = chosen
    return _instances[key]


def _new(shell: Any) -> Nbext:
    """Return new settings, which ``%config`` can set if there is a shell."""
    if shell is None:
        return Nbext()
    from nbext.config import in_shell

    return in_shell.Nbext(parent=shell)


def apply_environment(chosen: Nbext, environ: Mapping[str, str] = os.environ) -> None:
    """Apply ``NBEXT_*`` variables; an empty variable counts as not set.

    Raises:
        SettingsError: A value is invalid. The message does not show it, as it may be a key.
    """
    for name, trait in sorted(Nbext.class_traits(config=True).items()):
        variable = f"NBEXT_{name.upper()}"
        text = environ.get(variable, "").strip()
        if text and name != "base_url":
            try:
                chosen.put(name, _from_text(trait, text), variable)
            except SettingsError as error:
                reason = error.message.replace(f"Nbext.{name}", variable)
                raise SettingsError(
                    reason if variable in reason else f"{variable}: {reason}", remedy=error.remedy
                ) from None


def _from_text(trait: Any, text: str) -> Any:
    """Parse a variable as its trait's type; what cannot be parsed is left to the trait's check."""
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    try:
        if isinstance(trait, Bool):
            return words.get(text.lower(), text)
        if isinstance(trait, Int):
            return int(text)
        if isinstance(trait, Float):
            return float(text)
        if isinstance(trait, Dict):
            return json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[tuple[str, str]]:
    """List ``NBEXT_`` variables that set nothing, each with the name probably meant."""
    known = [f"NBEXT_{name.upper()}" for name in Nbext.class_trait_names(config=True)]
    known += _OTHER_VARIABLES
    return [
        (name, did_you_mean(name, known, n=1))
        for name in sorted(environ)
        if name.startswith("NBEXT_") and name not in known
    ]


def file_settings(folder: Path) -> tuple[dict[str, Any], str]:
    """Read ``nbext.toml``, else ``[tool.nbext]`` of ``pyproject.toml``.

    Returns:
        The checked settings and the file's name, empty without one.

    Raises:
        SettingsError: The file is not valid TOML, has an unknown setting, or contains a key.
    """
    for name in ("nbext.toml", "pyproject.toml"):
        text = _file_text(folder / name, name)
        if not text:
            continue
        import tomllib  # which takes longer than to see that there is no file

        try:
            table: Any = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits is a plain ValueError.
            if name == "pyproject.toml":
                continue  # other tools report a broken pyproject.toml
            reason = str(error) if isinstance(error, ValueError) else phrase("config.too_deep")
            raise SettingsError(f"{name}: {reason}.") from None
        if name == "pyproject.toml":
            tool = table.get("tool", {})
            table = tool.get("nbext", {}) if isinstance(tool, dict) else {}
        if table:
            return _checked_table(table, name, text), name
    return {}, ""


def _file_text(path: Path, name: str) -> str:
    try:
        # Reading a named pipe would never end.
        if not path.is_file():
            return ""
        # A stranger's link may lead to any file.
        if path.is_symlink():
            return _refused(phrase("config.file_is_link", name=name), name)
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
        if len(data) <= FILE_BYTES:
            return data.decode("utf-8-sig")
    except OSError:
        return ""
    except UnicodeDecodeError:
        pass
    return _refused(phrase("config.not_text_file", name=name, FILE_BYTES=FILE_BYTES), name)


def _refused(reason: str, name: str) -> str:
    """Refuse a file of settings; a ``pyproject.toml`` is other tools' business, and empty here."""
    if name == "pyproject.toml":
        return ""
    raise SettingsError(reason)


def _checked_table(table: Any, name: str, text: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise SettingsError(phrase("config.not_a_table", name=name))
    checked = {}
    known = Nbext.class_trait_names(config=True)
    for key, value in table.items():
        where = f"{name}{_line(text, key)}"
        within = list(value) if isinstance(value, dict) and key not in known else []
        if any(names_a_key(word) for word in (key, *within)) and key not in known:
            raise SettingsError(
                phrase("config.key_in_file", where=where), remedy=phrase("config.without_key")
            )
        if key not in known:
            raise SettingsError(
                phrase("config.no_setting_in_file", where=where, key=key[:40]),
                remedy=did_you_mean(key, known),
            )
        try:
            checked[key] = Nbext.checked(key, value)
        except SettingsError as error:
            raise SettingsError(f"{where}: {error.message}", remedy=error.remedy) from None
    return checked


def _line(text: str, key: str) -> str:
    """Return the line on which a file sets a key, if it can be found in the text."""
    pattern = rf"^[ \t]*(?:\[[\w.]*)?\"?{re.escape(key)}\b"
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(pattern, line):
            return phrase("config.line", number=number)
    return ""
