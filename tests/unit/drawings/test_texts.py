"""Words are found in the drawings as they are now, whatever was searched before."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nbext.data.record import Record
from nbext.drawings.texts import Texts, text_of

WORDS = st.text("abÄß猫 ", max_size=6)
RECORDS = st.builds(
    lambda prompt, text, note: Record(
        type="drawing", id=prompt, prompt=prompt, text=text * 900, changes={"note": note}
    ),
    WORDS,
    WORDS,
    WORDS,
)


@given(st.lists(st.tuples(st.sampled_from(["add", "change", "sort", "drop"]), RECORDS), max_size=8))
def test_all_words_are_found_and_nothing_else(steps):
    texts, records = Texts(), []
    for step, record in steps:
        if step == "add":
            records.append(record)
        elif step == "change" and records:
            records[0] = msgspec.structs.replace(records[0], text=record.text)
        elif step == "sort":
            records.sort(key=lambda one: one.prompt)
        elif records:
            records.pop()
        for words in (["a"], ["ä", "b"], ["猫"], ["ss"]):
            expected = [one for one in records if all(word in text_of(one) for word in words)]
            assert texts.holding(words, list(records)) == expected
