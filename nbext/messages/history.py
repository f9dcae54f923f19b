"""Messages about drawings and the history, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "no_mask": (
        "The drawing @{number} has no mask and picture that can be compared.",
        "绘图 @{number} 没有可供比较的蒙版与图片。",
    ),
    "drawings": ("{count:,} {count:drawing|drawings}", "{count:,} 次绘图"),
    "not_in_folder": ("The drawing {id_} is not in {folder}.", "绘图 {id_} 不在 {folder} 中。"),
    "no_picture": ("Drawing @{number} has no picture.{why}", "绘图 @{number} 没有图片。{why}"),
    "is_film": (
        "Drawing @{number} is a film; it has no picture.",
        "绘图 @{number} 是视频，没有图片。",
    ),
    "read_only": (
        "This history was opened for reading only; it cannot send requests.",
        "这份历史记录以只读方式打开，不能发送请求。",
    ),
    "unwritable": ("{path} cannot be written: {value}.", "无法写入 {path}：{value}。"),
    "draw_here": (
        "To draw in this notebook: nbext.draw(…, images=[drawing])",
        "在此笔记本中绘图：nbext.draw(…, images=[drawing])",
    ),
    "answer_kept": (
        "The answer is in the history, as @{number}.",
        "应答保存在历史记录中，编号 @{number}。",
    ),
    "last_is": ("The last one is @{number}.", "最近一次是 @{number}。"),
    "empty": ("The history is empty.", "历史记录是空的。"),
    "no_drawing": ("There is no drawing @{number}.", "没有绘图 @{number}。"),
    "pictures": ("{count} {count:picture|pictures}", "{count} 张图片"),
    "not_a_drawing": ("{reference!r} is not a drawing.", "{reference!r} 不是绘图。"),
    "it_failed": (" It failed: {message}", " 失败原因：{message}"),
    "no_such_picture": (
        "Drawing @{number} has {many}, so there is no number {index}.{failed}",
        "绘图 @{number} 有 {many}，没有第 {index} 张。{failed}",
    ),
    "not_in_history": (
        "The drawing {id_} is not in this history.",
        "绘图 {id_} 不在这份历史记录中。",
    ),
    "folder_gone": ("The folder {folder} no longer exists.", "文件夹 {folder} 已不存在。"),
    "nothing_to_undo": (
        "There is no star, tag or note of this kernel to undo.",
        "此内核没有可撤销的加星、标签或备注。",
    ),
    "merge_read_only": (
        "This history was opened for reading only; nothing can be merged into it.",
        "这份历史记录以只读方式打开，不能合并到其中。",
    ),
    "more": ("  … {value} more", "  … 另有 {value} 次"),
    "reference_like": ("Write @3, @3.2 or @-1.", "请写 @3、@3.2 或 @-1。"),
    "merge_here": (
        "To merge it into this notebook's history: nbext.history.merge(…)",
        "合并到此笔记本的历史记录：nbext.history.merge(…)",
    ),
    "not_a_number": (
        'history[…] takes the number of a drawing, not {type}: history[3], history[-1] or history["@3"].',
        'history[…] 需要绘图的编号，而不是 {type}：history[3]、history[-1] 或 history["@3"]。',
    ),
    "not_text": ("{value!r} is not text.", "{value!r} 不是文本。"),
    "not_a_date": ("{value!r} is not a date.", "{value!r} 不是日期。"),
    "date_like": (
        'Write "2026-11-22" or "2026-11-22 14:03".',
        '请写 "2026-11-22" 或 "2026-11-22 14:03"。',
    ),
    "tree_text": (
        "… tree.text() shows all {count} drawings",
        "… tree.text() 显示全部 {count} 次绘图",
    ),
    "with_pictures": ("with {names}", "参考 {names}"),
    "parent_missing": ("its source {missing}… is missing", "来源 {missing}… 缺失"),
    "parent_circle": ("its source is derived from it", "来源又衍生自它"),
    "given_to": ("{value} was used by {names}", "{value} 用于 {names}"),
    "exists": ("{path} already exists.", "{path} 已存在。"),
    "bad_suffix": ("{name} cannot be saved as .{suffix}.", "{name} 不能保存为 .{suffix}。"),
    "pass_overwrite": ("Pass overwrite=True.", "如需覆盖，请加 overwrite=True。"),
    "file_unwritable": ("{file} cannot be written: {value}.", "无法写入 {file}：{value}。"),
    "own_format": ("Its own format is .{extension}", "它自己的格式是 .{extension}"),
    "other_formats": ("; png, jpg and webp also work.", "，也可用 png、jpg 和 webp。"),
    "sweep_empty": ("The sweep has no pictures.", "这次批量绘制没有图片。"),
    "needs_frames": ("A data frame needs pandas or polars.", "数据框需要 pandas 或 polars。"),
    "install_frames": ("Install one, or use sweep.rows().", "请安装其一，或使用 sweep.rows()。"),
    "not_a_certificate": ("sign={name} is not a certificate.", "sign={name} 不是证书。"),
    "no_certificate": (
        "sign=True needs a certificate in the settings, and none is set.",
        "sign=True 需要设置中的证书，而目前没有设置。",
    ),
    "set_certificate": (
        'Set Nbext.certificate and Nbext.certificate_key_file, or pass sign=nbext.Certificate("chain.pem", "key.pem").',
        '请设置 Nbext.certificate 和 Nbext.certificate_key_file，或传入 sign=nbext.Certificate("chain.pem", "key.pem")。',
    ),
}
