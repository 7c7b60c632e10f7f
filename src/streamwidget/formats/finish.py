"""Finish reasons: the words of all providers, mapped to six normalised reasons.

Source: the providers' API references; the six reasons are those of the AI SDK.
"""

from __future__ import annotations

from typing import Final, Literal

FinishReason = Literal["stop", "length", "content-filter", "tool-calls", "error", "other"]

_WORDS: Final[dict[FinishReason, str]] = {
    "stop": (
        "stop end_turn stop_sequence eos_token eos complete completed success finished done "
        "task_state_completed result message end stop_token word"
    ),
    "length": (
        "length max_tokens max_output_tokens model_context_window_exceeded incomplete "
        "max_completion_tokens limit"
    ),
    "content-filter": (
        "content_filter content-filter safety recitation blocklist prohibited_content spii "
        "guardrail_intervened content_filtered refusal image_safety image_prohibited_content "
        "image_recitation image_other no_image language"
    ),
    "tool-calls": "tool_calls tool-calls tool_use tool_call function_call requires_action",
    "error": (
        "error failed malformed_function_call unexpected_tool_call too_many_tool_calls "
        "missing_thought_signature malformed_response network_error timeout task_state_failed "
        "task_state_rejected rejected"
    ),
}
_CANCELLED: Final = frozenset(
    ["abort", "aborted", "canceled", "cancelled", "task_state_canceled", "task_state_cancelled"]
)
_MEANING: Final = {word: reason for reason, words in _WORDS.items() for word in words.split()}


def normalised(raw: str | None) -> FinishReason | None:
    """Return the normalised reason for `raw`, `other` if it is unknown; None for None."""
    return None if raw is None else _MEANING.get(raw.strip().lower(), "other")


def is_cancelled(raw: str | None) -> bool:
    """True if `raw` means that the server ended the answer early."""
    return raw is not None and raw.strip().lower() in _CANCELLED
