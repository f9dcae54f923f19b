"""Pictures as a notebook shows and keeps them: ``image/png`` or ``image/jpeg``, and plain text.

Nothing else: other types are dropped by nbconvert, and HTML is a way in for what is not a picture.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.data.picture import PILLOW_FORMATS
from nbext.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

    from nbext.history.drawing import Drawing, Picture

INLINE_LIMIT = 1_000_000
SHEET_WIDTH = 1024
SHEET_GAP = 12

Bundle = tuple[dict[str, Any], dict[str, Any]]


def open_image(data: bytes, media_type: str) -> Image:
    """Open a picture with Pillow, in the format that its bytes announce and no other.

    Raises:
        PictureError: It cannot be decoded.
    """
    from PIL import Image, UnidentifiedImageError

    if media_type == "image/svg+xml":
        data = rasterised(data)
    try:
        image = Image.open(io.BytesIO(data), formats=PILLOW_FORMATS)
        image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"The picture cannot be decoded: {error}.") from None
    return image


def rasterised(svg: bytes, width: int = 1024) -> bytes:
    """Draw an SVG as PNG: it is never shown as what it is, it could hold a script.

    Raises:
        PictureError: It cannot be drawn.
    """
    import resvg_py

    try:
        text = svg.decode("utf-8")
        return bytes(resvg_py.svg_to_bytes(svg_string=text, width=width, resources_dir=None))
    except (ValueError, RuntimeError) as error:
        raise PictureError(f"The SVG cannot be drawn: {error}.") from None


def bundle(drawing: Drawing, *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Make the output of a drawing: its picture, or the sheet of its pictures.

    Args:
        drawing: The drawing.
        inline_limit: Bytes; a larger picture is shown as a smaller preview.

    Returns:
        Data and metadata by media type, as ``display(…, raw=True)`` takes them.
    """
    if len(drawing.pictures) > 1:
        return sheet_bundle([drawing], inline_limit=inline_limit)
    if not drawing.pictures:
        return {"text/plain": drawing.text or repr(drawing)}, {"nbext": facts(drawing)}
    return picture_bundle(
        drawing.pictures[0],
        alt=drawing.prompt,
        text=drawing.caption(),
        about=facts(drawing),
        inline_limit=inline_limit,
    )


def picture_bundle(
    picture: Picture, *, alt: str, text: str, about: dict[str, Any], inline_limit: int
) -> Bundle:
    """Make the output of one picture; its own bytes, where the notebook can hold them."""
    data, media_type = picture.data, picture.media_type
    whole = media_type in ("image/png", "image/jpeg") and len(data) <= inline_limit
    if not whole:
        data, media_type = preview(open_image(data, media_type), inline_limit)
        about = about | {"preview": True}
    # Shown at half of its pixels at most, so that a large picture leaves the page readable.
    return _encoded(data, media_type, alt, text, about)


def sheet_bundle(drawings: Sequence[Drawing], *, inline_limit: int = INLINE_LIMIT) -> Bundle:
    """Make one contact sheet of all pictures of several drawings."""
    pictures = [picture for drawing in drawings for picture in drawing.pictures]
    if not pictures:
        return {"text/plain": "\n".join(map(repr, drawings))}, {}
    data, media_type = preview(contact_sheet([p.image for p in pictures]), inline_limit)
    text = "\n".join(drawing.caption() for drawing in drawings)
    prompts = list(dict.fromkeys(drawing.prompt for drawing in drawings))
    about = {"drawings": [facts(drawing) for drawing in drawings]}
    return _encoded(data, media_type, " / ".join(prompts), text, about)


def _encoded(data: bytes, media_type: str, alt: str, text: str, about: dict[str, Any]) -> Bundle:
    encoded = pybase64.b64encode(data).decode("ascii")
    return {media_type: encoded, "text/plain": text}, {media_type: {"alt": alt}, "nbext": about}


def facts(drawing: Drawing) -> dict[str, Any]:
    """Say in a notebook's metadata how a picture was made."""
    record = drawing.record
    said = {
        "number": record.number,
        "id": record.id,
        "model": record.model,
        "prompt": record.prompt,
        "parameters": record.parameters,
        "host": "embedded" if record.embedded else record.host,
        "finished": record.finished,
        "pictures": [picture.sha256 for picture in record.pictures],
        "parents": record.parents,
    }
    return {name: value for name, value in said.items() if value}


def preview(image: Image, limit: int) -> tuple[bytes, str]:
    """Make a picture small enough: PNG where that fits, JPEG, then fewer pixels.

    Returns:
        The bytes and their media type.
    """
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    image = image.convert("RGBA" if has_alpha else "RGB")
    if (png := _saved(image, "PNG", optimize=False)) and len(png) <= limit:
        return png, "image/png"
    flat = image if not has_alpha else _on_white(image)
    for _ in range(12):
        jpeg = _saved(flat, "JPEG", quality=85)
        if len(jpeg) <= limit:
            return jpeg, "image/jpeg"
        shrink = max(0.5, min(0.9, math.sqrt(limit / len(jpeg))))
        size = max(1, int(flat.width * shrink)), max(1, int(flat.height * shrink))
        flat = flat.resize(size)
    return jpeg, "image/jpeg"


def _saved(image: Image, form: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def _on_white(image: Image) -> Image:
    from PIL import Image as Images

    ground = Images.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def contact_sheet(images: Sequence[Image]) -> Image:
    """Lay pictures out side by side, in rows of two to four, on nothing."""
    from PIL import Image

    columns = {1: 1, 2: 2, 3: 3, 4: 2}.get(len(images), 3 if len(images) <= 9 else 4)
    cell = (SHEET_WIDTH - SHEET_GAP * (columns - 1)) // columns
    scaled = []
    for image in images:
        height = max(1, round(image.height * cell / image.width))
        scaled.append(image.convert("RGBA").resize((cell, min(height, cell * 3))))
    rows = [scaled[at : at + columns] for at in range(0, len(scaled), columns)]
    heights = [max(image.height for image in row) for row in rows]
    total = sum(heights) + SHEET_GAP * (len(rows) - 1)
    sheet = Image.new("RGBA", (SHEET_WIDTH, total), (0, 0, 0, 0))
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for column, image in enumerate(row):
            sheet.paste(image, (column * (cell + SHEET_GAP), top + (height - image.height) // 2))
        top += height + SHEET_GAP
    return sheet
