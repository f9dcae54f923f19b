"""Refusals in the words of many providers and languages: balance, limit, content, key, model."""

from __future__ import annotations

from typing import Any

from tests.cases.gateways.rows import CHAT, GEMINI, error, refused, row
from tests.cases.relays import chat

QUOTA, LIMIT, CONTENT = "QuotaError", "RateLimitError", "ModerationError"
KEY, ACCESS, MODEL, BAD = "AuthenticationError", "AccessError", "ModelError", "BadRequestError"
FAILED = "ServerError"


def refusals(*rows: tuple[str, int, Any, str, str], **more: Any) -> None:
    """Add refusals: a name, the status, the body or its message, the error, words of it."""
    for name, status, body, kind, words in rows:
        answer = error(body) if isinstance(body, str) else body
        refused(name, status, answer, kind, words, **more)


# ---- Balance, limits, keys and models, with the status of success or of a plain refusal.

refusals(
    (
        "Russian: credits",
        200,
        {"error": True, "message": "Недостаточно кредитов на балансе"},
        QUOTA,
        "кредитов",
    ),
    (
        "Russian: limit",
        200,
        {"detail": "Лимит запросов исчерпан, попробуйте позже"},
        LIMIT,
        "Лимит",
    ),
    ("Russian: key", 403, "Неверный API-ключ", KEY, "API-ключ"),
    ("Russian: model", 400, "Модель gpt-image-9 не поддерживается", MODEL, "gpt-image-9"),
    ("Korean: credits", 200, {"success": False, "message": "크레딧이 부족합니다"}, QUOTA, "크레딧"),
    (
        "Korean: limit",
        200,
        {"success": False, "message": "요청이 너무 많습니다. 잠시 후 다시 시도하세요."},
        LIMIT,
        "요청",
    ),
    ("Korean: key", 403, "유효하지 않은 API 키입니다", KEY, "API 키"),
    ("Korean: content", 400, "콘텐츠 정책에 위배되는 요청입니다", CONTENT, "위배"),
    (
        "Japanese: limit",
        200,
        {"success": False, "message": "利用上限に達しました。しばらくしてから再度お試しください"},
        LIMIT,
        "上限",
    ),
    ("Japanese: key", 403, "APIキーが無効です", KEY, "APIキー"),
    ("Japanese: model", 404, "指定されたモデルが見つかりません", MODEL, "モデル"),
    ("Japanese: content", 400, "公序良俗に反する内容が含まれています", CONTENT, "公序良俗"),
    (
        "German: balance",
        200,
        {"success": False, "message": "Ihr Guthaben ist aufgebraucht"},
        QUOTA,
        "Guthaben",
    ),
    ("German: limit", 200, {"success": False, "message": "Zu viele Anfragen"}, LIMIT, "Zu viele"),
    ("French: balance", 403, "Crédit insuffisant", QUOTA, "insuffisant"),
    ("French: limit", 200, {"success": False, "message": "Trop de requêtes"}, LIMIT, "Trop"),
    ("Spanish: balance", 403, "Créditos insuficientes", QUOTA, "insuficientes"),
    (
        "Spanish: limit",
        200,
        {"success": False, "message": "Demasiadas solicitudes"},
        LIMIT,
        "Demasiadas",
    ),
    ("Portuguese: balance", 403, "Saldo insuficiente para esta operação", QUOTA, "Saldo"),
    ("Turkish: balance", 403, "Yetersiz bakiye", QUOTA, "bakiye"),
    ("Vietnamese: balance", 403, "Số dư không đủ", QUOTA, "Số dư"),
    ("Indonesian: balance", 403, "Saldo tidak mencukupi", QUOTA, "Saldo"),
    ("Polish: balance", 403, "Niewystarczające środki na koncie", QUOTA, "środki"),
    ("Chinese: the package", 403, "套餐次数已用完，请续费", QUOTA, "续费"),
    (
        "Chinese: the free allowance",
        200,
        {"code": -1, "msg": "免费额度已用尽，请开通付费"},
        QUOTA,
        "免费额度",
    ),
    ("Chinese: the account stopped", 403, "账户已欠费停服", QUOTA, "欠费"),
    ("Chinese: a card that is used up", 403, "卡密已失效", KEY, "卡密"),
    ("Chinese: the model is gone", 400, "模型已下架，请更换其他模型", MODEL, "下架"),
    ("Chinese: a banned word", 400, "提示词包含违禁词", CONTENT, "违禁词"),
    ("Chinese: a real face", 400, "检测到真人人脸，该图片无法通过审核", CONTENT, "真人"),
    (
        "Chinese: too many in the queue",
        200,
        {"code": 1, "msg": "当前排队人数过多，请等待"},
        LIMIT,
        "排队人数过多",
    ),
    ("Traditional Chinese: balance", 403, "餘額不足，請儲值", QUOTA, "餘額"),
    ("Traditional Chinese: content", 400, "內容違反使用規範", CONTENT, "違反"),
)

# ---- Providers' own forms.

refusals(
    (
        "Volcengine visual: the prompt",
        400,
        {"code": 50412, "message": "Text Risk Not Pass", "data": None},
        CONTENT,
        "Text Risk",
    ),
    (
        "Volcengine visual: requests",
        200,
        {"code": 50429, "message": "Request Has Reached API Limit, Please Try Later", "data": None},
        LIMIT,
        "API Limit",
    ),
    (
        "Volcengine visual: at once",
        200,
        {"code": 50430, "message": "Request Has Reached API Concurrent Limit, Please Try Later"},
        LIMIT,
        "Concurrent",
    ),
    (
        "iFlytek: the prompt",
        200,
        {"header": {"code": 10021, "message": "输入内容审核不通过，涉嫌违规", "sid": "s"}},
        CONTENT,
        "审核不通过",
    ),
    (
        "iFlytek: a second's limit",
        200,
        {
            "header": {
                "code": 11202,
                "message": "秒级流控超限。秒级并发超过授权路数限制",
                "sid": "s",
            }
        },
        LIMIT,
        "流控",
    ),
    (
        "Baidu: the day's limit",
        200,
        {"error_code": 17, "error_msg": "Open api daily request limit reached"},
        LIMIT,
        "daily request limit",
    ),
    (
        "Baidu: the token",
        200,
        {"error_code": 110, "error_msg": "Access token invalid or no longer valid"},
        KEY,
        "Access token",
    ),
    (
        "Baidu: the prompt",
        200,
        {"error_code": 216303, "error_msg": "prompt content is not compliant"},
        CONTENT,
        "not compliant",
    ),
    (
        "Kie: credits, status of success",
        200,
        {"code": 402, "msg": "Credits insufficient", "data": None},
        QUOTA,
        "Credits insufficient",
    ),
    (
        "Kie: the key, status of success",
        200,
        {"code": 401, "msg": "You do not have access permissions", "data": None},
        KEY,
        "access permissions",
    ),
    (
        "Kie: maintenance",
        200,
        {"code": 455, "msg": "The service is currently undergoing maintenance"},
        FAILED,
        "maintenance",
    ),
    (
        "Kie: too many",
        200,
        {"code": 429, "msg": "Call frequency is too high. Please try again later."},
        LIMIT,
        "frequency",
    ),
    (
        "Cloudflare's AI gateway: the prompt",
        424,
        {
            "success": False,
            "result": [],
            "error": [{"code": 2016, "message": "Prompt blocked due to security configurations"}],
        },
        CONTENT,
        "security configurations",
    ),
    (
        "Cloudflare's AI gateway: limited",
        429,
        {"success": False, "error": [{"code": 2003, "message": "Rate limited"}]},
        LIMIT,
        "Rate limited",
    ),
    (
        "Chutes: capacity",
        503,
        {"detail": "Infrastructure is at maximum capacity, try again later"},
        LIMIT,
        "maximum capacity",
    ),
    (
        "Chutes: quota",
        402,
        {"detail": "Quota exceeded and account balance is $0.0, please pay with fiat"},
        QUOTA,
        "$0.0",
    ),
    ("DeepInfra: no such model", 404, error("Model is not found: flux-9"), MODEL, "flux-9"),
    (
        "Freepik: the free trial",
        403,
        {"message": "You have reached the free trial limit. Please upgrade your plan."},
        QUOTA,
        "free trial",
    ),
    (
        "WaveSpeed: credits",
        400,
        {"code": 400, "message": "Insufficient credits. Please top up.", "data": {}},
        QUOTA,
        "top up",
    ),
    (
        "OpenRouter: the key's limit",
        403,
        error(
            "Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys",
            code=403,
        ),
        QUOTA,
        "monthly limit",
    ),
    ("OpenRouter: no user", 401, error("User not found.", code=401), KEY, "User not found"),
    (
        "OpenRouter: providers",
        404,
        error("No allowed providers are available for the selected model.", code=404),
        MODEL,
        "allowed providers",
    ),
    (
        "OpenRouter: JSON in the raw words",
        400,
        error(
            "Provider returned error",
            code=400,
            metadata={
                "raw": '{"error":{"message":"Unable to process input image","status":"INVALID_ARGUMENT"}}',
                "provider_name": "Google",
            },
        ),
        BAD,
        "Unable to process",
    ),
    (
        "Anthropic's form: overloaded",
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        LIMIT,
        "Overloaded",
    ),
    (
        "OpenAI: the account is closed",
        403,
        error(
            "Your access was terminated due to violation of our policies, please check your email for more information.",
            code="account_deactivated",
        ),
        ACCESS,
        "terminated",
    ),
    (
        "OpenAI: a size",
        400,
        error(
            "Invalid size '64x48'. Supported sizes are 1024x1024, 1024x1536, 1536x1024, and auto.",
            param="size",
            code="invalid_value",
        ),
        BAD,
        "Supported sizes",
    ),
    (
        "OpenAI: a reference that is no picture",
        400,
        error(
            "Invalid image file or mode for image 1, please check your image file.",
            code="invalid_image_file",
        ),
        BAD,
        "image file",
    ),
    (
        "sub2api: no account",
        503,
        error("no available OpenAI account", type="server_error"),
        FAILED,
        "no available",
    ),
    (
        "sub2api: the group draws no pictures",
        403,
        error("This group does not allow image generation", type="permission_error"),
        ACCESS,
        "does not allow",
    ),
    (
        "chat2api: the account's token",
        401,
        {"detail": "刷新RefreshToken失败: token 已过期"},
        KEY,
        "RefreshToken",
    ),
    (
        "Portkey: a failure of its config",
        400,
        {"status": "failure", "message": "Invalid config passed"},
        BAD,
        "Invalid config",
    ),
    (
        "Helicone: its limit",
        429,
        {"error": "Rate limit exceeded", "quota": "10;w=60"},
        LIMIT,
        "Rate limit",
    ),
)
# It is asked once more, in another form: nothing was started.
refused(
    "new-api: only a stream",
    400,
    error("当前模型仅支持流式调用", code="invalid_request"),
    BAD,
    "流式",
    posts=None,
)
refused(
    "FastAPI: a server's trace",
    500,
    b'Traceback (most recent call last):\n  File "a.py"\nRuntimeError: CUDA error: device-side assert',
    FAILED,
    "CUDA error",
    billed=True,
)
for name, status, message, kind, fields in (
    (
        "the key leaked",
        403,
        "Your API key was reported as leaked. Please use another API key.",
        KEY,
        {"status": "PERMISSION_DENIED"},
    ),
    (
        "the key expired",
        400,
        "API key expired. Please renew the API key.",
        KEY,
        {"status": "INVALID_ARGUMENT"},
    ),
    (
        "the API is not enabled",
        403,
        "Generative Language API has not been used in project 123 before or it is disabled.",
        ACCESS,
        {"status": "PERMISSION_DENIED"},
    ),
    (
        "no such model",
        404,
        "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.",
        MODEL,
        {"status": "NOT_FOUND"},
    ),
    (
        "a country",
        400,
        "Image generation is not available in your country.",
        ACCESS,
        {"status": "FAILED_PRECONDITION"},
    ),
    (
        "a picture that it cannot read",
        400,
        "Unable to process input image. Please retry or report in troubleshooting.",
        BAD,
        {"status": "INVALID_ARGUMENT"},
    ),
    (
        "a minute's limit",
        429,
        "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'per minute'",
        LIMIT,
        {"status": "RESOURCE_EXHAUSTED"},
    ),
    (
        "its deadline",
        504,
        "Deadline expired before operation could complete.",
        "TimedOutError",
        {"status": "DEADLINE_EXCEEDED"},
    ),
):
    billed = {"billed": True} if kind == "TimedOutError" else {}
    refused(
        f"Google: {name}",
        status,
        error(message, code=status, **fields),
        kind,
        message[:24],
        ask=GEMINI,
        posts=None,
        **billed,
    )

# ---- Refused or failed in the answer's own words.

for name, text, kind in (
    ("I'm not able to help", "I'm not able to help with creating that image.", CONTENT),
    ("real people", "I can't create images of real people in that context.", CONTENT),
    ("won't", "I won't be able to generate this image, but I can describe it.", CONTENT),
    ("declined", "I have to decline this request because it may be harmful.", CONTENT),
    ("guidelines", "That goes against my guidelines, so let's try something else!", CONTENT),
    (
        "unfortunately",
        "Unfortunately, I'm unable to produce images with copyrighted characters.",
        CONTENT,
    ),
    ("a curly apostrophe", "I’m sorry, but I can’t create that image.", CONTENT),
    ("Chinese: 没法", "抱歉，我没法画这个内容，换个话题吧。", CONTENT),
    ("Chinese: 无法处理", "很抱歉，该请求涉及不当内容，无法处理。", CONTENT),
    ("Vietnamese", "Xin lỗi, tôi không thể tạo hình ảnh này.", CONTENT),
    ("Indonesian", "Maaf, saya tidak dapat membuat gambar tersebut.", CONTENT),
    ("Turkish", "Üzgünüm, bu görseli oluşturamıyorum.", CONTENT),
    ("Polish", "Przykro mi, nie mogę wygenerować tego obrazu.", CONTENT),
    ("Dutch", "Sorry, ik kan deze afbeelding niet maken.", CONTENT),
    ("Japanese", "申し訳ありませんが、その画像を生成することはできません。", CONTENT),
    ("Korean", "죄송합니다. 해당 이미지는 생성할 수 없습니다.", CONTENT),
    ("a failure", "⚠️ 图片生成失败，请重试", "NoPictureError"),
    (
        "something went wrong",
        "Oops! Something went wrong while generating your image.",
        "NoPictureError",
    ),
    ("too many today", "You've reached your daily image limit. Upgrade to continue.", LIMIT),
    ("the balance", "您的积分余额不足，请充值后再试。", QUOTA),
    (
        "credits",
        "You don't have enough credits to generate this image. Please purchase more.",
        QUOTA,
    ),
    ("a question back", "Which style would you like: watercolor or oil?", "NoPictureError"),
):
    row(f"In words: {name}", CHAT, chat(text), error=kind, words=(text[:12],), gets=())
