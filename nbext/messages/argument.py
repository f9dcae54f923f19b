"""Messages of the argument parsers, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "usage": ("usage: ", "用法："),
    "positionals": ("arguments", "参数"),
    "options": ("options", "选项"),
    "help": ("show this help", "显示此帮助"),
    "needs_value": ("{option} needs a value", "{option} 需要一个值"),
    "takes_no_value": (
        "{option} takes no value, not {value}",
        "{option} 不带值，而这里给出了 {value}",
    ),
    "not_whole": (
        "{option} takes a whole number, not {value}",
        "{option} 需要整数，而不是 {value}",
    ),
    "bad_value": ("{option} does not take {value}", "{option} 不接受 {value}"),
    "bad_choice": (
        "{option} does not accept {value}; use one of {names}",
        "{option} 不接受 {value}，可用：{names}",
    ),
    "of_option": ("{option}: {reason}", "{option}：{reason}"),
    "required": ("{names} is missing", "缺少 {names}"),
    "unrecognized": ("unexpected {names}", "多余的 {names}"),
}
