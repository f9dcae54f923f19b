"""The videos format: a job that is created, polled, and downloaded.

Source: OpenAI API reference, ``/v1/videos``; relays use it for models of many makers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from nbext.errors import OptionError
from nbext.messages.say import phrase
from nbext.wire.encoding import form_fields, media_type, merged, refuse
from nbext.wire.events import Call, Upload
from nbext.wire.job_decoder import JobReader

if TYPE_CHECKING:
    from nbext.data.request import Request
    from nbext.wire.events import SinkFactory


class VideosWire:
    """Writes video requests and reads the job that answers them."""

    name = "videos"

    def encode(self, request: Request) -> Call:
        """Encode a request: JSON, or a form if there is a picture to start from.

        Continuing a film's conversation means remixing it.

        Raises:
            OptionError: More than one picture, or an option that films do not have.
        """
        refuse(
            request,
            self.name,
            {
                "mask": "",
                "quality": "",
                "format": "",
                "system": phrase("wire.in_prompt"),
            },
        )
        if len(request.references) > 1:
            raise OptionError(
                phrase("wire.one_reference"),
                remedy=phrase("wire.own_field"),
            )
        if request.conversation:
            return _continued(request)
        body: dict[str, Any] = {"model": request.model, "prompt": request.prompt}
        named = {"size": request.size, "aspect_ratio": request.aspect}
        body |= {key: value for key, value in named.items() if value}
        if request.seed is not None:
            body["seed"] = request.seed
        body = _typed(merged(body, request.extra))
        if not request.references:
            return Call(path="videos", body=body, prompt_sent=request.prompt)
        picture = request.references[0]
        upload = Upload(
            field="input_reference",
            filename=f"reference.{picture.info.extension}",
            data=picture.data,
            media_type=media_type(picture),
        )
        return Call(
            path="videos", form=form_fields(body), files=(upload,), prompt_sent=request.prompt
        )

    def decoder(
        self, request: Request, sink: SinkFactory, *, content_type: str = ""
    ) -> VideosReader:
        """Create a decoder for one answer."""
        return VideosReader(request, sink, content_type=content_type)


def query(job_id: str) -> Call:
    """Write the call for a job's state."""
    return Call(path=_of(job_id), method="GET", generating=False)


def content(job_id: str, variant: str = "video") -> Call:
    """Write the call that downloads a finished job's film.

    Args:
        job_id: The endpoint's id.
        variant: ``video``, ``thumbnail`` or ``spritesheet``.
    """
    return Call(
        path=f"{_of(job_id)}/content", method="GET", query={"variant": variant}, generating=False
    )


def is_content(url: str, job_id: str) -> bool:
    """Return whether a URL is that of a job's film, as in new-api relays.

    Example:
        >>> is_content("http://localhost:3000/v1/videos/task_1/content", "task_1")
        True
    """
    return unquote(url.partition("?")[0]).endswith(f"/videos/{job_id}/content")


def remix(job_id: str, prompt: str, *, size: str = "") -> Call:
    """Write the call that remixes a finished film.

    Args:
        job_id: The id of the finished job.
        prompt: What to change.
        size: A field of relays; empty for the film's own size.
    """
    body = {"prompt": prompt} | ({"size": size} if size else {})
    return Call(path=f"{_of(job_id)}/remix", body=body, prompt_sent=prompt)


def listing(*, limit: int = 20, after: str = "") -> Call:
    """Write the call that lists jobs, latest first.

    Args:
        limit: The most jobs to list.
        after: The id of the job before the first one.
    """
    page = {"limit": str(limit), "order": "desc"} | ({"after": after} if after else {})
    return Call(path="videos", method="GET", query=page, generating=False)


def _of(job_id: str) -> str:
    # Relays' ids may contain a colon; an id never adds to the path.
    return f"videos/{quote(job_id, safe='')}"


def _typed(body: dict[str, Any]) -> dict[str, Any]:
    """Write the seconds as text, as in the API; some endpoints refuse a number."""
    seconds = body.get("seconds")
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
        return body | {"seconds": f"{seconds:g}"}
    return body


def _continued(request: Request) -> Call:
    raw = request.conversation[-1].raw
    job_id = raw.get("job") if isinstance(raw, dict) else None
    if not isinstance(job_id, str) or not job_id:
        raise OptionError(
            phrase("wire.videos_conversation"),
            remedy=phrase("wire.own_film"),
        )
    if request.references:
        raise OptionError(phrase("wire.remix_reference"), remedy=phrase("wire.new_film"))
    call = remix(job_id, request.prompt, size=request.size)
    return Call(
        path=call.path,
        body=_typed(merged(call.body or {}, request.extra)),
        prompt_sent=request.prompt,
    )


class VideosReader(JobReader):
    """Decodes the job that a request for a film becomes."""


WIRE = VideosWire()
