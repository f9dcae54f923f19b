"""Records as an archive that others can read."""

from __future__ import annotations
