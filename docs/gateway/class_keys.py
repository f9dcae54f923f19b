"""A key and a budget for each student, for LiteLLM's proxy without a database.

``keys.json`` beside this file says whose key is whose:
``{"sk-…": "ada", "sk-…": "grace"}``. ``spending.db`` has what each has spent.
``CLASS_BUDGET`` in the environment is what each may spend, in US dollars;
``CLASS_PRICE`` counts for a request whose price LiteLLM does not know.
"""

import json
import os
import sqlite3
from pathlib import Path

from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy._types import ProxyException, UserAPIKeyAuth

HERE = Path(__file__).parent
BUDGET = float(os.environ.get("CLASS_BUDGET", "2.00"))
PRICE = float(os.environ.get("CLASS_PRICE", "0.05"))


def connect():
    """Open the table of what each student has spent."""
    table = sqlite3.connect(HERE / "spending.db", timeout=30, isolation_level=None)
    table.execute("CREATE TABLE IF NOT EXISTS spending (student TEXT PRIMARY KEY, usd REAL)")
    return table


def spent_by(student):
    """What a student has spent, in US dollars."""
    row = connect().execute("SELECT usd FROM spending WHERE student = ?", (student,)).fetchone()
    return row[0] if row else 0.0


async def authenticate(request, api_key):
    """Let a student in whose key is known and whose budget is not used up.

    Only one request of a student is let in at a time, so that a budget is exceeded by one picture
    at most.
    """
    student = json.loads((HERE / "keys.json").read_text()).get(api_key)
    if student is None:
        raise ProxyException("This key is not known.", "auth_error", "api_key", 401)
    spent = spent_by(student)
    if spent >= BUDGET and request.method == "POST":
        words = f"Budget has been exceeded! Spend: {spent:.2f}, budget: {BUDGET:.2f} USD."
        raise ProxyException(words, "budget_exceeded", "budget", 400)
    return UserAPIKeyAuth(
        api_key=api_key,
        user_id=student,
        spend=spent,
        max_budget=BUDGET,
        max_parallel_requests=1,
    )


class Spending(CustomLogger):
    """Notes what each request has cost."""

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        """Add the price of a request to what its student has spent."""
        metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
        student = metadata.get("user_api_key_user_id")
        if not student:
            return
        usd = kwargs.get("response_cost") or PRICE
        connect().execute(
            "INSERT INTO spending VALUES (?, ?) ON CONFLICT DO UPDATE SET usd = usd + excluded.usd",
            (student, usd),
        )


spending = Spending()
