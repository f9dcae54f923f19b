"""What may be sent and spent: limits that are checked before anything leaves."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from nbext.errors import BudgetError
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from nbext.config.settings import Nbext
    from nbext.families.prices import Cost


class KeyBudget(msgspec.Struct, frozen=True):
    """What an endpoint says of a key, in US dollars; None where it does not.

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


class Budget:
    """Counts what a kernel has sent to paid endpoints, and what is under way.

    Args:
        settings: ``max_requests`` and ``max_cost`` are the limits, 0 for none.

    Attributes:
        sent: Requests that have ended.
        spent: What they cost in US dollars, as far as anyone says.
        keys: What endpoints have said last of the key's own budget, by host.
    """

    def __init__(self, settings: Nbext) -> None:
        self._settings = settings
        self.sent = 0
        self.spent = 0.0
        self.keys: dict[str, KeyBudget] = {}
        self._under_way: dict[int, float] = {}
        self._next = 0
        self._lock = threading.Lock()

    @property
    def under_way(self) -> int:
        """How many requests are reserved or under way."""
        return len(self._under_way)

    @property
    def left(self) -> str:
        """Say what is left of the limits, empty where there are none."""
        parts = []
        if self._settings.max_requests:
            left = max(0, self._settings.max_requests - self.sent - self.under_way)
            parts.append(phrase("session.requests_left", count=left))
        if self._settings.max_cost:
            left_usd = self._settings.max_cost - self.spent - sum(self._under_way.values())
            parts.append(phrase("session.budget_left", value=max(0.0, left_usd)))
        return " · ".join(parts)

    def reserve(self, count: int, cost: Cost | None) -> list[int]:
        """Reserve requests that are about to be sent; what is under way counts.

        Args:
            count: How many.
            cost: Of one, None where nobody says.

        Returns:
            A ticket for each, for ``release``.

        Raises:
            BudgetError: They are more than is left; nothing is reserved.
        """
        each = cost.usd if cost is not None else 0.0
        most, most_usd = self._settings.max_requests, self._settings.max_cost
        with self._lock:
            requests = self.sent + len(self._under_way) + count
            if most and requests > most:
                raise BudgetError(
                    phrase("session.too_many_requests", count=count, requests=requests, most=most),
                    remedy=phrase("session.raise_requests", requests=requests),
                )
            total = self.spent + sum(self._under_way.values()) + each * count
            if most_usd and total > most_usd:
                raise BudgetError(
                    phrase(
                        "session.too_much_money",
                        count=count,
                        each=each,
                        total=total,
                        most_usd=most_usd,
                    ),
                    remedy=phrase("session.raise_cost", total=total),
                )
            tickets = list(range(self._next, self._next + count))
            self._next += count
            self._under_way |= dict.fromkeys(tickets, each)
            return tickets

    def release(self, ticket: int) -> None:
        """End a reservation: the request has ended and is counted, or was never sent."""
        with self._lock:
            self._under_way.pop(ticket, None)

    def note_key(self, host: str, spend: float | None, most: float | None) -> None:
        """Take what an endpoint says of the key's budget; nothing where it says nothing."""
        if spend is not None or most is not None:
            self.keys[host] = KeyBudget(spend, most)

    def settle(self, cost: float | None) -> None:
        """Count a request that has ended."""
        with self._lock:
            self.sent += 1
            self.spent += cost or 0.0


def question(count: int, total: Cost | None, host: str, seconds: float | None = None) -> str:
    """Ask whether requests are to be sent: how many, for how much in all, for how long.

    Example:
        >>> question(40, None, "relay.example")
        '40 requests to relay.example, price unknown. Send them?'
    """
    price = f"{total}" if total is not None else phrase("session.price_unknown")
    time = phrase("session.about_seconds", seconds=seconds) if seconds else ""
    return phrase("session.question", count=count, host=host, price=price, time=time)
