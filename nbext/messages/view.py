"""Messages in the outputs of cells, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "cost": ("{cost:.3g} USD", "{cost:.3g} 美元"),
    "first_of": (
        "\nThe first {count} of {count2} pictures are shown.",
        "\n显示 {count2} 张图片中的前 {count} 张。",
    ),
    "missing": ("{picture_name} is missing", "{picture_name} 缺失"),
    "running": ("{running} running", "{running} 次进行中"),
    "failed": ("{failed} failed", "{failed} 次失败"),
    "spent": ("{spent:.3g} USD", "{spent:.3g} 美元"),
    "seconds_left": ("about {value:.0f} s left", "约剩 {value:.0f} 秒"),
    "elapsed": ("{elapsed:.0f} s", "{elapsed:.0f} 秒"),
    "model_elapsed": ("{escape} · {elapsed:.0f} s", "{escape} · {elapsed:.0f} 秒"),
    "status": ("{model} · {elapsed:.0f} s · {names}", "{model} · {elapsed:.0f} 秒 · {names}"),
    "preview_unreadable": ("The preview {sha256} cannot be read.", "无法读取预览图 {sha256}。"),
    "more": ("… {value} more", "… 另有 {value} 条"),
}
