"""Remove keys from logs and answers, in case an endpoint echoes the key."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.wire.events import Done, ErrorEvent, Reasoning, Text, TextWasReasoning

if TYPE_CHECKING:
    from nbext.data.endpoint import Secret
    from nbext.wire.events import Event

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
        """Replace every key that was sent by ``***``."""
        message = record.getMessage()
        for key in self.keys:
            message = key.redact(message)
        record.msg, record.args = message, ()
        return True


_filter = _Redact()


def keep_out_of_logs(key: Secret) -> None:
    """Remove a key from the logs of all libraries from now on."""
    if key in _filter.keys:
        return
    _filter.keys.add(key)
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_filter)


class RedactingStream:
    """Removes a key from the events of an answer, even if it is split between two texts.

    Some relays put "invalid token sk-…" into an answer with a good status: it would be shown,
    recorded and exported.

    Args:
        key: The key that was sent.

    Example:
        >>> from nbext.data.endpoint import Secret
        >>> redact = RedactingStream(Secret("sk-canary"))
        >>> [e.text for piece in ("bad: sk-ca", "nary!") for e in redact(Text(text=piece))]
        ['bad: ', '***!']
    """

    def __init__(self, key: Secret) -> None:
        self._key = key
        self._held: dict[type[Text | Reasoning], str] = {}

    def __call__(self, event: Event) -> list[Event]:
        """Return the part of an event that can be shown now."""
        if not self._key:
            return [event]
        if isinstance(event, Text | Reasoning):
            text = self._held.pop(type(event), "") + event.text
            held = self._key.begun(text)
            shown = text[: len(text) - held]
            if held:
                self._held[type(event)] = text[len(shown) :]
            shown = self._key.redact(shown)
            return [type(event)(text=shown)] if shown else []
        before = self.rest() if isinstance(event, Done | ErrorEvent | TextWasReasoning) else []
        try:
            if not self._key.is_in_json(msgspec.json.encode(event, enc_hook=str)):
                return [*before, event]
        except (RecursionError, TypeError, ValueError, OverflowError):
            pass  # what cannot be written is looked through
        fields = {name: self._clean(getattr(event, name)) for name in event.__struct_fields__}
        return [*before, msgspec.structs.replace(event, **fields)]

    def rest(self) -> list[Event]:
        """Return the text that was held back because a key might have begun in it."""
        held, self._held = self._held, {}
        return [kind(text=self._key.redact(text)) for kind, text in held.items()]

    def _clean(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, str):
            return self._key.redact(value)
        if isinstance(value, dict):
            # Nobody reads what is deeper than this.
            items = value.items() if depth < 100 else ()
            return {self._clean(k, depth + 1): self._clean(v, depth + 1) for k, v in items}
        if isinstance(value, list | tuple):
            return type(value)([self._clean(v, depth + 1) for v in value] if depth < 100 else ())
        return value
