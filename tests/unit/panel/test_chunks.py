"""Files arrive whole or not at all, and leave in pieces that the page asks for."""

from __future__ import annotations

import pytest

from nbext.errors import OptionError
from nbext.panel.chunks import MAX_OPEN, PIECE, Incoming, Outgoing


def about(at, total, id_="a"):
    return {"id": id_, "name": "cat.png", "at": at, "total": total}


def test_two_files_at_once_arrive_whole():
    got = {}
    incoming = Incoming(lambda name, data: got.setdefault(data, name))
    incoming.piece(about(0, 4, "a"), b"ab")
    incoming.piece(about(0, 3, "b"), b"xyz")
    incoming.piece(about(2, 4, "a"), b"cd")
    assert got == {b"abcd": "cat.png", b"xyz": "cat.png"}


@pytest.mark.parametrize(
    ("at", "total", "data"),
    [
        (3, 9, b"x"),
        (2, 3, b"xy"),
        (2, 10**12, b"x"),
        ("2", 4, b"x"),
        (2, None, b"x"),
        (None, 4, b""),
    ],
)
def test_a_piece_out_of_order_ends_the_file(at, total, data):
    got = []
    incoming = Incoming(lambda *file: got.append(file), limit=100)
    incoming.piece(about(0, 4), b"ab")
    with pytest.raises(OptionError, match="did not arrive completely"):
        incoming.piece(about(at, total), data)
    with pytest.raises(OptionError):
        incoming.piece(about(2, 4), b"cd")
    assert got == []


def test_files_that_never_end_do_not_pile_up():
    incoming = Incoming(lambda *_: None)
    for number in range(3 * MAX_OPEN):
        incoming.piece(about(0, 10, str(number)), b"x")
    assert len(incoming._files) <= MAX_OPEN


def test_a_file_leaves_in_pieces():
    sent = []
    outgoing = Outgoing(lambda do, buffers, **content: sent.append((content, buffers[0])))
    data = bytes(range(256)) * (PIECE // 100)
    outgoing.offer("cats.html", data, "text/html")
    while sent[-1][0]["piece"] + 1 < sent[-1][0]["pieces"]:
        outgoing.next({"id": sent[-1][0]["id"], "piece": sent[-1][0]["piece"] + 1})
    assert b"".join(piece for _, piece in sent) == data
    assert max(len(piece) for _, piece in sent) == PIECE
    count = len(sent)
    outgoing.next({"id": 1, "piece": count})
    outgoing.next({"id": 1, "piece": 0})
    assert len(sent) == count, "what has been delivered is forgotten"


@pytest.mark.parametrize(
    "wanted", [{}, {"id": 9, "piece": 0}, {"id": [], "piece": 0}, {"id": 1, "piece": -1}]
)
def test_a_wish_that_makes_no_sense_is_ignored(wanted):
    sent = []
    outgoing = Outgoing(lambda *_, **__: sent.append(1))
    outgoing.offer("x", b"data", "")
    outgoing.next(wanted)
    assert sent == [1]


def test_an_empty_file_leaves_too():
    sent = []
    Outgoing(lambda do, buffers, **content: sent.append(content)).offer("x", b"", "")
    assert (sent[0]["piece"], sent[0]["pieces"]) == (0, 1)
