"""A picture's media type, width and height, read from its first bytes.

The media type is determined by the bytes, never by a name or a header.
"""

from __future__ import annotations

import struct

import msgspec

from nbext.util.pattern import pattern

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "image/bmp": "bmp",
    "image/tiff": "tif",
    "image/heic": "heic",
    "image/jp2": "jp2",
    "image/jxl": "jxl",
    "image/vnd.microsoft.icon": "ico",
    "application/pdf": "pdf",
    "image/vnd.adobe.photoshop": "psd",
    "image/x-exr": "exr",
    "image/icns": "icns",
    "image/x-portable-anymap": "pnm",
    "image/vnd.radiance": "hdr",
    "image/vnd.ms-dds": "dds",
    "image/qoi": "qoi",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
    "video/x-ms-asf": "wmv",
    "video/mp2t": "ts",
    "video/ogg": "ogv",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
}

# Drawing programs write a long comment before the <svg> element.
SNIFF_BYTES = 4096
# Media types of pictures, films and sounds, including newer formats, and of PDF files that are
# stored in their place.
_MEDIA_TYPE = pattern(r"(?:(?:image|video|audio)/[a-z0-9.+-]{1,40}|application/pdf)?")


class PictureInfo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A picture (or film) of an answer, without its bytes.

    Attributes:
        sha256: The hash of the bytes as received, in lower-case hex; its name in the history.
        media_type: The type determined from the bytes.
        size: The number of bytes.
        width: In pixels, 0 if unknown (SVG, films).
        height: In pixels, 0 if unknown.
        url: The link in the answer, empty if the answer contained the picture.
        role: ``""`` for a result, ``"poster"`` for a film's still, ``"draft"`` for a preview that
            came in place of a result.
    """

    sha256: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0
    url: str = ""
    role: str = ""

    def __post_init__(self) -> None:
        # May come from an untrusted record, and is written to pages and terminals.
        if self.media_type not in EXTENSIONS and not _MEDIA_TYPE.fullmatch(self.media_type):
            msgspec.structs.force_setattr(self, "media_type", "")

    @property
    def is_draft(self) -> bool:
        """Whether it is a preview that came in place of a result."""
        return self.role == "draft"

    @property
    def extension(self) -> str:
        """The file suffix, without the dot."""
        return EXTENSIONS.get(self.media_type, "bin")


def sniff(head: bytes) -> str:
    r"""Detect the media type from the first bytes, ``""`` if it is unknown.

    Args:
        head: The first bytes; ``SNIFF_BYTES`` are enough.

    Example:
        >>> sniff(b"\x89PNG\r\n\x1a\n")
        'image/png'
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        brands = head[8 : max(16, min(int.from_bytes(head[:4], "big"), 64))]
        if brands.startswith((b"M4A ", b"M4B ")):
            return "audio/mp4"
        return "image/avif" if b"avif" in brands or b"avis" in brands else "video/mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")):
        return "audio/mpeg"
    if head.startswith((b"\xff\xf1", b"\xff\xf9")):
        return "audio/aac"
    if head.startswith(b"fLaC"):
        return "audio/flac"
    if head.startswith(b"OggS") and (b"OpusHead" in head[:64] or b"vorbis" in head[:64]):
        return "audio/ogg"
    return "image/svg+xml" if _is_svg(head) else ""


def _is_svg(head: bytes) -> bool:
    """Return whether a text starts with an SVG element, after an optional prolog and comments."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg"):
        return True
    if not start.startswith((b"<?xml", b"<!--", b"<!doctype svg")):
        return False
    return b"<svg" in start or b"<!doctype svg" in start


# Formats that are stored, although neither notebooks nor browsers show them.
_OTHER_FORMATS = (
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\0\0\0\x0cjP  \r\n", "image/jp2"),
    (b"\0\0\0\x0cJXL \r\n", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (b"%PDF-", "application/pdf"),
    (b"\xef\xbb\xbf%PDF-", "application/pdf"),
    (b"II+\0\x08\0\0\0", "image/tiff"),
    (b"MM\0+\0\x08\0\0", "image/tiff"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"icns\0", "image/icns"),
    (b"P5\n", "image/x-portable-anymap"),
    (b"P6\n", "image/x-portable-anymap"),
    (b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
    (b"\x76\x2f\x31\x01", "image/x-exr"),
    (b"#?RADIANCE", "image/vnd.radiance"),
    (b"DDS \x7c\0\0\0", "image/vnd.ms-dds"),
    (b"qoif", "image/qoi"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
)
_SHOWN = frozenset(
    ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/svg+xml"]
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def identify(head: bytes) -> str:
    r"""Detect the media type of any picture or film, including those that cannot be shown.

    Args:
        head: The first bytes; ``SNIFF_BYTES`` are enough.

    Example:
        >>> identify(b"II*\0" + bytes(20)), identify(b"no picture")
        ('image/tiff', '')
    """
    if head[4:8] == b"ftyp" and b"avif" not in head[8:64] and head[8:12] in _HEIC_BRANDS:
        return "image/heic"
    known = sniff(head)
    if known:
        return known
    # A BMP states the length of its own header.
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:15] in b"\x0c(8@l|":
        return "image/bmp"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "video/x-msvideo"
    if head.startswith(b"OggS") and b"theora" in head[:64]:
        return "video/ogg"
    # A transport stream repeats its first byte every 188 bytes.
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return "video/mp2t"
    return next((kind for start, kind in _OTHER_FORMATS if head.startswith(start)), "")


def is_film(info: PictureInfo) -> bool:
    """Return whether a file among an answer's films is a film, not a sound or a PDF.

    Example:
        >>> is_film(PictureInfo(sha256="", media_type="audio/wav", size=9))
        False
    """
    return info.media_type.startswith("video/")


def is_sound(info: PictureInfo) -> bool:
    """Return whether a file among an answer's films is a sound.

    Example:
        >>> is_sound(PictureInfo(sha256="", media_type="audio/wav", size=9))
        True
    """
    return info.media_type.startswith("audio/")


def is_played(info: PictureInfo) -> bool:
    """Return whether a file is played rather than looked at: a film or a sound.

    Example:
        >>> is_played(PictureInfo(sha256="", media_type="application/pdf", size=9))
        False
    """
    return is_film(info) or is_sound(info)


def is_shown(media_type: str) -> bool:
    """Return whether notebooks and browsers show pictures of a media type.

    Example:
        >>> is_shown("image/png"), is_shown("image/tiff")
        (True, False)
    """
    return media_type in _SHOWN


def dimensions(head: bytes) -> tuple[int, int]:
    """Read width and height in pixels from a picture's header, (0, 0) if it is incomplete.

    Nothing is decoded, so this is safe for a picture that declares an enormous size.

    Args:
        head: The first bytes; 64 KiB hold the header of nearly every JPEG, 64 bytes the others'.
    """
    kind = sniff(head)
    try:
        if kind == "image/png":
            return struct.unpack(">II", head[16:24])
        if kind == "image/gif":
            return struct.unpack("<HH", head[6:10])
        if kind == "image/webp":
            return _webp_dimensions(head)
        if kind == "image/jpeg":
            return _jpeg_dimensions(head)
        if kind == "image/avif":
            at = head.find(b"ispe")
            if at >= 0:
                return struct.unpack(">II", head[at + 8 : at + 16])
    except (struct.error, IndexError):
        return 0, 0
    return 0, 0


def _webp_dimensions(head: bytes) -> tuple[int, int]:
    """Follow the WebP container specification: VP8X, VP8L or VP8."""
    chunk = head[12:16]
    if chunk == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_dimensions(head: bytes) -> tuple[int, int]:
    """Walk the segments to the start of frame (ITU T.81, B.1.1.3)."""
    at = 2
    while at + 9 < len(head):
        if head[at] != 0xFF:
            return 0, 0
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return 0, 0
