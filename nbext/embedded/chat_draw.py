"""Pictures and films over chat, with the text that each family of models adds.

The formats are those of relays: a fenced JSON head, progress in quoted lines, a Markdown link and a
second link to download the same bytes; a data URI in one piece; ``message.images``; links to poll;
a poster with the film behind it.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pybase64

from nbext.embedded.ids import new_id
from nbext.embedded.params import Plan, read_plan
from nbext.embedded.tasks import Task, film_length, film_size, length_in_name, new_task_id, start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nbext.embedded.base import Handler
    from nbext.embedded.conversation import Conversation
    from nbext.embedded.families import Family
    from nbext.embedded.state import Picture

Delta = dict[str, Any]

_STEPS = (15, 34, 52, 67, 81)
_STEP_SECONDS = 0.17
_POLL_SECONDS = 0.02


async def write_drawing(
    handler: Handler, kind: Family, conversation: Conversation, body: dict[str, Any]
) -> AsyncIterator[Delta]:
    """Yield the deltas of a drawing model's answer.

    A delta with a picture also lists it under ``pictures``, for the usage. This field is not sent
    to the client.
    """
    plan = await read_plan(handler.state, conversation, body)
    async for delta in _WRITERS[kind](handler, plan, body):
        yield delta


async def _write_sora(handler: Handler, plan: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    gen_id = new_id("gen_01")
    source = plan.modifies if plan.modifies.startswith("gen_") else gen_id
    yield {"content": f"```\n{_head(plan, source)}\n```\n\n"}
    yield {"content": f"> ID: `{new_id('task_01')}`\n"}
    yield {"content": "> 排队中.\n"}
    await handler.wait(_STEP_SECONDS)
    yield {"content": "> 生成中..\n"}
    drawing = asyncio.ensure_future(handler.state.draw(plan.spec, gen_id=gen_id))
    # If the client hangs up, nobody awaits this task or its exception.
    drawing.add_done_callback(lambda future: future.cancelled() or future.exception())
    try:
        for number, percent in enumerate(_STEPS, 1):
            await handler.wait(_STEP_SECONDS)
            yield {"content": f"> 进度 {percent}%{'.' * (1 + number % 3)}\n"}
        picture = (await drawing)[0]
    finally:
        drawing.cancel()
    yield {"content": "> 生成完成 ✅\n\n"}
    yield {"content": f"> gen_id: `{picture.gen_id}`\n\n"}
    state = handler.state
    markdown = f"![{picture.gen_id}]({state.link(picture.name)})\n\n"
    yield {"content": markdown, "pictures": [picture]}
    yield {"content": f"[点击下载]({state.link(picture.name, download=True)})\n"}


async def _write_async(handler: Handler, plan: Plan, body: dict[str, Any]) -> AsyncIterator[Delta]:
    task = start(handler.state, Task(new_task_id(), plan.spec, facts={"model": body["model"]}))
    root = handler.state.address
    yield {"content": f"```json\n{_head(plan)}\n```\n\n> ID: `{task.id}`\n"}
    yield {"content": f"> [数据预览]({root}/web/{task.id}) | [原始数据]({root}/source/{task.id})\n"}
    yield {"content": "> 等待处理中...\n"}


async def _write_inline(
    handler: Handler, plan: Plan, _body: dict[str, Any]
) -> AsyncIterator[Delta]:
    picture = await _draw_one(handler, plan)
    yield {"content": f"{picture.caption}\n"}
    # The whole picture is one delta, however large, as in relays that convert from Gemini.
    yield {"content": f"![image]({_data_uri(picture)})", "pictures": [picture]}


async def _write_parts(handler: Handler, plan: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    picture = await _draw_one(handler, plan)
    yield {"content": picture.caption}
    part = {"type": "image_url", "image_url": {"url": _data_uri(picture)}, "index": 0}
    yield {"images": [part], "pictures": [picture]}


async def _write_link(handler: Handler, plan: Plan, _body: dict[str, Any]) -> AsyncIterator[Delta]:
    picture = await _draw_one(handler, plan)
    yield {"content": f"![image]({handler.state.link(picture.name)})", "pictures": [picture]}


async def _write_film(handler: Handler, plan: Plan, body: dict[str, Any]) -> AsyncIterator[Delta]:
    state = handler.state
    model = str(body["model"])
    length = film_length(body.get("seconds") or body.get("duration"), length_in_name(model))
    width, height = film_size(plan, body)
    spec = replace(plan.spec, width=width, height=height, format="webp")
    task = Task(new_task_id(), spec, film=(width, height, length), facts={"model": model})
    head = {
        "prompt": spec.prompt,
        "orientation": "portrait" if height > width else "landscape",
        "duration": round(length),
    }
    yield {"content": f"```json\n{json.dumps(head, ensure_ascii=False, indent=2)}\n```\n"}
    start(state, task)
    root = state.address
    links = f"[数据预览]({root}/web/{task.id}) | [原始数据]({root}/source/{task.id})"
    yield {"content": f"> ID: `{task.id}`\n> {links}\n> 排队中.\n> 生成中...\n> 🏃 进度 "}
    progress = 0
    try:
        while task.status in {"queued", "in_progress"}:
            await handler.wait_exactly(_POLL_SECONDS)
            if task.progress != progress:
                progress = task.progress
                yield {"content": f"{progress}.."}
    finally:
        if task.status != "completed":
            task.cancel()
    if task.poster is None:
        yield {"content": f"\n> 生成失败 ❌\n> 失败原因：{task.error}\n"}
        return
    yield {"content": f"\n> 生成完成 ✅\n> sid: `{new_id('s_', 32)}`\n"}
    poster = state.link(task.poster.name)
    film = state.link(task.film_name)
    yield {"content": f"![{poster}]({poster})\n[在线播放▶️]({film})\n", "pictures": [task.poster]}


async def _draw_one(handler: Handler, plan: Plan) -> Picture:
    await handler.wait(_STEP_SECONDS * len(_STEPS))
    pictures = await handler.state.draw(plan.spec)
    handler.check_there()
    return pictures[0]


def _data_uri(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{pybase64.b64encode(picture.data).decode()}"


def _head(plan: Plan, gen_id: str = "") -> str:
    head = {"prompt": plan.spec.prompt, "ratio": plan.ratio}
    if gen_id:
        head["gen_id"] = gen_id
    return json.dumps(head, ensure_ascii=False, indent=2)


_WRITERS = {
    "sora": _write_sora,
    "async": _write_async,
    "inline": _write_inline,
    "parts": _write_parts,
    "link": _write_link,
    "film": _write_film,
}
