"""Reads reference pictures from everything that users can pass as a picture."""

from __future__ import annotations

import hashlib
import io
import os
import shlex
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from nbext.data.picture import sniff
from nbext.data.request import Reference, lineage_of, public_url, without_user
from nbext.drawings.drawing import Drawing, Drawings, missing_picture
from nbext.drawings.picture import Picture
from nbext.errors import OptionError, PictureError, ReplayError
from nbext.messages.say import phrase
from nbext.session.plan import Conversation
from nbext.store.conversation import conversation_turns
from nbext.store.disk import read_regular
from nbext.store.replay import mode_of
from nbext.store.sent_references import numbered_before, sent_reference
from nbext.util.pattern import pattern
from nbext.util.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from nbext.data.options import Options
    from nbext.data.record import Record
    from nbext.drawings.history import History

# The most that relays accept; a larger file is usually a mistake.
MAX_BYTES = 100 * 1024 * 1024
# One of several takes: ``takes[0]``.
# The files of a folder that a misspelled name is compared with.
_MOST_FILES = 1000
# What pictures of other libraries are called in a history, by the library.
_KINDS = {"PIL": "picture", "numpy": "array", "matplotlib": "figure"}
# A moment of a film: @3@1.5s, film.mp4@1.5s.
_FRAME = pattern(r"([^@]{1,400}|@[\d.-]{1,12})@(\d{1,5}(?:\.\d{1,3})?)s(?:ec)?")
INDEXED = pattern(r"([^\W\d]\w*)\[(-?\d{1,4})\]")


class SessionReader:
    """Reads the references of a notebook's requests, and stores their pictures in the history.

    Args:
        history: The history with drawings and with pictures that were sent before.
        names: The variables of the notebook.
        folder: The folder that relative paths start from.
        fetch: Downloads a URL.
        cell: The id of the cell that asks, or an empty text.
        replay: ``Nbext.replay``. With ``"only"`` nothing is downloaded, and a fresh request uses no
            recorded picture in place of a file or a URL.
    """

    def __init__(
        self,
        history: History,
        *,
        names: Mapping[str, Any],
        folder: Path,
        fetch: Callable[[str], Awaitable[bytes]],
        replay: str,
        cell: str = "",
    ) -> None:
        self.history = history
        self.names = names
        self.folder = folder
        self.fetch = fetch
        self.replay = replay
        self.cell = cell

    async def picture(self, value: object, *, options: Options, index: int) -> Reference:
        """Read a reference picture; see ``reference``."""
        self._refuse_frame(value)
        store, mode = self.history.store, mode_of(self.replay, fresh=options.fresh)

        def stored(*, source: str = "", url: str = "") -> Reference | None:
            if mode == "never":
                return None
            return sent_reference(
                store, options.prompt, options.kind, index, source=source, url=url
            )

        result = await reference(
            value,
            resolve=lambda text: self.resolve(text, self.numbered(text, options, index)),
            fetch=self.fetch if mode != "only" else _fetch_nothing,
            names=self.names,
            folder=self.folder,
            stored=stored,
        )
        self.record(result)
        return result

    def _refuse_frame(self, value: object) -> None:
        """Refuse a moment of a film, such as ``@3@1.5s``, with the command that takes the frame.

        Raises:
            OptionError: It is one.
        """
        frame = _FRAME.fullmatch(value.strip()) if isinstance(value, str) else None
        if frame is None or (self.folder / str(value)).exists():
            return
        name, seconds = frame.groups()
        film: object = self.names.get(name, name)
        if name.startswith("@"):
            film = self.history.find(name)[0]
        path = name
        if isinstance(film, Drawing):
            if not film.films:
                raise OptionError(phrase("session.no_film", name=name))
            path = os.path.relpath(film.films[0].path or name, self.folder)
        raise OptionError(
            phrase("session.no_frames"),
            remedy=phrase("session.take_frame", seconds=seconds, path=shlex.quote(path)),
        )

    def record(self, reference: Reference) -> None:
        """Store a picture in the history, so that others can run the request again."""
        # If it cannot be written, the store warns.
        self.history.store.put(reference.data)

    def numbered(self, text: str, options: Options, index: int | None = None) -> Record | None:
        """Find the drawing that ``@3`` meant in an earlier run of the same request.

        Args:
            text: The reference as written in the cell.
            options: The options that contain it.
            index: The index among the references, -1 for the mask, or None for a conversation.
        """
        if is_relative(text):
            return None
        request = (options.prompt, options.kind)
        return numbered_before(self.history.store, text, request, cell=self.cell, index=index)

    def resolve(self, text: str, record: Record | None = None) -> Reference:
        """Return the picture that a reference such as ``@3`` means.

        Args:
            text: The reference as written in the cell.
            record: The drawing that it meant before, or None if not recorded.
        """
        if record is not None:
            picture = self.history.picture_of(record, text)
            return Reference.of(picture.data, source=text, drawing=record.id)
        drawing, picture = self.history.resolve(text)
        if not is_relative(text):
            return Reference.of(picture.data, source=text, drawing=drawing.id)
        lineage = drawing.lineage(picture.index)
        return Reference.of(
            picture.data, source=text, drawing=drawing.id, lineage=lineage, relative=True
        )

    async def conversation(self, value: object, *, options: Options) -> Conversation:
        """Read the conversation that ends with a drawing or a reference such as ``@3``."""
        drawing = value
        if isinstance(value, str):
            record = self.numbered(value, options)
            drawing = Drawing(record, self.history) if record else self.history.find(value)[0]
        if not isinstance(drawing, Drawing):
            raise OptionError(
                phrase("session.not_a_drawing", value=value), remedy=phrase("session.continue_last")
            )
        turns = conversation_turns(self.history.store, drawing.record)
        relative = is_relative(value)
        return Conversation(
            drawing=drawing.id,
            model=drawing.model,
            name=name_of_number(value),
            lineage=drawing.lineage() if relative or value is drawing else "",
            relative=relative,
            turns=turns,
        )


async def _fetch_nothing(url: str) -> bytes:
    raise ReplayError(phrase("replay.only_url", url=public_url(url)))


class StoredReferences(Protocol):
    """Returns the recorded picture of an earlier request, or None."""

    def __call__(self, *, source: str = "", url: str = "") -> Reference | None:
        """Look up a picture by the name of its file, or by its URL."""


async def reference(
    value: object,
    *,
    resolve: Callable[[str], Reference],
    fetch: Callable[[str], Awaitable[bytes]],
    names: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    stored: StoredReferences | None = None,
) -> Reference:
    """Read a picture given as a drawing, a picture, bytes, a path, a URL, an image or a figure.

    Args:
        value: The picture. A text is tried as ``@3`` or ``@3.2``, a variable of the notebook, a
            URL, and a path, in this order.
        resolve: Returns the picture that ``@3`` means.
        fetch: Downloads a URL.
        names: The variables of the notebook.
        folder: The folder that relative paths start from.
        stored: Returns the recorded picture for a file name or a URL.

    Raises:
        OptionError: Nothing with that name exists.
        PictureError: The bytes are not a picture.
    """
    stored = stored or _nothing_stored
    source = _kind_of(value)
    if isinstance(value, str):
        text, value = value, _variable(value, {} if names is None else names)
        source = text if value is not text else source
    if isinstance(value, str) and value.startswith("@"):
        return resolve(value)
    if isinstance(value, str) and is_url(value):
        return await _address(value, fetch, stored)
    if isinstance(value, str | os.PathLike):
        try:
            return _file(str(value), folder, stored)
        except OptionError as error:
            error.remedy = _similar(str(value), names, folder) or error.remedy
            raise
    return _reference_of(value, source=source)


def _similar(text: str, names: Mapping[str, Any] | None, folder: Path | None) -> str:
    """Suggest variables and files whose names are spelled like a text."""
    path = Path(text).expanduser()
    variables = [
        name
        for name, value in list((names or {}).items())
        if not (name.startswith("_") or callable(value) or isinstance(value, ModuleType))
    ]
    try:
        beside = (folder or Path()) / path.parent
        files = [(path.parent / item.name).as_posix() for item in beside.iterdir()][:_MOST_FILES]
    except (OSError, ValueError):
        files = []
    return did_you_mean(text, [*(variables if text.isidentifier() else ()), *files])


def _kind_of(value: object) -> str:
    """Return what a picture given as an object is called."""
    kind = type(value)
    return _KINDS.get(kind.__module__.partition(".")[0], kind.__name__)


def _variable(text: str, names: Mapping[str, Any]) -> object:
    """Return the value of ``cat`` or ``takes[0]`` if the notebook has it, or else the text."""
    if text.isidentifier() and text in names:
        return names[text]
    indexed = INDEXED.fullmatch(text)
    if indexed is not None and indexed[1] in names:
        return _item(names[indexed[1]], int(indexed[2]), text)
    return text


def _nothing_stored(*, source: str = "", url: str = "") -> None:
    del source, url


async def _address(
    url: str, fetch: Callable[[str], Awaitable[bytes]], stored: StoredReferences
) -> Reference:
    """Return the picture recorded for a URL, or download it."""
    # Prefer the recorded picture, so that the request stays the same.
    match = stored(url=public_url(url))
    if match is not None:
        return match
    name = unquote(Path(urlsplit(url).path).name)
    checked = _checked(await fetch(url), source=name or "picture")
    return msgspec.structs.replace(checked, url=public_url(url))


def _item(several: Any, index: int, name: str) -> Any:
    """Return one item of several takes or of a list.

    Raises:
        OptionError: There is no such item.
    """
    try:
        return several[index]
    except (TypeError, LookupError) as error:
        raise OptionError(phrase("session.no_such_reference", name=name, error=error)) from None


def is_relative(value: object) -> bool:
    """Return whether a reference is relative, such as ``@-1`` for the last drawing."""
    return isinstance(value, str) and value.startswith("@-")


def name_of_number(value: object) -> str:
    """Return a reference to a drawing by its number, such as ``@3``, or an empty text."""
    return value if isinstance(value, str) and value[:1] == "@" and not is_relative(value) else ""


def is_url(text: str) -> bool:
    """Return whether a text is a web URL."""
    try:
        return urlsplit(text).scheme in ("http", "https")
    except ValueError:
        # Such as http://[…, which is no file either.
        return False


def _file(text: str, folder: Path | None, stored: StoredReferences) -> Reference:
    """Read a file, or return the recorded picture if the file does not exist."""
    try:
        return read_file(text, folder=folder)
    except OptionError:
        match = stored(source=Path(text).name)
        if match is None:
            raise
        return match


def _reference_of(value: object, *, source: str) -> Reference:
    if isinstance(value, Reference):
        return value
    if isinstance(value, Picture):
        record = value.drawing.record
        return Reference.of(
            value.data,
            source=value.name,
            drawing=value.drawing_id,
            lineage=lineage_of(record.fingerprint, record.take, value.index),
        )
    if isinstance(value, Drawings):
        if len(value) != 1:
            raise OptionError(
                phrase("session.several_drawings", source=source, count=len(value)),
                remedy=phrase("session.name_one", source=source),
            )
        value = value[0]
    if isinstance(value, Drawing):
        if not value.pictures:
            error = missing_picture(value)
            raise OptionError(error.message, remedy=error.remedy)
        return _reference_of(value.pictures[0], source=source)
    if isinstance(value, bytes | bytearray | memoryview):
        return _checked(bytes(value), source=source)
    data = _rendered(value, source)
    return Reference.of(data, source=source, pixels=_pixels(data))


def _pixels(data: bytes) -> str:
    """Hash the pixels of a PNG, regardless of its compression."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as opened:
        image = opened if opened.mode.startswith("I") else opened.convert("RGBA")
        digest = hashlib.sha256(f"{image.mode} {image.width}x{image.height} ".encode())
        digest.update(image.tobytes())
    return digest.hexdigest()


def _rendered(value: Any, source: str) -> bytes:
    """Encode an image, an array or a figure as PNG."""
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
                phrase("session.array_no_picture", source=source, error=error),
                remedy=phrase("session.array_shapes"),
            ) from None
    if isinstance(value, Image.Image):
        mode = value.mode if value.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else "RGB"
        value.convert(mode).save(buffer, format="PNG")
        return buffer.getvalue()
    raise OptionError(
        phrase("session.not_an_image", source=source, name=type(value).__name__)
        if source != type(value).__name__
        else phrase("session.kind_not_an_image", name=source),
        remedy=phrase("session.image_kinds"),
    )


def _as_bytes_array(array: Any) -> Any:
    """Scale floats from 0…1 to 0…255, as plotting libraries do."""
    if getattr(array.dtype, "kind", "") == "f":
        return (array.clip(0, 1) * 255).round().astype("uint8")
    return array.astype("uint8") if getattr(array.dtype, "kind", "") == "b" else array


def read_file(name: str, *, folder: Path | None = None) -> Reference:
    """Read a picture from a file.

    Args:
        name: The path.
        folder: The folder that a relative path starts from.

    Raises:
        OptionError: There is no such file.
        PictureError: The file is not a picture, or is too large.
    """
    path = Path(name).expanduser()
    path = path if path.is_absolute() or folder is None else folder / path
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError(phrase("session.too_large", name=name, value=MAX_BYTES >> 20))
        # A stranger's folder may have a link there that leads to a device or a pipe without an end.
        data = read_regular(Path(os.path.realpath(path)), MAX_BYTES)
    except (OSError, ValueError) as error:
        # A ValueError is that of a name which no file can have.
        reason = getattr(error, "strerror", None) or error
        raise OptionError(
            phrase("session.no_such_picture", name=_public_name(name), value=reason),
            remedy=phrase("session.reference_kinds"),
        ) from None
    return _checked(data, source=path.name)


def _public_name(name: str) -> str:
    """Return the name of a file; an address that is none is shown without what may be secret."""
    return without_user(name).partition("?")[0] if "://" in name else name


def _checked(data: bytes, *, source: str) -> Reference:
    if not sniff(data[:512]):
        raise PictureError(
            phrase("session.unknown_format", source=source),
            remedy=phrase("session.known_formats"),
        )
    return Reference.of(data, source=source)
