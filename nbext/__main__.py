"""``python -m nbext``."""

from __future__ import annotations

import sys

from nbext.cli.main import main

sys.exit(main())
