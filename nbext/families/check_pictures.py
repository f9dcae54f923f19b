"""Pictures and masks to change that a family does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.families.notice import Case, Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbext.data.request import Reference, Request

    Rule = Callable[[Case], Iterator[Notice]]


_PICTURES = ("image/png", "image/jpeg", "image/webp")
# How pictures are sent in these, chat and Gemini take more.
_FORMS = ("images", "videos")


def _references(case: Case) -> Iterator[Notice]:
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


def _mask(case: Case) -> Iterator[Notice]:
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


RULES: tuple[Rule, ...] = (_references, _mask)
