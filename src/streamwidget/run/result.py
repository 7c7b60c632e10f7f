"""`Result`: a run as a value that never changes, with the names of a view."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from ..document import Document
from ..errors import StreamWidgetError
from ..ledger import Spent
from .eventlog import EventLog
from .readable import State
from .readings import Readings
from .states import Status


@dataclass(frozen=True, slots=True)
class KeptStats:
    """The times and counts of a run at one moment."""

    elapsed_s: float
    first_token_s: float | None
    token_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptState:
    """The state of a run at one moment; its document and events never change."""

    run_id: str
    started: datetime
    status: Status
    summary: str | None
    error: StreamWidgetError | None
    title: str
    stats: KeptStats
    document: Document
    events: EventLog
    kept_spent: Spent

    def spent(self) -> Spent:
        """Return tokens, time and money used."""
        return self.kept_spent

    def still(self) -> Document:
        """Return the document."""
        return self.document

    def reading(self) -> AbstractContextManager[object]:
        """Return a context that does nothing: the state never changes."""
        return nullcontext()


class Result(Readings):
    """A run as it was at one moment, usually its end; can be copied and pickled.

    It has everything received by then, however the run ended. `status` is that of that moment.
    """

    __slots__ = ("_kept",)
    _kept: KeptState

    def __init__(self, kept: KeptState) -> None:
        object.__setattr__(self, "_kept", kept)

    @property
    def _state(self) -> State:
        return self._kept

    @property
    def title(self) -> str:
        """The title that the view showed."""
        return self._kept.title

    def result(self) -> Result:
        """Return the result itself, as a view returns its own."""
        return self

    def raise_for_error(self) -> Result:
        """Return the result itself.

        Raises:
            StreamWidgetError: the run failed or is incomplete; this is the value of `error`.
        """
        if self.error is not None and self.status in ("failed", "incomplete"):
            raise self.error
        return self

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"A Result never changes; {name!r} cannot be set.")

    def __reduce__(self) -> tuple[object, ...]:
        return Result, (self._kept,)

    def __repr__(self) -> str:
        problem = f", error={self.error.message!r}" if self.error else ""
        return (
            f"Result({self.status}, {self.token_count} tokens, {len(self.text)} chars, "
            f"{self.elapsed_s:.2f} s{problem})"
        )


def result_of(run: State, *, ended: bool) -> Result:
    """Return a run as a value, as it is now; call it under `run.reading()`.

    After the end (`ended`) nothing changes any more, so nothing is copied; before it, only
    references are.
    """
    stats = run.stats
    kept = KeptState(
        status=run.status,
        summary=run.summary,
        error=run.error,
        run_id=run.run_id,
        started=run.started,
        title=run.title,
        stats=KeptStats(stats.elapsed_s, stats.first_token_s, stats.token_count),
        document=run.still(),
        events=run.events if ended else run.events.copy(),
        kept_spent=run.spent(),
    )
    return Result(kept)
