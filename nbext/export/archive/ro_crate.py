"""Write the metadata of an archive as an RO-Crate 1.1: which request made which file.

The profile is Process Run Crate 0.5: a ``CreateAction`` per request, with the model as its
instrument, prompt, parameters and references as its objects and pictures as its results. Sources:
w3id.org/ro/crate/1.1 and w3id.org/ro/wfrun/process/0.5.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from nbext.export.gallery.markdown import is_web

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbext.data.record import Record, ReferenceInfo

_PROJECT = "https://nbext.readthedocs.io"
METADATA = "ro-crate-metadata.json"
_CRATE = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_CONTEXT = [
    f"{_CRATE}/context",
    "https://w3id.org/ro/terms/workflow-run/context",
    {"sha256": "https://schema.org/sha256"},
]

Entity = dict[str, Any]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the archive.

    Attributes:
        name: Its path inside.
        media_type: Its media type.
        size: In bytes.
        sha256: Of its bytes.
        about: What a person calls it.
        based_on: The path of the file that it is a copy of.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    about: str = ""
    based_on: str = ""


def metadata(
    records: Sequence[Record],
    members: Iterable[Member],
    *,
    title: str,
    description: str,
    author: str = "",
    licence: str = "",
) -> bytes:
    """Write ``ro-crate-metadata.json``.

    Args:
        records: The drawings, by number.
        members: The archive's files, all but this one.
        title: Of the archive.
        description: Of the archive, one sentence.
        author: The authors, separated by semicolons; empty if unknown.
        licence: A URL or a sentence; empty if unknown.

    Returns:
        JSON-LD, the same bytes for the same input.
    """
    files = list(members)
    at = {m.sha256: m.name for m in files if m.name.startswith("pictures/")}
    copies: dict[str, list[str]] = {}
    for member in files:
        if member.based_on:
            copies.setdefault(member.based_on, []).append(member.name)
    models, instruments = _models(records)
    actions: list[Entity] = []
    values: list[Entity] = []
    for record in records:
        action, its_values = _action(record, at, copies, models, author=bool(author))
        actions.append(action)
        values += its_values
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": description,
        "datePublished": last_day(records),
        "conformsTo": {"@id": _PROFILE},
        "license": {"@id": licence if is_web(licence) else "#licence"},
        "hasPart": [{"@id": quote(member.name)} for member in files],
        "mentions": [{"@id": action["@id"]} for action in actions],
    }
    graph: list[Entity] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _CRATE},
        },
        root,
        {
            "@id": _PROFILE,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        },
    ]
    graph.append(
        {
            "@id": root["license"]["@id"],
            "@type": "CreativeWork",
            "name": licence or "No licence is stated; ask the authors.",
        }
    )
    if author:
        names = [name.strip() for name in author.split(";") if name.strip()]
        ids = ["#author", *(f"#author-{number}" for number in range(2, len(names) + 1))]
        people = [{"@id": id_} for id_ in ids]
        root["author"] = people if len(names) > 1 else people[0]
        graph += [
            {"@id": id_, "@type": "Person", "name": name}
            for id_, name in zip(ids, names, strict=True)
        ]
    graph += [_file(member) for member in files]
    graph += [*instruments, *actions, *values]
    document = {"@context": _CONTEXT, "@graph": [_compact(entity) for entity in graph]}
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=str), indent=1) + b"\n"


def _compact(entity: Entity) -> Entity:
    """Replace lists of one item by the item and drop empty ones, as the standard recommends."""
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in entity.items()
        if value != []
    }


def last_day(records: Sequence[Record]) -> str:
    """Return the day of the last drawing, so that an archive's date does not change.

    Example:
        >>> last_day([])
        '1970-01-01'
    """
    moments = (_moment(record.finished) or _moment(record.started) for record in records)
    return max((moment[:10] for moment in moments if moment), default="1970-01-01")


def _moment(text: str) -> str:
    """Format a time in UTC as the profile requires; empty if a record has none."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return ""


def _file(member: Member) -> Entity:
    entity: Entity = {
        "@id": quote(member.name),
        "@type": "File",
        "name": member.about or member.name,
        "encodingFormat": member.media_type,
        "contentSize": str(member.size),
        "sha256": member.sha256,
    }
    if member.based_on:
        entity["isBasedOn"] = {"@id": quote(member.based_on)}
    return entity


def _models(records: Sequence[Record]) -> tuple[dict[tuple[str, str], str], list[Entity]]:
    """Create an ``instrument`` entry for each model at each endpoint."""
    ids: dict[tuple[str, str], str] = {}
    entities: list[Entity] = []
    for record in records:
        key = _instrument_key(record)
        if key in ids:
            continue
        if record.embedded:
            name, about = "nbext embedded endpoint", "A program that sketches without a model."
            where = f"{_PROJECT}/embedded"
        else:
            name = record.model or "unnamed model"
            about = f"{name}, as asked of {record.host or record.endpoint or 'an endpoint'}."
            where = f"https://{quote(record.host or 'unknown.invalid', safe=':.[]')}/"
        # The profile wants an absolute URI; nobody has given models one.
        ids[key] = f"{where}#{quote(name, safe='')}"
        entities.append(
            {
                "@id": ids[key],
                "@type": "SoftwareApplication",
                "name": name,
                "description": about,
                "url": where,
                "softwareVersion": record.answered_model
                or (record.versions.get("nbext", "") if record.embedded else "")
                or "not stated",
            }
        )
    return ids, entities


def _instrument_key(record: Record) -> tuple[str, str]:
    return ("", "") if record.embedded else (record.model, record.host)


def _action(
    record: Record,
    at: Mapping[str, str],
    copies: Mapping[str, list[str]],
    models: Mapping[tuple[str, str], str],
    *,
    author: bool,
) -> tuple[Entity, list[Entity]]:
    """Describe one request as an action."""
    id_ = f"#{quote(record.id, safe='')}"
    values = [_value(f"{id_}-prompt", "prompt", record.prompt)]
    if record.system:
        values.append(_value(f"{id_}-system", "system", record.system))
    if record.revised_prompt:
        values.append(_value(f"{id_}-revised", "revised prompt", record.revised_prompt))
    values += [
        _value(f"{id_}-{quote(name, safe='')}", name, _plain(value))
        for name, value in record.parameters.items()
    ]
    pictures = [info for info in (*record.pictures, *record.films) if info.sha256 in at]
    results: list[str] = []
    for info in pictures:
        original = at[info.sha256]
        results += [original, *copies.get(original, [])]
    inputs = [*record.references, *([record.mask] if record.mask else [])]
    if record.text and not pictures:
        values.append(_value(f"{id_}-answer", "answer", record.text))
    action: Entity = {
        "@id": id_,
        "@type": "CreateAction",
        "name": f"@{record.number}",
        "description": f"{record.kind}: {' '.join(record.prompt.split())[:200]}",
        "instrument": {"@id": models[_instrument_key(record)]},
        "object": [
            *({"@id": v["@id"]} for v in values if not v["@id"].endswith("-answer")),
            *({"@id": quote(name)} for name in _there(inputs, at)),
        ],
        "result": [
            *({"@id": quote(name)} for name in dict.fromkeys(results)),
            *({"@id": v["@id"]} for v in values if v["@id"].endswith("-answer")),
        ],
    }
    if author:
        action["agent"] = {"@id": "#author"}
    for name, moment in (("startTime", record.started), ("endTime", record.finished)):
        if _moment(moment):
            action[name] = _moment(moment)
    if record.error is not None:
        action["actionStatus"] = "http://schema.org/FailedActionStatus"
        action["error"] = f"{record.error.type}: {record.error.message}"
    elif record.type == "drawing":
        action["actionStatus"] = "http://schema.org/CompletedActionStatus"
    return action, values


def _there(inputs: Iterable[ReferenceInfo], at: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(at[item.sha256] for item in inputs if item.sha256 in at))


def _value(id_: str, name: str, value: str) -> Entity:
    return {"@id": id_, "@type": "PropertyValue", "name": name, "value": value}


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value, enc_hook=str).decode()
