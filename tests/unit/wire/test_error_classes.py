"""Each refusal that relays really send, and the error that a person gets of it."""

from __future__ import annotations

import json

import pytest

from nbext import errors
from nbext.wire.error_body import mask, one_line, read_error_body
from nbext.wire.error_classes import classify_error, classify_event, did_you_mean
from nbext.wire.events import ErrorEvent

KEY = "sk-canary-0123456789abcdef"


def wrapped(message: str, code: object = "", kind: str = "new_api_error", **more: object) -> bytes:
    error = {"message": message, "type": kind, "param": "", "code": code} | more
    return json.dumps({"error": error}, ensure_ascii=False).encode()


ONE = " (request id: 20251123AAAA)"
TWO = " (request id: 20251123UUUU) (request id: 20251123OOOO)"

ROWS = [
    (400, wrapped("request blocked by Gemini API: PROHIBITED_CONTENT " + ONE, "prompt_blocked", "v_api_error"), errors.ModerationError, "content"),
    (
        400,
        wrapped(
            "Your request was rejected by the safety system.",
            "moderation_blocked",
            "image_generation_user_error",
            moderation_details={"moderation_stage": "input", "categories": ["violence"]},
        ),
        errors.ModerationError,
        "violence",
    ),
    (500, wrapped("sensitive words detected", "sensitive_words_detected"), errors.ModerationError, "content"),
    (200, wrapped("图片可能违反了我们的内容政策", None), errors.ModerationError, "content"),
    (400, wrapped("Unknown parameter: 'response_format'.", "unknown_parameter", "invalid_request_error", param="response_format"), errors.BadRequestError, "Leave out response_format."),
    (400, wrapped("Unknown parameter: 'style'."), errors.BadRequestError, "Leave out style."),
    (400, wrapped("Unknown parameter: 'stream'.", "unknown_parameter", param="stream"), errors.BadRequestError, "-p stream=false"),
    (400, wrapped("Unsupported parameter: 'partial_images'", param="partial_images"), errors.BadRequestError, "-p stream=false"),
    (400, wrapped("partial_images must be 0 to 3", param="partial_images"), errors.BadRequestError, "Check partial_images."),
    (400, wrapped("Streaming is not supported for this model"), errors.BadRequestError, "-p stream=false"),
    (413, b"", errors.BadRequestError, "fewer or smaller"),
    (413, b"<html><title>413 Request Entity Too Large</title>", errors.BadRequestError, "fewer or smaller"),
    (401, wrapped("无效的令牌" + ONE), errors.AuthenticationError, "%nbext key"),
    (401, wrapped("Invalid token"), errors.AuthenticationError, "%nbext key"),
    (401, wrapped("该令牌已过期"), errors.AuthenticationError, "no longer accepts"),
    (401, b"", errors.AuthenticationError, "key"),
    (400, wrapped("API key not valid. Please pass a valid API key.", 400), errors.AuthenticationError, "key"),
    (401, wrapped("该令牌额度已用尽 TokenStatusExhausted[sk-abc***xyz]"), errors.QuotaError, "sk-***"),
    (403, wrapped("用户额度不足, 剩余额度: ＄-0.003902" + ONE, "insufficient_user_quota"), errors.QuotaError, "this key"),
    (403, wrapped("用户额度不足, 剩余额度: ＄-0.003902" + TWO, "insufficient_user_quota"), errors.QuotaError, "not your own balance"),
    (403, wrapped("预扣费额度失败, 用户剩余额度: ＄0.1, 需要预扣费额度: ＄0.2"), errors.QuotaError, "this key"),
    (400, wrapped("Budget has been exceeded! Current cost: 0.2, Max budget: 0.1", "400", "budget_exceeded"), errors.QuotaError, "this key"),
    (429, wrapped("ExceededBudget: User=ada over budget. Spend=0.3, Budget=0.25", "429"), errors.QuotaError, "this key"),
    (400, wrapped("Authentication Error, ExceededTokenBudget: Current spend: 7.2; Max Budget: 2", 401), errors.QuotaError, "this key"),
    (403, wrapped("x", "pre_consume_token_quota_failed"), errors.QuotaError, "this key"),
    (400, wrapped("Your credit balance is too low to access the API"), errors.QuotaError, "this key"),
    (402, wrapped("Insufficient credits", 402), errors.QuotaError, "balance"),
    (403, wrapped("This token has no access to model gpt-5"), errors.AccessError, "key's settings"),
    (403, wrapped("该令牌无权访问模型 gpt-5"), errors.AccessError, "%models"),
    (403, wrapped("无权访问 default 分组"), errors.AccessError, "group"),
    (403, wrapped("您的 IP 不在令牌允许访问的列表中", "access_denied"), errors.AccessError, "computer's address"),
    (403, wrapped("当前渠道已禁用非流式请求，请改用流式请求(stream=true)", "non_streaming_disabled"), errors.BadRequestError, "stream=true"),
    (404, b"404 page not found", errors.NotAnEndpointError, "base URL"),
    (404, wrapped("Invalid URL (POST /v1/v1/chat/completions)", None, "invalid_request_error"), errors.NotAnEndpointError, "base URL"),
    (405, b"", errors.NotAnEndpointError, "base URL"),
    (404, wrapped("Task not found"), errors.BadRequestError, "Task not found"),
    (424, wrapped("line busy, refunded"), errors.RateLimitError, "another model"),
    (429, wrapped("当前分组上游负载已饱和，请稍后再试", "429", "upstream_error"), errors.RateLimitError, "at its limit"),
    (429, wrapped("当前分组上游负载已饱和，请稍后再试", None, "insufficient_quota"), errors.QuotaError, "not your own balance"),
    (429, wrapped("您每分钟最多发起 3 次请求"), errors.RateLimitError, "too many"),
    (429, b"", errors.RateLimitError, "too many"),
    (429, b'[{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}]', errors.RateLimitError, "exceeded"),
    (429, wrapped("You exceeded your current quota", "insufficient_quota"), errors.QuotaError, "this key"),
    (500, wrapped('do request failed: Post "https://u": unexpected EOF', "do_request_failed"), errors.ServerError, "its own provider"),
    (500, wrapped("", "empty_response"), errors.ServerError, "its own provider"),
    (500, wrapped("grok supports only 6, 10, or 15 seconds", "build_request_failed"), errors.BadRequestError, "seconds"),
    (503, wrapped("分组 default 下模型 X 无可用渠道（distributor）" + ONE, "model_not_found"), errors.ModelError, "%models"),
    (503, wrapped("当前分组 chatfire 下对于模型 ERNIE-Bot 无可用渠道" + ONE), errors.ModelError, "%models"),
    (503, wrapped("No available channel for model X under group default"), errors.ModelError, "%models"),
    (404, wrapped("The model `x` does not exist", "model_not_found"), errors.ModelError, "%models"),
    (503, b"", errors.ServerError, "not available"),
    (502, b"<html><head><title>502 Bad Gateway</title></head>", errors.ServerError, "502 Bad Gateway"),
    (524, b"<!DOCTYPE html><title>relay.example | 524: A timeout occurred</title>", errors.TimedOutError, "524"),
    (524, b"error code: 524", errors.TimedOutError, "524"),
    (200, b"<!DOCTYPE html><title>relay.example | 524: A timeout occurred</title>", errors.TimedOutError, "524"),
    (504, b"<html><title>504 Gateway Time-out</title>", errors.TimedOutError, "504"),
    (520, b"error code: 520", errors.ServerError, "520"),
    (200, b"<html><title>New API</title><div id=root>", errors.NotAnEndpointError, "New API"),
    (200, b"<!doctype html><title>Login</title>", errors.NotAnEndpointError, "login page"),
    (404, b"<html><title>404 Not Found</title>", errors.NotAnEndpointError, "base URL"),
    (501, b"<!DOCTYPE html><title>Error response</title>", errors.NotAnEndpointError, "base URL"),
    (403, b"<!DOCTYPE html><title>Just a moment...</title>", errors.AccessError, "firewall"),
    (302, b"", errors.NotAnEndpointError, "redirects"),
    (403, json.dumps({"code": "fail_to_fetch_task", "message": '{"code":"upstream_load_saturated","message":"上游负载已饱和"}', "data": None}).encode(), errors.RateLimitError, "上游负载已饱和"),
    (400, b'[{"error":{"code":400,"message":"Invalid aspect","status":"INVALID_ARGUMENT"}}]', errors.BadRequestError, "Invalid aspect"),
    (422, b'{"detail":[{"loc":["body","n"],"msg":"field required"}]}', errors.BadRequestError, "Check n."),
    (400, b'{"object":"error","message":"bad n","type":"BadRequestError"}', errors.BadRequestError, "bad n"),
    (400, b'{"error":"plain words"}', errors.BadRequestError, "plain words"),
    (200, b'{"success":false,"message":"nothing today"}', errors.ServerError, "nothing today"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind", "words"), ROWS)
def test_each_row(status, body, kind, words):
    error = classify_error(status, {}, body, model="x", host="relay.example")
    assert type(error) is kind
    assert words in str(error)
    assert error.status_code == status
    assert "relay.example" in error.message
    assert "\n" not in str(error)
    assert "request id" not in error.message


@pytest.mark.parametrize("status", [500, 502, 504, 520, 521, 522, 523, 524])
@pytest.mark.parametrize("body", [b"", b"{}", b"<html><title>x</title>"])
def test_after_a_gateway_it_may_have_been_billed(status, body):
    assert classify_error(status, {}, body).maybe_billed


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 413, 424, 429, 501, 503])
def test_after_a_refusal_it_was_not(status):
    assert not classify_error(status, {}, b"{}").maybe_billed


def test_the_last_id_is_the_endpoints_own():
    assert (
        classify_error(403, {"X-Request-Id": "h"}, wrapped("x" + TWO)).request_id == "20251123OOOO"
    )
    assert (
        classify_error(500, {"X-Request-Id": "h", "X-Oneapi-Request-Id": "o"}, b"").request_id
        == "o"
    )
    assert classify_error(500, {"x-request-id": "h"}, b"").request_id == "h"
    assert (
        classify_error(500, {}, wrapped("失败（request id：20251123AAAA）")).request_id
        == "20251123AAAA"
    )


def test_did_you_mean():
    models = ["gpt-4o-image", "gpt-image-2", "sora_image"]
    body = wrapped("无可用渠道", "model_not_found")
    error = classify_error(503, {}, body, model="GPT-4o-imge", models=models)
    assert "Did you mean gpt-4o-image or" in error.remedy
    assert "GPT-4o-imge" in error.message
    assert did_you_mean("zzz", models) == ""


def test_an_endpoint_without_a_name_is_named_in_the_sentence():
    begun = classify_error(200, {}, wrapped("no"))
    assert begun.message.startswith("The endpoint answered")
    assert "at the endpoint is" in classify_error(402, {}, b"{}").message
    assert "in front of the endpoint" in classify_error(200, {}, b"error code: 524").message


def test_a_message_ends_in_what_to_do():
    error = errors.DownloadError(
        "It is not there", remedy="%config Nbext.x = 1", maybe_billed=True, request_id="r1"
    )
    assert str(error) == (
        "It is not there. It may have been billed. %config Nbext.x = 1 (request id: r1)"
    )


def test_retry_after_is_said():
    assert "in 7 s" in classify_error(429, {"Retry-After": "7"}, b"").remedy


def test_keys_are_masked_everywhere():
    body = wrapped(f"bad {KEY} Bearer {KEY} AIzaSyA1234567890abcdefghijk", KEY) + KEY.encode()
    error = classify_error(400, {"x-request-id": KEY}, body)
    text = f"{error} {error.body} {error.request_id} {vars(error)}"
    assert KEY not in text
    assert "AIzaSy" not in text
    assert mask("task-1234567 disk-1234567") == "task-1234567 disk-1234567"


def test_a_key_at_the_cut_is_masked():
    for at in range(4080, 4100):
        error = classify_error(500, {}, b"x " * (at // 2) + KEY.encode())
        assert "canary" not in error.body
        assert len(error.body.encode()) <= 4096


def test_the_body_is_kept_to_a_limit():
    assert len(classify_error(500, {}, "猫".encode() * 9000).body.encode()) <= 4096


def test_no_control_character_reaches_a_screen():
    error = classify_error(400, {}, wrapped("a\x1b]0;title\x07b\u202ec\nd"))
    assert error.message.isprintable()
    assert one_line("x" * 10_000) == "x" * 499 + "…"


HOSTILE = [
    b"[" * 200_000,
    b'{"error":' * 50_000,
    b'{"error":{"message":' + b'"{\\"error\\":' * 10_000,
    b"\xff\xfe" * 100_000,
    b"<title" * 200_000,
    b"<html><title>" + b" " * 500_000,
    b"request id " * 100_000,
    (" (" * 300_000).encode(),
    wrapped("model " * 100_000),
    wrapped("ip" * 300_000),
    wrapped("sk-" * 300_000),
    b'{"error":{"message":{"message":1},"code":[1],"type":{},"param":7}}',
    b'{"error":null,"message":null}',
    b'{"error":[]}',
    b"null",
    b'"words"',
    b"1e999",
]


@pytest.mark.parametrize("body", HOSTILE)
@pytest.mark.parametrize("status", [200, 400, 403, 503])
def test_hostile_bodies_are_errors_of_ours(body, status):
    error = classify_error(
        status, {"content-type": "text/html"}, body, model="m" * 100_000, models=["m"]
    )
    assert isinstance(error, errors.RequestError)
    assert len(error.message) < 1000


def test_json_in_a_string_in_json():
    inner = json.dumps({"error": {"message": "deep", "code": "rate_limit"}})
    said = read_error_body(json.dumps({"code": "x", "message": inner}).encode())
    assert (said.message, said.code) == ("deep", "rate_limit")


def test_from_a_decoders_event():
    event = ErrorEvent(
        kind="ModerationError",
        message=f"no {KEY}",
        remedy="r",
        request_id="i",
        body="b" * 9000,
        maybe_billed=True,
    )
    error = classify_event(event)
    assert type(error) is errors.ModerationError
    assert (error.message, error.remedy, error.request_id) == ("no sk-***", "r", "i")
    assert error.maybe_billed
    assert len(error.body) == 4096
    for kind in ("NoPictureError", "DownloadError", "TruncatedError"):
        assert type(classify_event(ErrorEvent(kind=kind, message="m"))).__name__ == kind
    for kind in ("HistoryError", "Any", "annotations", "nonsense", ""):
        assert type(classify_event(ErrorEvent(kind=kind, message="m"))) is errors.ServerError
