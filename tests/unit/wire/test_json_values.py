"""JSON values that an endpoint has sent."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.wire.json_values import NOTHING, decode, decode_all, error_of, error_status


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b"null", None),
        ('{"a": "画"}'.encode(), {"a": "画"}),
        (b'["\\ud83d"]', ["?"]),
        (b'["\\ud83d\\ude00"]', ["😀"]),
        (b'["a\nb"]', ["a\nb"]),
        (b'["\xff"]', ["\ufffd"]),
        (b"[NaN, Infinity]", [None, None]),
        (b"[" + b"9" * 100 + b", NaN]", [1e100, None]),
        (b"", NOTHING),
        (b"{} {}", NOTHING),
        (b'{"a": ', NOTHING),
        (b"<html>", NOTHING),
        (b"[" * 100_000, NOTHING),
    ],
)
def test_json_and_what_is_nearly_so(data, value):
    found = decode(data)
    assert found is NOTHING if value is NOTHING else found == value


@given(
    st.binary(max_size=60)
    | st.text(max_size=40).map(lambda text: f'["{text}"]'.encode("utf-8", "replace"))
)
def test_what_is_read_can_be_written_again(data):
    found = decode(data)
    if found is not NOTHING:
        msgspec.json.encode(found)


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"message": "x"}},
        {"error": "x"},
        [{"error": {"message": "x"}}],
        {"success": False, "message": "x"},
        {"object": "error", "message": "x"},
        {"code": "fail_to_fetch_task", "message": "x", "data": None},
    ],
)
def test_what_is_an_error(value):
    assert error_of(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        None,
        [],
        {"error": {}},
        {"error": None},
        {"error": False},
        {"error": ""},
        {"code": "success", "message": "", "data": {}},
        {"code": 0, "message": "ok"},
        {"status": "failed", "error": {"message": "x"}},
        {"code": {}, "data": [1], "message": "x"},
    ],
)
def test_what_is_none(value):
    assert error_of(value) is None


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (429, 429),
        ("503", 503),
        (200, 200),
        (True, 200),
        ("9" * 5000, 200),
        (None, 200),
        ({}, 200),
        (4.29, 200),
        ("４２９", 429),
    ],
)
def test_an_error_may_name_its_status(code, status):
    assert error_status({"code": code}) == status


@pytest.mark.parametrize(
    ("body", "values", "cut"),
    [
        (b"", [], False),
        (b"null", [None], False),
        (b"no JSON", [], False),
        (b'{"a":1}', [{"a": 1}], False),
        (b'\xef\xbb\xbf {"a":1} <!-- cached by h -->', [{"a": 1}], False),
        (b'{"a":1}\r\n{"b":2}\n\n[3]', [{"a": 1}, {"b": 2}, [3]], False),
        (b'{"a":1}\n{"b":', [{"a": 1}], True),
        (b'{"a":', [], True),
        (b"[" * 100_000, [], True),
    ],
)
def test_all_that_stands_in_a_body(body, values, cut):
    assert decode_all(body) == (values, cut)


def test_many_values_in_a_body_take_linear_time():
    assert len(decode_all(b'{"a":1} \n' * 50_000)[0]) == 50_000
