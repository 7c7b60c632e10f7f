"""What a finished run gives: the same names as the view's, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..document import Document, SourceReference, Step, TokenUsage, ToolCall
from ..errors import StreamWidgetError
from ..events import Event, LogLine, Outcome
from ..export.table import Table
from .data import Series, Values
from .states import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A run at its end. What had arrived is here however it ended."""

    status: Status
    """`finished`, `stopped` or `failed`; another one if the wait for the end timed out."""
    outcome: Outcome | None
    """`complete`, `failed`, `cut` or `stopped`; None while the run goes on."""
    text: str
    """All assistant-visible text, with nothing between its parts."""
    reasoning: str
    tool_calls: list[ToolCall]
    """The calls that the caller is asked to make, in order."""
    tables: Mapping[str, Table]
    """All rows of each table, by its name."""
    values: Values
    """JSON values by name."""
    metrics: Mapping[str, Series]
    """All points of each series, by its name."""
    logs: list[LogLine]
    """The newest lines of the log, up to `Limits.kept_log_lines_count`."""
    steps: list[Step]
    sources: list[SourceReference]
    """What the text refers to, by number."""
    usage: TokenUsage | None
    """Tokens that the provider reported; None if it reported none."""
    finish_reason: str | None
    """`stop`, `length`, `content-filter`, `tool-calls`, `error` or `other`; None: not told."""
    raw_finish_reason: str | None
    """The format's own word for it; None if it gave none."""
    error: StreamWidgetError | None
    """Why it failed or was cut, or the last problem that it survived; None if all went well."""
    elapsed_s: float
    first_token_s: float | None
    """Seconds from the start to the first text; None if none came."""
    token_count: int
    """Text deltas; long ones count as their bytes / 4 (then it is an estimate)."""
    document: Document
    events: tuple[Event, ...]

    def raise_for_error(self) -> Result:
        """Gives the result itself.

        Raises:
            StreamWidgetError: the run failed or was cut; the error as it stands in `error`.
        """
        if self.error is not None and self.status == "failed":
            raise self.error
        return self

    def __repr__(self) -> str:
        problem = f", error={self.error.message!r}" if self.error else ""
        return (
            f"Result({self.status}, {self.token_count} tokens, {len(self.text)} chars, "
            f"{self.elapsed_s:.2f} s{problem})"
        )
