"""What the cases share: an endpoint that is paid for, and no waiting between tries."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from nbext.session import intervals
from nbext.transport import limiter, retry

KEY = "sk-canary-0123456789abcdef"
_ENVIRONMENT = ("NBEXT_BASE_URL", "NBEXT_API_KEY", "NBEXT_ENDPOINT", "NBEXT_REPLAY")


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set variables of the environment, and put them back."""
    names = {*values, *_ENVIRONMENT}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def paid_endpoint(base: str) -> contextlib.AbstractContextManager[None]:
    """Let requests go to a server here, with a key, as to one that bills."""
    keyring = "keyring.backends.null.Keyring"
    return environment(
        NBEXT_BASE_URL=f"{base}/v1", NBEXT_API_KEY=KEY, PYTHON_KEYRING_BACKEND=keyring
    )


@contextlib.contextmanager
def hurry() -> Iterator[None]:
    """Wait hardly at all between two tries and two looks."""
    values = (
        (intervals, "FIRST_LOOK", 0.01),
        (intervals, "LAST_LOOK", 0.05),
        (retry, "BASE", 0.001),
    )
    values += ((retry, "SOON", (0.001,) * 4), (limiter, "PAUSE", 0.001))
    before = [(module, name, getattr(module, name)) for module, name, _ in values]
    for module, name, value in values:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
