"""Where a request goes, with a key that no repr shows."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import msgspec

# What a base URL ends in that was copied with the path of one call.
_CALL = re.compile(
    r"(?<=/v1)/(chat/completions|completions|responses|images/generations|models)$", re.IGNORECASE
)


class Secret:
    """A key. Its repr, str and pickle never show it; ``reveal()`` does, at send time only.

    Example:
        >>> Secret("sk-canary")
        Secret('***')
    """

    __slots__ = ("_spelled", "_value")

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        # As itself, in JSON, in JSON of PHP, in a URL. A short one is found in ordinary words.
        written = _written(self._value)
        in_url = quote(self._value, safe="", errors="replace")
        spelled = {self._value, written, written.replace("/", "\\/"), in_url}
        self._spelled = tuple(spelled) if len(self._value) >= 6 else ()

    def reveal(self) -> str:
        """Give the key itself, for the one place that sends it."""
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
        """Replace the key where an endpoint echoes it.

        Example:
            >>> Secret("sk-canary").redact("bad key sk-canary")
            'bad key ***'
        """
        for spelled in self._spelled:
            text = text.replace(spelled, "***")
        return text

    def erase(self, body: bytes) -> bytes:
        """Replace the key in an answer's bytes."""
        for spelled in self._spelled:
            body = body.replace(spelled.encode("utf-8", "replace"), b"***")
        return body

    def is_in_json(self, body: bytes) -> bool:
        """Whether it stands in a text of some JSON, as itself or escaped there."""
        return any(_written(spelled).encode() in body for spelled in self._spelled)


def _written(text: str) -> str:
    """Write a text as JSON does, without the quotes."""
    return msgspec.json.encode(text.encode("utf-8", "replace").decode()).decode()[1:-1]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A named base URL with its key.

    Attributes:
        name: ``relay``, ``embedded``, or a name of the settings.
        base_url: With or without ``/v1``, with or without a slash at the end; also with the path of
            a call, as ``/v1/chat/completions``.
        key: Travels to this URL only.
        embedded: Whether it is the one inside the package.
    """

    name: str
    base_url: str
    key: Secret
    embedded: bool = False

    @property
    def host(self) -> str:
        """Host and port as captions and records name them, without user or path."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        return f"{host}:{parts.port}" if parts.port else host

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        parts = urlsplit(self.base_url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        return parts.scheme, parts.hostname or "", port

    def url(self, path: str, version: str = "v1") -> str:
        """Join a path to the base URL, whether or not that names its version.

        Args:
            path: Without a slash in front, e.g. ``chat/completions``.
            version: ``v1`` or ``v1beta``; it replaces either of the two at the base's end, and
                yields to any other version there (``/v4``).

        Example:
            >>> e = Endpoint(name="r", base_url="https://h/", key=Secret(""))
            >>> e.url("models")
            'https://h/v1/models'
        """
        base = _CALL.sub("", self.base_url.split("?")[0].rstrip("/"))
        if base.endswith("/v1beta/openai"):
            # Google has the format of others below its own.
            base = base if version == "v1" else base.removesuffix("/openai")
        elif re.search(r"/v1(beta)?$", base):
            base = base.rsplit("/", 1)[0] + f"/{version}"
        elif not re.search(r"/v\d+[a-z]*$", base):
            base = f"{base}/{version}"
        return f"{base}/{path}"
