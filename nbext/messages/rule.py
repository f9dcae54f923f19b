"""The meaning and remedy of endpoints' errors, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "redirects": (
        "{where} redirects to {target}. The key is not sent there.",
        "{where} 重定向到 {target}，密钥不会发往那里。",
    ),
    "follow_redirect": ("Set the base URL to that address.", "请把基础网址设为该地址。"),
    "many_requests": ("{where} received too many requests{quote}", "{where} 收到的请求过多{quote}"),
    "upstream_balance": (
        "{where} has no balance left with its own provider{quote}",
        "{where} 在上游服务的余额已用尽{quote}",
    ),
    "not_your_balance": (
        "This is not your own balance. Tell the relay's support, or try another model or endpoint.",
        "这不是你的余额。请联系中转站客服，或换一个模型或端点。",
    ),
    "balance": (
        "The balance of this key at {where} is used up{quote}",
        "此密钥在 {where} 的余额已用尽{quote}",
    ),
    "add_balance": (
        "Top up the balance, raise the key's limit, or use another key.",
        "请充值、提高密钥额度，或换一个密钥。",
    ),
    "account_shut": ("{where} has closed this account{quote}", "{where} 已停用此账号{quote}"),
    "ask_support": (
        "Ask its support, or use another endpoint.",
        "请联系其客服，或换一个端点。",
    ),
    "unverified": (
        "{where} wants this account to be verified first{quote}",
        "{where} 要求先完成账号认证{quote}",
    ),
    "verify_account": (
        "Verify the account on the endpoint's website, or use another model.",
        "请在该端点的网站完成认证，或换一个模型。",
    ),
    "down": ("{where} is down for maintenance{quote}", "{where} 正在维护{quote}"),
    "key_expired": ("{where} no longer accepts the key{quote}", "{where} 不再接受此密钥{quote}"),
    "correct_key": (
        "Correct it where it is set (%nbext shows where), or use %nbext key.",
        "请在设置处更正（%nbext 显示位置），或使用 %nbext key。",
    ),
    "key_refused": ("{where} does not accept the key{quote}", "{where} 不接受此密钥{quote}"),
    "lost_signature": (
        "{where} lacks the signature of the model's last picture{quote}",
        "{where} 缺少模型上一张图片的签名{quote}",
    ),
    "draw_anew": (
        "A relay lost it on the way. Draw again with the picture as a reference (--image @1).",
        "签名在中转途中丢失。请以该图片为参考图重新绘制（--image @1）。",
    ),
    "refused_content": (
        "{where} refused the request because of its content{categories}{quote}",
        "{where} 因内容原因拒绝了请求{categories}{quote}",
    ),
    "rephrase": ("Rephrase the prompt, or try another model.", "请换一种说法，或换一个模型。"),
    "stream_only": (
        "{where} answers this model only with a stream{quote}",
        "{where} 对此模型只提供流式应答{quote}",
    ),
    "ask_stream": ("Ask for a stream: -p stream=true.", "请使用流式：-p stream=true。"),
    "not_allowed": (
        "{where} does not allow this key to do that{quote}",
        "{where} 不允许此密钥这样做{quote}",
    ),
    "allow_address": (
        "Add this computer's address to the key's allowed addresses at the relay.",
        "请在中转站把本机地址加入密钥的白名单。",
    ),
    "allow_group": (
        "At the relay, assign the key to a group that has the model.",
        "请在中转站把密钥设到含有此模型的分组。",
    ),
    "key_without_model": (
        "{where} does not let this key use {model}{quote}",
        "{where} 不允许此密钥使用{model}{quote}",
    ),
    "models_of_key": ("%models lists what it may use.", "%models 列出它可用的模型。"),
    "other_place": (
        "Use an endpoint that serves your country.",
        "请换一个在你所在地区可用的端点。",
    ),
    "allow_access": (
        "Allow it in the key's settings at the relay, or use another key.",
        "请在中转站的密钥设置中允许，或换一个密钥。",
    ),
    "no_model": (
        "{where} does not offer {model} to this key{quote}",
        "{where} 不向此密钥提供{model}{quote}",
    ),
    "models_lists": ("{guess} %models lists its models.", "{guess}%models 列出可用的模型。"),
    "no_address_status": (
        "{where} has no such address{quote}{unsaid}",
        "{where} 上没有这个地址{quote}{unsaid}",
    ),
    "check_v1": (
        "Check the base URL: it usually ends in /v1.",
        "请检查基础网址：通常以 /v1 结尾。",
    ),
    "no_address": ("{where} has no such address{quote}", "{where} 上没有这个地址{quote}"),
    "check_v1_via": (
        "Check the base URL: it usually ends in /v1. Or use another wire format with --via.",
        "请检查基础网址：通常以 /v1 结尾。或用 --via 换一种接口格式。",
    ),
    "not_there": ("{where} cannot find {path}{quote}", "{where} 找不到 {path}{quote}"),
    "other_via": (
        "Use another wire format with --via, if the model has one.",
        "如果模型支持，请用 --via 换一种接口格式。",
    ),
    "job_refused": ("{where} could not accept the job{quote}", "{where} 无法接受任务{quote}"),
    "again_or_other": ("Try again, or try another model.", "请重试，或换一个模型。"),
    "at_limit": ("{where} is at its limit{quote}", "{where} 已达到限额{quote}"),
    "again_when": ("Try again {when}, or try another model.", "请{when}重试，或换一个模型。"),
    "not_allowed_status": (
        "{where} does not allow this key to do that{status}",
        "{where} 不允许此密钥这样做{status}",
    ),
    "not_accepted": ("{where} does not accept the request{status}", "{where} 不接受此请求{status}"),
    "mask_size": (
        "Make the mask the size of the first picture.",
        "请让蒙版与第一张图片的尺寸相同。",
    ),
    "mask_transparent": (
        "A mask is a PNG that is transparent where the picture may change.",
        "蒙版是 PNG 图片，允许改动的部分为透明。",
    ),
    "without_mask": (
        "Try without the mask; some relays do not accept one.",
        "请去掉蒙版再试：有些中转站不接受蒙版。",
    ),
    "one_piece": ("Turn off streaming: -p stream=false.", "请关闭流式：-p stream=false。"),
    "leave_out": ("Leave out {parameter}.", "请去掉 {parameter}。"),
    "smaller_references": ("Use fewer or smaller reference pictures.", "请减少或缩小参考图。"),
    "shorter_prompt": ("Shorten the prompt.", "请缩短提示词。"),
    "check": ("{check}", "{check}"),
    "upstream_timeout": (
        "{where} waited too long for its own provider{quote}",
        "{where} 等待上游服务超时{quote}",
    ),
    "proxy_timeout": (
        "A proxy in front of {where} stopped waiting (HTTP {http}); the relay itself may still be working{quote}",
        "{where} 前面的代理停止了等待（HTTP {http}），中转站可能仍在处理{quote}",
    ),
    "stream_keeps": (
        "If the model can stream, streaming keeps the connection open.",
        "如果模型支持，流式应答可以保持连接。",
    ),
    "failed": ("{where} failed with HTTP {http}{quote}", "{where} 出错，HTTP {http}{quote}"),
    "without_mask_log": (
        "Try without the mask; some relays do not accept one. Check the relay's log for this request before you send it again.",
        "请去掉蒙版再试：有些中转站不接受蒙版。再次发送前，请先在中转站的日志中查看这次请求。",
    ),
    "bad_upstream": (
        "{where} got no usable answer from its own provider{quote}",
        "{where} 没有从上游服务得到可用的应答{quote}",
    ),
    "check_log": (
        "Check the relay's log for this request before you send it again.",
        "再次发送前，请先在中转站的日志中查看这次请求。",
    ),
    "unavailable": (
        "{where} is not available now (HTTP {http}){quote}",
        "{where} 暂时不可用（HTTP {http}）{quote}",
    ),
    "later": (
        "Try again later, or try another model or endpoint.",
        "请稍后重试，或换一个模型或端点。",
    ),
    "refused": (
        "{where} refused the request (HTTP {http}){quote}",
        "{where} 拒绝了请求（HTTP {http}）{quote}",
    ),
    "error": ("{where} answered with an error{quote}", "{where} 返回了错误{quote}"),
    "firewall": (
        "{where} sent a page that asks for a browser{title}: its firewall blocks this address.",
        "{where} 返回了要求使用浏览器的页面{title}：防火墙拦截了此地址。",
    ),
    "program_address": (
        "Use the relay's address for API clients, or another network.",
        "请使用中转站的 API 地址，或换一个网络。",
    ),
    "many_requests_page": (
        "{where} received too many requests{title}.",
        "{where} 收到的请求过多{title}。",
    ),
    "wait": ("Wait a moment, then try again.", "请稍等片刻再试。"),
    "not_accepted_page": (
        "{where} does not accept the request{title}.",
        "{where} 不接受此请求{title}。",
    ),
    "proxy_gave_up": (
        "The proxy in front of {where} gave up (HTTP {http}){title}.",
        "{where} 前面的代理放弃了请求（HTTP {http}）{title}。",
    ),
    "page": (
        "{where} answered with {page}{title} instead of an API answer.",
        "{where} 返回的是{page}{title}，而不是 API 应答。",
    ),
    "program_url": (
        "Check the base URL. It is the address for API clients and usually ends in /v1.",
        "请检查基础网址：它是 API 的地址，通常以 /v1 结尾。",
    ),
}
