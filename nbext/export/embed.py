"""Provenance in a picture that leaves: what was asked, of whom, when, and from which pictures.

Written so that others read it: the ``parameters`` text of A1111 (its own, CivitAI's and SwarmUI's
readers want a last line that starts with ``Steps: `` and at least three pairs), and XMP with IPTC
2025.1's fields. Our own record, complete, stands under the keyword ``nbext``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import msgspec

from nbext.data.picture import sniff
from nbext.export.credentials import Credentials
from nbext.export.splice import XMP_KEYWORD, has_c2pa, splice, texts_of
from nbext.wire.complaint import one_line

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record

_SHOWN = ("prompt", "negative", "model", "parameters", "created", "host", "parents", "tool")
_LONG = 4000
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
        PictureError: The format holds no metadata (GIF, AVIF, SVG).
    """
    if has_c2pa(data):
        return data
    return noted(data, record, picture)


def noted(data: bytes, record: Record, picture: PictureInfo) -> bytes:
    """Put a record into a copy of a picture, whatever it carries: for one that is signed after.

    Raises:
        PictureError: The format holds no metadata (GIF, AVIF, SVG).
    """
    made = made_of(record, picture)
    own = msgspec.json.encode(made).decode()
    parameters = a1111(made, picture)
    return splice(
        data,
        texts={"parameters": parameters, "nbext": own},
        comment=parameters,
        xmp=xmp(made, kind=source_kind(record), own=own),
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


def xmp(made: Made, *, kind: str, own: str) -> str:
    """Write an XMP packet with IPTC 2025.1's AI fields and the digital source type."""
    prompt, where = escape(made.prompt), escape(f"{made.model} via {made.host}")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:nbext="urn:nbext:1">'
        f"<xmp:CreatorTool>nbext</xmp:CreatorTool><xmp:CreateDate>{made.created}</xmp:CreateDate>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt>'
        "</dc:description><Iptc4xmpCore:AltTextAccessibility><rdf:Alt>"
        f'<rdf:li xml:lang="x-default">{prompt}</rdf:li></rdf:Alt>'
        "</Iptc4xmpCore:AltTextAccessibility>"
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}{kind}</Iptc4xmpExt:DigitalSourceType>"
        f"<Iptc4xmpExt:AISystemUsed>{where}</Iptc4xmpExt:AISystemUsed>"
        f"<Iptc4xmpExt:AISystemVersionUsed>{escape(made.model)}</Iptc4xmpExt:AISystemVersionUsed>"
        f"<Iptc4xmpExt:AIPromptInformation>{prompt}</Iptc4xmpExt:AIPromptInformation>"
        f"<nbext:made>{escape(own)}</nbext:made>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def read_made(data: bytes) -> Made | None:
    """Read how a picture was made: nbext's own, A1111's, ComfyUI's and InvokeAI's notes.

    Only data is read, nothing in it is ever run; what cannot be read gives None.
    """
    if sniff(data[:512]) not in ("image/png", "image/jpeg", "image/webp"):
        return None
    texts = texts_of(data)
    own = texts.get("nbext") or _from_xmp(texts.get(XMP_KEYWORD, ""))
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


def _from_xmp(packet: str) -> str:
    from xml.sax.saxutils import unescape

    start, end = packet.find("<nbext:made>"), packet.find("</nbext:made>")
    return unescape(packet[start + 12 : end]) if 0 <= start < end else ""


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
