"""Read the ``parameters`` text of A1111 and of the programs that imitate it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nbext.export.metadata.provenance import Provenance
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

# A line of pairs is no longer; a longer one is a prompt.
_LINE = 64_000
_PAIR = pattern(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_JSON_VALUE = pattern(r"(?:^|, )((?:Civitai [a-z]+|Hashes)): (?=[\[{])")
_FEWEST_PAIRS = 3


def read_a1111(texts: Mapping[str, str]) -> Provenance | None:
    """Read ``parameters``, or a comment that ends like A1111's.

    The grammar: prompt, negative prompt, one line of pairs. Extensions write lines below it.
    """
    if "parameters" in texts:
        return parse_a1111(texts["parameters"])
    for keyword in ("UserComment", "Comment", "ImageDescription", "Description", "XPComment"):
        provenance = parse_a1111(texts.get(keyword, ""))
        # Any text may be a comment: only the line of pairs tells that it is a prompt.
        if provenance.parameters:
            return provenance
    return None


def parse_a1111(text: str) -> Provenance:
    """Parse a ``parameters`` text; without its line of pairs, everything is the prompt."""
    lines = re.split("\r?\n", text.strip())
    last = len(lines) - 1
    steps = (at for at in range(last, -1, -1) if lines[at].startswith("Steps: "))
    at = next((at for at in steps if len(_pairs(lines[at])) >= _FEWEST_PAIRS), last)
    parameters = _pairs(lines[at])
    if len(parameters) < _FEWEST_PAIRS:
        return Provenance(prompt=text.strip(), tool="A1111", caveat=phrase("export.no_parameters"))
    body = lines[:at]
    split = next((i for i, line in enumerate(body) if line.startswith("Negative prompt:")), at)
    version = str(parameters.get("Version", ""))
    return Provenance(
        prompt="\n".join(body[:split]).strip(),
        negative="\n".join(body[split:]).removeprefix("Negative prompt:").strip(),
        model=str(
            parameters.get("Model") or parameters.get("Base model") or _checkpoint(parameters)
        ),
        parameters=parameters,
        tool="Fooocus" if version.startswith("Fooocus") else "A1111",
    )


def _pairs(line: str) -> dict[str, Any]:
    if len(line) > _LINE:
        return {}
    values, line = _json_values(line)
    plain = {key.strip(): _unquoted(value) for key, value in _PAIR.findall(line)}
    return plain | values


def _json_values(line: str) -> tuple[dict[str, Any], str]:
    """Extract JSON values, whose commas do not separate pairs."""
    values: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    parts, rest = [], 0
    for match in _JSON_VALUE.finditer(line):
        if match.start() < rest:
            continue
        try:
            value, end = decoder.raw_decode(line, match.end())
        except (ValueError, RecursionError):
            continue
        values[match[1]] = value
        parts.append(line[rest : match.start()])
        rest = end
    return values, "".join([*parts, line[rest:]])


def _checkpoint(parameters: Mapping[str, Any]) -> str:
    """Return the checkpoint among civitai.com's resources; empty without one."""
    resources = parameters.get("Civitai resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and resource.get("type") in ("checkpoint", "model"):
            name = resource.get("modelName") or resource.get("name")
            if isinstance(name, str):
                return name
    return ""


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value.strip()
