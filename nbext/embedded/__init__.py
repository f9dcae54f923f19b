"""The endpoint without a key: the usual wire formats, with an artist instead of a model."""

from __future__ import annotations
