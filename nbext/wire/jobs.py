"""Parse the state of an asynchronous job, in any of the forms that endpoints use.

Sources: OpenAI API reference, ``GET /v1/videos/{id}``; new-api's task controllers; the interfaces
of Google, Black Forest Labs, fal, DashScope, Kling, Luma and of relays.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from nbext.messages.say import phrase
from nbext.util.pattern import pattern
from nbext.wire.events import Job, Link
from nbext.wire.json_values import NOTHING, as_dict, as_list, decode
from nbext.wire.last_resort import search
from nbext.wire.links import (
    FILM_ENDINGS,
    PICTURE_ENDINGS,
    path_of,
)
from nbext.wire.picture_values import (
    address_of_file,
    largest,
    pictures_in_value,
    results_in_order,
)
from nbext.wire.refusals import filter_mark
from nbext.wire.urls import cleaned, is_address, splits

if TYPE_CHECKING:
    from nbext.data.kinds import JobStatus, LinkKind


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
# Fields that name only a job.
_JOB_ID = pattern(
    r"(?:[a-z]{0,20}(?:task|job|generat(?:ion|e)|prediction|inference|video|process|operation"
    r"|order|prompt|history|creation|render|workflow|execution)_?"
    r"(?:uu)?id|uuid|guid)\Z",
    re.IGNORECASE,
)
# Fields that name a request: of a job, if the answer shows that there is one.
_REQUEST_IDS = ("request_id", "requestId", "response_id", "responseId")
# The last word of a field that may name a waiting or running job, if none of those above exists;
# the most reliable first. The last row needs a word before it.
_ID_WORDS = (
    frozenset({"id", "uid", "uuid", "guid"}),
    frozenset(
        {"ticket", "handle", "task", "job", "order", "receipt", "reference", "ref", "hash", "run"}
    ),
    frozenset({"no", "num", "number", "token", "key", "code", "name", "sn"}),
)
# The first word of a field that names something else.
_OTHERS = re.compile(
    r"(?:user|account|org|organization|group|channel|model|trace|session|project|team|app|client"
    r"|tenant|owner|parent|node|worker|api|file|image|prompt|event|error|status|return|country"
    r"|provider|conversation|message|choice|region|queue|batch|vendor|product|package|plan)\Z"
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ID_VALUE = re.compile(r"[\w.:@=-]{1,200}\Z", re.ASCII)
# Fields that may accompany the id of a request in an answer with nothing else.
_BESIDE = pattern(r"code|status_?code|created(?:_?at)?|success|object|type|model", re.IGNORECASE)
# The same for a plain id, which other answers have too.
_BESIDE_ID = pattern(
    r"code|status_?code|success|message|msg|kudos|credits?|points|price|eta|position|created(?:_?at)?",
    re.IGNORECASE,
)
# What endpoints write into a field for a reason if there is none.
_NO_REASON = pattern(r"(?:succe\w*|ok|none|null|failed|0)?\W*\Z", re.IGNORECASE)
# Words for a job that the endpoint does not know, or does not know yet.
_MISSING = pattern(r"(?:\A|_)not_(?:found|exist)|no_such|unknown_(?:task|job|id)", re.IGNORECASE)
_STATUS_KEYS = ("status", "task_status", "taskStatus", "state", "job_status", "phase")
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
# Objects with a status of their own, which is not the job's.
_NO_LEVEL = pattern(r"errors?|input|request|usage|meta\w*|parameters|config\w*|user|account")
# Fields that contain the objects about the job.
_LEVEL = pattern(
    r"data|detail|pending_info|output|result|resp(?:onse)?"
    r"|[a-z]*(?:task|job|prediction|generation|operation)s?",
    re.IGNORECASE,
)
# Fields with a result's URL, in order of preference: the others have the same film.
_URL_KEYS = (
    "video_url",
    "video_urls",
    "result_url",
    "image_url",
    "image_urls",
    "url",
    "urls",
    "url_list",
    "results",
    "result_urls",
    "download_url",
    "downloadable_url",
    "download_uri",
    "uri",
    "file_url",
    "output_url",
    "play_url",
    "img_paths",
    "sample",
    "path",
)
# Fields that contain a result's URL, or are it.
_CONTAINERS = (
    "data",
    "metadata",
    "output",
    "outputs",
    "result",
    "video",
    "videos",
    "image",
    "images",
    "content",
    "detail",
    "generations",
    "generatedVideos",
    "generateVideoResponse",
    "generatedSamples",
    "response",
    "task_result",
    "resultJson",
    "draft_info",
    "encodings",
    "source",
    "assets",
    "files",
    "file",
    "creations",
    "artifacts",
    "media",
    "payload",
    "Resp",
)
# Facts about the picture, under the names of OpenAI's images API.
DRAWN_WITH = ("revised_prompt", "size", "quality", "background", "output_format")
_DRAWN_WITH = {name.replace("_", ""): name for name in DRAWN_WITH}
_AROUND_RESULT = {key.replace("_", "").lower() for key in (*_CONTAINERS, "results", "predictions")}
_AROUND_RESULT -= {"metadata"}
# Objects with notes about a result, and the names of a rewritten prompt in them.
_NOTES = {"metadata", "meta", "info", "extra", "providermetadata"}
_REWRITTEN = {"revisedprompt", "rewrittenprompt", "enhancedprompt", "optimizedprompt"}
# Other names of a rewritten prompt. The last one may also repeat the prompt as it was sent.
_REVISED = ("actual_prompt", "enhanced_prompt", "refined_prompt", "prompt")
# Lists of results, in which an item may be an error.
_ITEMS = ("data", "images", "output", "outputs", "result", "results", "videos", "predictions")
# Other fields with a result's URL: by what they are called, or any address inside a container.
_RESULT_NAME = pattern(
    r"(?:output|result|final|generated|finished)"
    r"(?:image|img|picture|photo|video|film|file|media|asset)?s?(?:url|uri|link)?s?\Z"
)
_ANY_ADDRESS = pattern(
    r"(?!.*(?:poll|status|cancel|call|hook|upload|preview|thumb|cover|poster|page|share|docs?|source|input"
    r"|reference|init|response|request|stream|hls|audio|avatar|logo|watermark|gif|web|self|get))"
    r"[a-z]{1,30}(?:url|uri|link)s?\Z"
)
_POSTER_KEYS = ("poster_url", "poster", "thumbnail_url", "thumbnail", "cover_url", "cover")
_POLL_KEYS = ("polling_url", "poll_url", "status_url", "statusUrl", "query_url", "fetch_result")
_RESULT_KEYS = ("response_url", "responseUrl", "result_url")
_PERCENT_KEYS = ("progress", "progress_pct", "percent", "percentage", "progressPercentage")
_REASON_KEYS = (
    "fail_reason",
    "failure_reason",
    "failReason",
    "failMsg",
    "fail_msg",
    "failure",
    "error_message",
    "exception_message",
    "raw_message",
    "task_status_msg",
    "status_msg",
    "ErrMsg",
    "err_msg",
    "error_msg",
    "reason",
    "message",
    "msg",
)
# Fields with a reason's code, which is quoted beside it, or alone.
_CODE_KEYS = ("failCode", "failureCode", "failure_code", "err_code", "error_code", "errorCode")
# Fields in which a waiting job says what it waits for.
_WAITING_KEYS = ("queue_status_message", "status_message", "message", "msg")
# Any other field with a reason.
_REASON = pattern(
    r"[a-z_]{0,30}(?:msg|message|reason|exception|detail)\Z|failed[a-z_]{0,20}\Z", re.IGNORECASE
)
_DEEP = 8
# The codes of success: of HTTP, of Volcengine, of midjourney-proxy's queue.
_GOOD_CODES = frozenset({0, 1, 22, 200, 201, 202, 10000})
_MANY = 64
_NUMBER = pattern(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(%?)\s*\Z")
_FRACTION = pattern(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*/\s*(\d{1,9}(?:\.\d{1,9})?)\s*\Z")


def job(value: Any, *, kind: LinkKind = "film") -> tuple[Job, list[Link]]:
    """Parse a job's state, and the links to its results once it is done.

    An unknown status word ends a job only if there is also a result or an error.

    Args:
        value: The answer, decoded from JSON.
        kind: The kind of result if its URL does not tell: ``film`` or ``picture``.

    Returns:
        The job, with an empty id if the answer has none, and the links: results, then a poster.

    Example:
        >>> state, links = job({"id": "v1", "status": "SUCCESS", "url": "https://h/a.mp4"})
        >>> state.status, links[0].kind
        ('done', 'film')
    """
    levels = _levels(value)
    word = _word(levels)
    results = _results(value, 0)
    has_result = bool(results) or _has_picture(value)
    reason = _reason(levels)
    percent = _percent(levels)
    id_ = _id(value, levels)
    if not has_result and status_of(word) == "done" and (mark := filter_mark(value)):
        word, reason = "failed", phrase("wire.held_back", mark=mark)
    status = _status(word, has_result=has_result, reason=reason, percent=percent, known=bool(id_))
    links: list[Link] = []
    if status == "done":
        percent = 100.0
        links = _links(results, kind) or _links_anywhere(value, kind)
        poster = _poster(levels)
        if poster and poster not in {link.url for link in links}:
            links.append(Link(url=poster, kind="poster"))
    message = ""
    if status == "failed":
        message = reason or _reason_anywhere(value) or _spoken(levels) or phrase("wire.no_job")
    elif status != "done":
        message = _greeting(levels)
        # Quote an unknown word if there is nothing better.
        message = message or (word if word and status_of(word) is None else "")
    state = Job(
        id=id_,
        status=status,
        percent=percent,
        message=message,
        poll_url=_url_of(levels, _POLL_KEYS) or _linked(levels),
        result_url=_url_of(levels, _RESULT_KEYS),
        named=_field_of(levels, id_),
        alias=_alias(levels, id_),
        file=_first(levels, ("file_id", "fileId")),
    )
    return state, links


def _greeting(levels: list[dict[str, Any]]) -> str:
    """Return what a waiting job says about itself."""
    texts = (_text(level.get(key)) for level in levels for key in _WAITING_KEYS)
    return next((text for text in texts if text and not _NO_REASON.match(text)), "")[:200]


def _status(
    word: str, *, has_result: bool, reason: str, percent: float | None, known: bool
) -> JobStatus:
    """Determine a job's state from its word, its other fields, and whether it has an id."""
    status = status_of(word)
    if status == "failed" and has_result and not reason:
        # Whatever the word, the result exists.
        return "done"
    if status in ("queued", "running") and has_result and percent == 100.0:
        return "done"
    if status:
        return status
    if has_result:
        return "done"
    if reason:
        return "failed"
    if word:
        # An unknown word is no reason to give up a film that is paid for.
        return "running"
    return "queued" if known or percent is not None else "failed"


def status_of(word: str) -> JobStatus | None:
    """Return the meaning of a status word, None if it is unknown.

    Example:
        >>> status_of("TASK_STATUS_SUCCEED"), status_of("Content Moderated"), status_of("zzz")
        ('done', 'failed', None)
    """
    plain = re.sub(r"[\s-]+", "_", word.strip().lower())
    plain = re.sub(r"\A(?:task_|job_|media_|video_|image_)*(?:generation_)?(?:status_)?", "", plain)
    return next((rule.status for rule in STATUS_RULES if rule.words.search(plain)), None)


def is_job(value: Any) -> bool:
    """Return whether an answer is a job's state: it has an id and a status word, or results.

    Example:
        >>> is_job({"task_id": "t1", "status": "queued"}), is_job({"data": [{"b64_json": "…"}]})
        (True, False)
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("results"), list) or isinstance(value.get("urls"), list):
        return True
    levels = _levels(value)
    if _job_id(levels) or _submitted_id(value) or _is_receipt(value):
        return True
    has_id = bool(_first(levels, ("id", *_REQUEST_IDS)) or _operation(levels))
    if not has_id and _waits(levels):
        return bool(_likely_id(levels))
    return has_id and bool(_word(levels) or _url_of(levels, _POLL_KEYS) or _linked(levels))


def names_job(value: Any) -> bool:
    """Return whether an answer, or an error, has a field that names only a job.

    Example:
        >>> names_job({"message": "timed out", "task_id": "t1"}), names_job({"request_id": "r1"})
        (True, False)
    """
    return bool(_job_id(_levels(value)))


def has_state(value: Any) -> bool:
    """Return whether an answer has a known status word, with or without an id.

    Example:
        >>> has_state({"status": "FAILURE", "fail_reason": "…"}), has_state({"data": []})
        (True, False)
    """
    return status_of(_word(_levels(value))) is not None


def _levels(value: Any) -> list[dict[str, Any]]:
    """Return the objects that may describe the job, outermost first."""
    if isinstance(value, list):
        value = value[0] if value else None
    levels: list[dict[str, Any]] = []
    waiting = [value]
    while waiting and len(levels) < _DEEP:
        node = waiting.pop(0)
        if isinstance(node, list):
            node = node[0] if node else None
        if isinstance(node, dict):
            levels.append(node)
            waiting += [
                item
                for key, item in node.items()
                if isinstance(item, dict | list)
                and (_LEVEL.fullmatch(key) or _has_status(key, item))
            ]
    return levels


def _has_status(key: str, item: dict[str, Any] | list[Any]) -> bool:
    """Return whether an object in an unknown field has a status and an id of its own."""
    if not isinstance(item, dict) or _NO_LEVEL.fullmatch(key):
        return False
    return "id" in item and any(isinstance(item.get(name), str) for name in _STATUS_KEYS)


def _id(value: Any, levels: list[dict[str, Any]]) -> str:
    """Find the job's id under any of its names."""
    return (
        _job_id(levels)
        or _first(levels, ("id",))
        or _operation(levels)
        or _submitted_id(value)
        or (_likely_id(levels) if _waits(levels) else "")
        or _first(levels, _REQUEST_IDS)
    )


def _waits(levels: list[dict[str, Any]]) -> bool:
    """Return whether a status word says that the job is waiting or running."""
    word = _word(levels)
    is_code = word.isdigit() and len(word) > 2
    return bool(word) and not is_code and status_of(word) not in ("done", "failed")


def _likely_id(levels: list[dict[str, Any]]) -> str:
    """Return the field that most likely names a job, under an unknown name."""
    likely: list[tuple[int, str]] = []
    for level in levels:
        for key, item in level.items():
            text = _text(item)
            if key in _STATUS_KEYS or not _ID_VALUE.match(text):
                continue
            words = [word.lower() for word in _WORDS.findall(key[:64])]
            if not words or _OTHERS.match(words[0]):
                continue
            for rank, known in enumerate(_ID_WORDS):
                if words[-1] in known and (rank < len(_ID_WORDS) - 1 or len(words) > 1):
                    likely.append((rank, text))
    return min(likely, key=lambda pair: pair[0], default=(0, ""))[1]


def _job_id(levels: list[dict[str, Any]]) -> str:
    """Return a field that names a job; a plain id beside it is the endpoint's own."""
    for level in levels:
        own = (_text(item) for key, item in level.items() if _JOB_ID.match(key))
        name = next(filter(None, own), "")
        if name:
            return _text(level.get("id")) or name
    return ""


def _alias(levels: list[dict[str, Any]], id_: str) -> str:
    """Return another id that a field names as the job's, or ""."""
    ids = (_text(item) for level in levels for key, item in level.items() if _JOB_ID.match(key))
    return next((other for other in ids if other and other != id_), "") if id_ else ""


def _is_receipt(value: dict[str, Any]) -> bool:
    """Return whether an answer is only the id of a request, or of something that it started."""
    return any(
        len(rest := {key: item for key, item in value.items() if key not in ids}) < len(value)
        and all(
            beside.fullmatch(key) and not isinstance(item, dict | list)
            for key, item in rest.items()
        )
        for ids, beside in ((_REQUEST_IDS, _BESIDE), (("id",), _BESIDE_ID))
    )


def _field_of(levels: list[dict[str, Any]], id_: str) -> str:
    """Return the name of the field with the job's id."""
    names = (key for level in levels for key, item in level.items() if id_ and _text(item) == id_)
    return next(names, "")[:64]


def _operation(levels: list[dict[str, Any]]) -> str:
    """Return the name of one of Google's long-running operations."""
    name = _first(levels, ("name",))
    return name if "operations/" in name else ""


def _submitted_id(value: Any) -> str:
    """Parse ``{"code": "success", "data": "the id"}``, and the same below ``result``."""
    if not isinstance(value, dict) or "code" not in value or _is_error_code(value.get("code")):
        return ""
    texts = [_text(value.get(key)) for key in ("data", "result")]
    return next((text for text in texts if re.fullmatch(r"[\w:.-]{4,200}", text)), "")


def own(value: Any, job_id: str) -> Any:
    """Return the job with an id, if an answer lists several; else the answer unchanged.

    Example:
        >>> own({"tasks": [{"id": "a", "status": "done"}, {"id": "b", "status": "failed"}]}, "b")
        {'id': 'b', 'status': 'failed'}
    """
    waiting, looks = [value], 0
    while waiting and looks < _MANY:
        node, looks = waiting.pop(0), looks + 1
        items = node if isinstance(node, list) else []
        if len(items) > 1:
            for item in items[:_MANY]:
                if isinstance(item, dict) and job_id in (_first([item], ("id",)), _job_id([item])):
                    return item
        if isinstance(node, dict):
            waiting += [item for item in node.values() if isinstance(item, dict | list)]
    return value


def is_missing(value: Any) -> bool:
    """Return whether an answer says that there is no such job, in its status word.

    Example:
        >>> is_missing({"id": "b1", "status": "Task not found"}), is_missing({"status": "Pending"})
        (True, False)
    """
    return bool(_MISSING.search(re.sub(r"[\s-]+", "_", _word(_levels(value)))))


def _text(value: Any) -> str:
    """Return a text or a number of ordinary length as text, "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if number and abs(value) < 1e18 else ""


def _first(levels: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    return next((t for level in levels for key in keys if (t := _text(level.get(key)))), "")


def _word(levels: list[dict[str, Any]]) -> str:
    """Find the status word, preferring those that say more than that the query succeeded."""
    words: list[str] = []
    if counted := _counted(levels):
        return counted
    for level in levels:
        for key in _STATUS_KEYS:
            word = level.get(key)
            if isinstance(word, dict):
                word = _first([word], ("state", "status", "value", "status_str"))
            if isinstance(word, (str, int)) and not isinstance(word, bool) and _text(word):
                words.append(_text(word))
        words += [word for flag, word in _FLAGS if level.get(flag) is True]
    if not words:
        others = (
            _text(item)
            for level in levels
            for key, item in level.items()
            if _STATE_NAME.match(key[:64]) and isinstance(item, str)
        )
        words = [word for word in others if status_of(word)]
    if not words:
        messages = (_text(level.get(key)) for level in levels[:1] for key in ("msg", "message"))
        words = [word for word in messages if _CAPITALS.match(word) and status_of(word)]
    if not words and any(level.get(flag) is False for level in levels for flag, _ in _FLAGS[2:]):
        words = ["running"]
    if words and (words[0].isdigit() or words[0].lower() in ("success", "ok")):
        meanings = {word: status_of(word) for word in words}
        telling = (word for word in words if meanings[word] not in (None, "done"))
        known = (word for word in words if meanings[word])
        return next(telling, next(known, words[0]))
    return words[0] if words else ""


def _counted(levels: list[dict[str, Any]]) -> str:
    """Return the word that a provider's number stands for, "" for any other state."""
    for key, beside, meanings in _NUMBERS:
        if beside and not any(beside in level for level in levels):
            continue
        numbers = (_text(level.get(key)) for level in levels)
        word = next((meanings[number] for number in numbers if number in meanings), "")
        if word:
            return word
    return ""


def _percent(levels: list[dict[str, Any]]) -> float | None:
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
    text = _text(value)
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


def _reason(levels: list[dict[str, Any]]) -> str:
    """Return why a job failed; "" if nothing says that it did."""
    for level in levels:
        error = level.get("error") or level.get("errors")
        if isinstance(error, list):
            error = error[0] if error else None
        if isinstance(error, dict):
            raw = _text(error.get("raw_message"))
            error = next((error[k] for k in ("message", "msg", "code", "type") if error.get(k)), "")
            if raw and raw not in _text(error):
                error = f"{_text(error)}: {raw}".removeprefix(": ")
        if _text(error):
            return _inner_message(_text(error))
    outer = levels[0] if levels else {}
    failed = outer.get("success") is False or _is_error_code(outer.get("code"))
    status = status_of(_word(levels))
    for level in levels:
        for key in _REASON_KEYS:
            # With a good code, or in a running job, a message is only a greeting.
            if key in ("message", "msg", "reason", "status_msg") and not (
                failed or status == "failed"
            ):
                continue
            reason = level.get(key)
            if isinstance(reason, dict):
                parts = (_text(reason.get(name)) for name in ("code", "message", "msg", "text"))
                reason = ": ".join(filter(None, parts))
            if isinstance(reason, str) and not _NO_REASON.match(reason) and not _url(reason):
                return _with_code(_inner_message(reason), levels)
    return (_text(outer.get("code")) or phrase("wire.it_failed")) if failed else ""


def _with_code(reason: str, levels: list[dict[str, Any]]) -> str:
    """Quote a reason with its code."""
    code = _first(levels, _CODE_KEYS)
    if not code or _NO_REASON.match(code) or code in reason:
        return reason
    return f"{reason} ({code})" if reason else code


def _reason_anywhere(value: Any) -> str:
    """Return why a failed job failed from any field of its answer, the most telling first."""
    texts: dict[str, str] = {}
    waiting, looks = [value], 0
    while waiting and looks < _MANY:
        node, looks = waiting.pop(0), looks + 1
        if isinstance(node, list):
            waiting += [item for item in node[:_MANY] if isinstance(item, dict | list)]
        elif isinstance(node, dict):
            for key, item in node.items():
                if isinstance(item, dict | list):
                    waiting.append(item)
                elif isinstance(item, str) and not _NO_REASON.match(item) and not _url(item):
                    texts.setdefault(key, item)
    reason = next((texts[key] for key in _REASON_KEYS if key in texts), "") or next(
        (text for key, text in texts.items() if _REASON.match(key[:64])), ""
    )
    return _with_code(_inner_message(reason), [texts])


def _spoken(levels: list[dict[str, Any]]) -> str:
    """Return the status word of a failed job without a message, with its details."""
    word = _word(levels)
    details = as_dict(levels[0].get("details")) if levels else {}
    words = search([details]).words if details else ""
    return f"{word}: {words}" if word and words else word


def _is_error_code(code: Any) -> bool:
    if isinstance(code, str):
        return code.lower() not in ("", "success", "ok", *map(str, _GOOD_CODES))
    return isinstance(code, int) and code not in _GOOD_CODES


def _inner_message(text: str) -> str:
    """Unwrap the message of an error that a relay put into a string as JSON."""
    text = text.strip()
    if text.startswith("{"):
        inner = decode(text.encode("utf-8", "replace"))
        if isinstance(inner, dict):
            named = inner.get("message") or inner.get("code") or inner.get("error")
            if isinstance(named, str):
                return named
    return text


def _url(value: Any) -> str:
    """Return an address to download, "" for anything else; a path is relative to the endpoint."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    if text.startswith("/"):
        return cleaned(text) if is_address(text) else ""
    return cleaned(text) if splits(text) is not None else ""


def _url_of(levels: list[dict[str, Any]], keys: tuple[str, ...]) -> str:
    return next((u for level in levels for key in keys if (u := _url(level.get(key)))), "")


def _linked(levels: list[dict[str, Any]]) -> str:
    """Return a job's address from an object of links, as in Replicate and HAL."""
    for level in levels:
        for holder in (as_dict(level.get(key)) for key in ("urls", "links", "_links")):
            for key in ("get", "self", "status", "poll"):
                item = holder.get(key)
                url = _url(item.get("href") if isinstance(item, dict) else item)
                if url:
                    return url
    return ""


def _has_picture(value: Any) -> bool:
    """Return whether a picture is in the answer itself, stored or in base64."""
    return any(not is_address(text) for text in pictures_in_value(value))


def _results(node: Any, depth: int) -> list[tuple[str, str]]:
    """Find the results' URLs and their fields' names, outermost first."""
    if depth > _DEEP:
        return []
    if isinstance(node, str):
        if node.lstrip()[:1] in ("{", "["):
            inner = decode(node.encode("utf-8", "replace"))
            return _results(inner, depth + 1) if inner is not NOTHING else []
        return [("", url)] if (url := _url(node)) else []
    if isinstance(node, list):
        items = results_in_order(node[:_MANY])
        return [pair for item in items for pair in _results(item, depth + 1)][:_MANY]
    if not isinstance(node, dict):
        return []
    node = largest(node)
    fields = {_plain(key): item for key, item in reversed(node.items()) if item}
    for key in (*_URL_KEYS, *_CONTAINERS):
        item = fields.get(_plain(key))
        if item is None or (key == "urls" and isinstance(item, dict)):
            # Replicate's ``urls`` are the addresses of the job itself.
            continue
        pairs = _results(item, depth + 1)
        if pairs:
            return [(name or key, url) for name, url in pairs]
    for key, item in fields.items():
        if _RESULT_NAME.match(key[:64]) or (depth and _ANY_ADDRESS.match(key[:64])):
            pairs = _results(item, depth + 1)
            if pairs:
                return pairs
    address = address_of_file(node)
    return [("", address)] if address else []


def _plain(key: str) -> str:
    """Normalise a field's name: its spelling varies between endpoints."""
    return key.replace("_", "").lower()


def _links(results: list[tuple[str, str]], kind: LinkKind) -> list[Link]:
    links: dict[str, Link] = {}
    for name, url in results:
        path = path_of(url)
        link_kind = kind
        if path.endswith(FILM_ENDINGS) or name in ("video_url", "videoUrl", "video_urls"):
            link_kind = "film"
        elif path.endswith(PICTURE_ENDINGS) or name in ("image_url", "image_urls", "img_paths"):
            link_kind = "picture"
        links.setdefault(url, Link(url=url, kind=link_kind))
    return list(links.values())


def _links_anywhere(value: Any, kind: LinkKind) -> list[Link]:
    """Find the links of a finished job in unknown fields."""
    if _has_picture(value):
        return []
    return [
        Link(url=link.url, kind=kind if link.kind == "maybe" else link.kind)
        for link in search(as_list(value) or [value]).links
        if splits(link.url) is not None
    ]


def _poster(levels: list[dict[str, Any]]) -> str:
    nested = [level.get(key) for level in levels for key in ("video", "output", "metadata")]
    for level in [*levels, *(item for item in nested if isinstance(item, dict))]:
        for key in _POSTER_KEYS:
            value = level.get(key)
            if isinstance(value, dict):
                value = value.get("url")
            if url := _url(value):
                return url
    return ""


def drawn_with(value: Any, prompt: str = "") -> dict[str, str]:
    """Return the facts that an answer states about its first result.

    Args:
        value: The answer, or one of its items.
        prompt: The prompt that was sent; another one beside a result is a rewritten one.

    Example:
        >>> drawn_with({"data": {"result": {"data": [{"url": "…", "quality": "low"}]}}})
        {'quality': 'low'}
        >>> drawn_with({"results": [{"url": "https://h/1", "actual_prompt": "A cat."}]}, "cat")
        {'revised_prompt': 'A cat.'}
    """
    named: dict[str, str] = {}
    waiting, looks = [value], 0
    while waiting and looks < _MANY:
        node, looks = waiting.pop(0), looks + 1
        if isinstance(node, list):
            node = node[0] if node else None
        if isinstance(node, dict):
            for key, item in node.items():
                name = _DRAWN_WITH.get(_plain(key))
                text = item[0] if isinstance(item, list) and item else item
                if name and isinstance(text, str):
                    named[name] = text
                if isinstance(item, dict) and _plain(key) in _NOTES:
                    # Other facts there may be those that were requested.
                    named = _noted(item) | named
            if prompt and not named.get("revised_prompt") and (new := _revised(node, prompt)):
                named["revised_prompt"] = new
            waiting += [item for key, item in node.items() if _plain(key) in _AROUND_RESULT]
    return named


def _noted(notes: dict[str, Any]) -> dict[str, str]:
    """Return the rewritten prompt among an answer's notes."""
    texts = (item for key, item in notes.items() if _plain(key) in _REWRITTEN)
    return next(({"revised_prompt": text} for text in texts if isinstance(text, str)), {})


def _revised(item: dict[str, Any], prompt: str) -> str:
    """Return a result's own prompt, if it is not the one that was sent."""
    if not (pictures_in_value(item) or _results(item, 0)):
        return ""
    texts = (item.get(key) for key in _REVISED)
    new = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    return "" if " ".join(new.split()) == " ".join(prompt.split()) else new


def failed_items(value: Any) -> list[str]:
    """Return why single items among the results of an answer failed.

    Example:
        >>> failed_items({"data": [{"url": "…"}, {"code": "E", "message": "Blocked."}]})
        ['Blocked.']
    """
    reasons = partial_reasons(value)
    waiting, looks = [value], 0
    while waiting and looks < _MANY:
        node, looks = waiting.pop(0), looks + 1
        if not isinstance(node, dict):
            continue
        for key in _ITEMS:
            item = node.get(key)
            if isinstance(item, dict):
                waiting.append(item)
            for part in item[:_MANY] if isinstance(item, list) else ():
                reasons += [reason] if (reason := item_error(part)) else []
    return reasons


def partial_reasons(value: Any) -> list[str]:
    """Return why an answer calls itself only partly successful.

    Example:
        >>> partial_reasons({"status": "partial_success", "message": "1 of 2 failed"})
        ['1 of 2 failed']
    """
    reason = _reason_anywhere(value) if "partial" in _word(_levels(value)).lower() else ""
    return [reason] if reason else []


def item_error(item: Any) -> str:
    """Return the message of an item that is an error in place of a result, or "".

    Example:
        >>> item_error({"code": "E", "message": "Blocked."}), item_error({"url": "…"})
        ('Blocked.', '')
    """
    fields = as_dict(item)
    error = fields.get("error")
    if not error and status_of(_text(fields.get("status"))) == "failed":
        return _reason([fields])
    if isinstance(error, dict):
        return _text(error.get("message")) or _text(error.get("code"))
    if _text(error):
        return _text(error)
    is_error = bool(_text(fields.get("code"))) and not pictures_in_value(fields)
    return _text(fields.get("message")) if is_error else ""
