"""``python -m nbext``."""

from __future__ import annotations

import sys

from nbext.cli import main

sys.exit(main())
