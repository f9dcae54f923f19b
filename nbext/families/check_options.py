"""Qualities, formats, seeds, streams and their like that a family does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.families.notice import Case, Notice, all_of, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rule = Callable[[Case], Iterator[Notice]]


def _quality(case: Case) -> Iterator[Notice]:
    quality, known = case.request.quality, case.family.qualities
    if quality and known is not None and quality not in known:
        if known:
            remedy = f"Use --quality {one_of(known)}."
            yield case.option_notice("quality", f"{case.model} has no quality {quality!r}.", remedy)
        else:
            instead = f"--size {one_of(case.family.tiers)}" if case.family.tiers else ""
            remedy = f"Use {instead}." if instead else ""
            yield case.option_notice("quality", f"{case.model} takes no quality.", remedy)


def _format(case: Case) -> Iterator[Notice]:
    request, family = case.request, case.family
    target, known = request.format, family.formats
    if target and known is not None and target not in known:
        remedy = f"Use --format {one_of(known)}." if known else "Save the picture as what you like."
        had = f"{case.model} draws no {target}." if known else f"{case.model} takes no format."
        yield case.option_notice("format", had, remedy)
    if target in family.whole_formats:
        conflicts = [f for f in ("stream", "partial_images") if request.extra.get(f)]
        conflicts += ["mask"] if request.mask is not None else []
        if conflicts:
            message = f"{case.model} draws {target} without {all_of(conflicts)}."
            yield case.option_notice(conflicts[0], message, "Leave that out, or use --format png.")
    if request.extra.get("background") == "transparent" and target == "jpeg":
        yield case.option_notice(
            "background", "JPEG has no transparency.", "Use --format png or webp."
        )


def _seed(case: Case) -> Iterator[Notice]:
    if case.request.seed is None:
        return
    if case.family.seed is False:
        yield case.option_notice("seed", f"{case.model} takes no seed.", "Leave it out.")
    elif case.wire == "videos" and not case.family.seed:
        message = "The videos API has no seed; some relays take one."
        yield Notice(level="warning", field="seed", message=message)


def _number(case: Case) -> Iterator[Notice]:
    number, most = case.request.extra.get("n"), case.family.n
    if most is not None and isinstance(number, int) and number > most:
        message = f"{case.model} draws {most} a call, not {number}."
        yield case.option_notice("n", message, f"-n {number} sends {number} requests.")


def _system(case: Case) -> Iterator[Notice]:
    if case.request.system and case.family.system is False and case.wire == "chat":
        yield case.option_notice(
            "system", f"{case.model} takes no system message.", "Say it in the prompt."
        )


def _stream(case: Case) -> Iterator[Notice]:
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


def _refused_fields(case: Case) -> Iterator[Notice]:
    # A field that is given with -p may be meant for a relay that takes it.
    streams = ("stream", "partial_images") if case.family.stream is False else ()
    for field in set(case.family.refuses).difference(streams):
        if case.request.extra.get(field) is not None and case.strict:
            message = f"{case.model} refuses the field {field}; some relays take it."
            yield Notice(level="warning", field=field, message=message)


RULES: tuple[Rule, ...] = (_quality, _format, _seed, _number, _system, _stream, _refused_fields)
