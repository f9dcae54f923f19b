"""A notebook that uses everything, run again: nothing is sent, and nothing is another byte."""

from __future__ import annotations

import hashlib

CELLS = [
    "%load_ext nbext\nimport asyncio, nbext, sys\nfrom concurrent.futures import ThreadPoolExecutor\nsys.setswitchinterval(100)",
    "%%draw\na cat",
    "%nbext star @1",
    "%nbext tag final",
    "%nbext tag other good",
    "%nbext note @1 don't crop",
    "%nbext star @1 --off",
    "%nbext star @1",
    "%nbext note second thoughts",
    "%nbext undo",
    "d = nbext.draw('a dog')\nd.star()\nd.tag('x')\nd.note = 'hm'\nd",
    "d.star(False)\nd.tag('y').untag('x')",
    "nbext.history[1].tag('a')\nnbext.history[1].tag('b')\nd.save('dog.png')",
    "e = d.edit('with a hat')",
    "%%edit --save rain.png\nin the rain",
    "for word in ('one', 'two', 'three'):\n    display(nbext.draw(word))",
    "%%draw -n 3 --as ts\na bird",
    "ts[1].star()\nts",
    "%%draw -m gpt-4o-image -m seedream-4.0\na fish",
    "%%sweep --yes\nprompt: a {style} {animal}\nstyle: [red, blue]\nanimal: [hen, pig]",
    "s = nbext.sweep('a {c} kite', c=['x', 'y'], n=2, yes=True)\ns.grid()",
    "%%draw -m gpt-4o-image -m seedream-4.0 --blind\na crab",
    "nbext.sweep('a {c} owl', c=['x', 'y'], yes=True).blind('c').compare()",
    "%%chat\nHello",
    "%%chat -c\nAnd then?",
    "nbext.respond('hi')",
    "%%video --seconds 4\na cat walks",
    "_ = await asyncio.gather(*(nbext.adraw(w) for w in ('g1', 'g2', 'g3')))",
    "with ThreadPoolExecutor(3) as pool:\n    _ = list(pool.map(nbext.draw, ['same'] * 3))",
    "%%draw gpt-image-1.5\nsoon to be shut down",
    "d.again()",
    "nbext.history[1].again(below=True)",
    "%%draw -c @1\nand from behind",
    "%nbext export cats.html --overwrite",
    "history = nbext.history\nhistory.to_zip('cats.zip', overwrite=True)\nprint(history.methods())",
    "history.verify()",
    "history.tree()",
    "history.search('cat')",
    "%models gpt-4o",
    "nbext.Panel()",
    "s.compare()",
    "panels = [nbext.Panel(compact=True), nbext.Panel()]\ndisplay(*panels)",
]  # fmt: skip


def files_in(folder):
    """Give the hash of each file that a notebook's cells write."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    outside = ("home", ".git")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.relative_to(folder).parts[0] not in outside
    }


def test_restart_and_run_all_changes_nothing(kernels, tmp_path, endpoint):
    paid = {"NBEXT_BASE_URL": endpoint.base_url, "NBEXT_API_KEY": endpoint.key}
    runs = []
    for _ in range(2):
        endpoint.log.clear()
        kernel = kernels(tmp_path, **paid)
        shown = []
        for n, source in enumerate(CELLS):
            ran = kernel.run(source, cell=f"cell-{n}")
            assert ran.status == "ok", (source, ran.error)
            # Threads have no order among themselves on standard error.
            shown.append((source, ran.outputs, sorted(ran.text.splitlines())))
        runs.append((shown, files_in(tmp_path)))
        kernel.stop()
    assert not [request for request in endpoint.log if request.method == "POST"]
    (first, written), (second, rewritten) = runs
    for before, after in zip(first, second, strict=True):
        assert after == before
    assert rewritten == written
