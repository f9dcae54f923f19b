"""Messages about batches, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "never_sent": (
        "The batch never reached the endpoint, so this was not sent.",
        "批次没有到达端点，因此没有发送。",
    ),
    "line": (
        "{n:,} {n:drawing|drawings} in a batch of {model} at {host} · {state}, {ended} of {count} · sent {moment}",
        "{host} 上 {model} 的批次，共 {n:,} 次绘图 · {state}，{ended} / {count} · 发送于 {moment}",
    ),
    "over": ("ended", "已结束"),
    "no_status": ("no status yet", "尚无状态"),
    "no_id": ("{host} does not say the id of the batch.", "{host} 没有给出批次的编号。"),
    "ended_without": (
        "The batch ended without this drawing: {words}.",
        "批次已结束，但没有这次绘图：{words}。",
    ),
    "other_endpoint": (
        "The batch is at {host}, but {host2} is in use.",
        "批次在 {host}，而当前使用的是 {host2}。",
    ),
    "not_in_history": ("the batch is not in this history", "批次不在这份历史记录中"),
    "not_yet": ("@{number} is not finished yet: {about}.", "@{number} 尚未完成：{about}。"),
    "id_unknown": ("The id of this batch is not known yet.", "还不知道这个批次的编号。"),
    "no_files": (
        "{host} accepts no files, so it has no batches.",
        "{host} 不接受文件，因此没有批次。",
    ),
    "other_kernel": ("another kernel may be about to send it", "另一个内核可能即将发送"),
    "set_endpoint": (
        "To collect it, set NBEXT_BASE_URL and the key of {host}.",
        "如需取回，请设置 NBEXT_BASE_URL 和 {host} 的密钥。",
    ),
    "collect": (
        "%draws collects it. To pay for another one now, draw with --fresh.",
        "%draws 可取回。如需现在另付费绘制，请加 --fresh。",
    ),
    "ask": ("%draws shows its state.", "%draws 可查询。"),
    "not_json": ("{host} did not answer with JSON.", "{host} 的应答不是 JSON。"),
    "unanswered": (
        "The batch is completed, but its results do not contain this drawing.",
        "批次已完成，但结果中没有这次绘图。",
    ),
    "file_gone": (
        "The endpoint no longer has the file {file} with the results of the batch.",
        "端点上已没有批次的结果文件 {file}。",
    ),
    "look_up": (
        "Look up the batch {job} at {host} before you draw it again.",
        "请先在 {host} 查看批次 {job}，再重新绘制。",
    ),
    "embedded_ended": (
        "The batch ended with the kernel whose embedded endpoint had it. It cost nothing.",
        "批次在某个内核的内置端点上，已随该内核结束，没有产生费用。",
    ),
    "late": (
        "A batch should end within a day. %draws cancel b{number} ends it and keeps what is drawn.",
        "批次应在一天内结束。%draws cancel b{number} 可结束它，并保留已完成的部分。",
    ),
    "long_list": (
        "The list of batches at {host} is too long to find this one.",
        "{host} 的批次列表太长，找不到这个批次。",
    ),
    "unknown": ("The endpoint no longer knows the batch.", "端点上已没有这个批次。"),
    "no_executor": (
        "A batch needs no executor: the provider does the work.",
        "批次不需要执行器：由提供方完成。",
    ),
    "bad_executor": ("{executor!r} is not an executor.", "{executor!r} 不是执行器。"),
    "executors": (
        "Use one of concurrent.futures, or Dask's Client.get_executor().",
        "请使用 concurrent.futures 的执行器，或 Dask 的 Client.get_executor()。",
    ),
    "cancelling": (
        "1 batch will be cancelled; %draws collects what was drawn before",
        "将取消 1 个批次；%draws 可取回此前完成的部分",
    ),
    "no_batches": (
        "{model} cannot be used in batches: it uses the {wire} format.",
        "{model} 不能用于批次：它使用 {wire} 格式。",
    ),
    "no_references": (
        "A batch of {model} takes no reference pictures.",
        "{model} 的批次不接受参考图。",
    ),
    "batch_formats": (
        "Batches need a model of the images or gemini format.",
        "批次需要 images 或 gemini 格式的模型。",
    ),
    "without_batch": ("Draw it without batch=True.", "请去掉 batch=True。"),
    "no_answer": ("no answer", "没有应答"),
    "pending": (
        "{count:,} {count:drawing|drawings} in a batch: %draws shows the progress and collects {count:it|them}.",
        "{count:,} 次绘图在批次中：%draws 显示进度并取回。",
    ),
}
