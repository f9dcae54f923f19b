"""Draw pictures in notebooks.

``%load_ext nbext`` adds the magics. The same functions are available in Python::

    import nbext
    d = nbext.draw("画只猫", aspect="2:3")
    d.edit("加一顶帽子").save("cat.png")
    nbext.history.to_html("cats.html")

Submodules are imported at their first use, so that ``import nbext`` takes a millisecond.
"""

from __future__ import annotations

import os
import sys
from _thread import LockType, allocate_lock, get_ident
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbext._version import __version__ as __version__
    from nbext.api.chat import achat, chat, complete, respond, video
    from nbext.api.draw import adraw, draw, models, request
    from nbext.api.files import open_history as open  # noqa: A004 -- for nbext.open
    from nbext.api.files import read
    from nbext.api.sweep import sweep, sweeps
    from nbext.api.sweep_result import Sweep
    from nbext.config.settings import Nbext
    from nbext.drawings.drawing import Drawing, Drawings
    from nbext.drawings.history import History
    from nbext.drawings.picture import Picture
    from nbext.errors import NbextError
    from nbext.export.c2pa.sign import Certificate
    from nbext.panel.panel import Panel
    from nbext.session.session import Session

    history: History
    settings: Nbext

_WHERE = {
    "__version__": "nbext._version:__version__",
    "Certificate": "nbext.export.c2pa.sign:Certificate",
    "Drawing": "nbext.drawings.drawing:Drawing",
    "Drawings": "nbext.drawings.drawing:Drawings",
    "History": "nbext.drawings.history:History",
    "NbextError": "nbext.errors:NbextError",
    "Panel": "nbext.panel.panel:Panel",
    "Picture": "nbext.drawings.picture:Picture",
    "Session": "nbext.session.session:Session",
    "Sweep": "nbext.api.sweep_result:Sweep",
    "achat": "nbext.api.chat:achat",
    "adraw": "nbext.api.draw:adraw",
    "chat": "nbext.api.chat:chat",
    "complete": "nbext.api.chat:complete",
    "draw": "nbext.api.draw:draw",
    "models": "nbext.api.draw:models",
    "open": "nbext.api.files:open_history",
    "request": "nbext.api.draw:request",
    "read": "nbext.api.files:read",
    "respond": "nbext.api.chat:respond",
    "sweep": "nbext.api.sweep:sweep",
    "sweeps": "nbext.api.sweep:sweeps",
    "video": "nbext.api.chat:video",
}

__all__ = [
    "Certificate",
    "Drawing",
    "Drawings",
    "History",
    "NbextError",
    "Panel",
    "Picture",
    "Session",
    "Sweep",
    "achat",
    "adraw",
    "chat",
    "complete",
    "draw",
    "history",
    "models",
    "open",
    "read",
    "request",
    "respond",
    "settings",
    "sweep",
    "sweeps",
    "video",
]


# What is set on the modules of other libraries is a setting here; a key is refused as one.
_SETTINGS_ELSEWHERE = {
    **{name: name for name in ("api_key", "base_url", "model", "endpoint", "replay", "language")},
    "key": "api_key",
    "api_base": "base_url",
    "token": "api_key",
}


class _Module(ModuleType):
    """The type of this module: ``history`` and ``settings`` are those of the current notebook.

    Submodules may have the same names; importing one must not replace these properties.
    """

    @property
    def history(self) -> History:
        """The history of this notebook."""
        from nbext.session.current import current_session

        return current_session().history

    @history.setter
    def history(self, _: Any) -> None:
        """Ignore the import system, which sets submodules on their package."""

    @property
    def settings(self) -> Nbext:
        """The settings of this notebook."""
        from nbext.session.current import current_session

        return current_session().settings

    @settings.setter
    def settings(self, _: Any) -> None:
        """Ignore the import system."""

    def __setattr__(self, name: str, value: Any) -> None:
        # As in other libraries, where it would set something; here it would do nothing, silently.
        if name in _SETTINGS_ELSEWHERE:
            setattr(self.settings, _SETTINGS_ELSEWHERE[name], value)
            return
        if not (name[:1] == "_" or name in vars(self) or isinstance(value, ModuleType)):
            _check_slip(name)
        super().__setattr__(name, value)


def _check_slip(name: str) -> None:
    """Refuse to set a name that is nearly one of those that can be set.

    Raises:
        AttributeError: The name is misspelled.
    """
    from nbext.util.suggest import attribute_meant, missing_attribute

    known = _SETTINGS_ELSEWHERE
    if name not in __all__ and attribute_meant("", name, known, cutoff=0.75):
        raise missing_attribute(__name__, name, lambda: known)


sys.modules[__name__].__class__ = _Module


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name in _WHERE:
        try:
            return _import_in_order(name)
        except (MemoryError, RecursionError, OSError):
            from nbext.errors import OwnErrors

            with OwnErrors(unsent=True):
                raise
    module = sys.modules[__name__]
    if hasattr(_Module, name):
        # A property has raised an AttributeError: raise that one.
        return object.__getattribute__(module, name)
    if name.startswith("_"):
        raise AttributeError(f"module 'nbext' has no attribute {name!r}", name=name, obj=module)
    from nbext.util.suggest import missing_attribute

    raise missing_attribute(__name__, name, lambda: __all__)


def _import(name: str) -> Any:
    # First: with it, a process that forks waits for the imports of its threads.
    import_module("nbext.util.fork")
    module, _, attribute = _WHERE[name].partition(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


# Threads that wait for their first import, each with its event.
_line: list[tuple[int, LockType]] = []
_guard = allocate_lock()


def _import_in_order(name: str) -> Any:
    """Import a name; waiting threads proceed in the order they came.

    Otherwise several threads that draw for the first time would send in a random order, and replay
    each other's pictures when the notebook is run again.
    """
    place = get_ident(), allocate_lock()
    with _guard:
        is_within = bool(_line) and _line[0][0] == place[0]
        if not is_within:
            place[1].acquire()
            _line.append(place)
        is_first = _line[0] is place
    if is_within:
        # The module being imported itself imports this one.
        return _import(name)
    try:
        if not is_first:
            place[1].acquire()
        return _import(name)
    finally:
        with _guard:
            has_come = _line[0] is place
            _line.remove(place)
            if has_come and _line:
                _line[0][1].release()


def _after_fork() -> None:
    """Forget the parent process's waiting threads."""
    global _guard
    _guard = allocate_lock()
    _line.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", "load_ipython_extension"])


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext nbext``."""
    try:
        from nbext.magics import load

        load(shell)
        if "nbext" not in shell.user_ns:
            shell.push({"nbext": sys.modules[__name__]}, interactive=False)
    except (MemoryError, RecursionError, OSError):
        from nbext.errors import OwnErrors

        with OwnErrors(unsent=True):
            raise


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext nbext``, and the first half of ``%reload_ext nbext``."""
    from nbext.magics import unload

    unload(shell)
