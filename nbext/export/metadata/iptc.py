"""Read XMP: Midjourney's description and the AI fields of IPTC 2025.1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.xmp import property_texts
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_JOB = pattern(r"\s*Job ID:\s*([0-9a-fA-F-]{36})\s*$")
_OPTION = pattern(r"\s--([a-z]\w*)(?:\s+((?:(?!\s--).)*))?", re.DOTALL)
_GENERATED = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
# A version that is a number means nothing without the name of the system.
_NUMBER = pattern(r"v?\d")
_MODEL_LINE = {"v": "Midjourney", "version": "Midjourney", "niji": "Niji"}


def read_midjourney(texts: Mapping[str, str]) -> Provenance | None:
    """Read Midjourney's description: prompt, options and job id."""
    properties = property_texts(texts)
    candidates = (texts.get("Description"), texts.get("ImageDescription"))
    for text in (*candidates, properties.get("dc:description")):
        job = _JOB.search(text or "")
        if text and job:
            return _midjourney(text[: job.start()], job[1], properties)
    return None


def _midjourney(text: str, job: str, properties: Mapping[str, str]) -> Provenance:
    options = {name: (value or "").strip() for name, value in _OPTION.findall(f" {text}")}
    begin = _OPTION.search(f" {text}")
    prompt = text if begin is None else text[: max(begin.start() - 1, 0)]
    version = next((name for name in _MODEL_LINE if options.get(name)), "")
    return Provenance(
        prompt=prompt.strip(),
        negative=options.get("no", ""),
        model=f"{_MODEL_LINE[version]} {options[version]}" if version else "",
        parameters={**options, "job": job},
        created=properties.get("xmp:CreateDate", ""),
        tool="Midjourney",
    )


def read_iptc(texts: Mapping[str, str]) -> Provenance | None:
    """Read the AI fields of IPTC 2025.1, or at least that a model made the picture."""
    properties = property_texts(texts)
    prompt = properties.get("Iptc4xmpExt:AIPromptInformation", "")
    system = properties.get("Iptc4xmpExt:AISystemUsed", "")
    version = properties.get("Iptc4xmpExt:AISystemVersionUsed", "")
    source = properties.get("Iptc4xmpExt:DigitalSourceType", "").rpartition("/")[2]
    if not (prompt or system or version or source in _GENERATED):
        return None
    # ``model via host`` is how nbext writes it, and others.
    name, _, host = system.partition(" via ")
    if not version or _NUMBER.match(version):
        version = f"{name} {version}".strip()
    writer = properties.get("Iptc4xmpExt:AIPromptWriterName", "")
    return Provenance(
        prompt=prompt,
        model=version,
        parameters={"prompt_writer": writer} if writer else {},
        created=properties.get("xmp:CreateDate", ""),
        host=host,
        tool=properties.get("xmp:CreatorTool", "") or system,
        caveat="" if prompt else phrase("export.model_made"),
    )
