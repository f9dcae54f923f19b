"""Every picture that leaves says how it was made, and others can read it."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import struct
import subprocess
import zlib
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import nbext
from nbext.data.record import Record, ReferenceInfo
from nbext.data.request import Reference
from nbext.errors import OptionError, PictureError
from nbext.export.metadata import avif, xmp
from nbext.export.metadata.containers import has_c2pa, texts_of
from nbext.export.metadata.exif import big_endian, exif, exif_texts
from nbext.export.metadata.other_tools import read_provenance
from nbext.export.metadata.provenance import Provenance, sidecar, with_provenance
from tests.growth import grows_linearly

PROMPT = '画只猫, "quoted": <b>&amp;\nSteps: not a step 🐱'
FORMS = [
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("JPEG", "RGB", {}),
    ("WEBP", "RGB", {}),
    ("WEBP", "RGBA", {}),
    ("WEBP", "RGBA", {"lossless": True}),
    ("GIF", "P", {}),
    ("AVIF", "RGB", {}),
]


def picture(form="PNG", mode="RGB", **how):
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((33, 21)).convert(mode).save(buffer, form, **how)
    return buffer.getvalue()


def record(**fields):
    fields = {
        "prompt": PROMPT,
        "model": "gpt-4o-image",
        "host": "relay.example",
        "finished": "2026-11-23T10:00:00.000Z",
    } | fields
    return Record(type="drawing", id="a", **fields)


def exported(data, **fields):
    return with_provenance(data, record(**fields), Reference.of(data).info)


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_not_a_pixel_changes_and_the_request_comes_back(form, mode, how):
    data = picture(form, mode, **how)
    out = exported(data, parameters={"aspect": "2:3", "seed": 7})
    assert Image.open(io.BytesIO(out)).tobytes() == Image.open(io.BytesIO(data)).tobytes()
    made = read_provenance(out)
    assert (made.prompt, made.model, made.host) == (PROMPT, "gpt-4o-image", "relay.example")
    assert made.parameters == {"aspect": "2:3", "seed": 7}
    assert made.sha256 == Reference.of(data).info.sha256


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_exiftool_reads_the_fields(form, mode, how, tmp_path):
    path = tmp_path / f"cat.{form.lower()}"
    path.write_bytes(exported(picture(form, mode, **how)))
    done = subprocess.run(["exiftool", "-json", path], capture_output=True, text=True, check=True)
    fields = json.loads(done.stdout)[0]
    assert fields["DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert fields["AIPromptInformation"].startswith("画只猫")
    assert fields["AISystemUsed"] == "gpt-4o-image via relay.example"
    comment = fields.get("Parameters") or fields.get("UserComment") or fields.get("Comment", "")
    assert "Steps: 1, Size: 33x21" in comment
    assert "Warning" not in fields


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("tag", [None, 0x010F])
def test_exiftool_finds_nothing_wrong_that_was_not_there_before(mode, tag, tmp_path):
    fields = Image.Exif()
    if tag:
        fields[tag] = "A provider"
    data = picture("JPEG", mode, **({"exif": fields} if tag else {}))
    warnings = []
    for number, content in enumerate((data, exported(data))):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        how = ["exiftool", "-json", "-validate", "-warning", "-a", "-G4", path]
        done = subprocess.run(how, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)[0].items()
        warnings.append({text for name, text in found if name.endswith("Warning")})
    assert warnings[1] <= warnings[0]


def test_a_sketch_is_marked_as_one():
    assert (
        "digitalsourcetype/algorithmicMedia<"
        in texts_of(exported(picture(), embedded=True))["XML:com.adobe.xmp"]
    )


def test_an_edit_is_marked_as_one():
    reference = ReferenceInfo(sha256="1" * 64)
    xmp = texts_of(exported(picture(), references=[reference]))["XML:com.adobe.xmp"]
    assert "compositeWithTrainedAlgorithmicMedia" in xmp


def test_no_seed_is_made_up():
    assert "Seed" not in texts_of(exported(picture()))["parameters"]


def test_content_credentials_are_left_alone():
    png = picture()
    body = b"\x00\x00\x00\x04caBXjumb"
    import zlib

    signed = png[:33] + body + zlib.crc32(b"caBXjumb").to_bytes(4, "big") + png[33:]
    assert has_c2pa(signed)
    assert exported(signed) == signed


def test_formats_without_a_place_for_it_say_so():
    with pytest.raises(PictureError, match=r"image/svg\+xml"):
        exported(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


PROVIDERS = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="made by a model" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/composite"/>'
    "</rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_what_a_provider_wrote_stays(form):
    """How the picture is turned, its maker's marks: an export takes none of it away."""
    from PIL.PngImagePlugin import PngInfo

    fields = Image.Exif()
    fields[0x0112], fields[0x010F] = 6, "A provider"
    fields.get_ifd(0x8769)[0x9003] = "2026:11:23 10:00:00"
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", PROVIDERS)
    how = {"pnginfo": info} if form == "PNG" else {"xmp": PROVIDERS.encode()}
    out = exported(picture(form, "RGB", exif=fields, **how))
    assert read_provenance(out).prompt == PROMPT
    read = Image.open(io.BytesIO(out)).getexif()
    assert (read[0x0112], read[0x010F]) == (6, "A provider")
    assert read.get_ifd(0x8769)[0x9003] == "2026:11:23 10:00:00"
    packet = texts_of(out)["XML:com.adobe.xmp"]
    assert out.count(b"<x:xmpmeta") == 1
    assert 'Credit="made by a model"' in packet
    assert packet.count("DigitalSourceType") == 1
    assert "AIPromptInformation>画只猫" in packet
    ET.fromstring(packet)


def test_a_generators_own_parameters_stay():
    from PIL.PngImagePlugin import PngInfo

    theirs = "a cat\nSteps: 20, Sampler: Euler a, Seed: 5"
    info = PngInfo()
    info.add_text("parameters", theirs)
    out = exported(picture("PNG", "RGB", pnginfo=info))
    assert texts_of(out)["parameters"] == theirs
    assert read_provenance(out).prompt == PROMPT


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_what_came_back_as_it_was_sent_says_what_is_new(form, mode, how):
    once = exported(picture(form, mode, **how), prompt="first")
    twice = exported(once, prompt="second")
    assert read_provenance(twice).prompt == "second"
    assert twice.count(b"<x:xmpmeta") == (2 if form == "AVIF" else 1)
    assert Image.open(io.BytesIO(twice)).tobytes() == Image.open(io.BytesIO(once)).tobytes()


@pytest.mark.parametrize("prompt", ["猫" * 5000, "cat " * 5000, "a\x00b\x0bc\x1b[2J\ufffe]]>"])
@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_long_and_odd_prompts_fit(form, mode, how, prompt):
    out = exported(picture(form, mode, **how), prompt=prompt, finished="<b>&")
    assert read_provenance(out).prompt == prompt
    packet = texts_of(out)["XML:com.adobe.xmp"]
    ET.fromstring(packet.partition("?>")[2].rpartition("<?")[0])


@pytest.mark.parametrize("count", [1, 3])
def test_pillow_finds_the_packet_of_an_avif(count):
    """Where libavif looks: readers that go by it saw nothing in a box of our own."""
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")][:count]
    buffer, fields = io.BytesIO(), Image.Exif()
    fields[0x010F] = "A provider"
    frames[0].save(
        buffer, "AVIF", save_all=True, append_images=frames[1:], exif=fields, xmp=PROVIDERS.encode()
    )
    out = exported(buffer.getvalue())
    before, after = Image.open(io.BytesIO(buffer.getvalue())), Image.open(io.BytesIO(out))
    assert 'Credit="made by a model"' in after.info["xmp"].decode()
    assert after.getexif()[0x010F] == "A provider"
    # A film's own metadata is its provider's; ours is that of its first picture.
    if count == 1:
        assert "AIPromptInformation>画只猫" in after.info["xmp"].decode()
        assert after.getexif().get_ifd(0x8769)[0x9286].startswith(b"UNICODE")
    assert read_provenance(exported(out, prompt="second")).prompt == "second"
    for at in range(count):
        before.seek(at)
        after.seek(at)
        assert after.tobytes() == before.tobytes()


def test_a_film_of_pictures_still_moves():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=3)
    out = Image.open(io.BytesIO(exported(buffer.getvalue())))
    assert (out.n_frames, out.info["loop"], out.info["duration"]) == (3, 3, 80)


def test_nothing_is_put_behind_an_avif_without_an_end():
    torn = bytearray(picture("AVIF"))
    at = torn.index(b"mdat") - 4
    torn[at : at + 4] = b"\0\0\0\0"
    with pytest.raises(PictureError, match="AVIF"):
        exported(bytes(torn))


@pytest.mark.parametrize(
    ("keyword", "text", "made"),
    [
        (
            "parameters",
            "a cat\nin a hat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768, Model: sdxl",
            Provenance(prompt="a cat\nin a hat", negative="dog", model="sdxl", tool="A1111"),
        ),
        (
            "prompt",
            json.dumps(
                {
                    "1": {
                        "class_type": "CheckpointLoaderSimple",
                        "inputs": {"ckpt_name": "dream.safetensors"},
                    },
                    "2": {
                        "class_type": "CLIPTextEncode",
                        "inputs": {"text": "a cat", "clip": ["1", 1]},
                    },
                    "3": {
                        "class_type": "CLIPTextEncode",
                        "inputs": {"text": "blurry", "clip": ["1", 1]},
                    },
                    "4": {
                        "class_type": "KSampler",
                        "inputs": {
                            "seed": 9,
                            "positive": ["2", 0],
                            "negative": ["3", 0],
                            "denoise": float("nan"),
                        },
                    },
                }
            ),
            Provenance(
                prompt="a cat", negative="blurry", model="dream.safetensors", tool="ComfyUI"
            ),
        ),
        (
            "invokeai_metadata",
            json.dumps(
                {
                    "positive_prompt": "a cat",
                    "negative_prompt": "dog",
                    "model": {"name": "flux"},
                    "seed": 3,
                }
            ),
            Provenance(prompt="a cat", negative="dog", model="flux", tool="InvokeAI"),
        ),
    ],
    ids=["A1111", "ComfyUI", "InvokeAI"],
)
def test_other_tools_pictures_are_read(keyword, text, made):
    read = read_provenance(saying(keyword, text))
    assert (read.prompt, read.negative, read.model, read.tool) == (
        made.prompt,
        made.negative,
        made.model,
        made.tool,
    )


def saying(keyword, text):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if isinstance(text, bytes):
        info.add(b"tEXt", keyword.encode() + b"\0" + text)
    else:
        info.add_text(keyword, text)
    return picture("PNG", "RGB", pnginfo=info)


def test_lines_of_extensions_below_the_parameters_are_no_prompt():
    text = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, Seed: 5\nTemplate: a {cat|dog}"
    made = read_provenance(saying("parameters", text))
    assert (made.prompt, made.negative, made.parameters["Seed"]) == ("a cat", "dog", "5")


def test_utf_8_where_latin_1_should_be_is_read():
    assert read_provenance(saying("parameters", "画只猫".encode())).prompt == "画只猫"
    assert read_provenance(saying("parameters", "un café".encode("latin-1"))).prompt == "un café"


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def test_a_graph_without_a_negative_prompt_has_none():
    graph = {
        "1": node("CLIPTextEncode", text=["5", 0]),
        "2": node("ConditioningZeroOut", conditioning=["1", 0]),
        "3": node("KSampler", seed=9, positive=["1", 0], negative=["2", 0]),
        "5": node("PrimitiveStringMultiline", value="a cat"),
    }
    made = read_provenance(saying("prompt", json.dumps(graph)))
    assert (made.prompt, made.negative, made.parameters) == ("a cat", "", {"seed": 9})


def test_what_lies_between_text_and_sampler_is_passed_through_by_its_output():
    graph = {
        "1": node("ControlNetApplyAdvanced", positive=["2", 0], negative=["3", 0], strength=1),
        "2": node("CLIPTextEncode", text="a cat"),
        "3": node("CLIPTextEncode", text="blurry"),
        "4": node("KSampler", seed=9, positive=["1", 0], negative=["1", 1]),
    }
    made = read_provenance(saying("prompt", json.dumps(graph)))
    assert (made.prompt, made.negative, made.parameters) == ("a cat", "blurry", {"seed": 9})


def test_a_graph_whose_sampler_is_put_together_is_read():
    graph = {
        "1": node("RandomNoise", noise_seed=7),
        "2": node("CLIPTextEncode", text="a cat"),
        "3": node("FluxGuidance", guidance=3.5, conditioning=["2", 0]),
        "4": node("BasicGuider", model=["5", 0], conditioning=["3", 0]),
        "5": node("UNETLoader", unet_name="flux.safetensors"),
        "6": node("SamplerCustomAdvanced", noise=["1", 0], guider=["4", 0]),
        "7": node("EmptySD3LatentImage", width=768, height=512, batch_size=1),
    }
    made = read_provenance(saying("prompt", json.dumps(graph)))
    assert (made.prompt, made.model, made.parameters) == (
        "a cat",
        "flux.safetensors",
        {"noise_seed": 7, "seed": 7, "width": 768, "height": 512},
    )


@pytest.mark.parametrize(
    ("fields", "tool"),
    [
        ({"sui_image_params": {"prompt": "a cat", "negativeprompt": "dog"}}, "SwarmUI"),
        ({"prompt": "a cat", "negative_prompt": "dog", "base_model": "m"}, "Fooocus"),
    ],
)
def test_parameters_in_json_are_no_prompt(fields, tool):
    made = read_provenance(saying("parameters", json.dumps(fields)))
    assert (made.prompt, made.negative, made.tool) == ("a cat", "dog", tool)


TANGLE = {
    "s": node("KSampler", positive=["0", 0], negative=["0", 0], seed=1),
    **{
        str(at): node("Concat", string_a=[str(at + 1), 0], string_b=[str(at + 1), 0], text=[])
        for at in range(60)
    },
    "60": node("CLIPTextEncode", text=["60", 0], prompt=["60", 0], value=["60", 0]),
}


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("nbext", '{"prompt":"a","parameters":' + '{"a":' * 3000 + "1" + "}" * 3001),
        ("prompt", "[" * 100_000),
        ("prompt", json.dumps({"1": node("K", positive=["1", 0], negative=["1", 1], seed=1)})),
        ("prompt", json.dumps(TANGLE)),
        ("invokeai_metadata", '{"a":' * 5000),
    ],
    ids=["own, deep", "deep", "a circle", "doublings", "InvokeAI, deep"],
)
def test_nasty_notes_are_passed_over(keyword, text):
    # What is exponential would not end here.
    read_provenance(saying(keyword, text))


@pytest.mark.parametrize("text", ["a", "a\nSteps: 1, Seed: 2, Size: ", "a: ", "1, "])
def test_long_notes_take_time_in_proportion(text):
    notes = {size: saying("parameters", "a\nSteps: 1, " + text * size) for size in (4_000, 32_000)}
    assert grows_linearly(lambda size: read_provenance(notes[size]), 4_000)


def test_a_plain_picture_says_nothing():
    assert read_provenance(picture()) is None
    assert read_provenance(b"no picture") is None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([f for f, _, _ in FORMS]), st.data())
def test_broken_pictures_never_raise(form, data):
    whole = bytearray(exported(picture(form)))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    read_provenance(bytes(whole))
    read_provenance(bytes(whole[:cut]))
    has_c2pa(bytes(whole[:cut]))


def test_a_packed_bomb_is_not_unpacked():
    import zlib

    packed = zlib.compress(bytes(200_000_000), 9)
    body = b"parameters\x00\x00" + packed
    chunk = (
        len(body).to_bytes(4, "big")
        + b"zTXt"
        + body
        + zlib.crc32(b"zTXt" + body).to_bytes(4, "big")
    )
    png = picture()
    assert len(texts_of(png[:33] + chunk + png[33:])["parameters"]) <= 4 << 20


RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def _packet(into, created="2026"):
    fields = {"prompt": "a cat", "model": "m", "where": "m via h", "source": "s", "own": "{}"}
    return xmp.packet(**fields, created=created, into=into)


def test_a_drawing_without_a_date_writes_none():
    assert "CreateDate>2026<" in _packet("")
    assert "CreateDate" not in _packet("", created="")


@pytest.mark.parametrize(
    "older",
    [
        # Only the name of a field, in a text, in another namespace or as another element's part.
        (
            f'<rdf:RDF {RDF}><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<dc:title>CreatorTool :description</dc:title></rdf:Description></rdf:RDF>"
        ),
        (
            f'<rdf:RDF {RDF}><rdf:Description xmlns:other="urn:other">'
            "<other:description>mine</other:description></rdf:Description></rdf:RDF>"
        ),
        # Another prefix for RDF.
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></r:RDF>',
    ],
)
def test_an_older_packet_that_only_names_a_field_hides_none(older):
    names = xmp._property_names(ET.fromstring(_packet(older)))
    for name in ("xmp:CreatorTool", "dc:description", "Iptc4xmpExt:AIPromptInformation"):
        assert xmp._expanded(name) in names


def test_what_an_older_packet_says_is_not_said_again():
    older = (
        f'<rdf:RDF {RDF}><rdf:Description xmlns:x="http://ns.adobe.com/xap/1.0/" '
        'x:CreatorTool="Camera"/></rdf:RDF>'
    )
    packet = _packet(older)
    assert "Camera" in packet
    assert packet.count("CreatorTool") == 1
    assert xmp.own_record(packet) == "{}"


@pytest.mark.parametrize("older", ["<rdf:RDF", "<a><b></a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"])
def test_a_packet_that_is_not_well_formed_is_left_alone_and_told(older):
    with pytest.warns(UserWarning, match="not well-formed"):
        assert _packet(older) == older
    assert xmp.own_record(older) == ""


def credentialled():
    import zlib

    png = picture()
    chunk = b"caBXjumb"
    return png[:33] + b"\x00\x00\x00\x04" + chunk + zlib.crc32(chunk).to_bytes(4, "big") + png[33:]


def test_beside_a_picture_with_credentials_a_file_says_how_it_was_made(tmp_path):
    data = credentialled()
    packet = sidecar(data, record(), Reference.of(data).info)
    path = tmp_path / "cat.png"
    path.write_bytes(data)
    path.with_suffix(".xmp").write_text(packet, encoding="utf-8")
    read = nbext.read(path)
    assert (read.prompt, read.model, read.caveat) == (PROMPT, "gpt-4o-image", "")
    path.write_bytes(data + b"x")
    assert "belongs to this file" in nbext.read(path).caveat


def test_beside_a_picture_that_says_it_itself_there_is_nothing():
    data = picture()
    assert sidecar(data, record(), Reference.of(data).info) == ""


def test_what_is_no_picture_is_told_apart_from_one_that_says_nothing(tmp_path):
    notebook = tmp_path / "own.ipynb"
    notebook.write_text("{}")
    with pytest.raises(PictureError, match=r"own\.ipynb is not a picture"):
        nbext.read(notebook)
    with pytest.raises(PictureError, match="The file contains no information"):
        nbext.read(picture())
    with pytest.raises(OptionError, match="Pass a path or the bytes of a file, not int"):
        nbext.read(3)


def fields_of(block):
    """The fields of a TIFF block, but for the comment and where its directories are."""
    read = Image.Exif()
    read.load(b"Exif\x00\x00" + block)
    return [
        {k: v for k, v in fields.items() if k not in (0x8769, 0x8825, 0x9286)}
        for fields in (read, read.get_ifd(0x8769), read.get_ifd(0x8825))
    ]


def little_endian(**inner):
    made = Image.Exif()
    made.endian = "<"
    made[0x010F], made[0x0112], made[0x011A], made[0x0102] = "Maker", 6, 72.5, (8, 8, 8)
    made.get_ifd(0x8769).update({0x829A: 0.01, 0x9000: b"0232", 0xA002: 40, 0x9204: -1.5})
    made.get_ifd(0x8769).update(inner.get("more", {}))
    made.get_ifd(0x8825).update({1: "N", 2: (1.0, 2.0, 3.5)})
    block = made.tobytes()[6:]
    assert block[:2] == b"II"
    return block


def test_a_comment_stands_in_the_order_of_the_block_that_all_readers_expect():
    block = little_endian()
    written = exif("画只猫", block)
    assert written[:2] == b"MM"
    assert fields_of(written) == fields_of(block)
    assert exif_texts(written)["UserComment"] == "画只猫"
    # A camera's notes may depend on the order, so that block stays as it is.
    block = little_endian(more={0x927C: b"notes of a camera"})
    written = exif("a cat", block)
    assert written[:2] == b"II"
    assert fields_of(written) == fields_of(block)
    assert exif_texts(written)["UserComment"] == "a cat"


def test_a_hostile_block_is_never_turned_halfway():
    block, rng = little_endian(), random.Random(5)
    for _ in range(500):
        torn = bytearray(block)
        for _ in range(rng.choice([1, 3, 9])):
            torn[rng.randrange(len(torn))] = rng.randrange(256)
        with contextlib.suppress(ValueError, struct.error):
            turned = big_endian(bytes(torn))
            assert turned[:2] == b"MM" or turned == bytes(torn)
            assert len(turned) == len(torn)
        assert exif_texts(exif("a cat", bytes(torn))).get("UserComment") == "a cat"


def test_texts_of_a_file_fill_no_memory_however_many_there_are():
    """A packed chunk of 4 kB unfolds to 4 MB; in an AVIF, all items may be the same bytes."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + bytes(4)

    bomb = zlib.compress(bytes(4 << 20))
    head = picture()[:33]
    chunks = [chunk(b"zTXt", b"k%d\0\0" % n + bomb) for n in range(500)]
    texts = texts_of(head + b"".join(chunks) + picture()[-12:])
    assert 0 < sum(map(len, texts.values())) < 24 << 20

    def box(name, *parts):
        body = b"".join(parts)
        return struct.pack(">I", 8 + len(body)) + name + body

    exifs = bytes(1 << 20)
    count, extents = 2000, struct.pack(">II", 0, 1 << 20) * 64
    entries = [box(b"infe", b"\2\0\0\0", struct.pack(">HH", n, 0), b"Exif\0") for n in range(count)]
    places = [struct.pack(">HHHH", n, 1, 0, 64) + extents for n in range(count)]
    meta = box(
        b"meta",
        bytes(4),
        box(b"iinf", bytes(4), struct.pack(">H", count), *entries),
        box(b"iloc", b"\1\0\0\0\x44\0", struct.pack(">H", count), *places),
        box(b"idat", exifs),
    )
    read = []
    data = box(b"ftyp", b"avif\0\0\0\0mif1") + meta
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(avif, "exif_texts", lambda block: read.append(len(block)) or {})
        texts_of(data)
    assert 0 < sum(read) < 24 << 20
