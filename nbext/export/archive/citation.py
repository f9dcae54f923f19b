"""Write how to cite an archive: a sentence, BibTeX and a CITATION.cff file.

The latter after the Citation File Format 1.2.0 (https://citation-file-format.github.io), which
GitHub, Zenodo and reference managers read.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from nbext.errors import OptionError
from nbext.export.archive.ro_crate import last_day
from nbext.messages.say import phrase
from nbext.util.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbext.data.record import Record

# The format takes identifiers of the SPDX list alone; of these, those that data are given under.
_SPDX = ("CC0-1.0", "PDDL-1.0", "ODbL-1.0", "MIT", "Apache-2.0", "BSD-3-Clause")
_SPDX_CC = pattern(r"CC-BY(-NC)?(-SA|-ND)?-(2\.0|2\.5|3\.0|4\.0)")


def citation(
    records: Sequence[Record],
    *,
    title: str,
    author: str | Sequence[str],
    licence: str,
    sha256: str,
) -> str:
    """Write a citation as a sentence and as BibTeX.

    Example:
        >>> print(citation([], title="Cats", author="", licence="", sha256="ab").splitlines()[2])
        Cats (1970). 0 drawings with prompts, parameters and provenance.
    """
    day = last_day(records)
    title, names = _line(title or "Drawings"), authors(author)
    who = f"{', '.join(names)}: " if names else ""
    licence = spdx(licence)
    fields = {
        "author": " and ".join(names),
        "title": title,
        "year": day[:4],
        "note": f"{len(records)} drawings; sha256 of history.jsonl: {sha256}",
    }
    bibtex = ",\n".join(f"  {k} = {{{_bibtex(v)}}}" for k, v in fields.items() if v)
    sentence = f"{who}{title} ({day[:4]}). {len(records)} drawings with prompts, parameters and "
    sentence += "provenance."
    known = f"Last drawing: {day}. sha256 of `history.jsonl`: `{sha256}`."
    if licence:
        known += f" Licence: {_line(licence)}."
    return (
        f"# How to cite\n\n{sentence}\n\n{known}\n\n"
        f"```bibtex\n@misc{{nbext-{sha256[:12]},\n{bibtex}\n}}\n```\n"
    )


def authors(author: str | Sequence[str]) -> list[str]:
    """Split a list of authors, or a text with semicolons, into names.

    Raises:
        OptionError: It is something else.

    Example:
        >>> authors("Ada Lovelace; Mary Somerville") == authors(["Ada Lovelace", "Mary Somerville"])
        True
    """
    names = author.split(";") if isinstance(author, str) else list(author)
    if not all(isinstance(name, str) for name in names):
        raise OptionError(phrase("export.author_text"), remedy=phrase("export.several_authors"))
    return [_line(name) for name in names if _line(name)]


def spdx(licence: str) -> str:
    """Return the SPDX spelling of a licence; an unknown one stays unchanged.

    Example:
        >>> spdx("cc-by-4.0")
        'CC-BY-4.0'
    """
    terms = licence.strip()
    known = next((name for name in _SPDX if name.lower() == terms.lower()), terms.upper())
    return known if _is_spdx(known) else terms


def _is_spdx(terms: str) -> bool:
    return terms in _SPDX or _SPDX_CC.fullmatch(terms) is not None


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _bibtex(text: str) -> str:
    return re.sub(r"([\\{}%#&_$])", lambda m: "" if m[1] in "\\{}" else f"\\{m[1]}", text)


def citation_file(
    records: Sequence[Record],
    *,
    title: str,
    author: str | Sequence[str],
    licence: str,
    sha256: str,
) -> str:
    """Write a CITATION.cff; empty without an author, which the format requires.

    Args:
        records: The drawings.
        title: Of the archive.
        author: The author; several as a list, or separated by semicolons.
        licence: An SPDX identifier in any case, or an URL; the format has no place for others.
        sha256: Of ``history.jsonl``.
    """
    names = authors(author)
    if not names:
        return ""
    count = f"{len(records)} drawing{'s' * (len(records) != 1)}"
    fields: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "Please cite it as below.",
        "type": "dataset",
        "title": _line(title or "Drawings"),
        "authors": [{"name": name} for name in names],
        "date-released": last_day(records),
        "abstract": f"{count} with prompts, parameters and provenance.",
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{sha256}",
                "description": "The sha256 of history.jsonl, the records in this archive.",
            }
        ],
    }
    terms = spdx(licence)
    if _is_spdx(terms):
        fields["license"] = terms
    elif re.fullmatch(r"https?://[^\s]+", terms):
        fields["license-url"] = terms
    return "".join(_yaml(name, value) for name, value in fields.items())


def _yaml(name: str, value: Any) -> str:
    """Write one field as YAML. A text in JSON's quotes means the same in YAML."""
    if isinstance(value, str):
        return f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
    lines = [f"{name}:\n"]
    for item in value:
        pairs = [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in item.items()]
        lines += [f"  - {pairs[0]}\n", *(f"    {pair}\n" for pair in pairs[1:])]
    return "".join(lines)
