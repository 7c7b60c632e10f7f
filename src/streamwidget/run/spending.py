"""The spending of one run: its budget, the prices of its model, and the estimate before its start.

Must not know the document or the events: the run passes what was reported and counted.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..budget import Budget, BudgetLimit, ledger_of, soft_sentence, words_of
from ..catalogue import budget_words
from ..events import Usage
from ..formats.forecast import Forecast
from ..ledger import Member, Spent
from ..prices import Prices, has_library, is_library_loaded, library_prices
from ..threads import has_threads
from .states import StopCause

_AMOUNTS: dict[str, Callable[[Spent], float]] = {
    "tokens": lambda spent: spent.output_tokens,
    "s": lambda spent: spent.elapsed_s,
}


class Spending:
    """The amounts of one run; a budget adds up those of all its runs."""

    def __init__(self, run_id: str, budget: Budget | None, on_prices: Callable[[], None]) -> None:
        """`on_prices` is called, on another thread, when prices have been loaded."""
        self.budget = budget
        self.forecast: Forecast | None = None
        """The facts of the request; None: the source has no request to a model."""
        self._run_id = run_id
        self._counting = budget or Budget()
        self._is_priced_here = budget is not None and budget.prices is not None
        self._is_loading = False
        self._on_prices = on_prices
        self._model: str | None = None
        """The model whose price is needed; None: unknown so far."""
        self._has_warned = False
        self._more_time_s = 0.0
        self._has_reported_price = False

    # --- the amounts

    @property
    def currency(self) -> str:
        """The currency of all costs."""
        return self._counting.currency

    def expect(self, forecast: Forecast | None, *, is_local: bool) -> None:
        """Take what the request says; `is_local`: the provider's prices are not those of its
        server."""
        self.forecast = forecast
        self._is_priced_here = self._is_priced_here or is_local

    def spent(
        self, calls: Iterable[Usage], *, counted_tokens: int, elapsed_s: float, over: bool
    ) -> Spent:
        """Return what the run has used so far: as reported, or else as counted."""
        forecast = self.forecast
        return self._counting.spent(
            calls,
            counted_tokens=counted_tokens,
            elapsed_s=elapsed_s,
            over=over,
            model=None if forecast is None else forecast.model,
            prompt_tokens=None if forecast is None else forecast.input_tokens,
        )

    def expected_cost(self) -> float | None:
        """Return the cost that was estimated from the request: of its input, and of an answer as
        long as it allows; None without a known price."""
        forecast, prices = self.forecast, self._counting.prices
        if forecast is None or prices is None:
            return None
        usage = Usage(forecast.input_tokens, forecast.output_tokens, model=forecast.model)
        cost = prices.cost(usage)
        return None if cost is None else cost.amount

    @property
    def lacks_prices(self) -> bool:
        """True if prices may have to be looked up, or if a model without one would be reported."""
        if self._is_priced_here:
            limits_cost = self.budget is not None and self.budget.max_cost is not None
            return limits_cost and self._model is None
        return has_library()

    def look_up_prices(self, models: Iterable[str | None], *, wait: bool) -> None:
        """Find the prices of `models`, unless the caller passed prices; on another thread if they
        have to be loaded and `wait` is false."""
        if self._model is None:
            requested = None if self.forecast is None else self.forecast.model
            self._model = requested or next(filter(None, models), None)
        if self._model is None or self._is_priced_here or not has_library():
            return
        if wait or is_library_loaded() or not has_threads():
            self._use(library_prices())
        elif not self._is_loading:
            self._is_loading = True
            threading.Thread(target=self._load, name="streamwidget-prices", daemon=True).start()

    def _load(self) -> None:
        self._use(library_prices())
        self._on_prices()

    def _use(self, prices: Prices | None) -> None:
        if prices is not None and not self._is_priced_here:
            self._counting = replace(self._counting, prices=prices)
            self._is_priced_here = True

    # --- the budget

    def open(self, member: Member) -> None:
        """Begin to count the run."""
        if self.budget is not None:
            ledger_of(self.budget).open(self._run_id, member)

    def close(self, spent: Spent) -> None:
        """Count what the run has used in all."""
        if self.budget is not None:
            ledger_of(self.budget).close(self._run_id, spent)

    @property
    def is_shared(self) -> bool:
        """True if other runs count for the same budget."""
        return self.budget is not None and ledger_of(self.budget).is_shared

    def nearest(self, spent: Spent) -> BudgetLimit | None:
        """Return the limit of which the greatest share is used, by all runs of the budget."""
        if self.budget is None:
            return None
        return self.budget.nearest(self._together(spent), self._raised)

    def check(self, spent: Spent) -> tuple[BudgetLimit | None, str]:
        """Return the limit that is reached (None: none is), and a sentence to show, or ""."""
        if self.budget is None:
            return None, ""
        bound = self.nearest(spent)
        if bound is None or bound.share >= 1:
            return bound, ""
        return None, self._warning(bound) or self._price_warning(spent)

    def time_left_s(self, used_s: float) -> float | None:
        """Return the seconds until the budget has to be checked again, because its time, or the
        share of it that a notice is due at, is used up; None without a limit of time."""
        budget = self.budget
        if budget is None or budget.max_time_s is None:
            return None
        limit_s = budget.max_time_s + self._more_time_s
        if budget.soft is not None and not self._has_warned:
            return limit_s * budget.soft - used_s
        return limit_s - used_s if math.isfinite(limit_s) else None

    def raise_limit(self, unit: str, amount: float) -> None:
        """Raise a limit by `amount`: of this run if it is one of time, else of all runs."""
        if unit == "s":
            self._more_time_s += amount
        elif self.budget is not None:
            ledger_of(self.budget).raise_limit(unit, amount)
        self._has_warned = False

    @property
    def _raised(self) -> dict[str, float]:
        assert self.budget is not None
        raised = ledger_of(self.budget).raised
        return {**raised, "s": self._more_time_s} if self._more_time_s else raised

    def cause(self, limit: float, unit: str) -> StopCause:
        """Return why a run is stopped at a limit."""
        is_shared = self.is_shared and unit != "s"
        return StopCause("shared-budget" if is_shared else "budget", limit, unit)

    def _together(self, spent: Spent) -> Spent:
        assert self.budget is not None
        return ledger_of(self.budget).note(self._run_id, spent)

    def _warning(self, bound: BudgetLimit) -> str:
        assert self.budget is not None
        soft = self.budget.soft
        if self._has_warned or soft is None or bound.share < soft:
            return ""
        self._has_warned = True
        if bound.unit == "s":
            return soft_sentence(bound, 1.0)
        amount = _AMOUNTS.get(bound.unit, lambda spent: spent.cost or 0.0)
        return soft_sentence(bound, ledger_of(self.budget).rate(amount))

    def _price_warning(self, spent: Spent) -> str:
        """Return a sentence if a limit of money cannot be kept, because of an unknown price."""
        assert self.budget is not None
        limit, model = self.budget.max_cost, self._model
        is_looked_up = self._is_priced_here or not has_library()
        if limit is None or spent.cost is not None or model is None or not is_looked_up:
            return ""
        if self._has_reported_price:
            return ""
        self._has_reported_price = True
        return budget_words("price_unknown", model=model, bound=words_of(limit, self.currency))
