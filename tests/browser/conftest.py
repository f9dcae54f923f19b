"""A browser, a JupyterLab, and pages that tell what went wrong in them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The first is the same browser without its own windows, and takes a third less of the processor.
NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "microsoft-edge"),
)
READY = """name => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  const context = widget?.sessionContext;
  const kernel = context?.session?.kernel;
  return !!(widget?.context?.path === name && context?.isReady && kernel?.connectionStatus === "connected" && kernel.status === "idle");
}"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.browser)


def missing(what):
    """Skip, but fail where everything should be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def find_chromium():
    """Find the browser, None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium():
    """Where the browser is."""
    found = find_chromium()
    if not found:
        missing("no Chromium, Chrome or Edge: sudo apt-get install chromium, or set CHROMIUM")
    return found


@pytest.fixture(scope="module")
def browser(chromium):
    """A browser for the tests of a file.

    Playwright keeps an event loop running in this thread while it is there, so it must be gone before
    other tests run loops of their own.
    """
    from playwright.sync_api import expect, sync_playwright

    # What does not come never comes; what is late came late to a busy machine.
    expect.set_options(timeout=60_000)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


VIEWPORT = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def pages():
    """Pages of local files by the options of their context: a new page is ten times as much work."""
    return {}


@pytest.fixture
def open_page(browser, pages):
    """Open pages that remember errors and what they asked the network for."""
    contexts, taken = [], []

    def new(how):
        context = browser.new_context(**{"viewport": VIEWPORT, **how})
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.errors, page.asked = [], []
        page.on("pageerror", lambda error: page.errors.append(error.stack or str(error)))
        page.on("console", lambda m: page.errors.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: page.asked.append(request.url))
        return page

    def open_(url, *, wait_until="load", **how):
        shared = url.startswith("file:")
        key = json.dumps(how, sort_keys=True)
        page = pages.pop(key, None) if shared else None
        if page is None:
            page = new(how)
        if shared:
            taken.append((key, page))
        else:
            contexts.append(page.context)
        page.set_viewport_size(how.get("viewport", VIEWPORT))
        page.emulate_media(media="null", color_scheme=how.get("color_scheme", "light"))
        same = page.url.partition("#")[0] == url.partition("#")[0]
        if same:
            page.goto(url)
        page.errors.clear()
        page.asked.clear()
        if same:
            page.reload(wait_until=wait_until)
        else:
            page.goto(url, wait_until=wait_until)
        return page

    yield open_
    for key, page in taken:
        if key in pages:
            contexts.append(page.context)
        else:
            pages[key] = page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, which npm brings."""
    source = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        missing("axe-core is not installed: npm --prefix tests/browser install")
    return source.read_text(encoding="utf-8")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environ_in(home):
    """An environment in which a host finds this package, no key, and nobody's settings."""
    others = ("NBEXT_", "OPENAI_", "LITELLM_", "JPY_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return kept | {
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONPATH": str(ROOT),
        "NBEXT_EMBEDDED_PACE": "0.4",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def end(server):
    """Stop a server that leads its group, and what it started."""
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


class Lab:
    """A JupyterLab (and Notebook 7) server of its own: settings, runtime, kernels and notebooks in one folder."""

    def __init__(self, home):
        self.home = home
        self.root = home / "notebooks"
        self.root.mkdir()
        settings = home / "settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        quiet = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
        # The launcher opens a while after the last notebook was closed, in front of the next one.
        labconfig = home / "config/labconfig"
        labconfig.mkdir(parents=True)
        disabled = {"disabledExtensions": {"@jupyterlab/launcher-extension": True}}
        (labconfig / "page_config.json").write_text(json.dumps(disabled))
        port = free_port()
        self.token = secrets.token_hex(8)
        self.url = f"http://127.0.0.1:{port}"
        env = environ_in(home)
        self.log = (home / "server.log").open("wb")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={self.root}",
                "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
                "--LabApp.news_url=None",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--ServerApp.log_level=WARN",
            ],
            env=env,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError((home / "server.log").read_text()[-2000:])
            with contextlib.suppress(OSError):
                self.ask("/api/status")
                return
            time.sleep(0.1)
        raise TimeoutError("JupyterLab did not start within a minute")

    def ask(self, path, method="GET"):
        address = f"{self.url}{path}?token={self.token}"
        with urllib.request.urlopen(
            urllib.request.Request(address, method=method), timeout=60
        ) as r:
            return r.read()

    def end_kernels(self, notebook=""):
        """End the kernels of a notebook, of all where none is named."""
        for session in json.loads(self.ask("/api/sessions")):
            if notebook in ("", session["path"]):
                self.ask(f"/api/sessions/{session['id']}", "DELETE")

    def stop(self):
        end(self.process)
        self.log.close()


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    del chromium
    running = Lab(tmp_path_factory.mktemp("lab"))
    yield running
    running.stop()


@contextlib.contextmanager
def lab_in_browser():
    """Start JupyterLab in a new folder, and a browser, for the scripts that take pictures."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        running = Lab(Path(folder))
        launched = driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            yield running, launched
        finally:
            launched.close()
            running.stop()


class Notebook:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page, lab, name):
        self.page, self.lab, self.path = page, lab, lab.root / name
        self.reloads = 0

    @property
    def panel(self):
        """The notebook's own part of the page: JupyterLab may have others open."""
        current = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.id")
        return self.page.locator(f'[id="{current}"]')

    def wait_until_ready(self):
        """Wait until the notebook is in front, its cells are there, and its kernel is idle."""
        self.page.wait_for_function(READY, arg=self.path.name, timeout=60_000)
        self.panel.locator(".jp-CodeCell").first.wait_for(timeout=60_000)

    def reload(self):
        """Load the page again, until JupyterLab has brought back what was open."""
        self.reloads += 1
        self.page.reload()
        wait_until_restored(self.page)
        self.wait_until_ready()

    def command(self, name):
        # Not awaited: evaluate() has no time-out.
        self.page.evaluate("name => { window.jupyterapp.commands.execute(name, {}); }", name)

    def run_all(self, seconds=60):
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(
            """() => [...window.jupyterapp.shell.currentWidget.content.widgets].every(cell =>
              cell.model.type !== "code" ||
              (cell.model.executionCount !== null && cell.model.executionState !== "running"))""",
            timeout=seconds * 1000,
        )

    def kernel(self, code, seconds=20):
        """Run code in the notebook's kernel, beside its cells; give what it printed."""
        return self.page.evaluate(
            """async ([code, limit]) => {
              const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const asked = kernel.requestExecute({ code, store_history: false });
              let said = "";
              asked.onIOPub = (m) => {
                if (m.header.msg_type === "stream") said += m.content.text;
                if (m.header.msg_type === "error") said += "ERROR " + m.content.evalue;
              };
              const late = new Promise((_, no) => setTimeout(() => no(new Error("late")), limit));
              await Promise.race([asked.done, late]);
              return said;
            }""",
            [code, seconds * 1000],
        )

    def restart(self):
        self.page.evaluate(
            """() => Promise.race([
              window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(),
              new Promise((_, no) => setTimeout(() => no(new Error("late")), 20000)),
            ])"""
        )
        self.wait_until_ready()

    def save(self):
        """Save the notebook; give it as the file holds it."""
        before = self.path.stat().st_mtime_ns
        self.command("docmanager:save")
        for _ in range(400):
            self.page.wait_for_timeout(50)
            if self.path.stat().st_mtime_ns == before:
                continue
            try:
                return json.loads(self.path.read_text())
            except json.JSONDecodeError:  # the server empties the file before it writes it
                continue
        raise TimeoutError("the notebook was not saved")

    def dark(self):
        set_theme(self.page, "Dark")


def set_theme(page, theme):
    """Show JupyterLab in its Dark or its Light theme; it keeps that for the pages that follow."""
    page.evaluate(
        """theme => { window.jupyterapp.commands.execute(
          "apputils:change-theme", { theme: `JupyterLab ${theme}` }); }""",
        theme,
    )
    light = "true" if theme == "Light" else "false"
    page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")


OPEN = """path => { window.jupyterapp.commands.execute("docmanager:open", { path }); }"""
CLOSE = """() => {
  for (const widget of [...window.jupyterapp.shell.widgets("main")]) {
    if (widget.context) widget.context.model.dirty = false;
    widget.close();
  }
}"""


def start_lab(page, lab):
    """Open JupyterLab with nothing open in it."""
    page.goto(f"{lab.url}/lab?token={lab.token}&reset")
    wait_until_restored(page)


def wait_until_restored(page):
    """Wait until JupyterLab has started and opened again what was open before."""
    page.wait_for_function("() => !!window.jupyterapp", timeout=60_000)
    page.evaluate("() => { window.jupyterapp.restored.then(() => { window.restored = true; }); }")
    page.wait_for_function("() => window.restored", timeout=60_000)


@pytest.fixture(scope="module")
def lab_page(lab, browser):
    """JupyterLab in a browser, for the notebooks of a file one after the other."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    start_lab(page, lab)
    yield page
    context.close()


@pytest.fixture
def notebook(lab, lab_page):
    """Open a notebook with cells in JupyterLab, with its kernel ready."""

    notebooks = []

    def make(*cells):
        written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        written.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        name = f"{secrets.token_hex(4)}.ipynb"
        nbformat.write(written, lab.root / name)
        lab_page.asked.clear()
        lab_page.evaluate(OPEN, name)
        opened = Notebook(lab_page, lab, name)
        notebooks.append(opened)
        opened.wait_until_ready()
        return opened

    yield make
    lab_page.evaluate(CLOSE)
    # JupyterLab opens the notebook of a reloaded page's address once more, at any time after that.
    if any(one.reloads for one in notebooks):
        start_lab(lab_page, lab)
    lab_page.wait_for_function("() => !document.querySelector('.jp-Notebook')")
    lab.end_kernels()
