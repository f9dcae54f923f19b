"""Decode answers about a job: the one that starts it, and those with its state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.wire.base_decoder import Reader
from nbext.wire.jobs import drawn_with, failed_items, job
from nbext.wire.json_values import as_dict
from nbext.wire.picture_values import (
    pictures_in_value,
)
from nbext.wire.urls import is_address

if TYPE_CHECKING:
    from nbext.data.kinds import LinkKind


class JobReader(Reader):
    """Decodes a job's state, and pictures and films inside the answer.

    It yields a ``Job`` for each state, then the links and pictures of a finished one.
    """

    @property
    def result_kind(self) -> LinkKind:
        """The kind of result if its URL does not tell."""
        return "film" if self.request.kind == "video" else "picture"

    def value(self, value: Any, event: str) -> None:
        """Process the job."""
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
            self.say_meta(**drawn_with(value, self.request.prompt))
            self.say_failed_items(failed_items(value))
            for text in pictures_in_value(value):
                if not is_address(text):
                    self.picture(text)
        if state.status == "failed":
            self.refuse_job(answer.get("error"), state.message)
        self.finish(state.status)
