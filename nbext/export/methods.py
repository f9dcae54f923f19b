"""The methods section of a paper, of records: a paragraph and the tables that a reviewer asks for.

What to report follows the checklists for generative models in research (model, version and
configuration; dates; all prompts; default parameters; attempts and how one was chosen; costs;
limits). Everything from a record is escaped: a prompt may hold Markdown, HTML or a table's bars.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbext.data.record import Record, ReferenceInfo

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!])")
_STARTS_BLOCK = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")
_LINK = re.compile(r"(?i)\b(https?|ftp|www)(:|\.)")
_KINDS = {
    "draw": "picture",
    "chat": "chat reply",
    "respond": "reply",
    "complete": "completion",
    "video": "film",
}


def escaped(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is, in one line.

    Example:
        >>> escaped("a *cat* | <b>\n2. dog")
        'a \\*cat\\* \\| \\<b\\> ⏎ 2. dog'
    """
    lines = text.strip().splitlines()
    plain = " ⏎ ".join(
        " ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in lines
    )
    plain = _STARTS_BLOCK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain))
    # Readers that make links of bare addresses must not make any of a prompt's.
    return _LINK.sub(lambda match: f"{match[1]}\\{match[2]}", plain)


def methods(records: Sequence[Record], *, version: str = "", title: str = "") -> str:
    """Write the methods text as Markdown.

    Args:
        records: The drawings, by number.
        version: Of nbext, where the records do not say.
        title: A heading; none where it is empty.

    Returns:
        A paragraph, a table of models, a table of prompts and one of files.
    """
    asked = [record for record in records if record.type in ("drawing", "sent")]
    parts = [f"## {escaped(title)}"] if title else []
    if not asked:
        return "\n\n".join([*parts, "Nothing was drawn.\n"])
    parts.append(_paragraph(asked, version))
    parts += ["**Models**", _models(asked)]
    parts += ["**Prompts**", _prompts(asked)]
    files = _files(asked)
    if files:
        parts += ["**Files** (sha256 of the bytes as received)", files]
    return "\n\n".join(parts) + "\n"


def _paragraph(records: Sequence[Record], version: str) -> str:
    kinds = Counter(_KINDS.get(record.kind, "request") for record in records)
    kinds_said = ", ".join(_count(n, word) for word, n in kinds.most_common())
    real = [record for record in records if not record.embedded]
    sketches = [record for record in records if record.embedded]
    said = [f"{_count(len(records), 'request')} ({kinds_said}) {_were(len(records))} made"]
    said[0] += f" with nbext {_versions(records, version)} {_dates(records)}."
    if real:
        wheres = dict.fromkeys((r.model, r.host or r.endpoint) for r in real)
        named = [f"{_code(model)} at {_code(host)}" for model, host in wheres]
        said.append(
            f"Models were asked at their endpoints: {_listed(named)}. A model is named as it was "
            "asked for; which model stood behind the endpoint cannot be told from here."
        )
    if sketches:
        are = "are sketches" if len(sketches) > 1 else "is a sketch"
        said.append(
            f"{_count(len(sketches), 'result')} {are} of the embedded endpoint, made by a program "
            "without a model."
        )
    said += [_seeds(real), _takes(records), _costs(real), _failed(records)]
    said.append(
        "Parameters that no table names were left to the endpoint's defaults. All requests, "
        "answers and pictures, also those that were not chosen, are in the history that goes with "
        "this text; a re-run of the notebook shows them again without sending anything."
    )
    return " ".join(part for part in said if part)


def _versions(records: Sequence[Record], version: str) -> str:
    found = sorted({str(r.versions["nbext"]) for r in records if r.versions.get("nbext")})
    return escaped(", ".join(found) or version or "of unknown version")


def _dates(records: Sequence[Record]) -> str:
    days = sorted({record.started[:10] for record in records if record.started})
    if not days:
        return "on dates that are not recorded"
    first, last = escaped(days[0]), escaped(days[-1])
    return f"on {first} (UTC)" if first == last else f"from {first} to {last} (UTC)"


def _seeds(real: Sequence[Record]) -> str:
    """Say for models' pictures whether a seed was given; nothing is claimed of what it did."""
    drawn = [record for record in real if record.kind in ("draw", "video")]
    seeded = [record for record in drawn if _seed_of(record) is not None]
    if not drawn:
        return ""
    if not seeded:
        return (
            "No seed was available: none was sent, and the same request may give another "
            "picture each time."
        )
    numbers = _references(seeded)
    rest = "" if len(seeded) == len(drawn) else "; no seed was available for the others"
    return (
        f"A seed was sent with {numbers}{rest}. Whether the endpoint kept to it was not verified."
    )


def _seed_of(record: Record) -> Any:
    return record.parameters.get("seed")


def _takes(records: Sequence[Record]) -> str:
    """Say how many takes there were of a request, and how one was chosen."""
    runs: dict[str, list[Record]] = {}
    for record in records:
        if record.fingerprint:
            runs.setdefault(record.fingerprint, []).append(record)
    several = [run for run in runs.values() if len(run) > 1]
    starred = [record for record in records if record.changes.get("star") is True]
    said = []
    if several:
        sizes = sorted(len(run) for run in several)
        how_many = str(sizes[0]) if sizes[0] == sizes[-1] else f"{sizes[0]} to {sizes[-1]}"
        said.append(
            f"{_count(len(several), 'request')} {_were(len(several))} drawn more than once "
            f"({how_many} takes)."
        )
        chosen = [run for run in several if any(r.changes.get("star") is True for r in run)]
        if chosen:
            said.append(f"For {len(chosen)} of them the authors chose by eye, with a star.")
        else:
            said.append("No take was marked as chosen.")
    else:
        said.append("Each request was drawn once.")
    if starred:
        said.append(f"Starred: {_references(starred)}.")
    return " ".join(said)


def _costs(real: Sequence[Record]) -> str:
    if not real:
        return "Nothing was paid."
    known = [record for record in real if record.cost is not None]
    if not known:
        return "What it cost is not recorded."
    total = sum(record.cost or 0.0 for record in known)
    rest = "" if len(known) == len(real) else f", for {len(known)} of {len(real)} requests"
    return f"It cost {total:.4g} USD as far as recorded{rest}."


def _failed(records: Sequence[Record]) -> str:
    failed = [record for record in records if record.error is not None]
    open_ = [record for record in records if record.type == "sent"]
    said = []
    if failed:
        kinds = Counter(record.error.type for record in failed if record.error is not None)
        named = ", ".join(f"{escaped(kind)} {count}×" for kind, count in kinds.most_common())
        said.append(f"{_count(len(failed), 'request')} failed ({named}).")
    if open_:
        said.append(f"No answer is kept of {_references(open_)}.")
    return " ".join(said)


def _models(records: Sequence[Record]) -> str:
    rows: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        where = "embedded endpoint (no model)" if record.embedded else record.host
        answered = record.answered_model
        key = (record.model, answered if answered != record.model else "", where, record.wire)
        rows.setdefault(key, []).append(record)
    return _table(
        ["model, as asked", "as answered", "endpoint", "wire format", "requests", "dates", "USD"],
        [
            [
                _code(model),
                _code(answered),
                escaped(where) if where.startswith("embedded ") else _code(where),
                escaped(wire),
                str(len(group)),
                _span(group),
                _sum(group),
            ]
            for (model, answered, where, wire), group in rows.items()
        ],
    )


def _prompts(records: Sequence[Record]) -> str:
    number_of = {record.id: record.number for record in records}
    return _table(
        ["", "date (UTC)", "model", "prompt", "parameters", "from", "take", "★"],
        [
            [
                f"@{record.number}",
                escaped(record.started[:16].replace("T", " ")),
                _code(record.model),
                _prompt(record),
                _parameters(record),
                _sources(record, number_of),
                str(record.take + 1),
                "★" if record.changes.get("star") is True else "",
            ]
            for record in records
        ],
    )


def _prompt(record: Record) -> str:
    said = escaped(record.prompt)
    if record.system:
        said += f" (system: {escaped(record.system)})"
    if record.prompt_sent:
        said += f" (sent as: {escaped(record.prompt_sent)})"
    return said


def _parameters(record: Record) -> str:
    if not record.parameters:
        return "defaults"
    pairs = (
        f"{name}={value if isinstance(value, str) else _json(value)}"
        for name, value in record.parameters.items()
    )
    return escaped(", ".join(pairs))


def _json(value: Any) -> str:
    try:
        return msgspec.json.encode(value, enc_hook=str).decode()
    except (ValueError, TypeError, RecursionError):
        return str(value)


def _sources(record: Record, number_of: Mapping[str, int]) -> str:
    """Name what was given; a drawing by its number, which means the same for everyone."""

    def name(item: ReferenceInfo) -> str:
        if item.drawing in number_of:
            return f"@{number_of[item.drawing]}"
        return item.source or item.sha256[:12]

    given = [name(item) for item in record.references]
    if record.mask is not None:
        given.append(f"mask {name(record.mask)}")
    if record.continues in number_of:
        given.append(f"the conversation of @{number_of[record.continues]}")
    return escaped(", ".join(given))


def _files(records: Sequence[Record]) -> str:
    rows = [
        [
            f"@{record.number}" + (f".{index}" if index > 1 else ""),
            escaped(info.media_type),
            f"{info.width}×{info.height}" if info.width else "",
            f"{info.size:,}",
            _code(info.sha256),
        ]
        for record in records
        for index, info in enumerate((*record.pictures, *record.films), start=1)
    ]
    given = {
        item.sha256: item
        for record in records
        for item in (*record.references, *([record.mask] if record.mask else []))
        if not item.drawing
    }
    rows += [
        [f"given: {escaped(item.source)}", escaped(item.media_type), "", "", _code(sha256)]
        for sha256, item in given.items()
    ]
    return _table(["", "type", "pixels", "bytes", "sha256"], rows) if rows else ""


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(text: str) -> str:
    """Write a name as code; one that holds what ends code in a table is escaped instead."""
    if not text:
        return ""
    return f"`{text}`" if re.fullmatch(r"[\w.:/@+-]+", text) else escaped(text)


def _count(number: int, word: str) -> str:
    many = f"{word[:-1]}ies" if word.endswith("ply") else f"{word}s"
    return f"{number} {word if number == 1 else many}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _references(records: Sequence[Record]) -> str:
    return ", ".join(f"@{record.number}" for record in records)


def _span(records: Sequence[Record]) -> str:
    days = sorted({record.started[:10] for record in records if record.started})
    return escaped(days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}") if days else ""


def _sum(records: Sequence[Record]) -> str:
    known = [record.cost for record in records if record.cost is not None]
    return f"{sum(known):.4g}" if known else ""
