"""``%config Nbext.name = value`` that raises for a refused value.

IPython logs a refusal and goes on: after a mistyped ``%config Nbext.replay = "onyl"``, Run All
would send paid requests that the setting was meant to prevent.
"""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any

from IPython.core.magic import no_var_expand

# A string: Python compiles it at first use, not while the extension is loaded.
_SETS = r"(?s)\s*Nbext\s*\.\s*(\w+)\s*=(?!=)(.*)"


def take_over(shell: Any) -> None:
    """Replace ``%config`` with one that sets our settings and passes the rest to IPython's."""
    magics = shell.magics_manager.magics["line"]
    # IPython may have registered its own lazily; it is imported at first use.
    before = magics.get("config") or shell.find_line_magic("config")
    # Reading an attribute of a lazy magic would import it.
    if isinstance(before, FunctionType) and hasattr(before, "nbext_before"):
        return

    # Without this, IPython would fill a variable called prompt into a style's template.
    @no_var_expand
    def config(line: str) -> Any:
        from nbext.config.loading import get_settings

        # Creates the settings at first use; IPython lists them from then on.
        get_settings(shell)
        sets = re.match(_SETS, line)
        if sets is None:
            return _own(shell)(shell.var_expand(line, 1))
        _set(shell, sets[1], sets[2].strip())
        return None

    # IPython calls this for the text of ``%config?``.
    config.getdoc = lambda: _own(shell).__doc__
    config.nbext_before = before
    magics["config"] = config


def give_back(shell: Any) -> None:
    """Restore IPython's own ``%config``."""
    magics = shell.magics_manager.magics["line"]
    if isinstance(magics["config"], FunctionType):
        magics["config"] = getattr(magics["config"], "nbext_before", magics["config"])


def _own(shell: Any) -> Any:
    """Return IPython's own ``%config``, importing it if needed."""
    magics = shell.magics_manager.magics["line"]
    ours = magics["config"]
    magics["config"] = ours.nbext_before
    try:
        ours.nbext_before = shell.find_line_magic("config")
    finally:
        magics["config"] = ours
    return ours.nbext_before


def _set(shell: Any, name: str, text: str) -> None:
    """Set a setting to the value of an expression, evaluated in the notebook.

    Raises:
        SettingsError: There is no such setting, or it does not accept the value. The message never
            shows the value, which may be a key.
    """
    from nbext.config.loading import get_settings
    from nbext.errors import SettingsError
    from nbext.messages.say import phrase

    try:
        value = eval(text, shell.user_ns)  # noqa: S307 -- it is a cell's code, as in IPython's own
    except Exception as error:  # noqa: BLE001 -- whatever an expression raises
        raise SettingsError(
            phrase("cell.bad_value", name=name, type=type(error).__name__),
            remedy=phrase("cell.quote_text", name=name),
        ) from None
    setattr(get_settings(shell), name, value)
