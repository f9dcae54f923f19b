"""Pictures and films over chat: what each family of models writes around them.

The shapes are those that relays send: a fenced JSON head, progress in quoted lines, a Markdown link
and a second link to download the same bytes; a data URI in one piece; ``message.images``; links to
poll; a poster and the film that plays behind it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.embedded.ordering import Plan, plan
from nbext.embedded.studio import new_id
from nbext.embedded.tasks import Task, film_length, film_size, length_in_name, new_task_id, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbext.embedded.base import Handler
    from nbext.embedded.conversation import Asked
    from nbext.embedded.families import Family
    from nbext.embedded.studio import Made

Delta = dict[str, Any]

_STEPS = (15, 34, 52, 67, 81)
_STEP_SECONDS = 0.17
_POLL_SECONDS = 0.02


async def draws(
    handler: Handler, manner: Family, asked: Asked, body: dict[str, Any]
) -> AsyncIterator[Delta]:
    """The answer of a model that draws, a piece at a time.

    A piece with a picture in it names it under ``pictures``, to be counted; that is not sent.
    """
    wanted = await plan(handler.studio, asked, body)
    async for delta in _MANNERS[manner](handler, wanted, body):
        yield delta


async def _sora(handler: Handler, wanted: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    gen_id = new_id("gen_01")
    source = wanted.modifies if wanted.modifies.startswith("gen_") else gen_id
    yield {"content": f"```\n{_head(wanted, source)}\n```\n\n"}
    yield {"content": f"> ID: `{new_id('task_01')}`\n"}
    yield {"content": "> 排队中.\n"}
    await handler.wait(_STEP_SECONDS)
    yield {"content": "> 生成中..\n"}
    drawing = asyncio.ensure_future(handler.studio.draw(wanted.order, gen_id=gen_id))
    # Whoever hangs up meanwhile leaves its failure to nobody.
    drawing.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        for number, percent in enumerate(_STEPS, 1):
            await handler.wait(_STEP_SECONDS)
            yield {"content": f"> 进度 {percent}%{'.' * (1 + number % 3)}\n"}
        made = (await drawing)[0]
    finally:
        drawing.cancel()
    yield {"content": "> 生成完成 ✅\n\n"}
    yield {"content": f"> gen_id: `{made.gen_id}`\n\n"}
    studio = handler.studio
    markdown = f"![{made.gen_id}]({studio.link(made.name)})\n\n"
    yield {"content": markdown, "pictures": [made]}
    yield {"content": f"[点击下载]({studio.link(made.name, download=True)})\n"}


async def _async(handler: Handler, wanted: Plan, body: dict[str, Any]) -> AsyncIterator[Delta]:
    task = start(handler.studio, Task(new_task_id(), wanted.order, facts={"model": body["model"]}))
    root = handler.studio.address
    yield {"content": f"```json\n{_head(wanted)}\n```\n\n> ID: `{task.id}`\n"}
    yield {"content": f"> [数据预览]({root}/web/{task.id}) | [原始数据]({root}/source/{task.id})\n"}
    yield {"content": "> 等待处理中...\n"}


async def _inline(handler: Handler, wanted: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    made = await _drawn(handler, wanted)
    yield {"content": f"{made.caption}\n"}
    # The whole picture is one delta, however large: so do relays that convert from Gemini.
    yield {"content": f"![image]({_data_uri(made)})", "pictures": [made]}


async def _parts(handler: Handler, wanted: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    made = await _drawn(handler, wanted)
    yield {"content": made.caption}
    part = {"type": "image_url", "image_url": {"url": _data_uri(made)}, "index": 0}
    yield {"images": [part], "pictures": [made]}


async def _link(handler: Handler, wanted: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    made = await _drawn(handler, wanted)
    yield {"content": f"![image]({handler.studio.link(made.name)})", "pictures": [made]}


async def _film(handler: Handler, wanted: Plan, body: dict[str, Any]) -> AsyncIterator[Delta]:
    studio = handler.studio
    model = str(body["model"])
    length = film_length(body.get("seconds") or body.get("duration"), length_in_name(model))
    width, height = film_size(wanted, body)
    order = replace(wanted.order, width=width, height=height, format="webp")
    task = Task(new_task_id(), order, film=(width, height, length), facts={"model": model})
    head = {
        "prompt": order.prompt,
        "orientation": "portrait" if height > width else "landscape",
        "duration": round(length),
    }
    yield {"content": f"```json\n{json.dumps(head, ensure_ascii=False, indent=2)}\n```\n"}
    start(studio, task)
    root = studio.address
    links = f"[数据预览]({root}/web/{task.id}) | [原始数据]({root}/source/{task.id})"
    yield {"content": f"> ID: `{task.id}`\n> {links}\n> 排队中.\n> 生成中...\n> 🏃 进度 "}
    shown = 0
    try:
        while task.status in {"queued", "in_progress"}:
            await handler.wait_exactly(_POLL_SECONDS)
            if task.progress != shown:
                shown = task.progress
                yield {"content": f"{shown}.."}
    finally:
        if task.status != "completed":
            task.cancel()
    if task.poster is None:
        yield {"content": f"\n> 生成失败 ❌\n> 失败原因：{task.error}\n"}
        return
    yield {"content": f"\n> 生成完成 ✅\n> sid: `{new_id('s_', 32)}`\n"}
    poster = studio.link(task.poster.name)
    film = studio.link(task.film_name)
    yield {"content": f"![{poster}]({poster})\n[在线播放▶️]({film})\n", "pictures": [task.poster]}


async def _drawn(handler: Handler, wanted: Plan) -> Made:
    await handler.wait(_STEP_SECONDS * len(_STEPS))
    made = await handler.studio.draw(wanted.order)
    handler.check_there()
    return made[0]


def _data_uri(made: Made) -> str:
    return f"data:{made.media_type};base64,{pybase64.b64encode(made.data).decode()}"


def _head(wanted: Plan, gen_id: str = "") -> str:
    head = {"prompt": wanted.order.prompt, "ratio": wanted.ratio}
    if gen_id:
        head["gen_id"] = gen_id
    return json.dumps(head, ensure_ascii=False, indent=2)


_MANNERS = {
    "sora": _sora,
    "async": _async,
    "inline": _inline,
    "parts": _parts,
    "link": _link,
    "film": _film,
}
