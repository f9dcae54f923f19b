"""Format numbers and times; detect languages; clean untrusted text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable


def human_size(size: int) -> str:
    """Format a number of bytes for people.

    Example:
        >>> human_size(1_840_000), human_size(900)
        ('1.8 MB', '0.9 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def counted(number: int, thing: str) -> str:
    """Format a number with its noun, in the plural if needed.

    Example:
        >>> counted(1, "drawing"), counted(2, "drawing")
        ('1 drawing', '2 drawings')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def number_ranges(numbers: Iterable[int]) -> str:
    """Name drawings by their numbers, with ranges for those in a row.

    Example:
        >>> number_ranges([3]), number_ranges([2, 3, 4, 7, 8])
        ('@3', '@2–@4, @7, @8')
    """
    return ", ".join(range_names(numbers))


def range_names(numbers: Iterable[int]) -> list[str]:
    """List the names of drawings and of those in a row, for a language with its own comma.

    Example:
        >>> range_names([2, 3, 4, 7, 8])
        ['@2–@4', '@7', '@8']
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    names = []
    for run in runs:
        names += [f"@{run[0]}–@{run[-1]}"] if len(run) > 2 else [f"@{n}" for n in run]
    return names


@lru_cache(maxsize=64)
def moment(text: str) -> str:
    """Format a time for people, in UTC; empty if it is invalid.

    Example:
        >>> moment("2026-11-23T10:26:03.120Z")
        '2026-11-23 10:26 UTC'
    """
    try:
        time = datetime.fromisoformat(text)
        # Times in records are UTC; others are converted.
        time = time.astimezone(UTC) if time.tzinfo else time
        return f"{time.isoformat(' ', 'minutes')[:16]} UTC"
    except (ValueError, OverflowError):
        return ""


def timestamp(text: str) -> float | None:
    """Return a recorded time in seconds since 1970; None if it is invalid.

    Example:
        >>> timestamp("1970-01-01T00:01:00.500Z")
        60.5
    """
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def day(text: str) -> str:
    """Format the day of a time in UTC.

    Example:
        >>> day("2026-11-23T10:26:03.120Z")
        '2026-11-23'
    """
    return moment(text).partition(" ")[0]


# Kana first: Japanese shares its other characters with Chinese.
_SCRIPTS = (
    ("ja", pattern("[\u3040-\u30ff]")),
    ("ko", pattern("[\uac00-\ud7a3]")),
    ("zh", pattern("[\u4e00-\u9fff]")),
)


def language(prompt: str) -> str:
    """Detect a prompt's language by its script, for the font: ``zh``, ``ja``, ``ko`` or ""."""
    if prompt.isascii():
        return ""
    return next((name for name, script in _SCRIPTS if script.search(prompt)), "")


# Characters that control a terminal or are invalid in a page, and those that reverse text.
_CONTROL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text: str) -> str:
    r"""Remove the control characters from untrusted text, keeping its lines.

    Example:
        >>> readable("A poem\x1b[2J\nin two lines")
        'A poem[2J\nin two lines'
    """
    return _CONTROL.sub("", text)


def html_text(value: object) -> str:
    """Escape an untrusted value for HTML text and attributes.

    Example:
        >>> html_text('a "cat" <b>')
        'a &quot;cat&quot; &lt;b&gt;'
    """
    text = str(value)
    if not text.isprintable():
        text = readable(text)
    return xml_text(text).replace('"', "&quot;").replace("'", "&#x27;")


def xml_text(text: str) -> str:
    """Escape a text for the text of an XML element.

    Example:
        >>> xml_text("cats & <b>dogs</b>")
        'cats &amp; &lt;b&gt;dogs&lt;/b&gt;'
    """
    # As html.escape does, whose module takes a millisecond to import for its table of entities.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(text: str) -> str:
    r"""Convert untrusted text to one line without control characters.

    Example:
        >>> printable("gpt\x1b[2J\n4o")
        'gpt [2J 4o'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
