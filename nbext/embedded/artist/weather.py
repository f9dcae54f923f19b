"""The weather in front of the figures: rain, snow, fog, wind, petals, leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .backdrop import Backdrop


def falling(b: Backdrop) -> None:
    """Add the weather in front of the figures: rain, snow, fog, petals, leaves."""
    weather = set(b.weather)
    if weather & {"rain", "storm"}:
        d = []
        for _ in range(110):
            x, y = b.w * b.rng.uniform(-0.05, 1.05), b.h * b.rng.uniform(-0.05, 1)
            n = b.u * b.rng.uniform(0.02, 0.045)
            d.append(f"M{x:.0f} {y:.0f} l{-n * 0.3:.1f} {n:.1f}")
        b.stroke("".join(d), "#eaf4fb", b.u * 0.0028, 0.62)
    if "storm" in weather:
        x, y, s = b.w * b.rng.choice((0.22, 0.78)), b.h * 0.05, b.u * 0.3
        b.path(
            f"M{x:.0f} {y:.0f} l{-s * 0.2:.0f} {s * 0.5:.0f} h{s * 0.14:.0f} l{-s * 0.12:.0f} "
            f"{s * 0.5:.0f} l{s * 0.34:.0f} {-s * 0.62:.0f} h{-s * 0.16:.0f} l{s * 0.14:.0f} "
            f"{-s * 0.38:.0f}Z",
            "#ffe27a",
        )
    if "snow" in weather:
        for _ in range(90):
            b.circle(
                b.w * b.rng.uniform(0, 1),
                b.h * b.rng.uniform(0, 1),
                b.u * b.rng.uniform(0.003, 0.009),
                "#ffffff",
                0.85,
            )
    if "fog" in weather:
        for n in range(4):
            y = b.h * (0.35 + 0.17 * n)
            b.ellipse(
                b.w * b.rng.uniform(0.2, 0.8),
                y,
                b.w * 0.7,
                b.h * 0.07,
                "#f2f4f6",
                0.3,
            )
    if "wind" in weather:
        for n in range(5):
            x, y = b.w * b.rng.uniform(0.02, 0.6), b.h * (0.12 + 0.14 * n)
            s = b.u * b.rng.uniform(0.12, 0.22)
            b.stroke(
                f"M{x:.0f} {y:.0f} q{s * 0.6:.0f} {-s * 0.2:.0f} {s * 1.2:.0f} 0 "
                f"q{s * 0.3:.0f} {s * 0.16:.0f} {s * 0.3:.0f} {-s * 0.1:.0f} "
                f"q{-s * 0.02:.0f} {-s * 0.18:.0f} {-s * 0.16:.0f} {-s * 0.12:.0f}",
                "#ffffff",
                b.u * 0.006,
                0.75,
            )
    for kind, colours in (
        ("petals", ("#f7b7c8", "#fbd3dc")),
        ("leaves", ("#d9803f", "#c9503f", "#e8b23f")),
    ):
        if kind in weather:
            for _ in range(42):
                x, y = b.w * b.rng.uniform(0, 1), b.h * b.rng.uniform(0, 1)
                s, turn = b.u * b.rng.uniform(0.008, 0.016), b.rng.integer(180)
                b.add(
                    f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{s:.1f}" ry="{s * 0.5:.1f}" '
                    f'fill="{b.rng.choice(colours)}" '
                    f'transform="rotate({turn} {x:.0f} {y:.0f})"/>'
                )
