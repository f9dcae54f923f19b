r"""Write any text as a literal in fifteen languages.

Two kinds. A *string* stands on one line, between quotes. A *block* holds a JSON text over many
lines, in the quotes of the language that need the fewest escapes; what cannot stand there is
written as JSON's own ``\uXXXX``, which whoever reads the JSON takes for the same. Characters that
cannot be seen (controls, marks that turn the direction of writing) are always escaped: code shows
what it does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_JAVA_CONSTANT = 16_000  # characters; a class file has room for 65,535 bytes in one
_PYTHON_WIDTH = 88


def visible_json(text: str) -> str:
    r"""Escape invisible characters in a JSON text, except line ends.

    Example:
        >>> visible_json('{"prompt": "画\u202e"}')
        '{"prompt": "画\\u202e"}'
    """
    return "".join(c if c.isprintable() or c == "\n" else _utf16(c) for c in text)


# How a character that cannot be seen is written


def _utf16(char: str) -> str:
    r"""Escape a character as ``\uXXXX``, or as two of them above U+FFFF."""
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _braces(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"


def _wide(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _octal(char: str) -> str:
    """Escape a character's UTF-8 bytes in octal, which always has three digits."""
    return "".join(f"\\{byte:03o}" for byte in char.encode())


def _java_hidden(char: str) -> str:
    r"""Escape in octal below U+0080: Java treats ``\u000a`` as a line end even in a literal."""
    return f"\\{ord(char):03o}" if ord(char) < 0x80 else _utf16(char)


def _strings(
    hidden: Callable[[str], str], special: Mapping[str, str] | None = None
) -> Callable[[str], str]:
    """Create a filter that writes a text in double quotes.

    Args:
        hidden: Writes a character that cannot be seen.
        special: Further characters to escape, besides backslash, quote and line ends.
    """
    known = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", **(special or {})}

    def string(text: str) -> str:
        written = (known.get(c) or (c if c.isprintable() else hidden(c)) for c in text)
        return f'"{"".join(written)}"'

    return string


_c_string = _strings(_octal)
_java_string = _strings(_java_hidden)
_python_string = _strings(_wide)
_javascript_string = _strings(_utf16)


def c_string(text: str) -> str:
    r"""Write a C string, without trigraphs (``??``) and without NUL.

    Example:
        >>> print(c_string('a "b"'))
        "a \"b\""
    """
    return re.sub(r"\?(?=\?)", r"?\\", _c_string(text.replace("\0", "")))


def r_string(text: str) -> str:
    """Write an R string, without NUL."""
    return _strings(_wide)(text.replace("\0", ""))


def shell_string(text: str) -> str:
    r"""Write a word for a POSIX shell, without NUL.

    Example:
        >>> print(shell_string("don't"))
        'don'\''t'
    """
    return "'" + text.replace("\0", "").replace("'", r"'\''") + "'"


def javascript_string(text: str) -> str:
    """Write a JavaScript string that is also safe inside a page's script."""
    return _javascript_string(text).replace("</", r"<\/")


# Blocks: a JSON text, in which no line begins inside a string


def shell_block(text: str) -> str:
    """Escape a text for a here-document that runs commands."""
    return re.sub(r"[\\$`]", r"\\\g<0>", text)


def javascript_block(text: str) -> str:
    """Escape a text for a template literal, without the backquotes."""
    return re.sub(r"[\\`]|\$(?=\{)|(?<=<)(?=/)", r"\\\g<0>", text)


def java_block(text: str) -> str:
    """Write a text block (Java 15), or several strings if it is too long for a class."""
    if len(text) <= _JAVA_CONSTANT:
        escaped = text.replace("\\", r"\\").replace('"""', '\\"""')
        return f'"""\n{escaped}"""'
    cut = [text[at : at + _JAVA_CONSTANT] for at in range(0, len(text), _JAVA_CONSTANT)]
    return 'String.join("",\n' + ",\n".join(_java_string(piece) for piece in cut) + ")"


def swift_block(text: str) -> str:
    r"""Write a multi-line raw string, with ``#`` as JSON's ``\u0023`` where it would end it."""
    if r"\#" in text or '"""#' in text:
        text = text.replace("#", r"\u0023")
    return f'#"""\n{text}\n"""#'


def go_block(text: str) -> str:
    r"""Write a raw string, with backquotes as JSON's ``\u0060``."""
    return "`" + text.replace("`", r"\u0060") + "`"


def dart_block(text: str) -> str:
    """Write a multi-line raw string."""
    return "r'''\n" + text.replace("'''", r"\u0027\u0027\u0027") + "'''"


def c_block(text: str) -> str:
    """Write one string for each line; the compiler joins them."""
    return "\n".join(c_string(line) for line in text.splitlines(keepends=True)) or '""'


def csharp_block(text: str) -> str:
    """Write a verbatim string, in which only quotes are doubled."""
    return '@"' + text.replace('"', '""') + '"'


def ocaml_block(text: str) -> str:
    """Write a quoted string with a delimiter that does not occur in the text."""
    name = "json"
    while f"|{name}}}" in text:
        name += "_"
    return f"{{{name}|{text}|{name}}}"


def r_block(text: str) -> str:
    """Write a raw string (R 4.0) with as many dashes as needed."""
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'


def http_block(text: str) -> str:
    """Escape braces, which an editor's HTTP client would read as a variable."""
    return text.replace("{{", r"\u007b\u007b")


def python_value(value: Any, string: Callable[[str], str] = _python_string, depth: int = 0) -> str:
    """Write a JSON value in Python, on several lines if it is long.

    Args:
        value: Of strings, numbers, booleans, None, lists and dicts.
        string: Writes a string.
        depth: Of the line that it begins on, in steps of four spaces.

    Example:
        >>> print(python_value({"stream": False, "n": [1, None]}))
        {"stream": False, "n": [1, None]}
    """
    if isinstance(value, str):
        return string(value)
    if not isinstance(value, dict | list):
        return repr(value)
    left, right = "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        items = [
            f"{_python_string(key)}: {python_value(item, string, depth + 1)}"
            for key, item in value.items()
        ]
    else:
        items = [python_value(item, string, depth + 1) for item in value]
    line = f"{left}{', '.join(items)}{right}"
    if "\n" not in line and len(line) + 4 * depth <= _PYTHON_WIDTH:
        return line
    space = "    " * (depth + 1)
    return f"{left}\n" + "".join(f"{space}{item},\n" for item in items) + f"{space[4:]}{right}"


STRINGS: dict[str, Callable[[str], str]] = {
    "shell": shell_string,
    "javascript": javascript_string,
    "java": _java_string,
    "swift": _strings(_braces),
    "go": _strings(_wide),
    "php": _strings(_braces, {"$": r"\$"}),
    "python": _python_string,
    "http": str,
    "c": c_string,
    "csharp": _strings(_utf16),
    "objc": lambda text: "@" + c_string(text),
    "ruby": _strings(_braces, {"#": r"\#"}),
    "ocaml": _strings(_braces),
    "dart": _strings(_braces, {"$": r"\$"}),
    "r": r_string,
}

BLOCKS: dict[str, Callable[[str], str]] = {
    "shell": shell_block,
    "javascript": javascript_block,
    "java": java_block,
    "swift": swift_block,
    "go": go_block,
    "php": str,  # a nowdoc has no escapes
    "python": str,  # written as a value
    "http": http_block,
    "c": c_block,
    "csharp": csharp_block,
    "objc": lambda text: "@" + c_block(text),
    "ruby": str,  # neither has a here-document in single quotes
    "ocaml": ocaml_block,
    "dart": dart_block,
    "r": r_block,
}
