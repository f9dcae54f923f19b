"""Signs pictures of the history when they are saved, with their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.display.caption import picture_name
from nbext.errors import HistoryError, OptionError
from nbext.export.c2pa.credentials import summary
from nbext.export.c2pa.sign import Certificate, Source, signed
from nbext.messages.say import phrase
from nbext.store.verify_records import lines_of, manifest_of

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.data.record import Record, ReferenceInfo
    from nbext.store.store import Store


def sign(
    data: bytes,
    record: Record,
    info: PictureInfo,
    store: Store,
    certificate: Certificate,
    *,
    provenance: bool,
) -> bytes:
    """Sign a copy of a picture.

    Args:
        data: Its bytes, converted if another format was requested.
        record: The record of its drawing.
        info: The picture as received.
        store: The folder with the picture and its sources.
        certificate: The certificate to sign with.
        provenance: Whether to include the record.

    Raises:
        OptionError: The certificate is not valid, or cannot sign.
        PictureError: The picture cannot be signed.
        HistoryError: A source picture is missing.
    """
    if not isinstance(certificate, Certificate):
        raise OptionError(
            phrase("history.not_a_certificate", name=type(certificate).__name__),
            remedy='sign=nbext.Certificate("chain.pem", "key.pem")',
        )
    records = {record.id: record for record in store.records()}
    return signed(
        data,
        record,
        info,
        certificate,
        original=store.read(info.sha256),
        find=lambda reference: _source(reference, store, records),
        provenance=provenance,
        manifest=manifest_of(lines_of(store)) if provenance else "",
    )


def signatures(record: Record, store: Store) -> list[str]:
    """Describe who signed each picture that has Content Credentials. Never raises."""
    lines = []
    for index, info in enumerate(record.pictures):
        try:
            line = summary(store.read(info.sha256))
        except HistoryError:
            continue
        if line:
            name = picture_name(record, index)
            lines.append(f"{name}: {line}" if len(record.pictures) > 1 else line)
    return lines


def certificate_of(session: Any) -> Certificate:
    """Read the certificate named in the settings.

    Raises:
        OptionError: The settings name no certificate.
    """
    chosen = session.settings if session is not None else None
    if chosen is None or not (chosen.certificate and chosen.certificate_key_file):
        raise OptionError(
            phrase("history.no_certificate"),
            remedy=phrase("history.set_certificate"),
        )
    return Certificate(chosen.certificate, chosen.certificate_key_file)


def _source(reference: ReferenceInfo, store: Store, records: dict[str, Record]) -> Source:
    """Find the bytes of a reference, and the drawing with the same bytes."""
    data = store.read(reference.sha256)
    record = records.get(reference.drawing)
    for info in record.pictures if record is not None else []:
        if record is not None and info.sha256 == reference.sha256:
            return Source(data, info.media_type, f"@{record.number}", (record, info))
    return Source(data, reference.media_type, reference.source or reference.sha256[:12])
