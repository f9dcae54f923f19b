"""One place says which library is used."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from nbext.transport import http
from nbext.transport.error_map import setup_errors


def test_the_names_are_those_of_the_library_in_use(library):
    module = sys.modules[http.AsyncClient.__module__.partition(".")[0]]
    assert module.__name__ == library
    assert all(hasattr(http, name) for name in http.__all__)


def test_nothing_else_is_handed_out():
    with pytest.raises(AttributeError):
        http.get  # noqa: B018
    with pytest.raises(ValueError, match="requests"):
        http.use("requests")


@pytest.mark.parametrize(
    ("forced", "said"), [("httpx", "httpx"), (" HTTPX2 ", "httpx2"), ("", "httpx2")]
)
def test_the_environment_forces_one(forced, said, monkeypatch):
    monkeypatch.setenv("NBEXT_HTTP", forced)
    http.use("")
    try:
        assert http.name() == said
    finally:
        http.use("")


def test_httpx_serves_where_httpx2_is_not(monkeypatch):
    monkeypatch.delenv("NBEXT_HTTP", raising=False)
    monkeypatch.setattr(http, "find_spec", lambda name: None)
    http.use("")
    try:
        assert http.name() == "httpx"
    finally:
        http.use("")


def test_what_another_thread_still_imports_is_waited_for(tmp_path, monkeypatch):
    (tmp_path / "slow_library.py").write_text(
        "import threading\nstarted, go = threading.barriers\nstarted.set()\ngo.wait(60)\n"
        "class HTTPError(Exception): ...\nclass InvalidURL(Exception): ...\n"
    )
    started, go = threading.Event(), threading.Event()
    monkeypatch.setattr(threading, "barriers", (started, go), raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(http, "LIBRARIES", ("slow_library",))
    monkeypatch.setattr(http, "_chosen", "slow_library")
    importer = threading.Thread(target=importlib.import_module, args=["slow_library"])
    importer.start()
    started.wait()
    later = threading.Timer(0.1, go.set)
    later.start()
    try:
        assert setup_errors()[-1].__name__ == "InvalidURL"
    finally:
        go.set()
        importer.join()
        later.join()
        sys.modules.pop("slow_library", None)


def test_no_other_module_imports_a_library():
    package = Path(http.__file__).parent.parent
    for file in package.rglob("*.py"):
        if file != Path(http.__file__):
            source = file.read_text("utf-8")
            assert "import httpx" not in source
            assert "from httpx" not in source


def test_importing_the_client_loads_no_library():
    code = (
        "import sys, nbext.transport.client, nbext.transport.download\n"
        "sys.exit(bool({'httpx', 'httpx2', 'PIL'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
