"""Draw a spec: the artist's sketch in the requested file format.

Everything here is slow and runs in a thread.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

import pybase64

from nbext.embedded.masking import draw_within
from nbext.embedded.sketch import DrawSpec, Format, Sketch, plain_sketch

_PIXELS = 64_000_000  # larger pictures are not opened


def sketch(spec: DrawSpec, take: int) -> Sketch:
    """Draw one take of a spec.

    Raises:
        ValueError: If a reference or the mask cannot be read as a picture.
    """
    if spec.mask is not None and spec.pictures:
        result = draw_within(spec, spec.mask, take)
    else:
        result = plain_sketch(spec, take)
    if spec.background == "transparent":
        result = _transparent(result, spec.format)
    if spec.format == "svg":
        return replace(result, data=_as_svg(result), media_type="image/svg+xml")
    if spec.format == "gif":
        data = _as_gif(result, spec.frames, spec.frame_ms)
        return replace(result, data=data, media_type="image/gif")
    return result


def _transparent(result: Sketch, form: Format) -> Sketch:
    """Return the figures on a transparent background; without a scene, the picture unchanged."""
    from PIL import Image

    from nbext.embedded.artist.render import to_png, to_svg

    if not result.is_scene or form not in {"png", "webp"}:
        return result
    size = result.width, result.height
    data = to_png(to_svg(result.scene or {}, *size, backdrop=False), *size)
    if form == "webp":
        out = io.BytesIO()
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            image.save(out, "WEBP", quality=88, method=1)
        data = out.getvalue()
    return replace(result, data=data)


def _as_svg(result: Sketch) -> bytes:
    """Return the scene as SVG; a picture from elsewhere is embedded in one."""
    from nbext.embedded.artist.render import to_svg

    if result.is_scene:
        return to_svg(result.scene or {}, result.width, result.height).encode()
    size = f'width="{result.width}" height="{result.height}"'
    uri = f"data:{result.media_type};base64,{pybase64.b64encode(result.data).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {result.width} {result.height}" '
        f'{size}><image href="{uri}" {size}/></svg>'
    ).encode()


def _as_gif(result: Sketch, frames: int, frame_ms: int) -> bytes:
    """Return an animation that slowly zooms into the picture."""
    from PIL import Image

    from nbext.embedded.film import zoom

    with Image.open(io.BytesIO(result.data)) as source:
        still = source.convert("RGB")
    first, *others = zoom(still, (result.width, result.height), frames)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=frame_ms, loop=0)
    return out.getvalue()


def pixel_hash(data: bytes) -> str:
    """Return the hash of a picture's pixels, empty if it cannot be read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _PIXELS:
                return ""
            pixels = image.convert("RGB")
    except Exception:  # noqa: BLE001 - decoders raise all kinds of errors for hostile files
        return ""
    return f"{pixels.size} {hashlib.sha256(pixels.tobytes()).hexdigest()}"
