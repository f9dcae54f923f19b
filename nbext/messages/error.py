"""Sentences that any error may add, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "label": ("Error:", "出错："),
    "stop": (".", "。"),
    "maybe_billed": ("It may have been billed.", "这次请求可能已计费。"),
    "request_id": ("(request id: {id})", "（请求编号：{id}）"),
    "did_you_mean": ("Did you mean {names}?", "是否想用 {names}？"),
    "no_attribute": ("{owner} has no attribute {name!r}.", "{owner} 没有属性 {name!r}。"),
    "all_of": ("{others} and {last}", "{others}和{last}"),
    "one_of": ("{others} or {last}", "{others} 或 {last}"),
    "comma": (", ", "、"),
}
