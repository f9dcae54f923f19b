"""What the user asks, independent of the wire format."""

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

# What has an option of its own; every other parameter is written with ``-p``, or in ``extra``.
OPTIONS = ("aspect", "size", "quality", "format", "seed")


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A picture given with a request.

    Attributes:
        data: Its bytes as given.
        info: What they are.
        source: How the user named it (``@3.2``, ``cat.png``, a variable), without its folder.
        drawing: The id of the drawing that it comes from, empty for a picture from elsewhere.
        url: Where it was fetched, as ``public_url`` writes it.
        pixels: A hash of its pixels, where it was made from an image, an array or a figure: the
            bytes of the file that is made of one differ between versions of the libraries.
        lineage: The question that it is an answer of, as ``lineage_of`` writes it, where the
            drawing is not named by a number: another take of that is the same reference.
        relative: Whether it was named by its place, as ``@-1`` is.
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
        """Make a reference of a picture's (or film's) bytes; the media type is what they say."""
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
        """What tells it from another picture, in a fingerprint."""
        return self.pixels or self.info.sha256


def listed(value: Any) -> list[Any]:
    """Give several things as a list, and one thing as a list of it.

    Example:
        >>> listed("cat.png"), listed(["a.png", "b.png"]), listed(None)
        (['cat.png'], ['a.png', 'b.png'], [])
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | Iterator) else [value]


class NamedParameters(TypedDict, total=False):
    """Parameters that have an option of their own."""

    aspect: str
    size: str
    quality: str
    format: str
    seed: int | None


def split_parameters(
    parameters: Mapping[str, Any],
) -> tuple[NamedParameters, dict[str, Any]]:
    """Part a record's parameters into those with an option of their own and all others.

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
    """Write an address down without what may be secret in it; a query stands as its hash.

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
    """One earlier message of a conversation that is continued.

    Attributes:
        role: ``user``, ``assistant`` or ``tool``.
        text: As typed and sent, or as answered: raw, because it carries ``gen_id``. A picture that
            came inside it stands there as ``nbext-sha256:HEX``.
        pictures: A user's references, or an answer's pictures.
        raw: What a wire format must have back untouched (Gemini's parts with thought signatures, a
            Responses id), as the decoder's ``Meta`` event gave it; None for others.
        calls: Functions that an assistant's turn asks for: ``id``, ``name``, ``arguments`` in JSON.
        answers: The id of the call that a ``tool`` turn answers.
    """

    role: str
    text: str
    pictures: tuple[Reference, ...] = ()
    raw: Any = None
    calls: tuple[dict[str, str], ...] = ()
    answers: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. A take of it becomes one drawing.

    Attributes:
        prompt: As typed, variables filled in.
        model: As asked.
        kind: ``draw``, ``chat``, ``respond``, ``complete`` or ``video``.
        references: Pictures to modify or to follow, in order.
        mask: Where the picture may change; transparent is where.
        aspect: Like ``2:3``, empty for the model's own.
        size: Like ``1024x1536``, empty for the model's own.
        quality: The wire's word, empty for its own.
        format: ``png``, ``jpeg``, ``webp`` or empty.
        seed: None where none was asked for.
        system: A system message, empty for none.
        conversation: The turns before this one, oldest first.
        followup: The turns after this one: what the model asked of tools, and what they said.
        continues: The id of the drawing whose conversation goes on.
        lineage: The question that this drawing answers, as ``lineage_of`` writes it.
        relative: Whether that drawing was named by its place, as ``@-1`` is.
        continues_as: How that drawing was named, where by its number: ``@3``.
        extra: Any other field of the body, as given with ``-p``.
        via: The wire format, empty for the model's own.
        endpoint: The endpoint's name, empty for the default one.
        template: As it stands in the cell, where variables were filled in.
        variables: What was filled in, by the variable's name.
        default_model: Whether nobody named the model: it is the settings', or their default.
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

    def fingerprint(self) -> str:
        """Tell requests apart for replay: what is asked, not when, where from or of which endpoint.

        An endpoint or a wire format counts only where the user named it. A picture from elsewhere
        counts by its bytes, one of the notebook's drawings by the question that it answers.
        """
        return self._hash(
            lambda reference: reference.lineage or reference.identity,
            self.lineage or self.continues,
        )

    def earlier_fingerprint(self) -> str:
        """Give the fingerprint by the bytes of all pictures, as earlier versions made it."""
        return self._hash(lambda reference: reference.identity, self.continues)

    def question(self) -> str:
        """Give a fingerprint that leaves open what ``@-1`` is; empty where nothing is named so.

        A notebook whose cells ran out of order has other drawings at this place when all of it is
        run again, and still asks the same.
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
    """Write down which question a picture answers, for requests that are made from it.

    Args:
        fingerprint: Of the request that it came of; where that is not known, nothing is written.
        take: Which of its takes it is from.
        index: Which of the take's pictures it is.

    Example:
        >>> lineage_of("ab12", 1), lineage_of("", 0)
        ('ab12.1.0', '')
    """
    return f"{fingerprint}.{take}.{index}" if fingerprint else ""
