"""``--as NAME``: which names a result may have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import nbext
from nbext.config.settings import Nbext
from nbext.errors import OptionError
from nbext.magics import asking, sweep
from nbext.session.session import Session


@pytest.fixture
def shell(tmp_path, monkeypatch):
    names = {"nbext": nbext, "paths": pytest, "cat": 3}
    session = Session(
        tmp_path / "cats.draws", names=names, chosen=Nbext(endpoint="embedded", embedded_pace=0)
    )
    for magic in (asking, sweep):
        monkeypatch.setattr(magic, "current_session", lambda _: session)
    yield SimpleNamespace(user_ns=names, kernel=None, execution_count=1, session=session)
    session.run(session.close())
    session.runner.close()


def run(shell, magic, line):
    if magic == "sweep":
        return sweep.sweep(shell, f"{line} -x animal=cat,dog", "a {animal}")
    return asking.run(shell, magic, line, "a cat")


@pytest.mark.parametrize("magic", ["draw", "draw -m a -m b", "chat", "sweep"])
@pytest.mark.parametrize("name", ["nbext", "paths", "In", "Out", "get_ipython", "__name__"])
def test_a_result_replaces_no_module_and_nothing_of_ipython(shell, magic, name):
    magic, _, options = magic.partition(" ")
    with pytest.raises(OptionError, match=f"would replace {name}.*Nothing was sent"):
        run(shell, magic, f"{options} --as {name}")
    assert len(shell.session.history) == 0


def test_a_result_replaces_any_other_variable(shell):
    run(shell, "draw", "--as cat")
    assert shell.user_ns["cat"].number == 1
