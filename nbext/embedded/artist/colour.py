"""Colours as "#rrggbb": mixing, inking, and lightness."""

from __future__ import annotations

import functools


@functools.lru_cache(maxsize=4096)
def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@functools.lru_cache(maxsize=4096)
def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` (0 to 1) of `other` in it.

    Example:
        >>> mix("#000000", "#ffffff", 0.5)
        '#808080'
    """
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@functools.lru_cache(maxsize=4096)
def inked(colour: str, water: float) -> str:
    """Return a colour as ink on rice paper; `water` (0 to 1) makes it paler.

    Example:
        >>> inked("#ffffff", 0.5)
        '#faf6eb'
    """
    return mix("#1d1e27", "#faf6eb", 1 - (1 - lightness(colour)) * (1 - water))


@functools.lru_cache(maxsize=4096)
def lightness(colour: str) -> float:
    """Return how light a colour looks, 0 to 1 (the luma of ITU-R BT.601)."""
    red, green, blue = channels(colour)
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
