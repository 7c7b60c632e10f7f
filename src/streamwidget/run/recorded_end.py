"""The end of a run as a journal records it: its facts, written and read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from ..errors import Fault, StreamWidgetError
from ..events import Failure, Outcome, RunEnd
from ..ops import Json
from .states import TERMINAL, Status, StopCause, StopCode
from .words import error_of

if TYPE_CHECKING:
    from .run import Run

MOST_NUMBER = 1e15
"""A greater count or time means that the file is damaged."""
_OUTCOME_OF: dict[Status, Outcome] = {
    "finished": "complete",
    "incomplete": "cut",
    "stopped": "stopped",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEnd:
    """The facts of a journal's closing line."""

    status: Status
    summary: str | None
    elapsed_s: float
    first_token_s: float | None
    """None: there was no text, or it was not recorded."""
    token_count: int
    tokens_estimated: bool
    error: StreamWidgetError | None
    event: RunEnd
    stopped_by: StopCause
    """Only known of a run that was stopped."""


def recorded_end(facts: Mapping[str, Any]) -> RecordedEnd:
    """Return the end that a closing line describes; unknown facts are ignored."""
    status = cast("Status", facts.get("status"))
    if status not in TERMINAL:
        status = "incomplete"
    elapsed_s = _number(facts.get("elapsed_s"), _number(facts.get("t_ms"), 0) / 1000)
    first_token_s = _number(facts.get("first_token_s"), -1)
    return RecordedEnd(
        status=status,
        summary=_text(facts.get("summary")),
        elapsed_s=elapsed_s,
        first_token_s=first_token_s if first_token_s >= 0 else None,
        token_count=int(_number(facts.get("token_count"), 0)),
        tokens_estimated=facts.get("tokens_estimated") is not False,
        error=_error(facts, "incomplete" if status == "incomplete" else "provider"),
        event=RunEnd(_OUTCOME_OF[status], _text(facts.get("finish_reason")), elapsed_s),
        stopped_by=_cause(facts.get("stopped_by")),
    )


def _error(facts: Mapping[str, Any], default: Fault) -> StreamWidgetError | None:
    message, fault = facts.get("error"), facts.get("fault")
    if not isinstance(message, str):
        return None
    known = cast("Fault", fault) if fault in get_args(Fault) else default
    return error_of(Failure(message, known))


def _cause(facts: object) -> StopCause:
    if not isinstance(facts, Mapping) or facts.get("code") not in get_args(StopCode):
        return StopCause()
    limit = _number(facts.get("limit"), -1)
    return StopCause(facts["code"], limit if limit >= 0 else None, _text(facts.get("unit")))


def _number(value: object, default: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return default
    return value if -MOST_NUMBER < value < MOST_NUMBER else default  # nor NaN


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def closing_facts(run: Run) -> dict[str, Json]:
    """Return how a run ended, as JSON values for the closing line of its journal."""
    with run.lock:
        facts, error, cost = run.document.run, run.error, run.spent().cost
        first_token_s = run.stats.first_token_s
        return {
            "status": run.status,
            "outcome": facts.get("outcome"),
            "summary": run.summary,
            "stopped_by": stop_facts(run),
            "finish_reason": facts.get("finish_reason"),
            "elapsed_s": round(run.stats.elapsed_s, 3),
            "first_token_s": None if first_token_s is None else round(first_token_s, 3),
            "token_count": run.stats.token_count,
            "tokens_estimated": run.stats.tokens_estimated,
            "input_tokens": facts.get("input_tokens"),
            "output_tokens": facts.get("output_tokens"),
            "model": facts.get("model"),
            "cost": cost,
            "error": error.message if error is not None else None,
            "fault": error.fault if error is not None else None,
        }


def stop_facts(run: Run) -> dict[str, Json] | None:
    """Return who or what stopped a run, as JSON values; None: it was not stopped."""
    return dataclasses.asdict(run.stopped_by) if run.status == "stopped" else None
