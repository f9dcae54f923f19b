"""``python -m tests.faults``: see ``--help``."""

from __future__ import annotations

import sys

from tests.faults.run import main

sys.exit(main(sys.argv[1:]))
