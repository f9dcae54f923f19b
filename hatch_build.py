"""Puts the quickstart into the wheel without its outputs: the demo runs it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class QuickstartHook(BuildHookInterface[Any]):
    """Adds ``nbext/quickstart.ipynb``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the notebook without outputs, and have it included."""
        if self.target_name != "wheel" or version == "editable":
            return
        notebook = json.loads(
            (Path(self.root) / "notebooks" / "quickstart.ipynb").read_text("utf-8")
        )
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        target = Path(self.directory) / "quickstart.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
        build_data["force_include"][str(target)] = "nbext/quickstart.ipynb"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the copy away again."""
        del version, build_data, artifact_path
        (Path(self.directory) / "quickstart.ipynb").unlink(missing_ok=True)
