"""Read how a picture was made from its file (``nbext.read``)."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

from nbext.data.picture import SNIFF_BYTES, identify
from nbext.errors import OptionError, PictureError
from nbext.export.c2pa.credentials import look
from nbext.export.metadata.other_tools import read_provenance, read_texts
from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.xmp import XMP_KEYWORD
from nbext.messages.say import phrase

MAX_BYTES = 100 * 1024 * 1024


def read(picture: Any, *, trust: str | os.PathLike[str] | None = None) -> Provenance:
    """Read the prompt, model and parameters that a picture's file contains.

    Understands files from nbext, A1111 and its relatives, ComfyUI, InvokeAI, Fooocus, SwarmUI,
    NovelAI, Draw Things, Easy Diffusion and Midjourney, and IPTC's fields for generative models.
    For a picture with Content Credentials, the ``.xmp`` file beside it is read. ``caveat`` says
    what is uncertain. This is not proof: anyone can write these fields. With ``nbext[c2pa]``, also
    reads Content Credentials: who signed the file, and whether it was changed afterwards.

    Args:
        picture: A path, the bytes of a file, or an object with these bytes as ``.data``.
        trust: A PEM file with the certificates of signers that you trust.

    Raises:
        OptionError: The file does not exist.
        PictureError: The file is not a picture, or does not say how it was made.

    Example:
        >>> nbext.read("cat.png").prompt  # doctest: +SKIP
        '画只猫'
    """
    name = phrase("export.the_file")
    path: Path | None = None
    if isinstance(picture, str | os.PathLike):
        path = Path(picture).expanduser()
        name = path.name
        data = _bytes_of(path)
    else:
        data = getattr(picture, "data", picture)
        if not isinstance(data, bytes | bytearray | memoryview):
            raise OptionError(phrase("export.not_readable", picture=type(picture).__name__))
        data = bytes(data)
    provenance = read_provenance(data)
    if provenance is None and path is not None:
        provenance = _beside(path, data)
    credentials = look(data, trust=trust)
    if provenance is None and credentials:
        provenance = Provenance(tool=credentials.generator)
    if provenance is None:
        if not identify(data[:SNIFF_BYTES]):
            raise PictureError(phrase("export.no_picture", name=name))
        raise PictureError(
            phrase("export.no_note", name=name), remedy=phrase("export.note_removed")
        )
    provenance.credentials = credentials
    return provenance


def _beside(path: Path, data: bytes) -> Provenance | None:
    """Read the ``.xmp`` file beside a picture, which signed pictures are saved with."""
    for other in (path.with_suffix(".xmp"), path.with_name(f"{path.name}.xmp")):
        if not other.is_file():
            continue
        provenance = read_texts({XMP_KEYWORD: _bytes_of(other).decode("utf-8", "replace")})
        if provenance is None:
            continue
        # The file has the picture's name, and may have been left behind by another.
        if provenance.sha256 != hashlib.sha256(data).hexdigest():
            provenance.caveat = phrase("export.other_file", name=other.name)
        return provenance
    return None


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not path.is_dir():
            raise PictureError(phrase("export.no_picture", name=path.name))
        if status.st_size > MAX_BYTES:
            raise PictureError(
                phrase("export.file_too_large", name=path.name, value=MAX_BYTES >> 20)
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        # A ValueError: no file can have the name.
        reason = getattr(error, "strerror", None) or error
        raise OptionError(phrase("export.no_file_picture", path=path, value=reason)) from None
