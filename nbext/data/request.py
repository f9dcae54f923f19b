"""A request, independent of the wire format."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast, get_args
from urllib.parse import urlsplit, urlunsplit

import msgspec

from nbext.data.picture import PictureInfo, dimensions, sniff
from nbext.data.record import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WireName = Literal["chat", "responses", "images", "gemini", "videos", "completions"]
WIRES: tuple[WireName, ...] = get_args(WireName)

# Parameters with options of their own; any other is set with ``-p``, or in ``extra``.
OPTIONS = ("aspect", "size", "quality", "format", "seed")


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A picture given with a request.

    Attributes:
        data: Its bytes.
        info: Its type and size.
        source: The user's name for it (``@3.2``, ``cat.png``, a variable), without its folder.
        drawing: The id of the drawing it comes from, empty for a picture from elsewhere.
        url: Where it was downloaded, in the form of ``public_url``.
        pixels: A hash of its pixels, if it was made from an image, an array or a figure: the bytes
            of the encoded file differ between versions of the libraries.
        lineage: The request behind it, in the form of ``lineage_of``, if the drawing is not named
            by a number: another take of that request is the same reference.
        relative: Whether it was named by its position, such as ``@-1``.
    """

    data: bytes
    info: PictureInfo
    source: str = ""
    drawing: str = ""
    url: str = ""
    pixels: str = ""
    lineage: str = ""
    relative: bool = False

    @classmethod
    def of(
        cls,
        data: bytes,
        *,
        source: str = "",
        drawing: str = "",
        url: str = "",
        pixels: str = "",
        lineage: str = "",
        relative: bool = False,
    ) -> Reference:
        """Create a reference from a picture's (or film's) bytes, which determine the media type."""
        width, height = dimensions(data[:65536])
        info = PictureInfo(
            sha256=hashlib.sha256(data).hexdigest(),
            media_type=sniff(data[:512]),
            size=len(data),
            width=width,
            height=height,
        )
        return cls(
            data=data,
            info=info,
            source=source,
            drawing=drawing,
            url=url,
            pixels=pixels,
            lineage=lineage,
            relative=relative,
        )

    @property
    def identity(self) -> str:
        """What distinguishes it from another picture in a fingerprint."""
        return self.pixels or self.info.sha256


def listed(value: Any) -> list[Any]:
    """Return a list unchanged, anything else as a list of one, and None as an empty list.

    Example:
        >>> listed("cat.png"), listed(["a.png", "b.png"]), listed(None)
        (['cat.png'], ['a.png', 'b.png'], [])
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | Iterator) else [value]


class NamedParameters(TypedDict, total=False):
    """Parameters with options of their own."""

    aspect: str
    size: str
    quality: str
    format: str
    seed: int | None


def split_parameters(
    parameters: Mapping[str, Any],
) -> tuple[NamedParameters, dict[str, Any]]:
    """Separate a record's parameters into those with options of their own and all others.

    Example:
        >>> split_parameters({"aspect": "2:3", "style": "ink"})
        ({'aspect': '2:3'}, {'style': 'ink'})
    """
    named = {name: value for name, value in parameters.items() if name in OPTIONS}
    other = {name: value for name, value in parameters.items() if name not in OPTIONS}
    return cast("NamedParameters", named), other


_USER = re.compile(r"\b([a-zA-Z][\w+.-]*:/{1,3})[^/?#\s]*@")


def without_user(text: str) -> str:
    """Write an address, even a broken one, without the user name and password in it.

    Example:
        >>> without_user("ftp://me:pw@example.org/cat.png"), without_user("me@home.png")
        ('ftp://example.org/cat.png', 'me@home.png')
    """
    return _USER.sub(r"\1", text)


def public_url(url: str) -> str:
    """Return an address without secrets; the query is replaced by its hash.

    Example:
        >>> public_url("https://me:pw@example.org/cat.png?token=1#top")
        'https://example.org/cat.png?sha256=212b674cbe97ccc8'
    """
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    hashed = hashlib.sha256(parts.query.encode("utf-8", "replace")).hexdigest()[:16]
    query = f"sha256={hashed}" if parts.query else ""
    return urlunsplit((parts.scheme.lower(), where.lower(), parts.path, query, ""))


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier message of a conversation.

    Attributes:
        role: ``user``, ``assistant`` or ``tool``.
        text: The text as sent or as answered, unprocessed, because it contains ``gen_id``. A
            picture inside it is replaced by ``nbext-sha256:HEX``.
        pictures: A user's references, or an answer's pictures.
        raw: Data to send back unchanged (Gemini's parts with thought signatures, a Responses
            id), from the decoder's ``Meta`` event; None for others.
        calls: An assistant's calls of functions: ``id``, ``name``, ``arguments`` in JSON.
        answers: The id of the call that a ``tool`` turn answers.
    """

    role: str
    text: str
    pictures: tuple[Reference, ...] = ()
    raw: Any = None
    calls: tuple[dict[str, str], ...] = ()
    answers: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Each take of it becomes one drawing.

    Attributes:
        prompt: The prompt, with variables filled in.
        model: The requested model.
        kind: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        references: Pictures to modify or to follow, in order.
        mask: A picture, transparent where the first reference may change.
        aspect: For example ``2:3``, empty for the model's default.
        size: For example ``1024x1536``, empty for the model's default.
        quality: A value of the wire format, empty for its default.
        format: ``png``, ``jpeg``, ``webp`` or empty.
        seed: The seed, None without one.
        system: The system message, empty for none.
        conversation: The turns before this one, oldest first.
        followup: The turns after this one: calls of tools, and their results.
        continues: The id of the drawing whose conversation to continue.
        continues_as: How that drawing was named, if by its number: ``@3``.
        lineage: The request behind that drawing, in the form of ``lineage_of``.
        relative: Whether that drawing was named by its position, such as ``@-1``.
        extra: Any other fields of the request body, from ``-p``.
        via: The wire format, empty for the model's own.
        endpoint: The endpoint's name, empty for the default.
        template: The prompt as written in the cell, if variables were filled in.
        variables: The filled-in values by variable.
        default_model: Whether no model was named, so that the default is used.
    """

    prompt: str
    model: str
    kind: Kind = "draw"
    references: tuple[Reference, ...] = ()
    mask: Reference | None = None
    aspect: str = ""
    size: str = ""
    quality: str = ""
    format: str = ""
    seed: int | None = None
    system: str = ""
    conversation: tuple[Turn, ...] = ()
    followup: tuple[Turn, ...] = ()
    continues: str = ""
    lineage: str = ""
    relative: bool = False
    continues_as: str = ""
    extra: dict[str, Any] = {}
    via: str = ""
    endpoint: str = ""
    template: str = ""
    variables: dict[str, str] = {}
    default_model: bool = False

    def parameters(self) -> dict[str, Any]:
        """All that was set beside prompt, model and pictures, for records and captions."""
        named = {
            "aspect": self.aspect,
            "size": self.size,
            "quality": self.quality,
            "format": self.format,
            "seed": self.seed,
        }
        return {k: v for k, v in named.items() if v not in ("", None)} | self.extra

    def names(self) -> tuple[str, str, str]:
        """Return ``fingerprint``, ``earlier_fingerprint`` and ``question``."""
        fingerprint = self.fingerprint()
        if not (self.references or self.mask or self.continues or self.lineage or self.relative):
            # Nothing in it has two names.
            return fingerprint, fingerprint, ""
        return fingerprint, self.earlier_fingerprint(), self.question()

    def fingerprint(self) -> str:
        """Return a hash of what is requested, regardless of time, place and endpoint, for replay.

        An endpoint or a wire format counts only if the user named it. A picture from elsewhere
        counts by its bytes, one of the notebook's drawings by the request behind it.
        """
        return self._hash(
            lambda reference: reference.lineage or reference.identity,
            self.lineage or self.continues,
        )

    def earlier_fingerprint(self) -> str:
        """Return the fingerprint of earlier versions, by the bytes of all pictures."""
        return self._hash(lambda reference: reference.identity, self.continues)

    def question(self) -> str:
        """Return a fingerprint that ignores what ``@-1`` means; "" without such a reference.

        A notebook whose cells ran out of order has other drawings at that position when it is run
        again as a whole, but sends the same request.
        """
        references = (*self.references, *([self.mask] if self.mask else []))
        if not (self.relative or any(reference.relative for reference in references)):
            return ""
        return self._hash(
            lambda item: "@" if item.relative else item.lineage or item.identity,
            "@" if self.relative else self.lineage or self.continues,
        )

    def _hash(self, identity: Callable[[Reference], str], continues: str) -> str:
        fields = [
            self.kind,
            self.prompt,
            self.model,
            [identity(reference) for reference in self.references],
            identity(self.mask) if self.mask else "",
            self.parameters(),
            self.system,
            continues,
            self.via,
            self.endpoint,
        ]
        canonical = msgspec.json.encode(fields, order="deterministic", enc_hook=str)
        return hashlib.sha256(canonical).hexdigest()


def lineage_of(fingerprint: str, take: int, index: int = 0) -> str:
    """Identify the request behind a picture, for requests that use it.

    Args:
        fingerprint: The request's fingerprint; "" if unknown.
        take: The index of the take.
        index: The index of the picture in the take.

    Example:
        >>> lineage_of("ab12", 1), lineage_of("", 0)
        ('ab12.1.0', '')
    """
    return f"{fingerprint}.{take}.{index}" if fingerprint else ""
