"""What the formats of one model's answer share: the open part, the finish reason, the end."""

from __future__ import annotations

from ..events import Event, Outcome
from .finish import run_end
from .parts import OpenParts
from .records import NewId


class OneAnswer:
    """An answer that is cut unless its end marker comes, and failed once a failure was told."""

    def __init__(self, new_id: NewId) -> None:
        self._parts = OpenParts(new_id)
        self._finish: str | None = None
        self._failed = False
        self.ended = False
        """Whether the end marker came, or `flush`: later records are ignored."""

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Cut, or failed if a failure was told; `half_record` says nothing more."""
        del half_record
        return [] if self.ended else self._end("cut")

    def _end(self, outcome: Outcome) -> list[Event]:
        self.ended = True
        outcome = "failed" if self._failed else outcome
        return [*self._parts.close(), run_end(outcome, self._finish)]
