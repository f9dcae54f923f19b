"""A picture, a film or a sound of a drawing."""

from __future__ import annotations

import contextlib
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from nbext.data.picture import is_played
from nbext.display.caption import picture_name
from nbext.display.item import Item
from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.util.atomic import atomic_write
from nbext.util.public import Public, with_own_errors
from nbext.util.text import human_size

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from nbext.data.picture import PictureInfo
    from nbext.export.c2pa.credentials import Credentials
    from nbext.export.c2pa.sign import Certificate

_PILLOW_NAME = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "gif": "GIF",
}


class Settings(Protocol):
    """The settings of a history for showing and signing pictures."""

    session: Any

    @property
    def inline_limit(self) -> int:
        """The largest picture, in bytes, that is shown in full."""

    def beside(self, path: str | Path) -> Path:
        """Resolve a relative path, which starts at the notebook's folder."""


class Owner(Item, Protocol):
    """The drawing of a picture."""

    @property
    def id(self) -> str:
        """The globally unique id."""

    @property
    def number(self) -> int:
        """The number of the drawing; captions show number 3 as ``@3``."""

    @property
    def history(self) -> Settings:
        """The notebook's history."""


class Picture(Public):
    """One picture of a drawing.

    Example:
        >>> p = nbext.history[-1].pictures[0]  # doctest: +SKIP
        >>> p.save("cat.png"), p.width, p.sha256[:12]  # doctest: +SKIP
    """

    def __init__(self, info: PictureInfo, drawing: Owner, index: int) -> None:
        self.info = info
        self.drawing = drawing
        self.index = index

    @property
    @with_own_errors
    def data(self) -> bytes:
        """The bytes as received."""
        return self.drawing.store.read(self.info.sha256)

    @property
    def media_type(self) -> str:
        """The media type, determined from the bytes."""
        return self.info.media_type

    @property
    def width(self) -> int:
        """The size in pixels, or 0 if unknown."""
        return self.info.width

    @property
    def height(self) -> int:
        """The size in pixels, or 0 if unknown."""
        return self.info.height

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.info.size

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes as received."""
        return self.info.sha256

    @property
    def url(self) -> str:
        """The link in the answer, or empty if the answer contained the picture itself."""
        return self.info.url

    @property
    def path(self) -> Path | None:
        """The path of the file in the history's folder."""
        return self.drawing.store.path(self.info.sha256)

    @property
    def name(self) -> str:
        """The reference to this picture: ``@3``, or ``@3.2`` for the second of several."""
        return picture_name(self.drawing.record, self.index)

    @property
    def drawing_id(self) -> str:
        """The id of the picture's drawing."""
        return self.drawing.id

    @property
    @with_own_errors
    def image(self) -> Image:
        """The picture as a PIL image, decoded again at each access.

        Raises:
            HistoryError: The picture is missing.
            PictureError: The picture cannot be decoded.
        """
        from nbext.imaging.decode import open_image

        limit = self.drawing.store.max_pixels
        return open_image(self.data, self.media_type, max_pixels=limit)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the pixels, for numpy and matplotlib.

        Example:
            >>> plt.imshow(nbext.history[3].pictures[0])  # doctest: +SKIP
        """
        del copy  # Each time it is decoded anew.
        return import_module("numpy").asarray(self.image, dtype=dtype)

    def credentials(self, *, trust: str | Path | None = None) -> Credentials:
        """Read the Content Credentials (C2PA): the signer, and whether the file was altered since.

        Missing credentials prove nothing. Needs ``pip install "nbext[c2pa]"``. Makes no network
        requests.

        Args:
            trust: A PEM file of the certificates that you trust.

        Raises:
            HistoryError: The picture is missing.
            OptionError: The extra is not installed, or the file does not exist.
            PictureError: The credentials cannot be read.

        Example:
            >>> drawing.pictures[0].credentials()  # doctest: +SKIP
        """
        from nbext.export.c2pa.credentials import credentials_of

        return credentials_of(self.data, trust=trust)

    def save(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        provenance: bool = True,
        sign: Certificate | bool = False,
    ) -> Path:
        """Write the picture to a file.

        The pixels are not re-encoded, and the metadata says how the picture was made, if the
        format allows it. A different suffix converts the picture. A picture with its provider's
        Content Credentials is left unchanged; an ``.xmp`` file beside it says how it was made.

        Args:
            path: A file, or a folder; a relative path starts at the notebook's folder. If the name
                has no suffix, the picture's own is added.
            overwrite: Whether to replace an existing file that differs.
            provenance: Whether to add the metadata.
            sign: A ``nbext.Certificate`` to sign with (C2PA), or True for the one in the settings.
                Source pictures are included, and signed too if they are not signed yet.

        Raises:
            OptionError: The file exists or cannot be written, its suffix is not that of a picture,
                or the certificate cannot sign.
            HistoryError: The picture or one of its sources is missing.
            PictureError: The picture cannot be signed.

        Example:
            >>> drawing.pictures[0].save("cat.png")  # doctest: +SKIP
        """
        target = self.drawing.history.beside(path)
        if target.is_dir() or str(path).endswith(("/", os.sep)):
            target = target / self.name.lstrip("@").replace(".", "-")
        if not target.suffix:
            target = target.with_name(f"{target.name}.{self.info.extension}")
        suffix = target.suffix.lstrip(".").lower()
        data = self._written(suffix, provenance=provenance, signing=sign)
        files = {target: data}
        if provenance and sign is False and not is_played(self.info):
            from nbext.export.metadata.provenance import sidecar

            beside = target.with_suffix(".xmp")
            if packet := sidecar(data, self.drawing.record, self.info).encode():
                files[beside] = packet
        if not overwrite:
            # Saving the same file again, as in a second run, is allowed.
            files = {file: data for file, data in files.items() if not _holds(file, data)}
        for file, content in files.items():
            try:
                with atomic_write(file) as part:
                    part.write_bytes(content)
            except OSError as error:
                raise OptionError(
                    phrase("history.file_unwritable", file=file, value=error.strerror or error)
                ) from None
        return target

    def _written(
        self, suffix: str, *, provenance: bool, signing: Certificate | bool = False
    ) -> bytes:
        data, own = self.data, self.info.extension
        if suffix != own and not {suffix, own} <= {"jpg", "jpeg"}:
            data = self._converted(suffix)
        if signing is not False:
            from nbext.drawings.signing import certificate_of, sign

            certificate = (
                certificate_of(self.drawing.history.session) if signing is True else signing
            )
            record, store = self.drawing.record, self.drawing.store
            return sign(data, record, self.info, store, certificate, provenance=provenance)
        if not provenance or is_played(self.info):
            return data
        from nbext.errors import PictureError
        from nbext.export.metadata.provenance import with_provenance

        try:
            return with_provenance(data, self.drawing.record, self.info)
        except PictureError:
            return data

    def _converted(self, suffix: str) -> bytes:
        if suffix not in _PILLOW_NAME or is_played(self.info):
            raise OptionError(
                phrase("history.bad_suffix", name=self.name, suffix=suffix),
                remedy=phrase("history.own_format", extension=self.info.extension)
                + (
                    "."
                    if self.info.extension in ("mp4", "webm")
                    else phrase("history.other_formats")
                ),
            )
        from nbext.imaging.decode import converted

        return converted(self.image, _PILLOW_NAME[suffix])

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from nbext.display.mimebundle import details, picture_bundle
        from nbext.display.video import film_data

        drawing, limit = self.drawing, self.drawing.history.inline_limit
        if is_played(self.info):
            return film_data(self.info, drawing, limit), {"nbext": details(drawing.record)}
        return picture_bundle(self.info, drawing, text=repr(self), inline_limit=limit)

    def __repr__(self) -> str:
        size = f"{self.width}×{self.height} " if self.width else ""
        kind = self.media_type.rpartition("/")[2].upper()
        what = {"video": "Film", "audio": "Sound"}.get(self.media_type.partition("/")[0], "Picture")
        return f"<{what} {self.name}: {size}{kind}, {human_size(self.size)}>"


def _holds(file: Path, data: bytes) -> bool:
    """Return whether a file exists with the same contents.

    Raises:
        OptionError: It exists with other contents.
    """
    if not file.exists():
        return False
    with contextlib.suppress(OSError):
        if file.stat().st_size == len(data) and file.read_bytes() == data:
            return True
    raise OptionError(phrase("history.exists", path=file), remedy=phrase("history.pass_overwrite"))
