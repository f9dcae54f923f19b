"""Both ways to wait in a cell."""

from __future__ import annotations

TICKER = """
import asyncio
ticks = []
async def tick():
    while True:
        ticks.append(1)
        await asyncio.sleep(.02)
task = asyncio.get_running_loop().create_task(tick())
await asyncio.sleep(0)
before = len(ticks)
"""


def test_nested_lets_the_users_tasks_go_on(kernel):
    assert kernel.run("%config Nbext.runner = 'nested'").status == "ok"
    assert kernel.run(TICKER).status == "ok"
    ran = kernel.run(
        "before = len(ticks)\nget_ipython().run_cell_magic('draw', '', '画只猫')\nduring = len(ticks) - before"
    )
    assert ran.status == "ok", ran.error
    assert ran.pictures
    assert int(kernel.value("during")) >= 5


def test_nested_keeps_the_cells_queued_behind(kernel):
    kernel.run("%config Nbext.runner = 'nested'")
    sent = [kernel.send("%%draw\n画只猫"), *(kernel.send(f"print({n})") for n in range(4))]
    drawn, *rest = kernel.wait(*sent)
    assert drawn.pictures
    assert [ran.text.strip() for ran in rest] == ["0", "1", "2", "3"]


def test_the_thread_keeps_the_users_tasks_alive(kernel):
    kernel.run(TICKER)
    assert kernel.run("%%draw\n画只猫").pictures
    assert kernel.value("task.done()") == "False"


def test_awaited_in_a_cell(kernel):
    code = "import nbext, asyncio\ncat, dog = await asyncio.gather(nbext.adraw('猫'), nbext.adraw('狗'))\nprint(cat.number, dog.number)"
    ran = kernel.run(code)
    assert ran.status == "ok", ran.error
    assert set(ran.of("stream")[-1]["text"].split()) == {"1", "2"}
