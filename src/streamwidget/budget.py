"""Budgets: limits of tokens, money and time for runs. Pure; the run supplies the clock.

All runs of one budget count together, in its ledger. A stream reports its usage at the end, if at
all. Until then tokens are estimated as text arrives, so a limit holds to within one message of the
stream, and the cost is marked as an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from .catalogue import budget_words
from .errors import UsageError
from .events import Usage
from .ledger import Ledger, Spent
from .limits import Limits, is_token_count
from .phrases import duration, money, plural
from .prices import (
    ANY_MODEL,
    LIBRARY_CURRENCY,
    Cost,
    Price,
    Prices,
    check_number,
    has_library,
    library_prices,
)

_PRICES: Final = ("input_price", "output_price", "cached_input_price", "cache_write_price")
_NO_USAGE: Final = Usage(None, None)
_NOTHING_RAISED: Final[Mapping[str, float]] = MappingProxyType({})
OnLimit: TypeAlias = Literal["stop", "ask"]
BYTES_PER_TOKEN: Final = 4
"""Rule of thumb for English text; a CJK character has 3 bytes and is about one token."""


@dataclass(frozen=True, slots=True)
class BudgetLimit:
    """One limit of a budget, and how much of it is used."""

    limit: float
    """The limit, in `unit`."""
    used: float
    """The amount used so far, in `unit`; may exceed `limit`."""
    unit: str
    """`tokens`, `s`, or the currency."""

    @property
    def share(self) -> float:
        """The used share of the limit; 1.0: all of it."""
        return self.used / self.limit if self.limit else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of tokens, money and time; a run that reaches one is stopped, and its text is kept.

    All runs that are given the same object count together: views, answers of a chat, and retries.
    At a limit of tokens or money, all of them that are live are stopped, and a later one is stopped
    before it starts; `reset()` starts the count again. The time is that of each run.

    A run can exceed a limit by the last piece that arrives, and by the tokens that the provider
    generates until it notices that the connection is closed. That is a few tokens if the answer
    streams token by token, but the whole answer if it arrives in one piece. While the answer
    streams, tokens are estimated (one for each short delta, else UTF-8 bytes / 4; arguments of tool
    calls count), so a limit of tokens or cost is as exact as that estimate.

    Prices are in `currency` per 1,000,000 tokens, as providers quote them. Without prices there is
    no cost, and the cost of a model without a price is unknown. `prompt` is the text that was sent,
    to estimate the input tokens until they are reported; a request that the view sends itself has
    it already.

    Raises:
        UsageError: a limit or a price is not a finite number >= 0, `soft` is not between 0 and 1,
            `on_limit` is unknown, `max_cost` is passed without prices, or prices are passed twice.
    """

    max_tokens: int | None = None
    """Output tokens, reasoning included; None: no limit."""
    max_cost: float | None = None
    max_time_s: float | None = None
    """Seconds from the start."""
    input_price: float | None = None
    output_price: float | None = None
    cached_input_price: float | None = None
    """Price of input tokens read from a cache; None: `input_price`, as an estimate."""
    cache_write_price: float | None = None
    """Price of input tokens written to a cache; None: `input_price`, as an estimate."""
    currency: str = "USD"
    prompt: str = field(default="", repr=False)
    prices: Prices | None = None
    """Prices by model, instead of the four prices above; they have their own currency. None, and
    none of those four: those of genai-prices where it is installed, unless the server is local."""
    soft: float | None = None
    """The share of a limit at which a notice says how long the rest will last, such as 0.8; None:
    no notice."""
    on_limit: OnLimit = "stop"
    """The action at a limit. `"stop"`: the runs are stopped. `"ask"`: they wait, and the view
    asks whether to stop, to raise the limit, or to continue without it; they are stopped if nobody
    can answer. A coroutine function or a view fed by hand cannot wait, and is stopped."""
    _ledger: Ledger = field(default_factory=Ledger, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.soft is not None and not (
            isinstance(self.soft, (int, float)) and 0 < self.soft < 1
        ):
            raise UsageError(f"Budget: soft must be above 0 and below 1, got {self.soft!r}.")
        for name in ("max_tokens", "max_cost", "max_time_s", *_PRICES):
            check_number("Budget", name, getattr(self, name))
        if self.on_limit not in get_args(OnLimit):
            raise UsageError(f'Budget: on_limit is "stop" or "ask", not {self.on_limit!r}.')
        given = [name for name in _PRICES if getattr(self, name) is not None]
        if self.prices is not None:
            if not isinstance(self.prices, Prices):
                kind = type(self.prices).__name__
                raise UsageError(f"Budget: prices must be Prices(...), not {kind}.")
            if given:
                raise UsageError(f"Budget: pass prices or {given[0]}, not both.")
            object.__setattr__(self, "currency", self.prices.currency)
        elif given:
            price = Price(
                input=self.input_price,
                output=self.output_price,
                cached_input=self.cached_input_price,
                cache_write=self.cache_write_price,
            )
            object.__setattr__(self, "prices", Prices({ANY_MODEL: price}, currency=self.currency))
        if self.max_cost is not None and (
            (self.prices is None and not self._can_look_up) or (given and self.output_price is None)
        ):
            raise UsageError(
                "Budget: max_cost needs prices. Add output_price=... (and input_price=...), in "
                f"{self.currency} for 1,000,000 tokens, or prices=Prices(...), or install "
                "genai-prices, which has prices in USD."
            )
        if self.max_cost is not None and self.prices is None:
            library_prices()  # loaded now, so that no run ends before its cost is known

    @property
    def _can_look_up(self) -> bool:
        """True if the prices of models can be looked up in this budget's currency."""
        return self.currency == LIBRARY_CURRENCY and has_library()

    def used(self) -> Spent:
        """Return the tokens and the money that all runs of this budget have used so far.

        `elapsed_s` is the longest time of a single run.
        """
        return self._ledger.total()

    def reset(self) -> None:
        """Count from zero again; live runs count with what they use from now on.

        Runs that wait at the limit continue, and their question to the reader is closed.
        """
        self._ledger.reset()

    def estimate(self, output_tokens: int, *, model: str | None = None) -> float | None:
        """Return the cost of an answer of `output_tokens` to `prompt`; None without prices."""
        usage = Usage(tokens_of(self.prompt), output_tokens, model=model)
        cost = None if self.prices is None else self.prices.cost(usage)
        return None if cost is None else cost.amount

    def spent(
        self,
        calls: Iterable[Usage],
        *,
        counted_tokens: int,
        elapsed_s: float,
        over: bool,
        model: str | None = None,
        prompt_tokens: int | None = None,
    ) -> Spent:
        """Return the amounts used, from the usage reported for each model call and our own count.

        While the run is live, a report may be outdated (some providers report 1 at the start), so
        the greater number is used; at the end the reported one. `model` and `prompt_tokens`, the
        estimated input, are those of the request; they are used until the provider reports its own
        (None: unknown).
        """
        calls = list(calls) or [_NO_USAGE]
        if model is not None:
            calls = [replace(call, model=call.model or model) for call in calls]
        given, made = _total(c.input_tokens for c in calls), _total(c.output_tokens for c in calls)
        last = calls[-1]
        is_reported = made is not None and (over or made >= counted_tokens)
        used = made if is_reported and made is not None else counted_tokens
        estimated = not is_reported or last.estimated
        counted_input = tokens_of(self.prompt) if self.prompt else prompt_tokens
        is_prompt_counted = given is None and counted_input is not None
        if is_prompt_counted:
            given = counted_input
        if self.prices is None:
            return Spent(given, used, elapsed_s, None, estimated)
        no_input = last.input_tokens is None
        if used != made:  # the rest belongs to the call that streams now
            rest = used - (made or 0) + (last.output_tokens or 0)
            last = replace(last, output_tokens=max(0, rest))
        if is_prompt_counted:
            last = replace(last, input_tokens=given)
        cost = self._cost(self.prices, [*calls[:-1], last])
        if cost is None:
            return Spent(given, used, elapsed_s, None, estimated)
        is_input_short = no_input and (is_prompt_counted or self.input_price is not None)
        estimated = estimated or cost.estimated or is_input_short
        return Spent(given, used, elapsed_s, cost.amount, estimated, self.currency)

    def _cost(self, prices: Prices, calls: Sequence[Usage]) -> Cost | None:
        """Return the cost of all calls together; None if that of one is unknown."""
        costs = [prices.cost(call) for call in calls]
        known = [cost for cost in costs if cost is not None]
        if len(known) < len(costs):
            return None
        return Cost(sum(cost.amount for cost in known), any(cost.estimated for cost in known))

    def bounds(
        self, spent: Spent, raised: Mapping[str, float] = _NOTHING_RAISED
    ) -> list[BudgetLimit]:
        """Return the limits that are set, and how much of each is used.

        `raised` is by how much the limit of a unit was raised; infinity removes it.
        """
        limits = (
            (self.max_tokens, spent.output_tokens, "tokens"),
            (self.max_cost, spent.cost or 0.0, self.currency),
            (self.max_time_s, spent.elapsed_s, "s"),
        )
        bounds = (
            BudgetLimit(limit + raised.get(unit, 0), used, unit)
            for limit, used, unit in limits
            if limit is not None
        )
        return [bound for bound in bounds if math.isfinite(bound.limit)]

    def nearest(
        self, spent: Spent, raised: Mapping[str, float] = _NOTHING_RAISED
    ) -> BudgetLimit | None:
        """Return the limit with the greatest used share; None if no limit is set."""
        return max(self.bounds(spent, raised), key=lambda bound: bound.share, default=None)

    def passed(self, spent: Spent) -> BudgetLimit | None:
        """Return a limit that has been reached; None if there is none."""
        bound = self.nearest(spent)
        return bound if bound is not None and bound.share >= 1 else None


def ledger_of(budget: Budget) -> Ledger:
    """Return the amounts of the runs that have `budget`."""
    return budget._ledger


def check_bounds(limits: object, budget: object) -> None:
    """Raise unless these are the bounds of a run.

    Raises:
        UsageError: `limits` is not a `Limits`, or `budget` neither a `Budget` nor None.
    """
    if not isinstance(limits, Limits):
        raise UsageError(f"limits must be a Limits, not {type(limits).__name__}.")
    if budget is not None and not isinstance(budget, Budget):
        raise UsageError(f"budget must be a Budget, not {type(budget).__name__}.")


def soft_sentence(bound: BudgetLimit, rate: float | None) -> str:
    """Return how much of a limit is used, and how long the rest lasts.

    `rate` is what is used in a second, in the unit of the limit; None: unknown.
    """
    limit = words_of(bound.limit, bound.unit)
    used = budget_words("budget_soft", share=f"{bound.share:.0%}", bound=limit)
    if not rate:
        return used
    left_s = max(0.0, bound.limit - bound.used) / rate
    return f"{used} {budget_words('budget_rest', time=_about(left_s))}"


def _about(seconds: float) -> str:
    """Return a duration that is an estimate, without false precision: `40 s`, `12 min 05 s`."""
    return f"{max(1, round(seconds))} s" if seconds < 59.5 else duration(seconds)


def tokens_of(text: str) -> int:
    """Return the estimated number of tokens in `text`."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def words_of(limit: float, unit: str) -> str:
    """Return a bound for people: `1,000 tokens`, `$0.50`, `60 s`."""
    if unit == "tokens":
        return f"{limit:,.0f} {plural(limit, 'token')}"
    if unit == "s":
        return f"{limit:g} s"
    return money(limit, unit, is_round=True)


def _total(counts: Iterable[int | None]) -> int | None:
    """Return the sum of the possible counts that were reported; None if none was."""
    known = [count for count in counts if count is not None and is_token_count(count)]
    return sum(known) if known else None
