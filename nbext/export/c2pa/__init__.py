"""Read and write Content Credentials."""

from __future__ import annotations
