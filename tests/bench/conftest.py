"""The browser and the JupyterLab of the browser tests, for figures that only a page can give."""

from __future__ import annotations

from tests.browser.conftest import browser, chromium, lab

__all__ = ["browser", "chromium", "lab"]
