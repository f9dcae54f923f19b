"""What comes of an answer that is good in part, of a relay that says what a test wants."""

from __future__ import annotations

import base64
import threading

import pytest
from PIL import Image

from nbext.config.settings import Nbext
from nbext.errors import (
    DownloadError,
    HistoryError,
    ModelError,
    ModerationError,
    NoPictureError,
    NotAnEndpointError,
    OptionError,
    PictureError,
    QuotaError,
    RateLimitError,
    RequestError,
    ServerError,
    TimedOutError,
)
from nbext.magics.manage import status
from nbext.magics.video import jobs_table
from nbext.session import intervals
from nbext.session.session import Session
from nbext.transport import retry
from tests import records
from tests.relay import Relay
from tests.sinks import picture


@pytest.fixture
def relay(monkeypatch):
    made = Relay()
    monkeypatch.setenv("NBEXT_BASE_URL", f"{made.base}/v1")
    monkeypatch.setenv("NBEXT_API_KEY", "any-word-will-do-here")
    yield made
    made.stop()


@pytest.fixture
def session(tmp_path, monkeypatch):
    # What is not there yet is asked for again at once.
    monkeypatch.setattr(retry, "SOON", (0.001, 0.001, 0.001, 0.001))
    made = Session(tmp_path / "cats.draws", chosen=Nbext(replay="never"))
    yield made
    made.run(made.close())
    made.runner.close()


def draw(session, **options):
    return session.draw("画只猫", model="gpt-image-2", **options)


GOOD, OTHER = picture(size=(24, 16)), picture(size=(32, 16))


def broken():
    """A PNG whose beginning and end are right, and whose pixels are not."""
    data = bytearray(picture(size=(64, 64)))
    at = data.index(b"IDAT") + 8
    data[at : at + 8] = bytes(8)
    return bytes(data)


def test_one_broken_picture_does_not_cost_the_good_ones(session, relay, capsys):
    relay.pictures(GOOD, broken(), OTHER)
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD, OTHER]
    assert "2 pictures" in drawing.caption()
    assert "1 left out" in drawing.caption()
    (reason,) = drawing.lost
    assert "left out" in reason
    assert "cannot be decoded" in reason
    assert capsys.readouterr().err == f"nbext: @{drawing.number}: {reason}\n"
    assert session.store.records()[-1].lost == (reason,)


def test_one_broken_link_does_not_cost_the_good_ones(session, relay):
    relay.files = {"/good.png": GOOD, "/broken.png": broken()}
    relay.pictures("/broken.png", "/gone.png", "/good.png")
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD]
    assert "2 left out" in drawing.caption()
    assert "cannot be decoded" in drawing.lost[0]
    assert "404" in drawing.lost[1]


def test_pictures_are_fetched_together_and_kept_in_order(session, relay):
    together = threading.Barrier(3)
    relay.before_get = lambda: together.wait(60)
    relay.files = {"/1.png": GOOD, "/2.png": OTHER, "/3.png": picture(size=(8, 8))}
    relay.pictures("/1.png", "/2.png", "/3.png")
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == list(relay.files.values())


def test_no_good_picture_is_an_error_with_its_drawing(session, relay):
    relay.pictures(broken())
    with pytest.raises(NoPictureError, match="cannot be decoded") as caught:
        draw(session)
    assert caught.value.maybe_billed
    assert caught.value.drawing.record.error.type == "NoPictureError"


def test_no_good_link_is_an_error_with_its_address(session, relay):
    relay.pictures("/gone.png")
    with pytest.raises(DownloadError, match="404") as caught:
        draw(session)
    assert caught.value.url == f"{relay.base}/gone.png"


def large(size=1024):
    """A picture of more bytes than the smallest limit that can be set."""
    return picture(size=(64, 64)) + bytes(size)


def test_a_picture_over_the_limit_says_so_and_how_to_raise_it(session, relay):
    session.settings.picture_bytes = 1024
    relay.pictures(large())
    with pytest.raises(NoPictureError) as caught:
        draw(session)
    assert "The picture is larger than the limit of 1.0 kB." in str(caught.value)
    assert "%config Nbext.picture_bytes = 4096" in caught.value.remedy
    session.settings.picture_bytes = 4096
    assert draw(session).pictures[0].data == large()


def test_what_is_over_the_limit_leaves_nothing_in_the_text(session, relay):
    session.settings.picture_bytes = 1024
    inside = base64.b64encode(large(200_000)).decode()
    message = {"content": f"Here: ![cat](data:image/png;base64,{inside}) and more."}
    relay.answer = {"choices": [{"message": message, "finish_reason": "stop"}]}
    with pytest.raises(NoPictureError, match="larger than") as caught:
        session.draw("画只猫", model="gpt-4o-image")
    assert len(caught.value.text) < 100
    assert caught.value.text.endswith(" and more.")


def test_a_picture_over_the_limit_does_not_cost_the_others(session, relay):
    session.settings.picture_bytes = 1024
    small = picture(size=(2, 2))
    relay.pictures(small, large())
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [small]
    assert "%config Nbext.picture_bytes" in drawing.lost[0]


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(intervals, "FIRST_LOOK", 0.001)


@pytest.mark.parametrize("path", ["/v1/images/tasks/t%2F1", "/v1/tasks/t%2F1"])
def test_a_picture_that_comes_later_is_asked_after_where_the_relay_has_it(
    session, relay, at_once, path
):
    relay.answer = {"id": "t/1", "status": "queued"}
    done = {"code": "success", "data": {"status": "SUCCESS", "results": [f"{relay.base}/a.png"]}}
    relay.files = {path: [{"id": "t/1", "status": "processing"}, done], "/a.png": GOOD}
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD]
    assert drawing.record.finish_reason == "done"
    assert relay.posts == 1
    # The address that does not know it is asked once.
    assert relay.asked.count("/v1/images/tasks/t%2F1") == (2 if "images" in path else 1)


def test_a_job_that_nobody_knows_any_more_may_have_been_billed(session, relay, at_once):
    relay.answer = {"id": "t1", "status": "queued"}
    with pytest.raises(NotAnEndpointError, match=r"accepted job t1.*404") as caught:
        draw(session)
    assert "base URL" not in str(caught.value)
    assert caught.value.maybe_billed
    assert session.store.records()[-1].job == "t1"


def test_a_job_keeps_the_id_that_it_was_asked_for_by(session, relay, at_once):
    relay.answer = {"id": "sora-2:task_1", "status": "pending"}
    behind = {
        "id": "another",
        "status": "pending",
        "detail": {"pending_info": {"progress_pct": 0.9}},
    }
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500)
    done = {"id": "another", "status": "completed", "video_url": f"{relay.base}/a.mp4"}
    relay.files = {"/v1/videos/sora-2%3Atask_1": [behind, behind, done], "/a.mp4": film}
    drawing = session.draw("画只猫", model="wan", kind="video")
    assert [f.size for f in drawing.record.films] == [len(film)]
    assert drawing.record.job == "sora-2:task_1"


@pytest.mark.parametrize("host", ["", "http://localhost:3000"])
def test_a_film_at_the_endpoints_own_interface_is_fetched_with_the_key(
    session, relay, at_once, host
):
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500)
    content = "/v1/videos/task_1/content"
    relay.answer = {"id": "task_1", "status": "queued"}
    done = {
        "id": "task_1",
        "status": "completed",
        "metadata": {"url": (host or relay.base) + content},
    }
    relay.files = {"/v1/videos/task_1": done, f"{content}?variant=video": film}
    drawing = session.draw("画只猫", model="wan", kind="video")
    assert [f.size for f in drawing.record.films] == [len(film)]
    assert relay.keys[f"{content}?variant=video"] == "Bearer any-word-will-do-here"


def test_a_film_elsewhere_is_fetched_without_the_key(session, relay, at_once):
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500)
    relay.answer = {"id": "task_1", "status": "queued"}
    other = "/v1/videos/task_2/content"
    relay.files = {
        "/v1/videos/task_1": {"status": "completed", "url": relay.base + other},
        other: film,
    }
    assert session.draw("画只猫", model="wan", kind="video").record.films
    assert relay.keys[other] is None


def test_a_response_in_the_background_is_asked_for_until_it_is_there(session, relay, at_once):
    under_way = {"id": "resp_1", "object": "response", "status": "queued", "output": []}
    text = {"type": "output_text", "text": "a cat"}
    half = under_way | {"status": "in_progress", "output": [{"type": "message", "content": [text]}]}
    picture_ = {"type": "image_generation_call", "result": base64.b64encode(GOOD).decode()}
    whole = half | {"status": "completed", "output": [*half["output"], picture_]}
    relay.answer = under_way
    relay.files = {"/v1/responses/resp_1": [under_way, half, whole]}
    drawing = session.draw(
        "画只猫", model="gpt-5", via="responses", params={"background": True, "stream": False}
    )
    assert [p.data for p in drawing.pictures] == [GOOD]
    assert drawing.text == "a cat"
    assert relay.posts == 1
    assert relay.asked == ["/v1/responses/resp_1"] * 3


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("content policy violation", ModerationError),
        ("当前分组上游负载已饱和，请稍后再试", RateLimitError),
        ("the machine fell over", ServerError),
        ("", ServerError),
    ],
)
def test_why_a_job_failed_is_told_by_the_kind_of_error(session, relay, at_once, reason, kind):
    relay.answer = {"id": "v1", "status": "queued"}
    relay.files = {"/v1/videos/v1": {"id": "v1", "status": "FAILURE", "fail_reason": reason}}
    with pytest.raises(kind, match=reason or "(?i)failure") as caught:
        session.draw("画只猫", model="wan", kind="video")
    assert type(caught.value) is kind
    assert caught.value.maybe_billed


def test_an_error_in_a_good_answer_has_its_status_and_request_id(session, relay):
    relay.answer = {"error": {"message": "balance too low", "code": "insufficient_user_quota"}}
    relay.headers = {"x-oneapi-request-id": "2025-abc"}
    with pytest.raises(QuotaError, match="balance too low") as caught:
        draw(session)
    error = caught.value
    assert (error.status_code, error.request_id) == (200, "2025-abc")
    assert "at the endpoint is used up" in str(error)
    assert "(request id: 2025-abc)" in str(error)


def test_an_error_behind_a_picture_is_a_warning(session, relay, capsys):
    relay.answer = [
        {"choices": [{"delta": {"content": f"![a]({relay.base}/a.png)\n"}}]},
        {"error": {"message": "the second one failed", "code": "server_error"}},
    ]
    relay.files = {"/a.png": GOOD}
    drawing = session.draw("画两只猫", model="gpt-4o-image")
    assert [p.data for p in drawing.pictures] == [GOOD]
    (warning,) = capsys.readouterr().err.splitlines()
    assert "there may be more to this answer" in warning
    assert "the second one failed" in warning


def test_base64_that_is_no_picture_is_not_quoted(session, relay):
    data = base64.b64encode(b"BM" + bytes(3000)).decode()
    relay.answer = {"choices": [{"message": {"content": f"Here: data:image/bmp;base64,{data} !"}}]}
    with pytest.raises(NoPictureError) as caught:
        session.draw("画只猫", model="gpt-4o-image")
    assert "Here: data:image/bmp;base64,… !" in caught.value.message
    assert caught.value.status_code == 200


def say(relay, text):
    relay.answer = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}


def test_an_address_without_an_ending_is_looked_at(session, relay):
    relay.files = {"/v1/files/abc": GOOD}
    say(relay, f"Here it is: {relay.base}/v1/files/abc")
    drawing = session.draw("画只猫", model="gpt-4o-image")
    assert [p.data for p in drawing.pictures] == [GOOD]
    assert drawing.record.pictures[0].url == f"{relay.base}/v1/files/abc"


def test_an_address_that_is_no_picture_is_no_loss(session, relay):
    relay.files = {"/help/pictures": {"how": "to"}}
    say(relay, f"Read {relay.base}/help/pictures and {relay.base}/gone first.")
    with pytest.raises(NoPictureError, match="answered without a picture: Read") as caught:
        session.draw("画只猫", model="gpt-4o-image")
    assert caught.value.drawing.lost == []
    assert relay.asked == ["/help/pictures", "/gone"]


def test_a_refusal_is_no_reason_to_look_at_addresses(session, relay):
    say(relay, f"It violates our content policy: {relay.base}/policies/usage")
    with pytest.raises(ModerationError):
        session.draw("画只猫", model="gpt-4o-image")
    assert relay.asked == []


def test_a_page_that_never_names_its_picture_ends_with_the_total_time(session, relay, at_once):
    relay.wait_a_second_after_the_answer(session)
    page = "/source/task_1"
    relay.files = {page: {"status": "processing"}}
    say(relay, f"> 排队中\n[原始数据]({relay.base}{page})")
    with pytest.raises(TimedOutError, match="within 1 s") as caught:
        session.draw("画只猫", model="gpt-4o-image-async")
    assert f"{relay.base}{page}" in caught.value.remedy
    assert caught.value.maybe_billed


def test_a_page_that_is_gone_is_named(session, relay):
    say(relay, f"> 排队中\n[原始数据]({relay.base}/source/task_1)")
    with pytest.raises(DownloadError) as caught:
        session.draw("画只猫", model="gpt-4o-image-async")
    assert caught.value.url == f"{relay.base}/source/task_1"
    assert "排队中" in caught.value.text
    assert caught.value.maybe_billed


def test_half_a_character_is_no_prompt(session, relay):
    with pytest.raises(OptionError, match="half of a character"):
        session.draw("cat \ud83d", model="gpt-4o-image")
    assert list(session.store.records()) == []


def test_every_limit_that_can_be_set_reaches_the_client(session):
    session.settings.proxy_downloads = True
    session.settings.redirects = 1
    limits = session.connection.client.limits
    assert (limits.proxy_downloads, limits.redirects) == (True, 1)


def test_a_picture_given_back_unchanged_is_the_result_and_is_told_of(relay, session, capsys):
    relay.files = {"/same.png": GOOD, "/other.png": OTHER}
    relay.pictures("/same.png")
    drawn = draw(session, images=GOOD)
    assert drawn.pictures[0].data == GOOD
    assert "unchanged" in capsys.readouterr().err
    # Beside another one it is a quotation.
    relay.pictures("/same.png", "/other.png")
    assert [p.data for p in draw(session, images=GOOD).pictures] == [OTHER]
    assert not capsys.readouterr().err


NOT_SERVED = {"message": "分组 default 下模型 X 无可用渠道", "code": "model_not_found"}


@pytest.mark.parametrize(
    ("model", "words"),
    [("gpt-4o-imge", "Did you mean gpt-4o-image?"), ("gpt-4o-image", "does list this model")],
)
def test_a_model_that_is_not_served_may_be_on_the_list_all_the_same(session, relay, model, words):
    relay.answer = {"error": NOT_SERVED}
    relay.files = {"/v1/models": {"data": [{"id": "gpt-4o-image"}, {"id": "else"}]}}
    with pytest.raises(ModelError) as caught:
        session.draw("画只猫", model=model)
    assert words in caught.value.remedy


@pytest.mark.parametrize("model", ["embedded-error", "embedded-refuses", "embedded-truncated"])
def test_the_embedded_endpoint_bills_nothing(session, monkeypatch, model):
    for name in ("NBEXT_BASE_URL", "NBEXT_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RequestError) as caught:
        session.draw("画只猫", model=model, endpoint="embedded")
    assert not caught.value.maybe_billed
    assert not session.store.records()[-1].error.maybe_billed


def test_a_job_whose_network_fails_is_under_way_and_asked_after_again(session, relay, at_once):
    relay.answer = {"id": "v1", "status": "queued"}
    relay.wait_a_second_after_the_answer(session)
    released = threading.Event()
    relay.before_get = lambda: released.wait(60)
    with pytest.raises(TimedOutError) as caught:
        session.draw("画只猫", model="wan", kind="video")
    released.set()
    assert "%video @1 checks again" in caught.value.remedy
    assert caught.value.maybe_billed
    assert "running" in jobs_table(session)


# What is measured, and what gateways say of money


def half_mask(size):
    mask = Image.new("RGBA", size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (size[0] // 2, 0, *size))
    return mask


@pytest.mark.parametrize(("result", "share"), [("blue", 1.0), ("red", 0.0)])
def test_a_mask_is_checked_against_the_result(session, relay, result, share):
    size = (32, 32)
    relay.pictures(records.picture(result, size))
    drawing = draw(session, images=[Image.new("RGB", size, "red")], mask=half_mask(size))
    assert drawing.mask_change == share
    assert drawing.actual["mask"] == f"{share:.0%}"
    assert ("mask not followed: 100%" in drawing.caption()) == (share == 1.0)
    overlay = drawing.mask_overlay()
    assert overlay.size == size
    assert overlay.getpixel((1, 1)) == (255, 0, 0) or share


def test_without_a_mask_there_is_no_overlay(session, relay):
    relay.pictures(GOOD)
    drawing = draw(session)
    assert drawing.mask_change is None
    with pytest.raises(HistoryError, match="no mask"):
        drawing.mask_overlay()


def test_a_picture_with_too_many_pixels_is_kept_and_not_decoded(session, relay, capsys):
    session.settings.picture_pixels = 100
    relay.files = {"/large.png": GOOD}
    relay.pictures("/large.png")
    drawing = draw(session)
    assert [p.data for p in drawing.pictures] == [GOOD]
    said = capsys.readouterr().err
    assert "24×16 pixels; the limit is 100 pixels. It is stored as received." in said
    assert "%config Nbext.picture_pixels = 384" in said
    with pytest.raises(PictureError, match="24×16"):
        drawing.image  # noqa: B018
    bundle, _ = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}


def test_a_link_to_json_that_names_the_picture_leads_to_it(session, relay):
    relay.files = {"/i/1": {"url": f"{relay.base}/1.png"}, "/1.png": GOOD}
    relay.pictures("/i/1")
    assert [p.data for p in draw(session).pictures] == [GOOD]


def test_what_the_key_has_spent_is_shown(session, relay):
    relay.pictures(GOOD)
    relay.headers = {
        "x-litellm-response-cost": "0.04",
        "x-litellm-key-spend": "1.25",
        "x-litellm-key-max-budget": "5.0",
    }
    assert draw(session).cost == 0.04
    assert "key at 127.0.0.1" in status(session)
    assert "1.25 of 5 USD spent" in status(session)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({"usage": {"total_tokens": 9, "cost": 0.04}}, 0.04),
        ({"usage": {"cost": {"total_cost": "0.04"}}}, 0.04),
        ({"_hidden_params": {"response_cost": 0.04}}, 0.04),
        ({"provider_metadata": {"gateway": {"cost": "0.04"}}}, 0.04),
        ({"usage": {"cost": 4, "currency": "CNY"}}, None),
        ({"cost": 12}, None),
        ({"usage": {"cost": True}}, None),
        ({"usage": {"cost": "NaN"}}, None),
    ],
)
def test_a_cost_is_read_from_the_body(session, relay, fields, cost):
    relay.pictures(GOOD)
    relay.answer |= fields
    assert draw(session).cost == cost
