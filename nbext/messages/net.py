"""Messages of the transport, in English and Chinese."""

from __future__ import annotations

MESSAGES = {
    "attempt": (" ({attempt} of {tries})", "（第 {attempt} 次，共 {tries} 次）"),
    "not_json": ("{host} did not answer with JSON.", "{host} 的应答不是 JSON。"),
    "next_try": ("{why}: next try in {wait:.0f} s{count}", "{why}：{wait:.0f} 秒后重试{count}"),
    "check_v1": (
        "Check the base URL: it usually ends in /v1.",
        "请检查基础网址：通常以 /v1 结尾。",
    ),
    "repaired": (
        "{host} {words}; the request is sent that way",
        "{host} {words}；将按此方式发送请求",
    ),
    "instead": ("{message} At {shown} instead: {message2}", "{message}改用 {shown} 时：{message2}"),
    "redirects": (
        "The picture's address redirects more than {redirects} times.",
        "图片地址的重定向超过 {redirects} 次。",
    ),
    "try_browser": (
        "Check whether a browser can open it: {one_line}",
        "请看浏览器能否打开：{one_line}",
    ),
    "picture_url": ("The picture's address is not a valid URL.", "图片地址不是有效的网址。"),
    "picture_scheme": (
        "The picture's address starts with {scheme}:, not https:.",
        "图片地址以 {scheme}: 开头，而不是 https:。",
    ),
    "picture_user": ("The picture's address contains a user name.", "图片地址中带有用户名。"),
    "no_address": ("{host} has no address.", "{host} 没有 IP 地址。"),
    "private_address": (
        "The answer points to {host}, which is not on the public internet ({private}).",
        "应答中的图片地址指向 {host}，它不在公网上（{private}）。",
    ),
    "private_reference": (
        "The reference is at {host}, which is not on the public internet ({private}).",
        "参考图片位于 {host}，它不在公网上（{private}）。",
    ),
    "use_file": (
        "Download the picture yourself, and use the file as the reference.",
        "请自行下载图片，并用该文件作为参考图片。",
    ),
    "unknown_host": ("The host {host} was not found (DNS).", "找不到主机 {host}（DNS）。"),
    "through_proxy": (
        "To download it through the proxy in HTTPS_PROXY: {_THROUGH}",
        "如需通过 HTTPS_PROXY 中的代理下载：{_THROUGH}",
    ),
    "fake_ip": (
        "A local proxy in fake-IP mode may be the cause. Make it return real addresses, or download through it: {_THROUGH}",
        "可能是本地代理的 fake-IP 模式所致。请让它返回真实地址，或通过代理下载：{_THROUGH}",
    ),
    "not_reached": (
        "It is not downloaded, because an answer must not reach into your network.",
        "没有下载：应答不应访问你的内部网络。",
    ),
    "check_log": (
        "Check the relay's log for this request before you send it again.",
        "再次发送前，请先在中转站的日志中查看这次请求。",
    ),
    "no_connection": ("No connection to {host}.", "无法连接 {host}。"),
    "the_endpoint": ("the endpoint", "端点"),
    "connect_timeout": (
        "{host} did not accept the connection within {connect:g} s.",
        "{host} 在 {connect:g} 秒内没有接受连接。",
    ),
    "proxy_refused": (
        "The proxy on the way to {host} refused the connection.",
        "通往 {host} 的代理拒绝了连接。",
    ),
    "check_proxy": (
        "Check HTTPS_PROXY, or add the host to NO_PROXY.",
        "请检查 HTTPS_PROXY，或把该主机加入 NO_PROXY。",
    ),
    "socks": (
        "The proxy in the environment is a SOCKS proxy, which needs the package socksio.",
        "环境变量中的代理是 SOCKS 代理，需要安装 socksio。",
    ),
    "unsendable_url": ("No request can be sent to this base URL.", "无法向这个基础网址发送请求。"),
    "url_form": (
        "A base URL begins with https:// (or http://) and usually ends in /v1.",
        "基础网址以 https://（或 http://）开头，通常以 /v1 结尾。",
    ),
    "write_timeout": (
        "{host} stopped accepting the request for {write:g} s.",
        "{host} 在 {write:g} 秒内没有继续接收请求。",
    ),
    "no_certificates": (
        "The file of certificate authorities does not exist.",
        "证书颁发机构的文件不存在。",
    ),
    "check_ssl": (
        "Check SSL_CERT_FILE and SSL_CERT_DIR.",
        "请检查 SSL_CERT_FILE 和 SSL_CERT_DIR。",
    ),
    "unwritable": ("The request to {host} could not be written.", "无法写出发往 {host} 的请求。"),
    "odd_characters": (
        "Check the base URL and the options for unusual characters.",
        "请检查基础网址和选项中是否有异常字符。",
    ),
    "later": ("Try again later.", "请稍后重试。"),
    "silence": (
        "{host} sent nothing for {silence:g} s.",
        "{host} 在 {silence:g} 秒内没有发来数据。",
    ),
    "check_network": ("Check the base URL and the network.", "请检查基础网址和网络。"),
    "bad_certificate": (
        "The certificate of {host} was rejected: {reason}.",
        "{host} 的证书未通过验证：{reason}。",
    ),
    "check_certificate": (
        "Check the base URL. To trust further authorities, set SSL_CERT_FILE.",
        "请检查基础网址。如需信任其他颁发机构，请设置 SSL_CERT_FILE。",
    ),
    "insecure": (
        "No secure connection to {host}: {value}.",
        "无法与 {host} 建立安全连接：{value}。",
    ),
    "check_scheme": (
        "Check the base URL: https:// or http://.",
        "请检查基础网址：https:// 还是 http://。",
    ),
    "refused": (
        "Nothing answers at {host}: the connection was refused.",
        "{host} 没有响应：连接被拒绝。",
    ),
    "check_server": (
        "Check the base URL, and whether the server is running.",
        "请检查基础网址，以及服务器是否在运行。",
    ),
    "total_timeout": (
        "{host} did not finish within {total:g} s.",
        "{host} 在 {total:g} 秒内没有完成。",
    ),
    "undecompressible": (
        "{host} sent an answer that cannot be decompressed.",
        "{host} 的应答无法解压。",
    ),
    "broken": ("{host} closed the connection {what}.", "{host} {what}断开了连接。"),
    "untrusted": ("it is not trusted", "不受信任"),
    "try_again": ("Try again.", "请重试。"),
    "mid_answer": ("while sending its answer", "在发送应答时"),
    "before_answer": ("before answering", "在应答之前"),
    "handshake": ("the handshake failed", "握手失败"),
    "bad_key": (
        "The key of the endpoint {name} contains a character that keys never have: a space, a line break or an accented letter.",
        "端点 {name} 的密钥含有密钥中不会出现的字符：空格、换行或带重音的字母。",
    ),
    "endpoint_url": (
        "No request can be sent to the base URL of the endpoint {name}.",
        "无法向端点 {name} 的基础网址发送请求。",
    ),
    "copy_key": ("Copy it again and set it: %nbext key.", "请重新复制并设置：%nbext key。"),
    "compressed": (
        "{host} compressed its answer ({one_line}) although it was not asked to.",
        "{host} 未经请求就压缩了应答（{one_line}）。",
    ),
    "install_package": (
        "To read such answers: pip install '{package}'",
        "要读取这样的应答：pip install '{package}'",
    ),
    "too_much": ("{host} sent more than {size}.", "{host} 发来的数据超过 {size}。"),
    "link_closed": (
        "The picture's link has expired or is closed (HTTP {status}){quote}",
        "图片链接已过期或关闭（HTTP {status}）{quote}",
    ),
    "link_page": (
        "The picture's link returned a web page{title}.",
        "图片链接返回的是网页{title}。",
    ),
    "picture_size": ("The picture is larger than {size}.", "图片超过 {size}。"),
    "allow_bytes": (
        "Allow more: %config Nbext.picture_bytes = {value}",
        "如需放宽：%config Nbext.picture_bytes = {value}",
    ),
    "link_missing": (
        "There is no picture at the link (HTTP 404){quote}",
        "链接处没有图片（HTTP 404）{quote}",
    ),
    "link_message": (
        'The picture\'s link returned a message: "{message}"',
        "图片链接返回了一条消息：“{message}”",
    ),
    "link_other": (
        "The picture's link returned something other than a picture.",
        "图片链接返回的不是图片。",
    ),
    "link_pending": (
        "The picture is not ready (HTTP 202){quote}",
        "图片尚未就绪（HTTP 202）{quote}",
    ),
    "link_status": (
        "The picture's host answered HTTP {status}{quote}",
        "图片所在的主机返回 HTTP {status}{quote}",
    ),
    "link_empty": ("The picture's link returned 0 bytes.", "图片链接返回了 0 字节。"),
}
