"""Write a drawing's card as HTML.

A page has ten thousand of them, so a card is put together from strings and not by a template. Every
text from outside goes through ``html_text``; ``render`` and ``to_html`` escape for themselves.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbext.data.picture import is_film, is_sound
from nbext.data.record import tags_of
from nbext.data.wording import revision_of
from nbext.export.code.cell import cell_text, step_text
from nbext.export.gallery.details import details
from nbext.export.gallery.layout import ratio_class, sheet
from nbext.export.gallery.markdown import is_web, render
from nbext.messages.say import outcome, say
from nbext.util.text import day, html_text, language, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.differences import Difference
    from nbext.data.lineage import Lineage
    from nbext.data.record import Failure, Record, ReferenceInfo
    from nbext.export.gallery.details import Figure
    from nbext.export.gallery.figure import Figures

# What a picture's alternative text, and a film's, holds of a prompt.
_ALT, _LABEL = 300, 200


class Cards:
    """Writes the cards of a page.

    Args:
        figures: Provides the pictures of the page.
        lineage: The drawings of the page.
        words: The page's language, ``en`` or ``zh``.
    """

    def __init__(self, figures: Figures, lineage: Lineage, words: str) -> None:
        self._figures = figures
        self._lineage = lineage
        self._words = words

    def write(self, record: Record, changes: Sequence[Difference]) -> str:
        """Write a drawing's card.

        Args:
            record: The drawing's.
            changes: Its ``differences``.
        """
        pictures = [self._figures.show(record, info) for info in record.pictures]
        films = [self._figures.show(record, info) for info in record.films]
        columns, ratio = sheet(record.pictures) if record.pictures else (1, _plate(record))
        failed = " failed" if record.error else ""
        shown = self._pictures(record, pictures, columns) if pictures else ""
        shown += "".join([self._film(record, film) for film in films])
        facts = details(record, [*pictures, *films], self._words, changes)
        return (
            f'<li id="@{record.number}" class="card {ratio_class(ratio)}{failed}"'
            f"{self._data(record, different=bool(changes))}><figure>{shown}{self._answer(record)}"
            f"<figcaption>{self._caption(record, pictures)}{self._more(record, facts)}"
            "</figcaption></figure></li>"
        )

    def _say(self, key: str, **values: Any) -> str:
        return html_text(say(self._words, f"gallery.{key}", **values))

    def _data(self, record: Record, *, different: bool) -> str:
        """Write what the page's script reads of a card."""
        lineage = self._lineage
        words = {
            "kind": record.kind if record.kind != "draw" else "",
            "tags": json.dumps(shown) if (shown := tags(record)) else "",
            "before": " ".join(map(str, lineage.before(record))),
            "references": " ".join([item.sha256 for item in lineage.outside(record)]),
            "take": record.take if record.take > 0 else "",
            "cost": "" if record.cost is None else record.cost,
        }
        marks = {
            "star": record.changes.get("star"),
            "note": record.changes.get("note"),
            "different": different,
        }
        return "".join(
            [f' data-{name}="{html_text(word)}"' for name, word in words.items() if word != ""]
            + [f" data-{name}" for name, is_set in marks.items() if is_set]
        )

    def _name(self, record: Record, length: int) -> str:
        """Describe a drawing in place of its picture: by its prompt, else by its number."""
        if record.prompt:
            return html_text(record.prompt[:length])
        return self._say("a_drawing", number=record.number)

    def _pictures(self, record: Record, pictures: Sequence[Figure], columns: int) -> str:
        name, several = self._name(record, _ALT), len(pictures) > 1
        shown = []
        for row, picture in enumerate(pictures, start=1):
            if not picture.source:
                shown.append(self._absent("picture_absent", picture))
                continue
            clear = " clear" if picture.clear else ""
            is_small = picture.source != picture.thumbnail
            full = f' data-source="{html_text(picture.source)}"' if is_small else ""
            place = f' data-row="{row}"' if several else ""
            shown.append(
                f'<button class="picture stop{clear}"{full}{place}>'
                f'<img src="{html_text(picture.thumbnail)}" alt="{name}" loading="lazy"></button>'
            )
        return f'<div class="pictures c{columns}">{"".join(shown)}</div>'

    def _film(self, record: Record, film: Figure) -> str:
        if not film.source:
            return self._absent("film_absent", film)
        name, source = self._name(record, _LABEL), html_text(film.source)
        if is_sound(film.info):
            return f'<audio controls preload="metadata" src="{source}" aria-label="{name}"></audio>'
        if not is_film(film.info):
            kind = html_text(film.info.extension)
            file = f"drawing-{record.number}.{kind}"
            return f'<p class="file"><a href="{source}" download="{file}">{kind.upper()}</a></p>'
        return f'<video controls preload="metadata" src="{source}" aria-label="{name}"></video>'

    def _absent(self, key: str, figure: Figure) -> str:
        name = html_text(figure.info.sha256[:12])
        return f'<p class="missing">{self._say(key)} <code>{name}…</code></p>'

    def _answer(self, record: Record) -> str:
        """Write the text that is the answer, or why there is none."""
        if record.error is not None:
            return self._failure(record.error)
        if record.pictures or (record.films and not record.text):
            return ""
        if record.text:
            return f'<div class="reply plate">{render(_named(record.text))}</div>'
        return f'<p class="missing plate">{self._say("no_answer")}</p>'

    def _failure(self, error: Failure) -> str:
        message = f" {html_text(error.message)}" if error.message != "Interrupted." else ""
        remedy = f' <span class="remedy">{html_text(error.remedy)}</span>' if error.remedy else ""
        billed = f" <em>{self._say('maybe_billed')}</em>" if error.maybe_billed else ""
        reason = html_text(outcome(error.type, self._words).capitalize())
        return f'<p class="error plate"><strong>{reason}</strong>{message}{remedy}{billed}</p>'

    def _caption(self, record: Record, pictures: Sequence[Figure]) -> str:
        """Write the lines under the picture."""
        script = language(record.prompt)
        script = f' lang="{script}"' if script else ""
        note = record.changes.get("note")
        return (
            f'<p class="prompt"{script}>{html_text(record.prompt)}</p>'
            f'<p class="line">{self._line(record, pictures)}</p>'
            f"{_tag_list(tags(record))}"
            + (f'<p class="note">{html_text(note)}</p>' if note else "")
        )

    def _line(self, record: Record, pictures: Sequence[Figure]) -> str:
        number, say = record.number, self._say
        stop = "" if any(picture.source for picture in pictures) else " stop"
        parts = [f'<a class="number{stop}" href="#@{number}">@{number}</a>']
        if record.changes.get("star"):
            parts.append(f'<span class="star" role="img" aria-label="{say("starred")}">★</span>')
        parts.append(f'<span class="model">{html_text(record.model)}</span>')
        if record.answered_model and record.answered_model != record.model:
            answered = say("answered_by", model=record.answered_model)
            parts.append(f'<span class="answered">{answered}</span>')
        if record.embedded and (record.pictures or record.films):
            parts.append(f'<span class="sketch">{say("sketch")}</span>')
        if any(info.is_draft for info in record.pictures):
            parts.append(f'<span class="sketch">{say("draft")}</span>')
        if record.take > 0:
            parts.append(f"<span>{say('take_small', number=record.take + 1)}</span>")
        if before := self._lineage.before(record):
            links = " ".join([f'<a href="#@{number}">@{number}</a>' for number in before])
            parts.append(f"<span>{say('from_small')} {links}</span>")
        finished = record.finished or record.started
        parts.append(f'<time datetime="{html_text(finished)}">{day(finished)}</time>')
        return " ".join(parts)

    def _more(self, record: Record, facts: str) -> str:
        """Write what only the large view and the search show."""
        lineage = self._lineage
        # Beside a picture or an error, a text is a remark.
        remark = _named(record.text) if record.pictures or record.error is not None else ""
        cell, step = html_text(cell_text(record, lineage)), html_text(step_text(record, lineage))
        return (
            f'<div class="more"><p class="facts">{html_text(facts)}</p>{self._kin(record)}'
            f"{self._asides(record)}"
            f"{self._folded('reasoning', record.reasoning)}{self._folded('model_text', remark)}"
            f'{_links(record)}<pre class="cell">{cell}</pre><pre class="step">{step}</pre></div>'
        )

    def _asides(self, record: Record) -> str:
        """Write what was sent beside the prompt, and what the endpoint made of it."""
        texts = {"system": html_text(record.system), "sent_as": html_text(record.prompt_sent)}
        if record.revised_prompt:
            texts["drawn_from"] = readable(revision_of(record).to_html())
        return "".join(
            [f'<p class="aside"><b>{self._say(k)}</b> {v}</p>' for k, v in texts.items() if v]
        )

    def _kin(self, record: Record) -> str:
        """Write the pictures that a drawing was given, and whether a parent is not there."""
        lineage, kin = self._lineage, ""
        if record.references:
            links = [_reference(item, lineage.at(item, record)) for item in record.references]
            kin = f'<p class="kin">{self._say("references")} {" ".join(links)} </p>'
        if any(lineage.named(id_) is None for id_ in record.parents):
            kin += f'<p class="kin">{self._say("from_absent")}</p>'
        return kin

    def _folded(self, key: str, text: str) -> str:
        if not text:
            return ""
        summary = f"<summary>{self._say(key)}</summary>"
        return f'<details>{summary}<pre tabindex="0">{html_text(text)}</pre></details>'


def _reference(item: ReferenceInfo, at: tuple[int, int] | None) -> str:
    """Link to a reference: to its drawing, or to its place at the end of the page."""
    if at is None:
        name = html_text(item.source or item.sha256[:12])
        return f'<a href="#reference-{html_text(item.sha256)}">{name}</a>'
    number, index = at
    return f'<a href="#@{number}">@{number}{f".{index + 1}" if index else ""}</a>'


def _links(record: Record) -> str:
    """List the web pages that an answer cites."""
    cited = [link for link in record.citations if is_web(str(link.get("url", "")))]
    items = [
        f'<li><a href="{html_text(link["url"])}" rel="noopener noreferrer">'
        f"{html_text(link.get('title') or link['url'])}</a></li>"
        for link in cited
    ]
    return f'<ol class="links">{"".join(items)}</ol>' if items else ""


def _tag_list(tags: Sequence[str]) -> str:
    items = "".join([f"<span>{html_text(tag)}</span> " for tag in tags])
    return f'<p class="tags">{items}</p>' if items else ""


def _named(text: str) -> str:
    """Name the pictures of an answer's text in words."""
    return text.replace("nbext-sha256:", "picture ")


def tags(record: Record) -> list[str]:
    """Format a drawing's tags as the page shows them, since the script compares the two."""
    return [readable(tag) for tag in tags_of(record.changes)]


def _plate(record: Record) -> float:
    """Return the aspect ratio of the box that replaces a missing picture."""
    film = next(filter(is_film, record.films), None)
    if film is not None:
        return film.width / film.height if film.width > 0 and film.height > 0 else 16 / 9
    return 0.9 if record.error else 1.4
