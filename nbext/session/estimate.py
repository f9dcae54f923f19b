"""Estimate how many requests a sweep would send, their cost, and their duration."""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from nbext.errors import OptionError
from nbext.families.check import refuse
from nbext.families.prices import Cost
from nbext.families.registry import is_known
from nbext.messages.say import phrase
from nbext.session.budget import recorded_cost
from nbext.session.notices import resending_warnings
from nbext.store.claims import is_resumable
from nbext.store.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nbext.data.endpoint import Endpoint
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.session.session import Session
    from nbext.session.sweep_plan import Plan
    from nbext.store.replay import Match

# The number of latest drawings of a model that predict the next one's duration.
_RECENT = 50
_MINUTE = 60.0
# The number of errors to list; further ones are counted.
_NAMED = 3
# Stands for the host of requests that are sent nowhere.
EMBEDDED = "embedded"


class ModelEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep would send to one model.

    Attributes:
        model: Its name.
        new: The number of new drawings.
        cost: Their total cost, None if unknown.
        seconds: The recent duration of one drawing, None if none is recorded.
        is_free: Whether the embedded endpoint draws them.
    """

    model: str
    new: int
    cost: Cost | None
    seconds: float | None
    is_free: bool = False

    def __str__(self) -> str:
        parts = [f"{self.model}: {self.new:,}"]
        price = str(self.cost) if self.cost is not None else phrase("sweep.price_unknown")
        parts.append(phrase("sweep.free") if self.is_free else price)
        parts += [phrase("sweep.each", seconds=_seconds(self.seconds))] if self.seconds else []
        return " · ".join(parts)


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep would send.

    Attributes:
        drawings: The number of drawings in all.
        new: The number of drawings that are not recorded.
        models: The new drawings by model.
        host: The host that receives the requests.
        seconds: The total duration, None if the history does not tell.
        warnings: Warnings about options that models do not accept.
        unanswered: Warnings about requests that were sent before, without an answer.
    """

    drawings: int
    new: int
    models: tuple[ModelEstimate, ...]
    host: str
    seconds: float | None
    warnings: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether nothing would be paid: all is recorded, or the embedded endpoint draws."""
        return not self.new or self.host == EMBEDDED

    @property
    def shown_host(self) -> str:
        """The host, in words."""
        names = self.host.split(", ")
        here = phrase("sweep.the_embedded")
        return ", ".join(here if name == EMBEDDED else name for name in names)

    @property
    def cost(self) -> float | None:
        """The cost of the new drawings in US dollars, None if a price is unknown."""
        if self.is_free:
            return 0.0
        costs = [model.cost for model in self.models]
        if any(cost is None for cost in costs):
            return None
        return round(sum(cost.usd for cost in costs if cost is not None), 6)

    @property
    def total(self) -> Cost | None:
        """The cost as a price with its source; None if a price is unknown."""
        if self.cost is None or not self.new:
            return None
        known = [model.cost for model in self.models if model.cost is not None]
        sources = dict.fromkeys(cost.source for cost in known if not cost.is_own)
        return Cost(
            usd=self.cost,
            source=", ".join(sources),
            at_most=any(cost.at_most for cost in known),
            is_own=not sources,
        )

    def __str__(self) -> str:
        parts = [
            phrase("history.drawings", count=self.drawings),
            phrase("sweep.recorded", value=self.drawings - self.new),
        ]
        parts.append(
            phrase("sweep.to_send", new=self.new, host=self.shown_host)
            if self.new
            else phrase("sweep.nothing_to_send")
        )
        if not self.is_free:
            total = self.total
            parts.append(str(total) if total is not None else phrase("sweep.price_unknown"))
        if self.seconds:
            parts.append(phrase("sweep.about", seconds=_seconds(self.seconds)))
        lines = [" · ".join(parts)]
        if len(self.models) > 1:
            lines += [f"  {model}" for model in self.models]
        return "\n".join([*lines, *self.unanswered, *self.warnings])


def _seconds(seconds: float) -> str:
    return (
        phrase("sweep.seconds", seconds=seconds)
        if seconds < 2 * _MINUTE
        else phrase("sweep.minutes", value=seconds / _MINUTE)
    )


async def estimate(
    session: Session,
    plan: Plan,
    requests: Sequence[Request],
    *,
    skipped: Collection[str] = (),
    factor: float = 1.0,
) -> Estimate:
    """Estimate a sweep without sending it.

    The endpoint's list of models is requested once, which is free.

    Args:
        session: The session.
        plan: The sweep.
        requests: Its planned requests.
        skipped: Fingerprints and takes of drawings that are pending elsewhere.
        factor: The factor to apply to prices.

    Raises:
        OptionError: A model does not accept its request, or the endpoint has no such model.
    """
    # A separate replay state, so that estimating changes nothing.
    replay, records = Replay(session.store.is_whole), session.store.records()
    new: Counter[str] = Counter()
    costs: dict[str, float | None] = {}
    prices: dict[str, Cost] = {}
    recorded: dict[tuple[str, str], Cost | None] = {}
    hosts: dict[str, None] = {}
    fresh: list[tuple[Request, Endpoint, int]] = []
    unanswered: list[Match] = []
    for place, request in zip(plan.places, requests, strict=True):
        endpoint = await session.endpoint(request.endpoint)
        matches = [
            replay.match(
                request,
                take,
                store=session.store,
                shown=session.history.shown_requests,
                mode="never" if place.options.fresh else "always",
                cell="",
                session=session.id,
                embedded=endpoint.embedded,
            )
            for take in range(place.options.takes)
            if not skipped or f"{request.fingerprint()}.{take}" not in skipped
        ]
        if new_ones := [match for match in matches if match.record is None]:
            fresh.append((request, endpoint, len(new_ones)))
            unanswered += [match for match in new_ones if _is_unanswered(match, endpoint)]
    for endpoint in {endpoint.base_url: endpoint for _, endpoint, _ in fresh}.values():
        await session.connection.ask_models(endpoint)
    warnings = _check(session, [(request, endpoint) for request, endpoint, _ in fresh])
    for request, endpoint, missing in fresh:
        hosts[EMBEDDED if endpoint.embedded else endpoint.host] = None
        new[request.model] += missing
        if endpoint.embedded:
            costs.setdefault(request.model, 0.0)
            continue
        price = session.connection.cost(request, endpoint)
        if price is None:
            where = request.model, endpoint.host
            if where not in recorded:
                recorded[where] = recorded_cost(records, *where)
            price = recorded[where]
        before = costs.get(request.model, 0.0)
        if price is None or before is None:
            costs[request.model] = None
        else:
            costs[request.model] = before + price.usd * missing * factor
        if price is not None:
            prices[request.model] = _vaguer(prices.get(request.model, price), price)
    models = tuple(
        ModelEstimate(
            model=model,
            new=count,
            cost=_cost_of(prices.get(model), costs[model]),
            seconds=_recent(records, model, hosts),
            is_free=list(hosts) == [EMBEDDED],
        )
        for model, count in new.items()
    )
    return Estimate(
        drawings=plan.count,
        new=new.total(),
        models=models,
        host=", ".join(hosts),
        seconds=_duration(session, models) if factor == 1 else None,
        warnings=(*plan.warnings, *warnings),
        unanswered=tuple(resending_warnings(unanswered)),
    )


def _is_unanswered(match: Match, endpoint: Endpoint) -> bool:
    """Return whether a request is sent again that had no answer, and none can be fetched now."""
    record = match.unfinished
    if record is None:
        return bool(match.reason)
    return not (is_resumable(record) and record.host == endpoint.host)


def _vaguer(one: Cost, other: Cost) -> Cost:
    return one if one.at_most else other


def _cost_of(price: Cost | None, usd: float | None) -> Cost | None:
    if price is None or usd is None:
        return None
    return msgspec.structs.replace(price, usd=round(usd, 6))


def _check(session: Session, pairs: Sequence[tuple[Request, Endpoint]]) -> list[str]:
    """Check all requests before anything is sent.

    Returns:
        The warnings, without duplicates.

    Raises:
        OptionError: A request cannot be drawn.
    """
    connection, records = session.connection, session.store.records
    warnings: dict[str, None] = {}
    problems: dict[str, OptionError] = {}
    for request, endpoint in pairs:
        try:
            connection.refuse_unlisted(request, endpoint, records)
            name, _ = connection.call(request, endpoint)
            if request.via or is_known(request.model, connection.families):
                warnings |= dict.fromkeys(refuse(connection.notices(request, endpoint, name)))
        except OptionError as error:
            problems.setdefault(str(error), error)
    if problems:
        first_problems = list(problems.values())[:_NAMED]
        more = len(problems) - len(first_problems)
        rest = phrase("sweep.more_of_kind", more=more) if more > 0 else ""
        first, *others = first_problems
        message = " ".join([*(f"{error}" for error in others), first.message])
        raise OptionError(
            phrase("sweep.nothing_sent", message=message, rest=rest), remedy=first.remedy
        )
    return list(warnings)


def _recent(records: Sequence[Record], model: str, hosts: Iterable[str]) -> float | None:
    """Return the recent duration of a model's drawings, on the same endpoint if recorded."""
    alike = [r for r in records if r.model == model and r.elapsed and r.error is None]
    here = [r.elapsed for r in alike if (EMBEDDED if r.embedded else r.host) in hosts]
    times = (here or [r.elapsed for r in alike])[-_RECENT:]
    return median(times) if times else None


def _duration(session: Session, models: Sequence[ModelEstimate]) -> float | None:
    """Return the duration of the whole sweep within the settings' limits."""
    known = [model for model in models if model.seconds]
    if not known:
        return None
    count = sum(model.new for model in models)
    settings = session.settings
    one = sum((model.seconds or 0.0) * model.new for model in known) / sum(m.new for m in known)
    longest = max(model.seconds or 0.0 for model in known)
    waves = math.ceil(count / settings.max_concurrent) if settings.max_concurrent else 1
    minutes = (count - 1) // settings.max_per_minute if settings.max_per_minute else 0
    return max(one * waves, longest, minutes * _MINUTE)
