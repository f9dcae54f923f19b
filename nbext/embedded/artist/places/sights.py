"""Sights that fill the picture: the Great Wall, a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix

from .parts import decor, snowy, stamp

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def greatwall(b: Backdrop) -> None:
    """A wall with towers that climbs from ridge to ridge."""
    b.sky()
    base = b.rng.choice(("#8ea6c4", "#9a9fc6", "#8fb0b8"))
    b.peaks(0.66, 0.34, b.tone(mix(base, "#ffffff", 0.4)), None, 3)
    green = b.rng.choice(("#86ab7c", "#8fae72", "#7fa886"))
    b.hill(0.56, 0.05, b.tone(snowy(b, mix(green, "#dbe6ee", 0.35))), 2.2)
    left = b.rng.integer(2) == 1

    def at(x: float, y: float) -> tuple[float, float]:
        return b.w * (x if left else 1 - x), b.h * y

    # From far to near: a ridge, then the wall along it, wider towards the viewer.
    stretches = (
        ((0.98, 0.4), (0.86, 0.455), (0.72, 0.42), (0.6, 0.475), 0.018, 0.032),
        ((0.6, 0.475), (0.42, 0.55), (0.3, 0.5), (0.2, 0.565), 0.032, 0.05),
        ((0.2, 0.565), (0.3, 0.66), (0.52, 0.64), (0.72, 0.7), 0.05, 0.085),
        ((0.72, 0.7), (0.9, 0.74), (1.0, 0.72), (1.1, 0.76), 0.085, 0.1),
    )
    stone, shade = b.tone("#d8c7a4"), b.tone("#b09c7c")
    for number, (p, q, r, s, start, end) in enumerate(stretches):
        points = []
        for step in range(25):
            t = step / 24
            k = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x = sum(w * c[0] for w, c in zip(k, (p, q, r, s), strict=True))
            y = sum(w * c[1] for w, c in zip(k, (p, q, r, s), strict=True))
            points.append((*at(x, y), b.u * (start + (end - start) * t)))
        ridge = b.tone(snowy(b, mix(green, "#dbe6ee", (0.25, 0.14, 0.04, 0.0)[number])))
        line = " L".join(f"{x:.1f} {y + tall * 0.2:.1f}" for x, y, tall in points)
        b.path(f"M{points[0][0]:.1f} {b.h:.1f} L{line} L{points[-1][0]:.1f} {b.h:.1f}Z", ridge)
        top = " L".join(f"{x:.1f} {y - tall:.1f}" for x, y, tall in points)
        foot = " L".join(f"{x:.1f} {y + tall * 0.3:.1f}" for x, y, tall in reversed(points))
        b.path(f"M{top} L{foot}Z", shade)
        walk = " L".join(f"{x:.1f} {y - tall * 0.45:.1f}" for x, y, tall in reversed(points))
        b.path(f"M{top} L{walk}Z", stone)
        for x, y, tall in points:
            b.rect(x - tall * 0.13, y - tall * 1.22, tall * 0.26, tall * 0.3, stone)
    towers = ((0.98, 0.4, 0.06), (0.6, 0.475, 0.1), (0.2, 0.565, 0.15), (0.73, 0.7, 0.22))
    for across, down, size in towers:
        cx, cy = at(across, down)
        tall, wide = b.u * size, b.u * size * 0.8
        b.rect(cx - wide / 2, cy - tall * 0.9, wide, tall * 1.12, stone)
        b.rect(cx + wide * 0.12, cy - tall * 0.9, wide * 0.38, tall * 1.12, shade)
        for n in range(4):
            b.rect(
                cx - wide * 0.58 + n * wide * 0.33, cy - tall * 1.04, wide * 0.2, tall * 0.18, stone
            )
        b.rect(cx - wide * 0.58, cy - tall * 0.92, wide * 1.16, tall * 0.1, shade)
        pane = "#ffe08a" if b.time == "night" else b.tone("#5f5040")
        b.rect(cx - wide * 0.3, cy - tall * 0.6, wide * 0.2, tall * 0.28, pane, tall * 0.08)
        b.rect(cx + wide * 0.06, cy - tall * 0.6, wide * 0.2, tall * 0.28, pane, tall * 0.08)
    b.hill(0.82, 0.02, b.tone(snowy(b, mix(green, "#6f9a58", 0.5))), 1.3)
    if "pine" not in b.named:
        for x in (0.05, 0.14, 0.88, 0.96):
            stamp(b, "pine", b.w * x, b.h * b.rng.uniform(0.84, 0.9), b.u * 0.13)
    decor(b, ("#ffffff", "#f2a0a0"), 14, 0.84)


def waterfall(b: Backdrop) -> None:
    """Water that falls between two cliffs into a pool."""
    b.sky()
    b.hill(0.4, 0.04, b.tone(snowy(b, "#a9cfae")), 2.4)
    rock, moss = b.tone("#8d8a94"), b.tone(snowy(b, "#7fae6a"))
    b.rect(0, b.h * 0.3, b.w, b.h * 0.5, mix(rock, "#2f2a50", 0.3))
    high, low = b.tone("#e6f6fb"), b.tone("#8fcbe2")
    x0, x1 = b.w * 0.38, b.w * 0.62
    b.add(
        f'<linearGradient id="fall" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{low}"/>'
        f'<stop offset="1" stop-color="{high}"/></linearGradient>'
        f'<rect x="{x0:.0f}" y="{b.h * 0.29:.0f}" width="{x1 - x0:.0f}" '
        f'height="{b.h * 0.47:.0f}" fill="url(#fall)"/>'
    )
    for _ in range(14):
        x, y = b.rng.uniform(x0, x1), b.h * b.rng.uniform(0.3, 0.6)
        b.stroke(f"M{x:.0f} {y:.0f} v{b.u * b.rng.uniform(0.06, 0.16):.0f}", high, b.u * 0.006, 0.9)
    for side in (-1, 1):
        edge = x0 if side < 0 else x1
        far = 0.0 if side < 0 else b.w
        for n, (y, reach) in enumerate(((0.24, 0.02), (0.36, 0.05), (0.5, 0.03), (0.62, 0.09))):
            inner = edge + side * -b.w * reach * b.rng.uniform(0.3, 1)
            tone = mix(rock, "#ffffff", 0.05 * (3 - n))
            b.path(
                f"M{far:.0f} {b.h * y:.0f} H{inner - side * -b.u * 0.03:.0f} "
                f"Q{inner:.0f} {b.h * y:.0f} {inner:.0f} {b.h * (y + 0.03):.0f} "
                f"V{b.h * 0.78:.0f} H{far:.0f}Z",
                tone if n % 2 else mix(tone, "#2f2a50", 0.1),
            )
            b.path(
                f"M{far:.0f} {b.h * y:.0f} H{inner - side * -b.u * 0.03:.0f} "
                f"q{side * -b.u * 0.04:.0f} {b.u * 0.012:.0f} {side * b.u * 0.01:.0f} "
                f"{b.u * 0.03:.0f} H{far:.0f}Z",
                moss,
            )
    for x in (0.05, 0.14, 0.86, 0.95):
        stamp(b, "tree", b.w * x, b.h * b.rng.uniform(0.25, 0.27), b.u * b.rng.uniform(0.13, 0.18))
    b.gradient("pool", low, b.tone("#4f9fc0"), b.h * 0.74, b.h * 0.12)
    for n in range(9):
        b.ellipse(x0 + (x1 - x0) * (n + 0.5) / 9, b.h * 0.757, b.u * 0.032, b.u * 0.02, high, 0.85)
    b.hill(0.83, 0.012, b.tone(snowy(b, "#86b866")), 1.3)
    for x in (0.06, 0.17, 0.85, 0.96):
        stamp(b, "bush", b.w * x, b.h * 0.86, b.u * 0.11)
    decor(b, ("#ffffff", "#f2a0c0"), 18, 0.86)
