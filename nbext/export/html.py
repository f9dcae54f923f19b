"""The history as a gallery: one page that needs no network, and reads without script.

Everything that came from outside is escaped. A Content-Security-Policy lets our own script and
style run, by their hashes, and nothing else. Drawings stand in sections of 60 with
``content-visibility``: a browser lays out what is near, and 10,000 drawings open in seconds.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pybase64

from nbext.data.record import tags_of
from nbext.errors import HistoryError, OptionError
from nbext.export.markdown import is_web, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from jinja2 import Environment

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

SECTION = 60
# Beyond this one file opens slowly, and mail and forges refuse it.
ONE_FILE_BYTES = 50_000_000
THUMBNAIL = 512


def write_html(
    records: Iterable[Record],
    target: Path,
    *,
    picture_path: Callable[[str], Path | None],
    title: str = "Drawings",
    order: str = "newest",
    embed: bool | str = "auto",
    overwrite: bool = False,
) -> Path:
    """Write a gallery.

    Args:
        records: The drawings, by number.
        target: The page.
        picture_path: Where a picture is, by its sha256; None where it is missing.
        title: The page's heading.
        order: ``newest`` or ``oldest`` first.
        embed: True puts all pictures into the page, False into ``NAME_files/`` beside it,
            ``"auto"`` into the page while they are small together.
        overwrite: Whether a page that is there may be replaced.

    Returns:
        The page.

    Raises:
        OptionError: The page is there already, or ``order`` is neither.
        HistoryError: It cannot be written.
    """
    if order not in ("newest", "oldest"):
        raise OptionError(f"order={order!r} is not possible.", remedy="newest or oldest?")
    if target.exists() and not overwrite:
        raise OptionError(f"{target} is there already.", remedy="Give overwrite=True.")
    shown = [record for record in records if record.type == "drawing"]
    if order == "newest":
        shown.reverse()
    total = sum(info.size for r in shown for info in (*r.pictures, *r.films))
    inside = total <= ONE_FILE_BYTES if embed == "auto" else bool(embed)
    files = target.with_name(f"{target.stem}_files")
    page = Page(picture_path, None if inside else files)
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            page.write(file, shown, title=title, order=order)
        part.replace(target)
    except OSError as error:
        raise HistoryError(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return target


class Page:
    """Writes the page piece by piece: memory does not grow with the number of drawings.

    Args:
        picture_path: Where a picture is.
        files: The folder for pictures, None to put them into the page.
    """

    def __init__(self, picture_path: Callable[[str], Path | None], files: Path | None) -> None:
        self._path = picture_path
        self._files = files
        self._numbers: dict[str, int] = {}

    def write(self, file: BinaryIO, records: list[Record], *, title: str, order: str) -> None:
        """Write head, sections and foot."""
        self._numbers = {record.id: record.number for record in records}
        templates = _environment()
        style, script = _asset("gallery.css"), _asset("gallery.js")
        head = templates.get_template("head.html.jinja").render(
            title=title,
            style=style,
            policy=policy(style, script),
            count=len(records),
            models=sorted({record.model for record in records if record.model}),
            kinds=sorted({record.kind for record in records}),
            tags=sorted({tag for record in records for tag in tags_of(record.changes)}),
            starred=any(record.changes.get("star") for record in records),
            failed=any(record.error for record in records),
            order=order,
        )
        file.write(head.encode("utf-8", "replace"))
        section = templates.get_template("section.html.jinja")
        for at in range(0, len(records), SECTION):
            file.writelines(
                piece.encode("utf-8", "replace")
                for piece in section.generate(
                    cards=self._cards(records[at : at + SECTION]), number=at // SECTION + 1
                )
            )
        foot = templates.get_template("foot.html.jinja").render(script=script)
        file.write(foot.encode())

    def _cards(self, records: list[Record]) -> Iterator[dict[str, Any]]:
        for record in records:
            yield {
                "record": record,
                "name": f"Drawing @{record.number}",
                "tags": tags_of(record.changes),
                "when": moment(record.finished or record.started),
                "pictures": [self._shown(info) for info in record.pictures],
                "films": [self._shown(info) for info in record.films],
                "text": render(_spoken(record)) if _is_reply(record) else "",
                "said": "" if _is_reply(record) else record.text,
                "host": _maker(record),
                "parents": [(id_, self._numbers.get(id_)) for id_ in record.parents],
                "cell": cell_text(record),
                "links": [c for c in record.citations if is_web(str(c.get("url", "")))],
                "language": language(record.prompt),
            }

    def _shown(self, info: PictureInfo) -> dict[str, Any]:
        path = self._path(info.sha256)
        shown: dict[str, Any] = {"info": info, "source": "", "thumbnail": ""}
        if path is None:
            return shown
        if self._files is None:
            shown["source"] = data_uri(path, info.media_type)
            shown["thumbnail"] = shown["source"]
            return shown
        original = self._files / "pictures" / path.name
        _place(path, original)
        shown["source"] = f"{quote(self._files.name)}/pictures/{path.name}"
        shown["thumbnail"] = shown["source"]
        if info.media_type.startswith("image/"):
            thumbnail = self._files / "thumbnails" / f"{info.sha256}.webp"
            if thumbnail.exists() or _thumbnail(path, info, thumbnail):
                shown["thumbnail"] = f"{quote(self._files.name)}/thumbnails/{thumbnail.name}"
        return shown


def policy(style: str, script: str) -> str:
    """Write the Content-Security-Policy that lets one style and one script run."""

    def hashed(text: str) -> str:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        return f"'sha256-{digest}'"

    return (
        f"default-src 'none'; img-src data: 'self'; media-src data: 'self'; "
        f"style-src {hashed(style)}; script-src {hashed(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def data_uri(path: Path, media_type: str) -> str:
    """Write a file as a data URI."""
    return f"data:{media_type};base64,{pybase64.b64encode(path.read_bytes()).decode('ascii')}"


def moment(text: str) -> str:
    """Write a time as people read it, in UTC.

    Example:
        >>> moment("2026-11-23T10:26:03.120Z")
        '2026-11-23 10:26 UTC'
    """
    try:
        time = datetime.fromisoformat(text)
        # A record's times are UTC; what names another zone is brought there.
        time = time.astimezone(UTC) if time.tzinfo else time
        return time.strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError):
        return ""


def language(prompt: str) -> str:
    """Tell a prompt's language by its script, for the font: ``zh``, ``ja``, ``ko`` or none."""
    if any("\u3040" <= char <= "\u30ff" for char in prompt):
        return "ja"
    if any("\uac00" <= char <= "\ud7a3" for char in prompt):
        return "ko"
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in prompt) else ""


def cell_text(record: Record) -> str:
    """Write the cell that asks for a drawing again."""
    magic = {"chat": "chat", "respond": "respond", "complete": "complete", "video": "video"}.get(
        record.kind, "draw"
    )
    options = [f"%%{magic} {record.model}".rstrip()]
    named = ("aspect", "size", "quality", "format", "seed")
    for name, value in record.parameters.items():
        option = f"--{name} {value}" if name in named else f"-p {_quoted(f'{name}={value}')}"
        options.append(option)
    options += [f"-i {_quoted(item.source)}" for item in record.references if item.source]
    return f"{' '.join(options)}\n{record.prompt}"


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _maker(record: Record) -> str:
    """Name the host, or say that what is shown is no model's."""
    if not record.embedded:
        return record.host
    return "embedded endpoint" + (", a sketch" if record.pictures or record.films else "")


def _is_reply(record: Record) -> bool:
    """Whether the text is what came, rather than what was said beside a picture or a failure."""
    return bool(record.text) and not record.pictures and record.error is None


def _spoken(record: Record) -> str:
    return record.text.replace("nbext-sha256:", "picture ")


def _place(path: Path, target: Path) -> None:
    """Put a picture beside the page: as a hard link where that is possible."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _thumbnail(path: Path, info: PictureInfo, target: Path) -> bool:
    """Make a small WebP, False where the picture cannot be decoded."""
    from PIL import Image

    from nbext.data.picture import PILLOW_FORMATS

    if info.media_type == "image/svg+xml":
        return False
    try:
        with Image.open(path, formats=PILLOW_FORMATS) as image:
            image.draft("RGB", (THUMBNAIL, THUMBNAIL))
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            target.parent.mkdir(parents=True, exist_ok=True)
            image.convert("RGBA" if "A" in image.getbands() else "RGB").save(
                target, "WEBP", method=0, quality=80
            )
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / "gallery" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from nbext.export.words import human_size

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "gallery"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["human_size"] = human_size
    return environment
