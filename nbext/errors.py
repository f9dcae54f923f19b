"""Every error that nbext raises.

::

    NbextError                    .remedy
    ├── OptionError               an option, a name or a reference that makes no sense
    ├── SettingsError             a setting that is refused, or missing
    ├── PictureError              bytes that are no picture, or one that is not accepted
    ├── BudgetError               more than Nbext.max_cost or Nbext.max_requests allows
    ├── HistoryError              the folder beside the notebook
    │   └── ReplayError           nothing recorded, and replay is "only"
    └── RequestError              .status_code .request_id .body .drawing .maybe_billed
        ├── ConnectError          never started: DNS, refused, TLS
        ├── TimedOutError         silence, the total time, a gateway's 524
        ├── AuthenticationError   401: the key
        ├── AccessError           403: what the key may not do
        ├── QuotaError            no money: yours, or the relay's upstream
        ├── RateLimitError        429
        ├── ModelError            the model is not served here
        ├── BadRequestError       400 and its like: a parameter
        ├── ModerationError       refused for its content, by status, code or text
        ├── NotAnEndpointError    HTML or something else that is no answer: a wrong base URL
        ├── ServerError           5xx
        ├── TruncatedError        the answer ended before its end
        ├── NoPictureError        an answer without a picture, .text holds it
        └── DownloadError         a picture that could not be fetched, .url holds where it was
"""

from __future__ import annotations

from typing import Any

from nbext.messages.say import phrase


class NbextError(Exception):
    """Anything that went wrong, in one line a person understands.

    Args:
        message: What happened, without the remedy.
        remedy: What to do about it.

    Example:
        >>> str(NbextError("No drawing @9.", remedy="The last one is @3."))
        'No drawing @9. The last one is @3.'
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return _joined(_sentence(self.message), self.remedy)

    def _render_traceback_(self) -> list[str]:
        """Show one clear line under the cell instead of a traceback (an IPython protocol)."""
        return [f"\x1b[31m{phrase('error.label')}\x1b[0m {self}"]


def _joined(*sentences: str) -> str:
    """Join sentences as each script does: no space behind a full-width full stop."""
    text = ""
    for sentence in filter(None, sentences):
        text += sentence if not text or text[-1] in "。！？…（" else f" {sentence}"
    return text


def _sentence(text: str) -> str:
    """End a sentence that quotes somebody who did not."""
    return text if not text or text[-1] in ".!?。！？…:" else f"{text}."


class OptionError(NbextError):
    """An option, a name or a reference that makes no sense; says "did you mean" where it can."""


class SettingsError(NbextError):
    """A setting that is refused, or one that is missing."""


class PictureError(NbextError):
    """Bytes that are no picture, or a picture that is not accepted (format, bytes, pixels)."""


class HistoryError(NbextError):
    """The history's folder cannot be read or written, or a record is not there."""


class BudgetError(NbextError):
    """More than the budget of the settings allows; nothing is sent."""


class ReplayError(HistoryError):
    """Replay is ``"only"``, and nothing is recorded for this request."""


class RequestError(NbextError):
    """A request that failed, or an answer that is none.

    Args:
        message: What happened.
        remedy: What to do about it.
        status_code: The HTTP status, None where no answer came.
        request_id: The endpoint's id of the request, for its support.
        body: The answer's text as received, at most some kilobytes of it.
        maybe_billed: Whether the endpoint may have charged for it.

    Attributes:
        drawing: The ``Drawing`` that records the failure, None before it is recorded.
        drawings: Of several takes all, also those that did not fail; None for one.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        status_code: int | None = None,
        request_id: str = "",
        body: str = "",
        maybe_billed: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status_code = status_code
        self.request_id = request_id
        self.body = body
        self.maybe_billed = maybe_billed
        self.drawing: Any = None
        self.drawings: Any = None

    def __str__(self) -> str:
        # The remedy last: it may end in a command, which goes on with nothing.
        billed = phrase("error.maybe_billed") if self.maybe_billed else ""
        parts = [_sentence(self.message), billed, self.remedy]
        if self.request_id and self.request_id not in self.message:
            parts.append(phrase("error.request_id", id=self.request_id))
        return _joined(*parts)


class ConnectError(RequestError):
    """The request never reached the endpoint."""


class TimedOutError(RequestError):
    """Nothing came for too long; the endpoint may still be working, and billing."""


class AuthenticationError(RequestError):
    """The endpoint does not accept the key."""


class AccessError(RequestError):
    """The key may not do this: its group, its models, its addresses."""


class QuotaError(RequestError):
    """The balance is used up: the key's own, or the relay's at its upstream."""


class RateLimitError(RequestError):
    """Too many requests, or the endpoint is at its limit."""


class ModelError(RequestError):
    """The endpoint does not serve this model."""


class BadRequestError(RequestError):
    """The endpoint does not accept a parameter."""


class ModerationError(RequestError):
    """Refused for what was asked or for what was drawn."""


class NotAnEndpointError(RequestError):
    """The base URL answers, but not as an endpoint does."""


class ServerError(RequestError):
    """The endpoint failed."""


class TruncatedError(RequestError):
    """The answer ended before its end; what arrived is in the record."""


class NoPictureError(RequestError):
    """An answer without a picture.

    Attributes:
        text: What the model said instead.
    """

    def __init__(self, message: str, *, text: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.text = text


class DownloadError(RequestError):
    """A picture that the answer points to could not be fetched.

    Attributes:
        url: Where it was.
        text: The answer that pointed to it.
    """

    def __init__(self, message: str, *, url: str = "", text: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.url = url
        self.text = text
