"""The facts of a run that all exchange formats need. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run, ready to be written in an exchange format."""

    run_id: str
    title: str
    version: str
    """Version of this package."""
    started: datetime
    """With its time zone."""
    elapsed_s: float
    status: str
    summary: str | None
    error: str | None
    error_type: str | None
    run: Mapping[str, Any]
    """Facts of the document: tokens, model, finish reason."""
    cost: float | None
    currency: str | None
    parts: Sequence[Part]

    def moment(self, at_s: float | None) -> datetime:
        """Return the time `at_s` seconds after the start; None: the start itself."""
        return self.started + timedelta(seconds=at_s or 0.0)

    def iso(self, at_s: float | None) -> str | None:
        """Return the time `at_s` seconds after the start, in ISO 8601 and UTC; None for None."""
        if at_s is None:
            return None
        moment = self.moment(at_s).astimezone(timezone.utc)
        return moment.isoformat(timespec="milliseconds")

    @property
    def model(self) -> str | None:
        """Name of the model that answered; None: not reported."""
        model = self.run.get("model")
        return model if isinstance(model, str) else None

    def of_kind(self, *kinds: str) -> Iterator[Part]:
        """Yield the parts of some kinds, in order."""
        return (part for part in self.parts if part["kind"] in kinds)


def call_id(part: Part) -> str:
    """Return the ID of a tool call: its ID on the wire, or else the ID of its part."""
    return str(part.get("tool_call_id") or part["id"])


def arguments_of(part: Part) -> dict[str, Any]:
    """Return the arguments of a tool call as an object; any other value as `{"value": ...}`."""
    text = part.get("text") or ""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    return value if isinstance(value, dict) else {"value": value}
