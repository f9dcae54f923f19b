"""JupyterLite in a browser: a site without a server or a kernel shows what was recorded.

Run by ``make peers``, or by itself: ``python tests/peers/lite.py``. It builds a JupyterLite site with a
notebook and an exported gallery, opens both in Chromium, and then opens the notebook's history with
nbext itself, in the Python that Pyodide runs inside the page.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# The wheels that are built for Pyodide and published as such; every other one is pure Python.
WHEELS = ("msgspec", "pybase64")
PURE = ("filelock", "jinja2", "markdown-it-py", "traitlets")
PLATFORM = ("--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14")
SHOWN = "() => [...document.querySelectorAll('{0}')].filter(i => i.naturalWidth > 0).length >= {1}"
PAGE = """<!doctype html><title>nbext in the browser</title><pre id="result"></pre>
<script type="module">
import { loadPyodide } from "./pyodide/pyodide.mjs";
const python = await loadPyodide();
const archive = await (await fetch("packages.zip")).arrayBuffer();
python.unpackArchive(archive, "zip", { extractDir: "/packages" });
try {
  document.getElementById("result").textContent = await python.runPythonAsync(`
import sys
sys.path.insert(0, "/packages")
import nbext
history = nbext.open("/packages/cats.draws")
shown, _ = history[2]._repr_mimebundle_()
assert "image/png" in shown and history.verify().ok and len(history.search("cat")) == 1
assert "2 requests" in str(history.methods())
try:
    nbext.draw("a cat")
except nbext.NbextError as error:
    assert "no threads" in str(error)
f"{len(history)} drawings, {history[2].prompt}, {history[2].parents[0].prompt}"
`);
} catch (error) { document.getElementById("result").textContent = "failed: " + error; }
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    extensions_map = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_):
        """Say nothing."""


def run(*command, cwd):
    """Run a command, and end with its output where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=900)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{(done.stdout + done.stderr)[-2000:]}")


def install(home):
    """Install JupyterLite, and fetch Pyodide with the packages that nbext needs in it."""
    if (home / ".installed").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-m", "venv", home / "env", cwd=home)
    python = home / "env/bin/python"
    run(python, "-m", "pip", "install", "-q", "jupyterlite-core[contents]>=0.8,<0.9", cwd=home)
    run("npm", "install", "--silent", "--no-fund", "--no-audit", "pyodide@314", cwd=home)
    into = ("--target", home / "packages", "-q")
    only = ("--only-binary", ":all:")
    run(
        *(python, "-m", "pip", "install", *into, *only, "--no-deps", *PLATFORM, *WHEELS),
        cwd=home,
    )
    run(python, "-m", "pip", "install", *into, "--no-deps", *PURE, cwd=home)
    (home / ".installed").touch()


def draw(folder):
    """Record two drawings, and export them: the files that a site would have."""
    os.environ |= {"NBEXT_HISTORY_FOLDER": str(folder / "cats.draws"), "NBEXT_EMBEDDED_PACE": "0"}
    import nbext

    nbext.draw("a cat with a red hat").edit("make it night")
    nbext.history.to_html(str(folder / "cats.html"))


def build(home, folder):
    """Build the site, with the page that runs Python beside it."""
    site = folder / "site"
    shutil.copy(ROOT / "notebooks/quickstart.ipynb", folder)
    jupyter = home / "env/bin/jupyter"
    contents = [f"--contents={folder / name}" for name in ("quickstart.ipynb", "cats.html")]
    run(jupyter, "lite", "build", f"--output-dir={site}", *contents, cwd=folder)
    shutil.copytree(home / "node_modules/pyodide", site / "pyodide")
    (site / "python.html").write_text(PAGE)
    with zipfile.ZipFile(site / "packages.zip", "w") as archive:
        for root, pattern in ((home / "packages", "**/*"), (folder, "cats.draws/**/*")):
            for path in sorted(root.glob(pattern)):
                if path.is_file():
                    archive.write(path, path.relative_to(root))
        for path in sorted((ROOT / "nbext").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(ROOT))
    return site


def look(site):
    """Open notebook, gallery and Python in a browser without any server for Jupyter."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import ARGUMENTS, NAMES

    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.goto(f"{url}/lab/index.html?path=quickstart.ipynb")
        page.wait_for_function(SHOWN.format(".jp-OutputArea-output img", 4))
        print("JupyterLite shows the recorded pictures of a notebook, without a kernel")
        page.goto(f"{url}/files/cats.html")
        page.wait_for_function(SHOWN.format("img", 2))
        page.fill("input[type=search]", "night")
        page.wait_for_function("() => document.body.innerText.includes('1 of 2')")
        print("JupyterLite's site shows an exported gallery, which searches")
        page.goto(f"{url}/python.html")
        page.wait_for_function("() => document.getElementById('result').textContent")
        result = page.inner_text("#result")
        browser.close()
    server.shutdown()
    assert result == "2 drawings, make it night, a cat with a red hat", result
    print("nbext opens, searches, verifies and describes a history in Pyodide")


def main():
    """Install, draw, build, look."""
    home = ROOT / ".peers/jupyterlite"
    install(home)
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder))
        look(build(home, Path(folder)))


if __name__ == "__main__":
    main()
