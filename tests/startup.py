"""Let the Python processes of the tests start sooner: one and a half seconds each.

Whatever reads a notebook imports ``jsonschema``, which imports all that checks formats where it is
installed, and does without where it is not. The first of these builds a grammar of addresses on import.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

CHECKERS = (
    "rfc3987_syntax",
    "rfc3986_validator",
    "isoduration",
    "uri_template",
    "webcolors",
    "fqdn",
)
LINE = f"import sys; sys.modules.update(dict.fromkeys({CHECKERS!r}))\n"


if __name__ == "__main__":
    (Path(sysconfig.get_path("purelib")) / "nbext_tests.pth").write_text(LINE, encoding="utf-8")
