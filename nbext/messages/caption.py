"""The parts of captions, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "pictures": ("{value} pictures", "{value} 张图"),
    "sounds": ("{value} sounds", "{value} 段声音"),
    "lost": ("{value} left out", "略去 {value} 项"),
    "instead": ("{name} {actual} instead of {requested}", "{name}为 {actual}，而非 {requested}"),
    "count": ("{actual} of {requested} pictures", "请求 {requested} 张，得到 {actual} 张"),
    "mask": (
        "mask not followed: {actual} of the protected pixels changed",
        "未遵循蒙版：受保护的像素有 {actual} 被改动",
    ),
    "model": ("model", "模型"),
    "size": ("size", "尺寸"),
    "aspect": ("aspect", "画幅"),
    "quality": ("quality", "质量"),
    "format": ("format", "格式"),
    "background": ("background", "背景"),
    "seconds": ("seconds", "秒数"),
    "resolution": ("resolution", "分辨率"),
    "fps": ("frames a second", "每秒帧数"),
    "audio": ("sound", "声音"),
    "takes": ("{count} takes", "{count} 张"),
    "span": ("{seconds} s", "{seconds} 秒"),
    "unsent": ("never sent", "从未发送"),
    "sent": ("sent, no answer recorded", "已发送，没有记录应答"),
    "draft": ("a draft, not the result", "草稿，并非结果"),
    "embedded": ("embedded endpoint", "内置端点"),
    "sketch": ("embedded endpoint, a sketch", "内置端点，草图"),
    "earlier": ("made from {value}, an earlier take", "由较早的 {value} 修改而来"),
    "replayed": (
        "replayed from {value} · run again for a new take",
        "重现自 {value} · 再次运行可得新图",
    ),
}
