"""The budget: limits for requests and costs, which are checked before anything is sent."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import msgspec

from nbext.errors import BudgetError, OptionError
from nbext.families.prices import Cost
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.config.settings import Nbext
    from nbext.data.record import Record

# The last drawings of a model that say what the next one costs.
_RECENT = 50


class KeyBudget(msgspec.Struct, frozen=True):
    """The budget of a key as reported by the endpoint, in US dollars; None if not reported.

    Example:
        >>> str(KeyBudget(1.25, 5.0)), str(KeyBudget(1.25, None))
        ('1.25 of 5 USD spent', '1.25 USD spent')
    """

    spend: float | None
    most: float | None

    def __str__(self) -> str:
        if self.spend is None:
            return phrase("session.key_most", most=self.most)
        if self.most is None:
            return phrase("session.key_spent", spend=self.spend)
        return phrase("session.key_spent_of", spend=self.spend, most=self.most)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of one sweep; 0 for none.

    Attributes:
        max_requests: The number of requests that it may send.
        max_cost: What they may cost, in US dollars.
    """

    max_requests: int = 0
    max_cost: float = 0.0

    def refuse(self, count: int, cost: float, spent: float | None = None) -> None:
        """Check requests against the limits before they are sent.

        Args:
            count: The number of requests.
            cost: What all of them cost, as far as it is known.
            spent: What the sweep has spent so far; None if it has sent nothing.

        Raises:
            BudgetError: They would exceed a limit.
        """
        if self.max_requests and count > self.max_requests:
            raise BudgetError(
                phrase("sweep.too_many_requests", count=count, most=self.max_requests),
                remedy=phrase("sweep.raise_requests", count=count),
            )
        total = (spent or 0.0) + cost
        if self.max_cost and total > self.max_cost:
            raise BudgetError(
                phrase(
                    "sweep.too_much_money",
                    total=total,
                    most_usd=self.max_cost,
                    sent=sent_so_far(spent),
                ),
                remedy=phrase("sweep.raise_cost", total=total),
            )


def sent_so_far(spent: float | None) -> str:
    """Say whether a refused sweep has sent anything; ``spent`` is None if it has not."""
    return phrase("sweep.not_sent" if spent is None else "sweep.sent_no_more")


def limits_of(max_requests: object, max_cost: object) -> Limits:
    """Check the limits of a sweep.

    Raises:
        OptionError: One is negative, or not a number.

    Example:
        >>> limits_of(None, 2)
        Limits(max_requests=0, max_cost=2.0)
    """
    for name, value, kinds in (
        ("max_requests", max_requests, int),
        ("max_cost", max_cost, int | float),
    ):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < math.inf:
            raise OptionError(phrase("sweep.bad_limit", name=name, value=value))
    return Limits(
        max_requests=max_requests if isinstance(max_requests, int) else 0,
        max_cost=float(max_cost) if isinstance(max_cost, int | float) else 0.0,
    )


class Ledger:
    """What a kernel has sent and spent, and what is under way."""

    def __init__(self) -> None:
        self.sent = 0
        self.spent = 0.0
        self.under_way: dict[int, float] = {}
        self.next = 0
        self.lock = threading.Lock()


class Budget:
    """Counts a kernel's requests to paid endpoints, including running ones.

    Args:
        settings: ``max_requests`` and ``max_cost`` are the limits, 0 for none.
        ledger: The requests that count; by default its own.
        strict: Whether a request without a known price is refused where only ``max_cost`` limits.

    Attributes:
        keys: The last reported budget of each key, by host.
    """

    def __init__(
        self, settings: Nbext, *, ledger: Ledger | None = None, strict: bool = False
    ) -> None:
        self._settings = settings
        self._strict = strict
        self._ledger = ledger or Ledger()
        self.keys: dict[str, KeyBudget] = {}

    @property
    def sent(self) -> int:
        """The number of finished requests."""
        return self._ledger.sent

    @property
    def spent(self) -> float:
        """Their cost in US dollars, as far as it is known."""
        return self._ledger.spent

    @property
    def under_way(self) -> int:
        """The number of reserved and running requests."""
        return len(self._ledger.under_way)

    @property
    def left(self) -> str:
        """Describe what is left of the limits. Empty if there are none."""
        parts = []
        if self._settings.max_requests:
            left = max(0, self._settings.max_requests - self.sent - self.under_way)
            parts.append(phrase("session.requests_left", count=left))
        if self._settings.max_cost:
            left_usd = self._settings.max_cost - self.spent - sum(self._ledger.under_way.values())
            parts.append(phrase("session.budget_left", value=max(0.0, left_usd)))
        return " · ".join(parts)

    def reserve(self, count: int, cost: Cost | None, *, sent: str = "") -> list[int]:
        """Reserve requests before they are sent. Running requests count.

        Args:
            count: The number of requests.
            cost: The cost of one request, or None if unknown.
            sent: What has been sent, in words; by default nothing.

        Returns:
            A ticket for each, for ``release``.

        Raises:
            BudgetError: They would exceed the budget. Nothing was reserved.
        """
        each = cost.usd if cost is not None else 0.0
        most, most_usd = self._settings.max_requests, self._settings.max_cost
        if self._strict and cost is None and most_usd and not most:
            raise BudgetError(
                phrase("session.no_price", most_usd=most_usd, sent=sent or sent_so_far(None)),
                remedy=phrase("session.limit_requests"),
            )
        with self._ledger.lock:
            requests = self.sent + self.under_way + count
            if most and requests > most:
                raise BudgetError(
                    phrase(
                        "session.too_many_requests",
                        count=count,
                        requests=requests,
                        most=most,
                        sent=sent or sent_so_far(None),
                    ),
                    remedy=phrase("session.raise_requests", requests=requests),
                )
            total = self.spent + sum(self._ledger.under_way.values()) + each * count
            if most_usd and total > most_usd:
                raise BudgetError(
                    phrase(
                        "session.too_much_money",
                        count=count,
                        each=each,
                        total=total,
                        most_usd=most_usd,
                        sent=sent or sent_so_far(None),
                    ),
                    remedy=phrase("session.raise_cost", total=total),
                )
            tickets = list(range(self._ledger.next, self._ledger.next + count))
            self._ledger.next += count
            self._ledger.under_way |= dict.fromkeys(tickets, each)
            return tickets

    def release(self, ticket: int) -> None:
        """End a reservation, because the request has been counted or was never sent."""
        with self._ledger.lock:
            self._ledger.under_way.pop(ticket, None)

    def note_key(self, host: str, spend: float | None, most: float | None) -> None:
        """Store the key's budget if the endpoint has reported it."""
        if spend is not None or most is not None:
            self.keys[host] = KeyBudget(spend, most)

    def settle(self, cost: float | None) -> None:
        """Count a finished request."""
        with self._ledger.lock:
            self._ledger.sent += 1
            self._ledger.spent += cost or 0.0


def recorded_cost(records: Sequence[Record], model: str, host: str) -> Cost | None:
    """Return the most that a recent drawing of a model cost at an endpoint, if it said so."""
    costs = [
        record.cost
        for record in records
        if record.model == model and record.host == host and record.cost is not None
    ]
    return Cost(usd=max(costs[-_RECENT:]), source="", is_own=True) if costs else None


def question(count: int, total: Cost | None, host: str, seconds: float | None = None) -> str:
    """Return the question whether to send requests, with their number, price and time.

    Example:
        >>> question(40, None, "relay.example")
        '40 requests to relay.example, price unknown. Send them?'
    """
    price = f"{total}" if total is not None else phrase("session.price_unknown")
    time = phrase("session.about_seconds", seconds=seconds) if seconds else ""
    return phrase("session.question", count=count, host=host, price=price, time=time)
