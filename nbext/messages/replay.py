"""Why a request is not answered from the history, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "only": (
        "This notebook shows recorded pictures only and draws no new ones. {reason}",
        "此笔记本只显示已录好的图片，不画新图。{reason}",
    ),
    "only_url": (
        "This notebook shows recorded pictures only. {url} is not recorded with this prompt.",
        "此笔记本只显示已录好的图片。{url} 没有随这个提示词录下。",
    ),
    "none": ("None is recorded for this prompt.", "这个提示词没有录好的图片。"),
    "sketches": (
        "Only sketches of the embedded endpoint are recorded for this prompt.",
        "这个提示词只录有内置端点的草图。",
    ),
    "failure": (
        "The recorded request for this prompt failed.",
        "这个提示词的请求当时没有成功。",
    ),
    "unanswered": (
        "This prompt was sent, but no answer is recorded.",
        "这个提示词已发送，但没有录到应答。",
    ),
    "damaged": (
        "The pictures recorded as @{number} are missing or changed.",
        "录为 @{number} 的图片缺失或已被改动。",
    ),
}
