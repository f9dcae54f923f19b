"""What of a request a family does not take, and what it takes instead: told before it is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from nbext.data.family import Family
from nbext.data.request import Request, WireName
from nbext.errors import OptionError
from nbext.families import sizes
from nbext.families.shape import is_routed, size_of, tier_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nbext.data.request import Reference

_PICTURES = ("image/png", "image/jpeg", "image/webp")
# How pictures are sent in these, chat and Gemini take more.
_FORMS = ("images", "videos")


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a request that its family does not take.

    Attributes:
        level: ``error`` where the endpoint would refuse it, or would draw something else than was
            asked; ``warning`` where it is ignored, or where something is to be known.
        field: Which field of the request, or of its body.
        message: What is not taken.
        remedy: What is taken instead.

    Example:
        >>> str(Notice(level="warning", field="seed", message="It has no seed.", remedy=""))
        'It has no seed.'
    """

    level: Literal["error", "warning"]
    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """A request, its family, and the wire format that it is about to be written in."""

    request: Request
    family: Family
    wire: WireName
    model_names: Sequence[str]
    today: dt.date

    @property
    def model(self) -> str:
        return self.request.model

    @property
    def strict(self) -> bool:
        return self.wire in self.family.strict

    def shape_notice(self, field: str, message: str, remedy: str) -> Notice:
        """Tell of a shape: another one than asked would come, unless relays have more."""
        level: Literal["error", "warning"] = "warning" if self.family.loose else "error"
        return Notice(level=level, field=field, message=message, remedy=remedy)

    def option_notice(self, field: str, message: str, remedy: str) -> Notice:
        """Tell of an option: refused where the endpoint is strict, else ignored."""
        if self.strict:
            return Notice(level="error", field=field, message=message, remedy=remedy)
        return Notice(
            level="warning", field=field, message=message, remedy=f"It may be ignored. {remedy}"
        )


def notices(
    request: Request,
    family: Family,
    wire: WireName,
    *,
    model_names: Sequence[str] = (),
    today: dt.date | None = None,
) -> list[Notice]:
    """Say what of a request the family does not take, and what it takes instead.

    Args:
        request: What was asked.
        family: The family of its model, corrected by what the endpoint says of it.
        wire: The wire format that it is about to be written in.
        model_names: The models that the endpoint lists; empty where that is not known.
        today: The day, for what has ended.

    Returns:
        The errors before the warnings; none where nothing is known against it.

    Example:
        >>> from nbext.data.request import Request
        >>> from nbext.families.table import table
        >>> asked = Request(prompt="a cat", model="gpt-image-1.5", quality="max")
        >>> for notice in notices(asked, table().find(asked.model), "images", today=dt.date.min):
        ...     print(notice.level, notice)
        error gpt-image-1.5 has no quality 'max'. Use --quality auto, low, medium or high.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    case = _Case(request=request, family=family, wire=wire, model_names=model_names, today=today)
    rules = _DRAWING if request.kind in ("draw", "video") else ()
    results = [notice for rule in (*rules, *_ALL) for notice in rule(case)]
    return sorted(results, key=lambda notice: notice.level)


def refuse(results: Iterable[Notice]) -> list[str]:
    """Raise the errors among notices, and give the warnings as texts.

    Raises:
        OptionError: One is an error; of several it says all.
    """
    results = list(results)
    errors = [notice for notice in results if notice.level == "error"]
    if errors:
        *others, last = errors
        message = " ".join([*map(str, others), last.message])
        raise OptionError(message, remedy=last.remedy)
    return list(map(str, results))


# Shapes


def _size(case: _Case) -> Iterator[Notice]:
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
            remedy = f"Use --aspect {sizes.aspect_of(size)} and --size {_or(family.tiers)}."
            yield case.option_notice("size", f"{case.model} takes no size in pixels.", remedy)
    elif family.step:
        yield from _limits(case, sides)
    elif family.sizes and size.lower().replace("×", "x") not in family.sizes:
        yield case.shape_notice(
            "size", f"{case.model} has no size {size}.", f"Use --size {_some_sizes(case)}."
        )


def _tier(case: _Case, tier: str) -> Iterator[Notice]:
    family = case.family
    if family.tiers:
        if tier.removesuffix("px") not in {each.upper() for each in family.tiers}:
            yield case.shape_notice(
                "size", f"{case.model} does not draw {tier}.", f"Use --size {_or(family.tiers)}."
            )
    elif family.sizes or family.step:
        remedy = f"Use --size {_some_sizes(case)}."
        yield case.shape_notice("size", f"{case.model} takes sizes in pixels, not {tier}.", remedy)


def _limits(case: _Case, sides: tuple[int, int]) -> Iterator[Notice]:
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
            "size", f"{case.model} does not draw {size}: it wants {_and(violations)}.", remedy
        )


def _fitting(case: _Case, sides: tuple[int, int]) -> str:
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


def _aspect(case: _Case) -> Iterator[Notice]:
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


def _seconds(case: _Case) -> Iterator[Notice]:
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
        span = f"{some[0]} to {some[-1]}" if len(some) > 4 else _or(some)
        yield case.shape_notice(
            "seconds", f"{case.model} draws no {seconds} seconds.", f"It draws {span}."
        )


# Options


def _quality(case: _Case) -> Iterator[Notice]:
    quality, known = case.request.quality, case.family.qualities
    if quality and known is not None and quality not in known:
        if known:
            remedy = f"Use --quality {_or(known)}."
            yield case.option_notice("quality", f"{case.model} has no quality {quality!r}.", remedy)
        else:
            instead = f"--size {_or(case.family.tiers)}" if case.family.tiers else ""
            remedy = f"Use {instead}." if instead else ""
            yield case.option_notice("quality", f"{case.model} takes no quality.", remedy)


def _format(case: _Case) -> Iterator[Notice]:
    request, family = case.request, case.family
    target, known = request.format, family.formats
    if target and known is not None and target not in known:
        remedy = f"Use --format {_or(known)}." if known else "Save the picture as what you like."
        had = f"{case.model} draws no {target}." if known else f"{case.model} takes no format."
        yield case.option_notice("format", had, remedy)
    if target in family.whole_formats:
        conflicts = [f for f in ("stream", "partial_images") if request.extra.get(f)]
        conflicts += ["mask"] if request.mask is not None else []
        if conflicts:
            message = f"{case.model} draws {target} without {_and(conflicts)}."
            yield case.option_notice(conflicts[0], message, "Leave that out, or use --format png.")
    if request.extra.get("background") == "transparent" and target == "jpeg":
        yield case.option_notice(
            "background", "JPEG has no transparency.", "Use --format png or webp."
        )


def _seed(case: _Case) -> Iterator[Notice]:
    if case.request.seed is None:
        return
    if case.family.seed is False:
        yield case.option_notice("seed", f"{case.model} takes no seed.", "Leave it out.")
    elif case.wire == "videos" and not case.family.seed:
        message = "The videos API has no seed; some relays take one."
        yield Notice(level="warning", field="seed", message=message)


def _number(case: _Case) -> Iterator[Notice]:
    number, most = case.request.extra.get("n"), case.family.n
    if most is not None and isinstance(number, int) and number > most:
        message = f"{case.model} draws {most} a call, not {number}."
        yield case.option_notice("n", message, f"-n {number} sends {number} requests.")


def _system(case: _Case) -> Iterator[Notice]:
    if case.request.system and case.family.system is False and case.wire == "chat":
        yield case.option_notice(
            "system", f"{case.model} takes no system message.", "Say it in the prompt."
        )


def _stream(case: _Case) -> Iterator[Notice]:
    extra, family = case.request.extra, case.family
    previews = extra.get("partial_images")
    if case.wire == "images" and family.stream is False and (extra.get("stream") or previews):
        yield case.option_notice("stream", f"{case.model} does not stream.", "Leave stream out.")
    elif isinstance(previews, int) and previews:
        if family.previews is not None and previews > family.previews:
            message = f"{case.model} gives at most {family.previews} previews."
            yield case.option_notice("partial_images", message, "")
        elif family.previews_cost:
            message = f"Each of {previews} previews is billed beside the picture."
            yield Notice(level="warning", field="partial_images", message=message)


def _refused_fields(case: _Case) -> Iterator[Notice]:
    # A field that is given with -p may be meant for a relay that takes it.
    streams = ("stream", "partial_images") if case.family.stream is False else ()
    for field in set(case.family.refuses).difference(streams):
        if case.request.extra.get(field) is not None and case.strict:
            message = f"{case.model} refuses the field {field}; some relays take it."
            yield Notice(level="warning", field=field, message=message)


# Pictures to change


def _references(case: _Case) -> Iterator[Notice]:
    references = _all_references(case.request)
    most, best = case.family.references, case.family.best_references
    count = len(references)
    if most is not None and count > most:
        remedy = f"Give {most} at most." if most else "Use a model that edits."
        message = f"{case.model} takes {_pictures(most)}, not {count}."
        yield Notice(level="error", field="references", message=message, remedy=remedy)
    elif best is not None and count > best:
        message = f"{case.model} works best with up to {best} reference pictures."
        yield Notice(level="warning", field="references", message=message)
    others = [r for r in references if r.info.media_type not in _PICTURES]
    if others and case.wire in _FORMS:
        kind = others[0].info.media_type or "this"
        message = f"A reference picture is png, jpeg or webp, not {kind}."
        yield case.option_notice("references", message, "Convert it.")


def _mask(case: _Case) -> Iterator[Notice]:
    mask = case.request.mask
    if mask is None:
        return
    if case.family.mask is False:
        yield Notice(
            level="error",
            field="mask",
            message=f"{case.model} takes no mask: all of the picture would change.",
            remedy="Say in the prompt where the picture changes, or use gpt-image-2 for it.",
        )
        return
    references = _all_references(case.request)
    if case.wire != "images" or not references:
        return
    first = references[0].info
    if (mask.info.width, mask.info.height) != (first.width, first.height):
        message = (
            f"The mask has {mask.info.width}x{mask.info.height} pixels, "
            f"the first picture {first.width}x{first.height}."
        )
        yield case.option_notice("mask", message, "Give it the size of the first picture.")
    if mask.info.media_type != "image/png" or not _has_alpha(mask.data):
        message = "The mask has no transparency: nothing is where the picture may change."
        yield case.option_notice(
            "mask", message, "It is a PNG, transparent where the picture changes."
        )


def _all_references(request: Request) -> tuple[Reference, ...]:
    last = request.conversation[-1].pictures if request.conversation else ()
    return (*last, *request.references)


def _pictures(count: int) -> str:
    return {0: "no reference picture", 1: "1 reference picture"}.get(
        count, f"{count} reference pictures"
    )


def _has_alpha(png: bytes) -> bool:
    """Tell whether a PNG can be transparent: its colour type, or a tRNS chunk (PNG, 11.2.1)."""
    # What only has its hash has no bytes to look at.
    return not png or png[25:26] in (b"\x04", b"\x06") or b"tRNS" in png[: png.find(b"IDAT")]


# Models


def _output(case: _Case) -> Iterator[Notice]:
    kind: Literal["image", "video"] = "video" if case.request.kind == "video" else "image"
    family = case.family
    if case.wire == "responses" and family.outputs == ("image",):
        message = (
            f"{case.model} is a model of the image_generation tool; responses itself wants a text "
            "model, which draws through the tool."
        )
        yield Notice(level="warning", field="model", message=message)
    elif not family.make(kind) and case.wire != "responses":
        made = "films" if kind == "video" else "pictures"
        message = f"{case.model} makes no {made}."
        others = "Use %%video." if family.outputs == ("video",) else ""
        yield Notice(level="warning", field="model", message=message, remedy=others)


def _ended(case: _Case) -> Iterator[Notice]:
    family, model_names = case.family, case.model_names
    if family.ended is None or case.model in model_names:
        return
    instead = successors(family, case.model, model_names)
    remedy = f"Use {_or(instead)}." if instead else "%models lists what there is."
    if family.ended > case.today:
        if (family.ended - case.today).days <= 90:
            message = f"{case.model} ends on {family.ended}."
            yield Notice(level="warning", field="model", message=message, remedy=remedy)
        return
    message = f"{case.model} ended on {family.ended}"
    if model_names:
        message += ", and this endpoint does not list it"
    # Relays serve what its maker has ended, and not every list is whole.
    yield Notice(level="warning", field="model", message=f"{message}.", remedy=remedy)


def successors(family: Family, model: str, model_names: Sequence[str]) -> list[str]:
    """Name what to use instead of a model: what the endpoint serves of what followed it.

    Args:
        family: The family of the model.
        model: Its name; where it has a router's ``vendor/`` before it, so have its successors.
        model_names: The models that the endpoint lists; empty where that is not known.

    Example:
        >>> from nbext.families.table import table
        >>> sora = table().find("sora-2")
        >>> successors(sora, "sora-2", ["kling-v3", "gpt-4o"]), successors(sora, "sora-2", [])[0]
        (['kling-v3'], 'veo3.1-fast')
    """
    if not model_names:
        return list(family.successors[:2])
    bare = {name.rpartition("/")[2]: name for name in reversed(model_names)}
    if is_routed(model, family):
        vendor = model.partition("/")[0]
        bare |= {n.rpartition("/")[2]: n for n in model_names if n.startswith(f"{vendor}/")}
    return [bare[name] for name in family.successors if name in bare][:3]


def _completion(case: _Case) -> Iterator[Notice]:
    if case.wire == "completions" and "max_tokens" not in case.request.extra:
        message = "Without max_tokens the answer ends after 16 tokens."
        remedy = "Add -p max_tokens=500."
        yield Notice(level="warning", field="max_tokens", message=message, remedy=remedy)


_DRAWING: tuple[Callable[[_Case], Iterator[Notice]], ...] = (
    _size,
    _aspect,
    _seconds,
    _quality,
    _format,
    _seed,
    _number,
    _system,
    _stream,
    _refused_fields,
    _references,
    _mask,
    _output,
)
_ALL: tuple[Callable[[_Case], Iterator[Notice]], ...] = (_ended, _completion)


def _some_sizes(case: _Case) -> str:
    known = case.family.sizes
    return _or(known) if known else "1024x1536 or another in pixels"


def _and(words: Sequence[str]) -> str:
    return _listed(words, "and")


def _or(words: Sequence[str]) -> str:
    """List alternatives.

    Example:
        >>> _or(["1K", "2K", "4K"])
        '1K, 2K or 4K'
    """
    return _listed(words, "or")


def _listed(words: Sequence[str], last: str) -> str:
    *others, end = words
    return f"{', '.join(others)} {last} {end}" if others else end
