"""Run the clients of other projects against ``nbext serve``, and our client against other servers.

It prints what works, in two tables.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS, SERVERS = HERE / "clients", HERE / "servers"
INSTALL_SECONDS = 600
RUN_SECONDS = 400


@dataclass(frozen=True)
class Peer:
    """A client or a server: its script, and the packages that it needs.

    Attributes:
        script: In ``clients/``, run by the client's own Python or by Node; of a server in ``servers/``, run
            by ours with the folder where the server is installed.
        packages: Of Python, unless the script is one for Node.
        node_packages: Packages for Node that it needs beside them.
    """

    script: str
    packages: tuple[str, ...] = ()
    node_packages: tuple[str, ...] = ()

    @property
    def is_node(self) -> bool:
        """Whether it runs on Node."""
        return self.script.endswith(".mjs")


PEERS = {
    "openai": Peer("openai_client.py", ("openai",)),
    "google-genai": Peer("google_client.py", ("google-genai", "pillow")),
    "litellm": Peer("litellm_client.py", ("litellm",)),
    "chatlas": Peer("chatlas_client.py", ("chatlas", "openai")),
    "llm": Peer("llm_client.py", ("llm", "pyyaml")),
    "langchain-openai": Peer("langchain_client.py", ("langchain-openai",)),
    "pydantic-ai": Peer("pydantic_ai_client.py", ("pydantic-ai-slim[openai]",)),
    "openai-agents": Peer("agents_client.py", ("openai-agents",)),
    "instructor": Peer("instructor_client.py", ("instructor",)),
    "ai-sdk": Peer("ai_sdk.mjs", node_packages=("ai", "@ai-sdk/openai", "@ai-sdk/google", "zod")),
}
SERVING = {
    "litellm-proxy": Peer("litellm_proxy.py", ("litellm[proxy]",)),
    "jupyterhub": Peer("jupyterhub.py", ("jupyterhub",), ("configurable-http-proxy",)),
    "aimock": Peer("aimock.py", node_packages=("@copilotkit/aimock",)),
    "llmock": Peer("llmock.py", ("llmock",)),
}


def install(name: str, peer: Peer, folder: Path, *, fresh: bool) -> Path:
    """Install a peer in a folder of its own; what is there already stays, unless ``fresh``.

    Returns:
        The program that runs its script.

    Raises:
        RuntimeError: If it does not install.
    """
    home = folder / name
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    marker = home / ".installed"
    commands: list[list[str]] = []
    program = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    if peer.packages:
        install = [str(program), "-m", "pip", "install", "--quiet", "--upgrade"]
        commands += [[sys.executable, "-m", "venv", str(home)], [*install, *peer.packages]]
    if peer.node_packages:
        node = shutil.which("node")
        if node is None:
            raise RuntimeError("there is no node")
        npm = ["npm", "install", "--silent", "--no-fund", "--no-audit"]
        commands.append([*npm, *peer.node_packages])
        program = program if peer.packages else Path(node)
    if marker.exists():
        return program
    home.mkdir(parents=True, exist_ok=True)
    for command in commands:
        done = subprocess.run(
            command, cwd=home, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
        if done.returncode:
            raise RuntimeError(f"not installed: {done.stderr.strip()[-300:]}")
    marker.touch()
    return program


def probe(name: str, peer: Peer, program: Path, folder: Path, endpoint: dict[str, str]) -> dict:
    """Run a peer's script.

    Returns:
        capability → ``yes``, or what went wrong.

    Raises:
        RuntimeError: If the script itself fails.
    """
    script = CLIENTS / peer.script
    if peer.is_node:  # modules are looked for beside the script
        script = Path(shutil.copy(script, folder / name))
    names = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR", "TEMP")
    environment = {one: os.environ[one] for one in names if one in os.environ} | endpoint
    command = [str(program), str(script)]
    if name in SERVING:
        command = [sys.executable, str(SERVERS / peer.script), str(folder / name)]
        environment |= {"PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        command,
        cwd=folder / name,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"the script failed: {done.stderr.strip()[-300:]}")
    return json.loads(lines[-1])


def table(results: dict[str, dict[str, str]]) -> str:
    """The results in Markdown: a row for each peer, a column for each capability."""
    columns = list(dict.fromkeys(name for report in results.values() for name in report))
    rows = [["peer", *columns], ["---"] * (len(columns) + 1)]
    for peer, report in results.items():
        marks = ["·" if c not in report else "yes" if report[c] == "yes" else "NO" for c in columns]
        rows.append([peer, *marks])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> int:
    """Run the peers that are named, or all."""
    from nbext.embedded.server import Endpoint

    known = PEERS | SERVING
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=", ".join(known))
    parser.add_argument(
        "--folder", type=Path, default=Path(".peers"), help="where they are installed"
    )
    parser.add_argument("--fresh", action="store_true", help="install the newest versions again")
    options = parser.parse_args()
    if unknown := set(options.peers) - set(known):
        parser.error(
            f"no peer is called {', '.join(sorted(unknown))}: there are {', '.join(known)}"
        )
    folder = options.folder.resolve()
    results: dict[str, dict[str, str]] = {}
    server = Endpoint(pace=0)
    server.start()
    address = {"PEER_BASE_URL": server.base_url, "PEER_KEY": server.key}
    try:
        for name in options.peers or known:
            print(f"{name} …", file=sys.stderr, flush=True)
            try:
                program = install(name, known[name], folder, fresh=options.fresh)
                results[name] = probe(name, known[name], program, folder, address)
            except (RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
                results[name] = {"runs": str(error)}
    finally:
        server.stop()
    for group in (PEERS, SERVING):
        if some := {name: report for name, report in results.items() if name in group}:
            print(f"{table(some)}\n", flush=True)
    failures = [
        f"{peer}, {capability}: {words}"
        for peer, report in results.items()
        for capability, words in report.items()
        if words != "yes"
    ]
    if failures:
        print("\n" + "\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
