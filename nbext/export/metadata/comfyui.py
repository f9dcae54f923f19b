"""Read ComfyUI's graph backwards, from the node that saves to the nodes before it.

The order of the nodes in the file means nothing, and a graph may hold samplers and loaders whose
result is never saved. What refines a picture (a second pass, a repair of faces, an upscaler) is
passed through to the sampler that the picture began with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from nbext.export.metadata.comfyui_workflow import api_graph
from nbext.export.metadata.json_notes import json_object, plain
from nbext.export.metadata.provenance import Provenance
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Node = dict[str, Any]
    Role = Literal["positive", "negative"]

_MOST_STEPS = 64
# A graph comes from a stranger: circles and doublings end here.
_MOST_TEXTS = 1000
_MOST_OUTPUTS = 200
_LONGEST = 100_000
_EMPTY = {"width", "height", "batch_size"}
_PICTURE = pattern("image|latent|sample|pixel", re.IGNORECASE)
# Nodes that write a text with a language model: what they are given is no prompt of a picture.
_WRITES = pattern(r"LLM|Ollama|Chat|Florence|Caption|Interrogat|JoyTag|WD14|Gemini|GPT|Qwen.*VL")
_WRITER_INPUTS = ("temperature", "max_tokens", "max_new_tokens", "system_prompt")
_SEEDS = ("seed", "noise_seed")
_LOADED = ("ckpt_name", "unet_name", "base_ckpt_name", "model_name", "diffusion_name")
_UPSCALER = pattern("upscale", re.IGNORECASE)
_PICTURE_INPUTS = ("images", "image", "pixels", "samples", "latent_image", "latent", "any", "input")
# A second input of a picture, as blending nodes have; the first is followed.
_FIRST_OF_TWO = ("image1", "image_1", "destination", "a", "video", "frames", "upscaled_image")
_GUIDES = ("positive", "conditioning", "guider", "text_embeds")
# Both prompts of a node of extensions.
_BOTH = (("text_positive", "text_negative"), ("positive_prompt", "negative_prompt"))
# Parts of a sampler that is put together of nodes.
_PARTS = ("noise", "guider", "sampler", "sigmas")
# What hands on model, prompts and settings at once, in some extensions.
_PIPES = ("pipe", "basic_pipe", "sdxl_tuple")
# Where nodes hand a text on, the likeliest first.
_CARRIES = (
    *("populated_text", "wildcard_text", "text", "t5xxl", "text_g", "clip_l", "clip_g", "prompt"),
    *("conditioning", "conditioning_to", "positive", "value", "string", "text_0", "text1", "input"),
)
_COMBINED = (("conditioning_1", "conditioning_2"), ("conditioning_to", "conditioning_from"))
_JOINED = (("string_a", "string_b"), ("text_a", "text_b"), ("text1", "text2"))
# What an encoder of several parts is given for each of them.
_ENCODED = ("t5xxl", "text_g", "text_l", "clip_g", "clip_l")
# Loaders with both prompts, of which the second and third outputs are made.
_PROMPTS_FROM_ONE = pattern(r"Efficient|^Eff\.")
# Nodes that ask somebody else's model and do not name it among their inputs.
_API_MODELS = {
    "OpenAIGPTImage1": "gpt-image-1",
    "OpenAIDalle2": "dall-e-2",
    "OpenAIDalle3": "dall-e-3",
    "FluxProUltraImageNode": "flux-pro-1.1-ultra",
    "FluxProImageNode": "flux-pro-1.1",
    "FluxKontextProImageNode": "flux-kontext-pro",
    "FluxKontextMaxImageNode": "flux-kontext-max",
    "IdeogramV1": "ideogram-v1",
    "IdeogramV2": "ideogram-v2",
    "IdeogramV3": "ideogram-v3",
}
_TAGS = ("Make", "Model", "ImageDescription", "UserComment")
_TAGGED = pattern(r"\s*(prompt|workflow):\s*(?=\{)", re.IGNORECASE)
_SHOWS = pattern(r"Preview|Save|Output|Combine|Display", re.IGNORECASE)


def read_comfyui(texts: Mapping[str, str]) -> Provenance | None:
    """Read the graph in a PNG's texts or a WebP's Exif, or else the editor's file."""
    values = {name: texts[name] for name in ("prompt", "workflow") if name in texts}
    for tag in _TAGS:
        match = _TAGGED.match(texts.get(tag, ""))
        if match:
            values.setdefault(match[1].lower(), texts[tag][match.end() :])
    # civitai.com stores the graph as the comment.
    graph = json_object(values.get("prompt", "") or texts.get("UserComment", ""))
    provenance = _Graph(graph).provenance() if graph else None
    if provenance is None:
        workflow = json_object(values.get("workflow", ""))
        if workflow and isinstance(workflow.get("nodes"), list):
            provenance = _Graph(api_graph(workflow)).provenance()
            if provenance is not None:
                provenance.caveat = f"{provenance.caveat} {phrase('export.editors_file')}".strip()
    return provenance


class _Graph:
    """The nodes of a graph, with notes on what is uncertain."""

    def __init__(self, graph: Mapping[str, Any]) -> None:
        self.nodes: dict[str, Node] = {
            key: node
            for key, node in graph.items()
            if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
        }
        self.caveats: list[str] = []
        self.texts_left = _MOST_TEXTS

    def provenance(self) -> Provenance | None:
        """Return how the picture was made; None if no node makes one."""
        sources = [source for output in self._outputs() if (source := self._source(output))]
        if not sources:
            return None
        source = sources[0]
        if any(other is not source for other in sources):
            self._warn(phrase("export.several_saved"))
        inputs = source["inputs"]
        provenance = (
            self._sampled(source)
            if self._samples(source)
            else Provenance(
                prompt=self._text(inputs.get("prompt"), "positive"),
                negative=self._text(inputs.get("negative_prompt"), "negative"),
                model=self._api_model(source),
                parameters=self._plain(inputs),
            )
        )
        provenance.tool = "ComfyUI"
        provenance.caveat = " ".join(dict.fromkeys(self.caveats))
        return provenance

    def _warn(self, sentence: str) -> None:
        self.caveats.append(sentence)

    def _node(self, link: Any) -> Node | None:
        return self.nodes.get(str(link[0])) if isinstance(link, list) and link else None

    def _outputs(self) -> list[Node]:
        """Return the nodes whose result no other node uses: saving nodes first."""
        taken = {
            str(value[0])
            for node in self.nodes.values()
            for value in node["inputs"].values()
            if isinstance(value, list) and value
        }
        ends = [node for key, node in self.nodes.items() if key not in taken]
        saving = [node for node in ends if "save" in _kind(node).lower()]
        showing = [node for node in ends if _SHOWS.search(_kind(node))]
        others = [node for node in ends if self._samples(node) or "prompt" in node["inputs"]]
        # Without an output that leads to a picture, any node that makes one.
        candidates = (saving, showing, ends, others, list(self.nodes.values()))
        few = (some[:_MOST_OUTPUTS] for some in candidates)
        return next((some for some in few if any(map(self._source, some))), [])

    def _samples(self, node: Node) -> bool:
        """Return whether a node denoises, which its conditioning inputs show."""
        inputs = node["inputs"]
        if "guider" in inputs or ("text_embeds" in inputs and "Sampler" in _kind(node)):
            return True
        if "sampler" in _kind(node).lower() and any(name in inputs for name in _PIPES):
            return True
        guided = "positive" in inputs and "negative" in inputs
        seeded = any(name in inputs for name in _SEEDS)
        return guided and (seeded or "Sampler" in _kind(node))

    def _source(self, output: Node) -> Node | None:
        """Follow an output back to the node that started the picture."""
        node: Node | None = output
        source: Node | None = None
        for _ in range(_MOST_STEPS):
            if node is None:
                break
            if self._samples(node):
                if source is not None and source is not node:
                    self._compare(source, node)
                source = node
                if _starts_anew(node):
                    break
            elif _asks(node):
                # What is asked of another's model is the source, also of what is refined later.
                source = node
                break
            node = self._before(node)
        return source

    def _compare(self, later: Node, earlier: Node) -> None:
        """Note if a later pass used another prompt."""
        texts = [self._text(n["inputs"].get("positive"), "positive") for n in (later, earlier)]
        if texts[0] and texts[0] != texts[1]:
            self._warn(phrase("export.later_pass", texts=texts[0][:200]))

    def _before(self, node: Node) -> Node | None:
        """Return the node that a picture comes from."""
        inputs = node["inputs"]
        for name in (*_PICTURE_INPUTS, *_FIRST_OF_TWO):
            before = self._node(inputs.get(name))
            if before is not None:
                return before
        # Nodes of extensions have names of their own, or only one thing that they take.
        links = {name: link for name, link in inputs.items() if self._node(link) is not None}
        named = [link for name, link in links.items() if _PICTURE.search(name)]
        only = list(links.values()) if len(links) == 1 else []
        return self._node(next(iter([*named, *only]), None))

    def _sampled(self, source: Node) -> Provenance:
        inputs: Node = dict(source["inputs"])
        for name in _PARTS:
            part = self._node(inputs.get(name))
            if part is not None:
                inputs = part["inputs"] | inputs
        for part in self._upwards(_pipe(inputs), _PIPES):
            inputs = part["inputs"] | inputs
        parameters = self._plain(inputs)
        if "noise_seed" in parameters:
            parameters.setdefault("seed", parameters["noise_seed"])
        has_start = self._node(source["inputs"].get("latent_image")) is not None
        parameters |= self._size(source) if has_start else self._only_size()
        positive = next((inputs[name] for name in _GUIDES if name in inputs), None)
        prompt = self._text(positive, "positive")
        if not prompt:
            self._warn(phrase("export.no_prompt"))
        return Provenance(
            prompt=prompt,
            negative=self._text(inputs.get("negative", inputs.get("text_embeds")), "negative"),
            model=_loaded(inputs) or self._model(inputs.get("model")),
            parameters=parameters,
        )

    def _plain(self, inputs: Node) -> dict[str, Any]:
        """Return texts and numbers, including those that come from another node."""
        values = dict(inputs)
        for name in (*_SEEDS, "steps", "cfg", "width", "height"):
            if isinstance(values.get(name), list):
                values[name] = self._number(values[name], name)
        return plain(values)

    def _number(self, link: Any, name: str) -> Any:
        names = (name, *_SEEDS, "value", "int", "number", "Number", "a")
        for _ in range(_MOST_STEPS):
            node = self._node(link)
            if node is None:
                break
            link = next((node["inputs"][one] for one in names if one in node["inputs"]), None)
            if isinstance(link, int | float):
                return link
        return None

    def _size(self, sampler: Node) -> dict[str, Any]:
        """Return the size of the empty picture that a sampler starts from."""
        node = self._node(sampler["inputs"].get("latent_image"))
        for _ in range(_MOST_STEPS):
            if node is None:
                return {}
            inputs = node["inputs"]
            for width, height in (
                ("width", "height"),
                ("empty_latent_width", "empty_latent_height"),
            ):
                size = self._plain({"width": inputs.get(width), "height": inputs.get(height)})
                if len(size) == 2:
                    return size
            node = self._before(node)
        return {}

    def _only_size(self) -> dict[str, Any]:
        """Return the size of the only empty picture, if a sampler's own is unknown."""
        sizes = [
            self._plain({name: node["inputs"][name] for name in ("width", "height")})
            for node in self.nodes.values()
            if node["inputs"].keys() >= _EMPTY
        ]
        return sizes[0] if len(sizes) == 1 else {}

    def _model(self, link: Any) -> str:
        """Follow a model through the nodes that modify it to the one that loads it."""
        for node in self._upwards(link, ("model", "model1", "unet", "MODEL", "pipe", "basic_pipe")):
            inputs = node["inputs"]
            loaded = (*_LOADED, "model") if "Loader" in _kind(node) else _LOADED
            name = next((inputs[one] for one in loaded if isinstance(inputs.get(one), str)), "")
            if name and not _UPSCALER.search(_kind(node)):
                return str(name)
        # Where the way is lost, the only loader there is.
        names = {
            str(node["inputs"][one])
            for node in self.nodes.values()
            for one in _LOADED[:3]
            if isinstance(node["inputs"].get(one), str)
        }
        if len(names) != 1:
            self._warn(phrase("export.no_model_name"))
        return names.pop() if len(names) == 1 else ""

    def _upwards(self, link: Any, names: tuple[str, ...]) -> Iterator[Node]:
        for _ in range(_MOST_STEPS):
            node = self._node(link)
            if node is None:
                return
            yield node
            link = next((node["inputs"][one] for one in names if one in node["inputs"]), None)

    def _api_model(self, node: Node) -> str:
        inputs = node["inputs"]
        model = inputs.get("model") or inputs.get("model_name")
        name = model if isinstance(model, str) else _API_MODELS.get(_kind(node), "")
        if not name:
            self._warn(phrase("export.node_model", kind=_kind(node)))
        return name

    def _text(self, link: Any, role: Role, depth: int = 0) -> str:
        """Follow a link to a text."""
        if isinstance(link, str):
            return link
        node = self._node(link)
        self.texts_left -= 1
        if self.texts_left < 0:
            return ""
        # What sets a conditioning to nothing says nothing.
        if node is None or depth > _MOST_STEPS or _kind(node) == "ConditioningZeroOut":
            return ""
        inputs = node["inputs"]
        if "positive" in inputs and "negative" in inputs:
            role = _role_of(node, link[1] if len(link) > 1 else 0, role)
            return self._text(inputs[role], role, depth + 1)
        if _WRITES.search(_kind(node)) or any(name in inputs for name in _WRITER_INPUTS):
            self._warn(phrase("export.node_prompt", kind=_kind(node)))
            return ""
        for both in _BOTH:
            if all(name in inputs for name in both):
                return self._text(inputs[both[role == "negative"]], role, depth + 1)
        for pair in _JOINED:
            if all(name in inputs for name in pair):
                parts = [self._text(inputs[name], role, depth + 1) for name in pair]
                delimiter = inputs.get("delimiter")
                return (delimiter if isinstance(delimiter, str) else "").join(parts)[:_LONGEST]
        for pair in _COMBINED:
            if all(name in inputs for name in pair):
                return self._combined([inputs[name] for name in pair], role, depth)
        encoded = {text for name in _ENCODED if (text := self._text(inputs.get(name), role, 60))}
        if len(encoded) > 1:
            self._warn(phrase("export.different_texts"))
        texts = (self._text(inputs[name], role, depth + 1) for name in _CARRIES if name in inputs)
        return next((text for text in texts if text), "")

    def _combined(self, links: list[Any], role: Role, depth: int) -> str:
        if depth > 8:
            return ""
        texts = [self._text(link, role, depth + 1) for link in links]
        if len(set(texts) - {""}) > 1:
            self._warn(phrase("export.combined"))
        return "\n".join(dict.fromkeys(text for text in texts if text))[:_LONGEST]


def _kind(node: Node) -> str:
    return str(node.get("class_type", ""))


def _pipe(inputs: Node) -> Any:
    return next((inputs[name] for name in _PIPES if name in inputs), None)


def _loaded(inputs: Node) -> str:
    """Return the model that a node, or one it takes settings from, loads."""
    names = (inputs.get(name) for name in ("ckpt_name", "base_ckpt_name"))
    return next((name for name in names if isinstance(name, str)), "")


def _asks(node: Node) -> bool:
    """Return whether a node requests a picture from an online service."""
    inputs = node["inputs"]
    if not isinstance(inputs.get("prompt"), str | list) or "clip" in inputs:
        return False
    names = (*_SEEDS, "model", "model_name", "n", "aspect_ratio", "size")
    return any(name in inputs for name in names)


def _starts_anew(node: Node) -> bool:
    """Return whether a sampler replaces its input by noise completely."""
    inputs = node["inputs"]
    denoise = inputs.get("denoise")
    is_whole = isinstance(denoise, int | float) and denoise >= 1
    return is_whole and "latent_image" in inputs and "image" not in inputs


def _role_of(node: Node, output: Any, role: Role) -> Role:
    """Return which prompt an output carries, for a node with both."""
    first = 1 if _PROMPTS_FROM_ONE.search(_kind(node)) else 0
    if output == first:
        return "positive"
    if output == first + 1:
        return "negative"
    # An output that is neither, as of a loader whose outputs are not known here.
    return role
