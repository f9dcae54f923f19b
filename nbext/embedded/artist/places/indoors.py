"""Places indoors, and plain paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.embedded.artist.colour import mix
from nbext.embedded.artist.lettering import lettering

from .parts import stamp

if TYPE_CHECKING:
    from nbext.embedded.artist.backdrop import Backdrop


def room(b: Backdrop) -> None:
    """A wall with a window, a floor with a rug."""
    wall = b.tone(b.rng.choice(("#f3d9c0", "#cfe0d4", "#d8d6ea", "#f4e3b5", "#c9dce6")))
    wall = mix(wall, "#ffcf8a", 0.22) if b.time == "night" else wall
    b.rect(0, 0, b.w, b.h, wall)
    for n in range(12):
        b.rect(b.w * n / 12, 0, b.w / 24, b.h * 0.7, mix(wall, "#ffffff", 0.18))
    floor = b.tone("#c99b6c")
    b.rect(0, b.h * 0.7, b.w, b.h * 0.3, floor)
    for n in range(1, 5):
        b.rect(0, b.h * (0.7 + 0.065 * n), b.w, b.u * 0.003, mix(floor, "#4a2f20", 0.2))
    b.rect(0, b.h * 0.685, b.w, b.h * 0.02, mix(wall, "#ffffff", 0.6))
    side = b.rng.integer(2)
    x, y, s = b.w * (0.12 if side else 0.58), b.h * 0.12, b.u * 0.3
    top = {"day": "#aadcf3", "morning": "#fbd5b0", "sunset": "#f39a7a", "night": "#1f2a5a"}[b.time]
    b.rect(x - s * 0.05, y - s * 0.05, s * 1.1, s * 1.1, b.tone("#fffaf0"), 6)
    b.rect(x, y, s, s, top)
    if b.time == "night":
        for _ in range(8):
            b.circle(
                x + s * b.rng.uniform(0.05, 0.95),
                y + s * b.rng.uniform(0.05, 0.9),
                s * 0.012,
                "#fff6d8",
            )
    else:
        b.path(
            f"M{x:.0f} {y + s * 0.8:.0f} q{s * 0.3:.0f} "
            f"{-s * 0.2:.0f} {s * 0.55:.0f} {-s * 0.04:.0f} "
            f"t{s * 0.45:.0f} {-s * 0.06:.0f} V{y + s:.0f} H{x:.0f}Z",
            b.tone("#8cc06c"),
        )
    outside = [str(item["name"]) for item in b.window][:4]
    if not outside:
        light = "#ffefb8" if b.time == "night" else "#ffe27a"
        b.circle(x + s * 0.7, y + s * 0.28, s * 0.1, light)
    for n, name in enumerate(outside):
        tall = s * (0.4 if len(outside) == 1 else 0.26)
        spot = 0.72 if len(outside) == 1 else (n + 0.5) / len(outside)
        light, b.time = b.time, "day"
        stamp(b, name, x + s * spot, y + s * 0.1 + tall * (1 + 0.3 * (n % 2)), tall)
        b.time = light
    b.rect(x + s * 0.48, y, s * 0.04, s, b.tone("#fffaf0"))
    b.rect(x, y + s * 0.48, s, s * 0.04, b.tone("#fffaf0"))
    curtain = b.tone(b.rng.choice(("#e58a7a", "#7fa8c4", "#9cbb86", "#d9a5c0")))
    for near, far in ((x - s * 0.14, x + s * 0.1), (x + s * 1.14, x + s * 0.9)):
        b.path(
            f"M{near:.0f} {y - s * 0.1:.0f} H{far:.0f} Q{far:.0f} {y + s * 0.7:.0f} "
            f"{(near * 3 + far) / 4:.0f} {y + s * 1.2:.0f} H{near:.0f}Z",
            curtain,
        )
    b.rect(x - s * 0.22, y - s * 0.14, s * 1.44, s * 0.05, b.tone("#8a5b3e"), 4)
    px = b.w * (0.66 if side else 0.14)
    b.rect(px, b.h * 0.18, b.u * 0.2, b.u * 0.16, b.tone("#a8733f"), 4)
    b.rect(px + b.u * 0.014, b.h * 0.18 + b.u * 0.014, b.u * 0.172, b.u * 0.132, b.tone("#eaf2ea"))
    b.circle(px + b.u * 0.13, b.h * 0.18 + b.u * 0.055, b.u * 0.018, b.tone("#f2b84a"))
    b.path(
        f"M{px + b.u * 0.014:.0f} {b.h * 0.18 + b.u * 0.146:.0f} "
        f"l{b.u * 0.06:.0f} {-b.u * 0.07:.0f} "
        f"l{b.u * 0.05:.0f} {b.u * 0.05:.0f} l{b.u * 0.03:.0f} {-b.u * 0.02:.0f} "
        f"l{b.u * 0.032:.0f} {b.u * 0.04:.0f}Z",
        b.tone("#7fa88c"),
    )
    if not {"lamp", "pot"} & b.named:
        stamp(
            b, b.rng.choice(("lamp", "pot")), b.w * (0.92 if side else 0.08), b.h * 0.75, b.u * 0.32
        )
    rug = b.tone(b.rng.choice(("#d9806a", "#7f9fc0", "#c9a0b8", "#8fb09a")))
    b.ellipse(b.w * 0.5, b.h * 0.89, b.w * 0.42, b.h * 0.075, rug)
    b.ellipse(b.w * 0.5, b.h * 0.89, b.w * 0.36, b.h * 0.056, mix(rug, "#fff6e6", 0.35))


def classroom(b: Backdrop) -> None:
    """A blackboard with chalk on it, and desks at the sides."""
    wall = b.tone(b.rng.choice(("#f6e7c8", "#dfeae0", "#e3e6f2")))
    b.rect(0, 0, b.w, b.h, wall)
    b.rect(0, b.h * 0.6, b.w, b.h * 0.12, mix(wall, b.tone("#b98a5a"), 0.4))
    floor = b.tone("#cfa677")
    b.rect(0, b.h * 0.72, b.w, b.h * 0.28, floor)
    for n in range(1, 4):
        b.rect(0, b.h * (0.72 + 0.075 * n), b.w, b.u * 0.003, mix(floor, "#4a2f20", 0.2))
    x, y, w, h = b.w * 0.12, b.h * 0.12, b.w * 0.76, b.h * 0.42
    b.rect(x - b.u * 0.02, y - b.u * 0.02, w + b.u * 0.04, h + b.u * 0.04, b.tone("#a8733f"), 6)
    b.rect(x, y, w, h, b.tone("#3f6b58"), 3)
    b.rect(x + w * 0.1, y + h + b.u * 0.018, w * 0.8, b.u * 0.018, b.tone("#8a5b3e"), 3)
    chalk, pen = b.tone("#eef4ee"), b.u * 0.006
    text = next((item.get("text") for item in b.window if item["name"] == "blackboard"), None)
    if text:
        b.add(lettering(text, (x + w * 0.08, y + h * 0.12, w * 0.84, h * 0.76), chalk, bold=0.8))
    elif "blackboard" not in b.named:
        _lesson(b, x, y, w, h, chalk, pen)
    for k, tone in enumerate(("#f6d36b", "#f3a0b0", "#fdfaf2")):
        b.rect(x + w * (0.7 + 0.05 * k), y + h + b.u * 0.01, w * 0.035, b.u * 0.01, b.tone(tone), 2)
    for side in (0.02, 0.8):
        dx = b.w * side
        b.rect(dx, b.h * 0.76, b.w * 0.18, b.u * 0.03, b.tone("#b9814c"), 4)
        for leg in (0.01, 0.155):
            b.rect(dx + b.w * leg, b.h * 0.76, b.u * 0.014, b.h * 0.14, b.tone("#7f8896"))
    stamp(b, "book", b.w * 0.1, b.h * 0.765, b.u * 0.06)
    stamp(b, "apple", b.w * 0.89, b.h * 0.765, b.u * 0.06)


def _lesson(b: Backdrop, x: float, y: float, w: float, h: float, chalk: str, pen: float) -> None:
    """Draw a triangle, some lines and a circle on the blackboard."""
    s = b.u * 0.1
    cx, cy = x + w * 0.17, y + h * 0.34
    b.stroke(f"M{cx:.0f} {cy - s * 0.7:.0f} l{s:.0f} {s * 1.2:.0f} h{-s * 2:.0f}Z", chalk, pen, 0.9)
    cx = x + w * 0.84
    b.add(
        f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="{s * 0.66:.0f}" fill="none" stroke="{chalk}" '
        f'stroke-width="{pen:.1f}" stroke-opacity="0.9"/>'
    )
    b.stroke(f"M{cx:.0f} {cy:.0f} l{s * 0.5:.0f} {-s * 0.42:.0f}", chalk, pen, 0.9)
    for n in range(3):
        ly, wide = y + h * (0.16 + 0.13 * n), w * b.rng.uniform(0.14, 0.24)
        d = f"M{x + w * 0.36:.0f} {ly:.0f}"
        for _ in range(6):
            d += f" q{wide / 24:.1f} {-s * 0.24:.1f} {wide / 12:.1f} 0 t{wide / 12:.1f} 0"
        b.stroke(d, chalk, pen, 0.8)


def lab(b: Backdrop) -> None:
    """Shelves with glass, and a bench."""
    wall = b.tone(b.rng.choice(("#dcebee", "#e4eaf3", "#e7efe4")))
    b.gradient("wall", mix(wall, "#ffffff", 0.4), wall)
    for row in range(2):
        y = b.h * (0.24 + 0.19 * row)
        b.rect(b.w * 0.06, y, b.w * 0.88, b.u * 0.018, b.tone("#b9c4cf"), 3)
        n = 0.1
        while n < 0.88:
            tone = b.rng.choice(("#5fc0a8", "#f28aae", "#f2b63c", "#6f9fe0", "#8f7fd0"))
            tall = b.u * b.rng.uniform(0.08, 0.12)
            if b.rng.integer(3):
                stamp(b, "flask", b.w * n, y, tall, tone, 0.9)
            else:
                b.rect(b.w * n - tall * 0.2, y - tall, tall * 0.4, tall, b.tone("#f4f8fa"), 4)
                b.rect(
                    b.w * n - tall * 0.2, y - tall * 0.62, tall * 0.4, tall * 0.62, b.tone(tone), 4
                )
            n += b.rng.uniform(0.1, 0.15)
    bench = b.tone("#8fa3b5")
    b.rect(0, b.h * 0.66, b.w, b.h * 0.34, b.tone("#eef2f5"))
    b.rect(0, b.h * 0.66, b.w, b.h * 0.022, bench)
    for n in range(5):
        b.rect(b.w * (0.02 + 0.2 * n), b.h * 0.72, b.w * 0.16, b.h * 0.24, b.tone("#dde5eb"), 5)
        b.rect(b.w * (0.08 + 0.2 * n), b.h * 0.745, b.w * 0.04, b.h * 0.008, bench, 2)


def table(b: Backdrop) -> None:
    """A still life: a cloth before a plain wall."""
    wall = b.tone(b.rng.choice(("#f6dfc4", "#cfe3dd", "#e6d8ec", "#fae7b4", "#d3e3f0")))
    b.gradient("wall", mix(wall, "#ffffff", 0.3), wall)
    b.circle(
        b.w * b.rng.uniform(0.35, 0.65), b.h * 0.42, b.u * 0.36, mix(wall, "#ffffff", 0.4), 0.7
    )
    cloth = b.tone(b.rng.choice(("#e9f0ee", "#f7e6d8", "#e3e8f4")))
    wood = b.tone("#c08a58")
    b.rect(0, b.h * 0.62, b.w, b.h * 0.38, wood)
    b.rect(0, b.h * 0.62, b.w, b.h * 0.012, mix(wood, "#ffffff", 0.3))
    for n in range(1, 4):
        b.rect(0, b.h * (0.62 + 0.1 * n), b.w, b.u * 0.003, mix(wood, "#4a2f20", 0.25))
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.42, b.h * 0.12, cloth)
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.38, b.h * 0.102, mix(cloth, b.tone("#d98a7a"), 0.2))
    b.ellipse(b.w * 0.5, b.h * 0.82, b.w * 0.365, b.h * 0.096, cloth)


def plain(b: Backdrop) -> None:
    """Soft paper with a disc behind the figures."""
    paper = b.tone(b.rng.choice(("#fbf0dd", "#e6f1ee", "#f3e8f1", "#fdf3cf", "#e6eef8")))
    disc = b.tone(b.rng.choice(("#f7cdb0", "#b9ddd2", "#d9c6e8", "#f8de93", "#b9d2ee")))
    if b.ground:
        paper = b.tone(mix(b.ground, "#fffaee", 0.2))
        disc = mix(paper, "#ffffff", 0.25)
    elif b.time == "night" and not b.ink:
        paper, disc = "#2c3263", mix(disc, "#2c3263", 0.55)
    b.rect(0, 0, b.w, b.h, paper)
    b.circle(b.w * 0.5, b.h * 0.48, b.u * 0.38, disc)
    if b.time == "night" and "star" not in b.named:
        b.stars(30)
    for n in range(10):
        x, y = b.w * b.rng.uniform(0.04, 0.96), b.h * b.rng.uniform(0.04, 0.7)
        if abs(x - b.w / 2) < b.u * 0.4 and abs(y - b.h * 0.48) < b.u * 0.4:
            continue
        b.circle(x, y, b.u * b.rng.uniform(0.006, 0.014), mix(disc, paper, 0.2 * (n % 3)))
