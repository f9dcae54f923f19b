"""Answers of gateways and providers as their own documentation and public clients show them."""

from __future__ import annotations

from tests.cases.gateways import (
    china,
    clouds,
    forms,
    jobs,
    languages,
    others,
    proxies,
    queues,
    servers,
    services,
    studios,
)
from tests.cases.gateways.rows import GATEWAYS

__all__ = [
    "GATEWAYS",
    "china",
    "clouds",
    "forms",
    "jobs",
    "languages",
    "others",
    "proxies",
    "queues",
    "servers",
    "services",
    "studios",
]
