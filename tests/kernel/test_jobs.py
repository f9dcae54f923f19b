"""A film's job outlives the kernel that asked for it."""

from __future__ import annotations

import time

from nbext.embedded.server import Endpoint


def test_a_job_is_picked_up_by_the_next_kernel(kernels, tmp_path):
    relay = Endpoint(pace=6)
    relay.start()
    environ = {"NBEXT_BASE_URL": relay.base_url, "NBEXT_API_KEY": relay.key}
    first = kernels(tmp_path, **environ)
    first.run("%load_ext nbext")
    first.send("%%video sora-2 --size 320x180 --seconds 1\na cat walks")
    journal = tmp_path / "nbext.draws" / "history.jsonl"
    for _ in range(200):
        if journal.exists() and '"job"' in journal.read_text():
            break
        time.sleep(0.05)
    first.stop()
    second = kernels(tmp_path, **environ)
    second.run("%load_ext nbext\nimport nbext")
    assert "under way" in second.run("%video").text
    ran = second.run("%video @1", patience=60)
    assert ran.status == "ok", ran.error
    assert any("<video" in o["data"].get("text/html", "") for o in ran.outputs)
    assert "done" in second.run("%video").text
    creates = [r for r in relay.log if r.method == "POST" and r.path.endswith("/videos")]
    relay.stop()
    assert len(creates) == 1
