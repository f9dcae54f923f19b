"""Check sizes, aspects and lengths against a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from nbext.errors import OptionError
from nbext.families import sizes
from nbext.families.notice import Case, Notice
from nbext.families.shape import size_of, tier_of
from nbext.messages.say import all_of, one_of, phrase

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
                "size",
                phrase("model.no_size", model=case.model, size=size),
                phrase("model.use_size", some_sizes=_some_sizes(case)),
            )
        else:
            yield from _size_in_words(case)
    elif family.size_style in ("bracket", "ar_flag") and case.wire == "chat":
        message = phrase(
            "model.no_pixels_in_chat", model=case.model, aspect_of=sizes.aspect_of(size)
        )
        yield Notice(level="warning", field="size", message=message)
    elif family.size_style in ("image_config", "aspect_ratio") and family.tiers:
        if case.wire in ("chat", *family.strict):
            remedy = phrase(
                "model.use_aspect_size",
                aspect_of=sizes.aspect_of(size),
                one_of=one_of(family.tiers),
            )
            yield case.option_notice("size", phrase("model.no_pixels", model=case.model), remedy)
    elif family.step:
        yield from _limits(case, sides)
    elif family.sizes and size.lower().replace("×", "x") not in family.sizes:
        yield case.shape_notice(
            "size",
            phrase("model.no_pixel_size", model=case.model, size=size),
            phrase("model.use_size", some_sizes=_some_sizes(case)),
        )


def _size_in_words(case: Case) -> Iterator[Notice]:
    """Report a size that is neither pixels nor a tier, if the family's sizes are not known."""
    size = case.request.size
    # Some endpoints have names for sizes, such as landscape_4_3.
    if "_" in size:
        return
    try:
        sizes.ratio(size)
    except OptionError:
        remedy = phrase("model.size_like")
    else:
        remedy = phrase("model.use_aspect", nearest_aspect=size)
    message = phrase("model.not_a_size", size=size)
    yield Notice(level="warning", field="size", message=message, remedy=remedy)


def _tier(case: Case, tier: str) -> Iterator[Notice]:
    family = case.family
    if family.tiers:
        if tier.removesuffix("px") not in {each.upper() for each in family.tiers}:
            yield case.shape_notice(
                "size",
                phrase("model.no_tier", model=case.model, tier=tier),
                phrase("model.use_tier", one_of=one_of(family.tiers)),
            )
    elif family.sizes or family.step:
        remedy = phrase("model.use_size", some_sizes=_some_sizes(case))
        yield case.shape_notice(
            "size", phrase("model.pixels_only", model=case.model, tier=tier), remedy
        )


def _limits(case: Case, sides: tuple[int, int]) -> Iterator[Notice]:
    """Check a size in pixels against a family's limits."""
    family, (short, long) = case.family, sorted(sides)
    least, most = family.edge or (1, 1 << 20)
    fewest, many = family.pixels or (1, 1 << 40)
    checks = [
        (any(side % family.step for side in sides), phrase("model.divisible", step=family.step)),
        (short < least, phrase("model.least_side", least=least)),
        (long > most, phrase("model.most_side", most=most)),
        (
            bool(family.ratio) and long > family.ratio * short,
            phrase("model.most_ratio", ratio=family.ratio),
        ),
        (short * long < fewest, phrase("model.least_pixels", fewest=fewest)),
        (short * long > many, phrase("model.most_pixels", many=many)),
    ]
    violations = [rule for is_violation, rule in checks if is_violation]
    if violations:
        size = case.request.size
        remedy = phrase("model.use_fitting", fitting=_fitting(case, sides)) if short else ""
        yield case.shape_notice(
            "size",
            phrase("model.size_violates", model=case.model, size=size, all_of=all_of(violations)),
            remedy,
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
    if request.aspect and sizes.pixels(request.size) is not None:
        if not sizes.exact(request.aspect, request.size):
            message = phrase("model.not_of_aspect", size=request.size, aspect=request.aspect)
            remedy = phrase("model.one_of_two")
            yield Notice(level="warning", field="aspect", message=message, remedy=remedy)
        return
    if not request.aspect or request.size:
        return
    # In the images format, other tiers are sent in pixels.
    named = {"aspect_ratio", "size_ratio"}
    if case.wire != "images":
        named |= {"bracket", "image_config"}
    if family.size_style in named:
        if family.aspects and request.aspect not in family.aspects:
            remedy = phrase(
                "model.use_aspect", nearest_aspect=_nearest_aspect(request.aspect, family)
            )
            message = phrase(
                "model.no_aspect",
                model=case.model,
                aspect=request.aspect,
                names=", ".join(family.aspects),
            )
            yield case.shape_notice("aspect", message, remedy)
    elif case.wire in ("images", "videos", "responses"):
        plain = family if case.wire != "responses" else msgspec.structs.replace(family, step=0)
        size = size_of(request, plain)
        if sizes.pixels(size) and not sizes.exact(request.aspect, size):
            message = phrase("model.nearest", aspect=request.aspect, size=size, model=case.model)
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
            message=phrase("model.whole_seconds", seconds=seconds),
            remedy=phrase("model.write_seconds"),
        )
    elif family.seconds and int(str(seconds)) not in family.seconds:
        some = [str(second) for second in family.seconds]
        span = phrase("model.span", some=some[0], some2=some[-1]) if len(some) > 4 else one_of(some)
        yield case.shape_notice(
            "seconds",
            phrase("model.no_seconds", model=case.model, seconds=seconds),
            phrase("model.draws_span", span=span),
        )


def _some_sizes(case: Case) -> str:
    known = case.family.sizes
    return one_of(known) if known else phrase("model.some_pixels")


RULES: tuple[Rule, ...] = (_size, _aspect, _seconds)
