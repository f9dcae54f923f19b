"""Provenance in a picture that leaves: what was asked, of whom, when, and from which pictures.

Written so that others read it: the ``parameters`` text of A1111 (its own, CivitAI's and SwarmUI's
readers want a last line that starts with ``Steps: `` and at least three pairs), and XMP with IPTC
2025.1's fields. Our own record, complete, stands under the keyword ``nbext``.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Any

import msgspec

from nbext.data.picture import sniff
from nbext.errors import PictureError
from nbext.export.credentials import Credentials
from nbext.export.splice import XMP_KEYWORD, has_c2pa, splice, texts_of
from nbext.export.xmp import is_ours, made_in, packet
from nbext.wire.complaint import one_line

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

_SHOWN = ("prompt", "negative", "model", "parameters", "created", "host", "parents", "tool")
_LONG = 4000
_READ = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class Made(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How a picture was made, as far as the picture says.

    Attributes:
        prompt: What was asked.
        negative: What was asked to be left out (A1111, ComfyUI, InvokeAI).
        model: Of which model.
        parameters: With which parameters.
        created: When, ISO 8601.
        host: Where.
        parents: The sha256 of the pictures that it comes from.
        sha256: Of the original bytes.
        tool: Who wrote this: ``nbext``, ``A1111``, ``ComfyUI``, ``InvokeAI``.
        credentials: Its Content Credentials, where the file was looked at for them.
    """

    prompt: str = ""
    negative: str = ""
    model: str = ""
    parameters: dict[str, Any] = {}
    created: str = ""
    host: str = ""
    parents: list[str] = []
    sha256: str = ""
    tool: str = ""
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
        """Show it in words (an IPython protocol)."""
        printer.text(str(self))


def with_provenance(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    """Put a record into a copy of a picture; its pixels are untouched.

    A picture with Content Credentials of its provider is given back as it is: any change would
    invalidate them.

    Raises:
        PictureError: The format holds no metadata (SVG), or not so much, or the picture is torn.
    """
    if has_c2pa(data):
        return data
    return noted(data, record, picture)


def noted(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    """Put a record into a copy of a picture, whatever it carries: for one that is signed after.

    Raises:
        PictureError: The format holds no metadata (SVG), or not so much, or the picture is torn.
    """
    try:
        return _noted(data, record, picture)
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise PictureError(f"The picture or its record is torn: {error}.") from None


def _noted(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    made = made_of(record, picture)
    own = msgspec.json.encode(made, enc_hook=str).decode()
    parameters = a1111(made, picture)
    there = texts_of(data)
    if "nbext" in there or is_ours(there.get(XMP_KEYWORD, "")):
        # A picture that came back as it was sent: what it said is replaced.
        there = {}
    texts = {"parameters": parameters, "nbext": own}
    return splice(
        data,
        # What a generator wrote says more than we know: its steps, its sampler.
        texts={name: text for name, text in texts.items() if name not in there},
        comment="" if "UserComment" in there else parameters,
        xmp=packet(
            prompt=made.prompt,
            model=made.model,
            where=f"{made.model} via {made.host}",
            created=made.created,
            source=SOURCE_TYPE + source_kind(record),
            own=own,
            into=there.get(XMP_KEYWORD, ""),
        ),
    )


def made_of(record: Record, picture: PictureInfo) -> Made:
    """Say of a record what may leave with its picture: no names, no folders, no keys."""
    return Made(
        prompt=record.prompt,
        model=record.model,
        parameters=record.parameters,
        created=record.finished or record.started,
        host="embedded" if record.embedded else record.host,
        parents=[reference.sha256 for reference in record.references],
        sha256=picture.sha256,
        tool="nbext",
    )


def a1111(made: Made, picture: PictureInfo) -> str:
    """Write the ``parameters`` text of A1111.

    Nothing is made up: no seed where there was none, and one step, because a request is one.

    Example:
        >>> from nbext.data.picture import PictureInfo
        >>> info = PictureInfo(sha256="0" * 64, media_type="image/png", size=1, width=8, height=9)
        >>> a1111(Made(prompt="a cat", model="m", host="h"), info).splitlines()[-1]
        'Steps: 1, Size: 8x9, Model: m, Endpoint: h, Version: nbext'
    """
    pairs: dict[str, Any] = {"Steps": 1}
    if picture.width:
        pairs["Size"] = f"{picture.width}x{picture.height}"
    pairs |= {"Model": made.model, "Endpoint": made.host, "Date": made.created}
    if "seed" in made.parameters:
        pairs["Seed"] = made.parameters["seed"]
    pairs["Version"] = "nbext"
    line = ", ".join(f"{key}: {_quoted(value)}" for key, value in pairs.items() if value != "")
    return f"{made.prompt.strip()}\n{line}"


def _quoted(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[,\n:]", text) else text


def source_kind(record: Record) -> str:
    """Name the digital source type, a word of IPTC's vocabulary.

    Source: https://cv.iptc.org/newscodes/digitalsourcetype/
    """
    if record.embedded:
        return "algorithmicMedia"
    # A picture that was given may be a photograph, or come from one.
    return (
        f"{'compositeWithT' if record.references or record.parents else 't'}rainedAlgorithmicMedia"
    )


def read_made(data: bytes) -> Made | None:
    """Read how a picture was made: nbext's own, A1111's, ComfyUI's and InvokeAI's notes.

    Only data is read, nothing in it is ever run; what cannot be read gives None.
    """
    if sniff(data[:512]) not in _READ:
        return None
    texts = texts_of(data)
    own = texts.get("nbext") or made_in(texts.get(XMP_KEYWORD, ""))
    for text, reader in (
        (own, _own),
        (texts.get("invokeai_metadata", ""), _invoke),
        (texts.get("prompt", ""), _comfy),
        (texts.get("parameters", "") or texts.get("UserComment", ""), _a1111_made),
    ):
        made = reader(text) if text else None
        if made is not None:
            return made
    return None


def _own(text: str) -> Made | None:
    try:
        made = msgspec.json.decode(text.encode(), type=Made)
    except msgspec.MsgspecError:
        return None
    # A note can say anything; credentials are what was found by looking at the file itself.
    made.credentials = None
    return made


def _a1111_made(text: str) -> Made | None:
    """Read the grammar that A1111 writes: prompt, negative prompt, one line of pairs."""
    lines = text.strip().split("\n")
    pairs = dict(
        re.findall(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)', lines[-1])
    )
    if len(pairs) < 3:
        return Made(prompt=text.strip(), tool="A1111") if text.strip() else None
    body = lines[:-1]
    at = next((i for i, line in enumerate(body) if line.startswith("Negative prompt:")), len(body))
    negative = "\n".join(body[at:]).removeprefix("Negative prompt:").strip()
    parameters = {key.strip(): _unquoted(value) for key, value in pairs.items()}
    return Made(
        prompt="\n".join(body[:at]).strip(),
        negative=negative,
        model=str(parameters.get("Model", "")),
        parameters=parameters,
        tool="A1111",
    )


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value.strip()


def _comfy(text: str) -> Made | None:
    """Read ComfyUI's graph: the texts that its sampler's inputs lead to."""
    try:
        # Graphs in the wild hold NaN, which the standard library's reader takes.
        graph = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(graph, dict):
        return None
    nodes = {key: node for key, node in graph.items() if isinstance(node, dict)}

    def follow(link: Any, depth: int = 0) -> str:
        if isinstance(link, str):
            return link
        node = nodes.get(str(link[0])) if isinstance(link, list) and link and depth < 16 else None
        inputs = node.get("inputs", {}) if node else {}
        for name in ("text", "text_g", "prompt", "positive", "conditioning", "value", "string"):
            if name in inputs:
                return follow(inputs[name], depth + 1)
        return ""

    for node in nodes.values():
        inputs = node.get("inputs")
        if isinstance(inputs, dict) and "positive" in inputs and "negative" in inputs:
            plain = {k: v for k, v in inputs.items() if isinstance(v, str | int | float)}
            model = next(
                (
                    str(other["inputs"][key])
                    for other in nodes.values()
                    for key in ("ckpt_name", "unet_name", "model_name")
                    if isinstance(other.get("inputs"), dict) and key in other["inputs"]
                ),
                "",
            )
            return Made(
                prompt=follow(inputs["positive"]),
                negative=follow(inputs["negative"]),
                model=model,
                parameters=plain,
                tool="ComfyUI",
            )
    return None


def _invoke(text: str) -> Made | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    model = fields.get("model")
    plain = {k: v for k, v in fields.items() if isinstance(v, str | int | float)}
    return Made(
        prompt=str(fields.get("positive_prompt") or ""),
        negative=str(fields.get("negative_prompt") or ""),
        model=str(model.get("name", "") if isinstance(model, dict) else model or ""),
        parameters=plain,
        tool="InvokeAI",
    )
