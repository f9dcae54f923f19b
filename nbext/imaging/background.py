"""Whether anything of a picture is transparent."""

from __future__ import annotations

from nbext.imaging.decode import has_alpha, open_image


def is_opaque(data: bytes, media_type: str) -> bool | None:
    """Return whether no pixel of a picture is transparent, not even in part.

    Args:
        data: The picture.
        media_type: Its media type.

    Returns:
        None for an SVG, which has no pixels.

    Raises:
        PictureError: It cannot be decoded.
    """
    if media_type == "image/svg+xml":
        return None
    image = open_image(data, media_type)
    if not has_alpha(image):
        return True
    least, _ = image.convert("RGBA").getchannel("A").getextrema()
    return least == 255
