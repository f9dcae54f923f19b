"""The panel's words, in English and Chinese."""

from __future__ import annotations

# key: English, Chinese. {…} are filled in by ``say``.
WORDS: dict[str, tuple[str, str]] = {
    # Compose
    "prompt": ("Prompt", "提示词"),
    "prompt_hint": ("What to draw · Ctrl/⌘-Enter draws", "画什么 · Ctrl/⌘-Enter 开始绘制"),
    "no_prompt": ("Write what to draw first.", "请先写下要画什么。"),
    "model": ("Model", "模型"),
    "style": ("Style", "风格"),
    "no_style": ("none", "无"),
    "aspect": ("Shape", "画幅"),
    "auto": ("auto", "自动"),
    "takes": ("Takes", "张数"),
    "more": ("More options", "更多选项"),
    "less": ("Fewer options", "收起选项"),
    "size": ("Size", "尺寸"),
    "quality": ("Quality", "质量"),
    "format": ("Format", "格式"),
    "seed": ("Seed", "种子"),
    "system": ("System message", "系统消息"),
    "extra": ("Other fields", "其他字段"),
    "extra_hint": ('{"background": "transparent"}', '{"background": "transparent"}'),
    "draw": ("Draw", "绘制"),
    "draw_hint": ("Draw this prompt", "按提示词绘制"),
    "no_object": (
        'Other fields are a JSON object: {"background": "transparent"}',
        '其他字段是一个 JSON 对象：{"background": "transparent"}',
    ),
    "no_seed": ("The seed is a whole number.", "种子是一个整数。"),
    "spent": (
        "This session: {count} sent, {cost:.3g} USD",
        "本次会话：{count} 次，{cost:.3g} 美元",
    ),
    "sent_count": ("This session: {count} sent", "本次会话：{count} 次"),
    "embedded": (
        "The endpoint inside the package: sketches, no key, no cost.",
        "包内端点：只画草图，不需要密钥，不收费。",
    ),
    # Drop zone
    "references": ("Reference pictures", "参考图"),
    "drop": ("Drop, paste or", "拖放、粘贴或"),
    "choose": ("choose pictures", "选择图片"),
    "remove": ("Remove {name}", "移除 {name}"),
    "no_picture": ("{name} is no picture.", "{name} 不是图片。"),
    "too_large": ("{name} is larger than {limit} MB.", "{name} 超过 {limit} MB。"),
    "unanswered": (
        "The kernel did not take {name}; it may be gone.",
        "内核没有接收 {name}；它可能已停止。",
    ),
    "mask_on": ("mask", "蒙版"),
    "no_references": (
        "{model} takes no reference pictures.",
        "{model} 不接受参考图。",
    ),
    # Stage
    "cancel": ("Cancel", "取消"),
    "try_again": ("Try again", "重试"),
    "dismiss": ("Dismiss", "关闭"),
    "empty": ("What you draw appears here.", "画好的图会显示在这里。"),
    "sending": ("sending", "发送中"),
    "queued": ("waiting for its turn", "排队中"),
    "running": ("drawing", "绘制中"),
    "thinking": ("thinking", "思考中"),
    "done": ("done", "完成"),
    "failed": ("failed", "失败"),
    "cancelled": ("Cancelled.", "已取消。"),
    "large": ("Enlarge", "放大"),
    "close": ("Close", "关闭"),
    "take": ("Take {number}", "第 {number} 张"),
    "edit": ("Edit this", "修改此图"),
    "again": ("More like it", "再来一张"),
    "reference": ("Use as reference", "作为参考图"),
    "compare": ("Compare", "对比"),
    "mask": ("Paint a mask", "画蒙版"),
    "star": ("Star", "加星"),
    "unstar": ("Remove star", "取消加星"),
    "copy": ("Copy prompt", "复制提示词"),
    "copied": ("Copied.", "已复制。"),
    "save": ("Save", "保存"),
    "cell": ("Insert as a cell", "插入为单元格"),
    "keep": ("Keep", "保留"),
    "keep_hint": (
        "Keep as an ordinary output under the panel, which needs no widget",
        "作为普通输出保留在面板下方，不依赖小部件",
    ),
    "code": ("Show as code", "显示为代码"),
    "copy_code": ("Copy code", "复制代码"),
    "language": ("Language", "语言"),
    "details": ("Details", "详情"),
    "comes_from": ("Comes from", "来自"),
    "led_to": ("Led to", "衍生出"),
    "family": ("Tree of edits ({count})", "修改脉络（{count}）"),
    "annotations": ("Tags and note", "标签与备注"),
    "tags": ("Tags, with commas between them", "标签，以逗号分隔"),
    "note": ("Note", "备注"),
    "kept": ("Kept under the panel.", "已保留在面板下方。"),
    "edit_hint": ("Say what to change", "说出要修改什么"),
    "saving": ("Saving", "保存中"),
    # Page
    "gone": (
        "The kernel behind this panel is gone. Run this cell again to go on.",
        "此面板背后的内核已停止。请重新运行此单元格。",
    ),
    "instead": ("nbext.Panel: run this cell to use it.", "nbext.Panel：运行此单元格即可使用。"),
    "silent": (
        "The kernel does not answer. If it was restarted, run this cell again.",
        "内核没有响应。如果已重启，请重新运行此单元格。",
    ),
    "inserted": ("Inserted below.", "已插入到下方。"),
    "clipboard": (
        "This notebook lets no cell be inserted: the cell is in the clipboard, paste it.",
        "此处无法插入单元格：已复制到剪贴板，请粘贴。",
    ),
    "no_clipboard": (
        "Neither a cell nor the clipboard can be written here. This is the cell:",
        "此处无法插入单元格，也无法写入剪贴板。单元格内容如下：",
    ),
    "no_widgets": (
        "The panel is made of ipywidgets, which are not shown here. History: {0}. To draw: {1}.",
        "此环境不支持面板所用的 ipywidgets。只看历史：{0}；绘制：{1}。",
    ),
    "busy": (
        "The kernel is busy with a cell: the panel goes on when that has ended.",
        "内核正在运行单元格：结束后面板会继续响应。",
    ),
    "unheard": (
        "The kernel does not hear this page. Reload the page to go on.",
        "内核收不到此页面的消息。请重新加载页面。",
    ),
    # Gallery
    "history": ("History", "历史"),
    "search": ("Search", "搜索"),
    "all_models": ("All models", "全部模型"),
    "all_tags": ("All tags", "全部标签"),
    "starred": ("Starred", "已加星"),
    "since": ("Since", "起始日期"),
    "until": ("Until", "截止日期"),
    "count": ("{count} drawings", "{count} 幅"),
    "count_one": ("1 drawing", "1 幅"),
    "none": ("No drawings yet.", "还没有图。"),
    "none_found": ("Nothing matches.", "没有匹配的图。"),
    "export": ("Export HTML", "导出 HTML"),
    "export_hint": ("Download the history as one page", "将历史下载为一个网页"),
    "exported_beside": (
        "It is too large to download: {path} is beside the notebook.",
        "文件太大，无法下载：已写入笔记本旁的 {path}。",
    ),
    # Compare
    "left": ("Left", "左"),
    "right": ("Right", "右"),
    "divider": ("Divider", "分隔线"),
    # Painter
    "painter": ("Mask: paint where the picture may change", "蒙版：涂抹允许修改的区域"),
    "brush": ("Brush", "画笔"),
    "eraser": ("Eraser", "橡皮"),
    "brush_size": ("Brush size", "笔刷大小"),
    "undo": ("Undo", "撤销"),
    "invert": ("Invert", "反选"),
    "clear": ("Clear", "清除"),
    "zoom_in": ("Zoom in", "放大"),
    "zoom_out": ("Zoom out", "缩小"),
    "use_mask": ("Use mask", "使用蒙版"),
    "painter_keys": (
        "Arrows move, Space paints, [ ] size, E eraser, Z undo, I invert, + - zoom",
        "方向键移动，空格涂抹，[ ] 大小，E 橡皮，Z 撤销，I 反选，+ - 缩放",
    ),
}


def language_of(wanted: str, browser: str) -> str:
    """Choose the language.

    Args:
        wanted: The setting: ``auto``, ``en`` or ``zh``.
        browser: What the browser says, e.g. ``zh-CN``; empty while it has said nothing.

    Example:
        >>> language_of("auto", "zh-Hant-TW"), language_of("en", "zh-CN"), language_of("auto", "")
        ('zh', 'en', 'en')
    """
    if wanted in ("en", "zh"):
        return wanted
    return "zh" if browser.lower().split("-")[0] == "zh" else "en"


def say(language: str, key: str, **values: object) -> str:
    """Give a word or a sentence.

    Example:
        >>> say("zh", "take", number=2)
        '第 2 张'
    """
    text = WORDS[key][1 if language == "zh" else 0]
    return text.format(**values) if values else text


def table(language: str, *keys: str) -> dict[str, str]:
    """Give several at once, for a part's script."""
    return {key: say(language, key) for key in keys}
