"""Messages about the history on disk, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "no_claims": (
        "Nothing was sent that may be billed without a picture.",
        "没有可能已计费却没有图片的请求。",
    ),
    "claims": (
        "{host}: {count:,} {count:request|requests} that may be billed without a picture",
        "{host}：{count:,} 个请求可能已计费却没有图片",
    ),
    "never_sent": (
        "{count:,} {count:request was|requests were} still waiting and never sent: {numbers}. Nothing is billed; run the cell again to draw {count:it|them}.",
        "{count:,} 个请求仍在排队，从未发送：{numbers}。不会计费；重新运行单元格即可绘制。",
    ),
    "was_waiting": ("it was never sent", "从未发送"),
    "request_id": ("request id", "请求编号"),
    "idempotency_key": ("idempotency key", "幂等键"),
    "what_came": ("result", "结果"),
    "fetch_free": ("fetch again, free of charge", "免费取回"),
    "no_answer": ("no answer is recorded", "没有记录应答"),
    "link": ("it is a link", "它是链接"),
    "not_a_file": ("it is not a regular file", "它不是普通文件"),
    "not_a_record": (
        "This is not a record: id {id!r}, number {number}.",
        "这不是记录：id {id!r}，编号 {number}。",
    ),
    "left_out": (
        "{name} was left out: the record is larger than {size}.",
        "已略去 {name}：记录超过 {size}。",
    ),
    "text_cut": (
        "The {name} is longer than {size}; the rest was left out.",
        "{name} 超过 {size}，其余部分已略去。",
    ),
    "added": ("{count:,} {count:drawing|drawings} added", "新增 {count:,} 次绘图"),
    "known": ("{count:,} {count:was|were} already here", "{count:,} 次已存在"),
    "added_to": (" to @{added}", "（至 @{added}）"),
    "copied": (
        "{came}; {were}; {count:,} {count:picture|pictures} copied",
        "{came}；{were}；复制 {count:,} 张图片",
    ),
    "unsaved": (
        "  NOT saved: {count:,} {count:record|records}, in memory only",
        "  未保存：{count:,} 条记录，仅在内存中",
    ),
    "differs": ("differs from what was received", "与收到时不同"),
    "absent": ("is missing", "不存在"),
    "of_the_other": (
        "{where} of the other history: {id} {problem}",
        "另一份历史记录的 {where}：{id} {problem}",
    ),
    "missing": ("  missing: {item}", "  缺少：{item}"),
    "no_history": ("There is no history {folder}.", "没有历史记录 {folder}。"),
    "draw_first": (
        "It is created when the notebook draws for the first time.",
        "笔记本首次绘图时会创建。",
    ),
    "no_history_in": (
        "{folder} contains no history: history.jsonl is missing.",
        "{folder} 中没有历史记录：缺少 history.jsonl。",
    ),
    "copied_without_records": (
        "Was it copied or committed without its records?",
        "复制或提交时是否漏掉了记录？",
    ),
    "picture_unreadable": (
        "The picture {sha256}… cannot be read: {problem}.",
        "无法读取图片 {sha256}…：{problem}。",
    ),
    "picture_absent": (
        "The picture {sha256}… is not in {name}/pictures.",
        "图片 {sha256}… 不在 {name}/pictures 中。",
    ),
    "name_is_link": ("{name} is a link", "{name} 是链接"),
    "name_no_folder": ("{name} is not a folder", "{name} 不是文件夹"),
    "copied_without": (
        "Was the folder copied without it? history.verify() lists what is missing.",
        "复制文件夹时是否漏掉了它？history.verify() 可列出缺少的内容。",
    ),
    "disk_failed": (
        "Writing to {folder} failed, and the picture was lost.",
        "写入 {folder} 失败，图片已丢失。",
    ),
    "other_folder": (
        'To use another place: %config Nbext.history_folder = "…"',
        '如需换一个位置：%config Nbext.history_folder = "…"',
    ),
    "given_up": ("The download of the picture was cancelled.", "图片接收已取消。"),
    "over_limit": ("The picture is larger than the limit of {size}.", "图片超过上限 {size}。"),
    "not_picture_bytes": ("The bytes are not a picture.", "数据不是图片。"),
    "empty_picture": ("The picture is empty.", "图片是空的。"),
    "allow_bytes": (
        "To allow it: %config Nbext.picture_bytes = {value}",
        "如需放宽：%config Nbext.picture_bytes = {value}",
    ),
    "archive_stays": (
        "{name} is an archive and is left unchanged.",
        "{name} 是压缩包，不会被修改。",
    ),
    "unwritable": ("{folder} cannot be written: {value}.", "无法写入 {folder}：{value}。"),
    "unpack": (
        "Unpack it first; it contains the folder of a history.",
        "请先解压，其中是历史记录文件夹。",
    ),
    "put_back": (
        "The picture {sha256}… was missing or changed; it was restored from the notebook's outputs.",
        "图片 {sha256}… 缺失或被修改，已从笔记本的输出中恢复。",
    ),
    "sent_before": (
        "@{number} was sent {when} UTC, and {ended}; it may have been billed.",
        "@{number} 于 {when} UTC 发送，{ended}；可能已计费。",
    ),
    "no_answer_recorded": ("no answer is recorded", "没有记录应答"),
    "interrupted": ("it was interrupted", "已被中断"),
    "other_history": ("data from another history", "另一份历史记录的内容"),
    "a_note": ("a note", "备注"),
    "the_drawing": ("drawing @{number}", "绘图 @{number}"),
    "line_skipped": (
        "{name}: a line that is not a record was skipped.",
        "{name}：跳过了一行非记录内容。",
    ),
    "saved_now": (
        "The data that was only in memory is now saved in {folder}.",
        "之前只在内存中的内容现已保存到 {folder}。",
    ),
    "the_request": ("the request", "请求"),
    "read_only": (
        "This history was opened for reading only: {what} cannot be saved in it.",
        "这份历史记录以只读方式打开，无法保存{what}。",
    ),
    "unreadable_value": ("{path} cannot be read: {value}.", "无法读取 {path}：{value}。"),
    "doubled": (
        "Several drawings have the number {names}, which happens after merging two branches. nbext.history.renumber() gives each its own number.",
        "有多次绘图的编号都是 {names}，合并两个分支后会这样。nbext.history.renumber() 可为每次绘图分配自己的编号。",
    ),
    "open_notebook": (
        "Open its notebook and load nbext there.",
        "请打开对应的笔记本并在其中加载 nbext。",
    ),
    "unreadable": ("{path} cannot be read: {error}.", "无法读取 {path}：{error}。"),
    "a_picture": ("a picture", "一张图片"),
    "lock": (
        "history.lock in {folder} cannot be locked, so drawings are recorded without it. Is another kernel stuck?",
        "无法锁定 {folder} 中的 history.lock，绘图将在不加锁的情况下记录。是否有其他内核卡住了？",
    ),
    "torn_line": (
        "A line cut off by a crash was moved to {name}.",
        "因崩溃而残缺的一行已移到 {name}。",
    ),
    "in_memory": ("the data in memory", "内存中的内容"),
    "same_number": (
        "Another kernel has a drawing @{number}; this one is @{number2}.",
        "另一个内核已有绘图 @{number}，这一次是 @{number2}。",
    ),
    "stopped": ("Interrupted.", "已中断。"),
    "interrupted_before": ("Interrupted before it was sent.", "在发送前被中断。"),
    "memory_only": (", only in this kernel's memory", "，只在此内核的内存中"),
    "all_unchanged": ("all present and unchanged", "全部存在且未改变"),
    "not_as_recorded": ("NOT as recorded", "与记录不符"),
    "checked": (
        "{count:,} {count:picture|pictures} checked: {verdict}",
        "检查了 {count:,} 张图片：{verdict}",
    ),
    "its_parent": ("@{number}: its parent {parent}", "@{number}：它的来源 {parent}"),
    "older_lines": (
        "{count:,} {count:line|lines} of an older version without a digest: a change to an answer's text, cost or error would not be noticed",
        "{count:,} 行来自旧版本，没有摘要：应答的文字、费用或错误若有改动将无法发现",
    ),
    "no_manifest": (
        (
            "without an earlier manifest, removed notes, lines removed at the end, another order of lines "
            "and most changes by somebody who computes the digest again are not noticed"
        ),
        "没有早先的清单时，无法发现被删去的备注、末尾被删去的行、行的次序变化，以及重新计算摘要后的大多数改动",
    ),
    "not_in_archive": (", it cannot be read from the archive", "，无法从压缩包中读取"),
    "sent_no_answer": (
        "@{number}: sent {when}, no answer recorded",
        "@{number}：{when} 已发送，没有记录应答",
    ),
    "file_unreadable": (
        "{where}: {path} cannot be read: {strerror}",
        "{where}：无法读取 {path}：{strerror}",
    ),
    "line_of": (
        "history.jsonl, line {position} ({kind} {which})",
        "history.jsonl 第 {position} 行（{kind} {which}）",
    ),
    "other_size": (
        "it has {count} bytes, but the record says {size}",
        "有 {count} 字节，而记录为 {size}",
    ),
    "other_pixels": (
        "it is {width}×{height}, but the record says {width2}×{height2}",
        "为 {width}×{height}，而记录为 {width2}×{height2}",
    ),
    "line": ("history.jsonl, line {position}", "history.jsonl 第 {position} 行"),
    "changed": ("it was changed after it was written", "写入之后被修改过"),
    "field_twice": ("it contains a field more than once: {names}", "同一字段出现多次：{names}"),
    "unknown_type": ("{names}: of a type that no version writes", "{names}：类型不属于任何版本"),
    "bad_time": ("one of its times is not valid", "其中有无效的时间"),
    "other_fingerprint": ("its fingerprint belongs to another request", "指纹属于另一个请求"),
    "line_unreadable": ("{name}: cannot be read as a record", "{name}：无法作为记录读取"),
    "other_manifest": (
        "history.jsonl: its first {count} lines do not match the manifest",
        "history.jsonl：前 {count} 行与清单不符",
    ),
    "ended_before": ("it ended before it started", "结束早于开始"),
    "drawing_absent": ("{name}: its drawing is missing", "{name}：缺少对应的绘图"),
    "unlike_notebook": (
        "@{number}: {names} differs from what the notebook shows",
        "@{number}：{names} 与笔记本中显示的不同",
    ),
    "other_parents": (
        "its parents are not the drawings that its request names",
        "来源与请求所引用的绘图不符",
    ),
    "answer_in_request": (
        "it is the line of a request, but holds an answer",
        "这是请求的一行，却含有应答",
    ),
    "other_type": (
        "it is {kind}, but the record says {kind2}",
        "为 {kind}，而记录为 {kind2}",
    ),
    "shown_only": (
        "@{number}: the notebook shows it, but its answer is not recorded",
        "@{number}：笔记本中有显示，但没有记录应答",
    ),
    "records_gone": (
        "all records: there are {count:,} {count:picture|pictures}, and none is in a record",
        "所有记录：有 {count:,} 张图片，均不在记录中",
    ),
    "no_longer": (
        "{name}: {names} differs from line {position}",
        "{name}：{names} 与第 {position} 行不同",
    ),
    "not_in_crate": (
        "{name} is in the archive, but its crate does not list it",
        "压缩包中有 {name}，但 crate 没有列出",
    ),
    "crate_itself": (
        "no hash covers ro-crate-metadata.json itself",
        "没有哈希值覆盖 ro-crate-metadata.json 本身",
    ),
    "digest_absent": (
        "its digest is missing, which other lines of its session have",
        "缺少摘要，而同一会话的其他行有摘要",
    ),
    "crate_absent": ("{name}: is missing", "{name}：不存在"),
    "swells": ("{filename} unpacks to {value} MB", "{filename} 解压后有 {value} MB"),
    "too_many_files": ("it lists too many files", "其中的文件过多"),
    "archive_without_history": (
        "{name} is not an archive of a history: history.jsonl is missing.",
        "{name} 不是历史记录的压缩包：缺少 history.jsonl。",
    ),
    "crate_unreadable": ("{_CRATE}: cannot be read", "{_CRATE}：无法读取"),
    "line_too_long": ("a line is longer than {value} MB", "有一行超过 {value} MB"),
    "not_an_archive": ("{name} is not an archive: {error}.", "{name} 不是压缩包：{error}。"),
    "to_zip": ("history.to_zip() writes one.", "history.to_zip() 可写出这样的压缩包。"),
    "records_unreadable": (
        "The records in {name} cannot be read: {error}.",
        "无法读取 {name} 中的记录：{error}。",
    ),
    "file_changed": ("{filename}: it was changed", "{filename}：已被修改"),
    "file_too_large": ("{filename} is larger than {value} MB", "{filename} 超过 {value} MB"),
    "no_records": ("history.jsonl contains no history", "history.jsonl 中没有历史记录"),
    "not_format_4": ("{path} is not a notebook of format 4.", "{path} 不是第 4 版格式的笔记本。"),
    "text_notebook": (
        "{name} is a notebook as text, which only jupytext can read.",
        "{name} 是文本形式的笔记本，需要 jupytext 才能读取。",
    ),
    "notebook_unreadable": ("{path} cannot be read: {value}.", "无法读取 {path}：{value}。"),
    "not_json": ("{path} is not a notebook: it is not JSON.", "{path} 不是笔记本：不是 JSON。"),
    "convert": (
        "To convert an older one: jupyter nbconvert --to notebook",
        "旧格式可用 jupyter nbconvert --to notebook 转换。",
    ),
    "notebook_unwritable": ("{path} cannot be written: {value}.", "无法写入 {path}：{value}。"),
    "not_saved": (
        "{what} could not be saved in {folder} ({reason}) and is only in this kernel's memory. Free some space, make the folder writable or remove what is in the way, and it will be saved with the next drawing. drawing.save(…) saves a picture elsewhere.",
        "{what}无法保存到 {folder}（{reason}），只在此内核的内存中。请腾出空间、让文件夹可写，或移开占位的内容，下次绘图时会一并保存。drawing.save(…) 可把图片保存到别处。",
    ),
}
