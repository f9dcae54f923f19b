"""Answers of gateways and providers as their own documentation and public clients show them.

Each row is a :class:`~tests.cases.relays.Situation`: a request, all that the gateway answers, and what is right.
The gateways are reached through an endpoint in OpenAI's form, which passes their answers on.
"""

from __future__ import annotations

from typing import Any

from tests.cases.answers import b64, uri
from tests.cases.relays import (
    BLUE,
    GREEN,
    IMAGES,
    KEY,
    MP4,
    RED,
    Situation,
    chat,
    event,
    piece,
)

GATEWAYS: list[Situation] = []
CHAT = {"model": "gpt-4o-image"}
GEMINI = {"model": "gemini-3-pro-image", "via": "gemini"}
IMAGEN = {"model": "imagen-4.0-generate-001", "via": "images"}
FILM = {"model": "kling-v3", "kind": "video"}


def images(model: str) -> dict[str, Any]:
    return {"model": model, "via": "images"}


def row(name: str, ask: dict[str, Any], answer: Any, files: Any = None, **right: Any) -> None:
    GATEWAYS.append(Situation(name, ask, answer, files or {}, **right))


def refused(
    name: str,
    status: int,
    answer: Any,
    error: str,
    words: str = "",
    *,
    ask: Any = None,
    **more: Any,
) -> None:
    """Add a refusal, which is sent once, fetches nothing and is not billed unless ``more`` says so."""
    right = {"billed": False, "gets": ()} | more
    quoted = (words,) if words else ()
    row(name, ask or IMAGES, answer, status=status, error=error, words=quoted, **right)


def drawn_by(name: str, ask: Any, answer: Any, files: Any = None, **right: Any) -> None:
    """Add an answer with one red picture."""
    row(name, ask, answer, files, pictures=("red",), **right)


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


A = {"/a.png": RED}
URL = "{base}/a.png"
IN = "https://in.example/in.png"

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

# ---- fal.

FAL = "{base}/fal-ai/flux/requests/r-1"
drawn_by(
    "fal: at once",
    images("fal-ai/flux/schnell"),
    {
        "images": [
            {
                "url": URL,
                "content_type": "image/png",
                "file_name": "x.png",
                "width": 64,
                "height": 48,
            }
        ],
        "timings": {"inference": 0.5},
        "seed": 7,
        "has_nsfw_concepts": [False],
        "prompt": "画只猫",
    },
    A,
)
drawn_by(
    "fal: through the queue",
    images("fal-ai/flux/dev"),
    {
        "status": "IN_QUEUE",
        "request_id": "r-1",
        "response_url": FAL,
        "status_url": f"{FAL}/status",
        "cancel_url": f"{FAL}/cancel",
        "queue_position": 2,
    },
    {
        "/fal-ai/flux/requests/r-1/status": [
            {"status": "IN_PROGRESS", "request_id": "r-1", "response_url": FAL, "logs": []},
            {
                "status": "COMPLETED",
                "request_id": "r-1",
                "response_url": FAL,
                "metrics": {"inference_time": 3.7},
            },
        ],
        "/fal-ai/flux/requests/r-1": {
            "images": [{"url": URL, "content_type": "image/png"}],
            "seed": 1,
        },
    }
    | A,
)
row(
    "fal: the job is complete, its answer is an error",
    images("fal-ai/flux/dev"),
    {"status": "IN_QUEUE", "request_id": "r-1", "response_url": FAL, "status_url": f"{FAL}/status"},
    {
        "/fal-ai/flux/requests/r-1/status": {
            "status": "COMPLETED",
            "request_id": "r-1",
            "response_url": FAL,
        },
        "/fal-ai/flux/requests/r-1": (
            422,
            {
                "detail": [
                    {
                        "loc": ["body", "prompt"],
                        "msg": "The content could not be processed because it contained material flagged "
                        "by a content checker.",
                        "type": "content_policy_violation",
                    }
                ]
            },
        ),
    },
    error="ModerationError",
    words=("content checker",),
)
refused(
    "fal: a value that it does not take",
    422,
    {
        "detail": [
            {
                "loc": ["body", "image_size"],
                "msg": "unexpected value; permitted: 'square_hd', 'square'",
                "type": "value_error.const",
            }
        ]
    },
    "BadRequestError",
    "image_size",
)
drawn_by(
    "fal: the picture is black, and a list says why",
    images("fal-ai/flux/schnell"),
    {"images": [{"url": URL}], "has_nsfw_concepts": [True], "prompt": "画只猫"},
    A,
    words=("has_nsfw_concepts",),
)
refused(
    "fal: the balance",
    403,
    {
        "detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
    },
    "QuotaError",
    "Exhausted balance",
)

# ---- Replicate.

PREDICTION: dict[str, Any] = {
    "id": "xyz",
    "model": "black-forest-labs/flux-schnell",
    "input": {"prompt": "画只猫", "image": IN},
    "logs": "",
    "output": None,
    "error": None,
    "urls": {
        "cancel": "{base}/v1/predictions/xyz/cancel",
        "get": "{base}/v1/predictions/xyz",
        "web": "https://replicate.example/p/xyz",
    },
}
drawn_by(
    "Replicate: a prediction",
    images("black-forest-labs/flux-schnell"),
    PREDICTION | {"status": "starting"},
    {
        "/v1/predictions/xyz": [
            PREDICTION | {"status": "processing", "logs": " 50%|█████     | 2/4"},
            PREDICTION | {"status": "succeeded", "output": [URL], "metrics": {"predict_time": 0.5}},
        ]
    }
    | A,
    gets=("/v1/predictions/xyz", "/v1/predictions/xyz", "/a.png"),
)
row(
    "Replicate: its filter",
    images("black-forest-labs/flux-schnell"),
    PREDICTION | {"status": "starting"},
    {
        "/v1/predictions/xyz": PREDICTION
        | {
            "status": "failed",
            "error": "NSFW content detected. Try running it again, or try a different prompt.",
        }
    },
    error="ModerationError",
    words=("NSFW content detected",),
)
refused(
    "Replicate: the credit",
    402,
    {
        "title": "Insufficient credit",
        "detail": "You have insufficient credit to run this model.",
        "status": 402,
    },
    "QuotaError",
    "insufficient credit",
)
refused(
    "Replicate: throttled",
    429,
    {
        "detail": "Request was throttled. Expected available in 40 seconds.",
        "status": 429,
        "retry_after": 40,
    },
    "RateLimitError",
    "40",
)
drawn_by(
    "Replicate: waited for, one address",
    images("black-forest-labs/flux-schnell"),
    PREDICTION | {"status": "succeeded", "output": URL},
    A,
    status=201,
    gets=("/a.png",),
)
row(
    "Replicate: the model crashed",
    images("black-forest-labs/flux-schnell"),
    PREDICTION | {"status": "failed", "error": "CUDA out of memory. Tried to allocate 2 GiB"},
    error="ServerError",
    words=("CUDA out of memory",),
)

# ---- Together, Fireworks, DeepInfra, SiliconFlow.

drawn_by(
    "Together: at once",
    images("black-forest-labs/FLUX.1-schnell-Free"),
    {
        "id": "o8x",
        "model": "black-forest-labs/FLUX.1-schnell-Free",
        "object": "list",
        "data": [{"timings": {"inference": 0.3}, "index": 0, "url": URL}],
    },
    A,
)
refused(
    "Together: the prompt",
    422,
    error("NSFW content detected in prompt", type="invalid_request_error", param="prompt"),
    "ModerationError",
    "NSFW",
)
refused(
    "Together: the model's limit",
    429,
    error(
        "You have reached the rate limit specific to this model. The maximum rate limit for this model is 6.0 "
        "queries per minute.",
        type="model_rate_limit",
    ),
    "RateLimitError",
    "6.0 queries per minute",
)
refused(
    "Together: no such model",
    400,
    error(
        "Unable to access model flux-9. Please visit https://api.together.ai/models to view the list of "
        "supported models.",
        type="invalid_request_error",
        code="model_not_available",
    ),
    "ModelError",
    "Unable to access model",
)
drawn_by("Fireworks: the bytes", images("flux-1-schnell-fp8"), RED, content_type="image/jpeg")
drawn_by(
    "Fireworks: the bytes, and a header says that they were filtered",
    images("flux-1-schnell-fp8"),
    RED,
    content_type="image/jpeg",
    headers={"finish-reason": "CONTENT_FILTERED", "seed": "1"},
    words=("CONTENT_FILTERED",),
)
drawn_by(
    "DeepInfra: its own form, with its cost",
    images("black-forest-labs/FLUX-1-schnell"),
    {
        "images": [uri(RED)],
        "nsfw_content_detected": [False],
        "seed": "1",
        "request_id": "R7",
        "inference_status": {"status": "succeeded", "runtime_ms": 900, "cost": 0.0005},
    },
    words=("0.0005 USD",),
)
drawn_by(
    "SiliconFlow: the same picture under two names",
    images("Kwai-Kolors/Kolors"),
    {
        "images": [{"url": URL}],
        "timings": {"inference": 1.4},
        "seed": 71,
        "shared_id": "0",
        "data": [{"url": URL}],
        "created": 1,
    },
    A,
    gets=("/a.png",),
)
refused(
    "SiliconFlow: the balance",
    403,
    {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None},
    "QuotaError",
    "balance is insufficient",
)
refused(
    "SiliconFlow: pictures a minute",
    429,
    {
        "message": "Request was rejected due to rate limiting. Details: IPM limit reached.",
        "data": None,
    },
    "RateLimitError",
    "IPM limit",
)
refused(
    "SiliconFlow: no such model",
    400,
    {"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None},
    "ModelError",
    "does not exist",
)
refused(
    "SiliconFlow: a parameter",
    400,
    {"code": 20015, "message": "The parameter is invalid. Please check again.", "data": None},
    "BadRequestError",
    "parameter is invalid",
)

# ---- DashScope.

QWEN = images("qwen-image-plus")
TASK = {"output": {"task_status": "PENDING", "task_id": "0385dc79"}, "request_id": "4909100c"}
drawn_by(
    "DashScope: a task, and the prompt as it was rewritten",
    QWEN,
    TASK,
    {
        "/v1/tasks/0385dc79": [
            {"request_id": "e", "output": {"task_id": "0385dc79", "task_status": "RUNNING"}},
            {
                "request_id": "e",
                "output": {
                    "task_id": "0385dc79",
                    "task_status": "SUCCEEDED",
                    "results": [
                        {"orig_prompt": "画只猫", "actual_prompt": "一只毛茸茸的猫", "url": URL}
                    ],
                },
                "usage": {"image_count": 1},
            },
        ]
    }
    | A,
    words=("一只毛茸茸的猫",),
)
drawn_by(
    "DashScope: one of two was inspected",
    QWEN,
    TASK,
    {
        "/v1/tasks/0385dc79": {
            "output": {
                "task_id": "0385dc79",
                "task_status": "SUCCEEDED",
                "results": [
                    {"url": URL},
                    {
                        "code": "DataInspectionFailed",
                        "message": "Output data may contain inappropriate content.",
                    },
                ],
                "task_metrics": {"TOTAL": 2, "SUCCEEDED": 1, "FAILED": 1},
            }
        }
    }
    | A,
    words=("inappropriate content",),
)
drawn_by(
    "DashScope: a conversation with a picture",
    QWEN,
    {
        "output": {
            "choices": [
                {
                    "finish_reason": "stop",
                    "message": {
                        "role": "assistant",
                        "content": [{"image": "{base}/q.png?Expires=17&Signature=Y%3D"}],
                    },
                }
            ],
            "task_metric": {"TOTAL": 1, "SUCCEEDED": 1, "FAILED": 0},
        },
        "usage": {"width": 64, "height": 48, "image_count": 1},
        "request_id": "d1c4",
    },
    {"/q.png?Expires=17&Signature=Y%3D": RED},
)
refused(
    "DashScope: a size",
    400,
    {"request_id": "r", "code": "InvalidParameter", "message": "size must be one of 1328*1328"},
    "BadRequestError",
    "size must be one of",
)
refused(
    "DashScope: requests a minute",
    429,
    {
        "request_id": "r",
        "code": "Throttling.RateQuota",
        "message": "Requests rate limit exceeded, try again later.",
    },
    "RateLimitError",
    "rate limit exceeded",
)
refused(
    "DashScope: its allocation of the moment",
    429,
    {
        "request_id": "r",
        "code": "Throttling.AllocationQuota",
        "message": "Allocated quota exceeded, please increase your quota limit.",
    },
    "RateLimitError",
    "Allocated quota exceeded",
)
refused(
    "DashScope: the free tier",
    403,
    {
        "request_id": "r",
        "code": "AllocationQuota.FreeTierOnly",
        "message": "The free tier of the model has been exhausted.",
    },
    "QuotaError",
    "free tier",
)
row(
    "DashScope: the prompt was inspected",
    QWEN,
    TASK,
    {
        "/v1/tasks/0385dc79": {
            "output": {
                "task_id": "0385dc79",
                "task_status": "FAILED",
                "code": "DataInspectionFailed",
                "message": "Input data may contain inappropriate content.",
            }
        }
    },
    error="ModerationError",
    words=("Input data may contain",),
)

# ---- Volcengine Ark.

SEEDREAM = images("doubao-seedream-4-5-251128")
drawn_by(
    "Ark: one picture",
    SEEDREAM,
    {
        "model": "doubao-seedream-4-5-251128",
        "created": 1,
        "data": [{"url": "{base}/v1.jpeg?X-Tos-Algorithm=T&X-Tos-Signature=ab", "size": "64x48"}],
        "usage": {"generated_images": 1, "output_tokens": 12, "total_tokens": 12},
    },
    {"/v1.jpeg?X-Tos-Algorithm=T&X-Tos-Signature=ab": RED},
)
drawn_by(
    "Ark: one of two was withheld",
    SEEDREAM,
    {
        "model": "doubao-seedream-4-5-251128",
        "data": [
            {"url": URL, "size": "64x48"},
            {
                "error": {
                    "code": "OutputImageSensitiveContentDetected",
                    "message": "The output image may contain sensitive information.",
                }
            },
        ],
    },
    A,
    words=("sensitive information",),
)
row(
    "Ark: a stream of a series, one of three withheld",
    SEEDREAM | {"params": {"stream": True}},
    (
        event(
            "image_generation.partial_succeeded",
            {
                "type": "image_generation.partial_succeeded",
                "image_index": 0,
                "url": URL,
                "size": "64x48",
            },
        )
        + event(
            "image_generation.partial_failed",
            {
                "type": "image_generation.partial_failed",
                "image_index": 1,
                "error": {
                    "code": "OutputImageSensitiveContentDetected",
                    "message": "It may be sensitive.",
                },
            },
        )
        + event(
            "image_generation.partial_succeeded",
            {"type": "image_generation.partial_succeeded", "image_index": 2, "url": "{base}/b.png"},
        )
        + event(
            "image_generation.completed",
            {
                "type": "image_generation.completed",
                "usage": {"generated_images": 2, "output_tokens": 9},
            },
        )
        + "data: [DONE]\n\n"
    ).encode(),
    A | {"/b.png": GREEN},
    pictures=("red", "green"),
    words=("may be sensitive",),
)
refused(
    "Ark: the prompt",
    400,
    error(
        "The request failed because the input text may contain sensitive information. Request id: 0217",
        code="InputTextSensitiveContentDetected",
        type="BadRequest",
    ),
    "ModerationError",
    "sensitive information",
)
refused(
    "Ark: no such model",
    404,
    error(
        "The model or endpoint doubao-seedream-9 does not exist or you do not have access to it. Request id: 0217",
        code="InvalidEndpointOrModel.NotFound",
        type="NotFound",
    ),
    "ModelError",
    "does not exist",
)
refused(
    "Ark: the model is not activated",
    404,
    error(
        "Your account 2100 has not activated the model doubao-seedream-4-5. Please activate the model service "
        "in the Ark Console.",
        code="ModelNotOpen",
        type="NotFound",
    ),
    "ModelError",
    "has not activated",
)
refused(
    "Ark: the limit that the account set itself",
    429,
    error(
        "Your account [2100] has reached the set inference limit for the [doubao-seedream] model, and the model "
        "service has been paused.",
        code="SetLimitExceeded",
        type="TooManyRequests",
    ),
    "QuotaError",
    "has been paused",
)
refused(
    "Ark: the bill is overdue",
    403,
    error(
        "The request failed because your account has an overdue balance.",
        code="AccountOverdueError",
    ),
    "QuotaError",
    "overdue balance",
)
refused(
    "Ark: pictures a minute",
    429,
    error("The model's IPM limit has been exceeded.", code="ModelAccountIpmRateLimitExceeded"),
    "RateLimitError",
    "IPM limit",
)
row(
    "Ark: a film's task",
    {"model": "doubao-seedance-2-0-260128", "kind": "video"},
    {"id": "cgt-2026-abc"},
    {
        "/v1/contents/generations/tasks/cgt-2026-abc": [
            {"id": "cgt-2026-abc", "model": "doubao-seedance-2-0", "status": "running"},
            {
                "id": "cgt-2026-abc",
                "status": "succeeded",
                "content": {"video_url": "{base}/c.mp4", "last_frame_url": "{base}/l.png"},
                "usage": {"completion_tokens": 108900},
                "resolution": "720p",
                "duration": 5,
                "framespersecond": 24,
            },
        ],
        "/c.mp4": MP4,
    },
    films=1,
)

# ---- Zhipu.

COGVIEW = images("cogview-4-250304")
drawn_by(
    "Zhipu: one picture, and what its filter thinks",
    COGVIEW,
    {
        "created": "1703485556",
        "data": [{"url": URL}],
        "content_filter": [{"role": "user", "level": 3}],
    },
    A,
)
refused(
    "Zhipu: the content",
    400,
    {
        "contentFilter": [{"level": 1, "role": "user"}],
        "error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"},
    },
    "ModerationError",
    "敏感内容",
)
refused(
    "Zhipu: the balance",
    429,
    error("余额不足或无可用资源包,请充值。", code="1113"),
    "QuotaError",
    "请充值",
)
refused(
    "Zhipu: too many at once",
    429,
    error("您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。", code="1302"),
    "RateLimitError",
    "并发数过高",
)
drawn_by(
    "Zhipu: a task",
    images("glm-image"),
    {"model": "glm-image", "id": "8868902", "request_id": "654321", "task_status": "PROCESSING"},
    {
        "/v1/async-result/8868902": [
            {"id": "8868902", "request_id": "654321", "task_status": "PROCESSING"},
            {"id": "8868902", "task_status": "SUCCESS", "image_result": [{"url": URL}]},
        ]
    }
    | A,
)
row(
    "Zhipu: a film's task",
    {"model": "cogvideox-3", "kind": "video"},
    {"model": "cogvideox-3", "id": "8868903", "request_id": "654", "task_status": "PROCESSING"},
    {
        "/v1/async-result/8868903": {
            "id": "8868903",
            "task_status": "SUCCESS",
            "video_result": [{"url": "{base}/z.mp4", "cover_image_url": "{base}/z.png"}],
        },
        "/z.mp4": MP4,
        "/z.png": GREEN,
    },
    films=1,
)

# ---- MiniMax.

MINIMAX = images("image-01")
GOOD = {"status_code": 0, "status_msg": "success"}
drawn_by(
    "MiniMax: one picture",
    MINIMAX,
    {
        "id": "03ff",
        "data": {"image_urls": [URL]},
        "metadata": {"failed_count": "0", "success_count": "1"},
        "base_resp": GOOD,
    },
    A,
)
drawn_by(
    "MiniMax: in base64",
    MINIMAX,
    {"id": "03ff", "data": {"image_base64": [b64(RED)]}, "base_resp": GOOD},
)
refused(
    "MiniMax: the balance",
    200,
    {"data": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
    "QuotaError",
    "insufficient balance",
    ask=MINIMAX,
)
refused(
    "MiniMax: what it drew",
    200,
    {
        "id": "03ff",
        "data": {},
        "metadata": {"failed_count": "1", "success_count": "0"},
        "base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"},
    },
    "ModerationError",
    "new_sensitive",
    ask=MINIMAX,
)
refused(
    "MiniMax: the key",
    200,
    {
        "base_resp": {
            "status_code": 1004,
            "status_msg": "login fail: Please carry the API secret key",
        }
    },
    "AuthenticationError",
    "login fail",
    ask=MINIMAX,
)
refused(
    "MiniMax: too many requests",
    200,
    {"base_resp": {"status_code": 1002, "status_msg": "rate limit exceeded(RPM)"}},
    "RateLimitError",
    "RPM",
    ask=MINIMAX,
)

# ---- Kling and Vidu.

KLING = images("kling-v2-1")
drawn_by(
    "Kling: a task",
    KLING,
    {
        "code": 0,
        "message": "SUCCEED",
        "request_id": "r",
        "data": {"task_id": "k1", "task_status": "submitted"},
    },
    {
        "/v1/images/generations/k1": [
            {
                "code": 0,
                "message": "SUCCEED",
                "data": {"task_id": "k1", "task_status": "processing"},
            },
            {
                "code": 0,
                "message": "SUCCEED",
                "data": {
                    "task_id": "k1",
                    "task_status": "succeed",
                    "task_result": {"images": [{"index": 0, "url": URL}]},
                },
            },
        ]
    }
    | A,
)
refused(
    "Kling: the balance",
    429,
    {"code": 1102, "message": "Account balance not enough", "request_id": "r"},
    "QuotaError",
    "balance not enough",
    ask=KLING,
)
refused(
    "Kling: tasks at once",
    429,
    {"code": 1303, "message": "parallel task over resource pack limit", "request_id": "r"},
    "RateLimitError",
    "parallel task",
    ask=KLING,
)
row(
    "Kling: its control of risks",
    KLING,
    {"code": 0, "data": {"task_id": "k1", "task_status": "submitted"}},
    {
        "/v1/images/generations/k1": {
            "code": 0,
            "message": "SUCCEED",
            "data": {
                "task_id": "k1",
                "task_status": "failed",
                "task_status_msg": "Failure to pass the risk control system",
            },
        }
    },
    error="ModerationError",
    words=("risk control system",),
)
VIDU = images("viduq2")
drawn_by(
    "Vidu: a task, the picture also with a mark and a cover",
    VIDU,
    {"task_id": "v1", "type": "reference2image", "state": "created", "credits": 4, "images": [IN]},
    {
        "/v1/tasks/v1": [
            {"id": "v1", "state": "queueing", "creations": []},
            {
                "id": "v1",
                "state": "success",
                "err_code": "",
                "credits": 4,
                "creations": [
                    {
                        "id": "c",
                        "url": URL,
                        "cover_url": "{base}/c.png",
                        "watermarked_url": "{base}/w.png",
                    }
                ],
            },
        ]
    }
    | A,
    gets=None,
)
row(
    "Vidu: the credits",
    VIDU,
    {"task_id": "v1", "state": "created"},
    {
        "/v1/tasks/v1": {
            "id": "v1",
            "state": "failed",
            "err_code": "CreditInsufficient",
            "creations": [],
        }
    },
    error="QuotaError",
    words=("CreditInsufficient",),
)

# ---- Runway, Luma, Black Forest Labs.

RUNWAY = images("gen4_image")
drawn_by(
    "Runway: nothing but an id, throttled at first",
    RUNWAY,
    {"id": "17f20503"},
    {
        "/v1/tasks/17f20503": [
            {"id": "17f20503", "status": "THROTTLED", "createdAt": "2025-11-01"},
            {"id": "17f20503", "status": "RUNNING", "progress": 0.45},
            {"id": "17f20503", "status": "SUCCEEDED", "output": [URL]},
        ]
    }
    | A,
)
row(
    "Runway: its moderation",
    RUNWAY,
    {"id": "17f20503"},
    {
        "/v1/tasks/17f20503": {
            "id": "17f20503",
            "status": "FAILED",
            "failure": "The task was rejected.",
            "failureCode": "SAFETY.INPUT.TEXT",
        }
    },
    error="ModerationError",
    words=("The task was rejected",),
)
refused(
    "Runway: its validation",
    400,
    {
        "error": "Validation of body failed",
        "issues": [{"code": "custom", "path": ["ratio"], "message": "`64:48` is no ratio"}],
    },
    "BadRequestError",
    "is no ratio",
    ask=RUNWAY,
)
refused(
    "Runway: tasks a day",
    429,
    {"error": "You have reached the daily task limit for this model. Please try again later."},
    "RateLimitError",
    "daily task limit",
    ask=RUNWAY,
)
LUMA = images("photon-1")
STATE: dict[str, Any] = {
    "id": "l1",
    "failure_reason": None,
    "assets": None,
    "request": {"prompt": "画只猫", "image_ref": [{"url": IN}]},
}
drawn_by(
    "Luma: it dreams",
    LUMA,
    STATE | {"state": "queued"},
    {
        "/v1/generations/l1": [
            STATE | {"state": "dreaming"},
            STATE | {"state": "completed", "assets": {"video": None, "image": URL}},
        ]
    }
    | A,
)
row(
    "Luma: its moderation",
    LUMA,
    STATE | {"state": "queued"},
    {
        "/v1/generations/l1": STATE
        | {"state": "failed", "failure_reason": "Advanced moderation failed"}
    },
    error="ModerationError",
    words=("Advanced moderation",),
)
row(
    "Luma: a film beside its first frame",
    {"model": "ray-2", "kind": "video"},
    STATE | {"state": "queued"},
    {
        "/v1/videos/l1": STATE
        | {
            "state": "completed",
            "assets": {
                "video": "{base}/l.mp4",
                "image": "{base}/first.jpg",
                "progress_video": None,
            },
        },
        "/l.mp4": MP4,
        "/first.jpg": GREEN,
    },
    films=1,
)
BFL = images("flux-kontext-pro")
drawn_by(
    "Black Forest Labs: polled where it says, its cost in credits",
    BFL,
    {"id": "b1", "polling_url": "{base}/v1/get_result?id=b1", "cost": 4.0, "output_mp": 1.0},
    {
        "/v1/get_result?id=b1": [
            {"id": "b1", "status": "Pending", "result": None, "progress": None},
            {
                "id": "b1",
                "status": "Ready",
                "result": {"sample": "{base}/b.jpeg?sig=x", "prompt": "p", "seed": 1},
            },
        ],
        "/b.jpeg?sig=x": RED,
    },
)
for status, details in (
    ("Request Moderated", {"Moderation Reasons": ["Safety Filter"]}),
    ("Content Moderated", None),
):
    row(
        f"Black Forest Labs: {status.lower()}",
        BFL,
        {"id": "b1", "polling_url": "{base}/v1/get_result?id=b1"},
        {
            "/v1/get_result?id=b1": {
                "id": "b1",
                "status": status,
                "result": None,
                "details": details,
            }
        },
        error="ModerationError",
        words=(status,),
    )
refused(
    "Black Forest Labs: the credits",
    402,
    {"detail": "Insufficient credits. Please visit https://api.bfl.ai to add credits."},
    "QuotaError",
    "Insufficient credits",
)
row(
    "Black Forest Labs: the task is gone",
    BFL,
    {"id": "b1", "polling_url": "{base}/v1/get_result?id=b1"},
    {"/v1/get_result?id=b1": {"id": "b1", "status": "Task not found", "result": None}},
    error="NotAnEndpointError",
    words=("b1",),
)

# ---- Ideogram, Recraft, Stability, Leonardo.

drawn_by(
    "Ideogram: the prompt as it was written anew",
    images("ideogram-v3"),
    {
        "created": "2025-11-01",
        "data": [
            {
                "prompt": "A cat on a roof, cinematic",
                "resolution": "64x48",
                "is_image_safe": True,
                "seed": 12,
                "url": "{base}/i.png?exp=1&sig=ab",
            }
        ],
    },
    {"/i.png?exp=1&sig=ab": RED},
    words=("A cat on a roof",),
)
row(
    "Ideogram: the picture was not safe",
    images("ideogram-v3"),
    {
        "data": [
            {"prompt": "p", "resolution": "64x48", "is_image_safe": False, "seed": 1, "url": None}
        ]
    },
    error="ModerationError",
    words=("is_image_safe",),
)
refused(
    "Ideogram: the prompt was not safe",
    422,
    {"error": "Prompt failed safety check"},
    "ModerationError",
    "safety check",
)
drawn_by(
    "Recraft: credits are no dollars",
    images("recraftv3"),
    {"created": 1, "credits": 40, "data": [{"image_id": "u", "url": "{base}/img/1"}]},
    {"/img/1": RED},
)
refused(
    "Recraft: the credits",
    400,
    {"code": "not_enough_credits", "message": "Please buy more API units"},
    "QuotaError",
    "buy more API units",
)
drawn_by(
    "Stability: JSON",
    images("stable-image-core"),
    {"image": b64(RED), "finish_reason": "SUCCESS", "seed": 3},
)
drawn_by(
    "Stability: blurred",
    images("stable-image-core"),
    {"image": b64(RED), "finish_reason": "CONTENT_FILTERED", "seed": 3},
    words=("CONTENT_FILTERED",),
)
refused(
    "Stability: its moderation",
    403,
    {
        "id": "r",
        "name": "content_moderation",
        "errors": [
            "Your request was flagged by our content moderation system, and you were not charged."
        ],
    },
    "ModerationError",
    "not charged",
)
refused(
    "Stability: the credits",
    402,
    {
        "id": "r",
        "name": "payment_required",
        "errors": ["You lack sufficient credits to make this request."],
    },
    "QuotaError",
    "lack sufficient credits",
)
LEONARDO = images("phoenix-1.0")
drawn_by(
    "Leonardo: a generation",
    LEONARDO,
    {"sdGenerationJob": {"generationId": "g1", "apiCreditCost": 11}},
    {
        "/v1/generations/g1": [
            {
                "generations_by_pk": {
                    "generated_images": [],
                    "status": "PENDING",
                    "id": "g1",
                    "prompt": "画只猫",
                }
            },
            {
                "generations_by_pk": {
                    "generated_images": [
                        {"url": URL, "nsfw": False, "id": "i1", "motionMP4URL": None}
                    ],
                    "status": "COMPLETE",
                    "id": "g1",
                }
            },
        ]
    }
    | A,
)
row(
    "Leonardo: it failed",
    LEONARDO,
    {"sdGenerationJob": {"generationId": "g1"}},
    {
        "/v1/generations/g1": {
            "generations_by_pk": {"generated_images": [], "status": "FAILED", "id": "g1"}
        }
    },
    error="ServerError",
)
refused(
    "Leonardo: its tokens",
    400,
    {"error": "not enough api tokens", "path": "$", "code": "bad-request"},
    "QuotaError",
    "not enough api tokens",
)

# ---- Midjourney, through its proxies.

MJ = images("midjourney")
drawn_by(
    "midjourney-proxy: a task, with a picture of its progress",
    MJ,
    {"code": 1, "description": "提交成功", "properties": {}, "result": "1320098173412546"},
    {
        "/mj/task/1320098173412546/fetch": [
            {
                "action": "IMAGINE",
                "id": "1320098173412546",
                "status": "IN_PROGRESS",
                "progress": "46%",
                "imageUrl": "{base}/46.webp",
                "failReason": "",
            },
            {
                "action": "IMAGINE",
                "id": "1320098173412546",
                "status": "SUCCESS",
                "progress": "100%",
                "imageUrl": URL,
                "buttons": [{"customId": "MJ::JOB::upsample::1", "label": "U1"}],
                "properties": {"finalPrompt": "a cat"},
            },
        ]
    }
    | A,
    words=("46",),
)
refused(
    "midjourney-proxy: a banned word",
    200,
    {
        "code": 24,
        "description": "可能包含敏感词",
        "properties": {"promptEn": "p", "bannedWord": "naked"},
    },
    "ModerationError",
    "敏感词",
    ask=MJ,
)
refused(
    "midjourney-proxy: the queue is full",
    200,
    {"code": 23, "description": "队列已满，请稍后尝试", "properties": {}},
    "RateLimitError",
    "队列已满",
    ask=MJ,
)
refused(
    "midjourney-proxy: no account",
    200,
    {"code": 3, "description": "无可用的账号实例", "result": None, "properties": {}},
    "ServerError",
    "无可用的账号实例",
    ask=MJ,
    billed=None,
)
row(
    "midjourney-proxy: it failed",
    MJ,
    {"code": 1, "description": "Submit success", "result": "1320098173412546"},
    {
        "/mj/task/1320098173412546/fetch": {
            "id": "1320098173412546",
            "status": "FAILURE",
            "failReason": "[Banned prompt] Sorry! Our AI moderator thinks this prompt is against our community standards",
        }
    },
    error="ModerationError",
    words=("AI moderator",),
)
PIAPI: dict[str, Any] = {
    "task_id": "p1",
    "model": "midjourney",
    "task_type": "imagine",
    "input": {"prompt": "画只猫"},
    "output": None,
    "meta": {"usage": {"type": "point", "frozen": 700000, "consume": 0}},
    "error": {"code": 0, "raw_message": "", "message": "", "detail": None},
}
drawn_by(
    "PiAPI: a task, with an error that is none",
    MJ,
    {"code": 200, "data": PIAPI | {"status": "pending"}, "message": "success"},
    {
        "/v1/task/p1": [
            {"code": 200, "data": PIAPI | {"status": "staged"}, "message": "success"},
            {
                "code": 200,
                "data": PIAPI
                | {
                    "status": "completed",
                    "output": {"image_url": URL, "temporary_image_urls": ["{base}/1.png"]},
                },
                "message": "success",
            },
        ]
    }
    | A,
)
row(
    "PiAPI: it failed",
    MJ,
    {"code": 200, "data": PIAPI | {"status": "pending"}, "message": "success"},
    {
        "/v1/task/p1": {
            "code": 200,
            "data": PIAPI
            | {
                "status": "failed",
                "error": {
                    "code": 10000,
                    "message": "task failed",
                    "raw_message": "Banned prompt detected: blood",
                },
            },
            "message": "success",
        }
    },
    error="ModerationError",
    words=("Banned prompt",),
)
row(
    "TTAPI: a task, four pictures beside their sheet",
    MJ,
    {"status": "SUCCESS", "message": "success", "data": {"jobId": "tt1"}},
    {
        "/v1/tasks/tt1": [
            {"status": "ON_QUEUE", "message": "success", "data": {"jobId": "tt1", "progress": "0"}},
            {
                "status": "SUCCESS",
                "message": "success",
                "data": {
                    "jobId": "tt1",
                    "progress": "100",
                    "discordImage": "",
                    "cdnImage": "{base}/sheet.png",
                    "images": [URL, "{base}/2.png"],
                    "quota": "3",
                },
            },
        ],
        "/2.png": GREEN,
        "/sheet.png": BLUE,
    }
    | A,
    pictures=("red", "green"),
)

# ---- Google.

drawn_by(
    "Vertex: the prompt as it was enhanced",
    IMAGEN,
    {
        "predictions": [
            {"mimeType": "image/png", "bytesBase64Encoded": b64(RED), "prompt": "An enhanced cat"}
        ]
    },
    words=("An enhanced cat",),
)
refused(
    "Vertex: its practices",
    400,
    error(
        "The prompt could not be submitted. It contains sensitive words that violate Google's Responsible AI "
        "practices. Support codes: 42876398",
        code=400,
        status="INVALID_ARGUMENT",
    ),
    "ModerationError",
    "Responsible AI",
    ask=IMAGEN,
)
refused(
    "Vertex: nothing that it may show",
    400,
    error(
        "Imagen could not generate images based on the prompt provided. Please try a different prompt. "
        "Support codes: 17301594",
        code=400,
        status="INVALID_ARGUMENT",
    ),
    "ModerationError",
    "Support codes",
    ask=IMAGEN,
)
refused(
    "Vertex: requests a minute",
    429,
    error(
        "Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: "
        "imagen-4. Please submit a quota increase request.",
        code=429,
        status="RESOURCE_EXHAUSTED",
    ),
    "RateLimitError",
    "Quota exceeded",
    ask=IMAGEN,
)
refused(
    "Vertex: a permission",
    403,
    error(
        "Permission 'aiplatform.endpoints.predict' denied on resource.",
        code=403,
        status="PERMISSION_DENIED",
    ),
    "AccessError",
    "aiplatform.endpoints.predict",
    ask=IMAGEN,
)
drawn_by(
    "Gemini: thoughts, then the signed picture",
    GEMINI,
    {
        "candidates": [
            {
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "I imagine a cat.", "thought": True},
                        {
                            "inlineData": {"mimeType": "image/jpeg", "data": b64(GREEN)},
                            "thought": True,
                        },
                        {
                            "inlineData": {"mimeType": "image/jpeg", "data": b64(RED)},
                            "thoughtSignature": "EiYKJGUy",
                        },
                    ],
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"totalTokenCount": 1300},
        "modelVersion": "gemini-3-pro-image",
    },
)
row(
    "Gemini: recited",
    GEMINI,
    {
        "candidates": [
            {
                "finishReason": "IMAGE_RECITATION",
                "finishMessage": "Unable to show the generated image.",
                "content": {},
            }
        ]
    },
    error="ModerationError",
    words=("Unable to show",),
)
refused(
    "Gemini: the key",
    400,
    error(
        "API key not valid. Please pass a valid API key.",
        code=400,
        status="INVALID_ARGUMENT",
        details=[{"reason": "API_KEY_INVALID"}],
    ),
    "AuthenticationError",
    "API key not valid",
    ask=GEMINI,
)
refused(
    "Gemini: overloaded",
    503,
    error("The model is overloaded. Please try again later.", code=503, status="UNAVAILABLE"),
    "RateLimitError",
    "overloaded",
    ask=GEMINI,
    posts=None,
)
refused(
    "Gemini: the country",
    400,
    error(
        "User location is not supported for the API use.", code=400, status="FAILED_PRECONDITION"
    ),
    "AccessError",
    "User location",
    ask=GEMINI,
)
refused(
    "Gemini: none of it in the free tier",
    429,
    error(
        "You exceeded your current quota, please check your plan and billing details. Quota exceeded for metric: "
        "generate_content_free_tier_requests, limit: 0, model: gemini-3-pro-image",
        code=429,
        status="RESOURCE_EXHAUSTED",
    ),
    "QuotaError",
    "limit: 0",
    ask=GEMINI,
)
drawn_by(
    "Gemini: a file behind the key",
    GEMINI,
    {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {
                            "fileData": {
                                "mimeType": "image/png",
                                "fileUri": "{base}/v1beta/files/abc:download?alt=media",
                            }
                        }
                    ]
                },
                "finishReason": "STOP",
            }
        ]
    },
    {"/v1beta/files/abc:download?alt=media": [KEY, RED]},
)

# ---- xAI and Azure.

GROK = images("grok-imagine-image")
drawn_by(
    "xAI: its cost in ticks",
    GROK,
    {
        "data": [{"url": URL, "mime_type": "image/jpeg", "revised_prompt": ""}],
        "usage": {"cost_in_usd_ticks": 200_000_000},
    },
    A,
    words=("0.02 USD",),
)
refused(
    "xAI: its moderation",
    400,
    {
        "code": "Client specified an invalid argument",
        "error": "Generated image rejected by content moderation.",
    },
    "ModerationError",
    "content moderation",
    ask=GROK,
)
refused(
    "xAI: the team's credits",
    403,
    {
        "code": "The caller does not have permission to execute the specified operation",
        "error": "Your newly created team doesn't have any credits or licenses yet.",
    },
    "QuotaError",
    "doesn't have any credits",
    ask=GROK,
)
GROK_FILM = {"model": "grok-imagine-video", "kind": "video"}
row(
    "xAI: a film",
    GROK_FILM,
    {"request_id": "x1"},
    {
        "/v1/videos/x1": [
            {"status": "pending", "progress": 15},
            {
                "status": "done",
                "video": {"url": "{base}/x.mp4", "duration": 8, "respect_moderation": True},
                "model": "grok-imagine-video",
            },
        ],
        "/x.mp4": MP4,
    },
    films=1,
)
row(
    "xAI: a film that it does not show",
    GROK_FILM,
    {"request_id": "x1"},
    {
        "/v1/videos/x1": {
            "status": "done",
            "video": {"url": "", "duration": 8, "respect_moderation": False},
        }
    },
    error="ModerationError",
    words=("respect_moderation",),
)
refused(
    "Azure: its tier",
    429,
    error(
        "Requests to the ImageGenerations_Create Operation have exceeded call rate limit of your current OpenAI S0 "
        "pricing tier. Please retry after 22 seconds.",
        code="429",
    ),
    "RateLimitError",
    "22",
)
refused(
    "Azure: its policy",
    400,
    error(
        "Your request was rejected as a result of our safety system.",
        code="content_policy_violation",
        inner_error={"code": "ResponsibleAIPolicyViolation", "content_filter_results": {}},
    ),
    "ModerationError",
    "safety system",
)
refused(
    "Azure: no such deployment",
    404,
    error(
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 "
        "minutes, please wait a moment and try again.",
        code="DeploymentNotFound",
    ),
    "ModelError",
    "does not exist",
)
drawn_by(
    "Azure: what its filter thinks, all of it good",
    IMAGES,
    {
        "created": 1,
        "data": [
            {
                "b64_json": b64(RED),
                "content_filter_results": {"hate": {"filtered": False, "severity": "safe"}},
                "prompt_filter_results": {"jailbreak": {"detected": False, "filtered": False}},
            }
        ],
    },
)
refused(
    "Azure: the key",
    401,
    error(
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for "
        "an active subscription.",
        code="401",
    ),
    "AuthenticationError",
    "invalid subscription key",
)

# ---- Cloudflare and Hugging Face.

FLUX = images("@cf/black-forest-labs/flux-1-schnell")
drawn_by(
    "Cloudflare: its envelope",
    FLUX,
    {"result": {"image": b64(RED)}, "success": True, "errors": [], "messages": []},
)
for name, status, code, message, kind in (
    (
        "no such model",
        400,
        5007,
        "No such model @cf/black-forest-labs/flux-9 or task",
        "ModelError",
    ),
    (
        "the day's allocation",
        429,
        4006,
        "you have used up your daily free allocation of 10,000 neurons, please upgrade to the Workers Paid plan",
        "QuotaError",
    ),
    ("the prompt", 400, 3030, "AiError: Input prompt contains NSFW content", "ModerationError"),
    (
        "its capacity",
        429,
        3040,
        "Capacity temporarily exceeded, please try again.",
        "RateLimitError",
    ),
):
    refused(
        f"Cloudflare: {name}",
        status,
        {
            "result": None,
            "success": False,
            "errors": [{"code": code, "message": message}],
            "messages": [],
        },
        kind,
        message[:30],
        ask=FLUX,
    )
HUGGING = images("black-forest-labs/FLUX.1-dev")
refused(
    "Hugging Face: the model is loading",
    503,
    {"error": "Model black-forest-labs/FLUX.1-dev is currently loading", "estimated_time": 120.5},
    "ServerError",
    "currently loading",
    ask=HUGGING,
    posts=None,
)
refused(
    "Hugging Face: the month's credits",
    402,
    {"error": "You have exceeded your monthly included credits for Inference Providers."},
    "QuotaError",
    "monthly included credits",
    ask=HUGGING,
)
refused(
    "Hugging Face: no such model",
    400,
    {"error": "Model x/y is not supported by provider hf-inference."},
    "ModelError",
    "is not supported",
    ask=HUGGING,
)
refused(
    "Hugging Face: a permission",
    403,
    {
        "error": "This authentication method does not have sufficient permissions to call Inference Providers on "
        "behalf of user x"
    },
    "AccessError",
    "sufficient permissions",
    ask=HUGGING,
)

# ---- Servers of one's own.

COMFY = images("flux-dev")
QUEUED = {"prompt_id": "c-1", "number": 3, "node_errors": {}}
FILE = {"filename": "a 1.png", "subfolder": "", "type": "output"}
row(
    "ComfyUI: followed to its file",
    COMFY,
    QUEUED,
    {
        "/history/c-1": [
            {},
            {
                "c-1": {
                    "prompt": [3, "c-1", {}, {}, ["9"]],
                    "outputs": {"9": {"images": [FILE]}},
                    "status": {"status_str": "success", "completed": True, "messages": []},
                }
            },
        ],
        "/view?filename=a+1.png&subfolder=&type=output": BLUE,
    },
    pictures=("blue",),
)
row(
    "ComfyUI: a node failed",
    COMFY,
    QUEUED,
    {
        "/history/c-1": {
            "c-1": {
                "outputs": {},
                "status": {
                    "status_str": "error",
                    "completed": False,
                    "messages": [
                        ["execution_start", {"prompt_id": "c-1"}],
                        [
                            "execution_error",
                            {
                                "prompt_id": "c-1",
                                "node_type": "KSampler",
                                "exception_message": "CUDA out of memory. Tried to allocate 2 GiB",
                            },
                        ],
                    ],
                },
            }
        }
    },
    error="ServerError",
    words=("CUDA out of memory",),
)
refused(
    "ComfyUI: its graph is wrong",
    400,
    {
        "error": {
            "type": "prompt_outputs_failed_validation",
            "message": "Prompt outputs failed validation",
        },
        "node_errors": {
            "4": {"errors": [{"message": "Value not in list", "details": "ckpt_name: 'x'"}]}
        },
    },
    "BadRequestError",
    "failed validation",
    ask=COMFY,
)
drawn_by(
    "A1111: base64, and its parameters in a string",
    images("sdxl"),
    {
        "images": [b64(RED)],
        "parameters": {"prompt": "画只猫", "init_images": None},
        "info": '{"prompt": "画只猫", "seed": 1, "infotexts": ["Steps: 20"]}',
    },
)
refused(
    "A1111: out of memory",
    500,
    {
        "error": "OutOfMemoryError",
        "detail": "",
        "body": "",
        "errors": "CUDA out of memory. Tried to allocate 512.00 MiB",
    },
    "ServerError",
    "CUDA out of memory",
    billed=True,
)
drawn_by(
    "LocalAI: an address of its container",
    images("sd-3.5"),
    {
        "created": 1,
        "id": "u",
        "data": [
            {"embedding": None, "index": 0, "url": "http://localhost:8080/generated-images/a.png"}
        ],
    },
    {"/generated-images/a.png": RED},
)
refused(
    "LocalAI: the model does not load",
    500,
    error("rpc error: code = Unknown desc = failed to load model: bad file", code=500, type=""),
    "ServerError",
    "failed to load model",
    billed=True,
)
drawn_by(
    "vLLM-Omni: images",
    images("Qwen/Qwen-Image"),
    {
        "created": 1,
        "data": [{"b64_json": b64(RED), "url": None, "revised_prompt": None}],
        "output_format": None,
        "size": None,
    },
)
drawn_by(
    "vLLM-Omni: chat",
    {"model": "Qwen/Qwen-Image", "via": "chat"},
    chat([{"type": "image_url", "image_url": {"url": uri(RED)}, "stage_durations": {"dit": 3.1}}]),
)
refused(
    "vLLM: no such model",
    404,
    {
        "object": "error",
        "message": "The model `x` does not exist.",
        "type": "NotFoundError",
        "param": "model",
        "code": 404,
    },
    "ModelError",
    "does not exist",
)
refused(
    "vLLM-Omni: a size",
    400,
    {"detail": "Invalid size: 65x48. Width and height must be divisible by 16"},
    "BadRequestError",
    "divisible by 16",
)
drawn_by(
    "SGLang: the picture, and where it lies on its own disk",
    images("Qwen/Qwen-Image"),
    {
        "id": "s1",
        "created": 1,
        "data": [{"b64_json": b64(RED), "url": None, "file_path": "/outputs/a.png"}],
        "peak_memory_mb": 30000.0,
        "inference_time_s": 12.3,
    },
    gets=(),
)
drawn_by(
    "SGLang: an address of its own, behind the key",
    images("Qwen/Qwen-Image"),
    {
        "id": "s1",
        "data": [{"b64_json": None, "url": "/v1/images/s1/content", "file_path": "/outputs/a.png"}],
    },
    {"/v1/images/s1/content": [KEY, RED]},
    gets=None,
)
SGL: dict[str, Any] = {
    "id": "s2",
    "object": "video",
    "progress": 0,
    "size": "720x1280",
    "seconds": "4",
    "error": None,
    "url": None,
}
row(
    "SGLang: a film, and where it lies on its own disk",
    {"model": "Wan-AI/Wan2.2-T2V-A14B", "kind": "video"},
    SGL | {"status": "queued", "file_path": "/outputs/s2.mp4"},
    {
        "/v1/videos/s2": SGL
        | {"status": "completed", "progress": 100, "file_path": "/outputs/s2.mp4"},
        "/v1/videos/s2/content?variant=video": MP4,
    },
    films=1,
)

# ---- More providers, asked for the first time after all of the above was right.

refused(
    "Novita: the balance",
    400,
    {"code": 400, "reason": "NOT_ENOUGH_BALANCE", "message": "not enough balance", "metadata": {}},
    "QuotaError",
    "not enough balance",
)
drawn_by(
    "Novita: a task",
    images("flux-1-kontext"),
    {"task_id": "n1"},
    {
        "/v1/tasks/n1": [
            {"task": {"task_id": "n1", "status": "TASK_STATUS_PROCESSING", "progress_percent": 30}},
            {
                "task": {"task_id": "n1", "status": "TASK_STATUS_SUCCEED"},
                "images": [
                    {"image_url": URL, "image_url_ttl": "3600", "nsfw_detection_result": None}
                ],
                "extra": {},
            },
        ]
    }
    | A,
)
drawn_by("Segmind: the bytes", images("seg"), RED, content_type="image/png")
refused(
    "Segmind: the credits, under an odd status",
    406,
    {"error": "Insufficient credits. Please add credits"},
    "QuotaError",
    "Insufficient credits",
)
refused(
    "Runware: no such model",
    400,
    {
        "errors": [
            {
                "code": "invalidModel",
                "message": "Invalid model identifier for 'model'",
                "parameter": "model",
                "taskUUID": "u",
            }
        ]
    },
    "ModelError",
    "Invalid model",
)
drawn_by(
    "Runware: one picture",
    images("runware:100@1"),
    {
        "data": [
            {
                "taskType": "imageInference",
                "imageUUID": "i",
                "taskUUID": "u",
                "imageURL": URL,
                "cost": 0.0013,
                "NSFWContent": False,
            }
        ]
    },
    A,
)
drawn_by(
    "Runware: marked",
    images("runware:100@1"),
    {
        "data": [
            {
                "taskType": "imageInference",
                "imageUUID": "i",
                "taskUUID": "u",
                "imageURL": URL,
                "NSFWContent": True,
            }
        ]
    },
    A,
    words=("NSFWContent",),
)
drawn_by(
    "ModelsLab: asked again where it says",
    images("ml"),
    {
        "status": "processing",
        "eta": 1,
        "fetch_result": "{base}/api/v6/images/fetch/77",
        "id": 77,
        "output": [],
        "meta": {"prompt": "p"},
        "future_links": ["{base}/later.png"],
    },
    {
        "/api/v6/images/fetch/77": [
            {"status": "processing"},
            {"status": "success", "id": 77, "output": [URL], "proxy_links": [URL]},
        ]
    }
    | A,
)
row(
    "ModelsLab: it failed",
    images("ml"),
    {"status": "failed", "id": 77, "message": "Try again", "output": ""},
    error="ServerError",
    words=("Try again",),
)
drawn_by(
    "Kie: a task, its result as JSON in a string",
    images("kie"),
    {"code": 200, "msg": "success", "data": {"taskId": "kie1"}},
    {
        "/v1/tasks/kie1": [
            {
                "code": 200,
                "msg": "success",
                "data": {"taskId": "kie1", "successFlag": 0, "progress": "0.40"},
            },
            {
                "code": 200,
                "msg": "success",
                "data": {
                    "taskId": "kie1",
                    "state": "success",
                    "resultJson": '{"resultUrls":["{base}/a.png"]}',
                },
            },
        ]
    }
    | A,
)
row(
    "Kie: the content",
    images("kie"),
    {"code": 200, "msg": "success", "data": {"taskId": "kie1"}},
    {
        "/v1/tasks/kie1": {
            "code": 200,
            "msg": "success",
            "data": {
                "taskId": "kie1",
                "state": "fail",
                "failCode": "422",
                "failMsg": "Sensitive content detected",
            },
        }
    },
    error="ModerationError",
    words=("Sensitive content",),
)
drawn_by(
    "WaveSpeed: a prediction",
    images("ws"),
    {
        "code": 200,
        "message": "success",
        "data": {
            "id": "w1",
            "model": "m",
            "outputs": [],
            "urls": {"get": "{base}/api/v3/predictions/w1/result"},
            "has_nsfw_contents": [],
            "status": "created",
            "created_at": "x",
            "error": "",
        },
    },
    {
        "/api/v3/predictions/w1/result": [
            {"code": 200, "data": {"id": "w1", "status": "processing", "outputs": []}},
            {
                "code": 200,
                "data": {"id": "w1", "status": "completed", "outputs": [URL], "error": ""},
            },
        ]
    }
    | A,
)
drawn_by(
    "Freepik: a task",
    images("fp"),
    {"data": {"task_id": "f1", "status": "CREATED", "generated": []}},
    {
        "/v1/tasks/f1": [
            {"data": {"task_id": "f1", "status": "IN_PROGRESS", "generated": []}},
            {
                "data": {
                    "task_id": "f1",
                    "status": "COMPLETED",
                    "generated": [URL],
                    "has_nsfw": [False],
                }
            },
        ]
    }
    | A,
)
drawn_by(
    "Bria: the prompt as it was refined",
    images("bria-3.2"),
    {"result": {"image_url": URL, "seed": 1, "refined_prompt": "A refined cat"}, "request_id": "r"},
    A,
    words=("A refined cat",),
)
drawn_by(
    "Bria: a status address",
    images("bria-3.2"),
    {"request_id": "r", "status_url": "{base}/v2/status/r"},
    {
        "/v2/status/r": [
            {"status": "IN_PROGRESS", "request_id": "r"},
            {"status": "COMPLETED", "request_id": "r", "result": {"image_url": URL, "seed": 1}},
        ]
    }
    | A,
)
refused(
    "Reve: the credits",
    402,
    {"error_code": "INSUFFICIENT_CREDITS", "message": "Your request has insufficient credits"},
    "QuotaError",
    "insufficient credits",
)
drawn_by(
    "Reve: one picture",
    images("reve-image"),
    {
        "image": b64(RED),
        "version": "reve@1",
        "content_violation": False,
        "request_id": "r",
        "credits_used": 18,
        "credits_remaining": 900,
    },
)
row(
    "Reve: withheld",
    images("reve-image"),
    {"image": "", "version": "reve@1", "content_violation": True, "request_id": "r"},
    error="ModerationError",
    words=("content_violation",),
)
refused(
    "Firefly: too many requests",
    429,
    {"error_code": "too_many_requests", "message": "Resource exhausted"},
    "RateLimitError",
    "Resource exhausted",
)
drawn_by(
    "Firefly: one picture",
    images("firefly"),
    {
        "size": {"width": 64, "height": 48},
        "outputs": [{"seed": 1, "image": {"url": URL}}],
        "contentClass": "art",
    },
    A,
)
drawn_by(
    "Bedrock: one picture", images("amazon.nova-canvas"), {"images": [b64(RED)], "error": None}
)
row(
    "Bedrock: blocked",
    images("amazon.nova-canvas"),
    {"images": [], "error": "This request has been blocked by our content filters."},
    error="ModerationError",
    words=("content filters",),
)
refused(
    "Bedrock: throttled",
    429,
    {"message": "Too many requests, please wait before trying again."},
    "RateLimitError",
    "please wait",
)
refused(
    "Bedrock: no access",
    403,
    {"message": "You don't have access to the model with the specified model ID."},
    "AccessError",
    "don't have access",
)
drawn_by(
    "NIM: one picture",
    images("flux.1-dev"),
    {"artifacts": [{"base64": b64(RED), "finishReason": "SUCCESS", "seed": 1}]},
)
drawn_by(
    "NIM: filtered",
    images("flux.1-dev"),
    {"artifacts": [{"base64": b64(RED), "finishReason": "CONTENT_FILTERED", "seed": 1}]},
    words=("CONTENT_FILTERED",),
)
refused(
    "NIM: a value",
    422,
    {
        "detail": [
            {
                "type": "literal_error",
                "loc": ["body", "height"],
                "msg": "Input should be 768, 832 or 896",
                "input": 48,
            }
        ]
    },
    "BadRequestError",
    "height",
)
drawn_by("Pollinations: the bytes", images("flux"), RED, content_type="image/jpeg")
refused(
    "Pollinations: the balance",
    402,
    {
        "success": False,
        "error": {
            "message": "Pollen balance too low. Current balance: 0.00",
            "code": "PAYMENT_REQUIRED",
        },
        "status": 402,
    },
    "QuotaError",
    "balance too low",
)
drawn_by(
    "Venice: one picture",
    images("venice-sd35"),
    {"id": "g", "images": [b64(RED)], "timing": {"total": 1}},
)
refused(
    "Venice: a field",
    400,
    {
        "error": "Invalid request parameters",
        "details": {"_errors": [], "size": {"_errors": ["Invalid size"]}},
    },
    "BadRequestError",
    "Invalid request",
)
drawn_by(
    "Hyperbolic: one picture",
    images("SDXL"),
    {"images": [{"index": 0, "image": b64(RED), "random_seed": 1}], "inference_time": 2.1},
)
drawn_by(
    "Nebius: one picture",
    images("black-forest-labs/flux-schnell"),
    {"data": [{"url": URL, "b64_json": None}], "id": "text2img-1"},
    A,
)
drawn_by(
    "Prodia: a job",
    images("sdxl"),
    {"job": "p-1", "params": {"request": {"prompt": "画只猫"}}, "status": "queued"},
    {
        "/v1/jobs/p-1": [
            {"job": "p-1", "status": "generating"},
            {"job": "p-1", "status": "succeeded", "imageUrl": URL},
        ]
    }
    | A,
)
drawn_by("Getimg: one picture", images("flux"), {"image": b64(RED), "seed": 3, "cost": 0.002})
refused(
    "Getimg: the quota",
    402,
    {
        "error": {
            "type": "quota_exceeded",
            "code": "quota_exceeded",
            "message": "You have exceeded your quota",
        }
    },
    "QuotaError",
    "exceeded your quota",
)
drawn_by(
    "Imagine: a job",
    images("x"),
    {"id": "i9", "type": "imagination", "status": "queued", "urls": None},
    {
        "/v1/images/i9": [
            {"id": "i9", "status": "generating"},
            {"id": "i9", "status": "completed", "url": {"generation": [URL]}},
        ]
    }
    | A,
)
drawn_by(
    "Wan: a task that ends as a conversation",
    images("wan2.6-t2i"),
    {"output": {"task_status": "PENDING", "task_id": "w9"}, "request_id": "x"},
    {
        "/v1/tasks/w9": {
            "output": {
                "task_id": "w9",
                "task_status": "SUCCEEDED",
                "choices": [
                    {
                        "finish_reason": "stop",
                        "message": {
                            "role": "assistant",
                            "content": [{"image": URL, "type": "image"}],
                        },
                    }
                ],
            },
            "usage": {"image_count": 1},
        }
    }
    | A,
)
refused(
    "Tencent: the review",
    200,
    {
        "Response": {
            "Error": {
                "Code": "FailedOperation.ImageIllegalDetected",
                "Message": "图片包含违法违规信息，审核不通过。",
            },
            "RequestId": "r",
        }
    },
    "ModerationError",
    "审核不通过",
)
refused(
    "Tencent: tasks at once",
    200,
    {
        "Response": {
            "Error": {
                "Code": "RequestLimitExceeded.JobNumExceed",
                "Message": "同时处理的任务数过多，请稍后重试。",
            },
            "RequestId": "r",
        }
    },
    "RateLimitError",
    "任务数过多",
)
drawn_by(
    "Tencent: one picture",
    images("hunyuan-image-3"),
    {"Response": {"ResultImage": URL, "Seed": 1, "RequestId": "r"}},
    A,
)
drawn_by(
    "StepFun: one picture",
    images("step-1x-medium"),
    {"created": 1, "data": [{"b64_json": b64(RED), "finish_reason": "success", "seed": 1}]},
)
row(
    "StepFun: filtered",
    images("step-1x-medium"),
    {"created": 1, "data": [{"b64_json": "", "finish_reason": "content_filtered", "seed": 1}]},
    error="ModerationError",
    words=("content_filtered",),
)
refused(
    "An engine that is overloaded",
    429,
    error(
        "The engine is currently overloaded, please try again later", type="engine_overloaded_error"
    ),
    "RateLimitError",
    "overloaded",
)
drawn_by(
    "Xinference: an address of its own",
    images("sd3"),
    {"created": 1, "data": [{"url": "/v1/files/x1/content", "b64_json": None}]},
    {"/v1/files/x1/content": RED},
)
refused(
    "Xinference: no such model",
    400,
    {"detail": "Model not found in the model list, uid: sd9"},
    "ModelError",
    "Model not found",
)
refused(
    "Envoy: in plain words",
    503,
    b"upstream connect error or disconnect/reset before headers. reset reason: connection timeout",
    "ServerError",
    "upstream connect error",
    posts=None,
    content_type="text/plain",
)
refused(
    "nginx: too large",
    413,
    b"<html><head><title>413 Request Entity Too Large</title></head></html>",
    "BadRequestError",
    "",
    content_type="text/html",
)
refused(
    "Kong: the limit",
    429,
    {"message": "API rate limit exceeded", "request_id": "k"},
    "RateLimitError",
    "rate limit exceeded",
)
refused(
    "AWS: no token",
    403,
    {"message": "Missing Authentication Token"},
    "AuthenticationError",
    "Missing Authentication",
)
refused(
    "Portkey: a guardrail",
    446,
    {
        "error": {
            "message": "The guardrail checks defined in the config failed.",
            "type": "hooks_failed",
        },
        "hook_results": {},
    },
    "ModerationError",
    "guardrail",
)
refused(
    "LiteLLM: a guardrail",
    400,
    error("Violated moderation policy: presidio", code="400"),
    "ModerationError",
    "moderation policy",
)
refused(
    "one-api, Japanese: the balance",
    403,
    error("残高が不足しています", code="insufficient_quota"),
    "QuotaError",
    "残高",
)
refused("A Spanish relay: the balance", 402, {"mensaje": "Saldo insuficiente"}, "QuotaError", "")
row(
    "A Spanish relay: refused in words",
    {"model": "gpt-4o-image"},
    chat("Lo siento, no puedo crear imágenes de personas reales."),
    error="ModerationError",
    words=("personas reales",),
)
row(
    "A Chinese relay: the day's limit in words",
    {"model": "gpt-4o-image"},
    chat("您今日的生图次数已达上限，请明天再来。"),
    error="RateLimitError",
    words=("上限",),
)
row(
    "A Chinese relay: it only promises",
    {"model": "gpt-4o-image"},
    chat("正在为您生成图片，请稍候……"),
    error="NoPictureError",
)
drawn_by(
    "A relay that writes HTML",
    {"model": "gpt-4o-image"},
    chat(
        "<details><summary>进度</summary>\n> 50%\n</details>\n\n<img src='{base}/a.png' width=300>\n<sub>耗时 30s · [重新生成]({base}/retry?id=1)</sub>"
    ),
    A,
)
drawn_by(
    "A relay that writes the address bare",
    {"model": "gpt-4o-image"},
    chat("已完成！图片链接：{base}/a.png （有效期24小时）\n提示词：a cat"),
    A,
)
drawn_by(
    "A relay that leaves a tool's call in its answer",
    {"model": "gpt-5"},
    {
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "c",
                            "type": "function",
                            "function": {
                                "name": "image_gen",
                                "arguments": '{"image_url":"{base}/a.png"}',
                            },
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ]
    },
    A,
)
row(
    "MiniMax: a film",
    {"model": "MiniMax-H3", "kind": "video"},
    {"task_id": "mm1", "base_resp": {"status_code": 0, "status_msg": "success"}},
    {
        "/v1/videos/mm1": [
            {"task_id": "mm1", "status": "Preparing", "base_resp": {"status_code": 0}},
            {
                "task_id": "mm1",
                "status": "Success",
                "file_id": "9",
                "download_url": "{base}/m.mp4",
                "base_resp": {"status_code": 0},
            },
        ],
        "/m.mp4": MP4,
    },
    films=1,
)
row(
    "MiniMax: a film that was withheld",
    {"model": "MiniMax-H3", "kind": "video"},
    {"task_id": "mm1", "base_resp": {"status_code": 0, "status_msg": "success"}},
    {
        "/v1/videos/mm1": {
            "task_id": "mm1",
            "status": "Fail",
            "file_id": "",
            "base_resp": {"status_code": 1027, "status_msg": "output sensitive"},
        }
    },
    error="ModerationError",
    words=("output sensitive",),
)
row(
    "Veo: filtered",
    {"model": "veo3.1", "kind": "video"},
    {"name": "models/veo/operations/o1"},
    {
        "/v1/videos/models%2Fveo%2Foperations%2Fo1": {
            "name": "models/veo/operations/o1",
            "done": True,
            "response": {
                "generateVideoResponse": {
                    "raiMediaFilteredCount": 1,
                    "raiMediaFilteredReasons": [
                        "We encountered an issue with the audio for this prompt."
                    ],
                }
            },
        }
    },
    error="ModerationError",
    words=("issue with the audio",),
)
row(
    "Veo: in base64",
    {"model": "veo3.1", "kind": "video"},
    {"name": "projects/p/operations/o2"},
    {
        "/v1/videos/projects%2Fp%2Foperations%2Fo2": {
            "name": "projects/p/operations/o2",
            "done": True,
            "response": {"videos": [{"bytesBase64Encoded": b64(MP4), "mimeType": "video/mp4"}]},
        }
    },
    films=1,
)
row(
    "PixVerse: a film",
    {"model": "pixverse-v5", "kind": "video"},
    {"ErrCode": 0, "ErrMsg": "success", "Resp": {"video_id": 123456}},
    {
        "/v1/videos/123456": [
            {"ErrCode": 0, "ErrMsg": "success", "Resp": {"id": 123456, "status": 5}},
            {
                "ErrCode": 0,
                "ErrMsg": "success",
                "Resp": {"id": 123456, "status": 1, "url": "{base}/p.mp4"},
            },
        ],
        "/p.mp4": MP4,
    },
    films=1,
)
refused(
    "PixVerse: the credits",
    200,
    {
        "ErrCode": 500043,
        "ErrMsg": "All Credits have been used up. Please upgrade your membership or purchase credits.",
        "Resp": None,
    },
    "QuotaError",
    "Credits have been used up",
    ask={"model": "pixverse-v5", "kind": "video"},
)
row(
    "Sora: its moderation",
    {"model": "sora-2", "kind": "video"},
    {"id": "video_1", "object": "video", "status": "queued", "progress": 0},
    {
        "/v1/videos/video_1": {
            "id": "video_1",
            "status": "failed",
            "error": {
                "code": "moderation_blocked",
                "message": "Your request was blocked by our moderation system.",
            },
        }
    },
    error="ModerationError",
    words=("moderation system",),
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
    error="ServerError",
    words=("Image generation failed",),
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
