"""The wire formats by name; each is imported when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from nbext.families.registry import checked_wire

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.wire.events import Wire


def wire_format(name: str) -> Wire:
    """Get a wire format by its name.

    Raises:
        OptionError: There is none of this name.
    """
    wire: Wire = import_module(f"nbext.wire.{checked_wire(name)}").WIRE
    return wire


def advice(name: str, request: Request) -> list[str]:
    """Warn of what relays accept in silence and bill: sizes, ratios, seconds a model does not have.

    Args:
        name: The wire format.
        request: The request as it is about to be sent.

    Returns:
        Warnings, each with its source; none where the wire format has no such rules.
    """
    module = import_module(f"nbext.wire.{checked_wire(name)}")
    return list(module.advice(request)) if hasattr(module, "advice") else []
