"""Jobs that do not live as they should: backwards, twice, under two names, growing, without words."""

from __future__ import annotations

from tests.cases.answers import b64
from tests.cases.gateways.jobs import STATE, drawn, failed, job
from tests.cases.gateways.rows import URL, A, error, row
from tests.cases.relays import GREEN, IMAGES, RED
from tests.relay import File

DONE = {"task_id": "t5", "status": "completed", "url": URL}
RUNNING = {"task_id": "t5", "status": "running"}
TWO = {"/b.png": GREEN}
B = "{base}/b.png"

drawn(
    "Life: queued, running, queued again", {"status": "queued"}, RUNNING, {"status": "queued"}, DONE
)
drawn("Life: done, and its address a look later", {"task_id": "t5", "status": "completed"}, DONE)
drawn("Life: progress goes back", {"progress": 80} | RUNNING, {"progress": 10} | RUNNING, DONE)
drawn("Life: progress past its end", {"progress": 135} | RUNNING, DONE, words=("100",))
drawn("Life: only when it will be done", {"status": "running", "eta": 12}, DONE)
drawn("Life: a state of null", {"task_id": "t5", "status": None}, DONE)
drawn("Life: an empty object", {}, DONE)
drawn("Life: an empty body", File(b"", 200, {}, "application/json"), DONE)
drawn("Life: one failure of the server", 500, DONE)
drawn("Life: too many looks", (429, error("Too many requests")), DONE)
drawn("Life: the proxy gives up on a look", 524, DONE)
drawn("Life: one look that finds nothing", 404, DONE)
drawn(
    "Life: a page between",
    File(b"<html><title>502 Bad Gateway</title></html>", 200, {}, "text/html"),
    DONE,
)
drawn("Life: cut JSON", File(b'{"status": "runn', 200, {}, "application/json"), DONE)
drawn("Life: a list of one", [RUNNING], [DONE])
drawn("Life: in a list below data", {"code": 0, "data": {"list": [DONE]}})
drawn("Life: JSON in a string", {"code": 0, "data": '{"status":"SUCCESS","url":"{base}/a.png"}'})
drawn("Life: a state that is an object", {"state": {"name": "done", "code": 3}, "url": URL})
drawn("Life: only finished", {"finished": False}, {"finished": True, "url": URL})
drawn(
    "Life: only a time of its end", {"completed_at": None}, {"completed_at": 1764512345, "url": URL}
)
drawn("Life: unknown at first", {"status": "UNKNOWN"}, DONE)
drawn(
    "Life: a word that nobody knows", {"status": "percolating"}, {"status": "decanted", "url": URL}
)
drawn(
    "Life: in Russian",
    {"status": "в очереди"},
    {"status": "выполняется", "progress": "40 %"},
    {"status": "готово", "url": URL},
)
drawn("Life: in Japanese", {"status": "処理中"}, {"status": "完了", "url": URL})
drawn("Life: in Spanish", {"status": "en proceso"}, {"status": "completado", "url": URL})
drawn("Life: the picture itself", File(RED))
drawn("Life: bytes in it", {"status": "done", "result": {"image_base64": b64(RED)}})
drawn("Life: sent to the picture", File(b"", 302, {"location": "/a.png"}))
drawn(
    "Life: two ids, the second is asked for",
    RUNNING,
    DONE,
    first={"id": "req-77", "task_id": "t5", "status": "queued"},
)
row(
    "Life: the address to look at, and one for the result",
    IMAGES,
    {
        "request_id": "r9",
        "status": "IN_QUEUE",
        "status_url": "{base}/q/r9/status",
        "response_url": "{base}/q/r9",
    },
    {
        "/q/r9/status": [{"status": "IN_PROGRESS"}, {"status": "COMPLETED"}],
        "/q/r9": {"images": [{"url": URL}]},
    }
    | A,
    pictures=("red",),
)
drawn(
    "Life: accepted, with a webhook",
    DONE,
    first={"task_id": "t5", "status": "accepted", "webhook_url": "https://hook.example/x"},
)
drawn("Life: a queue's place", {"status": "queued", "queue_position": 3}, DONE)
job(
    "Life: results grow",
    {"status": "running", "results": [{"url": B}]},
    {"status": "completed", "results": [{"url": B}, {"url": URL}]},
    files=TWO,
    pictures=("green", "red"),
)
job(
    "Life: one of two failed",
    {
        "status": "completed",
        "results": [{"url": URL}, {"error": {"message": "the second was blocked"}}],
    },
    pictures=("red",),
    words=("the second was blocked",),
)
job(
    "Life: partly done",
    {"status": "partial_success", "output": [URL], "message": "1 of 2 failed"},
    pictures=("red",),
    words=("1 of 2 failed",),
)
failed(
    "Life: cancelled from behind",
    {"status": "cancelled", "reason": "preempted by the provider"},
    "ServerError",
    "preempted",
)
failed(
    "Life: it expired",
    {"status": "expired", "message": "result removed after 1 h"},
    "ServerError",
    "result removed",
)
failed(
    "Life: a success without pictures",
    {"code": 0, "data": {"status": "SUCCESS", "images": []}, "msg": "全部图片审核未通过"},
    "ModerationError",
    "审核未通过",
)
failed(
    "Life: completed with an error",
    {"status": "completed", "progress": 100, "error": {"message": "Output was filtered: nudity"}},
    "ModerationError",
    "nudity",
)
failed(
    "Life: out of money midway",
    {"status": "failed", "error": "账户余额不足，任务终止"},
    "QuotaError",
    "余额不足",
)
failed(
    "Life: out of time",
    {"status": "failed", "fail_reason": "generation timed out after 600 s"},
    "TimedOutError",
    "timed out",
)
failed(
    "Life: no machine",
    {"status": "FAILED", "error": "No GPU workers available, all busy"},
    "RateLimitError",
    "GPU",
)
failed(
    "Life: the reference is too large",
    {"status": "failed", "error": "Input image exceeds 20 MB"},
    "BadRequestError",
    "20 MB",
)
failed(
    "Life: the model ended meanwhile",
    {"status": "failed", "error": "model has been retired"},
    "ModelError",
    "retired",
)
row(
    "Life: its place is in a header",
    IMAGES,
    {},
    {"/v1/tasks/t5": [RUNNING, DONE]} | A,
    status=202,
    headers={"location": "{base}/v1/tasks/t5"},
    pictures=("red",),
)
row(
    "Life: done at once, though it has an id",
    IMAGES,
    {"task_id": "t5", "status": "SUCCESS", "data": [{"url": URL}]},
    A,
    pictures=("red",),
    gets=("/a.png",),
)
row(
    "Life: a progress as a fraction in text",
    IMAGES,
    {"task_id": "t5", "status": "queued"},
    {STATE: [{"status": "running", "progress": "0.45"}, DONE]} | A,
    pictures=("red",),
    words=("45",),
)
