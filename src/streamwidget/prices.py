"""Prices of models: from the caller, or from `genai-prices` where that is installed.

A model without a known price has no cost: None, never a guess from another model's price. Prices
are per 1,000,000 tokens, as providers quote them. Must not know runs or clocks.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from .errors import UsageError
from .events import Usage
from .limits import is_token_count

PER_TOKENS: Final = 1_000_000
"""Number of tokens that providers quote prices for."""
ANY_MODEL: Final = "*"
"""The name of the price for models without one, also if the model is unknown."""
LIBRARY_CURRENCY: Final = "USD"
"""The currency of the prices of `genai-prices`."""
_A_PRICE: Final = 'Prices takes a dict: Prices({"gpt-5": Price(input=1.25, output=10.0)})'
_VERSION = re.compile(r"[-@:](?:v?\d[\w.:-]*|latest|preview[\w.:-]*|exp[\w.:-]*)")
"""Suffixes of a model's name that do not make it another model: a date, a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one model, per 1,000,000 tokens.

    Raises:
        UsageError: a price is not a finite number >= 0.
    """

    input: float | None = None
    """Input tokens that are neither read from nor written to a cache; None: unknown."""
    output: float | None = None
    """Output tokens, reasoning included; None: unknown."""
    cached_input: float | None = None
    """Input tokens read from a cache; None: the price of `input`, marked as an estimate."""
    cache_write: float | None = None
    """Input tokens written to a cache; None: the price of `input`, marked as an estimate."""

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached_input", "cache_write"):
            check_number("Price", name, getattr(self, name))

    def cost(self, usage: Usage) -> Cost | None:
        """Return the cost of one model call; None if a price that it needs is unknown."""
        total, estimated = 0.0, False
        cached, written = _count(usage.cached_input_tokens), _count(usage.cache_write_input_tokens)
        plain = max(0, _count(usage.input_tokens) - cached - written)
        for count, price, instead in (
            (plain, self.input, None),
            (cached, self.cached_input, self.input),
            (written, self.cache_write, self.input),
            (_count(usage.output_tokens), self.output, None),
        ):
            used = instead if price is None else price
            if count and used is None:
                return None
            total += count * (used or 0.0)
            estimated = estimated or (count > 0 and price is None)
        return Cost(total / PER_TOKENS, estimated)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a model call."""

    amount: float
    """In the currency of the prices."""
    estimated: bool
    """True if a price was missing and the price of `input` was used."""


class Prices:
    """Prices by model name.

    A name also matches its dated versions: `"gpt-4o"` matches `gpt-4o-2024-08-06`, but not
    `gpt-4o-mini`. `"*"` matches all models without a price here.

    Args:
        models: prices by model name.
        currency: the currency of all prices.

    Raises:
        UsageError: `models` is not a dict of prices.
    """

    def __init__(self, models: Mapping[str, Price], *, currency: str = "USD") -> None:
        if not isinstance(models, Mapping):
            raise UsageError(f"{_A_PRICE}, not {type(models).__name__}.")
        wrong = [one for one in models.values() if not isinstance(one, Price)]
        if wrong:
            raise UsageError(f"{_A_PRICE}: a price is a Price, not {type(wrong[0]).__name__}.")
        self.currency = currency
        self._models = dict(models)

    @classmethod
    def from_genai_prices(cls) -> Prices:
        """Return the prices of the library `genai-prices`, in USD; it makes no network request.

        Raises:
            UsageError: genai-prices is not installed.
        """
        return _LibraryPrices()

    def cost(self, usage: Usage) -> Cost | None:
        """Return the cost of one model call; None if the price of its model is unknown."""
        price = self._price(usage.model)
        return None if price is None else price.cost(usage)

    def _price(self, model: str | None) -> Price | None:
        bare = (model or "").rpartition("/")[2]  # `models/...`, `openai/...`
        if bare in self._models:
            return self._models[bare]
        bases = (name for name in self._models if name and _is_version(name, bare))
        return self._models.get(max(bases, key=len, default=ANY_MODEL))

    def __repr__(self) -> str:
        return f"Prices({len(self._models)} models, {self.currency})"


class _LibraryPrices(Prices):
    """Prices of `genai-prices`, which knows tiers and providers."""

    def __init__(self) -> None:
        super().__init__({}, currency=LIBRARY_CURRENCY)
        try:
            library: Any = importlib.import_module("genai_prices")
        except ImportError:
            raise UsageError(
                "genai-prices is not installed: pip install genai-prices, or pass your own prices: "
                'Prices({"gpt-5": Price(input=1.25, output=10.0)}).'
            ) from None
        self._cost: Callable[..., Cost | None] = lru_cache(maxsize=256)(
            lambda *counts: _library_cost(library, *counts)
        )

    def cost(self, usage: Usage) -> Cost | None:
        if usage.model is None:
            return None
        return self._cost(
            usage.model,
            _count(usage.input_tokens),
            _count(usage.cached_input_tokens),
            _count(usage.cache_write_input_tokens),
            _count(usage.output_tokens),
        )

    def __repr__(self) -> str:
        return "Prices.from_genai_prices()"


@cache
def has_library() -> bool:
    """True if genai-prices is installed."""
    return importlib.util.find_spec("genai_prices") is not None


@cache
def library_prices() -> Prices | None:
    """Return the prices of genai-prices; None if it is not installed.

    The first call imports it, which takes 0.1 to 0.4 s.
    """
    return _LibraryPrices() if has_library() else None


def is_library_loaded() -> bool:
    """True if `library_prices` returns at once."""
    return library_prices.cache_info().currsize > 0


def _library_cost(
    library: Any, model: str, given: int, cached: int, written: int, made: int
) -> Cost | None:
    usage = library.Usage(
        input_tokens=given,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
    )
    bare = model.rpartition("/")[2]
    for provider in (None, "aws"):  # model names of Bedrock contain those of other providers
        try:
            return Cost(
                float(library.calc_price(usage, bare, provider_id=provider).total_price), False
            )
        except (LookupError, ValueError):
            continue
    return None


def check_number(owner: str, name: str, value: object) -> None:
    """Raise unless `value` is None or a finite number >= 0.

    Raises:
        UsageError: it is neither.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is not None and not (is_number and 0 <= value <= sys.float_info.max):  # type: ignore[operator]
        raise UsageError(f"{owner}: {name} must be a finite number >= 0, got {value!r}.")


def _is_version(name: str, model: str) -> bool:
    return model.startswith(name) and _VERSION.fullmatch(model, len(name)) is not None


def _count(count: int | None) -> int:
    """Return a count; 0 for one that is unknown or impossible."""
    return count if count is not None and is_token_count(count) else 0
