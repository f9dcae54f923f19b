"""The literal values of events and records."""

from __future__ import annotations

from typing import Literal

# A ``poll`` is a page that will link to a picture later; of a ``maybe`` only the bytes tell.
LinkKind = Literal["picture", "film", "poster", "poll", "maybe"]
JobStatus = Literal["queued", "running", "done", "failed"]
ProgressState = Literal["queued", "running", "done", "retry"]
