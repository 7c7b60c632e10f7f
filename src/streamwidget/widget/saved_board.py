"""The saved output of a board: a line for each run while any is live, and the record of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Protocol, cast

from ..phrases import counted, duration, money
from ..run.words import amount
from .port import Port
from .saved_output import SavedOutput
from .saved_view import SavedView, so_far

if TYPE_CHECKING:
    from ..export.tree import Part
    from ..record import BoardRun, Record


class _View(Protocol):
    """A view, as far as its line on a board is concerned."""

    _port: Port
    _saved: SavedView


class BoardRuns:
    """The runs of a board as one: it is over when the last one is."""

    def __init__(self, title: str, views: Sequence[_View], board_id: str) -> None:
        self.title = title
        self.views = tuple(views)
        self._board_id = board_id

    @property
    def ports(self) -> list[Port]:
        """The newest run of each view."""
        return [view._port for view in self.views]

    @property
    def run_id(self) -> str:
        """Names the board, and changes with each retry."""
        return f"{self._board_id}.{sum(port.attempt for port in self.ports)}"

    @property
    def over(self) -> bool:
        """True if every run has ended."""
        return all(port.over for port in self.ports)

    @property
    def attached(self) -> bool:
        """True once a page has sent a message about a run."""
        return any(port.attached for port in self.ports)

    @property
    def final_seen(self) -> bool:
        """True if a page has acknowledged the end of every run."""
        return all(port.final_seen for port in self.ports)

    @property
    def savers(self) -> Set[str]:
        """Who can write the record into the notebook, as reported by the pages."""
        return set().union(*(port.savers for port in self.ports))


class SavedBoard(SavedOutput[BoardRuns]):
    """The saved output of one board."""

    def live_data(self, kept: BoardRuns) -> dict[str, str]:
        """Return one line for each run."""
        if self.persist == "none":
            words = f"{kept.title}: not kept in the notebook."
            return {"text/plain": words, "text/markdown": words}
        if kept.over:
            record = self.record(kept)
            return {"text/plain": record.text, "text/markdown": record.text}
        lines = [f"- {port.title}: {self._sentence(port)}" for port in kept.ports]
        words = "\n".join([kept.title, "", *lines])
        return {"text/plain": words, "text/markdown": words}

    def record(self, kept: BoardRuns) -> Record:
        """Return the record of all runs; while some are live, their last states."""
        from ..record import Facts, make_board  # the writers of HTML are not needed before

        runs = [] if self.persist == "none" else [self._run_of(view) for view in kept.views]
        statuses = Counter(str(port.run.status) for port in kept.ports)
        facts = Facts(
            title=kept.title,
            sentence=self._states(statuses, is_over=kept.over),
            status=next(iter(statuses)) if len(statuses) == 1 else "mixed",
            run_id=kept.run_id,
        )
        return make_board(facts, runs)

    def _run_of(self, view: _View) -> BoardRun:
        from ..record import BoardRun

        port, run = view._port, view._port.run
        with run.reading():
            document, sentence, status = run.still(), self._sentence(port), str(run.status)
            spent = run.spent()
            time, tokens = duration(run.stats.elapsed_s), amount(run.tokens())
        is_kept = view._saved.persist != "none"
        return BoardRun(
            title=port.title,
            status=status,
            sentence=sentence,
            time=time,
            tokens=tokens.partition(" ")[0],
            cost="" if spent.cost is None else money(spent.cost, spent.currency or ""),
            parts=cast("list[Part]", document.snapshot()["parts"] if is_kept else []),
            journal=port.journal,
        )

    def _sentence(self, port: Port) -> str:
        run = port.run
        with run.reading():
            return run.summary or self._last_known(so_far(run))

    def _states(self, statuses: Counter[str], *, is_over: bool) -> str:
        count = statuses.total()
        states = ", ".join(f"{n:,} {status}" for status, n in statuses.items())
        words = f"{counted(count, 'run')}{f': {states}' if states else ''}"
        return f"{words}." if is_over else self._last_known(words)
