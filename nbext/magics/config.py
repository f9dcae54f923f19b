"""``%config Nbext.name = value`` that fails where it is refused.

IPython logs a refusal and goes on: after a mistyped ``%config Nbext.replay = "onyl"``, Run All
would pay for what it was told not to send.
"""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any

from IPython.core.magic import no_var_expand

# Python compiles it at its first use, not while the extension is loaded.
_SETS = r"(?s)\s*Nbext\s*\.\s*(\w+)\s*=(?!=)(.*)"


def take_over(shell: Any) -> None:
    """Set our own settings ourselves, and leave all others to IPython."""
    magics = shell.magics_manager.magics["line"]
    # IPython may only have noted where its own is; it is imported when it is used.
    before = magics.get("config") or shell.find_line_magic("config")
    # Not asked for an attribute: IPython would import its own then.
    if isinstance(before, FunctionType) and hasattr(before, "nbext_before"):
        return

    # IPython would put a variable called prompt into a style's template.
    @no_var_expand
    def config(line: str) -> Any:
        from nbext.config.loading import get_settings

        # Made at their first use; IPython lists them from then on.
        get_settings(shell)
        sets = re.match(_SETS, line)
        if sets is None:
            return _own(shell)(shell.var_expand(line, 1))
        _set(shell, sets[1], sets[2].strip())
        return None

    # IPython asks for the text of ``%config?`` so.
    config.getdoc = lambda: _own(shell).__doc__
    config.nbext_before = before
    magics["config"] = config


def give_back(shell: Any) -> None:
    """Give IPython its own ``%config`` again."""
    magics = shell.magics_manager.magics["line"]
    if isinstance(magics["config"], FunctionType):
        magics["config"] = getattr(magics["config"], "nbext_before", magics["config"])


def _own(shell: Any) -> Any:
    """Give IPython's own ``%config``, which it may have to import: it looks in its own place."""
    magics = shell.magics_manager.magics["line"]
    ours = magics["config"]
    magics["config"] = ours.nbext_before
    try:
        ours.nbext_before = shell.find_line_magic("config")
    finally:
        magics["config"] = ours
    return ours.nbext_before


def _set(shell: Any, name: str, text: str) -> None:
    """Set a setting to what an expression of the notebook comes to.

    Raises:
        SettingsError: There is no such setting, or it does not take the value; which is not shown,
            for it may be a key.
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
