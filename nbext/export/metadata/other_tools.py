"""Read from a picture's file how it was made, by nbext or another program.

A file comes from a stranger: only data is read, up to a limit, and nothing in it is ever run. What
cannot be read is passed over. Each reader takes the texts of a file and is written after a public
format; the table below says in which order they are tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from nbext.data.picture import identify
from nbext.export.metadata.a1111 import read_a1111
from nbext.export.metadata.comfyui import read_comfyui
from nbext.export.metadata.containers import texts_of
from nbext.export.metadata.iptc import read_iptc, read_midjourney
from nbext.export.metadata.json_notes import JSON_READERS, read_prompt
from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.stealth import stealth_texts
from nbext.export.metadata.xmp import XMP_KEYWORD, own_record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_READ = (
    *("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"),
    *("image/heic", "image/jxl", "image/tiff"),
)


def read_provenance(data: bytes) -> Provenance | None:
    """Read how a picture was made; None if its file does not say."""
    if identify(data[:512]) not in _READ:
        return None
    return read_texts(texts_of(data)) or read_texts(stealth_texts(data))


def read_texts(texts: Mapping[str, str]) -> Provenance | None:
    """Read how a picture was made from its file's texts, by keyword."""
    texts = {_SPELLINGS.get(keyword.lower(), keyword): text for keyword, text in texts.items()}
    provenances = (reader(texts) for reader in _READERS)
    return next((provenance for provenance in provenances if provenance is not None), None)


def _read_own(texts: Mapping[str, str]) -> Provenance | None:
    text = texts.get("nbext") or own_record(texts.get(XMP_KEYWORD, ""))
    try:
        provenance = msgspec.json.decode(text.encode(), type=Provenance) if text else None
    except (msgspec.MsgspecError, RecursionError):
        return None
    if provenance is not None:
        # A note can say anything; credentials are what was found by looking at the file itself.
        provenance.credentials = None
    return provenance


# Keywords that some programs write with another first letter.
_SPELLINGS = {"parameters": "parameters", "comment": "Comment", "description": "Description"}


# Those whose keywords nobody else uses come first; what a text only looks like comes last.
_READERS: tuple[Callable[[Mapping[str, str]], Provenance | None], ...] = (
    _read_own,
    read_comfyui,
    *JSON_READERS,
    read_midjourney,
    read_a1111,
    read_iptc,
    read_prompt,
)
