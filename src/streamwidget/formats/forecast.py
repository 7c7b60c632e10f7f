"""The facts of a request to a model from which its cost is estimated before it is sent. Pure.

Its model, its text (from which the input tokens are estimated), and the most tokens that the answer
may have. Images and files in a request are not counted.

Source: the API references of the providers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..budget import tokens_of
from ..limits import is_token_count
from .fields import as_integer, mapping

_INPUTS: Final = (
    "messages",
    "prompt",
    "input",
    "contents",
    "system",
    "instructions",
    "tools",
    "systemInstruction",
    "system_instruction",
    "inputText",
    "inputs",
    "preamble",
    "message",
    "chat_history",
    "toolConfig",
)
"""Fields of a request that the model reads."""
_MAIN: Final = ("messages", "prompt", "input", "contents", "inputText", "inputs", "message")
"""A request to a model has one of these."""
_BOUNDS: Final = (
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "maxOutputTokens",
    "maxTokens",
    "maxTokenCount",
    "num_predict",
    "max_new_tokens",
    "n_predict",
    "max_tokens_to_sample",
)
_HOLDERS: Final = (
    "generationConfig",
    "generation_config",
    "inferenceConfig",
    "options",
    "parameters",
    "textGenerationConfig",
)
"""Fields that hold a bound of the answer."""
_NOT_TEXT: Final = frozenset(
    {
        "type",
        "role",
        "id",
        "tool_call_id",
        "tool_use_id",
        "cache_control",
        "data",
        "url",
        "image_url",
        "media_type",
        "mime_type",
        "file_data",
        "inline_data",
        "inlineData",
        "file_id",
        "signature",
    }
)
"""Fields within the input that hold no text for the model."""
_IN_ADDRESS: Final = re.compile(r"/models?/([^/:?]+(?:%3A\d+)?)(?=[:/])")
"""The model in addresses of Gemini (`/models/NAME:stream...`) and Bedrock (`/model/NAME/...`)."""
_DEPTH: Final = 12


@dataclass(frozen=True, slots=True)
class Forecast:
    """The facts of a model call before it starts."""

    model: str | None
    """None: the request does not name it."""
    input_tokens: int
    """Estimated from the text of the request."""
    output_tokens: int | None
    """The most tokens that the answer may have; None: the request sets no bound."""


def forecast_of(body: object, url: str = "") -> Forecast | None:
    """Return what a request body, as JSON values, says; None if it is not to a model.

    `url` is the address, which names the model where the body does not.
    """
    if not isinstance(body, Mapping) or not any(body.get(name) for name in _MAIN):
        return None
    text = "".join(piece for name in _INPUTS for piece in _texts(body.get(name)))
    return Forecast(_model(body, url), tokens_of(text), _bound(body))


def _model(body: Mapping[str, object], url: str) -> str | None:
    name = body.get("model")
    if isinstance(name, str) and name:
        return name
    match = _IN_ADDRESS.search(url)
    return None if match is None else match[1].replace("%3A", ":")


def _bound(body: Mapping[str, object]) -> int | None:
    for holder in (body, *(mapping(body, name) for name in _HOLDERS)):
        for name in _BOUNDS:
            count = as_integer(holder.get(name))
            if count is not None and count > 0 and is_token_count(count):
                return count * max(1, as_integer(body.get("n")) or 1)
    return None


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Yield the texts in a field that the model reads."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth < _DEPTH:
        if value.get("type") in ("function", "custom") or "input_schema" in value:
            yield json.dumps(value, default=str)  # a tool: the model reads its schema
            return
        for name, inner in value.items():
            if name not in _NOT_TEXT:
                yield from _texts(inner, depth + 1)
    elif isinstance(value, (list, tuple)) and depth < _DEPTH:
        for inner in value:
            yield from _texts(inner, depth + 1)
