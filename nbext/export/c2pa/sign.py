"""Sign exported pictures with Content Credentials, using the user's own certificate.

The claim says what the record says: created or edited, by which model, from which pictures. These
are kept in the chain with their own credentials. ``nbext[c2pa]`` brings what this needs. Source:
C2PA technical specification 2.2, actions, ingredients and certificate profile.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from nbext.data.picture import sniff
from nbext.errors import OptionError, PictureError
from nbext.export.c2pa.credentials import c2pa, context
from nbext.export.metadata.containers import has_c2pa
from nbext.export.metadata.provenance import (
    SOURCE_TYPE,
    embed_provenance,
    provenance_of,
    source_kind,
)
from nbext.messages.say import phrase
from nbext.wire.error_body import one_line

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record, ReferenceInfo

MAX_PEM = 1 << 20
# Of ancestors that are signed with the picture; the specification's readers stop at some depth.
MAX_DEPTH = 50
SIGNED = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")


class Source(NamedTuple):
    """A picture that another one was made from.

    Attributes:
        data: Its bytes, as received.
        media_type: Their media type.
        name: ``@3``, or what a reference was called.
        made: The record and its picture, if it was drawn here.
    """

    data: bytes
    media_type: str
    name: str
    origin: tuple[Record, PictureInfo] | None = None


class Certificate:
    """A certificate for signing pictures, with the location of its private key.

    Only the files' places are kept here: the key is read when it signs, and forgotten after.

    Args:
        chain: A PEM file: the signer's certificate, then those that vouch for it.
        key: The PEM file of its private key (EC P-256, P-384 or P-521, RSA, Ed25519).
        passphrase: A function that asks for the key's passphrase, such as ``getpass.getpass``.

    Raises:
        OptionError: It is a key or a passphrase itself instead of a path.

    Example:
        >>> Certificate("chain.pem", "key.pem")
        Certificate('chain.pem', 'key.pem')
        >>> drawing.save("cat.png", sign=Certificate("chain.pem", "key.pem"))  # doctest: +SKIP
    """

    def __init__(
        self,
        chain: str | os.PathLike[str],
        key: str | os.PathLike[str],
        *,
        passphrase: Callable[[], str] | None = None,
    ) -> None:
        for inputs in (chain, key):
            if isinstance(inputs, bytes) or "-----BEGIN" in str(inputs) or "\n" in str(inputs):
                raise OptionError(
                    phrase("export.certificate_names"),
                    remedy=phrase("export.key_in_cell"),
                )
        if passphrase is not None and not callable(passphrase):
            raise OptionError(
                phrase("export.passphrase_in_cell"),
                remedy=phrase("export.ask_passphrase"),
            )
        self.chain = Path(chain)
        self.key = Path(key)
        self._passphrase = passphrase

    def __repr__(self) -> str:
        return f"Certificate({str(self.chain)!r}, {str(self.key)!r})"

    def signer(self) -> Any:
        """Read both files and create the library's signer.

        Raises:
            OptionError: A file is not there, is not what it should be, or the two do not belong
                together. Nothing of the key is ever said.
        """
        library = c2pa()
        chain = _file(self.chain, "certificate")
        key = self._private_key(_file(self.key, "key"))
        chain = self._checked(chain, key)
        name, sign = _algorithm(key)
        try:
            return library.Signer.from_callback(
                sign, getattr(library.C2paSigningAlg, name), chain.decode("ascii", "replace")
            )
        except library.C2paError as error:
            raise OptionError(
                phrase("export.cannot_sign", chain=self.chain, one_line=one_line(str(error), 200))
            ) from None

    def _private_key(self, pem: bytes) -> Any:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        secret = None
        if b"ENCRYPTED" in pem:
            if self._passphrase is None:
                raise OptionError(
                    phrase("export.has_passphrase", key=self.key),
                    remedy=phrase("export.ask_passphrase"),
                )
            secret = self._passphrase().encode()
        try:
            return load_pem_private_key(pem, secret)
        except Exception:  # noqa: BLE001 -- whatever it says may quote the key
            wrong = phrase("export.wrong_passphrase") if secret else phrase("export.not_pem")
            raise OptionError(phrase("export.key_unreadable", key=self.key, wrong=wrong)) from None

    def _checked(self, chain: bytes, key: Any) -> bytes:
        """Return only the certificates: the file often contains the key as well."""
        from datetime import UTC, datetime

        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            certificates = x509.load_pem_x509_certificates(chain)
            leaf = certificates[0]
            same = leaf.public_key() == key.public_key()
        except Exception:  # noqa: BLE001 -- broken certificates fail in many ways
            raise OptionError(phrase("export.not_a_chain", chain=self.chain)) from None
        if not same:
            raise OptionError(
                phrase("export.other_key", key=self.key, chain=self.chain),
                remedy=phrase("export.own_first"),
            )
        now = datetime.now(UTC)
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            until = phrase(
                "export.span",
                not_valid_before_utc=leaf.not_valid_before_utc,
                not_valid_after_utc=leaf.not_valid_after_utc,
            )
            raise OptionError(phrase("export.not_valid_today", chain=self.chain, until=until))
        return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def _file(path: Path, what: str) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(MAX_PEM)
    except OSError as error:
        raise OptionError(
            phrase("export.no_file", what=what, path=path, value=error.strerror or error)
        ) from None


def _algorithm(key: Any) -> tuple[str, Callable[[bytes], bytes]]:
    """Choose the signature algorithm for a key, following C2PA's certificate profile."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(key, ec.EllipticCurvePrivateKey):
        chosen = {
            256: ("ES256", hashes.SHA256()),
            384: ("ES384", hashes.SHA384()),
            521: ("ES512", hashes.SHA512()),
        }.get(key.curve.key_size)
        if chosen is not None:
            name, digest = chosen
            size = (key.curve.key_size + 7) // 8

            def sign_ec(data: bytes) -> bytes:
                # COSE wants the two numbers side by side (RFC 9053, 2.1), not in DER.
                r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
                return r.to_bytes(size, "big") + s.to_bytes(size, "big")

            return name, sign_ec
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ED25519", key.sign
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        sha256 = hashes.SHA256()
        pss = padding.PSS(padding.MGF1(sha256), sha256.digest_size)
        return "PS256", lambda data: key.sign(data, pss, sha256)
    raise OptionError(
        phrase("export.key_kind"),
        remedy=phrase("export.key_kinds"),
    )


def signed(
    data: bytes,
    record: Record,
    picture: PictureInfo,
    certificate: Certificate,
    *,
    original: bytes,
    find: Callable[[ReferenceInfo], Source],
    provenance: bool = True,
    manifest: str = "",
) -> bytes:
    """Sign a copy of a picture without changing its pixels.

    A picture that came with credentials of its provider keeps them in the chain, as the parent of
    what is signed here. The pictures that it comes from stand there too, those that were drawn here
    with a claim of their own.

    Args:
        data: The picture to sign: PNG, JPEG, WebP, GIF or AVIF.
        record: How it was made.
        picture: Which picture of it.
        certificate: The signer's certificate.
        original: The bytes as received, if ``data`` was converted from them.
        find: Returns a reference's picture, with its record if it was drawn here.
        provenance: Whether to write the record into the picture and the claim.
        manifest: The history's manifest, for the claim; empty for none.

    Raises:
        OptionError: The extra is not installed, or the certificate cannot sign.
        PictureError: The format is not supported, or a parent's credentials cannot be kept.
        HistoryError: A picture that it comes from is missing.
    """
    with certificate.signer() as signer:
        return _Signing(signer, find, provenance=provenance, manifest=manifest).signed_export(
            data, record, picture, original
        )


class _Signing:
    """Signs one picture and its ancestors, each once."""

    def __init__(
        self,
        signer: Any,
        find: Callable[[ReferenceInfo], Source],
        *,
        provenance: bool,
        manifest: str,
    ) -> None:
        self._manifest = manifest
        self._signer = signer
        self._find = find
        self._provenance = provenance
        self._library = c2pa()
        self._done: dict[str, bytes] = {}

    def signed_export(
        self, data: bytes, record: Record, picture: PictureInfo, original: bytes
    ) -> bytes:
        """Sign the exported picture."""
        media_type = sniff(data[:512])
        if media_type not in SIGNED:
            raise OptionError(
                phrase("export.unsigned_kind", value=media_type or "unknown"),
                remedy=phrase("export.signed_kinds"),
            )
        sources = self._sources(record, 0)
        if self._provenance:
            data = embed_provenance(data, record, picture)
        if has_c2pa(original):
            received = Source(original, picture.media_type, f"@{record.number} as received")
            changed = ["edited.metadata"] if self._provenance else []
            if media_type != picture.media_type:
                changed = ["transcoded", *changed]
            actions = [("opened", [0], False), *((name, [0], False) for name in changed)]
            return self._sign(data, record, picture, [received, *sources], actions)
        return self._sign(data, record, picture, sources, self._own_actions(sources))

    def _own_actions(self, sources: list[Source]) -> list[tuple[str, list[int], bool]]:
        if not sources:
            return [("created", [], True)]
        return [("opened", [0], False), ("edited", list(range(len(sources))), True)]

    def _sources(self, record: Record, depth: int) -> list[Source]:
        inputs = [*record.references, *([record.mask] if record.mask is not None else [])]
        ingredients = []
        for reference in inputs:
            source = self._find(reference)
            if source.origin is not None and depth < MAX_DEPTH:
                source = source._replace(data=self._ancestor(source, depth + 1))
            ingredients.append(source)
        return ingredients

    def _ancestor(self, source: Source, depth: int) -> bytes:
        """Sign a picture of the history as received, so that its hash stays the same."""
        assert source.origin is not None
        record, picture = source.origin
        if has_c2pa(source.data) or source.media_type not in SIGNED:
            return source.data
        if picture.sha256 not in self._done:
            # Until it is signed it stands for itself: a record may name itself as its parent.
            self._done[picture.sha256] = source.data
            sources = self._sources(record, depth)
            self._done[picture.sha256] = self._sign(
                source.data, record, picture, sources, self._own_actions(sources)
            )
        return self._done[picture.sha256]

    def _sign(
        self,
        data: bytes,
        record: Record,
        picture: PictureInfo,
        sources: list[Source],
        actions: list[tuple[str, list[int], bool]],
    ) -> bytes:
        from nbext._version import __version__

        media_type = sniff(data[:512])
        assertions: list[dict[str, Any]] = [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [_action(record, *action) for action in actions]},
            }
        ]
        if self._provenance:
            origin = msgspec.to_builtins(provenance_of(record, picture), enc_hook=str)
            assertions.append({"label": "nbext.made", "data": origin, "kind": "Json"})
        if self._provenance and self._manifest:
            history = {"manifest": self._manifest}
            assertions.append({"label": "nbext.history", "data": history, "kind": "Json"})
        claim = {
            "claim_generator_info": [{"name": "nbext", "version": __version__}],
            "title": f"@{record.number}",
            "format": media_type,
            "assertions": assertions,
        }
        out = io.BytesIO()
        try:
            with self._library.Builder(claim, context=context()) as builder:
                for index, source in enumerate(sources):
                    about = {
                        "title": one_line(source.name, 100),
                        "relationship": "inputTo" if index else "parentOf",
                        "instance_id": f"nbext:{index}",
                    }
                    builder.add_ingredient(about, source.media_type, io.BytesIO(source.data))
                builder.sign(self._signer, media_type, io.BytesIO(data), out)
        except self._library.C2paError as error:
            reason = one_line(str(error), 200)
            raise PictureError(
                phrase("export.not_signed", number=record.number, reason=reason)
            ) from None
        return out.getvalue()


def _action(record: Record, name: str, sources: list[int], origin: bool) -> dict[str, Any]:
    """Describe what was done; for a model also its name, endpoint and date."""
    action: dict[str, Any] = {"action": f"c2pa.{name}"}
    if sources:
        action["parameters"] = {"ingredientIds": [f"nbext:{index}" for index in sources]}
    if origin:
        where = "the embedded endpoint" if record.embedded else record.host
        action["digitalSourceType"] = SOURCE_TYPE + source_kind(record)
        action["softwareAgent"] = {"name": one_line(f"{record.model} via {where}", 200)}
        if record.finished or record.started:
            action["when"] = record.finished or record.started
    return action
