"""Write a request as code in fifteen languages.

What it sends is what nbext sends, but in one piece instead of as a stream, so that the answer is
one JSON. The key is read from the environment. Pictures lie beside the code, as files that it reads
when it runs.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec

from nbext.errors import OptionError
from nbext.export.code import literals
from nbext.export.code.attachments import files_of, with_tokens
from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.util.suggest import close_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jinja2 import Environment

    from nbext.wire.events import Call, Upload

__all__ = ["LANGUAGES", "files_of", "language_key", "snippet"]

_NAMES = {
    "shell": "Shell",
    "javascript": "JavaScript",
    "java": "Java",
    "swift": "Swift",
    "go": "Go",
    "php": "PHP",
    "python": "Python",
    "http": "HTTP",
    "c": "C",
    "csharp": "C#",
    "objc": "Objective-C",
    "ruby": "Ruby",
    "ocaml": "OCaml",
    "dart": "Dart",
    "r": "R",
}
LANGUAGES = tuple(_NAMES.values())
_ALIASES = {
    "curl": "shell", "sh": "shell", "bash": "shell", "zsh": "shell",
    "js": "javascript", "node": "javascript", "nodejs": "javascript", "node.js": "javascript",
    "fetch": "javascript", "mjs": "javascript",
    "golang": "go", "py": "python", "python3": "python", "httpx": "python", "rest": "http",
    "libcurl": "c", "cs": "csharp", "c#": "csharp", "dotnet": "csharp", ".net": "csharp",
    "objective-c": "objc", "objectivec": "objc", "obj-c": "objc", "m": "objc",
    "rb": "ruby", "ml": "ocaml", "flutter": "dart", "httr": "r", "rscript": "r",
}  # fmt: skip

_FILE_NAME = pattern(r"[\w.][\w. -]{0,200}\Z")
# Fields that endpoints accept beside stream=true only.
_STREAM_ONLY = ("stream_options", "partial_images")


def snippet(
    call: Call, url: str, language: str, *, files: Mapping[str, bytes] | None = None, note: str = ""
) -> str:
    r"""Write code that sends a call and prints the answer.

    Args:
        call: What a wire format wrote.
        url: The URL, without its query.
        language: One of ``LANGUAGES``, or as it is often called (``curl``, ``js``, ``c#``).
        files: The pictures that lie beside the code, by name; those of ``files_of`` by default. A
            picture of a JSON body that is not among them stays in the code.
        note: A line of comment above it.

    Raises:
        OptionError: The language is unknown; the message lists all languages.

    Example:
        >>> from nbext.wire.events import Call
        >>> call = Call(path="chat/completions", body={"model": "m", "stream": True})
        >>> print(snippet(call, "https://relay.example/v1/chat/completions", "curl"))
        curl 'https://relay.example/v1/chat/completions' \
          -H "Authorization: Bearer $NBEXT_API_KEY" \
          -H 'Content-Type: application/json' \
          --data-binary @- <<'JSON'
        {
          "model": "m",
          "stream": false
        }
        JSON
    """
    key = language_key(language)
    attachments = _beside(call, files)
    for name in attachments:
        if not _FILE_NAME.match(name):
            raise OptionError(phrase("export.bad_file_name", name=name))
    call, url = _in_one_piece(call, _bare(url))
    try:
        context = _context(call, attachments, key)
    except UnicodeEncodeError:
        raise OptionError(phrase("export.half_surrogate")) from None
    except RecursionError:
        raise OptionError(phrase("export.too_deep")) from None
    beside = [phrase("export.beside_code", names=", ".join(attachments))] if attachments else []
    address = f"{url}?{urlencode(call.query, quote_via=quote)}" if call.query else url
    template = _environment().get_template(f"{key}.jinja")
    text = template.render(
        url=address,
        target=urlsplit(address),
        method=call.method,
        notes=[*([" ".join(note.split())] if note else []), *beside],
        string=literals.STRINGS[key],
        block=literals.BLOCKS[key],
        **context,
    )
    return text.rstrip("\n")


def language_key(language: str) -> str:
    """Find a language by any of its names.

    Raises:
        OptionError: The language is unknown.

    Example:
        >>> language_key("cURL"), language_key("C#")
        ('shell', 'csharp')
    """
    name = language.strip().lower()
    key = _ALIASES.get(name, name)
    if key in _NAMES:
        return key
    near = close_names(name, [*_NAMES, *_ALIASES], n=1, cutoff=0.5)
    guess = phrase("export.meant", _NAMES=_NAMES[_ALIASES.get(near[0], near[0])]) if near else ""
    raise OptionError(
        phrase("export.no_code_in", language=language),
        remedy=phrase("export.code_languages", guess=guess, names=", ".join(LANGUAGES)),
    )


def _beside(call: Call, files: Mapping[str, bytes] | None) -> dict[str, bytes]:
    """List the files to save beside the code; a form always has files."""
    ours = files_of(call)
    if files is None:
        return ours
    uploaded = {upload.data for upload in call.files} - set(files.values())
    return {name: data for name, data in ours.items() if data in uploaded} | dict(files)


def _bare(url: str) -> str:
    """Remove the user name and password from a URL."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _in_one_piece(call: Call, url: str) -> tuple[Call, str]:
    """Request one JSON answer instead of a stream."""
    body, form, query = call.body, call.form, dict(call.query)
    if body and body.get("stream") is True:
        body = _without(body) | {"stream": False}
        if isinstance(body.get("tools"), list):
            tools = [_without(tool) if isinstance(tool, dict) else tool for tool in body["tools"]]
            body["tools"] = tools
    if form and form.get("stream") == "true":
        form = _without(form) | {"stream": "false"}
    if url.endswith(":streamGenerateContent"):
        url = url.removesuffix(":streamGenerateContent") + ":generateContent"
        query = {name: value for name, value in query.items() if (name, value) != ("alt", "sse")}
    return msgspec.structs.replace(call, body=body, form=form, query=query), url


def _without(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _STREAM_ONLY}


# What the templates see


def _context(call: Call, files: Mapping[str, bytes], key: str) -> dict[str, Any]:
    """Convert the body to the variables of the templates."""
    if call.form is not None or call.files:
        parts = _parts(call, files)
        pictures = [("", part["file"]) for part in parts if "file" in part]
        return {"kind": "multipart", "parts": parts, "pictures": pictures, **_by_hand(parts)}
    if call.body is None:
        return {"kind": "none", "pictures": ()}
    body = msgspec.json.decode(msgspec.json.encode(call.body, enc_hook=str))
    body, used = with_tokens(body, files)
    text = msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
    text = literals.visible_json(text)
    python = literals.python_value(body, _python_with(used), 1) if key == "python" else ""
    return {
        "kind": "json",
        "json": text,
        "pieces": _split(text, used),
        "pictures": list(used.items()),
        "python": python,
    }


def _split(text: str, used: Mapping[str, str]) -> list[tuple[str, str]]:
    """Split a text at its tokens into ``("text", …)`` and ``("file", name)``."""
    if not used:
        return [("text", text)]
    cut = re.split("(" + "|".join(map(re.escape, used)) + ")", text)
    return [("file", used[piece]) if piece in used else ("text", piece) for piece in cut if piece]


def _python_with(used: Mapping[str, str]) -> Callable[[str], str]:
    """Write a Python string that calls ``picture`` in place of the tokens."""
    string = literals.STRINGS["python"]

    def written(text: str) -> str:
        return " + ".join(
            f"picture({string(piece)})" if kind == "file" else string(piece)
            for kind, piece in _split(text, used)
        ) or string("")

    return written


def _parts(call: Call, files: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Yield the fields and files of a form, in the order in which nbext sends them."""
    parts = [{"name": name, "value": _sent(value)} for name, value in (call.form or {}).items()]
    names = {data: name for name, data in files.items()}
    return [*parts, *(_file_part(upload, names[upload.data]) for upload in call.files)]


def _file_part(upload: Upload, name: str) -> dict[str, str]:
    return {"name": upload.field, "file": name, "type": upload.media_type}


def _sent(text: str) -> str:
    """Replace halves of surrogate pairs, which cannot be sent."""
    return text.encode("utf-8", "replace").decode()


def _by_hand(parts: list[dict[str, str]]) -> dict[str, Any]:
    """Write a multipart body (RFC 7578), for languages without a library for it.

    Returns:
        ``boundary``, and ``pieces`` of text, with the ends of lines as sent, and of files.
    """
    boundary = "nbext-" + hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    pieces: list[tuple[str, str]] = []
    text = ""
    for part in parts:
        text += f'--{boundary}\r\nContent-Disposition: form-data; name="{_attribute(part["name"])}"'
        if "file" in part:
            text += (
                f'; filename="{_attribute(part["file"])}"\r\nContent-Type: {part["type"]}\r\n\r\n'
            )
            pieces += [("text", text), ("file", part["file"])]
            text = "\r\n"
        else:
            text += f"\r\n\r\n{part['value']}\r\n"
    pieces.append(("text", f"{text}--{boundary}--\r\n"))
    return {"boundary": boundary, "pieces": pieces}


def _attribute(text: str) -> str:
    """Escape a field's name as HTML forms do."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # noqa: S701 -- code, not HTML: each literal has a filter of its own
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
