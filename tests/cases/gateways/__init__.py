"""Answers of gateways and providers as their own documentation and public clients show them."""

from __future__ import annotations

from tests.cases.gateways import (
    addresses,
    china,
    clouds,
    films,
    forms,
    jobs,
    languages,
    lives,
    mixtures,
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
    "addresses",
    "china",
    "clouds",
    "films",
    "forms",
    "jobs",
    "languages",
    "lives",
    "mixtures",
    "others",
    "proxies",
    "queues",
    "servers",
    "services",
    "studios",
]
