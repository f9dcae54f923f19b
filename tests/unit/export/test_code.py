"""Code in fifteen languages: names, pictures, the key, and literals that hold any text."""

from __future__ import annotations

import ast
import base64
import json
import re
import shlex
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.errors import OptionError
from nbext.export.code import literals
from nbext.export.code.languages import LANGUAGES, files_of, language_key, snippet
from nbext.wire.events import Call, Upload

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + bytes(range(256))
URL = "https://relay.example/v1/chat/completions"
ODD = '画只猫 "\'`\'\'\'""" $HOME ${x} #{x} \\(x) {{x}} \\ \n </script> |json} )" ??/ *) \u202e🐱 }"); //'


def in_base64(data):
    return base64.b64encode(data).decode()


def chat(text, *pictures):
    parts = [{"type": "text", "text": text}]
    parts += [{"type": "image_url", "image_url": {"url": picture}} for picture in pictures]
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": parts}]}
    return Call(path="chat/completions", body=body, stream=True)


PLAIN = chat("画只猫")
PICTURES = chat(
    "画只猫",
    f"data:image/png;base64,{in_base64(PNG)}",
    in_base64(WEBP),
    f"data:image/png;base64,{in_base64(PNG)}",
)
FORM = Call(
    path="images/edits",
    form={"prompt": ODD, "stream": "true", "partial_images": "2"},
    files=(
        Upload(field="image", filename="i.png", data=PNG, media_type="image/png"),
        Upload(field="mask", filename="m.png", data=PNG + b"m", media_type="image/png"),
    ),
)
GET = Call(path="models", method="GET", query={"a": "b c"})
CALLS = {"plain": PLAIN, "pictures": PICTURES, "odd": chat(ODD), "form": FORM, "get": GET}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CALLS)
def test_every_language_shows_every_call(language, name, monkeypatch):
    monkeypatch.setenv("NBEXT_API_KEY", "sk-canary")
    code = snippet(CALLS[name], "https://user:sk-canary@relay.example/v1/x", language)
    assert "NBEXT_API_KEY" in code
    assert "https://relay.example/v1/x" in code
    assert "canary" not in code
    assert in_base64(PNG)[:200] not in code
    assert all(c.isprintable() or c in "\n\t" for c in code) or (language, name) in {
        ("Shell", "form"),  # neither has escapes in a form
        ("HTTP", "form"),
    }
    if name in ("pictures", "form"):
        files = files_of(CALLS[name])
        assert all(file in code for file in files)
        assert f"Files next to this code: {', '.join(files)}" in code


def test_pictures_lie_beside_the_code_each_once():
    assert files_of(PICTURES) == {"reference-1.png": PNG, "reference-2.webp": WEBP}
    assert files_of(FORM) == {"reference-1.png": PNG, "mask.png": PNG + b"m"}
    assert files_of(PLAIN) == files_of(GET) == {}


def test_the_files_may_have_other_names_or_be_none():
    code = snippet(PICTURES, URL, "http", files={"cat.png": PNG, "dog.webp": WEBP})
    assert '"data:image/png;base64,@cat.png@"' in code
    assert '"@dog.webp@"' in code
    whole = snippet(PICTURES, URL, "http", files={})
    assert json.loads(whole.partition("\n\n")[2]) == PICTURES.body | {"stream": False}
    form = snippet(FORM, URL, "curl", files={"cat.png": PNG})
    assert """'image=@"cat.png";type=image/png'""" in form
    assert """'mask=@"mask.png";type=image/png'""" in form
    assert "# Files next to this code: mask.png, cat.png" in form
    with pytest.raises(OptionError, match="not a valid name for a file"):
        snippet(PICTURES, URL, "http", files={'a"; rm -rf ~': PNG})


def test_only_pictures_are_taken_out():
    texts = ["A" * 4000, "data:text/plain;base64,short", in_base64(PNG)[:-1] + "!", "abc=" * 100]
    assert files_of(chat("\n".join(texts), *texts)) == {}
    embedded = chat(f"![cat](data:image/png;base64,{in_base64(PNG)})@@")
    assert files_of(embedded) == {"reference-1.png": PNG}
    unknown = chat(f"data:image/x-new;foo=bar;base64,{in_base64(bytes(300))}")
    assert files_of(unknown) == {"reference-1.bin": bytes(300)}


@pytest.mark.parametrize(
    "text", ["@reference-1.png@", "@@reference-1.png@@", "reference-1.png", "@"]
)
def test_a_text_that_looks_like_a_token_stays(text):
    call = chat(text, f"{text}data:image/png;base64,{in_base64(PNG)},{text}")
    call.body[text] = {text: text}
    code = snippet(call, URL, "http")
    token = re.search(r"# (\S+) stands for", code)[1]
    body = code.partition("\n\n")[2]
    assert json.loads(body.replace(token, in_base64(PNG))) == call.body | {"stream": False}


def test_the_answer_is_asked_for_in_one_piece():
    body = {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [{"type": "image_generation", "partial_images": 2}, "odd"],
    }
    shown = snippet(Call(path="responses", body=body), URL, "http").partition("\n\n")[2]
    assert json.loads(shown) == {
        "model": "m",
        "stream": False,
        "tools": [{"type": "image_generation"}, "odd"],
    }
    assert "partial_images" not in snippet(FORM, URL, "curl")
    assert "stream=false" in snippet(FORM, URL, "curl")
    google = Call(path="x", body={"contents": []}, query={"alt": "sse", "b": "c"})
    code = snippet(google, "https://h/v1beta/models/m:streamGenerateContent", "curl")
    assert "'https://h/v1beta/models/m:generateContent?b=c'" in code
    whole = Call(path="x", body={"stream": False, "partial_images": 1})
    assert "partial_images" in snippet(whole, URL, "curl")


ALIASES = """cURL shell, js javascript, Node javascript, PY python, C# csharp, ObjC objc, golang go,
rb ruby, objective-c objc, ml ocaml, R r, c c, csharp csharp, Shell shell"""


@pytest.mark.parametrize("pair", ALIASES.split(","))
def test_languages_have_many_names(pair):
    alias, key = pair.split()
    assert language_key(f" {alias} ") == key


def test_the_page_on_code_lists_every_language_by_names_that_work():
    page = (Path(__file__).parents[3] / "docs" / "code.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    assert [row[0].strip() for row in rows] == list(LANGUAGES)
    for name, others, *_ in rows:
        assert {language_key(other) for other in re.findall(r"`(.*?)`", others)} <= {
            language_key(name)
        }


def test_every_language_is_found_by_its_own_name():
    assert len({language_key(name) for name in LANGUAGES}) == 15
    assert language_key("Objective-C") == "objc"


@pytest.mark.parametrize(("wrong", "meant"), [("pyton", "Python"), ("javscript", "JavaScript")])
def test_a_wrong_language_says_what_there_is(wrong, meant):
    with pytest.raises(OptionError) as caught:
        snippet(PLAIN, URL, wrong)
    assert f"Did you mean {meant}?" in str(caught.value)
    assert "Shell, JavaScript, Java, Swift" in str(caught.value)
    with pytest.raises(OptionError, match="Code cannot be written in 'cobol'"):
        snippet(PLAIN, URL, "cobol")


def test_a_note_stands_above_and_never_leaves_its_line():
    for language in LANGUAGES:
        lines = [
            line
            for line in snippet(PLAIN, URL, language, note="a\nb").splitlines()
            if "a b" in line
        ]
        assert re.fullmatch(r"(#|//|\(\*) a b( \*\))?", lines[0])


@pytest.mark.parametrize("text", ["\ud800", "a" * 100_000])
def test_what_cannot_be_sent_is_refused_and_what_is_long_is_not(text):
    if text == "\ud800":
        with pytest.raises(OptionError, match="surrogate"):
            snippet(chat(text), URL, "python")
    else:
        assert all(len(snippet(chat(text), URL, language)) > 100_000 for language in LANGUAGES)


def test_a_body_nested_without_end_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(OptionError, match="nested"):
        snippet(Call(path="x", body={"a": deep}), URL, "python")


# Literals, read back by the rules of their languages

TEXTS = st.text(
    st.one_of(
        st.sampled_from("\"'`\\$#{}()?|@</\n\r\t\0ux01"), st.characters(exclude_categories=["Cs"])
    )
)
ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|U([0-9a-f]{8})|((?:[0-3][0-7]{2}\\)*[0-3][0-7]{2})|(.))"
)
ONE = {"n": "\n", "r": "\r", "t": "\t"}


def unescape(inside):
    """Read the escapes that C's family of languages have."""

    def char(match):
        braces, four, eight, octal, one = match.groups()
        if octal:
            return bytes(int(digits, 8) for digits in octal.split("\\")).decode()
        if one:
            return ONE.get(one, one)
        return chr(int(braces or four or eight, 16))

    text = ESCAPE.sub(char, inside)
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize("key", ["javascript", "java", "swift", "go", "php", "csharp"])
@given(text=TEXTS)
def test_strings_read_back(key, text):
    written = literals.STRINGS[key](text)
    assert re.fullmatch(r'"(?:[^"\\\n\r]|\\.)*"', written)
    assert written.isprintable()
    assert unescape(written[1:-1]) == text


@pytest.mark.parametrize("key", ["ruby", "ocaml", "dart", "c", "objc", "r"])
@given(text=TEXTS)
def test_strings_read_back_but_for_nul_where_there_is_none(key, text):
    written = literals.STRINGS[key](text).removeprefix("@")
    assert re.fullmatch(r'"(?:[^"\\\n\r]|\\.)*"', written)
    kept = text if key in ("ruby", "ocaml", "dart") else text.replace("\0", "")
    assert unescape(written[1:-1]) == kept
    if key in ("c", "objc"):
        assert "??" not in written
    if key == "ruby":
        assert not re.search(r"(?<!\\)(\\\\)*#", written)
    if key == "dart":
        assert not re.search(r"(?<!\\)(\\\\)*\$", written)


@given(text=TEXTS)
def test_python_strings_read_back(text):
    assert ast.literal_eval(literals.STRINGS["python"](text)) == text


@given(text=TEXTS)
def test_shell_words_read_back(text):
    assert shlex.split(literals.shell_string(text)) == [text.replace("\0", "")]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
).map(lambda value: msgspec.json.decode(msgspec.json.encode({"body": value})))


def shown(value):
    return literals.visible_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


@given(value=JSON)
def test_python_values_read_back(value):
    assert ast.literal_eval(literals.python_value(value)) == value


def strip_java(block):
    assert block.startswith('"""\n')
    assert '"""' not in re.sub(r"\\.", "_", block[4:-3])
    return unescape(block[4:-3])


def strip_shell(block):
    assert not re.search(r"[$`]", re.sub(r"\\.", "_", block))
    return re.sub(r"\\([\\$`])", r"\1", block)


def strip_javascript(block):
    assert not re.search(r"`|\$\{|</", re.sub(r"\\.", "_", block))
    return unescape(block)


def strip_swift(block):
    inside = re.fullmatch(r'#"""\n(.*)\n"""#', block, re.DOTALL)[1]
    assert "\\#" not in inside
    assert '"""#' not in inside
    return inside


def strip_go(block):
    assert block.count("`") == 2
    return block[1:-1]


def strip_dart(block):
    assert block.count("'''") == 2
    return re.fullmatch(r"r'''\n(.*)'''", block, re.DOTALL)[1]


def strip_c(block):
    lines = [line.removeprefix("@") for line in block.split("\n")]
    assert all(re.fullmatch(r'"(?:[^"\\]|\\.)*"', line) for line in lines)
    return "".join(unescape(line[1:-1]) for line in lines)


def strip_csharp(block):
    inside = re.fullmatch(r'@"((?:[^"]|"")*)"', block, re.DOTALL)[1]
    return inside.replace('""', '"')


def strip_ocaml(block):
    name, inside = re.fullmatch(r"\{(json_*)\|(.*)\|\1\}", block, re.DOTALL).groups()
    assert f"|{name}}}" not in inside
    return inside


def strip_r(block):
    dashes, inside = re.fullmatch(r'r"(-*)\((.*)\)\1"', block, re.DOTALL).groups()
    assert f'){dashes}"' not in inside
    return inside


def strip_http(block):
    assert "{{" not in block
    return block


def strip_heredoc(block):
    """A here-document in single quotes ends at the first line with its name."""
    assert not re.search(r"(?m)^\s*JSON", block)
    return block


STRIP = {
    "shell": strip_shell,
    "javascript": strip_javascript,
    "java": strip_java,
    "swift": strip_swift,
    "go": strip_go,
    "php": strip_heredoc,
    "http": strip_http,
    "c": strip_c,
    "csharp": strip_csharp,
    "objc": strip_c,
    "ruby": strip_heredoc,
    "ocaml": strip_ocaml,
    "dart": strip_dart,
    "r": strip_r,
}


@pytest.mark.parametrize("key", STRIP)
@given(value=JSON)
def test_blocks_read_back(key, value):
    assert json.loads(STRIP[key](literals.BLOCKS[key](shown(value)))) == value


@pytest.mark.parametrize("key", STRIP)
@pytest.mark.parametrize(
    "text", ["\\#(x)", '"""# \\', "|json} |json_}", ')" )-"', "'''' '''", "a`b", "${x} $", "{{{x}}"]
)
def test_blocks_hold_what_would_end_them(key, text):
    assert json.loads(STRIP[key](literals.BLOCKS[key](shown({text: text})))) == {text: text}


def test_a_text_too_long_for_a_class_of_java_is_cut():
    text = json.dumps({"prompt": '\\"猫' * 20_000}, ensure_ascii=False)
    pieces = re.findall(
        r'"((?:[^"\\]|\\.)*)"', literals.java_block(text).removeprefix('String.join("",')
    )
    assert "".join(map(unescape, pieces)) == text
    assert max(len(piece.encode()) for piece in pieces) < 65_535


# Languages that the other file does not run

PARSERS = {
    "Swift": "tree_sitter_swift",
    "Objective-C": "tree_sitter_objc",
    "Dart": "tree_sitter_dart",
}
STRING = {
    "Swift": r'#"""\n.*?\n"""#|"(?:[^"\\\n]|\\.)*"',
    "Objective-C": r'"(?:[^"\\\n]|\\.)*"',
    "Dart": r"r'''\n.*?'''|'(?:[^'\\\n$]|\\.)*'|\"(?:[^\"\\\n$]|\\.)*\"",
}


@pytest.mark.parametrize("language", PARSERS)
@pytest.mark.parametrize("name", CALLS)
def test_brackets_and_quotes_are_in_balance(language, name):
    code = snippet(CALLS[name], URL, language)
    code = code.replace("${Platform.environment['NBEXT_API_KEY']}", "")
    left = re.sub(STRING[language] + r"|//[^\n]*", "", code, flags=re.DOTALL)
    assert not re.search("[\"'`$\\\\\u4e00-\u9fff]", left)
    opened = []
    for char in left:
        if char in "([{":
            opened.append(char)
        elif char in ")]}":
            assert opened.pop() + char in ("()", "[]", "{}")
    assert opened == []


@pytest.mark.parametrize("language", PARSERS)
@pytest.mark.parametrize("name", CALLS)
def test_a_parser_accepts_it(language, name):
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip(PARSERS[language])
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    root = parser.parse(snippet(CALLS[name], URL, language).encode()).root_node
    assert root.child_count
    assert not root.has_error
