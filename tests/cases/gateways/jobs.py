"""Jobs as further providers tell of them: by other paths, by POST, in numbers, in other languages."""

from __future__ import annotations

from typing import Any

from tests.cases.answers import b64
from tests.cases.gateways.rows import (
    FILM,
    URL,
    A,
    drawn_by,
    images,
    row,
)
from tests.cases.relays import GREEN, IMAGES, KEY, MP4, RED

STATE = "/v1/tasks/t5"
V = {"/v.mp4": MP4}
FILM_URL = "{base}/v.mp4"


def job(name: str, *states: Any, first: Any = None, files: Any = None, **right: Any) -> None:
    """Add a job ``t5``, whose states are at a known path."""
    begun = first or {"task_id": "t5", "status": "queued"}
    row(name, IMAGES, begun, {STATE: list(states)} | A | (files or {}), **right)


def drawn(name: str, *states: Any, **more: Any) -> None:
    job(name, *states, pictures=("red",), **more)


def failed(name: str, state: Any, kind: str, *words: str, **more: Any) -> None:
    job(name, state, error=kind, words=words, **more)


# ---- Asked for by POST.

row(
    "SiliconFlow: a film, asked for by POST",
    {"model": "Wan-AI/Wan2.2-T2V-A14B", "kind": "video"},
    {"requestId": "sf1"},
    {
        "POST /v1/video/status": [
            {
                "status": "InQueue",
                "reason": "",
                "results": {"videos": [], "seed": 0},
                "position": 3,
            },
            {"status": "InProgress", "reason": "", "results": {"videos": []}},
            {
                "status": "Succeed",
                "reason": "",
                "results": {"videos": [{"url": FILM_URL}], "seed": 7},
            },
        ]
    }
    | V,
    films=1,
)
row(
    "SiliconFlow: a film that failed",
    {"model": "Wan-AI/Wan2.2-T2V-A14B", "kind": "video"},
    {"requestId": "sf1"},
    {
        "POST /v1/video/status": {
            "status": "Failed",
            "reason": "Request was rejected because the prompt contains prohibited content",
            "results": {"videos": []},
        }
    },
    error="ModerationError",
    words=("prohibited content",),
)
drawn_by(
    "Fireworks: Kontext, asked for by POST",
    images("flux-kontext-pro"),
    {"request_id": "fw1"},
    {
        "POST /v1/images/generations/get_result": [
            {"id": "fw1", "status": "Pending", "result": None, "progress": 0.2},
            {"id": "fw1", "status": "Ready", "result": {"sample": URL}, "progress": 1.0},
        ]
    }
    | A,
)
row(
    "Fireworks: Kontext was moderated",
    images("flux-kontext-pro"),
    {"request_id": "fw1"},
    {
        "POST /v1/images/generations/get_result": {
            "id": "fw1",
            "status": "Request Moderated",
            "result": None,
            "details": {"Moderation Reasons": ["Derivative Works Filter"]},
        }
    },
    error="ModerationError",
    words=("Request Moderated",),
)
drawn_by(
    "Volcengine: its visual service, asked for by POST",
    images("jimeng_t2i_v40"),
    {
        "code": 10000,
        "data": {"task_id": "7392616336519610409"},
        "message": "Success",
        "status": 10000,
    },
    {
        "POST /?Action=CVSync2AsyncGetResult&Version=2022-08-31": [
            {"code": 10000, "data": {"status": "in_queue"}, "message": "Success", "status": 10000},
            {
                "code": 10000,
                "data": {"status": "generating"},
                "message": "Success",
                "status": 10000,
            },
            {
                "code": 10000,
                "data": {"status": "done", "binary_data_base64": [], "image_urls": [URL]},
                "message": "Success",
                "status": 10000,
            },
        ]
    }
    | A,
)
row(
    "Volcengine: its visual service, what it drew",
    images("jimeng_t2i_v40"),
    {"code": 10000, "data": {"task_id": "739"}, "message": "Success", "status": 10000},
    {
        "POST /?Action=CVSync2AsyncGetResult&Version=2022-08-31": {
            "code": 50511,
            "data": None,
            "message": "Post Img Risk Not Pass",
            "status": 50511,
        }
    },
    error="ModerationError",
    words=("Post Img Risk Not Pass",),
)
row(
    "Volcengine: the task has expired",
    images("jimeng_t2i_v40"),
    {"code": 10000, "data": {"task_id": "739"}, "message": "Success", "status": 10000},
    {
        STATE.replace("t5", "739"): {
            "code": 10000,
            "data": {"status": "expired"},
            "message": "Success",
        }
    },
    error="ServerError",
    words=("expired",),
)
row(
    "MiniMax: by a query, then the file's address",
    {"model": "MiniMax-Hailuo-02", "kind": "video"},
    {"task_id": "106916112212032", "base_resp": {"status_code": 0, "status_msg": "success"}},
    {
        "/v1/query/video_generation?task_id=106916112212032": [
            {"task_id": "106916112212032", "status": "Preparing", "base_resp": {"status_code": 0}},
            {
                "task_id": "106916112212032",
                "status": "Success",
                "file_id": "205258526306433",
                "video_width": 1920,
                "base_resp": {"status_code": 0, "status_msg": "success"},
            },
        ],
        "/v1/files/retrieve?file_id=205258526306433": {
            "file": {"file_id": 205258526306433, "bytes": 96, "download_url": FILM_URL},
            "base_resp": {"status_code": 0},
        },
    }
    | V,
    films=1,
)
row(
    "Yunwu: by a query",
    {"model": "veo3.1-fast", "kind": "video"},
    {"id": "veo3.1-fast:17-abc", "status": "pending", "status_update_time": 17},
    {
        "/v1/video/query?id=veo3.1-fast%3A17-abc": [
            {"id": "veo3.1-fast:17-abc", "status": "video_generating", "video_url": None},
            {"id": "veo3.1-fast:17-abc", "status": "completed", "video_url": FILM_URL},
        ]
    }
    | V,
    films=1,
)
row(
    "Comfly: below another version",
    {"model": "kling-v3", "kind": "video"},
    {"task_id": "cf-1"},
    {
        "/v2/videos/generations/cf-1": [
            {"task_id": "cf-1", "status": "IN_PROGRESS", "progress": "30%"},
            {
                "task_id": "cf-1",
                "status": "SUCCESS",
                "progress": "100%",
                "data": {"output": FILM_URL},
            },
        ]
    }
    | V,
    films=1,
)
drawn_by(
    "YandexART: an operation, its picture in base64",
    images("yandex-art"),
    {"id": "fbveu1", "description": "", "createdAt": None, "done": False, "metadata": None},
    {
        "/operations/fbveu1": [
            {"id": "fbveu1", "done": False},
            {"id": "fbveu1", "done": True, "response": {"@type": "t", "image": b64(RED)}},
        ]
    },
)
drawn_by(
    "RunPod: a status path",
    images("sdxl"),
    {"id": "rp-1", "status": "IN_QUEUE"},
    {
        "/v1/status/rp-1": [
            {"id": "rp-1", "status": "IN_PROGRESS", "delayTime": 12},
            {
                "id": "rp-1",
                "status": "COMPLETED",
                "output": {"image_url": f"data:image/png;base64,{b64(RED)}"},
            },
        ]
    },
)
drawn_by(
    "Stability: its results are the bytes",
    images("stable-fast"),
    {"id": "a6dc6c"},
    {"/v1/results/a6dc6c": [(202, {"id": "a6dc6c", "status": "in-progress"}), RED]},
)
drawn_by(
    "ToAPIs: the generation is asked for below its own path",
    IMAGES,
    {"id": "tsk_img_01", "object": "generation.task", "progress": 0, "status": "queued"},
    {
        "/v1/images/generations/tsk_img_01": [
            {
                "id": "tsk_img_01",
                "object": "generation.task",
                "progress": 10,
                "status": "in_progress",
            },
            {
                "id": "tsk_img_01",
                "object": "generation.task",
                "status": "completed",
                "result": {"type": "image", "data": [{"url": URL}]},
            },
        ]
    }
    | A,
)

# ---- States at a path that is known.

DONE = {"task_id": "t5", "status": "completed", "url": URL}
drawn("Job: accepted with nothing, until it is done", (202, {}), (202, {}), DONE)
drawn("Job: a gateway's error in between", (502, {"message": "bad gateway"}), DONE)
drawn(
    "Job: among others in a list",
    {
        "tasks": [
            {"id": "x0", "status": "failed", "error": "out of memory"},
            {"id": "t5", "status": "success", "image_url": URL},
        ]
    },
)
drawn(
    "Job: a number as its id",
    {"data": {"taskId": 98765432101234, "taskStatus": "SUCCESS", "fileUrl": URL}},
    first={"code": 0, "data": {"taskId": 98765432101234, "taskStatus": "QUEUED"}},
    files={"/v1/tasks/98765432101234": DONE},
)
drawn(
    "ModelScope: pictures called output",
    {"task_id": "t5", "task_status": "PROCESSING"},
    {"task_id": "t5", "task_status": "SUCCEED", "output_images": [URL]},
    first={"task_status": "SUCCEED", "task_id": "t5", "request_id": "r"},
)
drawn(
    "SenseMirage: the small one beside the raw one",
    {
        "task": {
            "id": "t5",
            "state": "SUCCESS",
            "result": [{"small": "{base}/s.png", "raw": URL, "error": ""}],
        }
    },
    files={"/s.png": GREEN},
    gets=("/v1/images/tasks/t5", STATE, "/a.png"),
)
drawn(
    "Baidu: lists in lists",
    {"data": {"task_id": "t5", "task_status": "RUNNING", "task_progress": 0}, "log_id": 1},
    {
        "data": {
            "task_id": "t5",
            "task_status": "SUCCESS",
            "sub_task_result_list": [
                {
                    "sub_task_status": "SUCCESS",
                    "final_image_list": [{"img_url": URL, "img_approve_conclusion": "pass"}],
                }
            ],
        },
        "log_id": 2,
    },
    first={"data": {"primary_task_id": "t5", "task_id": "t5"}, "log_id": 1},
)
drawn(
    "Tencent: states in digits",
    {"Response": {"JobStatusCode": "2", "JobStatusMsg": "运行中", "RequestId": "r"}},
    {
        "Response": {
            "JobStatusCode": "5",
            "JobStatusMsg": "处理完成",
            "JobErrorCode": "",
            "JobErrorMsg": "",
            "ResultImage": [URL],
            "RevisedPrompt": ["一只橘猫"],
            "RequestId": "r",
        }
    },
    first={"Response": {"JobId": "t5", "RequestId": "r"}},
    words=("一只橘猫",),
)
failed(
    "Tencent: a state in digits that means failure",
    {
        "Response": {
            "JobStatusCode": "4",
            "JobStatusMsg": "处理失败",
            "JobErrorCode": "FailedOperation.GenerateImageFailed",
            "JobErrorMsg": "生成图片审核不通过，请重试。",
        }
    },
    "ModerationError",
    "审核不通过",
    first={"Response": {"JobId": "t5", "RequestId": "r"}},
)
drawn(
    "LiblibAI: states in digits",
    {
        "code": 0,
        "data": {"generateUuid": "t5", "generateStatus": 2, "percentCompleted": 0.4, "images": []},
    },
    {
        "code": 0,
        "data": {
            "generateUuid": "t5",
            "generateStatus": 5,
            "pointsCost": 10,
            "images": [{"imageUrl": URL, "seed": 1, "auditStatus": 3}],
        },
    },
    first={"code": 0, "data": {"generateUuid": "t5"}, "msg": ""},
)
failed(
    "LiblibAI: a state in digits that means failure",
    {
        "code": 0,
        "data": {
            "generateUuid": "t5",
            "generateStatus": 6,
            "generateMsg": "模型加载失败",
            "images": [],
        },
    },
    "ServerError",
    "模型加载失败",
    first={"code": 0, "data": {"generateUuid": "t5"}, "msg": ""},
)
drawn(
    "Wujie: states in digits, the result in a string",
    {"code": "200", "data": {"task_key": "t5", "status": 2, "complete_percent": 0.4}},
    {
        "code": "200",
        "data": {"task_key": "t5", "status": 4, "result": '{"pic_url":"{base}/a.png"}'},
    },
)
drawn(
    "BizyAir: addresses of objects",
    {"request_id": "t5", "status": "Running", "outputs": []},
    {
        "request_id": "t5",
        "status": "Success",
        "outputs": [
            {"object_url": URL, "output_ext": ".png", "audit_status": 2, "error_type": "NOT_ERROR"}
        ],
    },
)
drawn(
    "RunningHub: a code while it runs",
    {"code": 804, "msg": "APIKEY_TASK_IS_RUNNING", "data": None},
    {
        "code": 0,
        "msg": "success",
        "data": [{"fileUrl": URL, "fileType": "png", "taskCostTime": "12"}],
    },
)
failed(
    "RunningHub: a code when it failed",
    {
        "code": 805,
        "msg": "APIKEY_TASK_STATUS_ERROR",
        "data": {"failedReason": {"exception_message": "CUDA error"}},
    },
    "ServerError",
    "APIKEY_TASK_STATUS_ERROR",
)
drawn(
    "AI Horde: what waits, and what is done",
    {
        "finished": 0,
        "processing": 1,
        "waiting": 0,
        "done": False,
        "faulted": False,
        "queue_position": 1,
    },
    {"done": True, "faulted": False, "generations": [{"img": URL, "censored": False, "id": "g"}]},
    first={"id": "t5", "kudos": 10.0},
)
failed(
    "AI Horde: faulted",
    {"done": False, "faulted": True, "finished": 0, "processing": 0, "generations": []},
    "ServerError",
    first={"id": "t5", "kudos": 10.0},
)
drawn(
    "Kandinsky: DONE, and a file in base64",
    {"uuid": "t5", "status": "PROCESSING"},
    {"uuid": "t5", "status": "DONE", "result": {"files": [b64(RED)], "censored": False}},
    first={"uuid": "t5", "status": "INITIAL", "status_time": 9},
)
failed(
    "Kandinsky: censored",
    {"uuid": "t5", "status": "DONE", "result": {"files": [], "censored": True}},
    "ModerationError",
    "censored",
    first={"uuid": "t5", "status": "INITIAL"},
)
drawn_by(
    "midjourney-proxy: behind others in the queue",
    images("midjourney"),
    {
        "code": 22,
        "description": "排队中，前面还有3个任务",
        "result": "1323",
        "properties": {"numberOfQueues": 3},
    },
    {"/mj/task/1323/fetch": {"id": "1323", "status": "SUCCESS", "imageUrl": URL}} | A,
)
drawn(
    "Higgsfield: an address for its state, nested pictures",
    {"status": "completed", "request_id": "t5", "images": [{"url": URL}]},
    first={
        "status": "queued",
        "request_id": "t5",
        "status_url": "{base}/v1/tasks/t5",
        "cancel_url": "{base}/requests/t5/cancel",
    },
)
failed(
    "Higgsfield: its status is the filter",
    {"status": "nsfw", "request_id": "t5"},
    "ModerationError",
)
failed(
    "A status that names the violation",
    {"task_id": "t5", "status": "CONTENT_VIOLATION"},
    "ModerationError",
)
failed("A status called unsafe", {"task_id": "t5", "status": "unsafe"}, "ModerationError")
failed("A status in Korean", {"task_id": "t5", "status": "실패"}, "ServerError")
failed("A status in Japanese", {"task_id": "t5", "status": "エラー"}, "ServerError")
failed("A status in Spanish", {"task_id": "t5", "status": "fallido"}, "ServerError")
failed("A status in French", {"task_id": "t5", "status": "échoué"}, "ServerError")
for word in ("完了", "완료", "completado", "terminé", "fertig", "concluído", "выполнено"):
    drawn(
        f"A status for done: {word}",
        {"task_id": "t5", "status": "running"},
        {"task_id": "t5", "status": word},
        files={f"{STATE}/content": RED},
    )
failed(
    "APIMart: an error with a number and a reason",
    {
        "code": 200,
        "data": {
            "id": "t5",
            "status": "failed",
            "error": {"code": 500, "message": "任务失败: 内容违规"},
        },
    },
    "ModerationError",
    "内容违规",
)
failed(
    "A refund in the reason",
    {"task_id": "t5", "status": "FAILURE", "fail_reason": "生成超时，积分已退还"},
    "TimedOutError",
    "积分已退还",
)
failed(
    "The reason as JSON in a string",
    {
        "task_id": "t5",
        "status": "failed",
        "fail_reason": '{"error":{"code":"content_policy_violation","message":"Your prompt was blocked."}}',
    },
    "ModerationError",
    "Your prompt was blocked",
)
failed(
    "A list of errors as the reason",
    {"task_id": "t5", "status": "failed", "errors": ["Worker lost", "Retry limit reached"]},
    "ServerError",
    "Worker lost",
)
drawn(
    "Krea: a backlog first",
    {"job_id": "t5", "status": "backlogged", "completed_at": None, "result": None},
    {"job_id": "t5", "status": "sampling"},
    {"job_id": "t5", "status": "completed", "result": {"urls": [URL]}},
    first={"job_id": "t5", "status": "backlogged", "result": None},
)
drawn(
    "A history id of jimeng, states in digits",
    {"history_id": "t5", "status": 20, "item_list": []},
    {
        "history_id": "t5",
        "status": 50,
        "item_list": [{"image": {"large_images": [{"image_url": URL}]}}],
    },
    first={"created": 17, "history_id": "t5"},
)
drawn(
    "A file's id when it is done",
    {"task_id": "t5", "status": "completed", "file_id": "file-77"},
    files={"/v1/files/file-77/content": [KEY, RED]},
)
row(
    "Only a webhook will know",
    IMAGES,
    {
        "status": "accepted",
        "message": "Task accepted. The result will be sent to your callback URL.",
    },
    error="NoPictureError",
    words=("callback URL",),
)
drawn(
    "An estimate, a position and an expiry",
    {
        "task_id": "t5",
        "status": "processing",
        "eta": 23.5,
        "position": 4,
        "message": "4 tasks ahead of you",
    },
    DONE | {"expires_at": 1767225600},
    words=("ahead of you",),
)

# ---- Films.

row(
    "PixVerse: its own path",
    {"model": "pixverse-v5", "kind": "video"},
    {"ErrCode": 0, "ErrMsg": "success", "Resp": {"video_id": 345}},
    {
        "/openapi/v2/video/result/345": [
            {"ErrCode": 0, "ErrMsg": "success", "Resp": {"id": 345, "status": 5}},
            {"ErrCode": 0, "ErrMsg": "success", "Resp": {"id": 345, "status": 1, "url": FILM_URL}},
        ]
    }
    | V,
    films=1,
)
for number, kind in ((7, "ModerationError"), (8, "ServerError"), (6, "ServerError")):
    row(
        f"PixVerse: status {number}",
        {"model": "pixverse-v5", "kind": "video"},
        {"ErrCode": 0, "ErrMsg": "success", "Resp": {"video_id": 345}},
        {
            "/v1/videos/345": {
                "ErrCode": 0,
                "ErrMsg": "success",
                "Resp": {"id": 345, "status": number, "url": ""},
            }
        },
        error=kind,
    )


def film(name: str, *states: Any, first: Any = None, **right: Any) -> None:
    begun = first or {"id": "f5", "status": "queued"}
    row(f"Film: {name}", FILM, begun, {"/v1/videos/f5": list(states)} | V, **right)


film(
    "beside its thumbnail and sound",
    {
        "id": "f5",
        "status": "completed",
        "thumbnail_url": "{base}/t.jpg",
        "audio": {"url": "{base}/s.mp3"},
        "video": {"url": FILM_URL, "duration": 5},
    },
    films=1,
)
film(
    "in a list of works",
    {
        "data": {
            "task": {"id": "f5", "status": 99},
            "works": [
                {
                    "status": 99,
                    "resource": {"resource": FILM_URL, "height": 720},
                    "cover": {"resource": "{base}/c.png"},
                }
            ],
        }
    },
    first={"data": {"task": {"id": "f5", "status": 5}}},
    films=1,
)
film(
    "an operation of Vertex with base64",
    {
        "name": "f5",
        "done": True,
        "response": {
            "@type": "t",
            "videos": [{"bytesBase64Encoded": b64(MP4), "mimeType": "video/mp4"}],
        },
    },
    films=1,
)
film(
    "its progress in a share of one",
    {"id": "f5", "status": "running", "progress_pct": 0.42},
    {"id": "f5", "status": "succeeded", "video_url": FILM_URL},
    films=1,
    words=("42",),
)
film(
    "refused because of a real person",
    {
        "id": "f5",
        "status": "failed",
        "error": {
            "code": "InputImageSensitiveContentDetected.PrivacyInformation",
            "message": "The input image may contain real person.",
        },
    },
    error="ModerationError",
    words=("real person",),
)
film(
    "queued for too many",
    {
        "id": "f5",
        "status": "failed",
        "error": {"code": "concurrency", "message": "Too many concurrent tasks, please wait"},
    },
    error="RateLimitError",
    words=("Too many concurrent",),
)
film(
    "the balance ran out",
    {
        "id": "f5",
        "state": "fail",
        "failMsg": "Your account balance is insufficient",
        "failCode": "402",
    },
    error="QuotaError",
    words=("balance is insufficient",),
)
film(
    "Flow: a status word of Google",
    {"operations": [{"operation": {"name": "f5"}, "status": "MEDIA_GENERATION_STATUS_ACTIVE"}]},
    {
        "operations": [
            {
                "operation": {"name": "f5", "metadata": {"video": {"fifeUrl": FILM_URL}}},
                "status": "MEDIA_GENERATION_STATUS_SUCCESSFUL",
            }
        ]
    },
    films=1,
)
film(
    "Flow: it failed",
    {
        "operations": [
            {
                "operation": {
                    "name": "f5",
                    "error": {"code": 13, "message": "PUBLIC_ERROR_UNSAFE_GENERATION"},
                },
                "status": "MEDIA_GENERATION_STATUS_FAILED",
            }
        ]
    },
    error="ModerationError",
    words=("PUBLIC_ERROR_UNSAFE_GENERATION",),
)
film(
    "the address of a stream beside it",
    {"id": "f5", "status": "completed", "hls_url": "{base}/v.m3u8", "mp4_url": FILM_URL},
    films=1,
)
