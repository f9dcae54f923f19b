"""Store the pictures of a call as files beside its code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.data.picture import EXTENSIONS, sniff
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbext.wire.events import Call

# What counts as a picture in a body; shorter ones are as well left where they are.
_BASE64 = pattern(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{200,}={0,2}")
_MEDIA_TYPE = pattern(r"data:([\w.+-]{1,50}/[\w.+-]{1,50})(?:;[\w=.-]{1,50}){0,4};base64,\Z")


def files_of(call: Call) -> dict[str, bytes]:
    """Collect the pictures of a call as files.

    Returns:
        Their bytes by name, ``reference-1.png`` and so on in the order of the call, each once.
    """
    names: dict[bytes, str] = {}
    for data, media_type, stem in _pictures(call):
        if data not in names:
            known = sniff(data[:512]) or media_type
            extension = EXTENSIONS.get(known, "bin")
            number = 1 + sum(name.startswith("reference-") for name in names.values())
            name = f"mask.{extension}" if stem == "mask" else f"reference-{number}.{extension}"
            names[data] = name
    return {name: data for data, name in names.items()}


def _pictures(call: Call) -> Iterator[tuple[bytes, str, str]]:
    """Yield each picture's bytes, its media type as written, and ``mask`` for a mask."""
    for upload in call.files:
        yield upload.data, upload.media_type, "mask" if upload.field == "mask" else ""
    for text in _texts(call.body):
        for match in _BASE64.finditer(text):
            data, media_type = _decoded(text, match)
            if data:
                yield data, media_type, ""


def _texts(value: Any, *, names: bool = False) -> Iterator[str]:
    """Yield all strings of a JSON value in order, optionally also its field names."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            left += reversed(item.values())
            if names:
                yield from item
        elif isinstance(item, list | tuple):
            left += reversed(item)


def _decoded(text: str, match: re.Match[str]) -> tuple[bytes, str]:
    """Decode a picture in base64; empty if it is none, or would not be encoded alike again."""
    before = _MEDIA_TYPE.search(text[max(0, match.start() - 400) : match.start()])
    try:
        data = pybase64.b64decode(match[0], validate=True)
    except ValueError:
        return b"", ""
    if pybase64.b64encode(data).decode() != match[0] or not (before or sniff(data[:512])):
        return b"", ""
    return data, before[1] if before else ""


def with_tokens(body: Any, files: Mapping[str, bytes]) -> tuple[Any, dict[str, str]]:
    """Replace the pictures of a JSON body by tokens.

    Args:
        body: Of dicts, lists, strings and so on.
        files: The pictures that are to be replaced, by file name.

    Returns:
        The body, and the file names by the tokens in it.
    """
    tokens = _tokens(body, files)
    names = {data: name for name, data in files.items()}
    used: dict[str, str] = {}

    def mark(match: re.Match[str]) -> str:
        data, _ = _decoded(match.string, match)
        name = names.get(data, "") if data else ""
        if not name:
            return match[0]
        used[tokens[name]] = name
        return tokens[name]

    return _mapped(body, lambda text: _BASE64.sub(mark, text)), used


def _tokens(body: Any, files: Mapping[str, bytes]) -> dict[str, str]:
    """Choose a token for each picture: ``@reference-1.png@``, with more ``@`` if needed."""
    at = "@"
    texts = [text for text in _texts(body, names=True) if "@" in text]
    if any(name in text for text in texts for name in files):
        at = "@" * (1 + max(len(run) for text in texts for run in re.findall(r"@+", text)))
    safe = re.compile(r"[A-Za-z0-9._-]+\Z")
    return {
        name: f"{at}{name if safe.match(name) else f'file-{number}'}{at}"
        for number, name in enumerate(files, 1)
    }


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return value
