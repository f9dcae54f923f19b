"""The wire formats by name, imported at first use."""

from __future__ import annotations

import functools
from importlib import import_module
from typing import TYPE_CHECKING

from nbext.families.registry import checked_wire
from nbext.families.table import table

if TYPE_CHECKING:
    from nbext.data.family import Family
    from nbext.data.request import Request
    from nbext.wire.events import Call, Wire


@functools.cache
def wire_format(name: str) -> Wire:
    """Return a wire format by its name.

    Raises:
        OptionError: There is no such wire format.
    """
    wire: Wire = import_module(f"nbext.wire.{checked_wire(name)}").WIRE
    return wire


def encode(request: Request, name: str, family: Family | None = None) -> Call:
    """Encode a request in a wire format, adapted to its family.

    Args:
        request: The request.
        name: The wire format.
        family: The family of its model; by default the one in the table.

    Raises:
        OptionError: There is no such wire format, or it does not support part of the request.
    """
    from nbext.wire.fit import fit

    wire = checked_wire(name)
    family = family if family is not None else table().find(request.model)
    return wire_format(wire).encode(fit(request, family, wire))
