"""Every error that nbext raises.

::

    NbextError                    .remedy
    ├── OptionError               an invalid option, name or reference
    ├── SettingsError             a setting that is invalid or missing
    ├── PictureError              data that is not a picture, or is not accepted
    ├── BudgetError               more than Nbext.max_cost or Nbext.max_requests
    ├── ResourceError             this machine lacks memory, stack, disk or a permission
    │   ├── OutOfMemoryError      also a MemoryError
    │   └── FileError             also an OSError
    ├── HistoryError              the folder beside the notebook
    │   └── ReplayError           nothing is recorded, and replay is "only"
    └── RequestError              .status_code .request_id .body .drawing .maybe_billed
        ├── ConnectError          never started: DNS, refused, TLS
        ├── TimedOutError         no data, the total time, a gateway's 524
        ├── AuthenticationError   401: the key
        ├── AccessError           403: the key may not do this
        ├── QuotaError            no credit: yours, or the relay's own
        ├── RateLimitError        429
        ├── ModelError            the model is not served here
        ├── BadRequestError       400, 422: a parameter
        ├── ModerationError       refused for its content, by status, code or text
        ├── NotAnEndpointError    HTML or other data instead of an API answer
        ├── ServerError           5xx
        ├── TruncatedError        the answer was cut off
        ├── NoPictureError        an answer without a picture; see .text
        └── DownloadError         a picture that could not be downloaded; see .url
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbext.messages.say import harmless, phrase

if TYPE_CHECKING:
    from types import TracebackType


class NbextError(Exception):
    """The base class of all errors that nbext raises. The message is one line.

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
        """Show one line below the cell instead of a traceback (called by IPython)."""
        label = phrase("error.label")
        space = "" if label.endswith("：") else " "
        return [f"\x1b[31m{label}\x1b[0m{space}{self}"]


def _joined(*sentences: str) -> str:
    """Join sentences, with no space after a full-width full stop.

    Control characters are left out: a message may name a file or a model of a stranger.
    """
    text = ""
    for sentence in filter(None, sentences):
        text += sentence if not text or text[-1] in "。！？…（" else f" {sentence}"
    return harmless(text)


def _sentence(text: str) -> str:
    """Add a full stop to a sentence that lacks one."""
    return text if not text or text[-1] in ".!?。！？…:" else f"{text}{phrase('error.stop')}"


class OptionError(NbextError):
    """An invalid option, name or reference. The message suggests similar names."""


class SettingsError(NbextError):
    """A setting is invalid or missing."""


class PictureError(NbextError):
    """Data is not a picture, or the picture is not accepted (format, bytes, pixels)."""


class HistoryError(NbextError):
    """The history's folder cannot be read or written, or a record does not exist."""


class ResourceError(NbextError):
    """This machine lacks something: memory, stack, disk, open files, a permission."""


class OutOfMemoryError(ResourceError, MemoryError):
    """There is not enough memory."""


class FileError(ResourceError, OSError):
    """A file, a folder or another call of the system failed; ``errno`` says why."""


class BudgetError(NbextError):
    """The request would exceed the budget in the settings. Nothing was sent."""


class ReplayError(HistoryError):
    """Replay is ``"only"``, and nothing is recorded for this request. Nothing was sent."""


class RequestError(NbextError):
    """A request failed, or its answer could not be used.

    Args:
        message: What happened.
        remedy: What to do about it.
        status_code: The HTTP status, or None if there was no answer.
        request_id: The endpoint's id of the request, for its support team.
        body: The text of the answer as received, cut off after a few kilobytes.
        maybe_billed: Whether the endpoint may have billed the request.

    Attributes:
        drawing: The ``Drawing`` that records the failure, or None before it is recorded.
        drawings: All takes, including those that succeeded; None for a single take.
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
        # The remedy last: it may end in a command, which nothing should follow.
        billed = phrase("error.maybe_billed") if self.maybe_billed else ""
        parts = [_sentence(self.message), billed, self.remedy]
        if self.request_id and self.request_id not in self.message:
            parts.append(phrase("error.request_id", id=self.request_id))
        return _joined(*parts)


class ConnectError(RequestError):
    """The request never reached the endpoint."""


class TimedOutError(RequestError):
    """No data arrived in time. The endpoint may still be working, and may bill the request."""


class AuthenticationError(RequestError):
    """The endpoint does not accept the key."""


class AccessError(RequestError):
    """The key's group, models or allowed addresses do not permit this request."""


class QuotaError(RequestError):
    """The balance is used up: the key's own, or the relay's with its provider."""


class RateLimitError(RequestError):
    """Too many requests, or the endpoint is at its limit."""


class ModelError(RequestError):
    """The endpoint does not serve this model."""


class BadRequestError(RequestError):
    """The endpoint does not accept a parameter."""


class ModerationError(RequestError):
    """The request or the result was refused because of its content."""


class NotAnEndpointError(RequestError):
    """The base URL answers, but not as an API."""


class ServerError(RequestError):
    """The endpoint failed."""


class TruncatedError(RequestError):
    """The answer was cut off. The part that arrived is in the record."""


class NoPictureError(RequestError):
    """The answer contains no picture.

    Attributes:
        text: The text of the answer.
    """

    def __init__(self, message: str, *, text: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.text = text


class DownloadError(RequestError):
    """A picture that the answer links to could not be downloaded.

    Attributes:
        url: The link.
        text: The text of the answer with the link.
    """

    def __init__(self, message: str, *, url: str = "", text: str = "", **details: Any) -> None:
        super().__init__(message, **details)
        self.url = url
        self.text = text


def resource_error(error: Exception, *, unsent: bool = False) -> ResourceError | None:
    """Return our error for one that Python raises if the machine lacks something.

    Args:
        error: Any error.
        unsent: Whether it was raised before a request was sent.

    Returns:
        None for errors of other kinds, and for our own.

    Example:
        >>> str(resource_error(MemoryError())).partition(".")[0]
        'There is not enough memory'
        >>> resource_error(ValueError("no")) is None
        True
    """
    if isinstance(error, NbextError):
        return None
    sent = phrase("error.nothing_sent") if unsent else ""
    if isinstance(error, MemoryError):
        message = _joined(phrase("error.no_memory"), sent)
        return OutOfMemoryError(message, remedy=phrase("error.free_memory"))
    if isinstance(error, RecursionError):
        message = _joined(phrase("error.no_stack"), sent)
        return ResourceError(message, remedy=phrase("error.call_higher"))
    if not isinstance(error, OSError):
        return None
    name = f"{error.filename}: " if isinstance(error.filename, str) else ""
    message = _joined(_sentence(f"{name}{error.strerror or error}"), sent)
    result = FileError(message, remedy=phrase("error.check_disk"))
    result.errno, result.strerror, result.filename = error.errno, error.strerror, error.filename
    return result


def unexpected(error: Exception) -> NbextError:
    """Return our error for one that nobody has thought of, with a remedy."""
    text = " ".join(str(error).split())[:200]
    reason = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return NbextError(reason, remedy=phrase("session.report_bug"))


class OwnErrors:
    """Raises our errors in place of those that Python raises if the machine lacks something.

    Args:
        unsent: Whether nothing was sent yet.

    Example:
        >>> with OwnErrors():
        ...     raise MemoryError
        Traceback (most recent call last):
        nbext.errors.OutOfMemoryError: There is not enough memory. ...
    """

    __slots__ = ("_unsent",)

    def __init__(self, *, unsent: bool = False) -> None:
        self._unsent = unsent

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Raise ours, with Python's as its cause."""
        if isinstance(error, MemoryError | RecursionError | OSError):
            own = resource_error(error, unsent=self._unsent)
            if own is not None:
                raise own from error
