"""The sum of what the runs of one budget have used. Pure; safe from any thread.

Must not know limits, prices, clocks or runs: it adds up the amounts that runs report.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol


class Member(Protocol):
    """A live run of a budget; its methods are called on any thread, and take no lock of a run."""

    def stop(self, limit: float, unit: str) -> None:
        """Stop the run, because of a limit that it shares."""

    def hold(self) -> None:
        """Make the producer wait until the reader has answered."""

    def release(self) -> None:
        """Let the producer continue."""


@dataclass(frozen=True, slots=True)
class Spent:
    """The tokens, time and money that a run, or several together, have used so far."""

    input_tokens: int | None
    """None: neither reported nor estimated."""
    output_tokens: int
    """Output tokens, reasoning included."""
    elapsed_s: float
    """Seconds since the start; of several runs, the longest."""
    cost: float | None
    """In `currency`; None: no price is known."""
    estimated: bool
    """True if a token count is our own estimate, not reported by the provider."""
    currency: str | None = None
    """The currency of `cost`; None: there is no cost."""


NOTHING = Spent(None, 0, 0.0, None, False)
"""The amounts before anything was used."""


def together(amounts: Iterable[Spent]) -> Spent:
    """Return the sum of amounts; tokens and costs that are unknown count as nothing."""
    spent = list(amounts)
    inputs = [each.input_tokens for each in spent if each.input_tokens is not None]
    costs = [each.cost for each in spent if each.cost is not None]
    return Spent(
        sum(inputs) if inputs else None,
        sum(each.output_tokens for each in spent),
        max((each.elapsed_s for each in spent), default=0.0),
        sum(costs) if costs else None,
        any(each.estimated for each in spent),
        next((each.currency for each in spent if each.currency), None),
    )


class _Sum:
    """A sum of amounts of which one can be replaced: `together`, without going through all."""

    def __init__(self) -> None:
        self._inputs = self._outputs = 0
        self._cost = 0.0
        self._input_count = self._cost_count = self._estimated_count = 0
        self._currency: str | None = None

    def add(self, spent: Spent, sign: int = 1) -> None:
        if spent.input_tokens is not None:
            self._inputs += sign * spent.input_tokens
            self._input_count += sign
        if spent.cost is not None:
            self._cost += sign * spent.cost
            self._cost_count += sign
        self._outputs += sign * spent.output_tokens
        self._estimated_count += sign * spent.estimated
        self._currency = self._currency or spent.currency

    def replace(self, old: Spent, new: Spent) -> None:
        self.add(old, -1)
        self.add(new)

    def spent(self, elapsed_s: float) -> Spent:
        return Spent(
            self._inputs if self._input_count else None,
            self._outputs,
            elapsed_s,
            self._cost if self._cost_count else None,
            self._estimated_count > 0,
            self._currency,
        )


class Ledger:
    """The amounts that live runs have used, and the sum of those that have ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: dict[str, Spent] = {}
        """By the ID of the run; in the order of their starts."""
        self._members: dict[str, Member] = {}
        """The live runs, by the same ID."""
        self._is_asking = False
        """True while the reader is asked what to do at a limit."""
        self._withdraw: Callable[[], object] | None = None
        """Closes the question to the reader without an answer; None: none is open."""
        self._reset_count = self._reset_before = 0
        """Resets so far, and before the question to the reader."""
        self._raised: dict[str, float] = {}
        """By how much the reader has raised the limit of each unit; infinity: there is none."""
        self._offsets: dict[str, Spent] = {}
        """The amounts of a live run at the last reset."""
        self._ended = NOTHING
        self._sum = _Sum()
        """Of all runs; not kept while there is only one, whose amounts are the sum."""
        self._run_count = 0

    def __reduce__(self) -> tuple[object, ...]:
        return Ledger, ()  # a copy, or another process, has a new count

    @property
    def is_shared(self) -> bool:
        """True if more than one run has counted here."""
        return self._run_count > 1

    def open(self, run_id: str, member: Member) -> None:
        """Begin to count a run."""
        with self._lock:
            self._live[run_id] = NOTHING
            self._members[run_id] = member
            self._run_count += 1
            if self._run_count == 2:
                self._sum_again()

    def note(self, run_id: str, spent: Spent) -> Spent:
        """Take what a run has used so far; return what all of them have, with its own time."""
        with self._lock:
            if run_id in self._live:
                self._change(run_id, spent)
            if self._run_count == 1 and not self._offsets:
                return spent
            return self._sum.spent(spent.elapsed_s)

    def close(self, run_id: str, spent: Spent) -> None:
        """Count a run that has ended; `spent` is all that it used."""
        with self._lock:
            if run_id in self._live:
                self._change(run_id, spent)
                self._ended = together([self._ended, self._counted(run_id, spent)])
                del self._live[run_id], self._members[run_id]
                self._offsets.pop(run_id, None)

    def total(self) -> Spent:
        """Return what all runs have used so far."""
        with self._lock:
            return self._total()

    def rate(self, amount: Callable[[Spent], float]) -> float:
        """Return what the live runs use in a second; `amount` selects the tokens or the cost."""
        with self._lock:
            live = [spent for spent in self._live.values() if spent.elapsed_s > 0]
        return sum(amount(spent) / spent.elapsed_s for spent in live)

    def stop_all(self, limit: float, unit: str) -> None:
        """Stop all live runs, because of a limit that they share."""
        for member in self._copied_members():
            member.stop(limit, unit)

    @property
    def raised(self) -> dict[str, float]:
        """By how much the reader has raised the limit of each unit; infinity: there is none."""
        return self._raised

    def raise_limit(self, unit: str, amount: float) -> None:
        """Raise the limit of a unit by `amount`."""
        with self._lock:
            self._raised = {**self._raised, unit: self._raised.get(unit, 0.0) + amount}

    def hold_all(self, asking: Member) -> bool:
        """Hold all live runs while `asking` asks the reader; return False if another run asks
        already, and hold only this one."""
        with self._lock:
            if self._is_asking:
                asking.hold()
                return False
            self._is_asking, self._reset_before = True, self._reset_count
            for member in self._members.values():
                member.hold()
            return True

    def asked(self, withdraw: Callable[[], object]) -> None:
        """Note the question to the reader: `withdraw` closes it, once the count is reset."""
        with self._lock:
            is_reset = self._reset_count != self._reset_before
            if not is_reset:
                self._withdraw = withdraw if self._is_asking else None
        if is_reset:
            withdraw()

    def release_all(self) -> None:
        """Let all live runs continue: the reader has answered, or will not."""
        with self._lock:
            self._is_asking, self._withdraw = False, None
        for member in self._copied_members():
            member.release()

    def _copied_members(self) -> list[Member]:
        with self._lock:
            return list(self._members.values())

    def reset(self) -> None:
        """Forget what was used so far; the question to the reader is closed."""
        with self._lock:
            self._reset_count += 1
            withdraw, self._withdraw = self._withdraw, None
            self._ended = NOTHING
            self._raised = {}
            self._offsets = dict(self._live)
            self._run_count = len(self._live)
            self._sum_again()
        if withdraw is not None:
            withdraw()

    def _change(self, run_id: str, spent: Spent) -> None:
        """Set the amounts of a live run: called with every batch of events."""
        before, self._live[run_id] = self._live[run_id], spent
        if self._run_count > 1 or self._offsets:
            self._sum.replace(self._counted(run_id, before), self._counted(run_id, spent))

    def _sum_again(self) -> None:
        self._sum = _Sum()
        self._sum.add(self._ended)
        for run_id, spent in self._live.items():
            self._sum.add(self._counted(run_id, spent))

    def _total(self) -> Spent:
        live = (self._counted(run_id, spent) for run_id, spent in self._live.items())
        return together([self._ended, *live])

    def _counted(self, run_id: str, spent: Spent) -> Spent:
        """Return what a run has used since the last reset."""
        before = self._offsets.get(run_id)
        if before is None:
            return spent
        tokens, cost = spent.input_tokens, spent.cost
        return replace(
            spent,
            input_tokens=None if tokens is None else max(0, tokens - (before.input_tokens or 0)),
            output_tokens=max(0, spent.output_tokens - before.output_tokens),
            cost=None if cost is None else max(0.0, cost - (before.cost or 0.0)),
        )
