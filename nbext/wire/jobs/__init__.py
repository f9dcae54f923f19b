"""Understand answers about asynchronous jobs, in any of the forms that endpoints use."""

from __future__ import annotations

from nbext.wire.jobs.ids import names_job, own
from nbext.wire.jobs.parse import is_job, job
from nbext.wire.jobs.reasons import failed_items, item_error, partial_reasons
from nbext.wire.jobs.results import DRAWN_WITH, drawn_with
from nbext.wire.jobs.status import STATUS_RULES, has_state, is_missing, percent_of, status_of

__all__ = [
    "DRAWN_WITH",
    "STATUS_RULES",
    "drawn_with",
    "failed_items",
    "has_state",
    "is_job",
    "is_missing",
    "item_error",
    "job",
    "names_job",
    "own",
    "partial_reasons",
    "percent_of",
    "status_of",
]
