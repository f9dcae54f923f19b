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
    "left": (
        (
            "This notebook shows {number}, drawn for the same request, but its history is not here: "
            "it would be paid for again."
        ),
        "此笔记本显示着同一请求画出的 {number}，但它的历史不在这里：再次运行会重复付费。",
    ),
    "left_remedy": (
        (
            "Put the notebook's .draws folder beside it, or draw anew: --fresh in the cell, or "
            '%config Nbext.replay = "never".'
        ),
        (
            "请把笔记本的 .draws 文件夹放到它旁边；或者重新绘制：在单元格中写 --fresh，"
            '或 %config Nbext.replay = "never"。'
        ),
    ),
    "default_model": (
        (
            "The cell names no model and was drawn with {model}, the default then; -m {model} names "
            "it. Run again, it draws with today's default."
        ),
        (
            "单元格没有指定模型，当时的默认模型是 {model}；-m {model} 可指定它。"
            "再次运行则使用现在的默认模型。"
        ),
    ),
    "adopted": (
        (
            "{count} {count:drawing|drawings} of {other} {count:is|are} shown again, and recorded in "
            "{own}, too."
        ),
        "{other} 中的 {count} 幅作品在此重现，并已同时录入 {own}。",
    ),
    "unnamed": (
        (
            "Nobody says which notebook this is: its history is {folder} in the folder that the kernel "
            "runs in. NBEXT_NOTEBOOK=PATH in the environment says it."
        ),
        (
            "不知道这是哪个笔记本：历史记在内核所在文件夹的 {folder} 中。"
            "可用环境变量 NBEXT_NOTEBOOK=路径 指明。"
        ),
    ),
}
