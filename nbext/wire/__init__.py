"""One module per wire format, pure: request to body, reply or stream to events."""

from __future__ import annotations
