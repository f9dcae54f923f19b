"""The folder on disk: records, pictures, and which of them answer a request again."""

from __future__ import annotations
