"""The wire formats, one module each, without I/O: request to body, answer to events."""

from __future__ import annotations
