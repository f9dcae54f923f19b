"""Answers of makers of picture models: Runway, Luma, Ideogram, Midjourney's proxies and others."""

from __future__ import annotations

from typing import Any

from tests.cases.answers import b64
from tests.cases.gateways.rows import (
    IN,
    URL,
    A,
    drawn_by,
    images,
    refused,
    row,
)
from tests.cases.relays import BLUE, GREEN, MP4, RED

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
