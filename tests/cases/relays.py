"""Situations with relays as people report them: a request, all that the relay says, what is right.

``{base}`` in an answer is the relay's address. Pictures have one colour each, by which they are known.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.cases.answers import b64, uri

COLOURS = {"red": (200, 30, 40), "green": (20, 160, 60), "blue": (30, 60, 200)}
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08free" + bytes(64)


def drawn(colour: str, width: int = 64, height: int = 48) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), COLOURS[colour]).save(buffer, "PNG")
    return buffer.getvalue()


RED, GREEN, BLUE = map(drawn, COLOURS)
SMALL = drawn("green", 12, 9)


@dataclass(frozen=True)
class Situation:
    """What a relay does, and what is right.

    Attributes:
        name: The kind of relay, and what is special.
        ask: What is asked beside the prompt.
        answer: To the POST: JSON, pieces of a stream, or bytes as they are.
        files: To each GET, by path; several in order. ``KEY`` before one: only with the key.
        status: Of HTTP.
        headers: Of all answers.
        content_type: Of an answer in bytes.
        pictures: The colours that come, in order.
        films: How many come.
        error: The class of the error; empty for none.
        words: What stands in the caption, the text, the warnings, the progress or the error.
        gets: What is asked for, in order, once each; None for any.
        posts: How often it is sent; None if it may be repeated, because nothing was started.
        billed: Whether the error says that it may be billed; None for either.
    """

    name: str
    ask: dict[str, Any]
    answer: Any
    files: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream"
    pictures: tuple[str, ...] = ()
    films: int = 0
    error: str = ""
    words: tuple[str, ...] = ()
    gets: tuple[str, ...] | None = None
    posts: int | None = 1
    billed: bool | None = None


def chat(text: Any, **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, **fields}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def piece(text: Any = "", *, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "delta": {"content": text, **fields}, "finish_reason": finish}]
    }


def event(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"


IMAGES = {"model": "gpt-image-2", "via": "images"}
SIGNED = "/cdn/2026-11/cat-1.png?x=1&timestamp=17&region=cn&sig=a%2Fb-c_"
KEY = object()

SITUATIONS = [
    Situation(
        "one-api, Chinese, streamed: a signed address that is broken over lines",
        {"model": "gpt-4o-image"},
        [
            piece("> 排队中.\n> 进度 35%\n"),
            piece("> 生成完成 ✅\n\n![猫]({base}" + SIGNED[:18] + "\n"),
            piece(SIGNED[18:] + ")\n\n扫码加群：![群二维码]({base}/qr.png)"),
            piece(finish="stop"),
        ],
        {SIGNED: RED, "/qr.png": GREEN},
        pictures=("red",),
        words=("35",),
        gets=(SIGNED,),
    ),
    Situation(
        "new-api: the picture lies behind the key, under a path",
        IMAGES,
        {"created": 1, "data": [{"url": "/pg/files/1.png"}]},
        {"/pg/files/1.png": [KEY, RED]},
        pictures=("red",),
    ),
    Situation(
        "LiteLLM: the pupil's budget is spent",
        IMAGES,
        {"error": {"message": "Budget has been exceeded! Current cost: 5.1", "code": "400"}},
        status=400,
        headers={"x-litellm-key-spend": "5.1", "x-litellm-key-max-budget": "5"},
        error="QuotaError",
        words=("Budget has been exceeded",),
        gets=(),
    ),
    Situation(
        "LiteLLM: a picture in pieces, its cost in a header",
        IMAGES,
        {"data": [{"b64_json": [b64(RED)[at : at + 76] for at in range(0, len(b64(RED)), 76)]}]},
        headers={"x-litellm-response-cost": "0.0421"},
        pictures=("red",),
        words=("0.0421 USD",),
    ),
    Situation(
        "OpenRouter: comments, the picture twice, then an error, the cost last",
        {"model": "google/gemini-3.1-flash-image"},
        (
            ": OPENROUTER PROCESSING\n\n"
            + "".join(
                f"data: {json.dumps(value)}\n\n"
                for value in (
                    piece("", images=[{"type": "image_url", "image_url": {"url": uri(BLUE)}}]),
                    piece("", images=[{"type": "image_url", "image_url": {"url": uri(BLUE)}}]),
                    {"error": {"code": 502, "message": "Provider disconnected"}},
                    {"choices": [], "usage": {"total_tokens": 0, "cost": 0.039}},
                )
            )
            + "data: [DONE]\n\n"
        ).encode(),
        pictures=("blue",),
        words=("Provider disconnected",),
    ),
    Situation(
        "Cloudflare: its page about too many requests",
        {"model": "gpt-4o-image"},
        b"<!DOCTYPE html><title>Error 1015 | You are being rate limited</title>",
        status=429,
        content_type="text/html",
        error="RateLimitError",
        words=("rate limited",),
        gets=(),
    ),
    Situation(
        "nginx, Russian: the stream is cut behind the address",
        {"model": "sora_image"},
        [piece("> Прогресс: 80%\n"), piece("Готово: ![кот]({base}/a.png)\n\n")],
        {"/a.png": GREEN},
        pictures=("green",),
        words=("80",),
    ),
    Situation(
        "Azure: accepted, the operation is named by a header",
        IMAGES,
        {"id": "op1", "status": "notRunning"},
        {
            "/operations/images/op1": [
                {"id": "op1", "status": "running"},
                {
                    "id": "op1",
                    "status": "succeeded",
                    "result": {"data": [{"url": "{base}/az.png"}]},
                },
            ],
            "/az.png": RED,
        },
        status=202,
        headers={"operation-location": "{base}/operations/images/op1"},
        pictures=("red",),
    ),
    Situation(
        "Azure: refused before it drew",
        IMAGES,
        {"error": {"code": "contentFilter", "message": "Your task failed: safety system."}},
        status=400,
        error="ModerationError",
        words=("safety system",),
        gets=(),
    ),
    Situation(
        "Vertex: one of two was filtered",
        {"model": "imagen-4.0-generate-001", "via": "images"},
        {
            "predictions": [
                {"mimeType": "image/png", "bytesBase64Encoded": b64(GREEN)},
                {"raiFilteredReason": "Unable to show all images: 58061214"},
            ]
        },
        pictures=("green",),
    ),
    Situation(
        "Vertex: all were filtered",
        {"model": "imagen-4.0-generate-001", "via": "gemini"},
        {"predictions": [{"raiFilteredReason": "Images violated the usage guidelines"}]},
        error="ModerationError",
        words=("violated",),
    ),
    Situation(
        "ComfyUI behind a relay: a file in place of an address",
        {"model": "flux-dev", "via": "images"},
        {
            "outputs": {
                "9": {"images": [{"filename": "c 1.png", "subfolder": "", "type": "output"}]}
            }
        },
        {"/view?filename=c+1.png&subfolder=&type=output": BLUE},
        pictures=("blue",),
    ),
    Situation(
        "Gemini relay, streamed: the picture in pieces over three events",
        {"model": "gemini-3-pro-image", "via": "gemini"},
        [
            *(
                {"candidates": [{"content": {"parts": [{"inlineData": {"data": part}}]}}]}
                for part in (b64(RED)[:100], b64(RED)[100:140], b64(RED)[140:])
            ),
            {"candidates": [{"finishReason": "STOP"}]},
        ],
        pictures=("red",),
    ),
    Situation(
        "new-api, film: the id alone, a Russian word, the content a moment later",
        {"model": "kling-v3", "kind": "video"},
        {"code": "success", "message": "", "data": "task_kl1"},
        {
            "/v1/videos/task_kl1": [
                {"id": "task_kl1", "status": "в обработке", "progress": "40%"},
                {"id": "task_kl1", "status": "готово", "progress": "100%"},
            ],
            "/v1/videos/task_kl1/content?variant=video": [404, MP4],
        },
        films=1,
    ),
    Situation(
        "Japanese relay: a job in a list, its progress in words",
        IMAGES,
        {"code": 200, "data": [{"task_id": "t-9", "status": "submitted"}]},
        {
            "/v1/tasks/t-9": [
                {"data": {"id": "t-9", "status": "生成中", "progress": 40}},
                {
                    "data": {
                        "id": "t-9",
                        "status": "completed",
                        "result": {"images": [{"url": ["{base}/j.png"]}]},
                    }
                },
            ],
            "/j.png": GREEN,
        },
        pictures=("green",),
    ),
    Situation(
        "Japanese relay: a preview, then the finished picture",
        {"model": "gpt-4o-image"},
        chat("プレビュー：![p]({base}/p.png)\n\n完成しました：![c]({base}/c.png) （24時間有効）"),
        {"/p.png": SMALL, "/c.png": RED},
        pictures=("red",),
        gets=("/c.png",),
    ),
    Situation(
        "Codex relay, responses: the item still draws, and the stream has no end",
        {"model": "gpt-5", "via": "responses"},
        (
            event("response.created", {"type": "response.created", "response": {"id": "r"}})
            + event(
                "response.output_item.done",
                {
                    "type": "response.output_item.done",
                    "item": {
                        "type": "image_generation_call",
                        "status": "generating",
                        "result": b64(BLUE),
                        "quality": "low",
                    },
                },
            )
            + "data: [DONE]\n\n"
        ).encode(),
        pictures=("blue",),
    ),
    Situation(
        "English reseller: JSON called a page, with its logo beside the picture",
        {"model": "gpt-4o-image"},
        json.dumps(
            chat(
                "Here you go!\n\n![cat](data:image/png;base64," + b64(RED) + ")\n\n---\n"
                "![logo](https://reseller.example/logo.png) Powered by Reseller"
            )
        ).encode(),
        content_type="text/html; charset=utf-8",
        pictures=("red",),
        gets=(),
    ),
    Situation(
        "Relay in front of a relay: JSON in a string of JSON",
        {"model": "gpt-4o-image"},
        json.dumps(json.dumps(chat("![x]({base}/x.png)"))).encode(),
        {"/x.png": GREEN},
        content_type="application/json",
        pictures=("green",),
    ),
    Situation(
        "The balance is spent, Japanese, status 200",
        IMAGES,
        {"success": False, "message": "クレジットが不足しています"},
        error="QuotaError",
        words=("クレジット",),
        gets=(),
    ),
]
