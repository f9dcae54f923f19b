"""The Python interface: ``nbext.draw`` and the other functions."""

from __future__ import annotations
