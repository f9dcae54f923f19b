"""What every error may add, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "label": ("Error:", "出错："),
    "maybe_billed": ("It may have been billed.", "这次请求可能已计费。"),
    "request_id": ("(request id: {id})", "（请求编号：{id}）"),
}
