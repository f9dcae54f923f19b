"""Convert ComfyUI's editor file to the graph that it would run.

A picture may hold the editor's ``workflow`` alone. Its nodes list the values of their widgets
without names; newer files name them among the inputs, for older ones a table has the usual nodes.
"""

from __future__ import annotations

from typing import Any

# A widget that says what becomes of the seed; it follows the seed and is no input.
_AFTER = ("fixed", "increment", "decrement", "randomize")
_SEEDS = ("seed", "noise_seed")
_SAMPLER = ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")
_SIZE = ("width", "height", "batch_size")
_WIDGETS: dict[str, tuple[str, ...]] = {
    "CLIPTextEncode": ("text",),
    "CLIPTextEncodeFlux": ("clip_l", "t5xxl", "guidance"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "UNETLoader": ("unet_name", "weight_dtype"),
    "KSampler": _SAMPLER,
    "KSamplerAdvanced": ("add_noise", "noise_seed", *_SAMPLER[1:-1], "start_at_step"),
    "RandomNoise": ("noise_seed",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "KSamplerSelect": ("sampler_name",),
    "CFGGuider": ("cfg",),
    "EmptyLatentImage": _SIZE,
    "EmptySD3LatentImage": _SIZE,
    "PrimitiveString": ("value",),
    "PrimitiveStringMultiline": ("value",),
}
# Nodes that are switched off: muted, and bypassed.
_MUTED, _BYPASSED = 2, 4


def api_graph(workflow: dict[str, Any]) -> dict[str, Any]:
    """Convert an editor file to a graph: nodes by id, with class and inputs."""
    listed = workflow.get("nodes")
    nodes = [node for node in listed if isinstance(node, dict)] if isinstance(listed, list) else []
    links = _links(workflow)
    for node in nodes:
        if node.get("mode") == _BYPASSED:
            _bypass(node, links)
    return {
        str(node.get("id")): {
            "class_type": str(node.get("type", "")),
            "inputs": _values(node) | _linked(node, links),
        }
        for node in nodes
        if node.get("mode") not in (_MUTED, _BYPASSED)
    }


def _links(workflow: dict[str, Any]) -> dict[Any, list[Any]]:
    """Return the origin of each link: a node's id and the number of its output."""
    links: dict[Any, list[Any]] = {}
    listed = workflow.get("links")
    for link in listed if isinstance(listed, list) else ():
        if isinstance(link, list) and len(link) >= 3 and isinstance(link[0], int):
            links[link[0]] = [str(link[1]), link[2]]
    return links


def _inputs(node: dict[str, Any]) -> list[dict[str, Any]]:
    inputs = node.get("inputs")
    return [one for one in inputs if isinstance(one, dict)] if isinstance(inputs, list) else []


def _bypass(node: dict[str, Any], links: dict[Any, list[Any]]) -> None:
    """Connect a bypassed node's outputs to its inputs, by type."""
    outputs = node.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict) or not isinstance(output.get("links"), list):
            continue
        into = (one.get("link") for one in _inputs(node) if one.get("type") == output.get("type"))
        source = next((links[link] for link in into if isinstance(link, int) and link in links), [])
        links |= {link: source for link in output["links"] if isinstance(link, int)}


def _linked(node: dict[str, Any], links: dict[Any, list[Any]]) -> dict[str, Any]:
    return {
        str(one.get("name")): links[one["link"]]
        for one in _inputs(node)
        if isinstance(one.get("link"), int) and links.get(one["link"])
    }


def _values(node: dict[str, Any]) -> dict[str, Any]:
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return dict(values)
    if not isinstance(values, list):
        return {}
    names = _WIDGETS.get(str(node.get("type", ""))) or tuple(
        str(one.get("name")) for one in _inputs(node) if "widget" in one
    )
    named: dict[str, Any] = {}
    rest = list(values)
    for name in names:
        if not rest:
            break
        named[name] = rest.pop(0)
        if name in _SEEDS and rest and rest[0] in _AFTER:
            rest.pop(0)
    return named
