"""Random numbers that are the same on every machine: splitmix64, seeded with a hash."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Rng:
    """A stream of random numbers that depends only on its seed.

    Example:
        >>> Rng("cat", 1).integer(6) == Rng("cat", 1).integer(6)
        True
    """

    def __init__(self, *parts: object) -> None:
        digest = hashlib.blake2b(repr(parts).encode("utf-8", "replace"), digest_size=8).digest()
        self._state = int.from_bytes(digest, "big")

    def _next(self) -> int:
        # Steele, Lea and Flood: "Fast splittable pseudorandom number generators", 2014.
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def fork(self, name: str) -> Rng:
        """Return an independent stream, without advancing this one."""
        return Rng(name, self._state)

    def integer(self, sides: int) -> int:
        """Return a whole number from 0 to `sides` - 1."""
        return self._next() % max(1, sides)

    def uniform(self, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        return low + (high - low) * (self._next() / _MASK)

    def choice(self, things: Sequence[T]) -> T:
        """Return one of `things`."""
        return things[self.integer(len(things))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Return `things` in another order."""
        left = list(things)
        return [left.pop(self.integer(len(left))) for _ in range(len(left))]

    def noise(self, size: int) -> bytes:
        """Return `size` bytes of even noise."""
        seed = self._next().to_bytes(8, "big")
        return hashlib.shake_128(seed).digest(size)
