"""Progress in an answer's text is looked for only where it may stand."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbext.wire.progress import ProgressReader, _has_number, _percents

WORDS = st.sampled_from(
    [
        "进度",
        "progress",
        "step",
        " 3",
        "/",
        "12",
        "%",
        "..",
        "**",
        "0.5",
        "█",
        "░",
        "[",
        "]",
        "> ",
        "a",
        ": ",
    ]
)


@given(st.lists(WORDS, max_size=12).map("".join), st.booleans())
@example("> █████░░░░░", True)
@settings(deadline=None, max_examples=300)
def test_a_line_without_a_number_or_a_bar_says_no_percentage(line, ended):
    assert _has_number(line) or _percents(line, ended=ended) == []


def test_the_hash_of_a_picture_is_no_progress():
    placeholder = f"nbext-sha256:{'0123456789abcdef' * 4}"
    assert not _has_number(f"progress: ![cat](data:image/png;base64,{placeholder})")
    reader = ProgressReader()
    steps = reader.feed(f"> progress {placeholder}\n> progress 34%\n")
    assert [step.percent for step in steps] == [34.0]


def test_a_line_in_pieces_changes_its_state_as_its_beginning_does():
    reader = ProgressReader()
    steps = [
        step
        for piece in ("> que", "ued", ", then", "\n> generating")
        for step in reader.feed(piece)
    ]
    assert [step.state for step in steps] == ["queued", "running"]
