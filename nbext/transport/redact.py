"""Keys out of the HTTP libraries' own logs, where an endpoint echoes one in its answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbext.data.endpoint import Secret

# The loggers of httpx, httpx2 and what they stand on; a filter is not inherited, so each has it.
_LOGGERS = tuple(
    name + part
    for name in ("httpx", "httpx2", "httpcore", "httpcore2")
    for part in ("", ".connection", ".http11", ".http2", ".proxy", ".socks")
)


class _Redact(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self.keys: set[Secret] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Put ``***`` for every key that was sent."""
        said = record.getMessage()
        for key in self.keys:
            said = key.redact(said)
        record.msg, record.args = said, ()
        return True


_filter = _Redact()


def keep_out_of_logs(key: Secret) -> None:
    """Redact a key in the libraries' logs from now on."""
    if key in _filter.keys:
        return
    _filter.keys.add(key)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_filter)
