"""The status object of the protocol: what a page shows of a run beside its document."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..ledger import Spent
from ..run import TERMINAL
from ..run.pausing import BUDGET
from ..run.recorded_end import stop_facts
from ..run.spending import Spending

if TYPE_CHECKING:
    from .port import Moves, Port
    from .rewind import Rewind


def status_of(port: Port) -> dict[str, Any]:
    """Return the status object without unknown values; call it under the run's lock."""
    run, shown = port.run, port.shown()
    stats = shown.stats
    stop, spent = run.stop_times, run.spent(wait=False)
    usage = shown.document.run
    facts = {
        "rev": port.rev,
        "state": run.status,
        "title": run.title,
        "elapsed_s": round(stats.elapsed_s, 4),
        "first_token_s": _rounded(stats.first_token_s),
        "token_count": stats.token_count,
        "tokens_estimated": stats.tokens_estimated,
        "char_count": shown.document.char_count,
        "stop": None
        if stop is None
        else {
            "requested_s": _rounded(stop.requested_s),
            "heard_s": _rounded(stop.heard_s),
            "closed_s": _rounded(stop.closed_s),
        },
        "input_tokens": spent.input_tokens,
        "input_estimated": _is_estimate(usage, "input_tokens", spent.input_tokens),
        "output_tokens": usage.get("output_tokens"),
        "output_estimated": _is_estimate(usage, "output_tokens", usage.get("output_tokens")),
        "cost": _rounded(spent.cost, 6),
        "cost_estimated": None if spent.cost is None else spent.estimated,
        "currency": spent.currency,
        "estimate": _estimate(run.spending),
        "budget": _budget(run.spending, spent),
        "stalled_s": _rounded(run.silence.stalled_s),
        "can_send": run.can_send,
        "can_pause": run.can_pause,
        "can_retry": port.can_retry and run.status in TERMINAL,
        "replay": _replay(port.moves, port.rewind),
        "attempt": port.attempt,
        "stopped_by": stop_facts(run),
        "held": run.gate.is_held_by(BUDGET) or None,
        "asks": [ask.part_id for ask in run.asks.waiting] or None,
        "knobs": run.controls.knobs.part_ids() or None,
        "not_sent": port.not_sent,
        "control": port.control,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _budget(spending: Spending, spent: Spent) -> dict[str, Any] | None:
    """Return the nearest limit, and how much of it all runs of the budget have used."""
    bound = spending.nearest(spent)
    if bound is None:
        return None
    facts = {"limit": bound.limit, "used": _rounded(bound.used, 6), "unit": bound.unit}
    if spending.budget is not None and spending.budget.soft is not None:
        facts["soft"] = spending.budget.soft
    return facts | ({"shared": True} if spending.is_shared and bound.unit != "s" else {})


def _estimate(spending: Spending) -> dict[str, Any] | None:
    """Return what was estimated from the request, before the run."""
    forecast = spending.forecast
    if forecast is None:
        return None
    facts = {
        "input_tokens": forecast.input_tokens,
        "output_tokens": forecast.output_tokens,
        "cost": _rounded(spending.expected_cost(), 6),
        "currency": spending.currency,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _replay(moves: Moves | None, rewind: Rewind | None) -> dict[str, Any] | None:
    if moves is None or (rewind is not None and not rewind.is_offered):
        return None
    facts: dict[str, Any] = {"duration_s": _rounded(moves.duration_s)}
    if math.isfinite(moves.speed):
        facts["speed"] = moves.speed
    if starts_s := moves.starts_s:
        facts["starts_s"] = _rounded(starts_s)
    if rewind is not None:
        facts |= {"live": not rewind.is_past, "playing": rewind.is_playing}
    return facts


def _is_estimate(usage: Mapping[str, object], name: str, shown: object) -> bool | None:
    """True if the shown count was not reported by the provider; None: no count is shown."""
    if shown is None:
        return None
    return usage.get(name) is None or bool(usage.get("usage_estimated"))


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
