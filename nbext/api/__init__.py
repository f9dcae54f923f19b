"""The Python interface: ``nbext.draw`` and the others."""

from __future__ import annotations
