"""Small pictures are made in worker threads."""

from __future__ import annotations

import threading

from nbext.panel.thumbnails import Thumbnails


def test_work_is_done_in_another_thread_until_the_panel_closes(wait):
    thumbnails = Thumbnails()
    threads = []
    thumbnails.later(lambda: threads.append(threading.current_thread()))
    wait(lambda: threads)
    thumbnails.close()
    # A list of models that comes now is for nobody.
    thumbnails.later(lambda: threads.append(threading.current_thread()))
    assert threads != [threading.current_thread()]
    assert len(threads) == 1
