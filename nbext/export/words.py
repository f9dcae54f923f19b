"""Numbers in words."""

from __future__ import annotations


def human_size(size: int) -> str:
    """Say a number of bytes as people do.

    Example:
        >>> human_size(1_840_000), human_size(900)
        ('1.8 MB', '0.9 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def counted(number: int, thing: str) -> str:
    """Say how many there are.

    Example:
        >>> counted(1, "drawing"), counted(2, "drawing")
        ('1 drawing', '2 drawings')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
