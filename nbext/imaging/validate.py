"""Check that a file is the picture that its first bytes announce, by decoding it once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbext.data.limits import Limits
from nbext.data.picture import SNIFF_BYTES, identify
from nbext.errors import PictureError
from nbext.imaging.decode import HEADER_BYTES, PILLOW_FORMAT, UncheckedError, limited_image
from nbext.messages.say import phrase
from nbext.util.text import human_size

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo


def check_picture(
    source: Path | str | bytes, info: PictureInfo, limits: Limits | None = None
) -> tuple[int, int]:
    """Decode a picture to check it; films and SVG are not decoded.

    This takes about 100 ms: on an event loop, call it through ``asyncio.to_thread``.

    Args:
        source: The file, or its bytes.
        info: The expected type and size.
        limits: The limits of bytes and pixels.

    Returns:
        Width and height in pixels, (0, 0) if it was not decoded.

    Raises:
        PictureError: It is something else, too large, truncated or corrupt.
        UncheckedError: It could not be checked, for lack of memory, permission or Pillow, and may
            be fine.
    """
    limits = limits or Limits()
    source = Path(source) if isinstance(source, str) else source
    try:
        if isinstance(source, bytes):
            head, size = source[:HEADER_BYTES], len(source)
        else:
            size = source.stat().st_size
            with source.open("rb") as file:
                head = file.read(HEADER_BYTES)
            if len(head) == size:
                # All of it: the file need not be opened again.
                source = head
    except OSError as error:
        raise UncheckedError(phrase("picture.unchecked_error", error=error)) from error
    if size > limits.picture_bytes:
        most = human_size(limits.picture_bytes)
        raise PictureError(phrase("picture.too_large", size=human_size(size), most=most))
    kind = identify(head[:SNIFF_BYTES])
    if not kind or kind != info.media_type:
        raise PictureError(
            phrase(
                "picture.other_type",
                value=kind or phrase("picture.not_a_picture"),
                media_type=info.media_type,
            )
        )
    if kind not in PILLOW_FORMAT:
        return 0, 0
    with limited_image(source, kind, max_pixels=limits.picture_pixels) as image:
        image.load()
        return image.size
