"""Short phrases for people: counts, durations, cut texts. Pure.

`js/src/words/format.ts` has the same rules, so that the page and Python agree.
"""

from __future__ import annotations

import math


def plural(count: float, noun: str) -> str:
    """Return `noun` in the form for `count`; one that ends in `s` is unchanged."""
    return noun if count == 1 or noun.endswith("s") else f"{noun}s"


def counted(count: int, noun: str) -> str:
    """Return a count with grouped digits and its noun: `1 row`, `1,204 rows`, `3 series`."""
    return f"{count:,} {plural(count, noun)}"


def duration(seconds: float) -> str:
    """Return a duration: `12.3 s`, `2 min 05 s`, `1 h 02 min`."""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02} s"
    return f"{minutes // 60:,} h {minutes % 60:02} min"


def capped(text: str, most: int) -> str:
    """Return at most `most` characters of `text`, with an ellipsis at the end if it was longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


_SIGNS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "CNY": "CN¥",
    "KRW": "₩",
    "CAD": "CA$",
    "AUD": "A$",
}
"""The signs that `Intl` writes in English; other currencies have their code and a space."""
_LEAST_MONEY = 0.0001
_MOST_DIGITS = 12


def money(amount: float, currency: str, *, is_round: bool = False) -> str:
    """Return an amount: `$0.0123`, `CHF 12.00`; one below 0.0001 has two significant digits.

    A round amount, such as a limit, has no zeros at its end: `$0.01`.
    """
    size = abs(amount)
    if size == 0 or size >= 0.1:
        digits = 2
    elif size >= _LEAST_MONEY:
        digits = 4
    else:
        digits = min(_MOST_DIGITS, 1 - math.floor(math.log10(size)))
    text = f"{amount:,.{digits}f}"
    if is_round and digits > 2:
        whole, _, decimals = text.partition(".")
        text = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    return _SIGNS.get(currency, f"{currency}\N{NO-BREAK SPACE}") + text
