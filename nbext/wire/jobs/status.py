"""Read the state of a job: a word, a number or a flag, and how far it is."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from nbext.util.pattern import pattern
from nbext.wire.jobs.fields import STATUS_KEYS, first_text, levels_of, text_of

if TYPE_CHECKING:
    from nbext.data.kinds import JobStatus


class _Rule(NamedTuple):
    """Maps words to a state; the first matching rule applies."""

    status: JobStatus
    words: re.Pattern[str]


# Status words of all endpoints, in lower case, with ``_`` as separator.
STATUS_RULES = (
    _Rule("queued", pattern(r"\A(?:not_|un(?:known|queued)|in_queue)|未|等待|排队|очеред")),
    _Rule(
        "failed",
        pattern(
            r"fail|error|cancel|reject|expir|time_?d?_?out|abort|terminated|block|moderated|nsfw|refus"
            r"|denied|invalid|unsuccess|stopped|incomplete|deleted|faulted|violat|unsafe|flagged"
            r"|censored|banned|crash|revoked|insufficient|失败|失敗|取消|拒绝|拒絕|违规|違規|异常|異常"
            r"|错误|錯誤|超时|过期|不通过|ошибк|отмен|не_удал|отклон|エラー|キャンセル|却下|실패|오류|취소|거부"
            r"|fall(?:id|ó)|échou|échec|annul|fehler|fehlgeschl|abgebroch|falh|cancelad"
        ),
    ),
    _Rule(
        "done",
        pattern(
            r"success|succeed|complete(?:d|_|\Z)|finish|\A(?:all_)?done|(?:\A|_)ready|available"
            r"|publish|deliver(?:ed|\Z)|\Aok\Z|成功|完成|готов|выполнен|заверш|完了|완료|completad|completat|terminé"
            r"|terminad|terminat[oa]|finalizad|fertig|abgeschlossen|conclu[ií]d|erledigt|gotowe|tamamlan"
        ),
    ),
    _Rule(
        "queued",
        pattern(
            r"queue|pending|submit|prepar|creat|start|wait|init|schedul|accept|receiv|backlog|대기"
            r"|待ち|en_(?:cola|attente|espera)|warte|na_fila"
        ),
    ),
    _Rule(
        "running",
        pattern(
            r"process|progress|running|generat|work|render|upload|active|sampl|upscal|encod|draw"
            r"|进行|处理|生成中|処理|진행|처리|생성|en_(?:cours|proceso|curso)|em_andamento|läuft"
            r"|in_bearbeitung|обработ|выполня|генер"
        ),
    ),
)

# Words for a job that the endpoint does not know, or does not know yet.
_MISSING = pattern(r"(?:\A|_)not_(?:found|exist)|no_such|unknown_(?:task|job|id)", re.IGNORECASE)

# Providers that count their states: the field with the number, a field that only they have beside
# it or around it (empty if the first is telling), and what the numbers stand for.
_NUMBERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    # PixVerse.
    (
        "status",
        "ErrCode",
        {"1": "done", "5": "running", "6": "deleted", "7": "moderated", "8": "failed"},
    ),
    # Jimeng's relays.
    (
        "status",
        "history_id",
        {
            "10": "done",
            "20": "running",
            "30": "failed",
            "42": "running",
            "45": "running",
            "50": "done",
        },
    ),
    # Kling's web interface.
    ("status", "works", {"5": "queued", "10": "running", "50": "failed", "99": "done"}),
    # Wujie.
    ("status", "task_key", {"1": "queued", "2": "running", "3": "failed", "4": "done"}),
    # Tencent.
    ("JobStatusCode", "", {"1": "queued", "2": "running", "4": "failed", "5": "done"}),
    # LiblibAI.
    (
        "generateStatus",
        "",
        {"1": "queued", "2": "running", "3": "running", "4": "running", "5": "done", "6": "failed"}
        | {"7": "timed_out"},
    ),
    # KIE.
    ("successFlag", "", {"0": "running", "1": "done", "2": "failed", "3": "failed"}),
)

# Fields that say yes or no, and what a yes stands for; a no of the last ones is a job under way.
_FLAGS = (
    ("faulted", "failed"),
    ("is_failed", "failed"),
    ("done", "done"),
    ("finished", "done"),
    ("is_completed", "done"),
    ("completed", "done"),
)

# Any other field with a state.
_STATE_NAME = pattern(r"[a-z_]{1,30}(?:status|state)\Z", re.IGNORECASE)

# A word in capitals in place of a message, such as RunningHub's.
_CAPITALS = pattern(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+){1,8}\Z")

_PERCENT_KEYS = ("progress", "progress_pct", "percent", "percentage", "progressPercentage")

_NUMBER = pattern(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(%?)\s*\Z")

_FRACTION = pattern(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*/\s*(\d{1,9}(?:\.\d{1,9})?)\s*\Z")


def status_of(word: str) -> JobStatus | None:
    """Return the meaning of a status word, None if it is unknown.

    Example:
        >>> status_of("TASK_STATUS_SUCCEED"), status_of("Content Moderated"), status_of("zzz")
        ('done', 'failed', None)
    """
    plain = re.sub(r"[\s-]+", "_", word.strip().lower())
    plain = re.sub(r"\A(?:task_|job_|media_|video_|image_)*(?:generation_)?(?:status_)?", "", plain)
    return next((rule.status for rule in STATUS_RULES if rule.words.search(plain)), None)


def has_state(value: Any) -> bool:
    """Return whether an answer has a known status word, with or without an id.

    Example:
        >>> has_state({"status": "FAILURE", "fail_reason": "…"}), has_state({"data": []})
        (True, False)
    """
    return status_of(state_word(levels_of(value))) is not None


def is_waiting(levels: list[dict[str, Any]]) -> bool:
    """Return whether a status word says that the job is waiting or running."""
    word = state_word(levels)
    is_code = word.isdigit() and len(word) > 2
    return bool(word) and not is_code and status_of(word) not in ("done", "failed")


def is_missing(value: Any) -> bool:
    """Return whether an answer says that there is no such job, in its status word.

    Example:
        >>> is_missing({"id": "b1", "status": "Task not found"}), is_missing({"status": "Pending"})
        (True, False)
    """
    return bool(_MISSING.search(re.sub(r"[\s-]+", "_", state_word(levels_of(value)))))


def state_word(levels: list[dict[str, Any]]) -> str:
    """Find the status word, preferring those that say more than that the query succeeded."""
    if counted := _counted(levels):
        return counted
    words = _status_words(levels) or _words_elsewhere(levels)
    if not words and any(level.get(flag) is False for level in levels for flag, _ in _FLAGS[2:]):
        return "running"
    if words and (words[0].isdigit() or words[0].lower() in ("success", "ok")):
        meanings = {word: status_of(word) for word in words}
        telling = (word for word in words if meanings[word] not in (None, "done"))
        known = (word for word in words if meanings[word])
        return next(telling, next(known, words[0]))
    return words[0] if words else ""


def _status_words(levels: list[dict[str, Any]]) -> list[str]:
    """List the values of the fields, and of the flags, that are known to hold a status."""
    words: list[str] = []
    for level in levels:
        for key in STATUS_KEYS:
            word = level.get(key)
            if isinstance(word, dict):
                word = first_text([word], ("state", "status", "value", "status_str"))
            if isinstance(word, (str, int)) and not isinstance(word, bool) and text_of(word):
                words.append(text_of(word))
        words += [word for flag, word in _FLAGS if level.get(flag) is True]
    return words


def _words_elsewhere(levels: list[dict[str, Any]]) -> list[str]:
    """List known statuses in fields whose names only look like one; else in the message."""
    fields = (
        text_of(item)
        for level in levels
        for key, item in level.items()
        if _STATE_NAME.match(key[:64]) and isinstance(item, str)
    )
    if words := [word for word in fields if status_of(word)]:
        return words
    messages = (text_of(level.get(key)) for level in levels[:1] for key in ("msg", "message"))
    return [word for word in messages if _CAPITALS.match(word) and status_of(word)]


def _counted(levels: list[dict[str, Any]]) -> str:
    """Return the word that a provider's number stands for, "" for any other state."""
    for key, beside, meanings in _NUMBERS:
        if beside and not any(beside in level for level in levels):
            continue
        numbers = (text_of(level.get(key)) for level in levels)
        word = next((meanings[number] for number in numbers if number in meanings), "")
        if word:
            return word
    return ""


def progress_of(levels: list[dict[str, Any]]) -> float | None:
    """Return how far a job is, in percent; None if it does not say."""
    for level in levels:
        for key in _PERCENT_KEYS:
            percent = percent_of(level.get(key), share=key == "progress_pct")
            if percent is not None:
                return percent
    return None


def percent_of(value: Any, *, share: bool = False) -> float | None:
    """Parse progress: ``45``, ``0.45``, ``"45%"``, ``"45/100"`` or an object with one of them.

    Args:
        value: The endpoint's value.
        share: Whether it is known to be a share of one.

    Example:
        >>> percent_of("45 %"), percent_of(0.45), percent_of("9/20"), percent_of(1)
        (45.0, 45.0, 45.0, 1.0)
    """
    if isinstance(value, dict):
        inner = (value.get(key) for key in ("percent", "percentage", "value", "progress"))
        return percent_of(next((item for item in inner if item is not None), None))
    text = text_of(value)
    if not text or len(text) > 32:
        return None
    parts = _FRACTION.match(text)
    if parts is not None:
        whole = float(parts[2])
        return min(100.0 * float(parts[1]) / whole, 100.0) if whole else None
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    # 1 is one percent, 1.0 is all: percentages are written as integers.
    part = number <= 1 and "%" not in text and ("." in text or share)
    return min(max(number * 100 if part else number, 0.0), 100.0)
