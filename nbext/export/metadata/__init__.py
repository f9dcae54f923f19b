"""What a picture file says of how it was made."""

from __future__ import annotations
