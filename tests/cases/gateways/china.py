"""Answers of Chinese providers: DashScope, Ark, Zhipu, MiniMax, Kling, Vidu."""

from __future__ import annotations

from tests.cases.answers import b64
from tests.cases.gateways.rows import (
    IN,
    URL,
    A,
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import GREEN, MP4, RED, event

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
