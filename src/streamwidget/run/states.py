"""The states of a run as data: what can follow what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..events import Outcome

Status: TypeAlias = Literal[
    "idle",
    "connecting",
    "streaming",
    "paused",
    "reconnecting",
    "stopping",
    "finished",
    "incomplete",
    "stopped",
    "failed",
]
Trigger: TypeAlias = Literal[
    "start",  # a driver has started
    "event",  # something arrived
    "drop",  # the connection was lost and the source reconnects
    "pause",
    "resume",
    "stop",  # a person, or the kernel's interrupt, asked to stop
    "complete",  # the end marker was seen
    "fail",  # an error in the stream, of the transport, or of the source
    "cut",  # the stream ended without the marker
    "closed",  # the producer has closed after a stop, or was abandoned
]
StopCode: TypeAlias = Literal[
    "reader",
    "budget",
    "shared-budget",
    "timeout",
    "rerun",
    "rebound",
    "notebook",
    "closed",
    "script",
    "output",
]


@dataclass(frozen=True, slots=True)
class StopCause:
    """Who or what asked a run to stop; `catalogue.json` has the words of each code."""

    code: StopCode = "reader"
    limit: float | None = None
    """The bound that was reached, in `unit`; None: there was none."""
    unit: str | None = None
    """`tokens`, `s`, or the code of a currency."""


TERMINAL: frozenset[Status] = frozenset({"finished", "incomplete", "stopped", "failed"})

# A trigger that a row does not name is ignored there: late events after the end, a second stop.
TRANSITIONS: dict[Status, dict[Trigger, Status]] = {
    "idle": {"start": "connecting", "stop": "stopping", "fail": "failed"},
    "connecting": {
        "event": "streaming",
        "drop": "reconnecting",
        "stop": "stopping",
        "complete": "finished",
        "fail": "failed",
        "cut": "incomplete",
    },
    "streaming": {
        "drop": "reconnecting",
        "pause": "paused",
        "stop": "stopping",
        "complete": "finished",
        "fail": "failed",
        "cut": "incomplete",
    },
    "paused": {
        "resume": "streaming",
        "stop": "stopping",
        "complete": "finished",
        "fail": "failed",
        "cut": "incomplete",
    },
    "reconnecting": {
        "event": "streaming",
        "stop": "stopping",
        "complete": "finished",
        "fail": "failed",
        "cut": "incomplete",
    },
    # once a stop was requested, every end is a stop: errors during the clean-up are a detail
    "stopping": {"complete": "stopped", "fail": "stopped", "cut": "stopped", "closed": "stopped"},
    "finished": {},
    "incomplete": {},
    "stopped": {},
    "failed": {},
}

OUTCOME_OF: dict[Trigger, Outcome] = {
    "complete": "complete",
    "fail": "failed",
    "cut": "cut",
    "closed": "stopped",
}


def follow(status: Status, trigger: Trigger) -> Status:
    """Return the status after `trigger`; unchanged if the table does not list it."""
    return TRANSITIONS[status].get(trigger, status)
