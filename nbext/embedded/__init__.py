"""The endpoint that needs no key: the wire formats, and an artist instead of a model."""

from __future__ import annotations
