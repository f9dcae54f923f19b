"""Write a sweep as one offline page: rows and columns by axis, filters, comparison.

It is the gallery's page in style, policy and in what its pictures carry. Without script it is a
list, each picture with the values that made it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from nbext.errors import OptionError
from nbext.export.gallery.figure import Figures
from nbext.export.gallery.layout import ratio_class
from nbext.export.gallery.page import ONE_FILE_BYTES, policy, visible
from nbext.export.gallery.page import style as gallery_style
from nbext.export.gallery.seal import is_unchanged, sealed_page
from nbext.messages.say import current_language, messages, outcome, phrase
from nbext.util.text import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Environment

    from nbext.data.record import Record
    from nbext.data.sweep import SweepPlan
    from nbext.export.gallery.seal import Sealed

    # The labels of a place, the drawing there and why there is none, or why it failed.
    Cell = tuple[Mapping[str, str], Record | None, str]

# What the script says by itself.
_WORDS = ("choose_two", "compare", "no_axis", "some_of", "take_small", "theme")


def write_page(
    target: Path,
    plan: SweepPlan,
    cells: Sequence[Cell],
    *,
    picture_path: Callable[[str], Path | None],
    overwrite: bool = False,
) -> Path:
    """Write the page.

    Args:
        target: The file. Pictures of more than 50 MB together go into ``NAME_files/`` beside it.
        plan: The sweep's plan.
        cells: Each drawing with its labels, in order, and each place without one.
        picture_path: Returns a picture's path by its sha256; None if it is missing.
        overwrite: Whether a file that is there may be replaced; a page that was written here, and
            that nobody has changed since, is replaced in any case.

    Raises:
        OptionError: Another file is there already.
        HistoryError: It cannot be written.
    """
    if target.exists() and not (overwrite or is_unchanged(target)):
        raise OptionError(
            phrase("export.exists", target=target), remedy=phrase("export.pass_overwrite")
        )
    total = sum(
        info.size for _, record, _ in cells if record is not None for info in record.pictures
    )
    files = None if total <= ONE_FILE_BYTES else target.with_name(f"{target.stem}_files")
    with sealed_page(target, files) as page, Figures(picture_path, files) as figures:
        _write(page, figures, plan, cells)
    return target


def _write(
    file: BinaryIO | Sealed, figures: Figures, plan: SweepPlan, cells: Sequence[Cell]
) -> None:
    values: dict[str, dict[str, None]] = {}
    cells = [(_readable(labels), record, error) for labels, record, error in cells]
    for labels, _, _ in cells:
        for name, label in labels.items():
            values.setdefault(name, {})[label] = None
    failed = sum(record is None or record.error is not None for _, record, _ in cells)
    facts = {
        "title": plan.title,
        "t": _text,
        "lang": "zh-CN" if current_language() == "zh" else "en",
        "words": json.dumps(messages(current_language(), "gallery", _WORDS), ensure_ascii=False),
        "count": phrase("history.drawings", count=len(cells)),
        "failed": failed,
        "shape": str(plan),
        "axes": {name: list(of) for name, of in values.items()},
        "takes": plan.takes,
        "style": style(),
        "script": script(),
        "policy": policy(style(), script()),
    }

    def shown() -> Any:
        drawn = (record for _, record, _ in cells if record is not None and record.pictures)
        figures.prepare((record, record.pictures[0]) for record in drawn)
        for labels, record, error in cells:
            yield _card(figures, labels, record, error)

    template = _environment().get_template("page.html.jinja")
    file.writelines(figures.stream(template.generate(cells=shown(), **facts), "utf-8"))


def _text(key: str, **values: Any) -> str:
    return phrase(f"gallery.{key}", **values)


def _readable(labels: Mapping[str, str]) -> dict[str, str]:
    """Format labels as the page shows them, since the script compares them."""
    return {readable(name): readable(label) for name, label in labels.items()}


def _card(
    figures: Figures, labels: Mapping[str, str], record: Record | None, error: str
) -> dict[str, Any]:
    card: dict[str, Any] = {"labels": dict(labels), "record": record, "error": error}
    card |= {"picture": None, "ratio": ratio_class(1.0), "facts": []}
    card["outcome"] = _text("failed")
    if record is None:
        return card
    if record.error is not None:
        card["error"] = record.error.message
        card["outcome"] = outcome(record.error.type).capitalize()
    facts = [_text("fact_seconds", elapsed=record.elapsed)] if record.elapsed else []
    if record.pictures:
        info = record.pictures[0]
        card["picture"] = figures.show(record, info)
        if info.width > 0 and info.height > 0:
            card["ratio"] = ratio_class(info.width / info.height)
            facts.append(f"{info.width}×{info.height}")
    if record.cost is not None:
        facts.append(_text("fact_cost", cost=record.cost))
    card["facts"] = facts
    return card


@cache
def style() -> str:
    """Return the page's style: the gallery's, with additions for the table."""
    return gallery_style() + _asset("sweep.css")


@cache
def script() -> str:
    """Return the page's script, in a scope of its own."""
    dom = (Path(__file__).parents[1] / "gallery" / "dom.js").read_text(encoding="utf-8")
    live = 'document.documentElement.classList.add("live");'
    body = f"{dom}{_asset('sweep.js')}"
    return f'"use strict";\n{live}\naddEventListener("DOMContentLoaded", () => {{\n{body}}});\n'


def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
