"""What was paid for is had for free, however the first try ended: a relay counts what it is asked."""

from __future__ import annotations

import asyncio
import base64
import json
import threading

import pytest

from nbext.config.settings import Nbext
from nbext.data.cell import Cell
from nbext.data.record import Failure, Record
from nbext.errors import DownloadError, HistoryError, NbextError, RequestError
from nbext.imaging import validate
from nbext.session import intervals
from nbext.session.accumulator import ResponseAccumulator
from nbext.session.session import Session
from nbext.store.claims import find_claims
from nbext.store.store import Store
from nbext.transport import retry
from tests.relay import Relay
from tests.sinks import picture
from tests.until import until

PICTURE = picture(size=(24, 16))
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08free" + bytes(64)


@pytest.fixture
def relay(monkeypatch):
    relay = Relay()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{relay.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "any-word-will-do-here")
    monkeypatch.setattr(intervals, "FIRST_LOOK", 0.001)
    monkeypatch.setattr(intervals, "LAST_LOOK", 0.01)
    monkeypatch.setattr(retry, "SOON", (0.001,) * 4)
    yield relay
    relay.stop()


@pytest.fixture
def kernel(tmp_path):
    """Starts kernels on one history; the last one is closed."""
    sessions = []

    def start(**settings):
        for session in sessions:
            end(session)
        sessions.append(Session(tmp_path / "cats.draws", chosen=Nbext(**settings)))
        return sessions[-1]

    yield start
    for session in sessions:
        end(session)


def end(session):
    session.run(session.close())
    session.runner.close()


def draw(session, execution=1, **options):
    session.cell = lambda: Cell(id="c1", execution_count=execution)
    return session.draw("画只猫", **{"model": "gpt-image-1"} | options)


def film(session, execution=1):
    return draw(session, execution, model="wan", kind="video")


def stopped(session, relay, ask):
    """Ask, and press Stop when the relay is asked for the picture, or after the job."""
    reached, go_on = threading.Event(), threading.Event()

    def hold():
        # The list of models may be read before.
        if relay.posts:
            reached.set()
            go_on.wait(60)

    relay.before_get = hold
    future = session.runner.submit(ask())
    if not reached.wait(60):
        raise AssertionError(future.exception(1))
    future.cancel()
    with pytest.raises(BaseException):  # noqa: B017 -- the future's own, or asyncio's
        future.result(60)
    relay.before_get = lambda: None
    go_on.set()
    ended(session)


def ended(session):
    """Wait until what was interrupted is recorded so."""
    until(lambda: all(record.type == "drawing" for record in session.store.records()))


def asking(session, *, takes=1, **options):
    """What asks from the session's own loop, so that it can be cancelled there."""

    async def ask():
        request = await session.request("画只猫", **options)
        cell = Cell(id="c1", execution_count=1)
        return await session.make(request, takes=takes, cell=cell)

    return ask


def ask_film(session):
    return asking(session, model="wan", kind="video")


def ask_picture(session):
    return asking(session, model="gpt-image-1")


JOB = {"id": "v1", "status": "queued"}
DONE = {"id": "v1", "status": "completed"}


@pytest.mark.parametrize("restart", [True, False])
def test_an_interrupted_film_is_picked_up(relay, kernel, restart):
    relay.answer = JOB
    relay.files = {"/v1/videos/v1": DONE, "/v1/videos/v1/content?variant=video": FILM}
    session = kernel()
    stopped(session, relay, ask_film(session))
    assert session.store.records()[-1].job == "v1"
    if restart:
        session = kernel()
    drawing = film(session, execution=2 - restart)
    assert drawing.films[0].data == FILM
    assert relay.posts == 1


@pytest.mark.parametrize("restart", [True, False])
def test_a_picture_whose_link_is_known_is_fetched_again(relay, kernel, restart):
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    session = kernel()
    stopped(session, relay, ask_picture(session))
    (link,) = session.store.records()[-1].links
    assert link.url == f"{relay.base}/a.png"
    if restart:
        session = kernel()
    drawing = draw(session, execution=2 - restart)
    assert [p.data for p in drawing.pictures] == [PICTURE]
    assert drawing.record.links == ()
    assert drawing.number == 1
    assert relay.posts == 1


@pytest.mark.parametrize("kind", ["draw", "chat"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [(ResponseAccumulator, "into"), (Store, "append_async"), (Session, "account")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_no_memory_behind_a_paid_answer(relay, kernel, monkeypatch, owner, name, kind):
    """Once, just before the record is written: the picture is kept, a lost text is said to be."""
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    if kind == "chat":
        relay.answer = {"choices": [{"message": {"role": "assistant", "content": "a cat"}}]}
    session = kernel()
    real, calls = getattr(owner, name), []

    def fails(self, *args, **fields):
        last = name != "append_async" or args[0].type == "drawing"
        if last and not calls:
            calls.append(name)
            raise MemoryError
        return real(self, *args, **fields)

    monkeypatch.setattr(owner, name, fails)
    if kind == "chat" and name == "into":
        with pytest.raises(RequestError, match="could not be processed: MemoryError") as caught:
            session.draw("a cat", kind="chat", model="gpt-5")
        assert isinstance(caught.value.__cause__, MemoryError)
        assert session.store.records()[0].error.maybe_billed
    else:
        drawing = session.draw("a cat", kind=kind, model="gpt-5" if kind == "chat" else "")
        assert drawing.text == "a cat" if kind == "chat" else drawing.pictures[0].data == PICTURE
        assert session.store.records()[0].error is None
    assert calls
    assert relay.posts == 1
    assert [record.type for record in session.store.records()] == ["drawing"]


def test_a_link_is_on_disk_before_it_is_fetched(relay, kernel, tmp_path):
    """So that a kernel that is killed then leaves it behind."""
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    lines = []
    journal = tmp_path / "cats.draws" / "history.jsonl"
    relay.before_get = lambda: lines.append(journal.read_bytes().splitlines()[-1])
    session = kernel()
    draw(session)
    record = json.loads(lines[0])
    assert (record["type"], record["links"]) == ("sent", [{"url": f"{relay.base}/a.png"}])
    # As a kernel finds it that was started after the other was killed.
    journal.write_bytes(lines[0] + b"\n")
    relay.before_get = lambda: None
    again = draw(kernel())
    assert [p.data for p in again.pictures] == [PICTURE]
    assert relay.posts == 1


def test_a_job_is_on_disk_before_it_is_asked_after(relay, kernel, tmp_path):
    relay.answer = JOB
    relay.files = {"/v1/videos/v1": DONE, "/v1/videos/v1/content?variant=video": FILM}
    lines = []
    journal = tmp_path / "cats.draws" / "history.jsonl"
    relay.before_get = lambda: lines.append(journal.read_bytes().splitlines()[-1])
    film(kernel())
    assert json.loads(lines[0])["job"] == "v1"
    journal.write_bytes(lines[0] + b"\n")
    assert film(kernel()).films[0].data == FILM
    assert relay.posts == 1


def test_a_download_that_failed_is_tried_again_by_the_same_cell_and_by_hand(relay, kernel):
    relay.pictures("/a.png")
    session = kernel()
    broken = {"/a.png": b"<html><title>maintenance</title>"}
    relay.files = dict(broken)
    with pytest.raises(DownloadError) as caught:
        draw(session)
    assert caught.value.maybe_billed
    failed = caught.value.drawing
    assert failed.record.links[0].url.endswith("/a.png")
    with pytest.raises(DownloadError):
        failed.fetch()
    relay.files = {"/a.png": PICTURE}
    assert [p.data for p in session.history[1].fetch().pictures] == [PICTURE]
    assert relay.posts == 1
    # It is what the cell shows from now on, and another take is another one.
    assert len(session.history) == 1
    draw(session, execution=2)
    assert relay.posts == 2


def test_a_link_that_is_gone_for_good_is_drawn_anew_and_said_to_be(relay, kernel):
    relay.pictures("/a.png")
    session = kernel()
    with pytest.raises(DownloadError):
        draw(session)
    relay.pictures("/b.png")
    relay.files = {"/b.png": PICTURE}
    assert draw(session, execution=2).number == 2
    assert relay.posts == 2


def test_a_film_whose_content_is_not_there_for_a_moment_is_asked_for_again(relay, kernel):
    relay.answer = JOB
    relay.files = {
        "/v1/videos/v1": DONE,
        "/v1/videos/v1/content?variant=video": [None, None, FILM],
    }
    assert film(kernel()).films[0].data == FILM
    assert relay.posts == 1


def test_a_film_whose_content_never_comes_is_asked_for_later_for_free(relay, kernel):
    relay.answer = JOB
    relay.files = {"/v1/videos/v1": DONE}
    session = kernel()
    with pytest.raises(RequestError) as caught:
        film(session)
    assert "base URL" not in str(caught.value)
    assert "%video @1" in caught.value.remedy
    relay.files["/v1/videos/v1/content?variant=video"] = FILM
    assert film(session, execution=2).films[0].data == FILM
    assert relay.posts == 1


def test_a_film_whose_content_is_an_address_is_fetched_from_there(relay, kernel):
    relay.answer = JOB
    relay.files = {
        "/v1/videos/v1": DONE,
        "/v1/videos/v1/content?variant=video": {"url": f"{relay.base}/a.mp4"},
        "/a.mp4": FILM,
    }
    assert film(kernel()).films[0].data == FILM


def test_a_film_whose_address_is_dead_is_fetched_as_its_content(relay, kernel):
    relay.answer = JOB
    relay.files = {
        "/v1/videos/v1": DONE | {"video_url": f"{relay.base}/gone.mp4"},
        "/v1/videos/v1/content?variant=video": FILM,
    }
    assert film(kernel()).films[0].data == FILM
    assert relay.posts == 1


def test_a_job_that_failed_is_asked_for_anew(relay, kernel):
    relay.answer = JOB
    relay.files = {"/v1/videos/v1": {"id": "v1", "status": "failed", "error": {"message": "no"}}}
    session = kernel()
    with pytest.raises(RequestError):
        film(session)
    relay.files = {"/v1/videos/v1": DONE, "/v1/videos/v1/content?variant=video": FILM}
    film(session, execution=2)
    assert relay.posts == 2


def test_fresh_pays_again(relay, kernel):
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    session = kernel()
    stopped(session, relay, ask_picture(session))
    draw(session, execution=2, fresh=True)
    assert relay.posts == 2


def test_an_interrupted_request_of_which_nothing_is_known_says_so_when_it_is_asked_again(
    relay, kernel, capsys
):
    relay.answer = {"data": [{"b64_json": ""}]}
    session = kernel()
    reached, go_on = threading.Event(), threading.Event()
    answer = relay.answer

    class Held(dict):
        def items(self):
            if relay.posts:
                reached.set()
                go_on.wait(60)
            return super().items()

    relay.headers = Held()
    future = session.runner.submit(ask_picture(session)())
    if not reached.wait(60):
        raise AssertionError(future.exception(1))
    future.cancel()
    with pytest.raises(BaseException):  # noqa: B017
        future.result(60)
    go_on.set()
    ended(session)
    relay.headers, relay.answer = {}, answer
    relay.pictures(PICTURE)
    draw(session, execution=2)
    assert "@1 was sent" in capsys.readouterr().err + "".join(session.new_warnings())
    assert relay.posts == 2


def test_there_is_nothing_to_fetch_where_nothing_is_known(relay, kernel):
    relay.pictures(PICTURE)
    session = kernel()
    draw(session)
    with pytest.raises(HistoryError, match="nothing to fetch"):
        session.history[1].fetch()


# Jobs


def see_through(relay, kernel, states, *, path="/v1/images/tasks/t1", answer=None):
    relay.answer = answer or {"task_id": "t1", "status": "queued"}
    relay.files = {path: states, "/a.png": PICTURE}
    return draw(kernel())


@pytest.mark.parametrize("path", ["images/tasks", "tasks", "images/generations", "videos"])
def test_a_job_is_found_under_any_known_path(relay, kernel, path):
    done = {"status": "completed", "results": [f"{relay.base}/a.png"]}
    drawing = see_through(relay, kernel, [done], path=f"/v1/{path}/t1")
    assert [p.data for p in drawing.pictures] == [PICTURE]
    assert relay.posts == 1


@pytest.mark.parametrize(
    "odd", [None, b"<html><title>502 Bad Gateway</title></html>", b"", b"oops", {"error": None}]
)
def test_one_odd_look_is_no_end(relay, kernel, odd):
    done = {"status": "completed", "results": [f"{relay.base}/a.png"]}
    states = [{"task_id": "t1", "status": "processing"}, odd, odd, done]
    drawing = see_through(relay, kernel, states)
    assert [p.data for p in drawing.pictures] == [PICTURE]


def test_a_job_that_is_done_may_hold_the_picture_itself(relay, kernel):
    import base64

    state = {"created": 1, "data": [{"b64_json": base64.b64encode(PICTURE).decode()}]}
    drawing = see_through(relay, kernel, [{"task_id": "t1", "status": "queued"}, state])
    assert [p.data for p in drawing.pictures] == [PICTURE]


def test_a_job_without_end_ends_with_the_total_time_and_its_last_word(relay, kernel):
    session = kernel()
    relay.wait_a_second_after_the_answer(session)
    relay.answer = {"task_id": "t1", "status": "queued"}
    relay.files = {"/v1/images/tasks/t1": [{"task_id": "t1", "status": "procrastinating"}]}
    with pytest.raises(NbextError, match=r"did not finish within 1 s") as caught:
        draw(session)
    assert caught.value.maybe_billed
    assert "fetch()" in caught.value.remedy


# Whatever is raised


@pytest.mark.parametrize(
    "error", [RuntimeError("a slip"), MemoryError(), KeyError("x"), ZeroDivisionError()]
)
def test_an_unexpected_error_behind_a_paid_answer_keeps_the_picture(
    relay, kernel, monkeypatch, error
):
    def fail(*_):
        raise error

    relay.pictures(PICTURE)
    monkeypatch.setattr(validate, "check_picture", fail)
    session = kernel()
    with pytest.raises(RequestError) as caught:
        draw(session)
    assert caught.value.__cause__ is error
    assert caught.value.maybe_billed
    record = session.store.records()[-1]
    assert (record.type, record.error.type) == ("drawing", "RequestError")
    assert session.store.read(record.pictures[0].sha256) == PICTURE
    assert caught.value.drawing.number == 1
    monkeypatch.undo()


def test_a_picture_that_could_not_be_checked_is_kept_as_it_came(relay, kernel, monkeypatch, capsys):
    from nbext.imaging.decode import UncheckedError

    def fail(*_):
        raise UncheckedError("The picture could not be checked: no memory.")

    relay.pictures(PICTURE)
    monkeypatch.setattr(validate, "check_picture", fail)
    session = kernel()
    assert [p.data for p in draw(session).pictures] == [PICTURE]
    assert "could not be checked" in capsys.readouterr().err


# The claim sheet


def test_what_may_be_billed_without_a_picture_is_listed_by_endpoint(relay, kernel, monkeypatch):
    relay.answer = {"data": []}
    session = kernel()
    with pytest.raises(RequestError):
        draw(session)
    relay.pictures(PICTURE)
    draw(session, execution=2)
    (claim,) = session.history.unseen()
    record = session.store.records()[0]
    assert (claim.number, claim.host) == (1, relay.base.removeprefix("http://"))
    assert claim.idempotency_key == record.id
    sheet = str(session.history.unseen())
    assert record.id in sheet
    assert "@1" in sheet
    assert "any-word-will-do-here" not in sheet


def test_claims_of_a_stranger_write_nothing_to_the_terminal():
    evil = "x\x1b]0;PWN\x07\x9b31m\u202e\n\nrelay.example: 9 requests"
    names = ("host", "model", "request_id", "job", "id")
    failure = Failure(type="ServerError", message=evil, maybe_billed=True)
    record = Record(type="drawing", number=1, error=failure, **dict.fromkeys(names, evil))
    sheet = str(find_claims([record]))
    assert "PWN" in sheet
    assert not [c for c in sheet if not c.isprintable() and c != "\n"]
    assert not [line for line in sheet.splitlines() if line.startswith("relay.example")]


def test_what_is_under_way_is_no_claim_and_what_a_killed_kernel_sent_is(relay, kernel, tmp_path):
    session = kernel()
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    claims = []
    relay.before_get = lambda: claims.append(len(session.history.unseen()))
    draw(session)
    assert claims[0] == 0
    journal = tmp_path / "cats.draws" / "history.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines()[0] + b"\n")
    other = kernel()
    (claim,) = other.history.unseen()
    assert claim.reason == "no answer is recorded"


def test_nothing_to_claim_is_said(kernel):
    assert "Nothing was sent" in str(kernel().history.unseen())


def test_takes_that_are_cancelled_together_are_all_recorded(relay, kernel):
    relay.pictures("/a.png")
    relay.files = {"/a.png": PICTURE}
    session = kernel()
    stopped(session, relay, asking(session, model="gpt-image-1", takes=3))
    records = session.store.records()
    # One may be stopped between its record and the wire.
    assert 1 <= relay.posts <= len(records) <= 3
    assert {record.error.type for record in records} == {"Interrupted"}


def test_the_same_picture_many_times_at_once_is_checked_each_time(relay, kernel, capsys):
    """Its file is put in its place while another drawing looks at it."""
    relay.pictures(PICTURE)
    session = kernel()

    async def many():
        return await asyncio.gather(
            *(session.adraw(f"画只猫 {n}", model="gpt-image-1") for n in range(40))
        )

    assert len(session.run(many())) == 40
    assert "could not be checked" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["location", "operation-location"])
def test_a_request_that_is_only_accepted_is_asked_after_where_a_header_says(relay, kernel, name):
    relay.answer, relay.status = {"message": "accepted"}, 202
    relay.headers = {name: f"{relay.base}/v1/operations/7"}
    done = {"status": "succeeded", "result": {"data": [{"url": f"{relay.base}/a.png"}]}}
    relay.files = {"/v1/operations/7": done, "/a.png": PICTURE}
    drawing = kernel().draw("画只猫", model="gpt-image-2")
    assert drawing.pictures[0].data == PICTURE
    assert (drawing.record.job, relay.posts) == ("7", 1)


def preview_then(relay, last):
    """Let the relay stream a preview, and then something else."""
    preview = {
        "type": "image_generation.partial_image",
        "partial_image_index": 0,
        "b64_json": base64.b64encode(PICTURE).decode(),
    }
    relay.answer = [preview, last]


def test_a_preview_before_an_error_is_kept_as_a_draft_and_never_replayed(relay, kernel, tmp_path):
    preview_then(relay, {"type": "error", "error": {"message": "The worker crashed"}})
    asked = {"model": "gpt-image-2", "via": "images", "params": {"partial_images": 1}}
    with pytest.raises(NbextError, match="crashed") as caught:
        draw(kernel(), **asked)
    (draft,) = caught.value.drawing.pictures
    assert draft.data == PICTURE
    assert draft.info.is_draft
    assert "a draft, not the result" in caught.value.drawing.caption()
    session = kernel()
    # It is still a claim, and no difference from the request is made of it.
    assert [claim.number for claim in session.history.unseen()] == [1]
    assert session.history[1].differences == []
    page = session.history.to_html(tmp_path / "page.html").read_text("utf-8")
    assert '<span class="sketch">draft</span>' in page
    assert session.history.verify().ok
    relay.pictures(picture(size=(20, 10)))
    assert draw(session, **asked).pictures[0].data != PICTURE
    assert relay.posts == 2


def test_a_preview_goes_when_the_picture_comes(relay, kernel):
    result = picture(size=(20, 10))
    preview_then(
        relay,
        {"type": "image_generation.completed", "b64_json": base64.b64encode(result).decode()},
    )
    asked = {"model": "gpt-image-2", "via": "images", "params": {"partial_images": 1}}
    drawing = draw(kernel(), **asked)
    assert [shown.data for shown in drawing.pictures] == [result]
    # The store's writer removes it.
    until(lambda: len(list(drawing.store.folder.glob("pictures/*/*"))) == 1)
