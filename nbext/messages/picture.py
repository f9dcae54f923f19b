"""Messages about pictures, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "not_a_list": (
        "This is one drawing, not a list. Its pictures are in pictures: drawing.pictures[0]. With n=2, draw() returns a list of drawings.",
        "这是一次绘图，不是列表。图片在 pictures 里：drawing.pictures[0]。n=2 时，draw() 返回绘图列表。",
    ),
    "take_frame": (
        "Save one of its frames as a picture, and give that. The film is {path}.",
        "请把其中一帧存为图片作为参考。视频文件：{path}。",
    ),
    "megapixels": ("{value} megapixels", "{value} 百万像素"),
    "pixels": ("{max_pixels:,} pixels", "{max_pixels:,} 像素"),
    "side": ("{MAX_SIDE:,} pixels per side", "单边 {MAX_SIDE:,} 像素"),
    "too_many_scans": (
        "The JPEG consists of {count:,} scans, and would take minutes to decode.",
        "这个 JPEG 由 {count:,} 次扫描组成，解码需要数分钟。",
    ),
    "save_again": (
        "Open it in a program of your own, and save it again.",
        "请用自己的程序打开它，然后重新保存。",
    ),
    "too_many_pixels": (
        "The picture has {width}×{height} pixels; the limit is {limit}.",
        "图片有 {width}×{height} 像素，上限为{limit}。",
    ),
    "smaller": ("Ask for a smaller size.", "请使用较小的尺寸。"),
    "allow_pixels": (
        "Allow more: %config Nbext.picture_pixels = {pixels}",
        "放宽上限：%config Nbext.picture_pixels = {pixels}",
    ),
    "unknown_file": ("unknown file type", "未知类型的文件"),
    "not_decodable": ("This cannot be decoded as a picture: {what}.", "无法作为图片解码：{what}。"),
    "undecodable": ("The picture cannot be decoded: {reason}.", "无法解码图片：{reason}。"),
    "unchecked": ("The picture could not be checked: {reason}.", "无法检查图片：{reason}。"),
    "too_large": ("The picture is {size}; the limit is {most}.", "图片为 {size}，上限为 {most}。"),
    "other_type": (
        "The bytes are {value}, not {media_type}.",
        "数据是 {value}，而不是 {media_type}。",
    ),
    "unchecked_error": ("The picture could not be checked: {error}.", "无法检查图片：{error}。"),
    "not_a_picture": ("not a picture", "非图片"),
    "svg_failed": ("The SVG cannot be drawn{reason}.", "无法绘出 SVG{reason}。"),
    "svg_timeout": (
        "The SVG could not be drawn within {SECONDS} seconds.",
        "无法在 {SECONDS} 秒内绘出 SVG。",
    ),
    "svg_error": ("The SVG cannot be drawn: {error}.", "无法绘出 SVG：{error}。"),
    "fields_in_table": (
        'The page "Add a family of models" (docs/extending.md) says what each field takes.',
        "各字段接受的值见文档“Add a family of models”（docs/extending.md）。",
    ),
    "wrong_type": ("{field} takes {wanted}, not {value}", "{field} 应为{wanted}，而不是{value}"),
    "wrong_date": ("{field} takes {wanted}", "{field} 应为{wanted}"),
    "no_value": ("{field} cannot be {value}", "{field} 不能是 {value}"),
    "or": (" or ", "或"),
    "type_array": ("a list", "列表"),
    "type_bool": ("true or false", "true 或 false"),
    "type_date": ("a date such as 2026-11-30", "日期（例如 2026-11-30）"),
    "type_float": ("a number", "数字"),
    "type_int": ("a whole number", "整数"),
    "type_null": ("nothing", "空值"),
    "type_object": ("a table", "表"),
    "type_str": ("text", "文本"),
    "values": ("{field} takes {names}.", "{field} 可取 {names}。"),
    "bad_value": (
        "{where}: {field} cannot be {value}.",
        "{where}：{field} 不能是 {value}。",
    ),
    "value_form": ("Write it like this: {field} = {example}", "写法示例：{field} = {example}"),
    "fields": ("The fields are {names}.", "可用字段：{names}。"),
    "no_field": ("{where} has no field {field!r}.", "{where} 没有字段 {field!r}。"),
    "bad_pattern": (
        "{where}: {pattern!r} is not a valid regular expression ({error}).",
        "{where}：{pattern!r} 不是有效的正则表达式（{error}）。",
    ),
}
