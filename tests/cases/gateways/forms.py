"""Forms of answers as clients' bug reports quote them: streams, contents, lists, links, markup."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

from PIL import Image

from tests.cases.answers import b64, uri
from tests.cases.gateways.rows import (
    CHAT,
    GEMINI,
    URL,
    A,
    drawn_by,
    error,
    images,
    refused,
    row,
)
from tests.cases.relays import BLUE, GREEN, IMAGES, KEY, MP4, RED, SMALL, chat, piece

IMAGE = f"![cat]({URL})"


def sse(*values: Any, end: str = "\n\n", field: str = "data: ") -> bytes:
    """The bytes of a stream."""
    lines = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
    )
    return "".join(f"{field}{line}{end}" for line in lines).encode()


def gif() -> bytes:
    """Two frames, red and green."""
    red, green = (Image.open(io.BytesIO(data)) for data in (RED, GREEN))
    buffer = io.BytesIO()
    red.save(buffer, "GIF", save_all=True, append_images=[green], duration=50, loop=0)
    return buffer.getvalue()


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_png", ".png").replace("_json", ".json"), data)
    return buffer.getvalue()


# ---- Streams.

STOP = piece(finish="stop")
for name, body in {
    "no blank after the colon, CRLF, a BOM": b"\xef\xbb\xbf"
    + sse(piece(IMAGE), STOP, "[DONE]", end="\r\n\r\n", field="data:"),
    "JSON over several lines of one event": b"data: {\ndata: "
    + json.dumps(piece(IMAGE))[1:].encode()
    + b"\n\n"
    + sse(STOP, "[DONE]"),
    "a named ping, ids and a retry": b"retry: 3000\n\nid: 1\nevent: ping\ndata: {}\n\nid: 2\nevent: message\n"
    + sse(piece(IMAGE))
    + sse(STOP, "[DONE]"),
    "events as strings of JSON": sse(
        json.dumps(json.dumps(piece(IMAGE))), json.dumps(json.dumps(STOP)), "[DONE]"
    ),
    "data: before data:": sse(
        f"data: {json.dumps(piece(IMAGE))}", f"data: {json.dumps(STOP)}", "data: [DONE]"
    ),
    "bare lines of JSON": "\n".join(json.dumps(v) for v in (piece(IMAGE), STOP)).encode(),
    "Ollama's lines": "\n".join(
        json.dumps({"model": "m", "message": {"role": "assistant", "content": text}, "done": end})
        for text, end in ((IMAGE, False), ("", True))
    ).encode(),
    "a chunk without choices first, null deltas": sse(
        {
            "choices": [],
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}],
        },
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0, "delta": {"content": None, "role": "assistant"}}]},
        piece(IMAGE),
        STOP,
        "[DONE]",
    ),
    "two values in one line": f"data: {json.dumps(piece(IMAGE))}{json.dumps(STOP)}\n\ndata: [DONE]\n\n".encode(),
}.items():
    drawn_by(f"Stream: {name}", CHAT, body, A)
row(
    "Stream: an error as plain text",
    CHAT,
    b"event: error\ndata: insufficient quota for this account\n\n",
    error="QuotaError",
    words=("insufficient quota",),
)
row(
    "Flow2API: an error that is only its name",
    CHAT,
    sse({"error": "generation_failed", "code": "generation_failed"}, "[DONE]"),
    error="ServerError",
    words=("generation_failed",),
)
row(
    "grok2api: one empty piece, which stops",
    CHAT,
    sse(
        {
            "object": "chat.completion.chunk",
            "choices": [
                {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": "stop"}
            ],
            "usage": {"total_tokens": 0},
        }
    ),
    error="NoPictureError",
)
row(
    "Stream: an error in square brackets",
    CHAT,
    b"data: [ERROR] upstream request timeout\n\n",
    error="TimedOutError",
    words=("upstream request timeout",),
)
row(
    "nginx: its page behind the pings of a stream",
    CHAT,
    b": ping\n\n: ping\n\n<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
    error="TimedOutError",
    words=("504",),
    billed=True,
)
row(
    "new-api: a panic behind the state of the job",
    IMAGES,
    {"task_id": "p1", "status": "queued"},
    {
        "/v1/images/tasks/p1": [
            (
                500,
                error(
                    "Panic detected, error: runtime error: invalid memory address",
                    type="new_api_panic",
                ),
            ),
            {"id": "p1", "status": "completed", "url": URL},
        ]
    }
    | A,
    pictures=("red",),
)
row(
    "Stream: filtered in the middle of a sentence",
    CHAT,
    [piece("Here is a "), piece(finish="content_filter")],
    error="ModerationError",
)
row(
    "Stream: out of tokens",
    CHAT,
    [piece("I will draw a cat with "), piece(finish="length")],
    error="NoPictureError",
    words=("length",),
)
drawn_by(
    "Stream: the same number twice, a preview and the picture",
    CHAT,
    [
        piece("", images=[{"type": "image_url", "index": 0, "image_url": {"url": uri(GREEN)}}]),
        piece("", images=[{"type": "image_url", "index": 0, "image_url": {"url": uri(RED)}}]),
        STOP,
        {"choices": [], "usage": {"total_tokens": 9, "cost": 0.039}},
    ],
    words=("0.039 USD",),
)
drawn_by(
    "Gradio: a stream of files",
    CHAT,
    b"event: heartbeat\ndata: null\n\nevent: generating\ndata: null\n\nevent: complete\ndata: "
    b'[{"path": "/tmp/gradio/x/a.png", "url": "{base}/a.png", "orig_name": "a.png", '
    b'"meta": {"_type": "gradio.FileData"}}, 42]\n\n',
    A,
    gets=("/a.png",),
)
row(
    "Gradio: an error without a reason",
    CHAT,
    b"event: heartbeat\ndata: null\n\nevent: error\ndata: null\n\n",
    error="ServerError",
)

# ---- Messages of a chat.

for name, fields in {
    "a string where an object belongs": {"content": [{"type": "image_url", "image_url": uri(RED)}]},
    "an object called image": {"content": [{"type": "image", "image": {"url": uri(RED)}}]},
    "a source as in Claude's form": {
        "content": [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": b64(RED)},
            }
        ]
    },
    "a file with its name": {
        "content": [{"type": "file", "file": {"filename": "a.png", "file_data": uri(RED)}}]
    },
    "a file of the AI SDK": {
        "content": [{"type": "file", "mediaType": "image/png", "base64": b64(RED)}]
    },
    "images as plain strings": {"content": "", "images": [uri(RED)]},
    "images as one object": {
        "content": "",
        "images": {"type": "image_url", "image_url": {"url": uri(RED)}},
    },
    "a list with text and base64": {
        "content": [
            {"type": "output_text", "text": "Here."},
            {"type": "output_image", "b64_json": b64(RED)},
        ]
    },
    "attachments": {
        "content": "Done.",
        "attachments": [{"content_type": "image/png", "name": "a.png", "data": b64(RED)}],
    },
    "a picture beside a voice": {
        "content": None,
        "audio": {"id": "au", "data": "UklGRiQAAABXQVZFZm10IA==", "transcript": "A cat"},
        "images": [{"image_url": {"url": uri(RED)}}],
    },
    "the call of a function, its answer inside": {
        "content": None,
        "tool_calls": [
            {
                "id": "c",
                "type": "function",
                "function": {
                    "name": "image_gen",
                    "arguments": json.dumps({"images": [{"b64_json": b64(RED)}]}),
                },
            }
        ],
    },
    "an old function call": {
        "content": None,
        "function_call": {"name": "draw", "arguments": json.dumps({"result": uri(RED)})},
    },
    "JSON in a fence": {
        "content": "```json\n" + json.dumps({"images": [{"b64_json": b64(RED)}]}) + "\n```"
    },
    "reasoning alone": {"content": "", "reasoning_content": f"I drew it: ![x]({uri(RED)})"},
    "generated files": {
        "content": "ok",
        "generated_files": [{"mime_type": "image/png", "content": b64(RED)}],
    },
}.items():
    message = {"role": "assistant", **fields}
    drawn_by(
        f"Chat: {name}",
        CHAT,
        {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]},
    )
drawn_by(
    "Poe: attachments by address",
    CHAT,
    {
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": "",
                    "attachments": [{"url": URL, "content_type": "image/png", "name": "cat"}],
                }
            }
        ]
    },
    A,
)
drawn_by(
    "Poe: seconds that pass, then the picture",
    CHAT,
    [
        piece("Generating image (2s elapsed)\n"),
        piece("Generating image (4s elapsed)\n"),
        piece(f"\n{IMAGE}"),
        STOP,
    ],
    A,
)
drawn_by(
    "LibreChat: a path of its own",
    CHAT,
    chat([{"type": "image_file", "image_file": {"file_id": "f", "filepath": "/images/u/a.png"}}]),
    {"/images/u/a.png": RED},
)
drawn_by(
    "Assistants: a file's id, fetched with the key",
    CHAT,
    chat([{"type": "image_file", "image_file": {"file_id": "file-9aF"}}]),
    {"/v1/files/file-9aF/content": [KEY, RED]},
)
drawn_by(
    "GigaChat: a file's id in a tag, fetched with the key",
    CHAT,
    chat('Вот твой кот <img src="b28fbd3e-0c55-4d5f-9c2a-19b6f1a6f3a1" fuse="true"/>'),
    {"/v1/files/b28fbd3e-0c55-4d5f-9c2a-19b6f1a6f3a1/content": [KEY, RED]},
)
row(
    "Chat: two choices, the second refused",
    CHAT | {"params": {"n": 2}},
    {
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": IMAGE},
                "finish_reason": "stop",
            },
            {
                "index": 1,
                "message": {"role": "assistant", "content": ""},
                "finish_reason": "content_filter",
            },
        ]
    },
    A,
    pictures=("red",),
)
row(
    "Chat: two choices with a picture each",
    CHAT | {"params": {"n": 2}},
    {
        "choices": [
            {"index": 1, "message": {"content": "![b]({base}/b.png)"}, "finish_reason": "stop"},
            {"index": 0, "message": {"content": IMAGE}, "finish_reason": "stop"},
        ]
    },
    A | {"/b.png": GREEN},
    pictures=("red", "green"),
)
row(
    "Chat: it only calls its function to draw",
    CHAT,
    {
        "choices": [
            {
                "message": {
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "c",
                            "function": {"name": "dalle.text2im", "arguments": '{"prompt":"cat"}'},
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ]
    },
    error="NoPictureError",
    words=("dalle.text2im",),
)
row(
    "Azure: an empty message, and a filter that says hate",
    CHAT,
    {
        "choices": [
            {
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": ""},
                "content_filter_results": {"hate": {"filtered": True, "severity": "high"}},
            }
        ]
    },
    error="ModerationError",
)
row(
    "OpenRouter: no choices at all",
    CHAT,
    {"id": "gen-1", "choices": [], "usage": {"completion_tokens": 0}},
    error="NoPictureError",
)
drawn_by(
    "A draft in the reasoning, the picture in the content",
    CHAT,
    [piece("", reasoning_content="first try ![d]({base}/d.png)\n"), piece(IMAGE), STOP],
    A | {"/d.png": GREEN},
    gets=("/a.png",),
)
row(
    "grok2api: a film in a tag",
    {"model": "grok-imagine-video", "via": "chat"},
    chat(
        '<think>进度 50%</think>\n<video controls poster="{base}/p.png"><source src="{base}/v.mp4" type="video/mp4"></video>'
    ),
    {"/v.mp4": MP4, "/p.png": GREEN},
    films=1,
    pictures=("green",),
)
row(
    "Sora relay: a film, a still, a sound and a page",
    {"model": "sora-2", "via": "chat"},
    chat(
        "![封面]({base}/cover.webp)\n[▶️ 在线观看]({base}/v.mp4) | [音频]({base}/v.mp3) | [详情]({base}/share/1.html)"
    ),
    {"/v.mp4": MP4, "/cover.webp": GREEN},
    films=1,
    pictures=("green",),
)

# ---- Links and markup.

for name, text in {
    "a reference": '![a cat][1]\n\nEnjoy!\n\n[1]: {base}/a.png "A cat"',
    "a short reference": "![cat]\n\n[cat]: <{base}/a.png>",
    "a zero-width space behind it": "Your picture: {base}/a.png\u200b enjoy",
    "a comma of Chinese": "图片地址：{base}/a.png，请尽快保存！",
    "a closing corner bracket": "「{base}/a.png」をご覧ください",
    "a full stop of Chinese": "已生成{base}/a.png。有效期24小时",
    "an emoji behind it": "✨{base}/a.png🎉",
    "a table": "| 序号 | 图片 |\n|---|---|\n| 1 | {base}/a.png |",
    "bold backticks": "**`{base}/a.png`**",
    "a field of YAML": "status: ok\nimage_url: {base}/a.png\nseed: 4",
    "a list of Python": "{'images': ['{base}/a.png'], 'seed': 4}",
    "a picture and its source": '<picture><source srcset="{base}/a.png" type="image/png"><img src="{base}/a.png" alt="cat"></picture>',
    "a figure in HTML": '<figure><a href="{base}/a.png" target="_blank"><img src="{base}/a.png?w=200"></a><figcaption>猫</figcaption></figure>',
    "BBCode": "[img=300x200]{base}/a.png[/img]",
    "an order of things": "1. prompt: cat\n2. seed: 7\n3. url → {base}/a.png",
    "a footnote of the relay": "{base}/a.png\n\n---\n本次消耗 0.02 元 · 余额 3.1 元 · [充值](https://pay.example/topup)",
    "quotation marks of German": "Fertig: „{base}/a.png“",
    "a semicolon in HTML": "&lt;img src=&quot;{base}/a.png&quot;&gt;",
    "an arrow without a space": "原图=>{base}/a.png<=原图",
}.items():
    drawn_by(f"Link: {name}", CHAT, chat(text), A | {"/a.png?w=200": SMALL}, gets=("/a.png",))
drawn_by(
    "Link: the largest of a set of sources",
    CHAT,
    chat('<img src="{base}/s.png" srcset="{base}/s.png 320w, {base}/a.png 1280w" alt="cat">'),
    A | {"/s.png": SMALL},
    gets=("/a.png",),
)
drawn_by(
    "Link: a path in Chinese with a space",
    CHAT,
    chat("![猫](<{base}/图片/猫 1.png>)"),
    {"/%E5%9B%BE%E7%89%87/%E7%8C%AB%201.png": RED},
)
drawn_by(
    "Link: an address inside the query of a proxy",
    CHAT,
    chat("![x]({base}/proxy?url=https%3A%2F%2Fcdn.example%2Fa.png)"),
    {"/proxy?url=https%3A%2F%2Fcdn.example%2Fa.png": RED},
    gets=("/proxy?url=https%3A%2F%2Fcdn.example%2Fa.png",),
)
row(
    "Link: nothing but a page",
    CHAT,
    chat("Your image is ready: [open it](https://share.example/view/1.html)"),
    error="NoPictureError",
    words=("share.example",),
    gets=(),
)
row(
    "Link: a file of its own machine",
    CHAT,
    chat("![cat](sandbox:/mnt/data/cat.png) I saved it as /mnt/data/cat.png"),
    error="NoPictureError",
    words=("sandbox:/mnt/data/cat.png",),
)
row(
    "Four pictures, one of them gone",
    CHAT,
    chat("![1]({base}/a.png)\n![2]({base}/gone.png)\n![3]({base}/b.png)"),
    A | {"/b.png": GREEN, "/gone.png": 410},
    pictures=("red", "green"),
    gets=None,
)

# ---- The images format and bodies of all kinds.

for name, body in {
    "data as an object": {"created": 1, "data": {"b64_json": b64(RED)}},
    "data as strings": {"data": [b64(RED)]},
    "base64 in lines": {
        "data": [
            {"b64_json": "\r\n".join(b64(RED)[i : i + 64] for i in range(0, len(b64(RED)), 64))}
        ]
    },
    "the alphabet of URLs, no padding": {
        "data": [{"b64_json": base64.urlsafe_b64encode(RED).decode().rstrip("=")}]
    },
    "a data URI with a character set": {
        "data": [{"b64_json": f"data:image/png;charset=utf-8;base64,{b64(RED)}"}]
    },
    "hexadecimal": {"data": {"image": RED.hex()}},
    "a buffer of Node": {"image": {"type": "Buffer", "data": list(RED)}},
    "an array of bytes as an object": {"image": {str(at): byte for at, byte in enumerate(RED)}},
    "as Google's client writes it": {
        "generatedImages": [{"image": {"imageBytes": b64(RED), "mimeType": "image/png"}}]
    },
    "both, the picture and its address": {"data": [{"b64_json": b64(RED), "url": URL}]},
    "a body that is base64": b64(RED).encode(),
    "a body that is a data URI": uri(RED).encode(),
    "a body in quotes": json.dumps(uri(RED)).encode(),
    "a zip archive": zipped(image_0_png=RED),
    "an archive with a note": zipped(meta_json=b'{"seed": 1}', image_png=RED),
    "iFlytek's header and payload": {
        "header": {"code": 0, "message": "Success", "sid": "cht", "status": 2},
        "payload": {
            "choices": {
                "status": 2,
                "seq": 0,
                "text": [{"content": b64(RED), "index": 0, "role": "assistant"}],
            }
        },
    },
    "Volcengine's visual service": {
        "code": 10000,
        "data": {"binary_data_base64": [b64(RED)], "image_urls": None, "request_id": "r"},
        "message": "Success",
        "request_id": "r",
        "status": 10000,
        "time_elapsed": "4.2s",
    },
    "an interaction of Gemini": {
        "id": "i",
        "status": "completed",
        "outputs": [
            {"type": "text", "text": "A cat."},
            {"type": "image", "mime_type": "image/png", "data": b64(RED)},
        ],
    },
    "AUTOMATIC's list with a grid's info": {
        "images": [b64(RED)],
        "info": '{"seed": 1}',
        "parameters": {},
    },
    "a wrapped answer": {
        "code": 200,
        "msg": "ok",
        "data": {"created": 1, "data": [{"b64_json": b64(RED)}]},
    },
    "a picture in a field of its own name": {"cat.png": b64(RED), "elapsed": 3},
}.items():
    drawn_by(f"Images: {name}", IMAGES, body, content_type="application/octet-stream", gets=())
for name, body in {
    "one string": {"images": URL},
    "an odd name": {"code": 0, "data": {"imgs": [URL]}},
    "nested, with a balance": {
        "data": {"images": [{"url": URL, "width": 64, "is_nsfw": False}], "balance": "12.3"}
    },
    "an empty address first": {"data": [{"url": ""}, {"url": URL}]},
    "XML": b"<?xml version='1.0'?><Response><Code>0</Code><ImageUrl>{base}/a.png</ImageUrl></Response>",
    "an address to put beside one to get": {
        "data": [{"upload_url": "{base}/put?sig=1", "url": URL, "expires_in": 3600}]
    },
    "a plain body with a line end": b"{base}/a.png\r\n",
    "numbers as names": {"data": {"0": {"url": URL}}},
    "a page that shows it": {"data": [{"page_url": "{base}/view/1.html", "image_url": URL}]},
}.items():
    drawn_by(
        f"Images by address: {name}", IMAGES, body, A, content_type="text/plain", gets=("/a.png",)
    )
drawn_by(
    "Images: created",
    IMAGES,
    {"data": [{"url": URL}]},
    A,
    status=201,
)
drawn_by(
    "Images: partial content",
    IMAGES,
    {"data": [{"url": URL}], "errors": [{"message": "1 of 2 images was blocked"}]},
    A,
    status=206,
    words=("was blocked",),
)
drawn_by(
    "Images: a warning of one",
    IMAGES,
    {"data": [{"url": URL}], "warning": "Prompt was truncated to 1000 characters"},
    A,
    words=("truncated to 1000",),
)
drawn_by(
    "Images: a prompt in camel case",
    IMAGES,
    {"data": [{"url": URL, "revisedPrompt": "A ginger cat on a roof"}]},
    A,
    words=("A ginger cat",),
)
drawn_by(
    "Images: an amount in dollars",
    IMAGES,
    {"data": [{"url": URL}], "billing": {"amount": "0.04", "currency": "USD"}},
    A,
    words=("0.04 USD",),
)
drawn_by("Images: a moving picture", IMAGES, gif(), content_type="image/gif")
row(
    "Images: a bad status, and the picture in it",
    IMAGES,
    {
        "error": {"message": "Upscaling failed", "code": "upscale_failed"},
        "data": [{"b64_json": b64(BLUE)}],
    },
    status=422,
    pictures=("blue",),
    words=("Upscaling failed",),
)
row(
    "Images: no content", IMAGES, b"", status=204, error="TruncatedError", content_type="text/plain"
)
row(
    "Images: XML of a storage",
    IMAGES,
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
    error="ServerError",
    words=("Request has expired",),
    content_type="application/xml",
)
refused(
    "Images: XML of a storage, 403",
    403,
    b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
    "AccessError",
    "Request has expired",
    content_type="application/xml",
)
drawn_by(
    "Gemini: drawn by its code",
    GEMINI,
    {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"executableCode": {"language": "PYTHON", "code": "plot()"}},
                        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": ""}},
                        {"inlineData": {"mimeType": "image/png", "data": b64(RED)}},
                    ]
                },
                "finishReason": "STOP",
            }
        ]
    },
)
drawn_by(
    "Gemini: an array, streamed without SSE",
    GEMINI,
    json.dumps(
        [
            {"candidates": [{"content": {"parts": [{"text": "A cat."}]}}]},
            {
                "candidates": [
                    {
                        "content": {"parts": [{"inline_data": {"data": b64(RED)}}]},
                        "finishReason": "STOP",
                    }
                ]
            },
        ]
    ).encode(),
    content_type="application/json",
)
drawn_by(
    "Gemini relay: its answer in an envelope",
    GEMINI,
    {
        "response": {
            "candidates": [
                {
                    "content": {
                        "parts": [{"inlineData": {"mimeType": "image/png", "data": b64(RED)}}]
                    },
                    "finishReason": "STOP",
                }
            ]
        },
        "traceId": "t",
    },
)
for reason, kind in (
    ("MAX_TOKENS", "NoPictureError"),
    ("NO_IMAGE", "NoPictureError"),
    ("MALFORMED_FUNCTION_CALL", "ServerError"),
    ("IMAGE_OTHER", "ServerError"),
):
    row(
        f"Gemini: {reason}",
        GEMINI,
        {
            "candidates": [{"finishReason": reason, "index": 0}],
            "usageMetadata": {"totalTokenCount": 9},
        },
        error=kind,
        words=(reason,),
    )
row(
    "Gemini: blocked for another reason",
    GEMINI,
    {"promptFeedback": {"blockReason": "OTHER"}, "usageMetadata": {"promptTokenCount": 9}},
    error="ModerationError",
    words=("OTHER",),
)
row(
    "Gemini: ratings that say why",
    GEMINI,
    {
        "candidates": [
            {
                "finishReason": "SAFETY",
                "safetyRatings": [
                    {
                        "category": "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                        "probability": "HIGH",
                        "blocked": True,
                    }
                ],
            }
        ]
    },
    error="ModerationError",
    words=("SAFETY",),
)
drawn_by(
    "Responses: the picture as a message's part",
    {"model": "gpt-5", "via": "responses"},
    {
        "id": "resp_1",
        "status": "completed",
        "output": [
            {
                "type": "message",
                "content": [{"type": "output_image", "image_url": uri(RED)}],
            }
        ],
    },
)
drawn_by(
    "Responses: the result as a list with an object",
    {"model": "gpt-5", "via": "responses"},
    {
        "id": "resp_1",
        "status": "completed",
        "output": [
            {
                "type": "image_generation_call",
                "status": "completed",
                "result": [{"b64_json": b64(RED)}],
            }
        ],
    },
)
drawn_by(
    "Responses: an address in the result of a function",
    {"model": "gpt-5", "via": "responses"},
    {
        "id": "resp_1",
        "status": "completed",
        "output": [
            {"type": "function_call_output", "output": '{"image_url": "{base}/a.png"}'},
            {"type": "message", "content": [{"type": "output_text", "text": "Done."}]},
        ],
    },
    A,
)
drawn_by(
    "Fal relay: images of a model",
    images("fal-ai/x"),
    {"image": {"url": URL, "content_type": "image/png", "file_size": 412}, "seed": 3},
    A,
)
