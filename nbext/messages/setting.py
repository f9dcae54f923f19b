"""The meaning of each setting, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "base_url": ("The endpoint's URL, with or without /v1", "端点的网址，末尾的 /v1 可写可不写"),
    "endpoint": (
        "Which endpoint to use: a name from endpoints, or embedded; comes before base_url",
        "使用哪个端点：endpoints 中的名称，或 embedded；优先于 base_url",
    ),
    "endpoints": (
        'More endpoints by name, without keys: {"lab": {"base_url": "https://…"}}',
        '按名称列出的更多端点，不含密钥：{"lab": {"base_url": "https://…"}}',
    ),
    "model": ("The model that draws", "绘图所用的模型"),
    "chat_model": ("The model of %%chat", "%%chat 所用的模型"),
    "respond_model": ("The model of %%respond", "%%respond 所用的模型"),
    "complete_model": ("The model of %%complete", "%%complete 所用的模型"),
    "video_model": ("The model of %%video", "%%video 所用的模型"),
    "replay": (
        "When to show recorded drawings instead of sending the request again",
        "何时显示已有记录，而不再次发送请求",
    ),
    "runner": (
        "How a cell waits: in a separate thread, or while the notebook's own tasks continue",
        "单元格如何等待：在单独的线程中，或让笔记本自己的任务继续运行",
    ),
    "inline_limit": (
        "Largest picture, in bytes, shown in full below the cell",
        "单元格下方完整显示的图片的最大字节数",
    ),
    "connect_timeout": ("Seconds to wait for a connection", "等待连接的秒数"),
    "silence_timeout": (
        "Seconds without data after which a request fails",
        "多少秒没有数据则请求失败",
    ),
    "total_timeout": ("Seconds after which a request fails", "请求总时长上限（秒）"),
    "embedded_pace": (
        "Artificial delay of the embedded endpoint: 1 is like a fast relay, 0 is none",
        "内置端点的模拟延迟：1 相当于较快的中转站，0 为没有延迟",
    ),
    "picture_bytes": ("Largest picture, in bytes", "图片的最大字节数"),
    "picture_pixels": ("Largest picture, in pixels", "图片的最大像素数"),
    "redirects": (
        "How many redirects to follow when downloading a picture",
        "下载图片时最多跟随的重定向次数",
    ),
    "proxy_downloads": (
        "Whether to download pictures through the proxy in HTTPS_PROXY if this machine cannot look up their host; the proxy then decides where they come from",
        "本机无法解析图片的主机名时，是否通过 HTTPS_PROXY 中的代理下载；此时由代理决定图片来自何处",
    ),
    "max_concurrent": (
        "Most paid requests at a time to one endpoint; 0 for as many as it accepts",
        "同一端点同时进行的付费请求数上限；0 表示以端点接受的数量为准",
    ),
    "max_per_minute": (
        "Most paid requests per minute to one endpoint; 0 for no limit",
        "同一端点每分钟的付费请求数上限；0 表示不限",
    ),
    "max_requests": (
        "Most paid requests per kernel; 0 for no limit",
        "每个内核的付费请求数上限；0 表示不限",
    ),
    "max_cost": (
        "Most US dollars per kernel, where prices are known; 0 for no limit",
        "每个内核的费用上限（美元，限价格已知时）；0 表示不限",
    ),
    "confirm_above": (
        "How many paid requests a cell may send without asking or --yes",
        "一个单元格无需询问或 --yes 即可发送的付费请求数",
    ),
    "progress": ("Whether progress is animated below the cell", "是否在单元格下方动态显示进度"),
    "styles": (
        'Prompt templates: {"ink": "{prompt}, ink painting"}',
        '提示词模板：{"ink": "{prompt}，水墨画"}',
    ),
    "wires": (
        'Wire formats by model pattern: {"my-model*": "images"}',
        '按模型名称匹配的接口格式：{"my-model*": "images"}',
    ),
    "prices": (
        'US dollars per picture, by model: {"gpt-4o-image": 0.01}',
        '各模型每张图片的价格（美元）：{"gpt-4o-image": 0.01}',
    ),
    "families": (
        'What models accept, added to the built-in table: {"mine": {"names": ["my-.*"]}}',
        '模型接受的选项，补充内置表格：{"mine": {"names": ["my-.*"]}}',
    ),
    "language": (
        "The language of messages and the panel; auto follows the browser or the system",
        "消息和面板的语言；auto 表示跟随浏览器或系统",
    ),
    "notebook": (
        "The notebook that the history belongs to, if the kernel cannot tell",
        "历史记录所属的笔记本（内核无法判断时使用）",
    ),
    "certificate": (
        "PEM file of the certificate chain for save(…, sign=True)",
        "save(…, sign=True) 所用证书链的 PEM 文件",
    ),
    "certificate_key_file": ("PEM file of that certificate's private key", "该证书私钥的 PEM 文件"),
    "history_folder": (
        "The folder of the history, instead of NAME.draws",
        "历史记录文件夹，代替 NAME.draws",
    ),
    "catalog": (
        "Whether to list this user's histories, so that a moved notebook finds its own",
        "是否登记当前用户的历史记录，使移动后的笔记本仍能找到它",
    ),
}
