"""What jobs say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.wire.jobs import is_job, job

FILM = "https://h/cdn/a.mp4"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *(
            (w, "queued")
            for w in (
                "queued",
                "PENDING",
                "submitted",
                "NOT_START",
                "preparing",
                "unknown",
                "NotStarted",
                "created",
                "starting",
            )
        ),
        *(
            (w, "running")
            for w in (
                "processing",
                "in_progress",
                "IN-PROGRESS",
                "running",
                "Generating",
                "somethingnew",
            )
        ),
        *((w, "done") for w in ("completed", "complete", "SUCCESS", "Succeeded", "finished")),
        *((w, "failed") for w in ("failed", "FAILURE", "fail", "error", "cancelled", "canceled")),
    ],
)
def test_status_words(word, status):
    assert job({"id": "v", "status": word})[0].status == status


@pytest.mark.parametrize(
    ("progress", "percent"),
    [
        (0, 0),
        (1, 1),
        (42, 42),
        ("42%", 42),
        ("1%", 1),
        (0.93, 93),
        (1.0, 100),
        ("0.5", 50),
        (250, 100),
        (-3, 0),
    ],
)
def test_progress_is_a_percentage(progress, percent):
    assert job({"id": "v", "status": "running", "progress": progress})[0].percent == pytest.approx(
        percent
    )


@pytest.mark.parametrize(
    "progress",
    [
        None,
        True,
        "soon",
        float("nan"),
        float("inf"),
        pytest.param(10**5000, id="huge"),
        {},
        "9" * 5000,
    ],
)
def test_progress_that_is_none_is_unknown(progress):
    assert job({"id": "v", "status": "running", "progress": progress})[0].percent is None


@pytest.mark.parametrize(
    "place",
    [
        {"video_url": FILM},
        {"url": FILM},
        {"result_url": FILM},
        {"metadata": {"url": FILM}},
        {"data": {"url": FILM}},
        {"data": [{"url": FILM}]},
        {"output": {"url": FILM}},
        {"output": FILM},
        {"outputs": {"video_url": FILM}},
        {"outputs": [FILM]},
        {"detail": {"generations": [{"url": FILM}]}},
        {"detail": {"draft_info": {"downloadable_url": FILM}}},
        {"video": {"url": FILM}},
        {"content": {"encodings": {"source": {"path": FILM}}}},
        {"results": [FILM]},
        {"urls": [FILM]},
        {"video_url": FILM, "data": {"url": FILM}, "url": "https://h/other.mp4"},
    ],
)
def test_where_the_film_is(place):
    state, links = job({"id": "v", "status": "completed", **place})
    assert (state.status, state.percent) == ("done", 100)
    assert [(link.url, link.kind) for link in links] == [(FILM, "film")]


def test_a_film_without_a_place_is_fetched_by_its_id():
    state, links = job({"id": "video_1", "object": "video", "status": "completed", "progress": 100})
    assert (state.id, state.status, links) == ("video_1", "done", [])


def test_a_poster_is_no_film():
    _, links = job(
        {"id": "v", "status": "completed", "video_url": FILM, "thumbnail_url": "https://h/a.webp"}
    )
    assert [(link.url, link.kind) for link in links] == [
        (FILM, "film"),
        ("https://h/a.webp", "poster"),
    ]


def test_what_is_not_done_has_no_film():
    assert job({"id": "v", "status": "running", "video_url": FILM})[1] == []


def test_the_detail_form():
    state, links = job(
        {
            "id": "sora-2:task_1",
            "status": "pending",
            "detail": {
                "status": "pending",
                "pending_info": {
                    "progress_pct": 0.93,
                    "failure_reason": None,
                    "queue_status_message": "soon",
                    "generations": [],
                },
            },
        }
    )
    assert (state.id, state.status, state.message, links) == ("sora-2:task_1", "queued", "soon", [])
    assert state.percent == pytest.approx(93)


def test_the_wrapped_form():
    state, links = job(
        {
            "code": "success",
            "message": "",
            "data": {
                "task_id": "t",
                "status": "SUCCESS",
                "progress": "100%",
                "data": {"video_url": FILM},
            },
        }
    )
    assert (state.id, state.status, links[0].url) == ("t", "done", FILM)
    assert (
        job({"status": "success", "data": {"id": "t", "status": "processing"}})[0].status
        == "running"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"id": "v", "status": "failed", "error": {"code": "moderation", "message": "No."}}, "No."),
        ({"id": "v", "status": "FAILURE", "fail_reason": "No."}, "No."),
        (
            {"id": "v", "status": "failed", "detail": {"pending_info": {"failure_reason": "No."}}},
            "No.",
        ),
        (
            {"code": "fail_to_fetch_task", "message": '{"code":"x","message":"No."}', "data": None},
            "No.",
        ),
        ({"success": False, "message": "No."}, "No."),
        ({"error": {"message": "No."}}, "No."),
        ({"error": "No."}, "No."),
        ({"code": "task_not_exist", "data": None}, "task_not_exist"),
        ({"id": "v", "status": "cancelled"}, "cancelled"),
        ({}, "The answer contains no job."),
        (None, "The answer contains no job."),
        ("<html>", "The answer contains no job."),
    ],
)
def test_failures_say_why(value, message):
    state, links = job(value)
    assert (state.status, state.message, links) == ("failed", message, [])


def test_an_id_that_is_all_there_is():
    state, links = job({"code": "success", "message": "", "data": "task-1:2"})
    assert (state.id, state.status, links) == ("task-1:2", "queued", [])
    assert job({"code": "bad", "message": "no", "data": "task-1"})[0].status == "failed"
    assert job({"code": "success", "data": "in a sentence."})[0].id == ""


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ({"task_id": "t", "status": "queued"}, True),
        ({"id": "t", "status": "queued"}, True),
        ({"task_id": "t"}, True),
        ({"code": "success", "data": {"task_id": "t", "status": "SUCCESS"}}, True),
        ({"results": ["https://h/a.png"]}, True),
        ({"urls": []}, True),
        ({"id": "x", "object": "chat.completion"}, False),
        ({"created": 1, "data": [{"url": "https://h/a.png"}]}, False),
        ([], False),
    ],
)
def test_is_job(value, is_one):
    assert is_job(value) is is_one


def test_a_job_of_pictures():
    _, links = job(
        {
            "id": "t",
            "status": "completed",
            "results": ["https://h/a", "https://h/b.png", "https://h/c.mp4"],
        },
        kind="picture",
    )
    assert [link.kind for link in links] == ["picture", "picture", "film"]


KEYS = st.sampled_from(
    [
        "id",
        "status",
        "data",
        "url",
        "urls",
        "error",
        "message",
        "code",
        "progress",
        "detail",
        "output",
        "results",
        "video",
        "thumbnail",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([FILM, "https://[", "/00", "success", "failed", "{", '{"message":{}}']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=15,
)


@given(VALUES)
def test_nothing_makes_it_raise(value):
    is_job(value)
    state, links = job(value)
    assert state.status in ("queued", "running", "done", "failed")
    # A path is one at the endpoint's own origin.
    assert all(link.url.lower().startswith(("http", "/")) for link in links)
    assert state.percent is None or 0 <= state.percent <= 100


@pytest.mark.parametrize(
    "value",
    [
        *({name: "t1"} for name in ("task_id", "taskUUID", "job_id", "uuid", "inferenceId")),
        {"request_id": "t1"},
        {"response_id": "t1", "status": "in_progress"},
        {"sdGenerationJob": {"generationId": "t1"}},
        {"code": 200, "data": [{"task_id": "t1", "status": "submitted"}]},
        {"output": {"task_id": "t1", "task_status": "PENDING"}, "request_id": "other"},
        {"id": "t1", "links": {"self": "/v1/tasks/t1"}},
    ],
)
def test_a_job_has_an_id_under_any_name(value):
    assert is_job(value)
    assert job(value)[0].id == "t1"
    assert job(value)[0].status in ("queued", "running")


@pytest.mark.parametrize(
    "value",
    [
        {"ticket": "t1", "status": "queued"},
        {"code": 0, "ticketNo": "t1", "state": "WAITING", "user_id": "7"},
        {"ok": True, "result": {"handle": "t1", "phase": "ACCEPTED", "channel_id": 3}},
        {"data": {"record_id": "t1", "status": 0}},
        {"data": {"creationId": "t1", "status": "中"}},
        {"order": "t1", "status": "pending", "model": "m", "created": 1},
        {"work_no": "t1", "job_status": "INIT", "trace_id": "x"},
        {"token": "secret", "ref": "t1", "state": "starting"},
        {"run_key": "t1", "status": "排队中"},
    ],
)
def test_what_waits_has_an_id_under_a_name_that_nobody_has_met(value):
    assert is_job(value)
    assert job(value)[0].id == "t1"


@pytest.mark.parametrize(
    "value",
    [
        {"status": "completed", "ticket": "t1"},
        {"status": "failed", "ticket": "t1"},
        {"ticket": "t1"},
        {"status": "queued", "user_id": "t1"},
        {"status": "queued", "name": "a cat", "code": 0},
        {"status": "queued", "ticket": "in a sentence"},
        {"status": "queued", "model": "m", "trace_id": "t1"},
    ],
)
def test_what_does_not_wait_or_names_something_else_has_none(value):
    assert not is_job(value)


@pytest.mark.parametrize(
    "value",
    [
        {"request_id": "t1", "message": "余额不足"},
        {"request_id": "t1", "data": []},
        {"created": 1, "data": [{"b64_json": "x"}]},
    ],
)
def test_the_id_of_a_request_alone_makes_no_job(value):
    assert not is_job(value)


@pytest.mark.parametrize(
    "links",
    [
        {"urls": {"get": "https://h/v1/p/1"}},
        {"links": {"self": "https://h/v1/p/1"}},
        {"_links": {"self": {"href": "https://h/v1/p/1"}}},
        {"status_url": "https://h/v1/p/1"},
    ],
)
def test_the_answer_may_name_where_the_job_is_asked_after(links):
    assert job({"id": "1", "status": "queued", **links})[0].poll_url == "https://h/v1/p/1"


def test_a_word_that_nobody_has_met_is_quoted():
    assert job({"id": "1", "status": "PONDERING"})[0].message == "PONDERING"
