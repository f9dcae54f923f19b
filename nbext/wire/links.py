"""Pictures, films and pages that an answer links to, in its text or in its fields.

This decides which are results, which are previews of the same picture, and which were sent with the
request. Everything here takes time linear in the text and never raises.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote

import msgspec

from nbext.util.pattern import pattern
from nbext.wire.events import Link
from nbext.wire.urls import Mention, is_address, splits, urls_in_text
from nbext.wire.wrapped import with_next_line

if TYPE_CHECKING:
    from collections.abc import Collection

    from nbext.data.kinds import LinkKind
    from nbext.data.request import Request

_MAX_UNSURE = 4
# The model's reasoning, or what a relay folds away: pictures in it are drafts.
_DRAFT_TAGS = r"think|thinking|thought|reasoning"
_DRAFTS = pattern(
    rf"<({_DRAFT_TAGS}|details)\b[^<>]{{0,200}}>(?:(?!<\1\b).)*?(?:</\1>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_THINKING = pattern(
    rf"<({_DRAFT_TAGS})\b[^<>]{{0,200}}>(?:(?!<\1\b).)*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE
)
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg", ".bmp")
FILM_ENDINGS = (".mp4", ".webm", ".mov", ".m4v")
_OTHER_ENDINGS = (
    ".html",
    ".htm",
    ".js",
    ".css",
    ".json",
    ".pdf",
    ".zip",
    ".txt",
    ".md",
    ".wav",
    ".mp3",
)
_RAW_DATA = pattern(r"原始数据|raw data|source", re.IGNORECASE)
# Phrases in the text of an answer that has drawn something, but not in ordinary conversation.
_RESULT_MARK = pattern(r"\bgen_id\b|`task_[0-9a-z]{6}|生成完成|在线播放|▶")
_DOWNLOAD = pattern(
    r"下载|download|скачать|⏬|原图|高清|无损|original|full[- ](?:size|res)|оригинал|descargar"
    r"|télécharger|herunterladen|baixar|scarica|ダウンロード|다운로드|원본",
    re.IGNORECASE,
)
_PLAY = pattern(r"播放|▶|watch|play|video|视频|high-quality", re.IGNORECASE)
# Names of a small or early picture.
_SMALL = (
    r"preview|thumb(?:nail)?|draft|sketch|small|low[- ]?res\w*|预览图?|预览图片|缩略图?"
    r"|草图|草稿|小图|压缩图?|压缩版"
    r"|标清|低清|миниатюра|превью|черновик|サムネイル|プレビュー|下書き|미리보기|썸네일|초안"
    r"|vista previa|miniatura|borrador|aperçu|vignette|brouillon|vorschau|entwurf|prévia|rascunho"
    r"|anteprima|bozza"
)
# A label with nothing else.
_PREVIEW = pattern(rf"[\s>*#-]*(?:the |a )?(?:{_SMALL})(?: image)?[\s\d:：#()*_.-]*", re.IGNORECASE)
# Promotional links around a result: of the relay and of its sponsors. They are left out only if
# they come from another host than the result; and invitations to groups.
_MARK = pattern(
    r"(?:our |the )?(?:logo|icon|favicon|avatar|badge|banner|button|stars?|sponsors?|advert\w*"
    r"|头像|图标|赞助商?|广告|横幅|логотип|реклама|広告|ロゴ|로고|광고)[\s\d]*",
    re.IGNORECASE,
)
_GROUP = pattern(
    r".{0,20}(?:扫码|加群|公众号|交流群|群二维码|客服|微信群|телеграм-?канал).{0,20}"
    r"|(?:our |join (?:our |us on )?)?(?:telegram|discord|wechat)(?: (?:group|channel|server))?",
    re.IGNORECASE,
)
_BADGE_HOSTS = ("shields.io", "badge.fury.io", "badgen.net")
_PREVIEW_BEHIND = pattern(
    rf"\s{{0,3}}[(（\[【]\s{{0,3}}(?:{_SMALL})\s{{0,3}}[)）\]】]", re.IGNORECASE
)
_PREVIEW_KEY = pattern(r"thumb|preview|poster|cover|small|avatar|icon|logo|draft", re.IGNORECASE)
_PICTURE_KEY = pattern(r"im(?:age|g)|picture|photo|src|sample|artifact", re.IGNORECASE)
_FILM_KEY = pattern(r"video|film|mp4", re.IGNORECASE)
# Fields that repeat the request; their URLs are of pictures that were sent.
_REQUEST_KEY = pattern(
    r"input|reference|init_|mask|source_|prompt|request|polling|status_url|response_url|cancel",
    re.IGNORECASE,
)
# Fields of the JSON head that repeat the request; their URLs are of pictures that were sent.
REQUEST_KEYS = frozenset({"prompt", "referenced_image_ids", "ratio", "gen_id", "orientation"})
_SVG = "data:image/svg+xml"
_SVG_END = pattern(r"(?:</|%3C/|%3C%2F)svg\s{0,9}(?:>|%3E)", re.IGNORECASE)
_SVG_START = pattern(r"<svg[\s>]", re.IGNORECASE)
_SVG_LIMIT = 1_000_000
_GEN_ID = pattern(r"gen_id[\"`]?\s*[:：]\s*[`\"]?(gen_[A-Za-z0-9]{4,64})")


def result_text(text: str) -> str:
    """Leave out what is not a result: reasoning, and the JSON head that repeats the request."""
    if "<" in text:
        text = _THINKING.sub("", text)
    head = json_head(text)
    return text[head[1] :] if head and REQUEST_KEYS & head[0].keys() else text


def json_head(text: str) -> tuple[dict[str, Any], int] | None:
    """Parse the JSON object at the start of an answer, bare or in a code fence.

    Returns:
        The object and its end, None without one.
    """
    start = re.match(r"\s*(?:```(?:json)?\s*)?(?=[{\"\[])", text)
    if not start:
        return None
    # Heads are short; a text with many braces is not searched to its end.
    window = text[start.end() : start.end() + 20_000]
    try:
        value, end = json.JSONDecoder().raw_decode(window)
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            value = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value and isinstance(value[0], str | dict):
        value = {"images": value}
    return (value, start.end() + end) if isinstance(value, dict) else None


def gen_id_in_text(text: str) -> str:
    """Return the relay's last id of a picture, or ""."""
    ids = _GEN_ID.findall(text)
    return str(ids[-1]) if ids else ""


def svg_in_text(text: str) -> list[str]:
    """Find the data URIs of SVG that are not in base64.

    Example:
        >>> svg_in_text("![](data:image/svg+xml,%3Csvg%3E%3C/svg%3E) and on")
        ['data:image/svg+xml,%3Csvg%3E%3C/svg%3E']
    """
    uris = []
    at = text.find(_SVG)
    while at >= 0:
        following = text.find(_SVG, at + 1)
        limit = following if following >= 0 else len(text)
        end = _SVG_END.search(text, at, min(limit, at + _SVG_LIMIT))
        if end is not None and ";base64," not in text[at : at + 80]:
            uris.append(text[at : end.end()])
        at = following
    return uris


def svg_markup_in_text(text: str) -> list[str]:
    """Find SVG drawings in a text, usually in a code block.

    Example:
        >>> svg_markup_in_text("A cat: <svg width='9'></svg> Enjoy!")
        ["<svg width='9'></svg>"]
    """
    drawings = []
    start = _SVG_START.search(text)
    while start is not None:
        following = _SVG_START.search(text, start.end())
        limit = following.start() if following is not None else len(text)
        # A drawing may contain others; take the outermost one.
        ends = list(_SVG_END.finditer(text, start.start(), min(limit, start.start() + _SVG_LIMIT)))
        if ends:
            drawings.append(text[start.start() : ends[-1].end()])
        start = following
    return drawings


def sent_urls(request: Request) -> frozenset[str]:
    """Return the URLs in a user's message, which an answer may repeat."""
    texts = [request.prompt, *(turn.text for turn in request.conversation if turn.role == "user")]
    texts += [reference.source for reference in request.references]
    return frozenset(
        mention.url for text in texts if "http" in text for mention in urls_in_text(text)[1]
    )


def tells_of_a_result(text: str) -> bool:
    """Return whether a text is a relay's report of a result, rather than conversation."""
    return bool(_RESULT_MARK.search(text))


class _Candidate(NamedTuple):
    """A URL that may be a result, with what its position in the text says about it."""

    link: Link
    mention: Mention
    preview: bool
    draft: bool


def links_in_text(
    text: str,
    sent: Collection[str] = (),
    *,
    cut: bool = False,
    has_picture: bool = False,
) -> list[Link]:
    """Find the pictures, films and polling pages that a text links to, without duplicates.

    Args:
        text: The whole answer.
        sent: URLs that were sent with the request, which are not results.
        cut: Whether the text is incomplete, so that a URL at its end is too.
        has_picture: Whether the answer contains a picture: links to its drafts, or to download it,
            are not further results.

    Example:
        >>> [link.url for link in links_in_text("![](https://h/cdn/a.png) [下载](https://h/cdn/download/a.png)")]
        ['https://h/cdn/a.png']
    """
    head = json_head(text)
    if head and REQUEST_KEYS & head[0].keys():
        text = text[head[1] :]
    text, mentions = urls_in_text(text)
    drafts = [match.span() for match in _DRAFTS.finditer(text)] if "<" in text else []
    places: dict[LinkKind | str, dict[str, _Candidate]] = {
        "picture": {},
        "download": {},
        "film": {},
        "poll": {},
    }
    ordered = sorted(mentions, key=lambda mention: (mention.start, -mention.end))
    for mention, following in zip_longest(ordered, ordered[1:]):
        if cut and mention.form == "bare" and mention.end >= len(text):
            continue
        if mention.url in sent or _is_dead(mention.url):
            continue
        kind = _kind_of(mention)
        if kind in ("", "download") and following is not None and following.start < mention.end:
            # A link around a picture leads to the original, or to its page.
            kind = "picture" if not path_of(mention.url).endswith(_OTHER_ENDINGS) else kind
        if not kind:
            continue
        before = bisect_right(drafts, (mention.start, len(text))) - 1
        draft = before >= 0 and mention.start < drafts[before][1]
        label = mention.label[:300] if mention.form != "field" else ""
        link = Link(
            url=mention.url,
            alt=label,
            expires=expiry(mention.url),
            fallback=_continued(text, mention),
        )
        known = places[kind].setdefault(
            _same(mention.url), _Candidate(link, mention, _is_preview(text, mention), draft)
        )
        if known.draft and not draft:
            places[kind][_same(mention.url)] = known._replace(draft=False)
    return _results(text, places, has_picture=has_picture)


def _kind_of(mention: Mention) -> str:
    """Return what a URL leads to, by its suffix, its label and its notation; "" for a page."""
    url, label = mention.url, mention.label
    path = path_of(url)
    marked = mention.form == "image"
    if mention.form == "field":
        if _REQUEST_KEY.search(label):
            return ""
        if _FILM_KEY.search(label) and not path.endswith(PICTURE_ENDINGS + _OTHER_ENDINGS):
            return "film"
        marked = bool(_PICTURE_KEY.search(label))
    if "/source/" in path and ("asyncdata." in url or _RAW_DATA.search(label)):
        return "poll"
    if path.endswith(FILM_ENDINGS) or mention.form == "film":
        return "film"
    if path.endswith(_OTHER_ENDINGS):
        return "download" if _DOWNLOAD.search(label) and not marked else ""
    if not marked and _PLAY.search(label) and _is_file(path):
        return "film"
    if marked or path.endswith(PICTURE_ENDINGS) or url.lower().endswith(PICTURE_ENDINGS):
        return "download" if _DOWNLOAD.search(label) and not marked else "picture"
    return "download" if _DOWNLOAD.search(label) else ""


def _is_preview(text: str, mention: Mention) -> bool:
    """Return whether its label, or the words before it on its line, say that it is a preview."""
    if mention.form == "field":
        return bool(_PREVIEW_KEY.search(mention.label))
    if mention.label and _PREVIEW.fullmatch(mention.label[:60]):
        return True
    if _PREVIEW_BEHIND.match(text, mention.end):
        return True
    # The text of a link says what it leads to; that of a picture describes the picture.
    if mention.label.strip() and mention.form != "image":
        return False
    before = text[max(0, mention.start - 60) : mention.start]
    words = before.rstrip("\n").rpartition("\n")[2]
    return bool(words.strip() and _PREVIEW.fullmatch(words))


def _results(
    text: str, places: dict[LinkKind | str, dict[str, _Candidate]], *, has_picture: bool
) -> list[Link]:
    """Choose the results: films, else pictures, else downloads, else pages."""
    films = _best(text, list(places["film"].values()), nothing_else=not has_picture)
    pictures = list(places["picture"].values())
    if films:
        posters = [_of_kind(item.link, "poster") for item in pictures if not item.draft]
        return [*(_of_kind(item.link, "film") for item in films), *posters]
    downloads = [item for item in places["download"].values() if not has_picture]
    # A picture labelled as the original is better than one labelled as a preview.
    if all(item.preview for item in pictures):
        pictures += downloads
    results = [item.link for item in _best(text, pictures, nothing_else=not has_picture)]
    polls = [_of_kind(item.link, "poll") for item in places["poll"].values()]
    return results or polls


def _best(text: str, items: list[_Candidate], *, nothing_else: bool) -> list[_Candidate]:
    """Leave out drafts, previews, and thumbnails of an outer link, if there is anything else."""
    items = _without_adverts(items, alone=nothing_else)
    final = [item for item in items if not item.draft]
    if not final:
        return items if nothing_else else []
    items = [item for item in final if not item.preview] or final
    if len(items) < len(final):
        # An outer link keeps its thumbnail as a fallback.
        items = [item for item in final if not item.preview or _is_within(item, items)]
    # Pictures in progress lines are drafts of the following one.
    plain = [item for item in items if not _is_quoted(text, item.mention.start)]
    if plain and items[-1] in plain:
        items = plain
    chosen: list[_Candidate] = []
    for at, item in enumerate(items):
        outer = chosen[-1] if chosen else None
        if outer is not None and item.mention.end <= outer.mention.end:
            # The picture inside a link is its preview, and its fallback.
            continue
        inner = items[at + 1] if at + 1 < len(items) else None
        if inner is not None and inner.mention.start < item.mention.end:
            link = msgspec.structs.replace(item.link, fallback=inner.link.url)
            chosen.append(item._replace(link=link))
        else:
            chosen.append(item)
    return chosen


def _without_adverts(items: list[_Candidate], *, alone: bool) -> list[_Candidate]:
    """Leave out the relay's logos and badges, if there is another picture.

    Args:
        items: All pictures.
        alone: Whether there is no picture inside the answer.
    """
    results = [item for item in items if not _is_advert(item.mention)]
    if not results and alone:
        return items
    hosts = {_host_of(item.link.url) for item in results}
    return [
        item
        for item in items
        if not _is_advert(item.mention)
        or (_MARK.fullmatch(item.mention.label[:60]) and _host_of(item.link.url) in hosts)
    ]


def _is_advert(mention: Mention) -> bool:
    label = mention.label[:60]
    is_badge = _host_of(mention.url).endswith(_BADGE_HOSTS)
    return is_badge or bool(_MARK.fullmatch(label) or _GROUP.fullmatch(label))


def _host_of(url: str) -> str:
    parts = splits(url)
    return str(parts.hostname) if parts is not None else ""


def _is_within(item: _Candidate, others: list[_Candidate]) -> bool:
    """Return whether a picture is within the link of another."""
    at = bisect_right(others, item.mention.start, key=lambda other: other.mention.start) - 1
    return at >= 0 and item.mention.start < others[at].mention.end


def _is_quoted(text: str, at: int) -> bool:
    """Return whether a position is in a quoted line, as in relays' progress."""
    return text[text.rfind("\n", max(0, at - 300), at) + 1 : at].lstrip().startswith(">")


def unsure_links(text: str, sent: Collection[str] = ()) -> list[Link]:
    """Find addresses without a suffix that may be pictures, in a text without other links.

    Example:
        >>> [link.url for link in unsure_links("Here it is: https://h/v1/files/abc")]
        ['https://h/v1/files/abc']
    """
    links: dict[str, Link] = {}
    text, mentions = urls_in_text(result_text(text))
    for mention in mentions:
        url = mention.url
        path = path_of(url).strip("/")
        if path and not path.endswith(_OTHER_ENDINGS) and url not in sent and not _is_dead(url):
            fallback = _continued(text, mention)
            link = Link(url=url, kind="maybe", alt=mention.label[:300], fallback=fallback)
            links.setdefault(_same(url), link)
    return list(links.values())[:_MAX_UNSURE]


def _continued(text: str, mention: Mention) -> str:
    """Return a bare URL with the next line, in case it is broken in the middle of a word."""
    if mention.form != "bare":
        return ""
    return with_next_line(text, mention.url, mention.end)


def path_of(url: str) -> str:
    """Return the path of a URL, or of a relative one, in lower case."""
    parts = splits(url)
    path = parts.path if parts else re.split(r"[?#]", url, maxsplit=1)[0]
    return unquote(path).lower()


def _is_file(path: str) -> bool:
    return not path.endswith(PICTURE_ENDINGS + _OTHER_ENDINGS) and "/" in path.strip("/")


def _same(url: str) -> str:
    """Return a key that is the same for URLs of the same picture, as with download links."""
    return url.replace("/cdn/download/", "/cdn/")


def _of_kind(link: Link, kind: LinkKind) -> Link:
    return msgspec.structs.replace(link, kind=kind)


def _is_dead(url: str) -> bool:
    """Return whether a URL never leads to a picture."""
    parts = splits(url)
    if parts is None:
        return not is_address(url)
    host = parts.hostname
    if host.endswith("googleusercontent.com") and "/image_generation_content" in parts.path:
        return True
    return "asyncdata." in host and parts.path.startswith("/web/")


def expiry(url: str) -> str:
    """Return when a signed URL expires, in UTC, if it says so.

    Azure's ``se``, Amazon's ``X-Amz-Date`` with ``X-Amz-Expires``, and ``Expires`` in seconds.

    Example:
        >>> expiry("https://h/a.png?se=2025-04-09T02%3A55%3A56Z&sig=x")
        '2025-04-09T02:55:56Z'
    """
    parts = splits(url)
    if parts is None or not parts.query:
        return ""
    try:
        fields = {
            key.lower(): values[0]
            for key, values in parse_qs(parts.query, max_num_fields=64).items()
        }
        if "se" in fields:
            when = datetime.fromisoformat(fields["se"])
        elif "x-amz-date" in fields and "x-amz-expires" in fields:
            began = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            when = began + timedelta(seconds=int(fields["x-amz-expires"]))
        elif "expires" in fields:
            when = datetime.fromtimestamp(int(fields["expires"]), UTC)
        else:
            return ""
        return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""
