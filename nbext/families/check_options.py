"""Check quality, format, seed, stream and other options against a family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nbext.families.notice import Case, Notice
from nbext.messages.say import all_of, one_of, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rule = Callable[[Case], Iterator[Notice]]


def _quality(case: Case) -> Iterator[Notice]:
    quality, known = case.request.quality, case.family.qualities
    if quality and known is not None and quality not in known:
        if known:
            remedy = phrase("model.use_quality", one_of=one_of(known))
            yield case.option_notice(
                "quality", phrase("model.no_quality", model=case.model, quality=quality), remedy
            )
        else:
            instead = f"--size {one_of(case.family.tiers)}" if case.family.tiers else ""
            remedy = phrase("model.use_instead", instead=instead) if instead else ""
            yield case.option_notice(
                "quality", phrase("model.takes_no_quality", model=case.model), remedy
            )
    elif quality and known is None:
        yield from _over_chat(case, "quality")


def _over_chat(case: Case, field: Literal["quality", "seed"]) -> Iterator[Notice]:
    """Tell, once, of an option that has no place in a chat with a model that reads its prompt."""
    if case.wire == "chat" and case.family.size_style == "bracket":
        message = phrase(f"model.chat_{field}", model=case.model)
        yield Notice(level="warning", field=field, message=message, once=True)


def _format(case: Case) -> Iterator[Notice]:
    request, family = case.request, case.family
    target, known = request.format, family.formats
    if target and known is not None and target not in known:
        remedy = (
            phrase("model.use_format", one_of=one_of(known)) if known else phrase("model.save_as")
        )
        had = (
            phrase("model.draws_no", model=case.model, target=target)
            if known
            else phrase("model.takes_no_format", model=case.model)
        )
        yield case.option_notice("format", had, remedy)
    if target in family.whole_formats:
        conflicts = [f for f in ("stream", "partial_images") if request.extra.get(f)]
        conflicts += ["mask"] if request.mask is not None else []
        if conflicts:
            message = phrase(
                "model.draws_without", model=case.model, target=target, all_of=all_of(conflicts)
            )
            yield case.option_notice(conflicts[0], message, phrase("model.leave_out_or_png"))
    if request.extra.get("background") == "transparent" and target == "jpeg":
        yield case.option_notice("background", phrase("model.jpeg_opaque"), phrase("model.use_png"))


def _seed(case: Case) -> Iterator[Notice]:
    if case.request.seed is None:
        return
    if case.family.seed is False:
        yield case.option_notice(
            "seed", phrase("model.takes_no_seed", model=case.model), phrase("model.leave_out")
        )
    elif case.family.seed is None and case.wire == "chat":
        yield from _over_chat(case, "seed")
    elif case.wire == "videos" and not case.family.seed:
        message = phrase("model.videos_seed")
        yield Notice(level="warning", field="seed", message=message)


def _number(case: Case) -> Iterator[Notice]:
    number, most = case.request.extra.get("n"), case.family.n
    if most is not None and isinstance(number, int) and number > most:
        message = phrase("model.per_call", model=case.model, most=most, number=number)
        yield case.option_notice("n", message, phrase("model.sends", number=number))


def _system(case: Case) -> Iterator[Notice]:
    if case.request.system and case.family.system is False and case.wire == "chat":
        yield case.option_notice(
            "system", phrase("model.takes_no_system", model=case.model), phrase("model.in_prompt")
        )


def _stream(case: Case) -> Iterator[Notice]:
    extra, family = case.request.extra, case.family
    previews = extra.get("partial_images")
    if case.wire == "images" and family.stream is False and (extra.get("stream") or previews):
        yield case.option_notice(
            "stream", phrase("model.no_stream", model=case.model), phrase("model.no_stream_option")
        )
    elif isinstance(previews, int) and previews:
        if family.previews is not None and previews > family.previews:
            message = phrase("model.previews", model=case.model, previews=family.previews)
            yield case.option_notice("partial_images", message, "")
        elif family.previews_cost:
            message = phrase("model.previews_billed", previews=previews)
            yield Notice(level="warning", field="partial_images", message=message)


def _refused_fields(case: Case) -> Iterator[Notice]:
    # A field given with -p may be meant for a relay that accepts it.
    streams = ("stream", "partial_images") if case.family.stream is False else ()
    for field in set(case.family.refuses).difference(streams):
        if case.request.extra.get(field) is not None and case.strict:
            message = phrase("model.refuses_field", model=case.model, field=field)
            yield Notice(level="warning", field=field, message=message)


RULES: tuple[Rule, ...] = (_quality, _format, _seed, _number, _system, _stream, _refused_fields)
