"""Messages of the magics, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "doc_draw": (
        "Draw the prompt in the cell's body: ``%%draw [MODEL] [options]``.\n\n    In one line: ``%draw [options] PROMPT``. See ``%%draw --help`` for the options.\n    ",
        "按单元格正文中的提示词画图：``%%draw [MODEL] [选项]``。\n\n    单行写法：``%draw [选项] 提示词``。全部选项见 ``%%draw --help``。\n",
    ),
    "doc_edit": (
        "Change the last drawing as the cell's body says: ``%%edit [MODEL] [options]``.\n\n    With ``--image REF`` that picture is changed instead. See ``%%edit --help``.\n",
        "按单元格正文修改最近一次绘图：``%%edit [MODEL] [选项]``。\n\n    用 ``--image REF`` 指定要修改的图片。全部选项见 ``%%edit --help``。\n",
    ),
    "doc_chat": (
        "Ask a chat model: ``%%chat [MODEL] [options]``; see ``%%chat --help``.",
        "向聊天模型提问：``%%chat [MODEL] [选项]``；全部选项见 ``%%chat --help``。",
    ),
    "doc_respond": (
        "Ask through the Responses endpoint: ``%%respond [MODEL] [--search] [options]``.",
        "通过 Responses 接口提问：``%%respond [MODEL] [--search] [选项]``。",
    ),
    "doc_complete": (
        "Let an instruct model continue a text: ``%%complete [MODEL] [options]``.",
        "让 instruct 模型续写文本：``%%complete [MODEL] [选项]``。",
    ),
    "doc_video": (
        "Make a film: ``%%video [MODEL] [-i REF] [options]``.\n\n    ``%video`` lists the jobs of this notebook, ``%video @3`` resumes one, also after a\n    restart of the kernel.\n",
        "生成视频：``%%video [MODEL] [-i REF] [选项]``。\n\n    ``%video`` 列出此笔记本的任务；``%video @3`` 继续跟进一个任务，内核重启后也可以。\n",
    ),
    "doc_draws": (
        "List running requests; ``%draws cancel 2`` and ``%draws cancel all`` cancel them.",
        "列出进行中的请求；``%draws cancel 2`` 取消一个，``%draws cancel all`` 全部取消。",
    ),
    "doc_nbext": (
        "Show the endpoint, the history and the settings in use; see ``%nbext help`` for more.",
        "显示正在使用的端点、历史记录和设置；其他命令见 ``%nbext help``。",
    ),
    "doc_models": (
        "List the endpoint's models: ``%models [WORD] [--endpoint NAME]``.\n\n    With their capabilities and prices, where the endpoint lists them.\n",
        "列出端点的模型：``%models [WORD] [--endpoint NAME]``。\n\n    端点提供时，同时列出能力和价格。\n",
    ),
    "save_writes": (
        "nbext: with --save PATH, {names} is written next to the code.",
        "nbext：使用 --save PATH 时，{names} 会一并写在代码旁边。",
    ),
    "one_model": (
        "%%{magic} takes one model, not two: {names}.",
        "%%{magic} 只能用一个模型，而不是两个：{names}。",
    ),
    "no_schema": (
        "--schema {name}: no variable and no file has this name.",
        "--schema {name}：没有这个名称的变量或文件。",
    ),
    "schema_not_json": (
        "--schema {name}: the file is not valid JSON: {error}.",
        "--schema {name}：文件不是有效的 JSON：{error}。",
    ),
    "no_tool": (
        "--tools {name}: the notebook has no function of this name.",
        "--tools {name}：笔记本中没有这个函数。",
    ),
    "place_taken": (
        "{place} already exists, and is not the picture that the code reads.",
        "{place} 已存在，且不是代码要读取的图片。",
    ),
    "other_folder": ("Use a --save path in another folder.", "请把 --save 指向其他文件夹。"),
    "bad_value": (
        "The value of Nbext.{name} is not valid Python ({type}).",
        "Nbext.{name} 的值不是有效的 Python（{type}）。",
    ),
    "quote_text": (
        'Put text in quotes: %config Nbext.{name} = "…"',
        '文本需要加引号：%config Nbext.{name} = "…"',
    ),
    "whose": (" ({tool}, its model {model})", " （{tool}，模型 {model}）"),
    "own_prompt": (", its prompt", "，使用其提示词"),
    "no_negative": (", its negative prompt left out", "，略去负面提示词"),
    "like": (
        "like {name}{whose}: {value}{own}{negative}",
        "参照 {name}{whose}：{value}{own}{negative}",
    ),
    "no_note": ("{name} contains no information on how it was made.", "{name} 中没有生成信息。"),
    "only_signer": (
        "It only says who signed it: see nbext.read.",
        "只能看出由谁签名，见 nbext.read。",
    ),
    "references_missing": (
        "{lost} of its reference pictures are not in this history",
        "它的参考图中有 {lost} 张不在这份历史记录中",
    ),
    "defaults": ("default parameters", "默认参数"),
    "export": (
        "export [FILE]: write the history as HTML; --overwrite replaces an existing file",
        "export [FILE]：将历史记录导出为 HTML；--overwrite 覆盖已有文件",
    ),
    "star": (
        "star [@3 …]: star drawings, the last one by default; --off removes the star",
        "star [@3 …]：为绘图加星，默认最近一次；--off 取消加星",
    ),
    "tag": (
        "tag [@3] NAME …: add tags; --off removes them",
        "tag [@3] NAME …：添加标签；--off 移除标签",
    ),
    "note": (
        "note [@3] TEXT: add a note; without text, the note is removed",
        "note [@3] TEXT：添加备注；不写文字则移除备注",
    ),
    "undo": ("undo: undo the last star, tag or note", "undo：撤销最近一次加星、标签或备注"),
    "claims": (
        "claims: list requests that may be billed without a picture, for the relay's support",
        "claims：列出可能已计费却没有图片的请求，可发给中转站客服",
    ),
    "key": (
        "key [BASE_URL]: ask for a key in a hidden prompt",
        "key [BASE_URL]：在隐藏的输入框中输入密钥",
    ),
    "notebook": (
        "notebook NAME: set which notebook the history belongs to",
        "notebook NAME：设置历史记录属于哪个笔记本",
    ),
    "help": (
        "help [NAME]: show this, or explain an error, option, magic or setting",
        "help [名称]：显示此帮助，或解释一个错误、选项、魔法命令或设置",
    ),
    "history_in": ("history: {folder}", "历史记录：{folder}"),
    "spent_usd": (" · {spent:.3f} USD", " · {spent:.3f} 美元"),
    "key_on_line": (
        "%nbext key takes a base URL only; it asks for the key in a hidden prompt.",
        "%nbext key 只接受基础网址；密钥在隐藏的输入框中输入。",
    ),
    "command_extra": (
        "%nbext {command}: unexpected {word!r}.",
        "%nbext {command}：多余的 {word!r}。",
    ),
    "tag_missing": ("%nbext tag needs a tag.", "%nbext tag 需要一个标签。"),
    "one_name": ("%nbext notebook takes one name.", "%nbext notebook 接受一个名称。"),
    "no_folder": ("There is no folder {parent}.", "没有文件夹 {parent}。"),
    "no_model_matches": ("No model name contains {names!r}.", "没有名称包含 {names!r} 的模型。"),
    "sent_by_kernel": ("sent by this kernel", "此内核已发送"),
    "command_option": (
        "%nbext {command} has no option {partition}.",
        "%nbext {command} 没有选项 {partition}。",
    ),
    "take_key_out": (
        "If the key was on the line, remove it from the cell.",
        "如果密钥写在了这一行，请从单元格中删去。",
    ),
    "status_line": (
        "%nbext: show what is in use\n",
        "%nbext：显示正在使用的端点、历史记录和设置\n",
    ),
    "models_all": ("%models lists all.", "%models 列出全部模型。"),
    "unmarked": ("no star, tag or note", "没有加星、标签或备注"),
    "key_at": ("key at {host}", "{host} 的密钥"),
    "budget_left": ("left of the budget", "预算剩余"),
    "no_command": ("%nbext has no command {command!r}.", "%nbext 没有命令 {command!r}。"),
    "see_help": ("See %nbext help.", "见 %nbext help。"),
    "option_as": ("assign the result to a variable", "把结果赋给变量"),
    "option_tools": (
        "functions of the notebook that the model may call",
        "模型可以调用的笔记本函数",
    ),
    "what_video": (
        "Make a film. %video lists jobs, %video @3 resumes one.",
        "生成视频。%video 列出任务，%video @3 继续跟进一个任务。",
    ),
    "what_models": (
        "List the endpoint's models with their capabilities and prices, where it lists them.",
        "列出端点的模型；端点提供时，同时列出能力和价格。",
    ),
    "rest_of_line": ("the rest of the line", "这一行的其余部分"),
    "cell_body": ("the cell's body", "单元格正文"),
    "prompt_below": (
        "Write the prompt in the cell's body, below the line.",
        "提示词请写在这一行下面的单元格正文中。",
    ),
    "instead": ("Use {option}.", "请用 {option}。"),
    "one_side": (
        "{side} is one side only: write {side}x{side}",
        "{side} 只是一条边：请写 {side}x{side}",
    ),
    "not_a_model": ("{word} is a picture, not a model.", "{word} 是图片，不是模型。"),
    "as_reference": ("Write -i {word}", "请写 -i {word}"),
    "no_option": ("{prog} has no option {name}.", "{prog} 没有选项 {name}。"),
    "not_key_value": ("{text!r} is not KEY=VALUE", "{text!r} 不是 KEY=VALUE 的形式"),
    "key_in_cell": (
        "{name} looks like a key: never write keys in a cell, use %nbext key",
        "{name} 看起来像密钥：不要把密钥写在单元格里，请使用 %nbext key",
    ),
    "name_in_use": (
        "--as {name} would replace {name}, which the notebook needs. Nothing was sent.",
        "--as {name} 会覆盖笔记本要用的 {name}。没有发送任何请求。",
    ),
    "other_name": ("Choose another name.", "请换一个名称。"),
    "not_a_name": ("{text!r} is not a variable name", "{text!r} 不是变量名"),
    "not_positive": (
        "{text!r} is not a whole number of 1 or more",
        "{text!r} 不是大于等于 1 的整数",
    ),
    "prompt_is": (
        "{what} The prompt is {prompt}. {{name}} inserts a variable.",
        "{what}提示词是{prompt}，其中 {{name}} 会替换为变量的值。",
    ),
    "option_models": ("the model; several -m are compared", "模型；写多个 -m 可以对比"),
    "option_image": (
        "a reference picture (repeatable): a variable, takes[0], a path, a URL, @3, @3.2, @-1",
        "参考图（可重复）：变量、takes[0]、路径、网址、@3、@3.2、@-1",
    ),
    "option_param": (
        "another field of the request body, as JSON or plain text (repeatable)",
        "请求体的其他字段，JSON 或纯文本（可重复）",
    ),
    "option_continue": (
        "continue the conversation of the last drawing, or of REF",
        "接续最近一次绘图或 REF 的对话",
    ),
    "option_seed": ("a seed, for models that take one", "随机种子（限支持的模型）"),
    "option_system": ("a system message", "系统消息"),
    "option_via": (
        "the wire format to use instead of the model's own: chat, responses, images, gemini, …",
        "代替模型默认的接口格式：chat、responses、images、gemini……",
    ),
    "option_endpoint": ("an endpoint from the settings, or embedded", "设置中的端点，或 embedded"),
    "option_style": ("a saved prompt template", "已保存的提示词模板"),
    "option_save": ("also write the result to a file", "同时把结果写入文件"),
    "option_fresh": ("always send a new request", "总是发送新的请求"),
    "option_no_wait": (
        "return at once; the result appears when it is ready",
        "立即返回，结果完成后显示",
    ),
    "option_dry_run": ("show the request without sending it", "只显示请求，不发送"),
    "option_code": ("show the request as code without sending it", "把请求显示为代码，不发送"),
    "option_help": ("show this help", "显示此帮助"),
    "what_chat": ("Ask a chat model.", "向聊天模型提问。"),
    "what_respond": (
        "Ask through the Responses endpoint. Pictures it draws are added to the history.",
        "通过 Responses 接口提问，画出的图片会加入历史记录。",
    ),
    "what_complete": ("Let an instruct model continue a text.", "让 instruct 模型续写文本。"),
    "option_video": (
        "a film to look at: a variable, a path or a URL",
        "要查看的视频：变量、路径或网址",
    ),
    "option_schema": (
        "the structure of the answer: a variable or a file",
        "应答的结构：变量或文件",
    ),
    "option_yes_tools": ("run the functions without asking", "运行函数前不询问"),
    "option_rounds": (
        "how many rounds of function calls are allowed (default: 8)",
        "允许调用函数的轮数（默认 8）",
    ),
    "option_aspect_video": ("the aspect ratio: 16:9", "画幅比例：16:9"),
    "option_size_video": ("the size in pixels: 1280x720", "像素尺寸：1280x720"),
    "option_seconds": ("the length in seconds", "时长（秒）"),
    "what_draw": ("Draw a picture.", "画一张图。"),
    "what_edit": (
        "Change the last drawing, or the pictures given with --image.",
        "修改最近一次绘图，或 --image 指定的图片。",
    ),
    "what_sweep": (
        "Draw a grid: every combination of the values of its axes.",
        "画一个网格：各轴取值的全部组合。",
    ),
    "option_takes": ("how many takes to draw, at the same time", "同时画几张"),
    "option_yes": ("send many requests without asking first", "发送许多请求前不询问"),
    "option_mask": (
        "a picture of the same size, transparent where the picture may change",
        "同样尺寸的图片，透明处允许修改",
    ),
    "option_aspect": ("the aspect ratio: 2:3", "画幅比例：2:3"),
    "option_size": (
        "the size: 1024x1536 in pixels, or a name that the model knows",
        "尺寸：像素 1024x1536，或模型支持的名称",
    ),
    "option_quality": (
        "the quality, in the model's words: low, medium, high",
        "质量，按模型的说法：low、medium、high",
    ),
    "option_format": ("the file format of the picture", "图片的文件格式"),
    "option_like": (
        "a picture file, or a drawing such as @3, to take the prompt, model and parameters from",
        "从这个图片文件或 @3 这样的绘图读取提示词、模型和参数",
    ),
    "not_an_axis": ("{text!r} is not NAME=VALUE,VALUE", "{text!r} 不是 NAME=VALUE,VALUE 的形式"),
    "option_axis": (
        "values for a variable of the prompt, an option or a field (repeatable)",
        "提示词变量、选项或字段的取值（可重复）",
    ),
    "option_word": ("only models with this word in their names", "只列出名称包含此词的模型"),
    "option_endpoint_models": ("an endpoint from the settings", "设置中的端点"),
    "bad_suffix": ("{prog}: cannot save as .{suffix}.", "{prog}：不能保存为 .{suffix}。"),
    "extra_word": ("{prog}: unexpected {word!r} on the line.", "{prog}：这一行有多余的 {word!r}。"),
    "never_a_key": (
        "Never write a key in a cell: it would be saved with the notebook.",
        "不要把密钥写在单元格里：它会随笔记本一起保存。",
    ),
    "see_options": ("See {prog} --help.", "见 {prog} --help。"),
    "option_model": ("the model", "模型"),
    "option_search": ("allow web search", "允许联网搜索"),
    "open_quote_line": (
        "A quote on the line is not closed: {line}",
        "这一行的引号没有闭合：{line}",
    ),
    "late_option": (
        "{option} stands behind the prompt, so it would be sent as part of it. Nothing was sent.",
        "{option} 写在了提示词之后，会被当作提示词的一部分。没有发送任何请求。",
    ),
    "options_first": (
        "Write options first: {magic} {option} … PROMPT. To send it as text, use %{magic}, with the prompt in the cell's body.",
        "请把选项写在前面：{magic} {option} … 提示词。如需作为文字发送，请用 %{magic}，把提示词写在单元格正文中。",
    ),
    "open_quote": ("A quote is not closed: {text}", "引号没有闭合：{text}"),
    "suffixes": (
        "--save takes {names}, or a path without a suffix.",
        "--save 可用 {names}，或不带扩展名的路径。",
    ),
    "not_text": ("{{{name}}} is a {type}, not text.", "{{{name}}} 是 {type}，不是文本。"),
    "value_not_json": (
        "the value of {name} is not valid JSON: put all of it in quotes, -p '{name}=…' (for text that starts like JSON: -p '{name}=\"…\"')",
        "{name} 的值不是有效的 JSON：请把整体放进引号，-p '{name}=…'（以 JSON 符号开头的文本：-p '{name}=\"…\"'）",
    ),
    "give_image": ("Pass it with -i {name}.", "请用 -i {name} 传入。"),
    "no_style": ("There is no style {style!r}.", "没有风格 {style!r}。"),
    "make_style": (
        'Define one: %config Nbext.styles = {"ink": "{prompt}, ink painting"}',
        '可以定义：%config Nbext.styles = {"ink": "{prompt}，水墨画"}',
    ),
    "cancelled": ("{count:,} {count:request|requests} cancelled", "已取消 {count:,} 个请求"),
    "draws_takes": (
        "%draws {line}: use cancel N or cancel all.",
        "%draws {line}：请用 cancel N 或 cancel all。",
    ),
    "nothing_running": ("No request is running.", "没有进行中的请求。"),
    "no_such_draw": (
        "No running request has the number {number}.",
        "没有编号为 {number} 的进行中请求。",
    ),
    "draws_lists": ("%draws lists them.", "%draws 可列出全部。"),
    "price": ("price", "价格"),
    "until": ("until {shutdown_date}", "到 {shutdown_date}"),
    "no_jobs": ("No jobs.", "没有任务。"),
    "not_a_job": ("%video {line}: this is not a job.", "%video {line}：这不是任务。"),
    "running": ("running", "进行中"),
    "video_lists": (
        "%video lists the jobs; %%video makes a film.",
        "%video 列出任务；%%video 生成视频。",
    ),
    "close_quote": (
        "Close it, or write \\\\' for an apostrophe.",
        "请闭合引号；撇号请写作 \\\\'。",
    ),
    "history": ("history", "历史记录"),
    "doc_sweep": (
        "Draw a grid of requests: ``%%sweep -x style=ink,oil [options]``; see ``%%sweep --help``.",
        "画一个请求网格：``%%sweep -x style=ink,oil [选项]``；全部选项见 ``%%sweep --help``。",
    ),
    "column_model": ("model", "模型"),
    "column_endpoints": ("endpoints", "接口"),
    "column_family": ("family", "系列"),
    "column_note": ("note", "说明"),
    "column_state": ("state", "状态"),
    "column_started": ("started", "开始时间"),
    "column_prompt": ("prompt", "提示词"),
    "failed": ("failed", "失败"),
    "done": ("done", "完成"),
}
