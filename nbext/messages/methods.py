"""The methods text, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    # Joining sentences
    "comma": (", ", "、"),
    "last": (" and ", "、"),
    "semicolon": ("; ", "；"),
    "one": ("One", "1"),
    # The requests
    "nothing": ("Nothing was drawn.", "没有绘制任何内容。"),
    "requests": (
        "{many} {count:request|requests}{kinds} {count:was|were} made with {versions} {when}.",
        "使用 {versions}，于 {when}共发出 {many} 次请求{kinds}。",
    ),
    "one_kind": (" for {name}", "（{name}）"),
    "kinds": (" ({names})", "（{names}）"),
    "kind": ("{number} for {name}", "{name} {number}"),
    "kind_draw": ("{count:a picture|pictures}", "图片"),
    "kind_chat": ("{count:a chat reply|chat replies}", "对话回复"),
    "kind_respond": ("{count:a reply|replies}", "回复"),
    "kind_complete": ("{count:a completion|completions}", "文本补全"),
    "kind_video": ("{count:a film|films}", "视频"),
    "nbext": ("nbext {version}", "nbext {version}"),
    "no_version": ("nbext of unknown version", "nbext（版本未记录）"),
    "with_python": ("{nbext} and Python {python}", "{nbext}、Python {python}"),
    "on": ("on {day} (UTC)", "{day}（UTC）"),
    "between_days": ("from {first} to {last} (UTC)", "{first} 至 {last}（UTC）"),
    "no_day": ("on dates that are not recorded", "未记录的日期"),
    "sweep": (
        "{numbers} {count:is|are} one sweep of {shape}.",
        "{numbers} 为一次网格绘制（{shape}）。",
    ),
    "place": ("to {place} under the {count:name|names} {models}", "{place} 的 {models}"),
    "no_place": ("an endpoint that is not recorded", "未记录的端点"),
    "places": (
        "Requests were sent {places}; which model served them could not be verified.",
        "所请求的模型为：{places}。模型名称以请求时所写为准，端点背后的实际模型无从核实。",
    ),
    "sketches": (
        "{many} {count:result is a sketch|results are sketches} of the embedded endpoint, made by a program without a model.",
        "其中 {many} 个结果由内置端点的程序绘制，未使用模型。",
    ),
    # Seeds
    "seeded": (
        "A seed was sent with {numbers}; whether the endpoint used it was not verified.",
        "{numbers} 发送了随机种子，端点是否采用未经验证。",
    ),
    "no_seed": ("No seed was available for {models}.", "{models} 不提供随机种子。"),
    "all_unseeded": (
        "No seed was sent with any request, so the same request may give a different picture each time.",
        "所有请求均未发送随机种子，相同的请求每次可能得到不同的图片。",
    ),
    "others_unseeded": (
        "No seed was sent with the others, so the same request may give a different picture each time.",
        "其余请求均未发送随机种子，相同的请求每次可能得到不同的图片。",
    ),
    # Selection
    "repeated": (
        "{many} {count:request was|requests were} made {times}; all results are kept.",
        "有 {many} 个请求各发出 {times}，全部结果均予保留。",
    ),
    "twice": ("twice", "2 次"),
    "times": ("{number} times", "{number} 次"),
    "between_times": ("{low} to {high} times", "{low} 至 {high} 次"),
    "none_chosen": (
        "None of these results is marked as the selected one.",
        "这些结果中没有注明所选的一个。",
    ),
    "all_chosen": (
        "A star marks the selected {count:result|result of each}.",
        "所选的结果以星标注明。",
    ),
    "some_chosen": (
        "A star marks the selected result of {chosen} of these requests.",
        "其中 {chosen} 个请求以星标注明所选的结果。",
    ),
    "once": (
        "Each request was made once; nothing was selected from several results.",
        "每个请求只发出一次，未从多个结果中挑选。",
    ),
    "starred": ("Marked with a star: {names}.", "带星标的有：{names}。"),
    "with_note": ("{name} (“{note}”)", "{name}（“{note}”）"),
    # Costs and failures
    "not_billed": ("No request was billed.", "未产生费用。"),
    "tokens": (
        "{many} {count:answer reports|answers report} {tokens} tokens in total.",
        "{many} 次应答报告了用量，共 {tokens} 个词元。",
    ),
    "no_cost": ("The cost is not recorded.", "费用未记录。"),
    "cost": ("The total cost was {paid} USD.", "费用共 {paid} 美元。"),
    "some_cost": (
        "The cost of {priced} of {real} requests is recorded, {paid} USD in total; that of the others is not.",
        "{real} 次请求中有 {priced} 次记录了费用，共 {paid} 美元，其余未记录。",
    ),
    "failed": (
        "{many} {count:request|requests} failed ({names}){billed}.",
        "{many} 次请求失败（{names}）{billed}。",
    ),
    "failure": ("{name} {number}×", "{name} {number} 次"),
    "billed": (", perhaps billed", "，可能已计费"),
    "some_billed": (", {number} of them perhaps billed", "，其中 {number} 次可能已计费"),
    "unanswered": ("No answer is recorded for {numbers}.", "{numbers} 没有留下应答。"),
    "closing": (
        (
            "Parameters that are not listed in the table were left at the endpoint's defaults. "
            "The history that accompanies this text contains all requests, answers and pictures, "
            "including those that were not selected, each picture byte for byte as it was received. "
            "Running the notebook shows them again from there; only cells that ask for a new result, "
            "or whose request has changed, send a request."
        ),
        (
            "表中未列出的参数均采用端点的默认值。"
            "全部请求、应答和图片（包括未被选用的）都在随文的历史记录中，图片按收到的字节原样保存；"
            "重新运行笔记本即可从中再次显示；只有要求新结果或请求已更改的单元格才会发送请求。"
        ),
    ),
    "manifest": (
        "Number of lines of the history, and the hash of all of them, with which `history.verify(manifest=…)` finds any change",
        "历史的行数，以及全部行的哈希；用 `history.verify(manifest=…)` 可发现任何改动",
    ),
    # The tables
    "models": ("Models", "模型"),
    "prompts": ("Prompts", "提示词"),
    "differences": ("Requested and actual", "请求与实际"),
    "files": ("Files (sha256 of the bytes as received)", "文件（sha256 按收到的字节计算）"),
    "requested_model": ("model requested", "请求的模型"),
    "answered_model": ("model named in the answer", "应答的模型"),
    "endpoint": ("endpoint", "端点"),
    "wire": ("wire format", "接口格式"),
    "request_count": ("requests", "请求数"),
    "dates": ("dates", "日期"),
    "ended": ("ended", "停用日期"),
    "token_count": ("tokens", "词元"),
    "usd": ("USD", "美元"),
    "date": ("date (UTC)", "日期（UTC）"),
    "model": ("model", "模型"),
    "prompt": ("prompt", "提示词"),
    "parameters": ("parameters", "参数"),
    "source": ("from", "来源"),
    "attempt": ("attempt", "次序"),
    "star": ("★", "★"),
    "note": ("note", "备注"),
    "of": ("of", "项目"),
    "requested": ("requested", "请求"),
    "actual": ("actual", "实际"),
    "type": ("type", "类型"),
    "pixels": ("pixels", "像素"),
    "bytes": ("bytes", "字节"),
    "sha256": ("sha256", "sha256"),
    "name_n": ("pictures", "张数"),
    "name_mask": ("protected pixels that changed", "被改动的受保护像素"),
    "name_route": ("route", "通道"),
    "name_model": ("model", "模型"),
    "name_size": ("size", "尺寸"),
    "name_aspect": ("aspect", "画幅"),
    "name_quality": ("quality", "质量"),
    "name_format": ("format", "格式"),
    "name_background": ("background", "背景"),
    "name_seconds": ("seconds", "秒数"),
    "name_resolution": ("resolution", "分辨率"),
    "name_fps": ("frames a second", "每秒帧数"),
    "name_audio": ("sound", "声音"),
    "not_stated": ("not stated", "未说明"),
    "embedded": ("embedded endpoint (no model)", "内置端点（无模型）"),
    "defaults": ("defaults", "默认"),
    "from_outside": ("given: ", "给定："),
    "mask": ("mask ", "蒙版 "),
    "conversation": ("the conversation of ", "续接对话 "),
    "system": ("system: ", "系统消息："),
    "sent_as": ("sent as: ", "实际发送："),
    "revised": ("revised by the endpoint to: ", "端点改写为："),
    "aside": (" ({text})", "（{text}）"),
    "template": ("template: ", "模板："),
}
