"""What a picture's file says of how it was made: nbext's own notes, and those of other programs.

A file comes from a stranger: only data is read, up to a limit, and nothing in it is ever run. What
cannot be read is passed over. Written after the public formats: A1111's ``parameters`` text,
ComfyUI's graph under ``prompt``, and the JSON of InvokeAI, SwarmUI, Fooocus and NovelAI.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from nbext.data.picture import sniff
from nbext.export.metadata.containers import XMP_KEYWORD, texts_of
from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.xmp import own_record

_READ = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")
# A line of pairs is no longer; what is, is a prompt.
_LINE = 64_000
_PAIR = re.compile(r'\s*(\w[\w \-/]{0,60}):\s*("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_LOADED = ("ckpt_name", "unet_name", "model_name")
_SEEDS = ("seed", "noise_seed")
_EMPTY = {"width", "height", "batch_size"}
# Where the nodes of ComfyUI hand a text on, the likeliest first.
_CARRIES = ("text", "text_g", "prompt", "positive", "conditioning", "value", "string")


def read_provenance(data: bytes) -> Provenance | None:
    """Read how a picture was made; None where its file does not say."""
    if sniff(data[:512]) not in _READ:
        return None
    texts = texts_of(data)
    noted = texts.get("parameters", "") or texts.get("UserComment", "")
    for text, reader in (
        (texts.get("nbext") or own_record(texts.get(XMP_KEYWORD, "")), _own),
        (texts.get("invokeai_metadata", ""), lambda text: _read_json(text, "InvokeAI")),
        (texts.get("prompt", ""), _comfy),
        (noted, lambda text: _read_json(text, "Fooocus")),
        (texts.get("Comment", ""), lambda text: _read_json(text, "NovelAI")),
        (noted, _read_a1111),
    ):
        provenance = reader(text) if text else None
        if provenance is not None:
            return provenance
    return None


def _own(text: str) -> Provenance | None:
    try:
        provenance = msgspec.json.decode(text.encode(), type=Provenance)
    except (msgspec.MsgspecError, RecursionError):
        return None
    # A note can say anything; credentials are what was found by looking at the file itself.
    provenance.credentials = None
    return provenance


def _read_a1111(text: str) -> Provenance | None:
    """Read the grammar that A1111 writes: prompt, negative prompt, one line of pairs.

    Extensions write lines of their own below it.
    """
    lines = re.split("\r?\n", text.strip())
    last = len(lines) - 1
    steps = (at for at in range(last, -1, -1) if lines[at].startswith("Steps: "))
    at = next((at for at in steps if len(_pairs(lines[at])) >= 3), last)
    pairs = _pairs(lines[at])
    if len(pairs) < 3:
        return Provenance(prompt=text.strip(), tool="A1111")
    body = lines[:at]
    split = next((i for i, line in enumerate(body) if line.startswith("Negative prompt:")), at)
    parameters = {key.strip(): _unquoted(value) for key, value in pairs.items()}
    return Provenance(
        prompt="\n".join(body[:split]).strip(),
        negative="\n".join(body[split:]).removeprefix("Negative prompt:").strip(),
        model=str(parameters.get("Model", "")),
        parameters=parameters,
        tool="A1111",
    )


def _pairs(line: str) -> dict[str, str]:
    return dict(_PAIR.findall(line)) if len(line) <= _LINE else {}


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value.strip()


def _json(text: str) -> Any:
    try:
        # Graphs in the wild hold NaN, which the standard library's reader takes.
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if isinstance(v, str | int | float)}


def _read_json(text: str, tool: str) -> Provenance | None:
    """Read an object that names the prompt and what else was chosen."""
    fields = _json(text) if text.lstrip().startswith("{") else None
    if isinstance(fields, dict) and isinstance(fields.get("sui_image_params"), dict):
        fields, tool = fields["sui_image_params"], "SwarmUI"
    if not isinstance(fields, dict):
        return None

    def first(*names: str) -> str:
        match = (fields[name] for name in names if name in fields)
        named = (value.get("name") if isinstance(value, dict) else value for value in match)
        return next((value for value in named if isinstance(value, str)), "")

    prompt = first("positive_prompt", "prompt")
    if not prompt and tool != "InvokeAI":
        return None
    return Provenance(
        prompt=prompt,
        negative=first("negative_prompt", "negativeprompt", "uc"),
        model=first("model", "base_model"),
        parameters=_plain(fields),
        tool=tool,
    )


def _comfy(text: str) -> Provenance | None:
    """Read ComfyUI's graph: the texts that its sampler's inputs lead to."""
    graph = _json(text)
    if not isinstance(graph, dict):
        return None
    nodes = {
        key: node
        for key, node in graph.items()
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
    }
    all_inputs = [node["inputs"] for node in nodes.values()]
    inputs = _sampler(all_inputs)
    if inputs is None:
        return None
    parameters = _plain(inputs)
    if "noise_seed" in parameters:
        parameters.setdefault("seed", parameters["noise_seed"])
    # What the sampler begins with is an empty picture of the size that was asked for.
    empty: dict[str, Any] = next((one for one in all_inputs if one.keys() >= _EMPTY), {})
    parameters |= {k: empty[k] for k in ("width", "height") if isinstance(empty.get(k), int)}
    loaded = (
        node["inputs"][key] for node in nodes.values() for key in _LOADED if key in node["inputs"]
    )
    positive = "positive" if "positive" in inputs else "conditioning"
    return Provenance(
        prompt=_follow(nodes, inputs[positive]),
        negative=_follow(nodes, inputs.get("negative")),
        model=next((str(name) for name in loaded), ""),
        parameters=parameters,
        tool="ComfyUI",
    )


def _sampler(all_inputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Give the inputs of what samples: with a seed, else of what guides it."""
    both = [one for one in all_inputs if "positive" in one and "negative" in one]
    seeded = [one for one in both if any(name in one for name in _SEEDS)]
    guided = [one for one in all_inputs if "conditioning" in one and "model" in one]
    match = next(iter([*seeded, *both, *guided]), None)
    if match is None or seeded:
        return match
    # The samplers of newer graphs are put together of nodes: the seed has one of its own.
    noise = next((one for one in all_inputs if any(name in one for name in _SEEDS)), {})
    return match | _plain(noise)


def _follow(nodes: dict[str, Any], link: Any) -> str:
    for _ in range(32):
        if isinstance(link, str):
            return link
        node = nodes.get(str(link[0])) if isinstance(link, list) and link else None
        # What sets a conditioning to nothing says nothing.
        if node is None or node.get("class_type") == "ConditioningZeroOut":
            return ""
        inputs = node["inputs"]
        if "positive" in inputs and "negative" in inputs:
            # It hands both on: the first by its output 0, the second by its output 1.
            link = inputs["negative" if link[1:2] == [1] else "positive"]
            continue
        link = next((inputs[name] for name in _CARRIES if name in inputs), None)
    return ""
