"""Finish reasons: every provider's own word, and the one of six that it means.

Source: the vocabularies of the providers' API references; the six are those of the AI SDK.
"""

from __future__ import annotations

from typing import Final, Literal

from ..events import Outcome, RunEnd

FinishReason = Literal["stop", "length", "content-filter", "tool-calls", "error", "other"]

_WORDS: Final[dict[FinishReason, str]] = {
    "stop": (
        "stop end_turn stop_sequence eos_token eos complete completed success finished done "
        "task_state_completed result message end stop_token"
    ),
    "length": (
        "length max_tokens max_output_tokens model_context_window_exceeded incomplete "
        "max_completion_tokens"
    ),
    "content-filter": (
        "content_filter content-filter safety recitation blocklist prohibited_content spii "
        "guardrail_intervened content_filtered refusal image_safety"
    ),
    "tool-calls": "tool_calls tool-calls tool_use tool_call function_call requires_action",
    "error": (
        "error failed malformed_function_call network_error timeout task_state_failed "
        "task_state_rejected rejected"
    ),
}
_CANCELLED: Final = frozenset(
    ["abort", "aborted", "canceled", "cancelled", "task_state_canceled", "task_state_cancelled"]
)
_MEANING: Final = {word: reason for reason, words in _WORDS.items() for word in words.split()}


def normalised(raw: str | None) -> FinishReason | None:
    """Which of the six `raw` means, `other` if none is known; None for None."""
    return None if raw is None else _MEANING.get(raw.strip().lower(), "other")


def run_end(outcome: Outcome, raw: str | None = None) -> RunEnd:
    """The end of a run with its raw finish reason and what that means."""
    return RunEnd(outcome, normalised(raw), raw_finish_reason=raw)


def is_cancelled(raw: str | None) -> bool:
    """Whether `raw` says that the server ended the answer before it was whole."""
    return raw is not None and raw.strip().lower() in _CANCELLED
