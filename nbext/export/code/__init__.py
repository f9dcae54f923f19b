"""Write records as code and as notebook cells."""

from __future__ import annotations
