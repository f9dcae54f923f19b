"""The IPython magics."""

from __future__ import annotations
