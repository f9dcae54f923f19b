"""Read notes in JSON: InvokeAI, SwarmUI, Fooocus, NovelAI, Draw Things, Easy Diffusion."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nbext.export.metadata.provenance import Provenance
from nbext.export.metadata.xmp import property_texts
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Where the programs put the same things, the likeliest first.
_PROMPT = ("positive_prompt", "prompt", "c", "Prompt")
_NEGATIVE = (
    *("negative_prompt", "negativeprompt", "negativePrompt", "uc", "Negative Prompt", "Negative"),
)
_MODEL = (
    *("model", "base_model", "use_stable_diffusion_model", "model_weights", "base_model_name"),
    "baseModel",
)
# Where a file states its program's note in JSON.
_NOTES = ("parameters", "generation_data", "metadata", "UserComment", "ImageDescription")
_NAMES = ("name", "model_name", "key", "modelFileName")
_EASY_DIFFUSION = ("use_stable_diffusion_model", "num_inference_steps")
_NOVEL_AI = {"uc", "scale", "sampler", "steps"}
# InvokeAI 2 wrote what to leave out in brackets inside the prompt.
_DREAM = pattern(r'\s*"((?:[^"\\]|\\.){0,20000})"(.*)', re.DOTALL)
_FLAG = pattern(r"-([sSWHCA])\s?([\w.]{1,40})")
_FLAGS = {
    "s": "steps",
    "S": "seed",
    "W": "width",
    "H": "height",
    "C": "cfg_scale",
    "A": "sampler",
}
_MOCHI = pattern(
    r"(Include in Image|Exclude from Image|Model|Steps|Guidance Scale|Seed|Size|Scheduler"
    r"|Generator)"
    r": (.*?)(?=; (?:Exclude from Image|Model|Steps|Guidance Scale|Seed|Image2Image|Size|Upscaler"
    r"|Scheduler|ML Compute Unit|Generator): |\Z)",
    re.DOTALL,
)
_BRACKETS = pattern(r"\[([^\[\]]*)\]")


def json_object(text: str) -> dict[str, Any] | None:
    """Parse a JSON object; None for any other text."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        # Graphs in the wild hold NaN, which the standard library's reader takes.
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields whose value is a text or a number."""
    return {k: v for k, v in fields.items() if isinstance(v, str | int | float)}


def read_invokeai(texts: Mapping[str, str]) -> Provenance | None:
    """Read ``invokeai_metadata``, or the ``sd-metadata`` of version 2."""
    fields = json_object(texts.get("invokeai_metadata", ""))
    if fields is not None:
        return _provenance(fields, "InvokeAI")
    fields = json_object(texts.get("sd-metadata", ""))
    image = fields.get("image") if fields else None
    if fields is None or not isinstance(image, dict):
        return None
    prompt = image.get("prompt")
    if isinstance(prompt, list):
        prompt = " ".join(str(part.get("prompt", "")) for part in prompt if isinstance(part, dict))
    prompt = prompt if isinstance(prompt, str) else ""
    return Provenance(
        prompt=" ".join(_BRACKETS.sub("", prompt).split()),
        negative=", ".join(_BRACKETS.findall(prompt)),
        model=_first(fields, ("model_weights", "model")),
        parameters=plain(image) | ({"prompt": prompt} if prompt else {}),
        tool="InvokeAI",
    )


def read_dream(texts: Mapping[str, str]) -> Provenance | None:
    """Read the command that InvokeAI's first version stored as ``Dream``."""
    match = _DREAM.match(texts.get("Dream", ""))
    if match is None:
        return None
    prompt = match[1].replace('\\"', '"')
    return Provenance(
        prompt=" ".join(_BRACKETS.sub("", prompt).split()),
        negative=", ".join(_BRACKETS.findall(prompt)),
        parameters={_FLAGS[flag]: value for flag, value in _FLAG.findall(match[2])},
        tool="InvokeAI",
    )


def read_mochi(texts: Mapping[str, str]) -> Provenance | None:
    """Read the description that Mochi Diffusion writes."""
    text = texts.get("ImageDescription") or texts.get("Description") or ""
    if not text.startswith("Include in Image: "):
        return None
    fields = dict(_MOCHI.findall(text))
    return Provenance(
        prompt=fields.pop("Include in Image", "").strip(),
        negative=fields.pop("Exclude from Image", "").strip(),
        model=fields.get("Model", "").strip(),
        parameters={name: value.strip() for name, value in fields.items() if value.strip()},
        tool="Mochi Diffusion",
    )


def read_parameters(texts: Mapping[str, str]) -> Provenance | None:
    """Read the JSON that SwarmUI, Fooocus and Easy Diffusion store as ``parameters``."""
    notes = (json_object(texts[name]) for name in _NOTES if texts.get(name))
    fields = next((note for note in notes if note is not None), None)
    if fields is None:
        return None
    swarm = fields.get("sui_image_params")
    if isinstance(swarm, dict):
        return _provenance(swarm, "SwarmUI")
    if any(name in fields for name in _EASY_DIFFUSION):
        return _provenance(fields, "Easy Diffusion")
    if "base_model" in fields or "fooocus" in texts.get("Software", "").lower():
        return _provenance(fields, "Fooocus")
    if fields.keys() >= _NOVEL_AI:
        return _provenance(fields, "NovelAI")
    program = fields.get("software")
    if isinstance(program, str) and program:
        return _provenance(fields, program)
    return _unknown(fields)


def read_prompt(texts: Mapping[str, str]) -> Provenance | None:
    """Read a text under ``prompt``, of a program that does not state its name."""
    text = texts.get("prompt", "")
    if not text.strip() or json_object(text) is not None:
        return None
    return _unknown(texts)


def read_easy_diffusion(texts: Mapping[str, str]) -> Provenance | None:
    """Read Easy Diffusion's PNG texts, one for each field."""
    if "negative_prompt" not in texts and not any(name in texts for name in _EASY_DIFFUSION):
        return None
    named = (*_EASY_DIFFUSION, "seed", "guidance_scale", "sampler_name", "width", "height")
    fields = {k: texts[k] for k in (*_PROMPT, *_NEGATIVE, *named) if k in texts}
    return _provenance(fields, "Easy Diffusion")


def read_novelai(texts: Mapping[str, str]) -> Provenance | None:
    """Read NovelAI's texts: the prompt in ``Description``, the rest as JSON in ``Comment``.

    JSON of a program that does not name itself is read too, with a caveat.
    """
    fields = json_object(texts.get("Comment", ""))
    source = texts.get("Source", "")
    named = "NovelAI" in (texts.get("Software", ""), source.split(" ")[0])
    if fields is None:
        return None
    if not named and not fields.keys() >= _NOVEL_AI:
        return _unknown(fields)
    fields.setdefault("prompt", texts.get("Description", ""))
    provenance = _provenance(fields, "NovelAI")
    if provenance is not None:
        provenance.model = provenance.model or source
    return provenance


def read_draw_things(texts: Mapping[str, str]) -> Provenance | None:
    """Read the JSON that Draw Things stores in the Exif comment of its XMP."""
    properties = property_texts(texts)
    fields = json_object(properties.get("exif:UserComment", ""))
    if fields is None or "c" not in fields:
        return None
    return _provenance(fields, "Draw Things")


def _unknown(fields: Mapping[str, Any]) -> Provenance | None:
    provenance = _provenance(fields, "")
    if provenance is not None:
        provenance.caveat = phrase("export.nameless_program")
    return provenance


def _provenance(fields: Mapping[str, Any], tool: str) -> Provenance | None:
    prompt = _first(fields, _PROMPT)
    if not prompt and tool != "InvokeAI":
        return None
    return Provenance(
        prompt=prompt,
        negative=_first(fields, _NEGATIVE),
        model=_first(fields, _MODEL),
        parameters=plain(fields),
        tool=tool,
    )


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of several fields that contains a text, or an object with a name."""
    values = (fields[name] for name in names if name in fields)
    named = (_first(value, _NAMES) if isinstance(value, dict) else value for value in values)
    return next((value for value in named if isinstance(value, str) and value), "")


JSON_READERS: tuple[Callable[[Mapping[str, str]], Provenance | None], ...] = (
    read_invokeai,
    read_dream,
    read_mochi,
    read_parameters,
    read_easy_diffusion,
    read_draw_things,
    read_novelai,
)
