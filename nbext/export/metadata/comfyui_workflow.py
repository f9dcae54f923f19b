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
# In a subgraph, the nodes that stand for what comes in and what goes out.
_INPUT_NODE, _OUTPUT_NODE = -10, -20
# A file comes from a stranger: subgraphs in subgraphs end here.
_MOST_DEPTH = 8
_MOST_PARTS = 500
_MOST_OUTPUTS = 200
# Nodes that are switched off: muted, and bypassed.
_MUTED, _BYPASSED = 2, 4


def api_graph(workflow: dict[str, Any]) -> dict[str, Any]:
    """Convert an editor file to a graph: nodes by id, with class and inputs.

    The nodes of a subgraph have ids such as ``4:7``: its own node's, and theirs in it.
    """
    definitions = workflow.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    flat = _Flat(_objects(listed))
    flat.add(workflow, "", {}, 0)
    return flat.graph


class _Flat:
    """A graph without subgraphs.

    Args:
        subgraphs: The definitions of the subgraphs.
    """

    def __init__(self, subgraphs: list[dict[str, Any]]) -> None:
        self.graph: dict[str, Any] = {}
        self._subgraphs = {str(one.get("id")): one for one in subgraphs}
        self._parts_left = _MOST_PARTS

    def add(
        self, part: dict[str, Any], prefix: str, inputs: dict[int, Any], depth: int
    ) -> list[Any]:
        """Add the nodes of a workflow, or of a subgraph in it.

        Args:
            part: The workflow or subgraph.
            prefix: What its nodes' ids begin with.
            inputs: What comes into a subgraph, by the number of its input.
            depth: How many subgraphs it is in.

        Returns:
            What a subgraph's outputs are connected to.
        """
        self._parts_left -= 1
        if depth > _MOST_DEPTH or self._parts_left < 0:
            return []
        nodes = _objects(part.get("nodes"))
        links, outputs = _links(part, prefix, inputs)
        for node in nodes:
            if node.get("mode") == _BYPASSED:
                _bypass(node, links)
        nodes = [node for node in nodes if node.get("mode") not in (_MUTED, _BYPASSED)]
        for node in nodes:
            inner = self._subgraphs.get(str(node.get("type")))
            if inner is not None:
                self._add_inner(inner, node, f"{prefix}{node.get('id')}", links, depth)
        for node in nodes:
            if str(node.get("type")) not in self._subgraphs:
                self.graph[f"{prefix}{node.get('id')}"] = {
                    "class_type": str(node.get("type", "")),
                    "inputs": _values(node) | _linked(node, links),
                }
        return [links.get(link, []) for link in outputs]

    def _add_inner(
        self,
        inner: dict[str, Any],
        node: dict[str, Any],
        id_: str,
        links: dict[Any, Any],
        depth: int,
    ) -> None:
        """Add a subgraph's nodes; what comes out of its node comes out of one of them."""
        values = _values(node) | _linked(node, links)
        names = [one.get("name") for one in _objects(inner.get("inputs"))]
        inputs = {at: values[name] for at, name in enumerate(names) if name in values}
        results = self.add(inner, f"{id_}:", inputs, depth + 1)
        for link, origin in links.items():
            if isinstance(origin, list) and origin[:1] == [id_]:
                at = origin[1]
                links[link] = results[at] if isinstance(at, int) and at < len(results) else []


def _objects(listed: Any) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _links(
    part: dict[str, Any], prefix: str, inputs: dict[int, Any]
) -> tuple[dict[Any, Any], list[Any]]:
    """Return the origin of each link: a node's id and the number of its output, or a value.

    Also the links that lead out of a subgraph, in the order of its outputs.
    """
    links: dict[Any, Any] = {}
    out: dict[int, Any] = {}
    listed = part.get("links")
    for link in listed if isinstance(listed, list) else ():
        if isinstance(link, list) and len(link) >= 3 and isinstance(link[0], int):
            links[link[0]] = [f"{prefix}{link[1]}", link[2]]
        elif isinstance(link, dict) and isinstance(link.get("id"), int):
            slot = link.get("origin_slot")
            if link.get("origin_id") == _INPUT_NODE:
                if slot in inputs:
                    links[link["id"]] = inputs[slot]
            else:
                links[link["id"]] = [f"{prefix}{link.get('origin_id')}", slot]
            if link.get("target_id") == _OUTPUT_NODE and isinstance(link.get("target_slot"), int):
                out[link["target_slot"]] = link["id"]
    return links, [out.get(at) for at in range(max(out, default=-1) + 1)][:_MOST_OUTPUTS]


def _inputs(node: dict[str, Any]) -> list[dict[str, Any]]:
    return _objects(node.get("inputs"))


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
        if isinstance(one.get("link"), int) and links.get(one["link"]) not in (None, [])
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
