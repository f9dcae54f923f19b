"""The meaning and remedy of each error for ``nbext help NAME``, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "NbextError": (
        "The base of all errors of nbext. It has .message and .remedy.",
        "nbext 所有错误的基类，带有 .message 和 .remedy。",
    ),
    "OptionError": (
        "An option, an argument, a name or a reference is not valid. Nothing was sent. The message names the valid values.",
        "选项、参数、名称或引用无效，没有发送任何请求。错误内容会给出可用的值。",
    ),
    "SettingsError": (
        "A setting is missing or not valid, or a key was found where keys are refused. Nothing was sent.",
        "设置缺失或无效，或在不接受密钥的地方发现了密钥。没有发送任何请求。",
    ),
    "PictureError": (
        "Data is not a picture, or the picture is too large or in a format that is not accepted. Convert or shrink it, or raise the limit named in the message.",
        "数据不是图片，或图片过大、格式不被接受。请转换或缩小图片，或提高错误内容中给出的上限。",
    ),
    "BudgetError": (
        "The request would exceed Nbext.max_requests or Nbext.max_cost, or you declined to send it. Nothing was sent.",
        "请求会超过 Nbext.max_requests 或 Nbext.max_cost，或你选择了不发送。没有发送任何请求。",
    ),
    "ResourceError": (
        "This machine lacks something: memory, stack, disk, open files, a permission. The message says what, and whether a request was sent.",
        "这台机器缺少资源：内存、调用栈、磁盘、可打开的文件数或权限。消息会说明缺什么，以及请求是否已发送。",
    ),
    "OutOfMemoryError": (
        "There is not enough memory. Shut down other kernels or use smaller pictures. It is a MemoryError, too.",
        "内存不足。请关闭其他内核，或使用较小的图片。它同时也是 MemoryError。",
    ),
    "FileError": (
        "A file or a folder could not be read or written, or another call of the system failed; .errno says why. It is an OSError, too.",
        "文件或文件夹无法读写，或其他系统调用失败；.errno 给出原因。它同时也是 OSError。",
    ),
    "HistoryError": (
        "The history folder cannot be read or written, or a drawing is not in it. Check the folder beside the notebook; nbext verify lists what is missing.",
        "历史记录文件夹无法读写，或其中没有某次绘图。请检查笔记本旁的文件夹；nbext verify 可列出缺少的内容。",
    ),
    "ReplayError": (
        'Nbext.replay is "only" and no recorded drawing fits. Nothing was sent.',
        'Nbext.replay 为 "only"，而没有相符的记录。没有发送任何请求。',
    ),
    "RequestError": (
        "The base of all errors that concern a request. It has .status_code, .request_id, .body, .drawing and .maybe_billed.",
        "所有请求类错误的基类，带有 .status_code、.request_id、.body、.drawing 和 .maybe_billed。",
    ),
    "ConnectError": (
        "The request never reached the endpoint, so it cannot have been billed. Check the base URL, the network and the proxy.",
        "请求没有到达端点，因此不会计费。请检查基础网址、网络和代理。",
    ),
    "TimedOutError": (
        "No answer came in time. The endpoint may still be working, and may bill the request. Check the relay's log before you send it again.",
        "没有及时收到应答。端点可能仍在处理并计费。再次发送前请先查看中转站的日志。",
    ),
    "AuthenticationError": (
        "The endpoint does not accept the key (401). %nbext shows where the key is set.",
        "端点不接受密钥（401）。%nbext 可显示密钥设置在哪里。",
    ),
    "AccessError": (
        "The key is valid, but may not do this: its group, its models or its addresses do not allow it. Change the key's settings at the relay.",
        "密钥有效，但分组、模型或 IP 白名单不允许此操作。请在中转站修改密钥设置。",
    ),
    "QuotaError": (
        "The balance is used up, either that of your key or that of the relay with its own provider. The message says which.",
        "余额已用尽，可能是你的密钥的余额，也可能是中转站在上游的余额。错误内容会说明是哪一种。",
    ),
    "RateLimitError": (
        "Too many requests, or the endpoint is at its limit (429). Wait, or lower Nbext.max_concurrent or Nbext.max_per_minute.",
        "请求过多，或端点已达限额（429）。请稍候，或调低 Nbext.max_concurrent、Nbext.max_per_minute。",
    ),
    "ModelError": (
        "The endpoint does not offer this model to your key. %models lists what it offers.",
        "端点不向你的密钥提供此模型。%models 可列出可用的模型。",
    ),
    "BadRequestError": (
        "The endpoint does not accept a parameter (400, 422). --dry-run shows the request.",
        "端点不接受某个参数（400、422）。--dry-run 可显示请求。",
    ),
    "ModerationError": (
        "The endpoint or the model refused the request because of its content. Rephrase the prompt, or try another model. It may have been billed.",
        "端点或模型因内容拒绝了请求。请换一种说法，或换一个模型。可能已计费。",
    ),
    "NotAnEndpointError": (
        "The base URL answers, but not as an API: usually a website or a login page. A base URL usually ends in /v1.",
        "基础网址有响应，但不是 API：通常是网站或登录页面。基础网址通常以 /v1 结尾。",
    ),
    "ServerError": (
        "The endpoint failed (5xx). It may have been billed. Check the relay's log before you send it again.",
        "端点出错（5xx）。可能已计费。再次发送前请先查看中转站的日志。",
    ),
    "TruncatedError": (
        "The answer was cut off. What arrived is kept in the history; it may have been billed.",
        "应答中断。已收到的内容保存在历史记录中；可能已计费。",
    ),
    "NoPictureError": (
        "The model answered without a picture; .text has its words. Say plainly that you want a picture, or try another model.",
        "模型的应答中没有图片，文字在 .text 中。请直接说明要画图，或换一个模型。",
    ),
    "DownloadError": (
        "The answer links to a picture that could not be downloaded; .url has the link. history[N].fetch() tries again, free of charge.",
        "应答中的图片链接无法下载，链接在 .url 中。history[N].fetch() 可免费重试。",
    ),
}
