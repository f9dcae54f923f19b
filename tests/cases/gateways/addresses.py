"""Links as answers write them, and what servers do with who follows them."""

from __future__ import annotations

from typing import Any

from tests.cases.gateways.rows import CHAT, URL, A, drawn_by, row
from tests.cases.relays import IMAGES, RED, chat
from tests.relay import File


def link(name: str, text: str, files: Any = None, **right: Any) -> None:
    """Add an answer in text with one red picture behind a link."""
    row(f"Link: {name}", CHAT, chat(text), files or A, pictures=("red",), **right)


def lost(name: str, url: str, files: Any = None, *words: str, **right: Any) -> None:
    """Add a link that leads to no picture: it is named, so that the user can follow it."""
    row(
        f"Link: {name}",
        IMAGES,
        {"data": [{"url": url}]},
        files,
        error=right.pop("error", "DownloadError"),
        words=words or (url.replace("{base}", ""),),
        **right,
    )


def served(name: str, *answers: Any) -> None:
    """Add what a server answers, in order, until it gives the picture."""
    drawn_by(f"Served: {name}", IMAGES, {"data": [{"url": URL}]}, {"/a.png": list(answers)})


link("reference style", "![cat][1]\n\n[1]: {base}/a.png")
link("autolink", "Your picture: <{base}/a.png>")
link("in a table", "| # | picture |\n|---|---|\n| 1 | ![x]({base}/a.png) |")
link("in bold", "**{base}/a.png**")
link("in backticks", "Here is your link: `{base}/a.png`")
link("before a Chinese full stop", "图片已生成：{base}/a.png。请在24小时内下载！")
link("in Chinese brackets", "【{base}/a.png】")
link("in Japanese quotes", "画像：「{base}/a.png」")
link("in typographic quotes", "“{base}/a.png”")
link("with a title", '![cat]({base}/a.png "A red cat")')
link("before a comma", "{base}/a.png, enjoy")
link("ampersands written twice", "![x]({base}/a.png?a=1&amp;amp;b=2)", {"/a.png?a=1&b=2": RED})
link("escaped for JavaScript", '{"url": "{base}/a.png?a=1\\u0026b=2"}', {"/a.png?a=1&b=2": RED})
link("a fragment of the page", "![x]({base}/a.png#page=1)")
link(
    "a signature of many signs",
    "![x]({base}/a.png?Policy=eyJ~&Signature=ab-c~_&Key-Pair-Id=K1)",
    {"/a.png?Policy=eyJ~&Signature=ab-c~_&Key-Pair-Id=K1": RED},
)
link(
    "a plus and an escape",
    "![x]({base}/a%20b+c.png?sig=a%2Bb%3D)",
    {"/a%20b+c.png?sig=a%2Bb%3D": RED},
)
link("a path in Cyrillic", "![x]({base}/кот.png)", {"/%D0%BA%D0%BE%D1%82.png": RED})
link("an address in figures of eight", "![x](http://[::1]:9/a.png)", A)
link("a private network", "![x](http://10.1.2.3:8000/a.png)", A)
link("a private network of IPv6", "![x](http://[fd12:3456::1]/a.png)", A)
link("a container's name", "![x](http://minio:9000/bucket/a.png)", {"/bucket/a.png": RED})
link("localhost of the relay", "![x](http://localhost:3000/a.png)", A)
link("a relative path with dots", "![x](../a.png)", A)
link("a path without a slash", "![x](files/a.png)", {"/files/a.png": RED})
link("the download of a page", '<a href="{base}/a.png" download="cat.png">Download</a>')
link("a meta tag", '<meta property="og:image" content="{base}/a.png">')
link("in CSS", '<div style="background-image:url({base}/a.png)"></div>')
link("a picture element", '<picture><source srcset="{base}/a.png" type="image/png"></picture>')
link("YAML", "image_url: {base}/a.png\nprompt: a cat")
link("XML", "<result><url>{base}/a.png</url></result>")
link("query text before it", "https://example.com is where I learned it. Result → {base}/a.png")

served("404, then there", 404, RED)
served("503, then there", 503, RED)
served("429 with a wait, then there", File(b"", 429, {"retry-after": "0"}), RED)
served("empty, then there", File(b"", 200), RED)
served("accepted, then there", File(b"{}", 202, {}, "application/json"), RED)
served(
    "a page that it is being made, then there",
    File(b"<html>processing</html>", 200, {}, "text/html"),
    RED,
)
served(
    "partial content that is all",
    File(RED, 206, {"content-range": f"bytes 0-{len(RED) - 1}/{len(RED)}"}),
)
served(
    "a download by name",
    File(
        RED,
        200,
        {"content-disposition": 'attachment; filename="cat.png"'},
        "application/octet-stream",
    ),
)
served("as text", File(RED, 200, {}, "text/plain; charset=utf-8"))
served("without a type", File(RED, 200, {}, ""))
served("as JSON's type", File(RED, 200, {}, "application/json"))
served("as a page's type", File(RED, 200, {}, "text/html"))
for status in (301, 302, 303, 307, 308):
    drawn_by(
        f"Served: sent on with {status}",
        IMAGES,
        {"data": [{"url": "{base}/r"}]},
        {"/r": File(b"", status, {"location": "/a.png"})} | A,
    )
drawn_by(
    "Served: JSON that names the address",
    IMAGES,
    {"data": [{"url": "{base}/r"}]},
    {"/r": {"url": URL, "expires": 3600}} | A,
)
lost(
    "a page that shows the picture",
    "{base}/view/1",
    {
        "/view/1": File(
            b'<html><head><title>cat</title></head><body><img src="/a.png"></body></html>',
            200,
            {},
            "text/html",
        )
    }
    | A,
    "web page",
)

lost(
    "a page that asks for a login",
    "{base}/x.png",
    {
        "/x.png": File(b"", 302, {"location": "/login"}),
        "/login": File(
            b"<html><title>Sign in</title><input type=password></html>", 200, {}, "text/html"
        ),
    },
)
lost("gone", "{base}/x.png", {"/x.png": 410})
lost("redirects in a circle", "{base}/x.png", {"/x.png": File(b"", 302, {"location": "/x.png"})})
lost(
    "a file of this machine",
    "file:///etc/passwd",
    None,
    "file:///etc/passwd",
    error="NoPictureError",
)
lost(
    "a bucket of Amazon", "s3://bucket/cat.png", None, "s3://bucket/cat.png", error="NoPictureError"
)
lost(
    "a bucket of Google", "gs://bucket/cat.png", None, "gs://bucket/cat.png", error="NoPictureError"
)
lost(
    "a browser's own",
    "blob:https://app.example/1-2",
    None,
    "blob:https://app.example/1-2",
    error="NoPictureError",
)
lost("IPFS", "ipfs://bafy123/cat.png", None, "ipfs://bafy123/cat.png", error="NoPictureError")
