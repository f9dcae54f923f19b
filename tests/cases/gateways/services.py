"""Answers of 60 more services, tried after all others were right."""

from __future__ import annotations

from typing import Any

from tests.cases.answers import b64, uri
from tests.cases.gateways.rows import (
    CHAT,
    FILM,
    URL,
    A,
    drawn_by,
    error,
    refused,
    row,
)
from tests.cases.relays import GREEN, IMAGES, MP4, RED, chat

T = "/v1/tasks/j7"
V = {"/v.mp4": MP4}
FILM_URL = "{base}/v.mp4"


def job(
    name: str, first: Any, *states: Any, path: str = T, files: Any = None, **right: Any
) -> None:
    row(
        name,
        IMAGES,
        first,
        {path: list(states)} | A | (files or {}),
        **({"pictures": ("red",)} | right),
    )


# ---- At once.

for name, body in {
    "Eden AI: below the provider's name": {
        "replicate": {
            "status": "success",
            "items": [{"image": b64(RED), "image_resource_url": "https://x.example/a.png"}],
            "cost": 0.01,
        }
    },
    "Craiyon: a list and a prompt": {
        "images": [b64(RED)],
        "next_prompt": "a red cat",
        "model": "v4",
    },
    "Databricks: predictions of a model": {"predictions": [b64(RED)]},
    "KServe: outputs as tensors": {
        "model_name": "sd",
        "outputs": [{"name": "image", "shape": [1], "datatype": "BYTES", "data": [b64(RED)]}],
    },
    "Triton: a tensor's text": {"outputs": [{"name": "generated_image", "data": [uri(RED)]}]},
    "Ray: a field of its own": {"generated_image_base64": b64(RED), "latency_ms": 812},
    "Coze: a workflow's data in a string": {
        "code": 0,
        "data": '{"output":"{base}/a.png"}',
        "msg": "Success",
        "debug_url": "https://www.coze.example/work_flow?execute_id=7",
    },
    "Dify: files of a message": {
        "event": "message",
        "answer": "",
        "message_files": [{"type": "image", "url": "{base}/a.png", "belongs_to": "assistant"}],
    },
    "n8n: a list of items": [
        {
            "json": {"ok": True},
            "binary": {"data": {"mimeType": "image/png", "data": b64(RED), "fileName": "cat.png"}},
        }
    ],
    "DeepAI: an output address": {
        "id": "d9",
        "output_url": URL,
        "share_url": "https://images.example/s/1",
    },
    "Getty: a preview beside the original": {
        "generation_request_id": "g",
        "results": [{"index": 0, "preview_url": "{base}/p.png", "url": URL}],
    },
    "Cloudinary: an upload": {"asset_id": "c", "secure_url": URL, "format": "png", "bytes": 412},
    "A GraphQL answer": {
        "data": {"generateImage": {"image": {"url": URL, "width": 64}}},
        "errors": None,
    },
    "JSON-RPC": {
        "jsonrpc": "2.0",
        "id": 1,
        "result": {
            "content": [{"type": "image", "data": b64(RED), "mimeType": "image/png"}],
            "isError": False,
        },
    },
}.items():
    drawn_by(name, IMAGES, body, A | {"/p.png": GREEN})
for name, answer in {
    "Dify: events of a chat": b'data: {"event": "agent_thought", "thought": ""}\n\ndata: {"event": "message_file", "type": "image", "belongs_to": "assistant", "url": "{base}/a.png"}\n\ndata: {"event": "message_end", "metadata": {"usage": {"total_price": "0.01", "currency": "USD"}}}\n\n',
    "Vercel's AI SDK: parts of a message": b'data: {"type":"start"}\n\ndata: {"type":"file","mediaType":"image/png","url":"{base}/a.png"}\n\ndata: {"type":"finish"}\n\ndata: [DONE]\n\n',
    "Anthropic's stream with a link": b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"![c]({base}/a.png)"}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    "Cohere's stream with a link": b'data: {"type":"content-delta","delta":{"message":{"content":{"text":"![c]({base}/a.png)"}}}}\n\ndata: {"type":"message-end"}\n\n',
}.items():
    drawn_by(name, CHAT, answer, A)
for name, text in {
    "an emphasised label": "**[🖼 点此查看原图]({base}/a.png)**\n*链接 24 小时内有效*",
    "a quote with a link": "> 🎨 Done in 12s\n>\n> {base}/a.png",
    "an HTML table": "<table><tr><td><img\n src='{base}/a.png'\n></td></tr></table>",
    "a title in Markdown": '![cat]({base}/a.png "A cat, 64×48")',
    "a link in JSON in a fence in Chinese": '生成结果如下：\n```json\n{"图片": "{base}/a.png", "种子": 7}\n```',
    "Discord's brackets": "[cat.png](<{base}/a.png>)",
    "a tail of Persian": "تصویر شما آماده است: {base}/a.png؟",
    "a colon and no space": "URL:{base}/a.png",
}.items():
    drawn_by(f"Text: {name}", CHAT, chat(text), A, gets=("/a.png",))

# ---- Jobs.

job(
    "Tensor.Art: success in an object of its own",
    {"job": {"id": "j7", "status": "WAITING", "waitingInfo": {"queueRank": "3"}}},
    {
        "job": {
            "id": "j7",
            "status": "SUCCESS",
            "successInfo": {"images": [{"id": "i", "url": URL}]},
        }
    },
)
job(
    "Monster: a process",
    {"process_id": "j7", "status": "IN_QUEUE", "callback_url": ""},
    {"process_id": "j7", "status": "COMPLETED", "result": {"output": [URL]}, "credit_used": 1},
    path="/v1/status/j7",
)
job(
    "Scenario: a job with a progress",
    {"job": {"jobId": "j7", "status": "warming-up", "progress": 0}},
    {
        "job": {
            "jobId": "j7",
            "status": "success",
            "progress": 1,
            "metadata": {"assets": [{"url": URL}]},
        }
    },
)
job(
    "Picsart: an inference",
    {"status": "ACCEPTED", "inference_id": "j7"},
    {"status": "PROCESSING"},
    {"status": "FINISHED", "data": [{"id": "p", "url": URL}]},
)
job(
    "Firefly: asked where it says",
    {"jobId": "j7", "statusUrl": "{base}/v3/status/j7", "cancelUrl": "{base}/v3/cancel/j7"},
    {"status": "running", "progress": 40},
    {"status": "succeeded", "result": {"outputs": [{"seed": 1, "image": {"url": URL}}]}},
    path="/v3/status/j7",
)
job(
    "Wombo: a final result",
    {"id": "j7", "state": "pending"},
    {"id": "j7", "state": "generating", "photo_url_list": ["{base}/1.png"]},
    {
        "id": "j7",
        "state": "completed",
        "photo_url_list": ["{base}/1.png"],
        "result": {"final": URL},
    },
    files={"/1.png": GREEN},
)
job(
    "Starryai: a number as id",
    {"id": 77, "status": "submitted", "images": [{"url": None}]},
    {"id": 77, "status": "completed", "images": [{"url": URL}]},
    path="/v1/images/77",
)
job(
    "Civitai: a blob that becomes available",
    {
        "token": "j7",
        "jobs": [
            {
                "jobId": "j7",
                "cost": 1,
                "scheduled": True,
                "result": [{"blobKey": "b", "available": False}],
            }
        ],
    },
    {
        "jobId": "j7",
        "scheduled": False,
        "result": [{"blobKey": "b", "available": True, "blobUrl": URL}],
    },
)
job(
    "Dezgo: a state called rendering",
    {"job_id": "j7", "job_state": "queued"},
    {"job_id": "j7", "job_state": "rendering"},
    {"job_id": "j7", "job_state": "completed", "output_image": URL},
)
job(
    "A job whose picture is in base64 in a data URI",
    {"taskId": "j7", "taskState": "created"},
    {"taskId": "j7", "taskState": "finished", "image": uri(RED)},
)
job(
    "A job that fails for its words",
    {"task_id": "j7", "status": "queued"},
    {
        "task_id": "j7",
        "status": "failed",
        "detail": "The prompt was rejected by our trust & safety filters",
    },
    error="ModerationError",
    words=("trust & safety",),
    pictures=(),
)
job(
    "A job that fails for the credits",
    {"task_id": "j7", "status": "queued"},
    {"task_id": "j7", "status": "error", "message": "Not enough credits to run this job"},
    error="QuotaError",
    words=("Not enough credits",),
    pictures=(),
)
job(
    "A job that is cancelled",
    {"task_id": "j7", "status": "queued"},
    {"task_id": "j7", "status": "CANCELED_BY_SYSTEM"},
    error="ServerError",
    pictures=(),
)
job(
    "A job that has timed out there",
    {"task_id": "j7", "status": "queued"},
    {"task_id": "j7", "status": "TIMED_OUT", "message": "Execution exceeded 600 s"},
    error="ServerError",
    words=("600 s",),
    pictures=(),
)
row(
    "Film: HeyGen's",
    FILM,
    {"error": None, "data": {"video_id": "h1"}},
    {
        "/v1/videos/h1": [
            {"code": 100, "data": {"id": "h1", "status": "waiting"}, "message": "Success"},
            {
                "code": 100,
                "data": {
                    "id": "h1",
                    "status": "completed",
                    "video_url": FILM_URL,
                    "thumbnail_url": "{base}/t.jpg",
                    "gif_url": "{base}/g.gif",
                },
                "message": "Success",
            },
        ]
    }
    | V,
    films=1,
)
row(
    "Film: D-ID's",
    FILM,
    {"id": "tlk_1", "object": "talk", "status": "created"},
    {
        "/v1/videos/tlk_1": [
            {"id": "tlk_1", "status": "started"},
            {"id": "tlk_1", "status": "done", "result_url": FILM_URL, "audio_url": "{base}/a.wav"},
        ]
    }
    | V,
    films=1,
)
row(
    "Film: Pika's",
    FILM,
    {"video_id": "pk1"},
    {
        "/v1/videos/pk1": [
            {"id": "pk1", "status": "queued", "progress": 0},
            {"id": "pk1", "status": "finished", "url": FILM_URL, "progress": 100},
        ]
    }
    | V,
    films=1,
)
row(
    "Film: Moonvalley's, in a list of assets",
    FILM,
    {"id": "mv", "status": "pending"},
    {
        "/v1/videos/mv": {
            "id": "mv",
            "status": "completed",
            "assets": [
                {"type": "image/webp", "url": "{base}/p.webp"},
                {"type": "video/mp4", "url": FILM_URL},
            ],
        }
    }
    | V,
    films=1,
)
row(
    "Film: its review failed",
    FILM,
    {"id": "rv", "status": "queued"},
    {
        "/v1/videos/rv": {
            "id": "rv",
            "status": "failed",
            "fail_reason": "生成的视频未通过平台安全审查",
        }
    },
    error="ModerationError",
    words=("安全审查",),
)
row(
    "Film: the picture to start from is too small",
    FILM,
    {"id": "sm", "status": "queued"},
    {
        "/v1/videos/sm": {
            "id": "sm",
            "status": "failed",
            "error": {"message": "Image dimensions must be at least 300 px"},
        }
    },
    error="ServerError",
    words=("300 px",),
)

# ---- Refused.

for name, status, body, kind, words in (
    (
        "Databricks: a permission",
        403,
        {
            "error_code": "PERMISSION_DENIED",
            "message": "You do not have permission to query endpoint sd",
        },
        "AccessError",
        "permission",
    ),
    (
        "watsonx: the tokens",
        403,
        {
            "errors": [
                {
                    "code": "token_quota_reached",
                    "message": "You have consumed all available quota for this plan",
                }
            ],
            "trace": "t",
        },
        "QuotaError",
        "all available quota",
    ),
    (
        "remove.bg's form",
        402,
        {"errors": [{"title": "Insufficient credits", "code": "insufficient_credits"}]},
        "QuotaError",
        "Insufficient credits",
    ),
    (
        "JSON-RPC: an error",
        200,
        {
            "jsonrpc": "2.0",
            "id": 1,
            "error": {"code": -32000, "message": "Rate limit reached for this key"},
        },
        "RateLimitError",
        "Rate limit",
    ),
    (
        "GraphQL: an error",
        200,
        {
            "data": None,
            "errors": [
                {
                    "message": "Unauthorized: token is not valid",
                    "extensions": {"code": "UNAUTHENTICATED"},
                }
            ],
        },
        "AuthenticationError",
        "not valid",
    ),
    (
        "Coze: the key",
        200,
        {"code": 4100, "msg": "authentication is invalid", "detail": {"logid": "l"}},
        "AuthenticationError",
        "authentication",
    ),
    (
        "Coze: the balance",
        200,
        {"code": 4028, "msg": "您的资源点余额不足"},
        "QuotaError",
        "余额不足",
    ),
    (
        "Dify: the provider's quota",
        400,
        {
            "code": "provider_quota_exceeded",
            "message": "Your quota for Dify Hosted model provider has been exhausted.",
            "status": 400,
        },
        "QuotaError",
        "exhausted",
    ),
    ("Ukrainian: balance", 402, {"message": "Недостатньо коштів"}, "QuotaError", "коштів"),
    (
        "Ukrainian: limit",
        200,
        {"success": False, "message": "Забагато запитів, спробуйте пізніше"},
        "RateLimitError",
        "Забагато",
    ),
    ("Czech: balance", 403, error("Nedostatečný kredit"), "QuotaError", "kredit"),
    ("Thai: balance", 403, error("เครดิตไม่เพียงพอ"), "QuotaError", "เครดิต"),
    ("Arabic: balance", 403, error("الرصيد غير كافٍ"), "QuotaError", "الرصيد"),
    (
        "Swedish: limit",
        200,
        {"success": False, "message": "För många förfrågningar"},
        "RateLimitError",
        "många",
    ),
    (
        "Portuguese: content",
        400,
        error("O conteúdo viola nossas diretrizes de segurança"),
        "ModerationError",
        "diretrizes",
    ),
    (
        "French: content",
        400,
        error("Votre demande enfreint nos règles d'utilisation"),
        "ModerationError",
        "enfreint",
    ),
    ("Italian: key", 403, error("Chiave API non valida"), "AuthenticationError", "Chiave"),
    ("Chinese: a minor", 400, error("提示词涉及未成年人不当内容"), "ModerationError", "未成年人"),
    (
        "Chinese: the package ran out",
        403,
        error("您的套餐已到期，请重新购买"),
        "QuotaError",
        "套餐已到期",
    ),
    ("Chinese: real-name", 403, error("请先完成实名认证后再使用该模型"), "AccessError", "实名认证"),
    (
        "Chinese: at once",
        200,
        {"code": -2, "msg": "您有任务正在进行中，请勿重复提交"},
        "RateLimitError",
        "任务正在进行",
    ),
    (
        "An account's phone",
        403,
        error("Please verify your phone number before generating images"),
        "AccessError",
        "phone number",
    ),
    (
        "A plan without pictures",
        403,
        error("Image generation is not included in your current plan. Please upgrade."),
        "AccessError",
        "current plan",
    ),
    (
        "A hard cap in dollars",
        403,
        error("Monthly spend cap of $10 reached for this project"),
        "QuotaError",
        "spend cap",
    ),
    (
        "A model that sleeps",
        503,
        {"error": "Model is warming up, estimated wait 35s"},
        "ServerError",
        "warming up",
    ),
):
    refused(name, status, body, kind, words, **({"posts": None} if status == 503 else {}))
for name, text, kind in (
    ("Ukrainian", "Вибачте, я не можу створити це зображення.", "ModerationError"),
    ("Czech", "Omlouvám se, ale tento obrázek nemohu vytvořit.", "ModerationError"),
    ("Romanian", "Îmi pare rău, nu pot genera această imagine.", "ModerationError"),
    ("Hebrew", "מצטער, אני לא יכול ליצור את התמונה הזו.", "ModerationError"),
    ("Thai", "ขออภัย ฉันไม่สามารถสร้างภาพนี้ได้", "ModerationError"),
    (
        "copyright",
        "I can't depict that copyrighted character, but here's an idea instead.",
        "ModerationError",
    ),
    ("not comfortable", "I'm not comfortable generating that image.", "ModerationError"),
    (
        "not allowed",
        "Creating images like this isn't allowed under my usage policies.",
        "ModerationError",
    ),
    (
        "servers",
        "Our image servers are at capacity right now, try again in a few minutes.",
        "RateLimitError",
    ),
    ("quota of the day", "今天的绘图额度已经用完啦，明天再来吧～", "RateLimitError"),
    ("a tool", "[image generation tool unavailable]", "NoPictureError"),
):
    row(f"Refused in words: {name}", CHAT, chat(text), error=kind, words=(text[:10],), gets=())

# ---- Services without a name, tried last of all.


def any_job(name: str, first: Any, *states: Any, **right: Any) -> None:
    row(name, IMAGES, first, {"/v1/tasks/q9": list(states)} | A, **({"pictures": ("red",)} | right))


drawn_by(
    "Any service: artifacts with uris", IMAGES, {"artifacts": [{"kind": "image", "uri": URL}]}, A
)
drawn_by(
    "Any service: choices with an image field",
    CHAT,
    {"choices": [{"index": 0, "image": {"b64": b64(RED)}}]},
)
drawn_by("Any service: camelCase imageBase64", IMAGES, {"resultCode": 0, "imageBase64": b64(RED)})
drawn_by(
    "Any service: photo in bytes field",
    IMAGES,
    {"photo": {"contentType": "image/png", "bytes": b64(RED)}},
)
drawn_by(
    "Any service: assets with a cdn link",
    IMAGES,
    {"ok": True, "assets": {"primary": {"cdnUrl": URL}}},
    A,
)
drawn_by("Any service: list of lists", IMAGES, {"images": [[b64(RED)]]})
drawn_by(
    "Any service: data.url with a trailing newline",
    IMAGES,
    {"data": [{"url": "{base}/a.png\n"}]},
    A,
)
drawn_by(
    "Any service: chat, Markdown link whose label is a file",
    CHAT,
    chat("[cat_001.png]({base}/a.png)"),
    A,
)
drawn_by("Any service: chat, obsidian embed", CHAT, chat("![[{base}/a.png]]"), A)
drawn_by("Any service: chat, wiki image with a pipe", CHAT, chat("![cat|300]({base}/a.png)"), A)
drawn_by("Any service: chat, arrow and brackets", CHAT, chat("结果→【{base}/a.png】"), A)
drawn_by("Any service: chat, ANSI colours", CHAT, chat("\x1b[32m{base}/a.png\x1b[0m"), A)
drawn_by(
    "Any service: stream, tool result event",
    CHAT,
    b'event: tool_result\ndata: {"tool":"image","result":{"images":[{"url":"{base}/a.png"}]}}\n\ndata: [DONE]\n\n',
    A,
)
any_job(
    "Any service: ticket and phase",
    {"ticket": "q9", "phase": "accepted"},
    {"ticket": "q9", "phase": "painting"},
    {"ticket": "q9", "phase": "delivered", "picture": URL},
)
any_job(
    "Any service: percent only, then the result",
    {"task_id": "q9"},
    {"task_id": "q9", "percent": "35%"},
    {"task_id": "q9", "percent": "100%", "files": [URL]},
)
any_job(
    "Any service: code 0 running 1 done 2",
    {"code": 0, "data": {"jobId": "q9"}},
    {"code": 0, "data": {"jobId": "q9", "jobStatus": "in progress"}},
    {"code": 0, "data": {"jobId": "q9", "jobStatus": "all done", "imgUrl": URL}},
)
any_job(
    "Any service: the result under a node id",
    {"task_id": "q9", "status": "QUEUED"},
    {"task_id": "q9", "status": "SUCCESS", "results": {"node_12": {"images": [{"url": URL}]}}},
)
any_job(
    "Any service: failed with reason object",
    {"task_id": "q9", "status": "queued"},
    {
        "task_id": "q9",
        "status": "failed",
        "reason": {"code": "NSFW_DETECTED", "text": "Nudity was detected"},
    },
    error="ModerationError",
    words=("NSFW_DETECTED",),
    pictures=(),
)
any_job(
    "Any service: failed, quota in Chinese code",
    {"task_id": "q9", "status": "queued"},
    {"task_id": "q9", "status": "failed", "error_msg": "算力点余额不足"},
    error="QuotaError",
    pictures=(),
)
row(
    "Any service: film, outputs with types",
    FILM,
    {"id": "f", "status": "queued"},
    {
        "/v1/videos/f": {
            "id": "f",
            "status": "succeeded",
            "outputs": [
                {"type": "cover", "url": "{base}/c.jpg"},
                {"type": "video", "url": FILM_URL},
            ],
        }
    }
    | V,
    films=1,
)
row(
    "Any service: film, files in a map",
    FILM,
    {"id": "f", "status": "queued"},
    {"/v1/videos/f": {"id": "f", "status": "ok", "files": {"mp4": FILM_URL, "gif": "{base}/g.gif"}}}
    | V,
    films=1,
)
row(
    "Any service: film, id of a run",
    FILM,
    {"run_id": "f", "state": "STATE_PENDING"},
    {
        "/v1/videos/f": [
            {"run_id": "f", "state": "STATE_RUNNING"},
            {"run_id": "f", "state": "STATE_SUCCEEDED", "video": {"uri": FILM_URL}},
        ]
    }
    | V,
    films=1,
)
for n, st, b, k, w in (
    ("balance in points", 403, error("您的算力点数不够了"), "QuotaError", "算力"),
    ("wallet", 402, {"err": "wallet empty"}, "QuotaError", "wallet"),
    ("token revoked", 401, {"detail": "Token revoked"}, "AuthenticationError", "revoked"),
    (
        "forbidden prompt",
        400,
        error("Forbidden words in prompt: blood"),
        "ModerationError",
        "Forbidden words",
    ),
    (
        "trademark",
        400,
        error("Generation refused: possible trademark infringement"),
        "ModerationError",
        "trademark",
    ),
    (
        "celebrity",
        400,
        error("Prompts that name public figures are not permitted"),
        "ModerationError",
        "public figures",
    ),
    (
        "wait",
        429,
        {"message": "Please wait 12 seconds before the next image"},
        "RateLimitError",
        "12",
    ),
    (
        "busy 200",
        200,
        {"success": False, "message": "Server is busy, please retry"},
        "RateLimitError",
        "busy",
    ),
    ("model gone 410", 410, error("This model was retired on 2026-05-01"), "ModelError", "retired"),
    ("unknown engine", 404, {"detail": "Engine flux-x not found"}, "ModelError", "flux-x"),
    ("too long", 400, error("Prompt exceeds 2000 characters"), "BadRequestError", "2000"),
    ("aspect", 422, {"message": "ratio must be one of 1:1, 16:9"}, "BadRequestError", "16:9"),
    (
        "upstream html in json",
        502,
        error("<html><head><title>502 Bad Gateway</title></head></html>"),
        "ServerError",
        "502",
    ),
):
    refused(
        f"Any service: {n}", st, b, k, w, **({"posts": None, "billed": None} if st >= 429 else {})
    )
for n, t, k in (
    ("en harm", "This request could cause harm, so I'm declining it.", "ModerationError"),
    ("en minors", "I can't generate sexualized content involving minors.", "ModerationError"),
    ("ru", "К сожалению, я не могу это нарисовать: это нарушает правила.", "ModerationError"),
    ("es", "No puedo crear esa imagen porque infringe las políticas.", "ModerationError"),
    ("zh limit", "当前绘画功能使用人数较多，请稍后重试。", "RateLimitError"),
    ("zh fail", "绘图失败：服务端异常", "NoPictureError"),
    ("ja limit", "本日の画像生成の上限に達しました。", "RateLimitError"),
    ("ko limit", "오늘 이미지 생성 한도를 초과했습니다.", "RateLimitError"),
):
    row(f"Any words: {n}", CHAT, chat(t), error=k, words=(t[:8],), gets=())
