"""Bodies of answers as endpoints send them, and what is right to make of each.

A case is data: a wire format, a body, and the pictures, links, words or error that it holds. ``RED``
and ``GREEN`` are the pictures inside the bodies; addresses stand below ``H``.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

H = "https://pictures.example"


def png(red: int, green: int, blue: int, *, width: int = 16, height: int = 12) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = (b"\0" + bytes((red, green, blue)) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


RED, GREEN, SMALL = png(200, 30, 40), png(20, 160, 60), png(9, 9, 9, width=4, height=3)
BMP = (
    b"BM"
    + struct.pack("<IHHI", 70, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 24, 0, 16, 0, 0, 0, 0)
    + bytes(16)
)
TIFF = b"II*\0" + bytes(60)
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08free" + bytes(64)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>'


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def uri(data: bytes) -> str:
    return f"data:image/png;base64,{b64(data)}"


@dataclass(frozen=True)
class Case:
    """One answer.

    Attributes:
        name: What is special about it.
        wire: The wire format that it answers.
        body: As sent.
        kind: Of the request.
        pictures: Those inside it, in order.
        links: Where it points to, in order.
        link_kind: What the links lead to.
        words: What the text, the error or the quotation of the answer says.
        error: The class of the error; empty for none.
        notice: What is said beside a result.
    """

    name: str
    wire: str
    body: bytes
    kind: str = "draw"
    content_type: str = "application/json"
    pictures: tuple[bytes, ...] = ()
    links: tuple[str, ...] = ()
    link_kind: str = "picture"
    words: str = ""
    error: str = ""
    notice: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


CASES: list[Case] = []


def dumped(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()


def whole(text: Any, *, finish: str = "stop", **fields: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, **fields}
    return {"id": "c1", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}


def events(*values: Any, end: str = "data: [DONE]\n\n") -> bytes:
    pieces = [
        value if isinstance(value, str) else f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
        for value in values
    ]
    return ("".join(pieces) + end).encode()


def delta(content: str = "", *, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": content, **fields}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice]}


def streamed(text: str, *, step: int = 7, finish: str = "stop") -> bytes:
    pieces = [delta(text[at : at + step]) for at in range(0, len(text), step)]
    return events(*pieces, delta(finish=finish))


def chat(name: str, text: str, **right: Any) -> None:
    """Add a text as a whole answer and as a stream."""
    CASES.append(Case(f"{name}, whole", "chat", dumped(whole(text)), **right))
    stream = {"content_type": "text/event-stream", **right}
    CASES.append(Case(f"{name}, streamed", "chat", streamed(text), **stream))


def case(name: str, wire: str, body: Any, **right: Any) -> None:
    CASES.append(Case(name, wire, dumped(body), **right))


def stream(name: str, wire: str, *values: Any, **right: Any) -> None:
    CASES.append(Case(name, wire, events(*values), content_type="text/event-stream", **right))


# ---- A picture in any field of a message, written in any way.

PLACES: dict[str, Any] = {
    "content, image_url": lambda p: whole([{"type": "image_url", "image_url": {"url": p}}]),
    "content, image": lambda p: whole([{"type": "image", "image": p}]),
    "content, source": lambda p: whole([{"type": "image", "source": {"data": p}}]),
    "content, file": lambda p: whole([{"type": "file", "file": {"file_data": p}}]),
    "content, resource": lambda p: whole([{"type": "resource", "resource": {"blob": p}}]),
    "content, no list": lambda p: whole({"type": "image", "url": p}),
    "images": lambda p: whole("Done.", images=[{"image_url": {"url": p}}]),
    "image": lambda p: whole("Done.", image={"url": p}),
    "images of provider": lambda p: whole("Done.", provider_specific_fields={"images": [p]}),
    "generated_images": lambda p: whole("Done.", generated_images=[{"url": p}]),
    "attachments": lambda p: whole("Done.", attachments=[{"content": p}]),
    "unheard of": lambda p: {"artifacts": [{"some": {"where": p}}]},
    "choices, no list": lambda p: {"choices": {"message": {"images": [p]}}},
    "beside the message": lambda p: {"choices": [{"message": {"content": "x"}, "images": [p]}]},
    "data": lambda p: {"data": [{"b64_json": p}]},
    "data, another key": lambda p: {"data": [{"b64": p}]},
    "result": lambda p: {"result": {"image": p}, "success": True, "errors": []},
    "output": lambda p: {"output": {"choices": [{"message": {"content": [{"image": p}]}}]}},
    "predictions": lambda p: {"predictions": [{"bytesBase64Encoded": p}]},
    "candidates": lambda p: {"candidates": [{"content": {"parts": [{"inlineData": {"data": p}}]}}]},
    "envelope": lambda p: {
        "response": {"candidates": [{"content": {"parts": [{"inlineData": {"data": p}}]}}]}
    },
    "output item": lambda p: {
        "status": "completed",
        "output": [{"type": "image_generation_call", "result": p}],
    },
}
WRITTEN = {
    "base64": b64(RED),
    "base64 for URLs": base64.urlsafe_b64encode(RED).decode().rstrip("="),
    "base64 in lines": "\n".join(b64(RED)[at : at + 76] for at in range(0, len(b64(RED)), 76)),
    "data URI": uri(RED),
    "data URI, no type": f"data:;base64,{b64(RED)}",
    "data URI, upper case": f"DATA:IMAGE/PNG;BASE64,{b64(RED)}",
}
for place, build in PLACES.items():
    for form, text in WRITTEN.items():
        for wire in ("chat", "images", "responses", "gemini"):
            case(f"{place}, {form}", wire, build(text), pictures=(RED,))
for place in ("images", "image", "generated_images", "data", "beside the message", "result"):
    for wire in ("chat", "images"):
        url = f"{H}/files/1"
        case(f"{place}, address", wire, PLACES[place](url), links=(url,))

# ---- An address in a text, written in any way.

LINKS = {
    "with a space": ("![x]({})", f"{H}/a b.png", f"{H}/a%20b.png"),
    "in angle brackets": ("![x](<{}>)", f"{H}/a b.png", f"{H}/a%20b.png"),
    "with a title": ('![x]({} "A cat")', f"{H}/a.png", f"{H}/a.png"),
    "full-width brackets in it": ("![x]({})", f"{H}/猫（1）.png", f"{H}/猫（1）.png"),
    "full-width brackets around it": ("![x]（{}）", f"{H}/a.png", f"{H}/a.png"),
    "brackets in it": ("![x]({})", f"{H}/a_(1).png", f"{H}/a_(1).png"),
    "apostrophe": ("![x]({})", f"{H}/cat's.png?k=1", f"{H}/cat's.png?k=1"),
    "square brackets": ("![x]({})", f"{H}/a.png?s[w]=9", f"{H}/a.png?s[w]=9"),
    "bar": ("![x]({})", f"{H}/a.png?s=1|2", f"{H}/a.png?s=1|2"),
    "braces": ("![x]({})", f"{H}/{{id}}.png", f"{H}/{{id}}.png"),
    "upper-case scheme": ("![x]({})", f"HTTPS{H[5:]}/a.png", f"{H}/a.png"),
    "no host": ("![x]({})", "/cdn/a.png", "/cdn/a.png"),
    "no host, HTML": ('<img src="{}">', "/cdn/a.png", "/cdn/a.png"),
    "no scheme": ("![x]({})", "//h.example/a.png", "//h.example/a.png"),
    "neither slashes": ("![x]({})", "h.example:8080/a.png", "h.example:8080/a.png"),
    "in square brackets": ("地址:[{}]", f"{H}/a.png", f"{H}/a.png"),
    "half of Markdown": ("![{}]", f"{H}/a.png", f"{H}/a.png"),
    "BBCode": ("[img]{}[/img]", f"{H}/f/1", f"{H}/f/1"),
    "bold": ("**{}**", f"{H}/a.png", f"{H}/a.png"),
    "italic": ("_{}_", f"{H}/a.png", f"{H}/a.png"),
    "Chinese behind": ("图片：{}请查看", f"{H}/a.png?x=1", f"{H}/a.png?x=1"),
    "emoji behind": ("{}✅ 完成", f"{H}/a.png", f"{H}/a.png"),
    "full stop behind": ("See {}.", f"{H}/a.png", f"{H}/a.png"),
    "in code": ("```\n{}\n```", f"{H}/a.png", f"{H}/a.png"),
    "JSON behind words": ('Here: {{"image_url": "{}"}}', f"{H}/f/1", f"{H}/f/1"),
    "JSON, escaped twice": (
        '{{\\"url\\": \\"{}\\"}}',
        f"{H}/a.png".replace("/", "\\/"),
        f"{H}/a.png",
    ),
    "HTML as text": ("&lt;img src=&quot;{}&quot;&gt;", f"{H}/f/1", f"{H}/f/1"),
    "HTML, no quotes": ("<img src={}>", f"{H}/f/1", f"{H}/f/1"),
    "HTML, loaded late": ('<img class="lazy" data-src="{}">', f"{H}/f/1", f"{H}/f/1"),
    "full-width colon": ("图片：{}", f"https：//{H[8:]}/a.png", f"{H}/a.png"),
    "file in the query": ("{}", f"{H}/view?file=a.png", f"{H}/view?file=a.png"),
    "sources of HTML": (
        '<picture><source srcset="{}"><img src="/small.png"></picture>',
        f"{H}/a.png",
        f"{H}/a.png",
    ),
    "relative to nothing": ("![x]({})", "outputs/a.png", "outputs/a.png"),
    "XML": ("<url>{}</url>", f"{H}/a.png", f"{H}/a.png"),
    "CSS": ("background: url({})", f"{H}/a.png", f"{H}/a.png"),
    "ampersand": ("![x]({})", f"{H}/a.png?a=1&amp;b=2", f"{H}/a.png?a=1&b=2"),
}
for name, (pattern, written, url) in LINKS.items():
    chat(f"link {name}", pattern.format(written), links=(url,))
for end in ("_", "__", "~", "'", "!", "-", "=", "*", ".", "==", "~~"):
    url = f"{H}/a.png?Signature=abc{end}"
    chat(f"signature that ends in {end}", f"![x]({url})", links=(url,))

# ---- Which of several pictures is the result.

BIG, TINY = f"{H}/big.png", f"{H}/tiny.png"
chat(
    "preview and original, Chinese",
    f"预览图：\n![预览]({TINY})\n原图：\n![原图]({BIG})",
    links=(BIG,),
)
chat(
    "preview and original, English",
    f"Preview:\n![preview]({TINY})\nResult:\n![cat]({BIG})",
    links=(BIG,),
)
chat("preview, and a link to the original", f"![thumbnail]({TINY}) [Original]({BIG})", links=(BIG,))
chat("preview in a link", f"[![cat]({TINY})]({BIG})", links=(BIG,))
chat("preview in a link of HTML", f'<a href="{BIG}"><img src="{TINY}"></a>', links=(BIG,))
chat("several sizes", f'<img srcset="{TINY} 320w, {BIG} 1280w">', links=(BIG,))
chat("drafts in progress", f"> 进度 30%\n> ![1]({TINY})\n\n![x]({BIG})", links=(BIG,))
for tag in ("think", "thinking", "thought", "details"):
    chat(f"draft in {tag}", f"<{tag}>A draft: ![x]({TINY})</{tag}>Here: ![y]({BIG})", links=(BIG,))
    chat(
        f"nothing but a draft in {tag}", f"<{tag}>A draft: ![x]({TINY})</{tag}>Done.", links=(TINY,)
    )
chat("the same twice", f"![x]({BIG})\n[下载]({H}/cdn/download/x.png)", links=(BIG,))
chat("picture, and a link to download it", f"![x]({uri(RED)})\n[下载]({BIG})", pictures=(RED,))
chat("two pictures", f"![x]({uri(RED)}) and ![y]({uri(GREEN)})", pictures=(RED, GREEN))
chat("base64 behind words", f"图片如下：{b64(RED)}，请查收", pictures=(RED,))
chat("base64 twice in lines", f"{b64(RED)}\n{b64(GREEN)}", pictures=(RED, GREEN))
chat("Python's bytes", f"![x](data:image/png;base64,b'{b64(RED)}')", pictures=(RED,))
chat("SVG in code", f"A circle:\n```svg\n{SVG}\n```\nEnjoy!", pictures=(SVG.encode(),))
stream(
    "a number again replaces",
    "chat",
    delta(images=[{"index": 0, "image_url": {"url": uri(SMALL)}}]),
    delta(images=[{"index": 0, "image_url": {"url": uri(RED)}}]),
    delta(finish="stop"),
    pictures=(RED,),
)
stream(
    "nothing but previews",
    "images",
    *(
        {"type": "image_generation.partial_image", "partial_image_index": n, "b64_json": b64(data)}
        for n, data in enumerate((SMALL, RED))
    ),
    pictures=(RED,),
    notice="preview",
)
stream(
    "nothing but a thought",
    "gemini",
    {"candidates": [{"content": {"parts": [{"inlineData": {"data": b64(RED)}, "thought": True}]}}]},
    {"candidates": [{"finishReason": "STOP"}]},
    pictures=(RED,),
    notice="draft",
)

# ---- Bodies that are no JSON, and streams of other endpoints.

for wire in ("chat", "images"):
    case("the picture itself", wire, RED, pictures=(RED,), content_type="image/png")
    case("TIFF itself", wire, TIFF, pictures=(TIFF,), content_type="application/octet-stream")
    case("BMP itself", wire, BMP, pictures=(BMP,), content_type="")
    case("SVG itself", wire, SVG.encode(), pictures=(SVG.encode(),), content_type="image/svg+xml")
    case(
        "address as text",
        wire,
        f"{H}/a.png".encode(),
        links=(f"{H}/a.png",),
        content_type="text/plain",
    )
    case(
        "Markdown as text",
        wire,
        f"![x]({H}/f/1)".encode(),
        links=(f"{H}/f/1",),
        content_type="text/plain",
    )
    case(
        "UTF-16",
        wire,
        dumped(PLACES["images"](uri(RED))).decode().encode("utf-16"),
        pictures=(RED,),
    )
    case(
        "PHP warns",
        wire,
        b"<br />\n<b>Warning</b>: x in y.php on line 3<br />\n" + dumped(PLACES["data"](uri(RED))),
        pictures=(RED,),
        content_type="text/html",
    )
case("the film itself", "videos", MP4, pictures=(MP4,), kind="video", content_type="video/mp4")
case(
    "plain text",
    "chat",
    b"The answer is 42.",
    kind="chat",
    words="The answer is 42.",
    content_type="text/plain",
)
case(
    "plain error",
    "chat",
    b"upstream connect error",
    error="ServerError",
    words="connect error",
    content_type="text/plain",
)
case(
    "plain error of a talk",
    "chat",
    b"upstream connect error",
    kind="chat",
    error="ServerError",
    words="connect error",
)

MD = f"![x]({BIG})"
OTHER_STREAMS: dict[str, tuple[Any, ...]] = {
    "Anthropic": (
        {"type": "message_start", "message": {"id": "m", "content": []}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": MD[:20]},
        },
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": MD[20:]},
        },
        {"type": "message_stop"},
    ),
    "chat": (delta(MD[:20]), delta(MD[20:]), delta(finish="stop")),
    "Ollama": ({"message": {"content": MD[:20]}}, {"message": {"content": MD[20:]}, "done": True}),
    "Gemini": ({"candidates": [{"content": {"parts": [{"text": MD}]}, "finishReason": "STOP"}]},),
    "Responses": (
        {"type": "response.output_text.delta", "delta": MD[:20]},
        {"type": "response.output_text.delta", "delta": MD[20:]},
        {"type": "response.completed", "response": {"status": "completed", "output": []}},
    ),
}
for name, values in OTHER_STREAMS.items():
    for wire in ("chat", "images", "responses", "gemini"):
        stream(f"{name}'s stream", wire, *values, links=(BIG,))
lines = "\n".join(json.dumps(value) for value in OTHER_STREAMS["Ollama"]).encode()
case("objects in lines", "chat", lines, links=(BIG,), content_type="application/x-ndjson")
pretty = "data: " + json.dumps(delta(MD), indent=1) + "\n\n"
stream("JSON in lines", "chat", pretty, delta(finish="stop"), links=(BIG,))
tight = f"data: {json.dumps(delta(MD))}\ndata: {json.dumps(delta(finish='stop'))}\n"
stream("no empty lines", "chat", tight, links=(BIG,))
stream(
    "a broken piece",
    "chat",
    delta("You owe 1"),
    'data: {"id": "c1", "cho\n\n',
    delta(" dollars"),
    delta(finish="stop"),
    kind="chat",
    words="You owe 1 dollars",
    notice="could not be read",
)
stream("the message again", "chat", delta("Hello"), whole("Hello"), kind="chat", words="Hello")
stream(
    "heartbeats", "chat", "data: ping\n\n", ": x\n\n", delta(MD), delta(finish="stop"), links=(BIG,)
)

# ---- What an endpoint says instead.

COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "code and msg": ({"code": -1, "msg": "余额不足"}, "QuotaError", "余额不足"),
    "code of a server": ({"code": 500, "msg": "系统繁忙"}, "RateLimitError", "系统繁忙"),
    "detail": ({"detail": "Model overloaded"}, "RateLimitError", "Model overloaded"),
    "MiniMax": (
        {"base_resp": {"status_code": 1026, "status_msg": "input sensitive"}},
        "ModerationError",
        "input sensitive",
    ),
    "errors": (
        {"errors": [{"code": 3030, "message": "flagged as NSFW"}]},
        "ModerationError",
        "NSFW",
    ),
    "Baidu": ({"error_code": 18, "error_msg": "qps limit reached"}, "RateLimitError", "qps"),
    "status": ({"status": "error", "message": "GPU out of memory"}, "ServerError", "out of memory"),
    "not a success": ({"success": False, "msg": "no channel"}, "ModelError", "no channel"),
    "words in an unknown place": (
        {"weird": {"note": "we are closed for the holidays"}},
        "",
        "closed for the holidays",
    ),
    "nothing": ({}, "", "{}"),
    "null": (None, "", "null"),
    "empty message": (whole(None), "", "choices"),
}
for name, (value, error, words) in COMPLAINTS.items():
    case(f"complaint, {name}", "chat", value, error=error, words=words)
case(
    "a picture beside an error",
    "images",
    {"error": {"message": "late"}, "data": [{"b64_json": b64(RED)}]},
    pictures=(RED,),
    error="ServerError",
)
case("empty talk", "chat", whole(""), kind="chat", error="ServerError", words="empty")
case(
    "thoughts alone",
    "chat",
    whole(None, finish="length", reasoning_content="hm"),
    kind="chat",
    error="ServerError",
    words="length",
)
case(
    "filtered talk",
    "chat",
    whole("I will", finish="content_filter"),
    kind="chat",
    words="I will",
    notice="filter",
)
case(
    "thought without its beginning",
    "chat",
    whole("hm\n</think>\n\nAnswer"),
    kind="chat",
    words="Answer",
)
for reason in ("IMAGE_SAFETY", "NO_IMAGE", "IMAGE_BLOCKED_V9"):
    value = {"candidates": [{"content": {"role": "model"}, "finishReason": reason}]}
    error = "ModerationError" if reason == "IMAGE_SAFETY" else "NoPictureError"
    case(f"ended with {reason}", "gemini", value, error=error, words=reason)

# ---- How relays of other languages write links, previews and refusals.

SMALLER, LARGER = f"{H}/cdn/green.png", f"{H}/cdn/red.png"
TELLING = {
    "signature with a line of its own": (f"Done:\n{H}/a.png?sig=x!\n", f"{H}/a.png?sig=x!"),
    "escaped underscore": (f"![a]({H}/n/u\\_v.png)", f"{H}/n/u_v.png"),
    "escaped quotes": (f'{{"html":"<img src=\\"{LARGER}\\">"}}', LARGER),
    "preview, Chinese": (f"缩略图：![a]({SMALLER})\n原图：![a]({LARGER})", LARGER),
    "preview, Spanish": (f"Vista previa: ![]({SMALLER})\nImagen final: ![]({LARGER})", LARGER),
    "preview, Japanese": (f"プレビュー: ![]({SMALLER})\n完成版: ![]({LARGER})", LARGER),
    "preview, said behind": (
        f"![a]({SMALLER}) (thumbnail)\n![a]({LARGER}) (original)",
        LARGER,
    ),
    "two qualities": (f"[标清]({SMALLER}) [高清]({LARGER})", LARGER),
    "a link's own words count": (f"预览：[原图]({LARGER})", LARGER),
}
for name, (text, url) in TELLING.items():
    chat(name, text, links=(url,))
for language, words in {
    "Spanish": "Lo siento, no puedo generar esa imagen.",
    "French": "Désolé, je ne peux pas créer cette image.",
    "German": "Das kann ich leider nicht erstellen.",
    "Portuguese": "Desculpe, não posso gerar essa imagem.",
    "Russian": "Извините, я не могу создать это изображение.",
    "Japanese": "申し訳ありませんが、その画像は生成できません。",
    "Korean": "죄송하지만 그 이미지는 생성할 수 없습니다.",
    "Chinese": "抱歉，我不能帮你画这个。",
}.items():
    chat(f"refused, {language}", words, error="ModerationError", words=words)
lines = "\n".join(uri(RED)[at : at + 40] for at in range(0, len(uri(RED)), 40))
chat("a data URI in lines", f"Here:\n{lines}", pictures=(RED,))
case("base64 alone", "chat", b64(RED).encode(), content_type="text/plain", pictures=(RED,))
case(
    "JSON behind a notice of PHP in HTML",
    "images",
    b"<br />\n<b>Deprecated</b>: strlen()<br />\n" + dumped({"data": [{"url": LARGER}]}),
    content_type="text/html",
    links=(LARGER,),
)

# ---- A body in parts: a picture, with JSON or words beside it.


def parted(*parts: tuple[str, bytes], boundary: str = "B0und-ary", end: str = "\r\n") -> bytes:
    body = b"".join(
        f"--{boundary}{end}{head}{end}{end}".encode() + data + end.encode() for head, data in parts
    )
    return body + f"--{boundary}--{end}".encode()


BODY_JSON = ("Content-Type: application/json", b'{"created": 1, "usage": {"total_tokens": 3}}')
BODY_RED = ("content-type: image/png\r\nContent-ID: <1>", RED)
BODY_GREEN = ("Content-Type: image/png; name=b.png", GREEN)
for kind, parts in {
    "mixed": (BODY_JSON, BODY_RED),
    "related": (BODY_RED, BODY_JSON),
    "form-data": (BODY_RED,),
    "mixed, without a type": (("X: y", RED),),
    "mixed, in base64": (
        ("Content-Type: image/png\r\nContent-Transfer-Encoding: base64", b64(RED).encode()),
    ),
    "mixed, words": (("Content-Type: text/plain", "给你。".encode()), BODY_RED),
    "mixed, in JSON": (
        ("Content-Type: application/json", dumped({"data": [{"b64_json": b64(RED)}]})),
    ),
}.items():
    for wire in ("chat", "images", "gemini", "responses"):
        for name, called in {
            "": f'multipart/{kind.partition(",")[0]}; boundary="B0und-ary"',
            ", called something else": "application/octet-stream",
        }.items():
            case(f"parts, {kind}{name}", wire, parted(*parts), content_type=called, pictures=(RED,))
case(
    "parts, two pictures",
    "images",
    parted(BODY_RED, BODY_GREEN, end="\n"),
    content_type="multipart/mixed; boundary=B0und-ary",
    pictures=(RED, GREEN),
)
case(
    "parts, frames",
    "images",
    parted(BODY_GREEN, BODY_RED),
    content_type="multipart/x-mixed-replace; boundary=B0und-ary",
    pictures=(RED,),
)
case(
    "parts, an error",
    "images",
    parted(("Content-Type: application/json", b'{"error": {"message": "no such thing"}}')),
    content_type="multipart/mixed; boundary=B0und-ary",
    error="ServerError",
    words="no such thing",
)
case(
    "called parts, and none",
    "images",
    {"data": [{"b64_json": b64(RED)}]},
    content_type="multipart/mixed; boundary=B0und-ary",
    pictures=(RED,),
)

# ---- Pictures in rarer writing, and lists of addresses without spaces.

TWO = (f"{H}/out/a.png", f"{H}/out/b.webp")
for name, text in {
    "commas": ",".join(TWO),
    "semicolons": ";".join(TWO),
    "bars": "|".join(TWO),
    "a table of Markdown": f"| 1 | ![a]({TWO[0]}) |\n| 2 | ![b]({TWO[1]}) |",
    "YAML": f"status: ok\nimages:\n  - {TWO[0]}\n  - {TWO[1]}\n",
}.items():
    case(f"two addresses, {name}", "chat", whole(text), links=TWO)
for name, text in {
    "escaped as a field": "image=" + TWO[0].replace(":", "%3A").replace("/", "%2F"),
    "escaped by JSON": json.dumps(TWO[0]).replace("/", "\\u002f"),
    "attribute of XML": f'<image url="{TWO[0]}"/>',
    "element of XML": f"<result><image>{TWO[0]}</image></result>",
    "corner brackets": f"「{TWO[0]}」",
    "Korean behind": f"이미지: {TWO[0]}입니다",
    "Arabic comma": f"الصورة: {TWO[0]}، شكرا",
    "background of CSS": f"<div style=\"background-image:url('{TWO[0]}')\"></div>",
}.items():
    case(f"an address, {name}", "chat", whole(text), links=TWO[:1])
for name, value in {
    "numbers": {"bytes": list(RED)},
    "a buffer of Node": {"image": {"type": "Buffer", "data": list(RED)}},
    "gzip in base64": {"b64_json": b64(gzip.compress(RED))},
    "base64 twice": {"b64_json": b64(b64(RED).encode())},
    "a data URI in base64": {"b64_json": b64(uri(RED).encode())},
    "bytes of Python": {"b64_json": f"b'{b64(RED)}'"},
}.items():
    for wire in ("images", "chat"):
        case(f"a picture as {name}", wire, {"data": [value]}, pictures=(RED,))
case("SVG in a field", "images", {"data": [{"svg": SVG}]}, pictures=(SVG.encode(),))
case(
    "a name beside its address",
    "images",
    {"p1": {"outputs": {"9": {"images": [{"filename": "a.png", "url": TWO[0]}]}}}},
    links=TWO[:1],
)
CASES.append(
    Case(
        "texts of RFC 7464",
        "chat",
        b"".join(
            b"\x1e" + dumped(piece) + b"\n" for piece in (delta(TWO[0]), delta(finish="stop"))
        ),
        content_type="application/json-seq",
        links=TWO[:1],
    )
)

# ---- An address that is broken over lines, a picture that comes in pieces.

LONG = f"{H}/files/2026-11/cat-on-roof%20final.png?sig=a-b%2Fc&timestamp=1&region=x"
FIRST, REST = LONG[:52], LONG[52:]
for name, text in {
    "in a quotation": f"> ![cat]({FIRST}\n>   {REST})",
    "by CRLF": f"![cat]({FIRST}\r\n{REST}) Enjoy!",
    "behind a backslash": f"![cat]({FIRST}\\\n{REST})",
    "twice": f"![cat]({LONG[:30]}\n{LONG[30:52]}\n{REST})",
    "in angle brackets": f"<{FIRST}\n{REST}>",
    "in an attribute": f'<img src="{FIRST}\n{REST}">',
    "and bare": f"图片：{LONG[:39]}\n{LONG[39:]}",
}.items():
    chat(f"an address broken {name}", text, links=(LONG,))
chat("two addresses in brackets", f"See ({TWO[0]}\n{TWO[1]})", links=TWO)
chat("a bracket that never closes", f"![a]({TWO[0]}\nHere it is.", links=TWO[:1])


def cut_up(text: str, size: int = 40) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


for name, value in {
    "texts": {"b64_json": cut_up(b64(RED))},
    "a data URI": {"image": cut_up(uri(RED))},
    "objects": {"parts": [{"data": part} for part in cut_up(b64(RED))]},
    "numbered objects": {
        "image": {"chunks": [{"seq": n, "b64": p} for n, p in enumerate(cut_up(b64(RED)))]}
    },
    "numbered fields": {"b64": {str(n): part for n, part in enumerate(cut_up(b64(RED)))}},
}.items():
    for wire in ("images", "chat"):
        case(f"a picture in pieces, {name}", wire, {"data": [value]}, pictures=(RED,))
case(
    "two pictures in pieces",
    "images",
    {"data": [{"b64_json": cut_up(b64(RED))}, {"b64_json": cut_up(b64(GREEN))}]},
    pictures=(RED, GREEN),
)
case(
    "a list of pictures",
    "images",
    {"data": [{"image": [b64(RED), b64(GREEN)]}]},
    pictures=(RED, GREEN),
)
stream(
    "pieces",
    "images",
    *({"n": n, "chunk": p} for n, p in enumerate(cut_up(b64(RED)))),
    pictures=(RED,),
)
stream(
    "pieces in a field",
    "chat",
    *(delta("", image={"b64": part}) for part in cut_up(b64(RED), 100)),
    delta(finish="stop"),
    pictures=(RED,),
)
case(
    "pieces in parts",
    "gemini",
    {
        "candidates": [
            {"content": {"parts": [{"inlineData": {"data": p}} for p in cut_up(b64(RED), 100)]}}
        ]
    },
    pictures=(RED,),
)

# ---- Beside a picture, and instead of one.

SEEN = f"{H}/out/a.png"
for name, text in {
    "a logo": f"![c]({SEEN})\n\nPowered by [R](https://r.example) ![logo](https://r.example/logo.png)",
    "a group's code": f"![c]({SEEN})\n\n扫码加群：![群二维码](https://r.example/qr.png)",
    "a badge in a link": f"[![Download](https://img.shields.io/badge/a-b.svg)]({SEEN})",
    "a title in Chinese": f"![cat]({SEEN} “标题”)",
    "a size": f"![cat]({SEEN} =300x200)",
    "an attribute of JSX": f'<Image src={{"{SEEN}"}} alt="cat" />',
    "entities with numbers": SEEN.replace("/", "&#47;").replace(":", "&#x3A;"),
}.items():
    case(f"an address with {name}", "chat", whole(text), links=(SEEN,))
case("a logo among others", "chat", whole(f"![logo]({TWO[0]}) ![cat]({TWO[1]})"), links=TWO)
case("words that are JSON", "chat", b'"{\\"a\\": 1}"', kind="chat", words='{"a": 1}')
case("nothing but a logo", "chat", whole(f"![logo]({SEEN})"), links=(SEEN,))
case("two addresses, glued", "chat", whole("".join(TWO)), links=TWO)
for name, value, links in (
    ("Runware", {"data": [{"taskUUID": "u", "imageURL": SEEN}]}, (SEEN,)),
    (
        "ComfyUI",
        {"outputs": {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}},
        ("/view?filename=a.png&subfolder=&type=output",),
    ),
    ("InvokeAI", {"image_url": "api/v1/images/i/a.png/full"}, ("api/v1/images/i/a.png/full",)),
):
    case(f"address, {name}", "images", value, links=links)
case(
    "drafts of interactions",
    "gemini",
    {
        "status": "completed",
        "steps": [
            {"type": "thought", "summary": [{"type": "image", "data": b64(GREEN)}]},
            {"type": "model_output", "content": [{"type": "image", "uri": SEEN}]},
        ],
    },
    links=(SEEN,),
)
stream("an address in place of JSON", "chat", f"data: {SEEN}\n\n", links=(SEEN,))
case("JSON in JSON in JSON", "chat", json.dumps(json.dumps(whole(MD))).encode(), links=(BIG,))
for name, value, error, words in (
    (
        "inspected",
        {"code": "DataInspectionFailed", "message": "Bad content"},
        "ModerationError",
        "Bad",
    ),
    ("in Japanese", {"error": {"message": "コンテンツポリシーに違反"}}, "ModerationError", "違反"),
    (
        "in Russian",
        {"error": {"message": "Запрос отклонён фильтром"}},
        "ModerationError",
        "фильтром",
    ),
    ("in Korean", {"error": {"message": "안전 정책을 위반했습니다"}}, "ModerationError", "위반"),
    ("in arrears", {"code": "Arrearage", "message": "Access denied"}, "QuotaError", "denied"),
    ("without a code", {"message": "クレジットが不足しています"}, "QuotaError", "クレジット"),
    ("as a result", {"result": "failed", "reason": "NSFW concept"}, "ModerationError", "NSFW"),
    ("true", {"error": True, "message": "GPU lost"}, "ServerError", "GPU lost"),
):
    case(f"complaint {name}", "images", value, error=error, words=words)
case(
    "pieces beside other words",
    "images",
    {
        "data": [
            {
                "chunks": [
                    {"type": "chunk", "index": n, "text": p} for n, p in enumerate(cut_up(b64(RED)))
                ]
            }
        ]
    },
    pictures=(RED,),
)
stream(
    "pieces of two, one after the other",
    "chat",
    *(
        delta("", images=[{"image_url": {"url": part}}])
        for data in (RED, GREEN)
        for part in (uri(data)[:90], uri(data)[90:])
    ),
    delta(finish="stop"),
    pictures=(RED, GREEN),
)
stream(
    "pieces with a number",
    "chat",
    *(
        delta("", images=[{"index": 0, "image_url": {"url": part}}])
        for part in (uri(RED)[:90], uri(RED)[90:])
    ),
    delta(finish="stop"),
    pictures=(RED,),
)
case(
    "ComfyUI's previews",
    "images",
    {
        "outputs": {
            "8": {"images": [{"filename": "t.png", "subfolder": "", "type": "temp"}]},
            "9": {"images": [{"filename": "a.png", "subfolder": "x", "type": "output"}]},
        }
    },
    links=("/view?filename=a.png&subfolder=x&type=output",),
)
case(
    "an item that was filtered",
    "images",
    {"data": [{"seed": 1, "finish_reason": "content_filtered"}]},
    error="ModerationError",
    words="content_filtered",
)
for words in ("画像の生成に失敗しました。", "Не удалось сгенерировать изображение."):
    case("failed in words", "chat", whole(words), error="NoPictureError", words=words)
