"""What a run may use: tokens, money, time. Pure; whoever owns the clock and the run asks.

A stream tells what it cost at its end, if at all. Until then tokens are counted as they come, so a
bound holds to within one message of the stream, and the cost is marked as an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import UsageError

PER_TOKENS: Final = 1_000_000
"""Providers quote prices for so many tokens."""

BYTES_PER_TOKEN: Final = 4
"""The usual rule of thumb for English text; CJK characters have 3 bytes and are about one token."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used so far."""

    input_tokens: int | None
    """None: neither reported nor estimated."""
    output_tokens: int
    elapsed_s: float
    cost: float | None
    """In the budget's currency; None: no price is known."""
    estimated: bool
    """True while a number is counted by us and not reported by the provider."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound of a budget and how far it is used up."""

    limit: float
    used: float
    unit: str
    """`tokens`, `s`, or the currency."""

    @property
    def share(self) -> float:
        """How much of it is used: 1.0 is all."""
        return self.used / self.limit if self.limit else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Bounds of one run; the run is stopped when it passes one, and what has arrived stays.

    Prices are in `currency` for 1,000,000 tokens, as providers quote them. Without prices there is
    no cost. `prompt` is what was sent, to estimate the input tokens until they are reported.

    Raises:
        UsageError: a bound or a price is negative, or `max_cost` is given without prices.
    """

    max_tokens: int | None = None
    """Output tokens, reasoning included; None: no bound."""
    max_cost: float | None = None
    max_time_s: float | None = None
    """Seconds from the start."""
    input_price: float | None = None
    output_price: float | None = None
    currency: str = "USD"
    prompt: str = ""

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_cost", "max_time_s", "input_price", "output_price"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise UsageError(f"Budget({name}={value!r}): a number from 0 on is needed.")
        if self.max_cost is not None and self.output_price is None:
            raise UsageError(
                "Budget(max_cost=...) needs prices: add output_price=... (and input_price=...), "
                f"in {self.currency} for 1,000,000 tokens."
            )

    def estimate(self, output_tokens: int) -> float | None:
        """What an answer of `output_tokens` to `prompt` would cost; None without prices."""
        return self._cost(tokens_of(self.prompt), output_tokens)

    def spent(
        self,
        *,
        counted_tokens: int,
        input_tokens: int | None,
        output_tokens: int | None,
        elapsed_s: float,
        over: bool,
    ) -> Spent:
        """What was used, from the tokens that were counted and those that were reported.

        While the run goes on a report may be old (some tell `1` at the start), so the greater one
        holds; at the end the reported one does.
        """
        reported = output_tokens is not None and (over or output_tokens >= counted_tokens)
        used = output_tokens if reported and output_tokens is not None else counted_tokens
        told = input_tokens
        if told is None and self.prompt:
            told = tokens_of(self.prompt)
        estimated = not reported or (input_tokens is None and self.input_price is not None)
        return Spent(told, used, elapsed_s, self._cost(told, used), estimated)

    def bounds(self, spent: Spent) -> list[Bound]:
        """The bounds that were given, and how far they are used up."""
        found: list[Bound] = []
        if self.max_tokens is not None:
            found.append(Bound(self.max_tokens, spent.output_tokens, "tokens"))
        if self.max_cost is not None:
            found.append(Bound(self.max_cost, spent.cost or 0.0, self.currency))
        if self.max_time_s is not None:
            found.append(Bound(self.max_time_s, spent.elapsed_s, "s"))
        return found

    def nearest(self, spent: Spent) -> Bound | None:
        """The bound that is used up most; None if there is none."""
        return max(self.bounds(spent), key=lambda bound: bound.share, default=None)

    def passed(self, spent: Spent) -> Bound | None:
        """A bound that is reached; None while all hold."""
        bound = self.nearest(spent)
        return bound if bound is not None and bound.share >= 1 else None

    def _cost(self, input_tokens: int | None, output_tokens: int) -> float | None:
        if self.input_price is None and self.output_price is None:
            return None
        paid_in = (input_tokens or 0) * (self.input_price or 0.0)
        return (paid_in + output_tokens * (self.output_price or 0.0)) / PER_TOKENS


def tokens_of(text: str) -> int:
    """About how many tokens `text` is."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def words_of(bound: Bound) -> str:
    """`1,000 tokens`, `0.50 USD`, `60 s`."""
    if bound.unit == "tokens":
        return f"{bound.limit:,.0f} token{'' if bound.limit == 1 else 's'}"
    if bound.unit == "s":
        return f"{bound.limit:g} s"
    return (
        f"{bound.limit:,.2f} {bound.unit}"
        if bound.limit >= 0.01
        else f"{bound.limit:g} {bound.unit}"
    )
