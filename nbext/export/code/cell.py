"""Write the cell, or the Python step, that repeats a drawing."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from nbext.data.lineage import Lineage
from nbext.data.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbext.data.record import Record, ReferenceInfo

_VERBS = {"chat": "chat", "respond": "respond", "complete": "complete", "video": "video"}
_ARGUMENTS = {"draw": OPTIONS, "video": ("aspect", "size")}


def cell_text(record: Record, lineage: Lineage | None = None) -> str:
    r"""Write the cell that repeats a drawing in its own notebook.

    Args:
        record: The drawing's.
        lineage: The drawings that its references and its conversation may be of.

    Example:
        >>> from nbext.data.record import Record
        >>> cell_text(Record(type="drawing", id="a", model="gpt-4o-image", prompt="画只猫"))
        '%%draw gpt-4o-image\n画只猫'
    """
    lineage = lineage or Lineage()
    continued = lineage.named(record.continues)
    line = magic_line(
        _VERBS.get(record.kind, "draw"),
        record,
        lambda item: _cell_name(item, record, lineage),
        continues=f"@{continued.number}" if continued else "",
    )
    return f"{line}\n{record.prompt}"


def magic_line(
    verb: str,
    record: Record,
    name: Callable[[ReferenceInfo], str],
    *,
    takes: int = 1,
    continues: str = "",
    endpoint: str = "",
) -> str:
    """Write the first line of the cell that repeats a drawing.

    Args:
        verb: The magic, without its per cent signs.
        record: The drawing's.
        name: Names a reference.
        takes: How many.
        continues: The drawing whose conversation it goes on with, empty for none.
        endpoint: The endpoint to name, empty for the one in use.
    """
    words = [record.model] if record.model else []
    if takes > 1:
        words += ["-n", str(takes)]
    for item in record.references:
        words += ["-i", name(item)]
    if record.mask is not None:
        words += ["--mask", name(record.mask)]
    for option in OPTIONS:
        if record.parameters.get(option) not in (None, ""):
            words += [f"--{option}", str(record.parameters[option])]
    for field, value in record.parameters.items():
        if field not in OPTIONS:
            words += ["-p", f"{field}={_field(value)}"]
    if record.system:
        words += ["--system", record.system]
    if continues:
        words += ["-c", continues]
    if endpoint:
        words += ["--endpoint", endpoint]
    # A line's end in an option would end the magic's line.
    return " ".join([f"%%{verb}", *(shlex.quote(" ".join(word.splitlines())) for word in words)])


def step_text(record: Record, lineage: Lineage | None = None) -> str:
    """Write a drawing as one Python step, for a notebook without a history.

    It names the drawings that it comes from as ``d1``, ``d2``; their steps stand before it.

    Example:
        >>> from nbext.data.record import Record
        >>> first = Record(type="drawing", id="a", number=1, model="m", prompt="画只猫")
        >>> step_text(first)
        "d1 = nbext.draw('画只猫', model='m')"
    """
    lineage = lineage or Lineage()
    verb = _VERBS.get(record.kind, "draw")
    images = [_step_name(item, record, lineage) for item in record.references]
    arguments = [repr(record.prompt)]
    if record.model:
        arguments.append(f"model={record.model!r}")
    if images:
        arguments.append(f"images=[{', '.join(images)}]")
    if record.mask is not None:
        arguments.append(f"mask={_step_name(record.mask, record, lineage)}")
    direct = [name for name in _ARGUMENTS.get(verb, ()) if record.parameters.get(name)]
    arguments += [f"{name}={record.parameters[name]!r}" for name in direct]
    rest = {name: value for name, value in record.parameters.items() if name not in direct}
    if rest:
        arguments.append(f"params={rest!r}")
    if record.system:
        arguments.append(f"system={record.system!r}")
    if continued := lineage.named(record.continues):
        arguments.append(f"continues=d{continued.number}")
    comments = [
        f"# {_file(item)!r} is the picture with sha256 {item.sha256!r}"
        for item in lineage.outside(record)
    ]
    return "\n".join([*comments, f"d{record.number} = nbext.{verb}({', '.join(arguments)})"])


def _cell_name(item: ReferenceInfo, record: Record, lineage: Lineage) -> str:
    """Name a reference by its drawing, else by the user's name for it, else by its hash."""
    at = lineage.at(item, record)
    if at is None:
        return item.source or item.sha256[:12]
    return f"@{at[0]}.{at[1] + 1}" if at[1] else f"@{at[0]}"


def _step_name(item: ReferenceInfo, record: Record, lineage: Lineage) -> str:
    at = lineage.at(item, record)
    if at is None:
        return repr(_file(item))
    return f"d{at[0]}.pictures[{at[1]}]" if at[1] else f"d{at[0]}"


def _file(item: ReferenceInfo) -> str:
    """Return the user's file name for a picture from elsewhere, if it was a file."""
    return item.source if "." in item.source else f"{item.source or 'picture'}.png"


def _field(value: Any) -> str:
    """Write a value so that ``-p`` reads it back: text that looks like JSON is quoted."""
    if isinstance(value, str) and value[:1] not in ("{", "["):
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False, default=str)
