"""Which source of a setting wins, and where a key may go."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traitlets.config import Config

from nbext.config import endpoints, keys
from nbext.config.loading import file_settings
from nbext.config.settings import (
    Nbext,
    checked_key,
    checked_url,
    describe_traits,
    looks_like_key,
    names_a_key,
)
from nbext.errors import SettingsError

# The package's attribute of this name is the notebook's settings.
beginnings = importlib.import_module("nbext.config.loading")

CANARY = "sk-canary-0123456789abcdef"
OTHER = "sk-other-0123456789abcdef"


class Ring:
    """A keyring in memory."""

    def __init__(self, **entries):
        self.entries = dict(entries)

    def get_password(self, service, name):
        assert service == "nbext"
        return self.entries.get(name)

    def set_password(self, service, name, value):
        assert service == "nbext"
        self.entries[name] = value


@pytest.fixture(autouse=True)
def ring(monkeypatch, tmp_path):
    """No environment, no keys, a keyring in memory, and a folder of its own."""
    for name in list(os.environ):
        if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_", "JPY_")):
            monkeypatch.delenv(name)
    ring = Ring()
    monkeypatch.setattr(keys, "_keyring", lambda: ring)
    monkeypatch.setattr(keys, "_kernel", {})
    monkeypatch.setattr(keys, "_answers", {})
    monkeypatch.setattr(beginnings, "_instances", {})
    monkeypatch.chdir(tmp_path)
    return ring


def write(folder, text, name="nbext.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def found(environ=None, *, folder=None, name="", **config):
    chosen = Nbext(**config)
    return endpoints.find_endpoint(name, settings=chosen, folder=folder, environ=environ or {})


def refused(call):
    """Call, and give what the refusal says; it never says a key."""
    with pytest.raises(SettingsError) as caught:
        call()
    said = f"{caught.value} {caught.value.remedy} {caught.value!r}"
    assert "canary" not in said.lower()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return said


# Which source wins

NB = {"NBEXT_BASE_URL": "https://nb.example/v1", "NBEXT_API_KEY": CANARY}
OPENAI = {"OPENAI_BASE_URL": "https://oa.example/v1", "OPENAI_API_KEY": OTHER}
LITELLM = {"LITELLM_API_BASE": "https://ll.example", "LITELLM_API_KEY": OTHER}
FILE = 'base_url = "https://file.example/v1"'


@pytest.mark.parametrize(
    ("config", "environ", "file", "host"),
    [
        ({"base_url": "https://cfg.example"}, {**NB, **OPENAI, **LITELLM}, FILE, "cfg.example"),
        ({}, {**NB, **OPENAI, **LITELLM}, FILE, "nb.example"),
        ({}, {**OPENAI, **LITELLM}, FILE, "file.example"),
        ({}, {**OPENAI, **LITELLM}, "", "oa.example"),
        ({}, {"OPENAI_API_KEY": OTHER, **LITELLM}, "", "api.openai.com"),
        ({}, LITELLM, "", "ll.example"),
        ({}, {}, "", ""),
        ({"endpoint": "embedded"}, NB, FILE, ""),
        ({}, NB, 'endpoint = "embedded"', "nb.example"),
        ({"base_url": "https://cfg.example"}, {"NBEXT_ENDPOINT": "embedded"}, "", "cfg.example"),
        ({}, {"NBEXT_ENDPOINT": "embedded", **NB}, FILE, ""),
        ({}, OPENAI, 'endpoint = "embedded"', ""),
        ({}, {"NBEXT_BASE_URL": "", "NBEXT_API_KEY": " ", **OPENAI}, "", "oa.example"),
        ({}, {"OPENAI_BASE_URL": "https://oa.example", **LITELLM}, "", "ll.example"),
        ({}, {"LITELLM_API_KEY": CANARY}, "", ""),
    ],
)
def test_the_first_source_that_is_set_wins(tmp_path, config, environ, file, host):
    ending = found(environ, folder=write(tmp_path, file), **config)
    assert ending.endpoint.host == host
    assert ending.endpoint.embedded == (host == "")


def test_the_keyring_is_the_last_source(ring):
    keys.remember_key("https://kept.example/v1", CANARY, where="keyring")
    assert found().endpoint.host == "kept.example"
    assert found().endpoint.key.reveal() == CANARY
    assert found(OPENAI).endpoint.host == "oa.example"


def test_an_option_comes_first():
    chosen = Nbext(base_url="https://cfg.example", endpoints={"lab": "https://lab.example"})
    assert (
        endpoints.find_endpoint("lab", settings=chosen, environ=NB).endpoint.host == "lab.example"
    )
    assert endpoints.find_endpoint("embedded", settings=chosen, environ=NB).endpoint.embedded


def test_colab_is_asked_only_in_colab(monkeypatch):
    secrets = {"OPENAI_API_KEY": CANARY}
    userdata = types.SimpleNamespace(get=lambda name: secrets[name])
    colab = types.ModuleType("google.colab")
    colab.userdata = userdata
    assert found().endpoint.embedded
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    ending = found()
    assert (ending.endpoint.host, ending.endpoint.key.reveal()) == ("api.openai.com", CANARY)
    assert ending.key_from == "Colab's OPENAI_API_KEY"
    secrets["NBEXT_API_KEY"] = OTHER
    assert "NBEXT_BASE_URL" in refused(found)
    secrets["NBEXT_BASE_URL"] = "https://class.example"
    ending = found()
    assert (ending.endpoint.host, ending.endpoint.key.reveal()) == ("class.example", OTHER)
    assert found(LITELLM).endpoint.host == "ll.example"


# Where a key may go


@pytest.mark.parametrize(
    ("config", "environ", "file"),
    [
        ({"base_url": "https://cfg.example"}, {**NB, **OPENAI, **LITELLM}, ""),
        ({}, {"OPENAI_API_KEY": CANARY, "LITELLM_API_KEY": CANARY}, FILE),
        ({}, {**OPENAI, **LITELLM}, 'endpoint = "x"\nendpoints = {x = "https://x.example"}'),
        ({}, {"NBEXT_BASE_URL": "https://nb.example", "OPENAI_API_KEY": CANARY}, ""),
        ({}, {"NBEXT_BASE_URL": "https://nb.example", "LITELLM_API_KEY": CANARY}, FILE),
        (
            {"endpoint": "lab", "endpoints": {"lab": "https://lab.example"}},
            {**NB, **OPENAI, **LITELLM},
            "",
        ),
        ({}, {**NB, "NBEXT_ENDPOINT": "x"}, 'endpoints = {x = "https://x.example"}'),
    ],
)
def test_a_key_never_goes_to_the_url_of_another_source(tmp_path, ring, config, environ, file):
    keys.remember_key("https://elsewhere.example", CANARY, where="keyring")
    folder = write(tmp_path, file)
    ending = found(environ, folder=folder, **config)
    assert not ending.endpoint.embedded
    assert not ending.endpoint.key
    assert ending.key_from == ""
    chosen = Nbext(**config)
    said = refused(
        lambda: endpoints.resolve_endpoint(settings=chosen, folder=folder, environ=environ)
    )
    assert ending.endpoint.host in said
    assert "%nbext key" in said


@pytest.mark.parametrize(
    ("environ", "url", "key"),
    [
        (NB, "https://nb.example/v1", CANARY),
        (OPENAI, "https://oa.example/v1", OTHER),
        (LITELLM, "https://ll.example", OTHER),
        ({"OPENAI_API_KEY": CANARY}, "https://api.openai.com/v1", CANARY),
        ({**NB, "NBEXT_API_KEY": f" {CANARY}\n"}, "https://nb.example/v1", CANARY),
    ],
)
def test_url_and_key_of_one_source_go_together(environ, url, key):
    endpoint = endpoints.resolve_endpoint(settings=Nbext(), environ=environ)
    assert (endpoint.base_url, endpoint.key.reveal()) == (url, key)


def test_our_key_without_a_url_is_an_error():
    said = refused(lambda: found({"NBEXT_API_KEY": CANARY}))
    assert "NBEXT_BASE_URL" in said


@pytest.mark.parametrize(
    "url",
    [
        "http://relay.example/v1",
        "https://relay.example:8443/v1",
        "http://relay.example:443/v1",
        "https://relay.example.evil.test/v1",
        "https://evil.test/relay.example",
    ],
)
@pytest.mark.parametrize("where", ["kernel", "keyring"])
def test_a_kept_key_goes_to_its_own_place_only(tmp_path, monkeypatch, ring, url, where):
    keys.remember_key("https://relay.example/v1", CANARY, where=where)
    if where == "keyring":
        monkeypatch.setattr(keys, "_kernel", {})
        monkeypatch.setattr(keys, "_answers", {})
    folder = write(tmp_path, f'base_url = "{url}"')
    assert not found(folder=folder).endpoint.key
    same = write(tmp_path, 'base_url = "https://RELAY.example:443/other/v1"')
    assert found(folder=same).endpoint.key.reveal() == CANARY


def test_a_file_is_read_once_from_the_notebooks_own_folder(tmp_path, monkeypatch):
    write(tmp_path, 'model = "ours"\nbase_url = "https://ours.example"')
    chosen = beginnings.get_settings()
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    write(stranger, 'base_url = "https://stranger.example"')
    ending = endpoints.find_endpoint(settings=chosen, folder=stranger, environ={})
    assert ending.endpoint.host == "ours.example"
    assert chosen.model == "ours"


# Files


@pytest.mark.parametrize(
    "text",
    [
        f'api_key = "{CANARY}"',
        'OPENAI_API_KEY = "canary"',
        f'model = "{CANARY}"',
        f'[endpoints.lab]\nbase_url = "https://l.example"\napi_key = "{CANARY}"',
        '[endpoints.lab]\nbase_url = "https://l.example"\nbearer = "canary"',
        '[endpoints.lab]\nbase_url = "https://user:canary@l.example"',
        'base_url = "https://l.example/v1?key=canary"',
        f'base_url = "https://l.example/{CANARY}"',
        f'[styles]\nink = "{CANARY}"',
        '[openai]\napi_key = "canary"',
    ],
)
@pytest.mark.parametrize("name", ["nbext.toml", "pyproject.toml"])
def test_a_key_in_a_file_is_refused(tmp_path, text, name):
    if name == "pyproject.toml":
        head, _, tail = text.partition("[")
        text = f"[tool.nbext]\n{head}" + (f"[tool.nbext.{tail}" if tail else "")
    said = refused(lambda: beginnings.file_settings(write(tmp_path, text, name)))
    assert said.startswith(name)
    assert "%nbext key" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('replay = "only"\nmodle = "x"', "nbext.toml, line 2: there is no setting 'modle'."),
        ('\n\nreplay = "onyl"', "nbext.toml, line 3: Nbext.replay must be one of"),
        ('replay = "onyl"', "Did you mean only?"),
        ("inline_limit = 3", "a whole number of 10,000 or more"),
        ('total_timeout = "long"', "a number of 1 or more"),
        ("total_timeout = nan", "a number of 1 or more"),
        ("[prices]\ncat = -1", "US dollars"),
        ("[wires]\n'my*' = 'imges'", "Did you mean images?"),
        ("[endpoints]\nlab = 3", "'lab' is not valid"),
        ("endpoints = ['a']", "must be a table"),
        ("styles = {a = 3}", "A style must be text"),
        ("base_url = 3", "must be text"),
        ("a = b", "nbext.toml: "),
        ("styles = " + "[" * 5000 + "]" * 5000, "too deep"),
        ("# " + "x" * (1 << 20), "at most"),
    ],
)
def test_a_file_that_makes_no_sense_is_an_error_that_names_it(tmp_path, text, said):
    assert said in refused(lambda: beginnings.file_settings(write(tmp_path, text)))


def test_pyproject_counts_where_there_is_no_file_of_ours(tmp_path):
    assert beginnings.file_settings(tmp_path) == ({}, "")
    write(tmp_path, '[tool.nbext]\nmodel = "project"', "pyproject.toml")
    assert beginnings.file_settings(tmp_path) == ({"model": "project"}, "pyproject.toml")
    write(tmp_path, '\ufeffmodel = "own"')
    assert beginnings.file_settings(tmp_path) == ({"model": "own"}, "nbext.toml")


@pytest.mark.parametrize("text", ["tool = 3", "not toml", "[tool.other]\napi_key = 'x'"])
def test_a_pyproject_of_others_is_left_alone(tmp_path, text):
    assert beginnings.file_settings(write(tmp_path, text, "pyproject.toml")) == ({}, "")


LEAVES = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(Nbext.class_trait_names(config=True)) | st.text(max_size=12)


@given(st.dictionaries(NAMES, VALUES, max_size=3))
def test_whatever_a_file_says_is_taken_or_refused(table):
    try:
        checked = beginnings._checked_table(table, "nbext.toml", "")
    except SettingsError:
        return
    Nbext().read(checked, "nbext.toml")


@given(st.text(alphabet=st.sampled_from("htps:/@[]%.\\\n \x00:?#é0。"), max_size=24))
def test_whatever_is_given_as_a_url_is_taken_or_refused(url):
    try:
        taken = checked_url("https://" + url)
    except SettingsError:
        return
    keys.key_scope(taken)
    assert urlsplit(taken).username is None
    assert "?" not in taken


@pytest.mark.parametrize("place", ["settings.toml", "../elsewhere.toml"])
def test_a_link_in_place_of_a_settings_file_is_not_followed(tmp_path, place):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / place).write_text("[tool.nbext]\nmodel = 'gpt-image-1'\n")
    (folder / "pyproject.toml").symlink_to(place)
    assert beginnings.file_settings(folder) == ({}, "")
    (folder / "nbext.toml").symlink_to(place)
    with pytest.raises(SettingsError, match=r"nbext\.toml is a link.*copy it here"):
        beginnings.file_settings(folder)


def test_a_number_of_thousands_of_digits_in_a_settings_file(tmp_path):
    (tmp_path / "nbext.toml").write_text(f"picture_pixels = {'9' * 5000}\n")
    with pytest.raises(SettingsError, match=r"nbext\.toml: "):
        beginnings.file_settings(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_with_a_files_name_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "nbext.toml")
    assert beginnings.file_settings(tmp_path) == ({}, "")


def test_words_that_only_look_like_keys_are_fine(tmp_path):
    text = '[styles]\nmonkey = "{prompt}, skateboarding-championship"\ntoken = "a token"\n'
    text += (
        "[prices]\nturkey = 1\n[endpoints]\nskunkworks-research-laboratory = 'https://s.example'"
    )
    table, _ = beginnings.file_settings(write(tmp_path, text))
    assert set(table["styles"]) == {"monkey", "token"}


# The environment


def test_variables_are_read_as_their_settings_type():
    chosen = Nbext()
    environ = {
        "NBEXT_REPLAY": "only",
        "NBEXT_PROGRESS": "off",
        "NBEXT_INLINE_LIMIT": " 20000 ",
        "NBEXT_CONNECT_TIMEOUT": "2.5",
        "NBEXT_STYLES": '{"ink": "{prompt}, ink"}',
        "NBEXT_ENDPOINTS": '{"lab": "https://lab.example"}',
        "NBEXT_MODEL": "",
    }
    beginnings.apply_environment(chosen, environ)
    assert (chosen.replay, chosen.progress, chosen.inline_limit) == ("only", False, 20_000)
    assert (chosen.connect_timeout, chosen.styles) == (2.5, {"ink": "{prompt}, ink"})
    assert chosen.endpoints == {"lab": {"base_url": "https://lab.example"}}
    assert chosen.model == "gpt-4o-image"
    assert chosen.source_of("model") == ""


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("NBEXT_REPLAY", "canary", "one of restart, always, never, only"),
        ("NBEXT_PROGRESS", "canary", "True or False"),
        ("NBEXT_INLINE_LIMIT", "canary", "a whole number"),
        ("NBEXT_INLINE_LIMIT", "9" * 5000, "a whole number"),
        ("NBEXT_CONNECT_TIMEOUT", "nan", "a number"),
        ("NBEXT_STYLES", "{canary", "a table"),
        ("NBEXT_STYLES", "[" * 100_000, "a table"),
        ("NBEXT_MODEL", CANARY, "%nbext key"),
        ("NBEXT_ENDPOINTS", '{"a": {"base_url": "https://a.b", "api_key": "canary"}}', "has a key"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(variable, text, said):
    told = refused(lambda: beginnings.apply_environment(Nbext(), {variable: text}))
    assert told.startswith(variable)
    assert said in told


def test_config_beats_the_environment_beats_the_file(tmp_path, monkeypatch):
    write(tmp_path, 'model = "file"\nchat_model = "file"\nvideo_model = "file"')
    monkeypatch.setenv("NBEXT_MODEL", "environment")
    monkeypatch.setenv("NBEXT_CHAT_MODEL", "environment")
    chosen = beginnings.get_settings()
    chosen.model = "config"
    assert (chosen.model, chosen.source_of("model")) == ("config", "%config")
    assert (chosen.chat_model, chosen.source_of("chat_model")) == (
        "environment",
        "NBEXT_CHAT_MODEL",
    )
    assert (chosen.video_model, chosen.source_of("video_model")) == ("file", "nbext.toml")
    assert beginnings.get_settings() is chosen


def test_mistyped_variables_are_noticed():
    environ = {"NBEXT_MODLE": "x", "NBEXT_API_KEY": CANARY, "NBEXT_REPLAY": "only", "HOME": "/"}
    assert beginnings.unknown_variables(environ) == [("NBEXT_MODLE", "Did you mean NBEXT_MODEL?")]


# %config


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from IPython.core.interactiveshell import InteractiveShell

    config = Config()
    config.HistoryManager.enabled = False
    config.Nbext.video_model = "profile"
    yield InteractiveShell(config=config)
    InteractiveShell.clear_instance()


def test_config_is_set_and_refused_in_a_shell(shell, monkeypatch, caplog):
    monkeypatch.setenv("NBEXT_VIDEO_MODEL", "environment")
    chosen = beginnings.get_settings(shell)
    assert chosen.video_model == "profile"
    shell.run_line_magic("config", "Nbext.replay = 'restrat'")
    shell.run_line_magic("config", f"Nbext.api_key = '{CANARY}'")
    shell.run_line_magic("config", f"Nbext.model = '{CANARY}'")
    shell.run_line_magic("config", "Nbext.base_url = 'https://me:canary@h.example'")
    shell.run_line_magic(
        "config", "Nbext.endpoints = {'a': {'base_url': 'https://h.example', 'api_key': 'canary'}}"
    )
    shell.run_line_magic("config", "Nbext.modle = 'x'")
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 6
    assert "canary" not in " ".join(said)
    assert "Did you mean restart?" in said[0]
    assert "%nbext key" in said[1]
    assert "Did you mean model?" in said[5]
    assert (chosen.replay, chosen.base_url, chosen.endpoints) == ("restart", "", {})
    assert chosen.model == "gpt-4o-image"
    assert "canary" not in str(chosen.config)
    caplog.clear()
    shell.run_line_magic("config", "Nbext.model = 'fine'")
    assert chosen.model == "fine"
    assert not caplog.records


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("replay", "'sometimes'", "Nbext.replay must be one of restart, always, never, only."),
        ("runner", "7", "Nbext.runner must be one of thread, nested."),
        ("picture_bytes", "-1", "Nbext.picture_bytes must be a whole number of 1,024 or more."),
        (
            "prices",
            "{'a': 'b'}",
            'Nbext.prices must be like {"gpt-4o-image": 0.01}, in US dollars per picture.',
        ),
    ],
)
def test_a_wrong_value_gets_one_line_that_says_the_right_ones(
    shell, caplog, capsys, name, value, said
):
    chosen = beginnings.get_settings(shell)
    before = getattr(chosen, name)
    shell.run_cell(f"%config Nbext.{name} = {value}")
    # IPython says it as an error in its log, which is shown under the cell.
    assert [record.getMessage() for record in caplog.records] == [said]
    assert not any(capsys.readouterr())
    shell.push({"chosen": chosen})
    ran = shell.run_cell(f"chosen.{name} = {value}")
    assert isinstance(ran.error_in_exec, SettingsError)
    shown = capsys.readouterr()
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown.out + shown.err).strip() == f"Error: {said}"
    assert getattr(chosen, name) == before


def test_file_and_environment_are_read_once_but_for_the_endpoint(shell, tmp_path, monkeypatch):
    write(tmp_path, 'model = "first"')
    shell.run_line_magic("load_ext", "nbext")
    assert beginnings.get_settings(shell).model == "first", "read when it is first needed"
    write(tmp_path, 'model = "second"')
    monkeypatch.setenv("NBEXT_CHAT_MODEL", "second")
    monkeypatch.setenv("NBEXT_BASE_URL", "https://second.example/v1")
    shell.run_line_magic("reload_ext", "nbext")
    chosen = beginnings.get_settings(shell)
    assert (chosen.model, chosen.chat_model) == ("first", "gpt-4o-mini")
    found = endpoints.find_endpoint(settings=chosen)
    assert found.endpoint.base_url == "https://second.example/v1"


def test_what_code_sets_outlives_the_next_config(shell):
    chosen = beginnings.get_settings(shell)
    shell.run_line_magic("config", "Nbext.base_url = 'https://first.example'")
    endpoints.ask_key(chosen, base_url="https://second.example", ask=lambda _: CANARY)
    shell.run_line_magic("config", "Nbext.model = 'other'")
    assert chosen.base_url == "https://second.example"


@pytest.mark.parametrize(
    "name", ["api_key", "key", "token", "openai_api_key", "apiKey", "password"]
)
def test_no_trait_takes_a_key(name):
    assert "%nbext key" in refused(lambda: setattr(Nbext(), name, CANARY))
    assert "%nbext key" in refused(lambda: Nbext(**{name: CANARY}))
    assert names_a_key(name)


def test_unknown_names_are_refused():
    assert "Did you mean model?" in refused(lambda: setattr(Nbext(), "modle", "x"))
    assert "Did you mean model?" in refused(lambda: Nbext(modle="x"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inline_limit", "x"),
        ("inline_limit", 1),
        ("redirects", 11),
        ("connect_timeout", float("inf")),
        ("endpoints", {"embedded": "https://h.example"}),
        ("endpoints", {"a": {}}),
        ("endpoints", {3: "https://h.example"}),
        ("endpoints", {"a": {"base_url": "https://h.example", "url": "x"}}),
        ("prices", {"a": "cheap"}),
        ("prices", {"a": float("nan")}),
        ("language", "fr"),
        ("connect_timeout", 10**400),
        ("prices", {"a": 10**400}),
        ("inline_limit", True),
    ],
)
def test_values_are_checked_at_the_assignment(name, value):
    chosen = Nbext()
    before = getattr(chosen, name)
    refused(lambda: setattr(chosen, name, value))
    assert getattr(chosen, name) == before
    assert chosen.source_of(name) == ""


# URLs and keys


@pytest.mark.parametrize(
    "url",
    [
        "https://user:canary@h.example",
        "https://canary@h.example",
        "https://@h.example",
        "https://h.example/v1?key=canary",
        "https://h.example/v1?API-KEY=canary",
        "https://h.example/v1?sig=canary",
        "https://h.example/v1#canary",
        "https://h.example:canary/",
        "https://[canary/",
        "https://h.example:0/",
        "https://h.example:99999/",
        "https://good.example\\@canary.example/",
        "https://good.example\\.canary.example/",
        "https://h.example/v1\n/x",
        "https://h.example/a b",
        "h.example/canary",
        "ftp://h.example",
        "file:///etc/passwd",
        "https:///v1",
        CANARY,
    ],
)
def test_a_url_that_is_none_or_holds_a_key_is_refused(url):
    refused(lambda: checked_url(url))
    refused(lambda: setattr(Nbext(), "base_url", url))
    refused(lambda: found({"NBEXT_BASE_URL": url, "NBEXT_API_KEY": CANARY}))
    refused(lambda: found({"OPENAI_BASE_URL": url, "OPENAI_API_KEY": CANARY}))


@pytest.mark.parametrize(
    "url",
    ["http://localhost:11434", "https://[::1]:8000/v1", "https://skunk-works-research.example"],
)
def test_odd_urls_are_fine(url):
    assert checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    "key", ["", "  ", "sk canary", "sk\ncanary", "sk-canary\r\nX: 1", '"sk-canary"', "sk-canary猫"]
)
def test_what_is_no_key_is_refused(key):
    refused(lambda: checked_key(key))
    refused(lambda: keys.remember_key("https://h.example", key))
    if key.strip():
        refused(lambda: found({"OPENAI_API_KEY": key}))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (f"look: {CANARY}", True),
        ("hf_0123456789abcdefghij", True),
        ("AIzaSyA0123456789abcdefghij", True),
        ("skateboarding-championship", False),
        ("a sketch of a skeleton_in_the_cupboard", False),
        ("gpt-image-1-2026-01-01", False),
        ("hf-" * 200_000, False),
    ],
)
def test_keys_are_known_by_their_looks(text, holds):
    assert looks_like_key(text) == holds


# Asking


def test_a_key_is_asked_for_and_kept_where_it_belongs(ring):
    asked = []

    def ask(question):
        asked.append(question)
        return f" {CANARY} \n"

    chosen = Nbext(endpoint="embedded")
    said = endpoints.ask_key(chosen, base_url="https://relay.example/v1", ask=ask)
    assert said == "The key for relay.example is stored in the keyring."
    assert asked == ["Key for relay.example: "]
    assert ring.entries == {"relay.example": CANARY, "last URL": "https://relay.example/v1"}
    endpoint = endpoints.resolve_endpoint(settings=chosen, environ=NB)
    assert (endpoint.host, endpoint.key.reveal()) == ("relay.example", CANARY)
    assert CANARY not in repr(endpoint) + repr(chosen) + str(vars(chosen))


def test_without_a_keyring_this_kernel_keeps_it(monkeypatch):
    monkeypatch.setattr(keys, "_keyring", lambda: None)
    said = endpoints.ask_key(Nbext(), base_url="https://relay.example", ask=lambda _: CANARY)
    assert said == "The key for relay.example is stored in this kernel."


def test_a_broken_keyring_is_as_good_as_none(monkeypatch):
    class Broken:
        def get_password(self, *_):
            raise RuntimeError(CANARY)

        set_password = get_password

    monkeypatch.setattr(keys, "_keyring", Broken)
    assert found().endpoint.embedded
    assert keys.remember_key("https://h.example", CANARY, where="keyring") == "this kernel"


def test_the_keyring_is_asked_once_a_minute_and_never_again_where_it_refuses(monkeypatch, ring):
    asked, at = [], [100.0]

    class Counted:
        def get_password(self, service, entry):
            asked.append(entry)
            if ring is None:
                raise RuntimeError("dismissed")
            return ring.get_password(service, entry)

        def set_password(self, *given):
            ring.set_password(*given)

    monkeypatch.setattr(keys, "_keyring", Counted)
    monkeypatch.setattr(keys.time, "monotonic", lambda: at[0])
    assert found().endpoint.embedded
    assert found().endpoint.embedded
    assert asked == [keys.LAST]
    # What another kernel has put there is found a minute later, what this one has at once.
    keys.remember_key("https://relay.example/v1", CANARY, where="keyring")
    assert found().endpoint.host == "relay.example"
    ring = None
    at[0] += 61
    monkeypatch.setattr(keys, "_kernel", {})
    assert found().endpoint.embedded
    before = len(asked)
    at[0] += 10_000
    assert found().endpoint.embedded
    assert len(asked) == before


def test_a_key_that_another_comes_before_is_said_so(monkeypatch):
    for name, value in NB.items():
        monkeypatch.setenv(name, value)
    said = endpoints.ask_key(Nbext(), ask=lambda _: OTHER)
    assert said.endswith("NBEXT_API_KEY takes precedence.")


def test_a_key_on_the_line_is_refused():
    assert "is now in the cell" in refused(lambda: endpoints.ask_key(Nbext(), base_url=CANARY))
    assert "Which endpoint" in refused(lambda: endpoints.ask_key(Nbext(), ask=lambda _: CANARY))


def test_nobody_to_ask_is_an_error():
    from getpass import GetPassWarning
    from warnings import warn

    from IPython.core.error import StdinNotImplementedError

    def closed(_):
        raise EOFError

    def frontend(_):
        raise StdinNotImplementedError("raw_input was called")

    def shown(_):
        warn("Can not control echo on the terminal.", GetPassWarning, stacklevel=1)
        return CANARY

    for ask in (closed, frontend, shown):
        said = refused(
            lambda ask=ask: endpoints.ask_key(Nbext(), base_url="https://h.example", ask=ask)
        )
        assert "hidden" in said
    assert not keys._kernel


# Telling


def test_explain_says_the_source_and_never_the_key(tmp_path):
    chosen = Nbext(replay="only")
    chosen.put("model", "mine", "NBEXT_MODEL")
    rows = endpoints.explain(chosen, environ=NB)
    assert ("endpoint", "https://nb.example/v1", "NBEXT_BASE_URL") in rows
    assert ("key", "set, from NBEXT_API_KEY", "") in rows
    assert ("replay", "only", "%config") in rows
    assert ("model", "mine", "NBEXT_MODEL") in rows
    assert "canary" not in str(rows)
    assert endpoints.explain(chosen, environ={})[0][0::2] == ("endpoint", "no key is set")
    lone = endpoints.explain(chosen, environ={"NBEXT_BASE_URL": "https://nb.example"})
    assert ("key", "none", "") in lone


def test_every_setting_is_described():
    rows = {name: rest for name, *rest in describe_traits()}
    assert rows["replay"][:2] == ["restart", "restart | always | never | only"]
    assert rows["inline_limit"] == [
        1_000_000,
        "number",
        "Largest picture, in bytes, shown in full below the cell",
        "NBEXT_INLINE_LIMIT",
    ]
    assert all(help_ for _, _, help_, _ in rows.values())
    assert not [name for name in rows if names_a_key(name)]


def test_settings_need_no_shell_and_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom nbext.config.loading import get_settings\nprint(get_settings().model)\n"
        "heavy = {'IPython', 'httpx', 'httpx2', 'PIL', 'tornado', 'ipywidgets', 'jinja2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "NBEXT_MODEL": "mine"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split("\n")[:2] == ["mine", "[]"], done.stderr


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('history_folder = "../outside"', "history_folder"),
        ('history_folder = "/tmp/outside"', "history_folder"),
        ('history_folder = "C:\\\\outside"', "history_folder"),
        ('history_folder = "~/outside"', "history_folder"),
        ('history_folder = "in/../../out"', "history_folder"),
        ('certificate_key_file = "../key.pem"', "certificate_key_file"),
        ('notebook = "/home/someone/cats.ipynb"', "notebook"),
        ('replay = "never"', "replay"),
        ("proxy_downloads = true", "proxy_downloads"),
        ("picture_pixels = 999_999_999", "picture_pixels"),
        ("picture_bytes = 999_999_999", "picture_bytes"),
        ("redirects = 9", "redirects"),
        ("confirm_above = 9999", "confirm_above"),
    ],
)
def test_a_strangers_settings_file_may_not_reach_out_or_lift_limits(tmp_path, line, name):
    from nbext.session.session import Session

    (tmp_path / "nbext.toml").write_text(line)
    chosen = Nbext()
    chosen.read(*file_settings(tmp_path))
    assert getattr(chosen, name) == getattr(Nbext(), name)
    (told,) = Session(tmp_path / "cats.draws", chosen=chosen).new_warnings()
    assert f"nbext.toml sets {name} = " in told
    assert f"%config Nbext.{name}" in told


def test_a_settings_file_may_choose_among_harmless_things(tmp_path):
    (tmp_path / "nbext.toml").write_text(
        'history_folder = "drawings"\nreplay = "only"\npicture_pixels = 1000\nmodel = "m"\n'
        "confirm_above = 1\nredirects = 0\nproxy_downloads = false\nmax_cost = 1.0"
    )
    chosen = Nbext()
    chosen.read(*file_settings(tmp_path))
    assert chosen.refusals == []
    assert (chosen.history_folder, chosen.replay, chosen.picture_pixels) == (
        "drawings",
        "only",
        1000,
    )
    assert (chosen.confirm_above, chosen.redirects, chosen.max_cost) == (1, 0, 1.0)
