"""An endpoint, with a key that no repr shows."""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from html import escape
from unicodedata import normalize
from urllib.parse import quote, urlsplit

import msgspec

from nbext.util.pattern import pattern

# Paths of calls, which are removed from the end of a base URL.
_CALL = pattern(
    r"(?<=/v1)/(chat/completions|completions|responses|images/generations|models)$", re.IGNORECASE
)


# Characters that a screen does not show, between letters: they split a key, and it looks whole.
_UNSEEN = (
    "\0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_UNSEEN_ONE = pattern(f"[{_UNSEEN}]")
# A shorter key is redacted only as a whole word; an even shorter one only near a word for a key.
# Placeholders for no key are not redacted.
_SHORT, _TINY = 6, 4
_PLACEHOLDERS = frozenset({"none", "null", "test", "empty", "dummy", "fake", "demo", "free", "key"})
_NEAR = r"key|token|bearer|authorization|secret|password|credential|密钥|令牌|凭证|密码"


class Secret:
    """A key. Its repr, str and pickle never show it; only ``reveal()`` does.

    Example:
        >>> Secret("sk-canary")
        Secret('***')
    """

    __slots__ = ("_in_json", "_letters", "_patterns", "_spellings", "_split", "_value")

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        self._spellings = _spellings(self._value) if len(self._value) >= _SHORT else ()
        self._letters = _by_letter(self._value) if self._spellings else ()
        self._in_json = tuple({_written(spelling).encode() for spelling in self._spellings})
        self._patterns = _short_patterns(self._value) if 0 < len(self._value) < _SHORT else ()
        # Compiled for the first text with such characters.
        self._split: re.Pattern[str] | None = None

    def reveal(self) -> str:
        """Return the key itself, for the one place that sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled")

    def redact(self, text: str) -> str:
        """Replace the key in a text that repeats it, also in base64.

        Example:
            >>> Secret("sk-canary").redact("bad key sk-canary")
            'bad key ***'
            >>> Secret("ab12").redact("bad key ab12, no lab1234")
            'bad key ***, no lab1234'
            >>> Secret("ab12").redact("Bearer%20ab12.png")
            'Bearer%20***.png'
        """
        for spelling in self._spellings:
            text = text.replace(spelling, "***")
        if "&#" in text or "%" in text or "\\" in text:
            for spelling in self._letters:
                text = text.replace(spelling, "***")
        if self._spellings and _has_unseen(text):
            if self._split is None:
                self._split = re.compile(f"[{_UNSEEN}]*".join(map(re.escape, self._value)))
            text = self._split.sub("***", text)
        for wording in self._patterns:
            text = wording.sub(r"\g<before>***", text)
        return text

    def is_in(self, text: str) -> bool:
        """Return whether a text contains the key, however it is spelled; never for short keys."""
        if any(spelling in text for spelling in (*self._spellings, *self._letters)):
            return True
        # As it is after a line is wrapped, or in letters of another width.
        seen = _seen(text)
        return seen != text and any(spelling in seen for spelling in self._spellings)

    def erase(self, body: bytes) -> bytes:
        """Replace the key in an answer's bytes."""
        for spelling in self._spellings:
            body = body.replace(spelling.encode("utf-8", "replace"), b"***")
        if self._patterns:
            return self.redact(body.decode("utf-8", "surrogateescape")).encode(
                "utf-8", "surrogateescape"
            )
        return body

    def is_in_json(self, body: bytes) -> bool:
        """Return whether JSON contains the key, escaped or not."""
        if self._patterns:
            return self._value.encode("utf-8", "replace") in body
        # A loop, because each event of each answer is looked through.
        for spelling in self._in_json:  # noqa: SIM110
            if spelling in body:
                return True
        return False

    def begun(self, text: str) -> int:
        """Count the characters at the end of a text that may be the start of the key.

        Example:
            >>> Secret("sk-canary").begun("bad key sk-ca")
            5
        """
        most = 0
        for spelling in self._spellings or ((self._value,) if self._patterns else ()):
            # A short key may end here, or continue as another word.
            longest = min(len(spelling) - (0 if self._patterns else 1), len(text))
            at = text.find(spelling[0], len(text) - longest) if longest else -1
            while at >= 0:
                inside = bool(self._patterns) and at > 0 and text[at - 1].isalnum()
                if not inside and spelling.startswith(text[at:]):
                    most = max(most, len(text) - at)
                    break
                at = text.find(spelling[0], at + 1)
        return most


def _has_unseen(text: str) -> bool:
    """Return whether a text has characters that a screen does not show."""
    return not (text.isascii() and "\0" not in text) and bool(_UNSEEN_ONE.search(text))


def _seen(text: str) -> str:
    r"""Return the letters of a text in their usual form, without spaces and what is not shown.

    Example:
        >>> _seen("ｓk-\u200bcan\nary")
        'sk-canary'
    """
    if not text.isascii():
        text = normalize("NFKC", text)
    return "".join((_UNSEEN_ONE.sub("", text) if _has_unseen(text) else text).split())


def _spellings(key: str) -> tuple[str, ...]:
    """Return the spellings of a key: as it is, in JSON, PHP's JSON, a URL, HTML, hex and base64.

    In base64 there are three spellings, depending on the key's offset, and the first and last
    characters depend on its neighbours.
    """
    written = _written(key)
    raw = key.encode("utf-8", "replace")
    spellings = {key, written, written.replace("/", "\\/"), quote(key, safe="", errors="replace")}
    spellings |= {escape(key), raw.hex(), raw.hex().upper()}
    for entity in ("&#{};", "&#x{:x};", "&#x{:X};"):
        spellings.add(
            "".join(c if c.isalnum() or c in "-_." else entity.format(ord(c)) for c in key)
        )
    for before in range(3):
        bits = 8 * (before + len(raw))
        encoded = b64encode(bytes(before) + raw).decode()
        inner = encoded[-(-8 * before // 6) : bits // 6]
        if len(inner) >= _SHORT:
            spellings |= {inner, inner.replace("+", "-").replace("/", "_")}
    # Longest first: a shorter one may be part of it.
    return tuple(sorted(spellings, key=len, reverse=True))


def _by_letter(key: str) -> tuple[str, ...]:
    """Return the spellings of a key in which each letter is escaped."""
    forms = ("&#{};", "&#x{:x};", "&#x{:X};", "%{:02x}", "%{:02X}", "\\u{:04x}", "\\x{:02x}")
    return tuple("".join(form.format(ord(letter)) for letter in key) for form in forms)


def _short_patterns(key: str) -> tuple[re.Pattern[str], ...]:
    """Return patterns for a short key, which match it as a whole word only."""
    if key.lower() in _PLACEHOLDERS:
        return ()
    # In a URL, the character before it may end in a digit: "%20".
    word = rf"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{{2}})){re.escape(key)}(?![A-Za-z0-9])"
    before = "" if len(key) >= _TINY else rf"(?i:{_NEAR})[^\n]{{0,40}}?"
    return (re.compile(rf"(?P<before>{before}){word}"),)


def _written(text: str) -> str:
    """Return a text as written in JSON, without the quotes."""
    return msgspec.json.encode(text.encode("utf-8", "replace").decode()).decode()[1:-1]


@functools.lru_cache(maxsize=32)
def _place(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL. Cached: used many times for each drawing."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or 0


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A named base URL with its key.

    Attributes:
        name: ``relay``, ``embedded``, or a name from the settings.
        base_url: With or without ``/v1``, with or without a final slash, or with the path of a call
            such as ``/v1/chat/completions``.
        key: The key, which is sent to this URL only.
        embedded: Whether it is the endpoint inside the package.
    """

    name: str
    base_url: str
    key: Secret
    embedded: bool = False

    @property
    def host(self) -> str:
        """Host and port for captions and records, without user or path."""
        _, host, port = _place(self.base_url)
        host = f"[{host}]" if ":" in host else host
        return f"{host}:{port}" if port else host

    @property
    def label(self) -> str:
        """What messages call it: its host; the embedded endpoint's port differs each time."""
        return "embedded" if self.embedded else self.host

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        scheme, host, port = _place(self.base_url)
        return scheme, host, port or {"http": 80, "https": 443}.get(scheme, 0)

    def url(self, path: str, version: str = "v1") -> str:
        """Join a path to the base URL, with or without a version in it.

        Args:
            path: A path without leading slash, such as ``chat/completions``. A path with one is
                joined to the host itself.
            version: ``v1`` or ``v1beta``; it replaces either of the two at the end of the base
                URL, but not another version (``/v4``).

        Example:
            >>> e = Endpoint(name="r", base_url="https://h/", key=Secret(""))
            >>> e.url("models")
            'https://h/v1/models'
        """
        base = _CALL.sub("", self.base_url.split("?")[0].rstrip("/"))
        if path.startswith("/"):
            parts = urlsplit(base)
            return f"{parts.scheme}://{parts.netloc}{path}"
        if base.endswith("/v1beta/openai"):
            # Google's OpenAI-compatible API is below its own.
            base = base if version == "v1" else base.removesuffix("/openai")
        elif re.search(r"/v1(beta)?$", base):
            base = base.rsplit("/", 1)[0] + f"/{version}"
        elif not re.search(r"/v\d+[a-z]*$", base):
            base = f"{base}/{version}"
        return f"{base}/{path}"
