"""Choose a font that has the characters of a text."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Pillow's own font, which has little more than ASCII.
_DEFAULT = ""
# System fonts in the order of preference, by the file names of Linux, macOS and Windows.
_FONTS = (
    _DEFAULT,
    # Latin with accents, Greek, Cyrillic, and mostly Arabic and Hebrew.
    *("DejaVuSans.ttf", "segoeui.ttf", "Arial.ttf", "arial.ttf", "NotoSans-Regular.ttf"),
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "SourceHanSansSC-Regular.otf"),
    *("PingFang.ttc", "Hiragino Sans GB.ttc", "msyh.ttc", "wqy-zenhei.ttc", "wqy-microhei.ttc"),
    *("NotoSerifCJK-Regular.ttc", "simsun.ttc", "AppleSDGothicNeo.ttc", "malgun.ttf"),
    *("NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf", "NotoSansThai-Regular.ttf"),
    *("NotoSansDevanagari-Regular.ttf", "Nirmala.ttf", "LeelawUI.ttf", "Arial Unicode.ttf"),
)
# The same for charts, by family.
_FAMILIES = (
    *("DejaVu Sans", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC"),
    *("Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei"),
    *("Noto Serif CJK SC", "SimSun", "Malgun Gothic", "Apple SD Gothic Neo"),
    *("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai", "Noto Sans Devanagari"),
    *("Nirmala UI", "Leelawadee UI", "Arial Unicode MS"),
)
# Combining marks and controls, which have no picture of their own.
_UNSEEN = ("M", "C", "Z")
_SIZE = 20


def font_for(text: str, size: int) -> Font:
    """Return the first font of a size that has the most characters of a text.

    Args:
        text: The text to write.
        size: In pixels.
    """
    seen = {char for char in text if unicodedata.category(char)[0] not in _UNSEEN}
    best, most = _DEFAULT, -1
    for name in _FONTS:
        count = sum(_has(name, char) for char in seen)
        if count > most:
            best, most = name, count
        if most == len(seen):
            break
    font = _font(best, size)
    assert font is not None
    return font


def chart_families() -> list[str]:
    """Return the installed font families for the texts of a chart, in the order of preference."""
    from matplotlib import font_manager

    names = set(font_manager.get_font_names())
    return [name for name in _FAMILIES if name in names]


@cache
def _font(name: str, size: int) -> Font | None:
    """Load a font; None if the system does not have it."""
    from PIL import ImageFont

    if name == _DEFAULT:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@cache
def _has(name: str, char: str) -> bool:
    """Return whether a font has a character: without it, it draws a box."""
    font = _font(name, _SIZE)
    return font is not None and bytes(font.getmask(char)) != _box(name)


@cache
def _box(name: str) -> bytes:
    font = _font(name, _SIZE)
    return bytes(font.getmask("\uffff")) if font is not None else b""
