"""Read a picture's Content Credentials (C2PA): signer, claims and validity.

``c2pa-python`` reads and validates them; it comes with ``nbext[c2pa]``. Nothing is fetched: no
manifest from elsewhere, no revocation list, no time stamp. So "signed by" is a name in a
certificate; whether somebody vouches for it is known only where a list of trusted certificates is
given. Source of codes and relationships: C2PA technical specification 2.2, validation and
ingredients.
"""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from nbext.data.picture import sniff
from nbext.errors import OptionError, PictureError
from nbext.export.metadata.containers import has_c2pa
from nbext.messages.say import phrase
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    import os

# What a manifest may say of itself: the library stops at 200 links, and a person long before.
MAX_LINKS = 200
MAX_WORDS = 200
MAX_BYTES = 100 * 1024 * 1024
MAX_LIST_BYTES = 4 * 1024 * 1024
MISSING = 'pip install "nbext[c2pa]"'

# No host is asked anything: not for manifests, not for revocations, not by ingredients.
_OFFLINE: dict[str, Any] = {
    "core": {"allowed_network_hosts": []},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}

# In the order in which one is said where several are true.
_FAILURES = (
    ("altered", ("dataHash.mismatch", "boxesHash.mismatch", "bmffHash.mismatch")),
    (
        "tampered",
        (
            "hashedURI.mismatch",
            "ingredient.manifest.mismatch",
            "claimSignature.mismatch",
            "assertion.missing",
            "claim.hash",
        ),
    ),
    ("revoked", ("signingCredential.revoked", "signingCredential.ocsp.revoked")),
    ("expired", ("signingCredential.expired", "claimSignature.outsideValidity")),
)


def _verdict(state: str) -> str:
    """Describe a validation state in words."""
    return phrase(f"export.state_{state}", MISSING=MISSING)


class Action(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An action on the picture, as the signer states it.

    Attributes:
        action: ``created``, ``opened``, ``edited``; with its prefix unless that is ``c2pa.``.
        source_type: IPTC's digital source type, e.g. ``trainedAlgorithmicMedia``.
        agent: With what.
        when: ISO 8601.
    """

    action: str
    source_type: str = ""
    agent: str = ""
    when: str = ""

    def __str__(self) -> str:
        parts = [
            self.action,
            self.source_type,
            phrase("export.with_agent", agent=self.agent) if self.agent else "",
        ]
        return ", ".join(part for part in (*parts, self.when) if part)


class Ingredient(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A picture that this one was made from, as the signer states it.

    Attributes:
        title: Its name.
        relationship: ``parentOf`` (the picture that was edited), ``inputTo``, ``componentOf``.
        depth: 1 for this picture's own, 2 for those of its ingredients, and so on.
        signed_by: Its signer; empty without credentials of its own.
        generator: With what.
        actions: The actions on it.
        state: As ``Credentials.state``; ``none`` without credentials.
    """

    title: str = ""
    relationship: str = ""
    depth: int = 1
    signed_by: str = ""
    generator: str = ""
    actions: list[Action] = []
    state: str = "none"

    def __str__(self) -> str:
        signer = (
            phrase("export.signed_state", signed_by=self.signed_by, words=_verdict(self.state))
            if self.signed_by
            else ""
        )
        done = "; ".join(str(action) for action in self.actions)
        named = f"{self.title or phrase('export.a_picture')} ({self.relationship})"
        parts = [named, signer or phrase("export.without_credentials"), done]
        return " · ".join(part for part in parts if part)


class Credentials(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The Content Credentials of a picture. False if it has none.

    Attributes:
        state: ``none``, ``intact``, ``altered``, ``tampered``, ``revoked``, ``expired``,
            ``invalid``, ``unreadable``, or ``unread`` if the extra is not installed.
        trusted: Whether the list of trusted certificates includes the signer; None without a list.
        signed_by: The name in the signer's certificate.
        signed: The time, confirmed by a time-stamp authority; empty without one.
        generator: The program that wrote the claim.
        title: The picture's name at that time.
        actions: The actions on it.
        ingredients: The pictures it was made from, each followed by its own ingredients.
        problems: What does not validate, in the validator's words.
    """

    state: str = "none"
    trusted: bool | None = None
    signed_by: str = ""
    signed: str = ""
    generator: str = ""
    title: str = ""
    actions: list[Action] = []
    ingredients: list[Ingredient] = []
    problems: list[str] = []

    def __bool__(self) -> bool:
        return self.state != "none"

    @property
    def intact(self) -> bool:
        """Whether the picture is unchanged since it was signed, by any signer."""
        return self.state == "intact"

    def line(self) -> str:
        """Summarise the credentials in one printable line.

        Example:
            >>> Credentials(state="intact", signed_by="Cat Lab").line()
            'signed by Cat Lab · intact · no list of trusted signers was given'
        """
        if not self.signed_by:
            return _verdict(self.state)
        parts = [phrase("export.signed_by", signed_by=self.signed_by), _verdict(self.state)]
        if self.signed:
            parts.insert(1, self.signed)
        if self.trusted is None:
            parts.append(phrase("export.no_trust_list"))
        elif self.intact:
            parts.append(phrase("export.trusted") if self.trusted else phrase("export.untrusted"))
        return " · ".join(parts)

    def __str__(self) -> str:
        lines = [self.line()]
        if self.generator:
            lines.append(phrase("export.written_by", generator=self.generator))
        lines += [f"  {action}" for action in self.actions]
        lines += [
            phrase("export.from_item", value="  " * (item.depth - 1), item=item)
            for item in self.ingredients
        ]
        lines += [phrase("export.problem", problem=problem) for problem in self.problems]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Print the summary (an IPython protocol)."""
        printer.text(str(self))


def credentials_of(data: bytes, *, trust: str | os.PathLike[str] | None = None) -> Credentials:
    """Read and validate a picture's Content Credentials.

    Args:
        data: The picture.
        trust: A PEM file with the certificates that you trust to vouch for signers, such as the
            C2PA trust list.

    Raises:
        OptionError: ``c2pa-python`` is not installed, or the list does not exist.
        PictureError: There are some, but they cannot be read.

    Example:
        >>> credentials_of(b"").state
        'none'
    """
    if not has_c2pa(data):
        return Credentials()
    if len(data) > MAX_BYTES:
        raise PictureError(phrase("export.larger_than", value=MAX_BYTES >> 20))
    library = c2pa()
    anchors = "" if trust is None else _trust_list(trust)
    try:
        with library.Reader(
            sniff(data[:512]), io.BytesIO(data), context=context(anchors)
        ) as reader:
            manifest_store = json.loads(reader.json())
    except (library.C2paError, ValueError, RecursionError) as error:
        raise PictureError(
            phrase("export.credentials_unreadable", one_line=one_line(str(error), MAX_WORDS))
        ) from None
    return _credentials(manifest_store, requested=bool(anchors))


def summary(data: bytes) -> str:
    """Summarise credentials in one line for a page of many pictures; empty without any.

    Example:
        >>> summary(b"")
        ''
    """
    result = look(data)
    return result.line() if result else ""


def look(data: bytes, *, trust: str | os.PathLike[str] | None = None) -> Credentials:
    """Read credentials; an error in the picture becomes their state.

    Args:
        data: The picture.
        trust: As for ``credentials_of``.

    Raises:
        OptionError: The list of trusted certificates does not exist.

    Example:
        >>> look(b"").line()  # doctest: +ELLIPSIS
        'no Content Credentials (which proves nothing...'
    """
    try:
        return credentials_of(data, trust=trust)
    except OptionError:
        if trust is not None:
            raise
        return Credentials(state="unread")
    except PictureError as error:
        return Credentials(state="unreadable", problems=[error.message])


def c2pa() -> Any:
    """Import the library.

    Raises:
        OptionError: It is not installed, or its native part does not load here.
    """
    try:
        import c2pa as library
    except (ImportError, OSError, RuntimeError) as error:
        raise OptionError(
            phrase(
                "export.c2pa_missing" if isinstance(error, ImportError) else "export.c2pa_broken"
            ),
            remedy=MISSING,
        ) from None
    return library


@lru_cache(maxsize=4)
def context(anchors: str = "") -> Any:
    """Create the library's settings: offline, with the trusted certificates.

    Args:
        anchors: Certificates as PEM, empty for none.
    """
    chosen = _OFFLINE | {"builder": {"thumbnail": {"enabled": False}}}
    if anchors:
        chosen |= {
            "trust": {"trust_anchors": anchors},
            "verify": _OFFLINE["verify"] | {"verify_trust": True},
        }
    return c2pa().Context.from_dict(chosen)


def _trust_list(trust: str | os.PathLike[str]) -> str:
    path = Path(trust).expanduser()
    try:
        with path.open("rb") as file:
            text = file.read(MAX_LIST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise OptionError(
            phrase("export.no_list", path=path, value=error.strerror or error)
        ) from None
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise OptionError(
            phrase("export.no_certificates", path=path), remedy=phrase("export.pem_file")
        )
    return text


def _credentials(manifest_store: Any, *, requested: bool) -> Credentials:
    """Convert the library's report of a manifest store, which is untrusted."""
    manifest_store = _table(manifest_store)
    manifests = _table(manifest_store.get("manifests"))
    active = _table(manifests.get(str(manifest_store.get("active_manifest"))))
    results = _table(manifest_store.get("validation_results"))
    failures = _failures(results.get("activeManifest"))
    # What has come up since its ingredients were signed into it.
    since: dict[str, list[tuple[str, str]]] = {}
    for delta in _list(results.get("ingredientDeltas"))[:MAX_LINKS]:
        for item in _list(_table(_table(delta).get("validationDeltas")).get("failure")):
            result = _failures({"failure": [item]})
            failures += result
            since.setdefault(_label(_table(item).get("url")), []).extend(result)
    return Credentials(
        state=_state(failures, str(manifest_store.get("validation_state"))),
        trusted=str(manifest_store.get("validation_state")) == "Trusted" if requested else None,
        signed_by=_signer(active),
        signed=_words(_table(active.get("signature_info")).get("time")),
        generator=_generator(active),
        title=_words(active.get("title")),
        actions=_actions(active),
        ingredients=_ingredients(manifests, active, since),
        problems=[
            _words(f"{code}: {_words(why)}") for code, why in failures if "untrusted" not in code
        ],
    )


def _ingredients(
    manifests: dict[str, Any],
    active: dict[str, Any],
    since: dict[str, list[tuple[str, str]]],
) -> list[Ingredient]:
    """Collect the chain of ingredients without recursion, entering each manifest once."""
    result: list[Ingredient] = []
    left = [(item, 1) for item in reversed(_list(active.get("ingredients")))]
    entered: set[str] = set()
    while left and len(result) < MAX_LINKS:
        item, depth = left.pop()
        item = _table(item)
        label = str(item.get("active_manifest") or "")
        own = _table(manifests.get(label))
        failures = _failures(_table(item.get("validation_results")).get("activeManifest"))
        # Claims before version 2 list their failures alone.
        failures += _failures({"failure": item.get("validation_status")}) + since.get(label, [])
        result.append(
            Ingredient(
                title=_words(item.get("title")),
                relationship=_words(item.get("relationship")),
                depth=depth,
                signed_by=_signer(own),
                generator=_generator(own),
                actions=_actions(own),
                state=_state(failures, "Valid") if own else "none",
            )
        )
        if own and label not in entered:
            entered.add(label)
            left += [(next_, depth + 1) for next_ in reversed(_list(own.get("ingredients")))]
    return result


def _state(failures: list[tuple[str, str]], validation: str) -> str:
    codes = [code for code, _ in failures if not code.endswith("untrusted")]
    for state, ends in _FAILURES:
        if any(end in code for code in codes for end in ends):
            return state
    return "intact" if validation in ("Valid", "Trusted") and not codes else "invalid"


def _failures(results: Any) -> list[tuple[str, str]]:
    failed = [_table(item) for item in _list(_table(results).get("failure"))[:MAX_LINKS]]
    return [(_words(item.get("code")), str(item.get("explanation") or "")) for item in failed]


def _label(url: Any) -> str:
    """Return the manifest's label in a JUMBF address such as ``self#jumbf=/c2pa/LABEL/…``."""
    parts = str(url).partition("/c2pa/")[2].split("/", 1)
    return parts[0]


def _signer(manifest: dict[str, Any]) -> str:
    """Return the signer's organisation, with the signer's own name if it adds something."""
    signature = _table(manifest.get("signature_info"))
    # The library calls the organisation in the signer's own certificate its issuer.
    organisation, name = _words(signature.get("issuer")), _words(signature.get("common_name"))
    if not manifest:
        return ""
    both = f"{organisation} ({name})" if name and organisation and name != organisation else ""
    return both or organisation or name or phrase("export.nameless")


def _generator(manifest: dict[str, Any]) -> str:
    info = _table(next(iter(_list(manifest.get("claim_generator_info"))), {}))
    named = f"{_words(info.get('name'))} {_words(info.get('version'))}".strip()
    return named or _words(manifest.get("claim_generator"))


def _actions(manifest: dict[str, Any]) -> list[Action]:
    result: list[Action] = []
    for assertion in _list(manifest.get("assertions")):
        if not str(_table(assertion).get("label")).startswith("c2pa.actions"):
            continue
        for item in _list(_table(_table(assertion).get("data")).get("actions"))[:MAX_LINKS]:
            action = _table(item)
            agent = action.get("softwareAgent")
            named = agent if isinstance(agent, str) else _table(agent).get("name")
            # IPTC's newscodes and C2PA's own end in the name.
            source = urlsplit(_words(action.get("digitalSourceType"))).path.rpartition("/")[2]
            result.append(
                Action(
                    action=_words(action.get("action")).removeprefix("c2pa."),
                    source_type=source,
                    agent=_words(named),
                    when=_words(action.get("when")),
                )
            )
    return result[:MAX_LINKS]


def _words(value: Any) -> str:
    return one_line(value, MAX_WORDS) if isinstance(value, str) else ""


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
