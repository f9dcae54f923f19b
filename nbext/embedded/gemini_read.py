"""Parse Gemini's format: contents, parts, configuration and tools, in camel or snake case."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from nbext.embedded.conversation import Attachment, Conversation, add_turn, decode
from nbext.embedded.errors import ReplyError

Part = dict[str, Any]


def pick(value: Any, name: str) -> Any:
    """Return a field spelled in camel or snake case; Google's client uses both."""
    if not isinstance(value, dict):
        return None
    snake = re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)
    return value.get(name, value.get(snake))


def contents_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the contents of a request, one or several."""
    contents = body.get("contents")
    items = contents if isinstance(contents, list) else [contents]
    return [one for one in items if isinstance(one, dict)]


def parts_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a content, one or several."""
    parts = content.get("parts")
    items = parts if isinstance(parts, list) else [parts]
    return [one for one in items if isinstance(one, dict)]


def signature_of(part: Part) -> str:
    """Return the thought signature of a part, empty without one."""
    value = pick(part, "thoughtSignature")
    return value if isinstance(value, str) else ""


def read(body: dict[str, Any]) -> Conversation:
    """Parse the contents as a conversation.

    Raises:
        ReplyError: 400, if there are none.
    """
    contents = contents_of(body)
    if not contents:
        raise ReplyError(400, "contents is not specified")
    conversation = Conversation()
    system = pick(body, "systemInstruction")
    if isinstance(system, dict):
        add_turn(conversation, "system", _text(system), [])
    for content in contents:
        role = str(content.get("role") or "user")
        results = [pick(pick(part, "functionResponse"), "response") for part in parts_of(content)]
        if any(result is not None for result in results):
            add_turn(conversation, "tool", msgspec.json.encode(results).decode(), [])
            continue
        add_turn(
            conversation,
            role,
            _text(content),
            list(map(_attachments, filter(_is_file, parts_of(content)))),
        )
        ids = [_gen_id(part) for part in parts_of(content) if _is_file(part)]
        if role == "model":
            conversation.earlier += [one for one in ids if one]
    return conversation


def _text(content: dict[str, Any]) -> str:
    parts = [part for part in parts_of(content) if not part.get("thought")]
    return "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def _is_file(part: Part) -> bool:
    kinds = (pick(part, "inlineData"), pick(part, "fileData"))
    return not part.get("thought") and any(isinstance(kind, dict) for kind in kinds)


def _attachments(part: Part) -> Attachment:
    file = pick(part, "fileData")
    if isinstance(file, dict):
        kind = pick(file, "mimeType") or ""
        return Attachment(str(pick(file, "fileUri") or ""), None, str(kind))
    data = pick(part, "inlineData") or {}
    kind = str(pick(data, "mimeType") or "")
    raw = decode(str(data.get("data", "")))
    if raw is None:
        raise ReplyError(400, "inlineData is no base64")
    return Attachment(f"data:{kind};base64,{data.get('data', '')}", raw, kind)


def _gen_id(part: Part) -> str:
    """Return the id of a picture of this endpoint, which is its signature."""
    text = (decode(signature_of(part)) or b"").decode("ascii", "replace")
    return text if text.startswith("gen_") else ""


def config_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the generation config of a request."""
    config = pick(body, "generationConfig")
    return config if isinstance(config, dict) else {}


def modalities_of(config: dict[str, Any]) -> list[str]:
    """Return the response modalities in lower case; empty if none are named."""
    value = pick(config, "responseModalities")
    return [str(one).lower() for one in value] if isinstance(value, list) else []


def tools_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the tools in the format of chat completions."""
    items = body.get("tools")
    functions = []
    for tool in items if isinstance(items, list) else []:
        declarations = pick(tool, "functionDeclarations") or []
        for one in declarations if isinstance(declarations, list) else []:
            schema = pick(one, "parametersJsonSchema") or lower(pick(one, "parameters"))
            if isinstance(one, dict):
                functions.append({"type": "function", "function": {**one, "parameters": schema}})
    mode = pick(pick(pick(body, "toolConfig"), "functionCallingConfig"), "mode")
    choice = {"ANY": "required", "NONE": "none"}.get(str(mode), "auto")
    return {"tools": functions, "tool_choice": choice}


def lower(schema: Any, depth: int = 0) -> Any:
    """Convert Google's schema to JSON Schema, with lower-case types."""
    if isinstance(schema, list):
        return [lower(one, depth + 1) for one in schema]
    if not isinstance(schema, dict) or depth > 60:
        return schema
    result = {name: lower(value, depth + 1) for name, value in schema.items()}
    if isinstance(schema.get("type"), str):
        result["type"] = schema["type"].lower()
    for name in ("minItems", "maxItems", "minLength", "maxLength"):  # int64 is sent as text
        if isinstance(result.get(name), str) and result[name].isdecimal():
            result[name] = int(result[name])
    return result
