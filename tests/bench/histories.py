"""Histories as they are on disk, written directly, so that a hundred thousand drawings take a second."""

from __future__ import annotations

import hashlib
import io
import json
import random

WORDS = [
    "a",
    "cat",
    "with",
    "red",
    "hat",
    "under",
    "the",
    "old",
    "tree",
    "at",
    "night",
    "in",
    "watercolour",
    "while",
    "snow",
    "falls",
    "画",
    "只",
    "猫",
]
SESSION = "0123456789ab"


def lines(count, *, pictures=None, sent=False, seed=7):
    """Give the lines of so many drawings, with a prompt of 25 words each.

    Args:
        count: How many drawings.
        pictures: Gives a picture's facts by the drawing's number; made up where it is None.
        sent: Whether each has its ``sent`` line, as a draw writes it, or only its last.
    """
    chance = random.Random(seed)
    for number in range(1, count + 1):
        name = hashlib.sha256(str(number).encode()).hexdigest()
        prompt = f"number n{number} {' '.join(chance.choices(WORDS, k=25))}"
        request = {
            "id": name[:32],
            "number": number,
            "schema": 1,
            "session": SESSION,
            "started": f"2026-{1 + number % 12:02}-03T10:00:00.000Z",
            "wire": "chat",
            "endpoint": "relay",
            "host": "relay.example",
            "model": f"model-{number % 5}",
            "prompt": prompt,
            "parameters": {"aspect": "2:3"},
            "parents": [hashlib.sha256(str(number - 1).encode()).hexdigest()[:32]]
            if number % 4 == 0
            else [],
            "fingerprint": name,
            "versions": {"nbext": "0.1.0", "python": "3.11.7"},
        }
        info = pictures(number) if pictures else made_up(name)
        answer = {
            "finished": f"2026-{1 + number % 12:02}-03T10:00:12.000Z",
            "elapsed": 12.0,
            "answered_model": "gpt-4o-image",
            "text": f"![cat](nbext-sha256:{info['sha256']})",
            "usage": {"prompt_tokens": 8, "completion_tokens": number, "total_tokens": number + 8},
            "cost": 0.04,
            "finish_reason": "stop",
            "pictures": [info],
        }
        if sent:
            yield _line({"type": "sent"} | request)
        yield _line({"type": "drawing"} | request | answer)


def _line(fields):
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def made_up(name):
    """The facts of a picture that is not there."""
    return {
        "sha256": name,
        "media_type": "image/png",
        "size": 1_800_000,
        "width": 1024,
        "height": 1536,
    }


def write(folder, count, **how):
    """Write a history without pictures; one that is there is taken as it is."""
    target = folder / "history.jsonl"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "history.part"
        with part.open("w", encoding="utf-8") as file:
            file.writelines(lines(count, **how))
        part.rename(target)
    return folder


def keep(folder, data, media_type, width, height):
    """Put a picture into a history's folder; gives its facts."""
    name = hashlib.sha256(data).hexdigest()
    path = folder / "pictures" / name[:2] / f"{name}.{media_type.rpartition('/')[2]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    facts = {"sha256": name, "media_type": media_type, "size": len(data)}
    return facts | {"width": width, "height": height}


def with_png(folder, count, size, *, padded=0):
    """A history in which each drawing has a PNG of its own of about so many bytes.

    Padded ones have hardly a pixel, so that their thumbnails cost next to nothing.
    """
    from tests.bench.bodies import picture

    base = picture(size, padded)
    side = int.from_bytes(base[16:20], "big")

    def own(number):
        # Another byte behind the end: readers stop before it, and the hash is another one.
        return keep(folder, base + number.to_bytes(4, "big"), "image/png", side, side)

    return write(folder, count, pictures=own)


def with_webp(folder, count, kinds=40, side=256):
    """A history of pictures that compress as drawings do, as a gallery shows them."""
    from PIL import Image, ImageFilter

    def drawn(turn):
        noise = Image.effect_noise((side, side), 60).filter(ImageFilter.GaussianBlur(0.9))
        buffer = io.BytesIO()
        bands = [noise.rotate(turn), noise.rotate(90), noise]
        Image.merge("RGB", bands).save(buffer, "WEBP", quality=70)
        return buffer.getvalue()

    bases = [drawn(turn) for turn in range(kinds)]

    def own(number):
        data = bases[number % kinds] + number.to_bytes(4, "big")
        return keep(folder, data, "image/webp", side, side)

    return write(folder, count, pictures=own)
