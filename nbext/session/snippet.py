"""Write a recorded or planned request as code."""

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
    """Write a request as code, without the key.

    Args:
        connection: Provides the endpoint from its settings.
        request: The request.
        language: ``shell``, ``python``, ``javascript`` …
        endpoint: The endpoint to use instead.

    Returns:
        The code, and the pictures that it reads, by file name.

    Raises:
        OptionError: There is no such language, or the wire format cannot express the request.
        SettingsError: There is no endpoint with the request's name.
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
    """Return the endpoint of a recorded request; for the embedded endpoint, its current URL."""
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
    """Recreate the request of a record, with its pictures from the history.

    Args:
        record: The record.
        store: Contains the pictures, and earlier turns of a conversation.

    Raises:
        HistoryError: A picture is missing.
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
