"""Prepare the content of a drawing's card for the page's template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from nbext.data.differences import differences
from nbext.data.record import tags_of
from nbext.data.wording import revision_of
from nbext.export.code.cell import cell_text, step_text
from nbext.export.gallery.details import details
from nbext.export.gallery.layout import ratio_class, sheet
from nbext.export.gallery.markdown import is_web, render
from nbext.messages.say import say
from nbext.util.text import day, language, readable

if TYPE_CHECKING:
    from nbext.data.lineage import Lineage
    from nbext.data.record import Record, ReferenceInfo
    from nbext.export.gallery.details import Figure
    from nbext.export.gallery.figure import Figures


class Card(NamedTuple):
    """The content of a drawing's card.

    Attributes:
        record: The drawing's.
        name: Its name if it has no prompt.
        tags: Its tags.
        day: When it was finished.
        star: Whether it is starred.
        note: The note about it.
        facts: The facts about it, one a line.
        different: Whether something came that was not asked for.
        revision: HTML of what the endpoint changed in the prompt.
        pictures: Its pictures.
        seen: Whether any of them can be shown.
        draft: Whether any of them is a draft.
        columns: The number of pictures in a row.
        ratio: The class for the ratio of width to height.
        films: Its films.
        text: HTML of the text that is the answer.
        remark: The text that came with a picture or an error.
        lost: Whether it comes from a drawing that is not on the page.
        before: The numbers of the drawings that it comes from.
        references: The pictures that it was given, each with the number of its drawing and the
            index there; None for one from elsewhere.
        outside: The sha256 of references that are not drawings.
        cell: The cell that asks for it again.
        step: The same as a step in Python.
        links: The web pages that the answer cites.
        language: The prompt's, for its font.
    """

    record: Record
    name: str
    tags: list[str]
    day: str
    star: bool
    note: str | None
    facts: str
    different: bool
    revision: str
    pictures: list[Figure]
    seen: bool
    draft: bool
    columns: int
    ratio: str
    films: list[Figure]
    text: str
    remark: str
    lost: bool
    before: list[int]
    references: list[tuple[ReferenceInfo, tuple[int, int] | None]]
    outside: list[str]
    cell: str
    step: str
    links: list[dict[str, Any]]
    language: str


def card_of(record: Record, figures: Figures, lineage: Lineage, words: str) -> Card:
    """Prepare a drawing's card.

    Args:
        record: The drawing's.
        figures: Provides its pictures for the page.
        lineage: The drawings of the page.
        words: The page's language, ``en`` or ``zh``.
    """
    is_reply = bool(record.text) and not record.pictures and record.error is None
    text = record.text.replace("nbext-sha256:", "picture ")
    columns, ratio = sheet(record.pictures) if record.pictures else (1, _plate(record))
    changes = differences(record)
    pictures = [figures.show(record, info) for info in record.pictures]
    films = [figures.show(record, info) for info in record.films]
    return Card(
        record=record,
        name=say(words, "gallery.a_drawing", number=record.number),
        tags=tags(record),
        day=day(record.finished or record.started),
        star=bool(record.changes.get("star")),
        note=record.changes.get("note"),
        facts=details(record, [*pictures, *films], words, changes),
        different=bool(changes),
        revision=revision_of(record).to_html(),
        pictures=pictures,
        seen=any(picture.source for picture in pictures),
        draft=any(info.is_draft for info in record.pictures),
        columns=columns,
        ratio=ratio_class(ratio),
        films=films,
        text=render(text) if is_reply else "",
        remark="" if is_reply else text,
        lost=any(lineage.named(id_) is None for id_ in record.parents),
        before=lineage.before(record),
        references=[(item, lineage.at(item, record)) for item in record.references],
        outside=[item.sha256 for item in lineage.outside(record)],
        cell=cell_text(record, lineage),
        step=step_text(record, lineage),
        links=[c for c in record.citations if is_web(str(c.get("url", "")))],
        language=language(record.prompt),
    )


def tags(record: Record) -> list[str]:
    """Format a drawing's tags as the page shows them, since the script compares the two."""
    return [readable(tag) for tag in tags_of(record.changes)]


def _plate(record: Record) -> float:
    """Return the aspect ratio of the box that replaces a missing picture."""
    if record.films:
        film = record.films[0]
        return film.width / film.height if film.width > 0 and film.height > 0 else 16 / 9
    return 0.9 if record.error else 1.4
