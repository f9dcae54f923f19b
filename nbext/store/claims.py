"""Find requests that may be billed without a picture, for the endpoint's support.

Pure functions of a history's records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from nbext.data.record import never_sent, results_of
from nbext.messages.say import phrase
from nbext.util.public import Public
from nbext.util.text import moment, number_ranges, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.data.record import Record

# Errors after which a paid result can still be fetched.
_PASSING = frozenset(
    {
        "ConnectError",
        "DownloadError",
        "Interrupted",
        "NotAnEndpointError",
        "RateLimitError",
        "RequestError",
        "ServerError",
        "TimedOutError",
        "TruncatedError",
    }
)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may be billed without a picture.

    Attributes:
        number: The drawing's number.
        endpoint: The endpoint's name.
        host: Its host.
        sent: UTC, ISO 8601.
        model: The requested model.
        idempotency_key: The key sent with the request.
        request_id: The endpoint's id, empty if unknown.
        job: The id of an asynchronous job, empty for none.
        reason: Why there is no picture.
        fetchable: Whether it can still be fetched, for free.
    """

    number: int
    endpoint: str
    host: str
    sent: str
    model: str
    idempotency_key: str
    request_id: str = ""
    job: str = ""
    reason: str = ""
    fetchable: bool = False


class Claims(Public, list[Claim]):
    """Claims in the order they were sent; as text, ready to paste.

    Args:
        claims: The claims.
        unsent: The numbers of requests that a kernel was still holding back when it ended.
    """

    def __init__(self, claims: Iterable[Claim] = (), *, unsent: Sequence[int] = ()) -> None:
        super().__init__(claims)
        self.unsent = list(unsent)

    def __str__(self) -> str:
        if not self.unsent:
            return claim_sheet(self)
        rest = phrase(
            "store.never_sent", count=len(self.unsent), numbers=number_ranges(self.unsent)
        )
        return f"{claim_sheet(self)}\n\n{rest}"

    __repr__ = __str__


def is_resumable(record: Record) -> bool:
    """Return whether a paid result can still be fetched for free, by its job or by a link.

    Args:
        record: The record of any request.
    """
    if record.embedded or record.films or record.finish_reason == "failed":
        return False
    if results_of(record):
        # It was stopped while the rest of the answer arrived.
        stopped = record.error is not None and record.error.type == "Interrupted"
        return stopped or record.type == "sent"
    if not (record.job or record.links):
        return False
    return record.error is None or record.error.type in _PASSING


def find_claims(records: Iterable[Record], *, session: str = "") -> Claims:
    """Find requests that may be billed without a result.

    Args:
        records: A history's records.
        session: The current kernel session, whose unfinished requests are in progress.
    """
    records = list(records)
    unsent = [record.number for record in records if _is_unsent(record, session)]
    claims = (
        Claim(
            number=record.number,
            endpoint=record.endpoint,
            host=record.host,
            sent=record.started,
            model=record.model,
            idempotency_key=record.id,
            request_id=record.request_id,
            job=record.job,
            reason=record.error.message if record.error is not None else phrase("store.no_answer"),
            fetchable=is_resumable(record),
        )
        for record in records
        if _is_claim(record, session)
    )
    return Claims(claims, unsent=unsent)


def _is_unsent(record: Record, session: str) -> bool:
    return never_sent(record) and _is_of_another(record, session)


def _is_claim(record: Record, session: str) -> bool:
    if record.embedded or results_of(record) or record.films or never_sent(record):
        return False
    if record.type == "sent":
        return _is_of_another(record, session)
    return record.type == "drawing" and record.error is not None and record.error.maybe_billed


def _is_of_another(record: Record, session: str) -> bool:
    """Return whether another session sent a request: one of this session may be under way."""
    return record.session != session or not session


def claim_sheet(claims: Iterable[Claim]) -> str:
    """Return claims as text by endpoint, ready to paste for its support."""
    by_host: dict[str, list[Claim]] = {}
    for claim in claims:
        by_host.setdefault(claim.host, []).append(claim)
    if not by_host:
        return phrase("store.no_claims")
    parts = []
    for host, group in by_host.items():
        # Names and reasons are a stranger's.
        lines = [phrase("store.claims", host=printable(host), count=len(group))]
        for claim in group:
            lines += ["", f"@{claim.number}  {moment(claim.sent)}  {printable(claim.model)}"]
            facts = {
                phrase("store.request_id"): claim.request_id,
                phrase("store.idempotency_key"): claim.idempotency_key,
                "job": claim.job,
                phrase("store.what_came"): claim.reason,
                phrase("store.fetch_free"): f"history[{claim.number}].fetch()"
                if claim.fetchable
                else "",
            }
            lines += [f"    {name}: {printable(value)}" for name, value in facts.items() if value]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
