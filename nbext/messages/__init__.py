"""The messages for users in English and Chinese: a table for each room, and ``say``."""

from __future__ import annotations
