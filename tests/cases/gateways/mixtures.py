"""Answers with more than pictures: some of several, previews, copies, other sizes, other media."""

from __future__ import annotations

from tests.cases.answers import b64, uri
from tests.cases.gateways.rows import (
    CHAT,
    GEMINI,
    URL,
    A,
    drawn_by,
    error,
    row,
)
from tests.cases.relays import BLUE, GREEN, IMAGES, RED, SMALL, chat, event, piece

TWO = {"/a.png": RED, "/b.png": GREEN}
SMALLER = {"/a.png": RED, "/s.png": SMALL}
S = "{base}/s.png"
B = "{base}/b.png"


def some(name, answer, pictures, files=None, **right):
    row(name, IMAGES, answer, files, pictures=pictures, **right)


# ---- One of several failed.

some(
    "Some: an error between two pictures",
    {"data": [{"url": URL}, error("blocked by safety", code="moderation_blocked"), {"url": B}]},
    ("red", "green"),
    TWO,
    words=("blocked by safety",),
)
some(
    "Some: a status for each",
    {
        "results": [
            {"status": "success", "url": URL},
            {"status": "failed", "reason": "NSFW content detected"},
        ]
    },
    ("red",),
    A,
    words=("NSFW content detected",),
)
some(
    "Some: a count of those that failed",
    {"data": [{"url": URL}], "success_count": 1, "failed_count": 1, "message": "1 image failed"},
    ("red",),
    A,
)
some(
    "Some: status 207",
    {"data": [{"url": URL}, {"error": {"message": "timed out on worker 3"}}]},
    ("red",),
    A,
    status=207,
    words=("timed out on worker 3",),
)
some(
    "Some: errors under their own name",
    {"images": [{"url": URL}], "errors": [{"index": 1, "message": "prompt flagged"}]},
    ("red",),
    A,
    words=("prompt flagged",),
)
row(
    "Some: the model says which one is missing",
    CHAT,
    chat("![1]({base}/a.png)\n![2]({base}/b.png)\n第三张生成失败：内容违规"),
    TWO,
    pictures=("red", "green"),
    words=("第三张生成失败",),
)
row(
    "Some: the first candidate was blocked",
    GEMINI,
    {
        "candidates": [
            {"index": 0, "finishReason": "IMAGE_SAFETY"},
            {
                "index": 1,
                "finishReason": "STOP",
                "content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": b64(RED)}}]},
            },
        ]
    },
    pictures=("red",),
)
some(
    "Some: of two links one is gone",
    {"data": [{"url": URL}, {"url": "{base}/gone.png"}]},
    ("red",),
    {"/a.png": RED, "/gone.png": 410},
    words=("/gone.png",),
)
some(
    "Some: a warning beside the picture",
    {"data": [{"url": URL}], "warnings": ["The size was rounded to a multiple of 16"]},
    ("red",),
    A,
)

# ---- The same picture more than once.

some("Copies: bytes and a link", {"data": [{"b64_json": b64(RED), "url": URL}]}, ("red",), A)
some(
    "Copies: two formats of one picture",
    {"data": [{"url": URL, "webp_url": "{base}/b.webp"}]},
    ("red",),
    {"/a.png": RED, "/b.webp": BLUE},
)
some("Copies: three times the same bytes", {"data": [{"b64_json": b64(RED)}] * 3}, ("red",))
some(
    "Copies: a list and its first",
    {"image_url": URL, "image_urls": [URL, B], "images": [{"url": URL}, {"url": B}]},
    ("red", "green"),
    TWO,
)
row(
    "Copies: the link in the text and in a field",
    CHAT,
    chat("![cat]({base}/a.png)", images=[{"type": "image_url", "image_url": {"url": URL}}]),
    A,
    pictures=("red",),
)
row(
    "Copies: a page of the picture and the picture",
    CHAT,
    chat("Done: [open the page]({base}/view/1)\n\n![cat]({base}/a.png)"),
    A,
    pictures=("red",),
)

# ---- Smaller ones beside it.

for field in ("thumbnail_url", "thumb", "preview_url", "small_url", "thumbnailUrl", "cover"):
    some(
        f"Smaller: {field} beside url",
        {"data": [{"url": URL, field: S}]},
        ("red",),
        SMALLER,
    )
some(
    "Smaller: sizes by name",
    {"output": {"images": {"small": S, "medium": S, "large": URL}}},
    ("red",),
    SMALLER,
)
some(
    "Smaller: original, preview, thumbnail",
    {"data": [{"image": {"thumbnail": S, "preview": S, "original": URL}}]},
    ("red",),
    SMALLER,
)
row(
    "Smaller: labels in Chinese",
    CHAT,
    chat("![压缩图]({base}/s.png)\n\n![原图]({base}/a.png)"),
    SMALLER,
    pictures=("red",),
)
row(
    "Smaller: labels in Russian",
    CHAT,
    chat("![превью]({base}/s.png)\n\n![оригинал]({base}/a.png)"),
    SMALLER,
    pictures=("red",),
)
some(
    "Smaller: with a watermark beside the one without",
    {"data": [{"url": URL, "watermarked_url": S}]},
    ("red",),
    SMALLER,
)
some(
    "Smaller: a list with widths",
    {"images": [{"url": S, "width": 12, "height": 9, "type": "thumbnail"}, {"url": URL}]},
    ("red",),
    SMALLER,
)

# ---- What was sent, echoed.

some(
    "Echo: input and output",
    {"input_image": S, "output_image": URL},
    ("red",),
    SMALLER,
)
some(
    "Echo: the mask and the reference",
    {"mask_url": S, "reference_images": [S], "result": {"image_url": URL}},
    ("red",),
    SMALLER,
)
some(
    "Echo: the request below input",
    {"input": {"image": S, "prompt": "x"}, "output": [URL], "status": "succeeded"},
    ("red",),
    SMALLER,
)
some(
    "Echo: a picture of the user beside it",
    {"user": {"avatar": S, "name": "me"}, "data": [{"url": URL}], "logo": S},
    ("red",),
    SMALLER,
)

# ---- In another order.

some(
    "Order: by index",
    {"data": [{"index": 1, "b64_json": b64(GREEN)}, {"index": 0, "b64_json": b64(RED)}]},
    ("red", "green"),
)


def images_stream(*events):
    return "".join(event(value["type"], value) for value in events).encode()


def partial(picture, index=0):
    return {
        "type": "image_generation.partial_image",
        "b64_json": b64(picture),
        "partial_image_index": index,
    }


some(
    "Order: a preview after the picture",
    images_stream(
        partial(SMALL),
        {"type": "image_generation.completed", "b64_json": b64(RED)},
        partial(BLUE, 1),
    ),
    ("red",),
)
some(
    "Order: previews of two pictures, mixed",
    images_stream(
        partial(SMALL),
        partial(BLUE),
        {"type": "image_generation.completed", "index": 0, "b64_json": b64(RED)},
        {"type": "image_generation.completed", "index": 1, "b64_json": b64(GREEN)},
    ),
    ("red", "green"),
)
some(
    "Order: only a preview, then an error",
    images_stream(
        partial(RED),
        {"type": "error", "error": {"message": "worker crashed", "code": "server_error"}},
    ),
    ("red",),
    error="ServerError",
    words=("worker crashed",),
)
row(
    "Order: the text after the picture contradicts it",
    CHAT,
    [
        piece("", images=[{"type": "image_url", "image_url": {"url": uri(RED)}}]),
        piece("Sorry, I could not make a second one."),
        piece(finish="stop"),
    ],
    pictures=("red",),
    words=("second one",),
)
row(
    "Order: finished twice",
    CHAT,
    [
        piece("![a]({base}/a.png)"),
        piece(finish="stop"),
        piece("![a]({base}/a.png)"),
        piece(finish="stop"),
    ],
    A,
    pictures=("red",),
)

# ---- Other media.

row(
    "Media: a voice beside the picture",
    CHAT,
    chat(
        "Here.",
        images=[{"type": "image_url", "image_url": {"url": uri(RED)}}],
        audio={"id": "a1", "data": "UklGRiwAAABXQVZF", "transcript": "Here."},
    ),
    pictures=("red",),
)
drawn_by(
    "Media: a video field that is null",
    IMAGES,
    {"images": [{"url": URL}], "video": None, "audio": ""},
    A,
)
drawn_by(
    "Media: layers as JSON beside the picture",
    IMAGES,
    {"data": [{"url": URL, "layers": [{"name": "sky", "z": 1}], "mask": None}]},
    A,
)


# ---- What was really drawn from, and what it cost, in odd places.

for place in ("metadata", "meta", "info", "provider_metadata"):
    some(
        f"Notes: the rewritten prompt below {place}",
        {"data": [{"url": URL}], place: {"revised_prompt": "A cat, at dusk.", "size": "9x9"}},
        ("red",),
        A,
        words=("A cat, at dusk.",),
    )
some(
    "Notes: the bill, with its currency",
    {"data": [{"url": URL}], "billing": {"total_cost": "0.031", "currency": "USD"}},
    ("red",),
    A,
    words=("0.031 USD",),
)
some(
    "Notes: a bill in credits is no cost",
    {"data": [{"url": URL}], "billing": {"total": 31}},
    ("red",),
    A,
)
