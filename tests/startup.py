"""Let the Python processes of the tests start sooner: one and a half seconds each.

Whatever reads a notebook imports ``jsonschema``, which builds a grammar of addresses on import where
``rfc3987_syntax`` is installed, and does without where it is not.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

LINE = 'import sys; sys.modules.setdefault("rfc3987_syntax", None)\n'


if __name__ == "__main__":
    (Path(sysconfig.get_path("purelib")) / "nbext_tests.pth").write_text(LINE, encoding="utf-8")
