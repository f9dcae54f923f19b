"""Which wire format a model is spoken to in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nbext.data.request import WIRES
from nbext.errors import OptionError
from nbext.families.registry import choose
from nbext.families.table import table
from nbext.wire.formats import wire_format


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o-image", "chat"),
        ("sora_image", "chat"),
        ("gpt-image-1-vip", "chat"),
        ("gpt-image-1.5-all", "chat"),
        ("chatgpt-4o-latest", "chat"),
        ("gpt-image-2.6-flare", "images"),
        ("GPT-Image-2", "images"),
        ("chatgpt-image-latest", "images"),
        ("dall-e-3", "images"),
        ("gemini-3-pro-image-preview", "chat"),
        ("google/gemini-2.5-flash-image", "chat"),
        ("o3-pro", "responses"),
        ("codex-mini-latest", "responses"),
        ("openai/o3-pro-2025-06-10", "responses"),
        ("o3-deep-research-2025-06-26", "responses"),
        ("gpt-3.5-turbo-instruct", "completions"),
        ("qwen2.5-72b-instruct", "chat"),
        ("nobody-has-heard-of-it", "chat"),
        ("", "chat"),
    ],
)
def test_families(model, name):
    assert choose(model) == name


@pytest.mark.parametrize(
    ("kind", "model", "name"),
    [
        ("video", "veo3.1", "videos"),
        ("video", "sora-2-all", "videos"),
        ("respond", "gpt-4.1", "responses"),
        ("complete", "davinci-002", "completions"),
        ("chat", "gpt-4o", "chat"),
        ("chat", "o3-pro", "responses"),
        ("chat", "gpt-image-2", "chat"),
    ],
)
def test_what_is_asked_counts(kind, model, name):
    assert choose(model, kind=kind) == name


def test_the_endpoints_word_counts_more_than_the_family():
    assert choose("new-one", supported=["image-generation"]) == "images"
    assert choose("new-one", supported=["gemini"]) == "gemini"
    assert choose("gpt-image-2", supported=["openai"]) == "chat"
    assert choose("gpt-image-2", supported=["openai", "image-generation"]) == "images"
    assert choose("new-one", supported=["jina-rerank", "a word of its own"]) == "chat"
    assert choose("new-one", kind="chat", supported=["image-generation"]) == "chat"
    assert choose("new-one", kind="chat", supported=["openai-response"]) == "responses"


def test_the_users_table_counts_most():
    table = {"My-*": "images", "*": "responses"}
    assert choose("my-own", own=table, supported=["openai"]) == "images"
    assert choose("veo3", own=table, kind="video") == "responses"
    with pytest.raises(OptionError, match="images"):
        choose("my-own", own={"my-*": "image"})


@pytest.mark.parametrize("name", WIRES)
def test_every_wire_is_there(name):
    assert wire_format(name).name == name


def test_a_wire_that_is_not_there():
    with pytest.raises(OptionError, match="no wire format 'smoke'"):
        wire_format("smoke")


def test_choosing_imports_no_wire():
    said = "import sys, nbext.families.registry as c; c.choose('m'); print('nbext.wire.chat' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_words_of_more_lists_are_known():
    assert choose("new-one", supported=["image_generation"]) == "images"
    assert choose("new-one", supported=["/v1/images/generations"]) == "images"
    assert choose("new-one", supported=["/V1/Responses"]) == "responses"
    assert choose("gpt-image-2", supported=["openai-response", "chat"]) == "responses"


def test_a_routers_names_are_spoken_to_over_chat():
    assert choose("openai/gpt-image-2") == "chat"
    assert choose("openai/gpt-image-2", supported=["image-generation"]) == "images"
    assert choose("google/gemini-3-pro-image") == "chat"
    assert choose("gemini-3-pro-image-preview/nano-banana-2") == "chat"


def test_a_users_family_says_its_wire_format():
    own = table({"mine": {"names": ["my-"], "wires": ["images"]}})
    assert choose("my-own", families=own) == "images"
    assert choose("my-own") == "chat"
