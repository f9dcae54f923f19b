"""``nbext.read``: how a picture was made, as far as its file says."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from nbext.errors import OptionError, PictureError
from nbext.export.c2pa.credentials import look
from nbext.export.metadata.other_tools import read_provenance, read_texts
from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.xmp import XMP_KEYWORD
from nbext.messages.say import phrase

MAX_BYTES = 100 * 1024 * 1024


def read(picture: Any, *, trust: str | os.PathLike[str] | None = None) -> Provenance:
    """Read prompt, model and parameters back from a picture.

    Files of nbext say them, and those of A1111 and its like, ComfyUI, InvokeAI, Fooocus, SwarmUI,
    NovelAI, Draw Things, Easy Diffusion, Midjourney and whatever writes IPTC's fields for models.
    Beside a picture with Content Credentials its ``.xmp`` file is read. ``caveat`` says what is
    uncertain. Nothing in the file is run, and nothing in it is proof: anyone can write there what
    they like. Content Credentials are read too, with ``nbext[c2pa]``: who signed the file, and
    whether it was altered since.

    Args:
        picture: A path, the bytes of a file, or what has them as ``.data``.
        trust: A PEM file of the certificates that you trust to vouch for signers.

    Raises:
        OptionError: There is no such file or list.
        PictureError: It says nothing.

    Example:
        >>> nbext.read("cat.png").prompt  # doctest: +SKIP
        '画只猫'
    """
    name = phrase("export.the_picture")
    path: Path | None = None
    if isinstance(picture, str | os.PathLike):
        path = Path(picture).expanduser()
        name = path.name
        data = _bytes_of(path)
    else:
        data = bytes(getattr(picture, "data", picture))
    provenance = read_provenance(data)
    if provenance is None and path is not None:
        provenance = _beside(path, data)
    credentials = look(data, trust=trust)
    if provenance is None and credentials:
        provenance = Provenance(tool=credentials.generator)
    if provenance is None:
        raise PictureError(
            phrase("export.no_note", name=name),
            remedy=phrase("export.note_removed"),
        )
    provenance.credentials = credentials
    return provenance


def _beside(path: Path, data: bytes) -> Provenance | None:
    """Read the ``.xmp`` file beside a picture, as those with Content Credentials are saved."""
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
        if path.stat().st_size > MAX_BYTES:
            raise PictureError(
                phrase("export.file_too_large", name=path.name, value=MAX_BYTES >> 20)
            )
        return path.read_bytes()
    except OSError as error:
        raise OptionError(
            phrase("export.no_file_picture", path=path, value=error.strerror or error)
        ) from None
