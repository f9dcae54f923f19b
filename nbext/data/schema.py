"""The JSON schema of a record, for reading a history without nbext.

``record.schema.json`` beside this file is what ``python -m nbext.data.schema`` prints; a test holds
them together.
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import msgspec

from nbext.data.record import Draft, Record

_TIME: dict[str, object] = {"pattern": r"^$|^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"}
# What a writer writes, where a reader takes more.
WRITTEN: dict[str, dict[str, object]] = {
    "number": {"minimum": 0},
    "take": {"minimum": 0},
    "repeat": {"minimum": 0},
    "started": _TIME,
    "finished": _TIME,
    "digest": {"pattern": "^$|^[0-9a-f]{32}$"},
    "changes": {
        "properties": {
            "star": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "note": {"type": "string"},
            "cells": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
        }
    },
}
PATH = Path(__file__).with_name("record.schema.json")


def record_schema() -> bytes:
    """Return the schema shipped with the package."""
    return PATH.read_bytes()


def generate() -> bytes:
    """Generate the schema from the structs and their docstrings."""
    schema = msgspec.json.schema(Record)
    # Fields of newer versions are in the line itself, so any other field is allowed.
    schema["$defs"]["Record"]["properties"].pop(" unknown")
    schema["$defs"]["Record"].pop("additionalProperties")
    for field, strict in WRITTEN.items():
        schema["$defs"]["Record"]["properties"][field] |= strict
    for field, text in re.findall(r"^ {4}(\w+): (.+?)$", inspect.getdoc(Draft) or "", re.MULTILINE):
        if field in schema["$defs"]["Record"]["properties"]:
            schema["$defs"]["Record"]["properties"][field]["description"] = text
    for defined in schema["$defs"].values():
        defined["description"] = defined.get("description", "").strip().split("\n")[0]
    always = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of history.jsonl",
    }
    encoded = msgspec.json.encode(always | schema, order="deterministic")
    return msgspec.json.format(encoded, indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(generate())
