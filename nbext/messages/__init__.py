"""What users read, in English and Chinese: one table a language, and ``say``."""

from __future__ import annotations
