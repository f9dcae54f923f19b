"""Check reference pictures and masks against a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.families.notice import Case, Notice
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbext.data.request import Reference, Request

    Rule = Callable[[Case], Iterator[Notice]]


_PICTURES = ("image/png", "image/jpeg", "image/webp")
# Formats that the images API accepts; chat and Gemini accept more.
_FORMS = ("images", "videos")


def _references(case: Case) -> Iterator[Notice]:
    references = _all_references(case.request)
    most, best = case.family.references, case.family.best_references
    count = len(references)
    if most is not None and count > most:
        remedy = phrase("model.at_most", most=most) if most else phrase("model.model_that_edits")
        message = phrase(
            "model.takes_pictures", model=case.model, pictures=_pictures(most), count=count
        )
        yield Notice(level="error", field="references", message=message, remedy=remedy)
    elif best is not None and count > best:
        message = phrase("model.best_with", model=case.model, best=best)
        yield Notice(level="warning", field="references", message=message)
    films = [r for r in references if r.info.media_type.startswith("video/")]
    if films and case.request.kind == "draw":
        source = films[0].source or "A reference"
        message = phrase("model.reference_film", source=source)
        yield case.option_notice("references", message, phrase("picture.take_frame", path=source))
        return
    others = [r for r in references if r.info.media_type not in _PICTURES]
    if others and case.wire in _FORMS:
        kind = others[0].info.media_type or "this"
        message = phrase("model.reference_kind", kind=kind)
        yield case.option_notice("references", message, phrase("model.convert"))


def _mask(case: Case) -> Iterator[Notice]:
    mask = case.request.mask
    if mask is None:
        return
    if case.family.mask is False:
        yield Notice(
            level="error",
            field="mask",
            message=phrase("model.takes_no_mask", model=case.model),
            remedy=phrase("model.where_in_prompt"),
        )
        return
    references = _all_references(case.request)
    if case.wire != "images" or not references:
        return
    first = references[0].info
    if (mask.info.width, mask.info.height) != (first.width, first.height):
        message = phrase(
            "model.mask_size",
            width=mask.info.width,
            height=mask.info.height,
            width2=first.width,
            height2=first.height,
        )
        yield case.option_notice("mask", message, phrase("model.mask_same_size"))
    if mask.info.media_type != "image/png" or not _has_alpha(mask.data):
        message = phrase("model.mask_opaque")
        yield case.option_notice("mask", message, phrase("model.mask_kind"))


def _all_references(request: Request) -> tuple[Reference, ...]:
    last = request.conversation[-1].pictures if request.conversation else ()
    return (*last, *request.references)


def _pictures(count: int) -> str:
    return {0: phrase("model.no_references"), 1: phrase("model.one_reference")}.get(
        count, phrase("model.references", count=count)
    )


def _has_alpha(png: bytes) -> bool:
    """Return whether a PNG can be transparent, by colour type or tRNS chunk (PNG, 11.2.1)."""
    # In a dry run there is only a hash.
    return not png or png[25:26] in (b"\x04", b"\x06") or b"tRNS" in png[: png.find(b"IDAT")]


RULES: tuple[Rule, ...] = (_references, _mask)
