"""Pictures of other programs, in the shapes that people have, say how they were made."""

from __future__ import annotations

import gzip
import io
import json
import struct

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nbext.export.metadata.other_tools import read_provenance


def png(texts, image=None):
    info = PngInfo()
    for keyword, text in texts.items():
        info.add_itxt(keyword, text if isinstance(text, str) else json.dumps(text))
    buffer = io.BytesIO()
    (image or Image.new("RGB", (40, 30), "teal")).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def with_exif(form, tags, inner=None):
    fields = Image.Exif()
    for tag, value in tags.items():
        fields[tag] = value
    for tag, value in (inner or {}).items():
        fields.get_ifd(0x8769)[tag] = value
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, form, exif=fields)
    return buffer.getvalue()


def with_xmp(form, properties):
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"{properties}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    if form == "PNG":
        return png({"XML:com.adobe.xmp": packet})
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(buffer, form, xmp=packet.encode())
    return buffer.getvalue()


def unicode_comment(text):
    return b"UNICODE\0" + text.encode("utf-16-be")


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


LOADER = {"1": node("CheckpointLoaderSimple", ckpt_name="dream.safetensors")}
TEXTS = {
    "2": node("CLIPTextEncode", text="a cat", clip=["1", 1]),
    "3": node("CLIPTextEncode", text="blurry", clip=["1", 1]),
}
EMPTY = {"4": node("EmptyLatentImage", width=512, height=768, batch_size=1)}
BASE = LOADER | TEXTS | EMPTY
SAVE = {"99": node("SaveImage", images=["98", 0]), "98": node("VAEDecode", samples=["5", 0])}


def sampler(**inputs):
    usual = {
        "model": ["1", 0],
        "positive": ["2", 0],
        "negative": ["3", 0],
        "latent_image": ["4", 0],
        "seed": 9,
        "steps": 20,
        "denoise": 1,
    }
    return node("KSampler", **(usual | inputs))


OTHER = {
    "20": node("CLIPTextEncode", text="a perfect face", clip=["1", 1]),
    "21": node("CLIPTextEncode", text="ugly", clip=["1", 1]),
}
PLAIN = BASE | SAVE | {"5": sampler()}
GRAPHS = {
    "an upscaler is loaded first": {
        "0": node("UpscaleModelLoader", model_name="4x-UltraSharp.pth"),
        **BASE,
        "5": sampler(),
        "98": node("VAEDecode", samples=["5", 0]),
        "97": node("ImageUpscaleWithModel", upscale_model=["0", 0], image=["98", 0]),
        "99": node("SaveImage", images=["97", 0]),
    },
    "faces are repaired": {
        "0": node(
            "FaceDetailer",
            image=["98", 0],
            positive=["20", 0],
            negative=["21", 0],
            seed=1,
            steps=5,
            denoise=0.5,
            model=["1", 0],
        ),
        **OTHER,
        **PLAIN,
        "99": node("SaveImage", images=["0", 0]),
    },
    "a second pass stands first": {
        "0": sampler(seed=1, steps=5, denoise=0.5, latent_image=["96", 0]),
        "96": node("LatentUpscale", samples=["5", 0], width=1024, height=1536),
        **PLAIN,
        "98": node("VAEDecode", samples=["0", 0]),
    },
    "a sampler whose picture is not saved": {
        "0": sampler(seed=1, steps=5, positive=["20", 0], negative=["21", 0]),
        **OTHER,
        **PLAIN,
    },
    "a previewed sampler": {
        "0": sampler(seed=1, steps=5, positive=["20", 0], negative=["21", 0]),
        "00": node("PreviewImage", images=["01", 0]),
        "01": node("VAEDecode", samples=["0", 0]),
        **OTHER,
        **PLAIN,
    },
    "a loader with both prompts": {
        "1": node(
            "Efficient Loader",
            ckpt_name="dream.safetensors",
            positive="a cat",
            negative="blurry",
            empty_latent_width=512,
            empty_latent_height=768,
        ),
        "5": node(
            "KSampler (Efficient)",
            model=["1", 0],
            positive=["1", 1],
            negative=["1", 2],
            latent_image=["1", 3],
            seed=9,
            steps=20,
        ),
        "99": node("SaveImage", images=["5", 5]),
    },
    "seed and steps of nodes": {
        **PLAIN,
        "5": sampler(seed=["10", 0], steps=["11", 0]),
        "10": node("Seed (rgthree)", seed=9),
        "11": node("PrimitiveInt", value=20),
    },
    "the parts of a sampler": {
        **BASE,
        "5": node(
            "SamplerCustomAdvanced",
            noise=["6", 0],
            guider=["7", 0],
            sigmas=["8", 0],
            latent_image=["4", 0],
        ),
        "6": node("RandomNoise", noise_seed=9),
        "7": node("CFGGuider", model=["1", 0], positive=["2", 0], negative=["3", 0], cfg=4),
        "8": node("BasicScheduler", model=["1", 0], steps=20, denoise=1),
        **SAVE,
    },
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
@pytest.mark.parametrize("order", [1, -1])
def test_a_graph_is_read_from_the_picture_that_it_saves(graph, order):
    read = read_provenance(png({"prompt": dict(list(graph.items())[::order])}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "blurry", "dream.safetensors")
    names = ("seed", "steps", "width", "height")
    assert [read.parameters[name] for name in names] == [9, 20, 512, 768]
    # What a repair was given is told, and not taken for the prompt.
    repair = "A later pass had another prompt: a perfect face"
    assert read.tool == "ComfyUI"
    assert read.caveat == (repair if "FaceDetailer" in json.dumps(graph) else "")


@pytest.mark.parametrize(
    ("kind", "inputs", "model"),
    [
        ("OpenAIGPTImage1", {"quality": "low", "size": "auto", "n": 1}, "gpt-image-1"),
        ("OpenAIDalle3", {"size": "1024x1024"}, "dall-e-3"),
        ("GeminiImageNode", {"model": "gemini-2.5-flash-image"}, "gemini-2.5-flash-image"),
        ("FluxProUltraImageNode", {"aspect_ratio": "16:9"}, "flux-pro-1.1-ultra"),
        ("ByteDanceSeedreamNode", {"model": "seedream-4-0", "width": 9}, "seedream-4-0"),
    ],
)
def test_a_node_that_asks_anothers_model_is_read(kind, inputs, model):
    graph = {
        "2": node("SaveImage", images=["1", 0]),
        "1": node(kind, prompt=["3", 0], seed=4, **inputs),
        "3": node("PrimitiveStringMultiline", value="a cat"),
    }
    read = read_provenance(png({"prompt": graph}))
    assert (read.prompt, read.model, read.parameters["seed"]) == ("a cat", model, 4)
    assert read.caveat == ""


@pytest.mark.parametrize(
    ("encoder", "prompt", "caveat"),
    [
        (node("CLIPTextEncodeFlux", clip_l="a cat", t5xxl="a cat", guidance=3), "a cat", ""),
        (node("CLIPTextEncodeFlux", clip_l="cat", t5xxl="a cat", guidance=3), "a cat", "different"),
        (node("CLIPTextEncodeSD3", clip_l="a cat", clip_g="a cat", t5xxl=""), "a cat", ""),
        (node("OllamaGenerateV2", prompt="describe a cat"), "", "OllamaGenerateV2 wrote"),
        (
            node("ConditioningCombine", conditioning_1=["3", 0], conditioning_2=["3", 0]),
            "blurry",
            "",
        ),
        (node("CLIPTextEncode", text=["30", 0]), "a cat, red", ""),
        (node("ImpactWildcardEncode", wildcard_text="__a__", populated_text="a cat"), "a cat", ""),
        (node("SDXLPromptStyler", text_positive="a cat", text_negative="dog"), "a cat", ""),
    ],
)
def test_texts_are_followed_to_where_they_stand(encoder, prompt, caveat):
    joined = node("StringConcatenate", string_a="a cat", string_b="red", delimiter=", ")
    read = read_provenance(png({"prompt": PLAIN | {"2": encoder, "30": joined}}))
    assert read.prompt == prompt
    assert (caveat in read.caveat) if caveat else read.caveat == ""


def test_where_several_pictures_are_saved_it_says_so():
    graph = PLAIN | OTHER
    graph |= {
        "50": sampler(positive=["20", 0], seed=3),
        "51": node("VAEDecode", samples=["50", 0]),
        "52": node("SaveImage", images=["51", 0]),
    }
    assert "several pictures" in read_provenance(png({"prompt": graph})).caveat


WORKFLOW = {
    "nodes": [
        {"id": 1, "type": "CheckpointLoaderSimple", "widgets_values": ["dream.safetensors"]},
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a cat"]},
        {"id": 3, "type": "CLIPTextEncode", "widgets_values": ["blurry"]},
        {"id": 4, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
        {
            "id": 6,
            "type": "LoraLoaderModelOnly",
            "mode": 4,
            "inputs": [{"name": "model", "type": "MODEL", "link": 10}],
            "outputs": [{"name": "MODEL", "type": "MODEL", "links": [11]}],
            "widgets_values": ["off.safetensors", 1],
        },
        {
            "id": 5,
            "type": "KSampler",
            "inputs": [
                {"name": "model", "link": 11},
                {"name": "positive", "link": 12},
                {"name": "negative", "link": 13},
                {"name": "latent_image", "link": 14},
            ],
            "widgets_values": [9, "randomize", 20, 7.5, "euler", "normal", 1],
        },
        {"id": 7, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 15}]},
        {"id": 8, "type": "SaveImage", "inputs": [{"name": "images", "link": 16}]},
    ],
    "links": [
        [10, 1, 0, 6, 0, "MODEL"],
        [11, 6, 0, 5, 0, "MODEL"],
        [12, 2, 0, 5, 1, "CONDITIONING"],
        [13, 3, 0, 5, 2, "CONDITIONING"],
        [14, 4, 0, 5, 3, "LATENT"],
        [15, 5, 0, 7, 0, "LATENT"],
        [16, 7, 0, 8, 0, "IMAGE"],
    ],
}


def test_a_picture_with_the_editors_file_alone_is_read():
    read = read_provenance(png({"workflow": WORKFLOW}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "blurry", "dream.safetensors")
    names = ("seed", "steps", "cfg", "width", "height")
    assert [read.parameters[name] for name in names] == [9, 20, 7.5, 512, 768]
    assert "editor" in read.caveat


@pytest.mark.parametrize(("prompt_at", "workflow_at"), [(0x0110, 0x010F), (0x010F, 0x010E)])
def test_comfyuis_webp_is_read(prompt_at, workflow_at):
    tags = {prompt_at: f"prompt:{json.dumps(PLAIN)}", workflow_at: f"workflow:{json.dumps({})}"}
    read = read_provenance(with_exif("WEBP", tags))
    assert (read.prompt, read.parameters["seed"], read.tool) == ("a cat", 9, "ComfyUI")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_ai_fields_of_any_program_are_read(form):
    read = read_provenance(
        with_xmp(
            form,
            "<Iptc4xmpExt:AIPromptInformation>a &lt;cat&gt;</Iptc4xmpExt:AIPromptInformation>"
            "<Iptc4xmpExt:AISystemUsed>Painter</Iptc4xmpExt:AISystemUsed>"
            "<Iptc4xmpExt:AISystemVersionUsed>2.5</Iptc4xmpExt:AISystemVersionUsed>"
            "<xmp:CreatorTool>Studio</xmp:CreatorTool>",
        )
    )
    assert (read.prompt, read.model, read.tool) == ("a <cat>", "Painter 2.5", "Studio")


def test_a_mark_without_a_prompt_says_that_there_is_none():
    kind = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    mark = f"<Iptc4xmpExt:DigitalSourceType>{kind}%s</Iptc4xmpExt:DigitalSourceType>"
    assert (
        "not from which"
        in read_provenance(with_xmp("JPEG", mark % "trainedAlgorithmicMedia")).caveat
    )
    assert read_provenance(with_xmp("JPEG", mark % "digitalCapture")) is None


FOOOCUS = json.dumps(
    {"prompt": "a cat", "negative_prompt": "dog", "base_model": "jugger", "seed": "7"}
)


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_fooocus_writes_its_comment_into_the_first_directory(form):
    tags = {0x9286: FOOOCUS, 0x0131: "Fooocus v2.5.5", 0x927C: "fooocus"}
    read = read_provenance(with_exif(form, tags))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "jugger")
    assert read.tool == "Fooocus"


A1111 = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, Seed: 5, Model: dream"


def hidden(text, signature, channels, form):
    body = gzip.compress(text.encode()) if signature.endswith(b"comp") else text.encode()
    data = signature + (len(body) * 8).to_bytes(4) + body
    bits = [byte >> at & 1 for byte in data for at in range(7, -1, -1)]
    image = Image.new("RGBA", (61, 67), (10, 200, 30, 254))
    pixels, number = image.load(), len(channels)
    for start in range(0, len(bits), number):
        x, y = divmod(start // number, image.height)
        pixel = list(pixels[x, y])
        for offset, bit in enumerate(bits[start : start + number]):
            at = "RGBA".index(channels[offset])
            pixel[at] = pixel[at] & 254 | bit
        pixels[x, y] = tuple(pixel)
    buffer = io.BytesIO()
    how = {"lossless": True, "exact": True} if form == "WEBP" else {}
    (image if "A" in channels else image.convert("RGB")).save(buffer, form, **how)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
@pytest.mark.parametrize(
    ("signature", "channels"),
    [
        (b"stealth_pnginfo", "A"),
        (b"stealth_pngcomp", "A"),
        (b"stealth_rgbinfo", "RGB"),
        (b"stealth_rgbcomp", "RGB"),
    ],
)
def test_what_is_hidden_in_the_pixels_is_read(form, signature, channels):
    read = read_provenance(hidden(A1111, signature, channels, form))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "dream")


NOVELAI = {
    "Title": "AI generated image",
    "Description": "a cat",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4.5 4BDE2A90",
    "Comment": json.dumps(
        {"prompt": "a cat", "uc": "dog", "seed": 3, "steps": 28, "scale": 5, "sampler": "k_euler"}
    ),
}


@pytest.mark.parametrize("form", ["texts", "PNG", "WEBP"])
def test_novelai_is_read(form):
    data = (
        png(NOVELAI)
        if form == "texts"
        else hidden(json.dumps(NOVELAI), b"stealth_pngcomp", "A", form)
    )
    read = read_provenance(data)
    assert (read.prompt, read.negative, read.tool) == ("a cat", "dog", "NovelAI")
    assert (read.model, read.parameters["seed"]) == ("NovelAI Diffusion V4.5 4BDE2A90", 3)


def test_a_comment_in_json_is_not_taken_for_novelai():
    read = read_provenance(png({"Comment": {"prompt": "enter your name", "id": 3}}))
    assert read.tool == ""
    assert "does not state its name" in read.caveat


def test_a_comment_of_a_photograph_is_no_prompt():
    for comment in ("our holiday", "Created with GIMP"):
        assert read_provenance(with_exif("JPEG", {}, {0x9286: unicode_comment(comment)})) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_draw_things_is_read(form):
    comment = json.dumps({"c": "a cat", "uc": "dog", "model": "sdxl.ckpt", "seed": 3, "steps": 8})
    read = read_provenance(
        with_xmp(
            form,
            f"<exif:UserComment><rdf:Alt><rdf:li>{comment}</rdf:li></rdf:Alt></exif:UserComment>",
        )
    )
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "sdxl.ckpt")
    assert (read.parameters["seed"], read.tool) == (3, "Draw Things")


JOB = "a cat, red --ar 16:9 --no dogs, mice --v 6.1 Job ID: 01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    "data",
    [
        png({"Description": JOB, "Author": "ada"}),
        with_xmp(
            "JPEG", f"<dc:description><rdf:Alt><rdf:li>{JOB}</rdf:li></rdf:Alt></dc:description>"
        ),
        with_exif("JPEG", {0x010E: JOB}),
    ],
    ids=["PNG", "XMP", "EXIF"],
)
def test_midjourney_is_read(data):
    read = read_provenance(data)
    assert (read.prompt, read.negative, read.model) == (
        "a cat, red",
        "dogs, mice",
        "Midjourney 6.1",
    )
    assert read.parameters["ar"] == "16:9"
    assert read.tool == "Midjourney"


def test_easy_diffusion_is_read():
    fields = {
        "prompt": "a cat",
        "negative_prompt": "dog",
        "use_stable_diffusion_model": "sd-v1-5",
        "seed": "3",
        "num_inference_steps": "25",
    }
    comment = {0x9286: unicode_comment(json.dumps(fields))}
    for data in (png(fields), with_exif("JPEG", {}, comment)):
        read = read_provenance(data)
        assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "sd-v1-5")
        assert (read.parameters["seed"], read.tool) == ("3", "Easy Diffusion")


@pytest.mark.parametrize(
    ("texts", "model"),
    [
        (
            {
                "sd-metadata": {
                    "model": "stable diffusion",
                    "model_weights": "sd-1.5",
                    "app_version": "2.3.0",
                    "image": {"prompt": [{"prompt": "a cat [dog]", "weight": 1}], "seed": 3},
                }
            },
            "sd-1.5",
        ),
        (
            {
                "invokeai_metadata": {
                    "positive_prompt": "a cat",
                    "negative_prompt": "dog",
                    "model": {"model_name": "dream", "base_model": "sd-1"},
                    "seed": 3,
                }
            },
            "dream",
        ),
    ],
    ids=["2", "3"],
)
def test_invokeais_earlier_versions_are_read(texts, model):
    read = read_provenance(png(texts))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", model)
    assert (read.parameters["seed"], read.tool) == (3, "InvokeAI")


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_a1111_in_exif_is_read(form):
    read = read_provenance(with_exif(form, {0x010F: "x"}, {0x9286: unicode_comment(A1111)}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "dream")


def test_civitai_lists_the_model_among_its_resources():
    resources = [{"type": "lora", "modelName": "x"}, {"type": "checkpoint", "modelName": "dream"}]
    text = f"a cat\nSteps: 9, Seed: 5, Sampler: a, Civitai resources: {json.dumps(resources)}, "
    read = read_provenance(png({"parameters": f"{text}Civitai metadata: {{}}"}))
    assert (read.prompt, read.model, read.parameters["Seed"]) == ("a cat", "dream", "5")


def test_fooocus_in_a1111s_words_names_itself():
    text = "a cat\nSteps: 9, Seed: 5, Base model: jugger, Version: Fooocus v2.5"
    read = read_provenance(png({"parameters": text}))
    assert (read.prompt, read.model, read.tool) == ("a cat", "jugger", "Fooocus")


PIPES = {
    "Efficiency Nodes": {
        "1": node("Eff. Loader SDXL", base_ckpt_name="xl", refiner_ckpt_name="r", positive="a cat", negative="dog"),
        "5": node("KSampler SDXL (Eff.)", noise_seed=9, steps=20, sdxl_tuple=["1", 0], latent_image=["1", 1]),
        "99": node("SaveImage", images=["5", 3]),
    },
    "Easy Use": {
        "1": node("easy fullLoader", ckpt_name="xl", positive="a cat", negative="dog"),
        "4": node("easy preSampling", steps=20, seed=9, pipe=["1", 0]),
        "5": node("easy kSampler", image_output="Save", pipe=["4", 0]),
    },
    "Impact Pack": LOADER | TEXTS | {
        "1": node("CheckpointLoaderSimple", ckpt_name="xl"),
        "3": node("CLIPTextEncode", text="dog", clip=["1", 1]),
        "4": node("ToBasicPipe", model=["1", 0], clip=["1", 1], vae=["1", 2], positive=["2", 0], negative=["3", 0]),
        "5": node("ImpactKSamplerBasicPipe", basic_pipe=["4", 0], seed=9, steps=20, latent_image=["6", 0], denoise=1),
        "6": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "98": node("VAEDecode", samples=["5", 1], vae=["1", 2]),
        "99": node("SaveImage", images=["98", 0]),
    },
}  # fmt: skip


@pytest.mark.parametrize("graph", PIPES.values(), ids=PIPES)
def test_what_a_sampler_has_from_a_pipe_is_read(graph):
    read = read_provenance(png({"prompt": graph}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "xl")
    assert (read.parameters.get("seed"), read.parameters["steps"]) == (9, 20)


def test_midjourneys_caption_of_iptc_is_read():
    caption = b"a cat in rain --ar 16:9 --v 6.1 Job ID: 12345678-1234-1234-1234-123456789abc"
    fields = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x78" + len(caption).to_bytes(2) + caption
    resources = b"8BIM\x04\x04\0\0" + len(fields).to_bytes(4) + fields
    body = b"Photoshop 3.0\0" + resources
    data = with_exif("JPEG", {})
    for cut in range(len(body)):
        # What is cut off is passed over.
        segment = b"\xff\xed" + (len(body[:cut]) + 2).to_bytes(2) + body[:cut]
        read_provenance(data[:2] + segment + data[2:])
    read = read_provenance(data[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2) + body + data[2:])
    assert (read.prompt, read.model, read.tool) == ("a cat in rain", "Midjourney 6.1", "Midjourney")


def inner_node(id_, kind, widgets=(), outputs=(), **inputs):
    named = [{"name": name, "type": "x", "link": link} for name, link in inputs.items()]
    return {
        "id": id_, "type": kind, "mode": 0, "inputs": named, "widgets_values": list(widgets),
        "outputs": [{"type": "x", "links": links} for links in outputs],
    }  # fmt: skip


def inner_links(*links):
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    return [dict(zip(names, link, strict=True)) for link in links]


# As the editor saves it since 2025: nodes that stand for a graph of their own.
SUBGRAPH = {
    "id": "text-to-image",
    "inputs": [{"name": "text"}, {"name": "seed"}],
    "outputs": [{"name": "IMAGE"}],
    "nodes": [
        inner_node(3, "CheckpointLoaderSimple", ["dream.safetensors"]),
        inner_node(4, "CLIPTextEncode", ["a default"], clip=12, text=10),
        inner_node(5, "CLIPTextEncode", ["dog"], clip=13),
        inner_node(6, "EmptyLatentImage", [512, 768, 1]),
        inner_node(7, "KSampler", [8, "fixed", 20, 7, "euler", "normal", 1], model=11, positive=14, negative=15, latent_image=18),
        inner_node(8, "VAEDecode", samples=19, vae=16),
    ],
    "links": inner_links(
        (10, -10, 0, 4, 1), (11, 3, 0, 7, 0), (12, 3, 1, 4, 0), (13, 3, 1, 5, 0), (14, 4, 0, 7, 1),
        (15, 5, 0, 7, 2), (16, 3, 2, 8, 1), (17, 8, 0, -20, 0), (18, 6, 0, 7, 3), (19, 7, 0, 8, 0),
    ),
}  # fmt: skip
OUTER = {
    "id": "and-saved",
    "inputs": [{"name": "words"}],
    "outputs": [{"name": "IMAGE"}],
    "nodes": [inner_node(1, "text-to-image", text=1)],
    "links": inner_links((1, -10, 0, 1, 0), (2, 1, 0, -20, 0)),
}


@pytest.mark.parametrize("kind", ["text-to-image", "and-saved"])
def test_a_subgraph_is_read_from_what_comes_into_it(kind):
    name = "text" if kind == "text-to-image" else "words"
    own = inner_node(1, kind, ["a cat"])
    own["inputs"] = [{"name": name, "type": "STRING", "widget": {"name": name}, "link": None}]
    workflow = {
        "nodes": [own, inner_node(2, "SaveImage", ["x"], images=1)],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "definitions": {"subgraphs": [SUBGRAPH, OUTER]},
    }
    read = read_provenance(png({"workflow": workflow}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "dream.safetensors")
    assert (read.parameters["seed"], read.parameters["height"]) == (8, 768)


@pytest.mark.parametrize("kinds", [["a"] * 50, ["a", "b"] * 25])
def test_subgraphs_in_circles_end(kinds):
    """A small file that would be more nodes than there is memory for."""
    graphs = [
        {
            "id": name,
            "nodes": [inner_node(n, kind) for n, kind in enumerate(kinds)],
            "links": inner_links((1, 0, 0, -20, 0)),
        }
        for name in ("a", "b")
    ]
    workflow = {
        "nodes": [inner_node(1, "a"), inner_node(2, "SaveImage", images=1)],
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "definitions": {"subgraphs": graphs},
    }
    assert read_provenance(png({"workflow": workflow})) is None


TEXT = (
    "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Model: dream"
)


def with_comment(text):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "JPEG", comment=text.encode())
    return buffer.getvalue()


def jxl(*boxes):
    """A JPEG XL's container; what it shows does not matter."""
    all_ = [(b"JXL ", b"\r\n\x87\n"), (b"ftyp", b"jxl \0\0\0\0jxl "), *boxes]
    return b"".join(struct.pack(">I", len(body) + 8) + name + body for name, body in all_)


def tiff(text):
    value = unicode_comment(text)
    entry = struct.pack(">HHII", 0x9286, 7, len(value), 26)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0) + value


@pytest.mark.parametrize(
    "data",
    [
        with_comment(TEXT),
        with_exif("JPEG", {0x010E: TEXT}),
        with_exif("JPEG", {0x010F: "x"}, {0x9286: b"UNICODE\0" + TEXT.encode("utf-16")}),
        jxl((b"Exif", b"\0\0\0\0" + tiff(TEXT))),
        png({"Description": TEXT}),
    ],
    ids=["a JPEG's comment", "a description", "a mark of byte order", "JPEG XL", "PNG"],
)
def test_a1111s_text_is_read_wherever_a_file_holds_it(data):
    read = read_provenance(data)
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "dream")


def test_civitais_graph_in_the_comment_is_read():
    graph = {"extraMetadata": json.dumps({"prompt": "x"})} | LOADER | {
        "2": node("CLIPTextEncode", text="a cat", clip=["1", 1]),
        "3": node("CLIPTextEncode", text="dog", clip=["1", 1]),
        "4": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "5": node("KSampler", seed=5, steps=9, cfg=7, denoise=1, model=["1", 0], positive=["2", 0], negative=["3", 0], latent_image=["4", 0]),
        "6": node("SaveImage", images=["5", 0]),
    }  # fmt: skip
    comment = unicode_comment(json.dumps(graph))
    read = read_provenance(with_exif("JPEG", {0x010F: "x"}, {0x9286: comment}))
    assert (read.prompt, read.negative, read.parameters["seed"]) == ("a cat", "dog", 5)


def test_kijais_video_nodes_are_read():
    graph = {
        "1": node("WanVideoModelLoader", model="wan.safetensors", base_precision="fp16"),
        "2": node(
            "WanVideoTextEncode", positive_prompt="a cat", negative_prompt="dog", t5=["7", 0]
        ),
        "3": node("WanVideoSampler", steps=30, seed=6, model=["1", 0], text_embeds=["2", 0]),
        "4": node("VHS_VideoCombine", images=["3", 0], frame_rate=16),
    }
    read = read_provenance(png({"prompt": graph}))
    assert (read.prompt, read.negative, read.model) == ("a cat", "dog", "wan.safetensors")
    assert read.parameters["seed"] == 6


@pytest.mark.parametrize(
    "data",
    [
        png({"prompt": "a cat", "seed": "5"}),
        with_exif("JPEG", {0x010E: json.dumps({"prompt": "a cat", "seed": 5})}),
    ],
    ids=["a text", "JSON"],
)
def test_a_prompt_of_a_nameless_program_has_a_caveat(data):
    read = read_provenance(data)
    assert (read.prompt, str(read.parameters["seed"]), read.tool) == ("a cat", "5", "")
    assert "does not state its name" in read.caveat


NOTE = (
    "a cat, red hat\nNegative prompt: blurry, low\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 9, Size: 512x768, Model: dream"
)
MOCHI = (
    "Include in Image: a cat, red hat; Exclude from Image: blurry, low; Model: dream; Steps: 20; "
    "Guidance Scale: 11.0; Seed: 9; Image2Image: No; Size: 512x512; Upscaler: ; Scheduler: DPM; "
    "Generator: Mochi Diffusion 5.0"
)
NAMED = {"prompt": "a cat, red hat", "negative_prompt": "blurry, low", "model": "dream"}


def tiff(text):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "TIFF", tiffinfo={0x010E: text})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "tool"),
    [
        (png({"parameters": NOTE.replace("\n", "\r\n")}), "A1111"),
        (png({"Parameters": NOTE}), "A1111"),
        (png({"comment": NAMED}), ""),
        (png({"metadata": NAMED}), ""),
        (with_exif("JPEG", {0x9C9C: NOTE.encode("utf-16-le") + b"\0\0"}), "A1111"),
        (with_exif("WEBP", {}, {0x9286: NOTE.encode()}), "A1111"),
        (tiff(NOTE), "A1111"),
        (with_exif("JPEG", {0x010E: MOCHI}), "Mochi Diffusion"),
        (tiff(MOCHI), "Mochi Diffusion"),
        (
            png(
                {
                    "generation_data": {
                        "prompt": "a cat, red hat",
                        "negativePrompt": "blurry, low",
                        "baseModel": {"modelFileName": "dream"},
                    }
                }
            ),
            "",
        ),
    ],
)
def test_the_same_note_is_read_under_other_keywords(data, tool):
    provenance = read_provenance(data)
    assert provenance.prompt == "a cat, red hat"
    assert provenance.negative == "blurry, low"
    assert provenance.model == "dream"
    assert provenance.tool == tool


def test_invokeais_first_version_is_read():
    dream = '"a \\"red\\" cat [blurry]" -s 50 -S 1234 -W 512 -H 512 -C 7.5 -A k_lms'
    provenance = read_provenance(png({"Dream": dream}))
    assert provenance.prompt == 'a "red" cat'
    assert provenance.negative == "blurry"
    assert provenance.parameters["seed"] == "1234"


@pytest.mark.parametrize(
    "data",
    [
        with_exif("JPEG", {0x010E: "Signature: QUJDREVGR0g=", 0x013B: "7c3f2a10-1111-2222"}),
        with_exif("JPEG", {0x010E: "A dog on the beach", 0x010F: "Canon"}),
        tiff("A dog on the beach"),
        png({"Software": "gnome-screenshot"}),
    ],
)
def test_a_caption_is_no_prompt(data):
    assert read_provenance(data) is None
