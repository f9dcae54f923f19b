"""A picture of the history, signed as it leaves: with which certificate, and what it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.errors import HistoryError, OptionError
from nbext.export.c2pa.credentials import summary
from nbext.export.c2pa.sign import Certificate, Source, signed

if TYPE_CHECKING:
    from nbext.data.record import Record, ReferenceInfo
    from nbext.drawings.drawing import Drawing
    from nbext.drawings.picture import Picture
    from nbext.store.store import Store


def sign(picture: Picture, data: bytes, certificate: Any, *, provenance: bool) -> bytes:
    """Sign a copy of a picture.

    Args:
        picture: The picture.
        data: Its bytes, converted where another format was asked for.
        certificate: A ``Certificate``, or True for the one in the settings.
        provenance: Whether the record stands in it.

    Raises:
        OptionError: There is no certificate, or it cannot sign.
        PictureError: The picture cannot be signed.
        HistoryError: A picture that it comes from is missing.
    """
    history = picture.drawing.history
    if certificate is True:
        certificate = _from_settings(history.session)
    if not isinstance(certificate, Certificate):
        raise OptionError(
            f"sign={type(certificate).__name__} is no certificate.",
            remedy='sign=nbext.Certificate("chain.pem", "key.pem")',
        )
    store = history.store
    records = {record.id: record for record in store.records()}
    return signed(
        data,
        picture.drawing.record,
        picture.info,
        certificate,
        original=picture.data,
        find=lambda reference: _source(reference, store, records),
        provenance=provenance,
    )


def signatures(drawing: Drawing) -> list[str]:
    """Say of each of its pictures that has Content Credentials who signed it; never an error."""
    said = []
    for picture in drawing.pictures:
        try:
            line = summary(picture.data)
        except HistoryError:
            continue
        if line:
            said.append(f"{picture.name}: {line}" if len(drawing.pictures) > 1 else line)
    return said


def _from_settings(session: Any) -> Certificate:
    chosen = session.settings if session is not None else None
    if chosen is None or not (chosen.certificate and chosen.certificate_key_file):
        raise OptionError(
            "sign=True signs with the certificate of the settings, and there is none.",
            remedy="Set Nbext.certificate and Nbext.certificate_key_file, "
            'or give sign=nbext.Certificate("chain.pem", "key.pem").',
        )
    return Certificate(chosen.certificate, chosen.certificate_key_file)


def _source(reference: ReferenceInfo, store: Store, records: dict[str, Record]) -> Source:
    """Find a reference's bytes, and the drawing that they are, byte for byte."""
    data = store.read(reference.sha256)
    record = records.get(reference.drawing)
    for info in record.pictures if record is not None else []:
        if record is not None and info.sha256 == reference.sha256:
            return Source(data, info.media_type, f"@{record.number}", (record, info))
    return Source(data, reference.media_type, reference.source or reference.sha256[:12])
