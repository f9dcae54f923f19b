"""Pictures, and records as a session makes them."""

from __future__ import annotations

import io
import itertools
import random

from PIL import Image

from nbext.data.record import Record


def picture(colour="red", size=(8, 6), form="PNG", **how):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, form, **how)
    return buffer.getvalue()


def noise(size, form="PNG", mode="RGB"):
    """A picture that does not compress."""
    channels = len(mode)
    data = random.Random(1).randbytes(size[0] * size[1] * channels)
    buffer = io.BytesIO()
    Image.frombytes(mode, size, data).save(buffer, form)
    return buffer.getvalue()


_ids = itertools.count(1)


def draw(store, data=b"", /, **fields):
    """Record a drawing as a session does: sent, its picture, its end."""
    fields = {"id": f"id{next(_ids)}", "prompt": "画只猫", "model": "gpt-4o-image"} | fields
    record = store.begin(Record(type="sent", **fields))
    pictures = data if isinstance(data, list) else [data] if data else []
    record.pictures = [store.put(one) for one in pictures]
    record.type = "drawing"
    store.append(record)
    return record
