"""Show drawings that exist already, wherever a user displays them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbext.display.caption import caption
from nbext.display.mimebundle import MAX_ON_SHEET
from nbext.display.progress import PROMPT_LIMIT, caption_data, tidy
from nbext.messages.say import phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbext.display.item import Item
    from nbext.display.mimebundle import Bundle

# Calls between a user's ``display`` and an object that displays itself.
_CALLERS = 16


def display_items(items: Sequence[Item], data: Bundle) -> None:
    """Show existing drawings: numbers and prompts, then the picture or the sheet.

    Args:
        items: The drawings.
        data: Their output.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    by_prompt: dict[str, list[str]] = {}
    for item in items:
        prompt = tidy(item.record.prompt, PROMPT_LIMIT)
        by_prompt.setdefault(prompt, []).append(f"@{item.record.number}")
    if len(items) == 1:
        lines = [caption(items[0].record), *by_prompt]
    else:
        lines = [f"{' '.join(numbers)} · {prompt}" for prompt, numbers in by_prompt.items()]
    shown = lines[:MAX_ON_SHEET]
    if len(shown) < len(lines):
        shown.append(phrase("view.more", value=len(lines) - len(shown)))
    if shown and is_terminal(get_ipython()):
        print("\n".join([*shown, *file_lines(items)]))
        return
    place = display_place()
    if place:
        # One output has one place: the caption is its text.
        display(data[0], metadata=data[1], raw=True, **place)
        return
    if shown:
        display(caption_data(shown), raw=True)
    display(data[0], metadata=data[1], raw=True)


def display_place() -> dict[str, Any]:
    """Return the place for which a user displays an object, as arguments of ``display``.

    ``h = display(drawing, display_id=True)`` and ``h.update(drawing)`` name one, and IPython does
    not pass it to objects that display themselves. Empty without one.
    """
    from IPython.core import display_functions

    frame = sys._getframe(1)  # noqa: SLF001 -- the caller's arguments stand nowhere else
    for _ in range(_CALLERS):
        if frame.f_back is None:
            break
        frame = frame.f_back
        if frame.f_code is display_functions.display.__code__:
            own = frame.f_locals.get("kwargs") or {}
            id_ = (own.get("transient") or {}).get("display_id")
            return {"display_id": id_, "update": bool(own.get("update"))} if id_ else {}
    return {}


def is_terminal(shell: Any) -> bool:
    """Return whether IPython runs in a terminal."""
    return shell is not None and getattr(shell, "kernel", None) is None


def file_lines(items: Iterable[Item]) -> list[str]:
    """Return a line for each file of drawings."""
    return [
        f"  {item.store.path(info.sha256)}"
        for item in items
        for info in (*item.record.pictures, *item.record.films)
    ]
