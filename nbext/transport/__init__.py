"""Send requests, and download what answers link to."""

from __future__ import annotations
