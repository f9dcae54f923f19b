"""Strings and numbers that a JSON Schema allows, the likeliest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.embedded.pattern import matching

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIES = 40  # values to try for each place
_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "cat@example.com",
    "idn-email": "cat@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/cat",
    "uri-reference": "/cat",
    "iri": "https://example.com/cat",
    "iri-reference": "/cat",
    "uri-template": "/{cat}",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/cat",
    "relative-json-pointer": "0/cat",
    "regex": "cat",
}


def strings(flat: dict[str, Any], text: str) -> Iterator[str]:
    """Yield texts of the length, pattern or format in the schema."""
    least, most = flat.get("minLength", 0), flat.get("maxLength", 100_000)
    if least > 100_000:
        return
    for number in range(TRIES):
        if "pattern" in flat:
            match = matching(flat["pattern"], number)
            if match is not None and least <= len(match) <= most:
                yield match
            if number == TRIES - 1 and (match := matching(flat["pattern"], least)) is not None:
                yield match
        elif flat.get("format") in _FORMATS:
            yield _FORMATS[flat["format"]]
        else:
            tail = f" {number + 1}" if number else ""
            yield (text.ljust(least - len(tail), ".") + tail)[: int(most)]
            if number and most < len(text) + len(tail):
                yield str(number).rjust(least, "0")[-int(most) :] if most else ""


def numbers(flat: dict[str, Any], *, whole: bool) -> Iterator[float]:
    """Yield numbers in the range and steps of the schema; 1 first, if it is allowed."""
    step = flat.get("multipleOf") or (1 if whole else 0)
    low = flat.get("minimum", flat.get("exclusiveMinimum"))
    high = flat.get("maximum", flat.get("exclusiveMaximum"))
    start = 1 if low is None or low < 1 <= (high if high is not None else 1) else low
    if high is not None and start > high:
        start = high
    if step:
        whole_steps = -(-start // step)
        for number in range(TRIES):
            up = (whole_steps + number) * step
            yield int(up) if whole and up == int(up) else up
            down = (whole_steps - number - 1) * step
            yield int(down) if whole and down == int(down) else down
        return
    if low is not None and high is not None:
        for number in range(TRIES):
            yield low + (high - low) * (number + 1) / (TRIES + 1)
        yield from (low, high)
    for number in range(TRIES):
        yield start + number
        yield start - number
