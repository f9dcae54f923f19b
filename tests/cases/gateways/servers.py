"""Answers of servers of one's own: ComfyUI, A1111, LocalAI, vLLM-Omni, SGLang."""

from __future__ import annotations

from typing import Any

from tests.cases.answers import b64, uri
from tests.cases.gateways.rows import (
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import BLUE, KEY, MP4, RED, chat

# ---- Servers of one's own.

COMFY = images("flux-dev")
QUEUED = {"prompt_id": "c-1", "number": 3, "node_errors": {}}
FILE = {"filename": "a 1.png", "subfolder": "", "type": "output"}
row(
    "ComfyUI: followed to its file",
    COMFY,
    QUEUED,
    {
        "/history/c-1": [
            {},
            {
                "c-1": {
                    "prompt": [3, "c-1", {}, {}, ["9"]],
                    "outputs": {"9": {"images": [FILE]}},
                    "status": {"status_str": "success", "completed": True, "messages": []},
                }
            },
        ],
        "/view?filename=a+1.png&subfolder=&type=output": BLUE,
    },
    pictures=("blue",),
)
row(
    "ComfyUI: a node failed",
    COMFY,
    QUEUED,
    {
        "/history/c-1": {
            "c-1": {
                "outputs": {},
                "status": {
                    "status_str": "error",
                    "completed": False,
                    "messages": [
                        ["execution_start", {"prompt_id": "c-1"}],
                        [
                            "execution_error",
                            {
                                "prompt_id": "c-1",
                                "node_type": "KSampler",
                                "exception_message": "CUDA out of memory. Tried to allocate 2 GiB",
                            },
                        ],
                    ],
                },
            }
        }
    },
    error="ServerError",
    words=("CUDA out of memory",),
)
refused(
    "ComfyUI: its graph is wrong",
    400,
    {
        "error": {
            "type": "prompt_outputs_failed_validation",
            "message": "Prompt outputs failed validation",
        },
        "node_errors": {
            "4": {"errors": [{"message": "Value not in list", "details": "ckpt_name: 'x'"}]}
        },
    },
    "BadRequestError",
    "failed validation",
    ask=COMFY,
)
drawn_by(
    "A1111: base64, and its parameters in a string",
    images("sdxl"),
    {
        "images": [b64(RED)],
        "parameters": {"prompt": "画只猫", "init_images": None},
        "info": '{"prompt": "画只猫", "seed": 1, "infotexts": ["Steps: 20"]}',
    },
)
refused(
    "A1111: out of memory",
    500,
    {
        "error": "OutOfMemoryError",
        "detail": "",
        "body": "",
        "errors": "CUDA out of memory. Tried to allocate 512.00 MiB",
    },
    "ServerError",
    "CUDA out of memory",
    billed=True,
)
drawn_by(
    "LocalAI: an address of its container",
    images("sd-3.5"),
    {
        "created": 1,
        "id": "u",
        "data": [
            {"embedding": None, "index": 0, "url": "http://localhost:8080/generated-images/a.png"}
        ],
    },
    {"/generated-images/a.png": RED},
)
refused(
    "LocalAI: the model does not load",
    500,
    error("rpc error: code = Unknown desc = failed to load model: bad file", code=500, type=""),
    "ServerError",
    "failed to load model",
    billed=True,
)
drawn_by(
    "vLLM-Omni: images",
    images("Qwen/Qwen-Image"),
    {
        "created": 1,
        "data": [{"b64_json": b64(RED), "url": None, "revised_prompt": None}],
        "output_format": None,
        "size": None,
    },
)
drawn_by(
    "vLLM-Omni: chat",
    {"model": "Qwen/Qwen-Image", "via": "chat"},
    chat([{"type": "image_url", "image_url": {"url": uri(RED)}, "stage_durations": {"dit": 3.1}}]),
)
refused(
    "vLLM: no such model",
    404,
    {
        "object": "error",
        "message": "The model `x` does not exist.",
        "type": "NotFoundError",
        "param": "model",
        "code": 404,
    },
    "ModelError",
    "does not exist",
)
refused(
    "vLLM-Omni: a size",
    400,
    {"detail": "Invalid size: 65x48. Width and height must be divisible by 16"},
    "BadRequestError",
    "divisible by 16",
)
drawn_by(
    "SGLang: the picture, and where it lies on its own disk",
    images("Qwen/Qwen-Image"),
    {
        "id": "s1",
        "created": 1,
        "data": [{"b64_json": b64(RED), "url": None, "file_path": "/outputs/a.png"}],
        "peak_memory_mb": 30000.0,
        "inference_time_s": 12.3,
    },
    gets=(),
)
drawn_by(
    "SGLang: an address of its own, behind the key",
    images("Qwen/Qwen-Image"),
    {
        "id": "s1",
        "data": [{"b64_json": None, "url": "/v1/images/s1/content", "file_path": "/outputs/a.png"}],
    },
    {"/v1/images/s1/content": [KEY, RED]},
    gets=None,
)
SGL: dict[str, Any] = {
    "id": "s2",
    "object": "video",
    "progress": 0,
    "size": "720x1280",
    "seconds": "4",
    "error": None,
    "url": None,
}
row(
    "SGLang: a film, and where it lies on its own disk",
    {"model": "Wan-AI/Wan2.2-T2V-A14B", "kind": "video"},
    SGL | {"status": "queued", "file_path": "/outputs/s2.mp4"},
    {
        "/v1/videos/s2": SGL
        | {"status": "completed", "progress": 100, "file_path": "/outputs/s2.mp4"},
        "/v1/videos/s2/content?variant=video": MP4,
    },
    films=1,
)
