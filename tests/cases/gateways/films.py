"""Films in all their places and forms, and what stands beside them."""

from __future__ import annotations

import base64
import io
from typing import Any

from PIL import Image

from tests.cases.gateways.rows import CHAT, FILM, row
from tests.cases.relays import COLOURS, MP4, RED, SMALL, chat
from tests.relay import File

OTHER = MP4 + bytes(8)
WEBM = (
    b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
    + bytes(64)
)
MOV = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0\0\0\x08wide" + bytes(64)
LATE = MP4[:32] + b"\0\0\0\x10mdat" + bytes(8) + b"\0\0\0\x10moov\0\0\0\x08mvhd"
FRAGMENTED = b"\0\0\0\x18ftypiso5\0\0\0\0iso5dash" + b"\0\0\0\x10moof" + bytes(8)
AVI = b"RIFF\x40\0\0\0AVI LIST" + bytes(64)
MP3 = b"ID3\x03\0\0\0\0\0\0" + b"\xff\xfb\x90\0" + bytes(64)
V = "{base}/v.mp4"
MOVING = io.BytesIO()
Image.new("RGB", (8, 8), COLOURS["red"]).save(
    MOVING,
    "GIF",
    save_all=True,
    append_images=[Image.new("RGB", (8, 8), COLOURS["blue"])],
)
FILES = {"/v.mp4": File(MP4, 200, {}, "video/mp4"), "/p.png": SMALL}


def film(name: str, answer: Any, files: Any = None, *, films: int = 1, **right: Any) -> None:
    """Add an answer to the request for a film."""
    row(f"Film: {name}", FILM, answer, FILES | (files or {}), films=films, **right)


def done(**fields: Any) -> dict[str, Any]:
    return {"id": "v1", "status": "completed", **fields}


for name, data, kind in (
    ("WebM", WEBM, "video/webm"),
    ("QuickTime", MOV, "video/quicktime"),
    ("its index at the end", LATE, "video/mp4"),
    ("in fragments", FRAGMENTED, "video/mp4"),
    ("AVI", AVI, "video/x-msvideo"),
    ("a type of nothing", MP4, "application/octet-stream"),
):
    film(name, done(url="{base}/x"), {"/x": File(data, 200, {}, kind)})
film(
    "its poster beside it",
    done(video_url=V, cover_url="{base}/p.png"),
    pictures=("green",),
)
film(
    "poster, last frame, thumbnail",
    done(video={"url": V, "thumbnail_url": "{base}/p.png"}, last_frame_url="{base}/p.png"),
    pictures=("green",),
)
film(
    "sound beside it",
    done(video_url=V, audio_url="{base}/a.mp3"),
    {"/a.mp3": File(MP3, 200, {}, "audio/mpeg")},
)
film("subtitles beside it", done(video_url=V, subtitle_url="{base}/s.srt"))
film(
    "with and without a watermark",
    done(url=V, watermark_url="{base}/w.mp4"),
    {"/w.mp4": File(OTHER, 200, {}, "video/mp4")},
)
film(
    "two qualities",
    done(video_url="{base}/sd.mp4", hd_video_url=V),
    {"/sd.mp4": File(OTHER, 200, {}, "video/mp4")},
)
film(
    "two films",
    done(videos=[{"url": V}, {"url": "{base}/w.mp4"}]),
    {"/w.mp4": File(OTHER, 200, {}, "video/mp4")},
    films=2,
)
film("in base64 below video", done(video={"b64": base64.b64encode(MP4).decode()}))
film("in base64 as data", {"data": [{"b64_json": base64.b64encode(MP4).decode()}]})
film("in a data URI", done(url="data:video/mp4;base64," + base64.b64encode(MP4).decode()))
film("the body is the film", MP4, content_type="video/mp4")
film("the body is the film, of no type", MP4, content_type="application/octet-stream")
film(
    "a picture that moves instead",
    done(url="{base}/x.gif"),
    {
        "/x.gif": File(
            MOVING.getvalue(),
            200,
            {},
            "image/gif",
        )
    },
    films=0,
    pictures=("red",),
)
film(
    "a page, then the film",
    done(url=V),
    {"/v.mp4": [File(b"<html>wait</html>", 200, {}, "text/html"), File(MP4, 200, {}, "video/mp4")]},
)
film("sent on to a store", done(url="{base}/go"), {"/go": File(b"", 302, {"location": "/v.mp4"})})
film("list of addresses only", {"status": "succeeded", "output": [V]})
film("an address of text", {"status": "succeeded", "output": V})
film(
    "below result and content",
    {"task": {"status": "SUCCEED", "result": {"content": {"video_url": V}}}},
)
film(
    "in an array of assets",
    done(assets=[{"type": "image", "url": "{base}/p.png"}, {"type": "video", "url": V}]),
    pictures=("green",),
)
film(
    "by its media type",
    done(
        files=[
            {"mime_type": "image/png", "url": "{base}/p.png"},
            {"mime_type": "video/mp4", "url": V},
        ]
    ),
    pictures=("green",),
)
film(
    "without an ending", done(url="{base}/files/77"), {"/files/77": File(MP4, 200, {}, "video/mp4")}
)
film(
    "a playlist: it is named",
    done(url="{base}/v.m3u8"),
    {
        "/v.m3u8": File(
            b"#EXTM3U\n#EXTINF:4,\nseg0.ts\n#EXT-X-ENDLIST\n",
            200,
            {},
            "application/vnd.apple.mpegurl",
        )
    },
    films=0,
    error="DownloadError",
    words=("v.m3u8",),
)


def spoken(name: str, content: Any, films: int = 1, **right: Any) -> None:
    """Add a film in the answer to a chat."""
    row(f"Film in a chat: {name}", CHAT, chat(content), FILES, films=films, **right)


spoken("a link", "[video]({base}/v.mp4)")
spoken("as if it were a picture", "![cat]({base}/v.mp4)")
spoken("a source element", '<video controls><source src="{base}/v.mp4" type="video/mp4"></video>')
spoken("its poster in the element", '<video src="{base}/v.mp4" poster="{base}/p.png"></video>')
spoken("a part of a message", [{"type": "video_url", "video_url": {"url": V}}])
spoken("a file with its type", [{"type": "file", "file": {"url": V, "mime_type": "video/mp4"}}])
spoken("bare, in Chinese", "视频已生成：{base}/v.mp4，请尽快保存")
spoken(
    "a poster and a link to play",
    "![cover]({base}/p.png)\n\n[▶ 播放]({base}/v.mp4)",
    pictures=("green",),
)
row(
    "Film in a chat: beside a picture that was asked for",
    CHAT,
    chat("![still]({base}/still.png)\n\n[video]({base}/v.mp4)"),
    FILES | {"/still.png": RED},
    films=1,
    pictures=("red",),
)
