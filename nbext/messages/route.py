"""Sources that an answer is consistent with, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "fields": (
        "consistent with OpenAI's own API: usage, size, quality, background and format are stated",
        "与 OpenAI 官方接口相符：应答写明了用量、尺寸、质量、背景和格式",
    ),
    "codex": (
        "consistent with a ChatGPT or Codex account behind the endpoint",
        "与经由 ChatGPT 或 Codex 账号的通道相符",
    ),
    "sides": (
        "consistent with a source other than OpenAI's own API, whose sides are multiples of 16",
        "与官方接口以外的通道相符：官方接口的边长为 16 的倍数",
    ),
    "usage": (
        "consistent with a simulated usage: tokens are counted, but size and quality are not stated",
        "与模拟的用量相符：有 token 计数，却未写明尺寸和质量",
    ),
    "other": (
        "consistent with another model behind the name: the answer names one of another family",
        "与名称背后另有模型相符：应答写的是另一系列的模型",
    ),
}
