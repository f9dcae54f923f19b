"""Sentences that any error may add, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "label": ("Error:", "出错："),
    "stop": (".", "。"),
    "maybe_billed": ("It may have been billed.", "这次请求可能已计费。"),
    "nothing_sent": ("Nothing was sent.", "没有发送任何请求。"),
    "no_memory": ("There is not enough memory.", "内存不足。"),
    "free_memory": (
        "Shut down other kernels, or use smaller pictures, and run it again.",
        "请关闭其他内核，或使用较小的图片，然后重新运行。",
    ),
    "no_stack": (
        "Python's stack is used up: too many functions call one another.",
        "Python 的调用栈已用尽：函数调用层数太多。",
    ),
    "call_higher": (
        "Run it from a cell, or after sys.setrecursionlimit(10_000).",
        "请直接在单元格中运行，或先执行 sys.setrecursionlimit(10_000)。",
    ),
    "check_disk": (
        "Check the disk, the permissions and the number of open files, and run it again.",
        "请检查磁盘、权限和打开的文件数，然后重新运行。",
    ),
    "request_id": ("(request id: {id})", "（请求编号：{id}）"),
    "did_you_mean": ("Did you mean {names}?", "是否想用 {names}？"),
    "no_attribute": ("{owner} has no attribute {name!r}.", "{owner} 没有属性 {name!r}。"),
    "not_settable": ("{owner}.{name} cannot be set.", "{owner}.{name} 不能直接赋值。"),
    "use_instead": ("Use {code}.", "请用 {code}。"),
    "keeps_all": (
        "The history keeps every drawing. To start over, delete its folder; %nbext shows where it is.",
        "历史会保留每一张图。要从头开始，请删除历史文件夹；%nbext 会显示它的位置。",
    ),
    "saves_itself": (
        "The history saves itself. To pass it on, use to_html() or to_zip().",
        "历史会自动保存。要交给别人，请用 to_html() 或 to_zip()。",
    ),
    "adds_itself": (
        "Every drawing is added by itself. To add those of another notebook, use merge().",
        "每张图都会自动加入历史。要加入另一个笔记本的图，请用 merge()。",
    ),
    "opens_another": (
        'To open the history of another notebook, use nbext.open("paper.ipynb").',
        '要打开另一个笔记本的历史，请用 nbext.open("paper.ipynb")。',
    ),
    "sorts_frame": (
        "Its order is fixed. To sort a table of the drawings, use to_frame().",
        "历史的顺序固定不变。要排序，请用 to_frame() 得到表格。",
    ),
    "shows_itself": (
        "To show the drawings, put nbext.history on the last line of a cell.",
        "要显示这些图，请把 nbext.history 写在单元格的最后一行。",
    ),
    "undoes_marks": (
        "To take back a star, tag or note, use nbext.history.undo().",
        "要撤销星标、标签或备注，请用 nbext.history.undo()。",
    ),
    "changes_pixels": ("Use image.{name}(…).", "请用 image.{name}(…)。"),
    "shows_drawing": (
        "To show the drawing, put it on the last line of a cell.",
        "要显示这张图，请把它写在单元格的最后一行。",
    ),
    "upscales": (
        'Use edit("the same, larger", size="2048x2048") with a model that takes a size.',
        '请用 edit("保持不变，放大", size="2048x2048")，并选用支持尺寸的模型。',
    ),
    "on_drawing": ("Use drawing.{name}.", "请用 drawing.{name}。"),
    "on_each": (
        "Use [drawing.{name} for drawing in drawings], or one of them: drawings[0].{name}.",
        "请用 [drawing.{name} for drawing in drawings]，或其中一张：drawings[0].{name}。",
    ),
    "wrong_type": ("{name} must be {kinds}, not {type}.", "{name} 应为{kinds}，而不是 {type}。"),
    "kind_str": ("text", "文本"),
    "kind_path": ("a path", "路径"),
    "kind_drawing": ("a drawing", "一张图"),
    "kind_history": ("a history", "历史"),
    "kind_int": ("a whole number", "整数"),
    "all_of": ("{others} and {last}", "{others}和{last}"),
    "one_of": ("{others} or {last}", "{others} 或 {last}"),
    "comma": (", ", "、"),
}
