"""Messages of exports, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "author_text": ("An author must be text.", "作者应为文本。"),
    "several_authors": ('For several authors: author=["A", "B"]', '多位作者：author=["A", "B"]'),
    "about": (
        "{count:,} {count:drawing|drawings} and how they were made.",
        "{count:,} 次绘图及其生成方法。",
    ),
    "exists": ("{target} already exists.", "{target} 已存在。"),
    "nothing_to_archive": ("There are no drawings to archive.", "没有可归档的绘图。"),
    "absent": ("is missing", "不存在"),
    "to_cite_programs": ("Citation metadata for programs", "供程序读取的引用信息"),
    "left_out": (" Left out: {names}.", " 略去：{names}。"),
    "pass_overwrite": ("Pass overwrite=True.", "如需覆盖，请加 overwrite=True。"),
    "unwritable": ("{target} cannot be written: {value}.", "无法写入 {target}：{value}。"),
    "given_with": ("@{number}, as its reference", "@{number} 的参考图"),
    "picture_problem": (
        "The picture {sha256}… of {where} {problem}",
        "{where} 的图片 {sha256}… {problem}",
    ),
    "the_records": ("The records, one per line", "记录，每行一条"),
    "the_schema": ("The JSON schema of a record", "记录的 JSON schema"),
    "methods": ("How the pictures were made", "图片的生成方法"),
    "to_cite": ("How to cite", "引用方式"),
    "differs": ("differs from what was received", "与收到时不同"),
    "of": ("from {where}", "来自 {where}"),
    "how_made": (
        "How {name}.{extension} was made; the file itself is signed",
        "{name}.{extension} 的生成信息；文件本身已签名",
    ),
    "the_gallery": ("The gallery, to open in a browser", "图库，用浏览器打开"),
    "verify_repair": (
        "nbext verify NOTEBOOK --repair tries to restore it; partial=True leaves it out.",
        "nbext verify NOTEBOOK --repair 会尝试恢复；partial=True 则略去它。",
    ),
    "of_the_gallery": ("Part of the gallery", "图库的一部分"),
    "bad_order": ("order={order!r} is not possible.", "order={order!r} 无效。"),
    "bad_embed": ("embed={embed!r} is not possible.", "embed={embed!r} 无效。"),
    "orders": ('Use "newest" or "oldest".', '可用 "newest" 或 "oldest"。'),
    "embeds": ('Use True, False or "auto".', '可用 True、False 或 "auto"。'),
    "stream_folder": ("A stream has no folder next to it.", "数据流旁边没有文件夹。"),
    "give_path": ("Pass a path.", "请传入路径。"),
    "nameless": ("an unnamed signer", "未署名者"),
    "signed_state": ("signed by {signed_by} · {words}", "由 {signed_by} 签名 · {words}"),
    "signed_by": ("signed by {signed_by}", "由 {signed_by} 签名"),
    "from_item": ("  {value}from {item}", "  {value}来自 {item}"),
    "problem": ("  problem: {problem}", "  问题：{problem}"),
    "larger_than": ("The picture is larger than {value} MB.", "图片超过 {value} MB。"),
    "no_certificates": ("{path} contains no certificates.", "{path} 中没有证书。"),
    "with_agent": ("with {agent}", "使用 {agent}"),
    "without_credentials": ("without credentials", "没有凭证"),
    "no_trust_list": ("no list of trusted signers was given", "没有给出可信签名者的列表"),
    "written_by": ("  written by {generator}", "  由 {generator} 写入"),
    "credentials_unreadable": (
        "The picture's Content Credentials cannot be read: {one_line}.",
        "无法读取图片的内容凭证：{one_line}。",
    ),
    "no_list": ("The list {path} cannot be read: {value}.", "无法读取列表 {path}：{value}。"),
    "pem_file": ("Use a PEM file.", "请使用 PEM 文件。"),
    "trusted": ("trusted according to your list", "在你的可信列表中"),
    "untrusted": ("NOT on your list", "不在你的可信列表中"),
    "key_kind": (
        "Content Credentials cannot be signed with this kind of key.",
        "这种密钥不能为内容凭证签名。",
    ),
    "span": (
        "{not_valid_before_utc:%Y-%m-%d} to {not_valid_after_utc:%Y-%m-%d}",
        "{not_valid_before_utc:%Y-%m-%d} 至 {not_valid_after_utc:%Y-%m-%d}",
    ),
    "key_kinds": (
        "Use EC P-256, P-384 or P-521, RSA with 2048 bits or more, or Ed25519.",
        "请使用 EC P-256、P-384 或 P-521，2048 位以上的 RSA，或 Ed25519。",
    ),
    "passphrase_in_cell": (
        "A passphrase written in a cell is saved with the notebook.",
        "写在单元格里的口令会随笔记本一起保存。",
    ),
    "other_key": (
        "The key {key} does not belong to the first certificate in {chain}.",
        "密钥 {key} 与 {chain} 中的第一个证书不匹配。",
    ),
    "not_valid_today": (
        "The certificate {chain} is valid from {until}, not today.",
        "证书 {chain} 的有效期为 {until}，今天不在其中。",
    ),
    "no_file": ("The {what} {path} cannot be read: {value}.", "无法读取{what} {path}：{value}。"),
    "unsigned_kind": ("Pictures of type {value} cannot be signed.", "{value} 类型的图片不能签名。"),
    "certificate_names": (
        "Pass the names of the certificate's files, not their contents.",
        "请传入证书文件的名称，而不是其内容。",
    ),
    "ask_passphrase": (
        "Pass a function that asks for it: passphrase=getpass.getpass",
        "请传入询问口令的函数：passphrase=getpass.getpass",
    ),
    "cannot_sign": ("{chain} cannot sign: {one_line}.", "{chain} 无法签名：{one_line}。"),
    "has_passphrase": ("The key {key} has a passphrase.", "密钥 {key} 设有口令。"),
    "wrong_passphrase": (
        "the passphrase is wrong, or the file is damaged",
        "口令错误，或文件已损坏",
    ),
    "not_pem": ("it is not a PEM key", "它不是 PEM 密钥"),
    "key_unreadable": ("The key {key} cannot be read: {wrong}.", "无法读取密钥 {key}：{wrong}。"),
    "not_a_chain": (
        "{chain} is not a certificate chain in PEM format.",
        "{chain} 不是 PEM 格式的证书链。",
    ),
    "own_first": (
        "Put the signer's own certificate first, then its issuers.",
        "请把签名者自己的证书放在最前面，随后是签发者的证书。",
    ),
    "signed_kinds": (
        "PNG, JPEG, WebP, GIF and AVIF can.",
        "PNG、JPEG、WebP、GIF 和 AVIF 可以。",
    ),
    "not_signed": ("@{number} cannot be signed: {reason}.", "@{number} 无法签名：{reason}。"),
    "key_in_cell": (
        "A key written in a cell is saved with the notebook.",
        "写在单元格里的密钥会随笔记本一起保存。",
    ),
    "meant": ("Did you mean {_NAMES}? ", "是否想用 {_NAMES}？"),
    "no_code_in": ("Code cannot be written in {language!r}.", "不能生成 {language!r} 代码。"),
    "beside_code": ("Files next to this code: {names}", "代码旁的文件：{names}"),
    "code_languages": ("{guess}The languages are {names}.", "{guess}可用语言：{names}。"),
    "bad_file_name": (
        "{name!r} is not a valid name for a file next to the code.",
        "{name!r} 不能作为代码旁文件的名称。",
    ),
    "half_surrogate": (
        "The body contains half of a surrogate pair and cannot be sent.",
        "请求体含有半个代理对，无法发送。",
    ),
    "too_deep": (
        "The body is nested too deeply to be shown as code.",
        "请求体嵌套过深，无法显示为代码。",
    ),
    "no_parameters": ("The text does not end with parameters.", "文本末尾没有参数。"),
    "avif_boxes": (
        "Nothing can be added after the boxes of this AVIF.",
        "无法在此 AVIF 的数据块之后添加内容。",
    ),
    "avif_items": ("This AVIF has no free item number left.", "此 AVIF 没有可用的条目编号。"),
    "avif_large": ("This AVIF is too large for metadata.", "此 AVIF 过大，无法写入元数据。"),
    "avif_fixed": (
        "This AVIF stores its metadata in a way that cannot be moved.",
        "此 AVIF 的元数据无法移动。",
    ),
    "editors_file": (
        "This file is from the editor: the values are those shown there.",
        "这是编辑器的文件，数值以编辑器中显示的为准。",
    ),
    "several_saved": (
        "The graph saves several pictures, and it is not clear which of them this is.",
        "流程图保存了多张图片，无法确定这是哪一张。",
    ),
    "later_pass": (
        "A later pass had another prompt: {texts}",
        "后续步骤使用了另一个提示词：{texts}",
    ),
    "no_prompt": ("The graph does not lead to the text of a prompt.", "流程图中找不到提示词文本。"),
    "no_model_name": (
        "The graph does not lead to the name of the model.",
        "流程图中找不到模型名称。",
    ),
    "node_model": ("The node {kind} does not name its model.", "节点 {kind} 没有写明模型。"),
    "node_prompt": (
        "The node {kind} wrote the prompt; its text is not in the file.",
        "提示词由节点 {kind} 生成，文件中没有其文本。",
    ),
    "different_texts": (
        "The parts of the text encoder received different texts.",
        "文本编码器的各部分收到的文本不同。",
    ),
    "combined": (
        "Several prompts were combined; they are listed one per line.",
        "合并了多个提示词，每行一个。",
    ),
    "no_metadata": (
        "Pictures of type {value} cannot hold this metadata.",
        "{value} 类型的图片不能保存这些元数据。",
    ),
    "metadata_kinds": (
        "PNG, JPEG, WebP, GIF and AVIF can; the history records it in any case.",
        "PNG、JPEG、WebP、GIF 和 AVIF 可以；历史记录中总会保存。",
    ),
    "jpeg_limit": (
        "The prompt is too long for a JPEG's metadata (64 kB).",
        "提示词过长，超出 JPEG 元数据的上限（64 kB）。",
    ),
    "model_made": (
        "The file says that a model made it, but not from which prompt.",
        "文件说明由模型生成，但没有提示词。",
    ),
    "nameless_program": (
        "The program that wrote this does not state its name.",
        "写入这些信息的程序没有署名。",
    ),
    "torn": ("The picture or its record is damaged: {error}.", "图片或其记录已损坏：{error}。"),
    "the_file": ("The file", "该文件"),
    "no_note": ("{name} contains no information on how it was made.", "{name} 中没有生成信息。"),
    "no_picture": ("{name} is not a picture.", "{name} 不是图片。"),
    "not_readable": (
        "Pass a path or the bytes of a file, not {picture}.",
        "请传入路径或文件的字节，而不是 {picture}。",
    ),
    "other_file": (
        "{name} does not confirm that it belongs to this file.",
        "{name} 无法确认属于这个文件。",
    ),
    "note_removed": (
        "Messengers and editors remove this information from files. If the picture is in a history, look there.",
        "聊天软件和编辑软件会去掉文件中的这些信息。如果图片在历史记录中，请在那里查看。",
    ),
    "file_too_large": ("{name} is larger than {value} MB.", "{name} 超过 {value} MB。"),
    "no_file_picture": (
        "The picture {path} cannot be read: {value}.",
        "无法读取图片 {path}：{value}。",
    ),
    "bad_xmp": (
        "The picture's XMP is not well-formed; it is left as it is, without the record.",
        "图片的 XMP 格式有误，保持原样，不写入记录。",
    ),
    "state_none": (
        "no Content Credentials (which proves nothing: any editor can remove them)",
        "没有内容凭证（这并不能说明什么：任何编辑软件都可能去掉它）",
    ),
    "state_intact": ("intact", "完好"),
    "state_altered": ("ALTERED since it was signed", "签名后已被修改"),
    "state_tampered": ("the credentials themselves were TAMPERED with", "凭证本身已被篡改"),
    "state_revoked": ("the signer's certificate was revoked", "签名者的证书已被吊销"),
    "state_expired": (
        "unchanged, but the signer's certificate has expired",
        "未改动，但签名者的证书已过期",
    ),
    "state_invalid": ("they do NOT validate", "未通过验证"),
    "state_unreadable": ("Content Credentials that cannot be read", "内容凭证无法读取"),
    "state_unread": (
        "Content Credentials; {MISSING} reads them",
        "有内容凭证，安装 {MISSING} 后可读取",
    ),
    "a_picture": ("a picture", "一张图片"),
    "methods_language": (
        "The methods text is not available in {language!r}.",
        "方法说明没有 {language!r} 版本。",
    ),
    "methods_languages": ("Use one of {names}.", "可用：{names}。"),
    "c2pa_missing": (
        "Content Credentials need c2pa-python, which is not installed.",
        "内容凭证需要 c2pa-python，而它没有安装。",
    ),
    "c2pa_broken": (
        "Content Credentials need c2pa-python, which cannot be loaded here.",
        "内容凭证需要 c2pa-python，而它在此无法加载。",
    ),
}
