"""Reasons why a request is not replayed, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "only": (
        "This notebook shows recorded pictures only and draws no new ones. {reason}",
        "此笔记本只显示已有的图片，不画新图。{reason}",
    ),
    "only_url": (
        "This notebook shows recorded pictures only. {url} is not recorded with this prompt.",
        "此笔记本只显示已有的图片，没有与这个提示词一起记录 {url}。",
    ),
    "none": ("None is recorded for this prompt.", "这个提示词没有已记录的图片。"),
    "sketches": (
        "Only sketches of the embedded endpoint are recorded for this prompt.",
        "这个提示词只有内置端点画的草图。",
    ),
    "failure": (
        "The recorded request for this prompt failed.",
        "这个提示词的请求当时没有成功。",
    ),
    "unanswered": (
        "This prompt was sent, but no answer is recorded.",
        "这个提示词已发送，但没有记录应答。",
    ),
    "damaged": (
        "The pictures recorded as @{number} are missing or changed.",
        "@{number} 的图片缺失或已被改动。",
    ),
    "left": (
        (
            "This notebook shows {number}, which was drawn for the same request, but its history is "
            "missing. Running the cell would cost money again."
        ),
        "此笔记本中有同一请求画出的 {number}，但找不到它的历史记录，再次运行会重复付费。",
    ),
    "left_remedy": (
        (
            "Put the notebook's .draws folder beside it. To draw again: --fresh, or "
            '%config Nbext.replay = "never".'
        ),
        (
            "请把笔记本的 .draws 文件夹放到它旁边。如需重新绘制，请加 --fresh，"
            '或运行 %config Nbext.replay = "never"。'
        ),
    ),
    "default_model": (
        (
            "The cell names no model. It was drawn with {model}, the default at that time; to keep it, "
            "add -m {model}. If you run the cell again, it draws with the current default."
        ),
        (
            "单元格没有指定模型，当时使用的是默认模型 {model}；如需固定，请加 -m {model}。"
            "再次运行将使用现在的默认模型。"
        ),
    ),
    "adopted": (
        (
            "{count} {count:drawing|drawings} of {other} {count:is|are} replayed here, and {count:is|are} now recorded in "
            "{own} as well."
        ),
        "{other} 中的 {count} 次绘图在此重现，并已记入 {own}。",
    ),
    "unnamed": (
        (
            "The kernel cannot tell which notebook this is, so the history is {folder} in the kernel's "
            "working folder. To name the notebook, set NBEXT_NOTEBOOK=PATH in the environment."
        ),
        (
            "内核无法判断这是哪个笔记本，历史记录保存在内核工作文件夹的 {folder} 中。"
            "如需指明，请设置环境变量 NBEXT_NOTEBOOK=路径。"
        ),
    ),
}
