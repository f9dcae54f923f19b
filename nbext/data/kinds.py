"""The words that events and records choose from."""

from __future__ import annotations

from typing import Literal

# A page that will name a picture later is a ``poll``; of a ``maybe`` the bytes alone tell.
LinkKind = Literal["picture", "film", "poster", "poll", "maybe"]
JobStatus = Literal["queued", "running", "done", "failed"]
ProgressState = Literal["queued", "running", "done", "retry"]
