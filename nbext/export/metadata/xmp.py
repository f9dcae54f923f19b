"""An XMP packet that says how a picture was made, beside what a provider has said of it.

Fields: IPTC Photo Metadata Standard 2025.1 (digital source type, AI fields), Dublin Core.
Source: XMP specification part 1 (one ``rdf:Description`` beside others of the same picture).
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, unescape

# Descriptions are for people; a prompt of many pages would fill a JPEG's 64 kB four times.
_DESCRIPTION = 2000
# What XML 1.0 cannot say, not even escaped.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_END = "</rdf:RDF>"
_OWN = ("<nbext:made>", "</nbext:made>")


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
        prompt: What was asked.
        model: Of which model.
        where: Which system that was.
        created: When.
        source: The digital source type.
        own: Our whole record, JSON.
        into: The packet that is there: it stays, and what it says is not said again.
    """
    short = prompt if len(prompt) <= _DESCRIPTION else f"{prompt[:_DESCRIPTION]}…"
    properties = {
        "xmp:CreatorTool": _text("nbext"),
        "xmp:CreateDate": _text(created),
        "dc:description": _alternatives(short),
        "Iptc4xmpCore:AltTextAccessibility": _alternatives(short),
        "Iptc4xmpExt:DigitalSourceType": _text(source),
        "Iptc4xmpExt:AISystemUsed": _text(where),
        "Iptc4xmpExt:AISystemVersionUsed": _text(model),
        "Iptc4xmpExt:AIPromptInformation": _text(prompt),
        "nbext:made": escape(_IMPOSSIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", own)),
    }
    before, end, after = into.rpartition(_END)
    fields = "".join(
        f"<{name}>{value}</{name}>"
        for name, value in properties.items()
        if name == "nbext:made" or f":{name.partition(':')[2]}" not in (before if end else "")
    )
    description = (
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:nbext="urn:nbext:1">{fields}</rdf:Description>'
    )
    if end:
        return f"{before}{description}{end}{after}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'{description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def is_ours(packet: str) -> bool:
    """Whether a packet holds a record of ours."""
    return _OWN[0] in packet


def made_in(packet: str) -> str:
    """Give the record that a packet holds, empty where it holds none."""
    _, begin, rest = packet.partition(_OWN[0])
    own, end, _ = rest.partition(_OWN[1])
    return unescape(own) if begin and end else ""


def _text(text: str) -> str:
    return escape(_IMPOSSIBLE.sub("\ufffd", text))


def _alternatives(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_text(text)}</rdf:li></rdf:Alt>'
