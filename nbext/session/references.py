"""Anything that a user calls a picture, as bytes."""

from __future__ import annotations

import hashlib
import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from nbext.data.picture import sniff
from nbext.data.request import Reference, public_url
from nbext.drawings.drawing import Drawing, Drawings
from nbext.drawings.picture import Picture
from nbext.errors import OptionError, PictureError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from nbext.drawings.history import History

# What a relay takes at most; larger files are a slip of the hand more often than a wish.
MAX_BYTES = 100 * 1024 * 1024
# One of several takes.
INDEXED = re.compile(r"([^\W\d]\w*)\[(-?\d{1,4})\]")


class Kept(Protocol):
    """Gives what the history has kept of a picture that it was given, None where nothing."""

    def __call__(self, *, source: str = "", url: str = "") -> Reference | None:
        """Find it by the name of its file, or by its address."""


async def reference(
    value: Any,
    *,
    history: History,
    fetch: Callable[[str], Awaitable[bytes]],
    names: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    kept: Kept | None = None,
) -> Reference:
    """Read a picture given as a drawing, a picture, bytes, a path, a URL, an image or a figure.

    Args:
        value: The picture. A text is, in this order: ``@3`` or ``@3.2`` of the history, a variable
            of the notebook, a URL, a path.
        history: Where ``@3`` is looked up.
        fetch: Fetches a URL.
        names: The notebook's variables.
        folder: What relative paths start from.
        kept: Gives what the history has kept of a file's name, or of an address.

    Raises:
        OptionError: There is nothing of that name.
        PictureError: The bytes are no picture.
    """
    if isinstance(value, str):
        return await _named(
            value,
            history=history,
            fetch=fetch,
            names=names or {},
            folder=folder,
            kept=kept or _nothing_kept,
        )
    if isinstance(value, os.PathLike):
        return _file(str(value), None, kept or _nothing_kept)
    return _made(value, source=type(value).__name__)


def _nothing_kept(*, source: str = "", url: str = "") -> None:
    del source, url


async def _named(
    text: str,
    *,
    history: History,
    fetch: Callable[[str], Awaitable[bytes]],
    names: Mapping[str, Any],
    folder: Path | None,
    kept: Kept,
) -> Reference:
    if text.startswith("@"):
        drawing, picture = history.resolve(text)
        return Reference.of(picture.data, source=text, drawing=drawing.id)
    if text.isidentifier() and text in names:
        value = names[text]
        if isinstance(value, str):
            return await _named(
                value, history=history, fetch=fetch, names={}, folder=folder, kept=kept
            )
        if isinstance(value, os.PathLike):
            return _file(str(value), None, kept)
        return _made(value, source=text)
    indexed = INDEXED.fullmatch(text)
    if indexed is not None and indexed[1] in names:
        return _made(_item(names[indexed[1]], int(indexed[2]), text), source=text)
    if is_url(text):
        # First what was sent: the same request is one about the same picture.
        found = kept(url=public_url(text))
        if found is not None:
            return found
        name = unquote(Path(urlsplit(text).path).name)
        checked = _checked(await fetch(text), source=name or "picture")
        return msgspec.structs.replace(checked, url=public_url(text))
    return _file(text, folder, kept)


def _item(several: Any, index: int, name: str) -> Any:
    """Take one of several takes, or of a list.

    Raises:
        OptionError: There are not so many.
    """
    try:
        return several[index]
    except (TypeError, LookupError) as error:
        raise OptionError(f"There is no {name}: {error}.") from None


def is_url(text: str) -> bool:
    """Whether a text is an address on the web."""
    return urlsplit(text).scheme in ("http", "https")


def _file(text: str, folder: Path | None, kept: Kept) -> Reference:
    """Read a file; where it is not there, what was sent of it."""
    try:
        return read_file(text, folder=folder)
    except OptionError:
        found = kept(source=Path(text).name)
        if found is None:
            raise
        return found


def _made(value: Any, *, source: str) -> Reference:
    if isinstance(value, Reference):
        return value
    if isinstance(value, Picture):
        return Reference.of(value.data, source=value.name, drawing=value.drawing_id)
    if isinstance(value, Drawings):
        if len(value) != 1:
            raise OptionError(
                f"{source} is {len(value)} drawings.", remedy=f"Say which: {source}[0]."
            )
        value = value[0]
    if isinstance(value, Drawing):
        if not value.pictures:
            raise OptionError(f"The drawing @{value.number} has no picture.")
        return _made(value.pictures[0], source=source)
    if isinstance(value, bytes | bytearray | memoryview):
        return _checked(bytes(value), source=source)
    data = _rendered(value, source)
    return Reference.of(data, source=source, pixels=_pixels(data))


def _pixels(data: bytes) -> str:
    """Hash what a PNG shows, however it is packed."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as opened:
        image = opened if opened.mode.startswith("I") else opened.convert("RGBA")
        digest = hashlib.sha256(f"{image.mode} {image.width}x{image.height} ".encode())
        digest.update(image.tobytes())
    return digest.hexdigest()


def _rendered(value: Any, source: str) -> bytes:
    """Write an image, an array or a figure as PNG."""
    buffer = io.BytesIO()
    if hasattr(value, "savefig"):
        value.savefig(buffer, format="png")
        return buffer.getvalue()
    if hasattr(value, "_repr_png_") and not hasattr(value, "save"):
        png = value._repr_png_()
        if png:
            return bytes(png[0] if isinstance(png, tuple) else png)
    from PIL import Image

    if hasattr(value, "__array_interface__") and not isinstance(value, Image.Image):
        try:
            value = Image.fromarray(_as_bytes_array(value))
        except (TypeError, ValueError) as error:
            raise OptionError(
                f"The array {source} is no picture: {error}.",
                remedy="Give one of shape (height, width), (…, 3) or (…, 4), as uint8 or as floats "
                "from 0 to 1.",
            ) from None
    if isinstance(value, Image.Image):
        mode = value.mode if value.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "RGB"
        value.convert(mode).save(buffer, format="PNG")
        return buffer.getvalue()
    raise OptionError(
        f"{source} ({type(value).__name__}) is no picture.",
        remedy="Give a drawing, @3, a path, a URL, bytes, a PIL image, an array or a figure.",
    )


def _as_bytes_array(array: Any) -> Any:
    """Scale floats from 0…1 to 0…255, as plotting libraries read them."""
    if getattr(array.dtype, "kind", "") == "f":
        return (array.clip(0, 1) * 255).round().astype("uint8")
    return array.astype("uint8") if getattr(array.dtype, "kind", "") == "b" else array


def read_file(given: str, *, folder: Path | None = None) -> Reference:
    """Read a picture's file.

    Args:
        given: Its path.
        folder: What a relative path starts from.

    Raises:
        OptionError: There is no such file.
        PictureError: It is no picture, or too large.
    """
    path = Path(given).expanduser()
    path = path if path.is_absolute() or folder is None else folder / path
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError(f"{given} is larger than {MAX_BYTES >> 20} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise OptionError(
            f"There is no picture {given!r}: {error.strerror or error}.",
            remedy="Name a variable, a path, a URL, or a drawing such as @3.",
        ) from None
    return _checked(data, source=path.name)


def _checked(data: bytes, *, source: str) -> Reference:
    if not sniff(data[:512]):
        raise PictureError(
            f"{source} is no picture that is known.",
            remedy="PNG, JPEG, WebP, GIF, AVIF and SVG pictures and MP4 or WebM films are.",
        )
    return Reference.of(data, source=source)
