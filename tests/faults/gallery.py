"""Hostile records in a gallery, opened in a real browser: no script runs, and nothing is asked for."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path

from nbext.data.record import Record
from nbext.drawings.history import History
from nbext.store.store import Store
from tests.faults.case import Tally
from tests.sinks import picture

PER_PAGE = 120
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
RUN = "alert(1)"
PAYLOADS = (
    f"<script>{RUN}</script>", f'"><script>{RUN}</script>', f"'><script>{RUN}</script>",
    f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>", f'"><img src=x onerror={RUN}>',
    f"<svg onload={RUN}>", f"<svg><script>{RUN}</script></svg>", f"javascript:{RUN}",
    f"[x](javascript:{RUN})", f"![x](javascript:{RUN})", f"<a href=javascript:{RUN}>x</a>",
    f"data:text/html,<script>{RUN}</script>", f"<iframe srcdoc='<script>{RUN}</script>'>",
    f"<body onload={RUN}>", f"<details open ontoggle={RUN}>", f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}>", f"<math><mtext><style><img src=x onerror={RUN}>",
    f"--><script>{RUN}</script>", f"]]><script>{RUN}</script>", f"</title><script>{RUN}</script>",
    f"</style><script>{RUN}</script>", f"</textarea><script>{RUN}</script>",
    f"</noscript><script>{RUN}</script>", f"</template><script>{RUN}</script>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>", f"<base href=javascript:{RUN}//>",
    f"<form action=javascript:{RUN}><button>x", f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>", f"{{{{constructor.constructor('{RUN}')()}}}}", f"${{{RUN}}}",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e", f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\x00<script>{RUN}</script>", f"<scr\x00ipt>{RUN}</scr\x00ipt>", f"' onmouseover={RUN} x='",
    f'" onfocus={RUN} autofocus tabindex=0 "', f"`onerror={RUN}`", f"//[x]: javascript:{RUN}",
    f"```\n</code></pre><script>{RUN}</script>", f"| <script>{RUN}</script> |\n|---|",
    f'<http://h/"onclick={RUN}>', f"http://h/' onclick={RUN} '", f"\ufeff<script>{RUN}</script>",
    f"<link rel=stylesheet href=data:text/css,*{{}} onload={RUN}>", f"<style onload={RUN}>",
    f"<marquee onstart={RUN}>", f"<audio src onerror={RUN}>", f"<select autofocus onfocus={RUN}>",
    f"<!--><script>{RUN}</script>-->", f"<![CDATA[<script>{RUN}</script>]]>",
    f"<a href='vbscript:{RUN}'>x</a>", f"\u2028{RUN}\u2029",
)  # fmt: skip
TEXTS = (
    *("prompt", "prompt_sent", "system", "model", "answered_model", "text", "reasoning", "host"),
    *("endpoint", "wire", "revised_prompt", "request_id", "finish_reason", "started", "finished"),
    *("cell", "session", "gen_id", "answer_id", "job"),
)


def _record(number: int, payload: str, rng: random.Random, info: object) -> Record:
    """A record with a payload in every field that takes one."""
    failed = {"type": payload, "message": payload, "remedy": payload, "body": payload}
    fields = {name: payload for name in TEXTS if rng.random() < 0.7}
    return Record(
        type="drawing",
        id=f"{number}-{payload}",
        number=number,
        kind=rng.choice(["draw", "chat", "respond", "video"]),
        pictures=(info,) if rng.random() < 0.6 else (),
        notices=(payload,),
        lost=(payload,),
        usage={payload: payload},
        parameters={"size": payload, payload: payload},
        actual={"size": payload, "quality": payload},
        versions={"nbext": payload, payload: payload},
        calls=({"id": payload, "name": payload, "arguments": payload, "result": payload},),
        citations=({"url": payload, "title": payload}, {"url": "http://h/" + payload}),
        changes={"star": True, "tags": [payload], "note": payload},
        error=_failure(failed) if rng.random() < 0.3 else None,
        **({"prompt": payload} | fields),
    )


def _failure(fields: dict[str, str]) -> object:
    from nbext.data.record import Failure

    return Failure(**fields)


def run(count: int, seed: int) -> Tally:
    """Show so many hostile cards in a browser, and touch them."""
    tally = Tally("hostile cards in a browser", count=count)
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        tally.count = 0
        tally.facts["not run"] = "there is no Chromium, Chrome or Edge"
        return tally
    from playwright.sync_api import sync_playwright

    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as base, sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = launched.new_page()
        for begin in range(0, count, PER_PAGE):
            folder = Path(base) / f"{begin}"
            history = History(Store(folder / "cats.draws"))
            info = history.store.put(picture(size=(40, 30)))
            for number in range(begin, min(begin + PER_PAGE, count)):
                payload = PAYLOADS[number % len(PAYLOADS)]
                history.store.append(_record(number - begin + 1, payload, rng, info))
            for embed in (True, False):
                file = history.to_html(
                    folder / f"{embed}.html", title=PAYLOADS[begin % 54], embed=embed
                )
                _look(page, file, tally)
        launched.close()
    return tally


def _look(page: object, file: Path, tally: Tally) -> None:
    """Open a page, open all that can be opened, move over it."""
    events: list[str] = []

    def dialog(opened: object) -> None:
        events.append(f"a dialog: {opened.message}")
        opened.dismiss()

    def request(asked: object) -> None:
        if not asked.url.startswith(("file:", "data:", "blob:", "about:")):
            events.append(f"a request: {asked.url[:100]}")

    handlers = {
        "dialog": dialog,
        "request": request,
        "pageerror": lambda error: events.append(f"an error: {error}"[:200]),
    }
    for name, handler in handlers.items():
        page.on(name, handler)
    page.goto(file.as_uri())
    page.evaluate(
        "() => { document.querySelectorAll('details').forEach(d => d.open = true);"
        "document.querySelectorAll('input,select,a,button,video').forEach(e => e.focus());"
        "document.querySelectorAll('.card *').forEach(e => "
        "e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))); }"
    )
    scripts = page.evaluate("() => document.querySelectorAll('.card script, .card iframe').length")
    if scripts:
        events.append(f"{scripts} scripts or frames inside cards")
    if page.evaluate("() => document.body === null || location.protocol !== 'file:'"):
        events.append("the page went elsewhere")
    for name, handler in handlers.items():
        page.remove_listener(name, handler)
    for event in dict.fromkeys(events):
        tally.note("entered", f"{file.name}: {event}")
