"""A record as the cell that asks for its drawing again."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbext.data.record import Record, ReferenceInfo

# What has an option of its own; every other parameter is written with -p.
NAMED = ("aspect", "size", "quality", "format", "seed")
_MAGICS = {"chat": "chat", "respond": "respond", "complete": "complete", "video": "video"}


def cell_text(record: Record, numbers: Mapping[str, int] | None = None) -> str:
    r"""Write the cell that asks for a drawing again.

    Args:
        record: The drawing's.
        numbers: The numbers of drawings by their ids, to name references and the conversation.

    Example:
        >>> cell_text(Record(type="drawing", id="a", model="gpt-4o-image", prompt="画只猫"))
        '%%draw gpt-4o-image\n画只猫'
    """
    known = numbers or {}
    words = [record.model] if record.model else []
    for item in record.references:
        words += ["-i", _named(item, known)]
    if record.mask is not None:
        words += ["--mask", _named(record.mask, known)]
    for name in NAMED:
        if record.parameters.get(name) not in (None, ""):
            words += [f"--{name}", str(record.parameters[name])]
    for name, value in record.parameters.items():
        if name not in NAMED:
            words += ["-p", f"{name}={_written(value)}"]
    if record.system:
        words += ["--system", record.system]
    if record.continues in known:
        words += ["-c", f"@{known[record.continues]}"]
    magic = f"%%{_MAGICS.get(record.kind, 'draw')}"
    # A line's end in an option would end the magic's line.
    line = " ".join([magic, *(shlex.quote(" ".join(word.splitlines())) for word in words)])
    return f"{line}\n{record.prompt}"


def _named(item: ReferenceInfo, known: Mapping[str, int]) -> str:
    """Name a reference as the user did, else by its drawing, else by its hash."""
    if item.source:
        return item.source
    if item.drawing in known:
        return f"@{known[item.drawing]}"
    return item.sha256[:12]


def _written(value: Any) -> str:
    """Write a value so that ``-p`` reads the same one: text that reads as JSON is quoted as JSON."""
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False, default=str)
