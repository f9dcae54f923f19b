"""A real MCP client asks a real Jupyter server, in which jupyter-server-mcp offers our tools.

Run by hand in an environment with ``nbext[agents]``: ``python tests/peers/agents.py``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEY = "sk-canary-0123456789abcdef"


async def talk(url, notebook):
    """Ask for each tool, and print what comes."""
    from fastmcp import Client

    async with Client(url) as client:
        tools = {tool.name for tool in await client.list_tools()}
        print("tools:", *sorted(name for name in tools if name.startswith("nbext")))
        seen = []
        for name, arguments in (
            ("nbext_draw", {"prompt": "a cat with a red hat"}),
            ("nbext_edit", {"prompt": "make it night"}),
            ("nbext_look", {"drawing": "@1"}),
            ("nbext_search", {"text": "cat"}),
            ("nbext_cost", {}),
        ):
            result = await client.call_tool(name, {**arguments, "notebook": str(notebook)})
            seen += result.content
            for block in result.content:
                size = len(base64.b64decode(block.data)) if block.type == "image" else 0
                print(f"{name}: {f'a preview of {size:,} bytes' if size else block.text!r}")
                assert size <= 30_000, size
        assert KEY not in str(seen)
        return await client.call_tool(
            "nbext_draw", {"prompt": "one more", "notebook": str(notebook)}, raise_on_error=False
        )


def main():
    """Start the server, talk to it, end it."""
    sys.path.insert(0, str(ROOT))
    from nbext.api.agents import TOOLS
    from nbext.embedded.server import Endpoint

    with tempfile.TemporaryDirectory() as folder:
        relay = Endpoint(pace=0, key=KEY)
        relay.start()
        home = Path(folder)
        port = 40_000 + os.getpid() % 20_000
        environment = {
            **os.environ,
            "HOME": folder,
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "NBEXT_BASE_URL": relay.base_url,
            "NBEXT_API_KEY": KEY,
            "NBEXT_MAX_REQUESTS": "2",
            "JUPYTER_CONFIG_DIR": str(home / "config"),
        }
        config = {
            "ServerApp": {
                "jpserver_extensions": {"jupyter_server_mcp": True},
                "ip": "127.0.0.1",
                "port": 0,
            },
            "MCPExtensionApp": {"mcp_port": port, "mcp_tools": TOOLS, "use_tool_discovery": False},
        }
        (home / "cats.ipynb").write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5}')
        (home / "config").mkdir()
        (home / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"],
            cwd=folder,
            env=environment,
        )
        refused = None
        try:
            for _ in range(120):
                time.sleep(0.5)
                try:
                    refused = asyncio.run(talk(f"http://127.0.0.1:{port}/mcp", home / "cats.ipynb"))
                except RuntimeError as error:
                    if "connect" not in str(error).lower():
                        raise
                    continue
                break
            assert refused is not None
            assert refused.is_error, "the budget of two requests holds"
            print("refused:", refused.content[0].text)
        finally:
            server.terminate()
            server.wait()
            relay.stop()


if __name__ == "__main__":
    main()
