"""Notices about a request before it is sent, and the case that the checks look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import msgspec

from nbext.data.family import Family
from nbext.data.request import Request, WireName
from nbext.messages.say import phrase


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a request that its family does not accept.

    Attributes:
        level: ``error`` if the endpoint would refuse it or draw something else; ``warning`` if it
            is ignored, or worth knowing.
        field: The field of the request, or of its body.
        message: What is not accepted.
        remedy: What is accepted instead.
        once: Whether it concerns the model rather than the request, so that once is enough.

    Example:
        >>> str(Notice(level="warning", field="seed", message="It has no seed.", remedy=""))
        'It has no seed.'
    """

    level: Literal["error", "warning"]
    field: str
    message: str
    remedy: str = ""
    once: bool = False

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its family and the wire format to be used."""

    request: Request
    family: Family
    wire: WireName
    model_names: Sequence[str]
    today: dt.date

    @property
    def model(self) -> str:
        """The model's name."""
        return self.request.model

    @property
    def strict(self) -> bool:
        """Whether options that the family does not accept are refused."""
        return self.wire in self.family.strict

    def shape_notice(self, field: str, message: str, remedy: str) -> Notice:
        """Create a notice about a shape: an error, unless relays are known to accept more."""
        level: Literal["error", "warning"] = "warning" if self.family.loose else "error"
        return Notice(level=level, field=field, message=message, remedy=remedy)

    def option_notice(self, field: str, message: str, remedy: str) -> Notice:
        """Create a notice about an option: an error if the endpoint is strict, else a warning."""
        if self.strict:
            return Notice(level="error", field=field, message=message, remedy=remedy)
        return Notice(
            level="warning",
            field=field,
            message=message,
            remedy=phrase("model.may_be_ignored", remedy=remedy),
        )
