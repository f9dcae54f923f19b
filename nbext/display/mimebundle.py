"""Create a notebook's outputs: ``image/png`` or ``image/jpeg``, and plain text.

Nothing else for a picture: other types are dropped by nbconvert, and HTML is a way in for what is
not one. A film needs a player, and a reply is Markdown with all that is HTML in it escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pybase64

from nbext.data.picture import dimensions, is_film
from nbext.display.caption import caption, captions, picture_name, summary
from nbext.display.reply import reply_data
from nbext.display.video import SHOWN, film_data
from nbext.errors import HistoryError, PictureError
from nbext.imaging.contact_sheet import cell_width, contact_sheet
from nbext.imaging.decode import (
    HEADER_BYTES,
    open_image,
    preview,
    refuse_size,
    scaled,
    upright,
)
from nbext.messages.say import phrase
from nbext.util.text import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record
    from nbext.display.item import Item

INLINE_LIMIT = 1_000_000
SHEET_SHOWN = 800
SHEET_HEIGHT = 1600
MAX_ON_SHEET = 36

Bundle = tuple[dict[str, Any], dict[str, Any]]


def bundle(item: Item, *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Create the output of a drawing: its picture, or a sheet of its pictures.

    Args:
        item: The drawing.
        inline_limit: Bytes; a larger picture is shown as a smaller preview.

    Returns:
        Data and metadata by media type, as ``display(…, raw=True)`` takes them.
    """
    record = item.record
    films = [info for info in record.films if is_film(info)]
    if films:
        return film_data(films[0], item, inline_limit), {"nbext": details(record)}
    if len(record.pictures) > 1:
        return sheet_bundle([item], inline_limit=inline_limit)
    if not record.pictures:
        text = readable(record.text).strip()
        data = {"text/plain": text or summary(record)}
        if record.kind not in ("draw", "video") and (text or record.reasoning or record.calls):
            data |= reply_data(text, record.reasoning, record.calls, record.citations)
        for sound in record.films:
            player = film_data(sound, item, inline_limit).get("text/html", "")
            data["text/html"] = data.get("text/html", "") + player
        return data, {"nbext": details(record)}
    text = caption(record)
    return picture_bundle(record.pictures[0], item, text=text, inline_limit=inline_limit)


def picture_bundle(info: PictureInfo, item: Item, *, text: str, inline_limit: int) -> Bundle:
    """Create the output of one picture, with its own bytes if they are not too large.

    A picture that is missing or cannot be decoded leaves the words, and why.

    Args:
        info: The picture.
        item: Its drawing.
        text: Its plain text.
        inline_limit: Bytes; a larger picture is shown as a smaller preview.
    """
    about = details(item.record)
    try:
        data, media_type = item.store.read(info.sha256), info.media_type
        refuse_size(info.width, info.height, item.store.max_pixels)
        if media_type not in ("image/png", "image/jpeg") or len(data) > inline_limit:
            image = open_image(data, media_type, max_pixels=item.store.max_pixels)
            data, media_type = preview(image, inline_limit)
            about |= {"preview": True}
    except (HistoryError, PictureError) as error:
        return {"text/plain": f"{text}\n{error}"}, {"nbext": about}
    return encoded(data, media_type, item.record.prompt, text, about)


def sheet_bundle(items: Sequence[Item], *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Create one contact sheet of several drawings, with up to 36 pictures."""
    pictures = [
        (item, index, info) for item in items for index, info in enumerate(item.record.pictures)
    ]
    text = "\n".join(captions(items))
    about = {"drawings": [details(item.record) for item in items]}
    if not pictures:
        return {"text/plain": text}, {"nbext": about}
    shown = pictures[:MAX_ON_SHEET]
    if len(shown) < len(pictures):
        text += phrase("view.first_of", count=len(shown), count2=len(pictures))
    cell = cell_width(len(shown))
    # One at a time: thirty-six pictures decoded at once would fill the memory.
    images = [thumbnail(item, index, info, cell) for item, index, info in shown]
    sheet = contact_sheet(images, [picture_name(item.record, index) for item, index, _ in shown])
    data, media_type = preview(sheet, inline_limit)
    prompts = list(dict.fromkeys(item.record.prompt for item in items))
    return encoded(data, media_type, " / ".join(prompts), text, about)


def encoded(
    data: bytes,
    media_type: str,
    alt: str,
    text: str,
    about: dict[str, Any],
    *,
    wide: bool = False,
) -> Bundle:
    """Encode a picture as an output.

    Args:
        data: Its bytes.
        media_type: Theirs.
        alt: A description, for readers who cannot see it.
        text: Its plain text.
        about: What the notebook keeps of it.
        wide: Whether it holds several pictures.
    """
    base64 = pybase64.b64encode(data).decode("ascii")
    shown: dict[str, Any] = {"alt": alt}
    width, height = dimensions(data[:HEADER_BYTES])
    # In CSS pixels: a large picture leaves the page readable, and is sharp on a fine screen.
    limit = (
        sheet_width(width, height)
        if "drawings" in about
        else SHOWN * width // max(width, height, 1)
    )
    limit = SHEET_SHOWN if wide else limit
    if width > limit:
        shown["width"] = max(1, limit)
    return {media_type: base64, "text/plain": text}, {media_type: shown, "nbext": about}


def sheet_width(width: int, height: int) -> int:
    """Return the width in CSS pixels at which a contact sheet is shown.

    A sheet of many pictures may be higher than wide: each is still large enough to be seen.

    Example:
        >>> sheet_width(1024, 1024), sheet_width(1024, 4096)
        (800, 400)
    """
    return round(min(SHEET_SHOWN, width * SHEET_HEIGHT / max(1, height)))


def details(record: Record) -> dict[str, Any]:
    """Return a drawing's key facts for the notebook's metadata."""
    fields = {
        "number": record.number,
        "id": record.id,
        "model": record.model,
        "prompt": record.prompt,
        "parameters": record.parameters,
        "host": "embedded" if record.embedded else record.host,
        "finished": record.finished,
        "pictures": [picture.sha256 for picture in record.pictures],
        "parents": list(record.parents),
    }
    return {name: value for name, value in fields.items() if value}


def thumbnail(item: Item, index: int, info: PictureInfo, width: int) -> Image:
    """Scale a picture into a cell of a sheet; a missing one is replaced by its name."""
    from PIL import Image, ImageDraw

    store = item.store
    try:
        data = store.read(info.sha256)
        image = upright(open_image(data, info.media_type, max_pixels=store.max_pixels))
        image = image.convert("RGBA")
    except (HistoryError, PictureError):
        image = Image.new("RGBA", (width, width), (128, 128, 128, 64))
        text = phrase("view.missing", picture_name=picture_name(item.record, index))
        ImageDraw.Draw(image).text((12, 12), text, fill=(110, 110, 110, 255), font_size=18)
        return image
    # A banner or a column stays in proportion, and leaves room for the others.
    by = min(width / image.width, 3 * width / image.height)
    return scaled(image, by)
