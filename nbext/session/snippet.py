"""From a record, or a request of this notebook, to code that sends the same."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from nbext.data.endpoint import Endpoint, Secret
from nbext.data.request import Reference, Request, split_parameters
from nbext.errors import SettingsError
from nbext.messages.say import phrase
from nbext.store.conversation import conversation_turns

if TYPE_CHECKING:
    from nbext.data.record import Record, ReferenceInfo
    from nbext.session.connection import Connection
    from nbext.store.store import Store

_PLACEHOLDER = Endpoint(name="", base_url="https://relay.example", key=Secret(""))


def code(
    connection: Connection, request: Request, language: str, endpoint: Endpoint | None = None
) -> tuple[str, dict[str, bytes]]:
    """Write a request as code, the key left out.

    Args:
        connection: Its settings say where it goes.
        request: The request.
        language: ``shell``, ``python``, ``javascript`` …
        endpoint: Where it goes instead.

    Returns:
        The code, and the pictures that lie beside it, by file name.

    Raises:
        OptionError: There is no such language, or the wire format has no place for what was asked.
        SettingsError: There is no endpoint of the request's name.
    """
    from nbext.export.code.languages import files_of, language_key, snippet

    language_key(language)
    endpoint = endpoint or connection.named(request.endpoint)
    note = ""
    if endpoint.embedded:
        endpoint, note = _PLACEHOLDER, phrase("session.relay_stands_for")
    _, call = connection.call(request, endpoint)
    url = endpoint.url(call.path, call.version)
    text = snippet(call, url, language, note=note)
    return endpoint.key.redact(text), files_of(call)


def endpoint_of(connection: Connection, record: Record) -> Endpoint:
    """Find where a recorded request went; for the embedded endpoint, where it would go now."""
    if record.embedded:
        return connection.named()
    for name in (record.endpoint, ""):
        with contextlib.suppress(SettingsError):
            endpoint = connection.named(name)
            if endpoint.host == record.host:
                return endpoint
    scheme = "http" if record.host.startswith(("127.", "localhost")) else "https"
    return Endpoint(name=record.endpoint, base_url=f"{scheme}://{record.host}", key=Secret(""))


def request_of(record: Record, store: Store) -> Request:
    """Make the request of a record again, with the pictures that the history has kept.

    Args:
        record: What was asked then.
        store: Where the pictures are, and the turns before it where it goes on with one.

    Raises:
        HistoryError: One of them is missing.
    """

    def stored(item: ReferenceInfo) -> Reference:
        data = store.read(item.sha256)
        return Reference.of(data, source=item.source, drawing=item.drawing, url=item.url)

    named, extra = split_parameters(record.parameters)
    before = next((known for known in store.records() if known.id == record.continues), None)
    return Request(
        prompt=record.prompt,
        model=record.model,
        kind=record.kind,
        references=tuple(stored(item) for item in record.references),
        mask=stored(record.mask) if record.mask else None,
        system=record.system,
        conversation=conversation_turns(store, before) if before is not None else (),
        continues=record.continues,
        via=record.wire,
        extra=extra,
        **named,
    )
