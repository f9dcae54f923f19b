"""Where keys are kept: this kernel's memory, the keyring and Colab's secrets, never a file of ours.

A key is kept by the place it may go to. ``http`` is another place than ``https``, so that a
settings file cannot make a key travel in clear text.
"""

from __future__ import annotations

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
# The entry with the URL of the last key; the blank keeps it apart from every host's name.
LAST = "last URL"

# How long what the keyring said is good for: each look may take it a second, or ask its user.
SECONDS_GOOD = 60.0

# A key with fewer characters may well be an ordinary word.
_LONG = 12

# Keys of this kernel alone, by place; in no trait, in no file.
_kernel: dict[str, Secret] = {}
# What the keyring said of an entry, and until when that is good.
_answers: dict[str, tuple[float, Secret]] = {}


def key_scope(base_url: str) -> str:
    """Name where a key for a URL may go: its host, with what is unusual about it.

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
    """Give the key that is kept for a URL's place, and by whom; both empty for none."""
    where = key_scope(base_url)
    if where in _kernel:
        return _kernel[where], phrase("config.this_kernel")
    stored = _stored(where)
    return Secret(stored), phrase("config.the_keyring") if stored else ""


def holds_key(text: str) -> bool:
    """Whether a text holds a key: one of this process, or what providers' keys look like.

    Args:
        text: That is about to be sent, and recorded.
    """
    if looks_like_key(text):
        return True
    if len(text) < _LONG:
        return False
    # The names first: reading all values costs more than the rest of the check.
    names = [name for name in os.environ if names_a_key(name)]
    known = [os.environ.get(name, "").strip() for name in names]
    known += [key.reveal() for key in _kernel.values()]
    return any(len(key) >= _LONG and key in text for key in known)


def last_url() -> str:
    """Give the URL that the keyring was last given a key for, empty for none."""
    return _stored(LAST)


def colab_secret(name: str) -> str:
    """Give one of Colab's secrets, empty outside of Colab and where it is not granted."""
    if "google.colab" not in sys.modules:
        return ""
    from google.colab import userdata

    try:
        return str(userdata.get(name) or "").strip()
    except Exception:  # noqa: BLE001 -- absent and not granted are classes of Colab's own
        return ""


def remember_key(base_url: str, key: str, *, where: str = "kernel") -> str:
    """Keep a key for the place of a URL.

    Args:
        base_url: Where the key may go.
        key: The key.
        where: ``kernel``, or ``keyring``: that too, where there is one.

    Returns:
        Where it is kept, in words.

    Raises:
        SettingsError: The URL or the key is none.
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
        SettingsError: Nobody can be asked here, or not hidden.
    """
    from getpass import GetPassWarning, getpass

    try:
        with warnings.catch_warnings():
            # Where the terminal cannot hide it, getpass warns and shows it.
            warnings.simplefilter("error", GetPassWarning)
            return (ask or getpass)(question)
    except (EOFError, GetPassWarning, NotImplementedError):
        # IPython's StdinNotImplementedError is a NotImplementedError.
        raise SettingsError(
            phrase("config.nobody_to_ask"), remedy=phrase("config.without_key")
        ) from None


def _keyring() -> Any:
    """Give the keyring package where it is installed and has a place to keep things."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        return keyring if keyring.get_keyring().priority > 0 else None
    except Exception:  # noqa: BLE001 -- backends fail with errors of their own systems
        return None


# Whether the keyring is not to be asked now: an event loop would wait for it, perhaps a minute.
without_keyring: ContextVar[bool] = ContextVar("nbext_without_keyring", default=False)


class KeyringNeededError(Exception):
    """Only the keyring knows, and it is not to be asked now."""


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
    except Exception:  # noqa: BLE001 -- a locked or broken keyring is as good as none
        # Whoever does not unlock it is not asked with every drawing.
        secret, good = Secret(""), math.inf
    _answers[entry] = time.monotonic() + good, secret
    return secret.reveal()
