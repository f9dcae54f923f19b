"""Sending requests and fetching what answers point to."""

from __future__ import annotations
