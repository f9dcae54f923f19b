"""The list of models: a name for each family, what clients default to, names that fail on request.

Other names are served too, in the format of their family.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbext.embedded.base import Handler
from nbext.embedded.errors import ReplyError
from nbext.embedded.families import Family, family

if TYPE_CHECKING:
    from nbext.embedded.state import ServerState

METHODS = ("generateContent", "streamGenerateContent", "countTokens", "batchGenerateContent")
_CREATED = 1626777600  # the constant that new-api sends for every model

# name → description, endpoints
MODELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "embedded": ("Draws over chat as gpt-4o-image does.", ("openai", "image-generation")),
    "gpt-4o-image": ("JSON head, progress, link and download link.", ("openai",)),
    "sora_image": ("As gpt-4o-image.", ("openai",)),
    "gpt-4o-image-async": ("Links to poll in place of the picture.", ("openai",)),
    "gpt-4o-all": ("Talks, and draws where it is asked to.", ("openai",)),
    "gpt-4-gizmo-g-bo0FiWLY7": ("A GPT: talks, and draws where it is asked to.", ("openai",)),
    "gpt-image-2": ("The images endpoints; a link over chat.", ("image-generation", "openai")),
    "gpt-image-2.6-sunburst": ("As gpt-image-2.", ("image-generation", "openai")),
    "recraftv3": ("A link over chat, or the images endpoint.", ("openai", "image-generation")),
    "flux-kontext-pro": ("A link over chat.", ("openai", "image-generation")),
    "gemini-2.5-flash-image": ("A data URI over chat, or Gemini's format.", ("gemini", "openai")),
    "gemini-3-pro-image-preview": (
        "Drafts first, and a thought signature to send back.",
        ("gemini", "openai"),
    ),
    "google/gemini-3.1-flash-image": ("message.images, as OpenRouter.", ("openai",)),
    "gpt-4.1": ("Talks: text, tools, structured output.", ("openai", "openai-response")),
    "o3-deep-research-2025-06-26": ("Talks, with a web search.", ("openai-response",)),
    "claude-sonnet-4-5-thinking": ("Thinks aloud, then talks.", ("openai", "anthropic")),
    "gemini-2.5-pro": ("Talks; describes pictures and films.", ("gemini", "openai")),
    "gpt-3.5-turbo-instruct": ("Completions.", ("openai",)),
    "sora-2": ("A film: the videos endpoint, or links over chat.", ("openai-video", "openai")),
    "veo3.1-fast": ("As sora-2.", ("openai-video", "openai")),
    "embedded-refuses": ("Refuses in words, with status 200.", ("openai", "image-generation")),
    "embedded-moderation": ("400: the prompt was moderated.", ("openai", "image-generation")),
    "embedded-no-quota": ("403: the account is empty.", ("openai",)),
    "embedded-upstream-quota": ("403 with two request ids: the relay's account.", ("openai",)),
    "embedded-busy": ("429 with Retry-After, always.", ("openai",)),
    "embedded-busy-once": ("503 with Retry-After at first, then draws.", ("openai",)),
    "embedded-error": ("500.", ("openai",)),
    "embedded-gateway-timeout": ("524 as an HTML page.", ("openai",)),
    "embedded-html": ("200 with a login page.", ("openai",)),
    "embedded-slow": ("Silent for 30 seconds, then draws.", ("openai",)),
    "embedded-silent": ("Never answers.", ("openai",)),
    "embedded-cut": ("The connection drops in the middle of the stream.", ("openai",)),
    "embedded-truncated": ("The stream ends in the middle, in good order.", ("openai",)),
    "embedded-midstream-error": ("An error in the middle of the stream.", ("openai",)),
    "embedded-queue-text": ("Says that many people are drawing; no picture comes.", ("openai",)),
    "embedded-dead-link": ("A sandbox: link in place of a picture.", ("openai",)),
    "embedded-no-picture": ("Asks a question in place of a picture.", ("openai",)),
    "embedded-prompt-blocked": ("The prompt itself is blocked.", ("gemini", "openai")),
    "embedded-not-served": ("503: no channel serves this model.", ("openai",)),
    "embedded-plain": ("Draws, and ignores stream: true.", ("openai",)),
    "embedded-stream-only": ("403 without stream: true, draws with it.", ("openai",)),
    "embedded-async": ("As gpt-4o-image-async.", ("openai",)),
}

# Names that other clients ask for where their user names none, or that their examples have: some
# choose from the list, or refuse what is not in it.
_DEFAULTS = (
    "gpt-3.5-turbo",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4.1-mini",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5.4-mini",
    "gpt-5.6-luna",
    "claude-sonnet-4-6",
    "gemini-2.5-flash",
    "gemini-3.5-flash",
    "gemini-3.8-flash",
)
for _name in _DEFAULTS:
    _maker = {"claude": "anthropic", "gemini": "gemini"}.get(_name.partition("-")[0])
    MODELS[_name] = ("Talks, as gpt-4.1.", ("openai", _maker or "openai-response"))

# family → the same for a name that is not in the list
_FAMILIES: dict[Family, tuple[str, tuple[str, ...]]] = {
    "sora": MODELS["gpt-4o-image"],
    "async": MODELS["gpt-4o-image-async"],
    "chatgpt": MODELS["gpt-4o-all"],
    "inline": MODELS["gemini-3-pro-image-preview"],
    "parts": MODELS["google/gemini-3.1-flash-image"],
    "link": MODELS["gpt-image-2"],
    "film": MODELS["sora-2"],
    "text": MODELS["gpt-4.1"],
}
_TALKS = re.compile(
    r"(^|/)(gpt-|chatgpt|codex|o\d|text-|davinci|babbage|claude|gemini|gemma|palm|deepseek|qwen|qwq"
    r"|llama|mi[sx]tral|ministral|codestral|magistral|grok|glm|chatglm|kimi|moonshot|doubao|ernie"
    r"|hunyuan|minimax|yi-|command|phi-|nova-|jamba|nemotron|granite|sonar)",
    re.IGNORECASE,
)


def facts_of(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return a model's description and endpoints; None if no family has such names.

    Example:
        >>> facts_of("veo-9.0-generate")[1]
        ('openai-video', 'openai')
        >>> facts_of("nothing") is None
        True
    """
    if name in MODELS or name.startswith("embedded"):
        return MODELS.get(name)
    kind = family(name)
    if kind == "text" and not _TALKS.search(name):
        return None
    return _FAMILIES[kind]


def _openai(name: str, facts: tuple[str, tuple[str, ...]]) -> dict[str, Any]:
    description, endpoints = facts
    return {
        "id": name,
        "object": "model",
        "created": _CREATED,
        "owned_by": "embedded",
        "shutdown_date": None,
        "supported_endpoint_types": list(endpoints),
        "description": description,
    }


def _gemini(name: str, facts: tuple[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "displayName": name,
        "description": facts[0],
        "version": "embedded",
        "inputTokenLimit": 32768,
        "outputTokenLimit": 32768,
        "supportedGenerationMethods": list(METHODS),
    }


def _anthropic(name: str) -> dict[str, Any]:
    created = "2021-07-20T10:40:00Z"
    return {"id": name, "created_at": created, "display_name": name, "type": "model"}


def unknown(name: str) -> dict[str, Any]:
    """Return new-api's answer, with status 200, for a name that is not listed."""
    return {
        "error": {
            "message": f"The model '{name[:200]}' does not exist",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


class Models(Handler):
    """``GET /v1/models`` and ``/v1beta/models``: path and headers decide the format of the list.

    Google's client may use ``/v1`` too, where OpenAI's list is; its key header identifies it.
    """

    def initialize(self, state: ServerState) -> None:
        """Write errors in the same format as the list."""
        super().initialize(state)
        self.shape = "gemini" if self.list_format == "gemini" else "openai"

    @property
    def list_format(self) -> str:
        """The format of the list: ``openai``, ``gemini`` or ``anthropic``."""
        headers = self.request.headers
        if self.request.path.startswith("/v1beta"):
            return "gemini"
        if "x-goog-api-key" in headers or "key=" in self.request.query:
            return "gemini"
        if "x-api-key" in headers and "anthropic-version" in headers:
            return "anthropic"
        return "openai"

    async def answer_get(self, *_args: str) -> None:
        """Send the whole list, which is too short for a second page."""
        if self.list_format == "gemini":
            self.send_json({"models": [_gemini(*item) for item in MODELS.items()]})
            return
        if self.list_format == "anthropic":
            data = [_anthropic(name) for name in MODELS]
            ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
            self.send_json({"data": data, "has_more": False, **ends})
            return
        rows = [_openai(*item) for item in MODELS.items()]
        self.send_json({"success": True, "object": "list", "data": rows})


class Model(Models):
    """``GET /v1/models/{name}``."""

    async def answer_get(self, *args: str) -> None:
        """Describe one model."""
        name = args[0].removeprefix("models/")
        facts = facts_of(name)
        if facts is None and self.list_format == "gemini":
            raise ReplyError(404, f"models/{name[:200]} is not found")
        if facts is None:
            self.send_json(unknown(name))
        elif self.list_format == "gemini":
            self.send_json(_gemini(name, facts))
        elif self.list_format == "anthropic":
            self.send_json(_anthropic(name))
        else:
            self.send_json(_openai(name, facts))


class Pricing(Handler):
    """``GET /api/pricing``: new-api's price table; everything is free."""

    public = True

    async def answer_get(self, *_args: str) -> None:
        """List the prices."""
        rows = [
            {
                "model_name": name,
                "quota_type": 1,
                "model_ratio": 0,
                "model_price": 0,
                "completion_ratio": 0,
                "enable_groups": ["default"],
                "supported_endpoint_types": list(endpoints),
            }
            for name, (_, endpoints) in MODELS.items()
        ]
        self.send_json({"success": True, "data": rows, "group_ratio": {"default": 1}})
