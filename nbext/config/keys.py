"""Store keys in this kernel's memory or the keyring, and read Colab's secrets; never in a file.

A key is stored by the origin it may be sent to. ``http`` and ``https`` are different origins, so a
settings file cannot make a key travel in clear text.
"""

from __future__ import annotations

import functools
import math
import os
import sys
import time
import warnings
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbext.config.settings import checked_key, checked_url, looks_like_key, names_a_key
from nbext.data.endpoint import Secret
from nbext.errors import SettingsError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

SERVICE = "nbext"
# The entry with the URL of the last key; the blank keeps it apart from host names.
LAST = "last URL"

# How long to cache the keyring's answer: a look-up may take a second, or prompt the user.
SECONDS_GOOD = 60.0

# A shorter key may well be an ordinary word.
_LONG = 12

# Keys of this kernel, by origin; never in a trait or a file.
_kernel: dict[str, Secret] = {}
# The keyring's cached answer for an entry, and when it expires.
_answers: dict[str, tuple[float, Secret]] = {}


def key_scope(base_url: str) -> str:
    """Return the origin a key may be sent to: its host, with a scheme or port that is not standard.

    Example:
        >>> key_scope("https://Relay.example:443/v1"), key_scope("http://localhost:8000")
        ('relay.example', 'http://localhost:8000')
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if parts.port is not None and parts.port != usual:
        host = f"{host}:{parts.port}"
    return host if parts.scheme == "https" else f"{parts.scheme}://{host}"


def kept_key(base_url: str) -> tuple[Secret, str]:
    """Return the key stored for a URL's origin, and where it is stored; both empty without one."""
    where = key_scope(base_url)
    if where in _kernel:
        return _kernel[where], phrase("config.this_kernel")
    stored = _stored(where)
    return Secret(stored), phrase("config.the_keyring") if stored else ""


def holds_key(text: str) -> bool:
    """Return whether a text contains a key: one of this process, or one in a provider's format.

    Args:
        text: A text about to be sent and recorded.
    """
    if looks_like_key(text):
        return True
    if len(text) < _LONG:
        return False
    known = {os.environ.get(name, "").strip() for name in _keys_names()}
    known |= {key.reveal() for key in _kernel.values()}
    return any(len(key) >= _LONG and _secret(key).is_in(text) for key in known)


_secret = functools.lru_cache(64)(Secret)


def _keys_names() -> tuple[str, ...]:
    """Return the names of the variables that hold keys.

    Each drawing asks for them, and to iterate over the environment decodes each name: only the
    stored names are compared with those of the last time.
    """
    stored = getattr(os.environ, "_data", None)
    return _names_of_keys(tuple(os.environ if stored is None else stored))


@functools.lru_cache(8)
def _names_of_keys(stored: tuple[str | bytes, ...]) -> tuple[str, ...]:
    return tuple(name for name in map(os.fsdecode, stored) if names_a_key(name))


def last_url() -> str:
    """Return the URL of the last key in the keyring, empty without one."""
    return _stored(LAST)


def colab_secret(name: str) -> str:
    """Return one of Colab's secrets, empty outside Colab or without access."""
    if "google.colab" not in sys.modules:
        return ""
    from google.colab import userdata

    try:
        return str(userdata.get(name) or "").strip()
    except Exception:  # noqa: BLE001 -- Colab's own classes, for absent or not granted
        return ""


def remember_key(base_url: str, key: str, *, where: str = "kernel") -> str:
    """Store a key for a URL's origin.

    Args:
        base_url: Where the key may be sent.
        key: The key.
        where: ``kernel``, or ``keyring`` for both, if there is a keyring.

    Returns:
        Where it is stored, in words.

    Raises:
        SettingsError: The URL or the key is invalid.
    """
    url = checked_url(base_url)
    if not url:
        raise SettingsError(
            phrase("config.which_endpoint"), remedy="%nbext key https://relay.example/v1"
        )
    key = checked_key(key)
    _kernel[key_scope(url)] = Secret(key)
    _answers.clear()
    keyring = _keyring() if where == "keyring" else None
    if keyring is None:
        return phrase("config.this_kernel")
    try:
        keyring.set_password(SERVICE, key_scope(url), key)
        keyring.set_password(SERVICE, LAST, url)
    except Exception:  # noqa: BLE001 -- it is in this kernel in any case
        return phrase("config.this_kernel")
    return phrase("config.the_keyring")


def ask_hidden(question: str, ask: Callable[[str], str] | None = None) -> str:
    """Ask for a key without showing it.

    Raises:
        SettingsError: Nobody can be asked here, or input cannot be hidden.
    """
    from getpass import GetPassWarning, getpass

    try:
        with warnings.catch_warnings():
            # If the terminal cannot hide input, getpass warns and shows it.
            warnings.simplefilter("error", GetPassWarning)
            return (ask or getpass)(question)
    except (EOFError, GetPassWarning, NotImplementedError):
        # IPython's StdinNotImplementedError is a NotImplementedError.
        raise SettingsError(
            phrase("config.nobody_to_ask"), remedy=phrase("config.without_key")
        ) from None


def _keyring() -> Any:
    """Return the keyring package if it is installed and has a usable backend."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        return keyring if keyring.get_keyring().priority > 0 else None
    except Exception:  # noqa: BLE001 -- backends fail with errors of their own systems
        return None


# Set where the keyring must not be used: an event loop would wait for it, perhaps a minute.
without_keyring: ContextVar[bool] = ContextVar("nbext_without_keyring", default=False)


class KeyringNeededError(Exception):
    """The keyring would have to be asked, but must not be now."""


def _stored(entry: str) -> str:
    until, secret = _answers.get(entry, (0.0, Secret("")))
    if time.monotonic() < until:
        return secret.reveal()
    if without_keyring.get():
        raise KeyringNeededError
    keyring = _keyring()
    good = SECONDS_GOOD
    try:
        secret = Secret(str(keyring.get_password(SERVICE, entry) or "").strip() if keyring else "")
    except Exception:  # noqa: BLE001 -- a locked or broken keyring counts as none
        # A user who does not unlock it is not asked again for every drawing.
        secret, good = Secret(""), math.inf
    _answers[entry] = time.monotonic() + good, secret
    return secret.reveal()
