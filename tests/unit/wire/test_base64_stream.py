"""Pictures flow out of an answer, wherever its bytes are cut."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbext.errors import PictureError
from nbext.wire.base64_stream import (
    _IN_JSON,
    _IN_TEXT,
    Base64Extractor,
    TextBase64Extractor,
    decode_base64,
)
from tests.sinks import Memory, picture

PICTURES = {
    "png": picture("PNG"),
    "jpeg": picture("JPEG"),
    "webp": picture("WEBP"),
    "gif": picture("GIF"),
    "avif": picture("AVIF"),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
}


def b64(data):
    return base64.b64encode(data).decode()


def divert(body, cuts=()):
    memory = Memory()
    diverter = Base64Extractor(memory)
    edges = [0, *sorted(c for c in cuts if 0 < c < len(body)), len(body)]
    out = b"".join(diverter.feed(body[a:b]) for a, b in itertools.pairwise(edges))
    out += diverter.close()
    return diverter.close_open(out.decode()), memory.kept


def named(data):
    return f"nbext-sha256:{hashlib.sha256(data).hexdigest()}"


PIECES = [
    *[
        ";base64,",
        ";BASE64,",
        "base64:\\/\\/",
        "base64://",
        "64,",
        "64:",
        '"',
        "\\",
        "x",
        "猫",
        ": ",
    ],
    *[
        "iVBORw0KGgo",
        "/9j/",
        "\\/9j\\/",
        "R0lGOD",
        "UklGR",
        "AAAAIGZ0eX",
        "PHN2Zy",
        "PD94bW",
        "JVBERi",
    ],
    *["SUkqA", "TU0AK", "AAAADGpQ", "AAAADEpY", "AAABA", "QkabcdAAAAAA", "i", "/", "R0", "b'"],
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.booleans())
@settings(deadline=None)
def test_what_is_looked_for_first_is_where_a_picture_may_begin(text, json_):
    data = text.encode()
    extractor = Base64Extractor(Memory, json=json_)
    slow = (_IN_JSON if json_ else _IN_TEXT).search(data)
    fast = extractor._find(data, 0)
    assert (fast and fast.span()) == (slow and slow.span())


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(
    "body",
    [
        '{"b64_json": "%s", "n": "猫"}',
        '{"content": "看 ![image](data:image/png;base64,%s) 好"}',
        '{"a": "data:image/png;base64,%s\\n\\nHere it is"}',
        '{"arguments": "{\\"image_url\\": \\"data:image/png;base64,%s\\"}"}',
        '{"x": "base64://%s"}',
    ],
)
def test_a_picture_becomes_its_hash_and_the_rest_stays(body, data):
    whole = body % b64(data)
    out, kept = divert(whole.encode())
    assert out == body % named(data)
    assert list(kept.values()) == [data]


@pytest.mark.parametrize("form", PICTURES)
def test_cut_at_every_byte(form):
    data = PICTURES[form]
    body = (
        f'{{"content": "看 ![图](data:image/x;base64,{b64(data)}) 好", "b": "{b64(data)}"}}'
    ).encode()
    wanted = (
        f'{{"content": "看 ![图](data:image/x;base64,{named(data)}) 好", "b": "{named(data)}"}}'
    )
    for cut in range(len(body)):
        assert divert(body, [cut])[0] == wanted
    assert divert(body, range(len(body)))[0] == wanted


@pytest.mark.parametrize(
    "write",
    [
        lambda t: t.replace("/", "\\/"),
        lambda t: t.replace("+", "\\u002b").replace("=", "\\u003D"),
        lambda t: t.replace("+", "-").replace("/", "_"),
        lambda t: t.rstrip("="),
        lambda t: "\\n".join(t[i : i + 76] for i in range(0, len(t), 76)),
        lambda t: "\\r\\n".join(t[i : i + 64] for i in range(0, len(t), 64)),
    ],
    ids=["slashes", "unicode", "url-safe", "unpadded", "lines of 76", "lines of 64"],
)
def test_every_spelling_of_base64(write):
    for data in (
        PICTURES["png"],
        PICTURES["jpeg"],
        picture("PNG", (25, 17)),
        picture("PNG", (26, 18)),
    ):
        body = (f'{{"url": "data:image/png;base64,{write(b64(data))}"}}').encode()
        for step in (1, 7, len(body)):
            out, kept = divert(body, range(0, len(body), step))
            assert list(kept.values()) == [data]
            assert json.loads(out)["url"].endswith(named(data))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "/9j/ not a picture"}',
        '{"a": "data:text/plain;base64,aGVsbG8gd29ybGQsIHRoaXMgaXMgbm8gcGljdHVyZSBhdCBhbGw=", "b": 1}',
        '{"a": "PHN2Zy"}',
        '{"a": "iVBORw0KGgo"}',
        '{"a": ";base64,", "b": "base64://"}',
        '{"a": "UklGRiQAAABXQVZ"}',
    ],
)
def test_what_is_no_picture_is_given_back(text):
    for step in (1, 3, len(text)):
        out, kept = divert(text.encode(), range(0, len(text), step))
        assert out == text
        assert kept == {}


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from('iVBORw0KGgo/9j\\u002+=";base64,:{}nA猫 '), max_size=300),
    st.lists(st.integers(0, 300)),
)
def test_no_bytes_make_it_raise_and_cuts_change_nothing(text, cuts):
    body = text.encode()
    assert divert(body, cuts)[0] == divert(body)[0]


def say(text, edges, **how):
    """Say a text in the pieces of a stream; give it as it is read, and the pictures."""
    memory = Memory()
    body = Base64Extractor(memory)
    joined = TextBase64Extractor(body, memory)
    said = ""
    for a, b in itertools.pairwise(edges):
        line = json.dumps({"delta": {"content": text[a:b]}}, ensure_ascii=False).encode()
        value = json.loads(body.feed(line + b"\n") + body.close())
        said += joined.feed(value["delta"]["content"])
    return said + joined.close(**how), memory.kept


def other_endings():
    """Name pictures whose base64 ends in no, one and two signs of padding."""
    for form in ("PNG", "JPEG", "WEBP", "GIF"):
        ends = {}
        for width in range(20, 60):
            data = picture(form, (width, 7))
            ends.setdefault(len(data) % 3, data)
        yield from ((f"{form} {rest}", data) for rest, data in sorted(ends.items()))
    yield from ((f"SVG {n}", PICTURES["svg"] + b"\n" * n) for n in range(3))


ENDINGS = dict(other_endings())


@pytest.mark.parametrize("data", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("padded", [True, False])
def test_a_picture_over_two_pieces_cut_near_its_end(data, padded):
    text = f"![图](data:image/png;base64,{b64(data) if padded else b64(data).rstrip('=')}) 好"
    for cut in (*range(1, 60), *range(len(text) - 40, len(text))):
        said, kept = say(text, [0, cut, len(text)])
        assert list(kept.values()) == [data], cut
        assert said == f"![图](data:image/png;base64,{named(data)}) 好"


@pytest.mark.parametrize("form", sorted(PICTURES))
def test_a_picture_over_two_pieces_cut_anywhere(form):
    data = PICTURES[form]
    text = f"![图](data:image/png;base64,{b64(data)}) 好"
    # 00 00 01 00 in the middle of an AVIF is no icon.
    for cut in range(1, min(len(text), 1_000)):
        said, kept = say(text, [0, cut, len(text)])
        assert list(kept.values()) == [data], cut
        assert said == f"![图](data:image/png;base64,{named(data)}) 好"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PICTURES)), st.lists(st.integers(1, 4000), max_size=12))
def test_a_picture_over_many_pieces_of_text(form, cuts):
    data = PICTURES[form]
    text = f"看 ![图](data:image/png;base64,{b64(data)}) 好"
    said, kept = say(text, [0, *sorted({c for c in cuts if c < len(text)}), len(text)])
    assert said == f"看 ![图](data:image/png;base64,{named(data)}) 好"
    assert list(kept.values()) == [data]


@pytest.mark.parametrize("data", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("width", [20, 40, 64, 76, 100, 1000])
@pytest.mark.parametrize("space", ["\n", "\r\n", " ", "\n    "])
def test_lines_of_any_width(data, width, space):
    coded = b64(data)
    lines = space.join(coded[i : i + width] for i in range(0, len(coded), width))
    text = f"看 ![图](data:image/png;base64,{lines}) 好"
    wanted = f"看 ![图](data:image/png;base64,{named(data)}) 好"
    for size in (1, 33, len(text)):
        assert say(text, [*range(0, len(text), size), len(text)]) == (
            wanted,
            {hashlib.sha256(data).hexdigest(): data},
        )
    # JSON in a string of JSON, where the breaks come escaped twice.
    out, kept = divert(json.dumps({"arguments": json.dumps({"image": lines})}).encode())
    assert list(kept.values()) == [data]
    assert json.loads(json.loads(out)["arguments"]) == {"image": named(data)}


@pytest.mark.parametrize("after", ["\n\nHere it is", "\nHere", " Here it is, ABCD", "\r\n\r\nOK"])
@pytest.mark.parametrize("padded", [True, False])
def test_the_text_behind_a_picture_stays(after, padded):
    for name, data in ENDINGS.items():
        if not padded and name.startswith("SVG"):
            continue
        text = (b64(data) if padded else b64(data).rstrip("=")) + after
        for size in (1, 13, len(text)):
            said, kept = say(text, [*range(0, len(text), size), len(text)])
            assert said == named(data) + after
            assert list(kept.values()) == [data]


@pytest.mark.parametrize("data", ENDINGS.values(), ids=ENDINGS)
def test_a_picture_that_is_cut_is_none(data):
    text = f"![图](data:image/png;base64,{b64(data)[:-12]}"
    said, kept = say(text, [0, 60, len(text)], cut=True)
    assert kept == {}
    assert b64(data)[:24] not in said
    out, kept = divert(b'{"b64_json": "' + b64(data)[:-12].encode())
    assert (out, kept) == ('{"b64_json": "', {})


@pytest.mark.parametrize("step", [1, 5, 1000])
def test_lines_that_are_no_picture_are_given_back(step):
    text = "data:image/svg+xml;base64," + "PHN2\nZyBu\nbyBw\naWN0dXJl" + "\n, and on"
    assert say(text, [*range(0, len(text), step), len(text)])[0] == text


def test_slashes_escaped_twice():
    data = PICTURES["jpeg"]
    body = json.dumps({"a": json.dumps({"image": b64(data)})}).replace("/", "\\\\/")
    for step in (1, 7, len(body)):
        out, kept = divert(body.encode(), range(0, len(body), step))
        assert list(kept.values()) == [data]
        assert json.loads(json.loads(out)["a"]) == {"image": named(data)}


def test_a_relay_cannot_name_a_picture_that_did_not_come():
    body = Base64Extractor(Memory())
    text = "nbext-open:0123456789abcdef:0;"
    assert body.close_open(text) == ""
    assert body.pictures == {}


class Counting:
    """Counts the calls that take a picture's bytes."""

    calls = 0

    def __call__(self):
        return self

    def write(self, data):
        Counting.calls += 1

    def close(self):
        raise PictureError("never kept")

    def abort(self):
        pass


def test_a_sink_that_refuses_ends_its_run():
    class Full(Counting):
        def write(self, data):
            raise PictureError("too large")

    text = json.dumps({"a": b64(PICTURES["png"]), "b": 1})
    for sink in (Full(), Counting()):
        diverter = Base64Extractor(sink)
        out = diverter.feed(text.encode()) + diverter.close()
        assert json.loads(diverter.close_open(out.decode()))["b"] == 1
        assert diverter.pictures == {}


@pytest.mark.parametrize("escape", ["", "\\/", "\\u002b", "\\n"])
def test_a_large_picture_is_written_in_large_pieces(escape):
    Counting.calls = 0
    line = "A" * 72 + {"": "", "\\/": "/", "\\u002b": "+", "\\n": ""}[escape]
    coded = "iVBORw0KGgo" + "A" * 61 + ("" if escape in ("", "\\n") else "/")
    lines = [coded] + [line] * 30_000
    text = "".join(one + ("\\n" if escape == "\\n" else "") for one in lines)
    text = text.replace("/", escape) if escape == "\\/" else text.replace("+", escape or "+")
    diverter = Base64Extractor(Counting())
    diverter.feed(b'{"a": "data:image/png;base64,' + text.encode() + b'"}')
    # Never a call for each byte or escape; for each line where there are lines.
    assert Counting.calls < (31_000 if escape == "\\n" else 100)


def test_a_raw_picture_as_the_whole_text():
    data = PICTURES["png"]
    memory = Memory()
    joined = TextBase64Extractor(Base64Extractor(memory), memory)
    text = b64(data)
    said = joined.feed(text[:50]) + joined.feed(text[50:]) + joined.close()
    assert said == named(data)


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES)
def test_whole_base64_is_decoded(data):
    assert decode_base64(b64(data)) == data
    assert decode_base64("data:image/png;base64," + b64(data).rstrip("=")) == data
    assert (
        decode_base64(
            "base64://" + "\n".join(b64(data)[i : i + 5] for i in range(0, len(b64(data)), 5))
        )
        == data
    )
    assert decode_base64("hello") is None


class Small(Memory):
    """Takes nothing that is longer than so many bytes."""

    def __call__(self):
        sink = super().__call__()
        take = sink.write

        def write(data):
            if len(sink.data) + len(data) > 100:
                raise PictureError("larger than 100 bytes")
            take(data)

        sink.write = write
        return sink


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_a_picture_that_is_not_taken_leaves_nothing(size):
    large = picture("PNG", size=(64, 64)) + bytes(3000)
    memory = Small()
    body = Base64Extractor(memory)
    text = TextBase64Extractor(body, memory)
    whole = f"Here: ![cat](data:image/png;base64,{b64(large)}) and more."
    said = ""
    for at in range(0, len(whole), size):
        piece = json.dumps({"text": whole[at : at + size]}).encode()
        said += text.feed(json.loads(body.feed(piece))["text"])
    said += text.close()
    assert said == "Here: ![cat](data:image/png;base64,) and more."
    assert not memory.kept


@pytest.mark.parametrize("step", [1, 100, 10_000])
def test_a_picture_that_is_not_taken_leaves_nothing_in_json(step):
    large = picture("PNG", size=(64, 64)) + b"\xff\xfe\xfb" * 1000
    memory = Small()
    body = Base64Extractor(memory)
    whole = json.dumps({"b64_json": b64(large), "n": "cat"}).replace("/", "\\/").encode()
    out = b"".join(body.feed(whole[at : at + step]) for at in range(0, len(whole), step))
    out = body.close_open((out + body.close()).decode())
    assert json.loads(out) == {"b64_json": "", "n": "cat"}
