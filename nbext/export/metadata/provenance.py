"""Write provenance into exported pictures: request, model, date and source pictures.

Written so that others read it: the ``parameters`` text of A1111 (its own, CivitAI's and SwarmUI's
readers want a last line that starts with ``Steps: `` and at least three pairs), and XMP with IPTC
2025.1's fields. Our own record, complete, stands under the keyword ``nbext``.
"""

from __future__ import annotations

import json
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.errors import PictureError
from nbext.export.c2pa.credentials import Credentials
from nbext.export.metadata.containers import has_c2pa, splice, texts_of
from nbext.export.metadata.xmp import XMP_KEYWORD, own_record, packet
from nbext.messages.say import phrase
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

_SHOWN = (
    *("prompt", "revised_prompt", "negative", "model", "parameters"),
    *("created", "host", "parents", "tool", "caveat"),
)
_LONG = 4000
# What ends a name or a value of A1111's last line.
_SEPARATORS = frozenset(",\n:")
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Provenance(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How a picture was made, according to its file.

    Attributes:
        prompt: The prompt.
        revised_prompt: The prompt that was used, if the endpoint says that it changed it.
        negative: The negative prompt (A1111, ComfyUI, InvokeAI).
        model: Of which model.
        parameters: With which parameters.
        created: When, ISO 8601.
        host: The endpoint's host.
        parents: The sha256 of the pictures that it comes from.
        sha256: Of the original bytes.
        tool: The program that wrote this: ``nbext``, ``A1111``, ``ComfyUI``, ``Midjourney`` …
        caveat: A sentence about unreadable or uncertain parts; empty without any.
        credentials: Its Content Credentials, if they were read.
    """

    prompt: str = ""
    revised_prompt: str = ""
    negative: str = ""
    model: str = ""
    parameters: dict[str, Any] = {}
    created: str = ""
    host: str = ""
    parents: list[str] = []
    sha256: str = ""
    tool: str = ""
    caveat: str = ""
    credentials: Credentials | None = None

    def __str__(self) -> str:
        lines = []
        for name in _SHOWN:
            value = getattr(self, name)
            if value:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                lines.append(f"{name}: {one_line(text, _LONG)}")
        if self.credentials is not None:
            lines.append(str(self.credentials))
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Print it in words (an IPython protocol)."""
        printer.text(str(self))


class Note:
    """The texts for the copies of one picture, which are written once for all.

    Args:
        record: The picture's record.
        picture: What the record says of the picture.
    """

    def __init__(self, record: Record, picture: PictureInfo) -> None:
        self._record = record
        self._picture = picture

    @cached_property
    def provenance(self) -> Provenance:
        """How the picture was made, without anything private."""
        return provenance_of(self._record, self._picture)

    @cached_property
    def own(self) -> str:
        """The record, as nbext writes it, in JSON.

        Raises:
            ValueError: It holds what UTF-8 cannot say.
        """
        return msgspec.json.encode(self.provenance, enc_hook=str).decode()

    @cached_property
    def parameters(self) -> str:
        """The ``parameters`` text of A1111."""
        return a1111(self.provenance, self._picture)

    @cached_property
    def new_packet(self) -> str:
        """The XMP packet for a picture without one."""
        return self.packet()

    def packet(self, into: str = "") -> str:
        """Write the XMP packet.

        Args:
            into: The existing packet, empty without one.
        """
        provenance = self.provenance
        return packet(
            prompt=provenance.prompt,
            model=provenance.model,
            where=f"{provenance.model} via {provenance.host}",
            created=provenance.created,
            source=SOURCE_TYPE + source_kind(self._record),
            own=self.own,
            into=into,
        )

    def copy_into(self, data: bytes) -> bytes:
        """Write the note into a copy of a picture, like ``with_provenance``.

        Raises:
            PictureError: The format holds no metadata, or not so much, or the picture is torn.
        """
        return data if has_c2pa(data) else self.embed_into(data)

    def into_new(self, data: bytes) -> bytes:
        """Write the note into a picture that was just made, and that says nothing of itself.

        Raises:
            PictureError: The format holds no metadata, or not so much.
        """
        texts = {"parameters": self.parameters, "nbext": self.own}
        return splice(data, texts=texts, comment=self.parameters, xmp=self.new_packet)

    def embed_into(self, data: bytes) -> bytes:
        """Write the note into a copy of a picture, even one with Content Credentials.

        Raises:
            PictureError: The format holds no metadata, or not so much, or the picture is torn.
        """
        try:
            return self._spliced(data)
        except (struct.error, ValueError, IndexError, OverflowError) as error:
            raise PictureError(phrase("export.torn", error=error)) from None

    def _spliced(self, data: bytes) -> bytes:
        there = texts_of(data)
        if "nbext" in there or own_record(there.get(XMP_KEYWORD, "")):
            # A picture that came back as it was sent: what it said is replaced.
            there = {}
        texts = {"parameters": self.parameters, "nbext": self.own}
        before = there.get(XMP_KEYWORD, "")
        return splice(
            data,
            # What a generator wrote says more than we know: its steps, its sampler.
            texts={name: text for name, text in texts.items() if name not in there},
            comment="" if "UserComment" in there else self.parameters,
            xmp=self.packet(before) if before else self.new_packet,
        )


def with_provenance(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    """Write a record into a copy of a picture without changing its pixels.

    A picture with Content Credentials of its provider is given back as it is: any change would
    invalidate them.

    Raises:
        PictureError: The format holds no metadata (SVG), or not so much, or the picture is torn.
    """
    return Note(record, picture).copy_into(data)


def sidecar(data: bytes, record: Record, picture: PictureInfo) -> str:
    """Write the XMP packet for a file beside a picture that must not be changed.

    Args:
        data: The picture as it is saved.
        record: Its record.
        picture: What the record says of the picture.

    Returns:
        The packet; empty if the picture can hold its record itself.
    """
    return Note(record, picture).new_packet if has_c2pa(data) else ""


def embed_provenance(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    """Write a record into a copy of a picture that will be signed afterwards.

    Raises:
        PictureError: The format holds no metadata (SVG), or not so much, or the picture is torn.
    """
    return Note(record, picture).embed_into(data)


def provenance_of(record: Record, picture: PictureInfo) -> Provenance:
    """Return the public part of a record: no names, folders or keys."""
    return Provenance(
        prompt=record.prompt,
        revised_prompt=record.revised_prompt,
        model=record.model,
        parameters=record.parameters,
        created=record.finished or record.started,
        host="embedded" if record.embedded else record.host,
        parents=[reference.sha256 for reference in record.references],
        sha256=picture.sha256,
        tool="nbext",
    )


def a1111(provenance: Provenance, picture: PictureInfo) -> str:
    """Write the ``parameters`` text of A1111.

    Nothing is invented: without a seed there is none, and one request is one step.

    Example:
        >>> from nbext.data.picture import PictureInfo
        >>> info = PictureInfo(sha256="0" * 64, media_type="image/png", size=1, width=8, height=9)
        >>> a1111(Provenance(prompt="a cat", model="m", host="h"), info).splitlines()[-1]
        'Steps: 1, Size: 8x9, Model: m, Endpoint: h, Version: nbext'
    """
    pairs: dict[str, Any] = {"Steps": 1}
    if picture.width:
        pairs["Size"] = f"{picture.width}x{picture.height}"
    pairs |= {"Model": provenance.model, "Endpoint": provenance.host, "Date": provenance.created}
    if "seed" in provenance.parameters:
        pairs["Seed"] = provenance.parameters["seed"]
    pairs["Version"] = "nbext"
    line = ", ".join([f"{key}: {_quoted(value)}" for key, value in pairs.items() if value != ""])
    return f"{provenance.prompt.strip()}\n{line}"


def _quoted(value: Any) -> str:
    text = str(value)
    if not _SEPARATORS.isdisjoint(text):
        return json.dumps(text, ensure_ascii=False)
    return text


def source_kind(record: Record) -> str:
    """Return the digital source type, a term of IPTC's vocabulary.

    Source: https://cv.iptc.org/newscodes/digitalsourcetype/
    """
    if record.embedded:
        return "algorithmicMedia"
    # A picture that was given may be a photograph, or come from one.
    return (
        f"{'compositeWithT' if record.references or record.parents else 't'}rainedAlgorithmicMedia"
    )
