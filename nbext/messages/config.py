"""Messages about settings and keys, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "key_kept": ("The key for {place} is stored in {where}.", "{place} 的密钥保存在{where}中。"),
    "key_asks": (
        "run %nbext key {base_url} and type it in the hidden prompt",
        "请运行 %nbext key {base_url}，在隐藏的输入框中输入",
    ),
    "no_key_anywhere": ("no key is set", "没有设置密钥"),
    "endpoint": ("endpoint {name}", "端点 {name}"),
    "key_precedence": ("{message} But {first} takes precedence.", "{message}但 {first} 优先。"),
    "embedded": ("embedded (sketches, no model)", "内置（草图，不用模型）"),
    "any_word": (
        "; if the server needs no key, any word will do",
        "；如果服务器不需要密钥，随便输入一个词即可",
    ),
    "no_key_for": (
        "There is no key for {place} ({url_from}).",
        "没有 {place} 的密钥（{url_from}）。",
    ),
    "key_without_url": (
        "{key_name} is set without {url_name}, so it is not clear where the key may be sent.",
        "设置了 {key_name} 却没有设置 {url_name}，无法确定密钥可以发往何处。",
    ),
    "key_as_url": (
        "That looks like a key, and it is now in the cell.",
        "这看起来像密钥，而且已经写进了单元格。",
    ),
    "not_from_file": (
        "{name} sets {key} = {value}, which a settings file may not, so it is ignored. To set it yourself: %config Nbext.{key} = {value}",
        "{name} 中的 {key} = {value} 不允许由设置文件指定，已忽略。如需设置：%config Nbext.{key} = {value}",
    ),
    "which_endpoint": ("Which endpoint is the key for?", "这是哪个端点的密钥？"),
    "key_prompt": ("Key for {place}: ", "{place} 的密钥："),
    "key_elsewhere": (
        'To set it, {asks}. A key set for another URL is not used here. To draw without a key: %config Nbext.endpoint = "embedded".',
        '{asks}。为其他网址设置的密钥不会用在这里。不用密钥：%config Nbext.endpoint = "embedded"。',
    ),
    "the_keyring": ("the keyring", "系统密钥环"),
    "no_endpoint": ("There is no endpoint{shown}", "没有端点{shown}"),
    "set_url": (
        "Set {url_name} as well, e.g. https://relay.example/v1",
        "请同时设置 {url_name}，例如 https://relay.example/v1",
    ),
    "colab_url": ("Colab's {url_name}", "Colab 的 {url_name}"),
    "remove_key": (
        "Remove it from the cell. %nbext key takes the base URL only and asks for the key in a hidden prompt.",
        "请从单元格中删去。%nbext key 只接受基础网址，密钥在隐藏的输入框中输入。",
    ),
    "this_kernel": ("this kernel", "此内核"),
    "keyring_url": ("The keyring's URL", "系统密钥环中的网址"),
    "name_endpoint": (
        'Define it: %config Nbext.endpoints = {"lab": {"base_url": "https://…"}}',
        '可以定义：%config Nbext.endpoints = {"lab": {"base_url": "https://…"}}',
    ),
    "openai_url": ("OpenAI's own URL", "OpenAI 官方网址"),
    "colab_key": ("Colab's {key_name}", "Colab 的 {key_name}"),
    "set_from": ("set, from {key_from}", "已设置，来自 {key_from}"),
    "nobody_to_ask": (
        "There is no hidden prompt here to ask for a key.",
        "这里没有可用的隐藏输入框，无法输入密钥。",
    ),
    "file_is_link": (
        "{name} is a link. Settings are only read from a regular file: copy it here.",
        "{name} 是链接。设置只从普通文件读取：请把文件复制到这里。",
    ),
    "not_text_file": (
        "{name} is not a UTF-8 text file of at most {FILE_BYTES:,} bytes.",
        "{name} 不是 UTF-8 文本文件，或超过 {FILE_BYTES:,} 字节。",
    ),
    "not_a_table": (
        "{name}: tool.nbext must be a table of settings.",
        "{name}：tool.nbext 应为设置表。",
    ),
    "line": (", line {number}", "，第 {number} 行"),
    "key_in_file": (
        "{where} contains a key. Settings files are often shared, so keys are refused.",
        "{where} 中有密钥。设置文件常会分享给他人，因此不接受密钥。",
    ),
    "no_setting_in_file": ("{where}: there is no setting {key!r}.", "{where}：没有设置 {key!r}。"),
    "too_deep": ("nested too deeply", "嵌套过深"),
    "the_key": ("The key", "密钥"),
    "the_url": ("The base URL", "基础网址"),
    "a_text": ("text", "文本"),
    "one_of": ("one of {names}", "以下之一：{names}"),
    "true_or_false": ("True or False", "True 或 False"),
    "a_table": ("a table. {help}", "一张表。{help}"),
    "a_number": ("a number of {min:g} or more. {help}", "不小于 {min:g} 的数。{help}"),
    "the_endpoint": ("The endpoint {name!r}", "端点 {name!r}"),
    "not_a_key": (
        "{where} is not a valid key: it is empty, or contains spaces, quotes or characters that keys do not have.",
        "{where}无效：它是空的，或含有空格、引号或密钥中不会出现的字符。",
    ),
    "key_in_url": ("{where} contains a key or a password.", "{where}中含有密钥或密码。"),
    "query_in_url": (
        '{where} has a part after "?" or "#", where keys are often put.',
        "{where}在“?”或“#”之后还有内容，而密钥常写在那里。",
    ),
    "not_a_url": ("{where} is not a valid base URL.", "{where}不是有效的基础网址。"),
    "settings": (
        "Nbext settings. Those not listed have their defaults.",
        "Nbext 设置。未列出的为默认值。",
    ),
    "no_setting": ("Nbext has no setting {name!r}.", "Nbext 没有设置 {name!r}。"),
    "holds_key": ("{what} contains a key.", "{what} 中有密钥。"),
    "url_of": ("The base_url of {lower}", "{lower}的 base_url"),
    "a_style": ("A style", "风格"),
    "prices_like": (
        'Nbext.prices must be like {"gpt-4o-image": 0.01}, in US dollars per picture.',
        'Nbext.prices 应类似 {"gpt-4o-image": 0.01}，单位为美元每张。',
    ),
    "copy_key": ("Copy it again, without quotes.", "请重新复制，不要带引号。"),
    "end_url": ("Leave that part out. {remedy}", "请去掉这一部分。{remedy}"),
    "url_like": ("It should look like https://relay.example/v1", "应类似 https://relay.example/v1"),
    "value_expected": ("Nbext.{name} must be {expected}.", "Nbext.{name} 应为{expected}。"),
    "key_as_setting": ("A key cannot be set as a setting.", "密钥不能写在设置里。"),
    "bad_endpoint": ("{what} is not valid.", "{what}无效。"),
    "no_base_url": ("{what} has no base_url.", "{what}没有 base_url。"),
    "style_text": ("A style must be text.", "风格应为文本。"),
    "wire_names": (
        "Nbext.wires: the wire format of {pattern!r} must be one of {names}.",
        "Nbext.wires：{pattern!r} 的接口格式应为以下之一：{names}。",
    ),
    "family_table": ("A family must be a table of fields.", "模型系列应为字段表。"),
    "endpoint_key": ("{what} has a key in the settings.", "{what}的设置中有密钥。"),
    "endpoint_field": ("{what} has an unknown field {field!r}.", "{what}有未知字段 {field!r}。"),
    "embedded_taken": ("embedded is reserved", "embedded 是保留名称"),
    "only_base_url": ("The only field is base_url.", "只能有 base_url 字段。"),
    "without_key": (
        "Use %nbext key, or set NBEXT_API_KEY together with NBEXT_BASE_URL in the environment.",
        "请使用 %nbext key，或在环境变量中同时设置 NBEXT_API_KEY 和 NBEXT_BASE_URL。",
    ),
    "whole_up": ("a whole number of {min:,} or more", "不小于 {min:,} 的整数"),
    "whole_between": ("a whole number from {min:,} to {max:,}", "{min:,} 到 {max:,} 的整数"),
    "none": ("none", "无"),
    "chosen": ("chosen", "已选用"),
}
