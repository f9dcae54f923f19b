"""Smooth lines through points."""

from __future__ import annotations


def curve(points: list[tuple[float, float]]) -> str:
    """Return a smooth path through points (Catmull-Rom as cubic Béziers)."""
    d = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for i in range(len(points) - 1):
        a, b = points[max(0, i - 1)], points[i]
        c, e = points[i + 1], points[min(len(points) - 1, i + 2)]
        d += (
            f" C{b[0] + (c[0] - a[0]) / 6:.1f} {b[1] + (c[1] - a[1]) / 6:.1f}"
            f" {c[0] - (e[0] - b[0]) / 6:.1f} {c[1] - (e[1] - b[1]) / 6:.1f} {c[0]:.1f} {c[1]:.1f}"
        )
    return d
