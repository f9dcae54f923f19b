"""Create the records of requests: before they are sent, and when they fail."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nbext._version import __version__
from nbext.data.record import Draft, Failure, ReferenceInfo
from nbext.errors import NbextError, RequestError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from nbext.data.endpoint import Endpoint
    from nbext.data.request import Reference, Request
    from nbext.wire.events import Call


def sent_record(request: Request, call: Call, endpoint: Endpoint, *, wire: str) -> Draft:
    """Create the record of a request about to be sent; the caller adds the cell.

    Args:
        request: The request.
        call: The request in its wire format.
        endpoint: The endpoint, of which only name and host are recorded.
        wire: The wire format's name.

    Returns:
        A record of type ``sent`` with a new id.

    Example:
        >>> record = sent_record(request, call, endpoint, wire="chat")  # doctest: +SKIP
        >>> record.type, record.host  # doctest: +SKIP
        ('sent', 'relay.example')
    """
    fingerprint, exact, question = request.names()
    return Draft(
        type="sent",
        id=os.urandom(16).hex(),
        kind=request.kind,
        started=now(),
        wire=wire,
        endpoint=endpoint.name,
        host=endpoint.host,
        embedded=endpoint.embedded,
        model=request.model,
        prompt=request.prompt,
        prompt_sent=call.prompt_sent if call.prompt_sent != request.prompt else "",
        template=request.template,
        variables=request.variables,
        system=request.system,
        parameters=request.parameters(),
        references=tuple(_reference_info(item) for item in request.references),
        mask=_reference_info(request.mask) if request.mask else None,
        continues=request.continues,
        continues_as=request.continues_as,
        parents=_parents(request),
        fingerprint=fingerprint,
        exact=exact if exact != fingerprint else "",
        question=question,
        versions={"nbext": __version__, "python": platform.python_version()},
    )


def failure_of(error: NbextError) -> Failure:
    """Return the recorded form of an error, with the endpoint's message."""
    if isinstance(error, RequestError):
        return Failure(
            type=type(error).__name__,
            message=error.message,
            remedy=error.remedy,
            status_code=error.status_code,
            body=error.body,
            url=getattr(error, "url", ""),
            maybe_billed=error.maybe_billed,
        )
    return Failure(type=type(error).__name__, message=error.message, remedy=error.remedy)


def interruption(endpoint: Endpoint, *, was_sent: bool = True) -> Failure:
    """Return the recorded form of an interrupt; a relay may bill what it began."""
    if not was_sent:
        return Failure(type="Interrupted", message=phrase("store.interrupted_before"))
    return Failure(
        type="Interrupted", message=phrase("store.stopped"), maybe_billed=not endpoint.embedded
    )


def now() -> str:
    """Return the current time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reference_info(item: Reference) -> ReferenceInfo:
    return ReferenceInfo(
        sha256=item.info.sha256,
        media_type=item.info.media_type,
        source=item.source,
        drawing=item.drawing,
        url=item.url,
        lineage=item.lineage,
    )


def _parents(request: Request) -> tuple[str, ...]:
    ids = [item.drawing for item in request.references] + [request.continues]
    return tuple(dict.fromkeys(id_ for id_ in ids if id_))
