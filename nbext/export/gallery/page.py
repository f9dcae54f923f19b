"""Write the history as a gallery: one page that needs neither network nor script.

Everything that came from outside is escaped. A Content-Security-Policy lets our own script and
style run, by their hashes, and nothing else. Drawings stand in sections of 60 with
``content-visibility``: a browser lays out what is near. All but the first sections are in
``<noscript>``: a browser without script reads them at once, and one with script skips them while
the page opens, and has the script read them when they come near, or when there is time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, get_args

from nbext.data.differences import differences
from nbext.data.lineage import Lineage
from nbext.data.record import Kind
from nbext.errors import OptionError
from nbext.export.gallery.card import Cards, tags
from nbext.export.gallery.figure import Figures
from nbext.export.gallery.layout import MIDDLE, RATIOS
from nbext.export.gallery.seal import Sealed, is_unchanged, sealed_page
from nbext.messages.say import current_language, messages, phrase, say
from nbext.util.text import day, html_text, readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jinja2 import Environment

    from nbext.data.record import Record, ReferenceInfo

    Progress = Callable[[int, int], None]

SECTION = 60
# Up to this many drawings are laid out at once: their rows run on without a break.
ONE_SECTION = 150
# So many sections are read as the page opens; the script reads the others after that.
AT_ONCE = 2
# Beyond this one file opens slowly, and mail and forges refuse it.
ONE_FILE_BYTES = 50_000_000
# What the script says by itself.
SCRIPT_WORDS = (
    "choose_two",
    "date",
    "request_id",
    "picture",
    "film",
    "rerun_steps",
    "rerun_one",
    "copied",
    "copy_refused",
    "take",
    "no_drawing",
    "share_prompt",
    "show_less",
    "source",
    "edits",
    "compare_with",
    "save_film",
    "light",
    "dark",
    "reference",
    "also_from",
    "family_of",
    "with_edits",
    "compare",
    "model",
    "show_all",
    "save_picture",
    "newest_first",
    "oldest_first",
)
Target = TypeVar("Target", bound=Path | BinaryIO)
SCRIPTS = ("dom", "reading", "search", "tree", "large", "grid", "compare", "copy")


def write_html(
    records: Iterable[Record],
    target: Target,
    *,
    picture_path: Callable[[str], Path | None],
    title: str = "Drawings",
    order: str = "newest",
    embed: bool | str = "auto",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Target:
    """Write a gallery.

    Args:
        records: The drawings, by number.
        target: The page, or a binary file to write it to: that holds everything itself.
        picture_path: Returns a picture's path by its sha256; None if it is missing.
        title: The page's heading.
        order: ``newest`` or ``oldest`` first.
        embed: True puts all pictures into the page, False into ``NAME_files/`` beside it,
            ``"auto"`` into the page while they are at most 50 MB together.
        overwrite: Whether a page that is there may be replaced. One that was written here, and
            that nobody has changed since, is replaced in any case.
        progress: Called with the number of drawings written and their total.

    Returns:
        The page.

    Raises:
        OptionError: The page already exists, ``order`` is neither, or a stream is to have a
            folder beside it.
        HistoryError: It cannot be written.

    Example:
        >>> write_html(records, Path("cats.html"), picture_path=store.path)  # doctest: +SKIP
        PosixPath('cats.html')
    """
    if order not in ("newest", "oldest"):
        raise OptionError(phrase("export.bad_order", order=order), remedy=phrase("export.orders"))
    if embed not in (True, False, "auto"):
        raise OptionError(phrase("export.bad_embed", embed=embed), remedy=phrase("export.embeds"))
    shown = [record for record in records if record.type == "drawing"]
    if order == "newest":
        shown.reverse()
    if not isinstance(target, Path):
        if embed is False:
            raise OptionError(phrase("export.stream_folder"), remedy=phrase("export.give_path"))
        Page(Figures(picture_path, None), progress).write(target, shown, title=title, order=order)
        return target
    if target.exists() and not (overwrite or is_unchanged(target)):
        raise OptionError(
            phrase("export.exists", target=target), remedy=phrase("export.pass_overwrite")
        )
    total = sum(info.size for r in shown for info in (*r.pictures, *r.films))
    inside = total <= ONE_FILE_BYTES if embed == "auto" else bool(embed)
    files = None if inside else target.with_name(f"{target.stem}_files")
    with sealed_page(target, files) as page:
        Page(Figures(picture_path, files), progress).write(page, shown, title=title, order=order)
    return target


class Page:
    """Writes the page in sections, with one section's thumbnails in memory at a time.

    Args:
        figures: Provides the pictures of the page.
        progress: Called with the number of drawings written and their total.
        language: ``en`` or ``zh``; by default that of the messages.
    """

    def __init__(
        self, figures: Figures, progress: Progress | None = None, *, language: str = ""
    ) -> None:
        self._language = language or current_language()
        self._figures = figures
        self._progress = progress
        self._encoding = "utf-8"

    def write(
        self, file: BinaryIO | Sealed, records: list[Record], *, title: str, order: str
    ) -> None:
        """Write the head, the sections, the reference pictures and the foot."""
        lineage = Lineage(records)
        inputs = lineage.inputs(records)
        changes = [differences(record) for record in records]
        head = {
            "title": title,
            "style": style(),
            "script": script(),
            "policy": policy(style(), script()),
            "count": len(records),
            "models": sorted({record.model for record in records if record.model}),
            "kinds": sorted({record.kind for record in records}),
            "tags": sorted({tag for record in records for tag in tags(record)}),
            "starred": any(record.changes.get("star") for record in records),
            "noted": any(record.changes.get("note") for record in records),
            "failed": any(record.error for record in records),
            "different": any(changes),
            "paid": any(record.cost is not None for record in records),
            "related": bool(inputs) or any(lineage.before(r) or r.take for r in records),
            "order": order,
            "repeated": _repeated(records),
            "words": _words(self._language),
            "known_kinds": get_args(Kind),
        }
        # A browser keeps text of ASCII in half the space, and opens a long page of it sooner.
        self._encoding = "ascii" if len(records) > ONE_SECTION else "utf-8"
        self._render(file, "head", **head)
        cards = Cards(self._figures, lineage, self._language)
        size = SECTION if len(records) > ONE_SECTION else ONE_SECTION
        with self._figures:
            self._figures.prepare((r, info) for r in records for info in r.pictures)
            for at in range(0, len(records), size):
                part = records[at : at + size]
                shown = map(cards.write, part, changes[at : at + size])
                heading = _heading(part) if len(records) > size else ""
                later = at >= AT_ONCE * size
                self._stream(file, self._section(part, shown, heading, later=later))
                if self._progress is not None:
                    self._progress(at + len(part), len(records))
            for at in range(0, len(inputs), SECTION):
                items = inputs[at : at + SECTION]
                self._figures.prepare_inputs([item for item, _ in items])
                self._render(file, "references", items=map(self._item, items), more=at > 0)
        self._render(file, "foot", count=len(records))

    def _section(
        self, records: Sequence[Record], cards: Iterable[str], heading: str, *, later: bool
    ) -> Iterator[str]:
        """Yield a section of the page.

        Args:
            records: Its drawings'.
            cards: Their cards.
            heading: Its heading; empty for none.
            later: Whether the script reads it only after the page has opened.
        """
        label = html_text(heading or self._text("drawings"))
        numbers = [record.number for record in records]
        unread = f' class="unread" data-numbers="{min(numbers)} {max(numbers)}"' if later else ""
        yield f'<section{unread} aria-label="{label}">'
        yield f'<h2 class="part">{label}</h2>' if heading else ""
        yield '<noscript><ul role="list">' if later else '<ul role="list">'
        yield from cards
        yield "</ul></noscript></section>" if later else "</ul></section>"

    def _render(self, file: BinaryIO | Sealed, name: str, **values: Any) -> None:
        values |= {
            "t": self._text,
            "lang": {"zh": "zh-CN"}.get(self._language, self._language),
        }
        self._stream(file, _environment().get_template(f"{name}.html.jinja").generate(**values))

    def _stream(self, file: BinaryIO | Sealed, pieces: Iterable[str]) -> None:
        file.writelines(self._figures.stream(pieces, self._encoding))

    def _text(self, key: str, **values: Any) -> str:
        return say(self._language, f"gallery.{key}", **values)

    def _item(self, inputs: tuple[ReferenceInfo, list[int]]) -> dict[str, Any]:
        item, numbers = inputs
        return {"info": item, "numbers": numbers, "source": self._figures.show_reference(item)}


def _repeated(records: Sequence[Record]) -> bool:
    """Return whether any prompt was drawn more than once, so that takes can be compared."""
    prompts = [record.prompt.strip() for record in records if record.kind == "draw"]
    return len(set(prompts)) < len(prompts)


def policy(style: str, script: str) -> str:
    """Write a Content-Security-Policy that allows one style and one script."""

    def hashed(text: str) -> str:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        return f"'sha256-{digest}'"

    return (
        f"default-src 'none'; img-src data: 'self'; media-src data: 'self'; "
        f"style-src {hashed(style)}; script-src {hashed(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def style() -> str:
    """Return the page's style, with a class for each ratio: style attributes are forbidden."""
    ratios = "".join(f".r{n}{{--r:{2 ** ((n - MIDDLE) / 20):.3f}}}" for n in range(RATIOS))
    return f"{_asset('gallery.css')}{ratios}\n"


@cache
def script() -> str:
    """Return the page's script: its parts in order, in a scope of their own.

    It waits in the head: a browser lays a long page out before it runs a script that ends it.
    """
    parts = "".join(_asset(f"{name}.js") for name in SCRIPTS)
    live = 'document.documentElement.classList.add("live");'
    return f'"use strict";\n{live}\naddEventListener("DOMContentLoaded", () => {{\n{parts}}});\n'


@cache
def _words(language: str) -> str:
    """Return the script's messages as JSON."""
    return json.dumps(messages(language, "gallery", SCRIPT_WORDS), ensure_ascii=False)


def _heading(records: list[Record]) -> str:
    """Return a section's heading: its days and drawings."""
    days = [date for r in records if (date := day(r.finished or r.started))]
    numbers = f"@{records[0].number} – @{records[-1].number}"
    if not days:
        return numbers
    first, last = min(days), max(days)
    return f"{first if first == last else f'{first} – {last}'} · {numbers}"


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def visible(value: Any) -> Any:
    """Remove control characters from every text that a template writes.

    A bidirectional override in a prompt would turn the writing around it, too.
    """
    if not isinstance(value, str) or value.isprintable():
        return value
    return type(value)(readable(value))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from jinja2.ext import Extension

    class Tight(Extension):
        """Removes line ends between elements, which a browser would keep as nodes."""

        def preprocess(self, source: str, *_: Any, **__: Any) -> str:
            return source.replace(">\n", ">")

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Tight],
        finalize=visible,
    )
