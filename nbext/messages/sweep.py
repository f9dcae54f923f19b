"""Messages about sweeps, votes and judges, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "the_embedded_endpoint": ("The embedded endpoint", "内置端点"),
    "no_model": ("{where} does not offer the model {model}.", "{where}没有模型 {model}。"),
    "the_embedded": ("the embedded endpoint", "内置端点"),
    "seconds": ("{seconds:.0f} s", "{seconds:.0f} 秒"),
    "minutes": ("{value:.0f} min", "{value:.0f} 分钟"),
    "recorded": ("{value:,} recorded", "{value:,} 次已有记录"),
    "more_of_kind": (" {more} more of this kind.", "另有 {more} 处同类问题。"),
    "nothing_sent": ("{message}{rest} Nothing was sent.", "{message}{rest}没有发送任何请求。"),
    "price_unknown": ("price unknown", "价格未知"),
    "each": ("about {seconds} each", "每次约 {seconds}"),
    "to_send": ("{new:,} to send to {host}", "{new:,} 次将发送到 {host}"),
    "nothing_to_send": ("nothing to send", "没有需要发送的请求"),
    "about": ("about {seconds}", "约 {seconds}"),
    "worker_key": (
        "A worker has no key for {host}. {reason}",
        "工作进程没有 {host} 的密钥。{reason}",
    ),
    "worker_ended": (
        "The worker that sent the request ended before the answer came: {named}.",
        "发送请求的工作进程在收到应答前结束：{named}。",
    ),
    "other_endpoint": ("Its environment names another endpoint.", "它的环境变量指向另一个端点。"),
    "worker_environment": (
        "Keys are never sent to workers: set NBEXT_BASE_URL and NBEXT_API_KEY where the workers start.",
        "密钥不会发给工作进程：请在工作进程启动处设置 NBEXT_BASE_URL 和 NBEXT_API_KEY。",
    ),
    "run_again": (
        "Run the sweep again: it draws only what is missing.",
        "请再次运行批量绘制：只会绘制缺少的部分。",
    ),
    "executor_closed": (
        "The executor accepts no more tasks: {named}.",
        "执行器不再接受任务：{named}。",
    ),
    "other_executor": (
        "The request was not sent. Run the sweep again with another executor.",
        "请求没有发送。请换一个执行器，再次运行批量绘制。",
    ),
    "prompts": ("{count} prompts", "{count} 个提示词"),
    "twice": (
        "{twice} is both a column of the table and an axis.",
        "{twice} 既是表格的列，又是轴。",
    ),
    "too_large": (
        "The sweep has {count:,} drawings; the limit is {MOST_DRAWINGS:,}.",
        "这次批量绘制有 {count:,} 次绘图，上限为 {MOST_DRAWINGS:,}。",
    ),
    "too_many_requests": (
        "The sweep would send {count:,} {count:request|requests}; max_requests is {most:,}. Nothing was sent.",
        "这次批量绘制要发送 {count:,} 个请求，超过 max_requests（{most:,}）。没有发送任何请求。",
    ),
    "too_much_money": (
        "The sweep would cost {total:.3g} USD; max_cost is {most_usd:g}. {sent}",
        "这次批量绘制要花费 {total:.3g} 美元，超过 max_cost（{most_usd:g}）。{sent}",
    ),
    "sent_no_more": (
        "Nothing more was sent; what is drawn is in the history.",
        "没有再发送请求；已绘制的图片保存在历史中。",
    ),
    "raise_requests": (
        "To allow it, pass max_requests={count}.",
        "如需放宽，请传入 max_requests={count}。",
    ),
    "raise_cost": (
        "To allow it, pass max_cost={total:.3g}.",
        "如需放宽，请传入 max_cost={total:.3g}。",
    ),
    "bad_limit": (
        "{name}={value!r} is not a limit. Use a number above 0.",
        "{name}={value!r} 不是有效的上限。请使用大于 0 的数字。",
    ),
    "no_price_no_limit": (
        "The price of {models} is unknown, so a limit of {most_usd:g} USD cannot be enforced. {sent}",
        "{models} 的价格未知，因此无法遵守 {most_usd:g} 美元的上限。{sent}",
    ),
    "set_price": (
        "Set a price, such as %config Nbext.prices = {prices}, or limit the number of requests.",
        "请设置价格，例如 %config Nbext.prices = {prices}，或限制请求数。",
    ),
    "unknown_axis": (
        "{name} is neither a variable of the prompt nor an option. Nothing was sent.",
        "{name} 既不是提示词的变量，也不是选项。没有发送任何请求。",
    ),
    "slip_or_field": (
        'Did you mean {close}? To send it as a field of the request: **{{"{field}": […]}}',
        '你是指 {close} 吗？如需作为请求字段发送：**{{"{field}": […]}}',
    ),
    "sent_as_field": (
        "{{{name}}} is not in the prompt, so {name} is sent as a field of the request.",
        "提示词中没有 {{{name}}}，因此 {name} 将作为请求的字段发送。",
    ),
    "option_max_requests": (
        "send at most this many requests",
        "最多发送这么多请求",
    ),
    "option_max_cost": (
        "spend at most this much, in US dollars",
        "最多花费这么多美元",
    ),
    "not_on_axis": ("The axis {name} has no value {value!r}.", "轴 {name} 没有取值 {value!r}。"),
    "values_are": ("Its values: {values}.", "其取值：{values}。"),
    "index_by": (
        'Use a place, as in sweep[0], or values by axis, as in sweep[{{"{name}": "…"}}].',
        '请使用位置，如 sweep[0]；或按轴给出取值，如 sweep[{{"{name}": "…"}}]。',
    ),
    "not_an_axis": ("{name} cannot be an axis of a sweep.", "{name} 不能作为批量绘制的轴。"),
    "empty_axis": ("The axis {name} is empty.", "轴 {name} 没有取值。"),
    "axis_values": ('Add values: {name}=["…"]', '请给出取值：{name}=["…"]'),
    "name_without_values": (
        "{{{name}}} in the prompt has no values.",
        "提示词中的 {{{name}}} 没有取值。",
    ),
    "picture_in_text": ("{{{name}}} is a picture, not text.", "{{{name}}} 是图片，不是文本。"),
    "unrecorded": (
        "{count} of {places} places of the sweep cannot be shown. {message}",
        "此次批量绘制的 {places} 处中有 {count} 处无法显示。{message}",
    ),
    "long_axis": (
        "The axis {name} has more than {most:,} values.",
        "轴 {name} 的取值超过 {most:,} 个。",
    ),
    "frame_axis": ("The axis {name} is a data frame.", "轴 {name} 是一个数据框。"),
    "pass_table": (
        "Pass the frame as table=…, or one of its columns as {name}=….",
        "请把数据框作为 table=… 传入，或把其中一列作为 {name}=… 传入。",
    ),
    "doubled_column": ("The table has two columns {name}.", "表格中有两列名为 {name}。"),
    "several_in_text": (
        "A value of {name} is a {type}, and the prompt takes one text or number.",
        "{name} 的一个取值是 {type}，而提示词只接受一段文本或一个数字。",
    ),
    "one_each": ('Give a flat list: {name}=["…", "…"]', '请给出一维列表：{name}=["…", "…"]'),
    "picture_axis": ("Pass it as an axis: images=[…]", "请作为轴传入：images=[…]"),
    "give_values": ('Add them: {name}=["…", "…"]', '请给出：{name}=["…", "…"]'),
    "only_label": (
        "{name} is neither a variable of the prompt nor an option, so it only labels the drawings. To send it, call the column {_FIELD}{name}.",
        "{name} 既不是提示词的变量，也不是选项，因此只用来标注绘图。如需发送，请把列名改为 {_FIELD}{name}。",
    ),
    "table_kinds": (
        "A table is a list of dicts, a data frame, or the path of a CSV file.",
        "表格可以是字典列表、数据框或 CSV 文件的路径。",
    ),
    "table_empty": ("The table has no rows.", "表格没有行。"),
    "missing_value": (
        "{name} has a missing value, or one that is not a number: {value!r}.",
        "{name} 中有缺失值或非数字：{value!r}。",
    ),
    "row_differs": (
        "Row {number} of the table differs from the first in: {lacks}.",
        "表格第 {number} 行与第一行的列不同：{lacks}。",
    ),
    "row": ("Row {number}: {name}", "第 {number} 行：{name}"),
    "unreadable": ("{name} cannot be read: {value}.", "无法读取 {name}：{value}。"),
    "not_utf8": ("{name} is not UTF-8.", "{name} 不是 UTF-8 编码。"),
    "not_csv": ("{name} is not a CSV file: {error}.", "{name} 不是 CSV 文件：{error}。"),
    "long_row": (
        "Row {number} of {name} has more values than columns.",
        "{name} 的第 {number} 行比列数多。",
    ),
    "save_utf8": (
        "Save it as CSV UTF-8, or read it with pandas.",
        "请另存为 CSV UTF-8，或用 pandas 读取。",
    ),
    "blind_several": ("--blind is for several models.", "--blind 用于对比多个模型。"),
    "blind_two": ("Name two: -m MODEL -m MODEL.", "请写两个：-m MODEL -m MODEL。"),
    "option_blind": (
        "for several models: vote before seeing which is which",
        "用于多个模型：先投票，再显示各是哪个模型",
    ),
    "option_table": ("rows from a CSV file, instead of a grid", "用 CSV 文件中的行代替网格"),
    "not_sent": ("Nothing was sent.", "没有发送任何请求。"),
    "free": ("free", "免费"),
    "slider": (
        "{count} pictures with a divider. Run the cell again to move it.",
        "{count} 张图片，以分隔线对比。重新运行单元格即可移动分隔线。",
    ),
    "no_axis": ("The sweep has nothing to vary.", "这次批量绘制没有可变化的内容。"),
    "add_axis": (
        "Add an axis: -x animal=cat,dog, or YAML with prompt: and animal:.",
        "请添加一个维度：-x animal=cat,dog，或用 YAML 写 prompt: 和 animal:。",
    ),
    "no_prompt": ("The sweep has no prompt.", "这次批量绘制没有提示词。"),
    "prompt_text": ("A prompt must be text, or a list of texts.", "提示词应为文本或文本列表。"),
    "body_kinds": (
        "The body of %%sweep must be a prompt, or names with values: prompt: …",
        "%%sweep 的正文应为提示词，或带取值的名称：prompt: …",
    ),
    "quote_values": (
        'Put values that contain a colon, "@" or a brace in quotes: "@1"',
        '含有冒号、@ 或花括号的值请加引号："@1"',
    ),
    "key_in_cell": (
        "{name} looks like a key: never write keys in a cell.",
        "{name} 看起来像密钥：不要把密钥写在单元格里。",
    ),
    "needs_yaml": ("YAML in a cell needs PyYAML.", "单元格中的 YAML 需要 PyYAML。"),
    "in_line": (" in line {value}", "（第 {value} 行）"),
    "bad_yaml": (
        "The body is not valid YAML{where}: {problem}.",
        "正文不是有效的 YAML{where}：{problem}。",
    ),
    "install_yaml": (
        "Install nbext[yaml], or write it as JSON.",
        "请安装 nbext[yaml]，或写成 JSON。",
    ),
    "name_twice": ("{twice} occurs twice in the body.", "{twice} 在正文中出现了两次。"),
    "judges": ("{judges} judges", "{judges} 位评审"),
    "judged_drawings": ("{drawings} drawings", "{drawings} 次绘图"),
    "same": ("{exact:.0%} identical", "{exact:.0%} 一致"),
    "not_its_axis": ("{name} is not an axis of the sweep.", "{name} 不是这次批量绘制的轴。"),
    "vote_range": (
        "{by} has {n} {n:value|values}; a vote needs 2 to {count}.",
        "{by} 有 {n} 个取值，投票需要 2 到 {count} 个。",
    ),
    "no_pair": ("There are no two pictures to compare.", "没有两张可以比较的图片。"),
    "no_question": (
        "There is no question {question}: use 1 to {count}.",
        "没有第 {question} 题：可用 1 到 {count}。",
    ),
    "vote_count": (
        "{letters!r} has {n} {n:vote|votes}, but there {m:is|are} {m} {m:question|questions}.",
        "{letters!r} 有 {n} 票，而题目有 {m} 道。",
    ),
    "votes_missing": (
        "{n} of {count} {count:vote|votes} missing: names stay hidden.",
        "{count} 票中还缺 {n} 票：名称暂不显示。",
    ),
    "one_letter": (
        "Use one letter each, and - if neither is better.",
        "每题一个字母，不分高下用 -。",
    ),
    "no_such_choice": ("Question {value} has no picture {mark}.", "第 {value} 题没有图片 {mark}。"),
    "choices": ("Use one of {names}, or {TIE}.", "可用 {names} 或 {TIE}。"),
    "bad_scale": (
        "{scale!r} is not a scale: use a whole number from 2 to {_MOST}.",
        "{scale!r} 不能作为分制：请用 2 到 {_MOST} 的整数。",
    ),
    "rubric_empty": ("The rubric is empty.", "评分标准是空的。"),
    "nothing_to_judge": ("The sweep has no pictures to judge.", "这次批量绘制没有可评分的图片。"),
    "two_judges": ("Agreement needs two judges.", "一致性需要两位评审。"),
    "other_scales": ("The judges have different scales.", "两位评审的分制不同。"),
    "none_in_common": ("The judges scored no drawing in common.", "两位评审没有共同评分的绘图。"),
    "charts": ("Use one of {names}.", "可用：{names}。"),
    "no_drawings": ("The sweep has no drawings.", "这次批量绘制没有绘图。"),
    "no_chart": ("There is no chart of {what}.", "没有 {what} 的图表。"),
    "no_value": (
        "No drawing of this sweep has a value for {what}.",
        "这次批量绘制中没有绘图含有 {what}。",
    ),
    "needs_matplotlib": ("Charts need matplotlib.", "图表需要 matplotlib。"),
    "install_plots": (
        "Install nbext[plots], or use sweep.statistics().",
        "请安装 nbext[plots]，或使用 sweep.statistics()。",
    ),
    "from_history": ("This sweep was read from the history.", "这次批量绘制是从历史记录中读取的。"),
    "no_pictures": ("The sweep has no pictures.", "这次批量绘制没有图片。"),
    "run_cell": (
        "Run its cell again: it draws only what is missing.",
        "请再次运行它的单元格：只会绘制缺少的部分。",
    ),
    "needs_frames": ("A data frame needs pandas or polars.", "数据框需要 pandas 或 polars。"),
    "install_frames": ("Install one, or use rows().", "请安装其一，或使用 rows()。"),
    "first_of": (
        "\nThe first {MOST_PICTURES} of {count} are shown; to_html() shows all.",
        "\n显示 {count} 张中的前 {MOST_PICTURES} 张；to_html() 显示全部。",
    ),
    "running": ("running", "进行中"),
    "rows_and_columns": ("{rows} cannot be both rows and columns.", "{rows} 不能同时作为行和列。"),
    "take": ("take {value}", "第 {value} 张"),
    "its_axes": ("The axes are {names}.", "可用的轴：{names}。"),
    "tie": ("none", "都不选"),
    "better": ("{letter} is better", "{letter} 更好"),
    "collected": ("{count:,} {count:drawing|drawings} received", "已取回 {count:,} 次绘图"),
    "some_failed": (", {count:,} failed", "，{count:,} 次失败"),
    "option_batch": (
        "let the provider draw it within a day, at half the price; %%draws collects it",
        "由提供方在一天之内以半价绘制；用 %%draws 取回",
    ),
}
