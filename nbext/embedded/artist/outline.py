"""Line drawings: white shapes with a pen outline."""

from __future__ import annotations

import re

from .colour import lightness, mix

PAPER = "#fcfaf3"
INK = "#34303c"
_TAG = re.compile(r"<(?:path|circle|ellipse|rect)\b[^>]*>")


def outlined(markup: str, scale: float, width: float, ink: str, keep: set[str]) -> str:
    """Convert shapes to a line drawing, with requested colours as a wash."""
    pen = f' stroke="{ink}" stroke-width="{width / scale:.3f}" stroke-linejoin="round"'

    def shape(match: re.Match[str]) -> str:
        tag = match.group()
        fill = re.search(r' fill="([^"]*)"', tag)
        colour = fill.group(1) if fill else "#000000"
        if ' stroke="' in tag:
            inked = re.sub(r' stroke="#[0-9a-f]{6}"', f' stroke="{ink}"', tag)
            broad = re.search(r' stroke-width="([0-9.]+)"', tag)
            tone = re.search(r' stroke="(#[0-9a-f]{6})"', tag)
            line = 2 * width / scale
            if not (broad and tone and float(broad[1]) > 2.2 * line) or lightness(tone[1]) < 0.26:
                return inked
            # A broad stroke is a limb or a tail: draw two lines with white between them.
            inside = mix(tone[1], PAPER, 0.3) if tone[1] in keep else PAPER
            inner = inked.replace(broad[0], f' stroke-width="{float(broad[1]) - line:.3f}"')
            return inked + inner.replace(f' stroke="{ink}"', f' stroke="{inside}"')
        faint = re.search(r' fill-opacity="([0-9.]+)"', tag)
        if faint and float(faint[1]) < 0.3:
            # Glows and shadows have no outline.
            return ""
        if faint and float(faint[1]) < 0.7:
            return tag
        if colour.startswith("url"):
            return tag.replace(colour, PAPER)
        if not colour.startswith("#"):
            return tag
        if colour in keep:
            new = mix(colour, PAPER, 0.3)
        elif lightness(colour) < 0.26:
            new = ink
        else:
            new = PAPER
        end = "/>" if tag.endswith("/>") else ">"
        return tag[: -len(end)].replace(f'fill="{colour}"', f'fill="{new}"') + pen + end

    return _TAG.sub(shape, markup)
