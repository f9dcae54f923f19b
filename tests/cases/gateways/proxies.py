"""Answers of proxies and relays: new-api, LiteLLM, OpenRouter, relays of ChatGPT accounts."""

from __future__ import annotations

from tests.cases.answers import b64, uri
from tests.cases.gateways.rows import (
    CHAT,
    FILM,
    URL,
    A,
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import GREEN, IMAGES, MP4, RED, chat, event, piece

# ---- new-api, one-api and their kin.

refused(
    "new-api: the user's quota",
    403,
    error("user quota is not enough (request id: 20251101)", code="insufficient_user_quota"),
    "QuotaError",
    "quota is not enough",
)
refused(
    "new-api: the key may not use the model",
    403,
    error("该令牌无权使用模型：gpt-image-2 (request id: 20251101)", type="new_api_error"),
    "AccessError",
    "该令牌无权使用模型",
)
refused(
    "new-api: no channel, after a retry",
    503,
    error(
        "分组 vip 下模型 gpt-image-2 的可用渠道不存在（retry） (request id: 2025)",
        code="get_channel_failed",
    ),
    "ModelError",
    "可用渠道不存在",
)
refused(
    "new-api: the service behind it timed out",
    524,
    error("openai_error", type="bad_response_status_code", code="bad_response_status_code"),
    "TimedOutError",
    billed=True,
)
refused(
    "new-api: its list of words",
    500,
    error("sensitive words detected", code="sensitive_words_detected", type="new_api_error"),
    "ModerationError",
    "sensitive words",
)
row(
    "new-api: the stream breaks off with an error",
    CHAT,
    [
        piece("> 排队中.\n"),
        error("do request failed: unexpected EOF", type="upstream_error", code="do_request_failed"),
    ],
    error="ServerError",
    words=("unexpected EOF",),
    billed=True,
)
refused(
    "one-api: the key",
    401,
    error("无效的令牌 (request id: 2025)"),
    "AuthenticationError",
    "无效的令牌",
)
refused(
    "one-api: the key's allowance",
    401,
    error("该令牌额度已用尽 TokenStatusExhausted[sk-abc***xyz] (request id: 2025)"),
    "QuotaError",
    "额度已用尽",
)
refused(
    "one-api: the channel's own balance",
    429,
    error(
        "当前分组上游负载已饱和，请稍后再试 (request id: 1) (request id: 2)", type="upstream_error"
    ),
    "RateLimitError",
    "负载已饱和",
)
row(
    "new-api: the film's address in fail_reason",
    FILM,
    {"id": "task_x", "task_id": "task_x", "object": "video", "status": "queued"},
    {
        "/v1/videos/task_x": {
            "code": "success",
            "message": "",
            "data": {
                "task_id": "task_x",
                "status": "SUCCESS",
                "fail_reason": "{base}/f.mp4",
                "progress": "100%",
            },
        },
        "/f.mp4": MP4,
    },
    films=1,
)
row(
    "new-api: a job that failed because of the content",
    IMAGES,
    {"task_id": "t7", "status": "submitted"},
    {
        "/v1/images/tasks/t7": {
            "code": "success",
            "data": {
                "task_id": "t7",
                "status": "FAILURE",
                "fail_reason": "The content violated our policy",
                "progress": "100%",
            },
        }
    },
    error="ModerationError",
    words=("violated our policy",),
)

# ---- LiteLLM's proxy.

refused(
    "LiteLLM: Azure's limit",
    429,
    error(
        "litellm.RateLimitError: AzureException RateLimitError - Requests have exceeded call rate limit. "
        "Please retry after 34 seconds. Received Model Group=gpt-image-2",
        type="None",
        code="429",
    ),
    "RateLimitError",
    "34",
)
refused(
    "LiteLLM: all deployments cool down",
    429,
    error(
        "No deployments available for selected model, Try again in 60 seconds. Passed model=gpt-image-2. "
        "pre-call-checks=False, cooldown_list=['a1']",
        code="429",
    ),
    "RateLimitError",
    "Try again in 60 seconds",
)
refused(
    "LiteLLM: the policy",
    400,
    error(
        "litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - "
        "The response was filtered",
        code="400",
    ),
    "ModerationError",
    "ContentPolicyViolationError",
)
refused(
    "LiteLLM: a field that the model does not know",
    400,
    error(
        "litellm.BadRequestError: OpenAIException - Unknown parameter: 'response_format'.",
        code="400",
    ),
    "BadRequestError",
    "response_format",
)
refused(
    "LiteLLM: the key is not in its table",
    401,
    error(
        "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...abcd, "
        "Key Hash (Token) =88dc28. Unable to find token in cache or `LiteLLM_VerificationTokenTable`",
        type="token_not_found_in_db",
        code="401",
    ),
    "AuthenticationError",
    "Invalid proxy server token",
)
refused(
    "LiteLLM: the key may not use the model",
    401,
    error(
        "key not allowed to access model. This key can only access models=['gpt-4o']. "
        "Tried to access gpt-image-2",
        type="key_model_access_denied",
    ),
    "AccessError",
    "can only access models",
)
refused(
    "LiteLLM: it waited in vain",
    408,
    error("litellm.Timeout: Connection timed out. Timeout passed=600.0, time taken=600.1 seconds"),
    "TimedOutError",
    billed=True,
)

# ---- OpenRouter.

refused(
    "OpenRouter: the credits",
    402,
    error("This request requires more credits, or fewer max_tokens.", code=402),
    "QuotaError",
    "requires more credits",
)
refused(
    "OpenRouter: the model draws only",
    404,
    error("No endpoints found that support the requested output modalities: image, text", code=404),
    "ModelError",
    "output modalities",
    ask={"model": "black-forest-labs/flux.2-pro"},
)
refused(
    "OpenRouter: flagged",
    403,
    error(
        "Input was flagged",
        code=403,
        metadata={"reasons": ["sexual"], "flagged_input": "画只…", "provider_name": "OpenAI"},
    ),
    "ModerationError",
    "flagged",
)
refused(
    "OpenRouter: the limit of the provider, in raw words",
    429,
    error(
        "Provider returned error",
        code=429,
        metadata={
            "raw": "google/gemini-3.1-flash-image:free is temporarily rate-limited upstream. Please retry shortly",
            "provider_name": "Google AI Studio",
        },
    ),
    "RateLimitError",
    "temporarily rate-limited",
)
drawn_by(
    "OpenRouter: the cost in the usage",
    {"model": "google/gemini-3.1-flash-image"},
    chat("", images=[{"type": "image_url", "image_url": {"url": uri(RED)}, "index": 0}])
    | {"usage": {"total_tokens": 1300, "cost": 0.0388, "is_byok": False}},
    words=("0.0388 USD",),
)
row(
    "OpenRouter: an error in the choice",
    {"model": "google/gemini-3.1-flash-image"},
    {
        "choices": [
            {
                "error": {"code": 502, "message": "Upstream error from Google AI Studio: aborted"},
                "finish_reason": "error",
                "message": {"role": "assistant", "content": ""},
            }
        ]
    },
    error="ServerError",
    words=("aborted",),
    billed=True,
)
row(
    "OpenRouter: the provider's own reason",
    {"model": "google/gemini-3.1-flash-image"},
    {
        "choices": [
            {
                "finish_reason": "stop",
                "native_finish_reason": "IMAGE_PROHIBITED_CONTENT",
                "message": {"role": "assistant", "content": None, "refusal": None},
            }
        ]
    },
    error="ModerationError",
    words=("IMAGE_PROHIBITED_CONTENT",),
)
drawn_by(
    "OpenRouter: its own images interface",
    images("black-forest-labs/flux.2-pro"),
    {
        "created": 1,
        "data": [{"b64_json": b64(RED), "media_type": "image/png"}],
        "usage": {"cost": 0.03},
    },
    words=("0.03 USD",),
)

# ---- aimlapi.

drawn_by(
    "aimlapi: dollars in its meta",
    images("flux/schnell"),
    {
        "data": [{"url": URL, "b64_json": None}],
        "meta": {"usage": {"credits_used": 84000, "usd_spent": 0.042}},
    },
    A,
    words=("0.042 USD",),
)
refused(
    "aimlapi: the credits",
    403,
    {
        "statusCode": 403,
        "name": "ForbiddenException",
        "path": "/v1/images/generations",
        "message": "You've run out of credits. Please top up your balance or update your payment method",
    },
    "QuotaError",
    "run out of credits",
)
refused(
    "aimlapi: a value that is not in its list",
    400,
    {
        "requestId": "r",
        "statusCode": 400,
        "message": "Invalid payload provided",
        "meta": [
            {
                "code": "invalid_enum_value",
                "path": ["image_size"],
                "message": "Invalid enum value. Expected 'square_hd' | 'square', received '64x48'",
            }
        ],
    },
    "BadRequestError",
    "Expected 'square_hd'",
)

# ---- A bare address that is broken in the middle of a word. Only the download tells.

drawn_by(
    "Terminal relay: the address goes on in the next line",
    CHAT,
    chat("Here it is:\n{base}/cdn/2026/c\nat-on-roof.png\nEnjoy!"),
    {"/cdn/2026/cat-on-roof.png": RED},
)
drawn_by(
    "Terminal relay: the signature goes on in the next line",
    CHAT,
    chat("Here it is:\n{base}/a.png?sig=ab\ncd\nEnjoy!"),
    {"/a.png?sig=ab": 403, "/a.png?sig=abcd": RED},
)
drawn_by(
    "Terminal relay: a file's name in the next line is another matter",
    CHAT,
    chat("Here it is:\n{base}/files/1\ncat.png\n"),
    {"/files/1": RED},
    gets=("/files/1",),
)

# ---- OpenAI, and relays of ChatGPT and Codex accounts.

refused(
    "OpenAI: its moderation, with the request's id",
    400,
    error(
        "Your request was rejected by the safety system. If you believe this is an error, contact us at "
        "help.openai.com and include the request ID req_abc. safety_violations=[sexual].",
        type="image_generation_user_error",
        code="moderation_blocked",
    ),
    "ModerationError",
    "safety_violations=[sexual]",
)
refused(
    "OpenAI: the organization is not verified",
    403,
    error(
        "Your organization must be verified to use the model `gpt-image-2`.",
        type="invalid_request_error",
    ),
    "AccessError",
    "must be verified",
)
refused(
    "OpenAI: the hard limit",
    400,
    error(
        "Billing hard limit has been reached.",
        type="image_generation_user_error",
        code="billing_hard_limit_reached",
    ),
    "QuotaError",
    "hard limit",
)
refused(
    "Codex relay: the plan's limit",
    429,
    error(
        "The usage limit has been reached",
        type="usage_limit_reached",
        plan_type="plus",
        resets_in_seconds=5400,
    ),
    "RateLimitError",
    "5400 s",
)
refused(
    "sub2api: images are not for this account",
    403,
    error("Your organization does not have access to image generation", type="permission_error"),
    "AccessError",
    "does not have access",
)
row(
    "ChatGPT relay: the plan's limit, in words",
    CHAT,
    chat(
        "You've hit the plus plan limit for image generation requests. You can create more images when the limit "
        "resets in 13 minutes."
    ),
    error="RateLimitError",
    words=("13 minutes",),
)
row(
    "ChatGPT relay: the policy, in words",
    CHAT,
    chat("I wasn't able to generate that image because the request violates our content policies."),
    error="ModerationError",
    words=("content policies",),
)
row(
    "ChatGPT relay: cannot, in Chinese",
    CHAT,
    chat("我无法为你生成这张图片，因为它可能侵犯版权。你可以换一个描述试试。"),
    error="ModerationError",
    words=("侵犯版权",),
)
row(
    "OpenAI: a preview, then the stream fails",
    images("gpt-image-2") | {"params": {"partial_images": 1}},
    (
        event(
            "image_generation.partial_image",
            {
                "type": "image_generation.partial_image",
                "partial_image_index": 0,
                "b64_json": b64(GREEN),
            },
        )
        + event(
            "error",
            {
                "type": "error",
                "error": {
                    "type": "image_generation_server_error",
                    "code": "image_generation_failed",
                    "message": "Image generation failed",
                },
            },
        )
    ).encode(),
    pictures=("green",),
    error="ServerError",
    words=("Image generation failed", "a draft, not the result"),
    billed=True,
)
for name, data in (("an empty list", []), ("an empty picture", [{"b64_json": ""}])):
    row(
        f"Images relay: {name}",
        IMAGES,
        {"created": 1, "data": data},
        error="NoPictureError",
        billed=True,
    )
row(
    "Responses relay: drawn in the background",
    {"model": "gpt-5", "via": "responses"},
    {"id": "resp_1", "status": "queued", "output": []},
    {
        "/v1/responses/resp_1": [
            {"id": "resp_1", "status": "in_progress", "output": []},
            {
                "id": "resp_1",
                "status": "completed",
                "output": [
                    {
                        "type": "image_generation_call",
                        "status": "completed",
                        "result": b64(RED),
                        "revised_prompt": "A red cat",
                    }
                ],
            },
        ]
    },
    pictures=("red",),
    words=("A red cat",),
)
row(
    "Responses relay: incomplete because of the filter",
    {"model": "gpt-5", "via": "responses"},
    {
        "id": "resp_1",
        "status": "incomplete",
        "incomplete_details": {"reason": "content_filter"},
        "output": [],
    },
    error="ModerationError",
    words=("content filter",),
)
row(
    "Responses relay: the call failed",
    {"model": "gpt-5", "via": "responses"},
    {
        "id": "resp_1",
        "status": "completed",
        "output": [
            {"type": "image_generation_call", "status": "failed", "result": None},
            {
                "type": "message",
                "content": [
                    {
                        "type": "output_text",
                        "text": "I could not draw it: the tool reported an error.",
                    }
                ],
            },
        ],
    },
    error="ServerError",
    words=("the tool reported an error",),
)
row(
    "Responses relay: the call failed, and the whole answer leaves out why",
    {"model": "gpt-5", "via": "responses"},
    (
        event(
            "response.output_item.done",
            {
                "type": "response.output_item.done",
                "item": {
                    "type": "image_generation_call",
                    "status": "failed",
                    "error": {"code": "moderation_blocked", "message": "Blocked: violence"},
                },
            },
        )
        + event(
            "response.completed",
            {
                "type": "response.completed",
                "response": {
                    "status": "completed",
                    "output": [{"type": "image_generation_call", "status": "failed"}],
                },
            },
        )
    ).encode(),
    error="ModerationError",
    words=("Blocked: violence",),
)
