"""Random walks over a history, against what it should hold."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from nbext.data.record import Record
from nbext.drawings.history import History
from nbext.store.store import Store
from tests.records import picture

PICTURES = [picture(colour) for colour in ("red", "green", "blue")]
WHICH = st.integers(0, 10_000)
KERNELS = st.sampled_from([0, 1])


class TwoKernels(RuleBasedStateMachine):
    """Two kernels draw, annotate, crash and are started again, on one folder."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()) / "a.draws"
        self.kernels = [Store(self.folder), Store(self.folder)]
        self.sent = {}
        self.expected = {}
        self.torn = 0

    @rule(kernel=KERNELS, prompt=st.text(max_size=20))
    def begin(self, kernel, prompt):
        id_ = uuid.uuid4().hex
        record = self.kernels[kernel].begin(Record(type="sent", id=id_, prompt=prompt))
        assert record.number == len(self.expected) + 1
        self.sent[id_] = record
        self.expected[id_] = ["sent", record.number, prompt, None, {}]

    @rule(kernel=KERNELS, which=WHICH, colour=st.sampled_from([0, 1, 2]))
    def end(self, kernel, which, colour):
        if self.sent:
            id_ = sorted(self.sent)[which % len(self.sent)]
            record = self.sent.pop(id_)
            info = self.kernels[kernel].put(PICTURES[colour])
            record.pictures = [info]
            record.type = "drawing"
            self.kernels[kernel].append(record)
            self.expected[id_][0] = "drawing"
            self.expected[id_][3] = colour

    @rule(kernel=KERNELS, which=WHICH, star=st.booleans(), note=st.text(max_size=5))
    def annotate(self, kernel, which, star, note):
        if self.expected:
            id_ = sorted(self.expected)[which % len(self.expected)]
            drawing = History(self.kernels[kernel]).by_ids([id_])[0]
            drawing.star(star).note = note
            # What is as it was appends nothing.
            known = self.expected[id_][4]
            for name, value, unset in (("star", star, False), ("note", note, "")):
                if known.get(name, unset) != value:
                    known[name] = value

    @rule(kernel=KERNELS)
    def start_again(self, kernel):
        self.kernels[kernel] = Store(self.folder)

    @rule(torn=st.binary(min_size=1, max_size=30).filter(lambda b: b"\n" not in b))
    def crash_in_a_line(self, torn):
        if self.expected:
            with (self.folder / "history.jsonl").open("ab") as file:
                file.write(b'{"type":"dra' + torn)
            self.torn += 1

    @rule()
    def forget_a_temporary_file(self):
        if (self.folder / "pictures").is_dir():
            (self.folder / "pictures" / f".{uuid.uuid4().hex}.part").write_bytes(b"half")

    @invariant()
    def everyone_reads_what_was_written(self):
        for store in (*self.kernels, Store(self.folder, read_only=True)):
            found = {
                r.id: [
                    r.type,
                    r.number,
                    r.prompt,
                    PICTURES.index(store.read(r.pictures[0].sha256)) if r.pictures else None,
                    r.changes,
                ]
                for r in store.records()
            }
            assert found == self.expected

    def teardown(self):
        if self.expected:
            assert History(Store(self.folder, read_only=True)).verify().ok
        shutil.rmtree(self.folder.parent)


TwoKernels.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestTwoKernels = TwoKernels.TestCase
