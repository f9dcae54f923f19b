"""Failures that an answer reports as ordinary text."""

from __future__ import annotations

import functools
import re
from typing import Any

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.error_rules import BUSY, QUOTA
from nbext.wire.events import ErrorEvent
from nbext.wire.links import result_text
from nbext.wire.meanings import Meaning, meaning_of

_POLICY = pattern(
    r"内容政策|违反了?我们的|防护限制|裸露|色情|安全政策|不当内容|不適當|不适宜|敏感内容|"
    r"content polic|policy violation|usage polic|"
    r"(?:our|content|usage|safety|community) guidelines|"
    r"(?:input|output|content)[ _]moderation|moderation[ _](?:block|system|filter)",
    re.IGNORECASE,
)
_DECLINED = pattern(
    r"(?:不能|无法|没法|無法|沒辦法|没办法)(?:帮|幫|为|為|替|给|給)?(?:你|您|我)?"
    r"(?:画|畫|绘制|繪製|创作|創作|创建|創建|生成|完成|提供|协助|協助|处理|處理)|"
    r"no (?:puedo|es posible) (?:generar|crear|ayudar|dibujar|hacer)|"
    r"ne (?:peux|puis) pas (?:créer|générer|aider|dessiner|produire)|"
    r"(?:kann|können).{0,60}nicht (?:erstellen|generieren|helfen|zeichnen)|"
    r"não posso (?:gerar|criar|ajudar|desenhar)|non posso (?:generare|creare|aiutar|disegnare)|"
    r"не (?:могу|можем|могла|мог) .{0,12}(?:создать|сгенерировать|помочь|нарисовать|выполнить)|"
    r"(?:生成|作成|描く|お手伝い|対応)(?:する)?(?:こと)?(?:は|が)?できません|"
    r"(?:생성|만들|도와|그릴).{0,8}수 ?(?:가 )?없|"
    r"(?:sorry|unable|i|we) ?,? ?(?:but )?(?:i |we )?"
    r"(?:can(?:'|’)?t|cannot|can not|am not able to|(?:'|’)m unable to|unable to) "
    r"(?:help|assist|create|generate|comply|fulfil|draw|make|produce|depict|portray|render"
    r"|provide|do (?:that|this))|not comfortable (?:with|creating|generating|making|drawing)|"
    r"not able to (?:generate|create|help|assist|draw|fulfil|complete)|"
    r"cannot comply|won(?:'|’)t be able to|"
    r"(?:have to|must|need to|will) decline|declin(?:e|ed|ing) (?:it\b|(?:this|your|the) request)|"
    r"goes against (?:my|our) |"
    r"không thể (?:tạo|vẽ|giúp|thực hiện)|"
    r"tidak (?:dapat|bisa|boleh) (?:membuat|menghasilkan|menggambar|membantu)|"
    r"(?:oluştur|üret|çiz|yardımcı ol)\w{0,3}(?:amıyor|emiyor|amam|emem)|"
    r"nie (?:mogę|możemy|jestem w stanie) (?:wygenerować|stworzyć|utworzyć|narysować|pomóc)|"
    r"kan .{0,60}niet (?:maken|genereren|helpen|tekenen)|"
    r"не (?:можу|можемо) (?:створити|згенерувати|допомогти|намалювати)|"
    r"(?:nemohu|nemůžu) (?:vytvořit|vygenerovat|pomoci|nakreslit)|"
    r"kan (?:inte|ikke) (?:skapa|generera|hjälpa|lage|generere|hjelpe|skabe|hjælpe)|"
    r"לא (?:יכול|יכולה|ניתן) (?:ליצור|לצייר|לעזור)|"
    r"nu (?:pot|putem) (?:crea|genera|ajuta|desena)|"
    r"ไม่สามารถ(?:สร้าง|วาด|ช่วย)|لا (?:يمكنني|أستطيع|يمكننا) |नहीं (?:बना|कर) सक",
    re.IGNORECASE,
)
_FAILED = pattern(
    r"生成失败|失败原因|generation failed|failed to generate|生成に失敗|생성.{0,4}실패"
    r"|не удалось (?:сгенерировать|создать|нарисовать)|no se pudo (?:generar|crear)"
    r"|génération a échoué|(?:erzeugung|generierung) ist fehlgeschlagen|falha ao gerar"
    r"|generazione non riuscita",
    re.IGNORECASE,
)
_REASON = pattern(r"(?:失败原因|原因|reason)\s*[:：]\s*([^\n]{1,200})", re.IGNORECASE)
_QUEUED = pattern(
    r"很多人在创建图片|图片准备好后|lots of people are creating images|processing image|"
    r"images? (?:will be|is) ready.{0,40}notify",
    re.IGNORECASE,
)
_LIMITED = pattern(
    r"rate limit|too many requests|(?:at|maximum) capacity|limit resets"
    r"|(?:hit|reached|exceeded) .{0,40}\blimit\b"
    r"|请求过于频繁|稍后再试|额度已|已?达到?.{0,10}(?:上限|限额)",
    re.IGNORECASE,
)
_QUESTION = pattern(r"upload (?:a|the|your) (?:photo|image|picture)|请上传|请提供", re.IGNORECASE)


# Fields with the verdict of a filter, and the values that are against the picture.
_VERDICTS: dict[str, object] = {
    "nsfw": True,
    "hasnsfw": True,
    "hasnsfwconcepts": True,
    "hasnsfwcontents": True,
    "nsfwcontent": True,
    "contentviolation": True,
    "nsfwcontentdetected": True,
    "isimagesafe": False,
    "respectmoderation": False,
    "filtered": True,
    "censored": True,
    "iscensored": True,
    "issensitive": True,
    "isblocked": True,
    "moderated": True,
}
_ENDING = pattern(
    r"content_?filter\w*|filter_?reason_image_safety|(?:image_)?(?:safety|prohibited_content|blocklist)",
    re.IGNORECASE,
)
_REASONS, _FINISH = "raimediafilteredreasons", "finishreason"
_MOST_LOOKS = 2000
# A longer text that mentions a balance is about something else.
_SHORT = 600
# What a text without a picture means: the error, its message and its remedy.
_SPOKEN: dict[Meaning, tuple[str, str, str]] = {
    "balance": ("QuotaError", "wire.says_no_balance", "rule.add_balance"),
    "busy": ("RateLimitError", "wire.says_limited", "wire.wait"),
    "model": ("ModelError", "wire.says_no_model", "wire.models_lists"),
    "declined": ("ModerationError", "wire.says_refused", "wire.rephrase"),
}
_WORDS = frozenset(_SPOKEN)
# A reply to the user about the request, rather than the description of a picture.
_REPLY = pattern(
    r"[❌⚠⛔🚫🚦]|\b(?:i|we|i'm|i’m|sorry|apolog\w+|unfortunately|please|your?)\b|抱歉|请|請|您|你"
    r"|сожалени|пожалуйста|извин|купите|пополн|\b(?:вы|ваш\w*|я)\b|申し訳|ください|すみません|ません"
    r"|죄송|주세요|수 없|lo siento|por favor|\b(?:su|tu|no puedo|no podemos)\b|leider|bitte"
    r"|désolé|veuillez|votre|desculpe|spiacente|przepraszam|вибач|xin lỗi|maaf|üzgün",
    re.IGNORECASE,
)


def _is_reply(answer: str) -> bool:
    return len(answer) < _SHORT and _REPLY.search(answer) is not None


def filter_mark(value: Any) -> str:
    """Return the field in which an answer says that a filter changed or held back a picture.

    Example:
        >>> filter_mark({"images": [], "has_nsfw_concepts": [False, True]})
        'has_nsfw_concepts: true'
        >>> filter_mark({"finish_reason": "CONTENT_FILTERED"}), filter_mark({"filtered": False})
        ('finish_reason: CONTENT_FILTERED', '')
    """
    waiting, looks = [value], 0
    while waiting and looks < _MOST_LOOKS:
        node, looks = waiting.pop(), looks + 1
        if isinstance(node, list):
            waiting += [item for item in reversed(node[:64]) if isinstance(item, (dict, list))]
        elif isinstance(node, dict):
            for key, item in node.items():
                # Cut, because a stranger's names are remembered.
                name = _plain_name(key[:80]) if isinstance(key, str) else ""
                if not name:
                    continue
                verdict = _VERDICTS.get(name)
                values = item[:64] if isinstance(item, list) else [item]
                if verdict is not None and any(part is verdict for part in values):
                    return f"{key}: {str(verdict).lower()}"
                if name == _REASONS and values and isinstance(values[0], str):
                    return f"{key}: {values[0][:300]}"
                is_ending = name.endswith(_FINISH) and isinstance(item, str)
                if is_ending and _ENDING.fullmatch(item):
                    return f"{key}: {item}"
            waiting += [item for item in node.values() if isinstance(item, (dict, list))]
    return ""


@functools.lru_cache(1024)
def _plain_name(key: str) -> str:
    """Return a field's name without its notation if it may be about a filter, or ""."""
    name = key.replace("_", "").replace("-", "").lower()[:40]
    is_about_it = name in _VERDICTS or name == _REASONS or name.endswith(_FINISH)
    return name if is_about_it else ""


def detect_refusal(text: str) -> ErrorEvent | None:
    """Return the reason for a missing picture, if the answer's text tells.

    Called only without a picture: the text beside one may mention anything.
    """
    answer = result_text(text)[-20_000:]
    quote = " ".join(answer.split())[:300]
    reason = _REASON.search(answer)
    kind = "NoPictureError"
    if _POLICY.search(reason[1] if reason else answer):
        kind, message = "ModerationError", phrase("wire.says_refused")
        remedy = phrase("wire.rephrase")
    elif _LIMITED.search(answer) or (len(answer) < _SHORT and BUSY.search(answer)):
        kind, message = "RateLimitError", phrase("wire.says_limited")
        remedy = phrase("wire.wait")
    elif len(answer) < _SHORT and QUOTA.search(answer):
        kind, message = "QuotaError", phrase("wire.says_no_balance")
        remedy = phrase("rule.add_balance")
    elif _QUEUED.search(answer):
        message = phrase("wire.says_queued")
        remedy = phrase("wire.less_busy")
    elif _FAILED.search(answer):
        message, remedy = phrase("wire.says_failed"), phrase("wire.again_or_other")
    elif _DECLINED.search(answer):
        kind, message = "ModerationError", phrase("wire.says_refused")
        remedy = phrase("wire.rephrase")
    elif _QUESTION.search(answer):
        message = phrase("wire.says_asks")
        remedy = phrase("wire.give_or_describe")
    elif _is_reply(answer) and (meaning := _SPOKEN.get(meaning_of(answer, _WORDS))):
        kind, message, remedy = meaning[0], phrase(meaning[1]), phrase(meaning[2])
    else:
        return None
    return ErrorEvent(
        kind=kind,
        message=phrase("wire.quoted", message=message, quote=quote),
        remedy=remedy,
        body=text[:4096],
        maybe_billed=True,
    )
