"""Answers about a job: the one that it begins with, and those to whoever asks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.wire.base_decoder import Reader
from nbext.wire.jobs import drawn_with, job
from nbext.wire.json_values import as_dict
from nbext.wire.picture_values import (
    pictures_in_value,
)
from nbext.wire.urls import is_address

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind


class JobReader(Reader):
    """Reads a job's state, and its pictures and films where they stand in the answer itself.

    It yields a ``Job`` for each state, then the links and pictures of a finished one.
    """

    @property
    def result_kind(self) -> LinkKind:
        """What a result is where its URL does not tell."""
        return "film" if self.request.kind == "video" else "picture"

    def value(self, value: Any, event: str) -> None:
        """Take the job."""
        del event
        state, links = job(value, kind=self.result_kind)
        answer = as_dict(value)
        raw = {"job": state.id} if state.id else None
        self.say_meta(model=answer.get("model"), answer_id=state.id, raw=raw)
        self.usage(answer.get("usage"), answer)
        self.say(state)
        for link in links:
            self.link(link.url, link.kind)
        if state.status == "done":
            self.say_meta(**drawn_with(value))
            for text in pictures_in_value(value):
                if not is_address(text):
                    self.picture(text)
        if state.status == "failed":
            self.refused(answer.get("error"), state.message)
        self.finish(state.status)
