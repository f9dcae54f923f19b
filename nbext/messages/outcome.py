"""The reason for a failed request in a word or two, by type of error, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "failure": ("failed", "失败"),
    "Interrupted": ("cancelled", "已取消"),
    "OptionError": ("wrong option", "选项有误"),
    "SettingsError": ("wrong setting", "设置有误"),
    "PictureError": ("unreadable picture", "图片无法读取"),
    "BudgetError": ("over budget", "超出预算"),
    "ResourceError": ("resource missing", "资源不足"),
    "OutOfMemoryError": ("not enough memory", "内存不足"),
    "FileError": ("file or system error", "文件或系统出错"),
    "HistoryError": ("not recorded", "未能记录"),
    "ReplayError": ("not recorded", "没有记录"),
    "ConnectError": ("no connection", "无法连接"),
    "TimedOutError": ("timed out", "超时"),
    "AuthenticationError": ("key refused", "密钥被拒"),
    "AccessError": ("not allowed", "没有权限"),
    "QuotaError": ("no credit left", "余额不足"),
    "RateLimitError": ("too many requests", "请求过多"),
    "ModelError": ("no such model", "没有这个模型"),
    "BadRequestError": ("request refused", "请求有误"),
    "ModerationError": ("refused", "被拒绝"),
    "NotAnEndpointError": ("not an endpoint", "不是接口地址"),
    "ServerError": ("server error", "服务器出错"),
    "TruncatedError": ("cut off", "应答不完整"),
    "NoPictureError": ("no picture", "没有图片"),
    "DownloadError": ("download failed", "下载失败"),
}
