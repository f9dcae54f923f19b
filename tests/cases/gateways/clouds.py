"""Answers of clouds: Google, xAI, Azure, Cloudflare, Hugging Face."""

from __future__ import annotations

from tests.cases.answers import b64
from tests.cases.gateways.rows import (
    GEMINI,
    IMAGEN,
    URL,
    A,
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import GREEN, IMAGES, KEY, MP4, RED

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
