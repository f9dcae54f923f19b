"""What users read, in English and Chinese: a table for each part of the program, and ``say``."""

from __future__ import annotations
