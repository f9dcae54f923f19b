"""Answers of providers that run open models: fal, Replicate, Together and others."""

from __future__ import annotations

from typing import Any

from tests.cases.answers import uri
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
from tests.cases.relays import RED

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
