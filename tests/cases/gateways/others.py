"""Answers of 30 more providers, tried after all others were right."""

from __future__ import annotations

from tests.cases.answers import b64
from tests.cases.gateways.rows import (
    URL,
    A,
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import MP4, RED, chat

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
