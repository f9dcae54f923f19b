"""What everything speaks of: plain structs without I/O."""

from __future__ import annotations
