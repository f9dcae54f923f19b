"""The ladder: which setting counts, and that a key goes only where it was set for."""

from __future__ import annotations

import os
import sys
import types

import pytest

from nbext.errors import SettingsError
from nbext.settings import (
    OPENAI,
    Nbext,
    apply_environment,
    apply_files,
    ask_key,
    checked_key,
    checked_url,
    describe_traits,
    explain,
    find_endpoint,
    remember_key,
    resolve_endpoint,
)

# ``nbext.settings`` itself is the settings of this process.
module = sys.modules["nbext.settings"]

CANARY = "sk-canary-0123456789abcdefghij"
RELAY = "https://relay.example/v1"
OTHER = "https://other.example/v1"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    """No key of this kernel, and no keyring but the one that a test brings."""
    monkeypatch.setattr(module, "_kernel_keys", {})
    monkeypatch.setattr(module, "_keyring", lambda: None)
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)


@pytest.fixture
def keyring(monkeypatch):
    """A keyring that is a table."""
    kept = {}
    fake = types.SimpleNamespace(
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, key: kept.__setitem__((service, name), key),
    )
    monkeypatch.setattr(module, "_keyring", lambda: fake)
    return kept


@pytest.fixture
def colab(monkeypatch):
    """Colab, whose secrets are a table; one that is not there is an error of its own."""
    secrets = {}

    class SecretNotFoundError(Exception):
        pass

    def get(name):
        if name not in secrets:
            raise SecretNotFoundError(name)
        return secrets[name]

    package = types.ModuleType("google.colab")
    package.userdata = types.SimpleNamespace(get=get)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    return secrets


def found(environ=None, *, folder=None, name="", **traits):
    """What the ladder gives: base URL, key, and the rungs of both."""
    chosen = Nbext(**traits)
    it = find_endpoint(name, settings=chosen, folder=folder, environ=environ or {})
    return it.endpoint.base_url, it.endpoint.key.reveal(), it.url_from, it.key_from


def refused(action, *args, **how):
    """The refusal of an action: one line that never holds the key."""
    with pytest.raises(SettingsError) as caught:
        action(*args, **how)
    said = str(caught.value)
    assert CANARY not in said
    assert "canary" not in said
    assert "\n" not in said
    return said


def env(*rungs):
    """The environment with the variables of some rungs set."""
    both = {
        "nbext": {"NBEXT_BASE_URL": "https://nbext.example", "NBEXT_API_KEY": "key-nbext"},
        "openai": {"OPENAI_BASE_URL": "https://openai.example", "OPENAI_API_KEY": "key-openai"},
        "litellm": {"LITELLM_API_BASE": "https://litellm.example", "LITELLM_API_KEY": "key-lite"},
    }
    return {name: value for rung in rungs for name, value in both[rung].items()}


# Which rung wins

RUNGS = [
    ("nothing is set", {}, ("", "", "no key anywhere", "")),
    (
        "NBEXT",
        env("nbext"),
        ("https://nbext.example", "key-nbext", "NBEXT_BASE_URL", "NBEXT_API_KEY"),
    ),
    (
        "OPENAI with a URL",
        env("openai"),
        ("https://openai.example", "key-openai", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ),
    (
        "OPENAI's key alone",
        {"OPENAI_API_KEY": "key-openai"},
        (OPENAI, "key-openai", "OpenAI's own", "OPENAI_API_KEY"),
    ),
    (
        "OPENAI's URL alone",
        {"OPENAI_BASE_URL": "https://openai.example"},
        ("", "", "no key anywhere", ""),
    ),
    (
        "LITELLM",
        env("litellm"),
        ("https://litellm.example", "key-lite", "LITELLM_API_BASE", "LITELLM_API_KEY"),
    ),
    ("LITELLM's key alone", {"LITELLM_API_KEY": "key-lite"}, ("", "", "no key anywhere", "")),
    (
        "NBEXT before OPENAI before LITELLM",
        env("litellm", "openai", "nbext"),
        ("https://nbext.example", "key-nbext", "NBEXT_BASE_URL", "NBEXT_API_KEY"),
    ),
    (
        "OPENAI before LITELLM",
        env("litellm", "openai"),
        ("https://openai.example", "key-openai", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ),
    (
        "an empty variable is not set",
        env("openai") | {"NBEXT_BASE_URL": "", "NBEXT_API_KEY": "  "},
        ("https://openai.example", "key-openai", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    ),
    (
        "white space around a key is none of it",
        {"NBEXT_BASE_URL": f" {RELAY} ", "NBEXT_API_KEY": " key-nbext\n"},
        (RELAY, "key-nbext", "NBEXT_BASE_URL", "NBEXT_API_KEY"),
    ),
]


@pytest.mark.parametrize(("environ", "wanted"), [r[1:] for r in RUNGS], ids=[r[0] for r in RUNGS])
def test_the_first_rung_that_is_set_wins(environ, wanted):
    assert found(environ) == wanted


def test_config_stands_above_the_environment_and_a_file_below_it(tmp_path):
    (tmp_path / "nbext.toml").write_text('base_url = "https://file.example"')
    everything = env("nbext", "openai", "litellm")
    assert found(everything, folder=tmp_path, base_url=RELAY)[0] == RELAY
    assert found(everything, folder=tmp_path)[0] == "https://nbext.example"
    assert found(env("openai", "litellm"), folder=tmp_path)[0] == "https://file.example"
    assert found({}, folder=tmp_path)[2] == "nbext.toml"


def test_nbext_toml_stands_above_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.nbext]\nbase_url = "https://project.example"')
    assert found({}, folder=tmp_path)[::2] == ("https://project.example", "pyproject.toml")
    (tmp_path / "nbext.toml").write_text('base_url = "https://file.example"')
    assert found({}, folder=tmp_path)[::2] == ("https://file.example", "nbext.toml")


def test_an_argument_stands_above_everything(tmp_path):
    lab = {"lab": {"base_url": "https://lab.example"}}
    assert found(env("nbext"), name="embedded")[2] == "chosen"
    assert found(env("nbext"), name="lab", endpoints=lab)[:3] == (
        "https://lab.example",
        "",
        "endpoint lab",
    )
    assert found(env("nbext"), endpoint="lab", endpoints=lab)[0] == "https://lab.example"
    assert found(env("nbext"), endpoint="lab", name="embedded", endpoints=lab)[0] == ""
    (tmp_path / "nbext.toml").write_text('[endpoints]\nlab = "https://file.example"')
    assert found({}, name="lab", folder=tmp_path)[0] == "https://file.example"
    assert found({}, name="lab", folder=tmp_path, endpoints=lab)[0] == "https://lab.example"


def test_colabs_secrets(colab):
    assert found()[2] == "no key anywhere"
    colab["OPENAI_API_KEY"] = "key-colab"
    assert found() == (OPENAI, "key-colab", "Colab's OPENAI_BASE_URL", "Colab's OPENAI_API_KEY")
    colab["NBEXT_BASE_URL"] = RELAY
    assert found()[0] == OPENAI
    colab["NBEXT_API_KEY"] = "key-relay"
    assert found() == (RELAY, "key-relay", "Colab's NBEXT_BASE_URL", "Colab's NBEXT_API_KEY")
    assert found(env("litellm"))[0] == "https://litellm.example"


def test_the_keyrings_endpoint_is_the_last_before_the_embedded_one(keyring, colab):
    keyring["nbext", "default"] = RELAY
    keyring["nbext", "relay.example"] = "key-ring"
    assert found() == (RELAY, "key-ring", "keyring", "keyring")
    assert found(env("litellm"))[0] == "https://litellm.example"
    colab["OPENAI_API_KEY"] = "key-colab"
    assert found()[0] == OPENAI


def test_a_broken_keyring_is_as_good_as_none(monkeypatch):
    def locked(*_):
        raise RuntimeError("the keyring is locked")

    broken = types.SimpleNamespace(get_password=locked, set_password=locked)
    monkeypatch.setattr(module, "_keyring", lambda: broken)
    assert found()[2] == "no key anywhere"
    assert remember_key(RELAY, "key-1234567", where="keyring") == "this kernel"


# A key travels to the URL that was set beside it, and to no other


KEYS_OF_OTHERS = [
    ("OPENAI_API_KEY", "OPENAI_BASE_URL"),
    ("LITELLM_API_KEY", "LITELLM_API_BASE"),
    ("NBEXT_API_KEY", "NBEXT_BASE_URL"),
]


@pytest.mark.parametrize(("key", "url"), KEYS_OF_OTHERS, ids=[k for k, _ in KEYS_OF_OTHERS])
@pytest.mark.parametrize("beside", [True, False])
def test_a_strangers_settings_file_gets_no_key(tmp_path, key, url, beside):
    (tmp_path / "nbext.toml").write_text(
        'base_url = "https://evil.example"\n[endpoints]\nlab = "https://evil.example"'
    )
    environ = {key: CANARY} | ({url: RELAY} if beside else {})
    # NBEXT_API_KEY without a URL is refused before any file is looked at.
    alone = key == "NBEXT_API_KEY" and not beside
    for name in ("", "lab"):
        if alone and not name:
            assert "set without NBEXT_BASE_URL" in refused(found, environ, folder=tmp_path)
            continue
        url_found, key_found, *_ = found(environ, folder=tmp_path, name=name)
        assert (url_found, key_found) in ((RELAY, CANARY), ("https://evil.example", ""))
        if not key_found:
            where = {"settings": Nbext(), "folder": tmp_path, "environ": environ}
            assert "no key for evil.example" in refused(resolve_endpoint, name, **where)


@pytest.mark.parametrize("key", [k for k, _ in KEYS_OF_OTHERS])
def test_a_url_of_config_gets_no_key_of_the_environment(key):
    environ = {key: CANARY, "OPENAI_BASE_URL": OTHER, "NBEXT_BASE_URL": OTHER}
    assert found(environ, base_url=RELAY)[:2] == (RELAY, "")
    said = refused(resolve_endpoint, settings=Nbext(base_url=RELAY), environ=environ)
    assert "There is no key for relay.example" in said
    assert "%nbext key" in said


def test_a_url_without_its_key_takes_no_other_rungs(tmp_path):
    environ = {"NBEXT_BASE_URL": RELAY, "OPENAI_API_KEY": CANARY}
    assert found(environ)[:2] == (RELAY, "")
    assert "no key for relay.example" in refused(
        resolve_endpoint, settings=Nbext(), environ=environ
    )


def test_a_key_without_its_url_goes_nowhere():
    said = refused(found, {"NBEXT_API_KEY": CANARY})
    assert "set without NBEXT_BASE_URL" in said
    assert "Set NBEXT_BASE_URL beside it" in said


def test_a_remembered_key_goes_to_its_host_only(keyring):
    assert remember_key(RELAY, "key-1234567", where="keyring") == "the keyring"
    assert keyring["nbext", "relay.example"] == "key-1234567"
    module._kernel_keys.clear()
    assert found(base_url="https://relay.example")[1] == "key-1234567"
    assert found(base_url="https://RELAY.example/v1/")[1] == "key-1234567"
    for url in (OTHER, "https://relay.example:8443/v1", "https://relay.example.evil.example"):
        assert found(base_url=url)[1] == ""


def test_a_key_given_for_tls_never_goes_out_in_the_clear(keyring):
    remember_key(RELAY, "key-1234567", where="keyring")
    assert found(base_url="http://relay.example/v1")[1] == ""
    remember_key("http://127.0.0.1:8000", "key-7654321")
    assert found(base_url="http://127.0.0.1:8000/v1")[1] == "key-7654321"


# A key where none belongs is refused, with the remedy, and not repeated

FILES = [
    f'api_key = "{CANARY}"',
    f'base_url = "https://relay.example/v1?api_key={CANARY}"',
    f'base_url = "https://user:{CANARY}@relay.example"',
    f'model = "{CANARY}"',
    f'[endpoints.lab]\nbase_url = "https://relay.example"\nkey = "{CANARY}"',
    f'[endpoints.lab]\nbase_url = "https://relay.example"\ntoken = "{CANARY}"',
    f'[styles]\nink = "{CANARY}"',
]


@pytest.mark.parametrize("text", FILES)
@pytest.mark.parametrize("name", ["nbext.toml", "pyproject.toml"])
def test_a_key_in_a_settings_file(tmp_path, text, name):
    if name == "pyproject.toml":
        text = f"[tool.nbext]\n{text}".replace("[endpoints", "[tool.nbext.endpoints").replace(
            "[styles", "[tool.nbext.styles"
        )
    (tmp_path / name).write_text(text)
    for action in (
        lambda: apply_files(Nbext(), tmp_path),
        lambda: found(folder=tmp_path),
        lambda: explain(Nbext(), folder=tmp_path, environ={}),
    ):
        said = refused(action)
        assert name in said
        assert "%nbext key" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", CANARY),
        ("key", CANARY),
        ("token", CANARY),
        ("model", CANARY),
        ("endpoint", CANARY),
        ("base_url", CANARY),
        ("base_url", f"https://relay.example/v1?key={CANARY}"),
        ("base_url", f"https://relay.example/v1?access_token={CANARY}"),
        ("base_url", f"https://relay.example/v1#token={CANARY}"),
        ("base_url", f"https://{CANARY}@relay.example/v1"),
        ("base_url", f"https://u:{CANARY}@relay.example/v1"),
        ("endpoints", {"lab": {"base_url": RELAY, "key": CANARY}}),
        ("endpoints", {"lab": {"base_url": RELAY, "apikey": CANARY}}),
        ("endpoints", {"lab": f"https://u:{CANARY}@relay.example"}),
    ],
)
def test_a_key_in_a_setting(name, value):
    chosen = Nbext()
    said = refused(setattr, chosen, name, value)
    assert "%nbext key" in said
    assert not chosen.assigned(name)
    assert CANARY not in repr(chosen.trait_values())


@pytest.mark.parametrize(
    "name", ["NBEXT_ENDPOINTS", "NBEXT_MODEL", "NBEXT_REPLAY", "NBEXT_CONNECT_TIMEOUT"]
)
def test_a_key_in_the_wrong_variable_is_not_repeated(name):
    value = f'{{"lab": {{"base_url": "{RELAY}", "key": "{CANARY}"}}}}'
    refused(apply_environment, Nbext(), {name: value if "END" in name else CANARY})


def test_url_and_key_in_each_others_place():
    said = refused(found, {"NBEXT_BASE_URL": CANARY, "NBEXT_API_KEY": RELAY})
    assert "key" in said
    unmarked = "0f3a9canary9d2e" * 2
    refused(found, {"NBEXT_BASE_URL": unmarked, "NBEXT_API_KEY": RELAY})
    refused(checked_url, f"x.{unmarked}.y")


@pytest.mark.parametrize("key", ["a key", "käy-123", "key\x00", "", "  ", "one\ntwo", "猫"])
def test_what_is_no_key(key):
    said = refused(checked_key, key, "NBEXT_API_KEY")
    assert "Copy it again" in said
    assert not key.strip() or key not in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("relay.example/v1", "Did you mean https://relay.example/v1?"),
        ("ftp://relay.example", "https://relay.example/v1"),
        ("https://", "https://relay.example/v1"),
        ("http://[", "https://relay.example/v1"),
        ("https://relay.example:port", "https://relay.example/v1"),
        ("file:///etc/passwd", "https://relay.example/v1"),
    ],
)
def test_what_is_no_base_url(url, said):
    with pytest.raises(SettingsError, match=r".") as caught:
        checked_url(url)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://skylark-relay-production.example/v1",
        "http://127.0.0.1:8000",
        "http://[::1]:8000/v1/",
        "https://relay.example/openai/v1?api-version=2026-01-01",
    ],
)
def test_what_is_a_base_url(url):
    assert checked_url(url) == url
    assert checked_url(f" {url}\n") == url
    assert checked_url("") == ""


# Slips


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda: setattr(Nbext(), "modle", "x"), "Did you mean model?"),
        (lambda: setattr(Nbext(), "replay", "sometimes"), "restart"),
        (lambda: setattr(Nbext(), "connect_timeout", -1), "Nbext.connect_timeout"),
        (lambda: setattr(Nbext(), "endpoints", {"lab": 3}), "lab is no table"),
        (lambda: setattr(Nbext(), "endpoints", {"lab": {}}), "lab has no base_url"),
        (
            lambda: setattr(Nbext(), "endpoints", {"lab": {"base_ulr": RELAY}}),
            "Did you mean base_url?",
        ),
        (lambda: setattr(Nbext(), "prices", {"a": "dear"}), "US dollars"),
        (
            lambda: found(name="lap", endpoints={"lab": {"base_url": RELAY}}),
            "Did you mean lab?",
        ),
        (lambda: found(name="embeded"), "Did you mean embedded?"),
        (lambda: found(name="zzz"), "%config Nbext.endpoints"),
        (lambda: apply_environment(Nbext(), {"NBEXT_INLINE_LIMIT": "much"}), "NBEXT_INLINE_LIMIT"),
        (lambda: apply_environment(Nbext(), {"NBEXT_STYLES": "{"}), "NBEXT_STYLES is no table"),
    ],
)
def test_a_slip_is_told_with_what_was_meant(action, said):
    with pytest.raises(SettingsError) as caught:
        action()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_slip_in_a_file_names_the_file(tmp_path):
    (tmp_path / "nbext.toml").write_text('modle = "x"')
    assert "nbext.toml" in refused(apply_files, Nbext(), tmp_path)
    assert "Did you mean model?" in refused(apply_files, Nbext(), tmp_path)
    (tmp_path / "nbext.toml").write_text('replay = "sometimes"')
    assert "nbext.toml: Nbext.replay" in refused(apply_files, Nbext(), tmp_path)
    (tmp_path / "nbext.toml").write_text("model = ")
    assert "nbext.toml" in refused(apply_files, Nbext(), tmp_path)
    (tmp_path / "nbext.toml").unlink()
    (tmp_path / "pyproject.toml").write_text("this is somebody else's broken file")
    apply_files(Nbext(), tmp_path)
    (tmp_path / "pyproject.toml").write_text("tool = 3")
    apply_files(Nbext(), tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool]\nnbext = 3")
    assert "tool.nbext is no table" in refused(apply_files, Nbext(), tmp_path)
    (tmp_path / "nbext.toml").write_text(f"styles = {'[' * 5000}")
    assert "nbext.toml" in refused(apply_files, Nbext(), tmp_path)


def test_the_environment_stands_above_a_file_and_config_above_both(tmp_path):
    (tmp_path / "nbext.toml").write_text('model = "file"\nreplay = "never"')
    chosen = Nbext()
    apply_files(chosen, tmp_path)
    assert (chosen.model, chosen.replay) == ("file", "never")
    apply_environment(chosen, {"NBEXT_MODEL": "environment", "NBEXT_REPLAY": ""})
    assert (chosen.model, chosen.replay) == ("environment", "never")
    chosen.model = "config"
    apply_environment(chosen, {"NBEXT_MODEL": "environment"})
    assert chosen.model == "config"
    rows = explain(chosen, folder=tmp_path, environ={"NBEXT_MODEL": "environment"})
    assert ("model", "config", "%config") in rows
    assert ("replay", "never", "nbext.toml") in rows


def test_every_setting_is_taken_from_the_environment():
    given = {
        "model": ("a", "a"),
        "progress": ("false", False),
        "connect_timeout": ("2.5", 2.5),
        "inline_limit": ("20000", 20_000),
        "runner": ("nested", "nested"),
        "prices": ('{"m": 0.5}', {"m": 0.5}),
        "endpoints": (f'{{"lab": "{RELAY}"}}', {"lab": {"base_url": RELAY}}),
    }
    chosen = Nbext()
    apply_environment(chosen, {f"NBEXT_{k.upper()}": text for k, (text, _) in given.items()})
    assert {name: getattr(chosen, name) for name in given} == {k: v for k, (_, v) in given.items()}


# %config, as IPython's magic does it


@pytest.fixture
def config():
    """What ``%config`` does: it makes a Config of the line, and gives it to the settings."""
    from traitlets.config import Config

    chosen = Nbext()

    def assign(name, value):
        section = Config()
        section.Nbext[name] = value
        chosen.update_config(section)
        return chosen

    return assign


def test_config_sets_and_is_above_the_environment(config):
    chosen = config("base_url", RELAY)
    assert chosen.assigned("base_url")
    assert found_in(chosen, env("nbext")) == RELAY


def found_in(chosen, environ):
    return find_endpoint(settings=chosen, environ=environ).endpoint.base_url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", CANARY),
        ("base_url", f"https://u:{CANARY}@relay.example"),
        ("endpoints", {"lab": {"base_url": RELAY, "key": CANARY}}),
        ("replay", "sometimes"),
        ("modle", "x"),
    ],
)
def test_what_config_refuses_is_not_kept(config, name, value):
    chosen = config("model", "mine")
    refused(config, name, value)
    assert CANARY not in repr(chosen.trait_values())
    assert chosen.replay == "restart"
    config("model", "other")
    assert chosen.model == "other"


# The hidden prompt


def test_a_key_is_asked_for_and_kept(keyring):
    chosen, asked = Nbext(), []

    def ask(prompt):
        asked.append(prompt)
        return f"  {CANARY}\n"

    said = ask_key(chosen, base_url=RELAY, ask=ask)
    assert asked == ["Key for relay.example: "]
    assert said == "The key for relay.example is kept in the keyring."
    assert keyring == {("nbext", "relay.example"): CANARY, ("nbext", "default"): RELAY}
    assert found_in(chosen, {}) == RELAY
    assert resolve_endpoint(settings=chosen, environ={}).key.reveal() == CANARY


def test_without_a_keyring_a_key_is_kept_in_this_kernel_alone():
    chosen = Nbext(base_url=RELAY)
    said = ask_key(chosen, ask=lambda _: CANARY)
    assert said == "The key for relay.example is kept in this kernel."
    assert resolve_endpoint(settings=chosen, environ={}).key.reveal() == CANARY
    assert CANARY not in repr(vars(module))


@pytest.mark.parametrize("typed", ["", "   ", "\n", "two words", "sk-canary-ä"])
def test_what_is_typed_is_no_key(typed):
    refused(ask_key, Nbext(), base_url=RELAY, ask=lambda _: typed)
    assert module._kernel_keys == {}


def test_a_key_where_the_url_belongs():
    said = refused(ask_key, Nbext(), base_url=CANARY, ask=lambda _: "never asked")
    assert "Take it out" in said


def test_a_key_for_no_endpoint(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_")):
            monkeypatch.delenv(name)
    assert "Which endpoint" in refused(ask_key, Nbext(), ask=lambda _: "never asked")


class StdinNotImplementedError(RuntimeError):
    """ipykernel's, by name."""


@pytest.mark.parametrize("error", [EOFError, NotImplementedError, StdinNotImplementedError])
def test_where_nobody_can_be_asked(error):
    def ask(_):
        raise error

    assert "Nobody can be asked" in refused(ask_key, Nbext(), base_url=RELAY, ask=ask)


# What is said about it


@pytest.mark.parametrize(
    "environ",
    [
        {"NBEXT_BASE_URL": RELAY, "NBEXT_API_KEY": CANARY},
        {"OPENAI_API_KEY": CANARY},
        {"LITELLM_API_BASE": RELAY, "LITELLM_API_KEY": CANARY},
        {"NBEXT_BASE_URL": RELAY, "OPENAI_API_KEY": CANARY},
    ],
)
def test_explain_says_where_a_key_is_from_and_never_the_key(environ):
    rows = explain(Nbext(), environ=environ)
    assert "canary" not in repr(rows)
    said = dict(row[:2] for row in rows)
    wanted = "none" if "NBEXT_BASE_URL" in environ and "NBEXT_API_KEY" not in environ else "set"
    assert said["key"].startswith(wanted)
    assert {"endpoint", "model", "replay", "runner"} <= set(said)


def test_explain_without_a_key():
    assert explain(Nbext(), environ={})[0] == (
        "endpoint",
        "embedded (sketches, no model)",
        "no key anywhere",
    )


def test_found_endpoints_and_settings_do_not_show_the_key():
    it = find_endpoint(settings=Nbext(), environ={"NBEXT_BASE_URL": RELAY, "NBEXT_API_KEY": CANARY})
    for thing in (it, it.endpoint, it.endpoint.key, vars(it)):
        assert CANARY not in f"{thing!r} {thing!s}"


def test_every_setting_is_described():
    rows = describe_traits()
    assert [row[0] for row in rows] == sorted(Nbext.class_trait_names(config=True))
    kinds = {"text", "number", "bool", "table"}
    for name, _default, kind, meaning, variable in rows:
        assert kind in kinds or " | " in kind, name
        assert len(meaning) > 10, name
        assert variable == f"NBEXT_{name.upper()}"
    assert not any("key" in row[0] for row in rows)


def test_the_real_keyring_package_without_a_place_to_keep_things(monkeypatch):
    import keyring
    from keyring.backends.fail import Keyring as Nowhere

    monkeypatch.undo()
    monkeypatch.setattr(keyring, "get_keyring", Nowhere)
    assert module._keyring() is None
