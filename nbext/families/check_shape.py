"""Sizes, aspects and seconds that a family does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from nbext.families import sizes
from nbext.families.notice import Case, Notice, all_of, one_of
from nbext.families.shape import size_of, tier_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbext.data.family import Family

    Rule = Callable[[Case], Iterator[Notice]]


def _size(case: Case) -> Iterator[Notice]:
    size, family = case.request.size, case.family
    if not size or size == "auto":
        return
    tier, sides = tier_of(size), sizes.pixels(size)
    if tier:
        yield from _tier(case, tier)
    elif sides is None:
        if family.sizes or family.step:
            yield case.shape_notice(
                "size", f"{case.model} has no size {size!r}.", f"Use --size {_some_sizes(case)}."
            )
    elif family.size_style in ("bracket", "ar_flag") and case.wire == "chat":
        message = f"{case.model} takes no pixels over chat, only a ratio: {sizes.aspect_of(size)}."
        yield Notice(level="warning", field="size", message=message)
    elif family.size_style in ("image_config", "aspect_ratio") and family.tiers:
        if case.wire in ("chat", *family.strict):
            remedy = f"Use --aspect {sizes.aspect_of(size)} and --size {one_of(family.tiers)}."
            yield case.option_notice("size", f"{case.model} takes no size in pixels.", remedy)
    elif family.step:
        yield from _limits(case, sides)
    elif family.sizes and size.lower().replace("×", "x") not in family.sizes:
        yield case.shape_notice(
            "size", f"{case.model} has no size {size}.", f"Use --size {_some_sizes(case)}."
        )


def _tier(case: Case, tier: str) -> Iterator[Notice]:
    family = case.family
    if family.tiers:
        if tier.removesuffix("px") not in {each.upper() for each in family.tiers}:
            yield case.shape_notice(
                "size", f"{case.model} does not draw {tier}.", f"Use --size {one_of(family.tiers)}."
            )
    elif family.sizes or family.step:
        remedy = f"Use --size {_some_sizes(case)}."
        yield case.shape_notice("size", f"{case.model} takes sizes in pixels, not {tier}.", remedy)


def _limits(case: Case, sides: tuple[int, int]) -> Iterator[Notice]:
    """Check a size in pixels where any is taken within limits."""
    family, (short, long) = case.family, sorted(sides)
    least, most = family.edge or (1, 1 << 20)
    fewest, many = family.pixels or (1, 1 << 40)
    checks = [
        (any(side % family.step for side in sides), f"both sides divisible by {family.step}"),
        (short < least, f"sides of {least:,} pixels or more"),
        (long > most, f"sides of at most {most:,} pixels"),
        (bool(family.ratio) and long > family.ratio * short, f"a ratio up to {family.ratio:g}:1"),
        (short * long < fewest, f"at least {fewest:,} pixels"),
        (short * long > many, f"at most {many:,} pixels"),
    ]
    violations = [rule for is_violation, rule in checks if is_violation]
    if violations:
        size = case.request.size
        remedy = f"Use --size {_fitting(case, sides)}." if short else ""
        yield case.shape_notice(
            "size", f"{case.model} does not draw {size}: it wants {all_of(violations)}.", remedy
        )


def _fitting(case: Case, sides: tuple[int, int]) -> str:
    family = case.family
    width, height = sides
    return sizes.fitted(
        f"{width}:{height}",
        long_side=max(sides),
        step=family.step,
        limit=family.ratio,
        pixels=family.pixels,
        edge=family.edge,
    )


def _aspect(case: Case) -> Iterator[Notice]:
    request, family = case.request, case.family
    if not request.aspect or request.size:
        return
    # Over the images format the others are sent in pixels.
    named = {"aspect_ratio", "size_ratio"}
    if case.wire != "images":
        named |= {"bracket", "image_config"}
    if family.size_style in named:
        if family.aspects and request.aspect not in family.aspects:
            remedy = f"Use --aspect {_nearest_aspect(request.aspect, family)}."
            message = (
                f"{case.model} has no aspect {request.aspect}, only {', '.join(family.aspects)}."
            )
            yield case.shape_notice("aspect", message, remedy)
    elif case.wire in ("images", "videos", "responses"):
        plain = family if case.wire != "responses" else msgspec.structs.replace(family, step=0)
        size = size_of(request, plain)
        if sizes.pixels(size) and not sizes.exact(request.aspect, size):
            message = (
                f"The aspect {request.aspect} becomes {size}, the nearest that {case.model} has."
            )
            yield Notice(level="warning", field="aspect", message=message)


def _nearest_aspect(aspect: str, family: Family) -> str:
    target = sizes.ratio(aspect)
    return min(family.aspects, key=lambda a: max(sizes.ratio(a) / target, target / sizes.ratio(a)))


def _seconds(case: Case) -> Iterator[Notice]:
    seconds, family = case.request.extra.get("seconds"), case.family
    if seconds is None or case.wire != "videos":
        return
    if not str(seconds).isdecimal():
        yield Notice(
            level="error",
            field="seconds",
            message=f"A film lasts a whole number of seconds, not {seconds!r}.",
            remedy="Write --seconds 8.",
        )
    elif family.seconds and int(str(seconds)) not in family.seconds:
        some = [str(second) for second in family.seconds]
        span = f"{some[0]} to {some[-1]}" if len(some) > 4 else one_of(some)
        yield case.shape_notice(
            "seconds", f"{case.model} draws no {seconds} seconds.", f"It draws {span}."
        )


def _some_sizes(case: Case) -> str:
    known = case.family.sizes
    return one_of(known) if known else "1024x1536 or another in pixels"


RULES: tuple[Rule, ...] = (_size, _aspect, _seconds)
