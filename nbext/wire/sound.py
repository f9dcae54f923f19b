"""Sounds in answers: pieces of base64, and samples without a head."""

from __future__ import annotations

import io
import re
import wave

import pybase64

from nbext.util.pattern import pattern

# Of OpenAI's and Google's samples: 16 bits, one channel.
RATE = 24000
_PADDED = pattern(r"[A-Za-z0-9+/]+")
_RATE = pattern(r"\brate=(\d{4,6})\b", re.IGNORECASE)


def wave_file(samples: bytes, rate: int) -> bytes:
    """Return samples as a WAV file.

    Args:
        samples: Of 16 bits, little-endian, one channel.
        rate: Samples a second.

    Example:
        >>> wave_file(bytes(2), 24000)[:4], len(wave_file(bytes(2), 24000))
        (b'RIFF', 46)
    """
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return buffer.getvalue()


def rate_of(media_type: str) -> int:
    """Return the samples a second of a media type, such as ``audio/L16;rate=16000``.

    Example:
        >>> rate_of("audio/L16;codec=pcm;rate=16000"), rate_of("audio/pcm")
        (16000, 24000)
    """
    match = _RATE.search(media_type)
    return int(match[1]) if match else RATE


def joined_sound(pieces: list[str]) -> bytes:
    """Return the bytes of a sound that arrived in pieces of base64, with or without padding.

    What is not base64 is left out.

    Example:
        >>> joined_sound(["aGVs", "bG8=", "IQ"])
        b'hello!'
    """
    text = "".join(pieces).replace("-", "+").replace("_", "/")
    return b"".join(map(_decoded, _PADDED.findall(text)))


def _decoded(part: str) -> bytes:
    """Decode base64 without its padding."""
    # One letter alone holds no byte.
    whole = part[: len(part) - (len(part) % 4 == 1)]
    return pybase64.b64decode(whole + "=" * (-len(whole) % 4))
