"""Read notebook files, and find the notebook that is running."""

from __future__ import annotations
