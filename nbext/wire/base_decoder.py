"""The common base of all decoders: from an answer's bytes to events.

A decoder never raises, whatever an endpoint sends, and takes time linear in the answer's length.
It reads bytes (``framing``), reports what they contain (``reporter``), and where nothing was
understood looks for a result in unknown places (``last_resort``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from nbext.errors import ModerationError, QuotaError, RateLimitError
from nbext.messages.say import phrase
from nbext.wire import events
from nbext.wire.error_body import mask, one_line
from nbext.wire.error_classes import classify_error
from nbext.wire.framing import QUOTE_LIMIT, Framing
from nbext.wire.json_values import (
    NOTHING,
    decode_all,
    decode_pieces,
    encoded,
    error_status,
    is_complaint,
)
from nbext.wire.links import links_in_text, tells_of_a_result, unsure_links
from nbext.wire.raw_body import json_behind
from nbext.wire.refusals import detect_refusal
from nbext.wire.sse import Parser

if TYPE_CHECKING:
    from nbext.data.picture import PictureInfo
    from nbext.wire.events import Event
    from nbext.wire.last_resort import Findings

# Kinds of errors that text in any field may report.
_REASONS = (ModerationError, QuotaError, RateLimitError)


class Reader(Framing):
    """Turns one answer into events; subclasses interpret its JSON values in ``value``."""

    def reason(self, text: str) -> events.ErrorEvent | None:
        """Return the reason for a missing picture, None if nothing tells.

        Args:
            text: The answer's text, empty if no picture was requested.
        """
        return detect_refusal(text) if text else None

    def ended(self) -> None:
        """Report what remains when the answer is complete, or was cut off."""

    def close(self) -> list[Event]:
        """Process the end of the body; return the remaining events."""
        self._text_of(self._first.close())
        self._take(self._diverter.close())
        infos = self._first.infos
        for info in infos:
            # The body, or its parts, were the picture or film.
            self._show(info, partial=self._first.has_frames and info is not infos[-1])
        if infos:
            self.finish("")
        if self._stream is None and self._body is None:
            self._choose()
        if self._stream is not None:
            for event, data in self._stream.close():
                self._event(event, data)
        elif not (infos and self._is_label()):
            self._read_body(b"".join(self._body or ()))
        # A picture that was incomplete when a stream broke off does not count.
        self.cut = self._stream is not None and not self._finished
        self._flush_text()
        self._speak(self._prose.close(cut=self.cut))
        self.ended()
        self.finish_picture()
        self.flush()
        self._read_text()
        if self.cut:
            self._diverter.forget()
            self._read_proxy()
        self._say_mark()
        self._last_resort()
        self._diverter.forget()
        for message, remedy in self._spoiled.items():
            self.say(events.InvalidPicture(message=message, remedy=remedy))
        if self.cut and not self._failed:
            if self.is_whole:
                self.finish("")
            else:
                self.fail("TruncatedError", phrase("wire.cut"), maybe_billed=True)
        if self._finished:
            self.say(events.Done(finish_reason=self.finish_reason))
        return self._drain()

    def _is_label(self) -> bool:
        """Return whether the body beside a picture is empty or text, which is then reported."""
        text = b"".join(self._body or ()).strip()
        if text[:1] in (b"{", b"["):
            return False
        self.prose(text.decode("utf-8", "replace"))
        return True

    @property
    def _is_only_cut(self) -> bool:
        """Whether only the end is missing, without any other error."""
        return self._failure is None or self._failure.kind == "TruncatedError"

    def _read_text(self) -> None:
        """Find what the text contains besides fields: pictures elsewhere, a refusal."""
        text = "".join(self._text)
        # Conversation may cite many pages, which are not downloaded.
        if self.request.kind not in ("draw", "video") and not tells_of_a_result(text):
            text = ""
        inline = bool(self._shown)
        for link in (
            links_in_text(text, self.sent_urls, cut=self.cut, has_picture=inline) if text else ()
        ):
            self.link(link.url, link.kind, alt=link.alt, fallback=link.fallback)
        failed = None if self.has_result else self.reason(text)
        if failed is not None:
            self._fail(failed)
        elif self.request.kind == "draw" and not (self.has_result or self._failed or self.cut):
            for link in unsure_links(text, self.sent_urls):
                self._say_unsure(link)

    def _say_mark(self) -> None:
        """Report that the endpoint's filter has changed a picture, or held it back."""
        if not self._mark or self._failed or self._job:
            return
        if self.has_result:
            self.say(events.Notice(message=phrase("wire.marked", mark=self._mark)))
        else:
            message = phrase("wire.held_back", mark=self._mark)
            self.fail("ModerationError", message, maybe_billed=True)

    def _last_resort(self) -> None:
        """Look for a result in unknown places of the answer."""
        if self._broken and (self.has_result or self.spoke):
            piece = one_line(mask(self._broken[0].decode("utf-8", "replace")), 80)
            left_out = phrase("wire.piece_left_out", piece=piece)
            self.say(events.Notice(message=left_out))
        if self._job or self.has_result:
            return
        asks_for_picture = self.request.kind in ("draw", "video")
        if self.spoke and not asks_for_picture:
            return
        # Nearly all answers are understood without it.
        from nbext.wire.last_resort import Findings, search

        values = self._values()
        findings = search(values, self.sent_urls, cut=self.cut) if values else Findings()
        if self._is_only_cut:
            self._show_findings(findings)
            self._show_undeclared()
        else:
            # A picture that came with an error counts nevertheless.
            self._show_stored()
        if self._echo is not None and self.request.kind == "draw":
            self._show_echo(self._echo)
        if not self.has_result and not self.spoke and not self._failed:
            self._say_words(findings, values)
        if not self.has_result:
            raw = b"".join(self._raw)[: 4 * QUOTE_LIMIT].decode("utf-8", "replace")
            words = findings.words
            if not (self.spoke or words) and self._broken:
                words = one_line(b" ".join(self._broken[:8]).decode("utf-8", "replace"), 300)
            self.say(events.RawAnswer(body=mask(raw), words=mask(words)))
        if findings.ended and not self._failed:
            self.finish("")

    def _values(self) -> list[Any]:
        """Decode the whole answer again, in any form."""
        raw = b"".join(self._raw)
        if self._stream is None:
            return decode_all(raw)[0] or json_behind(raw)
        parser = Parser()
        pieces = [*parser.feed(raw), *parser.close()]
        values: list[Any] = []
        for _, data in pieces:
            for value in decode_pieces(data):
                if value is not NOTHING:
                    values.append(value)
                elif data[:1] not in (b"{", b"[") and data != b"[DONE]":
                    # Text, an address or base64 instead of JSON.
                    values.append(data.decode("utf-8", "replace"))
        return values

    def _show_findings(self, findings: Findings) -> None:
        """Report the pictures and links found in any field."""
        drafts = {f"nbext-sha256:{info.sha256}" for info in self._previews}
        for text in findings.pictures:
            if text not in drafts and not self._may_be_drafts:
                self.picture(text)
        if self._shown:
            return
        if self.request.kind in ("draw", "video"):
            for link in findings.links:
                if link.kind == "maybe":
                    self._say_unsure(link)
                else:
                    self.link(link.url, link.kind, alt=link.alt)

    def _show_undeclared(self) -> None:
        """Report stored pictures that nothing refers to; a draft only if there is nothing else."""
        if self.has_result:
            return
        self._show_stored()
        if self._shown:
            return
        last = [*self._diverter.pictures.values(), *self._previews][-1:]
        for info in last:
            self._show(msgspec.structs.replace(info, role="draft"), partial=False)
        if self._shown:
            draft = phrase("wire.only_preview")
            self.say(events.Notice(message=draft))

    def _show_echo(self, info: PictureInfo) -> None:
        """Report a repeated reference picture, if there is nothing else."""
        if self.has_result or self._failed:
            return
        self._shown.add(info.sha256)
        self.say(events.Inline(picture=info))
        if info.sha256 not in {item.info.sha256 for item in self.request.references}:
            back = phrase("wire.same_picture")
            self.say(events.Notice(message=back))

    def _show_stored(self) -> None:
        """Report the stored pictures that are not drafts."""
        drafts = {info.sha256 for info in self._previews}
        for info in list(self._diverter.pictures.values()):
            if info.sha256 not in drafts and not self._may_be_drafts:
                self._show(info, partial=False)

    @property
    def _may_be_drafts(self) -> bool:
        """Whether the pictures of an incomplete answer may be reasoning."""
        return self._failed and any(b'"thought"' in piece for piece in self._raw)

    def _say_words(self, findings: Findings, values: list[Any]) -> None:
        """Report the text of an answer in an unknown form, or its error."""
        complaint = next((value for value in values if is_complaint(value)), None)
        if complaint is not None:
            self._refuse(error_status(complaint), encoded(complaint))
        elif findings.text.strip():
            self.prose(findings.text)
            self._flush_text()
            if self.request.kind in ("draw", "video") and (reason := self.reason(findings.text)):
                self._fail(reason)
        elif self.request.kind in ("draw", "video"):
            self._fail_in_words(findings.words)
        elif self._broken:
            self._refuse(200, b" ".join(self._broken))
        elif not (self._calls_for or self.request.followup or self.cut):
            self._say_empty()

    def _fail_in_words(self, words: str) -> None:
        """Report why there is no picture if text in any field tells: refused, no credit."""
        error = classify_error(200, {}, encoded({"error": {"message": words}}), model="")
        if words and isinstance(error, _REASONS):
            self._refuse(200, encoded({"error": {"message": words}}))

    def _say_empty(self) -> None:
        """Report that a text answer is empty."""
        ending = (
            phrase("wire.ended_with", finish_reason=self.finish_reason)
            if self.finish_reason
            else ""
        )
        self._fail(
            events.ErrorEvent(
                kind="ServerError",
                message=phrase("wire.empty_words", ending=ending),
                remedy=phrase("wire.more_tokens"),
                maybe_billed=True,
            )
        )
