"""The panel: a workbench of widgets, and its parts."""

from __future__ import annotations
