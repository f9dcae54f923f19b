"""Messages of a notebook's session, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "no_variable": (
        "{{{name}}} in the prompt is not a variable. Nothing was sent.",
        "提示词中的 {{{name}}} 没有对应的变量。没有发送任何请求。",
    ),
    "f_string": (
        'Put an f before the quotes, f"… {{{name}}} …", or write {{{{{name}}}}} to send the braces.',
        '请在引号前加 f，即 f"… {{{name}}} …"；如果要原样发送花括号，请写 {{{{{name}}}}}。',
    ),
    "literal_braces": (
        "To send the braces as they are, write {{{{{name}}}}}.",
        "如果要原样发送花括号，请写 {{{{{name}}}}}。",
    ),
    "key_spent": ("{spend:.4g} USD spent", "已用 {spend:.4g} 美元"),
    "key_spent_of": ("{spend:.4g} of {most:.4g} USD spent", "已用 {spend:.4g} / {most:.4g} 美元"),
    "key_most": ("{most:.4g} USD at most", "上限 {most:.4g} 美元"),
    "ended_with": (" (it ended with {one_line})", "（结束原因：{one_line}）"),
    "asks_function": (
        "it asks for the function {one_line}. {quote}",
        "模型要求调用函数 {one_line}。{quote}",
    ),
    "cancelled": ("It was cancelled.", "已取消。"),
    "awaited_twice": ("This request was already awaited.", "这个请求已经等待过一次。"),
    "cancelled_cost": ("The history shows what it may have cost.", "可能产生的费用见历史记录。"),
    "achat_again": (
        "Call nbext.achat(…) for a new one.",
        "要再问一次，请重新调用 nbext.achat(…)。",
    ),
    "question": (
        "{count:,} {count:request|requests} to {host}, {price}{time}. Send them?",
        "将向 {host} 发送 {count:,} 个请求，{price}{time}。要发送吗？",
    ),
    "price_unknown": ("price unknown", "价格未知"),
    "about_seconds": (", about {seconds:.0f} s", "，约 {seconds:.0f} 秒"),
    "too_many_requests": (
        "{count:,} more {count:request|requests} would bring this kernel to {requests}, but Nbext.max_requests is {most}. {sent}",
        "再发 {count:,} 个请求，此内核的请求总数将达到 {requests}，超过 Nbext.max_requests（{most}）。{sent}",
    ),
    "too_much_money": (
        "{count:,} {count:request|requests} at about {each:g} USD each would bring this kernel to {total:.3g} USD, but Nbext.max_cost is {most_usd:g}. {sent}",
        "{count:,} 个请求每个约 {each:g} 美元，此内核的费用将达到 {total:.3g} 美元，超过 Nbext.max_cost（{most_usd:g}）。{sent}",
    ),
    "raise_requests": (
        "To allow it: %config Nbext.max_requests = {requests}",
        "如需放宽：%config Nbext.max_requests = {requests}",
    ),
    "raise_cost": (
        "To allow it: %config Nbext.max_cost = {total:.3g}",
        "如需放宽：%config Nbext.max_cost = {total:.3g}",
    ),
    "sweep_too_large": (
        "The sweep has {count:,} drawings; the limit is {most:,}.",
        "这次批量绘制有 {count:,} 次绘图，上限为 {most:,}。",
    ),
    "not_an_axis": ("{name} cannot be an axis of a sweep.", "{name} 不能作为批量绘制的轴。"),
    "empty_axis": ("The axis {name} is empty.", "轴 {name} 没有取值。"),
    "nan_value": (
        "{name} has a missing value, or one that is not a number: {value!r}.",
        "{name} 中有缺失值或非数字：{value!r}。",
    ),
    "table_kinds": (
        "A table is a list of dicts, a data frame, or the path of a CSV file.",
        "表格可以是字典列表、数据框或 CSV 文件的路径。",
    ),
    "table_empty": ("The table has no rows.", "表格没有行。"),
    "drawings": ("{drawings:,} {drawings:drawing|drawings}", "{drawings:,} 次绘图"),
    "recorded": ("{value:,} recorded", "{value:,} 次已有记录"),
    "to_send": ("{new:,} to send to {host}", "{new:,} 次将发送到 {host}"),
    "the_embedded": ("the embedded endpoint", "内置端点"),
    "name_without_values": (
        "{{{name}}} in the prompt has no values.",
        "提示词中的 {{{name}}} 没有取值。",
    ),
    "axis_values": ('Add values: {name}=["…"]', '请给出取值：{name}=["…"]'),
    "row_differs": (
        "Row {number} of the table differs from the first in: {lacks}.",
        "表格第 {number} 行与第一行的列不同：{lacks}。",
    ),
    "row": ("Row {number}: {name}", "第 {number} 行：{name}"),
    "about_usd": ("about {cost:.3g} USD", "约 {cost:.3g} 美元"),
    "seconds_each": ("about {seconds:.0f} s each", "每次约 {seconds:.0f} 秒"),
    "table_unreadable": ("{table} cannot be read: {value}.", "无法读取 {table}：{value}。"),
    "give_values": ('Add them: {name}=["…", "…"]', '请给出：{name}=["…", "…"]'),
    "cut_value": ("{value}… ({count:,} characters)", "{value}…（共 {count:,} 个字符）"),
    "form_file": (
        "+ {field}: {filename}, {count:,} bytes",
        "+ {field}：{filename}，{count:,} 字节",
    ),
    "unknown_model": (
        "\n{model} is not a known model, so its options are sent unchecked. A family in nbext.toml describes it; %models lists the models of the endpoint.",
        "\n没有关于 {model} 的资料，选项会原样发送，不作检查。可在 nbext.toml 中用 families 描述它；%models 列出端点的模型。",
    ),
    "dry_run_end": (
        "\n{endpoint}, wire format {wire}, {takes} {takes:time|times}{price}. Nothing was sent.",
        "\n{endpoint}，接口格式 {wire}，{takes} 次{price}。没有发送任何请求。",
    ),
    "listed_all_the_same": (
        "The endpoint does list this model. Try again later, or try another model.",
        "端点的模型列表中有这个模型。请稍后重试，或换一个模型。",
    ),
    "use_successors": ("Use {names}. {remedy}", "请使用 {names}。{remedy}"),
    "use_async": (
        "{host} also lists {variant}, which answers with a job at once; the next request for {model} goes there. {remedy}",
        "{host} 还提供 {variant}，它会立即返回任务；下一次请求 {model} 时将改用它。{remedy}",
    ),
    "async_variant": (
        "{host} has cut off long requests for {model}, so {variant} is asked: it answers with a job at once.",
        "{host} 曾中断 {model} 的长时间请求，因此改用 {variant}：它会立即返回任务。",
    ),
    "unclear_notebook": (
        "{names} start alike, so it is unclear which notebook is running. The history is kept in {history}. To name the notebook, set NBEXT_NOTEBOOK={first} in the environment.",
        "{names} 开头相同，无法确定正在运行的是哪一个。历史记录保存在 {history}。请用环境变量 NBEXT_NOTEBOOK={first} 指明笔记本。",
    ),
    "history_renamed": (
        "The history folder {folder} was renamed to {own}, like its notebook.",
        "历史记录文件夹 {folder} 已随笔记本改名为 {own}。",
    ),
    "history_keeps_name": (
        "The history of {notebook} is still in {folder}, its former name.",
        "{notebook} 的历史记录仍保存在旧名称的文件夹 {folder} 中。",
    ),
    "answer_unprocessed": (
        "The answer from {host} could not be processed: {reason}.",
        "无法处理 {host} 的应答：{reason}。",
    ),
    "too_many_rounds": (
        "The model still calls functions after {rounds} {rounds:round|rounds}.",
        "模型在 {rounds} 轮之后仍在调用函数。",
    ),
    "unchanged": (
        "@{number}: {model} returned the picture unchanged.",
        "@{number}：{model} 原样返回了图片，没有修改。",
    ),
    "allow_rounds": (
        "Allow more rounds with --rounds.",
        "可用 --rounds 允许更多轮。",
    ),
    "more_expected": (
        "@{number}: there may be more to this answer: {message}",
        "@{number}：应答可能不完整：{message}",
    ),
    "report_bug": (
        "Everything that arrived is kept in the history. Please report the error below.",
        "已收到的内容都保存在历史记录中。请反馈下面的错误。",
    ),
    "unchecked": ("The picture could not be checked: {error}.", "无法检查图片：{error}。"),
    "unshown_format": (
        "@{number}: notebooks cannot show {upper} pictures. The bytes are stored as received; d.save() writes them to a file.",
        "@{number}：笔记本无法显示 {upper} 图片。数据已按原样保存；d.save() 可写入文件。",
    ),
    "no_film": ("{name} is not a film.", "{name} 不是视频。"),
    "no_frames": (
        "A frame cannot be taken from a film here.",
        "这里无法从视频中截取画面。",
    ),
    "take_frame": (
        "Save it as a picture, and give that: ffmpeg -ss {seconds} -i {path} -frames:v 1 frame.png",
        "请先存为图片，再用作参考图：ffmpeg -ss {seconds} -i {path} -frames:v 1 frame.png",
    ),
    "not_a_picture": (
        "The endpoint sent a {upper} file instead of a picture.",
        "端点返回的是 {upper} 文件，而不是图片。",
    ),
    "draft_kept": (
        "@{number}: its last preview is kept as a draft. It is not the result.",
        "@{number}：保留了最后一张预览作为草稿，它不是结果。",
    ),
    "kept_as_received": (
        "@{number}: {message} It is stored as received.",
        "@{number}：{message}已按收到的原样保存。",
    ),
    "file_kept": ("It is kept: {path}", "文件已保存：{path}"),
    "checking_picture": ("checking whether it is a picture", "正在检查是不是图片"),
    "job_continues": (
        " The job continues on the endpoint: {code} picks it up again.",
        " 任务仍在端点上继续：{code} 可继续跟进。",
    ),
    "link_known": (
        " The picture is ready: run the cell again, or {code}, to fetch it without paying again.",
        " 图片已生成：重新运行该单元格，或运行 {code}，即可取回，不会再次付费。",
    ),
    "interrupted": (
        "\u001b[31mKeyboardInterrupt\u001b[0m: stopped. A paid endpoint may still bill it.",
        "\u001b[31mKeyboardInterrupt\u001b[0m：已停止。付费端点仍可能计费。",
    ),
    "cannot_plan": (
        "This cannot be planned without waiting for another request.",
        "需要先等待另一个请求，无法预先安排。",
    ),
    "look_fetch": (
        "history[{number}].fetch() checks again, free of charge.",
        "history[{number}].fetch() 可再次查询，不收费。",
    ),
    "job_without_status": (
        "{host} accepted job {id} but does not report its progress{status}.",
        "{host} 接受了任务 {id}，但不提供进度{status}。",
    ),
    "look_video": (
        "%video @{number} checks again, free of charge.",
        "%video @{number} 可再次查询，不收费。",
    ),
    "page_timeout": (
        "The page that should link to the picture did not do so within {total:g} s.",
        "结果页面在 {total:g} 秒内没有给出图片。",
    ),
    "no_such_job": ("The endpoint does not know this job.", "端点上没有这个任务。"),
    "film_unavailable": (
        "Job {id} is done, but its film is not available: {message}",
        "任务 {id} 已完成，但无法取得视频：{message}",
    ),
    "check_log": ("Check the relay's log for it. {again}", "请查看中转站的日志中是否有它。{again}"),
    "no_reason": ("the endpoint gives no reason", "端点没有说明原因"),
    "job_failed": ("The job failed: {why}", "任务失败：{why}"),
    "see_page": (
        "See whether it does by now: {url} {again}",
        "可查看现在是否已有图片：{url} {again}",
    ),
    "job_timeout": (
        'Job {id} did not finish within {total:g} s; its last status was "{word}".',
        "任务 {id} 在 {total:g} 秒内没有完成，最后的状态是“{word}”。",
    ),
    "picture_failed": ("The picture failed: {value}", "图片生成失败：{value}"),
    "page_not_json": ("the page is not JSON", "结果页面不是 JSON"),
    "page_without_picture": ("the page links to no picture", "结果页面没有图片"),
    "url_not_recorded": (
        '{public_url} is not recorded with this prompt, and Nbext.replay is "only", so nothing is fetched.',
        '{public_url} 没有与此提示词一起记录，而 Nbext.replay 为 "only"，因此不会下载。',
    ),
    "kind_not_an_image": (
        "An object of type {name} is not an image.",
        "{name} 类型的对象不是图片。",
    ),
    "not_an_image": ("{source} ({name}) is not an image.", "{source}（{name}）不是图片。"),
    "run_once": (
        'Run it once with %config Nbext.replay = "restart".',
        '请在 %config Nbext.replay = "restart" 下运行一次。',
    ),
    "image_kinds": (
        "Use a drawing, @3, a path, a URL, bytes, a PIL image, an array or a figure.",
        "可以是绘图、@3、路径、网址、字节、PIL 图像、数组或 figure。",
    ),
    "unknown_format": (
        "{source} is not in a known picture format.",
        "{source} 不是已知的图片格式。",
    ),
    "not_a_drawing": ("{value!r} is not a drawing.", "{value!r} 不是一次绘图。"),
    "no_such_reference": ("{name} does not exist: {error}.", "找不到 {name}：{error}。"),
    "several_drawings": ("{source} holds {count} drawings.", "{source} 包含 {count} 次绘图。"),
    "too_large": ("{name} is larger than {value} MB.", "{name} 超过 {value} MB。"),
    "no_such_picture": (
        "The picture {name!r} cannot be read: {value}.",
        "无法读取图片 {name!r}：{value}。",
    ),
    "known_formats": (
        "Supported are PNG, JPEG, WebP, GIF, AVIF and SVG pictures, and MP4 and WebM films.",
        "支持 PNG、JPEG、WebP、GIF、AVIF、SVG 图片以及 MP4、WebM 视频。",
    ),
    "continue_last": ('For the last one: continues="@-1"', '最近一次：continues="@-1"'),
    "name_one": ("Choose one: {source}[0]", "请指明其中一个：{source}[0]"),
    "array_no_picture": (
        "The array {source} is not an image: {error}.",
        "数组 {source} 不是图像：{error}。",
    ),
    "reference_kinds": (
        "Name a variable, a path, a URL, or a drawing such as @3.",
        "请给出变量、路径、网址，或 @3 这样的绘图编号。",
    ),
    "array_shapes": (
        "Use an array of shape (height, width), (…, 3) or (…, 4), as uint8 or as floats from 0 to 1.",
        "数组形状应为 (height, width)、(…, 3) 或 (…, 4)，类型为 uint8 或 0 到 1 的浮点数。",
    ),
    "new_without_picture": (
        "The new drawing @{number} has no picture to continue with.",
        "新绘图 @{number} 没有图片，无法继续。",
    ),
    "again_several": (
        "again() takes no {name} when several requests are sent again.",
        "再次发送多个请求时，again() 不接受 {name}。",
    ),
    "conversation_missing": (
        "@{number} continues a conversation that is not in this history.",
        "@{number} 接续的对话不在这份历史记录中。",
    ),
    "again_one": (
        "For one request: drawing.again({name}=…)",
        "对单个请求：drawing.again({name}=…)",
    ),
    "nest_asyncio_loses": (
        "nest-asyncio is active in this kernel; it loses the cells queued behind a waiting one.",
        "此内核启用了 nest-asyncio，它会丢失排在等待单元格之后的单元格。",
    ),
    "wait_inside": (
        "A drawing cannot wait for another drawing in this way.",
        "不能在一次绘图中这样等待另一次绘图。",
    ),
    "nested_loop": (
        'Nbext.runner = "nested" does not work with the event loop of {module}.',
        'Nbext.runner = "nested" 不支持 {module} 的事件循环。',
    ),
    "restart_without": (
        "Restart without nest_asyncio.apply(); nest_asyncio2.apply() works.",
        "请重启内核并去掉 nest_asyncio.apply()；nest_asyncio2.apply() 没有问题。",
    ),
    "needs_nest2": (
        'Nbext.runner = "nested" needs nest-asyncio2 with ipykernel 7 and later.',
        '在 ipykernel 7 及以上版本中，Nbext.runner = "nested" 需要 nest-asyncio2。',
    ),
    "await_it": ("Await nbext.adraw(…) instead.", "请改用 await nbext.adraw(…)。"),
    "use_thread": ('Use Nbext.runner = "thread".', '请使用 Nbext.runner = "thread"。'),
    "install_nest2": (
        'Install nest-asyncio2, or use Nbext.runner = "thread".',
        '请安装 nest-asyncio2，或使用 Nbext.runner = "thread"。',
    ),
    "takes_failed": (
        "{count} of {takes} takes failed: {message}",
        "{takes} 张中有 {count} 张失败：{message}",
    ),
    "declined": (
        "{count} {count:request was|requests were} not sent, as you answered no.",
        "你选择了不发送，{count} 个请求均未发送。",
    ),
    "nothing_to_fetch": (
        "There is nothing to fetch for drawing @{number}: it has no job and no link.",
        "绘图 @{number} 没有可取回的内容：没有任务，也没有链接。",
    ),
    "new_instead": ("{reason} A new request is sent.", "{reason}将发送新的请求。"),
    "no_price": (
        "The price of this model is unknown, so Nbext.max_cost ({most_usd:g} USD) cannot be kept. {sent}",
        "此模型的价格未知，因此无法遵守 Nbext.max_cost（{most_usd:g} 美元）。{sent}",
    ),
    "limit_requests": (
        "Set Nbext.prices, or a limit for the number of requests: NBEXT_MAX_REQUESTS=20",
        "请设置 Nbext.prices，或限制请求数：NBEXT_MAX_REQUESTS=20",
    ),
    "outside_root": (
        "{path} is outside of {root}, the folder that tools may work in.",
        "{path} 不在 {root} 之内，工具只能在该目录中工作。",
    ),
    "no_such_notebook": ("There is no notebook {path}.", "没有笔记本 {path}。"),
    "existing_notebook": (
        "Name one that exists, by its path below {root}.",
        "请给出 {root} 下已有笔记本的路径。",
    ),
    "give_text": (
        "Make it text: {name} = str(…). A picture goes with -i {name}, or images=[…].",
        "请转换为文本：{name} = str(…)。图片请用 -i {name} 或 images=[…]。",
    ),
    "unanswered": (
        "{count} requests have had no answer, and some may have been billed: {numbers}. New ones are sent.",
        "{count} 个请求没有得到应答，其中一些可能已计费：{numbers}。将发送新的请求。",
    ),
    "relay_stands_for": (
        "relay.example stands for your endpoint: the embedded one is inside the notebook's kernel",
        "relay.example 代表你的端点：内置端点运行在笔记本的内核里",
    ),
    "not_a_schema": ("{text}{value} is not a schema{why}.", "{text}{value} 不是 schema{why}。"),
    "outside_schema": (
        "{uri} is outside the schema, and nothing is fetched",
        "{uri} 不在 schema 之内，且不会从网络获取",
    ),
    "schema_kinds": (
        "Use a JSON schema, a dataclass, a msgspec struct or a pydantic model.",
        "可以是 JSON schema、dataclass、msgspec struct 或 pydantic 模型。",
    ),
    "no_shape": ("it does not describe a structure", "它不描述结构"),
    "invalid_schema": ("The schema is not valid: {why}.", "schema 无效：{why}。"),
    "wrong_shape": (
        "The answer does not have the shape {name}: {reason}.",
        "应答不符合结构 {name}：{reason}。",
    ),
    "keep_to_schema": (
        "Try again, or use a model that follows schemas.",
        "请重试，或使用支持结构化输出的模型。",
    ),
    "not_a_function": ("{function!r} is not a function.", "{function!r} 不是函数。"),
    "tool_like": (
        'Pass a Python function, or a tool of the endpoint such as {"type": "web_search"}.',
        '请传入 Python 函数，或端点自带的工具，如 {"type": "web_search"}。',
    ),
    "nobody_to_ask": ("{question} There is no one to ask here.", "{question}这里无法询问用户。"),
    "not_a_tool": ("{name} cannot be a tool: {error}.", "{name} 不能作为工具：{error}。"),
    "allow_yes": ("Allow it with --yes.", "可用 --yes 允许。"),
    "annotate": (
        "Annotate its arguments with str, int, float, bool, list, dict or a dataclass.",
        "请为参数标注类型：str、int、float、bool、list、dict 或 dataclass。",
    ),
    "run_function": ("The model wants to call {shown}. Run it?", "模型要调用 {shown}。要运行吗？"),
    "not_a_ratio": ("{text!r} is not a ratio like 2:3", "{text!r} 不是 2:3 这样的比例"),
    "prompt_not_text": (
        "A prompt must be text, not {prompt}.",
        "提示词必须是文本，而不是 {prompt}。",
    ),
    "prompt_empty": ("The prompt is empty.", "提示词是空的。"),
    "bad_format": (
        "{format!r} is not a format. Use one of {names}.",
        "{format!r} 不是可用的格式。可用：{names}。",
    ),
    "bad_rounds": (
        "{rounds!r} rounds are not possible: use a whole number from 1 up.",
        "轮数 {rounds!r} 无效：请用不小于 1 的整数。",
    ),
    "bad_seconds": (
        "{seconds!r} is not a number of seconds: use a whole number from 1 up.",
        "秒数 {seconds!r} 无效：请用不小于 1 的整数。",
    ),
    "bad_takes": ("{value!r} takes are not possible.", "张数 {value!r} 无效。"),
    "bad_params": (
        '{value!r} is not a table of fields: params={{"style": "ink"}}',
        '{value!r} 不是字段表：params={{"style": "ink"}}',
    ),
    "looks_like_key": (
        "{name} contains what looks like a key. All fields of a request are recorded, so it is refused.",
        "{name} 中有疑似密钥的内容。请求的所有字段都会被记录，因此拒绝发送。",
    ),
    "no_argument": ("{verb}() has no argument {name!r}.", "{verb}() 没有参数 {name!r}。"),
    "takes_not_whole": (
        "n must be a whole number from 1 to {most}, not {value!r}.",
        "n 必须是 1 到 {most} 的整数，而不是 {value!r}。",
    ),
    "use_str": ("Convert it with str(…).", "请用 str(…) 转换。"),
    "use_decode": ("Convert it with .decode().", "请用 .decode() 转换。"),
    "each_prompt": (
        'Several prompts: nbext.sweep("a {animal}", animal=["cat", "dog"])',
        '多个提示词：nbext.sweep("一只{animal}", animal=["猫", "狗"])',
    ),
    "no_messages": (
        'Pass the text alone: nbext.chat("…", system="…"). continues=d goes on with a conversation.',
        '请只传文本：nbext.chat("…", system="…")。要继续对话，请用 continues=d。',
    ),
    "compare_models": (
        'To compare models: nbext.sweep("a cat", model=["gpt-4o-image", "gpt-image-2"])',
        '对比模型：nbext.sweep("一只猫", model=["gpt-4o-image", "gpt-image-2"])',
    ),
    "say_question": (
        "Write a question: What is in this picture?",
        "请写下问题，例如：图里有什么？",
    ),
    "say_what": ("Write what to draw: a cat with a hat", "请写下要画什么，例如：画只猫"),
    "must_be_text": (
        '{name} must be text: {name}="{example}"',
        '{name} 必须是文本：{name}="{example}"',
    ),
    "bad_aspect": ('{aspect!r} is not a ratio: aspect="2:3"', '{aspect!r} 不是比例：aspect="2:3"'),
    "half_character": (
        "{name} contains half of a character: {object!a}.",
        "{name} 中有半个字符：{object!a}。",
    ),
    "long_number": (
        "{name} contains a number of more than {most} digits.",
        "{name} 中有超过 {most} 位的数字。",
    ),
    "takes_range": ("Use 1 to {MAX_TAKES}.", "可用 1 到 {MAX_TAKES}。"),
    "bad_seed": (
        "{seed!r} is not a seed: use a whole number.",
        "{seed!r} 不能作为种子：请用整数。",
    ),
    "other_encoding": (
        "The text was probably read in the wrong encoding.",
        "文本可能以错误的编码读取。",
    ),
    "other_fields": (
        "Pass a field of the request body in params: params={{{name!r}: {value}}}.",
        "请求体的字段请放入 params：params={{{name!r}: {value}}}。",
    ),
    "with_quote": ("{what}: {quote}", "{what}：{quote}"),
    "without_words": ("{what}, and without any text.", "{what}，也没有文字。"),
    "ask_picture": (
        "Ask for a picture in plain words, or try another model.",
        "请直接说明要画图，或换一个模型。",
    ),
    "ask_film": (
        "Ask for a film in plain words, or try another model.",
        "请直接说明要生成视频，或换一个模型。",
    ),
    "picture_left_out": ("A picture was left out: {error}", "略去一张图片：{error}"),
    "film_left_out": ("A film was left out: {error}", "略去一段视频：{error}"),
    "fetching_picture": ("fetching the picture", "正在下载图片"),
    "fetching_film": ("fetching the film", "正在下载视频"),
    "budget_left": ("{value:.3g} USD", "{value:.3g} 美元"),
    "answered_no_picture": (
        "{model} answered without a picture{why}",
        "{model} 的应答中没有图片{why}",
    ),
    "answered_no_film": ("{model} answered without a film{why}", "{model} 的应答中没有视频{why}"),
    "poster_left_out": ("A still of a film was left out: {error}", "略去一张视频封面：{error}"),
    "fetching_poster": ("fetching the film's still", "正在下载视频封面"),
    "no_threads": (
        "nbext cannot draw or replay cells here, because Python has no threads in a browser.",
        "此处无法绘图或重现单元格：浏览器中的 Python 没有线程。",
    ),
    "open_instead": (
        'To see recorded drawings: nbext.open("NAME.draws")',
        '查看已有的绘图：nbext.open("NAME.draws")',
    ),
    "requests_left": ("{count:,} {count:request|requests}", "{count:,} 个请求"),
}
