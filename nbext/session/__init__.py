"""A running notebook: from options to a request, from a request to a record."""

from __future__ import annotations
