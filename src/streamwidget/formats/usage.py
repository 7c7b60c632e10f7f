"""Token counts of a model call, under the names of all providers.

`input_tokens` includes cached tokens, and `output_tokens` includes reasoning. Where a provider
reports these separately, they are added. Pure.

Source: the API references of the providers; OpenTelemetry, semantic conventions for GenAI.
"""

from __future__ import annotations

from typing import Final

from ..events import Usage
from ..limits import is_token_count
from .fields import JsonObject, as_integer, mapping

COUNTS: Final = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "reasoning_tokens",
)
"""Fields of a usage event that hold counts."""

_INPUT: Final = (
    "input_tokens",
    "prompt_tokens",
    "inputTokens",
    "promptTokens",
    "prompt_eval_count",
    "promptTokenCount",
    "inputTokenCount",
    "input_token_count",
    "total_input_tokens",
    "input_length",
)
_OUTPUT: Final = (
    "output_tokens",
    "completion_tokens",
    "outputTokens",
    "completionTokens",
    "eval_count",
    "candidatesTokenCount",
    "outputTokenCount",
    "generated_token_count",
    "total_output_tokens",
    "generated_tokens",
)
_INPUT_DETAILS: Final = (
    "prompt_tokens_details",
    "input_tokens_details",
    "input_token_details",
    "inputTokenDetails",
    "inputTokensDetails",
)
_OUTPUT_DETAILS: Final = (
    "completion_tokens_details",
    "output_tokens_details",
    "output_token_details",
    "outputTokenDetails",
    "outputTokensDetails",
)
_CACHED: Final = (
    "cached_tokens",
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cachedInputTokens",
    "cachedContentTokenCount",
    "prompt_cache_hit_tokens",
    "cache_read",
    "cacheReadTokens",
    "cache_read_tokens",
    "cacheReadInputTokenCount",
    "total_cached_tokens",
    "num_cached_tokens",
    "cachedTokens",
)
_CACHE_WRITE: Final = (
    "cache_creation_input_tokens",
    "cacheWriteInputTokens",
    "cache_write_tokens",
    "cache_creation",
    "cacheWriteTokens",
    "cacheWriteInputTokenCount",
    "cache_creation_tokens",
    "cacheCreationInputTokens",
)
_REASONING: Final = (
    "reasoning_tokens",
    "reasoningTokens",
    "thoughtsTokenCount",
    "total_thought_tokens",
    "reasoning",
    "thinking_tokens",
)
_TOTAL: Final = ("total_tokens", "totalTokens", "totalTokenCount")


def count_in(counts: JsonObject, *names: str) -> int | None:
    """Return the first plausible count under one of `names`; None if there is none."""
    for name in names:
        count = as_integer(counts.get(name))
        if count is not None and is_token_count(count):
            return count
    return None


def usage_of(
    counts: JsonObject,
    call: str = "",
    model: str | None = None,
    *,
    cache_apart: bool = False,
    reasoning_apart: bool = False,
) -> Usage | None:
    """Return the usage in a provider's object; None if it holds no count.

    `cache_apart` is True if the provider does not include cached tokens in the input tokens,
    `reasoning_apart` if it does not include reasoning in the output tokens. Impossible counts are
    ignored.
    """
    inputs, outputs = count_in(counts, *_INPUT), count_in(counts, *_OUTPUT)
    cached = _detail(counts, _INPUT_DETAILS, _CACHED)
    written = _detail(counts, _INPUT_DETAILS, _CACHE_WRITE)
    reasoning = _detail(counts, _OUTPUT_DETAILS, _REASONING)
    if inputs is None and outputs is None and (reasoning is None or not reasoning_apart):
        return None
    if cache_apart and inputs is not None:
        inputs += (cached or 0) + (written or 0)
    if inputs is not None and (cached or 0) + (written or 0) > inputs:
        cached = written = None
    if reasoning and (reasoning_apart or _is_apart(counts, inputs, outputs, reasoning)):
        outputs = (outputs or 0) + reasoning
    return Usage(
        inputs,
        outputs,
        call,
        model=model,
        cached_input_tokens=cached,
        cache_write_input_tokens=written,
        reasoning_tokens=reasoning,
    )


def _detail(counts: JsonObject, holders: tuple[str, ...], names: tuple[str, ...]) -> int | None:
    """Return a count from an object of details, or from beside the other counts."""
    for holder in holders:
        count = count_in(mapping(counts, holder), *names)
        if count is not None:
            return count
    return count_in(counts, *names)


def _is_apart(counts: JsonObject, inputs: int | None, outputs: int | None, reasoning: int) -> bool:
    """True if the numbers show that the output tokens exclude reasoning, as with Grok."""
    if outputs is None or reasoning > outputs:
        return outputs is not None
    return count_in(counts, *_TOTAL) == (inputs or 0) + outputs + reasoning
