"""Each rule of the tables of errors, with an answer that it is for."""

from __future__ import annotations

import json

import pytest

from nbext import errors
from nbext.wire.error_classes import classify_error
from nbext.wire.error_rules import PAGE_RULES, RULES

HOST = "relay.example"


def error(message="", **fields):
    return json.dumps({"error": {"message": message, **fields}}).encode()


# Name of the rule: status, headers, body, fields that were sent, words of the message or remedy.
ANSWERS = {
    "maintenance": (455, {}, error("系统维护中"), (), "maintenance"),
    "redirect": (302, {"location": "https://h/v1?key=1"}, b"", (), "https://h/v1"),
    "google's plan": (
        429,
        {},
        error("Quota exceeded, limit: 0", status="RESOURCE_EXHAUSTED"),
        (),
        "raise the key's limit",
    ),
    "google's rate limit": (429, {}, error("Quota", status="RESOURCE_EXHAUSTED"), (), "requests"),
    "limit of the moment": (
        429,
        {},
        error("Allocated quota exceeded", code="Throttling.AllocationQuota"),
        (),
        "too many requests",
    ),
    "limit of the day": (403, {}, error("今日次数已用完"), (), "too many"),
    "overloaded": (529, {}, error("Overloaded"), (), "at its limit"),
    "upstream's balance": (403, {}, error("上游余额不足"), (), "not your own balance"),
    "balance": (403, {}, error("用户额度不足"), (), "raise the key's limit"),
    "upstream's balance, by its meaning": (
        500,
        {},
        error("upstream: the wallet is drained, negative balance"),
        (),
        "not your own balance",
    ),
    "balance, by its meaning": (403, {}, error("Your purse: 0 coins available"), (), "Top up"),
    "limit that is for sale": (
        429,
        {},
        error("All your monthly credits are spent. Add a payment method."),
        (),
        "Top up",
    ),
    "payment": (402, {}, error("Pay"), (), "raise the key's limit"),
    "model of the key": (401, {}, error("key not allowed to access model"), (), "%models"),
    "expired key": (401, {}, error("This token has expired"), (), "no longer accepts"),
    "key": (401, {}, error("No"), (), "%nbext key"),
    "key, by its words": (400, {}, error("API key not valid"), (), "%nbext key"),
    "lost signature": (
        400,
        {},
        error("Image part is missing a thought_signature"),
        (),
        "signature",
    ),
    "account": (403, {}, error("Your account has been suspended"), (), "support"),
    "moderation": (400, {}, error("x", code="moderation_blocked"), (), "content"),
    "stream only": (403, {}, error("x", code="non_streaming_disabled"), (), "stream=true"),
    "place": (400, {}, error("User location is not supported for the API use."), (), "country"),
    "address of this machine": (403, {}, error("IP not in the list"), (), "computer's address"),
    "group of the key": (403, {}, error("无权访问 default 分组"), (), "group"),
    "access, by its words": (403, {}, error("no access to that"), (), "settings"),
    "model": (429, {}, error("no healthy deployments for this model"), (), "%models"),
    "verification": (
        403,
        {},
        error("Your organization must be verified to use this model"),
        (),
        "Verify the account",
    ),
    "account, by its meaning": (403, {}, error("User blocked for spam"), (), "support"),
    "key, by its meaning": (403, {}, error("Secret revoked"), (), "%nbext key"),
    "place, by its meaning": (403, {}, error("Not offered in the European Union"), (), "country"),
    "model, by its meaning": (400, {}, error("m is not one of the models here"), (), "%models"),
    "content, by its meaning": (400, {}, error("NudityDetected"), (), "Rephrase"),
    "length of the prompt": (400, {}, error("Prompt too long"), (), "Shorten the prompt"),
    "size of a picture": (400, {}, error("The photo exceeds 10 MB"), (), "smaller"),
    "option": (200, {}, error("尺寸不支持"), (), "Check"),
    "maintenance, by its meaning": (500, {}, error("Planned downtime"), (), "maintenance"),
    "timeout behind it": (500, {}, error("context deadline exceeded"), (), "waited too long"),
    "no such address": (404, {}, b"404 page not found", (), "/v1"),
    "no such path": (404, {}, error("Invalid URL (POST /v1/responses)"), (), "--via"),
    "not there": (404, {}, error("Task not found"), (), "--via"),
    "task refused": (424, {}, error("line busy"), (), "could not accept"),
    "upstream's limit": (429, {}, error("当前分组上游繁忙"), (), "at its limit"),
    "limit": (429, {"retry-after": "7"}, error("Slow down"), (), "in 7 s"),
    "upstream's limit, by its words": (503, {}, error("upstream overloaded"), (), "at its limit"),
    "limit, by its words": (200, {}, error("请求过于频繁"), (), "too many"),
    "limit, by its meaning": (503, {}, error("All GPUs are occupied"), (), "too many"),
    "access": (403, {}, error("No."), (), "settings"),
    "mask's size": (400, {}, error("mask size does not match"), ("mask",), "the size of the first"),
    "mask's transparency": (
        400,
        {},
        error("mask has no alpha channel"),
        ("mask",),
        "transparent where",
    ),
    "mask": (400, {}, error("mask is not supported"), ("mask",), "without the mask"),
    "stream": (400, {}, error("Streaming is not supported"), (), "stream=false"),
    "unknown parameter": (400, {}, error("Unknown parameter: 'style'."), (), "Leave out style"),
    "too large": (413, {}, b"", (), "smaller"),
    "parameter": (422, {}, error("bad", param="size"), (), "Check size"),
    "request that could not be built": (500, {}, error("x", code="build_request_failed"), (), "--"),
    "timeout": (504, {}, error("late"), (), "stopped waiting"),
    "failure with a mask": (502, {}, error("oops"), ("mask", "image"), "without the mask"),
    "failure behind it": (
        500,
        {},
        error("x", code="do_request_failed"),
        (),
        "its own provider",
    ),
    "failure": (500, {}, error("oops"), (), "HTTP 500"),
    "not available": (503, {}, error("down"), (), "not available"),
    "refused": (451, {}, error("Unavailable for legal reasons"), (), "legal"),
    "error": (200, {}, error("Hm"), (), "answered with an error"),
}
PAGES = {
    "timeout": (524, "<html><title>h | 524: A timeout occurred</title>", "stopped waiting"),
    "firewall": (403, "<html><title>Just a moment...</title>", "firewall"),
    "limit": (429, "<html><title>Slow</title>", "too many"),
    "too large": (413, "<html><title>413</title>", "smaller"),
    "not available": (503, "<html><title>Maintenance</title>", "gave up"),
    "failure": (500, "<html><title>Oops</title>", "gave up"),
    "page": (200, "<html><title>Login</title>", "login page"),
}


def test_every_rule_has_its_answer_here():
    assert [rule.name for rule in RULES] == list(ANSWERS)
    assert [rule.name for rule in PAGE_RULES] == list(PAGES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_an_answer_gets_the_error_of_its_rule(rule):
    status, headers, body, sent, words = ANSWERS[rule.name]
    failure = classify_error(status, headers, body, host=HOST, model="m", sent=sent)
    assert type(failure) is rule.error
    assert failure.maybe_billed == rule.billed
    assert words in str(failure)
    assert "{" not in str(failure)


@pytest.mark.parametrize("rule", PAGE_RULES, ids=lambda rule: rule.name)
def test_a_page_gets_the_error_of_its_rule(rule):
    status, page, words = PAGES[rule.name]
    failure = classify_error(status, {"content-type": "text/html"}, page.encode(), host=HOST)
    assert type(failure) is rule.error
    assert failure.maybe_billed == rule.billed
    assert words in str(failure)


def test_the_path_is_named_where_it_does_not_exist():
    failure = classify_error(404, {}, error("nope"), host=HOST, path="responses")
    assert "cannot find responses" in failure.message


def test_seconds_to_wait_are_read_from_the_body():
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "20s"}]
    body = json.dumps({"error": {"code": 429, "message": "Slow", "details": details}}).encode()
    assert "in 20 s" in classify_error(429, {}, body, host=HOST).remedy


SAYINGS = {
    errors.ModelError: (
        (400, "There is no 'model_name' with this model string"),
        (404, "No provider found for model x"),
        (400, "x is not a valid model ID"),
        (400, "模型 x 已下线"),
        (404, "модель x не найдена"),
    ),
    errors.QuotaError: (
        (403, "quota exceeded"),
        (403, "residual credit not enough"),
        (403, "No credits left"),
        (403, "当前分组额度已用完"),
        (402, "Saldo insuficiente"),
        (400, "残高が不足しています"),
    ),
    errors.ModerationError: (
        (400, "图片包含敏感信息"),
        (400, "Content blocked due to violation"),
        (400, "This prompt may violate our policies"),
        (400, "Запрос нарушает правила"),
        (400, "Post Text Risk Not Pass"),
        (400, "不适当的内容"),
    ),
    errors.RateLimitError: (
        (429, "Quota exceeded: 10 requests per minute"),
        (403, "rpm limit exceeded"),
        (429, "并发数超限"),
    ),
    errors.AuthenticationError: ((400, "api key 不存在"), (403, "密钥无效")),
}


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [(kind, *saying) for kind, sayings in SAYINGS.items() for saying in sayings],
)
def test_what_gateways_say_in_their_own_words_is_understood(kind, status, message):
    failure = classify_error(status, {}, error(message), host=HOST, model="m")
    assert type(failure) is kind
