"""Write the methods section of a paper from records: a paragraph and tables.

What to report follows the checklists for generative models in research (model, version and
configuration; dates; all prompts; default parameters; attempts and how one was chosen; costs;
limits). Everything from a record is escaped: a prompt may hold Markdown, HTML or a table's bars.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import msgspec

from nbext.data.differences import differences, revision, with_times
from nbext.data.record import never_sent
from nbext.data.request import Request
from nbext.data.route import route_lines
from nbext.data.sweep import plans_of, records_of
from nbext.errors import NbextError, OptionError
from nbext.export.archive.methods_text import Facts, Prose
from nbext.families import table as families
from nbext.messages.say import LANGUAGES, phrase
from nbext.util.pattern import pattern
from nbext.util.text import range_names
from nbext.wire.formats import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbext.data.record import Kind, Record, ReferenceInfo

_SPECIAL = pattern(r"([\\`*_{}\[\]<>#|~$&!])")
_STARTS_BLOCK = pattern(r"^(\s*)([-+]|\d+[.)])(?=\s)")
# Stands for an answer that names no model; no model has this name.
_NOT_STATED = "\0"
_LINK = pattern(r"(?i)\b(https?|ftp|www)(:|\.)")


def escaped(text: str) -> str:
    r"""Escape a text so that Markdown shows it unchanged, on one line.

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


def methods(
    records: Sequence[Record],
    *,
    version: str = "",
    title: str = "",
    language: str = "en",
    manifest: str = "",
) -> str:
    """Write the methods text as Markdown.

    Args:
        records: The drawings, by number.
        version: The version of nbext, if the records do not contain it.
        title: A heading; none if empty.
        language: ``en`` or ``zh``.
        manifest: What the history can be verified with; empty for none.

    Returns:
        A paragraph, a table of models, one of prompts, one of what came otherwise than requested
        where something did, and one of files.

    Raises:
        OptionError: The language is unknown.
    """
    if language not in LANGUAGES:
        raise OptionError(
            phrase("export.methods_language", language=language),
            remedy=phrase("export.methods_languages", names=", ".join(LANGUAGES)),
        )
    prose = Prose(language)
    requests = [r for r in records if r.type in ("drawing", "sent") and not never_sent(r)]
    parts = [f"## {escaped(title)}"] if title else []
    if not requests:
        return "\n\n".join([*parts, f"{prose('nothing')}\n"])
    tables = {
        "models": _models(requests, prose),
        "prompts": _prompts(requests, prose),
        "differences": _differences(requests, prose),
        "files": _files(requests, prose),
    }
    parts.append(prose.paragraph(_facts(requests, version)))
    for name, table in tables.items():
        if table:
            parts += [f"**{prose(name)}**", table]
    if manifest:
        parts.append(f"{prose('manifest')}: `{manifest}`")
    return "\n\n".join(parts) + "\n"


def _facts(records: Sequence[Record], version: str) -> Facts:
    real = [record for record in records if not record.embedded]
    drawn = [r for r in real if r.kind in ("draw", "video") and r.error is None]
    days = sorted({record.started[:10] for record in records if record.started})
    runs = [run for run in _runs(records).values() if len(run) > 1]
    known = [record.cost for record in real if record.cost is not None]
    failures = [record.error for record in records if record.error is not None]
    return Facts(
        kinds=dict(Counter(record.kind for record in records).most_common()),
        requests=len(records),
        versions=_versions(records, "nbext") or escaped(version),
        pythons=_versions(records, "python"),
        days=(escaped(days[0]), escaped(days[-1])) if days else ("", ""),
        places=_places(real),
        sketches=sum(record.embedded for record in records),
        seeded=_numbers(r for r in drawn if _seed_of(r) is not None),
        unseeded=sum(_seed_of(record) is None for record in drawn),
        no_seed=_without_seed(drawn),
        sweeps=_sweeps(records),
        repeated=[len(run) for run in runs],
        starred={
            f"@{r.number}": escaped(str(r.changes.get("note", ""))) for r in records if _starred(r)
        },
        chosen=sum(any(map(_starred, run)) for run in runs),
        paid=sum(known) if known else None,
        priced=len(known),
        real=len(real),
        failed=dict(Counter(escaped(failure.type) for failure in failures).most_common()),
        maybe_billed=sum(failure.maybe_billed for failure in failures),
        unanswered=_numbers(record for record in records if record.type == "sent"),
        tokens=sum(counts) if (counts := _token_counts(real)) else None,
        counted=len(counts),
    )


# How answers name all of their tokens, and the parts where they do not.
_TOTAL = ("total_tokens", "totalTokenCount")
_PARTS = (
    ("input_tokens", "output_tokens"),
    ("prompt_tokens", "completion_tokens"),
    ("promptTokenCount", "candidatesTokenCount"),
)


def _token_counts(records: Iterable[Record]) -> list[int]:
    """Return the token counts of each answer that reports them.

    Example:
        >>> from nbext.data.record import Record
        >>> record = Record(type="drawing", id="a", usage={"input_tokens": 3, "output_tokens": 4})
        >>> _token_counts([record, Record(type="drawing", id="b")])
        [7]
    """
    counts = []
    for record in records:
        usage = record.usage
        names = next(([n] for n in _TOTAL if n in usage), None)
        names = names or next((list(p) for p in _PARTS if any(n in usage for n in p)), [])
        values = [usage.get(name) for name in names]
        numbers = [value for value in values if isinstance(value, int)]
        if numbers:
            counts.append(sum(numbers))
    return counts


def _ended(model: str) -> str:
    """Return when a model was or will be shut down; empty if unknown."""
    ended = families.table().find(model).ended
    return ended.isoformat() if ended is not None else ""


def _numbers(records: Iterable[Record]) -> list[str]:
    """Name drawings by their numbers, with ranges for consecutive ones: ``@3–@40``."""
    return range_names(record.number for record in records)


def _sweeps(records: Sequence[Record]) -> list[tuple[list[str], str]]:
    """List the drawings of each sweep, with its axes."""
    sweeps = [(records_of(plan, records), plan) for plan in plans_of(records)]
    return [(_numbers(drawn.values()), escaped(str(plan))) for drawn, plan in sweeps if drawn]


def _versions(records: Sequence[Record], of: str) -> str:
    return escaped(", ".join(sorted({str(r.versions[of]) for r in records if r.versions.get(of)})))


def _places(real: Sequence[Record]) -> dict[str, list[str]]:
    """Group the models by the endpoint that served them."""
    values: dict[str, dict[str, None]] = {}
    for record in real:
        place = _code(record.host or record.endpoint)
        values.setdefault(place, {})[_code(record.model)] = None
    return {place: list(models) for place, models in values.items()}


def _runs(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Group the drawings of the same request: takes and repetitions."""
    runs: dict[str, list[Record]] = {}
    for record in records:
        if record.fingerprint:
            runs.setdefault(record.fingerprint, []).append(record)
    return runs


def _starred(record: Record) -> bool:
    return record.changes.get("star") is True


def _seed_of(record: Record) -> Any:
    return record.parameters.get("seed")


def _without_seed(drawn: Sequence[Record]) -> list[str]:
    """Return the models whose wire format has no seed."""
    requests = dict.fromkeys((record.wire, record.model, record.kind) for record in drawn)
    return list(dict.fromkeys(_code(how[1]) for how in requests if _refuses(*how)))


def _refuses(name: str, model: str, kind: str) -> bool:
    family = families.table().find(model)
    if family.seed is False:
        return True
    try:
        encode(Request(prompt="-", model=model, kind=cast("Kind", kind), seed=1), name, family)
    except NbextError as error:
        return "seed" in error.message
    return False


def _models(records: Sequence[Record], prose: Prose) -> str:
    rows: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        where = prose("embedded") if record.embedded else _code(record.host)
        answered = record.answered_model or ("" if record.embedded else _NOT_STATED)
        key = (record.model, answered, where, record.wire)
        rows.setdefault(key, []).append(record)
    return _table(
        prose.columns("models"),
        [
            [
                _code(model),
                prose("not_stated") if answered == _NOT_STATED else _code(answered),
                where,
                escaped(wire_name),
                str(len(group)),
                _span(group),
                "" if where == prose("embedded") else _ended(model),
                f"{sum(counts):,}" if (counts := _token_counts(group)) else "",
                _sum(group),
            ]
            for (model, answered, where, wire_name), group in rows.items()
        ],
    )


def _prompts(records: Sequence[Record], prose: Prose) -> str:
    number_of = {record.id: record.number for record in records}
    attempts = {
        record.id: f"{nth} / {len(run)}"
        for run in _runs(records).values()
        for nth, record in enumerate(run, start=1)
    }
    return _table(
        prose.columns("prompts"),
        [
            [
                f"@{record.number}",
                escaped(record.started[:16].replace("T", " ")),
                _code(record.model),
                _prompt(record, prose),
                _parameters(record) or prose("defaults"),
                _sources(record, number_of, prose),
                attempts.get(record.id, "1 / 1"),
                "★" if _starred(record) else "",
                escaped(str(record.changes.get("note", ""))),
            ]
            for record in records
        ],
    )


def _differences(records: Sequence[Record], prose: Prose) -> str:
    """Write the table of results that differ from the request."""
    rows = []
    for record in records:
        name = f"@{record.number}"
        rows += [
            [
                name,
                prose.name_of(item.name),
                escaped(with_times(item.name, item.requested)),
                escaped(with_times(item.name, item.actual)),
            ]
            for item in differences(record)
        ]
        if signs := route_lines(record, prose.language):
            rows.append([name, prose.name_of("route"), "", escaped("; ".join(signs))])
    return _table(prose.columns("differences"), rows) if rows else ""


def _prompt(record: Record, prose: Prose) -> str:
    asides = []
    if record.template:
        values = "; ".join(f"{name} = {value}" for name, value in record.variables.items())
        asides.append(f"{prose('template')}{escaped(record.template)}; {escaped(values)}")
    for name, text in (
        ("system", record.system),
        ("sent_as", record.prompt_sent),
        ("revised", revision(record)),
    ):
        if text:
            asides.append(f"{prose(name)}{escaped(text)}")
    return escaped(record.prompt) + "".join(prose("aside", text=text) for text in asides)


def _parameters(record: Record) -> str:
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


def _sources(record: Record, number_of: Mapping[str, int], prose: Prose) -> str:
    """Name the references of a drawing; drawings are named by number."""

    def name(item: ReferenceInfo) -> str:
        if item.drawing in number_of:
            return f"@{number_of[item.drawing]}"
        return item.url or item.source or item.sha256[:12]

    from_outside = [name(item) for item in record.references]
    if record.mask is not None:
        from_outside.append(f"{prose('mask')}{name(record.mask)}")
    if record.continues in number_of:
        from_outside.append(f"{prose('conversation')}@{number_of[record.continues]}")
    return escaped(", ".join(from_outside))


def _files(records: Sequence[Record], prose: Prose) -> str:
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
    from_outside = {
        item.sha256: item
        for record in records
        for item in (*record.references, *([record.mask] if record.mask else []))
        if not item.drawing
    }
    rows += [
        [
            f"{prose('from_outside')}{escaped(item.source)}",
            escaped(item.media_type),
            "",
            "",
            _code(sha256),
        ]
        for sha256, item in from_outside.items()
    ]
    return _table(prose.columns("files"), rows) if rows else ""


def _table(head: Sequence[str], rows: Sequence[list[str]]) -> str:
    """Write a table, without empty columns."""
    full = [at for at in range(len(head)) if any(row[at] for row in rows)]
    lines = [[line[at] for at in full] for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(text: str) -> str:
    """Write a name as code, or escaped if it contains a backquote or a bar."""
    if not text:
        return ""
    return f"`{text}`" if re.fullmatch(r"[\w.:/@+-]+", text) else escaped(text)


def _span(records: Sequence[Record]) -> str:
    days = sorted({record.started[:10] for record in records if record.started})
    return escaped(days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}") if days else ""


def _sum(records: Sequence[Record]) -> str:
    known = [record.cost for record in records if record.cost is not None]
    return f"{sum(known):.4g}" if known else ""
