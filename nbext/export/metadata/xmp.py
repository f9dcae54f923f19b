"""Write an XMP packet about how a picture was made, keeping the provider's statements.

Fields: IPTC Photo Metadata Standard 2025.1 (digital source type, AI fields), Dublin Core.
Source: XMP specification part 1 (one ``rdf:Description`` beside others of the same picture).
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.text import xml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

# Descriptions are for people; a prompt of many pages would fill a JPEG's 64 kB four times.
_DESCRIPTION = 2000
# What XML 1.0 cannot say, not even escaped.
_IMPOSSIBLE = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# The last description's end, whichever prefix the packet gives to RDF.
_END = pattern(r"</(?:[\w.-]{1,60}:)?RDF\s{0,60}>")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "nbext": "urn:nbext:1",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
# What is read of others and never written.
_FOREIGN = {"exif": "http://ns.adobe.com/exif/1.0/"}
XMP_KEYWORD = "XML:com.adobe.xmp"


def packet(
    *,
    prompt: str,
    model: str,
    where: str,
    created: str,
    source: str,
    own: str,
    into: str = "",
) -> str:
    """Write a packet.

    Args:
        prompt: The prompt.
        model: Of which model.
        where: The system that made it.
        created: When.
        source: The digital source type.
        own: Our whole record, JSON.
        into: The existing packet, whose statements are kept and not repeated.
    """
    whole = _text(prompt)
    short = whole if len(prompt) <= _DESCRIPTION else _text(f"{prompt[:_DESCRIPTION]}…")
    properties = {
        "xmp:CreatorTool": _text("nbext"),
        "xmp:CreateDate": _text(created),
        "dc:description": _alternatives(short),
        "Iptc4xmpCore:AltTextAccessibility": _alternatives(short),
        "Iptc4xmpExt:DigitalSourceType": _text(source),
        "Iptc4xmpExt:AISystemUsed": _text(where),
        "Iptc4xmpExt:AISystemVersionUsed": _text(model),
        "Iptc4xmpExt:AIPromptInformation": whole,
        "nbext:made": _text(own, lambda match: f"\\u{ord(match[0]):04x}"),
    }
    tree = _parse(into)
    end = None if tree is None else max(_END.finditer(into), key=re.Match.start, default=None)
    if into and tree is None:
        warnings.warn(
            phrase("export.bad_xmp"),
            stacklevel=2,
        )
        return into
    present = set() if tree is None or end is None else _property_names(tree)
    fields = "".join(
        [
            f"<{name}>{value}</{name}>"
            for name, value in properties.items()
            # A date that is empty is none, and readers complain of it.
            if value and not (present and _expanded(name) in present)
        ]
    )
    description = (
        f'<rdf:Description rdf:about="" xmlns:rdf="{_RDF}" {_DECLARED}>{fields}</rdf:Description>'
    )
    if end is not None:
        return f"{into[: end.start()]}{description}{into[end.start() :]}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}">'
        f'{description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def own_record(packet: str) -> str:
    """Return nbext's own record in a packet as JSON; empty without one."""
    if _NAMESPACES["nbext"] not in packet:
        return ""
    tree = _parse(packet)
    element = tree.find(f".//{_expanded('nbext:made')}") if tree is not None else None
    return (element.text or "") if element is not None else ""


def property_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Read the properties of a picture's XMP, by names such as ``dc:description``.

    Args:
        texts: The texts of a picture, its packet among them.

    Returns:
        Their texts; of several alternatives or items the first.
    """
    tree = _parse(texts.get(XMP_KEYWORD, ""))
    if tree is None:
        return {}
    prefixes = {uri: prefix for prefix, uri in (_NAMESPACES | _FOREIGN).items()}
    properties: dict[str, str] = {}
    for description in tree.iter(f"{{{_RDF}}}Description"):
        values = dict(description.attrib)
        for child in description:
            item = next(child.iter(f"{{{_RDF}}}li"), child)
            values.setdefault(child.tag, item.text or item.get(f"{{{_RDF}}}resource") or "")
        for name, value in values.items():
            uri, _, local = name.removeprefix("{").partition("}")
            if uri in prefixes:
                properties.setdefault(f"{prefixes[uri]}:{local}", value)
    return properties


def _parse(packet: str) -> Element | None:
    """Parse a packet; None if it is empty, malformed or declares entities."""
    if not packet or "<!DOCTYPE" in packet:
        return None
    from xml.etree import ElementTree as ET

    try:
        return ET.fromstring(packet.strip("\x00 \r\n\t\ufeff"))  # noqa: S314 -- no entities
    except (ET.ParseError, ValueError):
        return None


def _expanded(name: str) -> str:
    """Convert ``dc:title`` to ElementTree's form, with the namespace."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def _property_names(tree: Element) -> set[str]:
    """List the properties of a packet, written as elements or as attributes."""
    names: set[str] = set()
    for description in tree.iter(f"{{{_RDF}}}Description"):
        names.update(description.attrib)
        names.update(child.tag for child in description)
    return names


def _text(text: str, substitute: str | Callable[[re.Match[str]], str] = "\ufffd") -> str:
    """Escape a text, with a substitute for each character that XML cannot say."""
    return xml_text(text if text.isprintable() else _IMPOSSIBLE.sub(substitute, text))


def _alternatives(text: str) -> str:
    """Write an escaped text as the alternative for all languages."""
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt>'
