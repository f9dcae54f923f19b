"""Numbers, times and languages in words."""

from __future__ import annotations

from datetime import UTC, datetime

from nbext.util.pattern import pattern


def human_size(size: int) -> str:
    """Say a number of bytes as people do.

    Example:
        >>> human_size(1_840_000), human_size(900)
        ('1.8 MB', '0.9 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def counted(number: int, thing: str) -> str:
    """Say how many there are.

    Example:
        >>> counted(1, "drawing"), counted(2, "drawing")
        ('1 drawing', '2 drawings')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def moment(text: str) -> str:
    """Write a time as people read it, in UTC; empty where it is none.

    Example:
        >>> moment("2026-11-23T10:26:03.120Z")
        '2026-11-23 10:26 UTC'
    """
    try:
        time = datetime.fromisoformat(text)
        # A record's times are UTC; what names another zone is brought there.
        time = time.astimezone(UTC) if time.tzinfo else time
        return time.strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError):
        return ""


def day(text: str) -> str:
    """Write a time's day in UTC.

    Example:
        >>> day("2026-11-23T10:26:03.120Z")
        '2026-11-23'
    """
    return moment(text).partition(" ")[0]


# Kana before signs that Japanese shares with Chinese.
_SCRIPTS = (
    ("ja", pattern("[\u3040-\u30ff]")),
    ("ko", pattern("[\uac00-\ud7a3]")),
    ("zh", pattern("[\u4e00-\u9fff]")),
)


def language(prompt: str) -> str:
    """Tell a prompt's language by its script, for the font: ``zh``, ``ja``, ``ko`` or none."""
    if prompt.isascii():
        return ""
    return next((name for name, script in _SCRIPTS if script.search(prompt)), "")


# What a terminal obeys and a page does not allow; and what turns the direction of writing.
_CONTROL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(text: str) -> str:
    r"""Take the control characters out of a text from elsewhere; its lines stay.

    Example:
        >>> readable("A poem\x1b[2J\nin two lines")
        'A poem[2J\nin two lines'
    """
    return _CONTROL.sub("", text)


def html_text(value: object) -> str:
    """Write a value from elsewhere into HTML, as text or between the quotes of an attribute.

    Example:
        >>> html_text('a "cat" <b>')
        'a &quot;cat&quot; &lt;b&gt;'
    """
    from html import escape

    return escape(readable(str(value)))


def printable(text: str) -> str:
    r"""Make one line without control characters of a text from elsewhere.

    Example:
        >>> printable("gpt\x1b[2J\n4o")
        'gpt [2J 4o'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
