r"""Any text as a literal of fifteen languages.

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
    r"""Escape what cannot be seen in a JSON text, but for the ends of its lines.

    Example:
        >>> visible_json('{"prompt": "画\u202e"}')
        '{"prompt": "画\\u202e"}'
    """
    return "".join(c if c.isprintable() or c == "\n" else _utf16(c) for c in text)


# How a character that cannot be seen is written


def _utf16(char: str) -> str:
    r"""As ``\uXXXX``, two of them above U+FFFF."""
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _braces(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"


def _wide(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _octal(char: str) -> str:
    """As UTF-8; three octal digits, unlike two of base 16, end before the next character."""
    return "".join(f"\\{byte:03o}" for byte in char.encode())


def _java_hidden(char: str) -> str:
    r"""In octal below U+0080: Java reads ``\u000a`` as the end of the line, also in a literal."""
    return f"\\{ord(char):03o}" if ord(char) < 0x80 else _utf16(char)


def _strings(
    hidden: Callable[[str], str], special: Mapping[str, str] | None = None
) -> Callable[[str], str]:
    """Make the filter that writes a text between double quotes.

    Args:
        hidden: Writes a character that cannot be seen.
        special: What else is escaped, beside the backslash, the quote and the ends of lines.
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
    r"""Write a C string; ``??`` would begin a trigraph, and NUL would end it, so it is left out.

    Example:
        >>> print(c_string('a "b"'))
        "a \"b\""
    """
    return re.sub(r"\?(?=\?)", r"?\\", _c_string(text.replace("\0", "")))


def r_string(text: str) -> str:
    """Write a string of R, which has no NUL."""
    return _strings(_wide)(text.replace("\0", ""))


def shell_string(text: str) -> str:
    r"""Write a word for a POSIX shell, which has no NUL.

    Example:
        >>> print(shell_string("don't"))
        'don'\''t'
    """
    return "'" + text.replace("\0", "").replace("'", r"'\''") + "'"


def javascript_string(text: str) -> str:
    """Write a string that may also stand in a page's script."""
    return _javascript_string(text).replace("</", r"<\/")


# Blocks: a JSON text, in which no line begins inside a string


def shell_block(text: str) -> str:
    """Escape a text for a here-document in which commands are put."""
    return re.sub(r"[\\$`]", r"\\\g<0>", text)


def javascript_block(text: str) -> str:
    """Escape a text for a template literal, without its backquotes."""
    return re.sub(r"[\\`]|\$(?=\{)|(?<=<)(?=/)", r"\\\g<0>", text)


def java_block(text: str) -> str:
    """Write a text block (Java 15), or several strings where one would be too long for a class."""
    if len(text) <= _JAVA_CONSTANT:
        escaped = text.replace("\\", r"\\").replace('"""', '\\"""')
        return f'"""\n{escaped}"""'
    cut = [text[at : at + _JAVA_CONSTANT] for at in range(0, len(text), _JAVA_CONSTANT)]
    return 'String.join("",\n' + ",\n".join(_java_string(piece) for piece in cut) + ")"


def swift_block(text: str) -> str:
    r"""Write a raw string over many lines, in which ``\#`` would begin an escape."""
    if r"\#" in text or '"""#' in text:
        text = text.replace("#", r"\u0023")
    return f'#"""\n{text}\n"""#'


def go_block(text: str) -> str:
    """Write a raw string, in which a backquote has no escape."""
    return "`" + text.replace("`", r"\u0060") + "`"


def dart_block(text: str) -> str:
    """Write a raw string over many lines."""
    return "r'''\n" + text.replace("'''", r"\u0027\u0027\u0027") + "'''"


def c_block(text: str) -> str:
    """Write strings, one for each line, which the compiler joins."""
    return "\n".join(c_string(line) for line in text.splitlines(keepends=True)) or '""'


def csharp_block(text: str) -> str:
    """Write a verbatim string, in which only the quote is written twice."""
    return '@"' + text.replace('"', '""') + '"'


def ocaml_block(text: str) -> str:
    """Write a quoted string, with a name that does not end it early."""
    name = "json"
    while f"|{name}}}" in text:
        name += "_"
    return f"{{{name}|{text}|{name}}}"


def r_block(text: str) -> str:
    """Write a raw string (R 4.0), with as many dashes as it takes."""
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'


def http_block(text: str) -> str:
    """Escape the braces that an editor's HTTP client would take for a variable."""
    return text.replace("{{", r"\u007b\u007b")


def python_value(value: Any, string: Callable[[str], str] = _python_string, depth: int = 0) -> str:
    """Write a JSON value as Python does, over several lines where it is long.

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
