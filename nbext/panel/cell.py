"""A drawing as the cell that makes it."""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbext.data.record import ReferenceInfo
    from nbext.history.drawing import Drawing
    from nbext.history.history import History

_NAMED = ("aspect", "size", "quality", "format", "seed")
_NAME = re.compile(r"\{([^\W\d]\w*)\}")


def cell_of(
    drawing: Drawing, *, names: Iterable[str] = (), endpoints: Iterable[str] = (), takes: int = 1
) -> str:
    """Write the ``%%draw`` cell that asks for a drawing again.

    Args:
        drawing: The drawing.
        names: The notebook's variables: a prompt that speaks of ``{one}`` keeps its braces.
        endpoints: The endpoints that can be named.
        takes: How many.

    Example:
        >>> print(cell_of(nbext.history[3]))  # doctest: +SKIP
        %%draw gpt-4o-image --aspect 2:3 -i @2
        加一顶帽子
    """
    record, history = drawing.record, drawing.history
    words = [record.model]
    if takes > 1:
        words += ["-n", str(takes)]
    for reference in record.references:
        words += ["-i", _named(reference, history)]
    if record.mask is not None:
        words += ["--mask", _named(record.mask, history)]
    for name in _NAMED:
        if record.parameters.get(name) not in (None, ""):
            words += [f"--{name}", str(record.parameters[name])]
    for name, value in record.parameters.items():
        if name not in _NAMED:
            words += ["-p", f"{name}={_written(value)}"]
    if record.system:
        words += ["--system", record.system]
    if record.continues:
        before = history.by_ids([record.continues])
        words += ["-c", f"@{before[0].number}"] if before else []
    if record.endpoint in endpoints:
        words += ["--endpoint", record.endpoint]
    known = set(names)
    prompt = _NAME.sub(
        lambda found: f"{{{found[0]}}}" if found[1] in known else found[0], record.prompt
    )
    # A line's end in an option would end the magic's line.
    line = " ".join(shlex.quote(" ".join(str(word).split("\n"))) for word in words)
    return f"%%draw {line}\n{prompt}"


def _named(item: ReferenceInfo, history: History) -> str:
    """Name a reference: by its drawing, else by its file in the history's folder."""
    for drawing in history.by_ids([item.drawing]):
        for picture in drawing.pictures:
            if picture.sha256 == item.sha256:
                return picture.name
    path = history.store.path(item.sha256)
    if path is not None:
        return os.path.relpath(path, history.store.folder.parent)
    return item.source


def _written(value: Any) -> str:
    return value if isinstance(value, str) and not _reads_as_json(value) else json.dumps(value)


def _reads_as_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
